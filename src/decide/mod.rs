//! TODO

pub mod surroundings;
