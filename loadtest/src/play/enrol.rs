//! One enrolment by text through the pages of the portal, from the sign-in page to the one that says that it is done.
//! Refuses shortcuts: every page is asked for, and every form is posted as the page before gave it out.

use super::single::Ended;
use super::visitor::Visitor;
use crate::people;
use crate::radius::PASSWORD;
use crate::run::Run;

/// How often the result is checked: each time the server holds the answer for some time.
const CHECKS: usize = 3;

/// Somebody enrols whom the engine has never seen; the phone answers by itself.
pub async fn enrol(run: &Run, person: u32, counts: bool) -> anyhow::Result<Ended> {
    let (name, phone) = (people::name(person), people::phone(person));
    let mut visitor = Visitor::of(run, person, counts);
    visitor.open("/").await?;
    visitor.post("/", &[("name", &name), ("password", PASSWORD)]).await?;
    visitor.must_be_at("/setup")?;
    visitor.open("/setup/text").await?;
    visitor.post("/setup/text", &[("country", "1"), ("phone", &phone)]).await?;
    visitor.must_be_at("/verify")?;
    for _ in 0..CHECKS {
        visitor.post("/verify", &[("do", "check")]).await?;
        if !visitor.is_at("/verify") {
            break;
        }
    }
    visitor.must_be_at("/setup/done")?;
    Ok(Ended { id: name, reason: "sms_ok".to_owned(), differs: false })
}
