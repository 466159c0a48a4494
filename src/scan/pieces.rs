//! Takes a file apart into the commands in it.

mod dockerfile;
mod recipes;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use globset::Glob;
use regex::Regex;

use super::kinds::Kinds;
use super::table::{Commands, Directory, Form, Format, Kind, Machine};
use crate::document::mapped::Mapped;
use crate::document::{self, Found, Node};
use crate::unknown::UNKNOWN_WORDS;

/// How many commands of a file are judged.
pub const MOST: usize = 5000;

/// A command in a file.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it is.
    pub body: Body,
    /// Where it runs.
    pub directory: PathBuf,
    /// On what it runs.
    pub machine: Machine,
    /// Its place, as a person would name it: `jobs.build.steps.2.run`, `target clean`.
    pub label: String,
}

/// How a command is written.
#[derive(Clone, Debug)]
pub enum Body {
    /// Text for a reader, one of the table's.
    Text {
        /// The reader's name.
        reader: String,
        /// The text.
        text: Mapped,
    },
    /// A program and its arguments.
    Words(Vec<Mapped>),
}

/// A file as it is read.
#[derive(Clone, Copy)]
pub struct File<'f> {
    /// Its path below the project's root.
    pub path: &'f Path,
    /// What is in it.
    pub text: &'f str,
    /// The project's root.
    pub root: &'f Path,
    /// What kind of file it is.
    pub kind: &'f Kind,
}

/// Returns the commands in a file.
///
/// # Errors
///
/// Returns why the file cannot be read as what it is.
pub fn of(file: File<'_>, kinds: &Kinds) -> Result<Vec<Piece>, String> {
    let mut pieces = match file.kind.format {
        Format::Text => vec![file.piece(file.whole(), String::new())],
        Format::Yaml => {
            document::yaml::read(file.text)?.iter().flat_map(|root| in_tree(file, root, kinds)).collect()
        }
        Format::Toml => in_tree(file, &document::toml::read(file.text), kinds),
        Format::Make => recipes::of_makefile(file),
        Format::Just => recipes::of_justfile(file, kinds),
        Format::Dockerfile => dockerfile::read(file, kinds),
        Format::Lines => lines(file),
    };
    for piece in &mut pieces {
        piece.fill(file.kind);
    }
    Ok(pieces)
}

impl File<'_> {
    fn directory(&self) -> PathBuf {
        match self.kind.directory {
            Directory::Project => self.root.to_owned(),
            Directory::File => self.root.join(self.path.parent().unwrap_or(Path::new(""))),
        }
    }

    fn whole(&self) -> Mapped {
        Mapped::of(self.text, 0..self.text.len())
    }

    fn piece(&self, text: Mapped, label: String) -> Piece {
        Piece {
            body: Body::Text { reader: self.kind.reader.clone(), text },
            directory: self.directory(),
            machine: self.kind.machine,
            label,
        }
    }
}

impl Piece {
    /// Puts a mark where something is filled in before a shell reads the command.
    fn fill(&mut self, kind: &Kind) {
        let mark = |_: &str| UNKNOWN_WORDS.to_string();
        for (open, close) in kind.holes.iter().filter_map(|hole| hole.split_once(' ')) {
            match &mut self.body {
                Body::Text { text, .. } => *text = text.filled(open, close, mark),
                Body::Words(words) => {
                    words.iter_mut().for_each(|word| *word = word.filled(open, close, mark))
                }
            }
        }
    }
}

fn in_tree(file: File<'_>, root: &Rc<Node>, kinds: &Kinds) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for commands in &file.kind.commands {
        for found in document::find(root, &commands.at).into_iter().take(MOST + 1) {
            if commands.only_if.iter().all(|(key, values)| is_near(&found, key, values)) {
                pieces.extend(of_value(file, commands, &found, kinds));
            }
        }
    }
    pieces
}

