//! What a program runs: the command behind a wrapper, shell text, code, a script.

use std::borrow::Cow;

use super::code::Language;
use super::command_line::CommandLine;
use super::decode;
use super::files::{self, Content};
use super::invocation::Invocation;
use super::scripts::{Reader, Script};
use super::state::Shell;
use super::walk::{Walker, dialect};
use super::{wrappers, zsh};
use crate::rulebook::format::{Runs, Source};
use crate::unknown::{UNKNOWN, is_known};

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
        let is_dashed = runs.after_dashes && line.words.iter().any(|word| word == "--")
            || line.words.iter().any(|word| runs.behind.contains(word));
        if let Some(by) = runs.by.as_ref().filter(|_| !is_dashed) {
            return wrappers::read(self, by, call, shell);
        }
        // `bash --rcfile FILE -i`
        for path in reading.values("startup-file") {
            self.script_file(
                Script { path, arguments: &[], reader: Reader::of(runs, line), stdin },
                label,
                shell,
            );
        }
        let printed = self.shell_texts(runs, label, call, shell);
        let has_code = self.code_texts(runs, label, call, shell);
        if let Some(inner) = inner_words(runs, call) {
            return self.inner_command(runs, label, inner, shell, stdin).or(printed);
        }
        if printed.is_none() && !has_code {
            self.script_or_stdin(runs, label, call, shell);
        }
        printed
    }

    /// Follows shell text that options and operands carry; returns what it prints, where there is any.
    fn shell_texts(
        &mut self,
        runs: &Runs,
        label: &str,
        call: Invocation<'_>,
        shell: &Shell,
    ) -> Option<String> {
        let mut printed = None;
        for source in &runs.shell {
            let texts = call.texts(source);
            // What stands behind some operand is joined into one text.
            let is_one = source.starts_with("operands.") && !texts.is_empty();
            for text in if is_one { vec![texts.join(" ")] } else { texts } {
                let arguments = call.arguments();
                // `bash -c -l 'text'`: the text is the first word that is no option.
                let text =
                    if text.starts_with('-') { arguments.first().cloned().unwrap_or(text) } else { text };
                let mut inner = nested_shell(call.line, arguments, shell);
                let text = match call.line.program.as_str() {
                    "socat" => started_by_address(&text).into(),
                    _ => bare_command(&text),
                };
                printed =
                    Some(self.deeper(label, |walker| walker.shell_text(&text, &mut inner, call.stdin())));
            }
        }
        printed
    }

    /// Follows code that options and operands carry, and files of it that options name; returns whether there
    /// is any.
    fn code_texts(&mut self, runs: &Runs, label: &str, call: Invocation<'_>, shell: &mut Shell) -> bool {
        let language = language_of(runs);
        let reader = Reader::of(runs, call.line);
        let arguments = call.arguments();
        // `awk -f program data`: where an option names the program, the operands are no code.
        let is_operand = |source: &str| source.starts_with("operand");
        let option = runs.script.as_ref().filter(|source| !is_operand(source));
        let files: Vec<&str> = option.into_iter().flat_map(|name| call.reading.values(name)).collect();
        for path in &files {
            let script = Script { path, arguments: &arguments, reader, stdin: call.stdin() };
            self.script_file(script, label, shell);
        }
        // PowerShell takes code as Base64, too.
        let encoded: Vec<&str> = call.reading.values("encoded").collect();
        for text in &encoded {
            let text = decode::base64(text).unwrap_or_else(|| UNKNOWN.to_string());
            self.deeper(label, |walker| walker.code(&text, Language::PowerShell, &[], shell));
        }
        let is_code = |source: &&String| match is_operand(source) {
            // `rails runner CODE_OR_FILE`
            true => {
                files.is_empty()
                    && (runs.script.as_ref() != Some(*source) || !self.is_file(source, call, shell))
            }
            false => true,
        };
        let sources = runs.code.iter().filter(is_code);
        let texts: Vec<String> = sources.flat_map(|source| call.texts(source)).collect();
        for text in &texts {
            if let Some(language) = language {
                self.deeper(label, |walker| walker.code(text, language, &arguments, shell));
            }
        }
        !(files.is_empty() && encoded.is_empty() && texts.is_empty())
    }

    /// Returns whether an operand names a file, or standard input.
    fn is_file(&mut self, source: &Source, call: Invocation<'_>, shell: &Shell) -> bool {
        call.texts(source).iter().any(|path| {
            is_stdin(path) || matches!(self.files.read(path, &shell.site, self.place), Content::Text(_))
        })
    }

    /// Follows the script that an operand names, or else what arrives on standard input: `bash -s argument`,
    /// `python - argument`.
    fn script_or_stdin(&mut self, runs: &Runs, label: &str, call: Invocation<'_>, shell: &mut Shell) {
        let (reader, stdin, reading) = (Reader::of(runs, call.line), call.stdin(), call.reading);
        let from_stdin = |path: &&str| is_stdin(path) || reading.has("script-on-stdin");
        let script = runs.script.as_ref().and_then(|source| reading.at(source, call.skip).first().copied());
        let words = call.arguments();
        // Its options are among them, which the grammar takes for the program's own.
        let is_first = runs.script.as_deref() == Some("operand.1");
        let arguments = match call.operands().first().filter(|_| is_first) {
            Some(first) => call.words_behind(first),
            None => words.get(1..).unwrap_or_default(),
        };
        match script.filter(|path| !from_stdin(path)) {
            Some(name) if reading.has("module") => {
                let path = name.replace('.', "/");
                for path in [&format!("{path}.py"), &path] {
                    self.script_file(Script { path, arguments, reader, stdin }, label, shell);
                }
            }
            Some(path) => self.script_file(Script { path, arguments, reader, stdin }, label, shell),
            // To a shell `-` ends the options: `bash - FILE`.
            None if language_of(runs).is_none() && script == Some("-") && words.len() > 1 => {
                let arguments = &words[2..];
                self.script_file(Script { path: &words[1], arguments, reader, stdin }, label, shell);
            }
            None if runs.stdin => {
                let own = words.first().is_some_and(|first| is_stdin(first));
                let arguments = &words[usize::from(own)..];
                let script = Script { path: &call.line.program, arguments, reader, stdin };
                self.script_on_stdin(script, label, shell);
            }
            None => {}
        }
    }

    /// Runs the command that a wrapper is given; returns what it prints.
    fn inner_command(
        &mut self,
        runs: &Runs,
        label: &str,
        words: Vec<String>,
        shell: &Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        // Functions and aliases belong to the shell; a program starts programs.
        let mut inner = shell.for_programs();
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
            let reader = language_of(runs).map_or(Reader::Ending, Reader::Language);
            let script = Script { path: &words[0], arguments: &words[1..], reader, stdin };
            self.script_file(script, label, &mut inner);
            return None;
        }
        Some(self.deeper(label, |walker| {
            if runs.joined {
                walker.shell_text(&words.join(" "), &mut inner, stdin)
            } else {
                // Judged with the shell's builtins too, for wrappers of wrappers find them: `npx -- eval`.
                walker.run(words, environment, &mut inner, stdin)
            }
        }))
    }
}

