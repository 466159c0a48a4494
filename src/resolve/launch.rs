//! A program is started: what it is, what it runs in turn and what it carries.

use std::rc::Rc;
use std::sync::Arc;

use super::action::Effect;
use super::command_line::{CommandLine, Operand, Reading, along, commands_along};
use super::files::Content;
use super::invocation::Invocation;
use super::scripts::Script;
use super::shell_options;
use super::state::Shell;
use super::strangers;
use super::walk::{DEEPEST, Walker, dialect};
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::parse::script::{Command, CommandKind, Part, Span};
use crate::place::path::Rest;
use crate::rulebook::format::{Program, Runs, Speaks};
use crate::unknown::{UNKNOWN_REMOTE, UNKNOWN_SECRET, UNKNOWN_WORDS, is_known, is_nothing_known, printed_of};

impl Walker<'_> {
    /// Runs a command given by its words; returns what it prints.
    pub(super) fn run(
        &mut self,
        words: Vec<String>,
        environment: Vec<(String, String)>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let Some(mut words) = self.named(words) else { return String::new() };
        // In zsh `=rm` is the path of that program.
        if let Some(program) = words[0].strip_prefix('=').filter(|_| shell.dialect == Dialect::Zsh) {
            words[0] = program.to_owned();
        }
        let name = words[0].clone();
        if let Some(line) = shell.zsh.spelled_out(&words) {
            let aliases = shell.zsh.without_aliases();
            let output = self.deeper("alias", |walker| walker.shell_text(&line, shell, stdin));
            shell.zsh.put_back(aliases);
            return output;
        }
        if let Some(text) = shell.aliases.get(&name).cloned() {
            let rest: Vec<String> =
                words[1..].iter().map(|word| shell_words::quote(word).into_owned()).collect();
            let line = format!("{text} {}", rest.join(" "));
            // The alias itself is out of force while it is expanded, as in every shell.
            shell.aliases.remove(&name);
            let mut bare = shell.clone();
            let output =
                self.deeper(format!("alias {name}"), |walker| walker.shell_text(&line, shell, stdin));
            shell.aliases.entry(name).or_insert(text);
            // Quoted, on the line of its definition or where no person types, it is no alias.
            let printed = self.run(words, environment, &mut bare, stdin);
            shell.merge(&bare);
            return either(output, printed);
        }
        let bodies = if shell.is_special(&name) { Vec::new() } else { shell.bodies(&name) };
        let Some((first, others)) = bodies.split_first() else {
            return self.plain(words, environment, shell, stdin);
        };
        let mut call = |body: &Rc<Command>, shell: &mut Shell| {
            shell
                .with_variables(&environment, false, |shell| self.function(&name, body, &words, shell, stdin))
        };
        let is_doubted = shell.is_doubted(&name);
        let before = (is_doubted || !others.is_empty()).then(|| shell.clone());
        let mut output = call(first, shell);
        let Some(mut before) = before else { return output };
        for body in others {
            let mut instead = before.clone();
            let printed = call(body, &mut instead);
            shell.merge(&instead);
            output = either(output, printed);
        }
        if is_doubted {
            let printed = self.plain(words, environment, &mut before, stdin);
            shell.merge(&before);
            output = either(output, printed);
        }
        output
    }

    /// Runs a builtin or a program, whatever functions and aliases there are of its name.
    pub(super) fn plain(
        &mut self,
        words: Vec<String>,
        environment: Vec<(String, String)>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let Some(words) = self.named(words) else { return String::new() };
        let name = words[0].clone();
        let stays = shell.keeps_variables_of(&name);
        if !name.contains('/')
            && let Some(output) =
                shell.with_variables(&environment, stays, |shell| self.builtin(&name, &words, shell, stdin))
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
        // `"$ROOT/bin/app"`: wherever it is, its name is known.
        if first.rsplit_once('/').is_some_and(|(_, name)| !name.is_empty() && is_known(name)) {
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
        body: &Rc<Command>,
        words: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        if multiplies(body, name) {
            let bomb = CommandLine::read("fork-bomb", vec![name.to_owned()], None);
            self.act(Effect::Run(bomb.into()), shell);
        }
        let script = crate::parse::script::Script { commands: vec![Command::clone(body)] };
        let outer = std::mem::replace(&mut shell.arguments, words[1..].to_vec());
        // A function that calls itself is read once per level of nesting only.
        shell.running.push(Rc::clone(body));
        shell.enter();
        // Its body stands in the outermost text, wherever it is called; or in none that is shown.
        let texts = if body.span == Span::default() { DEEPEST } else { 1 };
        let outer_returned = self.returned.take();
        let output = self.deeper(format!("{name}()"), |walker| {
            walker.at_text(texts, |walker| walker.script(&script, shell, stdin))
        });
        if let Some(returned) = std::mem::replace(&mut self.returned, outer_returned) {
            shell.doubt(&returned);
        }
        shell.leave();
        shell.running.pop();
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
        // `/etc/init.d/ssh stop`
        if let Some(name) = path.strip_prefix("/etc/init.d/") {
            let mut of_service = vec!["service".to_owned(), name.to_owned()];
            of_service.extend_from_slice(&words[1..]);
            return self.program(&of_service, environment, shell, stdin);
        }
        let copied = self.copied_program(path, shell);
        let name = copied.as_deref().unwrap_or_else(|| of_package(base_name(path)));
        let grammar = self.rulebook.program(name);
        let canonical = grammar.as_ref().map_or(name, |grammar| grammar.name.as_str()).to_owned();
        let rest = with_environment_arguments(
            grammar.as_ref().map(|g| g.program.as_ref()),
            &words[1..],
            &environment,
            shell,
            self,
        );
        let is_shell = matches!(&*canonical, "bash" | "zsh" | "csh");
        let rest = if is_shell { shell_options::in_order(rest, dialect(&canonical)) } else { rest };
        let mut line = CommandLine::read(&canonical, rest, grammar.map(|grammar| grammar.program));
        line.environment = exported(shell);
        line.environment.extend(environment.iter().cloned());
        line.stdin = stdin.map(str::to_owned);
        self.read_values(&mut line, shell);
        let line = Rc::new(line);
        self.act(Effect::Run(Rc::clone(&line)), shell);
        if line.grammar.is_none()
            && let Some(what) = strangers::deletes_unasked(path, &line.words)
        {
            let words = std::iter::once(line.program.clone()).chain(what).collect();
            self.act(Effect::Run(CommandLine::read("stranger", words, None).into()), shell);
        }
        self.removed_by_another_name(&line, shell);
        self.written(&line, shell);
        self.carried_by_environment(&line.environment, shell);
        // What a program runs may change a shell of its own, and most run nothing.
        let leads_on = line.grammar.as_deref().is_some_and(leads_on);
        let mut own = None;
        let inner = if leads_on || !environment.is_empty() { own.insert(shell.clone()) } else { shell };
        for (variable, value) in &environment {
            inner.set(variable, value.clone());
            inner.export(variable);
        }
        let mut printed = None;
        if let Some(grammar) = line.grammar.as_deref().filter(|_| leads_on) {
            printed = self.carried(grammar, &line, inner);
        }
        let is_runner = line.grammar.as_ref().is_some_and(|grammar| grammar.runs.is_some());
        if let Some(path) = self.started_script(path, is_runner, inner) {
            self.own_script(Script::started(&path, &words[1..], stdin), &mut inner.clone());
        }
        printed
            .or_else(|| self.output(name, &words[1..], inner, stdin))
            .or_else(|| self.own_directory(&line, inner))
            .or_else(|| prints_secrets(&line).then(|| UNKNOWN_SECRET.to_string()))
            .unwrap_or_else(|| {
                let of_files = super::secrets::printed_of_files(&line.program, &line.words);
                of_files.unwrap_or_else(|| printed_of(stdin)).to_string()
            })
    }

    /// `mv data /tmp/x; rm -r /tmp/x`, `ln -s /srv x; rm -r x/*`: what is removed under a name that this
    /// command gave it is what it was before.
    fn removed_by_another_name(&mut self, line: &CommandLine, shell: &Shell) {
        if line.program != "rm" || self.moved.is_empty() && self.links.is_empty() {
            return;
        }
        let was = |operand: &Operand| {
            let target = crate::place::path::target(&operand.text, &shell.site, self.place);
            let path = target.base?;
            let moved = self.moved.iter().find(|(to, _)| *to == path).map(|(_, from)| from.clone());
            if moved.is_some() {
                return moved;
            }
            // A link that is removed itself takes nothing along.
            let (above, name) = match target.rest {
                Rest::Glob(glob) => (path, glob),
                _ => (path.parent()?.to_owned(), path.file_name()?.to_str()?.to_owned()),
            };
            let behind = self.through_links(above.clone());
            (behind != above).then(|| behind.join(name).to_string_lossy().into_owned())
        };
        let operands = line.readings.first().map_or(&[][..], |reading| &reading.operands);
        let was: Vec<String> = operands.iter().filter_map(was).collect();
        if was.is_empty() {
            return;
        }
        let is_option = |word: &&String| word.starts_with('-') && *word != "--";
        let options = line.words.iter().filter(is_option).cloned();
        let words = options.chain(["--".to_owned()]).chain(was).collect();
        let line = CommandLine::read("rm", words, line.grammar.clone());
        self.act(Effect::Run(line.into()), shell);
    }

    /// Puts what stands in files behind the values of options that name them: `--items file://items.json`.
    fn read_values(&mut self, line: &mut CommandLine, shell: &Shell) {
        let Some(before) = line.grammar.as_ref().and_then(|grammar| grammar.file_values.clone()) else {
            return;
        };
        let values = line.readings.iter_mut().flat_map(|reading| &mut reading.options);
        for value in values.filter_map(|option| option.value.as_mut()) {
            let Some(path) = value.strip_prefix(&before) else { continue };
            if let Content::Text(text) = self.files.read(path, &shell.site, self.place) {
                value.push(' ');
                value.push_str(&text);
            }
        }
    }

    /// Returns what the program at `path` is called, if this command has copied it there or made a link.
    fn copied_program(&self, path: &str, shell: &Shell) -> Option<String> {
        if self.copied_programs.is_empty() || !path.contains('/') {
            return None;
        }
        let base = crate::place::path::target(path, &shell.site, self.place).base?;
        self.copied_programs.get(&base).cloned()
    }

    /// Follows what a program runs and what it carries.
    fn carried(&mut self, grammar: &Program, line: &CommandLine, shell: &mut Shell) -> Option<String> {
        let mut printed = None;
        let mut seen = Vec::new();
        for reading in &line.readings {
            let (path, skip, runs, speaks) = parts(grammar, reading);
            if only_looks(grammar, reading, path, skip, runs) {
                continue;
            }
            // Two readings that agree on what follows are followed once.
            let key = (skip, reading.operands.get(skip), reading.options.len());
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let label = label(&line.program, path);
            let call = Invocation { line, reading, skip };
            if let Some(directory) = grammar.chdir.iter().find_map(|option| reading.values(option).last()) {
                let found = crate::place::path::target(directory, &shell.site, self.place);
                let site = shell.site_mut();
                site.absent.clear();
                site.within = None;
                site.cwd = (found.rest == crate::place::path::Rest::Known).then_some(found.base).flatten();
            }
            if let Some(runs) = runs {
                let outer = shell.site.clone();
                if runs.elsewhere {
                    shell.site = super::action::Site::elsewhere().into();
                }
                let output = self.runs(runs, &label, call, shell);
                shell.site = outer;
                printed = printed.or(output);
            }
            // `git -c sequence.editor=… rebase`: what a program always looks at, whatever its subcommand runs.
            if let Some(own) =
                grammar.runs.as_deref().filter(|own| own.by.is_some() && skip > 0 && runs != Some(own))
            {
                self.runs(own, &label, Invocation { skip: 0, ..call }, shell);
            }
            if let Some(speaks) = speaks {
                printed = self.speaks(speaks, call, shell).or(printed);
            }
        }
        if grammar.stdin_lines {
            self.lines(grammar, line, shell);
        }
        printed
    }

    /// Reads each line of input as one more command of the same program.
    fn lines(&mut self, grammar: &Program, line: &CommandLine, shell: &Shell) {
        let mut all = line.stdin.clone().unwrap_or_default();
        let files = line
            .readings
            .iter()
            .flat_map(|reading| grammar.line_files.iter().flat_map(|option| reading.values(option)));
        for path in files {
            if let Content::Text(text) = self.files.read(path, &shell.site, self.place) {
                all.push('\n');
                all.push_str(&text);
            }
        }
        for text in all.lines().take(256).filter(|text| !text.trim().is_empty()) {
            let words = shell_words::split(text)
                .unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect());
            let grammar = Arc::new(Program {
                runs: None,
                speaks: None,
                stdin_lines: false,
                line_files: Vec::new(),
                ..grammar.clone()
            });
            let mut further = CommandLine::read(&line.program, words, Some(grammar));
            further.environment.clone_from(&line.environment);
            self.act(Effect::Run(further.into()), shell);
        }
    }
}

