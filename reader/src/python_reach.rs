//! Finds a node of a document by its route: a value, its tape and a route come in, entries of the tape go out.
//!
//! The value tells which key is which: no key stands twice in it, so its order is that of the tape.

#![forbid(unsafe_code)]

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::tape::{NEXT, WIDTH};

/// A collection with more members is not gone through for each route: who asks has to keep where they are.
const FEW: usize = 64;

/// The steps that were taken, the entry of the last key, and the entry of the value.
type Reached = (usize, Option<usize>, usize);

/// A member of a collection: the entry of its key, its own entry, and its value.
type Member<'py> = (Option<usize>, usize, Bound<'py, PyAny>);

/// Goes along a route as far as it exists; None: a collection on it has many members, or the tape is another's.
#[pyfunction]
pub fn reach(
    value: Bound<'_, PyAny>,
    tape: &Bound<'_, PyBytes>,
    route: &Bound<'_, PyTuple>,
) -> PyResult<Option<Reached>> {
    let tape = tape.as_bytes();
    let (mut value, mut name, mut entry, mut steps) = (value, None, 0, 0);
    for step in route.iter() {
        let found = if let Ok(mapping) = value.cast::<PyDict>() {
            if mapping.len() > FEW {
                return Ok(None);
            }
            find_key(tape, entry, mapping, &step)?
        } else if let Ok(sequence) = value.cast::<PyList>() {
            if sequence.len() > FEW {
                return Ok(None);
            }
            find_element(tape, entry, sequence, &step)
        } else {
            Some(None)
        };
        match found {
            Some(Some(member)) => (name, entry, value) = member,
            Some(None) => break,
            None => return Ok(None),
        }
        steps += 1;
    }
    Ok(Some((steps, name, entry)))
}

/// Finds the key of a mapping whose entry is given; the outer None: the tape ends before it.
fn find_key<'py>(
    tape: &[u8],
    entry: usize,
    mapping: &Bound<'py, PyDict>,
    step: &Bound<'py, PyAny>,
) -> PyResult<Option<Option<Member<'py>>>> {
    let mut key = entry + WIDTH;
    for (name, value) in mapping.iter() {
        if name.is(step) || name.eq(step)? {
            return Ok(Some(Some((Some(key), key + WIDTH, value))));
        }
        let Some(next) = number(tape, key + WIDTH + NEXT) else {
            return Ok(None);
        };
        key = next;
    }
    Ok(Some(None))
}

/// Finds an element of a sequence, as `find_key` does a key.
fn find_element<'py>(
    tape: &[u8],
    entry: usize,
    sequence: &Bound<'py, PyList>,
    step: &Bound<'py, PyAny>,
) -> Option<Option<Member<'py>>> {
    let Ok(index) = step.extract::<usize>() else {
        return Some(None);
    };
    let Ok(value) = sequence.get_item(index) else {
        return Some(None);
    };
    let mut element = entry + WIDTH;
    for _ in 0..index {
        element = number(tape, element + NEXT)?;
    }
    Some(Some((None, element, value)))
}

/// Reads a number of the tape.
fn number(tape: &[u8], index: usize) -> Option<usize> {
    let bytes = tape.get(index * size_of::<u32>()..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*bytes) as usize)
}
