//! Literal and folded scalars, without an indentation that is written out.
//!
//! In: a text and where the scalar's `|` or `>` stands. Out: where it ends, and what it says; None where it is not
//! usual: empty, with tabs or carriage returns, or with a first line that is longer but blank.

#![forbid(unsafe_code)]

use crate::usual_lines::line_end;

/// Where a block scalar ends.
pub struct BlockEnd {
    /// Behind the empty lines that follow it.
    pub end: usize,
    /// At the line feed of its last line with text, or at the end of the text.
    pub last: usize,
    /// Line feeds between its begin and `last`.
    pub lines: u64,
}

struct Block<'t, 'm> {
    text: &'t [u8],
    made: &'m mut Vec<u8>,
    folded: bool,
    /// Where the line begins that comes next, and how many line feeds are before it.
    at: usize,
    lines: u64,
    /// Empty lines that were read and are not in what is made.
    empty: usize,
}

/// What becomes of the line feeds at the end.
#[derive(PartialEq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}

/// Scans the scalar at `start` in a collection of column `parent`; what it says is written to `made`.
pub fn block(text: &[u8], start: usize, parent: i64, made: &mut Vec<u8>) -> Option<BlockEnd> {
    let (chomp, at) = header(text, start)?;
    made.clear();
    let mut block = Block { text, made, folded: text[start] == b'>', at, lines: 1, empty: 0 };
    let indent = block.indent(parent)?;
    let mut blank_before = None;
    loop {
        blank_before = Some(block.add_line(indent, blank_before)?);
        let (last, lines) = (block.at, block.lines);
        let ended = block.break_line();
        if ended || !block.skip_empty(indent)? {
            if !ended && chomp != Chomp::Strip {
                block.made.push(b'\n');
            }
            if chomp == Chomp::Keep {
                block.add_empty();
            }
            return Some(BlockEnd { end: block.at, last, lines });
        }
    }
}

/// Reads what stands behind `|` or `>`; gives where the next line begins.
fn header(text: &[u8], start: usize) -> Option<(Chomp, usize)> {
    let mut at = start + 1;
    let chomp = match text.get(at)? {
        b'-' => Chomp::Strip,
        b'+' => Chomp::Keep,
        _ => Chomp::Clip,
    };
    if chomp != Chomp::Clip {
        at += 1;
    }
    let spaces = spaces(text, at);
    at += spaces;
    if spaces > 0 && text.get(at) == Some(&b'#') {
        at = line_end(text, at);
    }
    (text.get(at) == Some(&b'\n')).then_some((chomp, at + 1))
}

fn spaces(text: &[u8], at: usize) -> usize {
    text[at..].iter().take_while(|&&byte| byte == b' ').count()
}

impl Block<'_, '_> {
    /// Finds how far the scalar is indented, by its first line that has text.
    fn indent(&mut self, parent: i64) -> Option<usize> {
        let mut longest = 0;
        loop {
            let spaces = spaces(self.text, self.at);
            match self.text.get(self.at + spaces)? {
                b'\n' => {
                    longest = longest.max(spaces);
                    self.at += spaces + 1;
                    self.lines += 1;
                    self.empty += 1;
                }
                b'\t' | b'\r' => return None,
                _ => return (spaces >= longest && spaces > 0 && spaces as i64 > parent).then_some(spaces),
            }
        }
    }

    /// Adds the line that begins here, behind what has to stand between it and the one before, which began with a
    /// blank or not; tells whether this one does. Stops at its line feed.
    fn add_line(&mut self, indent: usize, blank_before: Option<bool>) -> Option<bool> {
        let start = self.at + indent;
        let end = line_end(self.text, start);
        if self.text.get(end) == Some(&b'\r') {
            return None;
        }
        let line = &self.text[start..end];
        let blank = matches!(line.first(), Some(b' ' | b'\t'));
        let folds = self.folded && !blank && blank_before == Some(false);
        if folds && self.empty == 0 {
            self.made.push(b' ');
        } else if !folds && blank_before.is_some() {
            self.made.push(b'\n');
        }
        self.add_empty();
        self.made.extend_from_slice(line);
        self.at = end;
        Some(blank)
    }

    fn add_empty(&mut self) {
        self.made.resize(self.made.len() + self.empty, b'\n');
        self.empty = 0;
    }

    /// Goes behind a line feed; tells whether the text has ended instead.
    fn break_line(&mut self) -> bool {
        let ended = self.at >= self.text.len();
        if !ended {
            self.at += 1;
            self.lines += 1;
        }
        ended
    }

    /// Goes over empty lines; tells whether a line of the scalar follows.
    fn skip_empty(&mut self, indent: usize) -> Option<bool> {
        loop {
            let spaces = spaces(&self.text[..self.text.len().min(self.at + indent)], self.at);
            match self.text.get(self.at + spaces) {
                Some(b'\n') => {
                    self.at += spaces + 1;
                    self.lines += 1;
                    self.empty += 1;
                }
                Some(b'\t') if spaces < indent => return None,
                Some(b'\r') => return None,
                found => return Some(spaces == indent && found.is_some()),
            }
        }
    }
}
