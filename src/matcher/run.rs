//! Clauses about a program: subcommand, options, operands, environment, input.

use super::{Candidate, Captures, Subject, pattern};
use crate::place::kinds;
use crate::resolve::command_line::{
    CommandLine, Operand, Opt, Reading, along, commands_along, pieces, same_word,
};
use crate::resolve::secrets::stand_in;
use crate::rulebook::format::{Clause, PathKind, Program, Subcommand};
use crate::rulebook::packed::Packed;
use crate::truth::Truth;
use crate::unknown::is_mark;

/// Variables by which a program works somewhere else than in its directory.
const ELSEWHERE: &[&str] = &["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"];

/// The slots of the first operands.
const OPERANDS: [&str; 9] = [
    "operand.1",
    "operand.2",
    "operand.3",
    "operand.4",
    "operand.5",
    "operand.6",
    "operand.7",
    "operand.8",
    "operand.9",
];

/// Returns whether a clause holds for a program's words, and by which reading of them, with how many operands that belong to
/// the subcommand; `paths` are those of the program's subcommands that may be meant. A clause that names no command holds
/// by the environment alone.
pub(super) fn holds<'r, 'a>(
    clause: &Clause,
    paths: impl Iterator<Item = &'r str> + Clone,
    line: &CommandLine,
    subject: &Subject<'a>,
    captures: &mut Captures,
) -> (Truth, Option<(&'a Reading, usize)>) {
    if clause.run.is_empty() {
        return (variables(clause, line, captures), None);
    }
    let mut best = (Truth::No, None);
    for &reading in &subject.readings {
        for path in paths.clone() {
            let Some((named, skip)) = subcommand(path, line, reading) else { continue };
            let mut seen = Captures::default();
            let found = named.and(by_reading(clause, line, reading, skip, subject, &mut seen));
            if found > best.0 {
                best = (found, Some((reading, skip)));
                *captures = seen;
            }
        }
    }
    best
}

/// Returns the subcommands that a clause names of the program; empty is the program itself.
fn own<'c>(clause: &'c Clause, line: &CommandLine) -> impl Iterator<Item = &'c str> {
    clause.run.iter().filter(|run| is_of(run, &line.program)).map(|run| subcommand_of(run))
}

/// Returns `push` of `git push`, and nothing of `git`.
pub(super) fn subcommand_of(run: &str) -> &str {
    run.split_once(' ').map_or("", |(_, path)| path)
}

/// Returns whether an exception certainly holds, by every reading that could fire.
pub(super) fn excuses(exception: &Clause, line: &CommandLine, subject: &Subject<'_>) -> bool {
    line.readings.iter().all(|reading| {
        let runs: Vec<(Truth, usize)> = match exception.run.is_empty() {
            true => vec![(Truth::Certain, 0)],
            false => own(exception, line).filter_map(|path| subcommand(path, line, reading)).collect(),
        };
        runs.into_iter().any(|(named, skip)| {
            named == Truth::Certain
                && every_operand(exception, reading, skip, subject)
                && by_reading(exception, line, reading, skip, subject, &mut Captures::default())
                    == Truth::Certain
        })
    })
}

/// In an exception, what is said of operands must hold for every one of them.
fn every_operand(clause: &Clause, reading: &Reading, skip: usize, subject: &Subject<'_>) -> bool {
    reading.operands.iter().skip(skip).all(|operand| is_covered(clause, &operand.text, subject))
}

/// Returns whether an operand is certainly what an exception says of operands.
fn is_covered(clause: &Clause, operand: &str, subject: &Subject<'_>) -> bool {
    (clause.operand.is_empty() || pattern::any(&clause.operand, operand) == Truth::Certain)
        && (clause.operand_path.is_empty() || subject.is_any(operand, &clause.operand_path) == Truth::Certain)
}

