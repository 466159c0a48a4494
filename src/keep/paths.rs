//! The files that a word of a command names.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::glob;
use crate::place::Place;
use crate::place::path::{Rest, look};
use crate::resolve::action::Site;
use crate::truth::Truth;
use crate::unknown::is_known;

/// The most files that are looked through for one word.
const MOST: usize = 50_000;

/// Returns what exists now of what `word` names: the link itself where it is one, and every match of a glob.
/// With `deep`, a glob's last part may match at any depth, as with `find -name`.
///
/// # Errors
///
/// Returns why that is not known, as a lower-case fragment.
pub(super) fn existing(
    word: &str,
    deep: bool,
    site: &Site,
    place: &Place<'_>,
) -> Result<Vec<PathBuf>, String> {
    if site.elsewhere {
        return Err("it happens on another machine or in a container".to_owned());
    }
    if !is_known(word) {
        return Err("which files it is about is not known".to_owned());
    }
    let look = look(word, site, place);
    if look.target.rest == Rest::Known && look.found(place).is_none() {
        return Ok(Vec::new());
    }
    let word = word.strip_prefix("file://").unwrap_or(word);
    let path = match (word.strip_prefix("~/"), &place.home) {
        (Some(below), Some(home)) => home.join(below),
        _ if word.starts_with('/') => PathBuf::from(word),
        _ => site.cwd.as_ref().ok_or("where it happens is not known")?.join(word),
    };
    if fs::symlink_metadata(&path).is_ok() {
        return Ok(vec![meant(&path, word)]);
    }
    if !word.contains(['*', '?', '[']) {
        return Ok(Vec::new());
    }
    let text = path.to_str().ok_or("which files it is about is not known")?;
    let mut found = matching(text, deep)?;
    found.sort();
    Ok(found.iter().map(|path| meant(path, word)).collect())
}

/// Returns a path, and what it leads to where it is a link: some commands replace the one, and some the other.
pub(super) fn behind(path: PathBuf) -> Vec<PathBuf> {
    let leads = fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink());
    let target = leads.then(|| fs::canonicalize(&path).ok()).flatten();
    std::iter::once(path).chain(target).collect()
}

/// Returns the path that a word means: with a slash at its end it is what a link leads to, whose content `rm
/// -r link/` takes.
fn meant(path: &Path, word: &str) -> PathBuf {
    match word.ends_with('/') {
        true => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        false => without_dots(path),
    }
}

/// Follows every link but the last part, and takes out `.` and `..`.
fn without_dots(path: &Path) -> PathBuf {
    let whole = || fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match (path.components().next_back(), path.parent(), path.file_name()) {
        (Some(Component::Normal(_)), Some(parent), Some(name)) => {
            fs::canonicalize(parent).map_or_else(|_| path.to_owned(), |parent| parent.join(name))
        }
        _ => whole(),
    }
}

/// Expands a glob, a part of the path at a time.
fn matching(text: &str, deep: bool) -> Result<Vec<PathBuf>, String> {
    let mut found = vec![PathBuf::from("/")];
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        if !part.contains(['*', '?', '[']) {
            found.iter_mut().for_each(|path| path.push(part));
            found.retain(|path| fs::symlink_metadata(path).is_ok());
            continue;
        }
        let mut next = Vec::new();
        let mut waiting = found;
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                // A shell's `*` passes over hidden names, and find's does not.
                let hidden = !deep && name.starts_with('.') && !part.starts_with('.');
                if !hidden && glob::matches(part, &name) != Truth::No {
                    next.push(entry.path());
                } else if deep && is_last && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    waiting.push(entry.path());
                }
                if next.len() + waiting.len() > MOST {
                    return Err("there are too many files".to_owned());
                }
            }
        }
        found = next;
    }
    Ok(found)
}
