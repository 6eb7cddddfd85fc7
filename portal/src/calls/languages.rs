//! The languages that calls speak, and which of them is nearest to one that was asked for.
//! Refuses to fail: who asks for one that is not there hears English.

/// A language that calls speak.
pub struct SpokenLanguage {
    /// BCP 47, as the settings have it.
    pub tag: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// With the region whose accent is spoken, as gateways that speak by themselves ask for it.
    pub region: &'static str,
    /// The texts; a later file replaces what it has in common with an earlier one.
    pub(super) texts: &'static [&'static str],
    /// The sound that was made of them.
    pub(super) pack: &'static [u8],
    /// What stands between digits that are written as words.
    pub(super) joint: &'static str,
}

const fn language(
    names: [&'static str; 3],
    texts: &'static [&'static str],
    pack: &'static [u8],
    joint: &'static str,
) -> SpokenLanguage {
    let [tag, name, region] = names;
    SpokenLanguage { tag, name, region, texts, pack, joint }
}

macro_rules! texts {
    ($($tag:literal),*) => { &[$(include_str!(concat!("../../texts/calls/", $tag, ".ftl"))),*] };
}

macro_rules! pack {
    ($tag:literal) => {
        include_bytes!(concat!("../../audio/", $tag, ".pack"))
    };
}

static LANGUAGES: [SpokenLanguage; 11] = [
    language(["en", "English", "en-US"], texts!["en"], pack!("en"), ", "),
    language(["en-GB", "English (UK)", "en-GB"], texts!["en", "en-GB"], pack!("en-GB"), ", "),
    language(["de", "Deutsch", "de-DE"], texts!["de"], pack!("de"), ", "),
    language(["fr", "Français", "fr-FR"], texts!["fr"], pack!("fr"), ", "),
    language(["es", "Español", "es-ES"], texts!["es"], pack!("es"), ", "),
    language(["it", "Italiano", "it-IT"], texts!["it"], pack!("it"), ", "),
    language(["pt", "Português", "pt-BR"], texts!["pt"], pack!("pt"), ", "),
    language(["nl", "Nederlands", "nl-NL"], texts!["nl"], pack!("nl"), ", "),
    language(["pl", "Polski", "pl-PL"], texts!["pl"], pack!("pl"), ", "),
    language(["ja", "日本語", "ja-JP"], texts!["ja"], pack!("ja"), "、"),
    language(["zh", "中文", "zh-CN"], texts!["zh"], pack!("zh"), "、"),
];

/// Where a telephone has a hash key and not a pound key, of those that ask for English.
const HASH_KEYS: [&str; 7] = ["GB", "IE", "AU", "NZ", "ZA", "IN", "SG"];

/// Every language that calls speak; the first is what is said for an unknown one.
pub fn languages() -> &'static [SpokenLanguage] {
    &LANGUAGES
}

/// The place in [`languages`] of the nearest one (RFC 4647 §3.4: what stands behind is dropped until something fits).
pub(super) fn nearest(asked: &str) -> usize {
    let mut subtags = asked.split(['-', '_']);
    let primary = subtags.next().unwrap_or_default();
    let british = subtags.any(|subtag| HASH_KEYS.iter().any(|region| region.eq_ignore_ascii_case(subtag)));
    let tag = match primary.to_ascii_lowercase().as_str() {
        "en" if british => "en-GB".to_owned(),
        "cmn" => "zh".to_owned(),
        other => other.to_owned(),
    };
    LANGUAGES.iter().position(|language| language.tag == tag).unwrap_or_default()
}
