//! What a person reads before answering, and what the caller reads when the answer was no.
//!
//! Pure: data in, text out. The command comes first, the phrase and the question last, and no outside text
//! can move, hide or imitate anything: all of it is escaped, and every row of a command stands behind a
//! margin of its own.

mod page;

use std::fmt::Write as _;

use self::page::{Page, Rank};
use crate::decide::question::{Handed, Matched, Prompt, Refused};
use crate::rulebook::format::Severity;
use crate::text::{self, Paint, minutes, safe};

/// Stands before a command of one row.
const MARGIN: &str = "    ";
/// Stands before each row of a longer one, so that none of them passes for a line of guard's.
const BAR: &str = "  │ ";
/// How much further folded rows are indented.
const HANGING: usize = 2;
/// Where the values of the fields begin.
const VALUE_COLUMN: usize = 13;
/// A narrower terminal is treated as if it had this many columns.
const MIN_COLUMNS: usize = 32;
/// Lines wider than this are hard to read.
const MAX_COLUMNS: usize = 120;
/// A command that takes more rows than this is shortened in the middle.
const MAX_COMMAND_ROWS: usize = 12;
/// The same where the terminal has few rows.
const MIN_COMMAND_ROWS: usize = 4;
/// The same for the dangerous part of a command.
const MAX_PART_ROWS: usize = 4;
/// A shorter terminal is treated as if it had this many rows.
const MIN_ROWS: usize = 20;
/// Stands before the phrase.
const TYPE_IT: &str = "To run it, type   ";

impl Prompt {
    /// Returns the question as text that ends where the answer is typed, for a terminal with this many
    /// columns and rows. What does not fit is shortened, and the text says how to see all of it.
    pub fn render(&self, columns: usize, rows: usize, paint: Paint) -> String {
        let columns = columns.clamp(MIN_COLUMNS, MAX_COLUMNS);
        let tail = self.tail(columns, true, paint);
        // The answer takes one more row.
        let room = rows.max(MIN_ROWS).saturating_sub(height(&tail, columns) + 1);
        let mut page = self.page(columns, MAX_COMMAND_ROWS, MAX_PART_ROWS, paint);
        if page.height() > room {
            page = self.page(columns, MIN_COMMAND_ROWS, MAX_PART_ROWS / 2, paint);
            page.shorten(room);
        }
        let tail = if page.is_shortened { tail } else { self.tail(columns, false, paint) };
        page.text() + &tail
    }

    /// Returns the same with nothing shortened.
    pub fn render_whole(&self, columns: usize, paint: Paint) -> String {
        let columns = columns.clamp(MIN_COLUMNS, MAX_COLUMNS);
        self.whole(columns, paint) + &self.tail(columns, false, paint)
    }

    /// Returns everything a person should know, nothing shortened, and without the phrase.
    pub fn whole(&self, columns: usize, paint: Paint) -> String {
        self.page(columns.clamp(MIN_COLUMNS, MAX_COLUMNS), usize::MAX, usize::MAX, paint).text()
    }

    /// What is below the page: how to answer.
    fn tail(&self, columns: usize, is_shortened: bool, paint: Paint) -> String {
        let phrase = safe(&self.phrase);
        let fits = TYPE_IT.len() + text::width(&phrase) <= columns;
        let gap = if fits { "" } else { "\n" };
        let keys = if is_shortened { "Enter refuses, ? shows the rest." } else { "Enter or Ctrl-C refuses." };
        let time = minutes(self.time);
        format!("\n{TYPE_IT}{gap}{}\n{keys} Refuses by itself in {time}.\n\n", paint.bold(&phrase))
    }

    /// Returns the facts about where it acts, without those that another line repeats in more detail.
    fn facts(&self) -> Vec<String> {
        let says_more = |line: &str, other: &String| other.len() > line.len() && other.starts_with(line);
        let kept = |line: &&String| !self.here.iter().any(|other| says_more(line, other));
        self.here.iter().filter(kept).cloned().collect()
    }

