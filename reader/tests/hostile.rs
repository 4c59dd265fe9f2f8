//! Texts that were cut and filled at random are read, or not, but never with a panic, a wild tape or much memory.
//!
//! Always the same ones; READER_MUTANTS sets how many.

#![cfg(not(feature = "python"))]

mod checked;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use checked::read_checked;

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

/// libyaml's own buffers, whatever it reads.
const FIXED: usize = 256 * 1024;
/// For each byte of the text: the tape has sixteen for a node, and the values of the test are larger than Python's.
const EACH: usize = 400;

const TEXTS: &[&str] = &[
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: a\n    image: b\n",
    "a: [b, {c: d}, 'e', \"f\\n\\x41\"]\ng: {h: [], i: {}}\n? j\n: k\n",
    "a: |\n  b\n\n  # c\n# d\ne: >+2\n    f\n\n\ng: |-\n h\n",
    "- - - a\n    - b\n  -\n-\n- é: ü # 😀\n  😀: |\n    é\n",
    "a: &b !c d\ne: *b\n<<: *b\n%YAML 1.1\n--- x\n...\n",
    "a:\r\n- b\r\n- 'c\r\n\r\n  d'\r\ne: \"f \\\r\n  g\"\r\n",
];
const PARTS: &[&str] = &[
    "a: ", "- ", ": ", "? ", "[", "]", "{", "}", ",", "'", "\"", "|\n", ">-\n", "#", " #", "\n", "  ", "\t",
    "&a ", "*a", "!!str ", "<<", "\\", "\r", "\u{85}", "\u{2028}", "é", "😀", "\u{feff}", "\0", "---", "...",
    "%",
];

/// A generator of numbers by Marsaglia: the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn mutant(chance: &mut Chance) -> Vec<u8> {
    let mut text = TEXTS[chance.below(TEXTS.len())].as_bytes().to_vec();
    for _ in 0..1 + chance.below(6) {
        let start = chance.below(text.len() + 1);
        let end = (start + chance.below(12)).min(text.len());
        match chance.below(4) {
            0 => drop(text.drain(start..end)),
            1 => drop(text.splice(start..start, PARTS[chance.below(PARTS.len())].bytes())),
            2 => drop(text.splice(start..end, PARTS[chance.below(PARTS.len())].bytes())),
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

fn mutants_are_read_or_not_within_bounds() {
    let count = std::env::var("READER_MUTANTS").map_or(200_000, |count| count.parse().expect("a number"));
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut usual = 0;
    for number in 0..count {
        let text = mutant(&mut chance);
        let before = USED.load(Relaxed);
        PEAK.store(before, Relaxed);
        usual += read_checked(&text) as usize;
        let peak = PEAK.load(Relaxed) - before;
        assert!(peak < FIXED + EACH * text.len(), "{peak} bytes for {} of mutant {number}", text.len());
        assert_eq!(USED.load(Relaxed), before, "mutant {number} leaves memory behind");
    }
    assert!(usual > count / 10, "{usual} of {count} were read");
}

fn depth_and_length_are_bounded() {
    for part in ["[", "{a: ", "- ", "? ", "a: [", "[a, ", "\"", "'", "a:\n", "a", "#", "é", "|", "&a "] {
        for count in [1, 100, 101, 1000, 200_000] {
            let text = part.repeat(count);
            PEAK.store(USED.load(Relaxed), Relaxed);
            read_checked(text.as_bytes());
            assert!(PEAK.load(Relaxed) < FIXED + EACH * text.len(), "{count} times {part:?}");
        }
    }
    assert!(read_checked(format!("{}{}", "[".repeat(100), "]".repeat(100)).as_bytes()));
    assert!(!read_checked(format!("{}{}", "[".repeat(101), "]".repeat(101)).as_bytes()));
}

/// One test, since what another one needs in the meantime would count.
#[test]
fn hostile_texts_cost_little() {
    depth_and_length_are_bounded();
    mutants_are_read_or_not_within_bounds();
}
