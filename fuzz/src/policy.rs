//! The rules that an administrator sets, as the API takes and the store keeps them.
//! Refuses a policy without a problem that is out of its bounds.

use crate::input;
use engine::policy::Policy;
use engine::trusted_ip::TrustedIp;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Ok(policy) = serde_json::from_slice::<Policy>(data) else { return false };
    input::survives(&policy);
    let problems = policy.problems();
    assert!(problems.iter().all(|(path, right)| !path.is_empty() && !right.is_empty()));
    let _ = policy.application_name("vpn");
    if problems.is_empty() {
        assert!((30..=900).contains(&policy.verification.max_seconds));
        assert!((6..=8).contains(&policy.sms.otp_digits) && (1..=10).contains(&policy.sms.max_tries));
        assert!(policy.sms.text.contains("<$otp$>"));
        let mut trusted = policy.applications.values().flat_map(|rules| &rules.trusted_ips);
        assert!(trusted.all(|entry| TrustedIp::parse(entry).is_ok()));
    }
    true
}
