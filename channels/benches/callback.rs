//! What a callback costs: its form read, its signature compared; and the answer to a text.

use channels::leg;
use channels::twilio::{parse_form, sign, verify};
use std::hint::black_box;

const URL: &str = "https://verify.example.com/callbacks/sms/sms";
const TOKEN: &str = "a token of thirty-two characters";
const BODY: &[u8] = b"ToCountry=US&ToState=DC&SmsMessageSid=SM0123456789abcdef0123456789abcdef&NumMedia=0&ToCity=&\
FromZip=&SmsSid=SM0123456789abcdef0123456789abcdef&FromState=DC&SmsStatus=received&FromCity=&Body=123456&\
FromCountry=US&To=%2B12025550100&MessagingServiceSid=&ToZip=&NumSegments=1&\
MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC00000000000000000000000000000001&\
From=%2B12025550123&ApiVersion=2010-04-01";

fn main() {
    divan::main();
}

#[divan::bench]
fn form_read() -> usize {
    parse_form(black_box(BODY)).map_or(0, |form| form.len())
}

#[divan::bench]
fn signature_compared(bencher: divan::Bencher<'_, '_>) {
    let form = parse_form(BODY).unwrap_or_default();
    let signature = sign(TOKEN, URL, &form);
    bencher.bench_local(|| assert!(verify(black_box(&[TOKEN]), URL, BODY, &signature)));
}

#[divan::bench]
fn answer_read() -> bool {
    let answer =
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"sid\":\"SM1\"}";
    leg::parse(black_box(answer), 4096, false).is_ok_and(|answer| answer.is_some())
}
