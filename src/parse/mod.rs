//! Shell text into a [`script::Script`] and its gaps. Pure, and it never fails.

pub mod gap;
pub mod script;
