//! What kind of place a path is: project, scratch, artefact, vital, database, backup.
//!
//! A partly unknown path may be of every kind that is costly to lose, and is of a harmless kind only where
//! that is certain.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::names::{
    AMBIGUOUS, ARTEFACTS, BACKUPS, DATABASES, DEVICES, LOCKS, NO_DATA, Names, PERSONAL, REPOSITORIES, SYSTEM,
    TEMPORARY, THUMBNAILS,
};
use super::path::{Look, Rest, Target, is_normal, look, target};
use super::{Place, Site, doors, git_ignore};
use crate::rulebook::format::PathKind;
use crate::truth::Truth;
use crate::unknown::is_known;
use crate::world::Kind;

/// How many entries of a directory are searched for data among artefacts.
const LOOK: usize = 200;

/// How many directories are searched for it.
const DIRECTORIES: usize = 500;

/// Returns whether the path `text`, used at `site`, is of that kind.
pub fn is(text: &str, kind: PathKind, site: &Site, place: &Place<'_>) -> Truth {
    is_any(text, &[kind], site, place)
}

/// Returns whether the path `text`, used at `site`, is of one of `kinds`.
pub fn is_any(text: &str, kinds: &[PathKind], site: &Site, place: &Place<'_>) -> Truth {
    if text.is_empty() {
        return Truth::No;
    }
    if site.elsewhere {
        return any(kinds, |kind| elsewhere(text, kind, site, place));
    }
    if site.absent.iter().any(|absent| absent == text) {
        let told = |kind| (kind == PathKind::Missing, kind == PathKind::Existing);
        let others: Vec<PathKind> =
            kinds.iter().copied().filter(|kind| told(*kind) == (false, false)).collect();
        let is_missing = kinds.contains(&PathKind::Missing);
        let here = Site { absent: Vec::new(), ..site.clone() };
        return Truth::certain_if(is_missing).or(is_any(text, &others, &here, place));
    }
    if let (None, Some(within)) = (&site.cwd, &site.within)
        && stays_within(text)
    {
        // Any one of its directories: none that could be looked into.
        let one = Site::here(&within.join("*"));
        return any(kinds, |kind| match kind {
            PathKind::Existing | PathKind::Missing | PathKind::Directory => unknown(kind, text),
            PathKind::Committed | PathKind::Door => unknown(kind, text),
            kind => is(text, kind, &one, place),
        });
    }
    let look = look(text, site, place);
    let target = &look.target;
    let find = |kind| match &target.base {
        Some(base) => Whole { look: &look, target, base, place }.is(kind),
        None => unknown(kind, text),
    };
    any(kinds, |kind| look.is(kind, || find(kind)))
}

/// Returns whether git, working in the directory `text` or told that it keeps its repository there, runs a hook of
/// guard's.
pub fn is_guarded(text: &str, site: &Site, place: &Place<'_>) -> Truth {
    let base = target(text, site, place).base.filter(|_| !site.elsewhere);
    Truth::certain_if(base.is_some_and(|base| doors::guards(&base, place)))
}

/// Returns whether the directory `text` is of one of `kinds` and apart from the project: where a command
/// began is a project wherever it is, and a work tree may belong to a repository elsewhere.
pub fn is_apart(text: &str, kinds: &[PathKind], site: &Site, place: &Place<'_>) -> Truth {
    let Some(base) = target(text, site, place).base else { return Truth::No };
    let in_project = place.project_or_cwd().is_some_and(|project| base.starts_with(project));
    let is_linked = base.ancestors().any(|above| place.world.kind(&above.join(".git")) == Some(Kind::File));
    if in_project || is_linked { Truth::No } else { is_any(text, kinds, site, place) }
}

/// Returns whether a path surely leads to no place outside the working directory.
fn stays_within(text: &str) -> bool {
    !text.starts_with(['/', '~']) && is_known(text) && !text.split('/').any(|part| part == "..")
}

