//! One command line, understood (RFC 5321 §4.1.1).
//! It refuses control characters, parameters that it doesn't know, and spaces where none belong.

use super::path;
use super::reply::Reply;

/// A command that is well-formed; whether it is its turn is for the session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Ehlo,
    Helo,
    StartTls,
    Auth { mechanism: &'a str, initial: Option<&'a str> },
    Mail(Sender<'a>),
    Rcpt { path: &'a str },
    Data,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
}

/// What MAIL says.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Sender<'a> {
    /// Empty for a letter that nobody is to answer.
    pub(crate) path: &'a str,
    pub(crate) size: Option<u64>,
    pub(crate) eight_bit: bool,
    pub(crate) utf8: bool,
}

fn syntax(text: &str) -> Reply {
    Reply::new(501, format!("5.5.4 {text}"))
}

/// Reads a line without its CRLF.
pub(crate) fn parse(line: &[u8]) -> Result<Command<'_>, Reply> {
    let line = std::str::from_utf8(line).ok().filter(|line| !line.chars().any(char::is_control));
    let line = line.ok_or_else(|| Reply::new(500, "5.5.2 a command is UTF-8 without control characters"))?;
    let line = line.trim_end_matches(' ');
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => named(rest).map(|()| Command::Ehlo),
        "HELO" => named(rest).map(|()| Command::Helo),
        "STARTTLS" => alone(rest, Command::StartTls),
        "AUTH" => auth(rest),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => alone(rest, Command::Data),
        "RSET" => alone(rest, Command::Rset),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "QUIT" => alone(rest, Command::Quit),
        "EXPN" | "SEND" | "SOML" | "SAML" | "TURN" | "BDAT" | "ETRN" => {
            Err(Reply::new(502, "5.5.1 this command is not spoken here"))
        }
        _ => Err(Reply::new(500, "5.5.1 there is no such command; HELP lists them")),
    }
}

fn named(rest: &str) -> Result<(), Reply> {
    let name = !rest.is_empty() && !rest.contains(' ');
    if name { Ok(()) } else { Err(syntax("say your host's name, or your address in [ ]")) }
}

fn alone<'a>(rest: &str, command: Command<'a>) -> Result<Command<'a>, Reply> {
    if rest.is_empty() { Ok(command) } else { Err(syntax("nothing follows this command")) }
}

fn auth(rest: &str) -> Result<Command<'_>, Reply> {
    let mut words = rest.split(' ');
    match (words.next().filter(|word| !word.is_empty()), words.next(), words.next()) {
        (Some(mechanism), initial, None) => Ok(Command::Auth { mechanism, initial }),
        (None, _, _) | (Some(_), _, Some(_)) => Err(syntax("AUTH, a mechanism, and perhaps a first response")),
    }
}

/// What stands behind `FROM:` or `TO:`.
fn behind<'a>(rest: &'a str, word: &str) -> Result<(&'a str, &'a str), Reply> {
    let begins = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let path = if begins { &rest[word.len()..] } else { return Err(syntax(&format!("{word}<address> is missing"))) };
    path::split(path).map_err(syntax)
}

fn mail(rest: &str) -> Result<Command<'_>, Reply> {
    let (path, parameters) = behind(rest, "FROM:")?;
    let mut sender = Sender { path, ..Sender::default() };
    for parameter in words(parameters)? {
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        match (name.to_ascii_uppercase().as_str(), value) {
            ("SIZE", Some(value)) => {
                sender.size = Some(value.parse().map_err(|_| syntax("SIZE is a number of bytes"))?);
            }
            ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => sender.eight_bit = true,
            ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => {}
            ("SMTPUTF8", None) => sender.utf8 = true,
            ("AUTH", Some(_)) => {}
            _ => return Err(Reply::new(555, "5.5.4 MAIL takes SIZE=, BODY=7BIT or 8BITMIME, SMTPUTF8 and AUTH=")),
        }
    }
    if !path.is_empty() {
        path::check(path, sender.utf8).map_err(|wrong| Reply::new(553, format!("5.1.7 {wrong}")))?;
    }
    Ok(Command::Mail(sender))
}

fn rcpt(rest: &str) -> Result<Command<'_>, Reply> {
    let (path, parameters) = behind(rest, "TO:")?;
    if words(parameters)?.next().is_some() {
        return Err(Reply::new(555, "5.5.4 RCPT takes no parameters here"));
    }
    Ok(Command::Rcpt { path })
}

fn words(parameters: &str) -> Result<impl Iterator<Item = &str>, Reply> {
    if parameters.is_empty() || parameters.starts_with(' ') {
        Ok(parameters.split(' ').filter(|word| !word.is_empty()))
    } else {
        Err(syntax("a space stands between the address and its parameters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &[u8]) -> u16 {
        parse(line).expect_err("refused").code
    }

    #[test]
    fn commands_are_read_in_any_case() {
        assert_eq!(parse(b"ehlo client.example.com"), Ok(Command::Ehlo));
        assert_eq!(parse(b"QuiT "), Ok(Command::Quit));
        assert_eq!(parse(b"AUTH PLAIN abc="), Ok(Command::Auth { mechanism: "PLAIN", initial: Some("abc=") }));
        let sender = Sender { path: "a@example.com", size: Some(9), eight_bit: true, utf8: true };
        let line = b"mail from:<a@example.com> size=9 body=8bitmime SMTPUTF8 AUTH=<>";
        assert_eq!(parse(line), Ok(Command::Mail(sender)));
        assert_eq!(parse(b"MAIL FROM:<>"), Ok(Command::Mail(Sender::default())));
        assert_eq!(parse(b"RCPT TO:<b@example.com>"), Ok(Command::Rcpt { path: "b@example.com" }));
    }

    #[test]
    fn mistakes_have_their_codes() {
        for line in [&b""[..], b"HELLO x", b"NO\0OP", b"NOOP \xff", b" NOOP", b"GET / HTTP/1.1"] {
            assert_eq!(code(line), 500, "{line:?}");
        }
        let syntax = [
            &b"EHLO"[..],
            b"EHLO a b",
            b"DATA x",
            b"AUTH",
            b"AUTH PLAIN a b",
            b"MAIL",
            b"MAIL FROM <a@example.com>",
            b"MAIL FROM: <a@example.com>",
            b"MAIL FROM:a@example.com",
            b"MAIL FROM:<a@example.com>SIZE=1",
            b"MAIL FROM:<a@example.com> SIZE=x",
            b"RCPT TO:b@example.com",
            "MAIL FRÖM:<a@example.com>".as_bytes(),
        ];
        for line in syntax {
            assert_eq!(code(line), 501, "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(code(b"EXPN x"), 502);
        assert_eq!(code(b"MAIL FROM:<a b@example.com>"), 553);
        assert_eq!(code("MAIL FROM:<jörg@example.com>".as_bytes()), 553);
        assert_eq!(code(b"MAIL FROM:<a@example.com> X=1"), 555);
        assert_eq!(code(b"RCPT TO:<a@example.com> NOTIFY=NEVER"), 555);
    }
}
