//! Every route: to whom it is open, what it takes and what it answers; the door and the OpenAPI document read this table.
//! Refuses a second list: what is not here neither opens nor is described.

use Access::{Open, Scope, Signed};
use Content::{Events, Json, Nothing, PageOf, Text};

/// To whom a route is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// The gateway, by its signature, which the handler checks.
    Signed,
    /// Keys with this scope.
    Scope(&'static str),
}

/// What a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// No body.
    Nothing,
    /// A JSON document of this schema.
    Json(&'static str),
    /// A page of a list of this schema.
    PageOf(&'static str),
    /// Server-sent events, whose data are of these schemas.
    Events(&'static [&'static str]),
    /// Something else, of this media type.
    Text(&'static str),
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// To whom it is open.
    pub access: Access,
    /// What it does, in a sentence.
    pub says: &'static str,
    /// The body of the request.
    pub takes: Content,
    /// Names of query parameters; `explorer` knows what they mean.
    pub query: &'static [&'static str],
    /// Names of request headers beside `Authorization`.
    pub headers: &'static [&'static str],
    /// Answers that are no problem: status and body.
    pub gives: &'static [(u16, Content)],
    /// Codes of problems beside those of its access and its body.
    pub fails: &'static [&'static [&'static str]],
}

impl Route {
    const fn takes(mut self, schema: &'static str) -> Self {
        self.takes = Json(schema);
        self
    }

    const fn form(mut self) -> Self {
        self.takes = Text("application/x-www-form-urlencoded");
        self
    }

