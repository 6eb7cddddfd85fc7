//! Where somebody is signed in, and the way out of all of it.
//! Refuses to name a login by anything that would open it.

use super::Pages;
use super::account;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

struct Place {
    name: String,
    address: String,
    since: String,
    seen: String,
    own: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    f: Frame<'a>,
    places: Vec<Place>,
    done: bool,
}

/// What a browser is, from what it calls itself: a word that people know, or nothing.
fn browser(agent: &str) -> Option<&'static str> {
    let known = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    known.into_iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| name)
}

fn system(agent: &str) -> Option<&'static str> {
    let known = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    known.into_iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| name)
}

/// `GET /account/sessions`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        account::visit(&guest).await?;
        let account = pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(&pages))?;
        let f = Frame::of(&guest, true, "account");
        let name = |agent: &str| match (browser(agent), system(agent)) {
            (Some(browser), Some(system)) => format!("{browser}, {system}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => f.t("sessions-unknown"),
        };
        let places = account.places.into_iter().map(|place| Place {
            name: name(&place.agent),
            address: place.address,
            since: f.clock(place.since),
            seen: f.clock(place.seen_at),
            own: place.own,
        });
        let places = places.collect();
        let done = request.query_string() == "done";
        answer::page(&guest, StatusCode::OK, &SessionsPage { places, done, f })
    })
    .await
}

/// `POST /account/sessions`
pub async fn end(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        account::visit(&guest).await?;
        let own = form.field("do") == "all";
        pages.link.sign_out_others(&guest.handle, own).await?;
        Ok(answer::see(&pages, if own { "/?signed-out" } else { "/account/sessions?done" }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{browser, system};

    #[test]
    fn browsers_are_named_as_people_know_them() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                (Some("Firefox"), Some("Linux")),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                (Some("Edge"), Some("Windows")),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
                (Some("Safari"), Some("iPhone")),
            ),
            ("curl/8", (None, None)),
        ] {
            assert_eq!((browser(agent), system(agent)), expected, "{agent}");
        }
    }
}
