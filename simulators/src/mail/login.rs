//! AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): who says to be the one account.
//! It compares in constant time and says only that something was wrong.

use data_encoding::BASE64;
use subtle::ConstantTimeEq;

use super::reply::Reply;

/// The one account.
pub(crate) struct Account {
    username: String,
    password: String,
}

/// What the client still has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Login {
    Plain,
    Username,
    Password { username: Vec<u8> },
}

/// What came of one response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Another response is asked for.
    Go(Login, Reply),
    /// It is over, one way or the other.
    In,
    Out(Reply),
}

impl Account {
    /// Without a user name there is none.
    pub(crate) fn new(username: String, password: String) -> Option<Self> {
        (!username.is_empty()).then_some(Self { username, password })
    }

    /// AUTH itself, with its first response if it brought one.
    pub(crate) fn begin(&self, mechanism: &str, initial: Option<&str>) -> Told {
        let (login, challenge) = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => (Login::Plain, String::new()),
            "LOGIN" => (Login::Username, BASE64.encode(b"Username:")),
            _ => return Told::Out(Reply::new(504, "5.5.4 the mechanisms are PLAIN and LOGIN")),
        };
        match initial {
            // An empty first response is written so (RFC 4954 §4).
            Some("=") => self.respond(login, b""),
            Some(response) => self.respond(login, response.as_bytes()),
            None => Told::Go(login, Reply::new(334, challenge)),
        }
    }

    /// One response, as it came.
    pub(crate) fn respond(&self, login: Login, response: &[u8]) -> Told {
        if response == b"*" {
            return Told::Out(Reply::new(501, "5.7.0 the log-in was broken off"));
        }
        let Ok(response) = BASE64.decode(response) else {
            return Told::Out(Reply::new(501, "5.5.2 the response is not base64"));
        };
        match login {
            Login::Plain => match response.split(|byte| *byte == 0).collect::<Vec<_>>()[..] {
                [authorized, username, password] if authorized.is_empty() || authorized == username => {
                    self.judge(username, password)
                }
                _ => Told::Out(Reply::new(501, "5.5.2 PLAIN is NUL, user name, NUL, password")),
            },
            Login::Username => {
                let challenge = Reply::new(334, BASE64.encode(b"Password:"));
                Told::Go(Login::Password { username: response }, challenge)
            }
            Login::Password { username } => self.judge(&username, &response),
        }
    }

    fn judge(&self, username: &[u8], password: &[u8]) -> Told {
        let right = username.ct_eq(self.username.as_bytes()) & password.ct_eq(self.password.as_bytes());
        if right.into() { Told::In } else { Told::Out(Reply::new(535, "5.7.8 user name or password is wrong")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account::new("user".to_owned(), "pass".to_owned()).expect("it has a name")
    }

    fn code(told: Told) -> u16 {
        match told {
            Told::In => 235,
            Told::Go(_, reply) | Told::Out(reply) => reply.code,
        }
    }

    #[test]
    fn plain_in_one_step_or_two() {
        let right = BASE64.encode(b"\0user\0pass");
        assert_eq!(account().begin("plain", Some(&right)), Told::In);
        assert_eq!(account().respond(Login::Plain, right.as_bytes()), Told::In);
        assert_eq!(account().begin("PLAIN", Some(&BASE64.encode(b"user\0user\0pass"))), Told::In);
        assert_eq!(code(account().begin("PLAIN", None)), 334);
        for (wrong, expected) in
            [(&b"\0user\0wrong"[..], 535), (b"\0\0pass", 535), (b"a\0user\0pass", 501), (b"x", 501)]
        {
            assert_eq!(code(account().begin("PLAIN", Some(&BASE64.encode(wrong)))), expected);
        }
    }

    #[test]
    fn login_asks_twice() {
        let Told::Go(login, reply) = account().begin("LOGIN", None) else { panic!("it asks") };
        assert_eq!(reply.wire(), "334 VXNlcm5hbWU6\r\n");
        let Told::Go(login, reply) = account().respond(login, BASE64.encode(b"user").as_bytes()) else {
            panic!("it asks")
        };
        assert_eq!(reply.wire(), "334 UGFzc3dvcmQ6\r\n");
        assert_eq!(account().respond(login.clone(), BASE64.encode(b"pass").as_bytes()), Told::In);
        assert_eq!(code(account().respond(login, BASE64.encode(b"other").as_bytes())), 535);
    }

    #[test]
    fn what_is_no_response_ends_it() {
        for response in [&b"*"[..], b"%%%", b"a"] {
            assert_eq!(code(account().respond(Login::Username, response)), 501);
        }
        assert_eq!(code(account().begin("CRAM-MD5", None)), 504);
        assert_eq!(code(account().begin("PLAIN", Some("="))), 501);
        assert!(Account::new(String::new(), String::new()).is_none());
    }
}
