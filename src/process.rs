//! This process and the system: how it was started, its signals, the time. The only module with unsafe code.

#![allow(unsafe_code)]

pub mod signals;
pub mod start;
pub mod time;
