//! Whatever the bytes are: what is read as usual is what libyaml reads. Once as they are, once as pieces of manifests.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/checked/mod.rs"]
mod checked;
#[path = "../../tests/compared/mod.rs"]
mod compared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    compared::read_compared(data);
    compared::read_compared(&assembled(data));
});

/// Pieces of which most YAML is made, and much that is none.
const PIECES: &[&str] = &[
    "a",
    "b: ",
    "- ",
    "\n",
    "  ",
    " ",
    "key: value\n",
    "- item\n",
    "c:\n",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    ":",
    "'",
    "\"",
    "''",
    "\\",
    "\\n",
    "\\\"",
    "# note\n",
    " #",
    "|\n",
    "|-\n",
    ">\n",
    ">+\n",
    "|2\n",
    "\t",
    "\r\n",
    "\r",
    "é",
    "😀",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{7f}",
    "---",
    "...",
    "-",
    "?",
    "? ",
    "&a ",
    "*a",
    "!t ",
    "%",
    "@",
    "`",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "0",
    "~",
    "<<: ",
    "text of words",
    "{a: b}",
    "[]",
    "\0",
    "\\x41",
    "\\u00e9",
    "''\n",
    ",",
];

/// A text of pieces, one for each byte; two bytes that repeat one are for long texts.
fn assembled(data: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut piece: &[u8] = b"a";
    for &byte in data.iter().take(4096) {
        match PIECES.get(byte as usize % 96) {
            Some(found) => {
                piece = found.as_bytes();
                text.extend_from_slice(piece);
            }
            None if byte as usize % 96 == 95 && text.len() < 4096 => text.extend(piece.repeat(1024)),
            None => text.extend_from_slice(b" "),
        }
    }
    text
}
