//! Whatever the bytes are: no crash, no panic, and outlines that are their own outlines.

#![no_main]

use podproof_reader::outline::{outlines, Ask, Field, Type};
use podproof_reader::repeat::first_repeat;

const MAX_DEPTH: usize = 100;
const OUTLINES: usize = 3;

struct Short;

impl Ask for Short {
    fn accepts(&mut self, _: usize, text: &[u8]) -> bool {
        text.len() < 6
    }
}

/// A type of each form; a struct that holds itself, and fields that some outlines keep.
fn types() -> Vec<Type> {
    let field = |name: &str, type_, kept| Field::new(name.into(), type_, kept);
    vec![
        Type::Struct(vec![
            field("a", 1, 0b111),
            field("metadata", 2, 0b001),
            field("metadataOf", 3, 0b010),
            field("d", 4, 0b100),
            field("e", 5, 0b011),
            field("f", 6, 0b101),
            field("containers", 7, 0b110),
            field("annotations", 8, 0b111),
            field("left", 0, 0b000),
        ]),
        Type::Any,
        Type::Text,
        Type::Stated,
        Type::Bool,
        Type::Integer { low: -5, high: 5_000_000_000 },
        Type::Asked,
        Type::List(0),
        Type::Map(9),
        Type::List(2),
    ]
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let types = types();
    let repeat = first_repeat(data, MAX_DEPTH);
    let Ok(outs) = outlines(data, &types, OUTLINES, MAX_DEPTH, &mut Short) else { return };
    assert!(repeat.is_none());
    assert_eq!(outs.len(), OUTLINES);
    for (kept, out) in outs.iter().enumerate() {
        assert!(first_repeat(out, MAX_DEPTH).is_none());
        let again = outlines(out, &types, OUTLINES, MAX_DEPTH, &mut Short).expect("an outline is sound");
        assert_eq!(&again[kept], out);
    }
});
