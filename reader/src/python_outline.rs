//! The Python class that gives outlines of JSON, by a table of types that Python gives it.
//!
//! Whether a text has a type that is asked about is asked once for each text, and remembered for the ones seen last.

#![forbid(unsafe_code)]

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Mutex;

use pyo3::exceptions::{PyIndexError, PyOverflowError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::json::Stop;
use crate::memory::Memory;
use crate::outline::{outlines, Ask};
use crate::repeat::{first_repeat, Step};
use crate::server::server_outlines;
use crate::table::{Facts, Field, Outlines, Type, MAX_FIELDS};

/// Gives outlines; see podproof_reader.pyi.
#[pyclass(frozen)]
pub struct Outline {
    types: Vec<Type>,
    /// By type, what is asked about its texts.
    rules: Vec<Option<Py<PyAny>>>,
    count: usize,
    max_depth: usize,
    /// Taken by whoever reads, as the other reader's is.
    memory: Mutex<Option<Memory<()>>>,
}

#[pymethods]
impl Outline {
    #[new]
    fn new(
        py: Python<'_>,
        table: Vec<Bound<'_, PyTuple>>,
        count: &Bound<'_, PyAny>,
        max_depth: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let number =
            |given: &Bound<'_, PyAny>| given.extract::<usize>().map_err(|error| wrong_value(py, error));
        let (count, max_depth) = (number(count)?, number(max_depth)?);
        let (mut types, mut rules) = (Vec::new(), Vec::new());
        for row in &table {
            let (type_, rule) = read_type(row, table.len()).map_err(|error| wrong_value(py, error))?;
            types.push(type_);
            rules.push(rule);
        }
        if types.is_empty() || count > Outlines::BITS as usize {
            return Err(PyValueError::new_err("the table is empty, or there are too many outlines"));
        }
        Ok(Outline { types, rules, count, max_depth, memory: Mutex::default() })
    }

    fn read<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Option<Bound<'py, PyAny>>> {
        // No fault of this code is anything but a text for another reader.
        catch_unwind(AssertUnwindSafe(|| self.read_text(py, data))).unwrap_or(Ok(None))
    }

    fn read_as_server<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        catch_unwind(AssertUnwindSafe(|| self.read_sent(py, data))).unwrap_or_else(|_| reason(py, &Stop::Odd))
    }
}

impl Outline {
    fn read_text<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.asking(py, |ask| outlines(data, &self.types, self.count, self.max_depth, ask))? {
            Ok(outlined) => Ok(Some(PyTuple::new(py, texts(py, &outlined.outs))?.into_any())),
            Err(Stop::Twice) => match first_repeat(data, self.max_depth) {
                Some(way) => Ok(Some(route(py, way)?.into_any())),
                None => Ok(None),
            },
            Err(Stop::Odd) => Ok(None),
        }
    }

    fn read_sent<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        match self.asking(py, |ask| server_outlines(data, &self.types, self.count, self.max_depth, ask))? {
            Ok(outlined) => {
                let facts = outlined.facts.into_pyobject(py)?.into_any();
                let all: Vec<_> = std::iter::once(facts).chain(texts(py, &outlined.outs)).collect();
                Ok(PyTuple::new(py, all)?.into_any())
            }
            Err(stop) => reason(py, &stop),
        }
    }

    /// Reads with somebody who asks Python; fails as Python does.
    fn asking<'py, T>(
        &self,
        py: Python<'py>,
        read: impl FnOnce(&mut AskPython<'_, 'py>) -> Result<T, Stop>,
    ) -> PyResult<Result<T, Stop>> {
        let memory = self.memory.lock().ok().and_then(|mut memory| memory.take()).unwrap_or_default();
        let mut ask = AskPython { py, rules: &self.rules, memory, error: None };
        let outcome = read(&mut ask);
        if let Ok(mut memory) = self.memory.lock() {
            *memory = Some(ask.memory);
        }
        ask.error.map_or(Ok(outcome), Err)
    }
}

fn texts<'a, 'py: 'a>(
    py: Python<'py>,
    outs: &'a [Vec<u8>],
) -> impl ExactSizeIterator<Item = Bound<'py, PyAny>> + 'a {
    outs.iter().map(move |out| PyBytes::new(py, out).into_any())
}

