//! A text without keys that stand twice: the values of each are joined as Go's decoder would.
//!
//! In: text in which each value was proved to have its type, and the objects in it that have keys twice. Out: a text
//! that means the same to a server. Everything else is copied; what is joined is taken apart once for each level of the
//! types.
//! Source: Go 1.26 encoding/json decode.go, object and array: a value is decoded over what is there.

#![forbid(unsafe_code)]

use std::collections::HashMap;

use crate::json::Stop;
use crate::outline::objects_with_twice;
use crate::parts::{add_members, is_empty, items, Member, Span};
use crate::table::{find, Field, Outlines, Slot, Type};
use crate::twice::{Keys, Twice};

/// Gives the text in which each key stands once. Odd: a value has no type of the table, or is for others.
pub fn joined(text: &[u8], types: &[Type], count: usize, max_depth: usize) -> Result<Vec<u8>, Stop> {
    let mut twice = objects_with_twice(text, types, count, max_depth)?;
    twice.sort_unstable_by_key(|object| object.start);
    twice.dedup_by_key(|object| object.start);
    let mut join = Join { text, types, twice, out: Vec::with_capacity(text.len()) };
    join.copy(Span { start: 0, end: text.len() })?;
    Ok(join.out)
}

struct Join<'t, 'a> {
    text: &'t [u8],
    types: &'a [Type],
    /// The objects with keys twice, in the order of the text.
    twice: Vec<Twice<'a>>,
    out: Vec<u8>,
}

impl<'t, 'a> Join<'t, 'a> {
    fn write(&mut self, start: usize, end: usize) {
        self.out.extend_from_slice(&self.text[start..end]);
    }

    /// Writes what may have objects with keys twice in it.
    fn copy(&mut self, span: Span) -> Result<(), Stop> {
        let mut at = span.start;
        loop {
            let next = self.twice.partition_point(|object| object.start < at);
            let Some(&Twice { start, keys, kept }) =
                self.twice.get(next).filter(|object| object.start < span.end)
            else {
                self.write(at, span.end);
                return Ok(());
            };
            self.write(at, start);
            at = self.object(keys, kept, &[start])?;
        }
    }

    /// Writes one object of the members of all that begin there; gives where the last one ends.
    fn object(&mut self, keys: Keys<'a>, kept: Outlines, starts: &[usize]) -> Result<usize, Stop> {
        let (mut members, mut end) = (Vec::new(), 0);
        for &start in starts {
            end = add_members(self.text, start, &mut members)?;
        }
        self.out.push(b'{');
        match keys {
            Keys::Fields(fields) => self.fields(fields, kept, &members)?,
            Keys::Any(item) if kept != 0 && matches!(self.types.get(item), None | Some(Type::Any)) => {
                return Err(Stop::Odd)
            }
            Keys::Any(_) => self.map(&members)?,
        }
        self.out.push(b'}');
        Ok(end)
    }

