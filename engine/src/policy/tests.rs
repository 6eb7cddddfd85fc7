//! Every number of the settings has a bound: the test finds the numbers by itself, so a new one is not forgotten.

use super::*;
use serde_json::{Value, json};

/// Numbers whose 0 means "off", "none" or "by hand", as their comments say.
const ZERO_MEANS_SOMETHING: &[&str] = &[
    "portal.enrollment_window_days",
    "oath.window_steps",
    "oath.look_ahead",
    "pin.expiry_days",
    "pin.history",
    "lockout.denials",
    "lockout.auto_unlock_minutes",
    "velocity.number.gap_seconds",
    "velocity.number.per_hour",
    "velocity.number.per_day",
    "velocity.user.gap_seconds",
    "velocity.user.per_hour",
    "velocity.user.per_day",
    "velocity.source.address_per_hour",
    "velocity.source.network_per_hour",
    "velocity.source.application_per_hour",
    "enrollment.allow_unfinished_days",
];

fn whole() -> Value {
    let mut policy = serde_json::to_value(Policy::default()).unwrap();
    policy["cache"] = json!([{ "type": "user", "seconds": 300 }]);
    policy["applications"] = json!({ "vpn": ApplicationRules::default() });
    policy
}

/// The dotted path of every number.
fn numbers(value: &Value, path: &str, found: &mut Vec<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Number(_) => found.push(path.to_owned()),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| numbers(value, &below(name), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| numbers(value, &below(&index.to_string()), found));
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn with(path: &str, number: u32) -> Result<Policy, serde_json::Error> {
    let mut policy = whole();
    let pointer = format!("/{}", path.replace('.', "/"));
    *policy.pointer_mut(&pointer).unwrap() = number.into();
    serde_json::from_value(policy)
}

fn names(policy: &Policy, path: &str) -> bool {
    policy.problems().iter().any(|(of, _)| of == path)
}

#[test]
fn the_defaults_have_no_problem() {
    let policy: Policy = serde_json::from_value(whole()).unwrap();
    assert_eq!(policy.problems(), []);
}

#[test]
fn every_number_has_a_bound_that_is_named_by_its_path() {
    let mut paths = Vec::new();
    numbers(&whole(), "", &mut paths);
    assert!(paths.len() >= 24, "{paths:?}");
    for path in &paths {
        let none = names(&with(path, 0).unwrap(), path);
        assert_eq!(none, !ZERO_MEANS_SOMETHING.contains(&path.as_str()), "{path} = 0");
        // Where u32::MAX does not fit at all, the type refuses it; the most that fits must be refused too.
        let most = with(path, u32::MAX).unwrap_or_else(|_| with(path, u8::MAX.into()).unwrap());
        assert!(names(&most, path), "{path} has no upper bound");
    }
    let known = ZERO_MEANS_SOMETHING.iter().all(|path| paths.iter().any(|found| found == path));
    assert!(known, "an exception is of a number that is gone: {paths:?}");
}

#[test]
fn words_out_of_range_are_named_too() {
    let mut policy = Policy::default();
    policy.sms.text = "no code".into();
    policy.fraud.code = "1234".into();
    policy.numbers.sms_countries = vec!["999".into()];
    let rules = ApplicationRules { trusted_ips: vec!["nowhere".into()], ..ApplicationRules::default() };
    policy.applications.insert("vpn".into(), rules);
    for path in ["sms.text", "fraud.code", "numbers.sms_countries", "applications.vpn.trusted_ips"] {
        assert!(names(&policy, path), "{path}");
    }
}
