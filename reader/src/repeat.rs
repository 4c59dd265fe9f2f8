//! Which key of a JSON text stands twice.
//!
//! In: text. Out: the way to the first such key: an object's own before those of what stands in it.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::{Cursor, Stop, MAX_LEVELS};

/// A step on the way to a value: a key of an object, or a place in a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Key(String),
    Item(usize),
}

impl Step {
    /// The step to what an object has under a key.
    pub fn key(key: &[u8]) -> Step {
        let text: Cow<'_, str> = String::from_utf8_lossy(key);
        Step::Key(text.into_owned())
    }
}

/// Finds the first key that stands twice; None: there is none, or the text is odd.
pub fn first_repeat(text: &[u8], max_depth: usize) -> Option<Vec<Step>> {
    std::str::from_utf8(text).ok()?;
    let mut search = Search { cursor: Cursor::new(text), found: None, levels: max_depth.min(MAX_LEVELS) };
    search.value().ok()?;
    search.cursor.end().ok()?;
    search.found.map(|mut way| {
        way.reverse();
        way
    })
}

struct Search<'t> {
    cursor: Cursor<'t>,
    /// The way to the key, its last step first, as far as it is known.
    found: Option<Vec<Step>>,
    levels: usize,
}

impl Search<'_> {
    fn value(&mut self) -> Result<(), Stop> {
        match self.cursor.peek()? {
            b'{' => self.collection(b'}'),
            b'[' => self.collection(b']'),
            b'"' => self.cursor.string().map(|_| ()),
            b't' => self.cursor.word(b"true"),
            b'f' => self.cursor.word(b"false"),
            b'n' => self.cursor.word(b"null"),
            _ => self.cursor.readable_number(),
        }
    }

    fn collection(&mut self, end: u8) -> Result<(), Stop> {
        self.levels = self.levels.checked_sub(1).ok_or(Stop::Odd)?;
        self.cursor.at += 1;
        let found_before = self.found.is_some();
        let mut own = None;
        let mut keys = HashSet::new();
        let mut count = 0;
        if self.cursor.peek()? == end {
            self.cursor.at += 1;
        } else {
            loop {
                let key = if end == b'}' { Some(self.cursor.key()?) } else { None };
                let known = self.found.is_some();
                self.value()?;
                if !known {
                    if let Some(way) = &mut self.found {
                        way.push(key.as_deref().map_or(Step::Item(count), Step::key));
                    }
                }
                if let Some(key) = key {
                    if own.is_none() && keys.contains(&key) {
                        own = Some(vec![Step::key(&key)]);
                    }
                    keys.insert(key);
                }
                count += 1;
                match self.cursor.take()? {
                    b',' => {}
                    byte if byte == end => break,
                    _ => return Err(Stop::Odd),
                }
            }
        }
        if own.is_some() && !found_before {
            self.found = own;
        }
        self.levels += 1;
        Ok(())
    }
}
