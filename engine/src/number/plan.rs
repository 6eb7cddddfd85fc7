//! Whether a number may be reached at all: its plan, its type and its country (abuse-and-limits.md §1.1, rows 2 and 3).
//! Refuses what costs the company money at a stranger's wish: premium, shared-cost, satellite and global ranges.

use super::PhoneNumber;
use super::region::{self, LineType};
use crate::reason::Reason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Satellite and global ranges that are never reached: Inmarsat, global mobile satellite, international networks and
/// international premium rate.
const GLOBAL: [u16; 5] = [870, 881, 882, 883, 979];

/// `[numbers]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NumberPlan {
    /// Country codes that texts may go to.
    pub sms_countries: Vec<String>,
    /// Further ones, to be watched: texts go there too, each is noted in its timeline and counted.
    pub sms_monitored: Vec<String>,
    /// Country codes that calls may go to.
    pub voice_countries: Vec<String>,
    /// Further ones, to be watched, as for texts.
    pub voice_monitored: Vec<String>,
    /// Whether Voice-over-IP numbers may be reached. They are not bound to a device, so NIST SP 800-63B refuses them.
    pub allow_voip: bool,
}

impl Default for NumberPlan {
    fn default() -> Self {
        let own = vec!["1".to_owned()];
        Self {
            sms_countries: own.clone(),
            sms_monitored: vec![],
            voice_countries: own,
            voice_monitored: vec![],
            allow_voip: false,
        }
    }
}

impl NumberPlan {
    /// Every country code that no country has: the path of the setting and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let lists = [
            ("numbers.sms_countries", &self.sms_countries),
            ("numbers.sms_monitored", &self.sms_monitored),
            ("numbers.voice_countries", &self.voice_countries),
            ("numbers.voice_monitored", &self.voice_monitored),
        ];
        let codes = lists.into_iter().flat_map(|(path, codes)| codes.iter().map(move |code| (path, code)));
        let unknown = codes.filter(|(_, code)| region::is_unknown(code));
        let unknown =
            unknown.map(|(path, code)| (path, format!("no country has the code {code:?}; write it without +")));
        unknown.chain(self.listed_twice()).collect()
    }

    /// A country is allowed or monitored, not both: who reads the list must not have to know which wins.
    fn listed_twice(&self) -> impl Iterator<Item = (&'static str, String)> {
        let pairs = [
            ("numbers.sms_monitored", &self.sms_monitored, &self.sms_countries),
            ("numbers.voice_monitored", &self.voice_monitored, &self.voice_countries),
        ];
        pairs.into_iter().flat_map(|(path, watched, allowed)| {
            let both = watched.iter().filter(|code| allowed.contains(code));
            both.map(move |code| (path, format!("{code:?} is on the list of allowed countries too; take it off one")))
        })
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
    allowed(*number, [&plan.sms_countries, &plan.sms_monitored], reaches)
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
    allowed(*number, [&plan.voice_countries, &plan.voice_monitored], reaches)
}

/// The country code of a number whose country is monitored for texts.
pub fn sms_monitored(number: &PhoneNumber, plan: &NumberPlan) -> Option<String> {
    watched(number, &plan.sms_monitored)
}

/// The country code of `number`, if calls to it are watched.
pub fn voice_monitored(number: &PhoneNumber, plan: &NumberPlan) -> Option<String> {
    watched(number, &plan.voice_monitored)
}

/// The country code of a number.
pub fn country(number: &PhoneNumber) -> String {
    let digits = number.digits();
    region::split(&digits).0.to_owned()
}

fn watched(number: &PhoneNumber, codes: &[String]) -> Option<String> {
    let code = country(number);
    codes.contains(&code).then_some(code)
}

