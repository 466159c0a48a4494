//! Words as the shell would expand them, as far as that is known.

use super::state::{Shell, Value};
use super::walk::Walker;
use crate::glob;
use crate::parse::script::{Element, Operation, Part, Which, Word};
use crate::truth::Truth;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known, quoted};

/// How many words one word may become.
const MOST: usize = 256;

/// How long one expansion may get, in bytes; what is longer is unknown.
const LONGEST: usize = 64 * 1024;

impl Walker<'_> {
    /// Returns the words that `words` become.
    pub(super) fn words(&mut self, words: &[Word], shell: &mut Shell) -> Vec<String> {
        let mut all = Vec::with_capacity(words.len());
        for word in words {
            self.fields(word, shell, &mut all);
        }
        all
    }

    /// Returns what `word` becomes where it is not split: in an assignment, a redirection, `case`.
    pub(super) fn text(&mut self, word: &Word, shell: &mut Shell) -> String {
        if let [Part::Text { text, quoted: true }] = word.parts.as_slice() {
            return text.clone();
        }
        let mut text = String::new();
        for (at, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text { text: literal, quoted: false } if at == 0 => {
                    text.push_str(&self.tilde(literal, shell))
                }
                Part::Text { text: literal, .. } => text.push_str(literal),
                other => {
                    let values = self.values(other, shell);
                    text.push_str(&quoted(&values.join(" ")));
                }
            }
            if text.len() > LONGEST {
                return UNKNOWN.to_string();
            }
        }
        text
    }

    /// Adds the words that `word` becomes.
    fn fields(&mut self, word: &Word, shell: &mut Shell, all: &mut Vec<String>) {
        if let [Part::Text { text, quoted }] = word.parts.as_slice()
            && (*quoted || !text.contains(['{', '~']))
        {
            all.push(text.clone());
            return;
        }
        for parts in braces(&word.parts) {
            if all.len() > MOST * 16 {
                return;
            }
            self.split(&parts, shell, all);
        }
    }

    fn split(&mut self, parts: &[Part], shell: &mut Shell, all: &mut Vec<String>) {
        let mut current = String::new();
        // Whether `current` is a word even when it is empty (`""`).
        let mut exists = false;
        for (at, part) in parts.iter().enumerate() {
            let (values, whole) = match part {
                Part::Text { text, quoted } => {
                    let text = if at == 0 && !*quoted { self.tilde(text, shell) } else { text.clone() };
                    exists |= *quoted || !text.is_empty();
                    current.push_str(&text);
                    continue;
                }
                Part::Parameter { name, index, quoted: true, .. } => {
                    let values = self.values(part, shell);
                    let every = name == "@" || index.as_ref().is_some_and(|index| is_text(index, "@"));
                    exists |= !every || !values.is_empty();
                    let values = if every { values } else { vec![values.join(" ")] };
                    (values.iter().map(|value| quoted(value)).collect(), true)
                }
                Part::Command { quoted: true, .. } => {
                    exists = true;
                    (self.values(part, shell).iter().map(|value| quoted(value)).collect(), true)
                }
                other => (self.values(other, shell), false),
            };
            for (nth, value) in values.iter().enumerate() {
                if nth > 0 && exists {
                    all.push(std::mem::take(&mut current));
                    exists = whole;
                }
                if whole {
                    current.push_str(value);
                    exists = true;
                    continue;
                }
                // Unquoted values are split at blanks.
                let separators = self.separators(shell);
                let starts = value.starts_with(|c| separators.contains(c));
                if starts && exists {
                    all.push(std::mem::take(&mut current));
                    exists = false;
                }
                let mut pieces =
                    value.split(|c| separators.contains(c)).filter(|piece| !piece.is_empty()).peekable();
                while let Some(piece) = pieces.next() {
                    current.push_str(piece);
                    exists = true;
                    if pieces.peek().is_some() || value.ends_with(|c| separators.contains(c)) {
                        all.push(std::mem::take(&mut current));
                        exists = false;
                    }
                }
            }
            if current.len() > LONGEST {
                current = UNKNOWN.to_string();
            }
        }
        if exists {
            all.push(current);
        }
    }

    fn separators(&self, shell: &Shell) -> String {
        match shell.variables.get("IFS") {
            Some(Value::Scalar(own)) if is_known(own) => own.clone(),
            _ => " \t\n".to_owned(),
        }
    }

    fn tilde(&self, text: &str, shell: &Shell) -> String {
        let Some(rest) = text.strip_prefix('~') else { return text.to_owned() };
        let (user, below) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let home = match user {
            "" => match shell.value("HOME", self.place) {
                Some(Value::Scalar(home)) if !shell.site.elsewhere => home,
                _ => return text.to_owned(),
            },
            "+" => {
                shell.site.cwd.as_ref().map_or_else(|| UNKNOWN.to_string(), |cwd| cwd.display().to_string())
            }
            "-" => UNKNOWN.to_string(),
            "root" => "/root".to_owned(),
            name if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) => {
                format!("/home/{name}")
            }
            _ => return text.to_owned(),
        };
        home + below
    }

    /// Returns the values of one part: several only for `$@` and arrays.
    fn values(&mut self, part: &Part, shell: &mut Shell) -> Vec<String> {
        match part {
            Part::Text { text, .. } => vec![text.clone()],
            Part::Parameter { name, index, operation, .. } => {
                self.parameter(name, index.as_deref(), operation, shell)
            }
            Part::Command { script, .. } => {
                let mut inner = shell.clone();
                let output = self.script(script, &mut inner, None);
                vec![output.trim_end_matches('\n').to_owned()]
            }
            Part::Process { script, input } => {
                let mut inner = shell.clone();
                let fed = (!input).then(|| UNKNOWN_WORDS.to_string());
                let output = self.script(script, &mut inner, fed.as_deref());
                vec![self.files.name(output)]
            }
            Part::Arithmetic { expression } => {
                let text = self.text(expression, shell);
                vec![number(&text).unwrap_or_else(|| UNKNOWN.to_string())]
            }
            Part::Array(elements) => {
                self.elements(elements, shell);
                vec![UNKNOWN_WORDS.to_string()]
            }
            Part::Other { words, .. } => {
                self.words(words, shell);
                vec![UNKNOWN_WORDS.to_string()]
            }
        }
    }

    /// Returns the array that `( … )` makes.
    pub(super) fn elements(&mut self, elements: &[Element], shell: &mut Shell) -> Value {
        let mut all = Vec::new();
        for element in elements {
            if let Some(key) = &element.key {
                self.text(key, shell);
            }
            self.fields(&element.value, shell, &mut all);
        }
        Value::Array(all)
    }

    fn parameter(
        &mut self,
        name: &str,
        index: Option<&Word>,
        operation: &Operation,
        shell: &mut Shell,
    ) -> Vec<String> {
        let unknown = || vec![UNKNOWN_WORDS.to_string()];
        let index = index.map(|index| self.text(index, shell));
        let found = element(shell.value(name, self.place), index.as_deref());
        let empty = |values: &Vec<String>| values.iter().all(String::is_empty);
        match operation {
            Operation::Default { word, colon } | Operation::Assign { word, colon } => match found {
                Some(values) if !(*colon && empty(&values)) => values,
                _ => {
                    let text = self.text(word, shell);
                    if matches!(operation, Operation::Assign { .. }) {
                        shell.set(name, text.clone());
                    }
                    vec![text]
                }
            },
            Operation::Alternative { word, colon } => match found {
                Some(values) if !(*colon && empty(&values)) => vec![self.text(word, shell)],
                Some(_) => Vec::new(),
                None => {
                    self.text(word, shell);
                    Vec::new()
                }
            },
            Operation::Error { word, .. } => {
                self.text(word, shell);
                found.unwrap_or_else(unknown)
            }
            Operation::Other { words } => {
                self.words(words, shell);
                unknown()
            }
            Operation::Indirect => match found.as_deref() {
                Some([target]) if is_known(target) => {
                    element(shell.value(target, self.place), None).unwrap_or_else(unknown)
                }
                _ => unknown(),
            },
            Operation::None => found.unwrap_or_else(unknown),
            Operation::Length => match found {
                Some(values) if index.is_some() => vec![values.len().to_string()],
                Some(values) => vec![values.join(" ").chars().count().to_string()],
                None => vec!["1".to_owned()],
            },
            Operation::Substring { offset, length } => {
                let offset = self.text(offset, shell);
                let length = length.as_ref().map(|length| self.text(length, shell));
                let Some(values) = found else { return unknown() };
                if name == "@" || matches!(index.as_deref(), Some("@" | "*")) {
                    return slice(&values, &offset, length.as_deref()).unwrap_or_else(unknown);
                }
                let cut = |value: &String| substring(value, &offset, length.as_deref());
                values.iter().map(|value| cut(value).unwrap_or_else(|| UNKNOWN_WORDS.to_string())).collect()
            }
            other => {
                let change = self.change(other, shell);
                found.map_or_else(unknown, |values| values.iter().map(|value| change(value)).collect())
            }
        }
    }

    /// Returns the function that a trimming, replacing or case-changing operation applies.
    fn change(&mut self, operation: &Operation, shell: &mut Shell) -> Box<dyn Fn(&str) -> String> {
        let known = |change: Box<dyn Fn(&str) -> String>| -> Box<dyn Fn(&str) -> String> {
            Box::new(move |value| {
                if is_known(value) && value.len() <= 4096 { change(value) } else { UNKNOWN_WORDS.to_string() }
            })
        };
        match operation {
            Operation::TrimPrefix { pattern, longest } => {
                let (pattern, longest) = (self.text(pattern, shell), *longest);
                known(Box::new(move |value| trim(value, &pattern, longest, true)))
            }
            Operation::TrimSuffix { pattern, longest } => {
                let (pattern, longest) = (self.text(pattern, shell), *longest);
                known(Box::new(move |value| trim(value, &pattern, longest, false)))
            }
            Operation::Replace { pattern, with, which } => {
                let (pattern, with, which) = (self.text(pattern, shell), self.text(with, shell), *which);
                known(Box::new(move |value| replace(value, &pattern, &with, which)))
            }
            Operation::Upper { all } => {
                let all = *all;
                known(Box::new(move |value| change_case(value, all, |c| c.to_uppercase().collect())))
            }
            Operation::Lower { all } => {
                let all = *all;
                known(Box::new(move |value| change_case(value, all, |c| c.to_lowercase().collect())))
            }
            _ => Box::new(|_| UNKNOWN_WORDS.to_string()),
        }
    }
}

