//! Whether a number may be reached at all: its plan, its type and its country (abuse-and-limits.md §1.1, rows 2 and 3).
//! Refuses what costs the company money at a stranger's wish: premium, shared-cost, satellite and global ranges.

use super::PhoneNumber;
use super::region::{self, LineType};
use crate::reason::Reason;
use serde::{Deserialize, Serialize};

/// Satellite and global ranges that are never reached: Inmarsat, global mobile satellite, international networks and
/// international premium rate.
const GLOBAL: [u16; 5] = [870, 881, 882, 883, 979];

/// `[numbers]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberPlan {
    /// Country codes that texts may go to.
    pub sms_countries: Vec<String>,
    /// Country codes that calls may go to.
    pub voice_countries: Vec<String>,
    /// Whether Voice-over-IP numbers may be reached. They are not bound to a device, so NIST SP 800-63B refuses them.
    pub allow_voip: bool,
    /// Whether numbers reserved for fiction (+1, any area code, 555-0100 to 555-0199) pass as mobile numbers. For the demo and
    /// for tests: they exist in no plan that charges, and area codes that do not exist pass with them.
    pub allow_fictional: bool,
}

impl Default for NumberPlan {
    fn default() -> Self {
        Self { sms_countries: vec!["1".into()], voice_countries: vec!["1".into()], allow_voip: false, allow_fictional: false }
    }
}

impl NumberPlan {
    /// Every country code that no country has: the path of the setting and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let lists = [("numbers.sms_countries", &self.sms_countries), ("numbers.voice_countries", &self.voice_countries)];
        let codes = lists.into_iter().flat_map(|(path, codes)| codes.iter().map(move |code| (path, code)));
        let unknown = codes.filter(|(_, code)| region::is_unknown(code));
        unknown.map(|(path, code)| (path, format!("no country has the code {code:?}; write it without +"))).collect()
    }
}

/// Why a number may not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberRefusal {
    /// Its country's plan does not have it.
    #[error("the number does not exist in its country's plan")]
    Invalid,
    /// Its type cannot be reached this way, or costs too much.
    #[error("numbers of this type are not reached this way")]
    LineType,
    /// A satellite or global range.
    #[error("satellite and global numbers are not reached")]
    Global,
    /// Outside the list of countries.
    #[error("the country is not on the list")]
    Country,
}

impl NumberRefusal {
    /// How the verification ends.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Invalid | Self::LineType => Reason::NumberInvalid,
            Self::Global | Self::Country => Reason::CountryNotAllowed,
        }
    }
}

/// Whether a text may be sent to `number`: it exists, is mobile or may be (VoIP where allowed), in a listed country.
pub fn sms_allowed(number: &PhoneNumber, plan: &NumberPlan) -> Result<(), NumberRefusal> {
    let reaches = |line| match line {
        LineType::Mobile | LineType::FixedOrMobile => true,
        LineType::Voip => plan.allow_voip,
        LineType::Fixed
        | LineType::TollFree
        | LineType::PremiumRate
        | LineType::SharedCost
        | LineType::Personal
        | LineType::Pager
        | LineType::Uan
        | LineType::Voicemail => false,
    };
    allowed(*number, plan, &plan.sms_countries, reaches)
}

/// Whether a call may be placed to `number`: it exists, is a fixed, mobile or free line (VoIP where allowed), in a listed
/// country. Personal numbers are refused as well: in some plans they cost as much as premium ones.
pub fn voice_allowed(number: &PhoneNumber, plan: &NumberPlan) -> Result<(), NumberRefusal> {
    let reaches = |line| match line {
        LineType::Fixed | LineType::Mobile | LineType::FixedOrMobile | LineType::TollFree => true,
        LineType::Voip => plan.allow_voip,
        LineType::PremiumRate
        | LineType::SharedCost
        | LineType::Personal
        | LineType::Pager
        | LineType::Uan
        | LineType::Voicemail => false,
    };
    allowed(*number, plan, &plan.voice_countries, reaches)
}

fn allowed(
    number: PhoneNumber,
    plan: &NumberPlan,
    countries: &[String],
    reaches: impl Fn(LineType) -> bool,
) -> Result<(), NumberRefusal> {
    if GLOBAL.contains(&number.country_code()) {
        return Err(NumberRefusal::Global);
    }
    let digits = number.digits();
    let (code, national) = region::split(&digits);
    if !(plan.allow_fictional && is_fictional(code, national)) {
        let line = region::line_type(code, national).ok_or(NumberRefusal::Invalid)?;
        if !reaches(line) {
            return Err(NumberRefusal::LineType);
        }
    }
    if countries.iter().any(|allowed| allowed == code) { Ok(()) } else { Err(NumberRefusal::Country) }
}

/// NXX 555-01XX, which the North American plan keeps for fiction.
fn is_fictional(code: &str, national: &str) -> bool {
    code == "1" && national.get(3..8) == Some("55501")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(countries: &[&str]) -> NumberPlan {
        let countries: Vec<_> = countries.iter().map(|&code| code.to_owned()).collect();
        NumberPlan { sms_countries: countries.clone(), voice_countries: countries, ..NumberPlan::default() }
    }

    type Answers = (Result<(), NumberRefusal>, Result<(), NumberRefusal>);

    fn both(number: &str, plan: &NumberPlan) -> Answers {
        let number = number.parse().unwrap();
        (sms_allowed(&number, plan), voice_allowed(&number, plan))
    }

    #[test]
    fn probe() {
        for n in ["+12025550123", "+15551230001", "+15555550123","+19005550123", "+447700900123", "+441632960123","+4915112345678"] {
            println!("{n} {:?}", { let d=n[1..].to_string(); let (c, x)=region::split(&d); region::line_type(c,x) });
        }
        for n in ["+12025550123", "+447700900123", "+12425550123", "+4915112345678"] {
            let number: PhoneNumber = n.parse().unwrap();
            let p = plan(&["1","44","49"]);
            let _ = sms_allowed(&number, &p);
            let t = std::time::Instant::now();
            for _ in 0..10000 { let _ = sms_allowed(&number, &p); }
            println!("{n} {:?}/10000", t.elapsed());
            let t = std::time::Instant::now();
            for _ in 0..10000 { let _ = super::super::parse(n, "1"); }
            println!("parse {n} {:?}/10000", t.elapsed());
        }
    }
}
