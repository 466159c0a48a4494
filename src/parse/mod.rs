//! Shell text into a [`Script`] and its gaps. Pure, and it never fails.
//!
//! The text is read the way a shell reads it: character by character, left to right, so that a
//! quote, a here-document or a `)` means here what it means to the shell that would run it. What
//! cannot be read becomes a [`Gap`]; everything around it is still in the script.
//!
//! What holds for every text, however hostile:
//! - Reading takes time in proportion to the text, and nesting is bounded, so no text is slow and
//!   none overflows the stack.
//! - A command the shell would run is in the script or behind a gap. After a syntax error the
//!   rest of its line is read by itself and then the next line as if nothing had happened, so an
//!   error hides nothing that a shell would still run.
//! - Where `sh` may be one of several shells that disagree ([`Dialect::Posix`]), the reading that
//!   runs more wins.

mod ansi;
mod compound;
mod cursor;
pub mod gap;
mod here;
mod list;
mod mode;
mod parameter;
mod reader;
mod redirect;
pub mod script;
mod word;

#[cfg(test)]
mod tests;

use gap::{Gap, GapKind};
use reader::Reader;
use script::{Script, Span};
use serde::{Deserialize, Serialize};

/// The most text that is read, in bytes: what an agent proposes is far shorter, and a text that
/// is longer is asked about rather than read.
const LIMIT: usize = 64 * 1024;

/// The shell whose rules a text is read by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// bash, and anything that is not known better.
    #[default]
    Bash,
    /// `sh`: dash, busybox, or bash under that name.
    Posix,
    /// zsh with its default options.
    Zsh,
}

impl Dialect {
    /// Returns the program that reads such text.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Posix => "sh",
            Self::Zsh => "zsh",
        }
    }
}

/// A text as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The commands.
    pub script: Script,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Reads `text` by the rules of `dialect`.
///
/// Spans count from the start of `text`, in bytes; inside backticks that contain escapes they
/// are those of the backticks. The marks of [`crate::unknown`] are ordinary characters of a word.
pub fn parse(text: &str, dialect: Dialect) -> Parsed {
    let readable = within_limit(text);
    let mut reader = Reader::new(readable, dialect);
    let script = reader.script();
    let mut gaps = reader.into_gaps();
    if let Some(at) = readable.find('\0') {
        gaps.push(Gap {
            kind: GapKind::Syntax,
            span: span(at, at + 1),
            reason: "a zero byte, which shells drop".to_owned(),
        });
    }
    if readable.len() < text.len() {
        gaps.push(Gap {
            kind: GapKind::Bound,
            span: span(readable.len(), text.len()),
            reason: format!("the text is longer than {} kB", LIMIT / 1024),
        });
    }
    Parsed { script, gaps }
}

/// Returns whether a shell that reads `text` line by line has whole commands by its end, so that it
/// would run them now rather than wait for more.
pub fn is_whole(text: &str, dialect: Dialect) -> bool {
    let ends_early = |text: &str| {
        let at_end = |gap: &Gap| gap.kind == GapKind::Syntax && gap.span.start as usize >= text.len();
        parse(text, dialect).gaps.iter().any(at_end)
    };
    let last = text.strip_suffix('\n').unwrap_or(text);
    let backslashes = last.bytes().rev().take_while(|byte| *byte == b'\\').count();
    let line = last.rsplit('\n').next().unwrap_or(last);
    let goes_on = backslashes % 2 == 1 && !line.trim_start().starts_with('#');
    // An open here-document would take a further line for its own, whatever stands on it.
    let in_document = || text.contains("<<") && !ends_early(&format!("{last}\n'"));
    !goes_on && !ends_early(text) && !in_document()
}

/// Returns the part of `text` that is read: all of it, or its first lines.
fn within_limit(text: &str) -> &str {
    if text.len() <= LIMIT {
        return text;
    }
    let mut cut = LIMIT;
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let head = &text[..cut];
    head.rfind('\n').map_or(head, |newline| &head[..=newline])
}

fn span(start: usize, end: usize) -> Span {
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: clamp(start), end: clamp(end) }
}
