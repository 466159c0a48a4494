//! A program's words read by its grammar: options, their values, operands.
//!
//! Where the grammar does not say whether an option takes the next word, both readings are kept,
//! and a rule that fits either of them fires. So a grammar that is out of date errs towards asking.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::rulebook::format::{Program, Source, Style, Subcommand};
use crate::rulebook::packed::Packed;
use crate::unknown::{UNKNOWN_WORDS, is_known, is_mark};

/// How many readings are kept before the rest is read loosely.
const READINGS: usize = 16;

/// A program with its words.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// The program's canonical name (`mysql` for `mariadb`), or its base name where no pack knows it.
    pub program: String,
    /// The words after the program, unknown stretches marked.
    pub words: Vec<String>,
    /// Its grammar, where a pack has one.
    pub grammar: Option<Arc<Program>>,
    /// The ways to read the words; at least one.
    pub readings: Vec<Reading>,
    /// Variables set for it: by `NAME=value` before it, by `env`, by `export` in the same text.
    pub environment: Vec<(String, String)>,
    /// What arrives on its standard input, where the command itself says so.
    pub stdin: Option<String>,
}

/// One way to read a program's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The options in their order.
    pub options: Vec<Opt>,
    /// The operands in their order, subcommand words included.
    pub operands: Vec<Operand>,
    /// Whether some operands may be option values: subcommand words need only stand in order.
    pub loose: bool,
}

/// An option as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// Its name in the grammar, or its spelling (`--new-flag`) where the grammar lacks it.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// How many operands stand before it.
    pub after: usize,
}

impl Opt {
    /// Returns whether it is given, and not switched off by its value.
    pub(super) fn is_on(&self) -> bool {
        !self.value.as_deref().is_some_and(is_off)
    }
}

/// A word that is not an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The word.
    pub text: String,
    /// Whether it follows `--`.
    pub dashed: bool,
    /// Which word after the program it is, from 0.
    pub position: usize,
}

impl CommandLine {
    /// Reads `words` (without the program itself) by a grammar.
    pub fn read(program: &str, words: Vec<String>, grammar: Option<Arc<Program>>) -> Self {
        let readings = match &grammar {
            Some(grammar) => Reader { grammar, words: &words }.readings(),
            None => vec![plain(&words)],
        };
        Self { program: program.to_owned(), words, grammar, readings, environment: Vec::new(), stdin: None }
    }

    /// Returns the whole line as a person would type it, unknown stretches marked.
    pub fn text(&self) -> String {
        let mut text = self.program.clone();
        for word in &self.words {
            text.push(' ');
            text.push_str(&shell_words::quote(word));
        }
        text
    }

    /// Returns the last value that a variable was given for this command.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Reading {
    /// Returns whether an option was given (and not switched off with `=false`).
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.name == name && option.value.as_deref() != Some("false"))
    }

    /// Returns the values that an option was given.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |option| option.name == name).filter_map(|o| o.value.as_deref())
    }

    /// Returns the texts that stand at `source`, with `skip` operands belonging to the subcommand.
    pub fn at<'a>(&'a self, source: &'a Source, skip: usize) -> Vec<&'a str> {
        let operands = self.operands.iter().skip(skip).map(|operand| operand.text.as_str());
        match source.strip_prefix("operand") {
            Some("s" | "") => operands.collect(),
            Some(place) => match place.rsplit_once('.') {
                Some(("", n)) => number(n).and_then(|n| operands.clone().nth(n)).into_iter().collect(),
                Some(("s", n)) => number(n).map(|n| operands.skip(n).collect()).unwrap_or_default(),
                _ => self.values(source).collect(),
            },
            None => self.values(source).collect(),
        }
    }
}

/// Reads a place counted from 1 as one counted from 0.
fn number(text: &str) -> Option<usize> {
    text.parse::<usize>().ok()?.checked_sub(1)
}

/// The reading of a program that no pack knows: words with a dash are options, the rest operands.
fn plain(words: &[String]) -> Reading {
    let mut reading = Reading::default();
    let mut dashed = false;
    for (position, word) in words.iter().enumerate() {
        if !dashed && word == "--" {
            dashed = true;
        } else if !dashed && word.len() > 1 && word.starts_with('-') {
            let (name, value) = split_value(word);
            reading.option(name.to_owned(), value.map(str::to_owned));
        } else {
            reading.operands.push(Operand { text: word.clone(), dashed, position });
        }
    }
    reading
}

