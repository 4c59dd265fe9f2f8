//! The events of a text in the form that manifests usually have: libyaml's, several times as fast.
//!
//! In: UTF-8 text. Out: the events of its only document, one by one. None where anything is not usual, and so wherever
//! it may be wrong: libyaml then reads the text from its start, so that what is YAML, and what it means, is decided
//! there. Whatever this gives is what libyaml gives.

#![forbid(unsafe_code)]

use crate::events::{Event, Scalar};
use crate::usual_blocks::{block, BlockEnd};
use crate::usual_lines::{is_blank, Lines, Way, END};
use crate::usual_quotes::{fold_breaks, quoted, QuotedEnd};
use crate::usual_scalars::{begins_plain, behind_colon, nothing, plain, Found, Style};
use crate::walk::Source;

/// Reads a text as long as it is usual.
pub struct Usual<'t> {
    pub(crate) lines: Lines<'t>,
    /// The collections that have begun, the innermost last.
    pub(crate) levels: Vec<Level>,
    pub(crate) next: Next,
    /// The scalar that was found last.
    pub(crate) found: Found,
    /// What a scalar says that is written in another way.
    pub(crate) made: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(crate) struct Level {
    pub kind: Kind,
    pub column: i64,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Mapping,
    Sequence,
    /// A sequence in the column of the key that it belongs to.
    SequenceAtKey,
    FlowMapping,
    FlowSequence,
}

/// What comes next.
#[derive(Clone, Copy)]
pub(crate) enum Next {
    /// A node, where a key may stand.
    Node,
    /// A mapping's first key, which was found last; its colon is behind it.
    Key,
    /// A key's value, from its colon on.
    Value,
    /// A sequence's item, from its dash on.
    Entry,
    /// Whatever follows a node, from the node's end on.
    Behind,
    /// Whatever follows a node, from where that begins on.
    Line,
    /// In brackets: an item, a key or the end.
    FlowItem,
    /// In brackets: a key's value.
    FlowValue,
    /// In brackets: what follows a node.
    FlowBehind,
}

/// An event that borrows nothing.
pub(crate) enum Step {
    /// The scalar that was found last.
    Scalar,
    Start {
        mapping: bool,
        start: usize,
        line: u64,
    },
    End {
        start: usize,
        end: usize,
    },
}

impl<'t> Usual<'t> {
    /// Starts to read a text; None where its characters are not usual.
    pub fn new(text: &'t str) -> Option<Self> {
        let lines = Lines::new(text)?;
        let levels = Vec::with_capacity(16);
        Some(Usual { lines, levels, next: Next::Node, found: nothing(0, 0), made: Vec::new() })
    }

    fn step(&mut self) -> Option<Step> {
        match self.next {
            Next::Line => self.line(),
            Next::Value => self.value(),
            Next::Behind => self.behind(),
            Next::Entry => self.entry(),
            Next::Node => self.node(true),
            Next::Key => {
                self.next = Next::Value;
                Some(Step::Scalar)
            }
            Next::FlowItem => self.flow_item(),
            Next::FlowValue => self.flow_value(),
            Next::FlowBehind => self.flow_behind(),
        }
    }

    /// The column of the innermost collection without brackets.
    fn column(&self) -> i64 {
        self.levels.last().map_or(END, |level| level.column)
    }

    fn is_dash(&self) -> bool {
        self.lines.byte(self.lines.at) == b'-' && is_blank(self.lines.byte(self.lines.at + 1))
    }

    /// Goes to what follows a node, which has to stand on another line.
    fn behind(&mut self) -> Option<Step> {
        if self.lines.advance()? == Way::Spaces {
            return None;
        }
        self.line()
    }

    /// Reads the next key or item of the collection that goes on, or ends one that does not.
    fn line(&mut self) -> Option<Step> {
        let level = *self.levels.last()?;
        let column = self.lines.column();
        if column > level.column {
            return None;
        }
        let at = self.lines.at;
        if column == level.column {
            if level.kind == Kind::Mapping {
                self.scalar(false)?;
                self.lines.at = self.behind_colon(false)?;
                self.next = Next::Value;
                return Some(Step::Scalar);
            }
            if self.is_dash() {
                self.lines.at += 1;
                return self.entry();
            }
            if level.kind == Kind::Sequence {
                return None;
            }
        }
        self.levels.pop();
        self.next = Next::Line;
        Some(Step::End { start: at, end: at })
    }

    fn value(&mut self) -> Option<Step> {
        let (at, line) = (self.lines.at, self.lines.line);
        if self.lines.advance()? == Way::Spaces {
            return self.node(false);
        }
        let column = self.lines.column();
        let level = self.column();
        if column > level {
            return self.node(true);
        }
        if column == level && self.is_dash() {
            return Some(self.begin_sequence(Kind::SequenceAtKey));
        }
        self.found = nothing(at, line);
        self.next = Next::Line;
        Some(Step::Scalar)
    }

    fn entry(&mut self) -> Option<Step> {
        let (at, line) = (self.lines.at, self.lines.line);
        if self.lines.advance()? == Way::Spaces || self.lines.column() > self.column() {
            return self.node(true);
        }
        self.found = nothing(at, line);
        self.next = Next::Line;
        Some(Step::Scalar)
    }

