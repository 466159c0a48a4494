//! Globs against the directories of this machine.

use std::path::Path;

use super::pattern::Pattern;
use crate::place::Place;
use crate::resolve::action::Site;

/// How many names a glob may stand for; one that would be more stays a glob.
const MOST: usize = 64;

/// How many names of one directory are looked at.
const LISTED: usize = 4096;

/// Returns the paths that a glob stands for at `site`: `None` where that is not known, or where it
/// fits nothing, so that it stands for itself. Counts in `looks` what was looked at.
pub(super) fn matching(glob: &str, site: &Site, place: &Place<'_>, looks: &mut usize) -> Option<Vec<String>> {
    if site.elsewhere || glob.contains("**") || glob.split('/').count() > 16 {
        return None;
    }
    let mut found = vec![String::new()];
    let mut segments = glob.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        let mut next = Vec::new();
        for before in &found {
            for name in names(before, segment, site, place, looks)? {
                next.push(format!("{before}{name}{}", if is_last { "" } else { "/" }));
            }
        }
        if next.is_empty() || next.len() > MOST {
            return None;
        }
        found = next;
    }
    Some(found)
}

/// Returns the names in `directory` that fit one segment of a glob.
fn names(
    directory: &str,
    segment: &str,
    site: &Site,
    place: &Place<'_>,
    looks: &mut usize,
) -> Option<Vec<String>> {
    *looks += 64;
    let path = if directory.starts_with('/') {
        Path::new(directory).to_owned()
    } else {
        site.cwd.as_ref()?.join(directory)
    };
    if !segment.contains(['*', '?', '[']) {
        let is_there = segment.is_empty() || place.canonical(&path.join(segment)).is_some();
        return Some(if is_there { vec![segment.to_owned()] } else { Vec::new() });
    }
    let pattern = Pattern::read(segment)?;
    let listed = place.world.list(&path, LISTED).unwrap_or_default();
    *looks += listed.len();
    if listed.len() == LISTED {
        return None;
    }
    let is_shown = |name: &String| segment.starts_with('.') || !name.starts_with('.');
    Some(listed.into_iter().filter(is_shown).filter(|name| pattern.matches(name)).collect())
}