fn any(kinds: &[PathKind], is: impl Fn(PathKind) -> Truth) -> Truth {
    kinds.iter().fold(Truth::No, |found, kind| found.or(is(*kind)))
}

/// On another machine nothing is known but the path itself: it is outside any project of ours, unless builds make
/// what has that name.
fn elsewhere(text: &str, kind: PathKind, site: &Site, place: &Place<'_>) -> Truth {
    let there = Site { cwd: None, within: None, elsewhere: false, moved: false, absent: Vec::new() };
    match kind {
        PathKind::OutsideProject => {
            Truth::certain_if(!text.starts_with("/tmp/") && !is_made_there(text, site))
        }
        PathKind::Artefact => Truth::certain_if(is_made_there(text, site)),
        PathKind::InsideProject | PathKind::Work | PathKind::Committed | PathKind::Existing => Truth::No,
        PathKind::Missing | PathKind::Directory | PathKind::Door => Truth::No,
        _ if text.starts_with('/') => is(text, kind, &there, place),
        PathKind::Database | PathKind::Backup | PathKind::Repository => named_text(text, kind),
        _ => Truth::No,
    }
}

/// Returns whether a path on another machine has a name that builds use. People use some of these names too: they
/// count only at the beginning, in what is taken for a copy of the directory here.
fn is_made_there(text: &str, site: &Site) -> bool {
    let parts = || text.split('/').filter(|part| !part.is_empty() && *part != ".");
    let is_copy = site.is_copy() && !text.starts_with(['/', '~']);
    let is_made = |part: &str| {
        // A name with an ending is a file's: `/var/log/app.log`.
        ARTEFACTS.have(part) && !AMBIGUOUS.have(part) && !part.trim_start_matches('.').contains('.')
    };
    let is_data = |part| part == ".." || DATABASES.have(part) || BACKUPS.have(part) || PERSONAL.have(part);
    is_known(text)
        && (parts().any(is_made) || is_copy && parts().next().is_some_and(|first| ARTEFACTS.have(first)))
        && !parts().any(is_data)
}

fn named_text(text: &str, kind: PathKind) -> Truth {
    Truth::certain_if(text.split('/').any(|part| names_of(kind).have(part)))
}

/// Returns the names by which a path is known to be of a kind.
fn names_of(kind: PathKind) -> &'static Names {
    match kind {
        PathKind::Database => &DATABASES,
        PathKind::Backup => &BACKUPS,
        _ => &REPOSITORIES,
    }
}

/// A path of which not even the beginning is known may be anything that matters.
fn unknown(kind: PathKind, text: &str) -> Truth {
    use PathKind::{Artefact, Committed, Door, Missing, Sink, Temporary};
    match kind {
        Temporary | Artefact | Sink | Missing | Committed | Door => Truth::No,
        // `rm "$file"` and `git checkout "$BRANCH"` are everyday; where a whole tree may go, the
        // other kinds ask.
        PathKind::Personal | PathKind::Existing => Truth::No,
        PathKind::Database | PathKind::Backup | PathKind::Repository => match named_text(text, kind) {
            Truth::No => Truth::No,
            found => found,
        },
        // An unknown word may be a device only where a device is usual; rules that mean devices
        // name the program (`mkfs`), so an unknown operand there is a device.
        _ => Truth::Possible,
    }
}

/// A path together with what surrounds it.
struct Whole<'a> {
    look: &'a Look,
    target: &'a Target,
    base: &'a Path,
    place: &'a Place<'a>,
}

