//! Objects, maps and lists of a JSON text, by the types of what is in them.
//!
//! In: a pass that stands at a bracket. Out: what is kept of the collection; that no key stands twice is proved here.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashSet;

use crate::faults::Faults;
use crate::json::Stop;
use crate::outline::{Manner, Pass};
use crate::repeat::Step;
use crate::table::{find, find_plain, Beginnings, Field, Outlines, Type, MAX_FIELDS};
use crate::twice::Keys;
use crate::unknown::names_kind;

/// Keys of a map that are compared one by one.
const FEW_KEYS: usize = 16;

impl<'t, 'a> Pass<'t, 'a> {
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

    pub(crate) fn fields<const KEEP: bool>(
        &mut self,
        fields: &'a [Field],
        kept: Outlines,
    ) -> Result<(), Stop> {
        let object = self.cursor.at;
        if !self.open::<KEEP>(kept, *b"{}")? {
            return Ok(());
        }
        let (mut seen, mut expected) = ([0_u64; MAX_FIELDS / 64], 0);
        let mut strangers = None;
        loop {
            self.cursor.peek()?;
            let place = match find_plain(fields, self.cursor.rest(), expected) {
                Some((place, length)) => {
                    self.cursor.at += length;
                    place
                }
                None => match self.other_field(fields, expected, &mut strangers)? {
                    Some(place) => place,
                    None if self.more::<KEEP>(kept, *b"{}")? => continue,
                    None => return Ok(()),
                },
            };
            let (seen, bit) = (&mut seen[place / 64 % (MAX_FIELDS / 64)], 1 << (place % 64));
            if *seen & bit != 0 {
                self.repeats.take(object, Keys::Fields(fields), kept)?;
            }
            *seen |= bit;
            expected = place + 1;
            let field = &fields[place];
            self.facts |= field.facts;
            let kept_here = if KEEP { kept & field.kept } else { 0 };
            let known = self.known_faults();
            if kept_here == 0 {
                self.value::<false>(field.type_, 0)?;
            } else if field.pruned {
                self.pruned::<KEEP>(field, kept_here)?;
            } else {
                self.field::<KEEP>(field, kept_here)?;
            }
            if let Some(faults) = &mut self.faults {
                faults.lead(known, || Step::key(&field.name));
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
    ///
    /// `strangers` are those before it in the object that are unknown.
    #[inline(never)]
    fn other_field(
        &mut self,
        fields: &[Field],
        expected: usize,
        strangers: &mut Option<HashSet<Cow<'t, [u8]>>>,
    ) -> Result<Option<usize>, Stop> {
        let name = self.cursor.key()?;
        if let Some(place) = find(fields, &name, expected) {
            return Ok(Some(place));
        }
        match self.manner {
            Manner::Server => {
                self.is_named_oddly |= self.levels + 1 == self.most_levels && names_kind(&name);
            }
            Manner::ReviewOfKnown => return Err(Stop::Odd),
            Manner::Review => {
                if !strangers.get_or_insert_with(HashSet::new).insert(name) {
                    return Err(Stop::Twice);
                }
            }
        }
        self.unread()?;
        Ok(None)
    }

    fn known_faults(&self) -> usize {
        self.faults.as_ref().map_or(0, Faults::count)
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

    pub(crate) fn map<const KEEP: bool>(
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
            let step = self.faults.is_some().then(|| Step::key(&key));
            let own = &self.keys[first_key..];
            if own.len() < FEW_KEYS {
                if own.contains(&key) {
                    self.repeats.take(object, Keys::Any(item), kept)?;
                }
                self.keys.push(key);
            } else {
                if many.is_empty() {
                    many.extend(own.iter().cloned());
                }
                if !many.insert(key) {
                    self.repeats.take(object, Keys::Any(item), kept)?;
                }
            }
            if KEEP && kept_here != 0 {
                self.outs.separate::<KEEP>(kept_here);
                // with the blanks before the colon, which JSON may have
                self.outs.write::<KEEP>(kept_here, self.cursor.since(start));
            }
            let known = self.known_faults();
            self.item::<KEEP>(item, kept_here)?;
            if let (Some(faults), Some(step)) = (&mut self.faults, &step) {
                faults.lead(known, || step.clone());
            }
            if !self.more::<KEEP>(kept, *b"{}")? {
                self.keys.truncate(first_key);
                return Ok(());
            }
        }
    }

    pub(crate) fn list<const KEEP: bool>(&mut self, item: usize, kept: Outlines) -> Result<(), Stop> {
        if !self.open::<KEEP>(kept, *b"[]")? {
            return Ok(());
        }
        let mut place = 0;
        loop {
            self.outs.separate::<KEEP>(kept);
            let known = self.known_faults();
            self.item::<KEEP>(item, kept)?;
            if let Some(faults) = &mut self.faults {
                faults.lead(known, || Step::Item(place));
            }
            place += 1;
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
        let made: &[u8] = match self.types.get(type_).unwrap_or(&Type::Any) {
            Type::Text => b"\"\"",
            Type::Bool => b"false",
            Type::Integer { .. } => b"0",
            Type::Struct(_) => b"{}",
            Type::Any
            | Type::Skipped
            | Type::Stated
            | Type::Special(_)
            | Type::List(_)
            | Type::Map(_)
            | Type::Chosen(..) => return Err(Stop::Odd),
        };
        self.outs.write::<KEEP>(kept, made);
        Ok(())
    }
}
