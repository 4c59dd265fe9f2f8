//! Text as Go reads it: U+FFFD in place of each byte that is not UTF-8, and of each half of a surrogate pair.
//!
//! In: bytes of JSON. Out: the bytes that mean the same without what is odd, or nothing if there is none.
//! Source: Go 1.26 encoding/json decode.go, unquoteBytes.

#![forbid(unsafe_code)]

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
/// `\ud800`: what a unit has behind it that JSON writes by an escape.
const UNIT: usize = 6;

/// Mends a text.
pub fn mended(text: &[u8]) -> Option<Vec<u8>> {
    match mended_bytes(text) {
        Some(text) => Some(mended_escapes(&text).unwrap_or(text)),
        None => mended_escapes(text),
    }
}

fn mended_bytes(text: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(text).err()?;
    let mut mended = Vec::with_capacity(text.len() + text.len() / 8);
    for chunk in text.utf8_chunks() {
        mended.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            mended.extend_from_slice(REPLACEMENT);
        }
    }
    Some(mended)
}

/// Mends halves of surrogate pairs that are written as escapes.
fn mended_escapes(text: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(length) = text[at..].iter().position(|&byte| byte == b'\\') {
        at += length;
        at += match surrogate(&text[at..]) {
            Some(high) => match surrogate(&text[at + UNIT..]) {
                Some(low) if high < LOW && low >= LOW => 2 * UNIT,
                _ => {
                    mended.get_or_insert_with(|| text.to_vec())[at..at + UNIT].copy_from_slice(b"\\ufffd");
                    UNIT
                }
            },
            None => 2,
        };
        if at > text.len() {
            break;
        }
    }
    mended
}

/// The first of the units that are the second half of a pair.
const LOW: u16 = 0xdc00;

/// The half of a surrogate pair with whose escape a text begins.
fn surrogate(text: &[u8]) -> Option<u16> {
    let digits = text.get(..UNIT)?.strip_prefix(b"\\u")?;
    let unit =
        digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | (digit as char).to_digit(16)? as u16))?;
    (0xd800..0xe000).contains(&unit).then_some(unit)
}
