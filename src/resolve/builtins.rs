//! What a shell does itself: directories, variables, aliases.

mod running;

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::state::Shell;
use super::variables::Value;
use super::walk::Walker;
use crate::parse::Dialect;
use crate::parse::script::{CommandKind, Element, Part, Script, Word};
use crate::place::path::{Rest, Target, fits, target};
use crate::place::{Place, kinds};
use crate::rulebook::format::PathKind;
use crate::unknown::{UNKNOWN_SECRET, UNKNOWN_WORDS, is_known};

/// How deep a directory may lie that a script goes to.
const DEEPEST_DIRECTORY: usize = 256;

impl Walker<'_> {
    /// Handles `export NAME=value` and its kin, whose values are not split.
    pub(super) fn declaration(&mut self, words: &[Word], shell: &mut Shell) -> Option<String> {
        let [first, rest @ ..] = words else { return None };
        let [Part::Text { text: name, .. }] = first.parts.as_slice() else { return None };
        if !matches!(name.as_str(), "export" | "declare" | "typeset" | "local" | "readonly") {
            return None;
        }
        let mut flags = String::new();
        let mut names = 0;
        for word in rest {
            names += 1;
            match word.parts.first() {
                Some(Part::Text { text, .. }) if text.starts_with(['-', '+']) => {
                    names -= 1;
                    flags.push_str(&self.text(word, shell));
                }
                _ if name == "export" && flags.contains('f') => {
                    let name = self.text(word, shell);
                    shell.exported_functions.insert(name);
                }
                _ => self.declared(name, &flags, word, shell),
            }
        }
        // Without a name they print every variable.
        Some(if names == 0 { UNKNOWN_SECRET.to_string() } else { String::new() })
    }

    /// Handles one operand of a declaration: `NAME`, `NAME=value`, `NAME=( … )`.
    fn declared(&mut self, command: &str, flags: &str, word: &Word, shell: &mut Shell) {
        let Some((name, appends, given)) = self.declared_name(word, shell) else { return };
        self.evaluated(&name, shell);
        let is_function_own = matches!(command, "local" | "declare" | "typeset") && !flags.contains('g');
        let is_local = is_function_own && shell.is_in_function();
        let given = match given {
            Some(Given::Text(text)) => Some(Value::Scalar(text)),
            Some(Given::Elements(elements)) if flags.contains('A') => Some(self.entries(&elements, shell)),
            Some(Given::Elements(elements)) => Some(self.elements(&elements, shell)),
            None => None,
        };
        if is_local {
            shell.localize(&name);
        }
        if flags.starts_with('-') && flags.contains(['i', 'l', 'u', 'n']) {
            if let (true, Some(Value::Scalar(target))) = (flags.contains('n'), &given) {
                shell.attribute(target);
            }
            shell.attribute(&name);
        } else {
            let before = if is_local && !appends { None } else { shell.variables.get(&name) };
            let empty = match (flags.contains('A'), flags.contains('a'), shell.dialect) {
                (true, ..) if !matches!(before, Some(Value::Map(_))) => Some(Value::Map(BTreeMap::new())),
                (_, true, _) if !matches!(before, Some(Value::Array(_))) => {
                    Some(Value::Array(BTreeMap::new()))
                }
                (.., Dialect::Bash) if is_local => Some(Value::Unset),
                (.., Dialect::Zsh) if is_local => Some(Value::Scalar(String::new())),
                _ => None,
            };
            match given {
                Some(_) if appends => shell.set(&name, UNKNOWN_WORDS.to_string()),
                Some(value) => {
                    if let Value::Scalar(text) = &value {
                        self.prompt(&name, text, shell);
                    }
                    shell.put(&name, value);
                }
                None => empty.into_iter().for_each(|value| shell.put(&name, value)),
            }
        }
        if command == "export" || flags.contains('x') {
            shell.export(&name);
        }
    }

    /// Returns the name that an operand declares, whether it is `+=`, and what it is given.
    fn declared_name(&mut self, word: &Word, shell: &mut Shell) -> Option<(String, bool, Option<Given>)> {
        let (name, given) = match word.parts.as_slice() {
            [Part::Text { text, .. }, rest @ ..] if text.contains('=') => {
                let (name, value) = text.split_once('=')?;
                if let ("", [Part::Array(elements)]) = (value, rest) {
                    (name.to_owned(), Some(Given::Elements(elements.clone())))
                } else {
                    let mut parts = vec![word.parts.first()?.clone()];
                    if let Some(Part::Text { text, .. }) = parts.first_mut() {
                        *text = value.to_owned();
                    }
                    parts.extend_from_slice(rest);
                    let value = self.text(&Word { parts, span: word.span }, shell);
                    (name.to_owned(), Some(Given::Text(value)))
                }
            }
            _ => {
                let text = self.text(word, shell);
                match text.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(Given::Text(value.to_owned()))),
                    None => (text, None),
                }
            }
        };
        let appends = name.ends_with('+');
        Some((name.trim_end_matches('+').to_owned(), appends, given))
    }

    /// Runs a builtin; `None` where `name` is none.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        words: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let rest = &words[1..];
        self.evaluates(name, rest, shell);
        if shell.dialect == Dialect::Zsh
            && let Some(printed) = self.zsh_builtin(name, rest, shell, stdin)
        {
            return Some(printed);
        }
        match name {
            ":" | "true" | "false" | "test" | "[" | "wait" | "jobs" | "fg" | "bg" | "shopt" | "ulimit"
            | "umask" | "disown" | "times" | "break" | "continue" | "exit" | "logout" | "enable"
            | "setopt" | "unsetopt" | "zmodload" | "rehash" => {}
            // What stands behind it may not be run.
            "return" => match &mut self.returned {
                Some(returned) => returned.merge(shell),
                returned => *returned = Some(shell.clone()),
            },
            "cd" | "chdir" => change_directory(rest, shell, self),
            "pushd" => {
                shell.directories.push(shell.site.clone());
                change_directory(rest, shell, self);
            }
            "popd" => match shell.directories.pop() {
                Some(site) => shell.site = site,
                None => shell.site_mut().lose(),
            },
            "set" if rest.is_empty() => return Some(UNKNOWN_SECRET.to_string()),
            "set" => set(rest, shell),
            "shift" => {
                let by = rest.first().and_then(|n| n.parse().ok()).unwrap_or(1);
                shell.arguments.drain(..shell.arguments.len().min(by));
            }
            "unset" => rest.iter().for_each(|word| unset(word, shell)),
            "let" => {
                for sum in rest {
                    self.sum(sum, shell);
                }
            }
            "getopts" => {
                let names = rest.get(1).map(String::as_str).into_iter().chain(["OPTARG", "OPTIND"]);
                names.for_each(|name| shell.set_unknown(name));
            }
            "read" => self.read_words(rest, shell, stdin),
            "mapfile" | "readarray" => {
                self.run_later(name, rest, shell);
                map_file(rest, stdin, shell);
            }
            "alias" => alias(rest, shell),
            "unalias" => rest.iter().for_each(|alias| drop(shell.aliases.remove(alias))),
            "hash" => hash(rest, shell),
            "complete" | "compgen" | "bind" => self.run_later(name, rest, shell),
            "trap" => self.trap(rest, shell),
            "printf" if rest.first().is_some_and(|word| word == "-v") => print_into(rest, shell),
            _ => return self.runs_its_words(name, rest, shell, stdin),
        }
        Some(String::new())
    }

    /// Reads the variables that `read` names.
    fn read_words(&mut self, words: &[String], shell: &mut Shell, stdin: Option<&str>) {
        let read = ReadCommand::new(words, shell.separators(self.place));
        let own = read.descriptor.map(|descriptor| shell.descriptors.get(&descriptor).cloned());
        let input = own.as_ref().map_or(stdin, |own| own.as_deref());
        self.read_into(&read, input, shell);
    }
}

