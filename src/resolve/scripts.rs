//! Scripts: files that are read and run, by a program that is told to or by their own path.

use super::code::Language;
use super::files::Content;
use super::launch::base_name;
use super::state::Shell;
use super::walk::{Walker, dialect};
use crate::parse::gap::GapKind;
use crate::place::kinds;
use crate::rulebook::format::PathKind;
use crate::truth::Truth;
use crate::unknown::is_known;

/// How many bytes of code that a build made are read: bundles hold all that a program is made of.
const LARGEST_MADE: usize = 64 * 1024;

/// A script that is started.
#[derive(Clone, Copy)]
pub(super) struct Script<'s> {
    /// Its file; where it has none, the program that reads it.
    pub path: &'s str,
    /// What it is run with.
    pub arguments: &'s [String],
    /// The language that is read by the program which runs it, where that is no shell.
    pub language: Option<Language>,
    /// What arrives on its standard input.
    pub stdin: Option<&'s str>,
}

impl Walker<'_> {
    /// Reads a script by its path and walks through it.
    pub(super) fn script_file(&mut self, script: Script<'_>, label: &str, shell: &mut Shell) {
        let Script { path, arguments, language, stdin } = script;
        // `python manage.py flush`: the script may be a tool with a grammar of its own.
        if language.is_some() && self.rulebook.program(base_name(path)).is_some() {
            let words =
                std::iter::once(base_name(path).to_owned()).chain(arguments.iter().cloned()).collect();
            self.deeper(label, |walker| walker.run(words, Vec::new(), shell, stdin));
        }
        match self.files.read(path, &shell.site, self.place) {
            // What a build made is read no more than a program that it made would be.
            Content::Text(text) if text.len() > LARGEST_MADE && self.is_made(path, shell) => {}
            Content::Text(text) => self.in_file(path, shell, format!("{label} {path}"), |walker, shell| {
                walker.script_text(&text, script, shell);
            }),
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

    /// Walks through a script's text in its language.
    fn script_text(&mut self, text: &str, script: Script<'_>, shell: &mut Shell) {
        let Script { path, arguments, .. } = script;
        let told = script.language.or_else(|| Language::from_path(path));
        match told.or_else(|| Language::from_shebang(text)) {
            Some(language) => self.code_of_script(text, language, arguments, Some(path), shell),
            None if is_batch(path) => self.dos_text(text, &mut shell.clone()),
            None => {
                let mut inner = shell.child(dialect(shebang_shell(text)), arguments.to_vec());
                inner.name = path.to_owned();
                self.shell_text(text, &mut inner, script.stdin);
            }
        }
    }

    /// Walks through what arrives on standard input, as the program that `script` names for its path reads it.
    pub(super) fn script_on_stdin(&mut self, script: Script<'_>, label: &str, shell: &mut Shell) {
        let Some(text) = script.stdin else { return };
        self.deeper(format!("{label} < standard input"), |walker| match script.language {
            Some(language) => walker.code(text, language, script.arguments, shell),
            None => {
                let mut inner = shell.child(dialect(script.path), script.arguments.to_vec());
                walker.shell_text(text, &mut inner, None);
            }
        });
    }

    /// A program named by its path may be a script; then its text is what runs.
    pub(super) fn own_script(
        &mut self,
        path: &str,
        arguments: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) {
        if !is_known(path) || shell.site.elsewhere {
            return;
        }
        let system = ["/bin/", "/usr/", "/sbin/", "/opt/", "/nix/", "/snap/"];
        if system.iter().any(|prefix| path.starts_with(prefix)) {
            return;
        }
        let Content::Text(text) = self.files.read(path, &shell.site, self.place) else { return };
        let is_script = text.starts_with("#!")
            || Language::from_path(path).is_some()
            || path.ends_with(".sh")
            || !text.contains('\0');
        if is_script {
            self.in_file(path, shell, path, |walker, shell| {
                walker.script_text(&text, Script { path, arguments, language: None, stdin }, shell);
            });
        }
    }
}

/// Returns whether a file is for Windows' command interpreter.
fn is_batch(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    ending.eq_ignore_ascii_case("bat") || ending.eq_ignore_ascii_case("cmd")
}

fn shebang_shell(text: &str) -> &str {
    let first = text.strip_prefix("#!").and_then(|rest| rest.lines().next()).unwrap_or_default();
    let program =
        first.split_whitespace().map(base_name).find(|word| *word != "env" && !word.starts_with('-'));
    program.unwrap_or("bash")
}
