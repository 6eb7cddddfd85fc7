//! `GET /Messages/{Sid}.json` and `GET /Messages.json` with its filters and pages.
//! It only reads; a long search takes the ledger's lock again and again, never for long.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::clock;
use crate::delivery::Exchange;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::message::Message;
use crate::number::Number;
use crate::twilio::refusal::Refusal;
use crate::twilio::shape::{Page, Shape, date_of, resource};
use crate::twilio::{delay, enter};

const PAGE_SIZE: usize = 50;
const LARGEST_PAGE: usize = 1_000;

pub(crate) async fn one(exchange: Data<Exchange>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (account, sid) = path.into_inner();
    let gateway = match enter(&exchange, &request, &account) {
        Ok(gateway) => gateway,
        Err(answer) => return answer,
    };
    delay(gateway).await;
    let found = lock(&gateway.ledger).find(&sid);
    match found {
        Some(message) => HttpResponse::Ok().json(Shape::of(gateway, &message)),
        None => refuse(gateway, &Refusal::not_found(request.path())),
    }
}

pub(crate) async fn list(exchange: Data<Exchange>, account: Path<String>, request: HttpRequest) -> HttpResponse {
    let gateway = match enter(&exchange, &request, &account) {
        Ok(gateway) => gateway,
        Err(answer) => return answer,
    };
    delay(gateway).await;
    match Query::read(request.query_string(), gateway) {
        Ok(query) => page(gateway, &query),
        Err(refusal) => refuse(gateway, &refusal),
    }
}

fn refuse(gateway: &Gateway, refusal: &Refusal) -> HttpResponse {
    gateway.counters.refuse(refusal.code);
    refusal.answer()
}

/// What a list is asked for.
struct Query {
    /// `Some(None)`: a number that nobody has, so nothing matches.
    to: Option<Option<Number>>,
    from: Option<Option<Number>>,
    /// First millisecond wanted, and the first one no longer wanted.
    since: i64,
    until: i64,
    size: usize,
    page: usize,
    /// Messages before this place.
    before: u64,
    /// The filters as they came, for the links to other pages.
    filters: Vec<(String, String)>,
}

impl Query {
    fn read(query: &str, gateway: &Gateway) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let mut read = Self {
            to: None,
            from: None,
            since: i64::MIN,
            until: i64::MAX,
            size: PAGE_SIZE,
            page: 0,
            before: u64::MAX,
            filters: Vec::new(),
        };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            read.take(name, value, gateway)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: String, value: String, gateway: &Gateway) -> Result<(), Refusal> {
        match name.as_str() {
            "To" => self.to = Some(Number::parse(&value)),
            "From" => self.from = Some(Number::parse(&value)),
            "DateSent" => (self.since, self.until) = clock::whole_day(date(&name, &value)?.0),
            "DateSent>" => self.since = date(&name, &value)?.0,
            "DateSent<" => self.until = date(&name, &value)?.1,
            "PageSize" => {
                let size: usize = value.parse().map_err(|_| invalid(&name))?;
                self.size = size.clamp(1, LARGEST_PAGE);
                return Ok(());
            }
            "Page" => {
                self.page = value.parse().map_err(|_| invalid(&name))?;
                return Ok(());
            }
            "PageToken" => {
                let sequence = value.strip_prefix("PA").and_then(|sid| lock(&gateway.ledger).sequence(sid));
                self.before = sequence.ok_or_else(|| invalid(&name))?;
                return Ok(());
            }
            _ => return Ok(()),
        }
        self.filters.push((name, value));
        Ok(())
    }

    fn matches(&self, message: &Message) -> bool {
        let date = date_of(message);
        self.to.is_none_or(|to| to == Some(message.to))
            && self.from.is_none_or(|from| from == Some(message.from))
            && (self.since..self.until).contains(&date)
    }

    fn uri(&self, gateway: &Gateway, page: usize, token: Option<String>) -> String {
        let mut pairs = self.filters.clone();
        pairs.push(("PageSize".to_owned(), self.size.to_string()));
        pairs.push(("Page".to_owned(), page.to_string()));
        pairs.extend(token.map(|token| ("PageToken".to_owned(), token)));
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}.json?{query}", resource(gateway))
    }
}

fn date(name: &str, value: &str) -> Result<(i64, i64), Refusal> {
    clock::date_span(value).ok_or_else(|| invalid(name))
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad(20_001, format!("Invalid parameter {name}"))
}

/// One message more than a page holds, where there is one, to know whether another page follows.
fn search(gateway: &Gateway, query: &Query) -> Vec<Arc<Message>> {
    let mut found = Vec::new();
    let mut before = query.before;
    loop {
        let some = lock(&gateway.ledger).older_than(before);
        let Some(oldest) = some.last() else {
            return found;
        };
        before = oldest.sequence;
        // A message is sent after it was created, so beyond this none can match.
        let beyond = oldest.created_ms < query.since.saturating_sub(60_000);
        found.extend(some.into_iter().filter(|message| query.matches(message)));
        if found.len() > query.size || beyond {
            found.truncate(query.size + 1);
            return found;
        }
    }
}

fn page(gateway: &Gateway, query: &Query) -> HttpResponse {
    let mut found = search(gateway, query);
    let more = found.len() > query.size;
    found.truncate(query.size);
    let token = found.last().map(|last| format!("PA{}", last.sid.text()));
    let start = query.page.saturating_mul(query.size);
    HttpResponse::Ok().json(Page {
        end: start.saturating_add(found.len().saturating_sub(1)),
        first_page_uri: query.uri(gateway, 0, None),
        next_page_uri: more.then(|| query.uri(gateway, query.page.saturating_add(1), token)),
        page: query.page,
        page_size: query.size,
        previous_page_uri: None,
        start,
        uri: query.uri(gateway, query.page, None),
        messages: found.iter().map(|message| Shape::of(gateway, message)).collect(),
    })
}
