//! `guard scan`: destructive commands in files.

mod sarif;
mod show;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, ValueEnum};

use crate::config::ConfigError;
use crate::entry::outcome;
use crate::exit::{Exit, Status};
use crate::scan::baseline::Baseline;
use crate::scan::files::{self, Candidate, Index};
use crate::scan::judge::{Judge, NO_KIND};
use crate::scan::kinds::Kinds;
use crate::scan::{Finding, Scanned};
use crate::text::{Paint, When, safe, safe_lines, so_many};
use crate::world::{Machine, World};

/// Options of `guard scan`.
#[derive(Args, Debug)]
pub struct ScanArgs {
    /// Files, and directories with all that git does not ignore below them
    #[arg(value_name = "PATH", required_unless_present_any = ["staged", "diff"])]
    pub paths: Vec<PathBuf>,
    /// Scan what is staged for the next commit, as it is staged
    #[arg(long, conflicts_with_all = ["paths", "diff"])]
    pub staged: bool,
    /// Scan only the lines that changed since this branch left REV
    #[arg(long, value_name = "REV", conflicts_with = "paths")]
    pub diff: Option<String>,
    /// How to print what was found
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Report only what is not in this list
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what was found to the list instead of reporting it
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
    /// Also report what depends on values that only a run provides
    #[arg(long)]
    pub possible: bool,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
}

/// Why a scan failed.
enum Failed {
    /// It was called wrongly.
    Usage(String),
    /// Guard's own files are broken.
    Broken(String, Option<String>),
}

impl From<ConfigError> for Failed {
    fn from(error: ConfigError) -> Self {
        Self::Broken(error.message, Some(error.hint))
    }
}

/// Scans what is staged, as git's hook `pre-commit` does.
pub fn staged() -> Status {
    run(&ScanArgs {
        paths: Vec::new(),
        staged: true,
        diff: None,
        format: Format::Text,
        baseline: None,
        write_baseline: false,
        possible: false,
    })
}

/// Runs `guard scan`.
pub(super) fn run(args: &ScanArgs) -> Status {
    match scan(args) {
        Ok(exit) => exit,
        Err(Failed::Usage(message)) => {
            eprintln!("guard: {}\n\nhint: guard scan --help", safe_lines(&message));
            Exit::Usage
        }
        Err(Failed::Broken(message, hint)) => outcome::broken(&message, hint.as_deref()),
    }
    .into()
}

fn scan(args: &ScanArgs) -> Result<Exit, Failed> {
    let kinds = Kinds::builtin().map_err(|error| Failed::Broken(error, None))?;
    let base = std::env::current_dir().map_err(|error| Failed::Usage(error.to_string()))?;
    let mut scanned = match (&args.staged, &args.diff) {
        (true, _) => {
            let (index, files) = Index::staged().map_err(Failed::Usage)?;
            judged(&kinds, &index, &files, args.possible)?
        }
        (_, Some(revision)) => {
            let files = files::changed_since(revision).map_err(Failed::Usage)?;
            judged(&kinds, &Machine, &files, args.possible)?
        }
        _ => judged(&kinds, &Machine, &files::below(&args.paths).map_err(Failed::Usage)?, args.possible)?,
    };
    if args.paths.len() > 1 {
        // A caller that passes every file of a commit knows that most hold no commands.
        scanned.notes.retain(|note| note.text != NO_KIND);
    }
    if let Some(path) = &args.baseline {
        if args.write_baseline {
            return written(path, &scanned.findings, &base);
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failed::Usage(format!("{}: {error}", path.display())))?;
        let list =
            Baseline::read(&text).map_err(|why| Failed::Usage(format!("{}: {why}", path.display())))?;
        list.apply(&mut scanned);
    }
    let paint = Paint::choose(When::Auto, std::io::stdout().is_terminal());
    let text = match args.format {
        Format::Text => show::text(&scanned, &base, paint),
        Format::Json => show::json(&scanned, &base),
        Format::Sarif => sarif::text(&scanned, &base),
    };
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failed::Broken(error.to_string(), None))?;
    if args.format != Format::Text {
        tell_notes(&scanned, &base);
    }
    Ok(if scanned.findings.is_empty() { Exit::Done } else { Exit::WouldAsk })
}

/// Judges files, on as many threads as the machine has processors.
fn judged(
    kinds: &Kinds,
    world: &(dyn World + Sync),
    candidates: &[Candidate],
    possible: bool,
) -> Result<Scanned, Failed> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Scanned)>> = Mutex::default();
    let failed: Mutex<Option<ConfigError>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(candidates.len());
    let work = || {
        let mut judge = Judge::new(kinds, world, possible);
        let mut own = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(candidate) = candidates.get(at)
        {
            match judge.file(&candidate.path, &candidate.root, candidate.named) {
                Ok(mut scanned) => {
                    scanned.findings.retain(|finding| counts(candidate, finding));
                    own.push((at, scanned));
                }
                Err(error) => {
                    next.store(candidates.len(), Ordering::Relaxed);
                    failed.lock().map(|mut failed| *failed = Some(error)).ok();
                }
            }
        }
        done.lock().map(|mut done| done.append(&mut own)).ok();
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    if let Some(error) = failed.into_inner().ok().flatten() {
        return Err(error.into());
    }
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(at, _)| *at);
    let mut all = Scanned::default();
    done.into_iter().for_each(|(_, scanned)| all.add(scanned));
    Ok(all)
}

/// Returns whether a finding is on a line that counts.
fn counts(candidate: &Candidate, finding: &Finding) -> bool {
    candidate.lines.as_ref().is_none_or(|lines| {
        lines
            .iter()
            .any(|changed| *changed.start() <= finding.end.line && finding.start.line <= *changed.end())
    })
}

fn written(path: &Path, findings: &[Finding], base: &Path) -> Result<Exit, Failed> {
    let text = Baseline::of(findings, base).text();
    std::fs::write(path, text).map_err(|error| Failed::Usage(format!("{}: {error}", path.display())))?;
    let findings = so_many(findings.len() as u64, "known finding");
    eprintln!("guard: {findings} written to {}", safe(&path.display().to_string()));
    Ok(Exit::Done)
}

fn tell_notes(scanned: &Scanned, base: &Path) {
    for note in &scanned.notes {
        eprintln!("guard: {}", show::note(note, base));
    }
}
