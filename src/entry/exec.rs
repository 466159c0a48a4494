//! `guard exec`: the gate that a tool runner calls instead of running a command itself.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use super::outcome;
use crate::config;
use crate::confirm::tty::Terminal;
use crate::confirm::{Human, Nobody};
use crate::exit::{Exit, Status};
use crate::parse::Dialect;
use crate::pipeline::{self, Outcome, Session};
use crate::place::Place;
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::record::Book;
use crate::run;
use crate::text::{Paint, When};
use crate::world::Machine;

/// How long a question stands.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A call of `guard exec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The command.
    pub form: Form,
    /// Where it runs; guard's own directory where none is given.
    pub directory: Option<PathBuf>,
    /// Whether a person may be asked.
    pub ask: bool,
    /// How long a question stands.
    pub patience: Duration,
}

impl Call {
    /// Returns a call with everything as usual.
    pub fn of(form: Form) -> Self {
        Self { form, directory: None, ask: true, patience: PATIENCE }
    }
}

/// Reads the forms of `guard exec` that tool runners use; anything else is left to `cli`.
pub fn quick(words: &[OsString]) -> Option<Call> {
    let [_, verb, rest @ ..] = words else { return None };
    if verb != "exec" {
        return None;
    }
    match rest {
        [dashes, command @ ..] if dashes == "--" && !command.is_empty() => {
            Some(Call::of(Form::Argv(command.to_vec())))
        }
        [option, text] if option == "-c" => Some(Call::of(shell(text.clone(), None))),
        [first, ..] if !first.as_bytes().starts_with(b"-") => Some(Call::of(Form::Argv(rest.to_vec()))),
        _ => None,
    }
}

/// Returns text for a shell: `bash` unless another is named.
pub fn shell(text: OsString, name: Option<&str>) -> Form {
    let dialect = match name {
        Some("sh" | "dash") => Dialect::Posix,
        Some("zsh") => Dialect::Zsh,
        _ => Dialect::Bash,
    };
    Form::Shell { text, dialect }
}

/// Judges a command and runs it if it may run; returns only if it did not, or when it has ended.
pub fn exec(call: Call) -> Status {
    let paint = Paint::choose(When::Auto, std::io::stderr().is_terminal());
    if let Some(directory) = &call.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        return outcome::broken(&format!("cannot go to {}: {error}", directory.display()), None).into();
    }
    let cwd = match std::env::current_dir() {
        Ok(cwd) => cwd,
        Err(error) => {
            return outcome::broken(&format!("the working directory cannot be read: {error}"), None).into();
        }
    };
    let machine = Machine;
    let environment = Environment::inherited();
    let place = Place::new(cwd.clone(), environment.clone(), &machine);
    let config = match config::load(&place) {
        Ok(config) => config,
        Err(error) => return outcome::broken(&error.message, Some(&error.hint)).into(),
    };
    let session = Session {
        place: &place,
        rulebook: &config.rulebook,
        policy: &config.policy,
        patience: call.patience,
    };
    let proposal = Proposal { form: call.form, cwd, environment, origin: Origin::Exec };
    let book = Book::of_environment(&place.environment);
    let mut nobody = Nobody("asking was switched off".to_owned());
    let mut terminal = Terminal::new(paint);
    let no_input = place.environment.get(crate::env_vars::NO_INPUT) == Some(OsStr::new("1"));
    let human: &mut dyn Human = if call.ask && !no_input { &mut terminal } else { &mut nobody };
    match pipeline::exec(proposal, session, human, &book) {
        Ok(Outcome::Ran(ended)) => run::exit_like(ended),
        Ok(Outcome::Refused(refusal)) => outcome::refused(&refusal, paint).into(),
        Err(error) => failed(&error),
    }
}

/// A command that was let through could not be started.
fn failed(error: &pipeline::Failure) -> Status {
    match error {
        pipeline::Failure::Start { program, error } => {
            eprintln!("guard: {}: {error}", crate::text::safe(&program.to_string_lossy()));
            Exit::of_start(error).into()
        }
        other => outcome::broken(&other.to_string(), None).into(),
    }
}
