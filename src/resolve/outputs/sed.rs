//! `sed`, as far as it changes lines one by one: `s`, `y`, `d` and `p` with plain addresses.

use regex::{Regex, RegexBuilder};

/// How many commands a script may have.
const MOST: usize = 16;

/// How long a pattern may be, in bytes.
const LONGEST: usize = 512;

struct Step {
    /// The only line it is for; 0 is the last.
    line: Option<usize>,
    command: Command,
}

enum Command {
    Substitute { pattern: Regex, with: Vec<Piece>, nth: usize, all: bool, prints: bool },
    Translate(Vec<char>, Vec<char>),
    Delete,
    Print,
}

/// A piece of a replacement.
enum Piece {
    Text(String),
    Group(usize),
}

/// What `sed` is told to do.
pub(in crate::resolve) struct Sed {
    steps: Vec<Step>,
    quiet: bool,
}

impl Sed {
    /// Returns what `sed` makes of `input`.
    pub(in crate::resolve) fn edit(&self, input: &str) -> String {
        run(&self.steps, self.quiet, input)
    }
}

/// Reads what these words tell `sed`: `None` where that is not followed.
pub(in crate::resolve) fn read_words(words: &[String]) -> Option<Sed> {
    let (mut quiet, mut extended, mut scripts, mut operands) = (false, false, Vec::new(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-n" | "--quiet" | "--silent" => quiet = true,
            "-E" | "-r" | "--regexp-extended" => extended = true,
            "-ne" | "-nE" | "-En" | "-nr" => {
                quiet = true;
                extended |= word.contains(['E', 'r']);
                if word.contains('e') {
                    scripts.push(words.next()?);
                }
            }
            "-e" | "--expression" => scripts.push(words.next()?),
            word if word.starts_with('-') && word.len() > 1 => return None,
            _ => operands.push(word),
        }
    }
    if scripts.is_empty() {
        scripts.push(operands.pop().filter(|_| operands.is_empty())?);
    } else if !operands.is_empty() {
        return None;
    }
    let mut steps = Vec::new();
    for script in scripts {
        read(script, extended, &mut steps)?;
    }
    Some(Sed { steps, quiet })
}

fn run(steps: &[Step], quiet: bool, input: &str) -> String {
    let lines: Vec<&str> = input.split_inclusive('\n').collect();
    let mut output = String::new();
    'lines: for (at, whole) in lines.iter().enumerate() {
        let (text, newline) = match whole.strip_suffix('\n') {
            Some(text) => (text, "\n"),
            None => (*whole, ""),
        };
        let mut text = text.to_owned();
        let is_for = |line: usize| line == at + 1 || line == 0 && at + 1 == lines.len();
        for step in steps.iter().filter(|step| step.line.is_none_or(is_for)) {
            match &step.command {
                Command::Substitute { pattern, with, nth, all, prints } => {
                    let Some(new) = substituted(&text, pattern, with, *nth, *all) else { continue };
                    text = new;
                    if *prints {
                        output.push_str(&text);
                        output.push('\n');
                    }
                }
                Command::Translate(from, to) => {
                    let new =
                        |c| from.iter().position(|known| *known == c).and_then(|at| to.get(at).copied());
                    text = text.chars().map(|c| new(c).unwrap_or(c)).collect();
                }
                Command::Delete => continue 'lines,
                Command::Print => {
                    output.push_str(&text);
                    output.push('\n');
                }
            }
        }
        if !quiet {
            output.push_str(&text);
            output.push_str(newline);
        }
    }
    output
}

fn substituted(text: &str, pattern: &Regex, with: &[Piece], nth: usize, all: bool) -> Option<String> {
    let mut output = String::new();
    let mut at = 0;
    let mut is_changed = false;
    for (number, found) in pattern.captures_iter(text).enumerate() {
        if number + 1 < nth || is_changed && !all {
            continue;
        }
        let whole = found.get(0)?;
        output.push_str(&text[at..whole.start()]);
        for piece in with {
            match piece {
                Piece::Text(text) => output.push_str(text),
                Piece::Group(group) => output.push_str(found.get(*group).map_or("", |group| group.as_str())),
            }
        }
        at = whole.end();
        is_changed = true;
    }
    is_changed.then(|| output + &text[at..])
}