fn reason<'py>(py: Python<'py>, stop: &Stop) -> PyResult<Bound<'py, PyAny>> {
    let reason = match stop {
        Stop::Odd => intern!(py, "odd"),
        Stop::Twice => intern!(py, "twice"),
    };
    Ok(reason.clone().into_any())
}

fn route(py: Python<'_>, way: Vec<Step>) -> PyResult<Bound<'_, PyList>> {
    let steps: PyResult<Vec<Bound<'_, PyAny>>> = way
        .into_iter()
        .map(|step| match step {
            Step::Key(key) => Ok(key.into_pyobject(py)?.into_any()),
            Step::Item(place) => Ok(place.into_pyobject(py)?.into_any()),
        })
        .collect();
    PyList::new(py, steps?)
}

/// What is missing in a row, or too large a number, is a wrong value like any other.
fn wrong_value(py: Python<'_>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyIndexError>(py) || error.is_instance_of::<PyOverflowError>(py) {
        return PyValueError::new_err(format!("the table is wrong: {error}"));
    }
    error
}

fn read_type(row: &Bound<'_, PyTuple>, count: usize) -> PyResult<(Type, Option<Py<PyAny>>)> {
    let kind: String = row.get_item(0)?.extract()?;
    let place = |type_: usize| {
        if type_ < count {
            Ok(type_)
        } else {
            Err(PyValueError::new_err(format!("the table has no type {type_}")))
        }
    };
    let type_ = match kind.as_str() {
        "any" => Type::Any,
        "skipped" => Type::Skipped,
        "string" => Type::Text,
        "stated" => Type::Stated,
        "bool" => Type::Bool,
        "integer" => Type::Integer { low: row.get_item(1)?.extract()?, high: row.get_item(2)?.extract()? },
        "asked" => return Ok((Type::Asked, Some(row.get_item(1)?.unbind()))),
        "list" => Type::List(place(row.get_item(1)?.extract()?)?),
        "map" => Type::Map(place(row.get_item(1)?.extract()?)?),
        "chosen" => {
            let entries: Vec<(String, Facts)> = row.get_item(2)?.extract()?;
            let entries = entries.into_iter().map(|(key, facts)| (key.into_bytes().into(), facts));
            Type::Chosen(place(row.get_item(1)?.extract()?)?, entries.collect())
        }
        "struct" => {
            let fields: Vec<Bound<'_, PyTuple>> = row.get_item(1)?.extract()?;
            if fields.len() > MAX_FIELDS {
                return Err(PyValueError::new_err("a struct has too many fields"));
            }
            let read = |field: Bound<'_, PyTuple>| {
                let name: String = field.get_item(0)?.extract()?;
                let type_ = place(field.get_item(1)?.extract()?)?;
                let pointer = field.len() > 3 && field.get_item(3)?.extract()?;
                let facts = if field.len() > 4 { field.get_item(4)?.extract()? } else { 0 };
                let pruned = field.len() > 5 && field.get_item(5)?.extract()?;
                let read = Field::new(name.into_bytes(), type_, field.get_item(2)?.extract()?, pointer);
                Ok(read.telling(facts).pruned(pruned))
            };
            let fields: PyResult<Vec<Field>> = fields.into_iter().map(read).collect();
            Type::Struct(fields?)
        }
        _ => return Err(PyValueError::new_err(format!("there is no kind {kind:?} of types"))),
    };
    Ok((type_, None))
}

struct AskPython<'a, 'py> {
    py: Python<'py>,
    rules: &'a [Option<Py<PyAny>>],
    memory: Memory<()>,
    error: Option<PyErr>,
}

impl Ask for AskPython<'_, '_> {
    fn accepts(&mut self, type_: usize, text: &[u8]) -> bool {
        if self.memory.get(text, type_ as u32).is_some() {
            return true;
        }
        let Some(rule) = &self.rules[type_] else {
            return false;
        };
        let answer = rule.bind(self.py).call1((PyBytes::new(self.py, text),));
        match answer.and_then(|answer| answer.is_truthy()) {
            Ok(true) => {
                self.memory.keep(text, type_ as u32, ());
                true
            }
            Ok(false) => false,
            Err(error) => {
                self.error = Some(error);
                false
            }
        }
    }
}
