//! Makes outlines by a small table that has every kind of type, and panics where they are none.

use podproof_reader::json::Stop;
use podproof_reader::outline::{outlines, outlines_and_faults, Manner, Outlined};
use podproof_reader::repeat::first_repeat;
use podproof_reader::server::{server_faults, server_outlines, Served};
use podproof_reader::syntax::{nests_deeper, syntax_fault};
use podproof_reader::table::{Field, Outlines, Special, Type};

const COUNT: usize = 2;
const LEVELS: usize = 100;

/// Every kind of type but the one whose content is not looked at; two names begin alike.
pub fn small_table() -> Vec<Type> {
    let field = |name: &str, type_: usize, kept: Outlines| Field::new(name.into(), type_, kept, false);
    let fields = vec![
        field("self", 0, 0b01),
        field("any", 1, 0b10),
        field("metadata", 2, 0b11),
        field("list", 3, 0b11),
        field("map", 4, 0b01),
        field("flag", 5, 0b10),
        field("number", 6, 0b11),
        field("quantity", 7, 0b01),
        field("metadataOf", 8, 0b11),
        field("unkept", 1, 0),
        field("pruned", 0, 0b11).telling(1).pruned(true),
        field("items", 3, 0b01).telling(2).pruned(true),
        field("chosen", 10, 0b11).pruned(true),
        field("time", 11, 0),
        field("port", 12, 0b10),
    ];
    let integer = Type::Integer { low: -(1 << 31), high: (1 << 31) - 1 };
    vec![
        Type::Struct(fields),
        Type::Any,
        Type::Text,
        Type::List(0),
        Type::Map(6),
        Type::Bool,
        integer,
        Type::Special(Special::Quantity),
        Type::List(9),
        Type::Stated,
        Type::Chosen(2, vec![((*b"ab").into(), 4), ((*b"c").into(), 8)]),
        Type::Special(Special::Time),
        Type::Special(Special::IntegerOrText),
    ]
}

/// Reads a text; tells whether it has outlines, each of which then is its own outline.
pub fn outline_checked(text: &[u8], table: &[Type]) -> bool {
    let read = |text: &[u8]| outlines(text, table, COUNT, LEVELS, Manner::Review);
    let found = outlines_and_faults(text, table, COUNT, LEVELS, Manner::Review);
    let Outlined { outs, facts, .. } = match read(text) {
        Ok(outlined) => outlined,
        Err(Stop::Twice) => {
            let way = first_repeat(text, LEVELS);
            assert!(way.is_none_or(|way| !way.is_empty()));
            assert!(found.is_err());
            return false;
        }
        Err(Stop::Odd) => {
            assert!(found.is_err() || found.is_ok_and(|(_, faults)| (1..=2).contains(&faults.len())));
            return false;
        }
    };
    assert_eq!(found, Ok((outs.clone(), Vec::new())));
    assert_eq!(outs.len(), COUNT);
    assert_eq!(first_repeat(text, LEVELS), None);
    assert_eq!(syntax_fault(text), None);
    for (place, out) in outs.iter().enumerate() {
        // a null is shorter than false, and an exponent than its zeros
        assert!(out.len() <= text.len() * 5 + 4);
        let again = read(out).unwrap_or_else(|stop| panic!("{stop:?} in {:?}", String::from_utf8_lossy(out)));
        assert_eq!(&again.outs[place], out);
        // what is left out tells nothing, and nothing else does
        assert_eq!(again.facts & !facts, 0);
    }
    // only its end is looked for, so that is nothing more than a text with the same end
    assert!(outlines(text, &[Type::Skipped], 1, 0, Manner::Review).is_ok());
    true
}

/// Reads a text as a server does; tells whether it has outlines, each of which then is its own outline.
pub fn server_outline_checked(text: &[u8], table: &[Type]) -> bool {
    let read = |text: &[u8]| outlines(text, table, COUNT, LEVELS, Manner::Server);
    let faults = server_faults(text, table, LEVELS).map(|refused| refused.faults.len());
    if faults.is_ok() {
        assert_eq!(syntax_fault(text), None);
    }
    nests_deeper(text, LEVELS);
    let Ok(Served { outlined, names }) = server_outlines(text, table, COUNT, LEVELS) else {
        assert!(read(text).is_err());
        return false;
    };
    assert_eq!(faults, Ok(0));
    assert!(read(text).is_err() || read(text).as_ref() == Ok(&outlined));
    assert!(names.is_none_or(|names| names.len() <= text.len() + 2 && syntax_fault(&names).is_none()));
    for (place, out) in outlined.outs.iter().enumerate() {
        assert_eq!(read(out).map(|again| again.outs[place] == *out), Ok(true));
    }
    true
}
