//! The doors that can be set up.

use super::git::Git;
use super::path::Path;
use super::receipt::Receipt;
use super::shell::Shell;
use super::{Here, Plan, Scope};
use crate::rulebook::Rulebook;

/// Something that can stand between a caller and a program.
pub trait Door {
    /// Returns its name, as it is given to `guard install`.
    fn name(&self) -> String;

    /// Returns the name on its receipt: of a door that there can be many of, each has its own.
    fn receipt(&self) -> String {
        self.name()
    }

    /// Returns what it is, as a lower-case fragment.
    fn title(&self) -> String;

    /// Returns what would be changed to set it up, whatever of it is done already.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be set up here.
    fn plan(&self, here: &Here) -> Result<Plan, String>;

    /// Tries it as its callers would, if it is set up; nothing can come to harm where it does not hold.
    fn tried(&self, here: &Here) -> Vec<Health>;

    /// Returns whether `guard install` without a name sets it up here.
    fn belongs(&self, here: &Here) -> bool;

    /// Returns whether there is anything here that it could be set up for.
    fn is_here(&self, _here: &Here) -> bool {
        true
    }

    /// Returns what a person can do where there is nothing to set up: a sentence each.
    fn instead(&self, _here: &Here) -> Vec<String> {
        Vec::new()
    }
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it is as it should be.
    pub state: State,
    /// What was tried and what happened, a line.
    pub said: String,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// The door does not hold.
    Bad,
}

impl Health {
    /// Returns good news.
    pub fn good(said: impl Into<String>) -> Self {
        Self { state: State::Good, said: said.into() }
    }

    /// Returns something worth knowing.
    pub fn note(said: impl Into<String>) -> Self {
        Self { state: State::Note, said: said.into() }
    }

    /// Returns bad news.
    pub fn bad(said: impl Into<String>) -> Self {
        Self { state: State::Bad, said: said.into() }
    }
}

/// Returns all doors, in the order in which they are shown.
pub fn all(here: &Here, rulebook: &Rulebook) -> Vec<Box<dyn Door>> {
    let mut doors: Vec<Box<dyn Door>> = vec![
        Box::new(Path::new(rulebook)),
        Box::new(Shell),
        Box::new(Git::pushes(here)),
        Box::new(Git::references(here)),
        Box::new(Git::commits(here)),
    ];
    doors.extend(super::agent::all(here.scope, here));
    doors
}

/// Returns the hooks that are set up for the project around the working directory alone.
pub fn of_project(here: &Here) -> impl Iterator<Item = Box<dyn Door>> {
    let all = here.project.is_some().then(|| super::agent::all(Scope::Project, here));
    all.into_iter().flatten().filter(|door| is_set_up(door.as_ref(), here))
}

/// Returns whether a door is set up.
pub fn is_set_up(door: &dyn Door, here: &Here) -> bool {
    Receipt::read(&here.receipts, &door.receipt()).ok().flatten().is_some()
}
