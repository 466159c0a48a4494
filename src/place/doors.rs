//! Where a hook of guard's stands in a git repository: what git would run, as its configuration says.
//!
//! Format: <https://git-scm.com/docs/git-config#_configuration_file>. Files that a configuration includes are
//! not read.

use std::path::{Path, PathBuf};

use super::{LEVELS, Place, git_config, git_index};
use crate::glob;
use crate::truth::Truth;
use crate::world::Kind;

/// How every hook that `guard install` writes begins, behind its first line.
pub const MARK: &str = "# Written by `guard install git`";

/// The hooks that guard sets up.
const HOOKS: [&str; 3] = ["pre-push", "reference-transaction", "pre-commit"];

/// How much of a hook is read, and of a configuration, in bytes.
const BEGINNING: usize = 256;
const CONFIGURATION: usize = 64 * 1024;

/// Returns whether a hook of guard's stands at `path`, where `found` is; or whether it is the directory of such hooks, or
/// the configuration that says where that is.
pub(super) fn is_one(path: &Path, found: Option<Kind>, place: &Place<'_>) -> bool {
    if path.ends_with(".git/config") {
        return path.parent().is_some_and(|own| holds_one(&hooks(own, place), place));
    }
    match found {
        Some(Kind::Directory) => holds_one(path, place),
        Some(_) => HOOKS.into_iter().any(|name| path.ends_with(name)) && is_hook(path, place),
        None => false,
    }
}

/// Returns whether a hook of guard's is among what `glob` names below a directory.
pub(super) fn is_among(directory: &Path, glob: &str, place: &Place<'_>) -> bool {
    let is_named = |name: &str| glob::matches(glob, name) != Truth::No;
    HOOKS.into_iter().any(|name| is_named(name) && is_hook(&directory.join(name), place))
}

fn holds_one(directory: &Path, place: &Place<'_>) -> bool {
    HOOKS.into_iter().any(|name| is_hook(&directory.join(name), place))
}

fn is_hook(path: &Path, place: &Place<'_>) -> bool {
    let (bytes, _) = place.world.read(path, BEGINNING).unwrap_or_default();
    String::from_utf8_lossy(&bytes).lines().nth(1).is_some_and(|line| line.starts_with(MARK))
}

/// Returns whether git, run in `directory` or told that this is its own, runs a hook of guard's.
pub(super) fn guards(directory: &Path, place: &Place<'_>) -> bool {
    if let Some(known) = place.seen.guarded.borrow().get(directory.as_os_str()) {
        return *known;
    }
    let guards = runs_one(directory, place);
    place.seen.guarded.borrow_mut().insert(directory.into(), guards);
    guards
}

fn runs_one(directory: &Path, place: &Place<'_>) -> bool {
    let own = directory.ancestors().take(LEVELS).find_map(|above| own_directory(above.join(".git"), place));
    let own = own.or_else(|| own_directory(directory.to_owned(), place));
    own.is_some_and(|own| holds_one(&hooks(&own, place), place))
}

/// Returns the directory that git keeps a repository in, if `git` is it or a file that leads there.
fn own_directory(git: PathBuf, place: &Place<'_>) -> Option<PathBuf> {
    let own = git_index::follow(git, place.world)?;
    // A linked work tree has the hooks of the repository that it belongs to.
    if let Ok((common, _)) = place.world.read(&own.join("commondir"), CONFIGURATION) {
        return Some(own.join(String::from_utf8_lossy(&common).trim()));
    }
    place.world.kind(&own.join("HEAD")).or_else(|| place.world.kind(&own.join("hooks")))?;
    Some(own)
}

/// Returns where the repository that is kept in `own` has its hooks.
fn hooks(own: &Path, place: &Place<'_>) -> PathBuf {
    let personal =
        place.home.iter().flat_map(|home| [home.join(".gitconfig"), home.join(".config/git/config")]);
    let mut files = std::iter::once(own.join("config")).chain(personal);
    let said = files.find_map(|file| {
        let (bytes, _) = place.world.read(&file, CONFIGURATION).ok()?;
        git_config::value(&String::from_utf8_lossy(&bytes), "core", "hookspath")
    });
    match said.filter(|said| !said.is_empty()) {
        Some(said) => match (said.strip_prefix("~/"), &place.home) {
            (Some(below), Some(home)) => home.join(below),
            _ => own.parent().unwrap_or(own).join(said),
        },
        None => own.join("hooks"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MadeUp;

    fn check(files: &[(&str, &str)], directory: &str, expected: bool) {
        let mut world = MadeUp::default();
        for (path, content) in files {
            world.file(*path, content.replace("@mark@", MARK).as_bytes());
        }
        let environment = [("HOME", "/home/dev")].into_iter().collect();
        let place = Place::new("/".into(), environment, &world);
        assert_eq!(guards(Path::new(directory), &place), expected, "{files:?} {directory}");
    }

    #[test]
    fn the_hook_that_git_would_run_counts() {
        let hook = "#!/bin/sh\n@mark@; and so on\n";
        check(&[("/p/.git/hooks/pre-push", hook)], "/p", true);
        check(&[("/p/.git/hooks/pre-push", hook)], "/p/src/deep", true);
        check(&[("/p/.git/hooks/pre-push", hook)], "/p/.git", true);
        check(&[("/p/.git/hooks/pre-push", hook)], "/q", false);
        check(&[("/p/.git/hooks/pre-push", "#!/bin/sh\nmake test\n")], "/p", false);
        let husky = ("/p/.git/config", "[core]\n\tbare = false\n\thooksPath = .husky/_\n");
        check(&[("/p/.git/hooks/pre-push", hook), husky], "/p", false);
        check(&[("/p/.husky/_/pre-push", hook), husky, ("/p/.git/HEAD", "")], "/p", true);
        let personal = ("/home/dev/.gitconfig", "[user]\nname = x\n[core]\nhookspath = ~/hooks ; mine\n");
        check(&[("/home/dev/hooks/pre-commit", hook), personal, ("/p/.git/HEAD", "")], "/p", true);
        let linked = [
            ("/w/.git", "gitdir: /p/.git/worktrees/w\n"),
            ("/p/.git/worktrees/w/commondir", "../..\n"),
            ("/p/.git/worktrees/w/../../hooks/pre-push", hook),
        ];
        check(&linked, "/w", true);
        let submodule =
            [("/p/s/.git", "gitdir: /p/.git/modules/s\n"), ("/p/.git/modules/s/hooks/pre-push", hook)];
        check(&submodule, "/p/s", true);
    }
}