/// Returns a command line without the operands that exceptions cover each for itself; `None` where there are none, or
/// where a rule counts operands.
pub(super) fn beyond(
    candidate: &Candidate,
    line: &CommandLine,
    subject: &Subject<'_>,
) -> Option<CommandLine> {
    let (rule, exceptions) = (&candidate.rule.rule, candidate.covering());
    if exceptions.is_empty() || !rule.when.iter().all(takes_any_operand) {
        return None;
    }
    let covers =
        |operand: &Operand| exceptions.iter().any(|exception| is_covered(exception, &operand.text, subject));
    if !line.readings.iter().flat_map(|reading| &reading.operands).any(covers) {
        return None;
    }
    let mut rest = line.clone();
    for reading in &mut rest.readings {
        let paths = rule.when.iter().flat_map(|clause| own(clause, line));
        let named = paths.filter_map(|path| subcommand(path, line, reading)).map(|(_, words)| words).max();
        let mut words = named.unwrap_or(reading.operands.len());
        reading.operands.retain(|operand| {
            let is_word = words > 0;
            words = words.saturating_sub(1);
            is_word || !covers(operand)
        });
    }
    (rest.readings != line.readings).then_some(rest)
}

/// Whether a clause asks for nothing but operands, wherever they stand.
pub(super) fn asks_operands_alone(clause: &Clause) -> bool {
    let rest = Clause { operand: Vec::new(), operand_path: Vec::new(), because: None, ..clause.clone() };
    rest == Clause::default() && !(clause.operand.is_empty() && clause.operand_path.is_empty())
}

/// Whether a clause says nothing of an operand's place among the others.
fn takes_any_operand(clause: &Clause) -> bool {
    clause.operand_at.is_empty()
        && clause.operands_at_least.is_none()
        && clause.operands_at_most.is_none()
        && !clause.after_dashes
}

/// Whether an option makes the whole command harmless (`--help`, `--dry-run`).
pub(super) fn is_harmless(line: &CommandLine, reading: &Reading) -> bool {
    let Some(grammar) = &line.grammar else { return reading.has("help") };
    if reading.options.is_empty() {
        return false;
    }
    let certain = |name: &String| reading.has(name);
    let by_command = |(path, command): (&String, &Packed<Subcommand>)| {
        named(grammar, path, reading).is_some_and(|(found, _)| found == Truth::Certain)
            && command.harmless_with.iter().any(certain)
    };
    // Among words that are read loosely a subcommand need not come first.
    let first = if reading.loose { &[][..] } else { &reading.operands };
    asks_for_help(grammar, reading, Userland::HERE)
        || grammar.harmless_with.iter().any(certain)
        || commands_along(grammar, first).any(by_command)
}

/// Whose programs a system comes with, where these read their words differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Userland {
    /// GNU's and busybox's: an option may stand behind operands.
    Gnu,
    /// BSD's, macOS's among them: what stands behind an operand is one too.
    Bsd,
}

impl Userland {
    /// That of the system guard is built for.
    const HERE: Self = if cfg!(target_os = "linux") { Self::Gnu } else { Self::Bsd };
}

/// Returns whether a program prints its help and does nothing else.
fn asks_for_help(grammar: &Program, reading: &Reading, userland: Userland) -> bool {
    let ends_early = grammar.bsd_options_first && userland == Userland::Bsd;
    let counts = |option: &Opt| option.name == "help" && !(ends_early && option.after > 0);
    reading.has("help") && reading.options.iter().any(counts)
}

/// Returns whether a command line may be the command `git push`, by any reading of it.
pub(super) fn names(run: &str, line: &CommandLine) -> bool {
    let path = subcommand_of(run);
    is_of(run, &line.program) && line.readings.iter().any(|reading| subcommand(path, line, reading).is_some())
}

/// Returns whether `git|hub push` is a command of the program.
pub(super) fn is_of(run: &str, program: &str) -> bool {
    let names = run.split(' ').next().unwrap_or_default();
    names.split('|').any(|name| name == program)
}

