//! What may stand in a well-formed settings file and is wrong all the same.
//! Refuses to stop at the first.

use super::{Config, Gateway};
use crate::wiring::is_postgres;
use store::PostgresStore;

/// Adds every mistake, with its path and what would be right.
pub fn find(config: &Config, found: &mut Vec<String>) {
    let mut want = |good: bool, path: &str, right: &str| {
        if !good {
            found.push(format!("{path}: {right}"));
        }
    };
    let url = &config.store.url;
    let embedded = url.starts_with("sqlite:");
    want(embedded || is_postgres(url), "store.url", "must be sqlite:PATH or postgres://USER@HOST:PORT/DATABASE");
    if is_postgres(url)
        && let Err(wrong) = PostgresStore::check_url(url)
    {
        want(false, "store.url", &wrong.to_string());
    }
    want(
        embedded || config.store.max_megabytes == 0,
        "store.max_megabytes",
        "is for SQLite only; the server has its own limits",
    );
    let most = config.store.max_megabytes;
    want(most == 0 || (4..=1 << 20).contains(&most), "store.max_megabytes", "must be 0 or 4 to 1048576");
    let tls = (&config.server.tls_cert_file, &config.server.tls_key_file);
    want(matches!(tls, (Some(_), Some(_)) | (None, None)), "server", "tls_cert_file and tls_key_file belong together");
    let most = config.retention.outcome_days.max(config.retention.timeline_days);
    want(most <= 36_500, "retention", "days must be 0 to 36500");
    let (outcomes, timelines) = (config.retention.outcome_days, config.retention.timeline_days);
    let readable = outcomes == 0 || (1..=outcomes).contains(&timelines);
    want(readable, "retention.timeline_days", "must not be more than outcome_days: a timeline is read by its outcome");
    let pause = config.audit.checkpoint_seconds;
    want((1..=86_400).contains(&pause), "audit.checkpoint_seconds", "must be 1 to 86400");
    want(matches!(config.log.format.as_str(), "json" | "text"), "log.format", "must be json or text");
    let directory = &config.directory;
    let (ldap, windows, radius) = (&directory.ldap, &directory.windows, &directory.radius);
    let times = [
        ("directory.ldap.timeout_seconds", ldap.timeout_seconds),
        ("directory.windows.timeout_seconds", windows.timeout_seconds),
        ("directory.radius.timeout_seconds", radius.timeout_seconds),
    ];
    for (path, seconds) in times {
        want((1..=60).contains(&seconds), path, "must be 1 to 60");
    }
    want((1..=10).contains(&radius.tries), "directory.radius.tries", "must be 1 to 10");
    let found_by = ldap.servers.is_empty() || (!ldap.base_dn.is_empty() && ldap.user_filter.contains("{name}"));
    want(found_by, "directory.ldap", "needs base_dn, and {name} in user_filter");
    want(windows.servers.is_empty() || !windows.domain.is_empty(), "directory.windows.domain", "must be set");
    let changes = !windows.allow_password_change || !windows.bind_name.is_empty();
    want(changes, "directory.windows.allow_password_change", "needs bind_name");
    let shared = radius.servers.is_empty() || radius.secret_file.is_some();
    want(shared, "directory.radius.secret_file", "must be set");
    let accounts = [
        ("directory.ldap.bind_dn", &ldap.bind_dn, &ldap.bind_password_file),
        ("directory.windows.bind_name", &windows.bind_name, &windows.bind_password_file),
    ];
    for (path, account, file) in accounts {
        want(account.is_empty() == file.is_none(), path, "belongs together with bind_password_file");
    }
    let base = &config.portal.base_path;
    want(
        base.is_empty() || is_base(base),
        "portal.base_path",
        "must be empty, or words of a-z, 0-9 and - behind a slash each, the first of them not v1, docs or callbacks",
    );
    want(config.limits.most_in_flight > 0, "limits.most_in_flight", "must be at least 1");
    let public = &config.server.public_url;
    let callable = public.is_empty() || public.starts_with("https://") || is_here(public);
    want(callable, "server.public_url", "must begin with https://: codes and PINs come to it");
    let of_kind = |kind: &'static str| config.gateways.iter().filter(move |gateway| gateway.kind == kind);
    let far = of_kind("twilio").any(|gateway| !is_here(&gateway.base_url));
    want(
        !far || !public.is_empty(),
        "server.public_url",
        "must be set: a gateway that is not on this machine calls it",
    );
    let both = of_kind("twilio").filter(|gateway| gateway.texts && gateway.calls).count();
    let lines = of_kind("twilio").count() + both + of_kind("sip").count();
    want(lines <= 32, "gateway", "at most 32 lines for texts and calls; a gateway that carries both has two");
    want(of_kind("smtp").count() <= 1, "gateway", "at most one of the kind smtp");
    for (index, gateway) in config.gateways.iter().enumerate() {
        in_gateway(gateway, &mut |good, field, right| want(good, &format!("gateway.{index}.{field}"), right));
        let twice = config.gateways.iter().filter(|other| other.name == gateway.name).count() > 1;
        want(!twice, &format!("gateway.{index}.name"), "must be another than those of the other gateways");
    }
}