/// Returns what is printed by one of two commands.
fn either(one: String, other: String) -> String {
    if one == other { one } else { UNKNOWN_WORDS.to_string() }
}

/// Returns whether a function starts itself more than once, and not one after the other: `:() { : | : & }`.
fn multiplies(body: &Command, name: &str) -> bool {
    let (times, beside) = starts(body, name);
    times > 1 && beside
}

/// Returns how often a command starts `name`, and whether beside something else.
fn starts(command: &Command, name: &str) -> (usize, bool) {
    let all = |commands: &[Command]| {
        let each = commands.iter().map(|command| starts(command, name));
        each.fold((0, false), |(times, beside), (more, also)| (times + more, beside || also))
    };
    match &command.kind {
        CommandKind::Simple { words, .. } => {
            let first = words.first().map(|word| word.parts.as_slice());
            let is_own = matches!(first, Some([Part::Text { text, .. }]) if text == name);
            (usize::from(is_own), false)
        }
        CommandKind::Pipeline(stages) => {
            let (times, _) = all(stages);
            (times, times > 0)
        }
        CommandKind::AndOr { parts, .. } => all(parts),
        // What stands before `&` is read as a subshell.
        CommandKind::Group { body, subshell } => {
            let (times, beside) = all(&body.commands);
            (times, beside || *subshell && times > 0)
        }
        _ => (0, false),
    }
}

