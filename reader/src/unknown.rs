//! Names and values that a table has not: whether a name may be a kind's, and where a value ends.
//!
//! A value is JSON of whatever types. Keys may stand twice in it, and numbers may have any size: nobody reads them.

#![forbid(unsafe_code)]

use crate::json::{Cursor, Stop};
use crate::parts::{add_members, Member};

/// The names under which a server looks for the kind of an object, in whatever case.
const KIND_NAMES: [&[u8]; 2] = [b"apiversion", b"kind"];
/// Bytes of the longest spelling of one, which is `apıverſıon`.
const LONGEST: usize = 13;

/// Tells whether a server takes a name for apiVersion or kind.
///
/// Three letters that are not of ASCII are taken for their likes: the long s, Kelvin's sign, and the i without a dot.
pub fn names_kind(name: &[u8]) -> bool {
    if name.len() > LONGEST {
        return false;
    }
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    let letters = name.chars().map(|letter| match letter {
        '\u{17f}' => b's',
        '\u{212a}' => b'k',
        '\u{131}' => b'i',
        letter => u8::try_from(letter).map_or(0, |byte| byte.to_ascii_lowercase()),
    });
    KIND_NAMES.iter().any(|known| letters.clone().eq(known.iter().copied()))
}

/// The members of an object by which a server knows its kind.
fn kind_members(text: &[u8]) -> Result<Vec<Member<'_>>, Stop> {
    let mut cursor = Cursor::new(text);
    let mut members = Vec::new();
    if cursor.peek()? == b'{' {
        add_members(text, cursor.at, &mut members)?;
    }
    members.retain(|member| names_kind(&member.name));
    Ok(members)
}

/// Tells whether an object has such a member with a name in another case.
pub fn has_odd_name(text: &[u8]) -> Result<bool, Stop> {
    Ok(kind_members(text)?.iter().any(|member| !matches!(&*member.name, b"apiVersion" | b"kind")))
}

/// Writes those members, each value without what may be in it.
pub fn names_of_kind(text: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut names = vec![b'{'];
    for member in kind_members(text)? {
        if names.len() > 1 {
            names.push(b',');
        }
        names.extend_from_slice(&text[member.start..member.value.start]);
        names.extend_from_slice(emptied(&text[member.value.start..member.value.end]));
    }
    names.push(b'}');
    Ok(names)
}

/// A value without what is in it, if it is a collection.
pub fn emptied(value: &[u8]) -> &[u8] {
    match value.first() {
        Some(b'{') => b"{}",
        Some(b'[') => b"[]",
        _ => value,
    }
}

/// Passes over a value in which no more than `levels` collections are in each other.
pub fn pass_over(cursor: &mut Cursor<'_>, levels: usize) -> Result<(), Stop> {
    // the brackets with which open collections end
    let mut open: Vec<u8> = Vec::new();
    loop {
        let end = match cursor.peek()? {
            b'{' => b'}',
            b'[' => b']',
            first => {
                scalar(cursor, first)?;
                0
            }
        };
        if end != 0 {
            if open.len() >= levels {
                return Err(Stop::Odd);
            }
            cursor.at += 1;
            if cursor.peek()? != end {
                open.push(end);
                key_in(cursor, end)?;
                continue;
            }
            cursor.at += 1;
        }
        loop {
            let Some(&end) = open.last() else {
                return Ok(());
            };
            match cursor.take()? {
                b',' => {
                    key_in(cursor, end)?;
                    break;
                }
                byte if byte == end => open.pop(),
                _ => return Err(Stop::Odd),
            };
        }
    }
}

/// Passes over the key that a member of an object has.
fn key_in(cursor: &mut Cursor<'_>, end: u8) -> Result<(), Stop> {
    if end == b'}' {
        cursor.peek()?;
        cursor.string()?;
        if cursor.take()? != b':' {
            return Err(Stop::Odd);
        }
    }
    Ok(())
}

fn scalar(cursor: &mut Cursor<'_>, first: u8) -> Result<(), Stop> {
    match first {
        b'"' => cursor.string().map(|_| ()),
        b't' => cursor.word(b"true"),
        b'f' => cursor.word(b"false"),
        b'n' => cursor.word(b"null"),
        _ => cursor.any_number(),
    }
}
