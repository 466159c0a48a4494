//! What simple programs print, where that follows from their words and their input alone.

mod filter;
mod format;
mod jq;
mod sed;

pub(super) use self::format::printf;
pub(super) use self::sed::{Sed, read_words};

use super::action::Effect;
use super::command_line::CommandLine;
use super::files::Content;
use super::state::Shell;
use super::variables::Value;
use super::walk::Walker;
use super::{decode, secrets};
use crate::parse::Dialect;
use crate::place::path::{Rest, target};
use crate::unknown::{UNKNOWN, UNKNOWN_SECRET, UNKNOWN_WORDS, is_known};

/// How much text goes through one program, in bytes; what more would become is unknown.
const LONGEST: usize = 256 * 1024;

/// How many bytes go through a program for one step.
const CHANGED: usize = 128;

impl Walker<'_> {
    /// Returns what a program prints: `None` where that is not known.
    pub(super) fn output(
        &mut self,
        program: &str,
        words: &[String],
        shell: &Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let operands: Vec<&String> =
            words.iter().filter(|word| !word.starts_with('-') || word.len() < 2).collect();
        Some(match program {
            "echo" => format::echo(words, shell.dialect),
            "print" if shell.dialect == Dialect::Zsh => printed(words)?,
            "printf" => printf(words),
            "true" | "false" | ":" | "mkdir" | "touch" | "chmod" | "sleep" | "rm" | "cp" | "mv" | "cd"
            | "ln" => String::new(),
            "tee" | "pv" | "sponge" | "nl" | "column" | "ts" | "fold" | "fmt" | "unbuffer" | "stdbuf" => {
                stdin?.to_owned()
            }
            // Every variable there is.
            "env" | "printenv" if words.iter().all(|word| word.starts_with('-')) => {
                UNKNOWN_SECRET.to_string()
            }
            "pwd" => format!("{}\n", shell.site.cwd.as_ref()?.display()),
            "realpath" | "readlink" => {
                let found = target(operands.last()?, &shell.site, self.place);
                match found.base.filter(|_| found.rest == Rest::Known) {
                    Some(path) if program == "realpath" || words.len() > operands.len() => {
                        format!("{}\n", path.display())
                    }
                    _ => format!("{UNKNOWN}\n"),
                }
            }
            // Names that a glob stands for: they are printed as they are.
            "ls" if !operands.is_empty() && operands.iter().all(|name| is_glob_of_files(name)) => {
                operands.iter().map(|name| format!("{name}\n")).collect()
            }
            "ls" => listing(words, &operands)?,
            // Every image there is.
            "docker" | "podman" | "nerdctl" if lists_images(words) => "*\n".to_owned(),
            // Settings for the shell that asks for them.
            _ if prints_settings(program, words) => String::new(),
            "which" | "type" => operands.iter().map(|name| self.place.program(name) + "\n").collect(),
            "whoami" | "logname" => format!("{}\n", self.place.environment.text("USER")?),
            "printenv" => match shell.value(operands.first()?, self.place)? {
                Value::Scalar(text) => text + "\n",
                _ => return None,
            },
            "hostname" | "uname" | "arch" | "nproc" | "date" | "id" | "wc" | "sha256sum" | "md5sum"
            | "uuidgen" => {
                format!("{UNKNOWN}\n")
            }
            "jq" => jq::built(words)?,
            "dirname" => operands.iter().map(|path| directory_of(path) + "\n").collect(),
            "basename" => base_names(words)?,
            "seq" => sequence(words, &operands)?,
            "yes" => format!("{}\n", operands.first().map_or("y", |word| word.as_str())).repeat(4),
            // A directory of its own below the temporary one.
            "mktemp" => format!("/tmp/tmp.{UNKNOWN}\n"),
            "git" if words.iter().any(|word| word == "--show-toplevel") => {
                format!("{}\n", self.place.project.as_ref()?.display())
            }
            _ => return self.filtered(program, words, &operands, shell, stdin),
        })
    }

    /// Returns the directory of its own that a program prints, where it is asked for one and nothing before has moved it.
    pub(super) fn own_directory(&self, line: &CommandLine, shell: &Shell) -> Option<String> {
        let directories = &line.grammar.as_ref()?.prints_directory;
        if directories.is_empty() {
            return None;
        }
        let directory = directories.get(&line.words.join(" "))?;
        let moves = |earlier: &CommandLine| {
            earlier.program == line.program
                && earlier.words.iter().any(|word| directory.moved_by.contains(word))
                && !directories.contains_key(&earlier.words.join(" "))
        };
        if self.actions.iter().any(|action| matches!(&action.effect, Effect::Run(line) if moves(line))) {
            return None;
        }
        let told = directory.variables.iter().find_map(|name| shell.scalar(name, self.place));
        let usual = || Some(directory.usual.replacen('~', &shell.scalar("HOME", self.place)?, 1));
        Some(told.or_else(usual)? + "\n")
    }

    /// Returns what a program makes of the text that goes through it.
    fn filtered(
        &mut self,
        program: &str,
        words: &[String],
        operands: &[&String],
        shell: &Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let has = |option: &str| words.iter().any(|word| word == option);
        let is_decoding = has("-d") || has("-D") || has("--decode") || has("-di") || has("-id");
        // Of programs whose options take words as values, those that are no files.
        let files = match program {
            "cat" | "tac" | "rev" | "base64" | "base32" | "xxd" => operands,
            "sort" | "uniq" if words.len() > operands.len() && operands.len() > 1 => return None,
            "sort" | "uniq" => operands,
            "head" | "tail" => &operands[counted(words, operands)..],
            "tr" | "cut" | "sed" | "openssl" => &[],
            _ => return None,
        };
        let text = self.input(files, shell, stdin)?;
        // What is not known in it goes through `cat` as it is, and through nothing else.
        if program == "cat" {
            return words
                .iter()
                .all(|word| !word.starts_with('-') || word == "-" || word == "-u")
                .then_some(text);
        }
        if !is_known(&text) || text.len() > LONGEST {
            return match program {
                _ if secrets::leaves_names(program, words) => Some(UNKNOWN_WORDS.to_string()),
                // Some of all names are some that nobody knows.
                "head" | "tail" if text.lines().count() > 1 => None,
                "sort" | "uniq" | "tac" | "head" | "tail" => Some(text),
                _ => None,
            };
        }
        if !self.charge(1 + text.len() / CHANGED) {
            return None;
        }
        let made = match program {
            "tac" => Some(text.lines().rev().map(|line| format!("{line}\n")).collect()),
            // A glob that `ls` printed stands for any number of lines.
            "head" | "tail" if text.lines().any(is_glob_of_files) => Some(text.clone()),
            "head" | "tail" => filter::ends(program, words, &text),
            "sort" | "uniq" => {
                let flags = words.iter().filter(|word| !operands.contains(word));
                Some(filter::ordered(program, flags, &text).unwrap_or_else(|| text.clone()))
            }
            "rev" => Some(filter::reversed(&text)),
            "cut" => filter::cut(words, &text),
            "tr" => filter::translate(words, &text),
            "sed" => self.sed_output(words, &text),
            "base64" if is_decoding => decode::base64(&text),
            "base64" if words.len() == operands.len() => Some(decode::to_base64(&text, 76)),
            "base64" if has("-w0") || has("--wrap=0") => Some(decode::to_base64(&text, 0)),
            "base32" if is_decoding => decode::base32(&text),
            "openssl" if is_decoding && (has("base64") || has("-base64") || has("-a")) => {
                decode::base64(&text)
            }
            "xxd" => hexadecimal(words, &text),
            _ => None,
        }?;
        let is_hidden = !is_decoding && secrets::hidden(program, &text, &made);
        Some(if is_hidden { made + &UNKNOWN_SECRET.to_string() } else { made })
    }

    /// Returns what `sed` with these words makes of a text. A script has the same words again and again, and to compile
    /// their patterns takes its time.
    fn sed_output(&mut self, words: &[String], text: &str) -> Option<String> {
        if let Some(known) = self.seds.get(words) {
            return known.as_ref().map(|sed| sed.edit(text));
        }
        if !self.charge(64) {
            return None;
        }
        let sed = read_words(words);
        let made = sed.as_ref().map(|sed| sed.edit(text));
        self.seds.insert(words.to_vec(), sed);
        made
    }

    /// Returns the text of files, or what comes in where there are none.
    fn input(&mut self, files: &[&String], shell: &Shell, stdin: Option<&str>) -> Option<String> {
        if files.is_empty() {
            return stdin.map(str::to_owned);
        }
        let mut all = String::new();
        for path in files {
            if super::runs::is_stdin(path) {
                all.push_str(stdin?);
                continue;
            }
            match self.files.read(path, &shell.site, self.place) {
                Content::Text(text) => all.push_str(&text),
                _ if path.starts_with("/proc/") && path.ends_with("/environ") => all.push(UNKNOWN_SECRET),
                Content::Missing | Content::Directory | Content::Unknown(_) => all.push(UNKNOWN_WORDS),
            }
        }
        Some(all)
    }
}

