//! Reads one YAML document in one pass: its value as Python objects, and a tape with the place of every node.
//!
//! In: the bytes of one document. Out: its value, line and tape, or nothing. Nothing is the answer to whatever is
//! unusual: tags, anchors, aliases, merge keys, keys written twice, directives, depth, faults. Podproof's reader in
//! Python then reads the document, so that rules and messages exist once, there.

#![deny(unsafe_code)]

pub mod events;
pub mod faults;
mod join;
pub mod json;
pub mod memory;
mod mend;
pub mod outline;
mod outline_collections;
mod outs;
mod parts;
#[cfg(feature = "python")]
mod python;
#[cfg(feature = "python")]
pub(crate) mod python_outline;
#[cfg(feature = "python")]
pub(crate) mod python_reach;
pub mod repeat;
pub mod server;
pub mod special;
pub mod syntax;
pub mod table;
pub mod tape;
pub mod twice;
mod unknown;
pub mod usual;
mod usual_blocks;
mod usual_flow;
mod usual_lines;
mod usual_quotes;
mod usual_scalars;
pub mod walk;
