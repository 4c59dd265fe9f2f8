//! The types of a table, by which texts are read: what a value may be, what is kept of it, and what it tells.

#![forbid(unsafe_code)]

use crate::twice::Slot;

/// Fields of the largest struct.
pub const MAX_FIELDS: usize = 128;

/// A type, by how values of it are written; types are named by their place in the table.
pub enum Type {
    Any,
    /// Anything, of which nobody needs to know more than where it ends.
    Skipped,
    Text,
    /// A string that cannot be null.
    Stated,
    Bool,
    /// An integer within these bounds.
    Integer {
        low: i64,
        high: i64,
    },
    /// A string or a number about which is asked.
    Asked,
    List(usize),
    Map(usize),
    /// A map of which only those entries are kept whose keys begin in one of these ways, by which facts hold.
    Chosen(usize, Vec<(Box<[u8]>, Facts)>),
    Struct(Vec<Field>),
}

/// A field of a struct.
pub struct Field {
    pub name: Box<[u8]>,
    /// The name with quotes and colon, as it stands in nearly every text.
    pub key: Box<[u8]>,
    key_tag: u64,
    /// The bytes of `key_tag` that a shorter key has.
    key_mask: u64,
    /// The beginning of the name, by which nearly all fields differ.
    tag: u64,
    pub type_: usize,
    pub kept: Outlines,
    /// Whether a null takes away what a value before has left.
    pointer: bool,
    /// What holds if the field is there.
    pub facts: Facts,
    /// Whether it is left out where nothing is kept of its value.
    pub pruned: bool,
}

impl Field {
    pub fn new(name: Vec<u8>, type_: usize, kept: Outlines, pointer: bool) -> Self {
        let key = [b"\"", name.as_slice(), b"\":"].concat();
        let key_mask = u64::MAX >> (64 - 8 * key.len().min(8));
        Field {
            tag: tag(&name),
            key_tag: tag(&key),
            key_mask,
            name: name.into(),
            key: key.into(),
            type_,
            kept,
            pointer,
            facts: 0,
            pruned: false,
        }
    }

    /// The same field, by which some facts hold.
    pub fn telling(self, facts: Facts) -> Self {
        Field { facts, ..self }
    }

    /// The same field, left out where nothing is kept of its value but brackets.
    pub fn pruned(self, pruned: bool) -> Self {
        Field { pruned, ..self }
    }

    /// What the field holds where the struct is kept in some outlines.
    pub fn slot(&self, kept: Outlines) -> Slot {
        Slot { type_: self.type_, pointer: self.pointer, kept: kept & self.kept }
    }
}

/// Some of the outlines: the first is the lowest bit.
pub type Outlines = u8;

/// What holds for a text, as bits, whose meaning is the table's.
pub type Facts = u64;

#[inline]
fn tag(name: &[u8]) -> u64 {
    if let Some(bytes) = name.first_chunk::<8>() {
        return u64::from_le_bytes(*bytes);
    }
    name.iter().rev().fold(0, |tag, &byte| tag << 8 | u64::from(byte))
}

/// Finds the field with whose key a text begins, if it stands behind the one that was read last.
#[inline]
pub fn find_plain(fields: &[Field], text: &[u8], expected: usize) -> Option<usize> {
    let word = u64::from_le_bytes(*text.first_chunk::<8>()?);
    let behind = fields.get(expected..)?;
    let is_it = |field: &Field| field.key_tag == word & field.key_mask && text.starts_with(&field.key);
    behind.iter().position(is_it).map(|place| expected + place)
}

/// Finds a field, first where it stands when all come in order.
pub fn find(fields: &[Field], name: &[u8], expected: usize) -> Option<usize> {
    let (before, after) = fields.split_at(expected.min(fields.len()));
    let wanted = tag(name);
    let is_it = |field: &Field| field.tag == wanted && *field.name == *name;
    after.iter().position(is_it).map(|place| before.len() + place).or_else(|| before.iter().position(is_it))
}
