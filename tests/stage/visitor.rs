//! Somebody at the portal without a script: follows redirects, keeps cookies, posts the forms that the pages hold.
#![allow(dead_code, reason = "each scenario uses a part of it")]

use super::Stage;
use regex_lite::Regex;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

pub const PASSWORD: &str = "yellow duck in the rain";

impl Stage {
    /// Company settings with these of the portal, over local accounts.
    pub async fn offers(&self, portal: Value) {
        let (status, answer) = self.offer(portal).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// The same, with what comes of it.
    pub async fn offer(&self, portal: Value) -> (u16, Value) {
        let mut settings = self.get("/v1/settings").await;
        if settings["portal"]["primary_authentication"] == "ldap" && portal["primary_authentication"].is_null() {
            settings["portal"]["primary_authentication"] = json!("local");
        }
        for (key, value) in portal.as_object().unwrap() {
            settings["portal"][key] = value.clone();
        }
        self.call(Method::PUT, "/v1/settings", Some(settings)).await
    }

    /// Alice, who is set up, and Nina, who is not; both with a password.
    pub async fn with_alice_and_nina(alice: &str, portal: Value) -> Self {
        let stage = Self::start().await;
        stage.person("alice", alice, "two_way_otp").await;
        stage.post("/v1/users", json!({ "name": "nina", "first_name": "Nina", "set_up": false })).await;
        for name in ["alice", "nina"] {
            stage.password(name).await;
        }
        stage.offers(json!({ "allow_enrollment": true, "allow_select_method": true })).await;
        stage.offers(portal).await;
        stage
    }

    /// Alice, who is set up.
    pub async fn with_alice(phone: &str, portal: Value) -> Self {
        let stage = Self::start().await;
        stage.person("alice", phone, "two_way_otp").await;
        stage.password("alice").await;
        stage.offers(portal).await;
        stage
    }

    /// Gives somebody the password that everybody has here.
    pub async fn password(&self, name: &str) {
        let path = format!("/v1/users/name:{name}/password");
        assert_eq!(self.call(Method::PUT, &path, Some(json!({ "password": PASSWORD }))).await.0, 204);
    }

    /// Somebody who is signed in by a reply of their phone.
    pub async fn signed_in(&self, name: &str, phone: &str, pin: &str) -> Visitor {
        let before = self.texts(phone).await.len();
        let mut visitor = Visitor::signing_in(self, name).await;
        visitor.is_at("/verify", "We have sent a text");
        let code = self.code(phone, before).await;
        self.reply(phone, &format!("{code}{pin}")).await;
        visitor.post("/verify", &[("do", "check")]).await;
        visitor
    }
}

pub struct Visitor {
    client: Client,
    base: String,
    pub cookies: BTreeMap<String, String>,
    /// What a proxy says of where they come from.
    pub address: Option<String>,
    pub status: u16,
    pub path: String,
    pub page: String,
    pub headers: BTreeMap<String, String>,
}

impl Visitor {
    pub fn new(stage: &Stage) -> Self {
        Self::below(stage, "")
    }

    /// At pages that begin at `base`.
    pub fn below(stage: &Stage, base: &str) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).timeout(Duration::from_secs(40)).build();
        Self {
            client: client.unwrap(),
            base: format!("{}{base}", stage.url),
            cookies: BTreeMap::new(),
            address: None,
            status: 0,
            path: String::new(),
            page: String::new(),
            headers: BTreeMap::new(),
        }
    }

    /// At the sign-in page, with name and password posted.
    pub async fn signing_in(stage: &Stage, name: &str) -> Self {
        let mut visitor = Self::new(stage);
        visitor.get("/").await;
        visitor.post("/", &[("name", name), ("password", PASSWORD)]).await;
        visitor
    }

    pub async fn get(&mut self, path: &str) {
        let request = self.client.get(format!("{}{path}", self.base));
        self.follow(path, request).await;
    }

    /// Posts the form of this page that goes to `action`, with these fields beside its hidden ones.
    pub async fn post(&mut self, action: &str, fields: &[(&str, &str)]) {
        let hidden = self.hidden(action);
        let all: Vec<_> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(fields.iter().copied()).collect();
        self.send(action, &all, &[]).await;
    }

    /// Posts exactly these fields, with these headers.
    pub async fn send(&mut self, action: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) {
        let mut request = self.client.post(format!("{}{action}", self.base)).form(fields);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.follow(action, request).await;
    }

    /// The hidden fields of the form that goes to `action`.
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let host = self.base.split("//").nth(1).unwrap();
        let below = host.find('/').map_or("", |start| &host[start..]);
        let opening = format!("action=\"{below}{action}\"");
        let at = self.page.find(&opening);
        let at = at.unwrap_or_else(|| panic!("{} has no form to {action}:\n{}", self.path, self.page));
        let form = self.page[at..].split("</form>").next().unwrap();
        let field = Regex::new("<input type=\"hidden\" name=\"([a-z]+)\" value=\"([^\"]*)\">").unwrap();
        field.captures_iter(form).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
    }

    async fn follow(&mut self, path: &str, request: RequestBuilder) {
        let mut answer = self.sent(request).await;
        path.clone_into(&mut self.path);
        for _ in 0..5 {
            let Some(next) = answer.headers().get("location").map(|next| next.to_str().unwrap().to_owned()) else {
                break;
            };
            let origin: String = self.base.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
            answer = self.sent(self.client.get(format!("{origin}{next}"))).await;
            self.path = next;
        }
        self.status = answer.status().as_u16();
        let headers = answer.headers().iter();
        self.headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        self.page = answer.text().await.unwrap();
    }

    async fn sent(&mut self, request: RequestBuilder) -> Response {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header("Cookie", cookies.join("; ")).header("Accept", "text/html");
        if let Some(address) = &self.address {
            request = request.header("X-Forwarded-For", address);
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    #[track_caller]
    pub fn is_at(&self, path: &str, words: &str) {
        assert!(
            self.path == path && self.page.contains(words),
            "{} {}, not {path} with {words:?}:\n{}",
            self.status,
            self.path,
            self.page
        );
    }
}
