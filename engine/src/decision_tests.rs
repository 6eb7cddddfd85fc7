//! The order of decisions: one test a row of the table in mfa-server.md §3, and what must win where two rows match.
//! Refuses rows 1, 13 and 14: they belong to the shell and to the machine.

use crate::bypass::Bypass;
use crate::cache::{self, CacheRule, CacheType};
use crate::decision::{Decision, Facts, cache_request, decide};
use crate::draft::Draft;
use crate::id::{ApiKeyId, UserId, VerificationId};
use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::person::{Block, Phone, Standing, User};
use crate::pin::{PinHash, PinKey};
use crate::policy::{ApplicationRules, Policy};
use crate::quiet::QuietHours;
use crate::reason::Reason;
use crate::request::{Request, Wish};
use crate::verification::Purpose;
use std::sync::Arc;
use std::time::Duration;

const NOW: Moment = Moment::from_millis(100 * 86_400_000);
const KEY: &str = "alice vpn 192.0.2.7";

/// Alice signs in to the VPN and would be sent a text; each test changes what its row is about.
struct Case {
    request: Request,
    user: Option<User>,
    standing: Standing,
    has_token: bool,
    policy: Policy,
    text_gateway: bool,
    voice_gateway: bool,
    joins: Option<&'static str>,
    open: Vec<(VerificationId, Option<Arc<str>>)>,
}

fn usual() -> Case {
    let request = Request {
        user: "alice".into(),
        application: "vpn".into(),
        caller: ApiKeyId::from_bits(1),
        purpose: Purpose::SignIn,
        plan: vec![],
        can_input: true,
        client_ip: "192.0.2.7".parse().ok(),
        idempotency_key: None,
        ttl_seconds: None,
        language: None,
        callback_url: None,
        message: vec![],
        metadata: "{}".into(),
        answered: false,
    };
    let mut policy = Policy::default();
    policy.applications.insert("vpn".into(), ApplicationRules::default());
    Case {
        request,
        user: Some(alice()),
        standing: Standing::default(),
        has_token: false,
        policy,
        text_gateway: true,
        voice_gateway: true,
        joins: Some(KEY),
        open: vec![],
    }
}

fn alice() -> User {
    let phone = Phone { number: "+12025550123".parse().expect("a number"), extension: None };
    let user = User::begin(UserId::from_bits(1), "alice".into(), NOW - days(10));
    User { set_up: true, phone: Some(phone), ..user }
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

impl Case {
    fn facts(&self) -> Facts<'_> {
        Facts {
            request: &self.request,
            user: self.user.as_ref(),
            standing: &self.standing,
            has_token: self.has_token,
            policy: &self.policy,
            text_gateway: self.text_gateway,
            voice_gateway: self.voice_gateway,
            joins: self.joins,
            open: &self.open,
            now: NOW,
        }
    }

    fn user(&mut self) -> &mut User {
        self.user.as_mut().expect("these cases have a person")
    }

    fn rules(&mut self) -> &mut ApplicationRules {
        self.policy.applications.entry("vpn".into()).or_default()
    }

    fn unknown(&mut self) {
        self.user = None;
    }

    fn disabled(&mut self) {
        self.user().enabled = false;
    }

    fn blocked(&mut self) {
        self.user().block = Some(Block {
            since: NOW - days(1),
            until: NOW + days(89),
            by: String::new(),
            reason: "lost".into(),
            ended: None,
        });
    }

    fn by_phone(&mut self, mode: Mode) {
        (self.user().method, self.user().mode) = (Method::Voice, mode);
    }

    fn backup_phone(&mut self, number: &str) {
        self.user().backup_phone = Some(Phone { number: number.parse().expect("a number"), extension: None });
    }

    fn pin_mode(&mut self) {
        self.pin();
        self.user().mode = Mode::TwoWayOtpPin;
    }

    fn pin(&mut self) {
        let hash = PinHash::make(&PinKey::new(1, [7; 32]), [1; 16], self.user().id, "4711");
        let user = self.user.as_mut().expect("these cases have a person");
        user.pin.set(hash, &self.policy.pin, NOW, false);
    }

    fn locked(&mut self) {
        (0..self.policy.lockout.denials).for_each(|_| self.standing.lockout.denied(&self.policy.lockout, NOW));
    }

    fn unfinished(&mut self) {
        self.user().set_up = false;
    }

    fn trusted(&mut self) {
        self.rules().trusted_ips = vec!["192.0.2.0/24".into()];
    }

    fn cached(&mut self) {
        let rule =
            CacheRule { kind: CacheType::UserAddress, seconds: 300, authentication_type: None, application: None };
        self.policy.cache = vec![rule];
        let Request { application, caller, client_ip, .. } = &self.request;
        let key = cache_request(application, &caller.to_string(), *client_ip, &self.policy);
        cache::remember(&self.policy.cache, &mut self.standing.cache, &key, NOW - Duration::from_secs(60));
    }

    fn bypass(&mut self) {
        self.standing.bypass = Bypass::start(300, NOW, "admin", "phone lost").ok();
    }

    fn open(&mut self, joins: Option<&str>) {
        self.open.push((VerificationId::from_bits(7), joins.map(Into::into)));
    }

    fn flooded(&mut self) {
        (0..self.policy.velocity.user.per_day).for_each(|_| self.standing.sends.sent(NOW));
    }

    fn token_as_fallback(&mut self) {
        self.has_token = true;
        self.policy.fallback.oath = true;
    }

    fn no_phone(&mut self) {
        self.user().phone = None;
    }
}

