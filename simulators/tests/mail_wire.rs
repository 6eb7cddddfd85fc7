//! Stories of what no honest client sends to the mail server: lines that are none, commands out of turn, and letters that hide others.
//! They hold that each mistake is named by its code and that nothing smuggled becomes a letter.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use stage::Stage;
use stage::smtp::{Smtp, plain};

async fn count(stage: &Stage) -> u64 {
    stage.get("/sim/v1/mail").await["total"].as_u64().unwrap()
}

#[tokio::test]
async fn before_tls_nothing_but_the_greeting_is_taken() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::connect(&stage).await;
    smtp.expect(503, "MAIL FROM:<a@example.com>").await;
    smtp.expect(503, "STARTTLS").await;
    let offered = smtp.expect(250, "EHLO client.example.com").await;
    assert!(offered.contains("STARTTLS\r\n") && !offered.contains("AUTH"), "{offered}");
    assert!(offered.contains("SIZE 1048576\r\n"), "{offered}");
    smtp.expect(538, &format!("AUTH PLAIN {}", plain("simulated"))).await;
    smtp.expect(538, "AUTH LOGIN").await;
    smtp.expect(530, "MAIL FROM:<a@example.com>").await;
    smtp.expect(503, "RCPT TO:<a@example.com>").await;
    smtp.expect(503, "DATA").await;
    smtp.expect(252, "VRFY alice").await;
    smtp.expect(250, "NOOP x").await;
    smtp.expect(250, "HELO client.example.com").await;
    smtp.expect(221, "QUIT").await;
    assert_eq!(smtp.ended().await, "");
}

#[tokio::test]
async fn what_is_sent_ahead_of_tls_is_thrown_away() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::connect(&stage).await;
    smtp.expect(250, "EHLO client.example.com").await;
    let ahead =
        format!("EHLO evil.example.com\r\nAUTH PLAIN {}\r\nMAIL FROM:<evil@example.com>\r\n", plain("simulated"));
    smtp.send(format!("STARTTLS\r\n{ahead}")).await;
    assert!(smtp.reply().await.starts_with("220 "));
    let mut smtp = smtp.secure(&stage).await.unwrap();
    // Neither its greeting nor its log-in nor its letter is known under TLS; and each line has its own answer.
    smtp.expect(503, "MAIL FROM:<a@example.com>").await;
    let offered = smtp.expect(250, "EHLO client.example.com").await;
    assert!(offered.contains("AUTH PLAIN LOGIN\r\n") && !offered.contains("STARTTLS"), "{offered}");
    smtp.expect(530, "MAIL FROM:<a@example.com>").await;
    smtp.expect(503, "STARTTLS").await;
    smtp.expect(250, "NOOP").await;
}

#[tokio::test]
async fn a_login_is_asked_for_and_can_go_wrong() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::secured(&stage).await;
    smtp.expect(530, "MAIL FROM:<a@example.com>").await;
    smtp.expect(504, "AUTH CRAM-MD5").await;
    smtp.expect(535, &format!("AUTH PLAIN {}", plain("wrong"))).await;
    smtp.expect(501, "AUTH PLAIN %%%").await;
    smtp.expect(334, "AUTH LOGIN").await;
    smtp.expect(501, "*").await;
    smtp.expect(334, "AUTH PLAIN").await;
    smtp.expect(235, &plain("simulated")).await;
    smtp.expect(503, &format!("AUTH PLAIN {}", plain("simulated"))).await;
}

#[tokio::test]
async fn without_an_account_everybody_may_send() {
    let stage = Stage::with(|settings| {
        settings.mail.username = String::new();
        settings.mail.password = String::new();
    })
    .await;
    let mut smtp = Smtp::secured(&stage).await;
    smtp.expect(503, &format!("AUTH PLAIN {}", plain("simulated"))).await;
    assert!(smtp.letter("a@example.com", "x").await.starts_with("250 "));
    assert_eq!(count(&stage).await, 1);
}

#[tokio::test]
async fn commands_come_in_their_order() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::ready(&stage).await;
    smtp.expect(503, "RCPT TO:<a@example.com>").await;
    smtp.expect(503, "DATA").await;
    smtp.expect(552, "MAIL FROM:<a@example.com> SIZE=1048577").await;
    smtp.expect(250, "MAIL FROM:<a@example.com> SIZE=1048576").await;
    smtp.expect(503, "MAIL FROM:<a@example.com>").await;
    smtp.expect(554, "DATA").await;
    smtp.expect(553, "RCPT TO:<@relay.example.com:a@example.com>").await;
    smtp.expect(553, "RCPT TO:<>").await;
    smtp.expect(250, "RCPT TO:<a@example.com>").await;
    smtp.expect(250, "RSET").await;
    smtp.expect(503, "DATA").await;
    smtp.expect(250, "MAIL FROM:<a@example.com>").await;
    for at in 0..100 {
        smtp.expect(250, &format!("RCPT TO:<a{at}@example.com>")).await;
    }
    smtp.expect(452, "RCPT TO:<a100@example.com>").await;
    assert_eq!(count(&stage).await, 0);
}

