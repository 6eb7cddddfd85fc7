//! Rules of the repository as a test: which crate may use which, and what every file begins with.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What each crate may depend on, of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("engine", &[]),
    ("store", &["engine"]),
    ("channels", &["engine"]),
    ("directory", &["engine"]),
    ("actors", &["engine", "store", "channels", "directory"]),
    ("portal", &["engine", "store", "channels", "directory", "actors"]),
    ("simulators", &[]),
    ("loadtest", &["simulators"]),
    ("fuzz", &["engine", "channels", "directory", "portal"]),
];

#[test]
fn the_arrows_between_the_crates_are_the_architecture() {
    let ours: Vec<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in ARROWS {
        let manifest = std::fs::read_to_string(Path::new(ROOT).join(name).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        let used = dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        for used in used.filter(|used| ours.contains(used)) {
            assert!(allowed.contains(&used), "{name} must not use {used}");
        }
    }
}

#[test]
fn the_engine_has_no_clock_no_randomness_no_io_and_no_async() {
    let manifest = std::fs::read_to_string(Path::new(ROOT).join("engine/Cargo.toml")).unwrap();
    for banned in ["tokio", "actix", "rand", "getrandom", "futures", "reqwest", "rusqlite"] {
        assert!(!manifest.lines().any(|line| line.starts_with(banned)), "engine uses {banned}");
    }
    for file in sources(&Path::new(ROOT).join("engine/src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for banned in ["SystemTime", "Instant::now", "std::fs", "std::net::Tcp", "async fn"] {
            assert!(!text.contains(banned), "{} has {banned}", file.display());
        }
    }
}

#[test]
fn pages_reach_the_engine_by_their_link_alone() {
    for file in sources(&Path::new(ROOT).join("portal/src/pages")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for banned in ["actors::", "store::", "directory::", "channels::"] {
            assert!(!text.contains(banned), "{} has {banned}", file.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let crates = ARROWS.iter().map(|(name, _)| *name);
    for folder in crates.chain(["src", "tests"]) {
        for file in sources(&Path::new(ROOT).join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.is_empty() || text.starts_with("//!"), "{} does not open with //!", file.display());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
