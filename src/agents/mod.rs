//! The agents whose hooks guard answers, from `shims/agents/*.yaml`. The files are read and checked
//! when guard is built.

pub mod file;

// Where the file's reader finds the strict reader of packs; in `build.rs` they are neighbours.
use crate::rulebook::{load, places};

use file::Agent;

/// Every agent by its name, in the compact form.
static AGENTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/agents.rs"));

/// Returns the names of all agents, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    AGENTS.iter().map(|(name, _)| *name)
}

/// Returns the agent of this name.
pub fn named(name: &str) -> Option<Agent> {
    let at = AGENTS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    postcard::from_bytes(AGENTS[at].1).ok()
}

/// Returns all agents.
pub fn all() -> impl Iterator<Item = Agent> {
    names().filter_map(named)
}

#[cfg(test)]
mod tests;