/// What is decided of the usual case after `change`: the status and reason, or what is begun.
#[track_caller]
fn check(change: impl FnOnce(&mut Case), expected: &str) {
    let mut case = usual();
    change(&mut case);
    let (decision, notes) = decide(&case.facts());
    assert_eq!(word(&decision), expected);
    let said = |word: &str| notes.iter().any(|note| note.what == word);
    match decision {
        Decision::End(_) => assert!(said("decided"), "the timeline says why"),
        Decision::UseBypass { .. } => assert!(said("bypass_used"), "the timeline says why"),
        Decision::Join(_) | Decision::Begin(_) => assert!(!said("decided") && !said("bypass_used")),
    }
}

fn word(decision: &Decision) -> String {
    match decision {
        Decision::End(reason) => format!("{} {reason}", reason.status()),
        Decision::UseBypass { cancels: None } => "bypass".into(),
        Decision::UseBypass { cancels: Some(id) } => format!("bypass, cancels {}", id.bits()),
        Decision::Join(id) => format!("join {}", id.bits()),
        Decision::Begin(rungs) => {
            let rungs: Vec<_> = rungs
                .iter()
                .map(|rung| {
                    format!(
                        "{} {} {} s{}",
                        rung.method,
                        rung.mode,
                        rung.seconds,
                        if rung.fallback { " fallback" } else { "" }
                    )
                })
                .collect();
            format!("begin {}", rungs.join(", "))
        }
    }
}

const TEXT: &str = "begin sms two_way_otp 300 s";

#[test]
fn the_usual_case_is_a_text() {
    check(|_| {}, TEXT);
}

#[test]
fn row_2_unknown() {
    check(Case::unknown, "denied user_unknown");
    check(|case| (case.unknown(), case.rules().require_user_match = false).1, "verified not_enrolled");
    check(|case| (case.unknown(), case.trusted(), case.bypass()).0, "denied user_unknown");
    check(|case| (case.unknown(), case.policy.applications.clear()).0, "denied user_unknown");
}

#[test]
fn row_3_blocked() {
    check(Case::blocked, "denied blocked");
    check(|case| (case.blocked(), case.disabled(), case.rules().require_user_match = false).0, "denied blocked");
    check(|case| (case.blocked(), case.trusted()).0, "denied blocked");
    check(|case| (case.blocked(), case.cached()).0, "denied blocked");
    check(|case| (case.blocked(), case.bypass()).0, "denied blocked");
    check(|case| (case.blocked(), case.open(Some(KEY))).0, "denied blocked");
    let over = |case: &mut Case| {
        case.user().block =
            Some(Block { since: NOW - days(90), until: NOW, by: String::new(), reason: "lost".into(), ended: None });
    };
    check(over, TEXT);
}