    /// Writes the members of a struct, but for unknown ones, which nobody asks for.
    fn fields(&mut self, fields: &[Field], kept: Outlines, members: &[Member<'t>]) -> Result<(), Stop> {
        const NONE: usize = usize::MAX;
        // where the chain of each field's members begins and ends
        let mut chains = vec![(NONE, NONE); fields.len()];
        let mut next = vec![NONE; members.len()];
        let (mut order, mut expected) = (Vec::new(), 0);
        for (place, member) in members.iter().enumerate() {
            let Some(field) = find(fields, &member.name, expected) else {
                continue;
            };
            expected = field + 1;
            let (first, last) = &mut chains[field];
            if *first == NONE {
                *first = place;
                order.push(field);
            } else {
                next[*last] = place;
            }
            *last = place;
        }
        let mut values = Vec::new();
        for (count, field) in order.into_iter().enumerate() {
            let mut place = chains[field].0;
            self.begin(count, &members[place]);
            values.clear();
            while place != NONE {
                values.push(members[place].value);
                place = next[place];
            }
            self.value(fields[field].slot(kept), &values)?;
        }
        Ok(())
    }

    /// Writes the members of a map: each value replaces the one before.
    fn map(&mut self, members: &[Member<'t>]) -> Result<(), Stop> {
        let mut values: Vec<(&Member<'t>, Span)> = Vec::with_capacity(members.len());
        let mut places: HashMap<&[u8], usize> = HashMap::with_capacity(members.len());
        for member in members {
            let place = *places.entry(&member.name).or_insert(values.len());
            match values.get_mut(place) {
                Some((_, value)) => *value = member.value,
                None => values.push((member, member.value)),
            }
        }
        for (count, (member, value)) in values.into_iter().enumerate() {
            self.begin(count, member);
            self.copy(value)?;
        }
        Ok(())
    }

    /// Writes a key, behind those that were written.
    fn begin(&mut self, count: usize, member: &Member<'t>) {
        if count > 0 {
            self.out.push(b',');
        }
        self.write(member.start, member.value.start);
    }

    fn is_null(&self, value: Span) -> bool {
        self.text[value.start] == b'n'
    }

    /// Writes what is left of values that are decoded over each other.
    fn value(&mut self, slot: Slot, values: &[Span]) -> Result<(), Stop> {
        let (&last, before) = values.split_last().ok_or(Stop::Odd)?;
        if before.is_empty() {
            return self.copy(last);
        }
        let types = self.types;
        match types.get(slot.type_).unwrap_or(&Type::Any) {
            Type::Any | Type::Skipped | Type::Special(_) if slot.kept != 0 => Err(Stop::Odd),
            Type::Any | Type::Skipped | Type::Special(_) => self.copy(last),
            Type::Text | Type::Stated | Type::Bool | Type::Integer { .. } => {
                let stays = |&&value: &&Span| slot.pointer || !self.is_null(value);
                self.copy(*values.iter().rev().find(stays).unwrap_or(&last))
            }
            Type::Struct(fields) => self.objects(Keys::Fields(fields), slot, values),
            Type::Map(item) | Type::Chosen(item, _) => {
                self.objects(Keys::Any(*item), Slot { pointer: true, ..slot }, values)
            }
            Type::List(item) => self.lists(*item, slot.kept, values),
        }
    }

    fn objects(&mut self, keys: Keys<'a>, slot: Slot, values: &[Span]) -> Result<(), Stop> {
        let null = values.iter().rposition(|&value| slot.pointer && self.is_null(value));
        let mut left = values[null.map_or(0, |place| place + 1)..].to_vec();
        left.retain(|&value| !self.is_null(value));
        let Some(&any) = left.last() else {
            return self.copy(values[null.unwrap_or(0)]);
        };
        left.retain(|&value| !is_empty(self.text, value.start));
        match left[..] {
            [] => self.copy(any),
            [one] => self.copy(one),
            _ => {
                let starts: Vec<usize> = left.iter().map(|value| value.start).collect();
                self.object(keys, slot.kept, &starts).map(|_| ())
            }
        }
    }

    /// Writes the list of lists that are decoded over each other item by item.
    ///
    /// A shorter list hides what stands behind its end, and a longer one finds it again; an empty one or a null
    /// forgets it.
    fn lists(&mut self, type_: usize, kept: Outlines, values: &[Span]) -> Result<(), Stop> {
        let mut lists: Vec<Vec<Span>> = Vec::new();
        for &value in values {
            let items = if self.is_null(value) { Vec::new() } else { items(self.text, value.start)? };
            if items.is_empty() {
                lists.clear();
            } else {
                lists.push(items);
            }
        }
        let Some(length) = lists.last().map(Vec::len) else {
            return self.copy(*values.last().ok_or(Stop::Odd)?);
        };
        self.out.push(b'[');
        let mut cell = Vec::new();
        for place in 0..length {
            if place > 0 {
                self.out.push(b',');
            }
            lists.retain(|list| list.len() > place);
            cell.clear();
            cell.extend(lists.iter().map(|list| list[place]));
            self.value(Slot { type_, pointer: false, kept }, &cell)?;
        }
        self.out.push(b']');
        Ok(())
    }
}
