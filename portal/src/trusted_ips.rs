//! Addresses that pass without contact, one by one: the lists that the settings hold for each application.
//! Refuses a very wide entry without a confirmation, and an entry twice.

use crate::administration::change_settings;
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::Page;
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use engine::policy::Policy;
use engine::trusted_ip::TrustedIp;
use serde::{Deserialize, Serialize};

type Answer = Result<HttpResponse, Problem>;

/// `POST /v1/trusted_ips`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrustedIp {
    /// The application whose clients pass.
    application: String,
    /// An address, a range `FIRST-LAST` or a subnet, in IPv4 or IPv6.
    entry: String,
    /// Confirms an entry wider than /8 (IPv4) or /32 (IPv6).
    #[serde(default)]
    wide: bool,
}

/// An entry.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = TrustedIp)]
pub struct TrustedIpView {
    application: String,
    /// As it was read: bits of a subnet beyond its prefix are cleared.
    entry: String,
    /// Whether it is wider than /8 (IPv4) or /32 (IPv6).
    wide: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    application: Option<String>,
}

/// `GET /v1/trusted_ips`
pub async fn list(request: HttpRequest, _: Caller, state: web::Data<State>) -> Answer {
    let query: Query = body::query(&request)?;
    let policy = state.engine.policy();
    let wanted = |name: &String| query.application.as_ref().is_none_or(|wanted| wanted == name);
    let lists = policy.applications.iter().filter(|(name, _)| wanted(name));
    let entries = lists.flat_map(|(name, rules)| rules.trusted_ips.iter().map(move |text| view(name, text)));
    Ok(HttpResponse::Ok().json(Page { items: entries.collect::<Vec<_>>(), next_cursor: None }))
}

fn view(application: &str, text: &str) -> TrustedIpView {
    let wide = TrustedIp::parse(text).is_ok_and(|entry| entry.is_wide());
    TrustedIpView { application: application.to_owned(), entry: text.to_owned(), wide }
}

/// `POST /v1/trusted_ips`
pub async fn add(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let NewTrustedIp { application, entry, wide } = body::json(&mut payload).await?;
    if application.is_empty() || application.len() > 128 {
        return Err(Problem::bad("invalid_request", "application: must have 1 to 128 bytes"));
    }
    let invalid = |fault| Problem::bad("invalid_request", format!("entry: {fault}"));
    let entry = TrustedIp::parse(&entry).map_err(invalid)?;
    if entry.is_wide() && !wide {
        let detail = "this entry is wider than /8 (IPv4) or /32 (IPv6); send \"wide\": true if that is meant";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", detail));
    }
    let (name, text) = (application.clone(), entry.to_string());
    let change = |policy: &mut Policy| {
        let list = &mut policy.applications.entry(application).or_default().trusted_ips;
        if list.iter().any(|there| same(there, &entry)) {
            return Err(Problem::new(StatusCode::CONFLICT, "conflict", "the entry is there already"));
        }
        list.push(entry.to_string());
        Ok(())
    };
    change_settings(&state, &caller, "trusted_ip.add", &format!("{name} {text}"), change).await?;
    Ok(HttpResponse::Created().json(view(&name, &text)))
}

/// `DELETE /v1/trusted_ips/{entry}?application=`
pub async fn remove(request: HttpRequest, caller: Caller, state: web::Data<State>, entry: web::Path<String>) -> Answer {
    let query: Query = body::query(&request)?;
    let missing = || Problem::bad("invalid_query", "application: say of which application");
    let application = query.application.ok_or_else(missing)?;
    let gone = || Problem::not_found("trusted address of this application");
    let entry = TrustedIp::parse(&entry).map_err(|_| gone())?;
    let whom = format!("{application} {entry}");
    let change = |policy: &mut Policy| {
        let list = &mut policy.applications.get_mut(&application).ok_or_else(gone)?.trusted_ips;
        let index = list.iter().position(|there| same(there, &entry)).ok_or_else(gone)?;
        list.remove(index);
        Ok(())
    };
    change_settings(&state, &caller, "trusted_ip.remove", &whom, change).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A very wide entry needs its confirmation, which settings as a whole have no place for (mfa-server.md §12).
pub fn check_new(now: &Policy, new: &Policy) -> Result<(), Problem> {
    for (name, rules) in &new.applications {
        let known = now.applications.get(name).map(|rules| rules.trusted_ips.as_slice()).unwrap_or_default();
        for text in &rules.trusted_ips {
            let Ok(entry) = TrustedIp::parse(text) else { continue };
            if entry.is_wide() && !known.iter().any(|there| same(there, &entry)) {
                let detail = format!(
                    "applications.{name}.trusted_ips: {text} is wider than /8 (IPv4) or /32 (IPv6); if that is meant, add it by POST /v1/trusted_ips with \"wide\": true"
                );
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_settings", detail));
            }
        }
    }
    Ok(())
}

/// The settings may hold an entry in another spelling.
fn same(text: &str, entry: &TrustedIp) -> bool {
    TrustedIp::parse(text).is_ok_and(|there| there == *entry)
}
