//! The three readings of a weak PIN (mfa-server.md §5.2).
//! Refuses to judge anything but ASCII digits; the caller has looked.

/// Whether some digit stands three or more times in a row.
pub fn repeating(pin: &str) -> bool {
    pin.as_bytes().windows(3).any(|three| three[0] == three[1] && three[1] == three[2])
}

/// Whether three or more neighbours each differ by +1, or each by −1; 9 and 0 are no neighbours.
pub fn sequential(pin: &str) -> bool {
    let up = |a: u8, b: u8| a.checked_add(1) == Some(b);
    pin.as_bytes().windows(3).any(|three| {
        up(three[0], three[1]) && up(three[1], three[2]) || up(three[1], three[0]) && up(three[2], three[1])
    })
}

/// Whether any four neighbouring digits of the PIN occur, in that order, in the digits of a phone number.
/// Asked again when a right PIN was typed: a number that changed since may have made it weak, and then it must be changed.
pub fn phone_subset(pin: &str, phone: &str) -> bool {
    let phone: Vec<u8> = phone.bytes().filter(u8::is_ascii_digit).collect();
    pin.as_bytes().windows(4).any(|part| phone.windows(4).any(|four| four == part))
}
