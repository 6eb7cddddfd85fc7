//! Calls to the simulated phones, the same for every kind of gateway: what a call is, which are remembered, and the person who
//! picks up and presses keys.
//! It places no call and carries no sound: that is a gateway's work.
//!
//! A gateway rings a phone with [`World::ring`](crate::world::World::ring) and gets the [`Call`], where it writes down what it does, and
//! the [`Person`], whom it asks again and again what to do next:
//!
//! | the gateway | tells the person or the call |
//! |---|---|
//! | waits | `person.act()`: answer, busy, decline…; later each key and the hanging up |
//! | has connected the call | `person.answered()` |
//! | begins to say something | `person.prompt_began()`; `call.hear(…)` with what was said |
//! | has said it and listens | `person.prompt_over()`: one entry of the behaviour's `keys` is pressed |
//! | sends keys itself (an extension) | `person.hear_key(…)` |
//! | is at the end | `call.end(…)` |

mod attendant;
mod call;
mod habit;
mod kept;
mod person;

pub(crate) use call::{Call, End, Hand, Prompt, State};
pub use habit::{HangUp, Hold, KeyStyle, OnCall};
pub(crate) use habit::{check as check_habits, one_or_many};
pub(crate) use kept::{Calls, Draft};
pub(crate) use person::{Act, Greeting, Person};

/// Whether `key` is one of a telephone's keys.
pub(crate) fn is_key(key: char) -> bool {
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D')
}
