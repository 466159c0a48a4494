//! The command line: one file a subcommand.

pub mod answer;
pub mod args;
pub mod backups;
mod check;
mod explain;
pub mod freeze;
pub mod install;
pub mod keys;
pub mod log;
pub mod policy;
pub mod recover;
pub mod remove;
pub mod replay;
mod report;
pub mod rules;
pub mod scan;
pub mod status;
pub mod trust;
pub mod undo;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use crate::entry::{exec, git_hook, mcp, outcome};
use crate::exit::{Exit, Status};
use crate::process::signals;
use args::{Cli, Command};

/// Reads the command line and runs the subcommand it names.
pub fn main(words: &[OsString]) -> Status {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // A gate that was called wrongly must not look like a command that failed.
            let is_exec = words.get(1).is_some_and(|word| word == "exec");
            let code = if !error.use_stderr() {
                Exit::Done
            } else if is_exec {
                Exit::Broken
            } else {
                Exit::Usage
            };
            return code.into();
        }
    };
    if cli.command.only_prints() {
        signals::heed_broken_pipes();
    }
    let done = match cli.command {
        Command::Exec(args) => return args.call().map_or_else(usage, exec::exec),
        Command::Check(args) => check::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Install(args) => install::run(args).map(Into::into),
        Command::Remove(args) => remove::run(args).map(Into::into),
        Command::Status(args) => status::run(args).map(Into::into),
        Command::Hook { whose, name, words } => {
            return match (whose.as_str(), name.as_str()) {
                ("git", "pre-commit") => scan::staged(),
                ("git", name) => git_hook::answer(name, &words),
                _ => outcome::broken(&format!("there is no hook of {whose}"), Some("guard install --help"))
                    .into(),
            };
        }
        Command::Watch => answer::watch(),
        Command::Pending(args) => answer::pending(args),
        Command::Approve(args) => answer::approve(args),
        Command::Deny(args) => answer::deny(args),
        Command::Keys(args) => keys::run(&args).map(Into::into),
        Command::Policy(args) => policy::run(args).map(Into::into),
        Command::Trust(args) => trust::run(args).map(Into::into),
        Command::Freeze(args) => freeze::run(args),
        Command::Recover(args) => recover::run(args),
        Command::Backups(args) => backups::run(args),
        Command::Undo(args) => undo::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Scan(args) => return scan::run(&args),
        Command::Mcp => return mcp::serve(),
        Command::Log(args) => log::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "guard", &mut std::io::stdout());
            Ok(Exit::Done.into())
        }
        Command::Man => clap_mangen::Man::new(Cli::command())
            .render(&mut std::io::stdout())
            .map(|()| Exit::Done.into())
            .map_err(Into::into),
    };
    done.unwrap_or_else(|error| {
        eprintln!("guard: {}", crate::text::safe_lines(&format!("{error:#}")));
        Exit::Failed.into()
    })
}

fn usage(message: String) -> Status {
    outcome::broken(&message, Some("guard exec --help")).into()
}
