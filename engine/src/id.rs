//! Opaque ids: a prefix that names the kind and 128 bits in base32 (RFC 4648 alphabet, lower case, no padding).
//! Refuses to draw random bits: they arrive as an argument.

use crate::moment::Moment;
use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().expect("the alphabet has 32 different symbols")
});

/// The number of virtual shards; each belongs to one Desk.
pub const SHARDS: u16 = 1024;

/// Bits of a verification's id for its start, which last until 2109, and for chance.
const TIME_BITS: u32 = 42;
const RANDOM_BITS: u32 = 76;

/// A virtual shard, 0 to 1023.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shard(u16);

impl Shard {
    /// The shard of a 64-bit hash: its top ten bits.
    pub const fn of_hash(hash: u64) -> Self {
        Self((hash >> 54) as u16)
    }

    /// 0 to 1023.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: it must be `{prefix}` followed by 26 characters of a-z and 2-7")]
pub struct NotAnId {
    /// The prefix that was wanted, for example `ver_`.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u128);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// From 128 random bits.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// The 128 bits.
            pub const fn bits(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, BASE32.encode(&self.0.to_be_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse($prefix, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

fn parse(prefix: &'static str, text: &str) -> Result<u128, NotAnId> {
    let wrong = NotAnId { prefix };
    let digits = text.strip_prefix(prefix).ok_or_else(|| wrong.clone())?;
    let bytes = BASE32.decode(digits.as_bytes()).map_err(|_| wrong.clone())?;
    Ok(u128::from_be_bytes(bytes.try_into().map_err(|_| wrong)?))
}

id!(
    /// A verification. Its top 42 bits are the milliseconds of its start, so that what belongs to it lies beside its
    /// contemporaries in the store; then come ten bits for the shard of its person, so that all verifications of one
    /// person live on one Desk and nothing between them needs a lock; the other 76 bits are random.
    VerificationId, "ver_"
);
id!(
    /// A security question.
    QuestionId, "qst_"
);
id!(
    /// A notice on its way.
    LetterId, "let_"
);
id!(
    /// A person.
    UserId, "usr_"
);
id!(
    /// An OATH token.
    TokenId, "tok_"
);
id!(
    /// An API key (the key itself is a secret and is not this id).
    ApiKeyId, "key_"
);
id!(
    /// Something that happened and is told outside once, for example one webhook.
    EventId, "evt_"
);

impl ApiKeyId {
    /// The user portal, which is no API key: keys have random ids.
    pub const PORTAL: Self = Self(0);
}

impl VerificationId {
    /// A new id on `shard`; all but the lowest 76 bits of `random` are replaced.
    pub const fn on_shard(shard: Shard, now: Moment, random: u128) -> Self {
        let time = (now.millis() as u128) << (128 - TIME_BITS);
        Self(time | ((shard.0 as u128) << RANDOM_BITS) | (random & ((1 << RANDOM_BITS) - 1)))
    }

    /// The shard that it lives on.
    pub const fn shard(self) -> Shard {
        Shard((self.0 >> RANDOM_BITS) as u16 & (SHARDS - 1))
    }
}

/// A number of a try to reach somebody: one send of one rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttemptId {
    /// The verification.
    pub verification: VerificationId,
    /// The rung, counted from 0.
    pub rung: u8,
    /// The send within the rung, counted from 0: it grows with a resend that the person asked for and with a change of line.
    pub send: u8,
}

/// Written `ver_….RUNG.SEND`; it travels in the status callback's address.
impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.verification, self.rung, self.send)
    }
}

impl FromStr for AttemptId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let wrong = NotAnId { prefix: VerificationId::PREFIX };
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or_else(|| wrong.clone());
        let verification = part()?.parse()?;
        let rung = part()?.parse().map_err(|_| wrong.clone())?;
        let send = part()?.parse().map_err(|_| wrong.clone())?;
        if parts.next().is_some() {
            return Err(wrong);
        }
        Ok(Self { verification, rung, send })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        for bits in [0, 1, u128::MAX, 0x1234_5678_9abc_def0_1234_5678_9abc_def0] {
            let id = VerificationId::from_bits(bits);
            assert_eq!(id.to_string().parse::<VerificationId>(), Ok(id));
            assert_eq!(id.to_string().len(), 4 + 26);
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let user = UserId::from_bits(7).to_string();
        assert_eq!(user.parse::<VerificationId>(), Err(NotAnId { prefix: "ver_" }));
        assert!("ver_".parse::<VerificationId>().is_err());
        assert!("ver_aaaaaaaaaaaaaaaaaaaaaaaaaa1".parse::<VerificationId>().is_err());
    }

    #[test]
    fn a_verification_lives_on_its_persons_shard() {
        let shard = Shard::of_hash(0xffff_0000_0000_0000);
        let now = Moment::from_millis(1_700_000_000_000);
        assert_eq!(VerificationId::on_shard(shard, now, u128::MAX >> 3).shard(), shard);
        assert_eq!(shard.index(), 1023);
    }

    #[test]
    fn later_verifications_have_higher_ids() {
        let at = |millis, random| VerificationId::on_shard(Shard(0), Moment::from_millis(millis), random);
        assert!(at(1_700_000_000_000, u128::MAX) < at(1_700_000_000_001, 0));
        assert!(at(1 << 41, 0) < at((1 << 42) - 1, 0));
    }

    #[test]
    fn an_attempt_survives_its_text() {
        let attempt = AttemptId { verification: VerificationId::from_bits(9), rung: 2, send: 1 };
        assert_eq!(attempt.to_string().parse::<AttemptId>(), Ok(attempt));
        assert!("ver_x.1".parse::<AttemptId>().is_err());
        assert!(format!("{attempt}.4").parse::<AttemptId>().is_err());
    }
}
