//! Of a JSON text what somebody reads, as JSON, in one pass over all of it that proves the rest to be sound.
//!
//! In: text, and a table of types that says of each field of a struct in which outlines it is kept. Out: outlines,
//! which are the text without blanks and the other fields, if each value has its type and no key stands twice. Fields
//! that the table has not are passed over. Nulls in lists and maps become the values that Go makes of them. Whatever is
//! odd is left to others.

#![forbid(unsafe_code)]

use std::borrow::Cow;

use crate::faults::{Fault, Faults};
use crate::json::{whole_number, Cursor, Stop, MAX_LEVELS};
use crate::outs::{all_of, Outs};
use crate::special::is_special;
use crate::syntax::MAX_NESTED;
use crate::table::{Facts, Outlines, Type};
use crate::twice::{Repeats, Twice};
use crate::unknown::pass_over;

/// The place of no type in a table: anything may stand there.
const ANYTHING: usize = usize::MAX;

/// Who reads a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// A reader of reviews: no key may stand twice anywhere, and how a number is written does not matter.
    Review,
    /// The same, for whom a field that the table has not is odd.
    ReviewOfKnown,
    /// A server that is not asked for strict validation: of what nobody reads it wants to know where it ends.
    Server,
}

/// The outlines of a text, and what holds for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlined {
    pub outs: Vec<Vec<u8>>,
    pub facts: Facts,
    /// Whether the outermost object has a name that a server takes for apiVersion or kind, and that is none.
    pub is_named_oddly: bool,
}

/// Gives the outlines of a text whose value has the type 0, as many as asked for and at most eight.
pub fn outlines(
    text: &[u8],
    types: &[Type],
    count: usize,
    max_depth: usize,
    manner: Manner,
) -> Result<Outlined, Stop> {
    let mut pass = Pass::new(text, types, count, max_depth, manner);
    pass.read(all_of(count))?;
    Ok(Outlined { outs: pass.outs.texts(), facts: pass.facts, is_named_oddly: pass.is_named_oddly })
}

/// Gives the outlines of a text that may have values of a wrong type, in which they are null; and those that matter.
pub fn outlines_and_faults(
    text: &[u8],
    types: &[Type],
    count: usize,
    max_depth: usize,
    manner: Manner,
) -> Result<(Vec<Vec<u8>>, Vec<Fault>), Stop> {
    let pass = Pass::new(text, types, count, max_depth, manner);
    let repeats = if manner == Manner::Server { Repeats::Ignored } else { Repeats::Refused };
    let mut pass = Pass { faults: Some(Faults::default()), repeats, ..pass };
    pass.read(all_of(count))?;
    Ok((pass.outs.texts(), pass.faults.unwrap_or_default().in_order()))
}

/// Gives the objects in which a key stands twice, of a text that a server would take without those keys.
///
/// Such an object may be given more than once.
pub fn objects_with_twice<'a>(
    text: &[u8],
    types: &'a [Type],
    count: usize,
    max_depth: usize,
) -> Result<Vec<Twice<'a>>, Stop> {
    let pass = Pass::new(text, types, 0, max_depth, Manner::Server);
    let mut pass = Pass { repeats: Repeats::Listed(Vec::new()), ..pass };
    pass.read(all_of(count))?;
    match pass.repeats {
        Repeats::Listed(objects) => Ok(objects),
        Repeats::Refused | Repeats::Ignored => Ok(Vec::new()),
    }
}

pub(crate) struct Pass<'t, 'a> {
    pub(crate) cursor: Cursor<'t>,
    pub(crate) types: &'a [Type],
    pub(crate) manner: Manner,
    pub(crate) outs: Outs,
    pub(crate) facts: Facts,
    /// Collections that may still be opened in each other.
    pub(crate) levels: usize,
    /// As many as at first.
    pub(crate) most_levels: usize,
    /// Keys of the maps that are open, those of the innermost last.
    pub(crate) keys: Vec<Cow<'t, [u8]>>,
    pub(crate) repeats: Repeats<'a>,
    /// Values of a wrong type, if such are taken.
    pub(crate) faults: Option<Faults>,
    pub(crate) is_named_oddly: bool,
}

impl<'t, 'a> Pass<'t, 'a> {
    fn new(text: &'t [u8], types: &'a [Type], count: usize, max_depth: usize, manner: Manner) -> Self {
        let levels = max_depth.min(MAX_LEVELS);
        Pass {
            cursor: Cursor::new(text),
            types,
            manner,
            outs: Outs::new(count, text.len() / 2),
            facts: 0,
            levels,
            most_levels: levels,
            keys: Vec::new(),
            repeats: Repeats::Refused,
            faults: None,
            is_named_oddly: false,
        }
    }

    fn read(&mut self, kept: Outlines) -> Result<(), Stop> {
        if std::str::from_utf8(self.cursor.rest()).is_err() {
            return Err(Stop::Odd);
        }
        self.value::<true>(0, kept)?;
        self.cursor.end()
    }