/// Whether `word` is just that text.
fn is_text(word: &Word, wanted: &str) -> bool {
    matches!(word.parts.as_slice(), [Part::Text { text, .. }] if text == wanted)
}

/// Picks what an index asks for.
fn element(value: Option<Value>, index: Option<&str>) -> Option<Vec<String>> {
    match (value?, index) {
        (Value::Unset, _) => None,
        (Value::Scalar(text), _) => Some(vec![text]),
        (Value::Array(all), Some("@" | "*")) => Some(all),
        (Value::Array(all), Some(index)) => match index.parse::<usize>() {
            Ok(at) => Some(vec![all.get(at).cloned().unwrap_or_default()]),
            Err(_) => Some(vec![UNKNOWN.to_string()]),
        },
        (Value::Array(all), None) => Some(all),
    }
}

fn slice(values: &[String], offset: &str, length: Option<&str>) -> Option<Vec<String>> {
    // `${@:1}` begins at the first argument.
    let from = offset.trim().parse::<usize>().ok()?.saturating_sub(1);
    let rest = values.get(from..).unwrap_or_default();
    match length {
        None => Some(rest.to_vec()),
        Some(length) => Some(rest.iter().take(length.trim().parse().ok()?).cloned().collect()),
    }
}

fn substring(value: &str, offset: &str, length: Option<&str>) -> Option<String> {
    if !is_known(value) {
        return None;
    }
    let letters: Vec<char> = value.chars().collect();
    let place =
        |n: i64| if n < 0 { letters.len().saturating_sub(n.unsigned_abs() as usize) } else { n as usize };
    let from = place(offset.trim().parse().ok()?).min(letters.len());
    let to = match length {
        None => letters.len(),
        Some(length) => match length.trim().parse::<i64>().ok()? {
            n if n < 0 => place(n),
            n => from.saturating_add(n as usize).min(letters.len()),
        },
    };
    Some(letters.get(from..to)?.iter().collect())
}

