//! The outlines of a text as an API server reads it that is not asked for strict validation.
//!
//! In: text and a table of types, as for `outline`. Out: its outlines, even if it has unknown fields, bytes that are
//! not UTF-8, halves of surrogate pairs, or keys that stand twice.

#![forbid(unsafe_code)]

use std::borrow::Cow;

use crate::join::joined;
use crate::json::Stop;
use crate::mend::mended;
use crate::outline::{outlines_of_known, Ask, Outlined};
use crate::table::Type;

/// Gives the outlines. Twice: a key stands twice, and for this text only the exact decoder is left.
///
/// A text is mended once at most, and joined once.
pub fn server_outlines<A: Ask>(
    text: &[u8],
    types: &[Type],
    count: usize,
    max_depth: usize,
    ask: &mut A,
) -> Result<Outlined, Stop> {
    let mut text = Cow::Borrowed(text);
    let (mut is_mended, mut is_joined) = (false, false);
    loop {
        let stop = match outlines_of_known(&text, types, count, max_depth, ask) {
            Ok(outlined) => return Ok(outlined),
            Err(stop) => stop,
        };
        if is_joined {
            return Err(Stop::Twice);
        }
        if stop == Stop::Twice {
            if let Ok(once) = joined(&text, types, count, max_depth, ask) {
                is_joined = true;
                text = Cow::Owned(once);
                continue;
            }
        }
        let next = if is_mended { None } else { mended(&text) };
        is_mended = true;
        text = Cow::Owned(next.ok_or(stop)?);
    }
}
