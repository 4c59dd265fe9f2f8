//! Values of a wrong type, with the way to each: those by which an API server says why it refuses an object.
//!
//! It goes on behind a value of a wrong type, and stops at one that does not decode itself, which it then tells of; so
//! no more than the first of each kind matter.

#![forbid(unsafe_code)]

use crate::repeat::Step;
use crate::unknown::emptied;

/// A value of a wrong type.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The way to it.
    pub way: Vec<Step>,
    /// What stands there; of a collection the brackets alone.
    pub text: Vec<u8>,
}

/// The faults that matter.
#[derive(Default)]
pub struct Faults {
    /// Their ways, the last step first, as far as they are known.
    found: Vec<Fault>,
    has_special: bool,
}

impl Faults {
    /// Takes note of a value if it matters.
    pub fn add(&mut self, text: &[u8], is_special: bool) {
        if self.found.is_empty() || (is_special && !self.has_special) {
            self.found.push(Fault { way: Vec::new(), text: emptied(text).to_vec() });
        }
        self.has_special |= is_special;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Says by which step one comes to those behind the first `known`.
    pub fn lead(&mut self, known: usize, step: impl Fn() -> Step) {
        for fault in &mut self.found[known..] {
            fault.way.push(step());
        }
    }

    /// The faults in the order of the text.
    pub fn in_order(mut self) -> Vec<Fault> {
        for fault in &mut self.found {
            fault.way.reverse();
        }
        self.found
    }
}
