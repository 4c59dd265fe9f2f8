//! The outlines of a text while they are written, several at once.
//!
//! In: pieces of the text, each with the outlines that keep it. Unless KEEP, it is known that none does.

#![forbid(unsafe_code)]

use crate::table::Outlines;

/// The first of the outlines, so many.
pub fn all_of(count: usize) -> Outlines {
    Outlines::MAX.checked_shr(Outlines::BITS - count as u32).unwrap_or(0)
}

/// How long each outline is.
pub type Lengths = [usize; Outlines::BITS as usize];

/// Outlines that are written: eight at most, or none where nobody asks for them.
pub struct Outs {
    outs: Vec<Vec<u8>>,
    all: Outlines,
}

impl Outs {
    pub fn new(count: usize, capacity: usize) -> Self {
        let outs = (0..count).map(|_| Vec::with_capacity(capacity)).collect();
        Outs { outs, all: all_of(count) }
    }

    pub fn texts(self) -> Vec<Vec<u8>> {
        self.outs
    }

    /// Writes a text into the outlines that keep it.
    #[inline]
    pub fn write<const KEEP: bool>(&mut self, kept: Outlines, text: &[u8]) {
        let mut left = if KEEP { kept & self.all } else { 0 };
        while left != 0 {
            self.outs[left.trailing_zeros() as usize].extend_from_slice(text);
            left &= left - 1;
        }
    }

    /// Begins an item that is kept with a comma, unless it is the first.
    #[inline]
    pub fn separate<const KEEP: bool>(&mut self, kept: Outlines) {
        let mut left = if KEEP { kept & self.all } else { 0 };
        while left != 0 {
            let out = &mut self.outs[left.trailing_zeros() as usize];
            if !matches!(out.last(), Some(b'{' | b'[')) {
                out.push(b',');
            }
            left &= left - 1;
        }
    }

    pub fn lengths(&self) -> Lengths {
        let mut lengths = [0; Outlines::BITS as usize];
        for (length, out) in lengths.iter_mut().zip(&self.outs) {
            *length = out.len();
        }
        lengths
    }

    /// Takes a field away that was written behind these lengths, where its value has nothing but brackets.
    pub fn prune(&mut self, kept: Outlines, lengths: &Lengths, key: usize) {
        let mut left = kept & self.all;
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            let (out, length) = (&mut self.outs[place], lengths[place]);
            // behind the key, and the comma before it
            let value = length + usize::from(out[length] == b',') + key;
            if out[value..].iter().all(|byte| b"{}[],".contains(byte)) {
                out.truncate(length);
            }
            left &= left - 1;
        }
    }
}
