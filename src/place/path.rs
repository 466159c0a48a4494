//! Paths as commands write them, which may be partly unknown.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::{Place, Site};
use crate::rulebook::format::PathKind;
use crate::truth::Truth;
use crate::unknown::is_mark;

/// Where a path leads, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The known beginning: an absolute, normalised directory or file. `None` where even that is
    /// not known.
    pub base: Option<PathBuf>,
    /// What comes after the known beginning.
    pub rest: Rest,
    /// Whether the path ends in `/*` or is a glob of everything in `base`.
    pub everything_in: bool,
}

/// The paths that were looked at, by the directory that they are used in and as they are written. (A
/// directory is compared as its bytes, which is quicker than as a path.)
pub(super) type Looks = BTreeMap<OsString, BTreeMap<String, Rc<Look>>>;

/// A path that was looked at: many rules ask the same of it.
pub(super) struct Look {
    pub(super) target: Target,
    kinds: RefCell<Vec<(PathKind, Truth)>>,
}

impl Look {
    /// Returns whether it is of a kind, which `find` finds out once.
    pub(super) fn is(&self, kind: PathKind, find: impl FnOnce() -> Truth) -> Truth {
        if let Some((_, known)) = self.kinds.borrow().iter().find(|(known, _)| *known == kind) {
            return *known;
        }
        let found = find();
        self.kinds.borrow_mut().push((kind, found));
        found
    }
}

/// What follows the known beginning of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: the path is known.
    Known,
    /// A glob over names in `base`.
    Glob(String),
    /// A name that begins or ends with known text: it is neither empty nor `..`.
    Name,
    /// Anything, perhaps nothing, perhaps `../..`.
    Anything,
}

/// Reads a path that a command would use at `site`.
pub fn target(text: &str, site: &Site, place: &Place<'_>) -> Target {
    look(text, site, place).target.clone()
}

/// Looks at a path that a command would use at `site`.
pub(super) fn look(text: &str, site: &Site, place: &Place<'_>) -> Rc<Look> {
    let cwd = site.cwd.as_deref().map_or(OsStr::new(""), Path::as_os_str);
    let known = |looks: &Looks| looks.get(cwd)?.get(text).cloned();
    if let Some(known) = known(&place.seen.looks.borrow()) {
        return known;
    }
    let look = Rc::new(Look { target: read(text, site, place), kinds: RefCell::default() });
    let mut looks = place.seen.looks.borrow_mut();
    looks.entry(cwd.to_owned()).or_default().insert(text.to_owned(), Rc::clone(&look));
    look
}

fn read(text: &str, site: &Site, place: &Place<'_>) -> Target {
    let unknown = Target { base: None, rest: Rest::Anything, everything_in: false };
    let Some((text, cwd)) = rooted(text, site, place) else { return unknown };
    // The known beginning ends at the segment that holds the first unknown or the first wildcard.
    let cut = text.find(|c| is_mark(c) || matches!(c, '*' | '?' | '['));
    let Some(cut) = cut else {
        let base = Some(real(&normalise(&cwd.join(&text)), place));
        return Target { base, rest: Rest::Known, everything_in: false };
    };
    let slash = text[..cut].rfind('/').map_or(0, |at| at + 1);
    let base = match &text[..slash] {
        "" if text.starts_with('/') => PathBuf::from("/"),
        known => normalise(&cwd.join(known)),
    };
    let base = Some(real(&base, place));
    let tail = &text[slash..];
    if tail.contains(is_mark) {
        let first = tail.split('/').next().unwrap_or_default();
        if tail.split('/').any(|part| part == "..") {
            // `/tmp/$X/../../srv`
            return Target { base: None, rest: Rest::Anything, everything_in: false };
        }
        // `build-$X` names something in its directory; `$X` alone may be empty or lead upwards.
        let has_text = first.chars().any(|c| !is_mark(c) && c != '.');
        let ends = !tail[first.len()..].trim_start_matches('/').contains(is_mark);
        let rest = if has_text && ends { Rest::Name } else { Rest::Anything };
        return Target { base, rest, everything_in: false };
    }
    let everything_in =
        matches!(tail.trim_end_matches('/'), "*" | "**" | ".*" | "*.*" | "**/*" | "{*,.*}" | ".[!.]*");
    Target { base, rest: Rest::Glob(tail.to_owned()), everything_in }
}

/// Returns the text and the directory that it is relative to.
fn rooted(text: &str, site: &Site, place: &Place<'_>) -> Option<(String, PathBuf)> {
    let text = text.strip_prefix("file://").unwrap_or(text);
    if text.starts_with('/') {
        return Some((text.to_owned(), PathBuf::from("/")));
    }
    if let [letter, b':', b'\\' | b'/', ..] = text.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        // A drive of Windows lies in no project of ours.
        return Some((format!("/{}", text.replace('\\', "/")), PathBuf::from("/")));
    }
    if text.starts_with(is_mark) {
        return None;
    }
    if let Some(rest) = text.strip_prefix('~') {
        let home = place.home.clone()?;
        return match rest.strip_prefix('/') {
            Some(below) => Some((below.to_owned(), home)),
            None if rest.is_empty() => Some((String::new(), home)),
            None => Some((rest.to_owned(), home.parent()?.to_owned())),
        };
    }
    Some((text.to_owned(), site.cwd.clone()?))
}

/// Removes `.` and resolves `..` without asking the machine.
pub fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::Normal(name) => normal.push(name),
            _ => {}
        }
    }
    normal
}

/// Follows the symbolic links in a path, as far as it exists.
fn real(path: &Path, place: &Place<'_>) -> PathBuf {
    let is_missing = |path: &&Path| place.canonical(path).is_none();
    // Most paths exist, or name something new in a directory that does.
    let near = path.ancestors().take(2).find(|above| fits(above) && !is_missing(above));
    let there = near.or_else(|| {
        // What is above an existing directory exists too, so of a thousand directories ten are looked at.
        let above: Vec<&Path> = path.ancestors().filter(|above| fits(above)).collect();
        above.get(above.partition_point(is_missing)).copied()
    });
    match there.map(|there| (place.canonical(there), path.strip_prefix(there))) {
        Some((Some(found), Ok(rest))) if rest.as_os_str().is_empty() => found,
        Some((Some(found), Ok(rest))) => found.join(rest),
        _ => path.to_owned(),
    }
}

/// Returns whether the system takes a path of this length (`PATH_MAX`).
pub fn fits(path: &Path) -> bool {
    path.as_os_str().len() < 4096
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::proposal::Environment;
    use crate::test_process::Scratch;
    use crate::world::Machine;

    #[test]
    fn links_are_followed_as_far_as_the_path_exists() {
        let scratch = Scratch::new();
        scratch.file("real/below/file", "", 0o600);
        std::os::unix::fs::symlink(scratch.path("real"), scratch.path("link")).unwrap();
        let root = scratch.path("").canonicalize().unwrap();
        let machine = Machine;
        let place = Place::new(root.clone(), Environment::default(), &machine);
        let site = Site::here(&root);
        let check = |text: &str, expect: &str| {
            let base = target(text, &site, &place).base;
            assert_eq!(base.unwrap().as_os_str(), root.join(expect).as_os_str(), "{text}");
        };
        check("link", "real");
        check("link/below/file", "real/below/file");
        check("link/new", "real/new");
        check("link/a/b/c/d/e", "real/a/b/c/d/e");
        check("link/below/file/x/y", "real/below/file/x/y");
        let deep = "a/".repeat(10_000) + "z";
        check(&format!("link/{deep}"), &format!("real/{deep}"));
    }
}
