//! The statuses guard exits with.
//!
//! A command that ran keeps its own status, so a status alone does not tell guard's refusal from a
//! command's failure; the first line on stderr (`guard: refused: …`) and the ledger do.

/// A status that guard exits with on its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well; `check`: the command would run.
    Done = 0,
    /// A subcommand other than `exec` failed.
    Failed = 1,
    /// A subcommand other than `exec` was called wrongly.
    Usage = 2,
    /// `check`: a person would be asked; `scan`: something was found.
    WouldAsk = 10,
    /// `check`: the command would be refused.
    WouldRefuse = 11,
    /// A person is needed and none can be asked now (`EX_TEMPFAIL` of sysexits).
    NeedsPerson = 75,
    /// Refused by the policy or by a person (`EX_NOPERM` of sysexits).
    Refused = 77,
    /// Guard itself failed or was called wrongly (as `env`, `timeout` and `nohup` have it).
    Broken = 125,
    /// The program was found but cannot be run.
    NotRunnable = 126,
    /// The program was not found.
    NotFound = 127,
}

impl Exit {
    /// Every status, in rising order.
    pub const ALL: [Exit; 10] = [
        Exit::Done,
        Exit::Failed,
        Exit::Usage,
        Exit::WouldAsk,
        Exit::WouldRefuse,
        Exit::NeedsPerson,
        Exit::Refused,
        Exit::Broken,
        Exit::NotRunnable,
        Exit::NotFound,
    ];

    /// Returns the number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns what the status says, as a lower-case fragment for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "all went well; `check`: the command would run",
            Exit::Failed => "a subcommand other than `exec` failed",
            Exit::Usage => "a subcommand other than `exec` was called wrongly",
            Exit::WouldAsk => "`check`: a person would be asked; `scan`: something was found",
            Exit::WouldRefuse => "`check`: the command would be refused",
            Exit::NeedsPerson => "a person is needed and none can be asked now; nothing was run",
            Exit::Refused => "refused by the policy or by a person; nothing was run",
            Exit::Broken => "guard itself failed or was called wrongly; nothing was run",
            Exit::NotRunnable => "the program was found but cannot be run",
            Exit::NotFound => "the program was not found",
        }
    }

    /// Returns the status for a program that could not be started.
    pub fn of_start(error: &std::io::Error) -> Exit {
        match error.kind() {
            std::io::ErrorKind::NotFound => Exit::NotFound,
            _ => Exit::NotRunnable,
        }
    }
}

/// The status that guard exits with: one of its own, or that of the command it ran. Unlike the
/// standard library's `ExitCode` it can be read back, as [`std::process::exit`] needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Status(pub u8);

impl From<Exit> for Status {
    fn from(exit: Exit) -> Status {
        Status(exit.code())
    }
}

impl From<u8> for Status {
    fn from(code: u8) -> Status {
        Status(code)
    }
}

/// Returns the status by which shells show that a command was ended by `signal`.
pub const fn of_signal(signal: i32) -> i32 {
    128 + signal
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    #[test]
    fn statuses_are_distinct_and_sorted() {
        assert!(Exit::ALL.is_sorted_by(|a, b| a.code() < b.code()));
    }

    #[test]
    fn a_failed_start_is_told_as_env_tells_it() {
        assert_eq!(Exit::of_start(&Error::from(ErrorKind::NotFound)).code(), 127);
        assert_eq!(Exit::of_start(&Error::from(ErrorKind::PermissionDenied)).code(), 126);
    }
}
