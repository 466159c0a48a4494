//! Rules as data: what is dangerous, and how command lines are read.

pub mod book;
pub mod format;
mod forms;
pub mod index;
pub mod lint;
pub mod load;
pub mod places;
mod table;

pub use book::{Conflict, Grammar, Origin, Rulebook};
pub use index::{BookProgram, BookRule, Key, PackHead};
pub use load::{PackError, read_pack};
