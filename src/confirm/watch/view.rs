//! What is on the screen of `guard watch`. Pure: data in, rows out. No row is wider than the screen.

use std::time::Duration;

use super::line::Line;
use super::screen::{Frame, Size};
use crate::confirm::elsewhere::Request;
use crate::rulebook::format::Severity;
use crate::text::minutes;
use crate::text::{self, Paint, ellipsize, safe};

/// A smaller terminal shows nothing anybody could act on.
const SMALLEST: Size = Size { rows: 8, columns: 40 };

/// How many rows a request takes in the list.
const ROWS_EACH: usize = 2;

/// What was last done takes no more rows.
const MOST_TOLD: usize = 3;

/// Where the words of a list begin.
const INDENT: usize = 2;

/// A request in the list.
pub(super) struct Item<'r> {
    pub(super) request: &'r Request,
    pub(super) left: Duration,
    /// Whether it is answered, and the answer is kept for the next run.
    pub(super) kept: bool,
}

/// The list.
pub(super) struct List<'r> {
    pub(super) items: Vec<Item<'r>>,
    /// Which is chosen.
    pub(super) at: usize,
    /// What was last done, or what is wrong.
    pub(super) told: Option<&'r str>,
    /// Why there can be no requests.
    pub(super) broken: Option<&'r str>,
}

/// What is typed below a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// The phrase that lets it run.
    Phrase,
    /// Why it is refused.
    Reason,
}

/// An opened question.
pub(super) struct Question<'r> {
    pub(super) request: &'r Request,
    /// All of it, in rows.
    pub(super) body: &'r [String],
    /// How many rows are scrolled away.
    pub(super) from: usize,
    pub(super) typing: Typing,
    pub(super) line: &'r Line,
    pub(super) told: Option<&'r str>,
    /// How long it can still be answered.
    pub(super) left: Duration,
    /// How many others wait.
    pub(super) others: usize,
}

/// Returns what is shown where nothing fits.
fn too_small(size: Size) -> Option<Frame> {
    let fits = size.rows >= SMALLEST.rows && size.columns >= SMALLEST.columns;
    let row = ellipsize("guard: too small", size.columns).into_owned();
    (!fits).then(|| Frame { rows: vec![row], cursor: None })
}

/// Returns how many requests fit on a list.
pub(super) fn fitting(size: Size) -> usize {
    (size.rows.saturating_sub(5) / ROWS_EACH).max(1)
}

/// Draws the list.
pub(super) fn list(list: &List<'_>, size: Size, paint: Paint) -> Frame {
    if let Some(frame) = too_small(size) {
        return frame;
    }
    let count = list.items.len();
    let mut rows = vec![paint.bold(&ellipsize(&headline(count), size.columns)).into_owned(), String::new()];
    let visible = fitting(size);
    let from = list.at.saturating_sub(visible / 2).min(count.saturating_sub(visible));
    for (at, item) in list.items.iter().enumerate().skip(from).take(visible) {
        rows.extend(item.rows(at == list.at, size.columns, paint));
    }
    match list.broken {
        Some(why) => rows.extend(prose(&format!("No questions can come: {}.", safe(why)), size)),
        None if count == 0 => rows
            .extend(prose("Nothing waits for a person. Questions of agents appear here as they come.", size)),
        None => {}
    }
    let shown = if count > visible {
        format!(" · {}–{} of {count}", from + 1, (from + visible).min(count))
    } else {
        String::new()
    };
    let keys = if count == 0 { "q leaves" } else { "Enter opens · r refuses · q leaves" };
    finish(rows, list.told, &format!("{keys}{shown}"), size, paint)
}

/// Draws an opened question.
pub(super) fn question(question: &Question<'_>, size: Size, paint: Paint) -> Frame {
    if let Some(frame) = too_small(size) {
        return frame;
    }
    let prompt = &question.request.question;
    let mut foot = Vec::new();
    let label = match question.typing {
        Typing::Phrase => format!("To run it, type   {}", safe(&prompt.phrase)),
        Typing::Reason => "Refuse it. Why? Whoever asked is told; it may stay empty.".to_owned(),
    };
    let pieces = text::fold(&label, size.columns, size.columns);
    // A phrase of many rows is no reason to hide the line it is typed into.
    foot.extend(pieces.iter().take(size.rows / 3).map(|piece| paint.bold(piece.trim_end()).into_owned()));
    let (typed, cursor) = question.line.shown(size.columns.saturating_sub(3));
    foot.push(format!("> {typed}"));
    let keys = match question.typing {
        Typing::Phrase => "Enter runs it once · Tab refuses · ↑↓ scroll · Esc back",
        Typing::Reason => "Enter refuses · Esc back",
    };
    let last = match question.told {
        Some(told) => paint.yellow(&ellipsize(&safe(told), size.columns)).into_owned(),
        None => paint.dim(&ellipsize(keys, size.columns)).into_owned(),
    };
    foot.push(last);

    let others = match question.others {
        0 => String::new(),
        others => format!(" · {others} more {}", if others == 1 { "waits" } else { "wait" }),
    };
    let head = format!("{} · {} left{others}", question.request.code, minutes(question.left));
    let mut rows = vec![paint.dim(&ellipsize(&head, size.columns)).into_owned()];
    let room = body_room(size, foot.len());
    let from = question.from.min(question.body.len().saturating_sub(room));
    rows.extend(question.body.iter().skip(from).take(room).cloned());
    rows.resize(room + 1, String::new());
    let below = question.body.len().saturating_sub(from + room);
    let more = match (from, below) {
        (0, 0) => String::new(),
        (_, 0) => "── the end; ↑ goes back".to_owned(),
        (_, below) => format!("── {below} more rows below; ↓ or PageDown"),
    };
    rows.push(paint.dim(&ellipsize(&more, size.columns)).into_owned());
    let at = rows.len() + foot.len() - 2;
    rows.extend(foot);
    Frame { rows, cursor: Some((at, cursor + 2)) }
}

