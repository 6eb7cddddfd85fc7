//! Looks names up, and keeps only addresses on the public internet.
//! Refuses a name that has none: whoever owns the name could otherwise point it at our own network.

use engine::webhook::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// The resolver. What it answers is what is connected to, so a name cannot change between the check and the call.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(public(found)?)
        })
    }
}

fn public(found: Vec<SocketAddr>) -> Result<Addrs, String> {
    let public: Vec<_> = found.into_iter().filter(|address| is_public(address.ip())).collect();
    if public.is_empty() {
        return Err("the name has no public address; webhooks.allow_private_addresses would allow others".into());
    }
    Ok(Box::new(public.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_of_a_name_are_left_out() {
        let address = |text: &str| -> SocketAddr { text.parse().unwrap() };
        let kept: Vec<_> = public(vec![address("10.0.0.1:0"), address("8.8.8.8:0")]).unwrap().collect();
        assert_eq!(kept, [address("8.8.8.8:0")]);
        assert!(public(vec![address("127.0.0.1:0")]).is_err());
        assert!(public(vec![]).is_err());
    }
}
