//! Git's hooks: what a push or a change of references would really do, however it was started.
//!
//! A hook sees what no command line shows: aliases, `remote.*.push`, `push.default`, what a tool does
//! through git. What it would destroy is written as the git command that says so, and judged as that.

mod update;

use std::ffi::OsString;
use std::io::Read;
use std::process::{Command, Stdio};

use self::update::{Kind, Update};
use super::above;
use super::exec::{self, Call};
use super::outcome;
use crate::ancestry::{self, Process};
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::parse::Dialect;
use crate::proposal::{Form, Origin};
use crate::run;

/// More than git tells a hook in earnest, in bytes.
const MOST: u64 = 16 * 1024 * 1024;

/// How many references are named in one question.
const NAMED: usize = 50;

/// Answers git's hook `name`, called with these words.
pub fn answer(name: &str, words: &[OsString]) -> Status {
    let mut input = String::new();
    if let Err(error) = std::io::stdin().take(MOST).read_to_string(&mut input) {
        return outcome::broken(&format!("what git says cannot be read: {error}"), None).into();
    }
    let command = match name {
        "pre-push" => pushed(words, &input),
        "reference-transaction" if words.first().is_some_and(|state| state == "prepared") => moved(&input),
        "reference-transaction" => None,
        _ => return outcome::broken(&format!("there is no hook {name} of guard's"), None).into(),
    };
    let Some(command) = command else { return Exit::Done.into() };
    let form = Form::Shell { text: command.into(), dialect: Dialect::Posix };
    let call = Call { origin: Origin::GitHook { name: name.to_owned() }, ..Call::of(form) };
    match exec::permit(call) {
        Ok(()) => Exit::Done.into(),
        Err(exit) => exit.into(),
    }
}

/// Returns what a push would destroy as a command, or `None` if it destroys nothing or was asked about.
fn pushed(words: &[OsString], input: &str) -> Option<String> {
    let remote =
        words.first().map_or_else(|| "origin".to_owned(), |word| word.to_string_lossy().into_owned());
    let mut updates: Vec<Update> = input.lines().filter_map(Update::of_push).collect();
    if updates.is_empty() {
        updates.extend(Update::of_framework(|name| std::env::var(name).ok()));
    }
    let git = git_above();
    // With a lease git itself checks that nothing goes that nobody has seen.
    let leased =
        git.as_ref().is_some_and(|git| git.argv.iter().any(|word| word.starts_with("--force-with-lease")));
    let overwrites = |update: &&Update| match update.kind() {
        Kind::Moved => !leased && (update.is_tag() || !is_ancestor(&update.old, &update.new)),
        _ => false,
    };
    let names = |updates: &mut dyn Iterator<Item = &Update>| {
        updates.map(|update| update.name().to_owned()).take(NAMED).collect::<Vec<_>>()
    };
    let overwritten = names(&mut updates.iter().filter(overwrites));
    let deleted = names(&mut updates.iter().filter(|update| update.kind() == Kind::Deleted));
    let command = |option: &str, names: &[String]| {
        let words = ["git", "push", option, remote.as_str()].map(str::to_owned);
        (!names.is_empty()).then(|| shell_words::join(words.iter().chain(names)))
    };
    let commands: Vec<_> =
        [command("--force", &overwritten), command("--delete", &deleted)].into_iter().flatten().collect();
    (!commands.is_empty() && !git.is_some_and(|git| was_asked(&git))).then(|| commands.join(" && "))
}

/// Returns what a change of references would lose as a command.
fn moved(input: &str) -> Option<String> {
    let git = git_above();
    let says = |words: &[&str]| {
        git.as_ref().is_some_and(|git| git.argv.iter().any(|said| words.contains(&said.as_str())))
    };
    let mut commands = Vec::new();
    for update in input.lines().filter_map(Update::of_transaction).take(NAMED) {
        let command = match (update.name.as_str(), update.kind()) {
            // What is popped is in the work tree by then.
            ("refs/stash", Kind::Deleted) if !says(&["pop", "branch"]) => Some("git stash clear".to_owned()),
            ("refs/stash", Kind::Moved) if says(&["drop"]) => Some("git stash drop".to_owned()),
            (name, Kind::Deleted) if name.starts_with("refs/heads/") && !says(&["-m", "-M", "--move"]) => {
                let lost = is_lost(&update, None);
                lost.then(|| shell_words::join(["git", "branch", "-D", update.name()]))
            }
            (name, Kind::Moved) if name.starts_with("refs/heads/") && says(&["reset"]) => {
                let lost = is_lost(&update, Some(&update.new));
                lost.then(|| shell_words::join(["git", "reset", "--hard", update.new.as_str()]))
            }
            _ => None,
        };
        commands.extend(command);
    }
    (!commands.is_empty() && !git.is_some_and(|git| was_asked(&git))).then(|| commands.join(" && "))
}

/// Returns whether a commit is reached by no reference but the one that leaves it, nor by `new`.
fn is_lost(update: &Update, new: Option<&str>) -> bool {
    if new.is_some_and(|new| is_ancestor(&update.old, new)) {
        return false;
    }
    let old = match update.old_is_known() {
        true => update.old.clone(),
        // Git does not say what it deletes by force.
        false => update.name.clone(),
    };
    let said = git(&["for-each-ref", "--contains", &old, "--format=%(refname)"]);
    said.is_none_or(|names| names.lines().all(|name| name == update.name))
}

/// Returns whether a commit is below another. What cannot be told is no.
fn is_ancestor(old: &str, new: &str) -> bool {
    git(&["merge-base", "--is-ancestor", old, new]).is_some()
}

/// Returns what git says, if it succeeds.
fn git(words: &[&str]) -> Option<String> {
    let program = run::find("git".as_ref(), std::env::var_os(env_vars::PATH).as_deref()).ok()?;
    let output =
        Command::new(program).args(words).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the git that runs this hook.
fn git_above() -> Option<Process> {
    ancestry::of_this_process().processes.into_iter().skip(1).find(|process| process.name == "git")
}

/// Returns whether a person let this very git command through, and guard is waiting for it above.
fn was_asked(git: &Process) -> bool {
    let words = ["git".to_owned()].into_iter().chain(git.argv.iter().skip(1).cloned()).map(OsString::from);
    above::is_answered(git, Call::of(Form::Argv(words.collect())))
}