    fn page(&self, columns: usize, most_command: usize, most_part: usize, paint: Paint) -> Page {
        let would = if self.certain { "would" } else { "may" };
        let command = fit(&self.command, columns - MARGIN.len(), most_command);
        let margin = if command.rows.len() > 1 { BAR } else { MARGIN };
        let title = paint.bold(&format!("guard: this {would} destroy data")).into_owned();
        let command_rows = command.rows.iter().map(|row| format!("{margin}{row}"));
        let head = [title, String::new()].into_iter().chain(command_rows).chain([String::new()]).collect();
        let mut page = Page::new(head, columns, VALUE_COLUMN);
        page.is_shortened = command.is_shortened;
        if let Some(part) = &self.part {
            let part = fit(part, columns - VALUE_COLUMN, most_part);
            page.is_shortened |= part.is_shortened;
            page.field(
                "in it",
                if page.is_shortened { Rank::Needed } else { Rank::Useful },
                &part.rows.join("\n"),
            );
        }
        for (at, rule) in self.rules.iter().enumerate() {
            let (label, rank) = if at == 0 { ("rule", Rank::Whole) } else { ("also", Rank::Extra) };
            page.field(label, rank, &rule.line(paint));
        }
        page.field("asked by", Rank::Needed, &safe(&self.asked_by));
        page.field("here", Rank::Facts, &joined(&self.facts(), "\n"));
        page.prose("loses", Rank::Needed, &self.loses);
        page.prose("that is", Rank::Needed, &self.counts);
        page.prose("backups", Rank::Needed, &self.backups);
        page.prose("kept first", Rank::Needed, &self.kept);
        let handed: Vec<String> = self.handed.iter().map(Handed::line).collect();
        page.field("gets a key", Rank::Needed, &handed.join("\n"));
        page.prose("instead", Rank::Useful, &self.instead);
        page.prose("if it ran", Rank::Extra, &self.recover);
        page.prose("not read", Rank::Useful, &self.unread);
        page.prose("note", Rank::Useful, &self.notes);
        page
    }
}

impl Refused {
    /// Returns the refusal as lines for stderr.
    pub fn render(&self, paint: Paint) -> String {
        let mut out = String::new();
        let refused = paint.red("refused");
        match self.rules.first() {
            Some(rule) => {
                let (id, title) = (safe(&rule.id), safe(&rule.title));
                let _ = writeln!(out, "guard: {refused}: {id} ({}): {title}", rule.severity.name());
            }
            None => {
                let _ = writeln!(out, "guard: {refused}: what this would do cannot be determined");
            }
        }
        for rule in self.rules.iter().skip(1) {
            let _ = writeln!(
                out,
                "guard: also {} ({}): {}",
                safe(&rule.id),
                rule.severity.name(),
                safe(&rule.title)
            );
        }
        for gap in &self.unread {
            let _ = writeln!(out, "guard: not read: {}", safe(gap));
        }
        let _ = writeln!(out, "guard: {}; nothing was run", safe(&self.because));
        out.push_str("\nhint: do not look for another way to do this.");
        if !self.instead.is_empty() {
            let _ = write!(out, " Consider: {}", joined(&self.instead, "; "));
        }
        out.push('\n');
        out
    }
}

impl Handed {
    fn line(&self) -> String {
        let Self { key, variable, program } = self;
        format!("{} as {}, for {}", safe(key), safe(variable), safe(program))
    }
}

impl Matched {
    fn line(&self, paint: Paint) -> String {
        let severity = match self.severity {
            Severity::Moderate => paint.yellow(self.severity.name()),
            Severity::Severe | Severity::Catastrophic => paint.red(self.severity.name()),
        };
        format!("{}   {}   {severity}", safe(&self.id), safe(&self.title))
    }
}

/// A text as rows.
struct Fitted {
    rows: Vec<String>,
    is_shortened: bool,
}

/// Returns a command as rows of at most `columns` columns, escaped; what is folded hangs under its
/// line, and what takes more than `limit` rows is shortened in the middle.
fn fit(command: &str, columns: usize, limit: usize) -> Fitted {
    let escaped = text::safe_lines(command.trim_end_matches('\n'));
    let hang = |(at, piece): (usize, &str)| {
        format!("{:indent$}{piece}", "", indent = if at > 0 { HANGING } else { 0 })
    };
    let folded = |line| text::fold(line, columns, columns - HANGING).into_iter().enumerate();
    let rows = escaped.split('\n').flat_map(folded);
    let count = rows.clone().count();
    if count <= limit {
        return Fitted { rows: rows.map(hang).collect(), is_shortened: false };
    }
    let (head, tail) = (limit * 2 / 3, limit - limit * 2 / 3 - 1);
    let hidden: usize =
        rows.clone().take(count - tail).skip(head).map(|(_, piece)| piece.chars().count()).sum();
    let gap = format!("… {hidden} characters are not shown …");
    let beginning = rows.clone().take(head).map(hang);
    let rows = beginning.chain([gap]).chain(rows.skip(count - tail).map(hang)).collect();
    Fitted { rows, is_shortened: true }
}

/// Returns how many rows a text takes on a terminal that breaks lines where it must.
fn height(text: &str, columns: usize) -> usize {
    text.lines().map(|line| text::width(line).div_ceil(columns).max(1)).sum()
}

fn joined(parts: &[String], separator: &str) -> String {
    parts.iter().map(|part| safe(part.trim())).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests;
