//! Walks through a script as a shell would, taking every branch, and notes what it would do.

mod texts;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::action::{Action, Effect, Trail};
use super::files::Files;
use super::outputs::Sed;
use super::scripts::SearchPath;
use super::state::Shell;
use super::variables::Value;
use crate::parse::gap::{Gap, GapKind};
use crate::parse::script::{
    Assignment, Command, CommandKind, Operation, Part, Script, Span, Value as Assigned, Word,
};
use crate::parse::{self, Dialect};
use crate::place::Place;
use crate::rulebook::Rulebook;
use crate::unknown::{UNKNOWN_WORDS, is_known, is_nothing_known};

/// How deep shells, functions and wrappers may nest.
pub(super) const DEEPEST: usize = 24;

/// How many commands are walked through before the rest counts as unread: what some 50 ms are enough for.
const STEPS: usize = 12_000;

/// How many bytes of shell text are worth one step.
pub(super) const BYTES: usize = 128;

/// How many bytes of code in other languages are.
pub(super) const CODE_BYTES: usize = 8;

/// How many rules that an action is held against are worth one step.
const RULES: usize = 4;

/// How many words of a command line count as one step for each level that it is reached by: wrappers around wrappers
/// (`xargs xargs …`) each have them all.
const WORDS: usize = 8;

/// How many rounds of a loop over known words are walked through.
const ROUNDS: usize = 64;

/// How many rounds of all loops, nested ones included; of what would be more, one is walked through
/// with a variable that is not known.
const ALL_ROUNDS: usize = 512;

/// What is said where the steps have run out.
pub(super) const TOO_MUCH: &str = "is too long or too deep to be read to its end";

/// How much output of a command is kept, in bytes.
const OUTPUT: usize = 64 * 1024;

/// Walks through scripts and collects what they would do.
pub(super) struct Walker<'a> {
    pub place: &'a Place<'a>,
    pub rulebook: &'a Rulebook,
    pub actions: Vec<Action>,
    pub gaps: Vec<Gap>,
    pub files: Files,
    /// Programs that the command has copied or linked to, by where they are then.
    pub copied_programs: HashMap<PathBuf, String>,
    /// What `sed` is told by words that were read already.
    pub seds: HashMap<Vec<String>, Option<Sed>>,
    /// Where programs are looked for, by name.
    pub on_path: BTreeMap<String, SearchPath>,
    /// Where the links lead that this command makes.
    pub links: HashMap<PathBuf, PathBuf>,
    /// What this command moves: where to, and what.
    pub moved: Vec<(PathBuf, String)>,
    /// What runs when the text that is read has ended.
    pub at_exit: Vec<String>,
    pub trail: Trail,
    steps: usize,
    /// How many rounds of loops may still be walked through one by one.
    rounds: usize,
    /// The shell as it was where the function that is run may have returned.
    pub returned: Option<Shell>,
    depth: usize,
    /// How many files that stood on the disk before are being read through.
    standing: usize,
    /// How many texts are being read, one within the other.
    texts: usize,
    /// Where what is read now stands in the outermost of them.
    at: Span,
    /// How many of the project's own files lie between that text and what is read now.
    apart: usize,
}

impl<'a> Walker<'a> {
    pub(super) fn new(place: &'a Place<'a>, rulebook: &'a Rulebook) -> Self {
        Self {
            place,
            rulebook,
            actions: Vec::new(),
            gaps: Vec::new(),
            files: Files::default(),
            copied_programs: HashMap::new(),
            seds: HashMap::new(),
            on_path: BTreeMap::new(),
            links: HashMap::new(),
            moved: Vec::new(),
            at_exit: Vec::new(),
            trail: Vec::new(),
            steps: 0,
            rounds: ALL_ROUNDS,
            returned: None,
            depth: 0,
            standing: 0,
            texts: 0,
            at: Span::default(),
            apart: 0,
        }
    }

