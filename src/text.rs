//! Text for terminals: made safe, measured, cut into lines, coloured.
//!
//! No text from outside reaches a terminal except through [`safe`], [`safe_lines`] or [`safe_os`].
//! After that it cannot move the cursor, hide, reorder or overlay anything, and what is shown as one
//! character takes up the columns that [`width`] says.

use crate::env_vars;
use crate::unknown::is_mark;
use dialoguer::console::measure_text_width;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::str::FromStr;
use std::time::Duration;

/// What stands for an unknown stretch and for text that was cut off.
pub const ELLIPSIS: char = '…';

/// How many combining characters may follow a letter; more would climb over other lines.
const MAX_ACCENTS: u8 = 2;

/// Returns `text` with everything escaped that a terminal would not show as a character of its own.
///
/// Escaped are control characters (newlines and tabs too), what reorders text, what is invisible or
/// looks like a blank but is none, private use and combining characters without a letter to stand
/// on. The marks of [`crate::unknown`] become `…`.
pub fn safe(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// Returns `text` as [`safe`] does, but keeps its newlines.
pub fn safe_lines(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

/// Returns an argument or a path as [`safe`] does, with bytes that are not UTF-8 as `\xff`.
pub fn safe_os(text: &OsStr) -> String {
    let mut out = String::new();
    for chunk in text.as_bytes().utf8_chunks() {
        out.push_str(&safe(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Returns whether a person may type `c` into a line: it is shown as itself.
pub fn is_typable(c: char) -> bool {
    !c.is_control() && !is_hidden(c)
}

/// Reads a length of time: `90s`, `30m`, `24h`, `14 d`, `2w`.
pub fn duration(text: &str) -> Option<Duration> {
    let (count, unit) = quantity(text)?;
    count.checked_mul(seconds_in(unit)?).map(Duration::from_secs)
}

/// Returns how many seconds a unit of time has.
pub fn seconds_in(unit: &str) -> Option<u64> {
    match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        "w" => Some(7 * 86_400),
        _ => None,
    }
}

/// Splits a number from its unit.
pub fn quantity(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..digits].parse().ok()?, text[digits..].trim()))
}

/// Returns a time as people write it: `2:00`.
pub fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

fn escape(text: &str, keep_newlines: bool) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~') || keep_newlines && b == b'\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut accents = 0;
    for c in text.chars() {
        let shown = match c {
            '\n' => keep_newlines,
            _ if is_mark(c) => {
                out.push(ELLIPSIS);
                accents = 0;
                continue;
            }
            _ if !is_typable(c) => false,
            _ if char_width(c) == 0 => accents > 0,
            _ => true,
        };
        accents = match shown {
            true if char_width(c) == 0 => accents - u8::from(accents > 0),
            true if c.is_alphanumeric() => MAX_ACCENTS,
            _ => 0,
        };
        if shown { out.push(c) } else { push_escape(&mut out, c) }
    }
    Cow::Owned(out)
}

fn push_escape(out: &mut String, c: char) {
    let _ = match c {
        '\n' => out.write_str("\\n"),
        '\t' => out.write_str("\\t"),
        '\r' => out.write_str("\\r"),
        '\x1b' => out.write_str("\\e"),
        '\0'..='\x7f' => write!(out, "\\x{:02x}", u32::from(c)),
        _ => write!(out, "\\u{{{:x}}}", u32::from(c)),
    };
}

/// Returns whether `c` is invisible, reorders its neighbours, or looks like a blank.
///
/// From Unicode's `Default_Ignorable_Code_Point`, `Bidi_Control`, `White_Space` without the space
/// itself, the private use areas and the noncharacters.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{1680}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}'
    )
}

/// Returns how many columns `text` takes up; colours take up none.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) { text.len() } else { measure_text_width(text) }
}

fn char_width(c: char) -> usize {
    if c.is_ascii() { 1 } else { measure_text_width(c.encode_utf8(&mut [0; 4])) }
}

