//! `guard` stands between AI agents and the commands that destroy things.
//!
//! The modules are listed in the order in which a command flows through them; [`pipeline`] is the
//! story.

pub mod pipeline;

pub mod confirm;
pub mod decide;
pub mod matcher;
pub mod parse;
pub mod proposal;
pub mod record;
pub mod resolve;
pub mod rulebook;
pub mod run;
pub mod unknown;

pub mod cli;
pub mod entry;

pub mod ancestry;
pub mod env_vars;
pub mod error;
pub mod exit;
pub mod signals;
pub mod text;
pub mod world;

#[cfg(test)]
mod test_process;
