//! Getting a phrase typed by a person. Talks to a person, judges nothing.

mod ask;
pub mod elsewhere;
pub mod freeze;
pub mod prompt;
pub mod tty;
#[cfg(target_os = "linux")]
pub mod watch;

pub use ask::{Answerer, Nobody, ask, vouched};

use prompt::{Prompt, minutes};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a question stands at a terminal.
pub const PATIENCE: Duration = Duration::from_secs(120);
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

/// Somebody who can be asked.
pub trait Human {
    /// Asks, and returns what came of it. Anything but the typed phrase means no.
    fn answer(&mut self, prompt: &Prompt) -> Answer;

    /// Asks for a secret, which is not shown while it is typed.
    ///
    /// # Errors
    ///
    /// Returns what came of it where none was typed.
    fn secret(&mut self, _question: &str, _time: Duration) -> Result<Zeroizing<String>, Answer> {
        Err(Answer::Absent("no secret can be typed here".to_owned()))
    }
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Answer {
    /// A line was typed, not necessarily the phrase. Blanks around it are gone.
    Typed(String),
    /// A person refused: an empty line, Ctrl-C, Esc, end of file.
    Declined,
    /// Nobody can be asked, for this reason (a lower-case fragment).
    Absent(String),
    /// Nobody answered in time.
    TimedOut,
}

impl Answer {
    /// Returns why nothing is run after this answer, as a lower-case fragment.
    pub fn because(&self, time: Duration) -> String {
        match self {
            Answer::Typed(_) => "what was typed is not the phrase".to_owned(),
            Answer::Declined => "a person declined".to_owned(),
            Answer::Absent(why) => format!("nobody can be asked: {why}"),
            Answer::TimedOut => format!("nobody answered in {}", minutes(time)),
        }
    }
}