    /// Notes something that would be done.
    pub(super) fn act(&mut self, effect: Effect, shell: &Shell) {
        let rules: usize = effect.keys().into_iter().map(|key| self.rulebook.rules(key).len()).sum();
        let words = if let Effect::Run(line) = &effect { line.words.len() } else { 0 };
        if !self.charge(rules / RULES + words / WORDS * self.trail.len()) {
            return self.gap(GapKind::Bound, TOO_MUCH);
        }
        self.actions.push(Action {
            effect,
            trail: self.trail.clone(),
            site: shell.site.clone(),
            at: self.at,
            apart: self.apart > 0,
        });
    }

    /// Notes something that could not be read.
    pub(super) fn gap(&mut self, kind: GapKind, reason: impl Into<String>) {
        // `exec "$JAVACMD" "$@"` in a script that was there before: scripts are made to be told such
        // things when they run, and what this command tells them is known.
        let of_script = self.standing > 0 && matches!(kind, GapKind::Program | GapKind::Code);
        let kind = if of_script { GapKind::Value } else { kind };
        let gap = Gap { kind, span: Span::default(), reason: reason.into() };
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// Takes `steps` from what may be done for one command; returns whether that much was left.
    pub(super) fn charge(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.steps <= STEPS
    }

    /// Reads through the file at `path`, one level deeper.
    pub(super) fn in_file<T: Default>(
        &mut self,
        path: &str,
        shell: &mut Shell,
        name: impl Into<String>,
        walk: impl FnOnce(&mut Self, &mut Shell) -> T,
    ) -> T {
        let stands = !self.files.is_written(path, &shell.site, self.place);
        self.standing += usize::from(stands);
        self.apart += usize::from(stands);
        let result = self.deeper(name, |walker| walk(walker, shell));
        self.standing -= usize::from(stands);
        self.apart -= usize::from(stands);
        result
    }

    /// Whether what is read now stood in a file before this command.
    pub(super) fn is_in_standing_file(&self) -> bool {
        self.standing > 0
    }

    /// Does something one level deeper, under a name for the trail; not at all where it is too deep.
    pub(super) fn deeper<T: Default>(
        &mut self,
        name: impl Into<String>,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if self.depth >= DEEPEST {
            self.gap(GapKind::Bound, "nests too deep to be read");
            return T::default();
        }
        if !self.charge(1) {
            self.gap(GapKind::Bound, TOO_MUCH);
            return T::default();
        }
        self.depth += 1;
        self.trail.push(name.into().into());
        let result = walk(self);
        self.trail.pop();
        self.depth -= 1;
        result
    }

    /// Reads text as a shell would and walks through it; returns what it prints.
    pub(super) fn shell_text(&mut self, text: &str, shell: &mut Shell, stdin: Option<&str>) -> String {
        if is_nothing_known(text) {
            let kind =
                if text.contains(crate::unknown::UNKNOWN_REMOTE) { GapKind::Remote } else { GapKind::Code };
            let reason = match kind {
                GapKind::Remote => "runs code from the network",
                _ => "runs text that is not known before it runs",
            };
            self.gap(kind, reason);
            return UNKNOWN_WORDS.to_string();
        }
        self.charge(text.len() / BYTES);
        let parsed = parse::parse(text, shell.dialect);
        for gap in parsed.gaps {
            self.gap(gap.kind, gap.reason);
        }
        let before = self.at_exit.len();
        let output = self.in_text(|walker| walker.script(&parsed.script, shell, stdin));
        for text in self.at_exit.split_off(before) {
            self.deeper("trap", |walker| walker.shell_text(&text, &mut shell.clone(), None));
        }
        output
    }

    /// Walks through commands; returns what they print.
    pub(super) fn script(&mut self, script: &Script, shell: &mut Shell, stdin: Option<&str>) -> String {
        let mut output = String::new();
        for command in &script.commands {
            let printed = self.command(command, shell, stdin);
            keep(&mut output, &printed);
        }
        output
    }

    pub(super) fn command(&mut self, command: &Command, shell: &mut Shell, stdin: Option<&str>) -> String {
        let fits = self.charge(1 + shell.weight());
        if !fits || self.depth >= DEEPEST * 2 {
            self.gap(GapKind::Bound, TOO_MUCH);
            return UNKNOWN_WORDS.to_string();
        }
        self.depth += 1;
        let around = self.at;
        if self.texts == 1 && !matches!(command.kind, CommandKind::Group { .. }) {
            self.at = command.span;
        }
        let own = shell.descriptors.get(&0).cloned();
        let mut flow = self.redirected(&command.redirects, shell, stdin.or(own.as_deref()));
        // What `exec` opens stays open; what is opened for one command is closed behind it.
        let outer = (!is_bare_exec(command)).then(|| shell.descriptors.clone());
        if outer.is_none() && !command.redirects.is_empty() {
            flow.inputs.extend(flow.stdin.clone().map(|text| (0, text)));
            shell.outgoing.append(&mut flow.opened);
        }
        shell.descriptors.append(&mut flow.inputs);
        let stdin = flow.stdin.as_deref();
        let output = match &command.kind {
            CommandKind::Simple { assignments, words } => self.simple(assignments, words, shell, stdin),
            CommandKind::Pipeline(stages) => self.pipeline(stages, shell, stdin),
            CommandKind::AndOr { parts, otherwise } => self.and_or(parts, otherwise, shell, stdin),
            CommandKind::Group { body, subshell: true } => self.script(body, &mut shell.clone(), stdin),
            CommandKind::Group { body, subshell: false } => self.script(body, shell, stdin),
            CommandKind::If { branches, otherwise } => {
                self.branches(branches, otherwise.as_ref(), shell, stdin)
            }
            CommandKind::For { variable, words, body } => {
                self.each(variable, words.as_deref(), body, shell, stdin)
            }
            CommandKind::While { condition, body } => self.repeat(condition, body, shell, stdin),
            CommandKind::Case { subject, arms } => self.case(subject, arms, shell, stdin),
            CommandKind::Function { name, body } => {
                let mut body = (**body).clone();
                if self.texts > 1 {
                    // Where it stands in the outermost text is where that is read.
                    body.span = Span::default();
                }
                self.define(name, body, shell);
                String::new()
            }
            CommandKind::Test(words) => {
                for word in words {
                    let text = self.text(word, shell);
                    self.evaluated(&text, shell);
                }
                String::new()
            }
        };
        self.depth -= 1;
        if let Some(outer) = outer {
            shell.descriptors = outer;
        }
        let output = self.finish(flow, output, shell);
        self.at = around;
        output
    }

    fn pipeline(&mut self, stages: &[Command], shell: &mut Shell, stdin: Option<&str>) -> String {
        let mut flowing: Option<String> = None;
        for (at, stage) in stages.iter().enumerate() {
            let input = if at == 0 { stdin } else { flowing.as_deref() };
            // In zsh the last stage runs in the shell itself: `… | read x` sets `x`.
            let is_own = shell.dialect == Dialect::Zsh && at + 1 == stages.len();
            let printed = match is_own {
                true => self.command(stage, shell, input),
                false => self.command(stage, &mut shell.clone(), input),
            };
            flowing = Some(printed);
        }
        flowing.unwrap_or_default()
    }

    fn branches(
        &mut self,
        branches: &[(Script, Script)],
        otherwise: Option<&Script>,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let mut output = String::new();
        let mut after: Vec<Shell> = Vec::new();
        for (condition, body) in branches {
            self.script(condition, shell, stdin);
            let mut taken = shell.clone();
            self.body(condition, body, &mut taken, stdin);
            after.push(taken);
        }
        match otherwise {
            Some(body) => {
                let mut taken = shell.clone();
                self.script(body, &mut taken, stdin);
                after.push(taken);
            }
            None => after.push(shell.clone()),
        }
        // Which branch prints is not known.
        output.push(UNKNOWN_WORDS);
        join(shell, after);
        output
    }

    fn each(
        &mut self,
        variable: &str,
        words: Option<&[Word]>,
        body: &Script,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let values = match words {
            Some(words) => self.listed(words, shell),
            None => shell.arguments.clone(),
        };
        let before = shell.clone();
        let mut output = String::new();
        let rounds = values.len().min(ROUNDS).min(self.rounds);
        self.rounds -= rounds;
        for value in &values[..rounds] {
            shell.set(variable, crate::unknown::quoted(value));
            let printed = self.script(body, shell, stdin);
            keep(&mut output, &printed);
        }
        if values.len() > rounds {
            shell.set_unknown(variable);
            self.script(body, shell, stdin);
            output.push(UNKNOWN_WORDS);
        }
        shell.merge(&before);
        output
    }

    fn repeat(
        &mut self,
        condition: &Script,
        body: &Script,
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        // `while read x; do …; done` over known lines is walked line by line.
        if let (Some(text), Some(read)) = (stdin, self.read_command(condition, shell)) {
            let before = shell.clone();
            let mut output = String::new();
            let rounds = ROUNDS.min(self.rounds);
            let mut lines = text.split_inclusive('\n');
            for line in lines.by_ref().take(rounds) {
                self.rounds -= 1;
                self.read_into(&read, Some(line), shell);
                let printed = self.script(body, shell, None);
                keep(&mut output, &printed);
            }
            if lines.next().is_some() {
                self.read_into(&read, None, shell);
                self.script(body, shell, None);
                output.push(UNKNOWN_WORDS);
            }
            shell.merge(&before);
            return output;
        }
        // Twice: what the first round sets, the second sees.
        let before = shell.clone();
        for _ in 0..2 {
            self.script(condition, shell, stdin);
            self.script(body, shell, stdin);
            shell.merge(&before);
        }
        UNKNOWN_WORDS.to_string()
    }

    fn case(
        &mut self,
        subject: &Word,
        arms: &[(Vec<Word>, Script)],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        self.text(subject, shell);
        let mut after = vec![shell.clone()];
        for (patterns, body) in arms {
            for pattern in patterns {
                self.text(pattern, shell);
            }
            let mut taken = shell.clone();
            self.script(body, &mut taken, stdin);
            after.push(taken);
        }
        join(shell, after);
        UNKNOWN_WORDS.to_string()
    }

    fn simple(
        &mut self,
        assignments: &[Assignment],
        words: &[Word],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        if words.is_empty() {
            for assignment in assignments {
                self.assign(assignment, shell);
            }
            return String::new();
        }
        let mut environment = Vec::new();
        for assignment in assignments {
            if let Assigned::Scalar(word) = &assignment.value {
                environment.push((assignment.name.clone(), self.text(word, shell)));
            }
        }
        if let Some(output) = self.declaration(words, shell) {
            if shell.keeps_variables_of("export") {
                environment.iter().for_each(|(name, value)| shell.set(name, value));
            }
            return output;
        }
        let own = words.first().and_then(|word| usual_program(word, shell, self.place));
        let mut words = if shell.keeps(words) { self.listed(words, shell) } else { self.words(words, shell) };
        if let (Some(own), Some(first)) = (own, words.first_mut()) {
            own.clone_into(first);
        }
        self.run(words, environment, shell, stdin)
    }

    pub(super) fn assign(&mut self, assignment: &Assignment, shell: &mut Shell) {
        if shell.dialect == Dialect::Zsh && self.assigned_to_table(assignment, shell) {
            return;
        }
        let name = &assignment.name;
        let is_map = matches!(shell.variables.get(name), Some(Value::Map(_)));
        let value = match &assignment.value {
            Assigned::Scalar(word) => Value::Scalar(self.text(word, shell)),
            Assigned::Array(elements) if is_map => self.entries(elements, shell),
            Assigned::Array(elements) => self.elements(elements, shell),
        };
        let value = match (&assignment.index, value) {
            (Some(index), Value::Scalar(text)) => self.with_element(assignment, index, text, shell),
            (_, value) if assignment.append => appended(shell.value(name, self.place), value),
            (_, value) => value,
        };
        if let Value::Scalar(text) = &value {
            self.prompt(name, text, shell);
        }
        shell.put(name, value);
    }

    /// Returns what an array becomes by an assignment to one of its elements.
    fn with_element(
        &mut self,
        assignment: &Assignment,
        index: &Word,
        text: String,
        shell: &mut Shell,
    ) -> Value {
        let unknown = Value::Scalar(UNKNOWN_WORDS.to_string());
        let before = shell.value(&assignment.name, self.place);
        let joined = |old: Option<&String>| match old {
            Some(old) if assignment.append => old.clone() + &text,
            _ => text.clone(),
        };
        if let Some(Value::Map(mut map)) = before {
            let key = self.text(index, shell);
            if !is_known(&key) {
                return unknown;
            }
            let value = joined(map.get(&key));
            map.insert(key, value);
            return Value::Map(map);
        }
        let Some(place) = self.number(index, shell).and_then(|place| usize::try_from(place).ok()) else {
            return unknown;
        };
        let mut array = match before {
            Some(Value::Array(array)) => array,
            // In zsh an element of a text is a character.
            Some(Value::Scalar(_)) if shell.dialect == Dialect::Zsh => return unknown,
            Some(Value::Scalar(first)) => BTreeMap::from([(0, first)]),
            _ => BTreeMap::new(),
        };
        let value = joined(array.get(&place));
        if shell.dialect == Dialect::Zsh && place <= 1024 {
            // There are no holes in an array of zsh.
            for hole in 1..place {
                array.entry(hole).or_default();
            }
        }
        array.insert(place, value);
        Value::Array(array)
    }
}

/// Returns the program that a person's variable names all over the world, where this command does not set
/// it and nobody else has: `$EDITOR notes.txt`.
fn usual_program(word: &Word, shell: &Shell, place: &Place<'_>) -> Option<&'static str> {
    let [Part::Parameter { name, index: None, operation: Operation::None, .. }] = word.parts.as_slice()
    else {
        return None;
    };
    let program = match name.as_str() {
        "EDITOR" | "VISUAL" => "vi",
        "PAGER" | "MANPAGER" => "less",
        "BROWSER" => "xdg-open",
        _ => return None,
    };
    shell.value(name, place).is_none().then_some(program)
}

/// Returns whether a command is `exec` without a program: its redirections are the shell's from then on.
fn is_bare_exec(command: &Command) -> bool {
    let CommandKind::Simple { words, .. } = &command.kind else { return false };
    let [Word { parts, .. }] = words.as_slice() else { return false };
    matches!(parts.as_slice(), [Part::Text { text, .. }] if text == "exec")
}

/// Adds what a command prints, within bounds.
pub(super) fn keep(output: &mut String, printed: &str) {
    if output.len() + printed.len() > OUTPUT {
        output.push(UNKNOWN_WORDS);
    } else {
        output.push_str(printed);
    }
}

/// Makes `shell` what it may be after any of `after`.
fn join(shell: &mut Shell, after: Vec<Shell>) {
    let mut after = after.into_iter();
    if let Some(first) = after.next() {
        *shell = first;
    }
    for other in after {
        shell.merge(&other);
    }
}

fn appended(before: Option<Value>, value: Value) -> Value {
    match (before, value) {
        (Some(Value::Array(mut all)), Value::Array(more)) => {
            let next = all.keys().next_back().map_or(0, |last| last + 1);
            // What begins at 1 in zsh begins at 0 in bash.
            let first = more.keys().next().copied().unwrap_or_default();
            let next = if all.is_empty() { first } else { next };
            all.extend(more.into_iter().map(|(at, text)| (next + at - first, text)));
            Value::Array(all)
        }
        (Some(Value::Scalar(text)), Value::Scalar(more)) => Value::Scalar(text + &more),
        (Some(Value::Array(mut all)), Value::Scalar(more)) => {
            all.entry(0).or_default().push_str(&more);
            Value::Array(all)
        }
        (Some(Value::Map(mut all)), Value::Map(more)) => {
            all.extend(more);
            Value::Map(all)
        }
        (Some(Value::Scalar(first)), Value::Array(more)) => {
            let rest = more.into_iter().map(|(at, text)| (at + 1, text));
            Value::Array(rest.chain([(0, first)]).collect())
        }
        (_, value) => value,
    }
}

/// A shell's dialect by the name it is called by.
pub(super) fn dialect(name: &str) -> Dialect {
    match name {
        "zsh" => Dialect::Zsh,
        "sh" | "dash" | "ash" => Dialect::Posix,
        _ => Dialect::Bash,
    }
}