impl Whole<'_> {
    fn found(&self) -> Option<Kind> {
        self.look.found(self.place)
    }

    fn is(&self, kind: PathKind) -> Truth {
        let (base, place) = (self.base, self.place);
        match kind {
            PathKind::Temporary => self.sure(temporary(base, place)),
            PathKind::OutsideProject => self.outside_project(),
            PathKind::InsideProject => self.or_anything(self.inside_project()),
            PathKind::Artefact => self.artefact(),
            PathKind::Vital => self.vital(),
            PathKind::Device => self.or_anything(device(base)),
            PathKind::Sink => self.sure(sink(base)),
            PathKind::Existing => self.existing(),
            PathKind::Missing => self.sure(self.found().is_none()),
            PathKind::Directory => self.or_anything(self.found() == Some(Kind::Directory)),
            PathKind::Database if NO_DATA.iter().any(|root| is_within(base, root)) => Truth::No,
            PathKind::Database | PathKind::Backup | PathKind::Repository => self.named(kind),
            PathKind::Personal => self.personal(),
            PathKind::Committed => self.sure(self.tracked() == Some(true)),
            PathKind::Door => match &self.target.rest {
                Rest::Known => self.sure(doors::is_one(base, self.found(), place)),
                Rest::Glob(glob) => self.sure(doors::is_among(base, glob, place)),
                Rest::Name | Rest::Anything => Truth::No,
            },
            PathKind::Work => {
                let work = self.inside_project() && self.artefact() != Truth::Certain;
                // What is unknown behind `/tmp/` leads to no project.
                Truth::certain_if(work && !temporary(base, place))
            }
        }
    }

    /// A harmless kind: certain or not at all.
    fn sure(&self, holds: bool) -> Truth {
        Truth::certain_if(holds && self.target.rest != Rest::Anything)
    }

    /// A kind that costs something: what is unknown may lead there.
    fn or_anything(&self, holds: bool) -> Truth {
        match (holds, &self.target.rest) {
            (true, _) => Truth::Certain,
            (false, Rest::Anything) => Truth::Possible,
            (false, _) => Truth::No,
        }
    }

    fn existing(&self) -> Truth {
        match (self.found(), &self.target.rest) {
            (None, Rest::Known) => Truth::No,
            (Some(_), Rest::Known) => Truth::Certain,
            _ => Truth::Possible,
        }
    }

    fn outside_project(&self) -> Truth {
        let inside = self.inside_project()
            || temporary(self.base, self.place) && !bare_temporary(self.base, self.target);
        match (inside, &self.target.rest) {
            (false, Rest::Known | Rest::Glob(_) | Rest::Name) => Truth::Certain,
            (false, Rest::Anything) => Truth::Certain,
            // `/tmp/$X` and `build/$X`: taken at their word.
            (true, _) => Truth::No,
        }
    }

    fn inside_project(&self) -> bool {
        self.place.project_or_cwd().is_some_and(|project| lies_in(self.base, project))
    }

    fn vital(&self) -> Truth {
        let base = self.base;
        let reaches = match &self.target.rest {
            Rest::Known => true,
            Rest::Glob(_) => self.target.everything_in,
            // `/$X` with an empty variable is the root.
            Rest::Anything => return if self.holds_vital() { Truth::Possible } else { Truth::No },
            Rest::Name => false,
        };
        // It has no `.` and no `//`, so its bytes can be compared.
        let is_it = |path: &&str| base.as_os_str() == *path;
        let system = SYSTEM.iter().any(is_it);
        let scratch = TEMPORARY.iter().any(is_it) && self.target.everything_in;
        let above_home = self.place.home.as_deref().is_some_and(|home| lies_in(home, base));
        let above_cwd = lies_in(&self.place.cwd, base);
        let above_project = self.place.project.as_deref().is_some_and(|project| lies_in(project, base));
        let is_home = |above: &Path| matches!(above.as_os_str().as_bytes(), b"/home" | b"/Users");
        let homes = base.parent().is_some_and(is_home);
        let is_shallow = base.as_os_str().as_bytes().iter().filter(|byte| **byte == b'/').count() < 4;
        // What is not there is no mount point, and the look for it is shared.
        let is_directory = || self.found() == Some(Kind::Directory);
        let mount = reaches && is_shallow && is_directory() && self.place.world.is_mount_point(base);
        let temporary_cwd = above_cwd && temporary(base, self.place) && self.place.project.is_none();
        Truth::certain_if(
            reaches
                && !scratch
                && !temporary_cwd
                && (system || above_home || above_cwd || above_project || homes || mount),
        )
    }

    /// Whether an unknown rest that turns out empty would leave a vital place.
    fn holds_vital(&self) -> bool {
        let known = Target { base: Some(self.base.to_owned()), rest: Rest::Known, everything_in: false };
        !temporary(self.base, self.place) && Whole { target: &known, ..*self }.vital() == Truth::Certain
    }

    fn personal(&self) -> Truth {
        let Some(home) = &self.place.home else { return Truth::No };
        let Some(below) = below(self.base, home) else { return Truth::No };
        if self.place.project.as_deref().is_some_and(|project| lies_in(self.base, project)) {
            return Truth::No;
        }
        let first = below.components().next().map(|part| part.as_os_str().to_string_lossy());
        Truth::certain_if(first.is_some_and(|first| PERSONAL.have(&first)))
    }

    /// Whether a part of the path below the project (or of all of it) has one of a kind's names.
    fn named(&self, kind: PathKind) -> Truth {
        let below = self.place.project.as_deref().and_then(|project| below(self.base, project));
        let below = below.unwrap_or(self.base);
        let is_one = |name: &str| names_of(kind).have(name) && !THUMBNAILS.contains(&name);
        let is_part = |part: &OsStr| is_one(&part.to_string_lossy());
        let above = || below.parent().is_some_and(|above| above.iter().any(is_part));
        let known = below.file_name().is_some_and(is_part) || self.is_in(kind, above);
        let globbed = matches!(&self.target.rest, Rest::Glob(glob) if glob.split('/').any(is_one));
        Truth::certain_if(known || globbed)
    }

    /// Whether the directory that the path lies in is of a kind by a name, which `find` finds out once a directory.
    fn is_in(&self, kind: PathKind, find: impl FnOnce() -> bool) -> bool {
        let Some(directory) = self.base.parent().map(Path::as_os_str) else { return find() };
        let mut named = self.place.seen.named.borrow_mut();
        let known = named.get(directory).into_iter().flatten().find(|(known, _)| *known == kind);
        if let Some((_, is)) = known {
            return *is;
        }
        let is = find();
        named.entry(directory.to_owned()).or_default().push((kind, is));
        is
    }

    fn artefact(&self) -> Truth {
        if !self.inside_project() {
            return Truth::No;
        }
        if self.named(PathKind::Backup) != Truth::No || self.named(PathKind::Database) != Truth::No {
            return Truth::No;
        }
        if let Rest::Glob(glob) = &self.target.rest
            && glob.split('/').any(|part| ARTEFACTS.have(part))
        {
            // `*.o`, `*/__pycache__`: what they match is made again, whatever stands beside it.
            return Truth::Certain;
        }
        let Some(project) = self.place.project_or_cwd() else { return Truth::No };
        let Some(below) = below(self.base, project) else { return Truth::No };
        let lock = below.file_name().is_some_and(|name| LOCKS.have(&name.to_string_lossy()));
        Truth::certain_if(
            lock || self.is_made_again(below) && self.tracked() != Some(true) && !self.holds_data(),
        )
    }

    /// Whether a part of the path has a name that builds use, and git agrees where people use it too.
    fn is_made_again(&self, below: &Path) -> bool {
        let artefacts: Vec<_> = below
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .filter(|part| ARTEFACTS.have(part))
            .collect();
        artefacts.iter().any(|part| !AMBIGUOUS.have(part))
            || !artefacts.is_empty()
                && (self.found().is_none()
                    || self.place.world.kind(&self.base.join("CACHEDIR.TAG")).is_some()
                    || self.place.project.as_deref().is_none_or(|project| {
                        git_ignore::ignores(project, self.base, self.place).unwrap_or(true)
                    }))
    }

    fn tracked(&self) -> Option<bool> {
        let below = below(self.base, self.place.project.as_deref()?)?;
        Some(self.place.index()?.has(below.to_str()?))
    }

    /// Looks into a directory, some levels deep, for backups and databases.
    fn holds_data(&self) -> bool {
        // Packages bring files that look like databases; nobody keeps their own there.
        if self
            .base
            .components()
            .any(|part| matches!(part.as_os_str().to_str(), Some("node_modules" | ".venv" | "venv")))
        {
            return false;
        }
        // What is run where it was built keeps its data beside itself: `bin/Debug/net10.0`.
        let is_run_from = self.base.components().any(|part| part.as_os_str() == "bin");
        self.holds_data_within(self.base, if is_run_from { 4 } else { 2 }, &mut { DIRECTORIES })
    }

    fn holds_data_within(&self, directory: &Path, levels: usize, directories: &mut usize) -> bool {
        let Some(left) = directories.checked_sub(1).filter(|_| levels > 0) else { return false };
        *directories = left;
        let names = self.place.world.list(directory, LOOK).unwrap_or_default();
        names.iter().any(|name| {
            BACKUPS.have(name)
                || DATABASES.have(name)
                || self.holds_data_within(&directory.join(name), levels - 1, directories)
        })
    }
}

