//! What is known of an object in which a key stands twice.

#![forbid(unsafe_code)]

use crate::json::Stop;
use crate::table::{Field, Outlines};

/// An object in which a key stands twice.
#[derive(Clone, Copy)]
pub struct Twice<'a> {
    /// Where it begins.
    pub start: usize,
    pub keys: Keys<'a>,
    /// The outlines that keep it.
    pub kept: Outlines,
}

/// Which keys an object has: those of a struct, or any with values of a type.
#[derive(Clone, Copy)]
pub enum Keys<'a> {
    Fields(&'a [Field]),
    Any(usize),
}

/// What is done where a key stands twice.
pub enum Repeats<'a> {
    Refused,
    Ignored,
    /// The objects are listed.
    Listed(Vec<Twice<'a>>),
}

impl<'a> Repeats<'a> {
    /// Takes note of a key that stands again in an object.
    #[cold]
    pub fn take(&mut self, start: usize, keys: Keys<'a>, kept: Outlines) -> Result<(), Stop> {
        match self {
            Repeats::Refused => return Err(Stop::Twice),
            Repeats::Ignored => {}
            Repeats::Listed(objects) => {
                if objects.last().is_none_or(|last| last.start != start) {
                    objects.push(Twice { start, keys, kept });
                }
            }
        }
        Ok(())
    }
}
