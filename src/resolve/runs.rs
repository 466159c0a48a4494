//! What a program runs: the command behind a wrapper, a script, code in another language.

use std::borrow::Cow;
use std::sync::Arc;

use super::action::{Effect, FileWrite};
use super::code::{Language, Removal};
use super::command_line::CommandLine;
use super::decode;
use super::files::Content;
use super::invocation::Invocation;
use super::launch::base_name;
use super::speaks::Client;
use super::state::Shell;
use super::walk::{CODE_BYTES, TOO_MUCH, Walker, dialect};
use super::wrappers;
use crate::parse::gap::GapKind;
use crate::place::kinds;
use crate::rulebook::format::{PathKind, Runs};
use crate::truth::Truth;
use crate::unknown::{UNKNOWN, UNKNOWN_REMOTE, is_known, is_nothing_known};

/// How many bytes of code that a build made are read: bundles hold all that a program is made of.
const LARGEST_MADE: usize = 64 * 1024;

impl Walker<'_> {
    /// Follows what a program runs; returns what that prints.
    pub(super) fn runs(
        &mut self,
        runs: &Runs,
        label: &str,
        call: Invocation<'_>,
        shell: &mut Shell,
    ) -> Option<String> {
        let Invocation { line, reading, .. } = call;
        let stdin = call.stdin();
        if let Some(tasks) = &runs.tasks
            && self.task(tasks, call, shell)
        {
            return None;
        }
        let is_dashed = runs.after_dashes && line.words.iter().any(|word| word == "--");
        if let Some(by) = runs.by.as_ref().filter(|_| !is_dashed) {
            return wrappers::read(self, by, call, shell);
        }
        let mut printed = None;
        let mut has_program_text = false;
        let arguments = || call.arguments();
        // `bash --rcfile FILE -i`
        for path in reading.values("startup-file").map(str::to_owned).collect::<Vec<_>>() {
            self.script_file(&path, label, &[], None, shell, stdin);
        }
        for source in &runs.shell {
            let texts = call.texts(source);
            if texts.is_empty() {
                continue;
            }
            has_program_text = true;
            // What stands behind some operand is joined into one text.
            let texts = if source.starts_with("operands.") { vec![texts.join(" ")] } else { texts };
            for text in texts {
                // `bash -c -l 'text'`: the text is the first word that is no option.
                let text =
                    if text.starts_with('-') { arguments().first().cloned().unwrap_or(text) } else { text };
                let mut inner = self.nested_shell(line, arguments(), shell);
                let text = bare_command(&text);
                printed = Some(self.deeper(label, |walker| walker.shell_text(&text, &mut inner, stdin)));
            }
        }
        let language = runs.language.as_deref().and_then(Language::named);
        // `awk -f program data`: where an option names the program, the operands are no code.
        let is_operand = |source: &str| source.starts_with("operand");
        let option = runs.script.as_ref().filter(|source| !is_operand(source));
        let files: Vec<String> =
            option.into_iter().flat_map(|name| reading.values(name)).map(str::to_owned).collect();
        for path in &files {
            has_program_text = true;
            self.script_file(path, label, &arguments(), language, shell, stdin);
        }
        // PowerShell takes code as Base64, too.
        for text in reading.values("encoded").map(str::to_owned).collect::<Vec<_>>() {
            has_program_text = true;
            let text = decode::base64(&text).unwrap_or_else(|| UNKNOWN.to_string());
            self.deeper(label, |walker| walker.code(&text, Language::PowerShell, &[], shell));
        }
        for source in runs.code.iter().filter(|source| files.is_empty() || !is_operand(source)) {
            let texts = call.texts(source);
            for text in texts {
                has_program_text = true;
                if let Some(language) = language {
                    self.deeper(label, |walker| walker.code(&text, language, &arguments(), shell));
                }
            }
        }
        if let Some(inner) = inner_words(runs, call) {
            printed = self.inner_command(runs, label, inner, shell, stdin).or(printed);
        } else if !has_program_text {
            // `bash -s argument`, `python - argument`
            let from_stdin = |path: &&str| is_stdin(path) || reading.has("script-on-stdin");
            let script =
                runs.script.as_ref().and_then(|source| reading.at(source, call.skip).first().copied());
            let rest = arguments();
            match script.filter(|path| !from_stdin(path)) {
                Some(name) if reading.has("module") => {
                    let path = name.replace('.', "/");
                    self.script_file(&format!("{path}.py"), label, &rest[1..], language, shell, stdin);
                    self.script_file(&path, label, &rest[1..], language, shell, stdin);
                }
                Some(path) => self.script_file(path, label, &rest[1..], language, shell, stdin),
                None if runs.stdin => {
                    let own = rest.first().is_some_and(|first| is_stdin(first));
                    let rest = &rest[usize::from(own)..];
                    self.program_text_on_stdin(label, rest, language, line, shell);
                }
                None => {}
            }
        }
        printed
    }

    fn nested_shell(&self, line: &CommandLine, arguments: Vec<String>, shell: &Shell) -> Shell {
        let mut arguments = arguments;
        let name = if arguments.is_empty() { line.program.clone() } else { arguments.remove(0) };
        let mut inner = shell.child(dialect(&line.program), arguments);
        inner.name = name;
        inner
    }

    fn inner_command(
        &mut self,
        runs: &Runs,
        label: &str,
        words: Vec<String>,
        shell: &Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let mut inner = shell.clone();
        let mut words = words;
        let mut environment = Vec::new();
        while runs.assignments
            && let Some((name, value)) = words.first().and_then(|word| word.split_once('='))
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            environment.push((name.to_owned(), value.to_owned()));
            words.remove(0);
        }
        if words.is_empty() {
            return None;
        }
        // `uv run clean.py`, `go run ./cmd/clean`: a runner of programs that takes scripts, too.
        let is_script = |walker: &mut Self| {
            Language::from_path(&words[0]).is_some()
                || walker.files.read(&words[0], &inner.site, walker.place) == Content::Directory
        };
        if runs.script.is_some() && is_script(self) {
            let language = runs.language.as_deref().and_then(Language::named);
            self.script_file(&words[0], label, &words[1..], language, &mut inner, stdin);
            return None;
        }
        // Functions and aliases belong to the shell; a program starts programs.
        inner.functions.clear();
        inner.aliases.clear();
        Some(self.deeper(label, |walker| {
            if runs.joined {
                walker.shell_text(&words.join(" "), &mut inner, stdin)
            } else {
                // Judged with the shell's builtins too, for wrappers of wrappers find them: `npx -- eval`.
                walker.run(words, environment, &mut inner, stdin)
            }
        }))
    }

    /// Reads a script by its path and walks through it.
    fn script_file(
        &mut self,
        path: &str,
        label: &str,
        arguments: &[String],
        language: Option<Language>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) {
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
                walker.program_text(&text, path, arguments, language, shell, stdin);
            }),
            Content::Missing => {}
            // `python app`, `node build`, `go run ./cmd/app`: each language has its own first file.
            Content::Directory => {
                if let Some(first) = language.and_then(Language::first_file) {
                    let path = format!("{}/{first}", path.trim_end_matches('/'));
                    self.script_file(&path, label, arguments, language, shell, stdin);
                }
            }
            Content::Unknown(_) if shell.site.elsewhere || self.is_made(path, shell) => {}
            Content::Unknown(_) if is_known(path) && path.contains(['*', '?', '[']) => {
                for path in self.named_by(path, shell).unwrap_or_default() {
                    if let Content::Text(text) = self.files.read(&path, &shell.site, self.place) {
                        self.in_file(&path, shell, format!("{label} {path}"), |walker, shell| {
                            walker.program_text(&text, &path, arguments, language, shell, stdin);
                        });
                    }
                }
            }
            Content::Unknown(reason) => self.gap(GapKind::File, format!("{label} {path}: the file {reason}")),
        }
    }

    /// Returns whether a file is one that a build makes again.
    fn is_made(&self, path: &str, shell: &Shell) -> bool {
        kinds::is(path, PathKind::Artefact, &shell.site, self.place) == Truth::Certain
    }

    fn program_text_on_stdin(
        &mut self,
        label: &str,
        arguments: &[String],
        language: Option<Language>,
        line: &CommandLine,
        shell: &mut Shell,
    ) {
        let Some(text) = line.stdin.as_deref() else { return };
        let name = line.program.clone();
        self.deeper(format!("{label} < standard input"), |walker| match language {
            Some(language) => walker.code(text, language, arguments, shell),
            None => {
                let mut inner = shell.child(dialect(&name), arguments.to_vec());
                walker.shell_text(text, &mut inner, None);
            }
        });
    }

    /// Walks through a script's text in its language.
    fn program_text(
        &mut self,
        text: &str,
        path: &str,
        arguments: &[String],
        language: Option<Language>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) {
        match language.or_else(|| Language::from_path(path)).or_else(|| Language::from_shebang(text)) {
            Some(language) => self.script_code(text, language, arguments, Some(path), shell),
            None if is_batch(path) => self.dos_text(text, &mut shell.clone()),
            None => {
                let mut inner = shell.child(dialect(shebang_shell(text)), arguments.to_vec());
                inner.name = path.to_owned();
                self.shell_text(text, &mut inner, stdin);
            }
        }
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
                walker.program_text(&text, path, arguments, None, shell, stdin);
            });
        }
    }

    /// Reads code in another language and follows what it runs, sends and has executed.
    pub(super) fn code(&mut self, text: &str, language: Language, arguments: &[String], shell: &mut Shell) {
        self.script_code(text, language, arguments, None, shell);
    }

    /// Reads the code of the script at `path`.
    fn script_code(
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
        if !self.charge(text.len().min(super::code::MAX_CODE) / CODE_BYTES) {
            return self.gap(GapKind::Bound, TOO_MUCH);
        }
        let code = Arc::new(match path {
            Some(path) => super::code::read_script(text, language, arguments, path),
            None => super::code::read(text, language, arguments),
        });
        for reason in &code.unknown_code {
            self.gap(GapKind::Code, format!("the {} code runs code that {}", language.name(), reason.why));
        }
        for spawned in code.commands() {
            let mut inner = shell.child(crate::parse::Dialect::Posix, Vec::new());
            self.deeper(language.name(), |walker| {
                walker.in_text(|walker| match spawned {
                    super::code::Spawned::Shell(text) => walker.shell_text(&text, &mut inner, None),
                    super::code::Spawned::Argv(words) => walker.run(words, Vec::new(), &mut inner, None),
                })
            });
        }
        for request in code.requests() {
            self.act(Effect::Http(super::http::from_code(&request)), shell);
        }
        for text in code.sql() {
            self.sql(&text, Client { name: language.name(), scratch: false }, shell);
        }
        let whole = |path| Removal { paths: vec![path], tree: true, span: None };
        let emptied = code.emptied().into_iter().map(whole);
        for removal in code.removals().into_iter().chain(emptied) {
            self.removed_by_code(removal, language, shell);
        }
        for (path, text) in code.texts_written() {
            self.files.write(&path, &text, false, &shell.site, self.place);
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
            self.act(Effect::Call { call: call.clone(), language: language.name() }, shell);
        }
        self.act(Effect::Code(code), shell);
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

/// Returns the words of the command that a wrapper runs: the program may be an option's value.
fn inner_words(runs: &Runs, call: Invocation<'_>) -> Option<Vec<String>> {
    let program = runs.program.as_ref().and_then(|option| call.reading.values(option).last());
    let Some(program) = program.filter(|program| !program.is_empty()) else {
        return words_behind(runs, call);
    };
    let mut words = shell_words::split(program).unwrap_or_else(|_| vec![program.to_owned()]);
    // Its options may stand before its first operand: `--entrypoint rm IMAGE -rf /data`.
    let last = runs.operands_from.and_then(|nth| call.operands().get(usize::from(nth).checked_sub(2)?));
    match last {
        Some(last) => words.extend_from_slice(call.words_behind(last)),
        None => words.extend(words_behind(runs, call).unwrap_or_default()),
    }
    Some(words)
}

/// Returns the words that stand where a wrapper's command begins.
fn words_behind(runs: &Runs, call: Invocation<'_>) -> Option<Vec<String>> {
    let line = call.line;
    if runs.after_dashes
        && let Some(at) = line.words.iter().position(|word| word == "--")
    {
        return Some(line.words[at + 1..].to_vec()).filter(|words| !words.is_empty());
    }
    let nth = usize::from(runs.operands_from?).checked_sub(1)?;
    let operand = call.operands().get(nth)?;
    // `ssh host -- program`: after the first operand the dashes are one, too.
    let start = operand.position + usize::from(operand.text == "--");
    Some(line.words[start..].to_vec()).filter(|words| !words.is_empty())
}

/// Returns a shell command without what tools put before one: `vim -c '!command'`,
/// `tar --checkpoint-action=exec=command`, `socat - EXEC:command`; and the script that is meant by
/// `concurrently npm:name`.
fn bare_command(text: &str) -> Cow<'_, str> {
    let text = text.trim_start_matches([':', '!']);
    let script = |manager: &&str| text.strip_prefix(manager).and_then(|rest| rest.strip_prefix(':'));
    if let Some((manager, name)) =
        ["npm", "pnpm", "yarn", "bun"].iter().find_map(|own| Some((own, script(own)?)))
    {
        return Cow::Owned(format!("{manager} run {name}"));
    }
    ["exec=", "EXEC:", "exec:", "SYSTEM:", "system:", "SHELL:"]
        .iter()
        .find_map(|before| text.strip_prefix(before))
        .unwrap_or(text)
        .into()
}

/// Returns whether a path is standard input by name.
pub(super) fn is_stdin(path: &str) -> bool {
    matches!(path, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")
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
