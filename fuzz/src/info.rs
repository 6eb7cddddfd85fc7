//! A key in SIP INFO: the content type on the first line, then the body.
//! Refuses a key that the body does not name.

use crate::input;
use channels::media::{InfoRefused, read_info};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (content_type, body) = input::line(data);
    let read = read_info(&content_type, body);
    assert_eq!(read, read_info(&content_type.to_ascii_uppercase(), body), "types are compared without case");
    assert!(read_info("text/plain", body) == Err(InfoRefused::Type));
    if let Ok(key) = read {
        assert!("0123456789*#ABCD".contains(key));
        let number = "0123456789*#ABCD".find(key).expect("it is one of them").to_string();
        let text = String::from_utf8_lossy(body).to_ascii_uppercase();
        assert!(text.contains(key) || text.contains(&number));
        assert_eq!(read_info("application/dtmf", key.to_string().as_bytes()), Ok(key));
        assert_eq!(read_info("application/dtmf-relay", format!("Signal={number}\r\n").as_bytes()), Ok(key));
    }
    read.is_ok()
}
