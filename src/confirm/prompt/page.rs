//! Labelled fields below a command, shortened where a terminal has fewer rows.

use std::fmt::Write as _;

use crate::text;

/// How much a person needs a field, where there is no room for all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It goes first.
    Extra,
    /// It goes before what is needed.
    Useful,
    /// Its first row stays.
    Needed,
    /// What is at stake here and now: it is shortened last.
    Facts,
    /// All of it stays.
    Whole,
}

/// A page.
pub(super) struct Page {
    /// What stands above the fields, a row each.
    head: Vec<String>,
    fields: Vec<Field>,
    columns: usize,
    value_column: usize,
    /// Whether anything on it is not shown whole.
    pub(super) is_shortened: bool,
}

struct Field {
    label: &'static str,
    rank: Rank,
    rows: Vec<String>,
    is_cut: bool,
}

impl Page {
    pub(super) fn new(head: Vec<String>, columns: usize, value_column: usize) -> Self {
        Self { head, fields: Vec::new(), columns, value_column, is_shortened: false }
    }

    /// Adds a field of text that is safe already; an empty one is left out.
    pub(super) fn field(&mut self, label: &'static str, rank: Rank, value: &str) {
        if !value.is_empty() {
            let value = text::wrap(value, self.columns, self.value_column);
            let hanging = " ".repeat(self.value_column);
            let rows =
                value.lines().map(|row| row.strip_prefix(&hanging).unwrap_or(row).to_owned()).collect();
            self.fields.push(Field { label, rank, rows, is_cut: false });
        }
    }

    /// Adds sentences, one after the other.
    pub(super) fn prose(&mut self, label: &'static str, rank: Rank, sentences: &[String]) {
        let lines: Vec<_> = sentences.iter().map(|sentence| text::safe_lines(sentence.trim_end())).collect();
        self.field(label, rank, &lines.join("\n"));
    }

    /// Returns how many rows it has.
    pub(super) fn height(&self) -> usize {
        self.head.len() + self.fields.iter().map(|field| field.rows.len()).sum::<usize>()
    }

    /// Shortens it to so many rows: away with what is extra, long fields to two rows, away with what is only useful,
    /// then the rest to one row each, the facts last.
    pub(super) fn shorten(&mut self, most: usize) {
        self.is_shortened |= self.height() > most;
        while self.height() > most
            && (self.leave_out(Rank::Extra)
                || self.cut_longest(2, Rank::Needed)
                || self.leave_out(Rank::Useful)
                || self.cut_longest(1, Rank::Needed)
                || self.cut_longest(1, Rank::Facts))
        {}
    }

    /// Takes a row from the longest field up to a rank, if it has more than so many.
    fn cut_longest(&mut self, least: usize, rank: Rank) -> bool {
        // Of two that are as long the upper one: the backups come after what is lost.
        let fields = self.fields.iter_mut().rev();
        let long = fields.filter(|field| field.rows.len() > least && field.rank <= rank);
        let longest = long.max_by_key(|field| field.rows.len());
        longest.map(|field| (field.rows.pop(), field.is_cut = true)).is_some()
    }

    /// Takes away the last field of a rank.
    fn leave_out(&mut self, rank: Rank) -> bool {
        let last = self.fields.iter().rposition(|field| field.rank == rank);
        last.map(|at| self.fields.remove(at)).is_some()
    }

    /// Returns it as text.
    pub(super) fn text(&self) -> String {
        let mut out: String = self.head.iter().map(|row| row.clone() + "\n").collect();
        let width = self.value_column - 2;
        for field in &self.fields {
            for (at, row) in field.rows.iter().enumerate() {
                let label = if at == 0 { field.label } else { "" };
                let is_cut = field.is_cut && at + 1 == field.rows.len();
                let row = if is_cut { self.cut(row) } else { row.clone() };
                let _ = writeln!(out, "  {label:<width$}{row}");
            }
        }
        out
    }

    /// Returns a row after which something is missing.
    fn cut(&self, row: &str) -> String {
        let room = self.columns.saturating_sub(self.value_column + 2);
        let row = text::ellipsize(row, room);
        format!("{} {}", row.trim_end_matches(text::ELLIPSIS).trim_end(), text::ELLIPSIS)
    }
}
