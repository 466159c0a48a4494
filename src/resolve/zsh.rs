//! What zsh alone does: its tables of commands, text that it expands once more, and the builtins that run
//! others.

use std::collections::BTreeMap;

use super::expand::WORDS;
use super::state::Shell;
use super::variables::Value;
use super::walk::{TOO_MUCH, Walker};
use crate::parse::gap::GapKind;
use crate::parse::script::{
    Assignment, Command, CommandKind, Operation, Part, Span, Value as Assigned, Word,
};
use crate::parse::{self, Dialect};
use crate::resolve::files::Content;
use crate::unknown::is_known;

/// What stands for an input in the command of a `zargs` that names no other mark.
const MARK: &str = "{}";

/// The tables, as `zsh/parameter` and the shell itself name them.
const TABLES: [&str; 7] =
    ["functions", "dis_functions", "aliases", "dis_aliases", "galiases", "saliases", "commands"];

/// What stands before `_functions` in the names of arrays of functions that the shell calls.
const CALLING: [&str; 6] = ["chpwd", "periodic", "precmd", "preexec", "zshaddhistory", "zshexit"];

/// Names with the text that stands for each.
type Aliases = BTreeMap<String, String>;

/// What only zsh knows of its commands.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    /// Functions that it calls by itself, whether they are there yet or not.
    pub called: Vec<String>,
    /// Aliases of any word, not the first alone: `alias -g`.
    pub globals: Aliases,
    /// Programs by the ending of the file that is called: `alias -s`.
    pub suffixes: Aliases,
    /// Whether values are split into words, as in other shells.
    pub splits: bool,
}

impl Tables {
    /// Takes the aliases out, while one of them is expanded.
    pub(super) fn without_aliases(&mut self) -> (Aliases, Aliases) {
        (std::mem::take(&mut self.globals), std::mem::take(&mut self.suffixes))
    }

    /// Returns how many entries there are.
    pub(super) fn size(&self) -> usize {
        self.called.len() + self.globals.len() + self.suffixes.len()
    }

    /// Puts aliases back that were taken out, where there are no new ones of their names.
    pub(super) fn put_back(&mut self, (globals, suffixes): (Aliases, Aliases)) {
        for (name, text) in globals {
            self.globals.entry(name).or_insert(text);
        }
        for (name, text) in suffixes {
            self.suffixes.entry(name).or_insert(text);
        }
    }

    /// Returns a command line in which the aliases of whole words and of endings are spelled out, if it has any.
    pub(super) fn spelled_out(&self, words: &[String]) -> Option<String> {
        let ending = words.first().and_then(|first| first.rsplit_once('.')).map(|(_, ending)| ending);
        let before = ending.and_then(|ending| self.suffixes.get(ending).cloned());
        if before.is_none() && !words.iter().any(|word| self.globals.contains_key(word)) {
            return None;
        }
        let quoted = |word: &String| shell_words::quote(word).into_owned();
        let word = |word: &String| self.globals.get(word).cloned().unwrap_or_else(|| quoted(word));
        Some(before.into_iter().chain(words.iter().map(word)).collect::<Vec<_>>().join(" "))
    }
}

