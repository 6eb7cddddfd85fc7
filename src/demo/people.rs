//! The people of the demo.
//! Refuses real numbers: all are of the range kept for fiction.

use super::Stage;
use actors::Clock;
use engine::draft::Draft;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::oath::{Algorithm, base32, hotp, totp};
use engine::person::Phone;
use engine::policy::Policy;
use serde_json::{Value, json};
use std::time::Duration;

/// What a simulated phone does.
pub type Behaviour = fn() -> Value;

/// Somebody to play with.
pub struct DemoPerson {
    /// User name.
    pub user: &'static str,
    /// Method and mode.
    pub method: (&'static str, &'static str),
    /// E.164.
    pub phone: Option<&'static str>,
    /// PIN.
    pub pin: Option<&'static str>,
    /// Base32, and whether it is HOTP.
    pub token: Option<(&'static str, bool)>,
    /// What the simulated phone does.
    pub behaviour: Option<Behaviour>,
    /// A second phone, which is called where the first is not answered, and what it does.
    pub backup: Option<(&'static str, Behaviour)>,
    /// How far the set-up is; the portal leads through the rest.
    pub state: State,
}

/// How far somebody is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A method was verified.
    Enrolled,
    /// Nothing was entered yet.
    NotEnrolled,
    /// A number was entered, and not verified.
    HalfEnrolled,
}

/// Everybody's password at the portal.
pub const PASSWORD: &str = "yellow duck in the rain";

const TEXT_PIN: (&str, &str) = ("sms", "two_way_otp_pin");

const fn texted(user: &'static str, phone: &'static str, behaviour: Behaviour) -> DemoPerson {
    DemoPerson {
        user,
        method: TEXT_PIN,
        phone: Some(phone),
        pin: Some("2580"),
        token: None,
        behaviour: Some(behaviour),
        backup: None,
        state: State::Enrolled,
    }
}

const fn called(
    user: &'static str,
    mode: &'static str,
    phone: &'static str,
    behaviour: Option<Behaviour>,
) -> DemoPerson {
    DemoPerson {
        user,
        method: ("voice", mode),
        phone: Some(phone),
        pin: Some("2580"),
        token: None,
        behaviour,
        backup: None,
        state: State::Enrolled,
    }
}

/// Somebody who picks up and does not wait for the end of what is said.
fn answers(keys: &str) -> Value {
    json!({ "on_call": "answer", "barge_in": true, "after_ms": 1500, "keys": keys, "pin": "2580" })
}

/// Everybody.
pub const PEOPLE: &[DemoPerson] = &[
    texted("alice", "+12025550111", || json!({ "reply": "{otp}{pin}", "pin": "2580", "after_ms": 200 })),
    DemoPerson {
        user: "bob",
        method: ("sms", "one_way_otp"),
        phone: Some("+12025550112"),
        pin: None,
        token: None,
        behaviour: None,
        backup: None,
        state: State::Enrolled,
    },
    DemoPerson {
        user: "carol",
        method: ("oath", "code"),
        phone: None,
        pin: None,
        token: Some(("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", false)),
        behaviour: None,
        backup: None,
        state: State::Enrolled,
    },
    DemoPerson {
        user: "dave",
        method: ("oath", "code"),
        phone: None,
        pin: None,
        token: Some(("MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U", true)),
        behaviour: None,
        backup: None,
        state: State::Enrolled,
    },
    texted(
        "erin",
        "+12025550113",
        || json!({ "reply": "{otp}{pin}", "pin": "2580", "wrong_first": 5, "after_ms": 150 }),
    ),
    texted("frank", "+12025550114", || json!({ "reply": "{otp}9999", "after_ms": 150, "times": 3 })),
    texted("grace", "+12025550115", || json!({})),
    texted("heidi", "+13035550116", || json!({})),
    called("ivan", "pin", "+12025550121", Some(|| answers("{pin}#"))),
    called("judy", "standard", "+14155550122", Some(|| answers("#"))),
    DemoPerson {
        backup: Some(("+12025550124", || answers("#"))),
        ..called("kim", "standard", "+12025550123", Some(|| json!({ "on_call": "ring" })))
    },
    called("leo", "standard", "+12025550125", Some(|| json!({ "on_call": "answer", "report_fraud": true }))),
    called("mona", "standard", "+12025550126", None),
    DemoPerson {
        user: "olga",
        method: ("sms", "two_way_otp"),
        phone: Some("+12025550118"),
        pin: None,
        token: None,
        behaviour: None,
        backup: None,
        state: State::HalfEnrolled,
    },
    DemoPerson {
        user: "nina",
        method: ("sms", "two_way_otp"),
        phone: None,
        pin: None,
        token: None,
        behaviour: None,
        backup: None,
        state: State::NotEnrolled,
    },
];

impl DemoPerson {
    /// For `--describe`.
    pub fn describe(&self) -> Value {
        json!({
            "user": self.user, "password": PASSWORD, "state": self.state(), "method": self.method.0, "mode": self.method.1,
            "phone": self.phone, "pin": self.pin, "oath_secret": self.token.map(|(secret, _)| secret),
        })
    }