/// Returns `line` cut into pieces, after a blank where there is one: the first of at most `first`
/// columns, the others of at most `rest`.
///
/// The pieces put together are `line` again: nothing is dropped. Colours take up no room.
pub fn fold(line: &str, first: usize, rest: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut used, mut room) = (0, 0, first);
    let (mut after_blank, mut in_colour) = (None, false);
    for (at, c) in line.char_indices() {
        // A colour of ours, the only escape sequence that can be here: `\x1b[1m`.
        in_colour |= c == '\x1b';
        let wide = if in_colour { 0 } else { char_width(c) };
        in_colour &= c != 'm';
        while used + wide > room && at > start {
            let cut = after_blank.take().unwrap_or(at);
            pieces.push(&line[start..cut]);
            start = cut;
            used = width(&line[cut..at]);
            room = rest;
        }
        used += wide;
        if c == ' ' {
            after_blank = Some(at + 1);
        }
    }
    pieces.push(&line[start..]);
    pieces
}

/// Returns prose filled to `columns`, every line but the first indented by `hanging`.
///
/// Newlines are kept. `columns` is the full width; the first line is taken to begin at `hanging` too
/// (after a label).
pub fn wrap(text: &str, columns: usize, hanging: usize) -> String {
    let room = columns.saturating_sub(hanging).max(1);
    let mut out = String::new();
    for line in text.lines() {
        for piece in fold(line.trim_end(), room, room) {
            if !out.is_empty() {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', hanging));
            }
            out.push_str(piece.trim_end());
        }
    }
    out
}

/// Returns a count with its noun: `1 file`, `3 files`.
pub fn so_many(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Returns the first of some names, `…` for the others: `a, b, …`.
pub fn first_few<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown = names.iter().take(most).map(AsRef::as_ref);
    let more = (names.len() > most).then_some("…");
    shown.chain(more).collect::<Vec<_>>().join(", ")
}

/// Returns `text` cut off at `columns` columns, with `…` where something is missing.
pub fn ellipsize(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let kept = beginning(text, columns.saturating_sub(1));
    Cow::Owned(format!("{}{ELLIPSIS}", kept.trim_end()))
}

/// Returns as much of the beginning of `text` as fits into `columns`.
fn beginning(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += char_width(c);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// When to use colour: the value of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// On a terminal that has it, unless `NO_COLOR` or `FORCE_COLOR` say otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<When, String> {
        match text {
            "auto" => Ok(When::Auto),
            "always" => Ok(When::Always),
            "never" => Ok(When::Never),
            _ => Err("expected auto, always or never".to_owned()),
        }
    }
}

/// Puts colour on text, or leaves it plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Leaves text plain.
    pub const PLAIN: Paint = Paint { on: false };
    /// Puts colour on text.
    pub const COLOUR: Paint = Paint { on: true };

    /// Returns what `--color` and the environment ask for, where `terminal` tells whether the text
    /// goes to one.
    pub fn choose(when: When, terminal: bool) -> Paint {
        Paint::choose_by(when, terminal, env_vars::get)
    }

    fn choose_by(when: When, terminal: bool, var: impl Fn(&str) -> Option<OsString>) -> Paint {
        let on = match when {
            When::Always => true,
            When::Never => false,
            When::Auto if var(env_vars::NO_COLOR).is_some() => false,
            When::Auto if var(env_vars::FORCE_COLOR).is_some_and(|value| value != "0") => true,
            When::Auto => terminal && var(env_vars::TERM).is_some_and(|value| value != "dumb"),
        };
        Paint { on }
    }

    /// Returns `text` in bold.
    pub fn bold(self, text: &str) -> Cow<'_, str> {
        self.put("1", text)
    }

    /// Returns `text` dimmed.
    pub fn dim(self, text: &str) -> Cow<'_, str> {
        self.put("2", text)
    }

    /// Returns `text` in bold red.
    pub fn red(self, text: &str) -> Cow<'_, str> {
        self.put("1;31", text)
    }

    /// Returns `text` in yellow.
    pub fn yellow(self, text: &str) -> Cow<'_, str> {
        self.put("33", text)
    }

    /// Returns `text` in green.
    pub fn green(self, text: &str) -> Cow<'_, str> {
        self.put("32", text)
    }

    fn put<'a>(self, code: &str, text: &'a str) -> Cow<'a, str> {
        if self.on { Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m")) } else { Cow::Borrowed(text) }
    }
}

#[cfg(test)]
mod tests;
