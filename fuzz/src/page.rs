//! A page of a gateway's list of texts: eight bytes of the moment since when, high byte first, then the page.
//! Refuses a text without id, sender or receiver.

use channels::text::SendError;
use channels::twilio::read_page;
use engine::moment::Moment;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Some((since, body)) = data.split_first_chunk::<8>() else { return false };
    let since = Moment::from_millis(u64::from_be_bytes(*since));
    let all = match read_page(body, Moment::from_millis(0)) {
        Ok((texts, _)) => texts,
        Err(error) => {
            assert!(matches!(&error, SendError::Ambiguous { cause } if cause.len() < 200), "{error:?}");
            return false;
        }
    };
    for text in &all {
        assert!(![&text.message_id, &text.from, &text.to].iter().any(|part| part.is_empty()), "{text:?}");
    }
    let (recent, _) = read_page(body, since).expect("it was read before");
    let ids = |texts: &[channels::text::InboundText]| -> Vec<_> {
        texts.iter().map(|text| text.message_id.clone()).collect()
    };
    let (all, mut recent) = (ids(&all), ids(&recent).into_iter().peekable());
    // What came since then is in the list of all, in the same order.
    all.iter().for_each(|id| drop(recent.next_if_eq(id)));
    assert_eq!(recent.next(), None);
    !all.is_empty()
}
