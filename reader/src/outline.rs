//! Of a JSON text what somebody reads, as JSON, in one pass over all of it that proves the rest to be sound.
//!
//! In: text, and a table of types that says of each field of a struct in which outlines it is kept. Out: outlines,
//! which are the text without blanks and the other fields, if each value has its type, each field has one, and no key
//! stands twice. Nulls in lists and maps become the values that Go makes of them. Whatever is odd is left to others.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::{Cursor, Stop, MAX_LEVELS};
use crate::table::{find, find_plain, Facts, Field, Outlines, Type};
use crate::twice::{Keys, Twice};
use crate::unknown::{is_unknown, pass_over};

/// Keys of a map that are compared one by one.
const FEW_KEYS: usize = 16;

/// The outlines of a text, and what holds for it.
#[derive(Debug, PartialEq)]
pub struct Outlined {
    pub outs: Vec<Vec<u8>>,
    pub facts: Facts,
}

fn all_of(count: usize) -> Outlines {
    Outlines::MAX.checked_shr(Outlines::BITS - count as u32).unwrap_or(0)
}

/// Says whether the text of a value has a type.
pub trait Ask {
    fn accepts(&mut self, type_: usize, text: &[u8]) -> bool;
}

/// Gives the outlines of a text whose value has the type 0, as many as asked for and at most eight.
pub fn outlines<A: Ask>(
    text: &[u8],
    types: &[Type],
    count: usize,
    max_depth: usize,
    ask: &mut A,
) -> Result<Outlined, Stop> {
    let mut pass = Pass::new(text, types, count, max_depth, ask);
    pass.read(pass.all)?;
    Ok(Outlined { outs: pass.outs, facts: pass.facts })
}

/// Gives the outlines as `outlines` does, of a text that may have unknown fields: they are passed over.
///
/// In the outermost object a name is odd that is one of its fields' in another case, or may be.
pub fn outlines_of_known<A: Ask>(
    text: &[u8],
    types: &[Type],
    count: usize,
    max_depth: usize,
    ask: &mut A,
) -> Result<Outlined, Stop> {
    let mut pass = Pass { takes_unknown: true, ..Pass::new(text, types, count, max_depth, ask) };
    pass.read(pass.all)?;
    Ok(Outlined { outs: pass.outs, facts: pass.facts })
}

/// Gives the objects in which a key stands twice, of a text that `outlines_of_known` would take without those keys.
///
/// Such an object may be given more than once.
pub fn objects_with_twice<'a, A: Ask>(
    text: &[u8],
    types: &'a [Type],
    count: usize,
    max_depth: usize,
    ask: &'a mut A,
) -> Result<Vec<Twice<'a>>, Stop> {
    let pass = Pass::new(text, types, 0, max_depth, ask);
    let mut pass = Pass { takes_unknown: true, twice: Some(Vec::new()), ..pass };
    pass.read(all_of(count))?;
    Ok(pass.twice.unwrap_or_default())
}

struct Pass<'t, 'a, A> {
    cursor: Cursor<'t>,
    types: &'a [Type],
    ask: &'a mut A,
    outs: Vec<Vec<u8>>,
    facts: Facts,
    /// Those that are written: all, or none where nobody asks for them.
    all: Outlines,
    /// Collections that may still be opened in each other.
    levels: usize,
    /// As many as at first.
    most_levels: usize,
    /// Keys of the maps that are open, those of the innermost last.
    keys: Vec<Cow<'t, [u8]>>,
    takes_unknown: bool,
    /// The objects with keys twice, if such are taken.
    twice: Option<Vec<Twice<'a>>>,
}

impl<'t, 'a, A: Ask> Pass<'t, 'a, A> {
    fn new(text: &'t [u8], types: &'a [Type], count: usize, max_depth: usize, ask: &'a mut A) -> Self {
        let levels = max_depth.min(MAX_LEVELS);
        Pass {
            cursor: Cursor::new(text),
            types,
            ask,
            outs: (0..count).map(|_| Vec::with_capacity(text.len() / 2)).collect(),
            facts: 0,
            all: all_of(count),
            levels,
            most_levels: levels,
            keys: Vec::new(),
            takes_unknown: false,
            twice: None,
        }
    }

    fn read(&mut self, kept: Outlines) -> Result<(), Stop> {
        if std::str::from_utf8(self.cursor.rest()).is_err() {
            return Err(Stop::Odd);
        }
        self.value(0, kept)?;
        self.cursor.end()
    }

