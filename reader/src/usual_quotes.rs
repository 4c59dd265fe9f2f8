//! Scalars in quotes, with escapes and on several lines.
//!
//! In: a text and where a scalar begins. Out: where it ends and what it says; None where it is not usual.

#![forbid(unsafe_code)]

use crate::usual_lines::byte;

/// Where a quoted scalar ends.
pub struct QuotedEnd {
    pub end: usize,
    /// What it says stands between these places; None: it was made beside the text.
    pub words: Option<(usize, usize)>,
    /// Line ends in it.
    pub lines: u64,
}

struct Quoted<'t, 'm> {
    text: &'t [u8],
    made: &'m mut Vec<u8>,
    at: usize,
    /// What stands before this place is in what is made, if anything is.
    kept: usize,
    makes: bool,
    lines: u64,
}

/// Scans a quoted scalar; what it says is written to `made` unless it stands in the text as it is.
pub fn quoted(text: &[u8], start: usize, made: &mut Vec<u8>) -> Option<QuotedEnd> {
    let quote = text[start];
    let is_stop = |&byte: &u8| byte == quote || byte == b'\\' || byte == b'\n' || byte == b'\r';
    let mut quoted = Quoted { text, made, at: start + 1, kept: start + 1, makes: false, lines: 0 };
    loop {
        quoted.at += text[quoted.at..].iter().position(is_stop)?;
        let next = byte(text, quoted.at + 1);
        match text[quoted.at] {
            b'\\' if quote == b'\'' => quoted.at += 1,
            b'\\' if matches!(next, b'\n' | b'\r') => quoted.escape_break()?,
            b'\\' => quoted.escape()?,
            b'\n' | b'\r' => quoted.fold()?,
            _ if quote == b'\'' && next == quote => {
                quoted.keep(quoted.at + 1);
                quoted.go_to(quoted.at + 2);
            }
            _ => return Some(quoted.end(start)),
        }
    }
}

impl Quoted<'_, '_> {
    /// Writes what stands before a place and was not written.
    fn keep(&mut self, end: usize) {
        if !self.makes {
            self.makes = true;
            self.made.clear();
        }
        self.made.extend_from_slice(&self.text[self.kept..end]);
    }

    /// Goes over what is not kept.
    fn go_to(&mut self, place: usize) {
        self.at = place;
        self.kept = place;
    }

    fn escape(&mut self) -> Option<()> {
        let (meant, length) = escaped(self.text, self.at)?;
        self.keep(self.at);
        self.made.extend_from_slice(meant.encode_utf8(&mut [0; 4]).as_bytes());
        self.go_to(self.at + length);
        Some(())
    }

    /// Goes over a line end behind a backslash, which means nothing, and the empty lines that follow.
    fn escape_break(&mut self) -> Option<()> {
        self.keep(self.at);
        self.at += 1;
        let breaks = self.skip_breaks()?;
        self.made.resize(self.made.len() + breaks - 1, b'\n');
        Some(())
    }

    /// Goes over a line end, which means a space, or the empty lines that follow.
    fn fold(&mut self) -> Option<()> {
        let words = self.text[self.kept..self.at].trim_ascii_end().len();
        self.keep(self.kept + words);
        let breaks = self.skip_breaks()?;
        fold_breaks(self.made, breaks);
        Some(())
    }

    /// Goes from a line end to the next word; gives how many line ends are before it.
    fn skip_breaks(&mut self) -> Option<usize> {
        let mut breaks = 0;
        let mut at = self.at;
        loop {
            match byte(self.text, at) {
                b'\n' => breaks += 1,
                b'\r' if byte(self.text, at + 1) == b'\n' => {}
                b'\r' => return None,
                b' ' | b'\t' => {}
                // may be the end of the document
                b'-' | b'.' if self.text[at - 1] == b'\n' => return None,
                _ => break,
            }
            at += 1;
        }
        self.lines += breaks as u64;
        self.go_to(at);
        Some(breaks)
    }

    fn end(&mut self, start: usize) -> QuotedEnd {
        if self.makes {
            self.keep(self.at);
        }
        let words = (!self.makes).then_some((start + 1, self.at));
        QuotedEnd { end: self.at + 1, words, lines: self.lines }
    }
}

/// Writes what line ends between words mean: one a space, more of them one line end less.
pub fn fold_breaks(made: &mut Vec<u8>, breaks: usize) {
    if breaks == 1 {
        made.push(b' ');
    } else {
        made.resize(made.len() + breaks - 1, b'\n');
    }
}

/// What an escape means, and how long it is; None where libyaml refuses it, or nobody uses it.
fn escaped(text: &[u8], at: usize) -> Option<(char, usize)> {
    let letter = byte(text, at + 1);
    let digits = match letter {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return one_letter(letter).map(|meant| (meant, 2)),
    };
    let end = at + 2 + digits;
    let code = text
        .get(at + 2..end)?
        .iter()
        .try_fold(0, |code: u32, &digit| Some(code << 4 | char::from(digit).to_digit(16)?))?;
    Some((char::from_u32(code)?, end - at))
}

fn one_letter(letter: u8) -> Option<char> {
    Some(match letter {
        b'"' | b'\\' | b'/' | b' ' => char::from(letter),
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'e' => '\x1b',
        _ => return None,
    })
}
