//! `guard exec`: the gate that a tool runner calls instead of running a command itself.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::{above, outcome};
use crate::config;
use crate::confirm::Patience;
use crate::confirm::tty::Terminal;
use crate::decide::Decision;
use crate::exit::{Exit, Status};
use crate::human::{Human, Nobody};
use crate::parse::Dialect;
use crate::pipeline::{self, Outcome, Session};
use crate::place::Place;
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::record::Book;
use crate::resolve::action::Action;
use crate::run;
use crate::run::NotStarted;
use crate::text::{Paint, When};
use crate::world::Machine;

/// A call of `guard exec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The command.
    pub form: Form,
    /// Where it runs; guard's own directory where none is given.
    pub directory: Option<PathBuf>,
    /// Whether a person may be asked.
    pub ask: bool,
    /// Whether a person at this terminal may be.
    pub here: bool,
    /// How long is waited for a person.
    pub patience: Patience,
    /// By which door it came.
    pub origin: Origin,
    /// What is executed, where that is more than the command.
    pub carrier: Option<Vec<OsString>>,
}

impl Call {
    /// Returns a call with everything as usual.
    pub fn of(form: Form) -> Self {
        Self {
            form,
            directory: None,
            ask: true,
            here: true,
            patience: Patience::default(),
            origin: Origin::Exec,
            carrier: None,
        }
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
    let ran =
        ask(call, paint, |proposal, session, human, book| pipeline::exec(proposal, session, human, book));
    match ran {
        Ok(Ok(Outcome::Ran(ended))) => run::exit_like(ended),
        Ok(Ok(Outcome::Refused(refusal))) => outcome::refused(&refusal, paint).into(),
        Ok(Err(error)) => failed(&error).into(),
        Err(broken) => broken.into(),
    }
}

/// Judges a command that somebody else runs, and says whether it may: `Err` has the status to end
/// with, which was told already.
///
/// # Errors
///
/// Returns the status of the refusal.
pub fn permit(call: Call) -> Result<(), Exit> {
    permit_in_session(call, |_| None)
}

/// Judges a command that a shell is told, as [`permit`] does. What `takes_over` names among its programs would take what
/// the shell is told afterwards for commands of its own, and nobody would judge them.
///
/// # Errors
///
/// Returns the status of the refusal.
pub fn permit_in_session(
    call: Call,
    takes_over: impl FnOnce(&[Action]) -> Option<String>,
) -> Result<(), Exit> {
    let paint = Paint::choose(When::Auto, std::io::stderr().is_terminal());
    ask(call, paint, |proposal, session, human, book| {
        let decision = pipeline::assess(proposal, session);
        if !matches!(decision, Decision::Refuse(_))
            && let Some(program) = takes_over(decision.actions())
        {
            return Err(taken_over(&program));
        }
        match pipeline::permit(decision, session, human, book) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refusal)) => Err(outcome::refused(&refusal, paint)),
            Err(error) => Err(failed(&error)),
        }
    })?
}

/// A program would take what a shell is told next.
fn taken_over(program: &str) -> Exit {
    let program = crate::text::safe(program);
    eprintln!(
        "guard: refused: {program} would take what follows for its own commands, and they would not be judged\n\
         guard: nothing was run\n\n\
         hint: give {program} its commands on the command line, in a file or in a here-document."
    );
    Exit::Refused
}

/// Makes a proposal of a call, with everything that is needed to judge it, and hands it to `judge`.
fn ask<T>(
    call: Call,
    paint: Paint,
    judge: impl FnOnce(Proposal, Session<'_>, &mut dyn Human, &Book) -> T,
) -> Result<T, Exit> {
    if let Some(directory) = &call.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        return Err(outcome::broken(&format!("cannot go to {}: {error}", directory.display()), None));
    }
    let cwd = std::env::current_dir()
        .map_err(|error| outcome::broken(&format!("the working directory cannot be read: {error}"), None))?;
    let machine = Machine;
    let place = Place::new(cwd, Environment::inherited(), &machine);
    let config = config::load(&place).map_err(|error| outcome::broken(&error.message, Some(&error.hint)))?;
    let no_input = place.environment.get(crate::env_vars::NO_INPUT) == Some(OsStr::new("1"));
    let may_ask = call.ask && !no_input;
    let patience = if may_ask { call.patience } else { Patience { elsewhere: None, ..call.patience } };
    let session = Session { patience, above: &above::questions, ..Session::of(&place, &config) };
    let Call { form, origin, carrier, here, .. } = call;
    let proposal = Proposal { origin, carrier, ..Proposal::at(&place, form) };
    let book = Book::of_environment(&place.environment);
    let why = if may_ask { "not at this terminal" } else { "asking was switched off" };
    let mut nobody = Nobody(why.to_owned());
    let mut terminal = Terminal::new(paint);
    let human: &mut dyn Human = if may_ask && here { &mut terminal } else { &mut nobody };
    Ok(judge(proposal, session, human, &book))
}

/// A command that was let through could not be started.
fn failed(error: &pipeline::Failure) -> Exit {
    match error {
        pipeline::Failure::NotStarted(NotStarted::Failed { program, error }) => {
            eprintln!("guard: {}: {error}", crate::text::safe(&program.to_string_lossy()));
            Exit::of_start(error)
        }
        other => outcome::broken(&other.to_string(), None),
    }
}
