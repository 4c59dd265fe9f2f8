//! Whatever the bytes are: no crash, no panic, and outlines that are their own outlines.

#![no_main]

#[path = "../../tests/outlined/mod.rs"]
mod outlined;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    outlined::outline_checked(data, &outlined::small_table());
});