impl Reading {
    fn option(&mut self, name: String, value: Option<String>) {
        let after = self.operands.len();
        // `--dry-run=server --dry-run=none`: the last one counts.
        if value.as_deref().is_some_and(is_off) {
            self.options.retain(|option| option.name != name);
        }
        self.options.push(Opt { name, value, after });
    }
}

/// Returns whether a value switches an option off.
fn is_off(value: &str) -> bool {
    matches!(value, "false" | "False" | "FALSE" | "f" | "F" | "0" | "no" | "off" | "none")
}

/// Splits `--name=value`.
fn split_value(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    }
}

/// What follows an option.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Attached,
    Value,
    /// This word and the one behind it.
    TwoValues,
    /// The grammar does not say.
    Unsure,
}

struct Reader<'a> {
    grammar: &'a Program,
    words: &'a [String],
}

/// A reading that is not finished.
#[derive(Clone)]
struct Partial {
    reading: Reading,
    next: usize,
    dashed: bool,
}

impl Reader<'_> {
    fn readings(&self) -> Vec<Reading> {
        let mut open = vec![Partial { reading: Reading::default(), next: 0, dashed: false }];
        // Most words can be read in one way alone.
        let mut done: Vec<Reading> = Vec::with_capacity(1);
        while let Some(mut partial) = open.pop() {
            while partial.next < self.words.len() {
                if let Some(other) = self.step(&mut partial)
                    && open.len() + done.len() < READINGS
                {
                    open.push(other);
                } else if open.len() + done.len() >= READINGS {
                    partial.reading.loose = true;
                }
            }
            if !done.contains(&partial.reading) {
                done.push(partial.reading);
            }
        }
        done
    }

    /// Reads one word; returns a second way to go on, where there is one.
    fn step(&self, partial: &mut Partial) -> Option<Partial> {
        let position = partial.next;
        let word = &self.words[position];
        partial.next += 1;
        let is_option = !partial.dashed && self.looks_like_option(word, &partial.reading);
        if !is_option {
            // A bare `$X` may also stand for nothing at all.
            let other = (word.chars().eq([UNKNOWN_WORDS])).then(|| partial.clone());
            let dashed = partial.dashed;
            partial.reading.operands.push(Operand { text: word.clone(), dashed, position });
            return other;
        }
        if word == "--" {
            partial.dashed = true;
            return None;
        }
        match self.grammar.style {
            Style::Gnu if !word.starts_with("--") => self.cluster(word, partial),
            Style::Dos => self.long(&word.to_lowercase(), partial),
            _ => self.long(word, partial),
        }
    }

    fn looks_like_option(&self, word: &str, reading: &Reading) -> bool {
        if self.grammar.options_first && !reading.operands.is_empty() {
            return false;
        }
        match self.grammar.style {
            Style::None => false,
            Style::Dos => {
                word.len() > 1 && (word.starts_with('/') && !word[1..].contains('/') || word.starts_with('-'))
            }
            Style::Gnu | Style::Go => word.len() > 1 && word.starts_with('-'),
        }
    }

    /// `--name`, `--name=value`, `--name value`, and `-name` in the Go style.
    fn long(&self, word: &str, partial: &mut Partial) -> Option<Partial> {
        let separator = if self.grammar.style == Style::Dos { ':' } else { '=' };
        let (spelling, attached) = match word.split_once(separator) {
            Some((spelling, value)) => (spelling, Some(value.to_owned())),
            None => (word, None),
        };
        let (name, takes) = self.look_up(spelling, &partial.reading);
        if let Some(switched_off) = self.switched_off(&name, &partial.reading) {
            partial.reading.options.retain(|option| option.name != switched_off);
        }
        match (takes, attached) {
            (_, Some(value)) => partial.reading.option(name, Some(value)),
            (Takes::Value, None) => self.take_next(name, partial),
            (Takes::TwoValues, None) => {
                self.take_next(name, partial);
                partial.next = (partial.next + 1).min(self.words.len());
            }
            (Takes::Nothing | Takes::Attached, None) => partial.reading.option(name, None),
            (Takes::Unsure, None) => return self.both_ways(name, partial),
        }
        None
    }

    /// `-rf`, `-uroot`, `-u root`.
    fn cluster(&self, word: &str, partial: &mut Partial) -> Option<Partial> {
        // Some programs with GNU options have long ones with a single dash (`-delete`, `-recurse`).
        let (whole, attached) = split_value(word);
        if whole.chars().count() > 2
            && let Some((name, takes)) = self.declared(whole, &partial.reading)
        {
            match (takes, attached) {
                (_, Some(value)) => partial.reading.option(name, Some(value.to_owned())),
                (Takes::Value, None) => self.take_next(name, partial),
                _ => partial.reading.option(name, None),
            }
            return None;
        }
        let mut letters = word.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            let (name, takes) = self.look_up(&format!("-{letter}"), &partial.reading);
            let rest = &word[at + letter.len_utf8()..];
            let rest = rest.strip_prefix('=').unwrap_or(rest);
            match takes {
                Takes::Value | Takes::Attached if letters.peek().is_some() => {
                    partial.reading.option(name, Some(rest.to_owned()));
                    return None;
                }
                Takes::Value | Takes::TwoValues => self.take_next(name, partial),
                Takes::Unsure if letters.peek().is_none() => return self.both_ways(name, partial),
                Takes::Unsure | Takes::Attached | Takes::Nothing => partial.reading.option(name, None),
            }
        }
        None
    }

    fn take_next(&self, name: String, partial: &mut Partial) {
        let value = self.words.get(partial.next).cloned();
        partial.next += usize::from(value.is_some());
        partial.reading.option(name, value);
    }

    fn both_ways(&self, name: String, partial: &mut Partial) -> Option<Partial> {
        let next = self.words.get(partial.next)?;
        let mut other = None;
        if !next.starts_with('-') {
            let mut with_value = partial.clone();
            self.take_next(name.clone(), &mut with_value);
            other = Some(with_value);
        }
        partial.reading.option(name, None);
        other
    }

    fn look_up(&self, spelling: &str, reading: &Reading) -> (String, Takes) {
        if let Some(found) = self.declared(spelling, reading) {
            return found;
        }
        if spelling == "--help" {
            return ("help".to_owned(), Takes::Nothing);
        }
        (spelling.to_owned(), if is_known(spelling) { Takes::Unsure } else { Takes::Nothing })
    }

    /// Returns the option that an undeclared one switches off: `--no-dry-run`, `--no-n`.
    fn switched_off(&self, spelling: &str, reading: &Reading) -> Option<String> {
        let name = spelling.strip_prefix("--no-")?;
        let declared = match name.chars().count() {
            1 => self.declared(&format!("-{name}"), reading),
            _ => self.declared(&format!("--{name}"), reading),
        };
        declared.map(|(name, _)| name)
    }

    /// Looks a spelling up: first among the options of the subcommands that the operands so far
    /// name, then among the program's, then among those of subcommands that may still follow.
    fn declared(&self, spelling: &str, reading: &Reading) -> Option<(String, Takes)> {
        let (mut named, mut ahead) = (Vec::new(), Vec::new());
        for command in commands_along(self.grammar, &reading.operands) {
            // The operands so far may lead to the subcommand, or past it.
            match along(self.grammar, command.0, &reading.operands) {
                Some((_, true)) => named.push(command),
                Some((_, false)) => ahead.push(command),
                None => {}
            }
        }
        named.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        ahead.sort_by_key(|(path, _)| path.len());
        let sure = || options(&named).chain([&self.grammar.options]);
        let exact = |declared: &str| self.matches(declared, spelling);
        if let Some(found) = sure().find_map(|table| find(table, &exact)) {
            return Some(found);
        }
        let found = agreed(options(&ahead), &exact);
        if found.is_some() || !self.grammar.abbreviates || spelling.len() < 4 || !spelling.starts_with("--") {
            return found;
        }
        let beginning = |declared: &str| {
            let (whole, takes) = bare(declared);
            whole.starts_with(spelling).then_some(takes)
        };
        sure().chain(options(&ahead)).find_map(|table| find(table, &beginning))
    }

    fn matches(&self, declared: &str, spelling: &str) -> Option<Takes> {
        if matches!(self.grammar.style, Style::Gnu | Style::None) {
            // Most of what is declared differs in its first letter.
            let letter = |option: &str| option.as_bytes().get(1).copied();
            if letter(declared) != letter(spelling) && letter(spelling).is_some() {
                return None;
            }
            return takes(declared.strip_prefix(spelling)?);
        }
        let (declared, takes) = bare(declared);
        let same = match self.grammar.style {
            Style::Dos => declared
                .trim_start_matches(['-', '/'])
                .eq_ignore_ascii_case(spelling.trim_start_matches(['-', '/'])),
            _ => declared.trim_start_matches('-') == spelling.trim_start_matches('-'),
        };
        same.then_some(takes)
    }
}

