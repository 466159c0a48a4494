//! The judgement of what an agent wants to run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::event::Commands;
use super::{Verdict, message, tools};
use crate::agents::file::{Agent, Decision};
use crate::config;
use crate::confirm::Patience;
use crate::decide::{self, Because, Decision as Judged};
use crate::entry::behind;
use crate::human::Nobody;
use crate::pipeline::{self, Session};
use crate::place::Place;
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::record::Book;
use crate::resolve::action::Action;
use crate::world::Machine;

/// How long is waited for an answer that a person gave elsewhere since the command was refused: it is
/// there, or it is not.
const WAIT: Duration = Duration::from_millis(200);

/// Judges commands of which all would run, in each of the directories where they might: the first that may
/// not decides.
pub(super) fn all(agent: &Agent, commands: &Commands) -> Verdict {
    let in_each = commands.cwds.iter().map(|cwd| Some(cwd.as_path()));
    let unnamed = commands.cwds.is_empty().then_some(None);
    in_each.chain(unnamed).find_map(|cwd| all_in(cwd, agent, commands)).unwrap_or_else(Verdict::run)
}

/// Returns what is said against the commands in a directory.
fn all_in(cwd: Option<&Path>, agent: &Agent, commands: &Commands) -> Option<Verdict> {
    let cwd = match directory(cwd) {
        Ok(cwd) => cwd,
        Err(error) => {
            return Some(Verdict::broken(&format!("the working directory cannot be read: {error}")));
        }
    };
    let machine = Machine;
    let place = Place::new(cwd, Environment::inherited(), &machine);
    let config = match config::load(&place) {
        Ok(config) => config,
        Err(error) => return Some(Verdict::broken(&format!("{}\n\nhint: {}", error.message, error.hint))),
    };
    let variable = |name: &str| place.environment.get(name).map(ToOwned::to_owned);
    let patience = Patience { here: Duration::ZERO, elsewhere: Some(behind::wait(WAIT, variable)) };
    let session = Session { patience, ..Session::of(&place, &config) };
    let book = Book::of_environment(&place.environment);
    commands.forms.iter().find_map(|form| {
        let origin = Origin::Agent { id: agent.agent.clone() };
        let proposal = Proposal { origin, ..Proposal::at(&place, form.clone()) };
        let judged = pipeline::assess(proposal, session);
        let program = if commands.types { waits(&judged, form) } else { None };
        match program {
            Some(program) => Some(Verdict { decision: Decision::Refuse, message: message::waits(&program) }),
            None => one(judged, commands.tool.as_deref(), session, &book),
        }
    })
}

/// Returns what is said against a judged command.
fn one(judged: Judged, tool: Option<&str>, session: Session<'_>, book: &Book) -> Option<Verdict> {
    let mut nobody = Nobody("a hook cannot ask one".to_owned());
    match pipeline::permit(judged, session, &mut nobody, book) {
        Ok(Ok(())) => None,
        Ok(Err(refusal)) => {
            let told = refusal.report();
            Some(match refusal.because() {
                Because::Policy(_) | Because::Frozen(_) => {
                    Verdict { decision: Decision::Refuse, message: message::refused(&told) }
                }
                because => {
                    let code = match because {
                        Because::Unanswered { code, .. } => Some(code.as_str()),
                        _ => None,
                    };
                    let message = message::question(&told, refusal.proposal(), code, tool);
                    Verdict { decision: Decision::Confirm, message }
                }
            })
        }
        Err(error) => Some(Verdict::broken(&error.to_string())),
    }
}

/// Returns the program of a command that may run and would wait to be told what to do. Where the text itself
/// feeds it, nothing is typed.
fn waits(judged: &Judged, form: &Form) -> Option<String> {
    let fed = decide::command_text(form).contains(['|', '<']);
    let runs = matches!(judged, Judged::Run(_));
    if runs && !fed { waiting(judged.actions()) } else { None }
}

/// Returns a program among these actions that waits to be told commands.
pub(in crate::entry) fn waiting(actions: &[Action]) -> Option<String> {
    let mut lines = actions.iter().filter_map(Action::line);
    lines.find(|line| tools::waits(line)).map(|line| line.program.clone())
}

/// Returns where a command would run: what the event says counts from where guard is.
fn directory(named: Option<&Path>) -> std::io::Result<PathBuf> {
    match named {
        Some(path) if path.is_absolute() => Ok(path.to_owned()),
        Some(path) => Ok(std::env::current_dir()?.join(path)),
        None => std::env::current_dir(),
    }
}
