//! The command line as clap sees it: also the source of the man pages and completions.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};

use crate::entry::args::{CommandArgs, ExecArgs};

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
