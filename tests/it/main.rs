//! The integration tests, one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod needs;
mod scratch;
mod stage;

mod agent_doors;
mod agents;
mod answers;
mod architecture;
mod backups;
mod bounds;
mod controls;
mod corpus;
mod exec;
mod faults;
mod freeze;
mod git_hooks;
mod incidents;
mod install;
mod install_doors;
mod integrate;
mod keys;
mod ledger;
mod mcp;
mod monotone;
mod notify;
mod policy;
mod prompt;
mod proofs;
mod real;
mod recover;
mod replay;
mod scan;
mod session;
mod shell;
mod shells;
mod shims;
mod status;
mod targets;
mod unasked;
mod undo;
mod vouching;
mod watch;
