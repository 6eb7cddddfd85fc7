//! Documents that are carried out, and those that are not.
//! It refuses each of the latter for one reason only.

use super::*;

fn response(inside: &str) -> Result<Vec<Verb>, String> {
    read(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>{inside}</Response>"))
}

fn say(words: &str) -> Verb {
    Verb::Say { language: None, words: words.to_owned(), times: 1 }
}

#[test]
fn reads_what_it_carries_out() {
    let cases = [
        ("", vec![]),
        ("<Hangup/>\n <!-- over -->", vec![Verb::HangUp]),
        ("<Say>a &amp; <![CDATA[<b>]]>&#228;</Say>", vec![say("a & <b>ä")]),
        (
            "<Say language=\"de-DE\" voice=\"Polly.Vicki\" loop=\"2\">x</Say>",
            vec![Verb::Say { language: Some("de-DE".to_owned()), words: "x".to_owned(), times: 2 }],
        ),
        ("<Play>http://h/a.wav</Play>", vec![Verb::Play { url: "http://h/a.wav".to_owned(), times: 1 }]),
        ("<Play digits=\"ww12#*\"/>", vec![Verb::Press("ww12#*".to_owned())]),
        ("<Pause/>", vec![Verb::Pause(Duration::from_secs(1))]),
        ("<Pause length=\"3\"/>", vec![Verb::Pause(Duration::from_secs(3))]),
        ("<Redirect/>", vec![Verb::Redirect(None)]),
        ("<Redirect method=\"POST\"> /x?a=1&amp;b </Redirect>", vec![Verb::Redirect(Some("/x?a=1&b".to_owned()))]),
    ];
    for (twiml, expected) in cases {
        assert_eq!(response(twiml), Ok(expected), "{twiml}");
    }
}

#[test]
fn reads_what_is_gathered() {
    let plain = Gather { nested: vec![], finish_on: Some('#'), most: None, wait: WAIT, action: None, on_empty: false };
    assert_eq!(response("<Gather/>"), Ok(vec![Verb::Gather(plain.clone())]));
    let full = "<Gather input=\"dtmf\" finishOnKey=\"\" numDigits=\"1\" timeout=\"10\" action=\"/k\" method=\"POST\" \
                actionOnEmptyResult=\"true\"><Say>a</Say><Pause/></Gather>";
    let expected = Gather {
        nested: vec![say("a"), Verb::Pause(Duration::from_secs(1))],
        finish_on: None,
        most: Some(1),
        wait: Duration::from_secs(10),
        action: Some("/k".to_owned()),
        on_empty: true,
    };
    assert_eq!(response(full), Ok(vec![Verb::Gather(expected)]));
    let star = Gather { finish_on: Some('*'), ..plain };
    assert_eq!(response("<Gather finishOnKey=\"*\"/>"), Ok(vec![Verb::Gather(star)]));
}

#[test]
fn refuses_what_the_provider_would_not_carry_out() {
    let long = format!("<Say>{}</Say>", "x".repeat(MOST_WORDS + 1));
    for twiml in [
        "<Sing/>",
        "<Dial>+12025550123</Dial>",
        "<Record/>",
        "<say>x</say>",
        "words",
        "<Say>a<Hangup/></Say>",
        "<Say pitch=\"high\">a</Say>",
        "<Say loop=\"-1\">a</Say>",
        &long,
        "<Hangup>now</Hangup>",
        "<Hangup in=\"5\"/>",
        "<Pause length=\"long\"/>",
        "<Play/>",
        "<Play digits=\"\"/>",
        "<Play digits=\"1,2\"/>",
        "<Play digits=\"1\">http://h/a</Play>",
        "<Redirect method=\"GET\">/x</Redirect>",
        "<Gather><Gather/></Gather>",
        "<Gather><Hangup/></Gather>",
        "<Gather>words</Gather>",
        "<Gather input=\"speech\"/>",
        "<Gather numDigits=\"0\"/>",
        "<Gather timeout=\"auto\"/>",
        "<Gather finishOnKey=\"##\"/>",
        "<Gather finishOnKey=\"x\"/>",
        "<Gather actionOnEmptyResult=\"yes\"/>",
        "<Gather method=\"GET\"/>",
        "<Say>never closed",
        "<Say>&unknown;</Say>",
        "<Say>&</Say>",
    ] {
        assert!(response(twiml).is_err(), "{twiml}");
    }
    for document in ["", "no XML", "<Answer/>", "<Response/><Response/>", "<!DOCTYPE x [<!ENTITY e 'x'>]><Response/>"] {
        assert!(read(document).is_err(), "{document}");
    }
    assert!(read("<Response at=\"once\"/>").is_err() && read("<Response/>") == Ok(vec![]));
}
