//! Steps over a JSON text: blanks, strings, numbers and names, each checked and none of them made a value.
//!
//! In: UTF-8 text. Out: where things end. JSON that is valid but odd, such as half a surrogate pair or a number that
//! may not fit into a double, stops the walk as a fault does.

#![forbid(unsafe_code)]

use std::borrow::Cow;

/// Why a walk ends before the text does.
#[derive(Debug, PartialEq)]
pub enum Stop {
    /// No JSON, or odd.
    Odd,
    /// A key stands twice in an object.
    Twice,
}

/// Collections in each other for which every thread has stack enough.
pub const MAX_LEVELS: usize = 500;

/// Digits of the largest number that every reader reads as the same.
const SAFE_DIGITS: usize = 15;
/// Length of a number that no reader refuses.
const READABLE_DIGITS: usize = 300;

/// A text and how far it was read.
pub struct Cursor<'t> {
    text: &'t [u8],
    pub at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Cursor { text, at: 0 }
    }

    /// What was read since `start`.
    pub fn since(&self, start: usize) -> &'t [u8] {
        &self.text[start..self.at]
    }

    /// What is still to be read.
    #[inline]
    pub fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    /// The byte that stands next, behind blanks; it is not read.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Stop> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(Stop::Odd)
    }

    /// Reads the byte that stands next, behind blanks.
    #[inline]
    pub fn take(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    /// Sees that nothing but blanks follows.
    pub fn end(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Ok(_) => Err(Stop::Odd),
            Err(_) => Ok(()),
        }
    }

    /// Reads a key and its colon; gives what it means.
    #[inline]
    pub fn key(&mut self) -> Result<Cow<'t, [u8]>, Stop> {
        self.peek()?;
        let start = self.at;
        let plain = self.string()?;
        let raw = &self.text[start + 1..self.at - 1];
        let key = if plain { Cow::Borrowed(raw) } else { Cow::Owned(unescape(raw)) };
        match self.take()? {
            b':' => Ok(key),
            _ => Err(Stop::Odd),
        }
    }

    /// Reads a string with its quotes; tells whether it has no escape.
    #[inline]
    pub fn string(&mut self) -> Result<bool, Stop> {
        if self.text.get(self.at) != Some(&b'"') {
            return Err(Stop::Odd);
        }
        self.at = special(self.text, self.at + 1);
        if self.text.get(self.at) == Some(&b'"') {
            self.at += 1;
            return Ok(true);
        }
        self.escaped().map(|()| false)
    }

    /// Reads the rest of a string from what may be an escape.
    #[cold]
    fn escaped(&mut self) -> Result<(), Stop> {
        loop {
            match self.byte()? {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                _ => return Err(Stop::Odd),
            }
            self.at = special(self.text, self.at);
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<(), Stop> {
        let byte = self.byte()?;
        if matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
            return Ok(());
        }
        if byte != b'u' {
            return Err(Stop::Odd);
        }
        match self.unit()? {
            0xd800..=0xdbff => {
                let pair = (self.byte()?, self.byte()?, self.unit()?);
                if !matches!(pair, (b'\\', b'u', 0xdc00..=0xdfff)) {
                    return Err(Stop::Odd);
                }
            }
            0xdc00..=0xdfff => return Err(Stop::Odd),
            _ => {}
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = *self.text.get(self.at).ok_or(Stop::Odd)?;
        self.at += 1;
        Ok(byte)
    }

    fn unit(&mut self) -> Result<u16, Stop> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Stop::Odd)?;
        self.at += 4;
        hexadecimal(digits).ok_or(Stop::Odd)
    }

    /// Goes to the end of a value that begins with `first`, whatever is in it, and however deep.
    pub fn skip(&mut self, first: u8) -> Result<(), Stop> {
        if first == b'"' {
            return self.string().map(|_| ());
        }
        if !matches!(first, b'{' | b'[') {
            return self.number();
        }
        let (mut open, mut quoted, mut escaped) = (0_usize, false, usize::MAX);
        let mut at = self.at;
        while at < self.text.len() {
            let mut marks = marks(&self.text[at..]);
            while marks != 0 {
                let place = at + marks.trailing_zeros() as usize / 8;
                marks &= marks - 1;
                match self.text[place] {
                    _ if place == escaped => {}
                    b'"' => quoted = !quoted,
                    b'\\' if quoted => escaped = place + 1,
                    b'\\' => return Err(Stop::Odd),
                    _ if quoted => {}
                    b'{' | b'[' => open += 1,
                    _ => open -= 1,
                }
                if open == 0 {
                    self.at = place + 1;
                    return Ok(());
                }
            }
            at += 8;
        }
        Err(Stop::Odd)
    }

    /// Reads one of the words that JSON has.
    #[inline]
    pub fn word(&mut self, word: &[u8]) -> Result<(), Stop> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Stop::Odd);
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads an integer that fits into 64 bits; None: it is another number, or none.
    pub fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        self.whole().ok()?;
        if matches!(self.text.get(self.at), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        let digits = self.since(start);
        if digits.len() <= SAFE_DIGITS && digits[0] != b'-' {
            return Some(digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')));
        }
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Reads a number that every reader reads, be it as infinity.
    pub fn readable_number(&mut self) -> Result<(), Stop> {
        let start = self.at;
        self.any_number()?;
        if self.at - start > READABLE_DIGITS {
            return Err(Stop::Odd);
        }
        Ok(())
    }

    /// Reads a number, of whatever size.
    pub fn any_number(&mut self) -> Result<(), Stop> {
        self.decimal()?;
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(Stop::Odd);
            }
        }
        Ok(())
    }

    /// Reads a number that every reader reads as the same.
    pub fn number(&mut self) -> Result<(), Stop> {
        let start = self.at;
        self.decimal()?;
        let odd = matches!(self.text.get(self.at), Some(b'e' | b'E')) || self.at - start > SAFE_DIGITS;
        if odd {
            Err(Stop::Odd)
        } else {
            Ok(())
        }
    }

    /// Reads a number up to its exponent.
    fn decimal(&mut self) -> Result<(), Stop> {
        self.whole()?;
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(Stop::Odd);
            }
        }
        Ok(())
    }

    fn whole(&mut self) -> Result<(), Stop> {
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let start = self.at;
        let count = self.digits();
        if count == 0 || (count > 1 && self.text[start] == b'0') {
            return Err(Stop::Odd);
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let count = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }
}