/// Returns whether a file is the settings of a tool for the shell, wherever it was installed
/// (`source "$NVM_DIR/nvm.sh"`).
fn is_start_up(path: &str) -> bool {
    const NAMES: &[&str] = &[
        "activate",
        "asdf.sh",
        "bash_completion",
        "conda.sh",
        "nvm.sh",
        "sdkman-init.sh",
        "virtualenvwrapper.sh",
    ];
    path.rsplit_once('/').is_some_and(|(_, name)| NAMES.contains(&name))
}

/// Skips options, and the values of those in `with_value`.
fn after_options<'a>(words: &'a [String], with_value: &[&str]) -> &'a [String] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') || word.len() < 2 {
            break;
        }
        at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
    }
    words.get(at..).unwrap_or_default()
}

fn change_directory(words: &[String], shell: &mut Shell, walker: &Walker<'_>) {
    if shell.site.elsewhere {
        shell.site_mut().moved = true;
        return;
    }
    let to = match after_options(words, &[]).first().map(String::as_str) {
        None => "~",
        Some("-") => {
            shell.site_mut().lose();
            return;
        }
        Some(to) => to,
    };
    let found = target(to, &shell.site, walker.place);
    let site = shell.site_mut();
    site.absent.clear();
    site.within = within_project(to, &found, walker.place);
    let is_temporary =
        || kinds::is(to, PathKind::Temporary, &shell.site, walker.place) == crate::truth::Truth::Certain;
    let cwd = match found.rest {
        Rest::Known => found.base.filter(|base| is_plausible(base)).map(|base| walker.through_links(base)),
        // `cd "$(mktemp -d)"`: what it is called does not matter.
        Rest::Name if is_temporary() => Some(PathBuf::from(to)),
        _ => None,
    };
    shell.site_mut().cwd = cwd;
}

