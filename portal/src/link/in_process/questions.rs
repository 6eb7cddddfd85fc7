//! Security questions of a person: chosen, answered, and drawn for a login (mfa-server.md §17).
//! Refuses to keep an answer, to say which of several was wrong, and to be tried for ever.

use super::places::Deed;
use super::verify::request;
use super::{InProcess, away};
use crate::link::{Answered, Answering, Away, Catalogue, GivenAnswer, QuestionView, Reply, Saved};
use crate::questions::all;
use actors::{AnswersRecord, Idempotency, NotWritten, QuestionRecord, Refused, StartError, Versioned};
use data_encoding::HEXLOWER;
use directory::hash;
use engine::id::{ApiKeyId, QuestionId};
use engine::login::LoginStage;
use engine::notice::Notice;
use engine::person::User;
use engine::question::{AnswerFault, CHOSEN, Chosen, faults, plain};
use engine::request::Request;
use engine::secret::Secret;
use engine::verification::Purpose;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::HashMap;

impl Answering for InProcess {
    fn catalogue<'a>(&'a self, handle: &'a str, language: &'a str) -> Reply<'a, Catalogue> {
        Box::pin(self.what_to_choose(handle, language))
    }

    fn save_answers<'a>(&'a self, handle: &'a str, language: &'a str, given: Vec<GivenAnswer>) -> Reply<'a, Saved> {
        Box::pin(self.save_chosen(handle, language, given))
    }

    fn drawn<'a>(&'a self, handle: &'a str) -> Reply<'a, Vec<QuestionView>> {
        Box::pin(self.draw(handle))
    }

    fn answer<'a>(&'a self, handle: &'a str, answers: Vec<Secret<String>>, once: &'a str) -> Reply<'a, Answered> {
        Box::pin(self.judge_answers(handle, answers, once))
    }
}

type Known = HashMap<QuestionId, QuestionRecord>;

fn view(id: QuestionId, record: &QuestionRecord) -> QuestionView {
    QuestionView { id, text: record.question.text.clone(), language: record.question.language.clone() }
}

impl InProcess {
    async fn questions(&self) -> Result<Vec<(QuestionId, QuestionRecord)>, Away> {
        all(&self.engine).await.map_err(away)
    }

    async fn answers(&self, name: &str) -> Result<Versioned<AnswersRecord>, Away> {
        let found = self.engine.document::<AnswersRecord>(name).await.map_err(away)?;
        Ok(found.unwrap_or(Versioned { version: 0, value: AnswersRecord::default() }))
    }

    async fn what_to_choose(&self, handle: &str, language: &str) -> Result<Catalogue, Away> {
        let found = self.find(handle).await?.filter(|found| found.user.set_up && found.strength().is_some());
        let Some(found) = found else { return Ok(Catalogue::default()) };
        let questions = self.questions().await?;
        let answers = self.answers(&found.user.name).await?.value;
        let chosen: Vec<_> = answers.chosen.iter().map(|chosen| chosen.question).collect();
        let active = |id: &QuestionId| questions.iter().any(|(own, one)| own == id && one.question.active);
        let offered = questions
            .iter()
            .filter(|(id, one)| (one.question.active && one.question.language == language) || chosen.contains(id));
        Ok(Catalogue {
            questions: offered.map(|(id, one)| view(*id, one)).collect(),
            retired: !chosen.iter().all(active),
            chosen,
        })
    }

    async fn save_chosen(&self, handle: &str, language: &str, given: Vec<GivenAnswer>) -> Result<Saved, Away> {
        let policy = self.engine.policy();
        let Some(found) =
            self.find(handle).await?.filter(|found| found.is_strong() && policy.portal.questions_fallback)
        else {
            return Ok(Saved::NotAllowed);
        };
        let mut answers = self.answers(&found.user.name).await?;
        if !answers.value.chosen.is_empty() && !policy.portal.allow_change_questions {
            return Ok(Saved::NotAllowed);
        }
        let mut known: Known = self.questions().await?.into_iter().collect();
        // What is not on offer can only stay.
        let stays = |id: &QuestionId| answers.value.chosen.iter().any(|chosen| chosen.question == *id);
        known.retain(|id, one| stays(id) || (one.question.active && one.question.language == language));
        let typed: Vec<_> = given
            .iter()
            .map(|one| {
                let question = one.question.and_then(|id| Some((id, known.get(&id)?.question.text.as_str())));
                (question, one.answer.expose().as_str())
            })
            .collect();
        let kept = |place: usize| {
            let question = given[place].question?;
            let stored = answers.value.chosen.iter().find(|chosen| chosen.question == question);
            stored.filter(|_| given[place].answer.expose().is_empty()).cloned()
        };
        // What stays as it is need not be typed again.
        let wrong = faults(&typed)
            .into_iter()
            .filter(|(place, fault)| kept(*place).is_none() || *fault == AnswerFault::QuestionTwice);
        let mut wrong: Vec<_> = wrong.collect();
        for place in 0..given.len() {
            if kept(place).is_none() && self.is_kept(&given, place, &kept).await? {
                wrong.push((place, AnswerFault::AnswerTwice));
            }
        }
        if !wrong.is_empty() || given.len() != CHOSEN {
            return Ok(Saved::Faults(wrong));
        }
        let mut chosen = Vec::with_capacity(CHOSEN);
        for (place, one) in given.iter().enumerate() {
            let Some(question) = one.question else { return Ok(Saved::NotAllowed) };
            chosen.push(match kept(place) {
                Some(stored) => stored,
                None => Chosen { question, hash: self.hashed(one.answer.expose()).await? },
            });
        }
        answers.value.chosen = chosen;
        let deed = Deed::of(self, &found.login.value, "");
        let now = self.engine.now();
        let mut operations = vec![answers.write(&found.user.name)];
        operations.extend(deed.done(&found.user, &policy, ("portal.questions", Notice::QuestionsChanged), now));
        self.engine.commit(operations).await.map_err(away)?;
        self.engine.tell();
        self.remind_of_questions_anew(&found.user).await?;
        Ok(Saved::Done)
    }