/// Returns the subcommand that a reading names, how many operands that takes, and what runs or
/// speaks there.
pub(super) fn parts<'g>(
    grammar: &'g Program,
    reading: &Reading,
) -> (&'g str, usize, Option<&'g Runs>, Option<&'g Speaks>) {
    let mut best: (&str, usize, Option<&Runs>, Option<&Speaks>) =
        ("", 0, grammar.runs.as_deref(), grammar.speaks.as_deref());
    for (path, command) in commands_along(grammar, &reading.operands) {
        if let Some(length) = path_length(grammar, path, reading)
            && length > best.1
            && (command.runs.is_some() || command.speaks.is_some())
        {
            best = (path, length, command.runs.as_deref(), command.speaks.as_deref());
        }
    }
    best
}

/// Returns whether a program's subcommand prints credentials.
fn prints_secrets(line: &CommandLine) -> bool {
    let Some(grammar) = &line.grammar else { return false };
    line.readings.iter().any(|reading| {
        commands_along(grammar, &reading.operands).any(|(path, command)| {
            path_length(grammar, path, reading).is_some()
                && command.prints_secrets
                && !only_looks(grammar, reading, path, 0, None)
        })
    })
}

/// Returns whether a program may run or carry something, or work in another directory.
fn leads_on(grammar: &Program) -> bool {
    let Program { runs, speaks, commands, chdir, stdin_lines, .. } = grammar;
    runs.is_some() || speaks.is_some() || *stdin_lines || !commands.is_empty() || !chdir.is_empty()
}