/// Returns the subcommands that the first of some operands leads to.
pub fn commands_along<'g>(
    grammar: &'g Program,
    operands: &[Operand],
) -> impl Iterator<Item = (&'g String, &'g Packed<Subcommand>)> {
    let first = operands.get(..1).filter(|_| !grammar.commands.is_empty());
    let led_to = first.map(|first| {
        let leads = |path: &str| along(grammar, path, first).is_some();
        grammar.commands.led_to(&first[0].text, leads)
    });
    let all = first.is_none().then(|| grammar.commands.iter());
    led_to.into_iter().flatten().chain(all.into_iter().flatten())
}

/// Follows the words of the subcommand `path` along operands. Returns how many operands they take, and
/// whether all of them are there; nothing where a word differs.
pub fn along(grammar: &Program, path: &str, operands: &[Operand]) -> Option<(usize, bool)> {
    let mut wanted = path.split_whitespace().flat_map(|word| pieces(grammar, word)).peekable();
    let mut used = 0;
    for operand in operands {
        if wanted.peek().is_none() {
            break;
        }
        used += 1;
        for piece in pieces(grammar, &operand.text) {
            if !same_word(grammar, wanted.next()?, piece) {
                return None;
            }
        }
    }
    Some((used, wanted.next().is_none()))
}

