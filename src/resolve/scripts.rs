//! Scripts: files that are read and run, by a program that is told to or by their own path.

use std::path::{Path, PathBuf};

use super::action::Site;
use super::code::Language;
use super::command_line::CommandLine;
use super::files::{Content, Files};
use super::launch::{base_name, of_package};
use super::runs::language_of;
use super::state::Shell;
use super::walk::{Walker, dialect};
use super::zsh;
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::place::path::target;
use crate::place::{Place, kinds};
use crate::rulebook::format::{PathKind, Runs};
use crate::truth::Truth;
use crate::unknown::is_known;

/// How many bytes of code that a build made are read: bundles hold all that a program is made of.
const LARGEST_MADE: usize = 64 * 1024;

/// So few files are compared with all the places where a program may be.
const FEW: usize = 4;

/// A script that is started.
#[derive(Clone, Copy)]
pub(super) struct Script<'s> {
    /// Its file; where it has none, the program that reads it.
    pub path: &'s str,
    /// What it is run with.
    pub arguments: &'s [String],
    /// By what it is read.
    pub reader: Reader<'s>,
    /// What arrives on its standard input.
    pub stdin: Option<&'s str>,
}

/// Where a program is looked for by its name.
pub(super) struct SearchPath {
    /// What `PATH` says.
    directories: String,
    /// Where it may be: the file, and as it is written.
    paths: Vec<(PathBuf, String)>,
    /// How many of the files that the command writes are known to be none of these.
    others: usize,
}

impl SearchPath {
    fn new(name: &str, directories: String, site: &Site, place: &Place<'_>) -> Self {
        let paths = directories.split(':').map(|directory| match directory {
            "" => format!("./{name}"),
            directory => format!("{directory}/{name}"),
        });
        let leads = |path: String| Some((target(&path, site, place).base?, path));
        let paths = paths.filter(|path| is_known(path)).filter_map(leads).collect();
        Self { directories, paths, others: 0 }
    }

    /// Returns whether its directories are the same ones wherever the command works.
    fn is_fixed(&self) -> bool {
        self.directories.split(':').all(|directory| directory.starts_with('/'))
    }

    /// Returns the first of the files, as it is written, that the command itself writes.
    fn written(&mut self, files: &Files) -> Option<String> {
        let all = files.all_written();
        // A script starts the same programs again and again, and writes next to nothing between.
        let since = &all[self.others..];
        if self.others > 0 && since.len() <= FEW && !since.iter().any(|file| self.has(file)) {
            self.others = all.len();
            return None;
        }
        let is_written =
            |(path, text): &&(PathBuf, String)| files.writes(path) || files.writes(Path::new(text));
        let found = self.paths.iter().find(is_written);
        if found.is_none() {
            self.others = all.len();
        }
        found.map(|(_, text)| text.clone())
    }

    fn has(&self, file: &Path) -> bool {
        let file = file.as_os_str();
        self.paths.iter().any(|(path, text)| path.as_os_str() == file || text.as_str() == file)
    }
}

impl<'s> Script<'s> {
    /// Returns a script that is started as a program is.
    pub(super) fn started(path: &'s str, arguments: &'s [String], stdin: Option<&'s str>) -> Self {
        Self { path, arguments, reader: Reader::FirstLine, stdin }
    }
}

/// By what a script is read, which decides what its text means.
#[derive(Clone, Copy)]
pub(super) enum Reader<'s> {
    /// The interpreter of a language, whatever the file says of itself.
    Language(Language),
    /// A shell that was started so; the first line is a comment to it.
    Shell(&'s CommandLine),
    /// A program that goes by the file's ending, or else by its first line.
    Ending,
    /// The system, which goes by the first line alone; what has none is handed to a shell.
    FirstLine,
}

impl<'s> Reader<'s> {
    /// Returns by what a program that was started so reads its scripts.
    pub(super) fn of(runs: &Runs, line: &'s CommandLine) -> Self {
        match language_of(runs) {
            Some(language) => Self::Language(language),
            None if is_shell(&line.program) => Self::Shell(line),
            None => Self::Ending,
        }
    }

    /// Returns the language of a script, where it is no shell's.
    fn language(self, path: &str, text: &str) -> Option<Language> {
        match self {
            Self::Language(language) => Some(language),
            Self::Shell(_) => None,
            Self::Ending => Language::from_path(path).or_else(|| Language::from_shebang(text)),
            Self::FirstLine => Language::from_shebang(text),
        }
    }

