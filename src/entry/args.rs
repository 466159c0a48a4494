//! The words of a command that is to be judged, as clap reads them: those of `guard exec`, and what others share with it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, FromArgMatches as _};

use super::exec::{Call, shell};
use crate::confirm::Patience;
use crate::proposal::Form;
use crate::text::{quantity, seconds_in};

/// A command, as words or as text for a shell.
#[derive(Args, Debug)]
pub struct CommandArgs {
    /// Text for a shell instead of a program with arguments
    #[arg(short = 'c', long = "command", value_name = "TEXT", conflicts_with = "words")]
    pub text: Option<OsString>,
    /// The shell that reads the text
    #[arg(long, value_parser = ["sh", "bash", "zsh"], default_value = "bash", requires = "text")]
    pub shell: String,
    /// Where it runs
    #[arg(short = 'C', long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// The program and its arguments
    #[arg(value_name = "PROGRAM", trailing_var_arg = true, allow_hyphen_values = false)]
    pub words: Vec<OsString>,
}

impl CommandArgs {
    /// Returns the command that was given.
    ///
    /// # Errors
    ///
    /// Returns a message where none was.
    pub fn form(self) -> Result<Form, String> {
        match self.text {
            Some(text) => Ok(shell(text, Some(&self.shell))),
            None if self.words.is_empty() => Err("no command was given".to_owned()),
            None => Ok(Form::Argv(self.words)),
        }
    }
}

/// Options of `guard exec`.
#[derive(Args, Debug)]
pub struct ExecArgs {
    /// The command.
    #[command(flatten)]
    pub command: CommandArgs,
    /// Never ask; refuse what would be asked about
    #[arg(short = 'n', long)]
    pub no_input: bool,
    /// Ask at another terminal, never at this one
    #[arg(long)]
    pub elsewhere: bool,
    /// How long to wait for an answer, in seconds or as 90s, 2m [default: 110s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
}

impl ExecArgs {
    /// Returns the call that was made.
    ///
    /// # Errors
    ///
    /// Returns a message where no command was given.
    pub fn call(self) -> Result<Call, String> {
        let directory = self.command.directory.clone();
        let usual = Patience::default();
        // The question at a terminal can be cut short, never prolonged: an agent may choose this.
        let patience = self
            .wait
            .map_or(usual, |wait| Patience { here: wait.min(usual.here), elsewhere: Some(wait.into()) });
        let form = self.command.form()?;
        Ok(Call { directory, ask: !self.no_input, here: !self.elsewhere, patience, ..Call::of(form) })
    }
}

/// Returns the call that a command line of `guard exec` makes.
pub(super) fn exec_call(words: &[OsString]) -> Option<Call> {
    let exec = words.get(1..).filter(|rest| rest.first().is_some_and(|verb| verb == "exec"))?;
    let read = ExecArgs::augment_args(clap::Command::new("exec")).try_get_matches_from(exec).ok()?;
    ExecArgs::from_arg_matches(&read).ok()?.call().ok()
}

/// Reads `90s`, `2m`, `3h`, `4d`, `1w`, and seconds without a unit; what is longer than any clock goes is all time.
///
/// # Errors
///
/// Returns what was expected instead.
pub fn duration(text: &str) -> Result<Duration, String> {
    let read = || {
        let (count, unit) = quantity(text).filter(|_| !text.contains(char::is_whitespace))?;
        let seconds = if unit.is_empty() { 1 } else { seconds_in(unit)? };
        Some(Duration::from_secs(count.saturating_mul(seconds)))
    };
    read().ok_or_else(|| "expected a duration such as 90s, 2m, 3h or 4d".to_owned())
}