    fn value(&mut self, type_: usize, kept: Outlines) -> Result<(), Stop> {
        let first = self.cursor.peek()?;
        let types = self.types;
        match (&types[type_], first) {
            (Type::Stated, b'n') => Err(Stop::Odd),
            (_, b'n') => self.scalar(kept, |cursor| cursor.word(b"null")),
            (Type::Struct(fields), b'{') => self.fields(fields, kept),
            (Type::List(item), b'[') => self.list(*item, kept),
            (Type::Map(item), b'{') => self.map(*item, None, kept),
            (Type::Chosen(item, chosen), b'{') => self.map(*item, Some(chosen), kept),
            (Type::Text | Type::Stated, b'"') => self.scalar(kept, |cursor| cursor.string().map(|_| ())),
            (Type::Bool, b't') => self.scalar(kept, |cursor| cursor.word(b"true")),
            (Type::Bool, b'f') => self.scalar(kept, |cursor| cursor.word(b"false")),
            (Type::Integer { low, high }, _) => self.scalar(kept, |cursor| {
                let value = cursor.integer()?;
                if (low..=high).contains(&&value) {
                    Ok(())
                } else {
                    Err(Stop::Odd)
                }
            }),
            (Type::Asked, _) => self.asked(type_, first, kept),
            (Type::Any, b'{') => self.map(type_, None, kept),
            (Type::Any, b'[') => self.list(type_, kept),
            (Type::Any, b'"') => self.scalar(kept, |cursor| cursor.string().map(|_| ())),
            (Type::Any | Type::Skipped, b't') => self.scalar(kept, |cursor| cursor.word(b"true")),
            (Type::Any | Type::Skipped, b'f') => self.scalar(kept, |cursor| cursor.word(b"false")),
            (Type::Skipped, _) => self.scalar(kept, |cursor| cursor.skip(first)),
            (Type::Any, _) => self.scalar(kept, Cursor::number),
            _ => Err(Stop::Odd),
        }
    }

    #[inline]
    fn scalar(
        &mut self,
        kept: Outlines,
        read: impl FnOnce(&mut Cursor<'t>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let start = self.cursor.at;
        read(&mut self.cursor)?;
        self.write(kept, self.cursor.since(start));
        Ok(())
    }

    fn asked(&mut self, type_: usize, first: u8, kept: Outlines) -> Result<(), Stop> {
        let start = self.cursor.at;
        if first == b'"' {
            self.cursor.string()?;
        } else {
            self.cursor.number()?;
        }
        let text = self.cursor.since(start);
        if !self.ask.accepts(type_, text) {
            return Err(Stop::Odd);
        }
        self.write(kept, text);
        Ok(())
    }

    /// Writes a text into the outlines that keep it.
    #[inline]
    fn write(&mut self, kept: Outlines, text: &[u8]) {
        let mut left = kept & self.all;
        while left != 0 {
            self.outs[left.trailing_zeros() as usize].extend_from_slice(text);
            left &= left - 1;
        }
    }

    /// Opens a collection; tells whether there is something in it, else it has been read.
    fn open(&mut self, kept: Outlines, brackets: [u8; 2]) -> Result<bool, Stop> {
        self.levels = self.levels.checked_sub(1).ok_or(Stop::Odd)?;
        self.cursor.at += 1;
        self.write(kept, &brackets[..1]);
        if self.cursor.peek()? != brackets[1] {
            return Ok(true);
        }
        self.cursor.at += 1;
        self.close(kept, brackets);
        Ok(false)
    }

    /// Reads what follows an item; tells whether another one does.
    fn more(&mut self, kept: Outlines, brackets: [u8; 2]) -> Result<bool, Stop> {
        let byte = self.cursor.take()?;
        if byte == b',' {
            return Ok(true);
        }
        if byte != brackets[1] {
            return Err(Stop::Odd);
        }
        self.close(kept, brackets);
        Ok(false)
    }

    fn close(&mut self, kept: Outlines, brackets: [u8; 2]) {
        self.levels += 1;
        self.write(kept, &brackets[1..]);
    }

    /// Begins an item that is kept with a comma, unless it is the first.
    fn separate(&mut self, kept: Outlines) {
        let mut left = kept & self.all;
        while left != 0 {
            let out = &mut self.outs[left.trailing_zeros() as usize];
            if !matches!(out.last(), Some(b'{' | b'[')) {
                out.push(b',');
            }
            left &= left - 1;
        }
    }

    fn fields(&mut self, fields: &'a [Field], kept: Outlines) -> Result<(), Stop> {
        let object = self.cursor.at;
        if !self.open(kept, *b"{}")? {
            return Ok(());
        }
        let (mut seen, mut expected) = (0_u128, 0);
        loop {
            self.cursor.peek()?;
            let place = match find_plain(fields, self.cursor.rest(), expected) {
                Some(place) => {
                    self.cursor.at += fields[place].key.len();
                    place
                }
                None => {
                    let name = self.cursor.key()?;
                    match find(fields, &name, expected) {
                        Some(place) => place,
                        None => {
                            self.unknown(fields, &name, self.levels + 1 == self.most_levels)?;
                            if self.more(kept, *b"{}")? {
                                continue;
                            }
                            return Ok(());
                        }
                    }
                }
            };
            if seen >> place & 1 == 1 {
                self.take_twice(object, Keys::Fields(fields), kept)?;
            }
            seen |= 1 << place;
            expected = place + 1;
            let field = &fields[place];
            self.facts |= field.facts;
            let kept_here = kept & field.kept;
            if kept_here == 0 {
                self.value(field.type_, 0)?;
            } else if field.pruned {
                self.pruned(field, kept_here)?;
            } else {
                self.field(field, kept_here)?;
            }
            if !self.more(kept, *b"{}")? {
                return Ok(());
            }
        }
    }

    /// Reads the value of a field, which is kept.
    #[inline]
    fn field(&mut self, field: &Field, kept: Outlines) -> Result<(), Stop> {
        self.separate(kept);
        self.write(kept, &field.key);
        self.value(field.type_, kept)
    }

    /// Reads the value of a field, which is kept unless there is nothing in it but brackets.
    fn pruned(&mut self, field: &Field, kept: Outlines) -> Result<(), Stop> {
        let mut lengths = [0; Outlines::BITS as usize];
        for (length, out) in lengths.iter_mut().zip(&self.outs) {
            *length = out.len();
        }
        self.field(field, kept)?;
        let mut left = kept & self.all;
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            let (out, length) = (&mut self.outs[place], lengths[place]);
            // behind the key, and the comma before it
            let value = length + usize::from(out[length] == b',') + field.key.len();
            if out[value..].iter().all(|byte| b"{}[],".contains(byte)) {
                out.truncate(length);
            }
            left &= left - 1;
        }
        Ok(())
    }

