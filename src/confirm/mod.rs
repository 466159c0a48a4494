//! Gets a phrase typed by a person. Talks to a person and judges nothing.

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

/// How long guard waits for an answer from elsewhere: just less than tool runners wait for a command.
pub const WAIT: Duration = Duration::from_secs(110);

/// How long guard waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// At the command's own terminal.
    pub here: Duration,
    /// For an answer from elsewhere; `None` where nobody elsewhere is asked.
    pub elsewhere: Option<Wait>,
}

/// How to wait for an answer from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// Whether the guard that answers should stay a while and vouch for the command to the doors behind this
    /// one.
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