fn trim(value: &str, pattern: &str, longest: bool, prefix: bool) -> String {
    let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
    // Of the places to cut, the first that fits is taken: nearest for the shortest match.
    if prefix == longest {
        cuts.reverse();
    }
    for cut in cuts {
        let (before, after) = value.split_at(cut);
        let (gone, kept) = if prefix { (before, after) } else { (after, before) };
        if glob::matches(pattern, gone) == Truth::Certain {
            return kept.to_owned();
        }
    }
    value.to_owned()
}

fn replace(value: &str, pattern: &str, with: &str, which: Which) -> String {
    if !is_known(pattern) {
        return UNKNOWN_WORDS.to_string();
    }
    let plain = !pattern.contains(['*', '?', '[', '\\']);
    match which {
        Which::All if plain && !pattern.is_empty() => value.replace(pattern, with),
        Which::First if plain => value.replacen(pattern, with, 1),
        Which::Prefix if plain => {
            value.strip_prefix(pattern).map_or_else(|| value.to_owned(), |rest| format!("{with}{rest}"))
        }
        Which::Suffix if plain => {
            value.strip_suffix(pattern).map_or_else(|| value.to_owned(), |rest| format!("{rest}{with}"))
        }
        _ => UNKNOWN_WORDS.to_string(),
    }
}

