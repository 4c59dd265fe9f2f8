//! The types of a table, by which texts are read: what a value may be, what is kept of it, and what it tells.

#![forbid(unsafe_code)]

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
    /// A value that decodes itself.
    Special(Special),
    List(usize),
    Map(usize),
    /// A map of which only those entries are kept whose keys begin in one of these ways, by which facts hold.
    Chosen(usize, Beginnings),
    Struct(Vec<Field>),
}

/// What decodes itself.
#[derive(Clone, Copy, Debug)]
pub enum Special {
    /// An instant, as RFC 3339 writes it.
    Time,
    Quantity,
    IntegerOrText,
}

/// A field of a struct.
pub struct Field {
    pub name: Box<[u8]>,
    /// The name with quotes and colon, as it stands in nearly every text.
    pub key: Box<[u8]>,
    /// The first and the next eight bytes of `key`, and which of them a shorter key has.
    key_tags: [u64; 2],
    key_masks: [u64; 2],
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
        let (head, tail) = key.split_at(key.len().min(8));
        let mask = |part: &[u8]| u64::MAX.checked_shr(64 - 8 * part.len().min(8) as u32).unwrap_or(0);
        Field {
            tag: tag(&name),
            key_tags: [tag(head), tag(tail)],
            key_masks: [mask(head), mask(tail)],
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

/// What a field holds in a text.
pub struct Slot {
    pub type_: usize,
    /// Whether a null takes away what a value before has left.
    pub pointer: bool,
    pub kept: Outlines,
}

/// Some of the outlines: the first is the lowest bit.
pub type Outlines = u8;

/// What holds for a text, as bits, whose meaning is the table's.
pub type Facts = u64;

/// How keys begin, and which facts hold by each.
pub type Beginnings = Vec<(Box<[u8]>, Facts)>;

#[inline]
fn tag(name: &[u8]) -> u64 {
    if let Some(bytes) = name.first_chunk::<8>() {
        return u64::from_le_bytes(*bytes);
    }
    name.iter().rev().fold(0, |tag, &byte| tag << 8 | u64::from(byte))
}

/// Finds the field with whose key a text begins, and the key's length, if it stands behind the one read last.
#[inline]
pub fn find_plain(fields: &[Field], text: &[u8], expected: usize) -> Option<(usize, usize)> {
    let words = text.first_chunk::<16>()?;
    let [first, second] = [0, 8].map(|at| u64::from_le_bytes(std::array::from_fn(|byte| words[at + byte])));
    for (place, field) in fields.iter().enumerate().skip(expected) {
        if field.key_tags[0] == first & field.key_masks[0]
            && field.key_tags[1] == second & field.key_masks[1]
            && (field.key.len() <= 16 || text.starts_with(&field.key))
        {
            return Some((place, field.key.len()));
        }
    }
    None
}

/// Finds a field, first where it stands when all come in order.
pub fn find(fields: &[Field], name: &[u8], expected: usize) -> Option<usize> {
    let (before, after) = fields.split_at(expected.min(fields.len()));
    let wanted = tag(name);
    let is_it = |field: &Field| field.tag == wanted && *field.name == *name;
    after.iter().position(is_it).map(|place| before.len() + place).or_else(|| before.iter().position(is_it))
}
