//! Gives what the fuzzer invents to `fuzz::voice`.
//! Refuses rules of its own: they stand where the replay of the corpus reaches them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::voice::check(data);
});
