//! One walk over a document's events, without recursion, that makes its value and its tape.
//!
//! In: text, and something that makes values. Out: the root's value, its line and the tape; None where anything is
//! unusual. What a scalar means is decided by who makes the values.

#![forbid(unsafe_code)]

use crate::events::{Event, Events, Scalar};
use crate::tape::Tape;

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
    let Some(mut events) = Events::new(text) else {
        return Ok(None);
    };
    if !matches!(events.read(), Some(Event::StreamStart))
        || !matches!(events.read(), Some(Event::DocumentStart))
    {
        return Ok(None);
    }
    let Some(document) = read_node(&mut events, max_depth.min(MAX_DEPTH), make)? else {
        return Ok(None);
    };
    if !matches!(events.read(), Some(Event::DocumentEnd)) || !matches!(events.read(), Some(Event::StreamEnd))
    {
        return Ok(None);
    }
    Ok(Some(document))
}

fn read_node<M: Make>(
    events: &mut Events<'_>,
    max_depth: usize,
    make: &mut M,
) -> Result<Option<Document<M::Value>>, M::Error> {
    let mut tape = Tape::default();
    let mut frames: Vec<Frame<M::Value>> = Vec::new();
    let mut first_line = None;
    loop {
        let (value, last) = match events.read() {
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
