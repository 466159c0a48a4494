//! Judges a command in the made-up project that the examples of rules are judged in.
//!
//! The project is `/home/dev/app`, a git work tree of the user `dev`, with the usual build directories.
//! Nothing from the machine that a pack is tested on enters into it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::matcher::{self, Finding};
use crate::parse::Dialect;
use crate::place::Place;
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::resolve::{self, Resolution};
use crate::rulebook::Rulebook;
use crate::world::MadeUp;

/// The project's directory.
pub const PROJECT: &str = "/home/dev/app";

/// Directories of the project that are there and ignored by git.
const BUILT: &[&str] = &["node_modules", "target", "dist", "build"];

/// Returns what a command would do in the made-up project with `files` in place below it, and the
/// rules of `book` that it would fire.
pub fn judge(book: &Rulebook, command: &str, files: &BTreeMap<String, String>) -> (Resolution, Vec<Finding>) {
    let project = PathBuf::from(PROJECT);
    let mut world = self::project();
    for (name, content) in files {
        world.file(project.join(name), content.as_bytes());
    }
    let environment = environment();
    let place = Place::new(project.clone(), environment.clone(), &world);
    let form = Form::Shell { text: command.into(), dialect: Dialect::Bash };
    let proposal = Proposal { form, cwd: project, environment, origin: Origin::Exec, carrier: None };
    let resolution = resolve::resolve(&proposal, &place, book);
    let findings = matcher::find(&resolution, book, &place);
    (resolution, findings)
}

/// Returns the made-up machine with the project on it.
pub fn project() -> MadeUp {
    let project = PathBuf::from(PROJECT);
    let mut world = MadeUp::default();
    world.directory(project.join(".git"));
    world.file(project.join(".gitignore"), BUILT.join("\n"));
    for name in BUILT.iter().chain(&["src", "tests", "docs", "migrations"]) {
        world.directory(project.join(name));
    }
    world
}

/// Returns the variables of its user.
pub fn environment() -> Environment {
    [("HOME", "/home/dev"), ("USER", "dev"), ("PATH", "/usr/bin:/bin")].into_iter().collect()
}
