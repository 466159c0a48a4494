//! The command lines to which actions belong.

use crate::resolve::action::Action;
use crate::resolve::command_line::CommandLine;

/// Where the command line of each action is, found once: one line may have thousands of statements.
pub(super) struct Lines<'a> {
    actions: &'a [Action],
    /// By action, the nearest one, itself or before it, that has a command line.
    nearest: Vec<Option<usize>>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(actions: &'a [Action]) -> Self {
        let mut last = None;
        let nearest = |(at, action): (usize, &Action)| {
            last = action.line().map(|_| at).or(last);
            last
        };
        Self { actions, nearest: actions.iter().enumerate().map(nearest).collect() }
    }

    /// Returns the command line of an action, or the nearest before it.
    pub(super) fn at(&self, at: usize) -> Option<&'a CommandLine> {
        self.up_from(at).next()
    }

    /// Returns the command line of an action and those before it, the nearest first.
    pub(super) fn up_from(&self, at: usize) -> impl Iterator<Item = &'a CommandLine> {
        let first = self.nearest.get(at).copied().flatten();
        let before = |at: &usize| self.nearest[..*at].last().copied().flatten();
        std::iter::successors(first, before).filter_map(|at| self.actions[at].line())
    }
}