/// Returns whether a directory is one that a command may be in. One that goes deeper and deeper has lost its way, and each
/// step would take longer than the last.
fn is_plausible(directory: &Path) -> bool {
    fits(directory)
        && directory.as_os_str().as_bytes().iter().filter(|byte| **byte == b'/').count() < DEEPEST_DIRECTORY
}

/// Returns the directory of the project of which a path names one that is not known: `packages/$name`.
fn within_project(text: &str, found: &Target, place: &Place<'_>) -> Option<PathBuf> {
    let is_one = matches!(found.rest, Rest::Glob(_) | Rest::Name | Rest::Anything) && !text.contains("..");
    let base = found.base.clone().filter(|_| is_one)?;
    (place.project_or_cwd()? != base && base.starts_with(place.project_or_cwd()?)).then_some(base)
}

/// `alias ll='ls -l'`.
fn alias(words: &[String], shell: &mut Shell) {
    let definitions = words.iter().filter_map(|word| word.split_once('='));
    definitions.for_each(|(name, text)| drop(shell.aliases.insert(name.to_owned(), text.to_owned())));
}

/// `hash -p /bin/rm ls`: a name for a program; in zsh `hash ls=/bin/rm`.
fn hash(words: &[String], shell: &mut Shell) {
    if let [option, path, name, ..] = words
        && option == "-p"
    {
        shell.aliases.insert(name.clone(), path.clone());
    }
    alias(words, shell);
}

/// `printf -v NAME FORMAT …`.
fn print_into(words: &[String], shell: &mut Shell) {
    let text = super::outputs::printf(words.get(2..).unwrap_or_default());
    if let Some(variable) = words.get(1) {
        shell.set(variable, text);
    }
}

fn set(words: &[String], shell: &mut Shell) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "--" => {
                shell.arguments = words[at + 1..].to_vec();
                return;
            }
            // `-euo pipefail`
            option if option.starts_with(['-', '+']) && option.len() > 1 => {
                let named = option.contains('o') && words.get(at + 1).is_some_and(|name| name == "allexport");
                if named || option.contains('a') {
                    shell.exports_all = option.starts_with('-');
                }
                at += if option.contains('o') { 2 } else { 1 };
            }
            _ => {
                shell.arguments = words[at..].to_vec();
                return;
            }
        }
    }
}

