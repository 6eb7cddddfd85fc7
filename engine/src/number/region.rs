//! The number plans of the world, from the data built into the `phonenumber` crate.
//! Refuses that crate's own parser: it takes the trunk prefix off numbers that are already international (`+375 8…`), and it
//! reads more forms than the specification names.

use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;
use std::sync::LazyLock;

/// What a number plan says a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineType {
    /// A fixed line.
    Fixed,
    /// A mobile phone.
    Mobile,
    /// Either; +1 does not tell them apart.
    FixedOrMobile,
    /// Voice over IP.
    Voip,
    /// Free to the caller.
    TollFree,
    /// Dear to the caller.
    PremiumRate,
    /// Shared between both ends.
    SharedCost,
    /// Follows a person, at the caller's cost.
    Personal,
    /// A pager.
    Pager,
    /// One number for a company.
    Uan,
    /// A mailbox.
    Voicemail,
}

/// The crate keeps 100 compiled patterns, and +1 with its 25 regions alone has more: without more room each look-up of a
/// Caribbean number would compile its patterns anew.
static ROOM: LazyLock<()> = LazyLock::new(|| {
    if let Ok(mut cache) = DATABASE.cache().lock() {
        cache.set_capacity(1000);
    }
});

/// Splits E.164 digits into country code and national number. Codes have the lengths of ITU-T E.164: 1 and 7 stand alone,
/// the listed ones have two digits, all others three.
pub fn split(digits: &str) -> (&str, &str) {
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..] => 2,
        [b'3', b'0'..=b'4' | b'6' | b'9', ..] => 2,
        [b'4', b'0' | b'1' | b'3'..=b'9', ..] => 2,
        [b'5', b'1'..=b'8', ..] => 2,
        [b'6', b'0'..=b'6', ..] => 2,
        [b'8', b'1' | b'2' | b'4' | b'6', ..] => 2,
        [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    digits.split_at_checked(length).unwrap_or((digits, ""))
}

/// Whether no plan has this country code.
pub fn is_unknown(code: &str) -> bool {
    plans(code).is_empty()
}

/// Whether the country code is in use and its plan has national numbers of this length.
pub fn is_possible(code: &str, national: &str) -> bool {
    let fits = |plan: &&Metadata| plan.descriptors().general().possible_length().iter().any(|&n| usize::from(n) == national.len());
    plans(code).iter().any(fits)
}

/// The digit that is dialled before national numbers inside the country, for example 0; it is no part of the number.
pub fn trunk_prefix(code: &str) -> Option<&'static str> {
    plans(code).first().and_then(|plan| plan.national_prefix())
}

/// The type of a valid number; nothing if its plan does not have it.
pub fn line_type(code: &str, national: &str) -> Option<LineType> {
    LazyLock::force(&ROOM);
    let plans = plans(code);
    if let [only] = plans.as_slice() {
        return type_in(only, national);
    }
    let leads = |plan: &&&Metadata| {
        plan.leading_digits().is_some_and(|pattern| pattern.find(national).is_some_and(|found| found.start() == 0))
    };
    if let Some(plan) = plans.iter().find(leads) {
        return type_in(plan, national);
    }
    plans.iter().filter(|plan| plan.leading_digits().is_none()).find_map(|plan| type_in(plan, national))
}

fn plans(code: &str) -> Vec<&'static Metadata> {
    code.parse::<u16>().ok().and_then(|code| DATABASE.by_code(&code)).unwrap_or_default()
}

fn type_in(plan: &Metadata, national: &str) -> Option<LineType> {
    let of = plan.descriptors();
    if !of.general().is_match(national) {
        return None;
    }
    let is = |descriptor: Option<&phonenumber::metadata::Descriptor>| descriptor.is_some_and(|d| d.is_match(national));
    // The special types first: their patterns lie inside those of fixed and mobile lines.
    let special = [
        (of.premium_rate(), LineType::PremiumRate),
        (of.toll_free(), LineType::TollFree),
        (of.shared_cost(), LineType::SharedCost),
        (of.voip(), LineType::Voip),
        (of.personal_number(), LineType::Personal),
        (of.pager(), LineType::Pager),
        (of.uan(), LineType::Uan),
        (of.voicemail(), LineType::Voicemail),
    ];
    let found = special.into_iter().find(|&(descriptor, _)| is(descriptor)).map(|(_, line)| line);
    found.or_else(|| match (is(of.fixed_line()), is(of.mobile())) {
        (true, true) => Some(LineType::FixedOrMobile),
        (true, false) => Some(LineType::Fixed),
        (false, true) => Some(LineType::Mobile),
        (false, false) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_agrees_with_the_number_plans() {
        for plan in DATABASE.iter() {
            let digits = format!("{}5550123", plan.country_code());
            assert_eq!(split(&digits).0, plan.country_code().to_string());
        }
    }

    /// Every plan comes with an example of each type; the type found for it must be that type.
    #[test]
    fn the_examples_of_the_number_plans_have_their_types() {
        let mut wrong = Vec::new();
        for plan in DATABASE.iter() {
            let of = plan.descriptors();
            let code = plan.country_code().to_string();
            let examples = [
                (of.premium_rate(), LineType::PremiumRate),
                (of.voip(), LineType::Voip),
                (of.pager(), LineType::Pager),
                (of.mobile(), LineType::Mobile),
                (of.fixed_line(), LineType::Fixed),
            ];
            for (descriptor, expected) in examples {
                let Some(example) = descriptor.and_then(|d| d.example()) else { continue };
                let found = line_type(&code, example);
                let either = matches!(expected, LineType::Mobile | LineType::Fixed) && found == Some(LineType::FixedOrMobile);
                if found != Some(expected) && !either {
                    wrong.push(format!("+{code}{example}: {found:?}, not {expected:?}"));
                }
                assert!(is_possible(&code, example), "+{code}{example}");
            }
        }
        assert!(wrong.len() <= 5, "{wrong:#?}");
    }
}
