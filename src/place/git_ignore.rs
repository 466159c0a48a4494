//! Which files git ignores, read from git's ignore files without starting git.
//!
//! Rules: <https://git-scm.com/docs/gitignore>. They are read only once a rule has matched.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Place, git_index};
use crate::world::Kind;

/// The largest file of patterns that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Returns whether git ignores `path`, which is in the repository at `project`; `None` where there is
/// no git repository.
pub fn ignores(project: &Path, path: &Path, place: &Place<'_>) -> Option<bool> {
    let world = place.world;
    world.kind(&project.join(".git"))?;
    let is_directory = world.kind(path) == Some(Kind::Directory);
    // The nearest file decides, if a pattern of it fits; the person's own comes last.
    let above = path.ancestors().skip(1).take_while(|directory| directory.starts_with(project));
    let mut files: Vec<(PathBuf, PathBuf)> =
        above.map(|directory| (directory.to_owned(), directory.join(".gitignore"))).collect();
    if let Some(git) = git_index::git_directory(project, world) {
        files.push((project.to_owned(), git.join("info/exclude")));
    }
    let config = place.environment.text("XDG_CONFIG_HOME").map(PathBuf::from);
    if let Some(config) = config.or_else(|| Some(place.home.as_ref()?.join(".config"))) {
        files.push((project.to_owned(), config.join("git/ignore")));
    }
    for (root, file) in files {
        let Some(patterns) = read(&root, &file, place) else { continue };
        let found = patterns.matched_path_or_any_parents(path, is_directory);
        if !found.is_none() {
            return Some(found.is_ignore());
        }
    }
    Some(false)
}

/// Returns the patterns in a file for what is below `root`; nothing if there is none. A line that is no
/// pattern ignores nothing, as for git.
fn read(root: &Path, file: &Path, place: &Place<'_>) -> Option<Rc<Gitignore>> {
    if let Some(known) = place.seen.ignored.borrow().get(file) {
        return known.clone();
    }
    let patterns = place.world.read(file, LARGEST).ok().and_then(|(bytes, _)| {
        let mut builder = GitignoreBuilder::new(root);
        for line in String::from_utf8_lossy(&bytes).lines() {
            let _ = builder.add_line(None, line);
        }
        builder.build().ok().map(Rc::new)
    });
    place.seen.ignored.borrow_mut().insert(file.to_owned(), patterns.clone());
    patterns
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::proposal::Environment;
    use crate::world::MadeUp;

    #[track_caller]
    fn check(files: &[(&str, &str)], path: &str, expect: Option<bool>) {
        let mut world = MadeUp::default();
        for (path, text) in files {
            world.file(*path, *text);
        }
        let environment = Environment::from_iter([("HOME", "/home/me")]);
        let place = Place::new(PathBuf::from("/p"), environment, &world);
        assert_eq!(ignores(Path::new("/p"), Path::new(path), &place), expect, "{path}");
    }

    #[test]
    fn the_nearest_pattern_decides() {
        let files = [
            ("/p/.git/HEAD", ""),
            ("/p/.gitignore", "build\n/only-here\n*.log\nkeep/\n"),
            ("/p/sub/.gitignore", "!build\n!*.log\n"),
            ("/p/.git/info/exclude", "mine\n"),
            ("/home/me/.config/git/ignore", "*~\n"),
        ];
        check(&files, "/p/build", Some(true));
        check(&files, "/p/build/x/y", Some(true));
        check(&files, "/p/other/build", Some(true));
        check(&files, "/p/sub/build", Some(false));
        check(&files, "/p/only-here", Some(true));
        check(&files, "/p/a/only-here", Some(false));
        check(&files, "/p/a.log", Some(true));
        check(&files, "/p/sub/a.log", Some(false));
        check(&files, "/p/mine", Some(true));
        check(&files, "/p/a~", Some(true));
        check(&files, "/p/src", Some(false));
    }

    #[test]
    fn without_git_nobody_ignores() {
        check(&[("/p/.gitignore", "build\n")], "/p/build", None);
    }
}