/// What a declaration gives a name.
enum Given {
    Text(String),
    Elements(Vec<Element>),
}

/// Handles one word of `unset`.
fn unset(word: &str, shell: &mut Shell) {
    if word.starts_with('-') {
        return;
    }
    if let Some((name, rest)) = word.split_once('[') {
        shell.undefine(rest.trim_end_matches(']'));
        // One element of an array; which of the others are left is not followed.
        return shell.set(name, UNKNOWN_WORDS.to_string());
    }
    shell.put(word, Value::Unset);
    shell.undefine(word);
}

/// Handles `mapfile` with the options that follow it.
fn map_file(words: &[String], stdin: Option<&str>, shell: &mut Shell) {
    let operands = after_options(words, &["-d", "-n", "-O", "-s", "-u", "-C", "-c"]);
    let options = &words[..words.len() - operands.len()];
    let name = operands.first().map_or("MAPFILE", String::as_str);
    let keeps_newlines = match options.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Some(true),
        ["-t"] => Some(false),
        _ => None,
    };
    let known = stdin.filter(|text| is_known(text)).zip(keeps_newlines);
    let value = known.map_or(Value::Scalar(UNKNOWN_WORDS.to_string()), |(text, keeps)| {
        let lines = text.split_inclusive('\n');
        let line = |line: &str| if keeps { line.to_owned() } else { line.trim_end_matches('\n').to_owned() };
        Value::list(lines.map(line), 0)
    });
    shell.put(name, value);
}

/// What a `read` was told to do.
pub(super) struct ReadCommand {
    names: Vec<String>,
    /// The array of `-a`.
    array: Option<String>,
    /// Whether backslashes stand for themselves.
    is_raw: bool,
    /// Where words are split; `None` where that is not known.
    separators: Option<String>,
    /// Where it reads from, if not from standard input.
    descriptor: Option<i32>,
    /// Whether it reads something else than a line.
    is_odd: bool,
}

impl ReadCommand {
    fn new(words: &[String], separators: Option<String>) -> Self {
        let mut read = Self {
            names: Vec::new(),
            array: None,
            is_raw: false,
            separators,
            descriptor: None,
            is_odd: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(flags) = word.strip_prefix('-').filter(|_| read.names.is_empty()) else {
                // zsh: `name?prompt`
                read.names.push(word.split('?').next().unwrap_or_default().to_owned());
                continue;
            };
            for (at, flag) in flags.char_indices() {
                match flag {
                    'r' => read.is_raw = true,
                    's' | 'e' | 'E' | '-' => {}
                    'a' | 'd' | 'n' | 'N' | 't' | 'p' | 'u' | 'i' => {
                        let inside = &flags[at + 1..];
                        let value =
                            if inside.is_empty() { words.next().cloned() } else { Some(inside.into()) };
                        if flag == 'a' {
                            read.array = value;
                        } else if flag == 'u' {
                            read.descriptor = value.and_then(|value| value.parse().ok());
                            read.is_odd |= read.descriptor.is_none();
                        } else {
                            // `-d ''` reads up to a zero byte, with which lists are told apart as by lines.
                            let is_list = flag == 'd' && value.as_deref() == Some("");
                            read.is_odd |= !is_list && !matches!(flag, 't' | 'p' | 'i');
                        }
                        break;
                    }
                    _ => read.is_odd = true,
                }
            }
        }
        read
    }
}

/// A character, and whether a backslash took its meaning.
type Letter = (char, bool);