/// Returns whether these words list the names of all images, and of no others: `images -aq`, `image ls -q`.
fn lists_images(words: &[String]) -> bool {
    let rest = match words {
        [images, rest @ ..] if images == "images" => rest,
        [image, list, rest @ ..] if image == "image" && matches!(list.as_str(), "ls" | "list") => rest,
        _ => return false,
    };
    let is_flag = |word: &&String| {
        matches!(word.as_str(), "-q" | "-aq" | "-qa" | "-a" | "--quiet" | "--all" | "--no-trunc")
    };
    rest.iter().any(|word| word.contains('q')) && rest.iter().all(|word| is_flag(&word))
}

/// Returns how many of the operands of `head` and `tail` are the counts of `-n 3` and `-c 3`.
fn counted(words: &[String], operands: &[&String]) -> usize {
    let counts = words.iter().filter(|word| matches!(word.as_str(), "-n" | "-c" | "--lines" | "--bytes"));
    counts.count().min(operands.len())
}

/// Returns what zsh's `print` prints.
fn printed(words: &[String]) -> Option<String> {
    match words {
        [first, rest @ ..] if first == "-r" || first == "-rn" || first == "-nr" => {
            let rest =
                if rest.first().is_some_and(|word| word == "--" || word == "-") { &rest[1..] } else { rest };
            Some(rest.join(" ") + if first == "-r" { "\n" } else { "" })
        }
        [first, ..] if first.starts_with('-') => None,
        words => Some(format::echo(words, Dialect::Zsh)),
    }
}

