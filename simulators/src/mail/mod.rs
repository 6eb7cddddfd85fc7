//! A mail server for submissions that keeps every letter for testers and sends none on (RFC 5321, RFC 6409).
//! It refuses letters without TLS, and from anybody but its one account where it has one. It is stricter than most, so that a client
//! that passes here passes elsewhere: lines end with CRLF and nothing else, 8-bit bytes have to be announced (Python's `smtplib`
//! does so only if it is told to, by `mail_options`), addresses have to be addresses.
//!
//! | command | what is special |
//! |---|---|
//! | `EHLO`, `HELO` | `SIZE`, `8BITMIME`, `SMTPUTF8`, `PIPELINING`, `ENHANCEDSTATUSCODES`; before TLS `STARTTLS`, under it `AUTH PLAIN LOGIN` |
//! | `STARTTLS` | with a certificate of this run's own; what was sent ahead of the handshake is thrown away (RFC 3207 §4.2) |
//! | `AUTH` | `PLAIN` and `LOGIN`, under TLS only |
//! | `MAIL`, `RCPT`, `DATA` | 100 recipients, lines of 998 bytes, letters of 1 MiB |
//! | `RSET`, `NOOP`, `HELP`, `QUIT` | |
//! | `VRFY`, `EXPN` | 252 and 502: it tells nobody who is here |

mod command;
mod data;
mod envelope;
mod letter;
mod letters;
mod lines;
mod login;
mod office;
mod path;
mod reply;
mod serve;
mod session;
mod settings;

pub(crate) use letter::Letter;
pub(crate) use office::{NAME, OfficeShape, PostOffice};
pub(crate) use serve::serve;
pub use settings::MailServer;
