//! How long a body is, by the `Content-Length` of a head that was brought into normal form.
//! Refuses two lengths that differ, and one that is not a number.

/// A length that says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadLength;

/// The length that the lines of a head say, if they say one.
pub(super) fn body_length(head: &str) -> Result<Option<usize>, BadLength> {
    let mut found = None;
    for line in head.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if !name.trim().eq_ignore_ascii_case("Content-Length") {
            continue;
        }
        let value = value.trim();
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let length = digits.then(|| value.parse().ok()).flatten().ok_or(BadLength)?;
        if found.is_some_and(|known| known != length) {
            return Err(BadLength);
        }
        found = Some(length);
    }
    Ok(found)
}