#[tokio::test]
async fn a_bare_line_end_in_a_command_ends_the_conversation() {
    let stage = Stage::start().await;
    for bare in ["NOOP\n", "NOOP\rNOOP\r\n", "EHLO a\nEHLO b\r\n"] {
        let mut smtp = Smtp::connect(&stage).await;
        smtp.send(bare).await;
        assert!(smtp.reply().await.starts_with("500 5.5.2"), "{bare:?}");
        assert_eq!(smtp.ended().await, "", "{bare:?}");
    }
}

#[tokio::test]
async fn lines_that_are_too_long_or_hold_controls_are_named() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::connect(&stage).await;
    smtp.expect(500, &"x".repeat(3_000)).await;
    smtp.expect(500, &format!("NOOP {}", "x".repeat(100_000))).await;
    smtp.expect(500, "NOOP \0").await;
    smtp.send(b"NOOP \xff\r\n").await;
    assert!(smtp.reply().await.starts_with("500 "));
    smtp.expect(250, "NOOP").await;
    for _ in 4..19 {
        smtp.expect(500, "NONSENSE").await;
    }
    assert!(smtp.say("NONSENSE").await.starts_with("421 4.7.0"));
    assert_eq!(smtp.ended().await, "");
}

#[tokio::test]
async fn nothing_is_smuggled_inside_a_letter() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::ready(&stage).await;
    let second = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nSubject: second\r\n\r\nx";
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n"] {
        let refused = smtp.letter("a@example.com", format!("Subject: first\r\n\r\nx{end}{second}")).await;
        assert!(refused.starts_with("554 5.6.0"), "{end:?}: {refused}");
    }
    assert_eq!(count(&stage).await, 0);
    smtp.expect(250, "NOOP").await;
}

#[tokio::test]
async fn dots_are_unstuffed_and_letters_can_be_pipelined() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::ready(&stage).await;
    let letter =
        |text: &str| format!("MAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nDATA\r\nSubject: x\r\n\r\n{text}\r\n.\r\n");
    smtp.send(letter("..\r\n...\r\na.b") + &letter("two") + "QUIT\r\n").await;
    let said = smtp.ended().await;
    let codes: Vec<_> = said.lines().map(|line| &line[..3]).collect();
    assert_eq!(codes, ["250", "250", "354", "250", "250", "250", "354", "250", "221"], "{said}");
    let items = stage.get("/sim/v1/mail").await["items"].clone();
    assert_eq!((&items[0]["text"], &items[0]["from"]), (&".\r\n..\r\na.b\r\n".into(), &"".into()));
    assert_eq!(items[1]["text"], "two\r\n");
}

#[tokio::test]
async fn letters_hold_what_was_announced() {
    let stage = Stage::start().await;
    let mut smtp = Smtp::ready(&stage).await;
    let refused = [
        (&b"Subject: x\r\n\r\na\0b"[..], "554 5.6.0"),
        ("Subject: ü\r\n\r\nx".as_bytes(), "554 5.6.9"),
        (&[b'x'; 999], "554 5.6.0"),
        (&b"0123456789abcdef0123456789abcdef\r\n".repeat(40_000), "552 5.3.4"),
    ];
    for (letter, says) in refused {
        let said = smtp.letter("a@example.com", letter).await;
        assert!(said.starts_with(says), "{said} is not {says}");
    }
    let eight_bit =
        "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße";
    assert!(smtp.letter("a@example.com", eight_bit).await.starts_with("250 "));
    smtp.expect(250, "MAIL FROM:<a@example.com>").await;
    smtp.expect(553, "RCPT TO:<jörg@example.com>").await;
    smtp.expect(250, "RCPT TO:<a@example.com>").await;
    smtp.expect(354, "DATA").await;
    assert!(smtp.say(&format!("{eight_bit}\r\n.")).await.starts_with("554 5.6.1"));
    smtp.expect(250, "MAIL FROM:<jörg@example.com> SMTPUTF8 BODY=8BITMIME").await;
    smtp.expect(250, "RCPT TO:<jörg@bücher.example>").await;
    smtp.expect(354, "DATA").await;
    smtp.expect(250, &format!("To: jörg@bücher.example\r\n{eight_bit}\r\n.")).await;
    let items = stage.get("/sim/v1/mail").await["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 2);
    assert_eq!(items[0]["text"].as_str().map(str::trim_end), Some("Grüße"));
    assert_eq!(
        (&items[1]["from"], &items[1]["headers"]["To"]),
        (&"jörg@example.com".into(), &"jörg@bücher.example".into())
    );
}
