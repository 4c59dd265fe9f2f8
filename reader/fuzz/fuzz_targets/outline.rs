//! Whatever the bytes are: no crash, no panic, and outlines that are their own outlines.

#![no_main]

#[path = "../../tests/outlined/mod.rs"]
mod outlined;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let table = outlined::small_table();
    outlined::outline_checked(data, &table);
    outlined::server_outline_checked(data, &table);
});