/// Returns the commands that a value of the file is.
fn of_value(file: File<'_>, commands: &Commands, found: &Found, kinds: &Kinds) -> Vec<Piece> {
    let near = |keys: &[String]| {
        let node = found.near(keys)?;
        Some(node.text()?.text().to_owned())
    };
    let named = near(&commands.reader);
    let reader = named.as_deref().map_or(Some(file.kind.reader.as_str()), |name| kinds.reader(name));
    let directory = near(&commands.directory).map(|name| match name.contains(['$', '{']) {
        true => PathBuf::from(UNKNOWN_WORDS.to_string()),
        false => PathBuf::from(name.trim_start_matches("./")),
    });
    let thrown_away = commands.thrown_away_if.iter().any(|(key, values)| is_near(found, key, values));
    let machine =
        if thrown_away { Machine::ThrownAway } else { commands.machine.unwrap_or(file.kind.machine) };
    let directory = directory.map_or_else(|| file.directory(), |below| file.directory().join(below));
    let piece = |body| Piece { body, directory: directory.clone(), machine, label: found.path.clone() };
    let texts = found.node.texts();
    match (commands.form, reader) {
        (Form::Cell, _) => cell(&joined(&texts, "")).into_iter().map(piece).collect(),
        (Form::Words, _) if texts.len() > 1 || matches!(*found.node, Node::List(_)) => {
            words(&texts).map(piece).into_iter().collect()
        }
        (_, None) => Vec::new(),
        (_, Some(reader)) => {
            let text = joined(&texts, "\n");
            let is_there = !text.text().trim().is_empty();
            is_there.then(|| piece(Body::Text { reader: reader.to_owned(), text })).into_iter().collect()
        }
    }
}

/// Returns a program and its arguments; `CMD` and `CMD-SHELL` before them are a health check's.
fn words(texts: &[&Mapped]) -> Option<Body> {
    let texts = match texts.first()?.text() {
        "CMD" => &texts[1..],
        "CMD-SHELL" => {
            let text = joined(&texts[1..], " ");
            return Some(Body::Text { reader: "sh".to_owned(), text });
        }
        "NONE" => return None,
        _ => texts,
    };
    Some(Body::Words(texts.iter().map(|text| (*text).clone()).collect()))
}

/// Returns whether something near has one of these values, or is a map or list with such a one in it.
fn is_near(found: &Found, key: &str, values: &[String]) -> bool {
    let fits = |text: &str| {
        values.iter().any(|glob| Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(text)))
    };
    found.near(&[key.to_owned()]).is_some_and(|node| match node.as_ref() {
        Node::Map(_) => values.iter().any(|value| value == "*"),
        node => !node.texts().is_empty() && node.texts().iter().all(|text| fits(text.text())),
    })
}

fn joined(texts: &[&Mapped], between: &str) -> Mapped {
    let mut all = Mapped::default();
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            let end = all.whole().end;
            all.put(between, end..end);
        }
        all.append(text);
    }
    all
}

/// Returns the commands of a notebook's cell.
fn cell(source: &Mapped) -> Vec<Body> {
    let text = source.text();
    let start = text.len() - text.trim_start().len();
    if let Some(magic) = text[start..].strip_prefix("%%") {
        let (head, _) = magic.split_once('\n').unwrap_or((magic, ""));
        let mut words = head.split_whitespace();
        let reader = match (words.next(), words.next()) {
            (Some("script"), Some(named)) => named,
            (Some("!"), _) => "bash",
            (Some(named), _) => named,
            (None, _) => return Vec::new(),
        };
        let body = source.part((start + 2 + head.len()).min(text.len())..text.len());
        return vec![Body::Text { reader: reader.to_owned(), text: body }];
    }
    let mut bodies = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        let end = at + line.trim_end().len();
        at += line.len();
        if text[start..at].starts_with('!') {
            let command =
                source.part(start + 1..end.max(start + 1)).filled("{", "}", |_| UNKNOWN_WORDS.to_string());
            bodies.push(Body::Text { reader: "bash".to_owned(), text: command });
        }
    }
    bodies
}

/// Returns the commands of a file with one a line.
fn lines(file: File<'_>) -> Vec<Piece> {
    let Some(regex) = file.kind.line.as_deref().and_then(|line| Regex::new(line).ok()) else {
        return Vec::new();
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < file.text.len() {
        let end = end_of_line(file.text, start, file.kind.continued);
        let line = &file.text[start..end];
        if let Some(command) = regex.captures(line).and_then(|found| found.name("command")) {
            let text = Mapped::of(file.text, start + command.start()..start + command.end());
            pieces.push(file.piece(text, String::new()));
        }
        start = end + 1;
    }
    pieces
}

/// Returns where the line that begins at `start` ends, with those that a backslash joins to it.
fn end_of_line(text: &str, start: usize, continued: bool) -> usize {
    let mut at = start;
    loop {
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
        let goes_on = text[at..end].trim_end_matches('\r').ends_with('\\');
        if !continued || !goes_on || end == text.len() {
            return end;
        }
        at = end + 1;
    }
}

#[cfg(test)]
#[path = "pieces/tests.rs"]
mod tests;
