//! A pack's examples, tried: what must stop stops, what must pass passes, each in every disguise.
//!
//! Judging is given as a function, so that the rulebook needs to know nothing of how a command is
//! read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::block::{self, Line};
use super::book::Rulebook;
use super::disguise::{data, disguised};
use super::format::{Pack, Rule};
use super::lint::Source;
use super::lint::text::{plain_phrase, slots};
use super::places::Places;

/// Files put in place for an example, by path below the project.
pub type Files = BTreeMap<String, String>;

/// A rule that fired for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Its name in the book: `railway/volume-delete`.
    pub rule_id: String,
    /// Whether it certainly applies, or only possibly.
    pub certain: bool,
    /// What a person would have to type.
    pub phrase: String,
}

/// Says which rules of a book a command would fire, with these files in place.
pub type Judge<'a> = dyn Fn(&Rulebook, &str, &Files) -> Vec<Fired> + Sync + 'a;

/// What is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Every command that must stop, in every disguise and as data.
    pub disguises: bool,
    /// The rule without each of its clauses, exceptions and slots: some example must need it.
    pub mutants: bool,
}

/// What was tried and what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many rules were tried.
    pub rules: usize,
    /// How many command lines were judged.
    pub commands: usize,
    /// What failed, in the order of the files.
    pub failures: Vec<Failure>,
}

/// An example that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    path: String,
    /// The line in the file; 0 where there is no file.
    line: usize,
    rule: String,
    message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}: {}", self.path, self.rule, self.message),
            line => write!(f, "{}:{line}: {}: {}", self.path, self.rule, self.message),
        }
    }
}

/// Tries the examples of these packs, which are part of `book`, on all processors.
pub fn check(sources: &[Source], book: &Rulebook, judge: &Judge<'_>, effort: Effort) -> Outcome {
    let tasks: Vec<(&Source, usize)> = sources
        .iter()
        .flat_map(|source| (0..source.pack.rules.len()).map(move |rule| (source, rule)))
        .collect();
    let places: BTreeMap<&str, Places> =
        sources.iter().map(|source| (source.path.as_str(), Places::of(&source.text))).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((source, rule)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut trial = Trial::new(source, *rule, &places[source.path.as_str()], book, judge);
            trial.run(effort);
            done.push((source.path.as_str(), *rule, trial.commands, trial.failures));
        }
        done
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    Outcome {
        rules: tasks.len(),
        commands: done.iter().map(|(_, _, commands, _)| commands).sum(),
        failures: done.into_iter().flat_map(|(_, _, _, failures)| failures).collect(),
    }
}

/// The examples of one rule, being tried.
struct Trial<'a> {
    source: &'a Source,
    index: usize,
    rule: &'a Rule,
    id: String,
    places: &'a Places,
    book: &'a Rulebook,
    judge: &'a Judge<'a>,
    commands: usize,
    failures: Vec<Failure>,
}

impl<'a> Trial<'a> {
    fn new(
        source: &'a Source,
        index: usize,
        places: &'a Places,
        book: &'a Rulebook,
        judge: &'a Judge<'a>,
    ) -> Self {
        let rule = &source.pack.rules[index];
        let id = format!("{}/{}", source.pack.pack, rule.id);
        Self { source, index, rule, id, places, book, judge, commands: 0, failures: Vec::new() }
    }

    fn run(&mut self, effort: Effort) {
        let must_stop = block::commands(&self.rule.examples.must_stop);
        let must_pass = block::commands(&self.rule.examples.must_pass);
        for line in &must_stop {
            self.must_stop(line);
            if effort.disguises {
                self.in_disguise(line);
            }
        }
        for line in &must_pass {
            self.must_pass("examples/must_pass", line);
        }
        for line in block::commands(self.rule.instead.as_deref().unwrap_or_default()) {
            self.must_pass("instead", &line);
        }
        self.phrases();
        // A rule whose examples fail would only fail again without its clauses.
        if effort.mutants && self.failures.is_empty() {
            self.mutants(&must_stop, &must_pass);
        }
    }

    fn judge(&mut self, book: &Rulebook, command: &str) -> Vec<Fired> {
        self.commands += 1;
        (self.judge)(book, command, &self.rule.examples.files)
    }

    fn must_stop(&mut self, line: &Line) {
        let fired = self.judge(self.book, &line.command);
        match fired.iter().find(|fired| fired.rule_id == self.id) {
            None => self.fail(
                "examples/must_stop",
                line.number,
                format!("must_stop: {}: {}", line.command, instead(&fired)),
            ),
            Some(Fired { phrase, .. }) if !typeable(phrase) => {
                let what = "is not plain text of at most 60 characters";
                self.fail("confirm", 0, format!("confirm: {}: the phrase `{phrase}` {what}", line.command));
            }
            Some(_) => {}
        }
    }

    fn in_disguise(&mut self, line: &Line) {
        for disguise in disguised(&line.command) {
            let fired = self.judge(self.book, &disguise.command);
            if !fired.iter().any(|fired| fired.rule_id == self.id) {
                let message =
                    format!("must_stop ({}): {}: {}", disguise.name, disguise.command, instead(&fired));
                self.fail("examples/must_stop", line.number, message);
            }
        }
        for disguise in data(&line.command) {
            let fired = self.judge(self.book, &disguise.command);
            if !fired.is_empty() {
                let message =
                    format!("must_pass ({}): {}: {}", disguise.name, disguise.command, list(&fired));
                self.fail("examples/must_stop", line.number, message);
            }
        }
    }

