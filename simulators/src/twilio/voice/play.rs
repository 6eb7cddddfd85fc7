//! Carries documents out on a line that was answered: speaks, listens, presses keys, asks for the next document.
//! It decides nothing about the call's status: it only says how the conversation ended.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::book::{Change, Placed, Source};
use super::gather::{Gathered, Keys};
use super::interruption::{Between, Over, between};
use super::parameters;
use super::script::{self, Gather, Verb};
use crate::calls::{Person, Prompt};
use crate::delivery::Exchange;
use crate::gateway::Gateway;
use crate::twilio::webhook::Parameters;

/// For each character of what is said.
const SPEECH: Duration = Duration::from_millis(5);
/// A sound of somebody's, and a key that is pressed.
const SOUND: Duration = Duration::from_millis(100);
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// Documents of one call, so that two that redirect to each other come to an end.
const MOST_DOCUMENTS: u32 = 200;
/// What the provider says where a document cannot be had or carried out.
const APOLOGY: &str = "We are sorry, an application error has occurred. Goodbye.";

/// What leaves a document before its end.
enum Leave {
    Next(Source, Parameters),
    Over(Over),
}

type Carried<T> = Result<T, Leave>;

/// A line that was answered.
pub(super) struct Line<'a> {
    pub(super) exchange: &'a Exchange,
    pub(super) gateway: &'a Gateway,
    pub(super) placed: &'a Arc<Placed>,
    pub(super) person: &'a mut Person,
    pub(super) changes: &'a mut mpsc::Receiver<Change>,
    /// When the call may last no longer.
    pub(super) limit: Option<Instant>,
    pub(super) twice: bool,
}

