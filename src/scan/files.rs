//! Which files are scanned: those below paths, those in git's index, those that changed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::RangeInclusive;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ignore::WalkBuilder;

use crate::run;
use crate::world::{Kind, Machine, Unreadable, World};

/// A file to scan.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The file.
    pub path: PathBuf,
    /// Its project where it is in no repository.
    pub root: PathBuf,
    /// Whether it was named itself.
    pub named: bool,
    /// The lines that count; `None` for all.
    pub lines: Option<Vec<RangeInclusive<usize>>>,
}

/// Finds the files below `paths`, as git sees them: ignored ones are passed over, links not followed.
///
/// # Errors
///
/// Returns the path that does not exist.
pub fn below(paths: &[PathBuf]) -> Result<Vec<Candidate>, String> {
    let mut found = Vec::new();
    for path in paths {
        let absolute = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let kind = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
        if kind.is_dir() {
            found.extend(walk(&absolute));
        } else {
            let root = absolute.parent().unwrap_or(&absolute).to_owned();
            found.push(Candidate { path: absolute, root, named: true, lines: None });
        }
    }
    Ok(found)
}

fn walk(directory: &Path) -> impl Iterator<Item = Candidate> {
    let mut walk = WalkBuilder::new(directory);
    walk.hidden(false).follow_links(false).filter_entry(|entry| entry.file_name() != ".git");
    walk.sort_by_file_name(OsStr::cmp);
    let root = directory.to_owned();
    walk.build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(move |entry| Candidate {
            path: entry.into_path(),
            root: root.clone(),
            named: false,
            lines: None,
        })
}

/// The machine, but with files as git's index has them.
#[derive(Debug, Default)]
pub struct Index {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Index {
    /// Reads what is staged.
    ///
    /// # Errors
    ///
    /// Returns why git gives no answer.
    pub fn staged() -> Result<(Self, Vec<Candidate>), String> {
        let root = root()?;
        let changed =
            git(&["diff", "--cached", "--name-only", "-z", "--diff-filter=ACMRT", "--no-ext-diff"])?;
        let names: Vec<&[u8]> = changed.split(|byte| *byte == 0).filter(|name| !name.is_empty()).collect();
        let mut files = BTreeMap::new();
        let mut found = Vec::new();
        for (name, content) in blobs(&names)? {
            let path = root.join(OsStr::from_bytes(name));
            files.insert(path.clone(), content);
            found.push(Candidate { path, root: root.clone(), named: false, lines: None });
        }
        Ok((Self { files }, found))
    }
}

/// Reads files from the index, all with one git.
fn blobs<'n>(names: &[&'n [u8]]) -> Result<Vec<(&'n [u8], Vec<u8>)>, String> {
    // Links and submodules have no text of their own.
    let listed = git(&["ls-files", "--cached", "--stage", "-z", "--full-name", ":/"])?;
    let regular: BTreeMap<&[u8], &str> = listed
        .split(|byte| *byte == 0)
        .filter_map(|line| {
            let tab = line.iter().position(|byte| *byte == b'\t')?;
            let mut head = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
            let (mode, object) = (head.next()?, head.next()?);
            mode.starts_with("100").then_some((&line[tab + 1..], object))
        })
        .collect();
    let object = |name: &&'n [u8]| Some((*name, *regular.get(name)?));
    let wanted: Vec<(&[u8], &str)> = names.iter().filter_map(object).collect();
    let questions: String = wanted.iter().map(|(_, object)| format!("{object}\n")).collect();
    let mut answer = &git_with(&["cat-file", "--batch"], questions)?[..];
    let mut all = Vec::new();
    for (name, _) in wanted {
        let broken = || "git cat-file answered something else than was asked".to_owned();
        let newline = answer.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let head = std::str::from_utf8(&answer[..newline]).map_err(|_| broken())?;
        let size: usize = head.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(broken)?;
        let content = answer.get(newline + 1..newline + 1 + size).ok_or_else(broken)?;
        all.push((name, content.to_vec()));
        answer = answer.get(newline + size + 2..).unwrap_or_default();
    }
    Ok(all)
}

/// Finds the files that changed since this work tree branched off `revision`, with the changed lines.
///
/// # Errors
///
/// Returns why git gives no answer.
pub fn changed_since(revision: &str) -> Result<Vec<Candidate>, String> {
    let root = root()?;
    let said = git(&[
        "-c",
        "core.quotePath=false",
        "diff",
        "--merge-base",
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--diff-filter=ACMRT",
        "--dst-prefix=b/",
        "--end-of-options",
        revision,
        "--",
    ])?;
    let mut found: Vec<Candidate> = Vec::new();
    let mut is_head = true;
    for line in said.split(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            is_head = true;
        } else if is_head && let Some(name) = line.strip_prefix(b"+++ ") {
            let name = unquoted(name);
            let path = root.join(OsString::from_vec(name.strip_prefix(b"b/").unwrap_or(&name).to_vec()));
            found.push(Candidate { path, root: root.clone(), named: false, lines: Some(Vec::new()) });
        } else if let Some(hunk) = line.strip_prefix(b"@@ ")
            && let (Some(lines), Some(Candidate { lines: Some(all), .. })) = (added(hunk), found.last_mut())
        {
            is_head = false;
            all.push(lines);
        }
    }
    Ok(found)
}