    fn must_pass(&mut self, at: &str, line: &Line) {
        let fired = self.judge(self.book, &line.command);
        if !fired.is_empty() {
            let key = at.rsplit('/').next().unwrap_or(at);
            self.fail(at, line.number, format!("{key}: {}: {}", line.command, list(&fired)));
        }
    }

    fn phrases(&mut self) {
        for (phrase, command) in &self.rule.examples.phrases {
            for line in block::commands(command) {
                let fired = self.judge(self.book, &line.command);
                let found = fired.iter().find(|fired| fired.rule_id == self.id);
                let message = match found {
                    None => instead(&fired),
                    Some(found) if found.phrase != *phrase => format!("the phrase is `{}`", found.phrase),
                    Some(_) => continue,
                };
                self.fail(
                    &format!("examples/phrases/{phrase}"),
                    0,
                    format!("phrases: {}: {message}", line.command),
                );
            }
        }
    }

    /// Takes away each clause, exception and slot; if no example changes, none needs it.
    fn mutants(&mut self, must_stop: &[Line], must_pass: &[Line]) {
        let mut stopped: Vec<String> = must_stop.iter().map(|line| line.command.clone()).collect();
        let phrases = self.rule.examples.phrases.values();
        stopped.extend(phrases.flat_map(|command| block::commands(command)).map(|line| line.command));
        let all: Vec<String> =
            stopped.iter().cloned().chain(must_pass.iter().map(|line| line.command.clone())).collect();
        let before: Vec<Option<String>> = all.iter().map(|command| self.phrase(self.book, command)).collect();
        for (at, what, mutant) in mutants(self.rule) {
            let Some(book) = self.book_with(mutant) else { continue };
            let changed =
                all.iter().zip(&before).any(|(command, before)| self.phrase(&book, command) != *before);
            if !changed {
                self.fail(&at, 0, format!("{at}: {what}"));
            }
        }
    }

    /// Returns the phrase of this rule for a command, if it fires.
    fn phrase(&mut self, book: &Rulebook, command: &str) -> Option<String> {
        let fired = self.judge(book, command);
        fired.into_iter().find(|fired| fired.rule_id == self.id).map(|fired| fired.phrase)
    }

    /// Returns the book with this rule exchanged.
    fn book_with(&self, rule: Rule) -> Option<Rulebook> {
        let mut pack: Pack = self.source.pack.clone();
        pack.rules[self.index] = rule;
        let mut book = self.book.fresh();
        book.replace(&pack).ok()?;
        Some(book)
    }

    fn fail(&mut self, at: &str, line: usize, message: String) {
        let place = self.places.find(&format!("rules/{}/{at}", self.index));
        let block = at.starts_with("examples/must") || at == "instead";
        self.failures.push(Failure {
            path: self.source.path.clone(),
            line: match (self.source.text.is_empty(), block) {
                (true, _) => 0,
                // The commands of a block stand below its key.
                (false, true) => place.line + 1 + line,
                (false, false) => place.line,
            },
            rule: self.rule.id.clone(),
            message: message.replace('\n', "⏎"),
        });
    }
}

/// Returns the rule without each of its clauses, exceptions and slots of the phrase, with the path of
/// what was taken away and what is wrong if nothing changes.
fn mutants(rule: &Rule) -> Vec<(String, String, Rule)> {
    let mut all = Vec::new();
    for index in 0..rule.when.len() {
        let mut mutant = rule.clone();
        mutant.when.remove(index);
        all.push((format!("when/{index}"), "no example needs this clause".to_owned(), mutant));
    }
    for index in 0..rule.unless.len() {
        let mut mutant = rule.clone();
        mutant.unless.remove(index);
        all.push((format!("unless/{index}"), "no example needs this exception".to_owned(), mutant));
    }
    let sources: BTreeSet<&str> = slots(&rule.confirm).unwrap_or_default().into_iter().flatten().collect();
    for source in sources {
        let mut mutant = rule.clone();
        mutant.confirm = without_source(&rule.confirm, source);
        all.push(("confirm".to_owned(), format!("no example fills the slot `{source}`"), mutant));
    }
    all
}

/// Returns a phrase in which the slots do not look for `source`.
fn without_source(phrase: &str, source: &str) -> String {
    let never = "env.NEVER_SET";
    let exchange =
        |alternative: &str| if alternative == source { never.to_owned() } else { alternative.to_owned() };
    let mut parts = phrase.split('{');
    let mut mutant = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, after) = part.split_once('}').unwrap_or((part, ""));
        let inside: Vec<String> = inside.split('|').map(exchange).collect();
        mutant += &format!("{{{}}}{after}", inside.join("|"));
    }
    mutant
}

fn typeable(phrase: &str) -> bool {
    plain_phrase(phrase) && phrase.len() <= 60
}

/// Says what fired in the place of the rule.
fn instead(fired: &[Fired]) -> String {
    match fired {
        [] => "nothing fired".to_owned(),
        _ => format!("only {}", list(fired)),
    }
}

fn list(fired: &[Fired]) -> String {
    let ids: BTreeSet<&str> = fired.iter().map(|fired| fired.rule_id.as_str()).collect();
    format!("{} fired", ids.into_iter().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
