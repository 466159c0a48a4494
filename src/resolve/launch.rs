//! A program is started: what it is, what it runs in turn and what it carries.

use std::rc::Rc;
use std::sync::Arc;

use super::action::{Effect, FileWrite};
use super::code::Language;
use super::command_line::{CommandLine, Reading, same_word};
use super::files::Content;
use super::state::Shell;
use super::walk::{Walker, dialect};
use super::{sql, wrappers};
use crate::parse::gap::GapKind;
use crate::rulebook::format::{Program, Runs, Speaks, SqlSpeech};
use crate::unknown::{UNKNOWN_REMOTE, UNKNOWN_WORDS, is_known, is_mark, is_nothing_known};

/// How often an alias may expand to another.
const ALIASES: usize = 4;

impl Walker<'_> {
    /// Runs a command given by its words; returns what it prints.
    pub(super) fn run(
        &mut self,
        words: Vec<String>,
        environment: Vec<(String, String)>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let Some(words) = self.named(words) else { return String::new() };
        let name = words[0].clone();
        if let Some(text) = shell.aliases.get(&name).cloned() {
            // The alias itself is out of force while it is expanded, as in every shell.
            let mut inner = shell.clone();
            inner.aliases.remove(&name);
            let rest: Vec<String> =
                words[1..].iter().map(|word| shell_words::quote(word).into_owned()).collect();
            let text = format!("{text} {}", rest.join(" "));
            if inner.aliases.len() + ALIASES > shell.aliases.len() {
                return self
                    .deeper(format!("alias {name}"), |walker| walker.shell_text(&text, &mut inner, stdin));
            }
        }
        if let Some(body) = shell.functions.get(&name).map(Rc::clone) {
            return self.function(&name, &body, &words, shell, stdin);
        }
        if !name.contains('/')
            && let Some(output) = self.builtin(&name, &words, shell, stdin)
        {
            return output;
        }
        self.program(&words, environment, shell, stdin)
    }

    /// Runs a command that no shell reads: there are no builtins, and no `$` means anything.
    pub(super) fn start(&mut self, words: Vec<String>, shell: &mut Shell) {
        if words.first().is_some_and(|first| !first.is_empty()) {
            self.program(&words, Vec::new(), shell, None);
        }
    }

    /// Finds out which word names the program: `None` where nothing is left to run.
    fn named(&mut self, mut words: Vec<String>) -> Option<Vec<String>> {
        let first = words.first()?;
        if first.is_empty() {
            words.remove(0);
            return self.named(words);
        }
        if is_known(first) {
            if first.contains(['*', '?', '['])
                && let Some(found) = self.spelled_out(first)
            {
                words[0] = found;
            }
            return Some(words);
        }
        let remote = first.contains(UNKNOWN_REMOTE);
        let kind = if remote { GapKind::Remote } else { GapKind::Program };
        self.gap(kind, "the program to run is not known");
        // `$SUDO rm …`: the unknown word may be a wrapper, or nothing.
        words.remove(0);
        let next = words.first()?;
        if is_nothing_known(next) || next.starts_with('-') {
            return None;
        }
        Some(words)
    }

    /// Finds the program that a glob such as `/bin/r?` names.
    fn spelled_out(&self, pattern: &str) -> Option<String> {
        let (directory, name) = pattern.rsplit_once('/')?;
        let directories = if directory.contains(['*', '?', '[']) {
            vec!["/bin", "/usr/bin", "/sbin", "/usr/sbin"]
        } else {
            vec![directory]
        };
        directories.into_iter().find_map(|directory| {
            let names = self.place.world.list(std::path::Path::new(directory), 10_000)?;
            let found = names.into_iter().find(|found| crate::glob::matches(name, found).is_possible())?;
            Some(format!("{directory}/{found}"))
        })
    }

    fn function(
        &mut self,
        name: &str,
        body: &crate::parse::script::Command,
        words: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let script = crate::parse::script::Script { commands: vec![body.clone()] };
        let outer = std::mem::replace(&mut shell.arguments, words[1..].to_vec());
        // A function that calls itself is read once per level of nesting only.
        let own = shell.functions.remove(name);
        let output = self.deeper(format!("{name}()"), |walker| walker.script(&script, shell, stdin));
        if let Some(own) = own {
            shell.functions.entry(name.to_owned()).or_insert(own);
        }
        shell.arguments = outer;
        output
    }

    /// Starts a program that is not the shell's own.
    fn program(
        &mut self,
        words: &[String],
        environment: Vec<(String, String)>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let path = &words[0];
        let name = unversioned(base_name(path));
        let grammar = self.rulebook.program(name);
        let canonical = grammar.as_ref().map_or(name, |grammar| grammar.name.as_str()).to_owned();
        let rest = with_environment_arguments(
            grammar.as_ref().map(|g| g.program.as_ref()),
            &words[1..],
            &environment,
            shell,
            self,
        );
        let mut line = CommandLine::read(&canonical, rest, grammar.map(|grammar| grammar.program));
        line.environment = exported(shell);
        line.environment.extend(environment.iter().cloned());
        line.stdin = stdin.map(str::to_owned);
        self.act(Effect::Run(line.clone()), shell);
        self.written(&line, shell);
        let mut inner = shell.clone();
        for (variable, value) in &environment {
            inner.set(variable, value.clone());
            inner.export(variable);
        }
        let mut printed = None;
        if let Some(grammar) = line.grammar.clone() {
            printed = self.carried(&grammar, &line, &mut inner, stdin);
        }
        if path.contains('/') && line.grammar.as_ref().is_none_or(|grammar| grammar.runs.is_none()) {
            self.own_script(path, &words[1..], &mut inner, stdin);
        }
        printed
            .or_else(|| self.output(name, &words[1..], shell, stdin))
            .unwrap_or_else(|| UNKNOWN_WORDS.to_string())
    }

    /// Follows what a program runs and what it carries.
    fn carried(
        &mut self,
        grammar: &Program,
        line: &CommandLine,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let mut printed = None;
        let mut seen: Vec<(usize, String)> = Vec::new();
        for reading in &line.readings {
            let (path, skip, runs, speaks) = parts(grammar, reading);
            if only_looks(grammar, reading, path, skip, runs) {
                continue;
            }
            // Two readings that agree on what follows are followed once.
            let key = (skip, format!("{:?}{:?}", reading.operands.get(skip), reading.options.len()));
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let label = label(&line.program, path);
            if let Some(directory) = grammar.chdir.iter().find_map(|option| reading.values(option).last()) {
                let found = crate::place::path::target(directory, &shell.site, self.place);
                shell.site.cwd =
                    (found.rest == crate::place::path::Rest::Known).then_some(found.base).flatten();
            }
            if let Some(runs) = runs {
                let outer = shell.site.clone();
                if runs.elsewhere {
                    shell.site = super::action::Site { cwd: None, elsewhere: true };
                }
                let output = self.runs(runs, &label, line, reading, skip, shell, stdin);
                shell.site = outer;
                printed = printed.or(output);
            }
            if let Some(speaks) = speaks {
                printed = self.speaks(speaks, line, reading, skip, shell, stdin).or(printed);
            }
        }
        if grammar.stdin_lines {
            self.lines(grammar, line, shell, stdin);
        }
        printed
    }

    /// Reads each line of input as one more command of the same program.
    fn lines(&mut self, grammar: &Program, line: &CommandLine, shell: &Shell, stdin: Option<&str>) {
        for text in stdin.unwrap_or_default().lines().take(256).filter(|text| !text.trim().is_empty()) {
            let words = shell_words::split(text)
                .unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect());
            let grammar =
                Arc::new(Program { runs: None, speaks: None, stdin_lines: false, ..grammar.clone() });
            let mut further = CommandLine::read(&line.program, words, Some(grammar));
            further.environment.clone_from(&line.environment);
            self.act(Effect::Run(further), shell);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn runs(
        &mut self,
        runs: &Runs,
        label: &str,
        line: &CommandLine,
        reading: &Reading,
        skip: usize,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        if let Some(by) = &runs.by {
            return wrappers::read(self, by, line, reading, skip, shell, stdin);
        }
        let mut printed = None;
        let mut has_program_text = false;
        let arguments =
            || reading.operands.iter().skip(skip).map(|operand| operand.text.clone()).collect::<Vec<_>>();
        for source in &runs.shell {
            let texts: Vec<String> = reading.at(source, skip).into_iter().map(str::to_owned).collect();
            if texts.is_empty() {
                continue;
            }
            has_program_text = true;
            // Words that a program joins into one text, and one text an option.
            let texts = if source == "operands" || source.starts_with("operands.") {
                vec![texts.join(" ")]
            } else {
                texts
            };
            for text in texts {
                // `bash -c -l 'text'`: the text is the first word that is no option.
                let text =
                    if text.starts_with('-') { arguments().first().cloned().unwrap_or(text) } else { text };
                let mut inner = self.nested_shell(line, arguments(), shell);
                let text = bare_command(&text);
                printed = Some(self.deeper(label, |walker| walker.shell_text(text, &mut inner, stdin)));
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
        for source in runs.code.iter().filter(|source| files.is_empty() || !is_operand(source)) {
            let texts: Vec<String> = reading.at(source, skip).into_iter().map(str::to_owned).collect();
            for text in texts {
                has_program_text = true;
                if let Some(language) = language {
                    self.deeper(label, |walker| walker.code(&text, language, &arguments(), shell));
                }
            }
        }
        if let Some(inner) = inner_words(runs, line, reading, skip) {
            printed = self.inner_command(runs, label, inner, shell, stdin).or(printed);
        } else if !has_program_text {
            // `bash -s argument`, `python - argument`
            let from_stdin = |path: &&str| *path == "-" || reading.has("script-on-stdin");
            let script = runs.script.as_ref().and_then(|source| reading.at(source, skip).first().copied());
            let rest = arguments();
            match script.filter(|path| !from_stdin(path)) {
                Some(path) => self.script_file(path, label, &rest[1..], language, shell, stdin),
                None if runs.stdin => {
                    let rest = rest.strip_prefix(&["-".to_owned()]).unwrap_or(&rest);
                    self.program_text_on_stdin(label, rest, language, line, shell, stdin);
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
        // Functions and aliases belong to the shell; a program starts programs.
        inner.functions.clear();
        inner.aliases.clear();
        Some(self.deeper(label, |walker| {
            if runs.joined {
                walker.shell_text(&words.join(" "), &mut inner, stdin)
            } else {
                walker.program_only(words, environment, &mut inner, stdin)
            }
        }))
    }

    /// Runs words as a program, without functions, aliases and builtins. (`sudo cd /x` runs nothing.)
    pub(super) fn program_only(
        &mut self,
        words: Vec<String>,
        environment: Vec<(String, String)>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        // `npx -- eval`, `sudo -- exec`: wrappers of wrappers find builtins as well; judging them
        // as the shell would costs nothing and misses nothing.
        self.run(words, environment, shell, stdin)
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
            Content::Text(text) => self.deeper(format!("{label} {path}"), |walker| {
                walker.program_text(&text, path, arguments, language, shell, stdin);
            }),
            Content::Missing => {}
            Content::Unknown(reason) if shell.site.elsewhere => {
                let _ = reason;
            }
            Content::Unknown(reason) => self.gap(GapKind::File, format!("{label} {path}: the file {reason}")),
        }
    }

    fn program_text_on_stdin(
        &mut self,
        label: &str,
        arguments: &[String],
        language: Option<Language>,
        line: &CommandLine,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) {
        let Some(text) = stdin else { return };
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
            Some(language) => self.code(text, language, arguments, shell),
            None => {
                let mut inner = shell.child(dialect(shebang_shell(text)), arguments.to_vec());
                inner.name = path.to_owned();
                self.shell_text(text, &mut inner, stdin);
            }
        }
    }

    /// A program named by its path may be a script; then its text is what runs.
    fn own_script(&mut self, path: &str, arguments: &[String], shell: &mut Shell, stdin: Option<&str>) {
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
            self.deeper(path, |walker| walker.program_text(&text, path, arguments, None, shell, stdin));
        }
    }

    fn speaks(
        &mut self,
        speaks: &Speaks,
        line: &CommandLine,
        reading: &Reading,
        skip: usize,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        if let Some(speech) = &speaks.sql {
            self.sql_speech(speech, line, reading, skip, shell, stdin);
        }
        let http = speaks.http.as_ref()?;
        for request in super::http::requests(self, http, line, reading, skip, shell, stdin) {
            self.act(Effect::Http(request), shell);
        }
        Some(UNKNOWN_REMOTE.to_string())
    }

    fn sql_speech(
        &mut self,
        speech: &SqlSpeech,
        line: &CommandLine,
        reading: &Reading,
        skip: usize,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) {
        let mut given = false;
        for source in &speech.text {
            let texts: Vec<String> = reading.at(source, skip).into_iter().map(str::to_owned).collect();
            for text in texts {
                given = true;
                self.sql(&text, &line.program, shell);
            }
        }
        for source in &speech.files {
            let paths: Vec<String> = reading.at(source, skip).into_iter().map(str::to_owned).collect();
            for path in paths {
                // `sqlplus user/password @drop.sql`: what names no file is part of the login.
                let path = path.strip_prefix('@').unwrap_or(&path);
                given |= path != "-" && self.sql_file(path, &line.program, shell);
            }
        }
        if let (true, Some(text)) = (speech.stdin && !given, stdin) {
            self.sql(text, &line.program, shell);
        }
    }

    /// Reads a file of SQL; returns whether there is one.
    pub(super) fn sql_file(&mut self, path: &str, client: &str, shell: &mut Shell) -> bool {
        match self.files.read(path, &shell.site, self.place) {
            Content::Text(text) => {
                self.deeper(format!("{client} {path}"), |walker| walker.sql(&text, client, shell));
            }
            Content::Missing => return false,
            Content::Unknown(_) if shell.site.elsewhere => {}
            Content::Unknown(reason) => {
                self.gap(GapKind::File, format!("{client} {path}: the file {reason}"));
            }
        }
        true
    }

    /// Reads SQL and notes its statements.
    pub(super) fn sql(&mut self, text: &str, client: &str, shell: &mut Shell) {
        for statement in sql::read(text) {
            if statement.unknown {
                self.gap(GapKind::Code, format!("{client} executes a statement that is not known"));
            }
            for command in statement.shell_commands() {
                self.deeper(client, |walker| walker.shell_text(&command, &mut shell.clone(), None));
            }
            if let Some(path) = statement.include() {
                self.sql_file(&path, client, shell);
            }
            self.act(Effect::Sql { statement, client: client.to_owned() }, shell);
        }
    }

    /// Reads code in another language and follows what it runs, sends and has executed.
    pub(super) fn code(&mut self, text: &str, language: Language, arguments: &[String], shell: &mut Shell) {
        if is_nothing_known(text) {
            let kind = if text.contains(UNKNOWN_REMOTE) { GapKind::Remote } else { GapKind::Code };
            self.gap(kind, format!("runs {} that is not known before it runs", language.name()));
            return;
        }
        let code = Arc::new(super::code::read(text, language, arguments));
        for reason in &code.unknown_code {
            self.gap(GapKind::Code, format!("the {} code runs code that {}", language.name(), reason.why));
        }
        for spawned in code.commands() {
            let mut inner = shell.child(crate::parse::Dialect::Posix, Vec::new());
            self.deeper(language.name(), |walker| match spawned {
                super::code::Spawned::Shell(text) => walker.shell_text(&text, &mut inner, None),
                super::code::Spawned::Argv(words) => walker.run(words, Vec::new(), &mut inner, None),
            });
        }
        for request in code.requests() {
            self.act(Effect::Http(super::http::from_code(&request)), shell);
        }
        for text in code.sql() {
            self.sql(&text, language.name(), shell);
        }
        for path in code.writes() {
            self.act(
                Effect::Write(FileWrite { path, replaces: true, empties: false, redirection: false }),
                shell,
            );
        }
        for call in &code.calls {
            self.act(Effect::Call { call: call.clone(), language: language.name() }, shell);
        }
        self.act(Effect::Code(code), shell);
    }

    /// Notes the files that well-known programs write by their operands.
    fn written(&mut self, line: &CommandLine, shell: &Shell) {
        let Some(reading) = line.readings.first() else { return };
        let operands = || reading.operands.iter().map(|operand| operand.text.clone());
        let (paths, replaces): (Vec<String>, bool) = match line.program.as_str() {
            "tee" => (
                operands().collect(),
                !reading.options.iter().any(|o| matches!(o.name.as_str(), "-a" | "--append" | "append")),
            ),
            "sponge" => (operands().collect(), true),
            "dd" => {
                (operands().filter_map(|word| word.strip_prefix("of=").map(str::to_owned)).collect(), true)
            }
            "cp" | "mv" | "install" if reading.operands.len() > 1 => {
                (operands().next_back().into_iter().collect(), true)
            }
            _ => return,
        };
        let input = line.stdin.as_deref();
        for path in paths {
            let from_nothing = match line.program.as_str() {
                "tee" | "sponge" => input == Some(""),
                "cp" => operands().next().as_deref() == Some("/dev/null"),
                _ => false,
            };
            if let ("tee" | "sponge", Some(text)) = (line.program.as_str(), input) {
                self.files.write(&path, text, !replaces, &shell.site, self.place);
            }
            let write = FileWrite { path, replaces, empties: from_nothing, redirection: false };
            self.act(Effect::Write(write), shell);
        }
    }
}

/// Returns the subcommand that a reading names, how many operands that takes, and what runs or
/// speaks there.
pub(super) fn parts<'g>(
    grammar: &'g Program,
    reading: &Reading,
) -> (&'g str, usize, Option<&'g Runs>, Option<&'g Speaks>) {
    let mut best: (&str, usize, Option<&Runs>, Option<&Speaks>) =
        ("", 0, grammar.runs.as_ref(), grammar.speaks.as_ref());
    for (path, command) in &grammar.commands {
        if command.runs.is_none() && command.speaks.is_none() {
            continue;
        }
        if let Some(length) = path_length(grammar, path, reading)
            && length > best.1
        {
            best = (path, length, command.runs.as_ref(), command.speaks.as_ref());
        }
    }
    best
}

/// Returns whether an option before the inner command keeps anything from being run or sent
/// (`sudo -l rm`, `make -n`, `http --offline DELETE`).
fn only_looks(grammar: &Program, reading: &Reading, path: &str, skip: usize, runs: Option<&Runs>) -> bool {
    let inner = runs.and_then(|runs| runs.operands_from).map_or(usize::MAX, |nth| skip + usize::from(nth));
    let own = reading
        .options
        .iter()
        .filter(|option| option.after < inner && option.value.as_deref() != Some("false"));
    let named = |names: &[String], name: &String| names.contains(name);
    let command = grammar.commands.get(path);
    own.map(|option| &option.name).any(|name| {
        name == "help"
            || named(&grammar.harmless_with, name)
            || command.is_some_and(|command| named(&command.harmless_with, name))
    })
}

/// Returns how many operands the subcommand `path` takes, where the reading names it.
fn path_length(grammar: &Program, path: &str, reading: &Reading) -> Option<usize> {
    let mut operands = reading.operands.iter();
    let mut count = 0;
    for word in path.split(' ') {
        let operand = operands.next()?;
        let known = !operand.text.chars().any(is_mark);
        if !known || !same_word(grammar, word, &operand.text) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// Returns the words of the command that a wrapper runs.
fn inner_words(runs: &Runs, line: &CommandLine, reading: &Reading, skip: usize) -> Option<Vec<String>> {
    if runs.after_dashes
        && let Some(at) = line.words.iter().position(|word| word == "--")
    {
        return Some(line.words[at + 1..].to_vec()).filter(|words| !words.is_empty());
    }
    let nth = usize::from(runs.operands_from?).checked_sub(1)?;
    let operand = reading.operands.get(skip + nth)?;
    // `ssh host -- program`: after the first operand the dashes are one, too.
    let start = operand.position + usize::from(operand.text == "--");
    Some(line.words[start..].to_vec()).filter(|words| !words.is_empty())
}

fn label(program: &str, path: &str) -> String {
    if path.is_empty() { program.to_owned() } else { format!("{program} {path}") }
}

/// Returns a shell command without what tools put before one: `vim -c '!command'`,
/// `tar --checkpoint-action=exec=command`.
fn bare_command(text: &str) -> &str {
    let text = text.trim_start_matches([':', '!']);
    text.strip_prefix("exec=").unwrap_or(text)
}

/// Returns a package runner's `prisma@5` without the version.
fn unversioned(name: &str) -> &str {
    match name.split_once('@') {
        Some((name, _)) if !name.is_empty() => name,
        _ => name,
    }
}

/// Returns a program's name without its directory and a Windows ending.
pub(crate) fn base_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = if name.is_empty() { path } else { name };
    for ending in [".exe", ".cmd", ".bat", ".EXE"] {
        if let Some(stem) = name.strip_suffix(ending) {
            return stem;
        }
    }
    name
}

fn shebang_shell(text: &str) -> &str {
    let first = text.strip_prefix("#!").and_then(|rest| rest.lines().next()).unwrap_or_default();
    let program =
        first.split_whitespace().map(base_name).find(|word| *word != "env" && !word.starts_with('-'));
    program.unwrap_or("bash")
}

fn exported(shell: &Shell) -> Vec<(String, String)> {
    use super::state::Value;
    let value = |name: &String| match shell.variables.get(name) {
        Some(Value::Scalar(text)) => Some((name.clone(), text.clone())),
        _ => None,
    };
    shell.exported.iter().filter_map(value).collect()
}

/// Puts the words of variables such as `TF_CLI_ARGS_destroy` before the arguments.
fn with_environment_arguments(
    grammar: Option<&Program>,
    words: &[String],
    environment: &[(String, String)],
    shell: &Shell,
    walker: &Walker<'_>,
) -> Vec<String> {
    let Some(grammar) = grammar.filter(|grammar| !grammar.arguments_from.is_empty()) else {
        return words.to_vec();
    };
    let command = words.iter().find(|word| !word.starts_with('-')).cloned().unwrap_or_default();
    let mut all = words.to_vec();
    for variable in &grammar.arguments_from {
        let name = variable.replace("{command}", &command);
        let own = environment.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let value = own.or_else(|| match shell.value(&name, walker.place) {
            Some(super::state::Value::Scalar(text)) => Some(text),
            _ => None,
        });
        if let Some(value) = value {
            all.extend(value.split_whitespace().map(str::to_owned));
        }
    }
    all
}
