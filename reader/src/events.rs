//! libyaml's events as safe values. The only module that touches memory by hand.
//!
//! In: UTF-8 text. Out: its events one by one. A scalar's text lives until the next event is asked for.

#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;
use std::slice;

use libyaml_rs as sys;

use crate::walk::Source;

/// What stands next in a text; positions count bytes from 0.
pub enum Event<'a> {
    StreamStart,
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Scalar(Scalar<'a>),
    /// A sequence or a mapping begins.
    Start {
        mapping: bool,
        start: u64,
        line: u64,
    },
    /// The innermost collection ends; both positions are the same where no bracket closes it.
    End {
        start: u64,
        end: u64,
    },
    /// A directive, tag, anchor or alias: whatever this reader leaves to the other one.
    Unusual,
}

/// A scalar: `plain` tells that it has neither quotes nor a tag, `block` that it is literal or folded.
pub struct Scalar<'a> {
    pub text: &'a [u8],
    pub plain: bool,
    pub block: bool,
    pub start: u64,
    pub end: u64,
    pub line: u64,
}

/// libyaml's parser over a text, with the event that was read last.
pub struct Events<'t> {
    parser: Box<MaybeUninit<sys::yaml_parser_t>>,
    event: MaybeUninit<sys::yaml_event_t>,
    holds_event: bool,
    text: PhantomData<&'t str>,
}

impl<'t> Events<'t> {
    /// Starts to read a text; None when there is no memory for it.
    pub fn new(text: &'t str) -> Option<Self> {
        // In a box, since libyaml keeps a pointer to the parser in itself.
        let mut parser = Box::new(MaybeUninit::<sys::yaml_parser_t>::uninit());
        // SAFETY: initialize writes every field; the text outlives the parser, as 't says.
        unsafe {
            if sys::yaml_parser_initialize(parser.as_mut_ptr()).fail {
                return None;
            }
            sys::yaml_parser_set_encoding(parser.as_mut_ptr(), sys::YAML_UTF8_ENCODING);
            sys::yaml_parser_set_input_string(parser.as_mut_ptr(), text.as_ptr(), text.len() as u64);
        }
        Some(Events { parser, event: MaybeUninit::uninit(), holds_event: false, text: PhantomData })
    }

    /// Reads the next event; None when the text is not YAML.
    fn parse(&mut self) -> Option<Event<'_>> {
        self.drop_event();
        // SAFETY: the parser is initialized; parse writes the whole event, also where it fails.
        if unsafe { sys::yaml_parser_parse(self.parser.as_mut_ptr(), self.event.as_mut_ptr()) }.fail {
            return None;
        }
        self.holds_event = true;
        // SAFETY: parse has succeeded, so the event is initialized.
        let event = unsafe { self.event.assume_init_ref() };
        let (start, end) = (event.start_mark, event.end_mark);
        // SAFETY: the type of the event tells which member of the union is set.
        Some(match event.type_ {
            sys::YAML_SCALAR_EVENT => {
                let scalar = unsafe { &event.data.scalar };
                if !scalar.anchor.is_null() || !scalar.tag.is_null() {
                    return Some(Event::Unusual);
                }
                Event::Scalar(Scalar {
                    text: unsafe { bytes(scalar.value, scalar.length) },
                    plain: scalar.plain_implicit,
                    block: matches!(
                        scalar.style,
                        sys::YAML_LITERAL_SCALAR_STYLE | sys::YAML_FOLDED_SCALAR_STYLE
                    ),
                    start: start.index,
                    end: end.index,
                    line: start.line,
                })
            }
            sys::YAML_MAPPING_START_EVENT => {
                let mapping = unsafe { &event.data.mapping_start };
                begin(true, mapping.anchor, mapping.tag, start)
            }
            sys::YAML_SEQUENCE_START_EVENT => {
                let sequence = unsafe { &event.data.sequence_start };
                begin(false, sequence.anchor, sequence.tag, start)
            }
            sys::YAML_MAPPING_END_EVENT | sys::YAML_SEQUENCE_END_EVENT => {
                Event::End { start: start.index, end: end.index }
            }
            sys::YAML_STREAM_START_EVENT => Event::StreamStart,
            sys::YAML_STREAM_END_EVENT => Event::StreamEnd,
            sys::YAML_DOCUMENT_START_EVENT => {
                let document = unsafe { &event.data.document_start };
                if !document.version_directive.is_null()
                    || document.tag_directives.start != document.tag_directives.end
                {
                    return Some(Event::Unusual);
                }
                Event::DocumentStart
            }
            sys::YAML_DOCUMENT_END_EVENT => Event::DocumentEnd,
            _ => Event::Unusual,
        })
    }

    fn drop_event(&mut self) {
        if self.holds_event {
            self.holds_event = false;
            // SAFETY: the event was read and not deleted since.
            unsafe { sys::yaml_event_delete(self.event.as_mut_ptr()) };
        }
    }
}

impl Source for Events<'_> {
    fn begin(&mut self) -> bool {
        matches!(self.parse(), Some(Event::StreamStart)) && matches!(self.parse(), Some(Event::DocumentStart))
    }

    fn read(&mut self) -> Option<Event<'_>> {
        self.parse()
    }

    fn end(&mut self) -> bool {
        matches!(self.parse(), Some(Event::DocumentEnd)) && matches!(self.parse(), Some(Event::StreamEnd))
    }
}

impl Drop for Events<'_> {
    fn drop(&mut self) {
        self.drop_event();
        // SAFETY: the parser is initialized and deleted only here.
        unsafe { sys::yaml_parser_delete(self.parser.as_mut_ptr()) };
    }
}

fn begin(mapping: bool, anchor: *const u8, tag: *const u8, start: sys::yaml_mark_t) -> Event<'static> {
    if anchor.is_null() && tag.is_null() {
        Event::Start { mapping, start: start.index, line: start.line }
    } else {
        Event::Unusual
    }
}

/// Gives `length` bytes at `start`; nothing where libyaml has no text.
unsafe fn bytes<'a>(start: *const u8, length: u64) -> &'a [u8] {
    if ptr::eq(start, ptr::null()) {
        return &[];
    }
    // SAFETY: libyaml gives a scalar's text and its length; the caller keeps the event for as long.
    unsafe { slice::from_raw_parts(start, length as usize) }
}
