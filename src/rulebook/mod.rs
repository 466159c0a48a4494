//! Rules as data: what is dangerous, and how command lines are read.

pub mod block;
pub mod book;
pub mod commands;
mod describe;
pub mod disguise;
pub mod docs;
pub mod examples;
pub mod format;
mod forms;
pub mod index;
pub mod lint;
pub mod load;
mod needs;
mod own;
pub mod packed;
pub mod path_kind;
pub mod pattern;
pub mod places;
mod table;
pub mod targets;
pub mod tasks;

pub use book::{Conflict, Filed, Origin, Rulebook};
pub use index::{BookProgram, BookRule, Grammar, Key, PackHead};
pub use load::{PackError, read_pack};

#[cfg(test)]
mod test_schema;