/// Whether pages can be below this path, beside the API.
fn is_base(path: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let mut words = path.split('/').skip(1);
    let ours = words.clone().next().is_some_and(|first| ["v1", "docs", "callbacks", "metrics"].contains(&first));
    path.starts_with('/') && !ours && words.all(|word| !word.is_empty() && word.bytes().all(letters))
}

/// Whether an address is on this machine.
fn is_here(url: &str) -> bool {
    let host = url::Url::parse(url).ok().and_then(|url| url.host().map(|host| host.to_owned()));
    match host {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn in_gateway(gateway: &Gateway, want: &mut dyn FnMut(bool, &str, &str)) {
    want(matches!(gateway.kind.as_str(), "twilio" | "sip" | "smtp"), "kind", "must be twilio, sip or smtp");
    let named = !gateway.name.is_empty() && gateway.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    want(named, "name", "must be letters, digits and dashes");
    want((1..=120).contains(&gateway.timeout_seconds), "timeout_seconds", "must be 1 to 120");
    match gateway.kind.as_str() {
        "smtp" => in_mail(gateway, want),
        "sip" => in_trunk(gateway, want),
        _ => in_texts(gateway, want),
    }
}

fn in_mail(gateway: &Gateway, want: &mut dyn FnMut(bool, &str, &str)) {
    want(!gateway.host.is_empty(), "host", "must be set");
    want(gateway.port != 0, "port", "must be set");
    want(gateway.from.len() == 1, "from", "must be one mailbox");
    let account = gateway.username.is_empty() == gateway.password_file.is_none();
    want(account, "username", "belongs together with password_file");
}

fn in_trunk(gateway: &Gateway, want: &mut dyn FnMut(bool, &str, &str)) {
    gateway.sip.mistakes(want);
    let account = gateway.username.is_empty() == gateway.password_file.is_none();
    want(account, "username", "belongs together with password_file");
    let registers = gateway.sip.register_seconds > 0;
    want(!registers || !gateway.username.is_empty(), "username", "must be set where the trunk wants a registration");
    want(gateway.from.len() == 1 && gateway.from[0].starts_with('+'), "from", "must be one number, E.164");
    want(gateway.max_in_flight > 0, "max_in_flight", "must be at least 1");
    want(gateway.queue > 0, "queue", "must be at least 1");
}

fn in_texts(gateway: &Gateway, want: &mut dyn FnMut(bool, &str, &str)) {
    want(!gateway.account_sid.is_empty(), "account_sid", "must be set");
    let tokens = (!gateway.auth_token.expose().is_empty(), gateway.auth_token_file.is_some());
    want(tokens.0 || tokens.1, "auth_token", "must be set, or auth_token_file");
    want(!(tokens.0 && tokens.1), "auth_token", "must not be set beside auth_token_file");
    let second = gateway.second_auth_token.is_some() && gateway.second_auth_token_file.is_some();
    want(!second, "second_auth_token", "must not be set beside second_auth_token_file");
    let key = gateway.api_key_sid.is_some() == gateway.api_key_secret_file.is_some();
    want(key, "api_key_sid", "belongs together with api_key_secret_file");
    let sender = !gateway.from.is_empty() || gateway.messaging_service_sid.is_some();
    want(sender, "from", "must have a number, or set messaging_service_sid");
    want(gateway.texts || gateway.calls, "texts", "or calls must be on");
    want(!gateway.calls || !gateway.from.is_empty(), "from", "must have a number that calls come from");
    want(gateway.max_calls > 0, "max_calls", "must be at least 1");
    want(gateway.max_in_flight > 0, "max_in_flight", "must be at least 1");
    want(gateway.queue > 0, "queue", "must be at least 1");
}
