//! `GET /Calls/{Sid}.json` and `GET /Calls.json` with its filters and pages.
//! It only reads.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::book::Placed;
use super::shape::{Page, Shape, resource};
use crate::clock;
use crate::delivery::Exchange;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::number::Number;
use crate::twilio::refusal::Refusal;
use crate::twilio::send::refuse;
use crate::twilio::{delay, enter};

const PAGE_SIZE: usize = 50;
const LARGEST_PAGE: usize = 1_000;

pub(super) async fn one(exchange: Data<Exchange>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (account, sid) = path.into_inner();
    let gateway = match enter(&exchange, &request, &account) {
        Ok(gateway) => gateway,
        Err(answer) => return answer,
    };
    delay(gateway).await;
    let found = lock(&gateway.calls).find(&sid);
    match found {
        Some(call) => HttpResponse::Ok().json(Shape::of(gateway, &call)),
        None => refuse(gateway, &Refusal::not_found(request.path())),
    }
}

pub(super) async fn list(exchange: Data<Exchange>, account: Path<String>, request: HttpRequest) -> HttpResponse {
    let gateway = match enter(&exchange, &request, &account) {
        Ok(gateway) => gateway,
        Err(answer) => return answer,
    };
    delay(gateway).await;
    match Query::read(request.query_string()) {
        Ok(query) => page(gateway, &query),
        Err(refusal) => refuse(gateway, &refusal),
    }
}

/// What a list is asked for.
struct Query {
    /// `Some(None)`: a number that nobody has, so nothing matches.
    to: Option<Option<Number>>,
    from: Option<Option<Number>>,
    status: Option<String>,
    /// First millisecond of the start wanted, and the first one no longer wanted.
    since: i64,
    until: i64,
    size: usize,
    page: usize,
    /// The filters as they came, for the links to other pages.
    filters: Vec<(String, String)>,
}

impl Query {
    fn read(query: &str) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let mut read = Self {
            to: None,
            from: None,
            status: None,
            since: i64::MIN,
            until: i64::MAX,
            size: PAGE_SIZE,
            page: 0,
            filters: Vec::new(),
        };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            read.take(name, value)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: String, value: String) -> Result<(), Refusal> {
        match name.as_str() {
            "To" => self.to = Some(Number::parse(&value)),
            "From" => self.from = Some(Number::parse(&value)),
            "Status" => self.status = Some(value.clone()),
            "StartTime" => (self.since, self.until) = clock::whole_day(date(&name, &value)?.0),
            "StartTime>" => self.since = date(&name, &value)?.0,
            "StartTime<" => self.until = date(&name, &value)?.1,
            "PageSize" => {
                let size: usize = value.parse().map_err(|_| invalid(&name))?;
                self.size = size.clamp(1, LARGEST_PAGE);
                return Ok(());
            }
            "Page" => {
                self.page = value.parse().map_err(|_| invalid(&name))?;
                return Ok(());
            }
            _ => return Ok(()),
        }
        self.filters.push((name, value));
        Ok(())
    }

    fn matches(&self, call: &Placed) -> bool {
        let stage = call.look();
        let all = (self.since, self.until) == (i64::MIN, i64::MAX);
        self.to.is_none_or(|to| to == Some(call.draft.to))
            && self.from.is_none_or(|from| from == Some(call.draft.from))
            && self.status.as_deref().is_none_or(|status| status == stage.status.word())
            && (all || stage.start_ms.is_some_and(|start| (self.since..self.until).contains(&start)))
    }

    fn uri(&self, gateway: &Gateway, page: usize) -> String {
        let mut pairs = self.filters.clone();
        pairs.push(("PageSize".to_owned(), self.size.to_string()));
        pairs.push(("Page".to_owned(), page.to_string()));
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

fn page(gateway: &Gateway, query: &Query) -> HttpResponse {
    let found = lock(&gateway.calls).newest(|call| query.matches(call));
    let start = query.page.saturating_mul(query.size);
    let calls: Vec<_> = found.iter().skip(start).take(query.size).map(|call| Shape::of(gateway, call)).collect();
    let more = found.len() > start.saturating_add(query.size);
    HttpResponse::Ok().json(Page {
        end: start.saturating_add(calls.len().saturating_sub(1)),
        first_page_uri: query.uri(gateway, 0),
        next_page_uri: more.then(|| query.uri(gateway, query.page.saturating_add(1))),
        page: query.page,
        page_size: query.size,
        previous_page_uri: query.page.checked_sub(1).map(|page| query.uri(gateway, page)),
        start,
        uri: query.uri(gateway, query.page),
        calls,
    })
}
