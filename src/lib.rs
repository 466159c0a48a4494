//! `guard` stands between AI agents and the commands that destroy things.
//!
//! The modules are listed in the order in which a command flows through them; [`pipeline`] is the
//! story.

pub mod pipeline;

// What is proposed, and where it would act.
pub mod config;
pub mod place;
pub mod proposal;
pub mod unknown;
pub mod world;

// What it would do, and what is dangerous.
pub mod parse;

pub mod resolve;

pub mod rulebook;

pub mod agents;

pub mod matcher;

pub mod aim;

// What is done about it.
pub mod decide;

pub mod backup;

pub mod confirm;

pub mod counts;

pub mod hand;

pub mod human;

pub mod keep;

pub mod proof;

pub mod run;

pub mod record;

// The doors, their installation and the command line.
pub mod entry;

pub mod install;

pub mod replay;
pub mod scan;

pub mod cli;

pub mod dispatch;
pub mod trial;

// What they all use.
pub mod account;
pub mod alternatives;
pub mod ancestry;
pub mod called;
pub mod clock;
pub mod digits;
pub mod document;
pub mod env_vars;
pub mod exit;
pub mod expression;
pub mod glob;
pub mod process;
pub mod random;
pub mod secret;
pub mod terminals;
pub mod text;
pub mod trust;
pub mod truth;
pub mod verify;

#[cfg(test)]
mod test_process;
