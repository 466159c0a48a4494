//! The recipes of Makefiles and justfiles, their variables filled in as the tool does it.

use std::collections::BTreeSet;

use super::super::kinds::Kinds;
use super::{Body, File, Piece, end_of_line};
use crate::document::mapped::Mapped;
use crate::resolve::project::{self, Target};
use crate::unknown::UNKNOWN_WORDS;

/// Returns the lines of every target, each for a shell of its own.
pub(super) fn of_makefile(file: File<'_>) -> Vec<Piece> {
    let (targets, variables) = project::read_makefile(file.text);
    let starts = line_starts(file.text);
    let mut seen = BTreeSet::new();
    let mut pieces = Vec::new();
    for target in &targets {
        for (number, _) in &target.lines {
            // `a b: ; command` is one line of two targets.
            let Some(start) = starts.get(number - 1).copied().filter(|start| seen.insert(*start)) else {
                continue;
            };
            let raw = recipe_line(file.text, start);
            let text = filled(&raw, &variables, target);
            let prefix = text.text().len() - text.text().trim_start_matches(['@', '-', '+', ' ', '\t']).len();
            let text = text.part(prefix..text.text().len());
            pieces.push(file.piece(text, format!("target {}", target.name)));
        }
    }
    pieces
}

/// Returns a recipe's line with those that follow it, without the tabs before them.
fn recipe_line(text: &str, start: usize) -> Mapped {
    let end = end_of_line(text, start, true);
    if !text[start..].starts_with('\t') {
        let behind = text[start..end].find(';').map_or(end, |at| start + at + 1);
        return Mapped::of(text, behind..end).trimmed();
    }
    let mut all = Mapped::default();
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        let tab = usize::from(line.starts_with('\t'));
        all.keep(text, at + tab..at + line.len());
        at += line.len();
    }
    all
}

/// Fills in `$(NAME)`, `${NAME}`, `$@` and `$$`.
fn filled(raw: &Mapped, variables: &[(String, String)], target: &Target) -> Mapped {
    let text = raw.text();
    let mut all = Mapped::default();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|found| at + found) {
        all.append(&raw.part(at..dollar));
        let end = reference(text, dollar);
        let value = project::make_variables(&text[dollar..end], variables, &target.name, target);
        all.put(&value, raw.source(dollar..end));
        at = end;
    }
    all.append(&raw.part(at..text.len()));
    all
}

/// Returns where the reference that begins at `dollar` ends.
fn reference(text: &str, dollar: usize) -> usize {
    let after = &text[dollar + 1..];
    let length = match after.chars().next() {
        Some('(') => after.find(')').map_or(after.len(), |close| close + 1),
        Some('{') => after.find('}').map_or(after.len(), |close| close + 1),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    dollar + 1 + length
}

/// Returns the lines of every recipe, or all of them where they are a script.
pub(super) fn of_justfile(file: File<'_>, kinds: &Kinds) -> Vec<Piece> {
    let (recipes, variables) = project::read_justfile(file.text);
    let starts = line_starts(file.text);
    let fill = |name: &str| {
        let known = variables.iter().rev().find(|(known, _)| known == name.trim());
        known.map_or_else(|| UNKNOWN_WORDS.to_string(), |(_, value)| value.clone())
    };
    let mut pieces = Vec::new();
    for recipe in &recipes {
        let lines: Vec<Mapped> = recipe
            .lines
            .iter()
            .filter_map(|(number, _)| starts.get(number - 1).copied())
            .map(|start| Mapped::of(file.text, start..end_of_line(file.text, start, true)).trimmed())
            .collect();
        let label = format!("recipe {}", recipe.name);
        let interpreter = lines.first().and_then(|first| super::super::kinds::interpreter(first.text()));
        if let Some(interpreter) = interpreter {
            let mut text = Mapped::default();
            for line in &lines {
                text.append(line);
                let end = line.whole().end;
                text.put("\n", end..end);
            }
            if let Some(reader) = kinds.reader(interpreter) {
                let mut piece = file.piece(Mapped::default(), label);
                let text = text.filled("{{", "}}", fill);
                piece.body = Body::Text { reader: reader.to_owned(), text };
                pieces.push(piece);
            }
            continue;
        }
        for line in &lines {
            let prefix = line.text().len() - line.text().trim_start_matches(['@', '-']).len();
            let line = line.part(prefix..line.text().len()).filled("{{", "}}", fill);
            pieces.push(file.piece(line, label.clone()));
        }
    }
    pieces
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}
