//! Words as the shell would expand them, as far as that is known.
//!
//! A word becomes pieces, of which each knows whether it was quoted, and the pieces become words.
//! Globs stay as they are written, except where the shell itself goes over what they stand for.

mod arithmetic;
mod braces;
mod fields;
mod names;
mod parameter;
mod pattern;

use self::fields::{Field, LONGEST, Piece, split};
use super::files::Content;
use super::state::Shell;
use super::variables::Value;
use super::walk::{BYTES, Walker};
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::parse::script::{CommandKind, Element, Part, Redirect, RedirectKind, Script, Word};
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known, quoted};

/// How many words are worth one step.
pub(super) const WORDS: usize = 8;

/// Where a word stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Among the words of a command.
    Argument,
    /// Where it stays one: in an assignment, a redirection, a pattern.
    Alone,
    /// Behind the sign in `${name:-word}`, where its own text is split as well.
    Operand,
}

impl Walker<'_> {
    /// Returns the words that `words` become.
    pub(super) fn words(&mut self, words: &[Word], shell: &mut Shell) -> Vec<String> {
        let mut all = Vec::with_capacity(words.len());
        for word in words {
            match word.parts.as_slice() {
                [Part::Text { text, quoted }] if *quoted || !text.contains(['{', '~']) => {
                    all.push(text.clone());
                }
                _ => all.extend(self.fields(word, shell).into_iter().map(|field| field.text)),
            }
        }
        all
    }

    /// Returns the words that stay in the shell (those of a loop, an array, a function's call), with
    /// globs spelled out.
    pub(super) fn listed(&mut self, words: &[Word], shell: &mut Shell) -> Vec<String> {
        let mut all = Vec::new();
        let fields: Vec<Field> = words.iter().flat_map(|word| self.fields(word, shell)).collect();
        for field in fields {
            let is_glob = field.is_glob && is_known(&field.text);
            let found = if is_glob { self.named_by(&field.text, shell) } else { None };
            all.extend(found.unwrap_or_else(|| vec![field.text]));
        }
        all
    }

    /// Returns the paths that a glob stands for, where that is known and there are any.
    pub(super) fn named_by(&mut self, glob: &str, shell: &Shell) -> Option<Vec<String>> {
        let mut looks = 0;
        let found = names::matching(glob, &shell.site, self.place, &mut looks);
        self.charge(looks / WORDS);
        found
    }

    fn fields(&mut self, word: &Word, shell: &mut Shell) -> Vec<Field> {
        let mut all = Vec::new();
        // In zsh a parameter is done with before a brace behind it.
        let joins_names = shell.dialect != Dialect::Zsh;
        for parts in braces::spelled_out(&word.parts, joins_names) {
            let mut pieces = Vec::with_capacity(parts.len() + 1);
            if parts.is_empty() && !joins_names {
                // zsh keeps the empty word of `{,a}`.
                pieces.push(Piece::Quoted(String::new()));
            }
            self.pieces(&parts, shell, Standing::Argument, &mut pieces);
            self.charge(pieces.iter().map(Piece::size).sum::<usize>() / BYTES);
            let separators = shell.separators(self.place);
            all.extend(split(pieces, separators.as_deref()));
        }
        self.charge(all.len() / WORDS);
        all
    }

    /// Returns what `word` becomes where it is not split: in an assignment, a redirection, `case`.
    pub(super) fn text(&mut self, word: &Word, shell: &mut Shell) -> String {
        match word.parts.as_slice() {
            [] => String::new(),
            [Part::Text { text, quoted }] if *quoted || !text.contains('~') => text.clone(),
            parts => self.joined(parts, shell, str::to_owned),
        }
    }

    /// Returns `word` as a pattern, in which what was quoted stands for itself.
    fn pattern(&mut self, word: &Word, shell: &mut Shell) -> String {
        self.joined(&word.parts, shell, |text| {
            let mut pattern = String::with_capacity(text.len() * 2);
            for c in text.chars() {
                if c.is_ascii_punctuation() {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
            pattern
        })
    }

    /// Returns the text of a here-document, in which no `~` means anything.
    pub(super) fn document(&mut self, word: &Word, shell: &mut Shell) -> String {
        let mut text = String::new();
        for part in &word.parts {
            match part {
                Part::Text { text: literal, .. } => text.push_str(literal),
                part => {
                    text.push_str(&self.joined(std::slice::from_ref(part), shell, str::to_owned));
                }
            }
            if text.len() > LONGEST {
                return UNKNOWN_WORDS.to_string();
            }
        }
        text
    }

    /// Returns what parts become as one text; `quote` is applied to what was quoted.
    fn joined(&mut self, parts: &[Part], shell: &mut Shell, quote: impl Fn(&str) -> String) -> String {
        let mut pieces = Vec::with_capacity(parts.len());
        self.pieces(parts, shell, Standing::Alone, &mut pieces);
        let mut text = String::new();
        self.charge(pieces.iter().map(Piece::size).sum::<usize>() / BYTES);
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => text.push_str(&plain),
                Piece::Quoted(plain) => text.push_str(&quote(&quoted(&plain))),
                Piece::Split(plain) => text.push_str(&quoted(&plain)),
                Piece::Break => text.push(' '),
            }
            if text.len() > LONGEST {
                return UNKNOWN.to_string();
            }
        }
        text
    }

    /// Adds what parts become.
    fn pieces(&mut self, parts: &[Part], shell: &mut Shell, standing: Standing, all: &mut Vec<Piece>) {
        for (at, part) in parts.iter().enumerate() {
            if !self.charge(0) {
                all.push(Piece::Split(UNKNOWN_WORDS.to_string()));
                return self.gap(GapKind::Bound, "takes too long to work out");
            }
            match part {
                Part::Text { text, quoted: true } => all.push(Piece::Quoted(text.clone())),
                Part::Text { text, quoted: false } => {
                    let home = if at == 0 { self.tilde(text, parts.len() == 1, shell) } else { None };
                    let (home, rest) = home.unwrap_or((String::new(), text));
                    all.push(Piece::Plain(home));
                    all.push(match standing {
                        Standing::Operand if shell.dialect != Dialect::Zsh => Piece::Split(rest.to_owned()),
                        _ => Piece::Plain(rest.to_owned()),
                    });
                }
                Part::Parameter { .. } => self.parameter(part, shell, standing, all),
                Part::Command { script, quoted } => {
                    let output = match lone_input(script) {
                        Some(path) => self.content(path, shell),
                        None => self.script(script, &mut shell.clone(), None),
                    };
                    let output = output.trim_end_matches('\n').replace('\0', "");
                    all.push(if *quoted { Piece::Quoted(output) } else { Piece::Split(output) });
                }
                Part::Process { script, input } => {
                    let fed = (!input).then(|| UNKNOWN_WORDS.to_string());
                    let output = self.script(script, &mut shell.clone(), fed.as_deref());
                    all.push(Piece::Quoted(self.files.name(output)));
                }
                Part::Arithmetic { expression } => {
                    let number = self.number(expression, shell);
                    all.push(Piece::Plain(number.map_or_else(|| UNKNOWN.to_string(), |n| n.to_string())));
                }
                Part::Array(elements) => {
                    self.elements(elements, shell);
                    all.push(Piece::Split(UNKNOWN_WORDS.to_string()));
                }
                Part::Other { raw, words } => {
                    if !self.flagged(raw, words, shell) {
                        self.words(words, shell);
                    }
                    all.push(Piece::Split(UNKNOWN_WORDS.to_string()));
                }
            }
        }
    }

    /// Returns what a file holds, as `$(< file)` does.
    fn content(&mut self, path: &Word, shell: &mut Shell) -> String {
        let path = self.text(path, shell);
        match self.files.read(&path, &shell.site, self.place) {
            Content::Text(text) => text,
            Content::Missing | Content::Directory | Content::Unknown(_) => UNKNOWN_WORDS.to_string(),
        }
    }

    /// Returns the array that `( … )` makes.
    pub(super) fn elements(&mut self, elements: &[Element], shell: &mut Shell) -> Value {
        let mut array = std::collections::BTreeMap::new();
        let mut next = first_index(shell.dialect);
        for Element { key, value } in elements {
            let Some(key) = key else {
                for word in self.listed(std::slice::from_ref(value), shell) {
                    array.insert(next, word);
                    next += 1;
                }
                continue;
            };
            let text = self.text(value, shell);
            let place = self.number(key, shell).and_then(|key| usize::try_from(key).ok());
            let Some(place) = place else {
                return Value::Scalar(UNKNOWN_WORDS.to_string());
            };
            array.insert(place, text);
            next = place.saturating_add(1);
        }
        Value::Array(array)
    }

    /// Returns the associative array that `( … )` makes.
    pub(super) fn entries(&mut self, elements: &[Element], shell: &mut Shell) -> Value {
        let mut map = std::collections::BTreeMap::new();
        let mut words = Vec::new();
        for Element { key, value } in elements {
            let value = self.text(value, shell);
            match key {
                Some(key) => drop(map.insert(self.text(key, shell), value)),
                None => words.push(value),
            }
        }
        // `( key value … )` of zsh and bash 5.1.
        let mut words = words.into_iter();
        while let (Some(key), Some(value)) = (words.next(), words.next()) {
            map.insert(key, value);
        }
        if map.keys().all(|key| is_known(key)) {
            Value::Map(map)
        } else {
            Value::Scalar(UNKNOWN_WORDS.to_string())
        }
    }

    /// Works out an arithmetic expression, with what it sets.
    pub(super) fn number(&mut self, expression: &Word, shell: &mut Shell) -> Option<i64> {
        let text = self.text(expression, shell);
        self.sum(&text, shell)
    }

    /// Works out the text of an arithmetic expression, with what it sets.
    pub(super) fn sum(&self, text: &str, shell: &mut Shell) -> Option<i64> {
        arithmetic::evaluate(text, &mut Reckoner { shell, place: self.place })
    }

    /// Returns the home directory that a word begins with, and what follows it. `is_whole` says
    /// that nothing else stands in the word: a quote before the slash makes a `~` an ordinary one.
    fn tilde<'t>(&self, text: &'t str, is_whole: bool, shell: &Shell) -> Option<(String, &'t str)> {
        let rest = text.strip_prefix('~')?;
        let (user, below) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None if is_whole => (rest, ""),
            None => return None,
        };
        let home = match user {
            "" => match shell.value("HOME", self.place) {
                Some(Value::Scalar(home)) if !shell.site.elsewhere => home,
                _ => return None,
            },
            "+" => {
                shell.site.cwd.as_ref().map_or_else(|| UNKNOWN.to_string(), |cwd| cwd.display().to_string())
            }
            "-" => UNKNOWN.to_string(),
            "root" => "/root".to_owned(),
            name if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) => {
                format!("/home/{name}")
            }
            _ => return None,
        };
        Some((home, below))
    }
}