    /// Returns the shell that reads a script.
    fn shell(self, text: &str, arguments: &[String], outer: &Shell) -> Shell {
        let first: Vec<String> = first_line(text).map(str::to_owned).collect();
        let named = dialect(shell_in(&first));
        let (dialect, words) = match self {
            Self::Shell(line) => match (dialect(&line.program), named) {
                // Of those alike a script knows best for which it was written.
                (Dialect::Bash | Dialect::Posix, Dialect::Bash | Dialect::Posix) => (named, &line.words),
                (own, _) => (own, &line.words),
            },
            _ => (named, &first),
        };
        let mut inner = outer.child(dialect, arguments.to_vec());
        inner.zsh.splits = zsh::is_told_to_split(words);
        inner
    }
}

impl Walker<'_> {
    /// Reads a script by its path and walks through it.
    pub(super) fn script_file(&mut self, script: Script<'_>, label: &str, shell: &mut Shell) {
        let Script { path, arguments, reader, stdin } = script;
        let language = if let Reader::Language(language) = reader { Some(language) } else { None };
        // `python manage.py flush`: the script may be a tool with a grammar of its own.
        let program = of_package(base_name(path));
        if language.is_some() && self.rulebook.program(program).is_some() {
            let words = std::iter::once(program.to_owned()).chain(arguments.iter().cloned()).collect();
            self.deeper(label, |walker| walker.run(words, Vec::new(), shell, stdin));
        }
        match self.files.read(path, &shell.site, self.place) {
            // What a build made is read no more than a program that it made would be.
            Content::Text(text) if text.len() > LARGEST_MADE && self.is_made(path, shell) => {}
            Content::Text(text) => {
                self.changed_before(&text, script, shell);
                self.in_file(path, shell, format!("{label} {path}"), |walker, shell| {
                    walker.script_text(&text, script, shell);
                })
            }
            Content::Missing => {}
            // `python app`, `node build`, `go run ./cmd/app`: each language has its own first file.
            Content::Directory => {
                if let Some(first) = language.and_then(Language::first_file) {
                    let path = format!("{}/{first}", path.trim_end_matches('/'));
                    self.script_file(Script { path: &path, ..script }, label, shell);
                }
            }
            Content::Unknown(_) if shell.site.elsewhere || self.is_made(path, shell) => {}
            Content::Unknown(_) if is_known(path) && path.contains(['*', '?', '[']) => {
                for path in self.named_by(path, shell).unwrap_or_default() {
                    if let Content::Text(text) = self.files.read(&path, &shell.site, self.place) {
                        self.in_file(&path, shell, format!("{label} {path}"), |walker, shell| {
                            walker.script_text(&text, Script { path: &path, ..script }, shell);
                        });
                    }
                }
            }
            Content::Unknown(reason) => {
                // `exec node "$basedir/../eslint.js"` in a script that was there before, as with programs: what it
                // is told by this command is known.
                let of_script = self.is_in_standing_file() && !is_known(path);
                let kind = if of_script { GapKind::Value } else { GapKind::File };
                self.gap(kind, format!("{label} {path}: the file {reason}"));
            }
        }
    }

    /// Returns whether a file is one that a build makes again.
    fn is_made(&self, path: &str, shell: &Shell) -> bool {
        kinds::is(path, PathKind::Artefact, &shell.site, self.place) == Truth::Certain
    }

    /// Notes where the command itself has changed a shell's script in a way that is not followed. Programs in other
    /// languages are edited before they are run all day long.
    fn changed_before(&mut self, text: &str, script: Script<'_>, shell: &Shell) {
        let is_shells = script.reader.language(script.path, text).is_none() && !is_batch(script.path);
        if is_shells && self.files.is_changed(script.path, &shell.site, self.place) {
            self.gap(
                GapKind::Code,
                format!("{}: this command changes the file before it runs it", script.path),
            );
        }
    }

    /// Walks through a script's text in its language.
    fn script_text(&mut self, text: &str, script: Script<'_>, shell: &mut Shell) {
        let Script { path, arguments, reader, stdin } = script;
        match reader.language(path, text) {
            Some(language) => self.code_of_script(text, language, arguments, Some(path), shell),
            None if is_batch(path) && !matches!(reader, Reader::Shell(_)) => {
                self.dos_text(text, &mut shell.clone());
            }
            None => {
                if matches!(reader, Reader::FirstLine) {
                    self.interpreter(text, script, shell);
                }
                let mut inner = reader.shell(text, arguments, shell);
                inner.name = path.to_owned();
                self.shell_text(text, &mut inner, stdin);
            }
        }
    }

    /// Runs the program that the system hands a script to, where that is no shell: `#!/usr/bin/psql -f`.
    fn interpreter(&mut self, text: &str, script: Script<'_>, shell: &mut Shell) {
        let mut words: Vec<String> = first_line(text).map(str::to_owned).collect();
        let name = shell_in(&words);
        let known = self.rulebook.program(name);
        if words.is_empty() || is_shell(known.as_ref().map_or(name, |known| &known.name)) {
            return;
        }
        words.push(script.path.to_owned());
        words.extend_from_slice(script.arguments);
        self.deeper("first line", |walker| walker.plain(words, Vec::new(), &mut shell.clone(), script.stdin));
    }

    /// Walks through what arrives on standard input, as the program that `script` names for its path reads it.
    pub(super) fn script_on_stdin(&mut self, script: Script<'_>, label: &str, shell: &mut Shell) {
        let Some(text) = script.stdin else { return };
        self.deeper(format!("{label} < standard input"), |walker| match script.reader {
            Reader::Language(language) => walker.code(text, language, script.arguments, shell),
            reader => {
                let mut inner = reader.shell("", script.arguments, shell);
                walker.shell_text(text, &mut inner, None);
            }
        });
    }

    /// Returns the file that is started as `program`, where it may be a script. One by the name of a tool that runs
    /// others is most likely that tool: it is read only where it is one.
    pub(super) fn started_script(&mut self, program: &str, is_runner: bool, shell: &Shell) -> Option<String> {
        if !program.contains('/') {
            return self.written_on_path(program, shell);
        }
        let begins_as_one = || {
            let path = target(program, &shell.site, self.place).base?;
            Some(self.place.world.read(&path, 2).ok()?.0 == b"#!")
        };
        let is_read = !is_runner
            || self.files.is_written(program, &shell.site, self.place)
            || !is_of_system(program) && begins_as_one().unwrap_or(false);
        is_read.then(|| program.to_owned())
    }

    /// Returns the file that this command has put where a program of that name is looked for.
    fn written_on_path(&mut self, name: &str, shell: &Shell) -> Option<String> {
        if self.files.all_written().is_empty() {
            return None;
        }
        let directories = shell.scalar("PATH", self.place)?;
        if let Some(known) = self.on_path.get_mut(name).filter(|known| known.directories == directories) {
            return known.written(&self.files);
        }
        let mut path = SearchPath::new(name, directories, &shell.site, self.place);
        let written = path.written(&self.files);
        // Whatever directory it is in, a program is looked for in the same places then.
        if path.is_fixed() {
            self.on_path.insert(name.to_owned(), path);
        }
        written
    }

    /// A file that is started may be a script; then its text is what runs.
    pub(super) fn own_script(&mut self, script: Script<'_>, shell: &mut Shell) {
        let path = script.path;
        if !is_known(path) || shell.site.elsewhere && !shell.site.is_copy() || is_of_system(path) {
            return;
        }
        let Content::Text(text) = self.files.read(path, &shell.site, self.place) else { return };
        let is_script = text.starts_with("#!")
            || Language::from_path(path).is_some()
            || path.ends_with(".sh")
            || !text.contains('\0');
        if is_script {
            self.changed_before(&text, script, shell);
            self.in_file(path, shell, path, |walker, shell| {
                walker.script_text(&text, script, shell);
            });
        }
    }
}

/// Returns whether a file belongs to the system, whose programs do what their names say.
fn is_of_system(path: &str) -> bool {
    ["/bin/", "/usr/", "/sbin/", "/opt/", "/nix/", "/snap/"].iter().any(|above| path.starts_with(above))
}

/// Returns whether a file is for Windows' command interpreter.
fn is_batch(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    ending.eq_ignore_ascii_case("bat") || ending.eq_ignore_ascii_case("cmd")
}

/// Returns whether a program reads scripts as shells do, by the name under which rules know it.
fn is_shell(name: &str) -> bool {
    matches!(name, "bash" | "zsh" | "csh" | "fish" | "nu" | "at")
}

/// Returns the words by which a script's first line names its interpreter.
fn first_line(text: &str) -> impl Iterator<Item = &str> {
    let line = text.strip_prefix("#!").and_then(|rest| rest.lines().next());
    line.unwrap_or_default().split_whitespace()
}

/// Returns the shell among the words of a first line.
fn shell_in(words: &[String]) -> &str {
    let mut names = words.iter().map(|word| base_name(word));
    names.find(|name| *name != "env" && !name.starts_with('-')).unwrap_or("bash")
}
