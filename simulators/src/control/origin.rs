//! Whether a request comes from our own page or from a program, not from another site's page.
//! It refuses by `Origin` and, while only loopback is served, by a foreign `Host` (DNS rebinding).

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use super::problem::Problem;
use crate::world::World;

pub(crate) fn check(world: &World, request: &HttpRequest) -> Result<(), Problem> {
    let host = header(request, HOST).unwrap_or_default();
    if !world.allow_remote && !is_loopback(host) {
        return Err(Problem::foreign("call the simulator by a loopback address or localhost"));
    }
    match header(request, ORIGIN) {
        Some(origin) if origin.split_once("://").map(|(_, authority)| authority) != Some(host) => {
            Err(Problem::foreign("this call came from another site's page"))
        }
        Some(_) | None => Ok(()),
    }
}

fn header(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_loopback_names() {
        for host in ["localhost:80", "127.0.0.1", "127.0.0.1:9", "[::1]:9", "LOCALHOST"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com:80", "localhost.example.com", "10.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
