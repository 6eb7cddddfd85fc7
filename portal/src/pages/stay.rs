//! Staying signed in: for the script of a page on which somebody types for long.
//! Refuses to prolong what has reached its longest time.

use super::Pages;
use super::answer;
use super::frame::Frame;
use super::guest::Guest;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /stay`: when the login ends now, as the moment and, on a line of its own, in words.
pub async fn stay(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        guest.visit().await?;
        let end = Frame::of(&guest, true, "account").end();
        Ok(answer::plain(end.map(|(says, at)| format!("{at}\n{says}")).unwrap_or_default()))
    })
    .await
}
