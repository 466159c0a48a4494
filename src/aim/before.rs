//! What a command does first, and how that may point a tool somewhere else than its settings say now.
//!
//! `kubectl config set-context staging --cluster=prod && kubectl --context staging delete …` names a context
//! that means one thing when it is judged and another when it is used.

use std::collections::BTreeMap;

use super::lines::Lines;
use crate::place::{Place, kinds};
use crate::resolve::action::{Action, Effect};
use crate::resolve::command_line::CommandLine;
use crate::rulebook::format::PathKind;
use crate::truth::Truth;

/// Programs that change no tool's settings.
const QUIET: [&str; 24] = [
    "cd", "pushd", "popd", "echo", "printf", "print", "true", "false", ":", "test", "[", "[[", "sleep",
    "set", "export", "pwd", "date", "ls", "cat", "grep", "head", "tail", "wc", "sort",
];

/// Subcommands by which tools change their own settings.
const SETTING: [&str; 16] = [
    "config",
    "configure",
    "context",
    "contexts",
    "ctx",
    "link",
    "unlink",
    "login",
    "logout",
    "auth",
    "workspace",
    "environment",
    "env",
    "init",
    "switch",
    "use",
];

/// What a command does first, found once for all of its actions: a script may have thousands.
pub(super) struct Before<'a> {
    actions: &'a [Action],
    lines: &'a Lines<'a>,
    place: &'a Place<'a>,
    /// By tool, the first action that may change its settings.
    changing: BTreeMap<Option<&'a str>, Option<usize>>,
    /// The numbers of the actions whose programs lead from one other machine to the next, in order.
    leading: Vec<usize>,
    /// By client, the first statement that connects it to another server, and the word for that.
    connecting: BTreeMap<&'a str, Option<(usize, String)>>,
}

impl<'a> Before<'a> {
    pub(super) fn new(actions: &'a [Action], lines: &'a Lines<'a>, place: &'a Place<'a>) -> Self {
        let leads = |action: &Action| {
            let runs = action.line().and_then(|line| line.grammar.as_ref()?.runs.as_deref());
            action.site.elsewhere && runs.is_some_and(|runs| runs.elsewhere)
        };
        let leading =
            actions.iter().enumerate().filter(|(_, action)| leads(action)).map(|(at, _)| at).collect();
        Self { actions, lines, place, leading, changing: BTreeMap::new(), connecting: BTreeMap::new() }
    }

    /// Returns whether what comes before an action may change the settings of the tool that it runs.
    pub(super) fn may_change_settings(&mut self, at: usize) -> bool {
        let (actions, place) = (self.actions, self.place);
        let tool = self.lines.at(at).map(|line| line.program.as_str());
        let first = || actions.iter().position(|action| may_change(action, tool, place));
        self.changing.entry(tool).or_insert_with(first).is_some_and(|first| first < at)
    }

    /// Returns the program that leads on from the machine which an action is reached by: `ssh staging 'ssh prod …'`.
    pub(super) fn led_on(&self, at: usize) -> Option<String> {
        let action = self.actions.get(at).filter(|action| action.site.elsewhere)?;
        let before = &self.leading[..self.leading.partition_point(|other| *other < at)];
        let mut lines = before.iter().rev().map(|other| &self.actions[*other]);
        let last = lines.find(|other| other.trail.len() < action.trail.len())?;
        last.line().map(|line| line.program.clone())
    }

    /// Returns the word by which a client is led to another server before it executes an action's statement.
    pub(super) fn connected(&mut self, at: usize) -> Option<String> {
        let actions = self.actions;
        let Effect::Sql { client, .. } = &actions.get(at)?.effect else { return None };
        let connects = |action: &Action| match &action.effect {
            Effect::Sql { statement, client: other } if other == client => connects(statement.text()),
            _ => None,
        };
        let first = || actions.iter().enumerate().find_map(|(at, action)| Some((at, connects(action)?)));
        let (first, word) = self.connecting.entry(client).or_insert_with(first).as_ref()?;
        (*first <= at).then(|| word.clone())
    }
}

fn may_change(action: &Action, tool: Option<&str>, place: &Place<'_>) -> bool {
    match &action.effect {
        Effect::Run(line) => !leaves_settings(line, tool),
        Effect::Write(write) => {
            let own = [PathKind::InsideProject, PathKind::Temporary, PathKind::Sink];
            kinds::is_any(&write.path, &own, &action.site, place) != Truth::Certain
        }
        Effect::Call { .. } | Effect::Code(_) => true,
        Effect::Sql { .. } | Effect::Http(_) => false,
    }
}

/// Returns whether a program changes no settings of `tool`.
fn leaves_settings(line: &CommandLine, tool: Option<&str>) -> bool {
    // What a wrapper or an interpreter does is told by the actions of what it runs.
    let runs = line.grammar.as_ref().is_some_and(|grammar| grammar.runs.is_some());
    let first = line.readings.iter().filter_map(|reading| reading.operands.first());
    let sets = first.into_iter().any(|operand| SETTING.contains(&operand.text.as_str()));
    runs || QUIET.contains(&line.program.as_str()) || Some(line.program.as_str()) == tool && !sets
}

/// Returns the word by which a statement connects to another server: `\c app me db.prod`, `connect app db.prod`.
fn connects(statement: &str) -> Option<String> {
    let mut words = statement.split_whitespace();
    let word = words.next()?;
    if !["\\c", "\\connect", "\\r", "connect"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
        return None;
    }
    let rest: Vec<&str> = words.collect();
    let names_server = rest.len() > 1 || rest.iter().any(|word| word.contains(['=', ':']));
    names_server.then(|| word.to_owned())
}
