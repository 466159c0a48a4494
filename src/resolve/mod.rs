//! Script into actions.

pub mod sql;
