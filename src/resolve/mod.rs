//! Script into actions.
