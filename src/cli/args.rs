//! The command line as clap sees it: also the source of the man pages and completions.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::confirm::Patience;
use crate::entry::exec::{Call, shell};
use crate::proposal::Form;
use crate::text::{quantity, seconds_in};

/// Asks a person before a command destroys something.
#[derive(Debug, Parser)]
#[command(name = "guard", version, about, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples
  guard exec -- railway volume list
  guard exec -c 'psql < drop.sql'
  guard check -- terraform destroy
  guard install path
  guard rules list git";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command, asking a person first if it would destroy something
    Exec(ExecArgs),
    /// Show what exec would do, and run nothing
    Check(CheckArgs),
    /// Show how a command was read and why it was judged that way
    Explain(ExplainArgs),
    /// Find destructive commands in files
    Scan(super::scan::ScanArgs),
    /// Put guard in front of tools, of an agent's shell, or of git
    Install(super::install::InstallArgs),
    /// Undo install
    Remove(super::remove::RemoveArgs),
    /// Show what is set up here, test it, and show what is missing
    Status(super::status::StatusArgs),
    /// Watch for commands that wait for a person, and answer them
    Watch,
    /// List commands that wait for a person
    Pending(super::answer::PendingArgs),
    /// Answer a waiting command from this terminal
    Approve(super::answer::ApproveArgs),
    /// Refuse a waiting command
    Deny(super::answer::DenyArgs),
    /// List the credentials within an agent's reach here, or have guard keep one
    Keys(super::keys::KeysArgs),
    /// Create, show, check, explain and test policies
    Policy(super::policy::PolicyArgs),
    /// Allow this project's policy, as it is now, to loosen the rules
    Trust(super::trust::TrustArgs),
    /// Refuse everything that would be asked about, until a person lifts the freeze
    Freeze(super::freeze::FreezeArgs),
    /// Show what to do after something was destroyed
    Recover(super::recover::RecoverArgs),
    /// Show the backups that policy demands, and how recent they are
    Backups(super::backups::BackupsArgs),
    /// Restore what a command removed, where it was kept first
    Undo(super::undo::UndoArgs),
    /// List, show, lint, test and document rules
    Rules(super::rules::RulesArgs),
    /// Show what was run, asked and refused
    Log(super::log::LogArgs),
    /// Judge what agents and shells ran in the past, and run nothing
    Replay(super::replay::ReplayArgs),
    /// Serve exec and check to clients of the Model Context Protocol
    Mcp,
    /// Answer a hook
    #[command(hide = true)]
    Hook {
        /// Whose hook it is.
        whose: String,
        /// The hook.
        name: String,
        /// What it was called with.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Print completions for a shell
    #[command(hide = true)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page
    #[command(hide = true)]
    Man,
}

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

impl Command {
    /// Returns whether it prints something and does nothing that must come to its end.
    pub fn only_prints(&self) -> bool {
        matches!(
            self,
            Self::Check(_)
                | Self::Explain(_)
                | Self::Scan(_)
                | Self::Pending(_)
                | Self::Policy(_)
                | Self::Recover(_)
                | Self::Backups(_)
                | Self::Rules(_)
                | Self::Log(_)
                | Self::Replay(_)
                | Self::Completions { .. }
                | Self::Man
        )
    }
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

/// Options of `guard check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The command.
    #[command(flatten)]
    pub command: CommandArgs,
    /// Print the judgement as JSON
    #[arg(long)]
    pub json: bool,
    /// Read NUL-separated commands on standard input and print one line of JSON for each
    #[arg(long, conflicts_with_all = ["text", "words", "json"])]
    pub batch: bool,
}

/// Options of `guard explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The command.
    #[command(flatten)]
    pub command: CommandArgs,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// Reads `90s`, `2m`, `3h`, `4d`, `1w`, and seconds without a unit; what is longer than any clock goes is all time.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let read = || {
        let (count, unit) = quantity(text).filter(|_| !text.contains(char::is_whitespace))?;
        let seconds = if unit.is_empty() { 1 } else { seconds_in(unit)? };
        Some(Duration::from_secs(count.saturating_mul(seconds)))
    };
    read().ok_or_else(|| "expected a duration such as 90s, 2m, 3h or 4d".to_owned())
}