/// Splits `pg:reset` where the grammar joins subcommand words by a colon.
pub fn pieces<'t>(grammar: &Program, text: &'t str) -> impl Iterator<Item = &'t str> + use<'t> {
    let joint = grammar.joined_by;
    text.split(move |c| Some(c) == joint)
}

/// The options of a program or a subcommand: name to spellings.
type Options = BTreeMap<String, Vec<String>>;

fn options<'a>(commands: &[(&'a String, &'a Packed<Subcommand>)]) -> impl Iterator<Item = &'a Options> {
    commands.iter().map(|(_, command)| &command.options)
}

/// What subcommands that may still follow say of an option; unsure where they disagree.
fn agreed<'a>(
    tables: impl Iterator<Item = &'a Options>,
    exact: &dyn Fn(&str) -> Option<Takes>,
) -> Option<(String, Takes)> {
    let mut found = tables.filter_map(|table| find(table, exact));
    let (name, takes) = found.next()?;
    let differs = found.any(|(_, other)| other != takes);
    Some((name, if differs { Takes::Unsure } else { takes }))
}

/// Finds the first option with a spelling that fits.
fn find(table: &Options, fits: &dyn Fn(&str) -> Option<Takes>) -> Option<(String, Takes)> {
    table.iter().find_map(|(name, spellings)| {
        let takes = spellings.iter().find_map(|declared| fits(declared))?;
        Some((name.clone(), takes))
    })
}

/// Splits a declared spelling into the option and what it takes.
fn bare(declared: &str) -> (&str, Takes) {
    let spelling = declared.trim_end_matches(['=', '*']);
    (spelling, takes(&declared[spelling.len()..]).unwrap_or(Takes::Nothing))
}

/// Returns what an option takes by what stands behind it where it is declared.
fn takes(behind: &str) -> Option<Takes> {
    match behind {
        "" => Some(Takes::Nothing),
        "=" => Some(Takes::Value),
        "=*" => Some(Takes::Attached),
        "==" => Some(Takes::TwoValues),
        _ => None,
    }
}

/// Returns whether `text` is the subcommand word `word`, in its own spelling or by an alias.
/// `word` may hold alternatives (`ns|namespace`) and globs; an unknown text may be any word.
pub fn same_word(grammar: &Program, word: &str, text: &str) -> bool {
    if text.chars().all(is_mark) && !text.is_empty() {
        return true;
    }
    let equal = |a: &str, b: &str| if grammar.ignore_case { a.eq_ignore_ascii_case(b) } else { a == b };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if grammar.aliases.is_empty() && word.bytes().all(is_plain) {
        // Each of a hundred subcommands is compared, and nearly all of them differ here.
        return equal(word, text);
    }
    word.split('|').any(|word| {
        if word.contains('*') {
            return crate::glob::matches(word, text).is_possible();
        }
        equal(word, text)
            || grammar.aliases.get(word).is_some_and(|others| others.iter().any(|other| equal(other, text)))
    })
}
