//! The places of a document's nodes, in the order in which they begin.
//!
//! An entry has four numbers of 32 bits: where the node starts, where it ends, the entry after everything in it, and
//! its kind. A mapping's entry is followed by those of its first key, the key's value, the next key, and so on.
//! Positions count bytes, as libyaml-rs does; an entry is named by how many numbers come before it.

#![forbid(unsafe_code)]

/// A scalar; it ends where its end says.
pub const SCALAR: u32 = 0;
/// A literal or folded scalar; libyaml's end lies behind the comments that follow it.
pub const BLOCK_SCALAR: u32 = 1;
/// A collection in brackets; it ends behind the bracket.
pub const FLOW: u32 = 2;
/// A collection without brackets; its end is the entry with which it ends.
pub const BLOCK: u32 = 3;

/// Numbers of an entry.
pub const WIDTH: usize = 4;
/// Which of an entry's numbers is the entry after everything in it.
pub const NEXT: usize = 2;

/// Numbers for which there is room at once: those of a workload, which has some hundred nodes.
const ROOM: usize = 1024;

/// Entries of a document, its root first.
pub struct Tape {
    numbers: Vec<u32>,
}

impl Default for Tape {
    fn default() -> Self {
        Tape { numbers: Vec::with_capacity(ROOM) }
    }
}

impl Tape {
    /// The entry that comes next.
    fn next(&self) -> u32 {
        self.numbers.len() as u32
    }

    /// Adds a scalar; gives its entry.
    pub fn scalar(&mut self, start: u64, end: u64, block: bool) -> u32 {
        let entry = self.next();
        let kind = if block { BLOCK_SCALAR } else { SCALAR };
        self.numbers.extend_from_slice(&[start as u32, end as u32, entry + WIDTH as u32, kind]);
        entry
    }

    /// Adds a collection that has not ended; gives its entry.
    pub fn open(&mut self, start: u64) -> u32 {
        let entry = self.next();
        self.numbers.extend_from_slice(&[start as u32, entry, entry, BLOCK]);
        entry
    }

    /// Ends a collection with a bracket, behind which `end` lies.
    pub fn close_flow(&mut self, entry: u32, end: u64) {
        self.close(entry, end as u32, FLOW);
    }

    /// Ends a collection with the entry `last`.
    pub fn close_block(&mut self, entry: u32, last: u32) {
        self.close(entry, last, BLOCK);
    }

    fn close(&mut self, entry: u32, end: u32, kind: u32) {
        let next = self.next();
        self.numbers[entry as usize + 1..][..3].copy_from_slice(&[end, next, kind]);
    }

    /// Bytes that `write` fills.
    pub fn size(&self) -> usize {
        self.numbers.len() * size_of::<u32>()
    }

    /// Writes all numbers one after the other, as this machine writes them.
    pub fn write(&self, into: &mut [u8]) {
        for (number, place) in self.numbers.iter().zip(into.chunks_exact_mut(size_of::<u32>())) {
            place.copy_from_slice(&number.to_ne_bytes());
        }
    }
}