/// Reads `-a,b +c,d @@`: the lines that are there now.
fn added(hunk: &[u8]) -> Option<RangeInclusive<usize>> {
    let text = std::str::from_utf8(hunk.split(|byte| *byte == b'@').next()?).ok()?;
    let now = text.split(' ').find_map(|word| word.strip_prefix('+'))?;
    let (first, count) = now.split_once(',').unwrap_or((now, "1"));
    let (first, count): (usize, usize) = (first.parse().ok()?, count.parse().ok()?);
    (count > 0).then(|| first..=first + count - 1)
}

/// Reads a name as git writes it, in quotes where it has characters that need them; a tab may follow.
fn unquoted(name: &[u8]) -> Vec<u8> {
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    let Some(inside) = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) else {
        return name.to_vec();
    };
    let mut plain = Vec::new();
    let mut bytes = inside.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        match bytes.next() {
            Some(digit @ b'0'..=b'3') => {
                let rest = [bytes.next(), bytes.next()].into_iter().flatten();
                plain.push(rest.fold(digit - b'0', |code, next| (code << 3) | (next.wrapping_sub(b'0') & 7)));
            }
            Some(b'n') => plain.push(b'\n'),
            Some(b't') => plain.push(b'\t'),
            Some(b'r') => plain.push(b'\r'),
            Some(b'a') => plain.push(7),
            Some(b'b') => plain.push(8),
            Some(b'f') => plain.push(12),
            Some(b'v') => plain.push(11),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

fn root() -> Result<PathBuf, String> {
    let said = git(&["rev-parse", "--show-toplevel"])?;
    Ok(PathBuf::from(OsString::from_vec(said.strip_suffix(b"\n").unwrap_or(&said).to_vec())))
}

fn git(words: &[&str]) -> Result<Vec<u8>, String> {
    git_with(words, String::new())
}

/// Runs the real git, not a shim, and returns its output.
fn git_with(words: &[&str], input: String) -> Result<Vec<u8>, String> {
    use std::io::Write;
    let path = std::env::var_os("PATH");
    let program = run::find(OsStr::new("git"), path.as_deref()).map_err(|error| format!("git: {error}"))?;
    let mut command = Command::new(program);
    command.args(words).env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: std::io::Error| format!("git {}: {error}", words[0]);
    let mut child = command.spawn().map_err(failed)?;
    let stdin = child.stdin.take();
    // Written by another thread: git answers while the question is still being written.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().map_err(failed)?;
    let _ = writer.join();
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ");
    Err(format!(
        "git {}: {why}",
        words.iter().find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or(&"")
    ))
}

impl World for Index {
    fn kind(&self, path: &Path) -> Option<Kind> {
        if self.files.contains_key(path) { Some(Kind::File) } else { Machine.kind(path) }
    }

    fn read(&self, path: &Path, limit: usize) -> Result<(Vec<u8>, bool), Unreadable> {
        match self.files.get(path) {
            Some(content) => Ok((content[..content.len().min(limit)].to_vec(), content.len() <= limit)),
            None => Machine.read(path, limit),
        }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        Machine.canonical(path)
    }

    fn list(&self, directory: &Path, limit: usize) -> Option<Vec<String>> {
        Machine.list(directory, limit)
    }

    fn is_mount_point(&self, path: &Path) -> bool {
        Machine.is_mount_point(path)
    }

    fn others_may_write(&self, path: &Path) -> bool {
        Machine.others_may_write(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_hunk() {
        let check = |hunk: &str, expect| assert_eq!(added(hunk.as_bytes()), expect, "{hunk}");
        check("-3,0 +4,2 @@ fn x", Some(4..=5));
        check("-1 +1 @@", Some(1..=1));
        check("-5,3 +4,0 @@", None);
        check("", None);
    }

    #[test]
    fn names_as_git_writes_them() {
        let check = |name: &str, expect: &[u8]| assert_eq!(unquoted(name.as_bytes()), expect, "{name}");
        check("b/a b.sh\t", b"b/a b.sh");
        check(r#""b/\"x\\\ty\303\244""#, b"b/\"x\\\ty\xc3\xa4");
    }
}