impl Walker<'_> {
    /// Returns what a condition reads if it is just `read NAMES`.
    pub(super) fn read_command(&mut self, condition: &Script, shell: &mut Shell) -> Option<ReadCommand> {
        let [command] = condition.commands.as_slice() else { return None };
        let CommandKind::Simple { assignments, words } = &command.kind else { return None };
        let is_text = |word: &Word| word.parts.iter().all(|part| matches!(part, Part::Text { .. }));
        let [name, rest @ ..] = words.as_slice() else { return None };
        if !command.redirects.is_empty() || !words.iter().all(is_text) || self.text(name, shell) != "read" {
            return None;
        }
        let mut separators = shell.separators(self.place);
        for assignment in assignments.iter().filter(|assignment| assignment.name == "IFS") {
            if let crate::parse::script::Value::Scalar(word) = &assignment.value {
                separators = Some(self.text(word, shell)).filter(|own| is_known(own));
            }
        }
        let rest: Vec<String> = rest.iter().map(|word| self.text(word, shell)).collect();
        Some(ReadCommand::new(&rest, separators))
    }

    /// Spreads the next line of `input` over variables as `read` does: the last takes the rest.
    pub(super) fn read_into(&self, read: &ReadCommand, input: Option<&str>, shell: &mut Shell) {
        let line = match (input.filter(|input| is_known(input)), &read.separators) {
            (Some(input), Some(separators)) if !read.is_odd => {
                Some((letters(input, read.is_raw), separators))
            }
            _ => None,
        };
        let Some((line, separators)) = line else {
            read.names.iter().chain(&read.array).for_each(|name| shell.set_unknown(name));
            if read.names.is_empty() {
                shell.set_unknown("REPLY");
            }
            return;
        };
        if let Some(array) = &read.array {
            let mut rest = trimmed(&line, separators);
            let mut fields = Vec::new();
            while !rest.is_empty() {
                let (field, more) = first_field(rest, separators);
                fields.push(text(field));
                rest = more;
            }
            let start = crate::resolve::expand::first_index(shell.dialect);
            return shell.put(array, Value::list(fields, start));
        }
        let Some((last, names)) = read.names.split_last() else {
            return shell.set("REPLY", text(&line));
        };
        let mut rest = trimmed(&line, separators);
        for name in names {
            let (field, more) = first_field(rest, separators);
            shell.set(name, text(field));
            rest = more;
        }
        // A separator behind the last word belongs to it only where more words follow.
        let (field, more) = first_field(rest, separators);
        shell.set(last, text(if more.is_empty() { field } else { rest }));
    }
}

/// Returns the characters of the first line; a backslash joins it with the next, unless `is_raw`.
fn letters(input: &str, is_raw: bool) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut rest = input.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => break,
            '\\' if !is_raw => letters.extend(rest.next().filter(|c| *c != '\n').map(|c| (c, true))),
            '\0' => {}
            c => letters.push((c, false)),
        }
    }
    letters
}

fn text(letters: &[Letter]) -> String {
    letters.iter().map(|(c, _)| *c).collect()
}

fn is_blank(letter: &Letter, separators: &str) -> bool {
    !letter.1 && matches!(letter.0, ' ' | '\t' | '\n') && separators.contains(letter.0)
}

fn trimmed<'l>(letters: &'l [Letter], separators: &str) -> &'l [Letter] {
    let from = letters.iter().take_while(|letter| is_blank(letter, separators)).count();
    let rest = &letters[from..];
    let behind = rest.iter().rev().take_while(|letter| is_blank(letter, separators)).count();
    &rest[..rest.len() - behind]
}

/// Returns the first word and what follows its separator.
fn first_field<'l>(letters: &'l [Letter], separators: &str) -> (&'l [Letter], &'l [Letter]) {
    let is_separator = |letter: &Letter| !letter.1 && separators.contains(letter.0);
    let end = letters.iter().position(is_separator).unwrap_or(letters.len());
    let (field, mut rest) = letters.split_at(end);
    let skip = |rest: &[Letter]| rest.iter().take_while(|letter| is_blank(letter, separators)).count();
    rest = &rest[skip(rest)..];
    if rest.first().is_some_and(is_separator) {
        rest = &rest[1..];
        rest = &rest[skip(rest)..];
    }
    (field, rest)
}

/// Returns whether text names a variable that nothing has set so far.
fn names_what_is_unset(text: &str, shell: &Shell, place: &Place<'_>) -> bool {
    text.split('$').skip(1).any(|rest| {
        let rest = rest.trim_start_matches('{');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        end > 0 && shell.value(&rest[..end], place).is_none()
    })
}
