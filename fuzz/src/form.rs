//! A form as gateways post it.
//! Refuses a form that grows while it is read.

use channels::twilio::parse_form;
use std::fmt::Write;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Ok(form) = parse_form(data) else { return false };
    assert!(form.len() <= 256 && data.len() <= 64 * 1024);
    let plain: usize = form.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(plain <= data.len());
    let written: Vec<_> = form.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    let written = written.join("&");
    if written.len() <= 64 * 1024 {
        assert_eq!(parse_form(written.as_bytes()), Ok(form));
    }
    true
}

/// Every byte as `%XX`, so that nothing is left to chance.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        write!(escaped, "%{byte:02x}").expect("writing to a String does not fail");
    }
    escaped
}
