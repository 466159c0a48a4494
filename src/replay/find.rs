//! Finds transcripts and histories on this machine, and recognises what kind a file is.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;

use super::history::Manner;

/// Where shells keep their histories, from the home.
const HISTORIES: [&str; 5] =
    [".bash_history", ".zsh_history", ".histfile", ".zhistory", ".local/share/fish/fish_history"];

/// How deep below a directory of transcripts files are looked for.
const DEPTH: usize = 8;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A transcript that is one JSON document.
    Document,
    /// A transcript with an entry a line.
    Entries,
    /// Guard's own.
    Ledger,
    /// A shell's history.
    History(Manner),
}

/// The files of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What they are: `transcripts of Claude Code`, `shell history`.
    pub what: String,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Returns what is found on this machine; `ledger` is where guard's own may be.
pub fn found_here(home: &Path, ledger: Option<&Path>) -> Vec<Found> {
    let mut found = Vec::new();
    for agent in crate::agents::all() {
        let patterns = agent.transcripts.iter().flat_map(|known| &known.files);
        let mut files: Vec<PathBuf> = patterns.flat_map(|pattern| matching(home, pattern)).collect();
        files.sort();
        files.dedup();
        if !files.is_empty() {
            found.push(Found { what: format!("transcripts of {}", agent.title), files });
        }
    }
    let is_file = |path: &PathBuf| path.is_file();
    let histories: Vec<PathBuf> = HISTORIES.iter().map(|name| home.join(name)).filter(is_file).collect();
    if !histories.is_empty() {
        found.push(Found { what: "shell history".to_owned(), files: histories });
    }
    if let Some(ledger) = ledger.filter(|path| path.is_file()) {
        found.push(Found { what: "guard's ledger".to_owned(), files: vec![ledger.to_owned()] });
    }
    found
}

/// Returns the files that a pattern such as `~/.claude/projects/**/*.jsonl` names.
fn matching(home: &Path, pattern: &str) -> Vec<PathBuf> {
    let Some(pattern) = pattern.strip_prefix("~/") else { return Vec::new() };
    let Some(matcher) = matcher(home, pattern) else { return Vec::new() };
    let fixed: PathBuf = pattern.split('/').take_while(|part| !part.contains('*')).collect();
    let walk = WalkBuilder::new(home.join(fixed)).standard_filters(false).max_depth(Some(DEPTH)).build();
    let files =
        walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files.map(ignore::DirEntry::into_path).filter(|path| matcher.is_match(path)).collect()
}

fn matcher(home: &Path, pattern: &str) -> Option<GlobMatcher> {
    let home = globset::escape(home.to_str()?.trim_end_matches('/'));
    let glob = GlobBuilder::new(&format!("{home}/{pattern}")).literal_separator(true).build().ok()?;
    Some(glob.compile_matcher())
}

/// Returns what a file is, by its name and by how it begins.
pub(super) fn kind(path: &Path, from: &mut impl BufRead) -> io::Result<Kind> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beginning = from.fill_buf()?;
    let beginning = &beginning[..beginning.len().min(4096)];
    let text = String::from_utf8_lossy(beginning);
    let first = text.lines().next().unwrap_or_default();
    let begins = |what: &str| text.trim_start().starts_with(what);
    Ok(match () {
        () if first.starts_with("{\"n\":") => Kind::Ledger,
        () if Path::new(&name).extension().is_some_and(|end| end == "json") => Kind::Document,
        () if begins("{") => Kind::Entries,
        () if name == "fish_history" || begins("- cmd: ") => Kind::History(Manner::Fish),
        () if is_zsh(&name, first) => Kind::History(Manner::Zsh),
        () => Kind::History(Manner::Bash),
    })
}

fn is_zsh(name: &str, first: &str) -> bool {
    let timed = first.strip_prefix(": ").and_then(|rest| rest.split_once(';'));
    let is_time = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    [".zsh_history", ".histfile", ".zhistory"].contains(&name) || timed.is_some_and(|(time, _)| is_time(time))
}
