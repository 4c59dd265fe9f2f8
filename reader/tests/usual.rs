//! What is read without libyaml is read as libyaml reads it: value, line and tape; and most of what is usual is.
//!
//! Always the same mutants; READER_MUTANTS sets how many, and READER_TEXTS names a folder of manifests to change.

#![cfg(not(feature = "python"))]

// of these only a part is of use here
#[allow(dead_code)]
mod checked;
#[allow(dead_code)]
mod mutated;

mod compared;
mod usual_texts;

use std::path::Path;

use compared::{read_compared, Reading};
use mutated::{mutant_count, Chance};
use usual_texts::{UNREAD, UNUSUAL, USUAL};

fn check(texts: &[&str], expected: Reading) {
    let wrong: Vec<_> = texts
        .iter()
        .map(|&text| (text, read_compared(text.as_bytes())))
        .filter(|one| one.1 != expected)
        .collect();
    assert!(wrong.is_empty(), "not {expected:?}: {wrong:#?}");
}

#[test]
fn rules() {
    check(USUAL, Reading::Usual);
    check(UNUSUAL, Reading::Unusual);
    check(UNREAD, Reading::Unread);
}

#[test]
fn keys_have_their_length() {
    for (length, reading) in [(1, Reading::Usual), (1024, Reading::Usual), (1025, Reading::Unread)] {
        for text in [format!("{}: b\n", "a".repeat(length)), format!("a: {{{}: b}}\n", "a".repeat(length))] {
            assert_eq!(read_compared(text.as_bytes()), reading, "{length}");
        }
        let text = format!("'{}' : b\n", "a".repeat(length.max(3) - 3));
        assert_eq!(read_compared(text.as_bytes()), reading, "{length}, quoted");
    }
}

#[test]
fn keys_are_measured_in_bytes() {
    for (length, reading) in [(512, Reading::Usual), (513, Reading::Unread)] {
        assert_eq!(read_compared(format!("{}: b\n", "é".repeat(length)).as_bytes()), reading, "{length}");
    }
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        for (count, reading) in [(100, Reading::Usual), (101, Reading::Unread), (100_000, Reading::Unread)] {
            let text = format!("{}b{}", open.repeat(count), close.repeat(count));
            assert_eq!(read_compared(text.as_bytes()), reading, "{count} times {open:?}");
        }
    }
}

#[test]
fn long_texts_are_alike() {
    for part in USUAL.iter().chain(UNUSUAL).chain(UNREAD) {
        read_compared(part.repeat(2000).as_bytes());
        let lines: Vec<String> = (0..300).map(|number| format!("k{number}:\n{part}")).collect();
        read_compared(lines.concat().as_bytes());
    }
}

/// The documents of a folder's files that may be changed; nothing where none is named.
fn documents(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            found.extend(text.split("\n---").map(|part| part.trim_start_matches('-').as_bytes().to_vec()));
        }
    }
}

#[test]
fn examples_are_usual() {
    let mut texts = Vec::new();
    documents(Path::new("../examples"), &mut texts);
    let mut readings = [0; 3];
    for text in &texts {
        readings[read_compared(text) as usize] += 1;
    }
    assert!(readings[0] > 50 && readings[1] < 2, "{readings:?} are usual, unusual, unread");
}

const PARTS: &[&str] = &[
    " ", "  ", "\n", "\t", ":", ": ", "- ", "-", "? ", "?", ",", "[", "]", "{", "}", "#", " #", "&", "*",
    "!", "|", ">", "'", "\"", "%", "@", "`", "\\", "\r", "\r\n", "\0", "\u{7f}", "\u{85}", "\u{2028}",
    "\u{feff}", "é", "😀", "|\n", ">-\n", "\n\n", "--- ", "...\n", "''", "\\n", "<<: ", "a", "0",
];

#[test]
fn mutants_are_read_alike() {
    let mut texts: Vec<Vec<u8>> = USUAL.iter().map(|text| text.as_bytes().to_vec()).collect();
    texts.push(include_bytes!("../../examples/seed/corrected/least-privilege.yaml").to_vec());
    if let Some(folder) = std::env::var_os("READER_TEXTS") {
        documents(folder.as_ref(), &mut texts);
        texts.retain(|text| !text.is_empty() && text.len() < 20_000);
    }
    let count = mutant_count();
    let mut chance = Chance::new();
    let mut readings = [0; 3];
    for _ in 0..count {
        readings[read_compared(&mutant_of_lines(&mut chance, &texts, PARTS)) as usize] += 1;
    }
    println!("{} texts: {readings:?} of {count} mutants are usual, unusual, unread", texts.len());
    assert!(readings.iter().all(|&number| number > count / 200), "{readings:?} of {count}");
}

/// Deletes, moves and indents lines of one of the texts, puts quotes around what is in them, and parts into them.
fn mutant_of_lines(chance: &mut Chance, texts: &[Vec<u8>], parts: &[&str]) -> Vec<u8> {
    let text = &texts[chance.below(texts.len())];
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..[1, 1, 2, 4][chance.below(4)] {
        let place = chance.below(lines.len());
        let other = chance.below(lines.len());
        let at = chance.below(lines[place].len() + 1);
        let end = at + chance.below(lines[place].len() + 1 - at);
        let part = parts[chance.below(parts.len())].bytes();
        match chance.below(9) {
            0 if lines.len() > 1 => drop(lines.remove(place)),
            1 => lines.swap(place, other),
            2 => lines.insert(place, lines[other].clone()),
            3 => drop(lines[place].splice(..0, b"  "[..1 + chance.below(2)].iter().copied())),
            4 if lines[place].starts_with(b"  ") => drop(lines[place].drain(..1 + chance.below(2))),
            5 => {
                let quote = b"'\"{}[]"[chance.below(6)];
                lines[place].insert(end, quote);
                lines[place].insert(at, quote);
            }
            6 => drop(lines[place].drain(at..end)),
            7 => drop(lines[place].splice(at..end, part)),
            _ => drop(lines[place].splice(at..at, part)),
        }
    }
    lines.concat()
}
