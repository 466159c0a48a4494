//! The ledger as people read it: one row a command.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};

use dialoguer::console::Term;

use super::filter::Filter;
use crate::env_vars;
use crate::record::{By, Line, What};
use crate::text::{Paint, ellipsize, safe, width};

/// The least width, in columns, that a command is cut to.
const NARROWEST_COMMAND: usize = 20;
/// The most columns that rules take.
const WIDEST_RULES: usize = 40;

/// How a table is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) paint: Paint,
    /// How wide it may get; without a bound commands are shown whole.
    pub(super) columns: Option<usize>,
}

/// Returns how wide a table may get: as the environment says, or as wide as the terminal.
pub(in crate::cli) fn columns(terminal: bool) -> Option<usize> {
    let said = env_vars::get(env_vars::COLUMNS).and_then(|value| value.to_str()?.parse().ok());
    said.or_else(|| Term::stdout().size_checked().filter(|_| terminal).map(|(_, columns)| columns.into()))
}

/// A command, with all that happened to it.
#[derive(Debug)]
struct Row {
    /// The line that says most about the command: the question, or the answer.
    line: Line,
    happened: Vec<What>,
    end: Option<Line>,
}

/// The last commands of a ledger.
pub(super) struct Table {
    most: usize,
    filter: Filter,
    rows: VecDeque<Row>,
    /// How many rows went out at the front.
    gone: usize,
    /// In which row, counted with those that are gone, a line is that others continue.
    places: HashMap<u64, usize>,
}

impl Table {
    pub(super) fn new(most: usize, filter: Filter) -> Self {
        Self { most, filter, rows: VecDeque::new(), gone: 0, places: HashMap::new() }
    }

    /// Takes up the next line.
    pub(super) fn add(&mut self, line: Line) {
        if let Some(place) = line.of.and_then(|of| self.places.get(&of).copied())
            && let Some(row) = place.checked_sub(self.gone).and_then(|place| self.rows.get_mut(place))
        {
            self.places.insert(line.n, place);
            row.go_on(line);
            return;
        }
        // What goes on from a command that is not shown is of no use, unless it names it again.
        if matches!(line.what, What::Ended | What::Shown | What::Answered | What::Kept)
            || !self.filter.takes_any_of(&line)
        {
            return;
        }
        let may_go_on = matches!(line.what, What::Asked | What::Cleared);
        if !may_go_on && !self.filter.takes(&line) {
            return;
        }
        if may_go_on {
            self.places.insert(line.n, self.gone + self.rows.len());
        }
        self.rows.push_back(Row { happened: vec![line.what], line, end: None });
        // As long as all rows count, none but the last are needed.
        if self.filter.what.is_empty() && self.rows.len() > self.most {
            self.rows.pop_front();
            self.gone += 1;
        }
    }

    pub(super) fn print(&self, View { paint, columns }: View, out: &mut impl Write) -> io::Result<()> {
        let wanted = |row: &&Row| {
            self.filter.what.is_empty() || row.happened.iter().any(|what| self.filter.what.contains(what))
        };
        let mut rows: Vec<_> =
            self.rows.iter().rev().filter(wanted).take(self.most).map(Row::cells).collect();
        rows.reverse();
        if rows.is_empty() {
            return writeln!(out, "nothing on record");
        }
        let titles = ["time (UTC)", "what", "took", "who", "rules", "command"];
        let width_of = |column: usize| {
            let cells = rows.iter().map(|cells| width(&cells[column]));
            cells.max().filter(|width| *width > 0).map_or(0, |cell| cell.max(width(titles[column])))
        };
        let widths: [usize; 5] = std::array::from_fn(width_of);
        let before: usize = widths.iter().filter(|width| **width > 0).map(|width| width + 2).sum();
        let room = columns.map(|columns| columns.saturating_sub(before).max(NARROWEST_COMMAND));
        writeln!(out, "{}", paint.dim(&line_of(&titles.map(Cow::Borrowed), &widths, None)))?;
        for cells in &rows {
            let line = line_of(cells, &widths, room);
            let painted = match &*cells[1] {
                what if what.starts_with("refused") => paint.red(&line),
                what if what.starts_with("allowed") || what.starts_with("warned") => paint.yellow(&line),
                _ => Cow::Borrowed(&*line),
            };
            writeln!(out, "{painted}")?;
        }
        Ok(())
    }
}

