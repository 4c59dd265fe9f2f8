//! Whether a string or a number is what decodes itself: an instant, a quantity, an integer or text.
//!
//! In: the text of one scalar of JSON. Out: whether an API server takes it. In doubt it does not: Podproof's decoder in
//! Python then has the last word, and the words of the refusal.
//! Source: src/podproof/kube/go_values.py, which names Go's.

#![forbid(unsafe_code)]

use std::borrow::Cow;

use crate::json::{is_finite_number, meaning, whole_number};
use crate::table::Special;

/// Tells whether a string or a number has a special type. A server knows how a number is written.
pub fn is_special(special: Special, text: &[u8], as_server: bool) -> bool {
    let string = (text.first() == Some(&b'"')).then(|| meaning(text));
    match (special, string) {
        (Special::Time, string) => string.is_some_and(|text| is_time(&text)),
        (Special::IntegerOrText, Some(_)) => true,
        (Special::IntegerOrText, None) => {
            whole_number(text, as_server).is_some_and(|number| i32::try_from(number).is_ok())
        }
        (Special::Quantity, Some(text)) => {
            let text: Cow<'_, str> = String::from_utf8_lossy(&text);
            is_quantity(text.trim_matches(is_blank).as_bytes())
        }
        (Special::Quantity, None) if as_server => is_quantity(text),
        (Special::Quantity, None) => is_finite_number(text),
    }
}

/// What Go trims and JSON does not escape.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() && letter >= ' ' && !matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Bytes that are read one after the other.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn take(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Takes bytes as long as they are such; gives how many there were.
    fn take_all(&mut self, is_it: impl Fn(&u8) -> bool) -> usize {
        let count = self.0.iter().take_while(|byte| is_it(byte)).count();
        self.0 = &self.0[count..];
        count
    }

    /// Takes a number of so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let text = self.0.get(..digits).filter(|text| text.iter().all(u8::is_ascii_digit))?;
        self.0 = &self.0[digits..];
        Some(text.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    fn below(&mut self, digits: usize, limit: i64) -> Option<i64> {
        self.number(digits).filter(|&number| number < limit)
    }
}

fn is_time(text: &[u8]) -> bool {
    read_time(&mut Rest(text)).is_some()
}

fn read_time(rest: &mut Rest<'_>) -> Option<()> {
    let year = rest.number(4)?;
    rest.take(b'-')?;
    let month = rest.below(2, 13).filter(|&month| month > 0)?;
    rest.take(b'-')?;
    let day = rest.number(2)?;
    rest.take(b'T')?;
    // Go takes an hour of one digit
    let digits = if rest.0.get(1).is_some_and(u8::is_ascii_digit) { 2 } else { 1 };
    let hour = rest.below(digits, 24)?;
    rest.take(b':')?;
    let minute = rest.below(2, 60)?;
    rest.take(b':')?;
    rest.below(2, 60)?;
    if matches!(rest.0, [b'.' | b',', b'0'..=b'9', ..]) {
        rest.0 = &rest.0[1..];
        rest.take_all(u8::is_ascii_digit);
    }
    let offset = read_zone(rest)?;
    if !rest.0.is_empty() {
        return None;
    }
    let minutes = (day - 1) * 24 * 60 + hour * 60 + minute - offset;
    let leaves_years =
        (year == 1 && month == 1 && minutes < 0) || (year == 9999 && month == 12 && minutes >= 31 * 24 * 60);
    (year == 0 || ((1..=days_in(year, month)).contains(&day) && !leaves_years)).then_some(())
}

/// Takes a zone; gives its minutes.
fn read_zone(rest: &mut Rest<'_>) -> Option<i64> {
    if rest.take(b'Z').is_some() {
        return Some(0);
    }
    let sign = if rest.take(b'-').is_some() {
        -1
    } else {
        rest.take(b'+')?;
        1
    };
    let hours = rest.below(2, 25)?;
    rest.take(b':')?;
    Some(sign * (hours * 60 + rest.below(2, 61)?))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

const SUFFIXES: [&[u8]; 16] =
    [b"", b"Ki", b"Mi", b"Gi", b"Ti", b"Pi", b"Ei", b"n", b"u", b"m", b"k", b"M", b"G", b"T", b"P", b"E"];

fn is_sign(byte: &u8) -> bool {
    matches!(byte, b'+' | b'-')
}

fn is_quantity(text: &[u8]) -> bool {
    let mut rest = Rest(text);
    let sign = usize::from(rest.0.first().is_some_and(is_sign));
    rest.0 = &rest.0[sign..];
    rest.take_all(u8::is_ascii_digit);
    if rest.take(b'.').is_some() {
        rest.take_all(u8::is_ascii_digit);
    }
    let suffix = rest.0;
    rest.take_all(|byte| b"eEinumkKMGTP".contains(byte));
    let sign = usize::from(rest.0.first().is_some_and(is_sign));
    rest.0 = &rest.0[sign..];
    rest.take_all(u8::is_ascii_digit);
    if text.is_empty() || !rest.0.is_empty() {
        return false;
    }
    // signs and zeros alone are 0
    text.iter().all(|&byte| is_sign(&byte) || byte == b'0')
        || SUFFIXES.contains(&suffix)
        || suffix.strip_prefix(b"e").or_else(|| suffix.strip_prefix(b"E")).is_some_and(is_exponent)
}

/// Digits and the sign of an exponent that are looked at.
const EXPONENT: usize = 12;

fn is_exponent(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let looked_at = &text[..text.len().min(EXPONENT)];
    let number = std::str::from_utf8(looked_at).ok().and_then(|digits| digits.parse::<i64>().ok());
    number.is_some_and(|number| number.abs() < 1 << 31)
}
