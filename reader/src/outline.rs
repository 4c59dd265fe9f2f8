//! Of a JSON text what somebody reads, as JSON, in one pass over all of it that proves the rest to be sound.
//!
//! In: text, and a table of types that says of each field of a struct in which outlines it is kept. Out: outlines,
//! which are the text without blanks and the other fields, if each value has its type, each field has one, and no key
//! stands twice. Nulls in lists and maps become the values that Go makes of them. Whatever is odd is left to others.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::{Cursor, Stop, MAX_LEVELS};
use crate::outs::{all_of, Outs};
use crate::table::{find, find_plain, Beginnings, Facts, Field, Outlines, Type, MAX_FIELDS};
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
    pass.read(all_of(count))?;
    Ok(Outlined { outs: pass.outs.texts(), facts: pass.facts })
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
    pass.read(all_of(count))?;
    Ok(Outlined { outs: pass.outs.texts(), facts: pass.facts })
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
    outs: Outs,
    facts: Facts,
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
            outs: Outs::new(count, text.len() / 2),
            facts: 0,
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
        self.value::<true>(0, kept)?;
        self.cursor.end()
    }

    /// Reads a value; unless KEEP, no outline keeps it.
    fn value<const KEEP: bool>(&mut self, type_: usize, kept: Outlines) -> Result<(), Stop> {
        let first = self.cursor.peek()?;
        let types = self.types;
        match (&types[type_], first) {
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
            (Type::Integer { low, high }, _) => self.scalar::<KEEP>(kept, |cursor| {
                let value = cursor.integer()?;
                if (low..=high).contains(&&value) {
                    Ok(())
                } else {
                    Err(Stop::Odd)
                }
            }),
            (Type::Asked, _) => self.asked::<KEEP>(type_, first, kept),
            (Type::Any, b'{') => self.map::<KEEP>(type_, None, kept),
            (Type::Any, b'[') => self.list::<KEEP>(type_, kept),
            (Type::Any, b'"') => self.scalar::<KEEP>(kept, |cursor| cursor.string().map(|_| ())),
            (Type::Any | Type::Skipped, b't') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"true")),
            (Type::Any | Type::Skipped, b'f') => self.scalar::<KEEP>(kept, |cursor| cursor.word(b"false")),
            (Type::Skipped, _) => self.scalar::<KEEP>(kept, |cursor| cursor.skip(first)),
            (Type::Any, _) => self.scalar::<KEEP>(kept, Cursor::number),
            _ => Err(Stop::Odd),
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

    fn asked<const KEEP: bool>(&mut self, type_: usize, first: u8, kept: Outlines) -> Result<(), Stop> {
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
        self.outs.write::<KEEP>(kept, text);
        Ok(())
    }

    /// Opens a collection; tells whether there is something in it, else it has been read.
    fn open<const KEEP: bool>(&mut self, kept: Outlines, brackets: [u8; 2]) -> Result<bool, Stop> {
        self.levels = self.levels.checked_sub(1).ok_or(Stop::Odd)?;
        self.cursor.at += 1;
        self.outs.write::<KEEP>(kept, &brackets[..1]);
        if self.cursor.peek()? != brackets[1] {
            return Ok(true);
        }
        self.cursor.at += 1;
        self.close::<KEEP>(kept, brackets);
        Ok(false)
    }

    /// Reads what follows an item; tells whether another one does.
    #[inline]
    fn more<const KEEP: bool>(&mut self, kept: Outlines, brackets: [u8; 2]) -> Result<bool, Stop> {
        let byte = self.cursor.take()?;
        if byte == b',' {
            return Ok(true);
        }
        if byte != brackets[1] {
            return Err(Stop::Odd);
        }
        self.close::<KEEP>(kept, brackets);
        Ok(false)
    }

    fn close<const KEEP: bool>(&mut self, kept: Outlines, brackets: [u8; 2]) {
        self.levels += 1;
        self.outs.write::<KEEP>(kept, &brackets[1..]);
    }

    fn fields<const KEEP: bool>(&mut self, fields: &'a [Field], kept: Outlines) -> Result<(), Stop> {
        let object = self.cursor.at;
        if !self.open::<KEEP>(kept, *b"{}")? {
            return Ok(());
        }
        let (mut seen, mut expected) = ([0_u64; MAX_FIELDS / 64], 0);
        loop {
            self.cursor.peek()?;
            let place = match find_plain(fields, self.cursor.rest(), expected) {
                Some((place, length)) => {
                    self.cursor.at += length;
                    place
                }
                None => match self.other_field(fields, expected)? {
                    Some(place) => place,
                    None if self.more::<KEEP>(kept, *b"{}")? => continue,
                    None => return Ok(()),
                },
            };
            let (seen, bit) = (&mut seen[place / 64 % (MAX_FIELDS / 64)], 1 << (place % 64));
            if *seen & bit != 0 {
                self.take_twice(object, Keys::Fields(fields), kept)?;
            }
            *seen |= bit;
            expected = place + 1;
            let field = &fields[place];
            self.facts |= field.facts;
            let kept_here = if KEEP { kept & field.kept } else { 0 };
            if kept_here == 0 {
                self.value::<false>(field.type_, 0)?;
            } else if field.pruned {
                self.pruned::<KEEP>(field, kept_here)?;
            } else {
                self.field::<KEEP>(field, kept_here)?;
            }
            if !self.more::<KEEP>(kept, *b"{}")? {
                return Ok(());
            }
        }
    }

    /// Reads the value of a field, which is kept.
    #[inline]
    fn field<const KEEP: bool>(&mut self, field: &Field, kept: Outlines) -> Result<(), Stop> {
        self.outs.separate::<KEEP>(kept);
        self.outs.write::<KEEP>(kept, &field.key);
        self.value::<KEEP>(field.type_, kept)
    }

    /// Reads the value of a field, which is kept unless there is nothing in it but brackets.
    #[inline(never)]
    fn pruned<const KEEP: bool>(&mut self, field: &Field, kept: Outlines) -> Result<(), Stop> {
        let lengths = self.outs.lengths();
        self.field::<KEEP>(field, kept)?;
        self.outs.prune(kept, &lengths, field.key.len());
        Ok(())
    }

    /// Reads a key that is not written plainly in its place. None: it is unknown, and its value was passed over.
    #[inline(never)]
    fn other_field(&mut self, fields: &[Field], expected: usize) -> Result<Option<usize>, Stop> {
        let name = self.cursor.key()?;
        match find(fields, &name, expected) {
            Some(place) => Ok(Some(place)),
            None => {
                self.unknown(fields, &name, self.levels + 1 == self.most_levels)?;
                Ok(None)
            }
        }
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
    fn chooses(&mut self, chosen: Option<&Beginnings>, key: &[u8]) -> bool {
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

    fn map<const KEEP: bool>(
        &mut self,
        item: usize,
        chosen: Option<&Beginnings>,
        kept: Outlines,
    ) -> Result<(), Stop> {
        let object = self.cursor.at;
        if !self.open::<KEEP>(kept, *b"{}")? {
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
            if KEEP && kept_here != 0 {
                self.outs.separate::<KEEP>(kept_here);
                // with the blanks before the colon, which JSON may have
                self.outs.write::<KEEP>(kept_here, self.cursor.since(start));
            }
            self.item::<KEEP>(item, kept_here)?;
            if !self.more::<KEEP>(kept, *b"{}")? {
                self.keys.truncate(first_key);
                return Ok(());
            }
        }
    }

    fn list<const KEEP: bool>(&mut self, item: usize, kept: Outlines) -> Result<(), Stop> {
        if !self.open::<KEEP>(kept, *b"[]")? {
            return Ok(());
        }
        loop {
            self.outs.separate::<KEEP>(kept);
            self.item::<KEEP>(item, kept)?;
            if !self.more::<KEEP>(kept, *b"[]")? {
                return Ok(());
            }
        }
    }

    /// Reads what stands in a list or a map, where Go leaves a null as it makes a new item.
    fn item<const KEEP: bool>(&mut self, type_: usize, kept: Outlines) -> Result<(), Stop> {
        if !KEEP || kept == 0 {
            return self.value::<false>(type_, 0);
        }
        if self.cursor.peek()? != b'n' {
            return self.value::<KEEP>(type_, kept);
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
        self.outs.write::<KEEP>(kept, made);
        Ok(())
    }
}