    /// One that is retired later is a new reason to be asked.
    async fn remind_of_questions_anew(&self, user: &User) -> Result<(), Away> {
        if user.put_off.questions == 0 {
            return Ok(());
        }
        let key = user.name.clone();
        self.amended(&user.name, move |person, _, _| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            user.value.put_off.questions = 0;
            Ok(((), vec![user.write(&key)]))
        })
        .await
    }

    /// Whether what is typed at a place is an answer that stays at another one.
    async fn is_kept(
        &self,
        given: &[GivenAnswer],
        place: usize,
        kept: &impl Fn(usize) -> Option<Chosen>,
    ) -> Result<bool, Away> {
        for stored in (0..given.len()).filter_map(kept) {
            let same = hash::check(Some(stored.hash), self.keyed(given[place].answer.expose())).await;
            if same.map_err(|busy| Away(busy.to_string()))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Under the server's key first: who reads the store cannot try answers, of which there are few.
    fn keyed(&self, answer: &str) -> Secret<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.answer_key).expect("HMAC takes a key of any length");
        mac.update(plain(answer).as_bytes());
        Secret::new(HEXLOWER.encode(&mac.finalize().into_bytes()))
    }

    async fn hashed(&self, answer: &str) -> Result<String, Away> {
        hash::make(self.keyed(answer)).await.map_err(|busy| Away(busy.to_string()))
    }

    /// Drawn once for a login, and the same when the page is loaded again.
    async fn draw(&self, handle: &str) -> Result<Vec<QuestionView>, Away> {
        let policy = self.engine.policy();
        let Some(found) = self.find(handle).await?.filter(|found| found.user.set_up && found.strength().is_none())
        else {
            return Ok(vec![]);
        };
        let answers = self.answers(&found.user.name).await?.value;
        let usable = answers.chosen.len() >= CHOSEN && answers.rounds.open(self.engine.now());
        if !policy.portal.questions_fallback || !usable {
            return Ok(vec![]);
        }
        let mut drawn = found.login.value.drawn.clone();
        if drawn.is_empty() {
            drawn = answers.chosen.iter().map(|chosen| chosen.question).collect();
            shuffle(&mut drawn);
            drawn.truncate(usize::from(policy.portal.questions_to_answer));
            let fresh = drawn.clone();
            self.change_login(handle, |found| {
                found.login.value.drawn.clone_from(&fresh);
                true
            })
            .await?;
        }
        let known: Known = self.questions().await?.into_iter().collect();
        Ok(drawn.iter().filter_map(|id| Some(view(*id, known.get(id)?))).collect())
    }

    async fn judge_answers(&self, handle: &str, given: Vec<Secret<String>>, once: &str) -> Result<Answered, Away> {
        let drawn = self.draw(handle).await?;
        let Some(found) = self.find(handle).await? else { return Ok(Answered::Paused) };
        if drawn.is_empty() {
            return Ok(Answered::Paused);
        }
        let mut answers = self.answers(&found.user.name).await?;
        if !answers.value.rounds.open(self.engine.now()) || !self.may_answer(handle).await? {
            return Ok(Answered::Paused);
        }
        // Counted before it is looked at, so that many at once are counted for each.
        answers.value.rounds.failed(self.engine.now());
        match self.engine.commit(vec![answers.write(&found.user.name)]).await {
            Ok(()) => {}
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => return Ok(Answered::Paused),
            Err(why) => return Err(away(why)),
        }
        let mut right = given.len() == drawn.len();
        for (question, answer) in drawn.iter().zip(given) {
            let stored = answers.value.chosen.iter().find(|chosen| chosen.question == question.id);
            let fits = hash::check(stored.map(|chosen| chosen.hash.clone()), self.keyed(answer.expose())).await;
            right &= fits.map_err(|busy| Away(busy.to_string()))?;
        }
        if !right {
            return Ok(Answered::Wrong);
        }
        answers.value.rounds = Default::default();
        self.engine.commit(vec![answers.write(&found.user.name)]).await.map_err(away)?;
        self.pass(handle, &found, once).await
    }

    /// The answers end a verification of their own, so that it is seen in the history and in reports.
    async fn pass(&self, handle: &str, found: &super::logins::Found, once: &str) -> Result<Answered, Away> {
        self.cancel(handle).await?;
        self.give_return_up(handle).await?;
        let key = format!("{}:questions:{once}", found.key);
        let idempotency = Idempotency::new(ApiKeyId::PORTAL, &key, String::new());
        let request = Request { answered: true, ..request(found, Purpose::SignIn, key) };
        let started = self.engine.start_verification(request, Some(idempotency), false).await;
        let started = started.map_err(|why: StartError| Away(why.to_string()))?;
        let proof = started.verification.id;
        self.change_login(handle, |found| {
            let waits = found.strength().is_none();
            if waits {
                found.login.value.stage = LoginStage::Password { proof: Some(proof) };
            }
            waits
        })
        .await?;
        Ok(Answered::Right)
    }
}

/// Fisher and Yates, by the system's randomness.
fn shuffle<T>(list: &mut [T]) {
    for last in (1..list.len()).rev() {
        let drawn = u64::from_be_bytes(actors::random::bytes()) % (last as u64 + 1);
        list.swap(last, usize::try_from(drawn).unwrap_or(last));
    }
}
