//! What is known of an object in which a key stands twice, and of the fields in it.

#![forbid(unsafe_code)]

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

/// What a field holds in a text.
pub struct Slot {
    pub type_: usize,
    /// Whether a null takes away what a value before has left.
    pub pointer: bool,
    pub kept: Outlines,
}
