//! Whether the ledger is what was written.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use nix::fcntl::FlockArg;

use super::head::Head;
use super::ledger::{LedgerError, head_path, lock, read_only};
use super::line::{LONGEST_LINE, Link};

/// What was found in a ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many lines stand in the file.
    pub lines: u64,
    /// The number of the last line that is as it was written.
    pub last: u64,
    /// What is wrong, in the order of the lines.
    pub faults: Vec<Fault>,
}

impl Verified {
    /// Returns whether every line that was ever written is there as it was written.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Something wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line of the file at which it shows, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What can be wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The line is not what was written in its place.
    Changed,
    /// Before this line, lines with these numbers were taken out.
    Missing(RangeInclusive<u64>),
    /// After this line, lines with these numbers were cut off.
    Cut(RangeInclusive<u64>),
    /// The line was moved here, or stands twice; this is its number.
    Misplaced(u64),
    /// The line is only half there: its writer was stopped, and what it told is lost.
    Torn,
    /// The line was not written by guard.
    Foreign,
    /// The head was gone when this line was written, or is gone now: if lines were cut off the end
    /// then, it cannot be told.
    Headless,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = |numbers: &RangeInclusive<u64>, one: &str, many: &str| {
            let (first, last) = (numbers.start(), numbers.end());
            if first == last {
                format!("entry {first} {one}")
            } else {
                format!("entries {first} to {last} {many}")
            }
        };
        match self {
            Self::Changed => f.write_str("changed after it was written"),
            Self::Missing(numbers) => {
                f.write_str(&lost(numbers, "is missing before it", "are missing before it"))
            }
            Self::Cut(numbers) => {
                f.write_str(&lost(numbers, "was cut off after it", "were cut off after it"))
            }
            Self::Misplaced(n) => write!(f, "entry {n} is out of its place"),
            Self::Torn => f.write_str("not written to its end"),
            Self::Foreign => f.write_str("not written by guard"),
            Self::Headless => f.write_str("the head was lost here; what was cut off before cannot be told"),
        }
    }
}

/// Reads a ledger from end to end and compares every line with its seal, with the line before, and
/// with the head. A ledger that was never begun is sound. Writers are not kept waiting.
pub fn verify(path: &Path) -> Result<Verified, LedgerError> {
    let unreadable = |source| LedgerError::Open { path: path.into(), source };
    let head_path = head_path(path);
    // The lock is held only while the two are compared: what is written later is not looked at.
    let lock_on_head = match read_only(&head_path)? {
        Some(file) => Some(lock(file, &head_path, FlockArg::LockSharedNonblock, Duration::from_secs(2))?),
        None => None,
    };
    let head = lock_on_head.as_deref().map(Head::read).transpose().map_err(unreadable)?.flatten();
    let file = read_only(path)?;
    let length = file.as_ref().map(File::metadata).transpose().map_err(unreadable)?.map_or(0, |m| m.len());
    drop(lock_on_head);

    let mut check = Check { head, ..Check::default() };
    if let Some(file) = file {
        check.lines(BufReader::with_capacity(1 << 16, file.take(length))).map_err(unreadable)?;
    }
    Ok(check.end())
}

#[derive(Default)]
struct Check {
    found: Verified,
    head: Option<Head>,
    /// The last line that is as it was written, and where it stands.
    last: Option<(Link, u64)>,
    /// The numbers that are missing before a line: the first, the last, the line.
    missing: BTreeMap<u64, (u64, u64)>,
    /// Lines since the last whole one that are not.
    broken: Vec<Fault>,
    /// Whether the file ends within a line.
    torn: bool,
}

impl Check {
    fn lines(&mut self, mut reader: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            // What is longer than any line is not ours, and is taken in pieces.
            if reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            self.found.lines += 1;
            self.torn = line.pop_if(|byte| *byte == b'\n').is_none();
            match Link::of(&line) {
                Some(link) if !self.torn => self.whole(link),
                _ => self.broken(&line),
            }
        }
    }

    fn broken(&mut self, line: &[u8]) {
        let half = line.starts_with(b"{\"n\":") && !line.ends_with(b"}");
        let kind = if half || self.torn { FaultKind::Torn } else { FaultKind::Foreign };
        self.broken.push(Fault { line: self.found.lines, kind });
    }

    fn whole(&mut self, link: Link) {
        let line = self.found.lines;
        let (last_n, last_hash) = self.last.map_or_else(Default::default, |(last, _)| (last.n, last.hash));
        if link.n <= last_n {
            self.forget_missing(link.n);
            return self.fault(line, FaultKind::Misplaced(link.n));
        }
        let gap = self.fill(last_n + 1..=link.n - 1);
        self.miss(gap, line);
        if link.headless {
            self.fault(line, FaultKind::Headless);
        }
        if link.n == last_n + 1 && link.prev != last_hash {
            // Both seals hold and they follow each other, so the one before was written anew.
            self.fault(self.last.map_or(line, |(_, line)| line), FaultKind::Changed);
        }
        if self.head.is_some_and(|head| head.n == link.n && head.hash != link.hash) {
            self.fault(line, FaultKind::Changed);
        }
        self.last = Some((link, line));
    }

    /// Puts the broken lines since the last whole one in the place of the numbers that are missing
    /// there, and returns the numbers that remain.
    fn fill(&mut self, gap: RangeInclusive<u64>) -> RangeInclusive<u64> {
        let (mut next, end) = gap.into_inner();
        for broken in std::mem::take(&mut self.broken) {
            if next <= end {
                next += 1;
                self.fault(broken.line, FaultKind::Changed);
            } else {
                self.found.faults.push(broken);
            }
        }
        next..=end
    }

    /// A line that turns up later was moved, and is not missing.
    fn forget_missing(&mut self, n: u64) {
        let Some((&first, &(last, line))) = self.missing.range(..=n).next_back() else { return };
        if n <= last {
            self.missing.remove(&first);
            self.miss(first..=n - 1, line);
            self.miss(n + 1..=last, line);
        }
    }

    fn miss(&mut self, numbers: RangeInclusive<u64>, line: u64) {
        if !numbers.is_empty() {
            self.missing.insert(*numbers.start(), (*numbers.end(), line));
        }
    }

    fn end(mut self) -> Verified {
        let (last_n, last_line) = self.last.map_or_else(Default::default, |(last, line)| (last.n, line));
        let cut_off = self.head.map_or(0, |head| head.n).saturating_sub(last_n);
        if cut_off > 0 && self.torn {
            self.broken.pop(); // the cut went through this line
        }
        let before_cut = last_line + self.broken.len() as u64;
        let cut = self.fill(last_n + 1..=last_n + cut_off);
        if !cut.is_empty() {
            self.fault(before_cut, FaultKind::Cut(cut));
        }
        if self.head.is_none() && self.found.lines > 0 {
            self.fault(self.found.lines, FaultKind::Headless);
        }
        for (first, (last, line)) in std::mem::take(&mut self.missing) {
            self.fault(line, FaultKind::Missing(first..=last));
        }
        self.found.last = last_n;
        self.found.faults.sort_by_key(|fault| fault.line);
        self.found
    }

    fn fault(&mut self, line: u64, kind: FaultKind) {
        self.found.faults.push(Fault { line, kind });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
