//! The scripts of `sed`, of which only a few commands reach beyond its input.

use super::{Argument, Call, Code, Language, Literal, Unread};
use crate::parse::script::Span;
use crate::unknown::UNKNOWN;

/// Reads a script: `e` and `s///e` are calls of `e`, `w` and `s///w` are calls of `>`.
pub(super) fn read(text: &str) -> Code {
    let mut script = Script { text, at: 0, code: Code::new(Language::Sed) };
    while script.at < text.len() {
        script.command();
    }
    let span = Span { start: 0, end: u32::try_from(text.len()).unwrap_or(u32::MAX) };
    script.code.strings.push(Literal { text: text.to_owned(), span });
    script.code
}

struct Script<'a> {
    text: &'a str,
    at: usize,
    code: Code,
}

impl<'a> Script<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn skip_while(&mut self, mut skips: impl FnMut(char) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&mut skips) {
            self.next();
        }
        &self.text[start..self.at]
    }

    fn line(&mut self) -> &'a str {
        self.skip_while(|c| c != '\n')
    }

    /// Reads what stands before `delimiter`, and steps over that.
    fn part(&mut self, delimiter: char) -> &'a str {
        let start = self.at;
        let mut class = false;
        while let Some(c) = self.next() {
            match c {
                '\\' => {
                    self.next();
                }
                '[' => class = true,
                ']' => class = false,
                '\n' => class = false,
                _ if c == delimiter && !class => return &self.text[start..self.at - c.len_utf8()],
                _ => {}
            }
        }
        &self.text[start..]
    }

    /// Reads one command with its addresses.
    fn command(&mut self) {
        let start = self.at;
        let Some(c) = self.next() else { return };
        match c {
            '#' => {
                self.line();
            }
            '/' => {
                self.part('/');
                self.skip_while(|c| matches!(c, 'I' | 'M'));
            }
            '\\' => {
                if let Some(delimiter) = self.next() {
                    self.part(delimiter);
                }
            }
            's' => self.substitution(start),
            'y' => {
                if let Some(delimiter) = self.next() {
                    self.part(delimiter);
                    self.part(delimiter);
                }
            }
            'a' | 'i' | 'c' => self.inserted_text(),
            'b' | 't' | 'T' | ':' => {
                self.skip_while(|c| c != '\n' && c != ';' && c != '}');
            }
            'r' | 'R' => {
                self.line();
            }
            'w' | 'W' => {
                let file = self.line().trim();
                self.call(">", file, start);
            }
            'e' => {
                let command = self.line().trim();
                if command.is_empty() {
                    let span = self.span(start);
                    self.code.unknown_code.push(Unread { why: "is the input itself", span });
                } else {
                    self.call("e", command, start);
                }
            }
            _ => {}
        }
    }

    /// Steps over the text of `a`, `i` and `c`: a line, and those that follow a backslash.
    fn inserted_text(&mut self) {
        loop {
            let line = self.line();
            self.next();
            if !line.ends_with('\\') || self.at >= self.text.len() {
                break;
            }
        }
    }

    fn substitution(&mut self, start: usize) {
        let Some(delimiter) = self.next() else { return };
        self.part(delimiter);
        let replacement = self.replacement(delimiter);
        let flags = self.skip_while(|c| c.is_ascii_alphanumeric() && c != 'w');
        if flags.contains('e') {
            self.call("e", &replacement, start);
        }
        if self.peek() == Some('w') {
            self.next();
            let file = self.line().trim();
            self.call(">", file, start);
        }
    }

    /// Reads the replacement of a substitution; what is put in from the input is not known.
    fn replacement(&mut self, delimiter: char) -> String {
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                _ if c == delimiter => break,
                '&' => text.push(UNKNOWN),
                '\\' => match self.next() {
                    Some('0'..='9') => text.push(UNKNOWN),
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                _ => text.push(c),
            }
        }
        text
    }

    fn span(&self, start: usize) -> Span {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: place(start), end: place(self.at) }
    }

    fn call(&mut self, callee: &str, argument: &str, start: usize) {
        let span = self.span(start);
        let argument = Argument { value: Some(argument.to_owned()), ..Argument::default() };
        self.code.calls.push(Call {
            callee: callee.to_owned(),
            arguments: vec![argument],
            receiver: Vec::new(),
            in_loop: true,
            span,
        });
    }
}