    const fn state(&self) -> &'static str {
        match self.state {
            State::Enrolled => "enrolled",
            State::NotEnrolled => "not_enrolled",
            State::HalfEnrolled => "half_enrolled",
        }
    }

    /// For people.
    pub fn line(&self) -> String {
        let reach = self.phone.or(self.token.map(|(secret, _)| secret)).unwrap_or("-");
        let (pin, state) = (self.pin.unwrap_or("-"), self.state());
        format!("{:<8} {state:<13} {:<5} {:<16} {reach}  PIN {pin}", self.user, self.method.0, self.method.1)
    }
}

/// A token that nobody has yet: its serial number and key, for whoever takes it at the portal.
pub const FREE_TOKEN: (&str, &str) = ("DEMO-100", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");

/// Makes everybody, with tokens, phones and passwords, and opens the portal to all of them.
pub async fn make(stage: &Stage) -> anyhow::Result<()> {
    for person in PEOPLE {
        make_one(stage, person).await?;
    }
    let (serial, secret) = FREE_TOKEN;
    stage.api.post("/v1/tokens", json!({ "serial": serial, "secret": secret })).await?;
    open(stage).await
}

/// Security questions in every language of the pages.
const QUESTIONS: &[(&str, [&str; 4])] = &[
    (
        "en",
        [
            "What was the name of your first teacher?",
            "What was your first pet called?",
            "In which street did you grow up?",
            "Which dish did you like best as a child?",
        ],
    ),
    (
        "de",
        [
            "Wie hieß Ihre erste Lehrerin oder Ihr erster Lehrer?",
            "Wie hieß Ihr erstes Haustier?",
            "In welcher Straße sind Sie aufgewachsen?",
            "Was haben Sie als Kind am liebsten gegessen?",
        ],
    ),
    (
        "fr",
        [
            "Comment s’appelait votre premier professeur ?",
            "Comment s’appelait votre premier animal ?",
            "Dans quelle rue avez-vous grandi ?",
            "Quel plat préfériez-vous enfant ?",
        ],
    ),
    (
        "es",
        [
            "¿Cómo se llamaba su primer profesor?",
            "¿Cómo se llamaba su primera mascota?",
            "¿En qué calle creció?",
            "¿Qué plato prefería de niño?",
        ],
    ),
    (
        "ja",
        [
            "最初の担任の先生の名前は？",
            "最初に飼ったペットの名前は？",
            "どの町で育ちましたか？",
            "子どものころ一番好きだった料理は？",
        ],
    ),
];

/// All that the portal can offer is on offer, but for the prompt for a token.
async fn open(stage: &Stage) -> anyhow::Result<()> {
    for (language, texts) in QUESTIONS {
        for text in texts {
            ask(stage, language, text).await?;
        }
    }
    let mut settings = stage.api.get("/v1/settings").await?;
    let portal = json!({
        "url": stage.api_url, "primary_authentication": "local", "allow_enrollment": true, "allow_select_method": true,
        "prompt_backup_phone": true, "allow_bypass": true, "prompt_bypass_seconds": true, "oath_fallback": true,
        "allow_oath_association": true, "questions_fallback": true, "help_contact": "help@example.com",
    });
    for (key, value) in portal.as_object().into_iter().flatten() {
        settings["portal"][key] = value.clone();
    }
    settings["voice"]["company"] = json!("Example");
    settings["voice"]["ring_seconds"] = json!(10);
    settings["portal"]["languages"] = json!(engine::portal::LANGUAGES);
    stage.api.put("/v1/settings", settings).await?;
    Ok(())
}

async fn ask(stage: &Stage, language: &str, text: &str) -> anyhow::Result<()> {
    let question = json!({ "language": language, "text": text, "active": true });
    stage.api.post("/v1/security_questions", question).await?;
    Ok(())
}

async fn make_one(stage: &Stage, person: &DemoPerson) -> anyhow::Result<()> {
    let mut body = json!({ "name": person.user, "method": person.method.0, "mode": person.method.1 });
    body["email"] = json!(format!("{}@example.com", person.user));
    if let Some(phone) = person.phone.filter(|_| person.state == State::Enrolled) {
        body["phone"] = json!(phone);
    }
    if let Some((phone, _)) = person.backup {
        body["backup_phone"] = json!(phone);
    }
    if let Some(pin) = person.pin {
        body["pin"] = json!(pin);
        body["pin_change_required"] = json!(false);
    }
    body["set_up"] = json!(person.state == State::Enrolled);
    stage.api.post("/v1/users", body).await?;
    let password = json!({ "password": PASSWORD });
    stage.api.put(&format!("/v1/users/name:{}/password", person.user), password).await?;
    let phones = [person.phone.zip(person.behaviour), person.backup];
    for (phone, behaviour) in phones.into_iter().flatten() {
        stage.simulators.put(&format!("/sim/v1/phones/{phone}/behaviour"), behaviour()).await?;
    }
    if let (Some(phone), State::HalfEnrolled) = (person.phone, person.state) {
        begin(stage, person.user, phone).await?;
    }
    if let Some((secret, by_presses)) = person.token {
        enrol(stage, person.user, secret, by_presses).await?;
    }
    Ok(())
}

/// Somebody has entered a number at the portal, and left.
async fn begin(stage: &Stage, user: &'static str, phone: &str) -> anyhow::Result<()> {
    let phone = Phone { number: phone.parse()?, extension: None };
    let amendment = move |person: &mut actors::Person, _: &Policy, now: Moment| {
        let user_record = person.user.as_mut().ok_or("nobody is there")?;
        let draft = Draft { phone: Some(phone), ..Draft::begin(Method::Sms, Mode::TwoWayOtp, now) };
        user_record.value.draft = Some(Box::new(draft));
        Ok(vec![user_record.write(user)])
    };
    stage.engine.amend(user, Box::new(amendment)).await?;
    Ok(())
}

/// Assigns a token and activates it by a code that nobody needs any more: the first, or that of the step before this one.
async fn enrol(stage: &Stage, user: &str, secret: &str, by_presses: bool) -> anyhow::Result<()> {
    let key = base32::parse(secret)?;
    let (kind, code) = if by_presses {
        (json!({ "kind": "hotp" }), hotp::code(key.expose(), 0, 6, Algorithm::Sha1))
    } else {
        let before = Clock::start().now() - Duration::from_secs(30);
        (json!({ "kind": "totp", "period_seconds": 30 }), totp::code(key.expose(), before, 30, 6, Algorithm::Sha1))
    };
    let body = json!({ "serial": format!("DEMO-{user}"), "secret": secret, "settings": kind, "code": code });
    stage.api.post(&format!("/v1/users/name:{user}/tokens"), body).await?;
    Ok(())
}