fn directory_of(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit_once('/') {
        None if trimmed.is_empty() && !path.is_empty() => "/".to_owned(),
        None => ".".to_owned(),
        Some((directory, _)) => {
            let directory = directory.trim_end_matches('/');
            if directory.is_empty() { "/".to_owned() } else { directory.to_owned() }
        }
    }
}

fn base_names(words: &[String]) -> Option<String> {
    let (mut suffix, mut all, mut paths) = (String::new(), false, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-a" | "--multiple" => all = true,
            "-s" => (suffix, all) = (words.next()?.clone(), true),
            "--" => {}
            word if word.starts_with('-') && word.len() > 1 => return None,
            _ => paths.push(word),
        }
    }
    if !all && paths.len() > 1 {
        suffix.clone_from(paths.get(1)?);
        paths.truncate(1);
    }
    let name = |path: &&String| {
        let trimmed = path.trim_end_matches('/');
        let name = if trimmed.is_empty() { path.get(..1).unwrap_or_default() } else { trimmed };
        let name = name.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or(name);
        let kept = name.strip_suffix(suffix.as_str()).filter(|kept| !kept.is_empty());
        format!("{}\n", kept.unwrap_or(name))
    };
    Some(paths.iter().map(name).collect())
}

/// `xxd -r -p` and `xxd -p`.
fn hexadecimal(words: &[String], text: &str) -> Option<String> {
    let flags: String = words.iter().filter_map(|word| word.strip_prefix('-')).collect();
    match (flags.contains('r'), flags.contains('p')) {
        (true, true) => decode::hexadecimal(text),
        (false, true) if words.len() == 1 => Some(decode::to_hexadecimal(text)),
        _ => None,
    }
}

