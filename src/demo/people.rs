//! The people of the demo.
//! Refuses real numbers: all are of the range kept for fiction.

use super::Stage;
use actors::Clock;
use engine::oath::{Algorithm, base32, hotp, totp};
use serde_json::{Value, json};
use std::time::Duration;

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
    pub behaviour: Option<fn() -> Value>,
    /// Whether set-up is done; if not, the portal leads through it.
    pub set_up: bool,
}

/// Everybody's password at the portal.
pub const PASSWORD: &str = "yellow duck in the rain";

const TEXT_PIN: (&str, &str) = ("sms", "two_way_otp_pin");

const fn texted(user: &'static str, phone: &'static str, behaviour: fn() -> Value) -> DemoPerson {
    DemoPerson {
        user,
        method: TEXT_PIN,
        phone: Some(phone),
        pin: Some("2580"),
        token: None,
        behaviour: Some(behaviour),
        set_up: true,
    }
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
        set_up: true,
    },
    DemoPerson {
        user: "carol",
        method: ("oath", "code"),
        phone: None,
        pin: None,
        token: Some(("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", false)),
        behaviour: None,
        set_up: true,
    },
    DemoPerson {
        user: "dave",
        method: ("oath", "code"),
        phone: None,
        pin: None,
        token: Some(("MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U", true)),
        behaviour: None,
        set_up: true,
    },
    texted(
        "erin",
        "+12025550113",
        || json!({ "reply": "{otp}{pin}", "pin": "2580", "wrong_first": 5, "after_ms": 150 }),
    ),
    texted("frank", "+12025550114", || json!({ "reply": "{otp}9999", "after_ms": 150, "times": 3 })),
    texted("grace", "+12025550115", || json!({})),
    texted("heidi", "+13035550116", || json!({})),
    DemoPerson {
        user: "nina",
        method: ("sms", "two_way_otp"),
        phone: None,
        pin: None,
        token: None,
        behaviour: None,
        set_up: false,
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
        if self.set_up { "enrolled" } else { "not_enrolled" }
    }

    /// For people.
    pub fn line(&self) -> String {
        let reach = self.phone.or(self.token.map(|(secret, _)| secret)).unwrap_or("-");
        let (pin, state) = (self.pin.unwrap_or("-"), self.state());
        format!("{:<8} {state:<13} {:<5} {:<16} {reach}  PIN {pin}", self.user, self.method.0, self.method.1)
    }
}

/// Makes everybody, with tokens, phones and passwords, and opens the portal to all of them.
pub async fn make(stage: &Stage) -> anyhow::Result<()> {
    let mut settings = stage.api.get("/v1/settings").await?;
    settings["portal"]["primary_authentication"] = json!("local");
    settings["portal"]["allow_enrollment"] = json!(true);
    settings["portal"]["allow_select_method"] = json!(true);
    settings["portal"]["languages"] = json!(engine::portal::LANGUAGES);
    stage.api.put("/v1/settings", settings).await?;
    for person in PEOPLE {
        let mut body = json!({ "name": person.user, "method": person.method.0, "mode": person.method.1 });
        if let Some(phone) = person.phone {
            body["phone"] = json!(phone);
        }
        if let Some(pin) = person.pin {
            body["pin"] = json!(pin);
            body["pin_change_required"] = json!(false);
        }
        body["set_up"] = json!(person.set_up);
        stage.api.post("/v1/users", body).await?;
        let password = json!({ "password": PASSWORD });
        stage.api.put(&format!("/v1/users/name:{}/password", person.user), password).await?;
        if let (Some(phone), Some(behaviour)) = (person.phone, person.behaviour) {
            stage.simulators.put(&format!("/sim/v1/phones/{phone}/behaviour"), behaviour()).await?;
        }
        if let Some((secret, by_presses)) = person.token {
            enrol(stage, person.user, secret, by_presses).await?;
        }
    }
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