    /// Begins a sequence at a dash.
    fn begin_sequence(&mut self, kind: Kind) -> Step {
        let start = self.lines.at;
        self.levels.push(Level { kind, column: self.lines.column() });
        self.lines.at += 1;
        self.next = Next::Entry;
        Step::Start { mapping: false, start, line: self.lines.line }
    }

    /// Reads a node, which may be a mapping only where a key may stand.
    fn node(&mut self, may_have_keys: bool) -> Option<Step> {
        match self.lines.byte(self.lines.at) {
            b'[' | b'{' => Some(self.begin_flow()),
            b'|' | b'>' => self.block(),
            b'-' if self.is_dash() => may_have_keys.then(|| self.begin_sequence(Kind::Sequence)),
            _ => {
                let column = self.lines.column();
                self.scalar(false)?;
                if may_have_keys {
                    if let Some(at) = self.behind_colon(false) {
                        self.lines.at = at;
                        self.levels.push(Level { kind: Kind::Mapping, column });
                        self.next = Next::Key;
                        let Found { start, line, .. } = self.found;
                        return Some(Step::Start { mapping: true, start, line });
                    }
                }
                if self.found.style == Style::Plain {
                    return self.behind_plain();
                }
                self.next = Next::Behind;
                Some(Step::Scalar)
            }
        }
    }

    /// Goes to what follows a plain scalar, which goes on where lines are further in than its collection.
    fn behind_plain(&mut self) -> Option<Step> {
        let column = self.column();
        let mut line = self.lines.line;
        loop {
            if self.lines.advance()? == Way::Spaces {
                return None;
            }
            if self.lines.column() <= column {
                self.next = Next::Line;
                return Some(Step::Scalar);
            }
            if self.lines.noted || self.levels.is_empty() {
                return None;
            }
            let breaks = (self.lines.line - line) as usize;
            line = self.lines.line;
            self.join(breaks)?;
        }
    }

    /// Joins what a plain scalar has on this line to it.
    fn join(&mut self, breaks: usize) -> Option<()> {
        let (text, start) = (self.lines.text, self.lines.at);
        let (end, at) = plain(text, start, false)?;
        if self.lines.byte(at) == b':' {
            return None;
        }
        if let Some((first, last)) = self.found.words.take() {
            self.made.clear();
            self.made.extend_from_slice(&text[first..last]);
        }
        fold_breaks(&mut self.made, breaks);
        self.made.extend_from_slice(&text[start..end]);
        (self.found.end, self.lines.at) = (end, at);
        Some(())
    }

    fn block(&mut self) -> Option<Step> {
        let (start, line) = (self.lines.at, self.lines.line);
        if self.levels.is_empty() {
            return None;
        }
        let BlockEnd { end, last, lines } = block(self.lines.text, start, self.column(), &mut self.made)?;
        self.found = Found { start, end, line, style: Style::Block, words: None };
        self.lines.at = last;
        self.lines.line += lines;
        self.next = Next::Behind;
        Some(Step::Scalar)
    }

    /// Finds a scalar, and goes behind it; of a plain one, behind what it has on this line.
    pub(crate) fn scalar(&mut self, flow: bool) -> Option<()> {
        let (start, line, text) = (self.lines.at, self.lines.line, self.lines.text);
        if matches!(self.lines.byte(start), b'"' | b'\'') {
            let QuotedEnd { end, words, lines } = quoted(text, start, &mut self.made)?;
            self.found = Found { start, end, line, style: Style::Quoted, words };
            self.lines.at = end;
            self.lines.line += lines;
            return Some(());
        }
        if !begins_plain(text, start, flow, self.lines.column() == 0) {
            return None;
        }
        let (end, at) = plain(text, start, flow)?;
        self.found = Found { start, end, line, style: Style::Plain, words: Some((start, end)) };
        self.lines.at = at;
        Some(())
    }

    /// Gives the place behind the colon that makes a key of the scalar that was found last.
    pub(crate) fn behind_colon(&self, flow: bool) -> Option<usize> {
        let is_on_line = self.found.line == self.lines.line;
        is_on_line.then(|| behind_colon(self.lines.text, &self.found, self.lines.at, flow))?
    }
}

impl Source for Usual<'_> {
    fn begin(&mut self) -> bool {
        self.lines.advance().is_some() && !self.lines.has_ended()
    }

    fn read(&mut self) -> Option<Event<'_>> {
        Some(match self.step()? {
            Step::Scalar => Event::Scalar(Scalar {
                text: self.found.words.map_or(&self.made, |(start, end)| &self.lines.text[start..end]),
                plain: self.found.style == Style::Plain,
                block: self.found.style == Style::Block,
                start: self.found.start as u64,
                end: self.found.end as u64,
                line: self.found.line,
            }),
            Step::Start { mapping, start, line } => Event::Start { mapping, start: start as u64, line },
            Step::End { start, end } => Event::End { start: start as u64, end: end as u64 },
        })
    }

    fn end(&mut self) -> bool {
        self.lines.advance().is_some() && self.lines.has_ended()
    }
}