fn sequence(words: &[String], operands: &[&String]) -> Option<String> {
    if words.len() != operands.len() {
        return None;
    }
    let numbers: Vec<i64> = operands.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let (from, step, to) = match numbers.as_slice() {
        [to] => (1, 1, *to),
        [from, to] => (*from, 1, *to),
        [from, step, to] => (*from, *step, *to),
        _ => return None,
    };
    if step == 0 || to.abs_diff(from) / step.unsigned_abs() >= 256 {
        return None;
    }
    let mut lines = String::new();
    let mut number = from;
    while if step > 0 { number <= to } else { number >= to } {
        lines.push_str(&format!("{number}\n"));
        number = number.checked_add(step)?;
    }
    Some(lines)
}

/// Whether a glob is one of files with an ending: what matches is hardly a directory.
fn is_glob_of_files(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.contains("*.")) && !name.ends_with('/')
}

/// What `ls` prints of a directory elsewhere: every name in it, and besides some name, for none is known; of names
/// that a glob stands for, that. `None` where it prints more than names.
fn listing(words: &[String], operands: &[&String]) -> Option<String> {
    let is_flag = |word: &&String| word.starts_with('-');
    let mut flags = words.iter().filter(is_flag).flat_map(|word| word.bytes().skip(1));
    let [named] = operands else { return None };
    if !is_known(named) || !flags.all(|flag| b"1aAdtrSUqQ".contains(&flag)) {
        return None;
    }
    let is_glob = named.contains(['*', '?', '[']);
    if is_glob && words.iter().filter(is_flag).any(|word| word.contains('d')) {
        return Some(format!("{named}\n"));
    }
    let is_elsewhere = ["/", "~", ".."].iter().any(|start| named.starts_with(start));
    // Where it is expanded again, this pattern finds no file that is here.
    let names = if is_glob { named.as_str() } else { "[*]" };
    is_elsewhere.then(|| format!("{names}\n{UNKNOWN_WORDS}\n"))
}

/// Programs whose output is made for `eval` in every start-up file of a shell, with the words that ask for it.
#[rustfmt::skip]
const SETTINGS: &[(&str, &[&str])] = &[
    ("atuin", &["init"]), ("brew", &["shellenv"]), ("conda", &["shell.bash", "shell.zsh"]), ("dircolors", &[]),
    ("direnv", &["hook", "export"]), ("docker-machine", &["env"]), ("fnm", &["env"]), ("fzf", &["--bash", "--zsh"]),
    ("gpgconf", &[]), ("lesspipe", &[]), ("lesspipe.sh", &[]), ("luarocks", &["path"]), ("minikube", &["docker-env"]),
    ("mise", &["activate", "env", "hook-env"]), ("nodenv", &["init"]), ("opam", &["env"]), ("podman", &["machine"]),
    ("pyenv", &["init"]), ("rbenv", &["init"]), ("rtx", &["activate", "env"]), ("ssh-agent", &[]), ("starship", &["init"]),
    ("thefuck", &["--alias"]), ("zoxide", &["init"]),
];

/// Whether a program prints settings for the shell, or how to complete its own words.
fn prints_settings(program: &str, words: &[String]) -> bool {
    let first = words.first().map_or("", String::as_str);
    let listed = SETTINGS.iter().find(|(name, _)| *name == program);
    listed.is_some_and(|(_, asks)| asks.is_empty() || asks.contains(&first))
        || matches!(first, "completion" | "completions")
}