impl Walker<'_> {
    /// Handles an assignment to one of the tables that zsh keeps its commands in; returns whether it is one.
    pub(super) fn assigned_to_table(&mut self, assignment: &Assignment, shell: &mut Shell) -> bool {
        let table = assignment.name.as_str();
        if let (Some(hook), Assigned::Array(_)) = (table.strip_suffix("_functions"), &assignment.value) {
            if CALLING.contains(&hook) {
                for name in self.elements_of(assignment, shell) {
                    self.is_called(name, shell);
                }
            }
            return false;
        }
        if table == "options" {
            let mut names: Vec<String> = assignment.index.iter().map(|key| self.text(key, shell)).collect();
            names.extend(self.elements_of(assignment, shell));
            shell.zsh.splits |= is_told_to_split(&names);
            return false;
        }
        if !TABLES.contains(&table) {
            return false;
        }
        match (&assignment.index, &assignment.value) {
            (Some(key), Assigned::Scalar(word)) => {
                let key = self.text(key, shell);
                match self.function_named_in(word, shell) {
                    Some(known) => self.copied_function(&known, &key, shell),
                    None => {
                        let text = self.text(word, shell);
                        self.entry(table, &key, text, shell);
                    }
                }
            }
            (None, Assigned::Array(_)) => {
                let words = self.elements_of(assignment, shell);
                if !assignment.append {
                    shell.undefine("*");
                }
                for pair in words.chunks_exact(2) {
                    self.entry(table, &pair[0], pair[1].clone(), shell);
                }
            }
            _ => {}
        }
        true
    }

    /// Returns the words of an array that is assigned.
    fn elements_of(&mut self, assignment: &Assignment, shell: &mut Shell) -> Vec<String> {
        let Assigned::Array(elements) = &assignment.value else { return Vec::new() };
        match self.elements(elements, shell) {
            Value::Array(all) => all.into_values().collect(),
            Value::Map(all) => all.into_iter().flat_map(|(key, value)| [key, value]).collect(),
            Value::Scalar(_) | Value::Unset => Vec::new(),
        }
    }

    /// Returns the function of which `$functions[name]` is the text.
    fn function_named_in(&mut self, word: &Word, shell: &mut Shell) -> Option<String> {
        match word.parts.as_slice() {
            [Part::Parameter { name, index: Some(index), operation: Operation::None, .. }]
                if name == "functions" =>
            {
                Some(self.text(index, shell))
            }
            _ => None,
        }
    }

    fn copied_function(&mut self, from: &str, to: &str, shell: &mut Shell) {
        if let Some(body) = shell.functions.get(from).cloned() {
            shell.define(to, body);
        }
    }

    /// Puts an entry into a table.
    fn entry(&mut self, table: &str, key: &str, text: String, shell: &mut Shell) {
        if !is_known(key) {
            // Whatever it is called by, this is what it runs.
            if is_known(&text) {
                self.deeper(table, |walker| walker.shell_text(&text, &mut shell.clone(), None));
            }
            return;
        }
        match table {
            "functions" | "dis_functions" => self.function_of_text(key, &text, shell),
            "galiases" => drop(shell.zsh.globals.insert(key.to_owned(), text)),
            "saliases" => drop(shell.zsh.suffixes.insert(key.to_owned(), text)),
            _ => drop(shell.aliases.insert(key.to_owned(), text)),
        }
    }

    /// Defines a function by the text of its body.
    fn function_of_text(&mut self, name: &str, text: &str, shell: &mut Shell) {
        let parsed = parse::parse(text, Dialect::Zsh);
        for gap in parsed.gaps {
            self.gap(gap.kind, gap.reason);
        }
        let kind = CommandKind::Group { body: parsed.script, subshell: false };
        self.define(name, Command { kind, redirects: Vec::new(), span: Span::default() }, shell);
    }

    /// Notes that the shell calls a function by itself, now or once it is there.
    fn is_called(&mut self, name: String, shell: &mut Shell) {
        if shell.functions.contains_key(&name) {
            self.run(vec![name.clone()], Vec::new(), &mut shell.clone(), None);
        }
        shell.zsh.called.push(name);
    }

    /// Follows what `${(e)name}` and `${(%)name}` expand once more. Returns whether this is one.
    pub(super) fn flagged(&mut self, raw: &str, words: &[Word], shell: &mut Shell) -> bool {
        let Some((flags, rest)) = raw.strip_prefix("${(").and_then(|rest| rest.split_once(')')) else {
            return false;
        };
        if shell.dialect != Dialect::Zsh || !flags.contains(['e', '%']) {
            return false;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let own = if end == 0 { None } else { shell.scalar(&rest[..end], self.place) };
        let inside: Vec<String> = words.iter().map(|word| self.text(word, shell)).collect();
        for text in own.into_iter().chain(inside) {
            self.expands_again(&text, shell);
        }
        true
    }

    /// Runs a builtin that only zsh has, or has more options for; `None` where `name` is none.
    pub(super) fn zsh_builtin(
        &mut self,
        name: &str,
        words: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let has = |option: &str| words.iter().any(|word| word == option);
        let behind = |option: &str| {
            let at = words.iter().position(|word| word == option).unwrap_or(words.len());
            words.get(at + 1..).unwrap_or_default()
        };
        match name {
            "alias" if has("-g") || has("-s") => {
                let pairs = words.iter().filter_map(|word| word.split_once('='));
                let pairs = pairs.map(|(name, text)| (name.to_owned(), text.to_owned()));
                if has("-g") { shell.zsh.globals.extend(pairs) } else { shell.zsh.suffixes.extend(pairs) }
            }
            "unfunction" | "unhash" | "disable" | "unalias" => {
                words.iter().for_each(|word| shell.undefine(word));
            }
            "functions" if has("-c") => {
                if let [from, to] = behind("-c") {
                    self.copied_function(from, to, shell);
                }
            }
            "setopt" | "set" | "emulate" => {
                shell.zsh.splits |= is_told_to_split(words);
                return None;
            }
            "print" => return self.print(words, shell),
            "autoload" => words.iter().for_each(|word| self.autoload(word, shell)),
            "add-zsh-hook" => {
                let names: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
                if let ([_, function], false) = (names.as_slice(), has("-d") || has("-D")) {
                    self.is_called((*function).clone(), shell);
                }
            }
            // A key runs it.
            "zle" if has("-N") => {
                if let Some(function) = behind("-N").last() {
                    self.is_called(function.clone(), shell);
                }
            }
            // What is not followed here is what these do to the tables of a later run.
            "zstyle" if has("-e") => self.later(name, behind("-e").get(2..).unwrap_or_default(), shell),
            "sched" => self.later(name, words.get(1..).unwrap_or_default(), shell),
            "zpty" if has("-w") => self.later(name, behind("-w").get(1..).unwrap_or_default(), shell),
            "zpty" => {
                let operands: Vec<String> =
                    words.iter().skip_while(|word| word.starts_with('-')).skip(1).cloned().collect();
                self.later(name, &operands, shell);
            }
            "zargs" => return Some(self.zargs(words, shell)),
            _ => {
                // `zsh/files` has the programs of these names for builtins.
                let program = name.strip_prefix("zf_")?;
                let words = [&[program.to_owned()], words].concat();
                return Some(self.run(words, Vec::new(), &mut shell.clone(), stdin));
            }
        }
        Some(String::new())
    }

    /// Follows text that is run at another time.
    fn later(&mut self, name: &str, words: &[String], shell: &Shell) {
        let text = words.join(" ");
        if !text.trim().is_empty() {
            self.deeper(name, |walker| walker.shell_text(&text, &mut shell.clone(), None));
        }
    }

    /// Handles what `print` does beside printing: with `-P` it expands its words once more, `-z` types them for the
    /// shell, and `-v` keeps them in a variable. `None` where it only prints.
    fn print(&mut self, words: &[String], shell: &mut Shell) -> Option<String> {
        let count = words.iter().take_while(|word| word.len() > 1 && word.starts_with('-')).count();
        let (options, operands) = words.split_at(count);
        let has = |letter: char| options.iter().any(|option| option.contains(letter));
        if has('P') {
            self.expands_again(&operands.join(" "), shell);
        }
        if has('z') {
            self.later("print", operands, shell);
            return Some(String::new());
        }
        if let (true, [name, operands @ ..]) = (has('v'), operands) {
            shell.set(name, operands.join(" "));
            return Some(String::new());
        }
        None
    }

    /// Defines a function as the file of its name in `fpath` has it, where this command has set that.
    fn autoload(&mut self, word: &str, shell: &mut Shell) {
        let directories: Vec<String> =
            match shell.value("fpath", self.place).or_else(|| shell.value("FPATH", self.place)) {
                Some(Value::Array(all)) => all.into_values().filter(|path| is_known(path)).collect(),
                Some(Value::Scalar(paths)) => paths.split(':').map(str::to_owned).collect(),
                _ => Vec::new(),
            };
        let name = word.rsplit('/').next().unwrap_or(word).to_owned();
        let in_directory = |directory: &String| format!("{directory}/{word}");
        let paths: Vec<String> = match word.starts_with('/') {
            true => vec![word.to_owned()],
            false => directories.iter().map(in_directory).collect(),
        };
        for path in paths {
            if let Content::Text(text) = self.files.read(&path, &shell.site, self.place) {
                return self.function_of_text(&name, &text, shell);
            }
        }
    }

    /// Runs `zargs [OPTIONS] -- ARGUMENTS -- COMMAND`, which is `xargs` with its input among the words.
    fn zargs(&mut self, words: &[String], shell: &mut Shell) -> String {
        const WITH_VALUE: [&str; 7] = ["-a", "-e", "-l", "-n", "-P", "-s", "-L"];
        let mut start = 0;
        let mut mark = None;
        while let Some(option) = words.get(start).filter(|word| word.len() > 1 && word.starts_with('-')) {
            start += 1;
            if option == "--" {
                break;
            }
            let replaces = option.strip_prefix("-I").or_else(|| option.strip_prefix("-i"));
            let replaces = replaces.or_else(|| option.strip_prefix("--replace"));
            mark = replaces.map(|own| own.trim_start_matches('=')).map(str::to_owned).or(mark);
            start += usize::from(WITH_VALUE.contains(&option.as_str()));
        }
        let rest = words.get(start..).unwrap_or_default();
        let Some(end) = rest.iter().position(|word| word == "--") else { return String::new() };
        let (inputs, command) = (&rest[..end], &rest[end + 1..]);
        let Some(mark) = mark else {
            return self.run([command, inputs].concat(), Vec::new(), shell, None);
        };
        let mark = if mark.is_empty() { MARK } else { &mark };
        for input in inputs {
            if !self.charge(command.len() / WORDS) {
                self.gap(GapKind::Bound, TOO_MUCH);
                break;
            }
            let words = command.iter().map(|word| word.replace(mark, input)).collect();
            self.run(words, Vec::new(), shell, None);
        }
        String::new()
    }
}

/// Returns whether one of these words, of `zsh` itself or of what sets its options, has it split values: by the option
/// `SH_WORD_SPLIT`, in whose name neither case nor `_` and `-` matter, by its letter, or as another shell.
pub fn is_told_to_split(words: &[String]) -> bool {
    words.iter().any(|word| {
        let name: String = word.chars().filter(|c| !matches!(c, '_' | '-')).collect();
        let letters =
            word.strip_prefix('-').filter(|letters| letters.chars().all(|c| c.is_ascii_alphanumeric()));
        name.to_ascii_lowercase().ends_with("shwordsplit")
            || letters.is_some_and(|letters| letters.contains('y'))
            || matches!(word.as_str(), "sh" | "ksh")
    })
}
