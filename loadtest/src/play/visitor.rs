//! Somebody at the portal with a browser that runs no script: keeps cookies, posts the forms that the pages hold, follows where
//! they lead. Refuses pages and ways that are not the expected ones, and says which came instead.

use crate::run::Run;
use crate::wire::{Answer, request};
use std::net::Ipv4Addr;
use tokio::time::Instant;

/// What the browser calls itself.
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// Before the address of a person: 10.0.0.0/8.
const NETWORK: u32 = 10 << 24;

/// A page that came otherwise than expected.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path} {came}")]
pub struct Astray {
    method: &'static str,
    path: String,
    came: String,
}

/// A browser.
pub struct Visitor<'a> {
    run: &'a Run,
    /// Whether what it sees is measured.
    counts: bool,
    address: Ipv4Addr,
    cookies: Vec<(String, String)>,
    /// Where it is, and what it shows.
    path: String,
    page: String,
}

impl<'a> Visitor<'a> {
    /// Of a person, who comes from an address of their own, or from one of as many as the scenario says.
    pub fn of(run: &'a Run, person: u32, counts: bool) -> Self {
        let place = person.checked_rem(run.scenario.addresses).unwrap_or(person);
        let address = Ipv4Addr::from(NETWORK + 1 + place);
        Self { run, counts, address, cookies: Vec::new(), path: String::new(), page: String::new() }
    }

    /// Looks at a page, which must be there.
    pub async fn open(&mut self, path: &str) -> anyhow::Result<()> {
        let answer = self.send("GET", path, b"").await?;
        path.clone_into(&mut self.path);
        if answer.status != 200 {
            return Err(astray("GET", path, &answer).into());
        }
        self.page = String::from_utf8(answer.body)?;
        Ok(())
    }

    /// Posts the form of this page that goes to `path`, with these fields beside its hidden ones, and follows to where it leads.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
        let Some(hidden) = hidden(&self.page, path) else {
            let came = format!("has no form to {path}");
            return Err(Astray { method: "GET", path: self.path.clone(), came }.into());
        };
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(hidden).extend_pairs(fields).finish();
        let answer = self.send("POST", path, form.as_bytes()).await?;
        match answer.header("location") {
            Some(next) if answer.status == 303 => self.open(&next).await,
            Some(_) | None => Err(astray("POST", path, &answer).into()),
        }
    }

    /// Whether the browser was led there.
    pub fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    /// It must have been led there.
    pub fn must_be_at(&self, path: &str) -> anyhow::Result<()> {
        let came = format!("came, not {path}");
        if self.is_at(path) { Ok(()) } else { Err(Astray { method: "GET", path: self.path.clone(), came }.into()) }
    }

    async fn send(&mut self, method: &'static str, path: &str, body: &[u8]) -> anyhow::Result<Answer> {
        let request = request(method, path, &self.head(), body);
        let begin = Instant::now();
        let answer = self.run.stage.exchange(&request).await?;
        if self.counts {
            self.run.tally.borrow_mut().page(method, path, begin.elapsed())?;
        }
        answer.headers("set-cookie").iter().for_each(|cookie| self.keep(cookie));
        Ok(answer)
    }

    fn head(&self) -> String {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "X-Forwarded-For: {}\r\nUser-Agent: {AGENT}\r\nAccept: text/html,*/*;q=0.8\r\nAccept-Language: en-US\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nCookie: {}\r\n",
            self.address,
            cookies.join("; ")
        )
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
        let Some((name, value)) = pair else { return };
        self.cookies.retain(|(known, _)| known != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }
}

fn astray(method: &'static str, path: &str, answer: &Answer) -> Astray {
    let came = match answer.header("location") {
        Some(next) => format!("{} to {next}", answer.status),
        None => answer.status.to_string(),
    };
    Astray { method, path: path.to_owned(), came }
}

/// The hidden fields of the form of a page that goes to `action`. Our pages escape nothing in them.
fn hidden<'a>(page: &'a str, action: &str) -> Option<Vec<(&'a str, &'a str)>> {
    let (_, form) = page.split_once(&format!("action=\"{action}\""))?;
    let form = form.split("</form>").next()?;
    let fields = form.split("<input type=\"hidden\" name=\"").skip(1);
    Some(fields.filter_map(|field| field.split_once("\" value=\"")).filter_map(name_and_value).collect())
}

fn name_and_value<'a>((name, rest): (&'a str, &'a str)) -> Option<(&'a str, &'a str)> {
    rest.split_once('"').map(|(value, _)| (name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_fields_are_those_of_the_form_that_is_posted() {
        let page = "<form method=\"post\" action=\"/sign-out\"><input type=\"hidden\" name=\"form\" value=\"out\"></form>\
                    <form method=\"post\" action=\"/verify\" data-waiting><input type=\"hidden\" name=\"seen\" value=\"3\">\
                    <input type=\"hidden\" name=\"form\" value=\"a-_\"><input name=\"code\" value=\"x\"></form>\
                    <input type=\"hidden\" name=\"form\" value=\"beyond\">";
        assert_eq!(hidden(page, "/verify"), Some(vec![("seen", "3"), ("form", "a-_")]));
        assert_eq!(hidden(page, "/"), None);
    }
}
