//! Paths as commands write them, which may be partly unknown.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::names::ARTEFACTS;
use super::{Place, Site};
use crate::rulebook::format::PathKind;
use crate::truth::Truth;
use crate::unknown::is_mark;
use crate::world::Kind;

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

/// The paths that were looked at, by the directory that they are used in. (A directory is compared as its bytes, which is
/// quicker than as a path.)
#[derive(Default)]
pub(super) struct Looks {
    all: HashMap<Rc<OsStr>, Rc<Used>>,
    /// The one that was asked for last: one rule after the other asks of the same.
    last: Option<Rc<Look>>,
}

/// A directory, if it is known, and the paths that are used in it, as they are written.
struct Used {
    cwd: Rc<OsStr>,
    looks: RefCell<HashMap<Rc<str>, Rc<Look>>>,
}

impl Looks {
    /// Returns what was asked for last, if that is it.
    fn again(&self, cwd: &OsStr, text: &str) -> Option<Rc<Look>> {
        self.last.as_ref().filter(|last| *last.text == *text && *last.cwd == *cwd).map(Rc::clone)
    }

    /// Returns what is used in a directory.
    fn used_in(&mut self, cwd: &OsStr) -> Rc<Used> {
        if let Some(known) = self.all.get(cwd) {
            return Rc::clone(known);
        }
        let cwd: Rc<OsStr> = cwd.into();
        let used = Rc::new(Used { cwd: Rc::clone(&cwd), looks: RefCell::default() });
        self.all.insert(cwd, Rc::clone(&used));
        used
    }
}

/// A path that was looked at: many rules ask the same of it.
pub struct Look {
    /// The directory that it is used in, and the path as it is written.
    cwd: Rc<OsStr>,
    text: Rc<str>,
    /// Where it leads.
    pub target: Target,
    /// What is at its base, once that was asked.
    found: OnceCell<Option<Kind>>,
    kinds: RefCell<Vec<(PathKind, Truth)>>,
}