/// Returns whether an option before the inner command keeps anything from being run or sent
/// (`sudo -l rm`, `make -n`, `http --offline DELETE`).
fn only_looks(grammar: &Program, reading: &Reading, path: &str, skip: usize, runs: Option<&Runs>) -> bool {
    let inner = runs.and_then(|runs| runs.operands_from).map_or(usize::MAX, |nth| skip + usize::from(nth));
    // `bash -c 'text' -n`, `python -c 'code' --version`: what stands behind these is an argument of the text.
    let ends = |name: &String| {
        grammar.options_first
            && runs.is_some_and(|runs| runs.shell.contains(name) || runs.code.contains(name))
    };
    let own = reading
        .options
        .iter()
        .take_while(|option| !ends(&option.name))
        .filter(|option| option.after < inner && option.is_on());
    let named = |names: &[String], name: &String| names.contains(name);
    let command = grammar.commands.get(path);
    own.map(|option| &option.name).any(|name| {
        name == "help"
            || named(&grammar.harmless_with, name)
            || command.is_some_and(|command| named(&command.harmless_with, name))
    })
}

/// Returns how many operands the subcommand `path` takes, where the reading surely names it.
fn path_length(grammar: &Program, path: &str, reading: &Reading) -> Option<usize> {
    let (used, complete) = along(grammar, path, &reading.operands)?;
    let known = || reading.operands[..used].iter().all(|operand| is_known(&operand.text));
    // A glob stands for operands of a kind, which people keep in variables, and for no verb.
    (complete && (path.starts_with('*') || known())).then_some(used)
}

fn label(program: &str, path: &str) -> String {
    if path.is_empty() { program.to_owned() } else { format!("{program} {path}") }
}

/// Returns the program that a runner of packages means by `prisma@5`, `npm:prisma` or `nixpkgs#prisma`.
pub(super) fn of_package(name: &str) -> &str {
    let name = name.strip_prefix("npm:").unwrap_or(name);
    let name = name.rsplit_once('#').map(|(_, name)| name).filter(|name| !name.is_empty()).unwrap_or(name);
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

fn exported(shell: &Shell) -> Vec<(String, String)> {
    use super::variables::Value;
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
            Some(super::variables::Value::Scalar(text)) => Some(text),
            _ => None,
        });
        if let Some(value) = value {
            all.extend(value.split_whitespace().map(str::to_owned));
        }
    }
    all
}
