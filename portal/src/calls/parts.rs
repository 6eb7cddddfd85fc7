//! How a text falls into what is recorded: words up to a gap or the end of a sentence, gaps to be filled, and the pauses
//! between. `script/speak.py` cuts the same words; a test compares the two by what is in the packs.
//! Refuses names of companies and applications as sound: nobody recorded them.

/// What is put into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Company,
    Application,
    FraudCode,
    Extension,
    Min,
}

impl Gap {
    pub const ALL: [Self; 5] = [Self::Company, Self::Application, Self::FraudCode, Self::Extension, Self::Min];

    /// The name in the texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Application => "application",
            Self::FraudCode => "fraud_code",
            Self::Extension => "extension",
            Self::Min => "min",
        }
    }

    /// Stands for it once Fluent has done its part: of a range that Unicode leaves to programs.
    pub const fn mark(self) -> char {
        match self {
            Self::Company => '\u{E000}',
            Self::Application => '\u{E001}',
            Self::FraudCode => '\u{E002}',
            Self::Extension => '\u{E003}',
            Self::Min => '\u{E004}',
        }
    }

    pub fn of(mark: char) -> Option<Self> {
        Self::ALL.into_iter().find(|gap| gap.mark() == mark)
    }
}

/// A part of what is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// One recording.
    Words(String),
    /// Recordings of digits.
    Gap(Gap),
    /// Silence.
    Pause(Pause),
}

/// How long nothing is said between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pause {
    /// Between words of one breath.
    Join,
    /// At a comma.
    Comma,
    /// At the end of a sentence.
    Sentence,
}

impl Pause {
    pub const fn millis(self) -> usize {
        match self {
            Self::Join => 60,
            Self::Comma => 180,
            Self::Sentence => 350,
        }
    }
}

/// The parts of a text whose gaps are marks.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut found = vec![];
    for run in text.split_inclusive(|c| Gap::of(c).is_some()) {
        let gap = run.chars().next_back().and_then(Gap::of);
        let words = gap.map_or(run, |gap| run.trim_end_matches(gap.mark()));
        sentences(words).for_each(|sentence| add(&mut found, sentence));
        if let Some(gap) = gap {
            found.push(Part::Gap(gap));
            pause(&mut found, Pause::Join);
        }
    }
    if let Some(Part::Pause(_)) = found.last() {
        found.pop();
    }
    found
}

fn sentences(run: &str) -> impl Iterator<Item = &str> {
    let mut ended = false;
    run.split_inclusive(move |c| {
        let split = is_wide_stop(c) || (ended && c == ' ');
        ended = is_stop(c);
        split
    })
}

fn add(found: &mut Vec<Part>, sentence: &str) {
    let sentence = sentence.trim_matches(' ');
    if sentence.starts_with(is_comma) {
        pause(found, Pause::Comma);
    }
    let words = sentence.trim_matches(|c| is_comma(c) || c == ' ');
    if !words.trim_matches(is_stop).is_empty() {
        found.push(Part::Words(words.to_owned()));
        pause(found, Pause::Join);
    }
    match sentence.chars().next_back() {
        Some(last) if is_stop(last) => pause(found, Pause::Sentence),
        Some(last) if is_comma(last) => pause(found, Pause::Comma),
        Some(_) | None => {}
    }
}

/// The longest of the pauses that meet is made; none before the first word.
fn pause(found: &mut Vec<Part>, longer: Pause) {
    match found.last_mut() {
        Some(Part::Pause(there)) => *there = longer.max(*there),
        Some(Part::Words(_) | Part::Gap(_)) => found.push(Part::Pause(longer)),
        None => {}
    }
}

const fn is_wide_stop(c: char) -> bool {
    matches!(c, '\u{3002}' | '\u{FF1F}' | '\u{FF01}')
}

const fn is_stop(c: char) -> bool {
    matches!(c, '.' | '?' | '!') || is_wide_stop(c)
}

const fn is_comma(c: char) -> bool {
    matches!(c, ',' | ':' | ';' | '\u{3001}' | '\u{FF0C}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut marked = text.to_owned();
        for gap in Gap::ALL {
            marked = marked.replace(&format!("{{{}}}", gap.name()), &gap.mark().to_string());
        }
        let said = parts(&marked).into_iter().map(|part| match part {
            Part::Words(words) => format!("[{words}]"),
            Part::Gap(gap) => format!("<{}>", gap.name()),
            Part::Pause(pause) => pause.millis().to_string(),
        });
        assert_eq!(said.collect::<Vec<_>>().join(" "), expected, "{text}");
    }

    #[test]
    fn a_text_falls_at_gaps_and_ends_of_sentences() {
        check("Done, you are in. Goodbye.", "[Done, you are in.] 350 [Goodbye.]");
        check("Press {fraud_code}, then go on. Now!", "[Press] 60 <fraud_code> 180 [then go on.] 350 [Now!]");
        check("At {extension}. Please.", "[At] 60 <extension> 350 [Please.]");
        check("{min} e basta", "<min> 60 [e basta]");
        check("au {fraud_code} : voilà.", "[au] 60 <fraud_code> 180 [voilà.]");
        check("はい。{min} です。", "[はい。] 350 <min> 60 [です。]");
        check("{extension}{min}", "<extension> 60 <min>");
        check("...", "");
        check(" , ", "");
        check("", "");
    }
}
