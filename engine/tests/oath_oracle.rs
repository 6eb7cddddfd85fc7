//! Compares the codes with those of another implementation: Debian's `oathtool`.
//! Refuses to pass without it: install the package `oathtool` (`script/test` does).

use engine::moment::Moment;
use engine::oath::{Algorithm, hotp, totp};
use std::process::Command;

/// Random bits that a failure can be repeated with (SplitMix64).
struct Dice(u64);

impl Dice {
    /// Seeded from `OATH_SEED`, else from the process id; the seed is printed.
    fn new() -> Self {
        let given = std::env::var("OATH_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
        println!("OATH_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn secret(&mut self) -> Vec<u8> {
        let length = 10 + self.below(71);
        (0..length).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}

fn oathtool(arguments: &[String]) -> String {
    let output = Command::new("oathtool").args(arguments).output();
    let output = output.expect("`oathtool` is missing: apt-get install oathtool");
    assert!(output.status.success(), "oathtool {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("codes are ASCII").trim().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn hotp_agrees_with_oathtool() {
    let mut dice = Dice::new();
    for round in 0..100 {
        let (secret, digits) = (dice.secret(), 6 + (round % 3) as u8);
        let counter = dice.next() >> (1 + dice.below(63));
        let arguments = [format!("--digits={digits}"), format!("--counter={counter}"), hex(&secret)];
        let ours = hotp::code(&secret, counter, digits, Algorithm::Sha1);
        assert_eq!(ours, oathtool(&arguments), "round {round}: {arguments:?}");
    }
}

#[test]
fn totp_agrees_with_oathtool() {
    let mut dice = Dice::new();
    let hashes = [(Algorithm::Sha1, "SHA1"), (Algorithm::Sha256, "SHA256"), (Algorithm::Sha512, "SHA512")];
    for round in 0..180 {
        let (secret, digits) = (dice.secret(), 6 + (round / 3 % 3) as u8);
        let (algorithm, name) = hashes[round % 3];
        let (period, seconds) = ([30, 60][round / 9 % 2], dice.below(4_000_000_000));
        let arguments = [
            format!("--totp={name}"),
            format!("--digits={digits}"),
            format!("--time-step-size={period}s"),
            format!("--now=@{seconds}"),
            hex(&secret),
        ];
        let ours = totp::code(&secret, Moment::from_millis(seconds * 1000), period, digits, algorithm);
        assert_eq!(ours, oathtool(&arguments), "round {round}: {arguments:?}");
    }
}