fn allowed(
    number: PhoneNumber,
    countries: [&Vec<String>; 2],
    reaches: impl Fn(LineType) -> bool,
) -> Result<(), NumberRefusal> {
    if GLOBAL.contains(&number.country_code()) {
        return Err(NumberRefusal::Global);
    }
    let digits = number.digits();
    let (code, national) = region::split(&digits);
    let line = region::line_type(code, national).ok_or(NumberRefusal::Invalid)?;
    if !reaches(line) {
        return Err(NumberRefusal::LineType);
    }
    if countries.into_iter().flatten().any(|allowed| allowed == code) { Ok(()) } else { Err(NumberRefusal::Country) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> NumberPlan {
        let countries: Vec<_> = ["1", "44", "49"].map(String::from).into();
        NumberPlan { sms_countries: countries.clone(), voice_countries: countries, ..NumberPlan::default() }
    }

    fn check(number: &str, sms: Result<(), NumberRefusal>, voice: Result<(), NumberRefusal>) {
        let parsed = number.parse().unwrap();
        assert_eq!((sms_allowed(&parsed, &plan()), voice_allowed(&parsed, &plan())), (sms, voice), "{number}");
    }

    #[test]
    fn lines_that_are_reached() {
        use NumberRefusal::LineType;
        for number in
            ["+12025550123", "+15205550199", "+16135550142", "+12423591234", "+4915112345678", "+447400123456"]
        {
            check(number, Ok(()), Ok(()));
        }
        for number in ["+442079460018", "+4930901820"] {
            check(number, Err(LineType), Ok(()));
        }
        check("+18005550123", Err(LineType), Ok(()));
    }

    #[test]
    fn lines_that_cost_the_company_money_are_refused() {
        use NumberRefusal::{Global, LineType};
        for number in [
            "+19005550123",
            "+449012345678",
            "+448431234567",
            "+447640123456",
            "+445512345678",
            "+447012345678",
            "+15005550123",
        ] {
            check(number, Err(LineType), Err(LineType));
        }
        for number in ["+870773111632", "+881612345678", "+882123456789", "+8835100123456", "+979123456789"] {
            check(number, Err(Global), Err(Global));
        }
    }

    #[test]
    fn numbers_that_do_not_exist_are_refused() {
        use NumberRefusal::Invalid;
        for number in ["+15551234867", "+11234567890", "+447700900123", "+999123456789", "+8001234567"] {
            check(number, Err(Invalid), Err(Invalid));
        }
    }

    #[test]
    fn countries_have_their_lists() {
        check("+33612345678", Err(NumberRefusal::Country), Err(NumberRefusal::Country));
        let sms_only = NumberPlan { sms_countries: vec!["33".into()], ..NumberPlan::default() };
        let number = "+33612345678".parse().unwrap();
        assert_eq!(sms_allowed(&number, &sms_only), Ok(()));
        assert_eq!(voice_allowed(&number, &sms_only), Err(NumberRefusal::Country));
        let number = "+12025550123".parse().unwrap();
        assert_eq!(sms_allowed(&number, &NumberPlan::default()), Ok(()), "the deployment's own country");
        assert_eq!(sms_allowed(&number, &sms_only), Err(NumberRefusal::Country));
    }

    #[test]
    fn a_monitored_country_is_reached_and_named() {
        let watched = NumberPlan { sms_monitored: vec!["33".into()], ..NumberPlan::default() };
        let number = "+33612345678".parse().unwrap();
        assert_eq!((sms_allowed(&number, &watched), sms_monitored(&number, &watched)), (Ok(()), Some("33".into())));
        assert_eq!(voice_allowed(&number, &watched), Err(NumberRefusal::Country), "texts and calls have lists apart");
        assert_eq!(sms_monitored(&"+12025550123".parse().unwrap(), &watched), None);
        let twice = NumberPlan { sms_monitored: vec!["1".into()], ..NumberPlan::default() };
        assert_eq!(twice.problems()[0].0, "numbers.sms_monitored");
    }

    #[test]
    fn voip_is_a_choice() {
        let number = "+445612345678".parse().unwrap();
        assert_eq!(sms_allowed(&number, &plan()), Err(NumberRefusal::LineType));
        let open = NumberPlan { allow_voip: true, ..plan() };
        assert_eq!((sms_allowed(&number, &open), voice_allowed(&number, &open)), (Ok(()), Ok(())));
    }

    #[test]
    fn unknown_country_codes_are_named() {
        assert!(plan().problems().is_empty() && NumberPlan::default().problems().is_empty());
        let wrong = NumberPlan { sms_countries: vec!["+1".into(), "999".into(), "49".into()], ..NumberPlan::default() };
        assert_eq!(wrong.problems().len(), 2);
        assert!(wrong.problems().iter().all(|(path, _)| *path == "numbers.sms_countries"));
    }
}