    /// Passes over a field that the table has not, where such fields are taken.
    #[cold]
    fn unknown(&mut self, fields: &[Field], name: &[u8], outermost: bool) -> Result<(), Stop> {
        if self.takes_unknown && (!outermost || is_unknown(name, fields.iter().map(|field| &*field.name))) {
            return pass_over(&mut self.cursor, self.levels);
        }
        Err(Stop::Odd)
    }

    #[cold]
    fn take_twice(&mut self, start: usize, keys: Keys<'a>, kept: Outlines) -> Result<(), Stop> {
        let twice = self.twice.as_mut().ok_or(Stop::Twice)?;
        if twice.last().is_none_or(|last| last.start != start) {
            twice.push(Twice { start, keys, kept });
        }
        Ok(())
    }

    /// Tells whether the entry of a map with a key is kept, and which facts hold by it.
    #[inline]
    fn chooses(&mut self, chosen: Option<&[(Box<[u8]>, Facts)]>, key: &[u8]) -> bool {
        let Some(prefixes) = chosen else { return true };
        let mut is_chosen = false;
        for (prefix, facts) in prefixes {
            if key.starts_with(prefix) {
                self.facts |= facts;
                is_chosen = true;
            }
        }
        is_chosen
    }

    fn map(
        &mut self,
        item: usize,
        chosen: Option<&[(Box<[u8]>, Facts)]>,
        kept: Outlines,
    ) -> Result<(), Stop> {
        let object = self.cursor.at;
        if !self.open(kept, *b"{}")? {
            return Ok(());
        }
        let first_key = self.keys.len();
        let mut many = HashSet::new();
        loop {
            self.cursor.peek()?;
            let start = self.cursor.at;
            let key = self.cursor.key()?;
            let kept_here = if self.chooses(chosen, &key) { kept } else { 0 };
            let own = &self.keys[first_key..];
            if own.len() < FEW_KEYS {
                if own.contains(&key) {
                    self.take_twice(object, Keys::Any(item), kept)?;
                }
                self.keys.push(key);
            } else {
                if many.is_empty() {
                    many.extend(own.iter().cloned());
                }
                if !many.insert(key) {
                    self.take_twice(object, Keys::Any(item), kept)?;
                }
            }
            if kept_here != 0 {
                self.separate(kept_here);
                // with the blanks before the colon, which JSON may have
                self.write(kept_here, self.cursor.since(start));
            }
            self.item(item, kept_here)?;
            if !self.more(kept, *b"{}")? {
                self.keys.truncate(first_key);
                return Ok(());
            }
        }
    }

    fn list(&mut self, item: usize, kept: Outlines) -> Result<(), Stop> {
        if !self.open(kept, *b"[]")? {
            return Ok(());
        }
        loop {
            if kept != 0 {
                self.separate(kept);
            }
            self.item(item, kept)?;
            if !self.more(kept, *b"[]")? {
                return Ok(());
            }
        }
    }

    /// Reads what stands in a list or a map, where Go leaves a null as it makes a new item.
    fn item(&mut self, type_: usize, kept: Outlines) -> Result<(), Stop> {
        if kept == 0 || self.cursor.peek()? != b'n' {
            return self.value(type_, kept);
        }
        self.cursor.word(b"null")?;
        let made: &[u8] = match &self.types[type_] {
            Type::Text => b"\"\"",
            Type::Bool => b"false",
            Type::Integer { .. } => b"0",
            Type::Struct(_) => b"{}",
            Type::Any
            | Type::Skipped
            | Type::Stated
            | Type::Asked
            | Type::List(_)
            | Type::Map(_)
            | Type::Chosen(..) => return Err(Stop::Odd),
        };
        self.write(kept, made);
        Ok(())
    }
}
