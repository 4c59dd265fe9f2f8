//! Where a text stops being JSON, as Go's scanner tells.
//!
//! In: bytes. Out: the place of the first byte that it does not take, and what it was looking for; its words are in
//! Python.
//! Source: src/podproof/kube/go_json.py, which names Go's.

#![forbid(unsafe_code)]

/// Collections in each other that Go reads. Source: encoding/json scanner.go.
pub const MAX_NESTED: usize = 10_000;

/// What was looked for where a text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted {
    /// More text.
    More = 0,
    Value,
    Key,
    Colon,
    PairEnd,
    ItemEnd,
    Nothing,
    StringByte,
    Escape,
    Hexadecimal,
    Digit,
    FractionDigit,
    ExponentDigit,
    TrueLetter,
    FalseLetter,
    NullLetter,
    /// No more collections in each other.
    Depth,
}

/// Where a text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyntaxFault {
    pub place: usize,
    pub wanted: Wanted,
    /// The letter that a word has there.
    pub letter: u8,
}

/// Finds the first fault of a text; None: it is JSON.
pub fn syntax_fault(text: &[u8]) -> Option<SyntaxFault> {
    let mut scan = Scan { text, at: 0 };
    scan.document().err()
}

/// Tells whether the first value of a text nests deeper, be it JSON or not; false as well: a string has no end.
///
/// As src/podproof/manifest/json_text.py, it looks at strings and brackets alone.
pub fn nests_deeper(text: &[u8], limit: usize) -> bool {
    let (mut depth, mut at) = (0, 0);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => match string_end(text, at) {
                Some(end) => at = end,
                None => return false,
            },
            b'{' | b'[' if depth == limit => return true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return false,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    false
}

fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

type Scanned = Result<(), SyntaxFault>;

impl Scan<'_> {
    fn fault(&self, wanted: Wanted) -> Scanned {
        Err(SyntaxFault { place: self.at, wanted, letter: 0 })
    }

    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The byte behind blanks.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn next(&mut self) -> Result<u8, SyntaxFault> {
        self.peek().ok_or(SyntaxFault { place: self.at, wanted: Wanted::More, letter: 0 })
    }

    fn document(&mut self) -> Scanned {
        // the brackets with which open collections end
        let mut open: Vec<u8> = Vec::new();
        loop {
            let byte = self.next()?;
            let end = match byte {
                b'{' => b'}',
                b'[' => b']',
                _ => 0,
            };
            if end != 0 {
                if open.len() >= MAX_NESTED {
                    return Err(SyntaxFault { place: self.at, wanted: Wanted::Depth, letter: byte });
                }
                self.at += 1;
                if self.peek() != Some(end) {
                    open.push(end);
                    if end == b'}' {
                        self.key()?;
                    }
                    continue;
                }
                self.at += 1;
            } else {
                self.scalar(byte)?;
            }
            while let Some(&end) = open.last() {
                let byte = self.next()?;
                if byte != b',' && byte != end {
                    return self.fault(if end == b'}' { Wanted::PairEnd } else { Wanted::ItemEnd });
                }
                self.at += 1;
                if byte == b',' {
                    if end == b'}' {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
            }
            if open.is_empty() {
                return match self.peek() {
                    Some(_) => self.fault(Wanted::Nothing),
                    None => Ok(()),
                };
            }
        }
    }

    fn key(&mut self) -> Scanned {
        if self.next()? != b'"' {
            return self.fault(Wanted::Key);
        }
        self.string()?;
        if self.next()? != b':' {
            return self.fault(Wanted::Colon);
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self, byte: u8) -> Scanned {
        match byte {
            b'"' => self.string(),
            b't' => self.word(b"true", Wanted::TrueLetter),
            b'f' => self.word(b"false", Wanted::FalseLetter),
            b'n' => self.word(b"null", Wanted::NullLetter),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.fault(Wanted::Value),
        }
    }

    fn word(&mut self, word: &[u8], wanted: Wanted) -> Scanned {
        for &letter in word {
            if self.byte() != Some(letter) {
                return Err(SyntaxFault { place: self.at, wanted, letter });
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Scanned {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits(Wanted::Digit)?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits(Wanted::FractionDigit)?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits(Wanted::ExponentDigit)?;
        }
        Ok(())
    }

    fn digits(&mut self, wanted: Wanted) -> Scanned {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return self.fault(wanted);
        }
        Ok(())
    }

    fn string(&mut self) -> Scanned {
        self.at += 1;
        loop {
            match self.byte() {
                None => return self.fault(Wanted::More),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(0..=0x1f) => return self.fault(Wanted::StringByte),
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Scanned {
        match self.byte() {
            Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.byte().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return self.fault(Wanted::Hexadecimal);
                    }
                    self.at += 1;
                }
            }
            _ => return self.fault(Wanted::Escape),
        }
        Ok(())
    }
}
