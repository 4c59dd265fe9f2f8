//! Texts that were cut and filled at random are read, or not, but never with a panic, a wild tape or much memory.
//!
//! Always the same ones; READER_MUTANTS sets how many.

#![cfg(not(feature = "python"))]

mod checked;
mod mutated;

use checked::read_checked;
use mutated::{measure, mutant, mutant_count, used, Chance};

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

fn mutants_are_read_or_not_within_bounds() {
    let count = mutant_count();
    let mut chance = Chance::new();
    let mut usual = 0;
    for number in 0..count {
        let text = mutant(&mut chance, TEXTS, PARTS);
        let before = used();
        let (peak, was_read) = measure(|| read_checked(&text));
        usual += was_read as usize;
        assert!(peak < FIXED + EACH * text.len(), "{peak} bytes for {} of mutant {number}", text.len());
        assert_eq!(used(), before, "mutant {number} leaves memory behind");
    }
    assert!(usual > count / 10, "{usual} of {count} were read");
}

fn depth_and_length_are_bounded() {
    for part in ["[", "{a: ", "- ", "? ", "a: [", "[a, ", "\"", "'", "a:\n", "a", "#", "é", "|", "&a "] {
        for count in [1, 100, 101, 1000, 200_000] {
            let text = part.repeat(count);
            let (peak, _) = measure(|| read_checked(text.as_bytes()));
            assert!(peak < FIXED + EACH * text.len(), "{count} times {part:?}");
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