/// Returns the file in `$(< file)`.
fn lone_input(script: &Script) -> Option<&Word> {
    let [command] = script.commands.as_slice() else { return None };
    match (&command.kind, command.redirects.as_slice()) {
        (
            CommandKind::Simple { assignments, words },
            [Redirect { fd: 0, kind: RedirectKind::Read(path), .. }],
        ) if assignments.is_empty() && words.is_empty() => Some(path),
        _ => None,
    }
}

/// Returns the index of an array's first element.
pub(super) fn first_index(dialect: Dialect) -> usize {
    usize::from(dialect == Dialect::Zsh)
}

/// A shell that reckons.
struct Reckoner<'r> {
    shell: &'r mut Shell,
    place: &'r crate::place::Place<'r>,
}

impl arithmetic::Variables for Reckoner<'_> {
    fn value(&self, name: &str) -> Option<String> {
        match self.shell.value(name, self.place)? {
            Value::Scalar(text) => Some(text),
            Value::Unset => Some(String::new()),
            Value::Array(_) | Value::Map(_) => None,
        }
    }

    fn set(&mut self, name: &str, number: Option<i64>) {
        match number {
            Some(number) => self.shell.set(name, number.to_string()),
            None => self.shell.set_unknown(name),
        }
    }
}

#[cfg(test)]
mod tests;
