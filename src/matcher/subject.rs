//! An action as the clauses of rules look at it.

use std::cell::OnceCell;

use crate::place::{Place, kinds};
use crate::resolve::action::Action;
use crate::resolve::command_line::{CommandLine, Reading};
use crate::rulebook::format::PathKind;
use crate::truth::Truth;

use super::http::Carried;
use super::run;
use super::sql::Patterns;
use super::writes::Written;

/// An action that is judged.
pub(super) struct Subject<'a> {
    pub action: &'a Action,
    pub place: &'a Place<'a>,
    /// The patterns of statements that were read already.
    pub patterns: &'a Patterns,
    /// The ways to read a program's words by which it does something: not those with `--help`.
    pub readings: Vec<&'a Reading>,
    /// The GraphQL that a request carries, once a rule asked for it.
    pub graphql: OnceCell<Carried>,
    /// The paths that are written, once a rule asked for them.
    pub written: OnceCell<Vec<Written>>,
}

impl<'a> Subject<'a> {
    pub fn new(action: &'a Action, place: &'a Place<'a>, patterns: &'a Patterns) -> Self {
        let does_something = |line: &'a CommandLine| {
            line.readings.iter().filter(move |reading| !run::is_harmless(line, reading))
        };
        let readings = action.line().into_iter().flat_map(does_something).collect();
        Self { action, place, patterns, readings, graphql: OnceCell::new(), written: OnceCell::new() }
    }

    /// Returns whether a path, used where the action happens, is of one of `kinds`.
    pub fn is_any(&self, path: &str, kinds: &[PathKind]) -> Truth {
        kinds::is_any(path, kinds, &self.action.site, self.place)
    }
}
