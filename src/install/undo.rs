//! Undoes what is on a receipt. What a user has changed since is left alone and reported.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::receipt::{Bytes, Receipt, Step, all, digest};
use super::{Here, block, files, merge};

/// Undoes a receipt, from its end; returns what was done and what was left, a line each.
///
/// # Errors
///
/// Returns the file that could not be put back, and why; what is left to undo is still on the receipt.
pub fn undo(mut receipt: Receipt, here: &Here) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    let mut made = Vec::new();
    while let Some(step) = receipt.steps.last() {
        match step {
            Step::Made { path } => made.push(path.clone()),
            step => {
                lines.extend(step.undo(here).map_err(|(path, error)| format!("{}: {error}", path.display()))?)
            }
        }
        receipt.steps.pop();
        receipt.write(&here.receipts).map_err(|error| error.to_string())?;
    }
    // Last of all, since one of them may be where this receipt was.
    made.retain(|path| fs::remove_dir(path).is_err() && path.exists());
    lines.extend(hand_on(made, here).map_err(|error| error.to_string())?);
    Ok(lines)
}

/// Leaves directories that are not empty yet to another door, which may be why they are not.
fn hand_on(made: Vec<PathBuf>, here: &Here) -> io::Result<Vec<String>> {
    let other =
        all(&here.receipts).into_iter().find_map(|door| Receipt::read(&here.receipts, &door).ok().flatten());
    let Some(mut other) = other else {
        return Ok(made
            .iter()
            .map(|path| format!("left {}, which is not empty", here.shown(path)))
            .collect());
    };
    other.steps.splice(0..0, made.into_iter().rev().map(|path| Step::Made { path }));
    other.write(&here.receipts).map(|()| Vec::new())
}

/// Removes guard's own directory of receipts where it is empty and no receipt says who made it.
pub fn clean_up(here: &Here) {
    for directory in here.receipts.ancestors().take(2) {
        let _ = fs::remove_dir(directory);
    }
}

type Failed<'a> = (&'a Path, io::Error);

impl Step {
    fn undo(&self, here: &Here) -> Result<Option<String>, Failed<'_>> {
        match self {
            Self::Made { .. } => Ok(None),
            Self::Wrote { path, before, after, block } => {
                let take_out = |text: &str| block.then(|| block::take_out(text)).flatten();
                restore(path, before.as_ref(), after, &take_out, here)
                    .map_err(|error| (path.as_path(), error))
            }
            Self::Merged { path, before, after, ours } => {
                let take_out = |text: &str| merge::take_out(text, ours);
                restore(path, before.as_ref(), after, &take_out, here)
                    .map_err(|error| (path.as_path(), error))
            }
            Self::Linked { path, names } => {
                for name in names {
                    match fs::remove_file(path.join(name)) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err((path, error)),
                        _ => {}
                    }
                }
                Ok(Some(format!("removed {} links in {}", names.len(), here.shown(path))))
            }
            Self::Moved { from, to } => {
                if from.exists() || !to.exists() {
                    let line = format!("left {} where it is", here.shown(to));
                    return Ok(to.exists().then_some(line));
                }
                fs::rename(to, from).map_err(|error| (from.as_path(), error))?;
                Ok(Some(format!("moved {} back", here.shown(from))))
            }
        }
    }
}

/// Puts a file back as it was; of one that was changed since, only guard's part goes.
fn restore(
    path: &Path,
    before: Option<&Bytes>,
    after: &str,
    take_out: &dyn Fn(&str) -> Option<String>,
    here: &Here,
) -> io::Result<Option<String>> {
    let shown = here.shown(path);
    let Some(now) = files::read(path)? else { return Ok(None) };
    if digest(&now) == after {
        return match before {
            Some(before) => {
                files::write(path, before.as_slice(), None)?;
                Ok(Some(format!("restored {shown}")))
            }
            None => {
                fs::remove_file(path)?;
                Ok(Some(format!("removed {shown}")))
            }
        };
    }
    let rest = String::from_utf8(now).ok().and_then(|text| take_out(&text));
    match rest {
        Some(rest) if rest.is_empty() && before.is_none() => {
            fs::remove_file(path)?;
            Ok(Some(format!("removed {shown}")))
        }
        Some(rest) => {
            files::write(path, rest.as_bytes(), None)?;
            Ok(Some(format!("took guard's part out of {shown}, which was changed since")))
        }
        None => Ok(Some(format!("left {shown}, which was changed since"))),
    }
}
