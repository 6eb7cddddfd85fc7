//! Settings that cannot work, one by one.
//! Refuses sockets.

use super::*;
use crate::sip::CallerId;
use engine::secret::Secret;
use std::time::Duration;

fn settings() -> SipSettings {
    SipSettings {
        name: "trunk".into(),
        addresses: vec!["192.0.2.9:5060".into()],
        transport: Carrier::Udp,
        tcp_for_large: false,
        domain: "carrier.example".into(),
        user: "us".into(),
        password: Secret::default(),
        caller: "+12025550100".into(),
        caller_id: CallerId::From,
        register: None,
        keep_alive: None,
        local_address: "192.0.2.1:5060".parse().unwrap(),
        advertised: None,
        sources: Vec::new(),
        rtp_ports: 10_000..=10_100,
        srtp: false,
        strict_source: true,
        ca_file: None,
    }
}

fn refused(change: fn(&mut SipSettings)) -> &'static str {
    let mut settings = settings();
    change(&mut settings);
    let checked = check(&settings);
    let Err(SipError::Setting { setting, .. }) = checked else { panic!("{checked:?}") };
    setting
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    assert_eq!(refused(|settings| settings.addresses.clear()), "addresses");
    assert_eq!(refused(|settings| settings.domain = "a b".into()), "domain");
    assert_eq!(refused(|settings| settings.domain.clear()), "domain");
    assert_eq!(refused(|settings| settings.user = "a>\r\nVia: x".into()), "user");
    assert_eq!(refused(|settings| settings.caller = "0202".into()), "caller");
    assert_eq!(refused(|settings| settings.local_address = "0.0.0.0:5060".parse().unwrap()), "advertised");
    let nobody = |settings: &mut SipSettings| {
        settings.user.clear();
        settings.register = Some(Duration::from_secs(60));
    };
    assert_eq!(refused(nobody), "user");
}

#[test]
fn the_advertised_address_is_told() {
    let mut settings = settings();
    assert_eq!(check(&settings).unwrap(), settings.local_address.ip());
    settings.advertised = Some("203.0.113.1".parse().unwrap());
    let advertised = check(&settings).unwrap();
    let told = identity(&settings, SocketAddr::new(advertised, 5070));
    assert_eq!((told.via.as_str(), told.contact.as_str()), ("UDP 203.0.113.1:5070", "sip:us@203.0.113.1:5070"));
}
