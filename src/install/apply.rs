//! Carries out a plan, recording each step on the receipt as it is done.

use std::fs;
use std::io;
use std::path::Path;

use super::receipt::{Bytes, Receipt, Step, digest};
use super::{Change, Here, Plan, block, files, merge};

/// Does what `plan` says for the door called `door`. The receipt is written after each change, so that
/// what was done can be undone wherever this stops.
///
/// # Errors
///
/// Returns the file that could not be changed, and why; what was done before it is on the receipt.
pub fn apply(door: &str, plan: &Plan, here: &Here) -> Result<(), String> {
    let told = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let mut receipt = Receipt::read(&here.receipts, door)
        .map_err(|error| error.to_string())?
        .unwrap_or_else(|| Receipt { door: door.to_owned(), ..Receipt::default() });
    env!("CARGO_PKG_VERSION").clone_into(&mut receipt.guard);
    receipt.make_directory(&here.receipts).map_err(|error| told(&here.receipts, error))?;
    for change in &plan.changes {
        let path = change.path();
        let directory = if let Change::Links { directory, .. } = change { directory } else { parent(path) };
        receipt.make_directory(directory).map_err(|error| told(directory, error))?;
        let done = make(change, receipt.of(change), here).map_err(|error| told(path, error))?;
        receipt.put(done);
        receipt.write(&here.receipts).map_err(|error| told(&here.receipts, error))?;
    }
    Ok(())
}

/// Makes a change, and returns what was done; `was` is what was done there before.
fn make(change: &Change, was: Option<&Step>, here: &Here) -> io::Result<Step> {
    match change {
        Change::Block { file, lines } => {
            let now = files::read(file)?;
            let text = String::from_utf8(now.clone().unwrap_or_default())
                .map_err(|_| io::Error::other("it is not UTF-8, and was left alone"))?;
            let without = now.map(|_| block::take_out(&text).unwrap_or_else(|| text.clone()).into_bytes());
            write(file, block::put(&text, lines).as_bytes(), None, without, was, true)
        }
        Change::File { file, content, program } => {
            let mode = program.then_some(0o755);
            write(file, content.as_bytes(), mode, files::read(file)?, was, false)
        }
        Change::Merge { file, ours, mark } => {
            let now = files::read(file)?;
            let text = String::from_utf8(now.clone().unwrap_or_default())
                .map_err(|_| io::Error::other("it is not UTF-8, and was left alone"))?;
            let merged = merge::put(&text, ours, mark).map_err(io::Error::other)?;
            // Without what an earlier one put there, unless it was put there by hand.
            let without = now.map(|_| merge::take_out(&text, ours).unwrap_or(text).into_bytes());
            let step = write(file, merged.as_bytes(), None, without, was, false)?;
            Ok(match step {
                Step::Wrote { path, before, after, .. } => {
                    Step::Merged { path, before, after, ours: ours.clone() }
                }
                step => step,
            })
        }
        Change::Links { directory, names } => {
            for name in names {
                if !super::plan::is_current(&directory.join(name), &here.program) {
                    files::link(&here.program, &directory.join(name))?;
                }
            }
            let mut names = names.clone();
            if let Some(Step::Linked { names: earlier, .. }) = was {
                names.extend(earlier.iter().cloned());
            }
            names.sort();
            names.dedup();
            Ok(Step::Linked { path: directory.clone(), names })
        }
        Change::Move { from, to } => {
            if to.exists() {
                return Err(io::Error::other(format!("{} is in the way", to.display())));
            }
            fs::rename(from, to)?;
            Ok(Step::Moved { from: from.clone(), to: to.clone() })
        }
    }
}

/// Writes a file; `now` is what of it is not guard's.
fn write(
    path: &Path,
    content: &[u8],
    mode: Option<u32>,
    now: Option<Vec<u8>>,
    was: Option<&Step>,
    block: bool,
) -> io::Result<Step> {
    // What was there before guard came, unless somebody else has changed it since.
    let before = match (was, files::read(path)?) {
        (Some(Step::Wrote { before, after, .. } | Step::Merged { before, after, .. }), Some(bytes))
            if digest(&bytes) == *after =>
        {
            before.clone()
        }
        _ => now.map(Bytes::from),
    };
    files::write(path, content, mode)?;
    Ok(Step::Wrote { path: path.to_owned(), before, after: digest(content), block })
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

impl Receipt {
    fn make_directory(&mut self, path: &Path) -> io::Result<()> {
        let made = files::make_directory(path)?;
        self.steps.extend(made.into_iter().map(|path| Step::Made { path }));
        Ok(())
    }

    /// Returns the step in which a change was made before.
    fn of(&self, change: &Change) -> Option<&Step> {
        self.steps.iter().find(|step| match (step, change) {
            (Step::Wrote { path, .. }, Change::Block { file, .. } | Change::File { file, .. }) => {
                path == file
            }
            (Step::Merged { path, .. }, Change::Merge { file, .. }) => path == file,
            (Step::Linked { path, .. }, Change::Links { directory, .. }) => path == directory,
            _ => false,
        })
    }

    /// Adds a step, in place of the one that did the same.
    fn put(&mut self, done: Step) {
        let same = |step: &Step| match (step, &done) {
            (Step::Wrote { path: one, .. }, Step::Wrote { path: other, .. })
            | (Step::Merged { path: one, .. }, Step::Merged { path: other, .. })
            | (Step::Linked { path: one, .. }, Step::Linked { path: other, .. }) => one == other,
            _ => false,
        };
        match self.steps.iter().position(same) {
            Some(at) => self.steps[at] = done,
            None => self.steps.push(done),
        }
    }
}
