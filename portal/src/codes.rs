//! Every code of a problem: its status and what it means, for the OpenAPI document.
//! Refuses a code that is made somewhere and not listed here (a test looks).

/// Code, HTTP status, meaning.
pub const CODES: &[(&str, u16, &str)] = &[
    ("body_broken", 400, "The body broke off."),
    ("callback_malformed", 400, "A callback lacks what it must hold."),
    ("batch_too_large", 400, "More than 1,000 verifications in a batch."),
    ("code_format", 400, "A code has digits only."),
    ("invalid_cursor", 400, "The cursor is not one of this feed."),
    ("invalid_header", 400, "A header has a value that it cannot have."),
    ("invalid_prefer", 400, "`Prefer` is not `wait=SECONDS`."),
    ("invalid_query", 400, "A parameter is unknown or out of its range."),
    ("invalid_request", 400, "A field is unknown, missing or out of its range; `detail` names it."),
    ("malformed_json", 400, "The body is not JSON."),
    ("unauthorized", 401, "No valid API key came with the request."),
    ("application_not_allowed", 403, "The key may not speak for this application."),
    ("grants_too_much", 403, "A key cannot grant more than it has."),
    ("scope_missing", 403, "The key lacks the scope."),
    ("signature_wrong", 403, "The callback's signature is missing or wrong."),
    ("not_found", 404, "There is no such thing, or the key may not see it."),
    ("method_not_allowed", 405, "The path is there, the method is not."),
    ("conflict", 409, "It exists already, or somebody else changed it at the same moment."),
    ("no_code_awaited", 409, "The person answers on the phone, not here."),
    ("nothing_sent", 409, "No text is awaited that could be sent again."),
    ("resent_too_often", 409, "The text was sent too often already."),
    ("settled", 409, "The verification has ended and takes nothing more; `detail` says how it ended."),
    ("cursor_too_old", 410, "Outcomes after the cursor were removed at the end of their retention."),
    ("body_too_large", 413, "The body is larger than this route takes."),
    ("idempotency_key_reused", 422, "The key came with another body within the last 24 hours."),
    ("invalid_settings", 422, "Values out of their ranges; `detail` names every one."),
    ("not_possible", 422, "A rule is against it; `detail` says which."),
    ("codes_paused", 429, "Too many wrong codes; wait as long as `Retry-After` says."),
    ("resend_too_soon", 429, "The last text went out only just now."),
    ("too_many_requests", 429, "More requests a second than the limit."),
    ("internal_error", 500, "A fault of the engine ended this request, and nothing was done."),
    ("busy", 503, "Too many verifications are in flight."),
    ("stopping", 503, "The engine is stopping."),
    ("store_full", 503, "The store is full: its disk, or what `store.max_megabytes` allows."),
    ("store_unavailable", 503, "The store takes no reads or no writes now."),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                sources(&entry, found);
            } else if entry.extension().is_some_and(|ending| ending == "rs") {
                found.push_str(&std::fs::read_to_string(entry).unwrap());
            }
        }
    }

    /// The first text in the arguments of each call that makes a problem.
    fn made() -> BTreeSet<String> {
        let mut source = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        let makers = ["Problem::new(", "Problem::bad(", "Self::new(", "Self::bad(", "unavailable("];
        let calls = makers.iter().flat_map(|maker| source.split(maker).skip(1));
        let first = calls.filter_map(|rest| rest.split(')').next()?.split('"').nth(1).map(str::to_owned));
        first.filter(|text| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && text.len() > 3).collect()
    }

    #[test]
    fn every_code_that_is_made_is_listed_and_no_other() {
        let listed: BTreeSet<_> = CODES.iter().map(|(code, _, _)| (*code).to_owned()).collect();
        assert_eq!(listed.len(), CODES.len(), "a code is listed twice");
        let made = made();
        for code in &listed {
            assert!(made.contains(code) || ["invalid_request", "malformed_json"].contains(&code.as_str()), "{code}");
        }
        let unknown: Vec<_> = made.difference(&listed).collect();
        assert!(unknown.is_empty(), "{unknown:?} are not listed");
    }

    #[test]
    fn every_route_names_codes_that_there_are() {
        for route in crate::routes::ROUTES {
            for code in route.codes() {
                assert!(CODES.iter().any(|(known, _, _)| *known == code), "{} {}: {code}", route.method, route.path);
            }
        }
    }
}
