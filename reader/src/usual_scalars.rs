//! What is known of a scalar in a text, and plain ones as far as they stand on one line.
//!
//! In: a text and a place in it. Out: where something ends there; None where it is not usual.

#![forbid(unsafe_code)]

use crate::usual_lines::{byte, is_blank};

/// Bytes from where a key begins to its colon, beyond which it may be no key.
const LONGEST_KEY: usize = 1024;

/// A scalar in a text.
#[derive(Clone, Copy)]
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub line: u64,
    pub style: Style,
    /// What it says stands between these places; None: it was made beside the text.
    pub words: Option<(usize, usize)>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    Plain,
    Quoted,
    Block,
}

/// A plain scalar that says nothing, at a place.
pub fn nothing(at: usize, line: u64) -> Found {
    Found { start: at, end: at, line, style: Style::Plain, words: Some((at, at)) }
}

const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut place = 0;
    while place < bytes.len() {
        table[bytes[place] as usize] = true;
        place += 1;
    }
    table
}

/// What may end a plain scalar, or is not usual in it.
const STOPS: [bool; 256] = table(b"\n\r\t:#\0");
const FLOW_STOPS: [bool; 256] = table(b"\n\r\t:#\0,[]{}");
/// What a plain scalar does not begin with.
const INDICATORS: [bool; 256] = table(b"\n\r\t ,[]{}#&*!|>'\"%@`\0");

/// Tells whether a plain scalar may begin at a place; in the first column dashes and points may end a document.
pub fn begins_plain(text: &[u8], start: usize, flow: bool, first_column: bool) -> bool {
    match byte(text, start) {
        b'-' => !first_column && !is_blank(byte(text, start + 1)),
        b'.' => !first_column,
        b'?' | b':' => !flow && !is_blank(byte(text, start + 1)),
        first => !INDICATORS[first as usize],
    }
}

/// Scans what a plain scalar has on one line; gives its end and the place where the line goes on: at a colon, a
/// comment, or the line's end.
pub fn plain(text: &[u8], start: usize, flow: bool) -> Option<(usize, usize)> {
    let stops = if flow { &FLOW_STOPS } else { &STOPS };
    let mut at = start;
    loop {
        at += text[at..].iter().position(|&byte| stops[byte as usize]).unwrap_or(text.len() - at);
        match byte(text, at) {
            b':' => match byte(text, at + 1) {
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => return None,
                next if is_blank(next) => break,
                _ => at += 1,
            },
            b'#' if text[at - 1] != b' ' => at += 1,
            b'\t' => return None,
            _ => break,
        }
    }
    let spaces = text[start..at].iter().rev().take_while(|&&byte| byte == b' ').count();
    Some((at - spaces, at))
}

/// Gives the place behind the colon that makes a key of a scalar on one line; None: there is none.
///
/// `at` is where the line goes on behind the scalar. In brackets a quoted key's colon needs nothing behind it.
pub fn behind_colon(text: &[u8], found: &Found, mut at: usize, flow: bool) -> Option<usize> {
    while byte(text, at) == b' ' {
        at += 1;
    }
    let ends = is_blank(byte(text, at + 1)) || flow && found.style == Style::Quoted;
    (byte(text, at) == b':' && ends && at - found.start <= LONGEST_KEY).then_some(at + 1)
}