impl Line<'_> {
    /// Carries out one document after another, until the end.
    pub(super) async fn play(&mut self, first: Source) -> Over {
        let (mut source, mut more, mut base) = (first, Parameters::new(), None);
        for _ in 0..MOST_DOCUMENTS {
            if let Source::Url(url) = &source {
                base = resolved(url, base.as_ref());
            }
            let left = match self.document(&source, base.as_ref(), &more).await {
                Ok(verbs) => self.carry_out(&verbs, base.as_ref()).await,
                Err(leave) => leave,
            };
            match left {
                Leave::Next(next, parameters) => (source, more) = (next, parameters),
                Leave::Over(Over::Failed) => return self.apologize().await,
                Leave::Over(over) => return over,
            }
        }
        self.apologize().await
    }

    /// Presses keys, and does nothing else meanwhile.
    pub(super) async fn press(&mut self, keys: &str) -> Result<(), Over> {
        match self.press_keys(keys).await {
            // There is no document yet that another could be said instead of.
            Ok(()) | Err(Leave::Next(..)) => Ok(()),
            Err(Leave::Over(over)) => Err(over),
        }
    }

    /// Waits, whatever is pressed.
    pub(super) async fn listen_for(&mut self, time: Duration) -> Result<(), Over> {
        match self.pass(time).await {
            Ok(()) | Err(Leave::Next(..)) => Ok(()),
            Err(Leave::Over(over)) => Err(over),
        }
    }

    async fn document(
        &mut self,
        source: &Source,
        base: Option<&reqwest::Url>,
        more: &Parameters,
    ) -> Carried<Vec<Verb>> {
        let twiml = match (source, base) {
            (Source::Twiml(twiml), _) => twiml.clone(),
            (Source::Url(_), Some(url)) => self.fetch(url, more).await?,
            (Source::Url(_), None) => return Err(failed("its address is no URL")),
        };
        script::read(&twiml).map_err(|wrong| failed(&wrong))
    }

    /// The customer is asked, and whoever is on the phone may hang up meanwhile.
    async fn fetch(&mut self, url: &reqwest::Url, more: &Parameters) -> Carried<String> {
        let mut parameters = parameters::of_call(self.gateway, self.placed, "in-progress");
        parameters.extend(more.iter().cloned());
        let asked = self.exchange.webhooks.post(self.gateway, url.as_str(), &parameters, self.twice);
        let mut asked = Box::pin(asked);
        loop {
            tokio::select! {
                answer = &mut asked => return match answer {
                    Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.body),
                    Ok(answer) => Err(failed(&format!("it was answered with {}", answer.status))),
                    Err(error) => Err(failed(&error)),
                },
                between = between(self.person, self.changes, self.limit, None) => match between {
                    // Nobody listens yet.
                    Some(Between::Key(_)) | None => {}
                    Some(Between::Say(source)) => return Err(Leave::Next(source, Parameters::new())),
                    Some(Between::Over(over)) => return Err(Leave::Over(over)),
                },
            }
        }
    }

    /// A document that comes to its end hangs up.
    async fn carry_out(&mut self, verbs: &[Verb], base: Option<&reqwest::Url>) -> Leave {
        let mut spoke = false;
        for verb in verbs {
            let done = match verb {
                Verb::Gather(gather) => self.gather(gather, &mut spoke, base).await,
                Verb::Redirect(url) => next(url.as_deref(), base, Parameters::new()),
                Verb::HangUp => Err(Leave::Over(Over::Caller)),
                Verb::Press(keys) => {
                    // Who is connected by them hears a new speaker.
                    spoke = false;
                    self.press_keys(keys).await
                }
                Verb::Say { .. } | Verb::Play { .. } | Verb::Pause(_) => {
                    let time = self.speak(verb, &mut spoke);
                    self.pass(time).await
                }
            };
            if let Err(leave) = done {
                return leave;
            }
        }
        Leave::Over(Over::Caller)
    }

    /// Begins to say it, and gives how long it takes.
    fn speak(&mut self, verb: &Verb, spoke: &mut bool) -> Duration {
        let (prompt, time) = match verb {
            Verb::Say { language, words, times } => {
                let characters = u32::try_from(words.chars().count()).unwrap_or(u32::MAX);
                let prompt = Prompt::Text { language: language.clone(), text: words.clone() };
                (prompt, (SPEECH * characters).saturating_mul(*times))
            }
            Verb::Play { url, times } => (Prompt::Text { language: None, text: url.clone() }, SOUND * *times),
            Verb::Pause(time) => return *time,
            Verb::Gather(_) | Verb::Redirect(_) | Verb::HangUp | Verb::Press(_) => return Duration::ZERO,
        };
        if !std::mem::replace(spoke, true) {
            self.person.prompt_began();
        }
        // What is beyond the limit of a call's prompts is said all the same.
        let _ = self.person.call().hear(prompt);
        time
    }

    async fn press_keys(&mut self, keys: &str) -> Carried<()> {
        for key in keys.chars() {
            match key {
                'w' => self.pass(HALF_A_SECOND).await?,
                'W' => self.pass(2 * HALF_A_SECOND).await?,
                key => {
                    self.person.hear_key(key);
                    self.pass(SOUND).await?;
                }
            }
        }
        Ok(())
    }

    /// Time goes by, and keys that are pressed are heard by nobody.
    async fn pass(&mut self, time: Duration) -> Carried<()> {
        let until = Instant::now() + time;
        loop {
            match between(self.person, self.changes, self.limit, Some(until)).await {
                None => return Ok(()),
                Some(Between::Key(_)) => {}
                Some(Between::Say(source)) => return Err(Leave::Next(source, Parameters::new())),
                Some(Between::Over(over)) => return Err(Leave::Over(over)),
            }
        }
    }

    async fn gather(&mut self, gather: &Gather, spoke: &mut bool, base: Option<&reqwest::Url>) -> Carried<()> {
        let mut keys = Keys::new(gather);
        let gathered = match self.speak_and_listen(gather, &mut keys, spoke).await? {
            Some(gathered) => gathered,
            None => self.only_listen(gather, keys).await?,
        };
        if gathered.digits.is_empty() && !gather.on_empty {
            return Ok(());
        }
        let parameters = vec![
            ("Digits", gathered.digits),
            ("FinishedOnKey", gathered.finished_on.map_or_else(String::new, String::from)),
            ("msg", "Gather End".to_owned()),
        ];
        next(gather.action.as_deref(), base, parameters)
    }

    /// A key stops what is said. Gives the keys where they were enough by then.
    async fn speak_and_listen(
        &mut self,
        gather: &Gather,
        keys: &mut Keys<'_>,
        spoke: &mut bool,
    ) -> Carried<Option<Gathered>> {
        for verb in &gather.nested {
            let until = match verb {
                Verb::Press(pressed) => {
                    self.press_keys(pressed).await?;
                    Instant::now()
                }
                Verb::Say { .. } | Verb::Play { .. } | Verb::Pause(_) => Instant::now() + self.speak(verb, spoke),
                // The reader lets none of these in.
                Verb::Gather(_) | Verb::Redirect(_) | Verb::HangUp => continue,
            };
            match between(self.person, self.changes, self.limit, Some(until)).await {
                None => {}
                Some(Between::Key(key)) => match keys.press(key) {
                    Some(gathered) => return Ok(Some(gathered)),
                    None => break,
                },
                Some(Between::Say(source)) => return Err(Leave::Next(source, Parameters::new())),
                Some(Between::Over(over)) => return Err(Leave::Over(over)),
            }
        }
        Ok(None)
    }

    async fn only_listen(&mut self, gather: &Gather, mut keys: Keys<'_>) -> Carried<Gathered> {
        if keys.is_empty() {
            self.person.prompt_over();
        }
        loop {
            let until = Instant::now() + gather.wait;
            match between(self.person, self.changes, self.limit, Some(until)).await {
                None => return Ok(keys.time_out()),
                Some(Between::Key(key)) => {
                    if let Some(gathered) = keys.press(key) {
                        return Ok(gathered);
                    }
                }
                Some(Between::Say(source)) => return Err(Leave::Next(source, Parameters::new())),
                Some(Between::Over(over)) => return Err(Leave::Over(over)),
            }
        }
    }

    async fn apologize(&mut self) -> Over {
        let mut spoke = false;
        let verb = Verb::Say { language: None, words: APOLOGY.to_owned(), times: 1 };
        let time = self.speak(&verb, &mut spoke);
        self.listen_for(time).await.err().unwrap_or(Over::Failed)
    }
}

fn next(url: Option<&str>, base: Option<&reqwest::Url>, parameters: Parameters) -> Carried<()> {
    let url = match url {
        Some(url) => resolved(url, base),
        None => base.cloned(),
    };
    Err(url.map_or_else(
        || failed("there is no address to ask next"),
        |url| Leave::Next(Source::Url(url.into()), parameters),
    ))
}

fn resolved(url: &str, base: Option<&reqwest::Url>) -> Option<reqwest::Url> {
    match base {
        Some(base) => base.join(url).ok(),
        None => reqwest::Url::parse(url).ok(),
    }
}

fn failed(why: &str) -> Leave {
    tracing::debug!(why, "a call's document cannot be carried out");
    Leave::Over(Over::Failed)
}
