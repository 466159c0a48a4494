//! Findings as people read them, and as JSON.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::rulebook::format::Severity;
use crate::scan::{Finding, Note, Scanned};
use crate::text::{Paint, safe, so_many, width};

/// How many columns of a line are shown before the finding is cut.
const COLUMNS: usize = 120;

/// Returns what was found, for a terminal.
pub(super) fn text(scanned: &Scanned, base: &Path, paint: Paint) -> String {
    let mut out = String::new();
    for finding in &scanned.findings {
        one(&mut out, finding, base, paint);
    }
    for note in &scanned.notes {
        let _ = writeln!(out, "note: {}", self::note(note, base));
    }
    let _ = writeln!(out, "{}", summary(scanned));
    out
}

fn one(out: &mut String, finding: &Finding, base: &Path, paint: Paint) {
    let rule = &finding.rule.rule;
    let place = format!("{}:{}:{}", shown(&finding.path, base), finding.start.line, finding.start.column);
    let severity = name(rule.severity);
    let severity = match rule.severity {
        Severity::Moderate => paint.yellow(severity),
        _ => paint.red(severity),
    };
    let perhaps = if finding.certain { "" } else { ", perhaps" };
    let _ = writeln!(
        out,
        "{}: {severity}{perhaps}: {} [{}]",
        paint.bold(&place),
        safe(&rule.title),
        finding.rule.id()
    );
    let margin = finding.end.line.max(finding.start.line).to_string().len();
    for (at, line) in finding.lines.iter().enumerate() {
        let number = finding.start.line + at;
        let (shown, carets) = underlined(line, finding, number);
        let _ = writeln!(out, " {} {} {shown}", paint.dim(&format!("{number:>margin$}")), paint.dim("|"));
        let _ = writeln!(out, " {:margin$} {} {}", "", paint.dim("|"), paint.red(&carets));
    }
    let _ = writeln!(out, "   loses: {}", safe(&finding.phrase));
    if !finding.label.is_empty() {
        let _ = writeln!(out, "   in: {}", safe(&finding.label));
    }
    if !finding.also.is_empty() {
        let also: Vec<String> = finding.also.iter().map(|rule| rule.id()).collect();
        let _ = writeln!(out, "   also: {}", also.join(", "));
    }
    if let Some(instead) = rule.instead.as_deref().and_then(|text| text.lines().next()) {
        let _ = writeln!(out, "   instead: {}", safe(instead));
    }
    let _ = writeln!(
        out,
        "   if it must be: guard: allow {} because REASON, in a comment there",
        finding.rule.id()
    );
    out.push('\n');
}

/// Returns a line as it is shown, and the signs below it.
fn underlined(line: &str, finding: &Finding, number: usize) -> (String, String) {
    let from = if number == finding.start.line {
        finding.start.column - 1
    } else {
        line.chars().take_while(|c| c.is_whitespace()).count()
    };
    let to =
        if number == finding.end.line { finding.end.column - 1 } else { line.trim_end().chars().count() };
    let cut = |from: usize, to: usize| -> String {
        let part: String = line.chars().skip(from).take(to.saturating_sub(from)).collect();
        safe(&part.replace('\t', "    ")).into_owned()
    };
    let before = cut(0, from);
    let under = cut(from, to.max(from + 1));
    let after = cut(to.max(from + 1), usize::MAX);
    // A long line is shown from shortly before the finding.
    let (before, under) = match width(&before) + width(&under) > COLUMNS {
        true => (
            format!("{}…", before.chars().take(16).collect::<String>()),
            under.chars().take(COLUMNS).collect(),
        ),
        false => (before, under),
    };
    let room = COLUMNS.saturating_sub(width(&before) + width(&under));
    let after: String = after.chars().take(room).collect();
    let carets = " ".repeat(width(&before)) + &"^".repeat(width(&under).max(1));
    (format!("{before}{under}{after}"), carets)
}

fn summary(scanned: &Scanned) -> String {
    let mut said = format!(
        "{} in {} of {}",
        so_many(scanned.findings.len() as u64, "finding"),
        so_many(scanned.commands as u64, "command"),
        so_many(scanned.files as u64, "file")
    );
    for (count, what) in [
        (scanned.allowed, "allowed in the files"),
        (scanned.known, "known"),
        (scanned.possible, "depending on values that only a run provides (--possible)"),
        (scanned.unread.len(), "not read in full (--format json)"),
    ] {
        if count > 0 {
            let _ = write!(said, "; {count} {what}");
        }
    }
    said
}
/// Returns a note as a line.
pub(super) fn note(note: &Note, base: &Path) -> String {
    let line = note.line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line}: {}", shown(&note.path, base), safe(&note.text))
}

/// Returns what was found as JSON.
pub(super) fn json(scanned: &Scanned, base: &Path) -> String {
    let finding = |finding: &Finding| {
        json!({
            "path": relative(&finding.path, base),
            "line": finding.start.line,
            "column": finding.start.column,
            "end_line": finding.end.line,
            "end_column": finding.end.column,
            "rule": finding.rule.id(),
            "also": finding.also.iter().map(|rule| rule.id()).collect::<Vec<_>>(),
            "title": finding.rule.rule.title,
            "severity": finding.rule.rule.severity,
            "certain": finding.certain,
            "loses": finding.phrase,
            "in": finding.label,
            "instead": finding.rule.rule.instead,
            "lines": finding.lines,
            "fingerprint": finding.fingerprint,
        })
    };
    let note =
        |note: &Note| json!({"path": relative(&note.path, base), "line": note.line, "text": note.text});
    let all = json!({
        "version": 1,
        "findings": scanned.findings.iter().map(finding).collect::<Vec<Value>>(),
        "notes": scanned.notes.iter().map(note).collect::<Vec<Value>>(),
        "unread": scanned.unread.iter().map(note).collect::<Vec<Value>>(),
        "files": scanned.files,
        "commands": scanned.commands,
        "allowed": scanned.allowed,
        "known": scanned.known,
        "possible": scanned.possible,
    });
    format!("{all:#}\n")
}

/// Returns a severity's name.
pub(super) fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
        Severity::Catastrophic => "catastrophic",
    }
}

/// Returns a path from where guard was called.
pub(super) fn relative(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).to_string_lossy().into_owned()
}

fn shown(path: &Path, base: &Path) -> String {
    safe(&relative(path, base)).into_owned()
}
