//! Script into actions.

pub mod body;
pub mod graphql;
pub mod sql;