fn temporary(path: &Path, place: &Place<'_>) -> bool {
    let fixed = TEMPORARY.iter().any(|root| is_within(path, root));
    let own = place.environment.text("TMPDIR").map(Path::new);
    let own = own.filter(|root| root.is_absolute() && root.components().count() > 2);
    fixed
        || is_within(path, "/private/var/folders")
        || is_within(path, "/var/folders")
        || own.is_some_and(|root| lies_in(path, root))
}

/// Returns whether a path that is as short as it can be written is a directory or below it; by bytes, because a
/// script's thousand paths are compared with a dozen directories.
fn is_within(path: &Path, directory: &str) -> bool {
    below_bytes(path, directory.as_bytes()).is_some()
}

/// Returns whether a path is a directory or below it.
fn lies_in(path: &Path, directory: &Path) -> bool {
    below(path, directory).is_some()
}

/// Returns what of a path is below a directory, if it lies there.
fn below<'p>(path: &'p Path, directory: &Path) -> Option<&'p Path> {
    let bytes = |path: &'p Path| path.as_os_str().as_bytes();
    let outer = directory.as_os_str().as_bytes();
    if !is_normal(bytes(path)) || !is_normal(outer) {
        return path.strip_prefix(directory).ok();
    }
    below_bytes(path, outer).map(|below| Path::new(OsStr::from_bytes(below)))
}

