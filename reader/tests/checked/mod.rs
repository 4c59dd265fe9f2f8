//! Reads a text as Podproof does, without Python, and panics where the tape does not fit the text or the value.

use std::cell::RefCell;
use std::collections::HashSet;
use std::convert::Infallible;
use std::rc::Rc;

use podproof_reader::events::Scalar;
use podproof_reader::tape::{Tape, BLOCK, BLOCK_SCALAR, FLOW, SCALAR};
use podproof_reader::walk::{self, Make};

/// A value, as far as the tape depends on it: the children of a mapping are its keys and values in turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// What it says, and whether it is plain.
    Scalar(Vec<u8>, bool),
    Mapping(Rc<RefCell<HashSet<Vec<u8>>>>, Rc<RefCell<Vec<Value>>>),
    Sequence(Rc<RefCell<Vec<Value>>>),
}

pub struct Maker;

impl Make for Maker {
    type Value = Value;
    type Error = Infallible;

    fn scalar(&mut self, scalar: &Scalar<'_>) -> Result<Option<Value>, Infallible> {
        assert!(std::str::from_utf8(scalar.text).is_ok());
        Ok(Some(Value::Scalar(scalar.text.to_vec(), scalar.plain)))
    }

    fn key(&mut self, scalar: &Scalar<'_>) -> Result<Option<Value>, Infallible> {
        self.scalar(scalar).map(|key| key.filter(|_| scalar.text != b"<<"))
    }

    fn collection(&mut self, mapping: bool) -> Value {
        if mapping {
            Value::Mapping(Rc::default(), Rc::default())
        } else {
            Value::Sequence(Rc::default())
        }
    }

    fn insert(&mut self, mapping: &Value, key: Value, value: Value) -> Result<(), Infallible> {
        let (Value::Mapping(names, children), Value::Scalar(name, _)) = (mapping, &key) else {
            panic!("a key or a mapping is something else");
        };
        names.borrow_mut().insert(name.clone());
        children.borrow_mut().extend([key, value]);
        Ok(())
    }

    fn append(&mut self, sequence: &Value, value: Value) -> Result<(), Infallible> {
        let Value::Sequence(children) = sequence else { panic!("not a sequence") };
        children.borrow_mut().push(value);
        Ok(())
    }

    fn count(&self, mapping: &Value) -> usize {
        let Value::Mapping(names, _) = mapping else { panic!("not a mapping") };
        names.borrow().len()
    }
}

/// Reads a text; tells whether it is a usual one.
pub fn read_checked(data: &[u8]) -> bool {
    let Ok(document) = walk::read(data, usize::MAX, &mut Maker);
    let Some(document) = document else { return false };
    let text = std::str::from_utf8(data).expect("what is read is UTF-8");
    assert!(document.line <= data.len() as u64);
    let numbers = numbers(&document.tape);
    assert_eq!(check_node(&numbers, 0, &document.value, text), numbers.len());
    true
}

/// The numbers of a tape.
pub fn numbers(tape: &Tape) -> Vec<usize> {
    let mut bytes = vec![0; tape.size()];
    tape.write(&mut bytes);
    bytes.chunks_exact(4).map(|four| u32::from_ne_bytes(four.try_into().unwrap()) as usize).collect()
}

/// Checks a node and everything in it; gives the entry behind it. Depth is bounded by the walk.
fn check_node(numbers: &[usize], entry: usize, value: &Value, text: &str) -> usize {
    let &[start, end, next, kind] = &numbers[entry..entry + 4] else { panic!("an entry has four numbers") };
    assert!(text.is_char_boundary(start));
    let mut child = entry + 4;
    match value {
        Value::Scalar(..) => assert!(kind == SCALAR as usize || kind == BLOCK_SCALAR as usize),
        Value::Mapping(_, children) | Value::Sequence(children) => {
            assert!(kind == BLOCK as usize || kind == FLOW as usize);
            for value in children.borrow().iter() {
                child = check_node(numbers, child, value, text);
            }
        }
    }
    assert_eq!(next, child);
    if kind == BLOCK as usize {
        assert!(end % 4 == 0 && entry <= end && end < next);
    } else {
        assert!(start <= end && text.is_char_boundary(end));
    }
    next
}
