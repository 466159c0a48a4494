//! Rules as data: what is dangerous, and how command lines are read.

pub mod format;
mod forms;
