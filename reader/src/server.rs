//! The outlines of a text as an API server reads it that is not asked for strict validation.
//!
//! In: text and a table of types, as for `outline`. Out: its outlines, even if it has bytes that are not UTF-8, halves of
//! surrogate pairs, or keys that stand twice; or why the server refuses it.

#![forbid(unsafe_code)]

use std::borrow::Cow;

use crate::faults::Fault;
use crate::join::joined;
use crate::json::Stop;
use crate::mend::mended;
use crate::outline::{outlines, outlines_and_faults, Manner, Outlined};
use crate::table::Type;
use crate::unknown::{has_odd_name, names_of_kind};

/// What a server reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    pub outlined: Outlined,
    /// The members of the outermost object by which it is known, if one has a name in another case.
    pub names: Option<Vec<u8>>,
}

/// Gives the outlines. Twice: a key stands twice, and for this text only the exact decoder is left.
///
/// A text is mended once at most, and joined once.
pub fn server_outlines(text: &[u8], types: &[Type], count: usize, max_depth: usize) -> Result<Served, Stop> {
    let mut text = Cow::Borrowed(text);
    let mut is_mended = false;
    let stop = loop {
        let stop = match outlines(&text, types, count, max_depth, Manner::Server) {
            Ok(outlined) => {
                let is_named_oddly = outlined.is_named_oddly;
                return served(outlined, &text, is_named_oddly);
            }
            Err(stop) => stop,
        };
        if stop == Stop::Twice {
            if let Ok(once) = joined(&text, types, count, max_depth) {
                let outlined = outlines(&once, types, count, max_depth, Manner::Server);
                return served(outlined.map_err(|_| Stop::Twice)?, &text, has_odd_name(&text)?);
            }
        }
        if is_mended {
            break stop;
        }
        let Some(next) = mended(&text) else { break stop };
        is_mended = true;
        text = Cow::Owned(next);
    };
    Err(stop)
}

fn served(outlined: Outlined, text: &[u8], is_named_oddly: bool) -> Result<Served, Stop> {
    let names = if is_named_oddly { Some(names_of_kind(text)?) } else { None };
    Ok(Served { outlined, names })
}

/// Why a server refuses an object.
pub struct Refused {
    /// The members by which it is known.
    pub names: Vec<u8>,
    pub faults: Vec<Fault>,
}

/// Gives the values for which a server refuses a text.
pub fn server_faults(text: &[u8], types: &[Type], max_depth: usize) -> Result<Refused, Stop> {
    let text = mended(text).map_or(Cow::Borrowed(text), Cow::Owned);
    let (_, faults) = outlines_and_faults(&text, types, 0, max_depth, Manner::Server)?;
    Ok(Refused { names: names_of_kind(&text)?, faults })
}
