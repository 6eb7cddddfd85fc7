//! Staying signed in: for the script of a page on which somebody types for long.
//! Refuses to prolong what has reached its longest time.

use super::Pages;
use super::answer;
use super::frame::Frame;
use super::guest::Guest;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /stay`: the milliseconds that are left now and, on a line of its own, the same in words; 401 where none are.
pub async fn stay(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = pages.link.visit(&guest.handle).await?;
        let end = visit.and_then(|visit| visit.ends).map(|end| Frame::of(&guest, true).ending(end));
        Ok(match end.and_then(|frame| frame.end()) {
            Some((says, left)) => answer::plain(StatusCode::OK, format!("{left}\n{says}")),
            None => answer::plain(StatusCode::UNAUTHORIZED, String::new()),
        })
    })
    .await
}
