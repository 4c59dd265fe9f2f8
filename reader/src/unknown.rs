//! Unknown fields: whether a name is one's, and where its value ends, which has to be JSON of whatever types.
//!
//! Keys may stand twice in it, and numbers may have any size, since nobody reads them.

#![forbid(unsafe_code)]

use crate::json::{Cursor, Stop};

/// Tells whether a server cannot take a name for one of `known`, even where it finds that in whatever case.
///
/// It does so with apiVersion and kind, and by letters that are not of ASCII, too.
pub fn is_unknown<'f>(name: &[u8], mut known: impl Iterator<Item = &'f [u8]>) -> bool {
    name.is_ascii() && !known.any(|field| field.eq_ignore_ascii_case(name))
}

/// Passes over a value in which no more than `levels` collections are in each other.
pub fn pass_over(cursor: &mut Cursor<'_>, levels: usize) -> Result<(), Stop> {
    match cursor.peek()? {
        b'{' => collection(cursor, levels, b'}'),
        b'[' => collection(cursor, levels, b']'),
        b'"' => cursor.string().map(|_| ()),
        b't' => cursor.word(b"true"),
        b'f' => cursor.word(b"false"),
        b'n' => cursor.word(b"null"),
        _ => cursor.any_number(),
    }
}

fn collection(cursor: &mut Cursor<'_>, levels: usize, end: u8) -> Result<(), Stop> {
    let levels = levels.checked_sub(1).ok_or(Stop::Odd)?;
    cursor.at += 1;
    if cursor.peek()? == end {
        cursor.at += 1;
        return Ok(());
    }
    loop {
        if end == b'}' {
            cursor.peek()?;
            cursor.string()?;
            if cursor.take()? != b':' {
                return Err(Stop::Odd);
            }
        }
        pass_over(cursor, levels)?;
        match cursor.take()? {
            b',' => {}
            byte if byte == end => return Ok(()),
            _ => return Err(Stop::Odd),
        }
    }
}
