//! Collections in brackets, on one line or several.
//!
//! In: a reader that stands in one. Out: its next event. In brackets columns mean nothing.

#![forbid(unsafe_code)]

use crate::usual::{Kind, Level, Next, Step, Usual};

impl Usual<'_> {
    /// Begins a collection at its bracket.
    pub(crate) fn begin_flow(&mut self) -> Step {
        let start = self.lines.at;
        let mapping = self.lines.byte(start) == b'{';
        let kind = if mapping { Kind::FlowMapping } else { Kind::FlowSequence };
        let column = self.levels.last().map_or(-1, |level| level.column);
        self.levels.push(Level { kind, column });
        self.lines.at += 1;
        self.next = Next::FlowItem;
        Step::Start { mapping, start, line: self.lines.line }
    }

    /// Reads what stands behind an opening bracket or a comma.
    pub(crate) fn flow_item(&mut self) -> Option<Step> {
        self.lines.advance()?;
        let kind = self.levels.last()?.kind;
        let byte = self.lines.byte(self.lines.at);
        if byte == closing(kind) {
            return self.end_flow();
        }
        if kind == Kind::FlowSequence {
            return self.flow_node();
        }
        self.scalar(true)?;
        self.lines.at = self.behind_colon(true)?;
        self.next = Next::FlowValue;
        Some(Step::Scalar)
    }

    pub(crate) fn flow_value(&mut self) -> Option<Step> {
        self.lines.advance()?;
        self.flow_node()
    }

    /// Reads a comma and what stands behind it, or the end.
    pub(crate) fn flow_behind(&mut self) -> Option<Step> {
        self.lines.advance()?;
        match self.lines.byte(self.lines.at) {
            b',' => {
                self.lines.at += 1;
                self.flow_item()
            }
            byte if byte == closing(self.levels.last()?.kind) => self.end_flow(),
            _ => None,
        }
    }

    fn flow_node(&mut self) -> Option<Step> {
        if matches!(self.lines.byte(self.lines.at), b'[' | b'{') {
            return Some(self.begin_flow());
        }
        self.scalar(true)?;
        self.next = Next::FlowBehind;
        Some(Step::Scalar)
    }

    fn end_flow(&mut self) -> Option<Step> {
        let start = self.lines.at;
        self.lines.at += 1;
        self.levels.pop();
        let inner = self.levels.last().is_some_and(|level| closing(level.kind) != 0);
        self.next = if inner { Next::FlowBehind } else { Next::Behind };
        Some(Step::End { start, end: start + 1 })
    }
}

/// The bracket that ends a collection; 0: none does.
fn closing(kind: Kind) -> u8 {
    match kind {
        Kind::FlowMapping => b'}',
        Kind::FlowSequence => b']',
        _ => 0,
    }
}
