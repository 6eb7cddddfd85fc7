//! A real browser: Chromium through ChromeDriver, with a profile of its own.
#![allow(dead_code, reason = "each scenario uses a part of it")]

use crate::stage::visitor::PASSWORD;
use crate::stage::{Ended, Stage, program};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A phone and a desk.
pub const SIZES: [(u32, u32); 2] = [(360, 740), (1280, 900)];

pub struct Browser {
    pub client: Client,
    name: String,
    url: String,
    scripts: bool,
    _profile: TempDir,
    _driver: Ended,
}

impl Browser {
    /// Its pictures are called by `name`. Without `scripts` those of pages do not load; the driver needs its own, so they
    /// are not switched off altogether.
    pub async fn open(name: &str, (width, height): (u32, u32), scripts: bool) -> Self {
        let port = simulators::free_port().unwrap();
        let driver = Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).spawn();
        let driver = Ended(driver.expect("chromedriver: apt-get install chromium-driver"));
        let profile = tempfile::tempdir().unwrap();
        let options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
                "--hide-scrollbars", "--ignore-certificate-errors", format!("--window-size={width},{height}"),
                format!("--user-data-dir={}", profile.path().display()),
            ],
            "mobileEmulation": { "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0, "mobile": width < 600 } },
        });
        let capabilities = json!({ "goog:chromeOptions": options }).as_object().unwrap().clone();
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let url = format!("http://127.0.0.1:{port}");
        let opened = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&url).await;
        let client = opened.unwrap_or_else(|cause| panic!("no browser: {cause}"));
        let browser =
            Self { client, name: name.to_owned(), url: url.clone(), scripts, _profile: profile, _driver: driver };
        if !scripts {
            browser.devtools(&url, "Network.enable", json!({})).await;
            browser.devtools(&url, "Network.setBlockedURLs", json!({ "urls": ["*.js*"] })).await;
        }
        browser
    }

    async fn devtools(&self, driver: &str, command: &str, parameters: Value) {
        let session = self.client.session_id().await.unwrap().unwrap();
        let url = format!("{driver}/session/{session}/goog/cdp/execute");
        let body = json!({ "cmd": command, "params": parameters });
        let told = reqwest::Client::builder().no_proxy().build().unwrap().post(url).json(&body).send().await.unwrap();
        assert_eq!(told.status(), 200, "{command}");
    }

    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Posts name and password.
    pub async fn sign_in(&self, stage: &Stage, name: &str) {
        self.go(&format!("{}/", stage.url)).await;
        self.fill("name", name).await;
        self.fill("password", PASSWORD).await;
        self.press("Sign In").await;
    }

    /// The page of a text goes on by itself with its script.
    pub async fn goes_on(&self) {
        if !self.scripts {
            self.press("Check the Result").await;
        }
    }

    /// The text of what is there.
    pub async fn text_of(&self, place: &str) -> String {
        self.found(Locator::Css(place), place).await.text().await.unwrap()
    }

    /// Types into a field, in place of what is there.
    pub async fn fill(&self, field: &str, text: &str) {
        let found = self.found(Locator::Css(&format!("[name={field}]")), field).await;
        found.clear().await.unwrap();
        found.send_keys(text).await.unwrap();
    }

    /// Types into a field that has no name.
    pub async fn fill_id(&self, id: &str, text: &str) {
        self.found(Locator::Id(id), id).await.send_keys(text).await.unwrap();
    }

    /// Clicks the button that begins so, once it is there.
    pub async fn press_starting(&self, says: &str) {
        let path = format!("//button[starts-with(normalize-space(), '{says}')]");
        // A page that is drawn anew takes the button away between the look and the click.
        for _ in 0..50 {
            if self.found(Locator::XPath(&path), says).await.click().await.is_ok() {
                return;
            }
        }
        panic!("{says} cannot be pressed:\n{}", self.text().await);
    }

    /// Chooses one of several.
    pub async fn choose(&self, value: &str) {
        self.found(Locator::Css(&format!("[value={value}]")), value).await.click().await.unwrap();
    }

    /// Chooses in a list.
    pub async fn choose_option(&self, list: &str, value: &str) {
        let place = format!("[name={list}] option[value={value}]");
        self.found(Locator::Css(&place), value).await.click().await.unwrap();
    }

    /// Presses the first button of the form that goes to an address, and waits until the page is another one.
    pub async fn submit(&self, action: &str) {
        let button = self.found(Locator::Css(&format!("form[action='{action}'] button")), action).await;
        button.click().await.unwrap();
        for _ in 0..250 {
            if self.client.current_url().await.is_ok_and(|url| url.path() != action) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("{action} leads nowhere:\n{}", self.text().await);
    }

    /// What is on the page, or comes to it.
    async fn found(&self, place: Locator<'_>, what: &str) -> Element {
        let found = self.client.wait().at_most(Duration::from_secs(10)).for_element(place).await;
        match found {
            Ok(found) => found,
            Err(cause) => panic!("there is no {what}: {cause}\n{}", self.text().await),
        }
    }

    /// Clicks the button or link that says so.
    pub async fn press(&self, says: &str) {
        let path = format!("//button[normalize-space()='{says}'] | //a[normalize-space()='{says}']");
        self.found(Locator::XPath(&path), says).await.click().await.unwrap();
    }

    /// Waits until the page says so.
    pub async fn reads(&self, words: &str) {
        for _ in 0..1000 {
            if self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("the page never says {words:?}:\n{}", self.text().await);
    }

    /// Waits until the page says so no longer.
    pub async fn no_longer_reads(&self, words: &str) {
        for _ in 0..250 {
            if !self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("the page still says {words:?}:\n{}", self.text().await);
    }

    /// All that the page says.
    pub async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Looks at what every page must hold: nothing is wider than the screen, every field has a label, what can be pressed is
    /// large enough, and axe finds no fault by WCAG 2.2 AA.
    pub async fn look(&self, page: &str) {
        assert_eq!(self.client.execute(LOOK, vec![]).await.unwrap(), json!([]), "{page}");
        assert_eq!(self.faults().await, json!([]), "{} {page}", self.name);
    }

    /// What axe says of the page.
    pub async fn faults(&self) -> Value {
        self.client.execute_async(&format!("{}{AXE}", axe()), vec![]).await.unwrap()
    }

    /// As somebody sees it who wants it dark.
    pub async fn dark(&self) {
        let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.devtools(&self.url, "Emulation.setEmulatedMedia", dark).await;
    }

    /// Presses a key where the cursor is.
    pub async fn key(&self, key: Key) {
        self.client.active_element().await.unwrap().send_keys(&key.to_string()).await.unwrap();
    }

    /// Goes on by the keyboard alone, at most so far, until the field or button is where the cursor is.
    pub async fn tab_to(&self, what: &str) {
        for _ in 0..40 {
            self.key(Key::Tab).await;
            let here = self.client.execute(FOCUSED, vec![]).await.unwrap();
            assert_ne!(here["outline"], "none", "the focus is seen: {here}");
            if here["name"] == what || here["text"] == what {
                return;
            }
        }
        panic!("the keyboard does not reach {what}:\n{}", self.text().await);
    }

    /// Types where the cursor is.
    pub async fn types(&self, text: &str) {
        self.client.active_element().await.unwrap().send_keys(text).await.unwrap();
    }

    /// Looks, and keeps a picture of the page.
    pub async fn keep(&self, page: &str) {
        self.look(page).await;
        let folder = pictures();
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{}-{page}.png", self.name)), picture).unwrap();
    }

    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

/// Where pictures are kept: beside the program that was built.
pub fn pictures() -> PathBuf {
    Path::new(program()).parent().unwrap().join("pictures")
}

/// The rules of axe, as its own file has them.
fn axe() -> String {
    let file =
        std::env::var("COUNTERSIGN_TEST_AXE").expect("COUNTERSIGN_TEST_AXE names axe.min.js; script/test sets it");
    std::fs::read_to_string(&file).unwrap_or_else(|cause| panic!("{file}: {cause}"))
}

const AXE: &str = r#"
const done = arguments[arguments.length - 1];
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
axe.run(document, { runOnly: { type: "tag", values: tags } }).then(
  (result) => done(result.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.html).join(" | "))),
  (fault) => done([String(fault)]));
"#;

const FOCUSED: &str = r#"
const here = document.activeElement;
return { name: here.name || "", text: here.textContent.trim(), outline: getComputedStyle(here).outlineStyle };
"#;

const LOOK: &str = r#"
const faults = [];
if (document.documentElement.scrollWidth > window.innerWidth) faults.push("wider than the screen");
for (const field of document.querySelectorAll("input:not([type=hidden]), select")) {
  if (!field.labels || field.labels.length === 0) faults.push("no label: " + field.name);
}
for (const target of document.querySelectorAll("button, a, select, input:not([type=hidden])")) {
  if (target.hidden) continue;
  const box = target.getBoundingClientRect();
  if (box.height < 24 || box.width < 24) faults.push("too small: " + (target.textContent || target.name).trim());
}
if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
if (!document.title || !document.documentElement.lang) faults.push("no title or language");
return faults;
"#;
