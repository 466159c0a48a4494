//! The instructions of a Dockerfile: lines that a backslash joins, comments between them, here-documents,
//! and lists of words.

use super::super::kinds::Kinds;
use super::{Body, File, Piece};
use crate::document;
use crate::document::mapped::Mapped;

/// Returns the commands of the instructions that the table names.
pub(super) fn read(file: File<'_>, kinds: &Kinds) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut reader = file.kind.reader.clone();
    let escape = if is_windows(file.text) { '`' } else { '\\' };
    let mut start = 0;
    while start < file.text.len() {
        let (mut line, mut end) = instruction(file.text, start, escape);
        let (name, rest) = without_word(&line);
        let (name, rest) = match name.to_ascii_uppercase().as_str() {
            "ONBUILD" => without_word(&rest),
            _ => (name, rest),
        };
        let name = name.to_ascii_uppercase();
        let mut rest = rest;
        if name == "RUN"
            && let Some(after) = here_documents(&file.text[end..], rest.text())
        {
            // The shell reads the documents that begin here by itself.
            line = Mapped::of(file.text, rest.whole().start..end + after);
            (rest, end) = (line.clone(), end + after);
        }
        if name == "SHELL" {
            let named = list(file, &rest).and_then(|words| Some(words.first()?.text().to_owned()));
            reader = named.as_deref().and_then(|named| kinds.reader(named)).unwrap_or_default().to_owned();
        }
        let commands = file.kind.commands.iter().find(|commands| commands.at == name);
        if let Some(commands) = commands
            && let Some(command) = command_of(&name, rest)
            && let Some(body) = body(file, &reader, command)
        {
            let mut piece = file.piece(Mapped::default(), name);
            piece.body = body;
            piece.machine = commands.machine.unwrap_or(piece.machine);
            pieces.push(piece);
        }
        start = end;
    }
    pieces
}

fn is_windows(text: &str) -> bool {
    let directive = |line: &str| line.to_ascii_lowercase().replace(' ', "").starts_with("#escape=`");
    text.lines().take_while(|line| line.starts_with('#')).any(directive)
}

/// Returns the instruction that begins at `start`, its comments left out, and where the next begins.
fn instruction(text: &str, start: usize, escape: char) -> (Mapped, usize) {
    let mut whole = Mapped::default();
    let mut at = start;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
        let line = &text[at..end];
        let is_comment = line.trim_start().starts_with('#');
        if !is_comment {
            whole.keep(text, at..end);
        }
        at = end;
        let empty = line.trim().is_empty();
        let goes_on =
            (is_comment || empty) && !whole.text().trim().is_empty() || line.trim_end().ends_with(escape);
        if !goes_on {
            break;
        }
    }
    (whole.trimmed(), at)
}

fn without_word(text: &Mapped) -> (String, Mapped) {
    let text = text.trimmed();
    let end = text.text().find(char::is_whitespace).unwrap_or(text.text().len());
    (text.text()[..end].to_owned(), text.part(end..text.text().len()).trimmed())
}

/// Returns an instruction's command without its flags (`--mount=…`); a health check's is behind `CMD`.
fn command_of(name: &str, mut rest: Mapped) -> Option<Mapped> {
    while rest.text().starts_with("--") {
        rest = without_word(&rest).1;
    }
    if name != "HEALTHCHECK" {
        return Some(rest);
    }
    let (word, command) = without_word(&rest);
    word.eq_ignore_ascii_case("CMD").then_some(command)
}

fn body(file: File<'_>, reader: &str, command: Mapped) -> Option<Body> {
    if let Some(words) = list(file, &command) {
        return Some(Body::Words(words));
    }
    let is_there = !command.text().is_empty() && !reader.is_empty();
    is_there.then(|| Body::Text { reader: reader.to_owned(), text: command })
}

/// Reads `["word", "word"]`.
fn list(file: File<'_>, text: &Mapped) -> Option<Vec<Mapped>> {
    let range = text.whole();
    let stands = text.text().starts_with('[') && file.text.get(range.clone()) == Some(text.text());
    let nodes = stands.then(|| document::yaml::read(text.text()).ok())??;
    let words = nodes.first()?.texts().into_iter();
    let moved = words.map(|word| {
        let mut moved = Mapped::default();
        for (at, c) in word.text().char_indices() {
            let place = word.source(at..at + c.len_utf8());
            moved.put(c.encode_utf8(&mut [0; 4]), place.start + range.start..place.end + range.start);
        }
        moved
    });
    Some(moved.collect())
}

/// Returns the length of the here-documents that a line begins.
fn here_documents(rest: &str, line: &str) -> Option<usize> {
    let mut length = 0;
    for opened in line.split("<<").skip(1).take(16) {
        let dashed = opened.starts_with('-');
        let word = opened.trim_start_matches('-').trim_start_matches(['"', '\'']);
        let word: String = word.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if word.is_empty() || opened.starts_with('<') {
            continue;
        }
        for line in rest[length..].split_inclusive('\n') {
            length += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            if line == word || dashed && line.trim_start_matches('\t') == word {
                break;
            }
        }
    }
    (length > 0).then_some(length)
}