#[test]
fn row_4_disabled() {
    check(Case::disabled, "denied user_disabled");
    check(|case| (case.disabled(), case.rules().require_user_match = false).0, "verified not_enrolled");
    check(|case| (case.disabled(), case.trusted(), case.bypass()).0, "denied user_disabled");
}

#[test]
fn row_5_locked() {
    check(|case| (case.pin_mode(), case.locked()).0, "denied locked");
    check(|case| (case.pin_mode(), case.locked(), case.trusted(), case.bypass()).0, "denied locked");
    check(|case| (case.pin_mode(), case.locked(), case.cached()).0, "denied locked");
    check(|case| (case.pin_mode(), case.locked(), case.unfinished()).0, "denied locked");
    check(Case::locked, TEXT);
    check(Case::pin_mode, "begin sms two_way_otp_pin 300 s");
    let asked_without_pin = |case: &mut Case| {
        case.request.plan = vec![Wish::new(Method::Sms, Mode::TwoWayOtp)];
    };
    check(|case| (case.pin_mode(), case.locked(), asked_without_pin(case)).0, TEXT);
}

#[test]
fn row_6_set_up_not_finished() {
    check(Case::unfinished, "denied setup_unfinished");
    check(|case| (case.unfinished(), case.trusted(), case.bypass()).0, "denied setup_unfinished");
    check(|case| (case.unfinished(), case.policy.enrollment.allow_unfinished_days = 11).0, "verified not_enrolled");
    check(|case| (case.unfinished(), case.policy.enrollment.allow_unfinished_days = 10).0, "denied setup_unfinished");
}

#[test]
fn row_7_trusted_ip() {
    check(Case::trusted, "verified trusted_ip");
    check(|case| (case.trusted(), case.bypass()).0, "verified trusted_ip");
    check(|case| (case.trusted(), case.cached()).0, "verified trusted_ip");
    check(|case| (case.trusted(), case.open(Some(KEY))).0, "verified trusted_ip");
    check(|case| (case.trusted(), case.request.client_ip = None).0, TEXT);
    check(|case| (case.trusted(), case.request.client_ip = "198.51.100.7".parse().ok()).0, TEXT);
    check(|case| (case.trusted(), case.request.application = "mail".into()).0, TEXT);
}

#[test]
fn row_8_cached() {
    check(Case::cached, "verified cached");
    check(|case| (case.cached(), case.bypass()).0, "verified cached");
    check(|case| (case.cached(), case.open(Some(KEY))).0, "verified cached");
    check(|case| (case.cached(), case.policy.cache.clear()).0, TEXT);
    check(|case| (case.cached(), case.request.client_ip = "198.51.100.7".parse().ok()).0, TEXT);
    check(|case| (case.cached(), case.request.client_ip = None).0, TEXT);
}

#[test]
fn row_9_bypass() {
    check(Case::bypass, "bypass");
    check(|case| (case.bypass(), case.open(Some(KEY))).0, "bypass, cancels 7");
    check(|case| (case.bypass(), case.open(Some("another"))).0, "bypass");
    check(|case| (case.bypass(), case.flooded(), case.no_phone()).0, "bypass");
    check(|case| case.standing.bypass = Bypass::start(30, NOW - Duration::from_secs(30), "admin", "").ok(), TEXT);
}

#[test]
fn row_10_join() {
    check(|case| case.open(Some(KEY)), "join 7");
    check(|case| case.open(Some("alice vpn 198.51.100.7")), TEXT);
    check(|case| case.open(None), TEXT);
    check(|case| (case.open(None), case.joins = None).0, TEXT);
    check(|case| (case.open(Some(KEY)), case.joins = None).0, TEXT);
    check(|case| (case.open(Some(KEY)), case.flooded()).0, "join 7");
}