/// Adds the commands of a script.
fn read(script: &str, extended: bool, steps: &mut Vec<Step>) -> Option<()> {
    let mut rest = script.trim_start_matches([' ', '\t', ';', '\n']);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let line = match rest.strip_prefix('$') {
            Some(behind) => {
                rest = behind;
                Some(0)
            }
            None if digits > 0 => {
                let (line, behind) = rest.split_at(digits);
                rest = behind;
                Some(line.parse().ok().filter(|line| *line > 0)?)
            }
            None => None,
        };
        let letter = rest.chars().next()?;
        rest = &rest[letter.len_utf8()..];
        let command = match letter {
            's' => substitution(&mut rest, extended)?,
            'y' => {
                let [from, to] = fields(&mut rest)?;
                let is_plain = !from.contains('\\') && !to.contains('\\');
                let is_plain = is_plain && from.chars().count() == to.chars().count();
                is_plain.then(|| Command::Translate(from.chars().collect(), to.chars().collect()))?
            }
            'd' => Command::Delete,
            'p' => Command::Print,
            _ => return None,
        };
        steps.push(Step { line, command });
        let behind = rest.trim_start_matches([' ', '\t']);
        if steps.len() > MOST || !behind.is_empty() && !behind.starts_with([';', '\n']) {
            return None;
        }
        rest = behind.trim_start_matches([' ', '\t', ';', '\n']);
    }
    Some(())
}

fn substitution(rest: &mut &str, extended: bool) -> Option<Command> {
    let [from, to] = fields(rest)?;
    let flags = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
    let (flags, behind) = rest.split_at(flags);
    *rest = behind;
    let (mut all, mut folds, mut prints, mut nth) = (false, false, false, 1);
    for flag in flags.chars() {
        match flag {
            'g' => all = true,
            'i' | 'I' => folds = true,
            'p' => prints = true,
            '1'..='9' => nth = flag.to_digit(10)? as usize,
            _ => return None,
        }
    }
    let pattern = expression(&from, extended)?;
    let pattern = RegexBuilder::new(&pattern).case_insensitive(folds).size_limit(1 << 16).build().ok()?;
    Some(Command::Substitute { pattern, with: replacement(&to)?, nth, all, prints })
}

/// Reads the two fields behind `s` or `y`, the separator unescaped in them.
fn fields(rest: &mut &str) -> Option<[String; 2]> {
    let separator = rest.chars().next().filter(|c| !c.is_alphanumeric() && !matches!(c, '\\' | '\n'))?;
    let mut fields = [String::new(), String::new()];
    let mut letters = rest[separator.len_utf8()..].chars();
    for field in &mut fields {
        loop {
            match letters.next()? {
                c if c == separator => break,
                '\\' => match letters.next()? {
                    c if c == separator => field.push(c),
                    c => field.extend(['\\', c]),
                },
                c => field.push(c),
            }
        }
    }
    *rest = letters.as_str();
    Some(fields)
}

/// Returns a pattern of `sed` in the syntax of the regex crate.
fn expression(pattern: &str, extended: bool) -> Option<String> {
    if pattern.is_empty() || pattern.len() > LONGEST {
        return None;
    }
    let mut result = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '[' => bracket(&mut letters, &mut result)?,
            '\\' => match letters.next()? {
                c @ ('(' | ')' | '{' | '}' | '|' | '+' | '?') if !extended => result.push(c),
                c @ ('w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 't') => result.extend(['\\', c]),
                c if c.is_ascii_alphanumeric() => return None,
                c => push_escaped(c, &mut result),
            },
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => push_escaped(c, &mut result),
            // At the start a `*` is one.
            '*' if result.is_empty() || result.ends_with('(') && !result.ends_with("\\(") => {
                result.push_str("\\*");
            }
            // An anchor only at the ends; in between it is a character in one syntax and none in another.
            '^' if !result.is_empty() => return None,
            '$' if letters.peek().is_some() => return None,
            '.' | '*' | '^' | '$' | '(' | ')' | '{' | '}' | '|' | '+' | '?' => result.push(c),
            c => push_escaped(c, &mut result),
        }
    }
    Some(result)
}

fn push_escaped(c: char, result: &mut String) {
    result.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

fn bracket(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, result: &mut String) -> Option<()> {
    result.push('[');
    result.extend(letters.next_if_eq(&'^'));
    if letters.next_if_eq(&']').is_some() {
        result.push_str("\\]");
    }
    loop {
        match letters.next()? {
            ']' => {
                result.push(']');
                return Some(());
            }
            '[' if letters.peek() == Some(&':') => {
                result.push('[');
                loop {
                    let c = letters.next()?;
                    result.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            c @ ('[' | '&' | '~' | '\\') => result.extend(['\\', c]),
            '-' if letters.peek() == Some(&'-') => return None,
            c => result.push(c),
        }
    }
}

fn replacement(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = vec![Piece::Text(String::new())];
    let push = |c: char, pieces: &mut Vec<Piece>| match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => pieces.push(Piece::Text(c.to_string())),
    };
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        match c {
            '&' => pieces.push(Piece::Group(0)),
            '\\' => match letters.next()? {
                'n' => push('\n', &mut pieces),
                't' => push('\t', &mut pieces),
                digit @ '0'..='9' => pieces.push(Piece::Group(digit.to_digit(10)? as usize)),
                c if c.is_ascii_alphabetic() => return None,
                c => push(c, &mut pieces),
            },
            c => push(c, &mut pieces),
        }
    }
    Some(pieces)
}