    const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    const fn headers(mut self, names: &'static [&'static str]) -> Self {
        self.headers = names;
        self
    }

    const fn gives(mut self, answers: &'static [(u16, Content)]) -> Self {
        self.gives = answers;
        self
    }

    const fn fails(mut self, codes: &'static [&'static [&'static str]]) -> Self {
        self.fails = codes;
        self
    }

    /// Every code of a problem that it can answer.
    pub fn codes(&self) -> Vec<&'static str> {
        let access: &[&str] = match self.access {
            Open => &[],
            Signed => &["too_many_requests", "signature_wrong", "callback_malformed", "internal_error"],
            Scope(_) => &[
                "unauthorized",
                "scope_missing",
                "too_many_requests",
                "store_unavailable",
                "stopping",
                "internal_error",
            ],
        };
        let body: &[&str] = match self.takes {
            Json(_) => &["malformed_json", "invalid_request", "body_too_large", "body_broken"],
            Text(_) => &["body_too_large", "body_broken"],
            Nothing | PageOf(_) | Events(_) => &[],
        };
        let query: &[&str] = if self.query.is_empty() { &[] } else { &["invalid_query"] };
        let headers: &[&str] = if self.headers.is_empty() { &[] } else { &["invalid_header"] };
        let mut codes = [access, body, query, headers, &self.fails.concat()].concat();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

const fn route(method: &'static str, path: &'static str, access: Access, says: &'static str) -> Route {
    Route { method, path, access, says, takes: Nothing, query: &[], headers: &[], gives: &[(204, Nothing)], fails: &[] }
}

const READS: &[&str] = &["not_found", "store_unavailable", "stopping"];
const WRITES: &[&str] = &["not_found", "conflict", "store_full", "store_unavailable", "stopping"];
const CHANGES: &[&str] = &["not_possible", "invalid_request"];

const VERIFY: Access = Scope("verify");
const USERS: Access = Scope("users");
const SETTINGS: Access = Scope("settings");
const KEYS: Access = Scope("keys");

const ONE: &[(u16, Content)] = &[(200, Json("Verification"))];
const USER: &[(u16, Content)] = &[(200, Json("User"))];
const SET_UP: &[(u16, Content)] = &[(200, Json("SetUp"))];

/// The table.
pub const ROUTES: &[Route] = &[
    route("GET", "/healthz", Open, "Whether the process answers.").gives(&[(200, Json("Health"))]),
    route("GET", "/readyz", Open, "Whether verifications can be started; 503 if not. Part by part for callers with an API key, and on this machine.")
        .gives(&[(200, Json("Readiness")), (503, Json("Readiness"))]),
    route("GET", "/openapi.json", Open, "This description as OpenAPI.").gives(&[(200, Text("application/json"))]),
    route("GET", "/docs", Open, "This description as a page.").gives(&[(200, Text("text/html"))]),
    route("GET", "/docs/explorer.js", Open, "The page's script.").gives(&[(200, Text("text/javascript"))]),
    route("GET", "/docs/explorer.css", Open, "The page's style.").gives(&[(200, Text("text/css"))]),
    route("GET", "/metrics", Scope("metrics"), "Prometheus metrics; 404 where none are kept.")
        .gives(&[(200, Text("text/plain")), (404, Nothing)]),
    route("POST", "/callbacks/{gateway}/sms", Signed, "An inbound text. Answered once it is durable.")
        .form()
        .gives(&[(200, Text("text/xml"))])
        .fails(&[WRITES]),
    route("POST", "/callbacks/{gateway}/sms/status", Signed, "A delivery receipt.").form().fails(&[WRITES]),
    route("POST", "/callbacks/{gateway}/voice/answer", Signed, "A call was answered: answers with what is said, as TwiML.")
        .form()
        .gives(&[(200, Text("text/xml"))])
        .fails(&[&["not_found"]]),
    route("POST", "/callbacks/{gateway}/voice/gather", Signed, "Keys were pressed in a call, or none were in time: answers with what is said next.")
        .form()
        .gives(&[(200, Text("text/xml"))])
        .fails(&[&["not_found"]]),
    route("POST", "/callbacks/{gateway}/voice/status", Signed, "How far a call is, or how it ended.")
        .form()
        .fails(&[&["not_found"]]),
    route("POST", "/v1/verifications", VERIFY, "Starts a verification. Unknown and disabled people are denied like any other.")
        .takes("StartBody")
        .headers(&["Idempotency-Key", "Prefer"])
        .gives(&[(201, Json("Verification"))])
        .fails(&[WRITES, &["application_not_allowed", "idempotency_key_reused", "busy", "invalid_prefer"]]),
    route("POST", "/v1/verifications/batch", VERIFY, "Starts up to 1,000, each accepted or refused on its own, in order.")
        .takes("BatchBody")
        .gives(&[(200, Json("BatchAnswer"))])
        .fails(&[&["batch_too_large"]]),
    route("GET", "/v1/verifications/{id}", VERIFY, "How it stands.")
        .headers(&["Prefer"])
        .gives(ONE)
        .fails(&[READS, &["invalid_prefer"]]),
    route("POST", "/v1/verifications/{id}/check", VERIFY, "Checks a code that was typed into the application. A wrong code is no error: look at status and attempts_left.")
        .takes("CheckBody")
        .gives(ONE)
        .fails(&[WRITES, &["settled", "no_code_awaited", "code_format", "codes_paused"]]),
    route("POST", "/v1/verifications/{id}/cancel", VERIFY, "Ends it; one that has ended stays as it is.")
        .gives(ONE)
        .fails(&[WRITES]),
    route("POST", "/v1/verifications/{id}/resend", VERIFY, "Sends the text once more, with a new code; the old one is void.")
        .gives(ONE)
        .fails(&[WRITES, &["settled", "nothing_sent", "resent_too_often", "resend_too_soon"]]),
    route("GET", "/v1/verifications/{id}/timeline", VERIFY, "Everything that happened, in order.")
        .gives(&[(200, PageOf("TimelineEntry"))])
        .fails(&[READS]),
    route("GET", "/v1/verifications/{id}/events", VERIFY, "Everything that happens, as it happens; ends after the end.")
        .headers(&["Last-Event-ID"])
        .gives(&[(200, Events(&["Verification", "TimelineEntry"])), (204, Nothing)])
        .fails(&[READS]),
    route("GET", "/v1/outcomes", VERIFY, "The feed: every settled verification that the key may see, at least once, in order.")
        .query(&["cursor", "limit", "wait"])
        .gives(&[(200, PageOf("Verification"))])
        .fails(&[READS, &["invalid_cursor", "cursor_too_old"]]),
    route("GET", "/v1/users", USERS, "Everybody, by name.")
        .query(&["cursor", "limit"])
        .gives(&[(200, PageOf("User"))])
        .fails(&[READS]),
    route("POST", "/v1/users", USERS, "Makes a person.")
        .takes("NewUser")
        .gives(&[(201, Json("User"))])
        .fails(&[WRITES, CHANGES]),
    route("GET", "/v1/users/{user}", USERS, "One person.").gives(USER).fails(&[READS, CHANGES]),
    route("PATCH", "/v1/users/{user}", USERS, "Changes what is given.")
        .takes("UserChange")
        .gives(USER)
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/users/{user}", USERS, "Removes a person with tokens and standing.").fails(&[WRITES, CHANGES]),
    route("PUT", "/v1/users/{user}/phones", USERS, "Sets both phones; what is left out is taken away.")
        .takes("Phones")
        .gives(USER)
        .fails(&[WRITES, CHANGES]),
    route("PUT", "/v1/users/{user}/pin", USERS, "Sets or generates the PIN; this answer alone shows it.")
        .takes("NewPin")
        .gives(&[(200, Json("Pin"))])
        .fails(&[WRITES, CHANGES]),
    route("PUT", "/v1/users/{user}/password", USERS, "Sets the password of the person's local account.")
        .takes("NewPassword")
        .fails(&[WRITES, CHANGES, &["busy"]]),
    route("POST", "/v1/users/{user}/enrollment_code", USERS, "Makes the code that the person needs for the first set-up where `portal.enrollment_proof` is `admin_code`; this answer alone shows it.")
        .gives(&[(201, Json("NewEnrollmentCode"))])
        .fails(&[WRITES, CHANGES]),
    route("GET", "/v1/users/{user}/set_up", USERS, "How far the first set-up of the person is.")
        .gives(SET_UP)
        .fails(&[READS, CHANGES]),
    route("POST", "/v1/users/{user}/set_up/link", USERS, "Mails the person the address of the portal, where they sign in and set up. The link signs nobody in. Reminders follow after one, three and seven days.")
        .gives(SET_UP)
        .fails(&[WRITES, CHANGES]),
    route("POST", "/v1/users/{user}/set_up/reopen", USERS, "Opens the first set-up again, where `portal.enrollment_window_days` has closed it: its days count from now.")
        .gives(SET_UP)
        .fails(&[WRITES, CHANGES]),
    route("POST", "/v1/users/{user}/set_up/start_over", USERS, "Takes away what was entered in the first set-up, calls off what is out for it, and ends the logins of the person.")
        .gives(SET_UP)
        .fails(&[WRITES, CHANGES]),
    route("POST", "/v1/users/{user}/set_up/skip", USERS, "Skips a step that nobody must take: the person is not reminded of it any more.")
        .takes("SkippedStep")
        .gives(SET_UP)
        .fails(&[WRITES, CHANGES]),
    route("GET", "/v1/users/{user}/security_questions", USERS, "Which security questions the person has answered.")
        .gives(&[(200, Json("Questions"))])
        .fails(&[READS, CHANGES]),
    route("DELETE", "/v1/users/{user}/security_questions", USERS, "Clears the answers, so that the person chooses again.")
        .fails(&[WRITES, CHANGES]),
    route("POST", "/v1/users/{user}/block", USERS, "Denies every verification of the person until the block ends.")
        .takes("Why")
        .gives(USER)
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/users/{user}/block", USERS, "Ends the block, for a reason that is kept.")
        .query(&["reason"])
        .gives(USER)
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/users/{user}/lock", USERS, "Ends lockout and pause after wrong codes.")
        .gives(USER)
        .fails(&[WRITES, CHANGES]),
    route("GET", "/v1/users/{user}/bypasses", USERS, "The last bypasses of the person, and how each ended.")
        .gives(&[(200, PageOf("Bypass"))])
        .fails(&[READS, CHANGES]),
    route("POST", "/v1/users/{user}/bypasses", USERS, "Lets the next verification pass without contact.")
        .takes("Why")
        .gives(USER)
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/users/{user}/bypasses", USERS, "Ends the bypass.").gives(USER).fails(&[WRITES, CHANGES]),
    route("GET", "/v1/users/{user}/tokens", USERS, "The person's OATH tokens.")
        .gives(&[(200, PageOf("Token"))])
        .fails(&[READS, CHANGES]),
    route("POST", "/v1/users/{user}/tokens", USERS, "Assigns an OATH token.")
        .takes("NewToken")
        .gives(&[(201, Json("Token"))])
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/users/{user}/tokens/{token}", USERS, "Removes a token.").fails(&[WRITES, CHANGES]),
    route("POST", "/v1/users/{user}/tokens/{token}/activate", USERS, "Makes a token count, by one right code.")
        .takes("OneCode")
        .gives(&[(200, Json("Token"))])
        .fails(&[WRITES, CHANGES]),
    route("POST", "/v1/users/{user}/tokens/{token}/resync", USERS, "Finds a token that ran away, by two codes in a row.")
        .takes("TwoCodes")
        .gives(&[(200, Json("Token"))])
        .fails(&[WRITES, CHANGES]),
    route("POST", "/v1/tokens", USERS, "Adds an OATH token that nobody has: whoever has it in hand takes it at the portal, by its serial number and a code.")
        .takes("NewToken")
        .gives(&[(201, Json("Token"))])
        .fails(&[WRITES, CHANGES]),
    route("GET", "/v1/security_questions", SETTINGS, "The catalogue of security questions, the oldest first.")
        .gives(&[(200, PageOf("QuestionOfCatalogue"))])
        .fails(&[READS]),
    route("POST", "/v1/security_questions", SETTINGS, "Adds a security question.")
        .takes("Question")
        .gives(&[(201, Json("QuestionOfCatalogue"))])
        .fails(&[WRITES, CHANGES]),
    route("PUT", "/v1/security_questions/{id}", SETTINGS, "Changes a security question; `active` off retires it.")
        .takes("Question")
        .gives(&[(200, Json("QuestionOfCatalogue"))])
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/security_questions/{id}", SETTINGS, "Removes a security question that nobody has answered.")
        .fails(&[WRITES, CHANGES]),
    route("GET", "/v1/prompts", SETTINGS, "What calls say: every prompt in every language, or in one.")
        .query(&["language"])
        .gives(&[(200, PageOf("SpokenPrompt"))])
        .fails(&[&["not_found"]]),
    route("GET", "/v1/prompts/{language}/{prompt}", SETTINGS, "One prompt, with its sound.")
        .gives(&[(200, Json("SpokenPrompt"))])
        .fails(&[&["not_found"]]),
    route("PUT", "/v1/prompts/{language}/{prompt}", SETTINGS, "Says a recording of your own in place of a prompt.")
        .takes("NewRecording")
        .gives(&[(200, Json("SpokenPrompt"))])
        .fails(&[WRITES, CHANGES]),
    route("DELETE", "/v1/prompts/{language}/{prompt}", SETTINGS, "Takes a recording away: the prompt is as it was made.")
        .fails(&[WRITES]),
    route("GET", "/v1/lines", SETTINGS, "The lines of all gateways: what each carries, how full it is, what is the matter with it.")
        .gives(&[(200, PageOf("Line"))]),
    route("GET", "/v1/settings", SETTINGS, "The company's settings.").gives(&[(200, Json("Policy"))]),
    route("PUT", "/v1/settings", SETTINGS, "Replaces them all; what is left out has its default.")
        .takes("Policy")
        .gives(&[(200, Json("Policy"))])
        .fails(&[WRITES, &["invalid_settings"]]),
    route("GET", "/v1/trusted_ips", SETTINGS, "Addresses that pass without contact, of all applications or of one.")
        .query(&["application"])
        .gives(&[(200, PageOf("TrustedIp"))]),
    route("POST", "/v1/trusted_ips", SETTINGS, "Adds an address, range or subnet to the list of an application.")
        .takes("NewTrustedIp")
        .gives(&[(201, Json("TrustedIp"))])
        .fails(&[WRITES, CHANGES, &["invalid_settings"]]),
    route("DELETE", "/v1/trusted_ips/{entry}", SETTINGS, "Takes an entry off the list of an application.")
        .query(&["application"])
        .fails(&[WRITES, &["invalid_settings"]]),
    route("GET", "/v1/api_keys", KEYS, "Every API key, without the key itself.")
        .gives(&[(200, PageOf("ApiKey"))])
        .fails(&[READS]),
    route("POST", "/v1/api_keys", KEYS, "Makes an API key; this answer alone shows it.")
        .takes("NewKey")
        .gives(&[(201, Json("ApiKey"))])
        .fails(&[WRITES, &["grants_too_much"]]),
    route("DELETE", "/v1/api_keys/{id}", KEYS, "Revokes a key, at once.").fails(&[WRITES]),
    route("GET", "/v1/audit", Scope("audit"), "The audit chain of this node, oldest first.")
        .query(&["cursor", "limit"])
        .gives(&[(200, PageOf("AuditLink"))])
        .fails(&[READS]),
];