/// Draws the question for a secret, which is not shown while it is typed.
pub(super) fn secret(code: &str, question: &str, size: Size, paint: Paint) -> Frame {
    let head = paint.bold(&ellipsize(&format!("{code} · who answers?"), size.columns)).into_owned();
    let mut rows = vec![head, String::new()];
    rows.extend(prose(&text::safe_lines(question.trim()), size));
    let at = rows.len() - 1;
    let cursor = (text::width(&rows[at]) + 1).min(size.columns.saturating_sub(1));
    let mut frame = finish(rows, None, "It is not shown while you type · Enter · Esc back", size, paint);
    frame.cursor = (at < frame.rows.len()).then_some((at, cursor));
    frame
}

/// Returns how many rows of a question are shown above so many at the foot.
fn body_room(size: Size, foot: usize) -> usize {
    size.rows.saturating_sub(foot + 2).max(1)
}

/// Returns how far a question can be scrolled, and by how much a page scrolls.
pub(super) fn scrolling(body: usize, phrase: &str, typing: Typing, size: Size) -> (usize, usize) {
    let label = if typing == Typing::Phrase { text::width(&safe(phrase)) + 18 } else { 60 };
    let room = body_room(size, 2 + label.div_ceil(size.columns.max(1)).min(size.rows / 3));
    (body.saturating_sub(room), room.saturating_sub(1).max(1))
}

/// Returns how long what is shown stays true: until a number on the screen changes.
pub(super) fn until_change(left: Duration, in_seconds: bool) -> Duration {
    let seconds = left.as_secs();
    let part = Duration::from_nanos(left.subsec_nanos().into());
    // A moment later, so that the number has changed for certain.
    let after = Duration::from_millis(5);
    let is_last_minute = seconds < 60;
    part + after
        + if in_seconds || is_last_minute { Duration::ZERO } else { Duration::from_secs(seconds % 60) }
}

/// Returns a time as a list tells it: `14 min`, and in the last minute `0:42`.
fn about(left: Duration) -> String {
    if left.as_secs() < 60 { minutes(left) } else { format!("{} min", left.as_secs() / 60) }
}

fn headline(count: usize) -> String {
    match count {
        0 => "guard watch".to_owned(),
        1 => "guard watch · 1 question waits for a person".to_owned(),
        count => format!("guard watch · {count} questions wait for a person"),
    }
}

impl Item<'_> {
    fn rows(&self, is_chosen: bool, columns: usize, paint: Paint) -> [String; ROWS_EACH] {
        let question = &self.request.question;
        let (rule, severity) = match question.rules.first() {
            Some(rule) => (rule.id.as_str(), Some(rule.severity)),
            None => ("what it would do cannot be determined", None),
        };
        let time = if self.kept { "answered".to_owned() } else { about(self.left) };
        let begin = format!("{} {}  {time:>6}  ", if is_chosen { '>' } else { ' ' }, self.request.code);
        let severity_width = severity.map_or(0, |severity| severity.name().len() + 2);
        let room = columns.saturating_sub(text::width(&begin) + severity_width).max(1);
        let rule = ellipsize(&safe(rule), room).into_owned();
        let rule = if is_chosen { paint.bold(&rule).into_owned() } else { rule };
        let severity = severity.map_or(String::new(), |severity| {
            let painted = match severity {
                Severity::Moderate => paint.yellow(severity.name()),
                Severity::Severe | Severity::Catastrophic => paint.red(severity.name()),
            };
            format!("{painted}  ")
        });
        let first = format!("{begin}{severity}{rule}");
        let indent = INDENT + self.request.code.len() + 2;
        let command = safe(question.command.trim());
        let command = ellipsize(&command, columns.saturating_sub(indent).max(1)).into_owned();
        [first, format!("{:indent$}{command}", "")]
    }
}

/// Returns text of guard's own, filled.
fn prose(text: &str, size: Size) -> Vec<String> {
    text::wrap(text, size.columns, 0).lines().map(str::to_owned).collect()
}

/// Puts what was last done and the keys at the bottom.
fn finish(mut rows: Vec<String>, told: Option<&str>, keys: &str, size: Size, paint: Paint) -> Frame {
    let told = told.map_or_else(|| vec![String::new()], |told| prose(&safe(told), size));
    let told = &told[..told.len().min(MOST_TOLD)];
    rows.resize(size.rows.saturating_sub(1 + told.len()), String::new());
    rows.extend(told.iter().map(|row| paint.yellow(row).into_owned()));
    rows.push(paint.dim(&ellipsize(keys, size.columns)).into_owned());
    rows.truncate(size.rows);
    Frame { rows, cursor: None }
}

#[cfg(test)]
mod tests;
