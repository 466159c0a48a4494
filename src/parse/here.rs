//! Here-documents.
//!
//! Their bodies stand behind the line that announces them, so a redirection is read before its
//! body is found. [`Reader::until_bodies_are_known`] therefore reads twice: the first time finds the
//! bodies, the second time they are at hand where they are announced.

use std::borrow::Cow;
use std::ops::Range;

use super::ansi;
use super::gap::GapKind;
use super::mode::Mode;
use super::reader::Reader;
use super::script::{Part, Word};
use super::word::push_text;

/// A here-document whose body has not been reached.
pub(super) struct Awaited {
    /// Where its operator stands.
    at: usize,
    delimiter: Delimiter,
}

/// What ends a here-document.
#[derive(Default)]
struct Delimiter {
    text: String,
    /// Whether any of it was quoted, so that the body is plain text.
    quoted: bool,
    /// Whether the operator was `<<-`.
    indented: bool,
}

impl<'t> Reader<'t> {
    /// Reads what follows `<<` and returns the body.
    pub(super) fn here_document(&mut self, operator: usize) -> Word {
        let indented = self.byte(self.at) == Some(b'-');
        self.at += usize::from(indented);
        self.skip_blanks();
        let start = self.at;
        let delimiter = Delimiter { indented, ..self.delimiter() };
        if self.at == start || self.byte(self.at) == Some(b'(') {
            self.unexpected();
        }
        let body = match self.bodies.get(&operator).cloned() {
            Some(body) => self.body(body, &delimiter),
            None => {
                self.body_missing = true;
                Word { parts: Vec::new(), span: self.span(start, start) }
            }
        };
        self.awaited.push(Awaited { at: operator, delimiter });
        body
    }

    /// Reads the word that ends a here-document. Nothing in it is expanded.
    fn delimiter(&mut self) -> Delimiter {
        let mut delimiter = Delimiter::default();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\\' => {
                    self.at += 1;
                    delimiter.quoted = true;
                    self.delimiter_character(&mut delimiter);
                }
                b'\'' | b'"' => {
                    delimiter.quoted = true;
                    let quoted = self.quoted_delimiter(byte);
                    delimiter.text.push_str(&quoted);
                }
                b'$' if self.peek_second() == Some(b'\'') => {
                    self.at += 1;
                    delimiter.quoted = true;
                    let quoted = self.quoted_delimiter(b'\'');
                    delimiter.text.push_str(&ansi::decode(&quoted, self.dialect));
                }
                b'$' if self.peek_second() == Some(b'"') => self.at += 1,
                b'$' | b'`' => self.delimiter_expansion(&mut delimiter),
                _ => self.delimiter_character(&mut delimiter),
            }
        }
        delimiter
    }

    fn delimiter_character(&mut self, delimiter: &mut Delimiter) {
        if let Some(c) = self.rest().chars().next() {
            delimiter.text.push(c);
            self.at += c.len_utf8();
        }
    }

    /// Reads what would be an expansion elsewhere: it is text, but what stands in it does not end
    /// the delimiter.
    fn delimiter_expansion(&mut self, delimiter: &mut Delimiter) {
        let start = self.at;
        let mut ignored = Vec::new();
        if self.byte(start) == Some(b'$') {
            self.dollar(Mode::WORD, &mut ignored);
        } else {
            self.backticks(Mode::WORD, &mut ignored);
        }
        delimiter.text.push_str(&self.text[start..self.at]);
        self.gap(GapKind::Syntax, start..self.at, "an expansion in the end of a here-document");
    }

    /// Reads a quoted stretch of a delimiter.
    fn quoted_delimiter(&mut self, quote: u8) -> String {
        let rest = &self.rest()[1..];
        let length = rest.find(char::from(quote));
        let text = &rest[..length.unwrap_or(rest.len())];
        self.at += 1 + text.len();
        self.close(quote);
        if quote == b'"' { text.replace("\\\n", "") } else { text.to_owned() }
    }

    /// Finds the bodies that begin here, behind a newline, and steps over them.
    pub(super) fn find_bodies(&mut self) {
        for awaited in std::mem::take(&mut self.awaited) {
            let body = self.find_body(&awaited.delimiter);
            self.bodies.insert(awaited.at, body);
        }
    }

    /// Steps over a body and its delimiter. A body without delimiter goes on to the end.
    fn find_body(&mut self, delimiter: &Delimiter) -> Range<usize> {
        let start = self.at;
        while self.at < self.end {
            let line_start = self.at;
            let line = self.body_line(delimiter.quoted);
            let line = if delimiter.indented { line.trim_start_matches('\t') } else { &line };
            if line == delimiter.text {
                return start..line_start;
            }
            // bash lets `EOF)` end a document inside `$( … )`.
            let has_close = |rest: &str| self.substitution_depth > 0 && rest.contains(')');
            if line.strip_prefix(delimiter.text.as_str()).is_some_and(has_close) {
                let indent = self.text[line_start..].bytes().take_while(|&b| b == b'\t').count();
                let indent = if delimiter.indented { indent } else { 0 };
                self.at = line_start + indent + delimiter.text.len();
                return start..line_start;
            }
        }
        start..self.end
    }

    /// Steps over a line and returns it without its newline. Where the delimiter was not quoted, a
    /// line that ends with a backslash goes on in the next one.
    fn body_line(&mut self, delimiter_quoted: bool) -> Cow<'t, str> {
        let start = self.at;
        let mut joined = false;
        loop {
            let line = &self.bytes()[self.at..self.end];
            let length = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
            let backslashes = line[..length].iter().rev().take_while(|&&byte| byte == b'\\').count();
            let line_end = self.at + length;
            self.at = (line_end + 1).min(self.end);
            if delimiter_quoted || backslashes % 2 == 0 || self.at == self.end {
                let line = &self.text[start..line_end];
                return if joined { Cow::Owned(line.replace("\\\n", "")) } else { Cow::Borrowed(line) };
            }
            joined = true;
        }
    }

    /// Reads the body of a here-document that stands elsewhere in the text.
    fn body(&mut self, body: Range<usize>, delimiter: &Delimiter) -> Word {
        let span = self.span(body.start, body.end);
        if delimiter.quoted {
            let mut parts = Vec::new();
            for line in self.text[body].split_inclusive('\n') {
                let line = if delimiter.indented { line.trim_start_matches('\t') } else { line };
                push_text(&mut parts, line, true);
            }
            return Word { parts, span };
        }
        let (at, end) = (self.at, self.end);
        let awaited = std::mem::take(&mut self.awaited);
        self.at = body.start;
        self.end = body.end;
        let parts = self.nested(|reader| {
            reader.until_bodies_are_known(|reader| reader.expanded_body(body.end, delimiter.indented))
        });
        self.awaited = awaited;
        self.at = at;
        self.end = if self.failed { at } else { end };
        Word { parts, span }
    }

    /// Reads text with expansions up to `end`. Each expansion fails by itself: by the time a shell
    /// reads it, it has read what stands around the document.
    fn expanded_body(&mut self, end: usize, indented: bool) -> Vec<Part> {
        let mode = if indented { Mode::HERE_INDENTED } else { Mode::HERE };
        let mut parts = Vec::new();
        if indented {
            self.skip_tabs();
        }
        loop {
            self.parts(mode, &mut parts);
            if !self.failed {
                return parts;
            }
            self.forgive(end);
            if self.gave_up() {
                self.at = end;
            }
        }
    }
}
