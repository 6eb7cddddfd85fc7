//! Calls at the provider: placed and changed over its API, carried out by the customer's TwiML (gateways.md §1.2, §2 and §3).
//! It takes no calls from phones, joins no two calls, and records nothing.
//!
//! | call | does |
//! |---|---|
//! | `POST …/Calls.json` | `To`, `From`, `Url` or `Twiml`, `StatusCallback` with `StatusCallbackEvent`s, `Timeout`, `TimeLimit`, `MachineDetection`, `SendDigits`; 201 |
//! | `POST …/Calls/{Sid}.json` | `Status` canceled or completed; `Url` or `Twiml` for a call that was answered |
//! | `GET …/Calls/{Sid}.json` | one call |
//! | `GET …/Calls.json` | newest first; `To`, `From`, `Status`, `StartTime`, `StartTime>`, `StartTime<`, `PageSize`, `Page` |
//!
//! A `Timeout` is as long as it says, without the seconds that the provider adds. Somebody speaks a hundred characters in half a
//! second, so that stories are short; pauses and the times that people have are as long as they say.

mod book;
mod change;
mod gather;
mod interruption;
mod life;
mod look;
mod parameters;
mod place;
mod play;
mod reports;
mod script;
mod shape;

pub(crate) use book::Book;

use actix_web::web::{self, ServiceConfig};

use super::unknown;

/// The routes of calls, below the account.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/Accounts/{account}/Calls.json")
                .route(web::post().to(place::place))
                .route(web::get().to(look::list))
                .default_service(web::to(unknown)),
        )
        .service(
            web::resource("/Accounts/{account}/Calls/{call}.json")
                .route(web::post().to(change::change))
                .route(web::get().to(look::one))
                .default_service(web::to(unknown)),
        );
}
