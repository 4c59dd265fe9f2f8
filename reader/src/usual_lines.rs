//! A place in a text, and the ways over spaces, line ends and comments to the next one.
//!
//! In: UTF-8 text whose characters are usual ones. Out: where what is written begins, and in which column.

#![forbid(unsafe_code)]

/// Column of a text's end, left of everything.
pub const END: i64 = -1;

/// A place in a text, with its line; both are counted from 0.
pub struct Lines<'t> {
    pub text: &'t [u8],
    pub at: usize,
    pub line: u64,
    /// Where the line begins.
    start: usize,
    /// Whether the last way went over a comment.
    pub noted: bool,
}

/// What lay before the next place.
#[derive(PartialEq)]
pub enum Way {
    /// Nothing but spaces.
    Spaces,
    /// The end of a line at least, or of the text.
    Lines,
}

impl<'t> Lines<'t> {
    /// Begins a text; None where a character is not usual: such as end a line besides line feeds, or are refused.
    pub fn new(text: &'t str) -> Option<Self> {
        has_usual_characters(text).then_some(Lines {
            text: text.as_bytes(),
            at: 0,
            line: 0,
            start: 0,
            noted: false,
        })
    }

    pub fn byte(&self, at: usize) -> u8 {
        byte(self.text, at)
    }

    pub fn has_ended(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The column of the place; behind anything but spaces and dashes it is of no use.
    pub fn column(&self) -> i64 {
        if self.has_ended() {
            END
        } else {
            (self.at - self.start) as i64
        }
    }

    /// Goes to what is written next; None: tabs, a carriage return alone, or a `#` that nothing separates.
    pub fn advance(&mut self) -> Option<Way> {
        let mut way = Way::Spaces;
        self.noted = false;
        loop {
            let mut at = self.at;
            while self.byte(at) == b' ' {
                at += 1;
            }
            self.at = at;
            match self.byte(at) {
                b'\n' => self.break_line(1),
                b'\r' if self.byte(at + 1) == b'\n' => self.break_line(2),
                b'#' if at == self.start || self.text[at - 1] == b' ' => {
                    self.at = line_end(self.text, at);
                    self.noted = true;
                    continue;
                }
                0 => return Some(Way::Lines),
                b'\t' | b'\r' | b'#' => return None,
                _ => return Some(way),
            }
            way = Way::Lines;
        }
    }

    fn break_line(&mut self, length: usize) {
        self.at += length;
        self.start = self.at;
        self.line += 1;
    }
}

/// The byte at a place; 0 at the end, which is in no usual text.
pub fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// Tells whether a byte separates words: a space, a line end, or the end of the text.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0)
}

/// Where the line ends in which a place is: its line feed or carriage return, or the end of the text.
pub fn line_end(text: &[u8], at: usize) -> usize {
    text[at..]
        .iter()
        .position(|&byte| byte == b'\n' || byte == b'\r')
        .map_or(text.len(), |length| at + length)
}

fn has_usual_characters(text: &str) -> bool {
    let odd = |byte: u8| byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t') || byte == 0x7f;
    // without an early end the compiler looks at many bytes at once
    let any_odd = text.bytes().fold(false, |any, byte| any | odd(byte));
    !any_odd && (text.is_ascii() || text.chars().all(is_usual))
}

/// Tells whether a character is neither refused nor a line end of its own nor a byte order mark.
fn is_usual(character: char) -> bool {
    !matches!(character, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