    /// Reads a value; unless KEEP, no outline keeps it.
    pub(crate) fn value<const KEEP: bool>(&mut self, type_: usize, kept: Outlines) -> Result<(), Stop> {
        let first = self.cursor.peek()?;
        let types = self.types;
        match (types.get(type_).unwrap_or(&Type::Any), first) {
            (Type::Stated, b'n') => Err(Stop::Odd),
            (_, b'n') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"null")),
            (Type::Struct(fields), b'{') => self.fields::<KEEP>(fields, kept),
            (Type::List(item), b'[') => self.list::<KEEP>(*item, kept),
            (Type::Map(item), b'{') => self.map::<KEEP>(*item, None, kept),
            (Type::Chosen(item, chosen), b'{') => self.map::<KEEP>(*item, Some(chosen), kept),
            (Type::Text | Type::Stated, b'"') => {
                self.scalar::<KEEP>(kept, |cursor| cursor.string().map(|_| ()))
            }
            (Type::Bool, b't') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"true")),
            (Type::Bool, b'f') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"false")),
            (Type::Integer { low, high }, b'-' | b'0'..=b'9') => self.integer::<KEEP>(*low, *high, kept),
            (Type::Special(_), b'"' | b'-' | b'0'..=b'9') => self.special::<KEEP>(type_, first, kept),
            (Type::Any, _) => self.any::<KEEP>(first, kept),
            (Type::Skipped, b't') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"true")),
            (Type::Skipped, b'f') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"false")),
            (Type::Skipped, _) => self.scalar::<KEEP>(kept, |cursor| cursor.skip(first)),
            (type_, _) => self.fault(self.cursor.at, matches!(type_, Type::Special(_)), kept),
        }
    }

    #[inline]
    fn scalar<const KEEP: bool>(
        &mut self,
        kept: Outlines,
        read: impl FnOnce(&mut Cursor<'t>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let start = self.cursor.at;
        read(&mut self.cursor)?;
        self.outs.write::<KEEP>(kept, self.cursor.since(start));
        Ok(())
    }

    fn any<const KEEP: bool>(&mut self, first: u8, kept: Outlines) -> Result<(), Stop> {
        if !KEEP && self.manner == Manner::Server {
            return self.pass_over();
        }
        match first {
            b'{' => self.map::<KEEP>(ANYTHING, None, kept),
            b'[' => self.list::<KEEP>(ANYTHING, kept),
            b'"' => self.scalar::<KEEP>(kept, |cursor| cursor.string().map(|_| ())),
            b't' => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"true")),
            b'f' => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"false")),
            _ if KEEP => self.scalar::<KEEP>(kept, Cursor::number),
            _ => self.cursor.readable_number(),
        }
    }

    #[inline]
    fn integer<const KEEP: bool>(&mut self, low: i64, high: i64, kept: Outlines) -> Result<(), Stop> {
        let start = self.cursor.at;
        match self.cursor.integer() {
            Some(value) if (low..=high).contains(&value) => {
                self.outs.write::<KEEP>(kept, self.cursor.since(start));
                Ok(())
            }
            _ => self.other_number::<KEEP>(start, low, high, kept),
        }
    }

    /// Reads a number in place of an integer, which it may be all the same.
    #[cold]
    fn other_number<const KEEP: bool>(
        &mut self,
        start: usize,
        low: i64,
        high: i64,
        kept: Outlines,
    ) -> Result<(), Stop> {
        self.cursor.at = start;
        self.cursor.readable_number()?;
        let value = whole_number(self.cursor.since(start), self.manner == Manner::Server);
        let Some(value) = value.filter(|value| (low..=high).contains(value)) else {
            return self.fault(start, false, kept);
        };
        self.outs.write::<KEEP>(kept, value.to_string().as_bytes());
        Ok(())
    }

    fn special<const KEEP: bool>(&mut self, type_: usize, first: u8, kept: Outlines) -> Result<(), Stop> {
        let start = self.cursor.at;
        if first == b'"' {
            self.cursor.string()?;
        } else {
            self.cursor.readable_number()?;
        }
        let text = self.cursor.since(start);
        match self.types[type_] {
            Type::Special(special) if is_special(special, text, self.manner == Manner::Server) => {
                self.outs.write::<KEEP>(kept, text);
                Ok(())
            }
            _ => self.fault(start, true, kept),
        }
    }

    /// Takes note of a value that has a wrong type and passes over it, where such are taken.
    #[cold]
    fn fault(&mut self, start: usize, is_special: bool, kept: Outlines) -> Result<(), Stop> {
        if self.faults.is_none() {
            return Err(Stop::Odd);
        }
        self.cursor.at = start;
        self.unread()?;
        if let Some(faults) = &mut self.faults {
            faults.add(self.cursor.since(start), is_special);
        }
        self.outs.write::<true>(kept, b"null");
        Ok(())
    }

    /// Reads a value that no outline keeps.
    pub(crate) fn unread(&mut self) -> Result<(), Stop> {
        match self.manner {
            Manner::Review | Manner::ReviewOfKnown => self.value::<false>(ANYTHING, 0),
            Manner::Server => self.pass_over(),
        }
    }

    fn pass_over(&mut self) -> Result<(), Stop> {
        pass_over(&mut self.cursor, MAX_NESTED + self.levels - self.most_levels)
    }
}
