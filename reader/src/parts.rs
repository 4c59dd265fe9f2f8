//! The parts of a list or an object, each as it is written.
//!
//! In: a text, and where the collection begins in it. Out: where its parts begin and end. What is in them is not looked
//! at: the text was proved sound before.

#![forbid(unsafe_code)]

use std::borrow::Cow;

use crate::json::{Cursor, Stop};

/// Where something begins and ends.
#[derive(Clone, Copy, PartialEq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// A key of an object and its value.
pub struct Member<'t> {
    /// What the key means.
    pub name: Cow<'t, [u8]>,
    /// Where the key begins.
    pub start: usize,
    pub value: Span,
}

/// Adds the members of an object, and gives where it ends.
pub fn add_members<'t>(text: &'t [u8], start: usize, members: &mut Vec<Member<'t>>) -> Result<usize, Stop> {
    parts(text, start, b'}', |cursor| {
        cursor.peek()?;
        let start = cursor.at;
        let name = cursor.key()?;
        members.push(Member { name, start, value: next_value(cursor)? });
        Ok(())
    })
}

/// The items of a list.
pub fn items(text: &[u8], start: usize) -> Result<Vec<Span>, Stop> {
    let mut items = Vec::new();
    parts(text, start, b']', |cursor| {
        items.push(next_value(cursor)?);
        Ok(())
    })?;
    Ok(items)
}

/// Tells whether a collection has no parts.
pub fn is_empty(text: &[u8], start: usize) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.at = start + 1;
    matches!(cursor.peek(), Ok(b']' | b'}'))
}

fn parts<'t>(
    text: &'t [u8],
    start: usize,
    end: u8,
    mut read: impl FnMut(&mut Cursor<'t>) -> Result<(), Stop>,
) -> Result<usize, Stop> {
    let mut cursor = Cursor::new(text);
    cursor.at = start + 1;
    if cursor.peek()? == end {
        return Ok(cursor.at + 1);
    }
    loop {
        read(&mut cursor)?;
        match cursor.take()? {
            b',' => {}
            byte if byte == end => return Ok(cursor.at),
            _ => return Err(Stop::Odd),
        }
    }
}

fn next_value(cursor: &mut Cursor<'_>) -> Result<Span, Stop> {
    let first = cursor.peek()?;
    let start = cursor.at;
    match first {
        b't' => cursor.word(b"true")?,
        b'f' => cursor.word(b"false")?,
        b'n' => cursor.word(b"null")?,
        b'{' | b'[' | b'"' => cursor.skip(first)?,
        _ => cursor.any_number()?,
    }
    Ok(Span { start, end: cursor.at })
}
