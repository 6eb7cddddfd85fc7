//! Where the gateway is.
//! Refuses to talk in clear beyond this machine, credentials inside an address, and a next page on another host.

use super::client::BuildError;
use reqwest::Url;

/// The addresses of one account's texts and calls.
pub(super) struct Address {
    base: Url,
    messages: Url,
    calls: Url,
}

impl Address {
    pub(super) fn new(base_url: &str, account_sid: &str) -> Result<Self, BuildError> {
        if account_sid.is_empty() || !account_sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(BuildError::AccountSid);
        }
        let base = Url::parse(base_url.trim_end_matches('/')).map_err(|_| BuildError::BaseUrl)?;
        if !base.username().is_empty() || base.password().is_some() || base.query().or(base.fragment()).is_some() {
            return Err(BuildError::BaseUrl);
        }
        let local = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            _ => return Err(BuildError::Clear),
        }
        let resource = |name| {
            let path = format!("/2010-04-01/Accounts/{account_sid}/{name}.json");
            below(&base, &path).ok_or(BuildError::BaseUrl)
        };
        Ok(Self { messages: resource("Messages")?, calls: resource("Calls")?, base })
    }

    pub(super) fn messages(&self) -> Url {
        self.messages.clone()
    }

    pub(super) fn calls(&self) -> Url {
        self.calls.clone()
    }

    /// One call, by its id of letters and digits.
    pub(super) fn call(&self, sid: &str) -> Url {
        let mut url = self.calls();
        let all = url.path().trim_end_matches(".json").to_owned();
        url.set_path(&format!("{all}/{sid}.json"));
        url
    }

    /// The provider writes a path from the root; anything else would take our credentials elsewhere.
    pub(super) fn page(&self, uri: &str) -> Option<Url> {
        if uri.starts_with('/') { below(&self.base, uri) } else { None }
    }
}

fn below(base: &Url, path: &str) -> Option<Url> {
    let url = Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).ok()?;
    (url.origin() == base.origin()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(base_url: &str) -> String {
        Address::new(base_url, "AC1").err().map_or_else(|| "taken".into(), |error| error.to_string())
    }

    #[test]
    fn texts_are_below_the_base() {
        for (base, expected) in [
            ("https://api.example.com", "https://api.example.com/2010-04-01/Accounts/AC1/Messages.json"),
            ("https://api.example.com/", "https://api.example.com/2010-04-01/Accounts/AC1/Messages.json"),
            ("HTTP://LocalHost:8080", "http://localhost:8080/2010-04-01/Accounts/AC1/Messages.json"),
            ("http://127.0.0.1:1/sim/", "http://127.0.0.1:1/sim/2010-04-01/Accounts/AC1/Messages.json"),
            ("http://[::1]:8080", "http://[::1]:8080/2010-04-01/Accounts/AC1/Messages.json"),
        ] {
            assert_eq!(Address::new(base, "AC1").unwrap().messages().as_str(), expected);
        }
    }

    #[test]
    fn calls_are_beside_them() {
        let address = Address::new("https://api.example.com/base/", "AC1").unwrap();
        assert_eq!(address.calls().as_str(), "https://api.example.com/base/2010-04-01/Accounts/AC1/Calls.json");
        assert_eq!(address.call("CA1").as_str(), "https://api.example.com/base/2010-04-01/Accounts/AC1/Calls/CA1.json");
    }

    #[test]
    fn only_this_machine_is_reached_in_clear() {
        for base in ["http://api.example.com", "http://127.0.0.1.example.com", "http://0.0.0.0", "ftp://127.0.0.1"] {
            assert_eq!(refused(base), BuildError::Clear.to_string(), "{base}");
        }
        for base in ["http://localhost:1@api.example.com", "https://user:pass@example.com", "https://user@example.com"]
        {
            assert_eq!(refused(base), BuildError::BaseUrl.to_string(), "{base}");
        }
        for base in ["", "api.example.com", "https://", "https://example.com/?x=1", "https://example.com/#x"] {
            assert_eq!(refused(base), BuildError::BaseUrl.to_string(), "{base}");
        }
    }

    #[test]
    fn an_account_is_letters_and_digits() {
        for sid in ["", "AC1/../AC2", "AC 1", "AC1?x"] {
            assert!(matches!(Address::new("https://example.com", sid), Err(BuildError::AccountSid)), "{sid}");
        }
    }

    #[test]
    fn the_next_page_is_on_the_same_host() {
        let address = Address::new("https://example.com:8443/base", "AC1").unwrap();
        let page = |uri| address.page(uri).map(String::from);
        assert_eq!(page("/a.json?Page=1"), Some("https://example.com:8443/base/a.json?Page=1".into()));
        assert_eq!(page("//example.org/a"), Some("https://example.com:8443/base//example.org/a".into()));
        for uri in ["", "a", ".example.org/a", "@example.org/a", ":1/a", "https://example.org/a", "\\\\example.org"] {
            assert_eq!(page(uri), None, "{uri}");
        }
        let bare = Address::new("https://example.com", "AC1").unwrap();
        assert_eq!(bare.page("@example.org/a"), None);
    }
}
