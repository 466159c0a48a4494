//! Getting a phrase typed by a person. Talks to a person, judges nothing.

mod ask;
pub mod elsewhere;
pub mod freeze;
pub mod prompt;
mod secret;
pub mod tty;
#[cfg(target_os = "linux")]
pub mod watch;

pub use ask::{ask, vouched};

use std::time::Duration;

use crate::human::PATIENCE;

/// How long is waited for an answer from elsewhere: just less than tool runners wait for a command.
pub const WAIT: Duration = Duration::from_secs(110);

/// How long is waited for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// At the command's own terminal.
    pub here: Duration,
    /// For an answer from elsewhere; none: nobody there is asked.
    pub elsewhere: Option<Wait>,
}

/// What is waited for from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// Whether whoever answers is to stay a while, and to vouch for the command to the doors behind this one.
    pub vouch: bool,
}

impl From<Duration> for Wait {
    fn from(time: Duration) -> Self {
        Self { time, vouch: false }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self { here: PATIENCE, elsewhere: Some(WAIT.into()) }
    }
}
