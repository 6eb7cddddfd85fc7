//! A gateway's answer to a text: two bytes of HTTP status, high byte first, then the body.
//! Refuses an answer that is retried without being sure, and an error that repeats the body.

use channels::text::SendError;
use channels::twilio::read_answer;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Some((status, body)) = data.split_first_chunk::<2>() else { return false };
    let status = u16::from_be_bytes(*status);
    let error = match read_answer(status, body) {
        Ok(accepted) => {
            assert!(matches!(status, 200 | 201), "{status}");
            let id = accepted.provider_id;
            assert!((1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()), "{id:?}");
            return true;
        }
        Err(error) => error,
    };
    let client_error = (400..500).contains(&status) && status != 408;
    assert_eq!(error.surely_not_taken(), client_error, "{status}: {error}");
    let throttled = matches!(error, SendError::Throttled { .. });
    assert_eq!(error.is_retryable(), throttled, "{status}: {error}");
    assert!(status != 429 || throttled, "{error}");
    assert!(says_only_its_code(status, &error), "{error}");
    error.code().is_some()
}

/// Whether a body of nothing but the code, or of nothing, is told in the same words.
fn says_only_its_code(status: u16, error: &SendError) -> bool {
    let code = error.code().map_or_else(String::new, |code| format!(r#"{{"code":{code}}}"#));
    // 20429 and 21611 are told without their number.
    let bodies = [code.as_str(), r#"{"code":20429}"#, r#"{"sid":""}"#];
    bodies.iter().any(|body| read_answer(status, body.as_bytes()).as_ref() == Err(error))
}