#[test]
fn row_11_limits() {
    check(Case::flooded, "denied rate_limited");
    check(|case| (case.flooded(), case.token_as_fallback()).0, "denied rate_limited");
    let token = |case: &mut Case| {
        case.has_token = true;
        case.request.plan = vec![Wish::new(Method::Oath, Mode::Code)];
    };
    check(|case| (case.flooded(), token(case)).0, "begin oath code 300 s");
    check(|case| (case.flooded(), case.policy.velocity.user.per_day = 11).0, TEXT);
    check(|case| (case.flooded(), case.no_phone()).0, "denied rate_limited");
}

#[test]
fn row_12_mode_or_gateway_missing() {
    check(|case| case.policy.sms.two_way = false, "denied sms_mode_not_allowed");
    check(Case::no_phone, "denied sms_mode_not_allowed");
    check(|case| case.user().mode = Mode::TwoWayOtpPin, "denied sms_mode_not_allowed");
    check(|case| (case.user().mode = Mode::OneWayOtp, case.request.can_input = false).0, "denied sms_mode_not_allowed");
    check(|case| case.text_gateway = false, "failed sms_not_sent");
    check(|case| case.user().method = Method::App, "denied app_mode_not_allowed");
    check(|case| (case.user().method = Method::Oath, case.user().mode = Mode::Code).0, "denied oath_not_allowed");
    check(|case| case.policy.numbers.sms_countries = vec!["44".into()], "denied country_not_allowed");
    check(|case| (case.no_phone(), case.token_as_fallback()).0, "begin oath code 300 s fallback");
    check(|case| (case.text_gateway = false, case.token_as_fallback()).0, "begin oath code 300 s fallback");
    let both = "begin sms two_way_otp 90 s, oath code 300 s fallback";
    check(Case::token_as_fallback, both);
    check(|case| (case.token_as_fallback(), case.request.can_input = false).0, TEXT);
}

const CALL: &str = "begin voice standard 100 s";

#[test]
fn a_call_goes_to_the_phone_and_then_to_the_backup_phone() {
    check(|case| case.by_phone(Mode::Standard), CALL);
    check(|case| (case.by_phone(Mode::Pin), case.pin(), ()).2, "begin voice pin 160 s");
    check(|case| case.by_phone(Mode::Pin), "denied pin_mode_not_allowed");
    check(|case| (case.by_phone(Mode::Standard), case.policy.voice.standard = false).1, "denied pin_mode_not_allowed");
    check(|case| (case.by_phone(Mode::Standard), case.voice_gateway = false).1, "failed call_not_placed");
    check(|case| (case.by_phone(Mode::Standard), case.no_phone()).1, "failed call_not_placed");
    let abroad = "denied country_not_allowed";
    check(|case| (case.by_phone(Mode::Standard), case.policy.numbers.voice_countries = vec!["44".into()]).1, abroad);
    let extension = |case: &mut Case| case.user().phone.as_mut().expect("a phone").extension = "12,3#".parse().ok();
    check(|case| (case.by_phone(Mode::Standard), extension(case)).1, "begin voice standard 160 s");
    let off = |case: &mut Case| case.policy.voice.allow_extensions = false;
    check(|case| (case.by_phone(Mode::Standard), extension(case), off(case)).2, "denied extension_not_allowed");
    let night = |case: &mut Case| {
        let hours = QuietHours { country: "1".into(), from: "00:00".into(), until: "23:59".into(), zone: "UTC".into() };
        case.policy.voice.quiet_hours = vec![hours];
    };
    check(|case| (case.by_phone(Mode::Standard), night(case)).1, "denied quiet_hours");
    let both = "begin voice standard 100 s, voice standard 100 s fallback";
    check(|case| (case.by_phone(Mode::Standard), case.backup_phone("+12025550124")).1, both);
    check(|case| (case.by_phone(Mode::Standard), case.backup_phone("+12025550123")).1, CALL);
    check(|case| (case.by_phone(Mode::Standard), case.backup_phone("+4915112345678")).1, CALL);
    let twice = |case: &mut Case| {
        let wish = Wish::new(Method::Voice, Mode::Standard);
        case.request.plan = vec![wish, Wish { backup: true, ..wish }, wish, Wish::new(Method::Voice, Mode::Pin)];
    };
    check(|case| (case.by_phone(Mode::Standard), case.pin(), case.backup_phone("+12025550124"), twice(case)).3, both);
    let alone = |case: &mut Case| case.policy.voice.allow_backup = false;
    check(|case| (case.by_phone(Mode::Standard), case.backup_phone("+12025550124"), alone(case)).2, CALL);
}