/// Tells whether a number fits into a double.
pub fn is_finite_number(text: &[u8]) -> bool {
    std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite)
}

/// The integer that a number is; None: it is none, or none of 64 bits.
///
/// A server knows how a number is written, and takes none for an integer that has a fraction or an exponent.
pub fn whole_number(text: &[u8], as_server: bool) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(integer) = text.parse() {
        return Some(integer);
    }
    if as_server {
        return None;
    }
    // as whoever reads it into a double prints that: with the fewest digits that mean it, and zeros behind them
    text.parse::<f64>().ok()?.to_string().parse().ok()
}

/// What a string with its quotes means whose escapes are sound.
pub fn meaning(text: &[u8]) -> Cow<'_, [u8]> {
    let raw = text.get(1..text.len() - 1).unwrap_or_default();
    if raw.contains(&b'\\') {
        Cow::Owned(unescape(raw))
    } else {
        Cow::Borrowed(raw)
    }
}

const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES << 7;

/// Where the next quote, backslash or control character stands from `at` on; the end of the text if none does.
#[inline]
fn special(text: &[u8], mut at: usize) -> usize {
    // Eight bytes at once: the highest bit of a zero byte is set, and of none before the first zero byte.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*bytes);
        let quotes = zeros(word ^ (ONES * b'"' as u64));
        let backslashes = zeros(word ^ (ONES * b'\\' as u64));
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (quotes | backslashes | controls) & HIGHS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
        while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
            let is_special =
                |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
            if bytes.iter().fold(0, |any, &byte| any | is_special(byte)) != 0 {
                break;
            }
            at += 16;
        }
    }
    let is_special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    text[at..].iter().position(is_special).map_or(text.len(), |length| at + length)
}

/// Which of the next eight bytes are quotes, backslashes or brackets: the highest bit of each is set.
#[inline]
fn marks(text: &[u8]) -> u64 {
    let bytes = text.first_chunk::<8>().copied().unwrap_or_else(|| {
        let mut rest = [0; 8];
        rest[..text.len()].copy_from_slice(text);
        rest
    });
    let word = u64::from_le_bytes(bytes);
    // Nothing is carried from one byte to the next, so that each bit counts.
    let lows = !HIGHS;
    let equal = |word: u64, byte: u8| {
        let differs = word ^ (ONES * byte as u64);
        !((differs & lows).wrapping_add(lows) | differs | lows)
    };
    let curly = word | (ONES * 0x20);
    equal(word, b'"') | equal(word, b'\\') | equal(curly, b'{') | equal(curly, b'}')
}

fn hexadecimal(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | (digit as char).to_digit(16)? as u16))
}

/// What the inside of a string means whose escapes are sound.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        text.extend_from_slice(&rest[..at]);
        let escape = rest.get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or_default();
        let plain = match escape {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (letter, read) = unescape_units(rest);
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(read..).unwrap_or_default();
                continue;
            }
            itself => itself,
        };
        text.push(plain);
    }
    text.extend_from_slice(rest);
    text
}

/// The letter of one or two units, and how many bytes they have behind the first `\u`.
fn unescape_units(text: &[u8]) -> (char, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(hexadecimal).unwrap_or(0xfffd);
    let first = unit(0);
    if !(0xd800..0xdc00).contains(&first) {
        return (char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER), 4);
    }
    let letter = char::decode_utf16([first, unit(6)]).next().and_then(Result::ok);
    (letter.unwrap_or(char::REPLACEMENT_CHARACTER), 10)
}
