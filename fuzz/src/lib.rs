//! What must hold for any bytes that strangers send to a parser: one module for each, called by the fuzzer's target of
//! the same name and by the replay of its corpus.
//! Refuses to look for panics alone: what is accepted must survive its own text and stay within its bounds.

pub mod answer;
pub mod ber;
pub mod callback;
pub mod form;
pub mod id;
pub mod info;
mod input;
pub mod leg;
pub mod number;
pub mod otpauth;
pub mod page;
pub mod policy;
pub mod radius;
pub mod record;
pub mod reply;
pub mod retry_after;
pub mod rtp;
pub mod sdp;
pub mod secret;
pub mod signature;
pub mod sip;
pub mod trusted_ip;
pub mod twiml;
pub mod user_name;
pub mod voice;
pub mod wav;

/// A function that panics if a property does not hold for these bytes, and tells whether the parser took them.
pub type Check = fn(&[u8]) -> bool;

/// Every target: its name, which is also that of its folder in `corpus/`, and what it checks.
pub const TARGETS: [(&str, Check); 25] = [
    ("answer", answer::check),
    ("ber", ber::check),
    ("callback", callback::check),
    ("form", form::check),
    ("id", id::check),
    ("info", info::check),
    ("leg", leg::check),
    ("number", number::check),
    ("otpauth", otpauth::check),
    ("page", page::check),
    ("policy", policy::check),
    ("radius", radius::check),
    ("record", record::check),
    ("reply", reply::check),
    ("retry_after", retry_after::check),
    ("rtp", rtp::check),
    ("sdp", sdp::check),
    ("secret", secret::check),
    ("signature", signature::check),
    ("sip", sip::check),
    ("trusted_ip", trusted_ip::check),
    ("twiml", twiml::check),
    ("user_name", user_name::check),
    ("wav", wav::check),
    ("voice", voice::check),
];
