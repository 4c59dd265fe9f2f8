//! The Python class that gives outlines of JSON, by a table of types that Python gives it.

#![forbid(unsafe_code)]

use std::panic::{catch_unwind, AssertUnwindSafe};

use pyo3::exceptions::{PyIndexError, PyOverflowError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::faults::Fault;
use crate::json::Stop;
use crate::outline::{outlines, outlines_and_faults, Manner};
use crate::repeat::{first_repeat, Step};
use crate::server::{server_faults, server_outlines};
use crate::syntax::{nests_deeper, syntax_fault};
use crate::table::{Facts, Field, Outlines, Special, Type, MAX_FIELDS};

/// Gives outlines; see podproof_reader.pyi.
#[pyclass(frozen)]
pub struct Outline {
    types: Vec<Type>,
    count: usize,
    max_depth: usize,
}

type Answer<'py> = PyResult<Option<Bound<'py, PyAny>>>;

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
        let types: PyResult<Vec<Type>> = table
            .iter()
            .map(|row| read_type(row, table.len()).map_err(|error| wrong_value(py, error)))
            .collect();
        let types = types?;
        if types.is_empty() || count > Outlines::BITS as usize {
            return Err(PyValueError::new_err("the table is empty, or there are too many outlines"));
        }
        Ok(Outline { types, count, max_depth })
    }

    fn read<'py>(&self, py: Python<'py>, data: &[u8]) -> Answer<'py> {
        self.outlined(py, data, Manner::Review)
    }

    fn read_known<'py>(&self, py: Python<'py>, data: &[u8]) -> Answer<'py> {
        self.outlined(py, data, Manner::ReviewOfKnown)
    }

    fn read_with_faults<'py>(&self, py: Python<'py>, data: &[u8]) -> Answer<'py> {
        unless_it_panics(|| {
            match outlines_and_faults(data, &self.types, self.count, self.max_depth, Manner::Review) {
                Ok((outs, found)) => Ok(Some(
                    (PyTuple::new(py, texts(py, &outs))?, faults(py, found)?).into_pyobject(py)?.into_any(),
                )),
                Err(stop) => self.stopped(py, data, &stop),
            }
        })
    }

    fn read_as_server<'py>(&self, py: Python<'py>, data: &[u8]) -> Answer<'py> {
        unless_it_panics(|| match server_outlines(data, &self.types, self.count, self.max_depth) {
            Ok(served) => {
                let facts = served.outlined.facts.into_pyobject(py)?.into_any();
                let all: Vec<_> = std::iter::once(facts).chain(texts(py, &served.outlined.outs)).collect();
                let all = PyTuple::new(py, all)?;
                let Some(names) = served.names else {
                    return Ok(Some(all.into_any()));
                };
                Ok(Some((all, PyBytes::new(py, &names)).into_pyobject(py)?.into_any()))
            }
            Err(Stop::Twice) => Ok(Some(intern!(py, "twice").clone().into_any())),
            Err(Stop::Odd) => Ok(None),
        })
    }

    fn refused_by_server<'py>(&self, py: Python<'py>, data: &[u8]) -> Answer<'py> {
        unless_it_panics(|| match server_faults(data, &self.types, self.max_depth) {
            Ok(refused) => {
                let names = PyBytes::new(py, &refused.names);
                Ok(Some((names, faults(py, refused.faults)?).into_pyobject(py)?.into_any()))
            }
            Err(_) => Ok(None),
        })
    }

    #[staticmethod]
    fn syntax_fault(data: &[u8]) -> Option<(usize, usize, u8)> {
        syntax_fault(data).map(|fault| (fault.place, fault.wanted as usize, fault.letter))
    }

    #[staticmethod]
    fn nests_deeper(data: &[u8], limit: usize) -> bool {
        nests_deeper(data, limit)
    }
}

/// Reads; no fault of this code is anything but a text for another reader.
fn unless_it_panics<'py>(read: impl FnOnce() -> Answer<'py>) -> Answer<'py> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Ok(None))
}

impl Outline {
    fn outlined<'py>(&self, py: Python<'py>, data: &[u8], manner: Manner) -> Answer<'py> {
        unless_it_panics(|| match outlines(data, &self.types, self.count, self.max_depth, manner) {
            Ok(outlined) => Ok(Some(PyTuple::new(py, texts(py, &outlined.outs))?.into_any())),
            Err(stop) => self.stopped(py, data, &stop),
        })
    }

    /// Says where a key stands twice, if that is why there are no outlines.
    fn stopped<'py>(&self, py: Python<'py>, data: &[u8], stop: &Stop) -> Answer<'py> {
        if *stop == Stop::Odd {
            return Ok(None);
        }
        match first_repeat(data, self.max_depth) {
            Some(way) => Ok(Some(route(py, way)?.into_any())),
            None => Ok(None),
        }
    }
}

fn texts<'a, 'py: 'a>(
    py: Python<'py>,
    outs: &'a [Vec<u8>],
) -> impl ExactSizeIterator<Item = Bound<'py, PyAny>> + 'a {
    outs.iter().map(move |out| PyBytes::new(py, out).into_any())
}

fn faults(py: Python<'_>, found: Vec<Fault>) -> PyResult<Bound<'_, PyList>> {
    let pairs: PyResult<Vec<Bound<'_, PyTuple>>> = found
        .into_iter()
        .map(|fault| (route(py, fault.way)?, PyBytes::new(py, &fault.text)).into_pyobject(py))
        .collect();
    PyList::new(py, pairs?)
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

fn read_type(row: &Bound<'_, PyTuple>, count: usize) -> PyResult<Type> {
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
        "time" => Type::Special(Special::Time),
        "quantity" => Type::Special(Special::Quantity),
        "integer or text" => Type::Special(Special::IntegerOrText),
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
    Ok(type_)
}
