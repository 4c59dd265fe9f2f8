//! Reads a text by the events of `usual` and by libyaml's, and panics where the first gives what the other does not.

use podproof_reader::events::Events;
use podproof_reader::usual::Usual;
use podproof_reader::walk::{self, read_document, Document, Source, MAX_DEPTH};

use crate::checked::{numbers, Maker, Value};

/// What both readers say of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// It is usual.
    Usual,
    /// Only libyaml reads it.
    Unusual,
    /// Neither reads it.
    Unread,
}

type Read = Option<(Value, u64, Vec<usize>)>;

fn read(source: Option<impl Source>) -> Read {
    let Ok(document) = read_document(source?, MAX_DEPTH, &mut Maker);
    facts(document)
}

fn facts(document: Option<Document<Value>>) -> Read {
    document.map(|document| (document.value, document.line, numbers(&document.tape)))
}

/// Reads a text in both ways.
pub fn read_compared(data: &[u8]) -> Reading {
    let Ok(walked) = walk::read(data, MAX_DEPTH, &mut Maker);
    let walked = facts(walked);
    let Ok(text) = std::str::from_utf8(data) else {
        assert!(walked.is_none());
        return Reading::Unread;
    };
    let usual = read(Usual::new(text));
    let other = if data.starts_with(b"\xef\xbb\xbf") { None } else { read(Events::new(text)) };
    assert!(walked == other, "its walk is another: {:?}", &text[..text.len().min(4000)]);
    if usual.is_some() {
        assert!(usual == other, "it is read in two ways: {:?}", &text[..text.len().min(4000)]);
        return Reading::Usual;
    }
    if other.is_some() {
        Reading::Unusual
    } else {
        Reading::Unread
    }
}
