//! What a gateway answers on a connection, cut at a place that the first two bytes say.
//! Refuses an answer that reads differently when it comes in two pieces, or takes more than it has.

use channels::leg::parse;

const LONGEST: usize = 4096;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Some((cut, input)) = data.split_first_chunk::<2>() else { return false };
    let cut = usize::from(u16::from_be_bytes(*cut)).min(input.len());
    let whole = parse(input, LONGEST, false);
    match parse(&input[..cut], LONGEST, false) {
        // More bytes never undo an answer or an error.
        Ok(Some(early)) => assert_eq!(whole, Ok(Some(early))),
        Err(_) => assert!(!matches!(whole, Ok(None))),
        Ok(None) => {}
    }
    if let Ok(Some((answer, length))) = &whole {
        assert!(*length <= input.len() && answer.body.len() <= LONGEST && answer.body.len() <= *length);
        assert!((200..=999).contains(&answer.status) || answer.status < 100, "{}", answer.status);
        assert_eq!(parse(&input[..*length], LONGEST, false), whole, "what follows changes nothing");
    }
    if let Ok(Some((answer, length))) = parse(input, LONGEST, true) {
        assert!(length <= input.len() && answer.body.len() <= input.len());
    } else {
        assert!(parse(input, LONGEST, true).is_err(), "nothing more comes");
    }
    matches!(whole, Ok(Some(_)))
}