/// Returns the word that says which of a program's subcommands is meant, where all ways to read it agree.
pub(super) fn first_word(line: &CommandLine) -> Option<&str> {
    let has_commands = line.grammar.as_ref().is_some_and(|grammar| !grammar.commands.is_empty());
    let (first, others) = line.readings.split_first().filter(|_| has_commands)?;
    let found = first.operands.first().filter(|_| !first.loose)?;
    let agrees = |other: &Reading| {
        !other.loose && other.operands.first().is_some_and(|operand| operand.text == found.text)
    };
    others.iter().all(agrees).then_some(found.text.as_str())
}

/// Returns whether a command line with the same first word may be the command `git push`.
pub(super) fn may_name(run: &str, line: &CommandLine) -> bool {
    let (Some(_), Some(grammar)) = (first_word(line), &line.grammar) else { return true };
    let path = subcommand_of(run);
    line.readings.iter().any(|reading| along(grammar, path, &reading.operands[..1]).is_some())
}

/// Matches a subcommand's words against a reading; returns how many operands they take.
fn subcommand(path: &str, line: &CommandLine, reading: &Reading) -> Option<(Truth, usize)> {
    match &line.grammar {
        Some(grammar) => named(grammar, path, reading),
        None => named(&Program::default(), path, reading),
    }
}

fn named(grammar: &Program, path: &str, reading: &Reading) -> Option<(Truth, usize)> {
    if path.is_empty() {
        return Some((Truth::Certain, 0));
    }
    let mut wanted = path.split_whitespace().flat_map(|word| pieces(grammar, word)).peekable();
    let mut found = Truth::Certain;
    let mut used = 0;
    for operand in &reading.operands {
        if wanted.peek().is_none() {
            break;
        }
        used += 1;
        for piece in pieces(grammar, &operand.text) {
            let word = wanted.peek()?;
            if same_word(grammar, word, piece) {
                found = if piece.contains(is_mark) { found.and(Truth::Possible) } else { found };
                wanted.next();
            } else if !reading.loose {
                return None;
            }
        }
    }
    wanted.next().is_none().then_some((found, used))
}

fn by_reading(
    clause: &Clause,
    line: &CommandLine,
    reading: &Reading,
    skip: usize,
    subject: &Subject<'_>,
    captures: &mut Captures,
) -> Truth {
    let options = clause.with.iter().all(|name| reading.has(name))
        && (clause.with_any.is_empty() || clause.with_any.iter().any(|name| reading.has(name)))
        && !clause.without.iter().any(|name| reading.has(name));
    if !options {
        return Truth::No;
    }
    let counts = |found: Truth| if clause.known && found == Truth::Possible { Truth::No } else { found };
    let operands = reading.operands.get(skip..).unwrap_or_default();
    let count = operands.len();
    let enough = clause.operands_at_least.is_none_or(|least| count >= usize::from(least))
        && clause.operands_at_most.is_none_or(|most| count <= usize::from(most))
        && (!clause.after_dashes || operands.iter().any(|operand| operand.dashed));
    if !enough {
        return Truth::No;
    }
    let mut found = Truth::Certain;
    for (name, patterns) in &clause.option {
        let values = reading.values(name).map(|value| counts(pattern::any(patterns, value)));
        found = found.and(values.fold(Truth::No, Truth::or));
    }
    for (name, kinds) in &clause.option_path {
        let values = reading.values(name).map(|value| subject.is_any(value, kinds));
        found = found.and(values.fold(Truth::No, Truth::or));
        if let Some(path) = reading.values(name).last() {
            captures.insert("path", path.to_owned());
        }
    }
    for (at, patterns) in &clause.operand_at {
        let operand = usize::from(*at).checked_sub(1).and_then(|at| operands.get(at));
        found = found.and(operand.map_or(Truth::No, |operand| counts(pattern::any(patterns, &operand.text))));
    }
    if found != Truth::No && !(clause.operand.is_empty() && clause.operand_path.is_empty()) {
        found = found.and(worst_operand(clause, operands, subject, captures));
    }
    if !clause.cwd.is_empty() {
        found = found.and(went(clause, line, reading, subject));
    }
    if !clause.stdin.is_empty() {
        let said = line.stdin.as_deref().map_or(Truth::No, |text| match clause.known {
            // What is known of it says so, whatever the rest is.
            true => pattern::any(&clause.stdin, &text.replace(is_mark, "_")),
            false => pattern::any(&clause.stdin, text),
        });
        found = found.and(said);
    }
    if clause.stdin_secrets && found != Truth::No {
        found = found.and(Truth::certain_if(line.stdin.as_deref().is_some_and(stand_in)));
    }
    found.and(variables(clause, line, captures))
}