fn change_case(value: &str, all: bool, change: impl Fn(char) -> String) -> String {
    value.chars().enumerate().map(|(at, c)| if all || at == 0 { change(c) } else { c.to_string() }).collect()
}

/// Works out the simplest sums; anything else is unknown.
fn number(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(value) = text.parse::<i64>() {
        return Some(value.to_string());
    }
    let at = text.rfind(['+', '-', '*']).filter(|at| *at > 0)?;
    let left: i64 = number(&text[..at])?.parse().ok()?;
    let right: i64 = text[at + 1..].trim().parse().ok()?;
    let value = match text.as_bytes()[at] {
        b'+' => left.checked_add(right),
        b'-' => left.checked_sub(right),
        _ => left.checked_mul(right),
    };
    Some(value?.to_string())
}

/// Spells out `{a,b}` and `{1..3}` in the unquoted text of a word.
fn braces(parts: &[Part]) -> Vec<Vec<Part>> {
    let has_brace =
        parts.iter().any(|part| matches!(part, Part::Text { text, quoted: false } if text.contains('{')));
    if !has_brace {
        return vec![parts.to_vec()];
    }
    let mut atoms = Vec::new();
    for part in parts {
        match part {
            Part::Text { text, quoted: false } => atoms.extend(text.chars().map(Atom::Char)),
            other => atoms.push(Atom::Part(other.clone())),
        }
    }
    let mut all = Vec::new();
    spell_out(&atoms, 0, &mut all);
    all.truncate(MOST);
    all.iter().map(|atoms| joined(atoms)).collect()
}

#[derive(Clone)]
enum Atom {
    Char(char),
    Part(Part),
}

fn joined(atoms: &[Atom]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for atom in atoms {
        match (atom, parts.last_mut()) {
            (Atom::Char(c), Some(Part::Text { text, quoted: false })) => text.push(*c),
            (Atom::Char(c), _) => parts.push(Part::Text { text: c.to_string(), quoted: false }),
            (Atom::Part(part), _) => parts.push(part.clone()),
        }
    }
    parts
}

fn spell_out(atoms: &[Atom], depth: usize, all: &mut Vec<Vec<Atom>>) {
    if depth > 12 || all.len() > MOST {
        all.push(atoms.to_vec());
        return;
    }
    for open in (0..atoms.len()).filter(|at| matches!(atoms[*at], Atom::Char('{'))) {
        let Some((close, commas)) = group(atoms, open) else { continue };
        let mut choices: Vec<Vec<Atom>> = Vec::new();
        if commas.is_empty() {
            let Some(range) = range(&atoms[open + 1..close]) else { continue };
            choices.extend(range.iter().map(|item| item.chars().map(Atom::Char).collect()));
        } else {
            let mut from = open + 1;
            for end in commas.into_iter().chain([close]) {
                choices.push(atoms[from..end].to_vec());
                from = end + 1;
            }
        }
        for choice in choices {
            let mut word = atoms[..open].to_vec();
            word.extend(choice);
            word.extend_from_slice(&atoms[close + 1..]);
            spell_out(&word, depth + 1, all);
        }
        return;
    }
    all.push(atoms.to_vec());
}

/// Finds the brace that closes the one at `open`, and the commas of that group.
fn group(atoms: &[Atom], open: usize) -> Option<(usize, Vec<usize>)> {
    let mut depth = 0;
    let mut commas = Vec::new();
    for (at, atom) in atoms.iter().enumerate().skip(open) {
        match atom {
            Atom::Char('{') => depth += 1,
            Atom::Char('}') => {
                depth -= 1;
                if depth == 0 {
                    return Some((at, commas));
                }
            }
            Atom::Char(',') if depth == 1 => commas.push(at),
            _ => {}
        }
    }
    None
}

fn range(inside: &[Atom]) -> Option<Vec<String>> {
    let text: Option<String> =
        inside.iter().map(|atom| if let Atom::Char(c) = atom { Some(*c) } else { None }).collect();
    let text = text?;
    let mut ends = text.split("..");
    let (from, to) = (ends.next()?, ends.next()?);
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let (low, high) = (from.min(to), from.max(to));
        return (high - low < MOST as i64).then(|| (low..=high).map(|n| n.to_string()).collect());
    }
    let letter = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    let (from, to) = (letter(from)?, letter(to)?);
    Some((from.min(to)..=from.max(to)).map(|c| c.to_string()).collect())
}
