//! Published vectors, and what an open line does to packets.

use super::*;
use engine::secret::Secret;

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).unwrap()
}

/// The master key and salt of RFC 3711 B.3.
fn master() -> MasterKey {
    Secret::new(bytes("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6").try_into().unwrap())
}

#[test]
fn keys_are_derived_as_rfc_3711_b_3_says() {
    let cases = [
        (0, "C61E7A93744F39EE10734AFE3FF7A087"),
        (1, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"),
        (2, "30CBBC08863D8C85D49DB34A9AE1"),
    ];
    for (label, expected) in cases {
        let mut key = vec![0; expected.len() / 2];
        derive(&master(), label, &mut key);
        assert_eq!(key, bytes(expected), "{label}");
    }
}

/// The packet that libsrtp's own tests protect with that key.
#[test]
fn a_known_packet_is_protected_and_opened() {
    let plain = bytes("800f1234decafbadcafebabeabababababababababababababababab");
    let secured = bytes("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
    let mut packet = plain.clone();
    Outbound::new(&master()).protect(&mut packet);
    assert_eq!(packet, secured);
    let length = inbound().open(&mut packet).unwrap();
    assert_eq!(packet[..length], plain);
}

fn inbound() -> Inbound {
    let mut inbound = None;
    Inbound::agree(&mut inbound, &master());
    inbound.unwrap()
}

fn packet(sequence: u16, ssrc: u8) -> Vec<u8> {
    let [high, low] = sequence.to_be_bytes();
    vec![0x80, 0, high, low, 0, 0, 0, 0, 0, 0, 0, ssrc, 1, 2, 3, 4]
}

/// Packets from this number on, over the end of the count.
fn protected(first: u16, count: u16) -> Vec<Vec<u8>> {
    let mut out = Outbound::new(&master());
    let packets = (0..count).map(|at| {
        let mut packet = packet(first.wrapping_add(at), 1);
        out.protect(&mut packet);
        packet
    });
    packets.collect()
}

fn opens(inbound: &mut Inbound, packet: &[u8]) -> bool {
    inbound.open(&mut packet.to_vec()).is_some()
}

#[test]
fn the_count_goes_over_its_end_in_any_order() {
    let (mut inbound, packets) = (inbound(), protected(65_530, 20));
    for at in [0, 1, 3, 2, 8, 4, 7, 5, 6, 10, 9, 19, 18] {
        let mut opened = packets[at].clone();
        let length = inbound.open(&mut opened).unwrap();
        assert_eq!(opened[..length], packet(65_530_u16.wrapping_add(at as u16), 1), "{at}");
    }
}

#[test]
fn nothing_comes_twice_or_from_far_back() {
    let (mut inbound, packets) = (inbound(), protected(5, 100));
    assert!(opens(&mut inbound, &packets[30]));
    assert!(!opens(&mut inbound, &packets[30]));
    assert!(opens(&mut inbound, &packets[93]));
    assert!(!opens(&mut inbound, &packets[29]));
    assert!(!opens(&mut inbound, &packets[30]));
    assert!(opens(&mut inbound, &packets[31]));
    assert!(!opens(&mut inbound, &packets[31]));
}

#[test]
fn a_change_anywhere_is_noticed() {
    let good = &protected(5, 1)[0];
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert!(!opens(&mut inbound(), &changed), "{at}");
    }
    for length in 0..good.len() {
        assert!(!opens(&mut inbound(), &good[..length]), "{length}");
    }
}

#[test]
fn the_same_key_again_forgets_nothing_and_another_one_all() {
    let packets = protected(5, 2);
    let mut current = Some(inbound());
    assert!(opens(current.as_mut().unwrap(), &packets[0]));
    Inbound::agree(&mut current, &master());
    assert!(!opens(current.as_mut().unwrap(), &packets[0]));
    Inbound::agree(&mut current, &crate::media::sdp::fresh_key());
    assert!(!opens(current.as_mut().unwrap(), &packets[1]));
}

#[test]
fn sources_have_an_end() {
    let mut inbound = inbound();
    let mut open = |ssrc| {
        let mut packet = packet(5, ssrc);
        Outbound::new(&master()).protect(&mut packet);
        inbound.open(&mut packet).is_some()
    };
    assert!((1..=8).all(&mut open));
    assert!(!open(9));
}

#[test]
fn keys_are_not_shown() {
    assert_eq!(format!("{:?}", Session::new(&master())), "Session");
}
