//! What holds for the texts of every language, and that the sound was made of them.

use crate::calls::languages;
use crate::calls::pack::{Pack, Voice};
use crate::calls::parts::{Gap, Part, parts};
use crate::calls::script::Script;
use engine::prompt::Prompt;
use std::collections::{BTreeMap, BTreeSet};

/// Each message and attribute with its line.
fn lines(texts: &[&str]) -> BTreeMap<String, String> {
    let (mut found, mut message) = (BTreeMap::new(), String::new());
    for line in texts.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, value) = line.split_once(" = ").expect("each text stands on one line");
        let key = match key.strip_prefix("    .") {
            Some(attribute) => format!("{message}.{attribute}"),
            None => {
                // What replaces a message replaces its attributes too.
                found.retain(|other: &String, _| !other.starts_with(&format!("{key}.")));
                key.to_owned()
            }
        };
        key.split('.').next().unwrap_or_default().clone_into(&mut message);
        found.insert(key, value.to_owned());
    }
    found
}

/// The names of what is put in.
fn places(line: &str) -> BTreeSet<&str> {
    line.split("{ $").skip(1).map(|rest| rest.split(" }").next().unwrap_or_default()).collect()
}

/// Which gaps a prompt may have: what §16 puts into it in English.
fn expected(prompt: Prompt) -> BTreeSet<&'static str> {
    let english = lines(languages()[0].texts);
    places(&english[prompt.as_str()]).into_iter().map(|place| known(place).expect("a variable of §16")).collect()
}

fn known(place: &str) -> Option<&'static str> {
    let names = Gap::ALL.into_iter().map(Gap::name);
    names.chain(["hash"]).find(|name| *name == place)
}

#[test]
fn every_language_has_every_prompt_with_the_same_variables() {
    for language in languages() {
        let found = lines(language.texts);
        for prompt in Prompt::ALL {
            let line = found.get(prompt.as_str()).unwrap_or_else(|| panic!("{} lacks {prompt}", language.tag));
            assert_eq!(places(line), expected(*prompt), "{} {prompt}", language.tag);
        }
    }
}

#[test]
fn nobody_recorded_the_names_of_companies_and_applications() {
    for language in languages() {
        let found = lines(language.texts);
        for prompt in Prompt::ALL {
            let attribute = |name: &str| found.get(&format!("{prompt}.{name}"));
            let named = places(&found[prompt.as_str()]).iter().any(|place| ["company", "application"].contains(place));
            assert_eq!(attribute("nameless").is_some(), named, "{} {prompt}", language.tag);
            let mut without = expected(*prompt);
            without.retain(|place| !["company", "application"].contains(place));
            for line in ["nameless", "sound"].iter().filter_map(|name| attribute(name)) {
                assert_eq!(places(line), without, "{} {prompt}: {line}", language.tag);
            }
        }
    }
}

#[test]
fn nothing_is_there_that_is_not_said() {
    let words = (0..10).map(|digit| format!("digit-{digit}")).chain((4..=16).map(|count| format!("digits-{count}")));
    let mut known: BTreeSet<String> = words.collect();
    known.extend(["language-name", "hash", "key-star", "key-hash"].map(str::to_owned));
    known.extend(Prompt::ALL.iter().map(|prompt| prompt.as_str().to_owned()));
    for language in languages() {
        let found = lines(language.texts);
        let keys: BTreeSet<_> = found.keys().map(|key| key.split('.').next().unwrap_or_default().to_owned()).collect();
        assert_eq!(keys, known, "{}", language.tag);
        for key in found.keys().filter_map(|key| key.split_once('.')) {
            let settings = key.0 == "language-name" && ["voice", "pace", "pin"].contains(&key.1);
            assert!(settings || ["nameless", "sound"].contains(&key.1), "{} {key:?}", language.tag);
        }
    }
}

#[test]
fn fluent_reads_what_stands_in_the_files() {
    for language in languages() {
        let (script, found) = (Script::read(language), lines(language.texts));
        assert_eq!(language.name, found["language-name"]);
        for (key, line) in &found {
            let (message, attribute) = key.split_once('.').map_or((&**key, None), |(key, one)| (key, Some(one)));
            let mut expected = line.replace("{ $hash }", "<hash>");
            for gap in Gap::ALL {
                expected = expected.replace(&format!("{{ ${} }}", gap.name()), &gap.mark().to_string());
            }
            let written = script.written(message, attribute, "<hash>");
            assert_eq!(written.as_deref(), Some(&*expected), "{} {key}", language.tag);
            assert!(!expected.trim().is_empty() && !expected.contains(['{', '}']), "{} {key}", language.tag);
        }
    }
}

#[test]
fn the_sound_was_made_of_the_present_texts() {
    for language in languages() {
        let (script, found) = (Script::read(language), lines(language.texts));
        let voice = Voice { name: found["language-name.voice"].clone(), pace: found["language-name.pace"].clone() };
        let mut names = BTreeSet::new();
        for key in found.keys().filter(|key| !key.contains('.') && !["language-name", "hash"].contains(&&***key)) {
            for part in parts(&script.sound(key)) {
                if let Part::Words(words) = part {
                    let made = script.recorded(&words).is_some();
                    assert!(made, "{} {key}: run script/prompts, there is no sound of: {words}", language.tag);
                    names.insert(voice.saying(&words));
                }
            }
        }
        let pack: BTreeSet<_> = Pack::read(language.pack).expect("it was read").all().map(|(name, _)| name).collect();
        assert_eq!(pack, names, "{}: the pack has sound of texts that are no more; run script/prompts", language.tag);
    }
}

#[test]
fn the_page_about_prompts_has_the_english_texts() {
    let page = include_str!("../../../../docs/prompts.md");
    let found = lines(languages()[0].texts);
    for prompt in Prompt::ALL {
        let text = found[prompt.as_str()].replace("{ $", "{").replace(" }", "}");
        assert!(page.contains(&format!("| {text} |")), "docs/prompts.md has another text of {prompt}");
    }
}
