//! What calls say, over HTTP: every prompt as text and sound, and an administrator's own recording in its place.
//! Refuses files that cannot be played as they are meant; each refusal says what to do.

use crate::audit;
use crate::body;
use crate::calls::{self, LARGEST, Say, SpokenLanguage};
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{Page, time};
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use actors::Recordings;
use data_encoding::BASE64;
use engine::number::Extension;
use engine::prompt::Prompt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Answer = Result<HttpResponse, Problem>;

/// The longest body: Base64 makes four letters of three bytes.
const BODY: usize = LARGEST / 3 * 4 + 1024;

/// A prompt in one language.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SpokenPrompt)]
pub struct View {
    /// BCP 47.
    language: &'static str,
    /// Its role.
    prompt: Prompt,
    /// What is said, with the company's settings in it.
    text: String,
    /// How long it is, in seconds.
    seconds: f64,
    /// When an administrator recorded it; not there if it is as it was made. UTC, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<String>,
    /// The sound: a WAV file (µ-law, 8,000 a second), Base64. In the answer about one prompt only.
    #[serde(skip_serializing_if = "Option::is_none")]
    wav: Option<String>,
}

/// A recording in place of a prompt.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecording {
    /// A WAV file, Base64: PCM of 8 or 16 bits, µ-law or A-law; one or two channels; 8, 16, 44.1 or 48 kHz; under 20 seconds and
    /// at most 1 MB.
    wav: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    language: Option<String>,
}

/// `GET /v1/prompts`
pub async fn list(_: Caller, state: web::Data<State>, request: HttpRequest) -> Answer {
    let Query { language } = body::query(&request)?;
    let languages: Vec<_> = match language {
        Some(tag) => vec![spoken(&tag)?],
        None => calls::languages().iter().collect(),
    };
    let all = languages.iter().flat_map(|language| Prompt::ALL.iter().map(|prompt| view(&state, language, *prompt)));
    Ok(HttpResponse::Ok().json(Page { items: all.collect::<Vec<_>>(), next_cursor: None }))
}

/// `GET /v1/prompts/{language}/{prompt}`
pub async fn show(_: Caller, state: web::Data<State>, path: web::Path<(String, String)>) -> Answer {
    let (language, prompt) = named(&path)?;
    Ok(HttpResponse::Ok().json(with_sound(&state, language, prompt)))
}

/// `PUT /v1/prompts/{language}/{prompt}`
pub async fn record(
    caller: Caller,
    state: web::Data<State>,
    path: web::Path<(String, String)>,
    mut payload: web::Payload,
) -> Answer {
    let (language, prompt) = named(&path)?;
    let NewRecording { wav } = body::parse(&body::read(&mut payload, BODY).await?)?;
    let wav = BASE64.decode(wav.as_bytes()).map_err(|wrong| {
        Problem::bad("invalid_request", format!("wav: is no Base64 ({wrong}); encode the whole file in one line"))
    })?;
    let sound = calls::recording(&wav)
        .map_err(|refused| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", refused.to_string()))?;
    let (engine, of) = (&state.engine, format!("{}/{prompt}", language.tag));
    let link = audit::link(engine.now(), &caller, "prompt.record", &of);
    let recorded = engine.record(language.tag, prompt, sound, link).await;
    recorded.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(with_sound(&state, language, prompt)))
}

/// `DELETE /v1/prompts/{language}/{prompt}`: the prompt is as it was made.
pub async fn reset(caller: Caller, state: web::Data<State>, path: web::Path<(String, String)>) -> Answer {
    let (language, prompt) = named(&path)?;
    let (engine, of) = (&state.engine, format!("{}/{prompt}", language.tag));
    let link = audit::link(engine.now(), &caller, "prompt.reset", &of);
    let reset = engine.unrecord(language.tag, prompt, link).await;
    reset.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

fn spoken(tag: &str) -> Result<&'static SpokenLanguage, Problem> {
    let found = calls::languages().iter().find(|language| language.tag.eq_ignore_ascii_case(tag));
    found.ok_or_else(|| Problem::not_found("language"))
}

fn named(path: &(String, String)) -> Result<(&'static SpokenLanguage, Prompt), Problem> {
    let prompt = Prompt::ALL.iter().find(|prompt| prompt.as_str() == path.1);
    Ok((spoken(&path.0)?, *prompt.ok_or_else(|| Problem::not_found("prompt"))?))
}

fn with_sound(state: &State, language: &'static SpokenLanguage, prompt: Prompt) -> View {
    let sound = heard(state, language, prompt, &state.engine.recordings()).1;
    View { wav: Some(BASE64.encode(&calls::wav(&sound))), ..view(state, language, prompt) }
}

fn view(state: &State, language: &'static SpokenLanguage, prompt: Prompt) -> View {
    let recordings = state.engine.recordings();
    let (text, sound) = heard(state, language, prompt, &recordings);
    let recorded_at = recordings.find(language.tag, prompt).map(|one| time(one.at));
    // Hundredths are as exact as anybody hears.
    let seconds = (sound.len() as f64 / 80.0).round() / 100.0;
    View { language: language.tag, prompt, text, seconds, recorded_at, wav: None }
}

/// As it is said with the present settings, to somebody at extension 42 who signs in to no application in particular.
fn heard(state: &State, language: &SpokenLanguage, prompt: Prompt, recordings: &Recordings) -> (String, Arc<[u8]>) {
    let policy = state.engine.policy();
    let extension: Option<Extension> = "42".parse().ok();
    let say = Say {
        prompt,
        application: "{application}",
        company: if policy.voice.company.is_empty() { "{company}" } else { &policy.voice.company },
        fraud_code: &policy.fraud.code,
        extension: extension.as_ref(),
        min: policy.pin.min_length,
    };
    let recorded = |language: &str, prompt| recordings.find(language, prompt).map(|one| Arc::clone(&one.sound));
    let utterance = calls::utterance(language.tag, &say, Some(&recorded));
    (utterance.text, utterance.audio)
}