/// Returns the shell that a text is handed to with `arguments`.
fn nested_shell(line: &CommandLine, mut arguments: Vec<String>, shell: &Shell) -> Shell {
    let name = if arguments.is_empty() { line.program.clone() } else { arguments.remove(0) };
    let mut inner = shell.child(dialect(&line.program), arguments);
    inner.name = name;
    inner.zsh.splits = zsh::is_told_to_split(&line.words);
    inner
}

/// Returns the language of a program's code, where it is no shell's.
pub(super) fn language_of(runs: &Runs) -> Option<Language> {
    runs.language.as_deref().and_then(Language::named)
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
    if let Some(at) = line.words.iter().position(|word| runs.behind.contains(word)) {
        return Some(line.words[at + 1..].to_vec()).filter(|words| !words.is_empty());
    }
    let nth = usize::from(runs.operands_from?).checked_sub(1)?;
    let operand = call.operands().get(nth)?;
    // `ssh host -- program`: after the first operand the dashes are one, too.
    let start = operand.position + usize::from(operand.text == "--");
    let mut words = line.words[start..].to_vec();
    // `nix run nixpkgs#program -- …`
    if operand.text.contains('#') && words.get(1).is_some_and(|word| word == "--") {
        words.remove(1);
    }
    Some(words).filter(|words| !words.is_empty())
}

/// Returns a shell command without what tools put before one: `vim -c '!command'`,
/// `tar --checkpoint-action=exec=command`; and the script that is meant by `concurrently npm:name`.
fn bare_command(text: &str) -> Cow<'_, str> {
    let text = text.trim_start_matches([':', '!']);
    let script = |manager: &&str| text.strip_prefix(manager).and_then(|rest| rest.strip_prefix(':'));
    if let Some((manager, name)) =
        ["npm", "pnpm", "yarn", "bun"].iter().find_map(|own| Some((own, script(own)?)))
    {
        return Cow::Owned(format!("{manager} run {name}"));
    }
    text.strip_prefix("exec=").unwrap_or(text).into()
}

/// Returns what an address of `socat` starts, or each half of one: `EXEC:command`, `TCP:localhost:5432!!SYSTEM:command`.
/// All other kinds of addresses start nothing; one that is not known may start anything.
fn started_by_address(text: &str) -> String {
    let started = |address: &str| match address.split_once(':') {
        Some((kind, command)) if is_known(kind) => {
            let starts =
                ["exec", "system", "shell"].into_iter().any(|known| kind.eq_ignore_ascii_case(known));
            starts.then(|| command.to_owned())
        }
        _ => (!is_known(address)).then(|| address.to_owned()),
    };
    text.split("!!").filter_map(started).collect::<Vec<_>>().join("\n")
}

/// Returns whether a path is standard input by name.
pub(super) fn is_stdin(path: &str) -> bool {
    path == "-" || files::is_stdin(path)
}
