//! Code in another language: what it runs, sends and writes, and what it has executed.

use std::rc::Rc;

use super::action::{Effect, FileWrite};
use super::code::{self, Language, Removal, Spawned};
use super::files::Content;
use super::scripts::{Reader, Script};
use super::speaks::Client;
use super::state::Shell;
use super::walk::{CODE_BYTES, TOO_MUCH, Walker};
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::unknown::{UNKNOWN_REMOTE, is_known, is_nothing_known};

impl Walker<'_> {
    /// Reads code in another language and follows what it runs, sends and has executed.
    pub(super) fn code(&mut self, text: &str, language: Language, arguments: &[String], shell: &mut Shell) {
        self.code_of_script(text, language, arguments, None, shell);
    }

    /// Reads the code of the script at `path`.
    pub(super) fn code_of_script(
        &mut self,
        text: &str,
        language: Language,
        arguments: &[String],
        path: Option<&str>,
        shell: &mut Shell,
    ) {
        if is_nothing_known(text) {
            let kind = if text.contains(UNKNOWN_REMOTE) { GapKind::Remote } else { GapKind::Code };
            self.gap(kind, format!("runs {} that is not known before it runs", language.name()));
            return;
        }
        if !self.charge(text.len().min(code::MAX_CODE) / CODE_BYTES) {
            return self.gap(GapKind::Bound, TOO_MUCH);
        }
        let code = Rc::new(match path {
            Some(path) => code::read_script(text, language, arguments, path),
            None => code::read(text, language, arguments),
        });
        for reason in &code.unknown_code {
            self.gap(GapKind::Code, format!("the {} code runs code that {}", language.name(), reason.why));
        }
        for spawned in code.commands() {
            let mut inner = shell.child(Dialect::Posix, Vec::new());
            self.deeper(language.name(), |walker| {
                walker.in_text(|walker| match spawned {
                    Spawned::Shell(text) => walker.shell_text(&text, &mut inner, None),
                    Spawned::Argv(words) => walker.run(words, Vec::new(), &mut inner, None),
                })
            });
        }
        for request in code.requests() {
            self.request(super::http::from_code(&request), shell);
        }
        for text in code.sql() {
            self.sql(&text, Client { name: language.name(), scratch: false }, shell);
        }
        let whole = |path| Removal { paths: vec![path], tree: true, span: None };
        let emptied = code.emptied().into_iter().map(whole);
        for removal in code.removals().into_iter().chain(emptied) {
            self.removed_by_code(removal, language, shell);
        }
        // A text that is not known is for whoever reads the file: mostly a build reads what it has made.
        for (path, text) in code.texts_written().into_iter().filter(|(_, text)| is_known(text)) {
            self.puts(&path, &text, shell);
        }
        let empties = code.empties().into_iter().map(|path| (path, true));
        for (path, empties) in code.writes().into_iter().map(|path| (path, false)).chain(empties) {
            self.act(
                Effect::Write(FileWrite { path, replaces: true, empties, ..FileWrite::default() }),
                shell,
            );
        }
        for call in &code.calls {
            self.stands_at(call.span);
            self.act(Effect::Call { call: call.clone().into(), language: language.name() }, shell);
        }
        // What a script loads is a program's own affair; what a command line loads, it runs.
        if path.is_none() {
            // `python3 -c 'import clean'`
            let module = text.trim().strip_prefix("import ").filter(|_| language == Language::Python);
            if let Some(module) = module {
                self.loaded_by_code(&module.trim().replace('.', "/"), language, arguments, shell);
            }
            for path in code.sources().iter().filter(|path| runs_whole(text, path, language)) {
                self.loaded_by_code(path, language, arguments, shell);
            }
        }
        self.act(Effect::Code(code), shell);
    }

    /// Reads the file that code on a command line loads, whose ending it may leave out.
    pub(super) fn loaded_by_code(
        &mut self,
        path: &str,
        language: Language,
        arguments: &[String],
        shell: &mut Shell,
    ) {
        let whole = language.endings().map(|ending| format!("{path}.{ending}"));
        let found = std::iter::once(path.to_owned())
            .chain(whole)
            .find(|path| matches!(self.files.read(path, &shell.site, self.place), Content::Text(_)));
        if let Some(path) = found {
            let script = Script { path: &path, arguments, reader: Reader::Language(language), stdin: None };
            self.deeper(language.name(), |walker| walker.script_file(script, language.name(), shell));
        }
    }

    /// Notes what code removes as the `rm` that would remove the same.
    fn removed_by_code(&mut self, removal: Removal, language: Language, shell: &Shell) {
        // A program of one's own that removes what it is told to, without being told here.
        if self.is_in_standing_file() && !removal.paths.iter().all(|path| is_known(path)) {
            return;
        }
        let words = ["rm", if removal.tree { "-r" } else { "-f" }, "--"].map(str::to_owned);
        let words = words.into_iter().chain(removal.paths).collect();
        if let Some(span) = removal.span {
            self.stands_at(span);
        }
        let mut inner = shell.clone();
        self.deeper(language.name(), |walker| {
            walker.run(words, Vec::new(), &mut inner, None);
        });
    }
}

/// Returns whether code that loads a file means all that is in it to run. Of a module in JavaScript the code mostly
/// wants one function, unless to load it is all that the code does.
fn runs_whole(text: &str, path: &str, language: Language) -> bool {
    let is_module = language == Language::JavaScript && path.starts_with(['.', '/']);
    let text = text.trim().trim_end_matches(';').trim_start_matches("await ");
    let rest = text.strip_prefix("require").or_else(|| text.strip_prefix("import")).unwrap_or_default();
    !is_module || rest.trim_matches(['(', ')', '\'', '"', '`', ' ']) == path
}
