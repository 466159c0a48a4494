//! This process as the system has it: how it was started, and its signals. The only module with unsafe code.

#![allow(unsafe_code)]

pub mod signals;
pub mod start;