/// Returns whether a program works in a directory that a clause means, and to which the command went.
fn went(clause: &Clause, line: &CommandLine, reading: &Reading, subject: &Subject<'_>) -> Truth {
    let (site, place) = (&subject.action.site, subject.place);
    let options = line.grammar.iter().flat_map(|grammar| &grammar.chdir);
    let own = options.filter_map(|option| reading.values(option).last()).next_back();
    let variable = |name| line.variable(name).or(place.environment.text(name));
    match ELSEWHERE.iter().find_map(|name| variable(name)) {
        _ if clause.cwd == [PathKind::Door] => {
            let repository = reading.values("git-dir").last().or_else(|| variable("GIT_DIR")).or(own);
            kinds::is_guarded(repository.unwrap_or("."), site, place)
        }
        Some(_) => Truth::No,
        None => kinds::is_apart(own.unwrap_or("."), &clause.cwd, site, place),
    }
}

/// Returns whether some operand is what the clause says, its text and its path, and notes which.
fn worst_operand(
    clause: &Clause,
    operands: &[Operand],
    subject: &Subject<'_>,
    captures: &mut Captures,
) -> Truth {
    let mut best = Truth::No;
    for operand in operands {
        let mut found = Truth::Certain;
        if !clause.operand.is_empty() {
            found = pattern::any(&clause.operand, &operand.text);
        }
        if found != Truth::No && !clause.operand_path.is_empty() {
            found = found.and(subject.is_any(&operand.text, &clause.operand_path));
        }
        if clause.known && found == Truth::Possible {
            continue;
        }
        if found > best {
            best = found;
            if !clause.operand_path.is_empty() {
                captures.insert("path", operand.text.clone());
            }
        }
    }
    best
}

fn variables(clause: &Clause, line: &CommandLine, captures: &mut Captures) -> Truth {
    let mut found = Truth::Certain;
    for (name, patterns) in &clause.environment {
        let value = line.variable(name);
        found = found.and(value.map_or(Truth::No, |value| pattern::any(patterns, value)));
        if let Some(value) = value {
            captures.insert(format!("env.{name}"), value.to_owned());
        }
    }
    found
}

/// Notes what was seen, for the phrase and for policy.
pub(super) fn note(reading: &Reading, skip: usize, captures: &mut Captures) {
    for option in &reading.options {
        if let Some(value) = &option.value {
            captures.insert(option.name.clone(), value.clone());
        }
    }
    let operands: Vec<&str> =
        reading.operands.iter().skip(skip).map(|operand| operand.text.as_str()).collect();
    for (name, operand) in OPERANDS.into_iter().zip(&operands) {
        captures.insert(name, (*operand).to_owned());
    }
    if let Some(first) = operands.first() {
        captures.insert("operand", (*first).to_owned());
        captures.insert("operands", operands.join(" "));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;

    #[test]
    fn help_behind_an_operand_is_none_to_bsd() {
        let book = Rulebook::builtin();
        let check = |text: &str, expected: [bool; 2]| {
            let mut words = text.split(' ').map(str::to_owned);
            let known = book.program(&words.next().unwrap()).unwrap();
            let line = CommandLine::read(&known.name, words.collect(), Some(known.program.clone()));
            let asks = |userland| asks_for_help(&known.program, &line.readings[0], userland);
            assert_eq!([Userland::Gnu, Userland::Bsd].map(asks), expected, "{text}");
        };
        check("rm -rf dir --help", [true, false]);
        check("rm --help", [true, true]);
        check("rm -rf --help dir", [true, true]);
        check("chmod -R 000 dir --help", [true, false]);
        check("git push --force origin --help", [true, true]);
        check("rm -rf dir", [false, false]);
    }
}
