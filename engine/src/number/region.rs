//! The number plans of the world, from the data built into the `phonenumber` crate.
//! Refuses that crate's own parser: it takes the trunk prefix off numbers that are already international (`+375 8…`), and it
//! reads more forms than the specification names.

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use std::cell::RefCell;
use std::collections::HashMap;
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

/// The region that a country code is known for, ISO 3166-1; empty for codes of no country.
pub fn main_region(code: &str) -> &'static str {
    let plan = plans(code).first().map_or("", |plan| plan.id());
    if plan.len() == 2 && plan.bytes().all(|byte| byte.is_ascii_uppercase()) { plan } else { "" }
}

/// Whether the country's plan has national numbers of this length.
pub fn is_possible(code: &str, national: &str) -> bool {
    let fits = |kind: &Descriptor| kind.possible_length().iter().any(|&length| usize::from(length) == national.len());
    plans(code).into_iter().any(|plan| kinds(plan).into_iter().flatten().any(fits))
}

/// The number without what is dialled before it inside its country (0 in most); nothing if it does not begin so.
pub fn without_trunk<'n>(code: &str, national: &'n str) -> Option<&'n str> {
    let plan = *plans(code).first()?;
    // Some plans rewrite numbers by a rule instead; for those the plain prefix is all that is taken off.
    let pattern = plan.national_prefix_for_parsing().filter(|_| plan.national_prefix_transform_rule().is_none());
    let end = match pattern {
        Some(pattern) => pattern.find(national).filter(|found| found.start() == 0).map(|found| found.end()),
        None => plan.national_prefix().filter(|prefix| national.starts_with(prefix)).map(str::len),
    };
    national.get(end?..)
}

/// Answers that are kept on a thread: numbers come again, and a plan of patterns takes its time.
const KEPT: usize = 65_536;

thread_local! {
    static ANSWERS: RefCell<HashMap<u64, Option<LineType>>> = RefCell::default();
}

/// The type of a valid number; nothing if its plan does not have it.
pub fn line_type(code: &str, national: &str) -> Option<LineType> {
    let Ok(number) = format!("{code}{national}").parse() else { return looked_up(code, national) };
    if let Some(known) = ANSWERS.with_borrow(|answers| answers.get(&number).copied()) {
        return known;
    }
    let found = looked_up(code, national);
    ANSWERS.with_borrow_mut(|answers| {
        if answers.len() >= KEPT {
            answers.clear();
        }
        answers.insert(number, found);
    });
    found
}

fn looked_up(code: &str, national: &str) -> Option<LineType> {
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
    // `parse` alone would take `+1` and `01` for 1, and a list that says so would never match.
    let plain = !code.starts_with('0') && code.bytes().all(|b| b.is_ascii_digit());
    let code = code.parse::<u16>().ok().filter(|_| plain);
    code.and_then(|code| DATABASE.by_code(&code)).unwrap_or_default()
}

fn kinds(plan: &Metadata) -> [Option<&Descriptor>; 10] {
    let of = plan.descriptors();
    [
        of.premium_rate(),
        of.toll_free(),
        of.shared_cost(),
        of.voip(),
        of.personal_number(),
        of.pager(),
        of.uan(),
        of.voicemail(),
        of.fixed_line(),
        of.mobile(),
    ]
}

fn type_in(plan: &Metadata, national: &str) -> Option<LineType> {
    let is = |kind: Option<&Descriptor>| kind.is_some_and(|kind| kind.is_match(national));
    if !is(Some(plan.descriptors().general())) {
        return None;
    }
    let [premium, toll_free, shared, voip, personal, pager, uan, voicemail, fixed, mobile] = kinds(plan);
    // The special types first: their patterns lie inside those of fixed and mobile lines.
    let special = [
        (premium, LineType::PremiumRate),
        (toll_free, LineType::TollFree),
        (shared, LineType::SharedCost),
        (voip, LineType::Voip),
        (personal, LineType::Personal),
        (pager, LineType::Pager),
        (uan, LineType::Uan),
        (voicemail, LineType::Voicemail),
    ];
    let found = special.into_iter().find(|&(kind, _)| is(kind)).map(|(_, line)| line);
    found.or_else(|| match (is(fixed), is(mobile)) {
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
                let either =
                    matches!(expected, LineType::Mobile | LineType::Fixed) && found == Some(LineType::FixedOrMobile);
                if found != Some(expected) && !either {
                    wrong.push(format!("+{code}{example}: {found:?}, not {expected:?}"));
                }
                assert!(is_possible(&code, example), "+{code}{example}");
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
