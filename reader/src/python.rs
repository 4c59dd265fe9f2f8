//! The Python module: a reader that makes Python's own objects, by rules that Python gives it.
//!
//! What a scalar without quotes means is asked of Python once for each text, and remembered for the ones seen last.

#![forbid(unsafe_code)]

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::events::Scalar;
use crate::memory::Memory;
use crate::python_outline::Outline;
use crate::python_reach::reach;
use crate::walk::{self, Make};

type Answer = Option<(Py<PyAny>, u32, Py<PyBytes>)>;

/// How a text is read: as a key or as a value, plain or not.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Text,
    PlainValue,
    PlainKey,
}

/// Reads documents; see podproof_reader.pyi.
#[pyclass(frozen)]
struct Reader {
    special: [bool; 256],
    resolve: Py<PyAny>,
    key_text: Py<PyAny>,
    /// Taken by whoever reads: a second thread, or a read inside a read, starts with an empty one.
    memory: Mutex<Option<Memory<Py<PyAny>>>>,
}

#[pymethods]
impl Reader {
    #[new]
    fn new(special: &str, resolve: Py<PyAny>, key_text: Py<PyAny>) -> Self {
        let mut table = [false; 256];
        for byte in special.bytes() {
            table[byte as usize] = true;
        }
        Reader { special: table, resolve, key_text, memory: Mutex::default() }
    }

    fn read(&self, py: Python<'_>, data: &[u8], max_depth: usize) -> PyResult<Answer> {
        // No fault of this code is anything but a document for the other reader.
        catch_unwind(AssertUnwindSafe(|| self.read_document(py, data, max_depth))).unwrap_or(Ok(None))
    }
}

impl Reader {
    fn read_document(&self, py: Python<'_>, data: &[u8], max_depth: usize) -> PyResult<Answer> {
        let memory = self.memory.lock().ok().and_then(|mut memory| memory.take()).unwrap_or_default();
        let mut make = MakePython { py, reader: self, memory };
        let document = walk::read(data, max_depth, &mut make);
        if let Ok(mut memory) = self.memory.lock() {
            *memory = Some(make.memory);
        }
        let Some(document) = document? else {
            return Ok(None);
        };
        let tape = PyBytes::new_with(py, document.tape.size(), |bytes| {
            document.tape.write(bytes);
            Ok(())
        })?;
        Ok(Some((document.value.unbind(), document.line as u32, tape.unbind())))
    }
}

struct MakePython<'r, 'py> {
    py: Python<'py>,
    reader: &'r Reader,
    memory: Memory<Py<PyAny>>,
}

impl<'py> MakePython<'_, 'py> {
    fn role(&self, scalar: &Scalar<'_>, special: Role) -> Role {
        let first = scalar.text.first();
        if scalar.plain && first.is_none_or(|byte| self.reader.special[*byte as usize]) {
            special
        } else {
            Role::Text
        }
    }

    fn make(&mut self, text: &[u8], role: Role) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(value) = self.memory.get(text, role as u32) {
            return Ok(Some(value.bind(self.py).clone()));
        }
        let value = self.ask(text, role)?;
        if let Some(value) = &value {
            self.memory.keep(text, role as u32, value.clone().unbind());
        }
        Ok(value)
    }

    fn ask(&self, text: &[u8], role: Role) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(text) = std::str::from_utf8(text) else {
            return Ok(None);
        };
        let text = PyString::new(self.py, text).into_any();
        if role == Role::Text {
            return Ok(Some(text));
        }
        let value = self.reader.resolve.bind(self.py).call1((text,))?;
        if role == Role::PlainValue {
            return Ok(Some(value));
        }
        let key = self.reader.key_text.bind(self.py).call1((value,))?;
        Ok(if key.is_none() { None } else { Some(key) })
    }
}

impl<'py> Make for MakePython<'_, 'py> {
    type Value = Bound<'py, PyAny>;
    type Error = PyErr;

    fn scalar(&mut self, scalar: &Scalar<'_>) -> PyResult<Option<Self::Value>> {
        let role = self.role(scalar, Role::PlainValue);
        self.make(scalar.text, role)
    }

    fn key(&mut self, scalar: &Scalar<'_>) -> PyResult<Option<Self::Value>> {
        if scalar.text == b"<<" {
            return Ok(None);
        }
        let role = self.role(scalar, Role::PlainKey);
        self.make(scalar.text, role)
    }

    fn collection(&mut self, mapping: bool) -> Self::Value {
        if mapping {
            PyDict::new(self.py).into_any()
        } else {
            PyList::empty(self.py).into_any()
        }
    }

    fn insert(&mut self, mapping: &Self::Value, key: Self::Value, value: Self::Value) -> PyResult<()> {
        mapping.cast::<PyDict>()?.set_item(key, value)
    }

    fn append(&mut self, sequence: &Self::Value, value: Self::Value) -> PyResult<()> {
        sequence.cast::<PyList>()?.append(value)
    }

    fn count(&self, mapping: &Self::Value) -> usize {
        mapping.len().unwrap_or(0)
    }
}

#[pymodule]
fn podproof_reader(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // A panic is answered with None; nothing of it is printed.
    std::panic::set_hook(Box::new(|_| {}));
    module.add("INTERFACE", 6)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Reader>()?;
    module.add_class::<Outline>()?;
    module.add_function(wrap_pyfunction!(reach, module)?)
}
