//! Somebody who can be asked, and what may come of it.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::decide::Answerer;
use crate::decide::question::Prompt;
use crate::text::minutes;

/// How long a question stands at a terminal.
pub const PATIENCE: Duration = Duration::from_secs(120);

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

/// Nobody: every question is left unanswered.
#[derive(Clone, Debug)]
pub struct Nobody(pub String);

impl Human for Nobody {
    fn answer(&mut self, _prompt: &Prompt) -> Answer {
        Answer::Absent(self.0.clone())
    }
}

impl Answerer {
    /// Returns whoever answers at this process's terminal.
    pub fn here() -> Self {
        let uid = nix::unistd::getuid();
        let user = nix::unistd::User::from_uid(uid).ok().flatten().map(|user| user.name);
        let tty = std::fs::read_link("/proc/self/fd/2").ok().map(|path| path.display().to_string());
        Self {
            uid: uid.as_raw(),
            user,
            tty: tty.filter(|path| path.starts_with("/dev/")),
            proof: None,
            secret: None,
            name: None,
        }
    }
}