impl Look {
    /// Returns what is at its base.
    pub fn found(&self, place: &Place<'_>) -> Option<Kind> {
        let look = || self.target.base.as_deref().and_then(|base| place.world.kind(base));
        *self.found.get_or_init(look)
    }

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
pub fn look(text: &str, site: &Site, place: &Place<'_>) -> Rc<Look> {
    let cwd = site.cwd.as_deref().map_or(OsStr::new(""), Path::as_os_str);
    if let Some(again) = place.seen.looks.borrow().again(cwd, text) {
        return again;
    }
    let used = place.seen.looks.borrow_mut().used_in(cwd);
    let known = used.looks.borrow().get(text).cloned();
    let look = known.unwrap_or_else(|| {
        let (target, found) = read(text, site, place);
        let (cwd, text): (_, Rc<str>) = (Rc::clone(&used.cwd), text.into());
        let look = Look { cwd, text: Rc::clone(&text), target, found, kinds: RefCell::default() };
        let look = Rc::new(look);
        used.looks.borrow_mut().insert(text, Rc::clone(&look));
        look
    });
    place.seen.looks.borrow_mut().last = Some(Rc::clone(&look));
    look
}

/// Reads a path; returns what is at its base as well, where it was looked for.
fn read(text: &str, site: &Site, place: &Place<'_>) -> (Target, OnceCell<Option<Kind>>) {
    let unknown = Target { base: None, rest: Rest::Anything, everything_in: false };
    let Some((text, cwd)) = rooted(text, site, place) else { return (unknown, OnceCell::new()) };
    // The known beginning ends at the segment that holds the first unknown or the first wildcard.
    let cut = text.find(|c| is_mark(c) || matches!(c, '*' | '?' | '['));
    let Some(cut) = cut else {
        let (base, found) = real(&normal(cwd.join(&*text)), place);
        return (Target { base: Some(base), rest: Rest::Known, everything_in: false }, found);
    };
    let slash = text[..cut].rfind('/').map_or(0, |at| at + 1);
    let base = match &text[..slash] {
        "" if text.starts_with('/') => PathBuf::from("/"),
        known => normal(cwd.join(known)),
    };
    let (base, found) = real(&base, place);
    let is_below = slash > 0 && !text.starts_with('/') && site.cwd.as_deref() == Some(cwd);
    (behind(base, &text[slash..], is_below), found)
}

/// Reads what follows the known beginning of a path, which may lie surely below the working directory.
fn behind(base: PathBuf, tail: &str, is_below: bool) -> Target {
    let base = Some(base);
    if tail.contains(is_mark) {
        let first = tail.split('/').next().unwrap_or_default();
        if tail.split('/').any(|part| part == "..") {
            // `/tmp/$X/../../srv`
            return Target { base: None, rest: Rest::Anything, everything_in: false };
        }
        // `packages/$X/dist`: whatever is between, it is a name that builds use.
        if is_below && tail.split('/').skip(1).any(|part| ARTEFACTS.have(part)) {
            let glob = tail.replace(is_mark, "*");
            return Target { base, rest: Rest::Glob(glob), everything_in: false };
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
fn rooted<'t>(text: &'t str, site: &'t Site, place: &'t Place<'_>) -> Option<(Cow<'t, str>, &'t Path)> {
    let text = text.strip_prefix("file://").unwrap_or(text);
    if text.starts_with('/') {
        return Some((Cow::Borrowed(text), Path::new("/")));
    }
    if let [letter, b':', b'\\' | b'/', ..] = text.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        // A drive of Windows lies in no project of ours.
        return Some((Cow::Owned(format!("/{}", text.replace('\\', "/"))), Path::new("/")));
    }
    if text.starts_with(is_mark) {
        return None;
    }
    if let Some(rest) = text.strip_prefix('~') {
        let home = place.home.as_deref()?;
        return match rest.strip_prefix('/') {
            Some(below) => Some((Cow::Borrowed(below), home)),
            None if rest.is_empty() => Some((Cow::Borrowed(""), home)),
            None => Some((Cow::Borrowed(rest), home.parent()?)),
        };
    }
    Some((Cow::Borrowed(text), site.cwd.as_deref()?))
}

/// Removes `.` and resolves `..` without asking the machine.
pub fn normalise(path: &Path) -> PathBuf {
    normal(path.to_owned())
}

/// Removes `.` and resolves `..`, if there are any.
fn normal(path: PathBuf) -> PathBuf {
    if is_normal(path.as_os_str().as_bytes()) {
        return path;
    }
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

/// Returns whether a path is surely absolute and as short as it can be written.
pub(super) fn is_normal(path: &[u8]) -> bool {
    if path.len() < 2 || path[0] != b'/' || path.ends_with(b"/") {
        return false;
    }
    // Only behind such a pair may there be a part that is empty, `.` or `..`.
    let is_odd = |pair: &[u8]| pair[0] == b'/' && matches!(pair[1], b'/' | b'.');
    let is_name = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    !path.windows(2).any(is_odd) || path[1..].split(|byte| *byte == b'/').all(is_name)
}

/// Follows the symbolic links in a path, as far as it exists; returns what is there as well, where that is known.
fn real(path: &Path, place: &Place<'_>) -> (PathBuf, OnceCell<Option<Kind>>) {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return (path.to_owned(), OnceCell::new());
    };
    if let Some(parent) = below_nothing(parent, place) {
        return (joined(&parent, name), OnceCell::from(None));
    }
    // Most paths exist, or name something new in a directory that does, whose links are followed once.
    if fits(path)
        && let Some(parent) = place.canonical(parent)
    {
        let found = place.world.kind(path);
        let linked = if found == Some(Kind::Link) { place.canonical(path) } else { None };
        return match linked {
            Some(linked) => (linked, OnceCell::new()),
            None => (joined(&parent, name), OnceCell::from(found)),
        };
    }
    // What is above an existing directory exists too, so of a thousand directories ten are looked at.
    let above: Vec<&Path> = path.ancestors().filter(|above| fits(above)).collect();
    let there = above.get(above.partition_point(|above| place.canonical(above).is_none())).copied();
    let real = match there.map(|there| (place.canonical(there), path.strip_prefix(there))) {
        Some((Some(found), Ok(rest))) if rest.as_os_str().is_empty() => found,
        Some((Some(found), Ok(rest))) => found.join(rest),
        _ => path.to_owned(),
    };
    if let Some(real) = real.parent().filter(|_| there != Some(parent)) {
        missing(parent, real, place);
    }
    (real, OnceCell::new())
}

/// Returns where a directory leads that is known not to be there, or not to be where it would be: what is below one that
/// is not there is not there either.
fn below_nothing(directory: &Path, place: &Place<'_>) -> Option<PathBuf> {
    let known = |path: &Path| {
        let missing = place.seen.missing.borrow();
        let real = missing.get(path.as_os_str())?;
        Some(real.as_deref().unwrap_or(path).to_owned())
    };
    if let Some(real) = known(directory) {
        return Some(real);
    }
    let real = joined(&known(directory.parent()?)?, directory.file_name()?);
    missing(directory, &real, place);
    Some(real)
}

/// Joins a name to a directory, in as little room as that takes: a script may name thousands of long paths.
fn joined(directory: &Path, name: &OsStr) -> PathBuf {
    let mut path = PathBuf::with_capacity(directory.as_os_str().len() + 1 + name.len());
    path.push(directory);
    path.push(name);
    path
}

/// Notes where a directory leads that is not there.
fn missing(directory: &Path, real: &Path, place: &Place<'_>) {
    if fits(directory) {
        let leads_elsewhere = real.as_os_str() != directory.as_os_str();
        place.seen.missing.borrow_mut().insert(directory.into(), leads_elsewhere.then(|| real.to_owned()));
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
    fn a_path_is_normal_where_no_part_of_it_leads_elsewhere() {
        for normal in ["/a", "/a/.git", "/a/..b", "/a/b.", "/.../a", "/a..b/c"] {
            assert!(is_normal(normal.as_bytes()), "{normal}");
        }
        for other in ["", "/", "a", "a/b", "/a/", "/a//b", "/a/./b", "/a/../b", "/a/..", "/a/.", "/..", "//a"]
        {
            assert!(!is_normal(other.as_bytes()), "{other}");
        }
    }

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
