//! Whether the ledger is what was written.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::files;
use super::head::Head;
use super::ledger::LedgerError;
use super::line::{LONGEST_LINE, Link};

/// What was found in a ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The files, the oldest first.
    pub files: Vec<PathBuf>,
    /// How many lines stand in them.
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
    /// The place of the file among the ledger's.
    pub file: usize,
    /// The line of that file at which it shows, counted from 1.
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

/// Reads a ledger from end to end, through all of its files, and compares every line with its seal, with the line before, and
/// with the head. A ledger that was never begun is sound. Writers are not kept waiting.
pub fn verify(path: &Path) -> Result<Verified, LedgerError> {
    let unreadable = |source| LedgerError::Open { path: path.into(), source };
    let opened = files::open_all(path)?;
    let mut check = Check { head: opened.head, ..Check::default() };
    for (at, (name, file)) in opened.files.into_iter().enumerate() {
        // What is written later is not looked at.
        let length = if name == path { opened.length } else { u64::MAX };
        check.found.files.push(name);
        check.at = At { file: at, line: 0 };
        check.lines(BufReader::with_capacity(1 << 16, file.take(length))).map_err(unreadable)?;
    }
    Ok(check.end())
}

/// A line of one of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    file: usize,
    line: u64,
}

#[derive(Default)]
struct Check {
    found: Verified,
    head: Option<Head>,
    /// The line that is looked at.
    at: At,
    /// The last line that is as it was written, and where it stands.
    last: Option<(Link, At)>,
    /// The numbers that are missing before a line: the first, the last, the line.
    missing: BTreeMap<u64, (u64, At)>,
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
            self.at.line += 1;
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
        self.broken.push(fault(self.at, kind));
    }

    fn whole(&mut self, link: Link) {
        let line = self.at;
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
                self.found.faults.push(Fault { kind: FaultKind::Changed, ..broken });
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

    fn miss(&mut self, numbers: RangeInclusive<u64>, line: At) {
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
        let before_cut = At { line: last_line.line + self.broken.len() as u64, ..last_line };
        let cut = self.fill(last_n + 1..=last_n + cut_off);
        if !cut.is_empty() {
            self.fault(before_cut, FaultKind::Cut(cut));
        }
        if self.head.is_none() && self.found.lines > 0 {
            self.fault(self.at, FaultKind::Headless);
        }
        for (first, (last, line)) in std::mem::take(&mut self.missing) {
            self.fault(line, FaultKind::Missing(first..=last));
        }
        self.found.last = last_n;
        self.found.faults.sort_by_key(|fault| (fault.file, fault.line));
        self.found
    }

    fn fault(&mut self, at: At, kind: FaultKind) {
        self.found.faults.push(fault(at, kind));
    }
}

fn fault(At { file, line }: At, kind: FaultKind) -> Fault {
    Fault { file, line, kind }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