/// Returns one line of the ledger as a row, for a table that has no end.
pub(super) fn row(line: &Line) -> String {
    let what = line.what;
    let row =
        Row { happened: vec![what], line: line.clone(), end: (what == What::Ended).then(|| line.clone()) };
    let [time, said, took, who, rules, command] = row.cells();
    let said = match what {
        What::Asked => "asked".into(),
        What::Shown => "shown".into(),
        What::Answered => "answered".into(),
        What::Ended => row.ended().into(),
        _ => said,
    };
    let cells = [time, said, who, took, rules, command];
    cells.iter().filter(|cell| !cell.is_empty()).map(AsRef::as_ref).collect::<Vec<_>>().join("  ")
}

/// Returns a line of the table. A column that is empty throughout is left out.
fn line_of(cells: &[Cow<'_, str>; 6], widths: &[usize; 5], room: Option<usize>) -> String {
    let mut line = String::new();
    for (cell, wide) in cells.iter().zip(widths).filter(|(_, wide)| **wide > 0) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', wide + 2 - width(cell)));
    }
    line.push_str(&room.map_or(Cow::Borrowed(&*cells[5]), |room| ellipsize(&cells[5], room)));
    line.truncate(line.trim_end().len());
    line
}

impl Row {
    fn go_on(&mut self, line: Line) {
        self.happened.push(line.what);
        if line.what == What::Ended {
            self.end = Some(line);
        } else if line.what == What::Kept {
            // It says nothing about the command.
        } else if matches!(line.what, What::Shown | What::Answered) {
            // They are about a person; the command is on the line of the question.
            self.line.person = line.person;
        } else {
            // The time of a command is when it was asked about.
            let time = std::mem::take(&mut self.line.time);
            self.line = Line { time, ..line };
        }
    }

    /// Returns the row as text that is safe to show.
    fn cells(&self) -> [Cow<'_, str>; 6] {
        let line = &self.line;
        // 2026-11-22T01:40:00.123Z
        let time = line.time.get(..19).unwrap_or(&line.time).replacen('T', " ", 1);
        let rules = line.rules.join(" ");
        let shown = line.command.as_ref().or(line.because.as_ref()).map_or("", String::as_str);
        [
            safe(&time).into_owned().into(),
            self.what(),
            self.end.as_ref().and_then(|end| end.ms).map_or(Cow::Borrowed(""), |ms| took(ms).into()),
            safe(&self.who()).into_owned().into(),
            ellipsize(&safe(&rules), WIDEST_RULES).into_owned().into(),
            safe(shown),
        ]
    }

    /// Returns how a command ended.
    fn ended(&self) -> String {
        match (self.line.status, self.line.signal) {
            (Some(status), _) => format!("ended, exit {status}"),
            (None, Some(signal)) => format!("ended, signal {signal}"),
            (None, None) => "not run".to_owned(),
        }
    }

    fn what(&self) -> Cow<'static, str> {
        match (self.line.what, &self.end) {
            (What::Cleared, Some(Line { status: Some(status), .. })) => {
                format!("allowed, exit {status}").into()
            }
            (What::Cleared, Some(Line { signal: Some(signal), .. })) => {
                format!("allowed, signal {signal}").into()
            }
            (What::Cleared, Some(_)) => "allowed, not run".into(),
            (What::Cleared, None) => "allowed".into(),
            (What::Ran, _) => "ran".into(),
            (What::Observed, _) => "ran, observed".into(),
            (What::Asked, _) if self.happened.contains(&What::Answered) => "answered, not run".into(),
            (What::Asked, _) if self.happened.contains(&What::Shown) => "shown, no answer".into(),
            (What::Asked, _) => "asked, no answer".into(),
            (What::Refused, _) => "refused".into(),
            (What::Enrolled, _) => "enrolled".into(),
            (What::Warned, _) => "warned".into(),
            (What::Frozen, _) => "frozen".into(),
            (What::Shown | What::Answered | What::Kept | What::Ended | What::Unknown, _) => "unknown".into(),
        }
    }

    /// Returns who decided: a person's name, or what stood in for a person.
    fn who(&self) -> Cow<'_, str> {
        if let (Some(person), Some(second)) = (&self.line.person, &self.line.second) {
            return format!("{} and {}", person.shown(), second.shown()).into();
        }
        match (&self.line.by, &self.line.person) {
            (_, Some(person)) => person.shown(),
            (Some(By::Policy), _) => "policy",
            (Some(By::NobodyToAsk), _) => "nobody to ask",
            (Some(By::Timeout), _) => "no answer",
            (Some(By::Broken), _) => "guard failed",
            (Some(By::Person), None) => "a person",
            (Some(By::Unknown) | None, _) => "",
        }
        .into()
    }
}

/// Returns a span of time as people write it: `0.42 s`, `17 s`, `2 min 5 s`, `3 h 20 min`.
fn took(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..10 => format!("{}.{:02} s", seconds, ms % 1000 / 10),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
