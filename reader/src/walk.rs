//! One walk over a document's events, without recursion, that makes its value and its tape.
//!
//! In: text, and something that makes values. Out: the root's value, its line and the tape; None where anything is
//! unusual. What a scalar means is decided by who makes the values. The events are libyaml's, or those of `usual`, which
//! are the same; where that gives up, libyaml reads the text from its start.

#![forbid(unsafe_code)]

use crate::events::{Event, Events, Scalar};
use crate::tape::Tape;
use crate::usual::Usual;

/// Collections inside each other that are still usual: no Kubernetes object comes near.
pub const MAX_DEPTH: usize = 100;
/// Bytes of one document: the tape has four numbers for each node, of which a byte has one at most, and 32 bits.
pub const MAX_BYTES: usize = 1 << 29;

/// Makes values. None: the document is left to the other reader. An error ends the walk.
pub trait Make {
    type Value;
    type Error;

    fn scalar(&mut self, scalar: &Scalar<'_>) -> Result<Option<Self::Value>, Self::Error>;
    fn key(&mut self, scalar: &Scalar<'_>) -> Result<Option<Self::Value>, Self::Error>;
    fn collection(&mut self, mapping: bool) -> Self::Value;
    fn insert(
        &mut self,
        mapping: &Self::Value,
        key: Self::Value,
        value: Self::Value,
    ) -> Result<(), Self::Error>;
    fn append(&mut self, sequence: &Self::Value, value: Self::Value) -> Result<(), Self::Error>;
    /// Number of different keys of a mapping.
    fn count(&self, mapping: &Self::Value) -> usize;
}

/// What gives the events of the only document of a text.
pub trait Source {
    /// Goes to the document's node; false: there is none, or it is not for this source.
    fn begin(&mut self) -> bool;
    /// Reads the node's next event; None: there is none, or it is not for this source.
    fn read(&mut self) -> Option<Event<'_>>;
    /// Tells whether nothing follows the document.
    fn end(&mut self) -> bool;
}

/// A document: its value, the line of its first node counted from 0, and its places.
pub struct Document<V> {
    pub value: V,
    pub line: u64,
    pub tape: Tape,
}

struct Frame<V> {
    value: V,
    mapping: bool,
    key: Option<V>,
    keys: usize,
    /// Entry of the collection, and the one with which what was read of it ends.
    entry: u32,
    last: u32,
}

/// Reads the only document of a text.
pub fn read<M: Make>(
    data: &[u8],
    max_depth: usize,
    make: &mut M,
) -> Result<Option<Document<M::Value>>, M::Error> {
    if data.len() > MAX_BYTES || data.starts_with(b"\xef\xbb\xbf") {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return Ok(None);
    };
    let max_depth = max_depth.min(MAX_DEPTH);
    if let Some(usual) = Usual::new(text) {
        let document = read_document(usual, max_depth, make)?;
        if document.is_some() {
            return Ok(document);
        }
    }
    match Events::new(text) {
        Some(events) => read_document(events, max_depth, make),
        None => Ok(None),
    }
}

/// Reads the only document that a source has.
pub fn read_document<M: Make>(
    mut source: impl Source,
    max_depth: usize,
    make: &mut M,
) -> Result<Option<Document<M::Value>>, M::Error> {
    if !source.begin() {
        return Ok(None);
    }
    let document = read_node(&mut source, max_depth, make)?;
    Ok(document.filter(|_| source.end()))
}

fn read_node<M: Make>(
    source: &mut impl Source,
    max_depth: usize,
    make: &mut M,
) -> Result<Option<Document<M::Value>>, M::Error> {
    let mut tape = Tape::default();
    let mut frames: Vec<Frame<M::Value>> = Vec::with_capacity(16);
    let mut first_line = None;
    loop {
        let (value, last) = match source.read() {
            Some(Event::Scalar(scalar)) => {
                first_line.get_or_insert(scalar.line);
                let last = tape.scalar(scalar.start, scalar.end, scalar.block);
                if let Some(frame) = frames.last_mut().filter(|frame| frame.mapping && frame.key.is_none()) {
                    let Some(key) = make.key(&scalar)? else {
                        return Ok(None);
                    };
                    frame.key = Some(key);
                    frame.keys += 1;
                    continue;
                }
                let Some(value) = make.scalar(&scalar)? else {
                    return Ok(None);
                };
                (value, last)
            }
            Some(Event::Start { mapping, start, line }) => {
                if frames.len() >= max_depth
                    || frames.last().is_some_and(|frame| frame.mapping && frame.key.is_none())
                {
                    return Ok(None);
                }
                first_line.get_or_insert(line);
                let entry = tape.open(start);
                let value = make.collection(mapping);
                frames.push(Frame { value, mapping, key: None, keys: 0, entry, last: entry });
                continue;
            }
            Some(Event::End { start, end }) => {
                let Some(frame) = frames.pop() else {
                    return Ok(None);
                };
                if frame.mapping && make.count(&frame.value) != frame.keys {
                    return Ok(None);
                }
                if end > start {
                    tape.close_flow(frame.entry, end);
                    (frame.value, frame.entry)
                } else {
                    tape.close_block(frame.entry, frame.last);
                    (frame.value, frame.last)
                }
            }
            _ => return Ok(None),
        };
        let Some(frame) = frames.last_mut() else {
            return Ok(Some(Document { value, line: first_line.unwrap_or(0), tape }));
        };
        frame.last = last;
        if frame.mapping {
            let Some(key) = frame.key.take() else {
                return Ok(None);
            };
            make.insert(&frame.value, key, value)?;
        } else {
            make.append(&frame.value, value)?;
        }
    }
}