/// Returns what of a path follows a directory's bytes, without the slash between.
fn below_bytes<'p>(path: &'p Path, directory: &[u8]) -> Option<&'p [u8]> {
    let below = path.as_os_str().as_bytes().strip_prefix(directory)?;
    if below.is_empty() { Some(below) } else { below.strip_prefix(b"/") }
}

/// `/tmp` itself, not something in it.
fn bare_temporary(path: &Path, target: &Target) -> bool {
    target.rest == Rest::Known && TEMPORARY.iter().any(|root| path.as_os_str() == *root)
}

fn device(path: &Path) -> bool {
    let Ok(name) = path.strip_prefix("/dev") else { return false };
    DEVICES.have(&name.to_string_lossy())
}

fn sink(path: &Path) -> bool {
    let Some(name) = path.as_os_str().as_bytes().strip_prefix(b"/dev/") else { return false };
    matches!(name, b"null" | b"stdout" | b"stderr" | b"tty" | b"zero" | b"full")
        || is_within(path, "/dev/fd")
        || is_within(path, "/dev/pts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_directory_is_what_the_standard_library_says() {
        let paths = ["/", "/a", "/a/", "/a/b", "/ab", "/a/b/c", "/a//b", "a/b", "", "/a/../b", "/a/./b"];
        for path in paths.map(Path::new) {
            for directory in paths.map(Path::new) {
                let expect =
                    path.strip_prefix(directory).ok().map(|below| below.components().collect::<Vec<_>>());
                let found = below(path, directory).map(|below| below.components().collect::<Vec<_>>());
                assert_eq!(found, expect, "{path:?} below {directory:?}");
            }
        }
    }
}
