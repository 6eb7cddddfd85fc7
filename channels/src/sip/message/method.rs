//! What a request asks (RFC 3261 §7.1 and the extensions that we speak).
//! Refuses nothing: a method that we do not know keeps its name, so that it can be answered with 405.

use std::fmt;

/// A method. Names are told apart by case (RFC 3261 §7.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Method {
    /// Starts or changes a session.
    Invite,
    /// Confirms the answer to an INVITE.
    Ack,
    /// Ends a session.
    Bye,
    /// Takes an INVITE back.
    Cancel,
    /// Asks what somebody can do.
    Options,
    /// Says where we are.
    Register,
    /// Confirms a provisional answer (RFC 3262).
    Prack,
    /// Changes a session without a new INVITE (RFC 3311).
    Update,
    /// Tells something within a session (RFC 6086).
    Info,
    /// Any other.
    Other(String),
}

/// What we take within a call, for `Allow`.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";

impl Method {
    /// From its name.
    pub fn of(name: &str) -> Self {
        match name {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "OPTIONS" => Self::Options,
            "REGISTER" => Self::Register,
            "PRACK" => Self::Prack,
            "UPDATE" => Self::Update,
            "INFO" => Self::Info,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Options => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Prack => "PRACK",
            Self::Update => "UPDATE",
            Self::Info => "INFO",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
