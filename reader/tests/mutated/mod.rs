//! Mutants of texts, always the same ones, and what is used of memory while they are read.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(used, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that are used now.
pub fn used() -> usize {
    USED.load(Relaxed)
}

/// Runs something; gives how many more bytes than before it used at its most, and what it gives.
pub fn measure<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = used();
    PEAK.store(before, Relaxed);
    let outcome = run();
    (PEAK.load(Relaxed) - before, outcome)
}

/// How many mutants are asked for.
pub fn mutant_count() -> usize {
    std::env::var("READER_MUTANTS").map_or(200_000, |count| count.parse().expect("a number"))
}

/// A generator of numbers by Marsaglia: the same on every machine.
pub struct Chance(u64);

impl Chance {
    pub fn new() -> Self {
        Chance(0x9e37_79b9_7f4a_7c15)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Cuts, fills and repeats parts of one of the texts.
pub fn mutant(chance: &mut Chance, texts: &[&str], parts: &[&str]) -> Vec<u8> {
    let mut text = texts[chance.below(texts.len())].as_bytes().to_vec();
    for _ in 0..1 + chance.below(6) {
        let start = chance.below(text.len() + 1);
        let end = (start + chance.below(12)).min(text.len());
        match chance.below(4) {
            0 => drop(text.drain(start..end)),
            1 => drop(text.splice(start..start, parts[chance.below(parts.len())].bytes())),
            2 => drop(text.splice(start..end, parts[chance.below(parts.len())].bytes())),
            _ => {
                let part = text[start..end].to_vec();
                let most = if chance.below(50) == 0 { 2000 } else { 3 };
                let times = 1 + chance.below(most);
                drop(text.splice(start..start, part.repeat(times)));
            }
        }
    }
    text
}
