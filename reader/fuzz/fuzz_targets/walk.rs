//! Whatever the bytes are: no crash, no panic, and a tape that fits text and value.

#![no_main]

#[path = "../../tests/checked/mod.rs"]
mod checked;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    checked::read_checked(data);
});