#[test]
fn a_plan_may_name_the_backup_phone_which_is_called_once_then() {
    let backup = Wish { backup: true, ..Wish::new(Method::Voice, Mode::Standard) };
    check(|case| (case.backup_phone("+12025550124"), case.request.plan = vec![backup]).1, CALL);
    check(|case| case.request.plan = vec![backup], "failed call_not_placed");
    let both = vec![Wish::new(Method::Voice, Mode::Standard), backup];
    let says = "begin voice standard 100 s, voice standard 100 s fallback";
    check(|case| (case.backup_phone("+12025550124"), case.request.plan = both).1, says);
}

/// Somebody at the portal tries a phone: a rule that lets pass would leave it untried, and a bypass would be used up by it.
#[test]
fn a_trial_calls_the_one_phone_that_it_is_about() {
    let trial = |case: &mut Case, caller| {
        case.by_phone(Mode::Standard);
        case.backup_phone("+12025550124");
        (case.request.purpose, case.request.caller) = (Purpose::Test, caller);
        case.request.plan = vec![Wish::new(Method::Voice, Mode::Standard)];
        case.trusted();
        case.bypass();
        case.token_as_fallback();
    };
    check(|case| trial(case, ApiKeyId::PORTAL), CALL);
    check(|case| trial(case, ApiKeyId::from_bits(1)), "verified trusted_ip");
}

#[test]
fn a_call_speaks_the_persons_language_of_calls_unless_another_is_asked_for() {
    let spoken = |asked: Option<&str>| {
        let mut case = usual();
        case.by_phone(Mode::Standard);
        case.user().languages.voice = Some("pl".into());
        case.request.language = asked.map(Into::into);
        let facts = case.facts();
        let Decision::Begin(rungs) = decide(&facts).0 else { panic!("a call") };
        rungs.into_iter().next().and_then(|rung| rung.dialling).and_then(|dialling| dialling.language)
    };
    assert_eq!(spoken(None).as_deref(), Some("pl"));
    assert_eq!(spoken(Some("de")), None, "the verification's own");
}

/// The portal proves what alice has begun to set up: her draft's number, and nothing that stands in for it.
fn proving(caller: ApiKeyId) -> (Decision, Option<String>) {
    let mut case = usual();
    (case.request.purpose, case.request.caller) = (Purpose::Activation, caller);
    let phone = Some(Phone { number: "+12025550199".parse().expect("a number"), extension: None });
    let (method, mode) = (Method::Sms, Mode::TwoWayOtp);
    let draft = Draft { phone, ..Draft::begin(method, mode, NOW) };
    case.user().draft = Some(Box::new(draft));
    case.unfinished();
    case.trusted();
    case.bypass();
    case.token_as_fallback();
    let decision = decide(&case.facts()).0;
    let rungs = if let Decision::Begin(rungs) = &decision { rungs.as_slice() } else { &[] };
    let to = if let [only] = rungs { only.to.map(|to| to.to_string()) } else { None };
    (decision, to)
}

#[test]
fn a_draft_is_proved_at_its_own_number_and_by_nothing_else() {
    let (_, to) = proving(ApiKeyId::PORTAL);
    assert_eq!(to.as_deref(), Some("+12025550199"), "one rung: no token, no trusted address, no bypass");
}

#[test]
fn an_api_key_proves_no_draft() {
    let (decision, _) = proving(ApiKeyId::from_bits(1));
    assert_eq!(decision, Decision::End(Reason::SetupUnfinished));
}
