//! What a project's own commands run: Makefile targets, just recipes, tasks.

use super::command_line::Reading;
use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use crate::parse::Dialect;
use crate::parse::gap::GapKind;

/// How many targets or scripts are followed from one.
const DEEPEST: usize = 16;

/// Returns the first of some files that can be read. Where not even the directory is known, the command
/// names no file, and there is nothing to say of one.
pub(super) fn first_file(walker: &mut Walker<'_>, names: &[&str], shell: &Shell) -> Option<(String, String)> {
    if shell.site.cwd.is_none() && !shell.site.is_copy() {
        return None;
    }
    for name in names {
        match walker.files.read(name, &shell.site, walker.place) {
            Content::Text(text) => return Some(((*name).to_owned(), text)),
            Content::Missing | Content::Directory => {}
            Content::Unknown(_) if shell.site.elsewhere => {}
            Content::Unknown(reason) => {
                walker.gap(GapKind::File, format!("{name}: the file {reason}"));
                return None;
            }
        }
    }
    None
}

/// One target of a Makefile or recipe of a justfile.
#[derive(Debug, Default)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: String,
    needs: Vec<String>,
    /// Lines of shell, with the number each stands on.
    pub(crate) lines: Vec<(usize, String)>,
    parameters: Vec<String>,
}

/// `make [-C DIR] [-f FILE] [NAME=value] [TARGET]…`.
pub(super) fn make(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    if reading.has("dry-run") {
        return None;
    }
    // Make hands each line to this program, so whatever it is will run.
    let own_shell =
        reading.operands.iter().filter_map(|operand| operand.text.strip_prefix("SHELL=")).next_back();
    if let Some(own) = own_shell.filter(|own| own.contains(' ')) {
        let mut inner = shell.clone();
        walker.deeper("make SHELL", |walker| walker.shell_text(own, &mut inner, None));
    }
    let named: Vec<&str> = reading.values("file").collect();
    let usual = ["GNUmakefile", "makefile", "Makefile"];
    let evaluated: Vec<&str> = reading.values("eval").collect();
    let (file, mut text) = match named.as_slice() {
        ["-"] => ("standard input".to_owned(), line.stdin.clone()?),
        [] => match first_file(walker, &usual, shell) {
            None if !evaluated.is_empty() => ("--eval".to_owned(), String::new()),
            found => found?,
        },
        named => first_file(walker, named, shell)?,
    };
    for evaluated in evaluated {
        // What it substitutes runs when it is read, whatever is made.
        let inside = evaluated.split_once("$(shell ").and_then(|(_, rest)| rest.rsplit_once(')'));
        if let Some((command, _)) = inside {
            walker.deeper("make --eval", |walker| walker.shell_text(command, &mut shell.clone(), None));
        }
        text = format!("{evaluated}\n{text}");
    }
    let (targets, mut variables) = read_makefile(&text);
    let mut wanted = Vec::new();
    for operand in &reading.operands {
        match operand.text.split_once('=') {
            Some((name, value)) => variables.push((name.to_owned(), value.to_owned())),
            None => wanted.push(operand.text.clone()),
        }
    }
    variables.extend(line.environment.iter().cloned());
    if wanted.is_empty() {
        wanted.extend(
            targets.iter().find(|target| !target.name.starts_with('.')).map(|target| target.name.clone()),
        );
    }
    let mut recipes = Recipes { file: &file, all: &targets, variables, done: Vec::new(), shell };
    for name in wanted {
        recipes.make(walker, &name);
    }
    None
}

/// The targets of a Makefile, or the recipes of a justfile, of which some are followed, each once.
struct Recipes<'r> {
    file: &'r str,
    all: &'r [Target],
    variables: Vec<(String, String)>,
    done: Vec<String>,
    shell: &'r Shell,
}

impl Recipes<'_> {
    /// Notes that a recipe is followed; returns whether it was not yet.
    fn begin(&mut self, name: &str) -> bool {
        let is_new = !self.done.iter().any(|known| known == name) && self.done.len() <= DEEPEST * 4;
        if is_new {
            self.done.push(name.to_owned());
        }
        is_new
    }

    /// Follows a target of a Makefile and what it needs.
    fn make(&mut self, walker: &mut Walker<'_>, name: &str) {
        if !self.begin(name) {
            return;
        }
        let fits = |target: &&Target| target.name == name || pattern_fits(&target.name, name);
        for found in self.all.iter().filter(fits) {
            for needed in &found.needs {
                self.make(walker, needed);
            }
            for (number, text) in &found.lines {
                let text = text.trim_start_matches(['@', '-', '+', ' ', '\t']);
                let text = make_variables(text, &self.variables, name, found);
                // Each line has a shell of its own.
                let mut inner = self.shell.child(Dialect::Posix, Vec::new());
                walker.in_project(format!("make {name} ({}:{number})", self.file), |walker| {
                    walker.shell_text(&text, &mut inner, None)
                });
            }
        }
    }

    /// Follows a recipe of a justfile and what it needs.
    fn just(&mut self, walker: &mut Walker<'_>, name: &str, arguments: &[String]) {
        if !self.begin(name) {
            return;
        }
        let Some(found) = self.all.iter().find(|recipe| recipe.name == name) else { return };
        for needed in &found.needs {
            self.just(walker, needed, &[]);
        }
        let unknown = || crate::unknown::UNKNOWN.to_string();
        let given = arguments.iter().cloned().chain(std::iter::repeat_with(unknown));
        let known: Vec<(String, String)> =
            self.variables.iter().cloned().chain(found.parameters.iter().cloned().zip(given)).collect();
        for (number, text) in found.just_texts(&known) {
            let mut inner = self.shell.child(Dialect::Posix, arguments.to_vec());
            walker.in_project(format!("just {name} ({}:{number})", self.file), |walker| {
                walker.shell_text(&text, &mut inner, None)
            });
        }
    }
}

impl Target {
    /// Returns the texts that just hands to shells: the lines, or all of them together where the first says
    /// what reads them.
    fn just_texts(&self, variables: &[(String, String)]) -> Vec<(usize, String)> {
        let fill = |text: &str| {
            variables.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{{{name}}}}}"), value).replace(&format!("{{{{ {name} }}}}"), value)
            })
        };
        match self.lines.first() {
            Some((number, first)) if first.trim_start().starts_with("#!") => {
                vec![(*number, self.lines.iter().map(|(_, line)| fill(line) + "\n").collect())]
            }
            _ => {
                let line =
                    |(number, line): &(usize, String)| (*number, fill(line.trim_start_matches(['@', '-'])));
                self.lines.iter().map(line).collect()
            }
        }
    }
}

fn pattern_fits(pattern: &str, name: &str) -> bool {
    pattern.contains('%') && crate::glob::matches(&pattern.replace('%', "*"), name).is_possible()
}

/// Reads a Makefile: its targets, and its variables as they are written.
pub(crate) fn read_makefile(text: &str) -> (Vec<Target>, Vec<(String, String)>) {
    let mut targets: Vec<Target> = Vec::new();
    let mut variables = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (number, line) in joined_lines(text) {
        if let Some(recipe) = line.strip_prefix('\t') {
            for at in &open {
                targets[*at].lines.push((number, recipe.to_owned()));
            }
            continue;
        }
        let line = line.split(" #").next().unwrap_or_default();
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        open.clear();
        let line = line.trim_start_matches("export ").trim_start_matches("override ");
        if let Some((name, value)) = assignment(line) {
            variables.push((name.to_owned(), value.to_owned()));
            continue;
        }
        let Some((names, rest)) = line.split_once(':') else { continue };
        let rest = rest.trim_start_matches(':');
        let (needs, first) = rest.split_once(';').map_or((rest, None), |(needs, first)| (needs, Some(first)));
        for name in names.split_whitespace() {
            let needs = needs.split_whitespace().filter(|word| *word != "|").map(str::to_owned).collect();
            let lines = first.map(|first| (number, first.trim().to_owned())).into_iter().collect();
            open.push(targets.len());
            targets.push(Target { name: name.to_owned(), needs, lines, parameters: Vec::new() });
        }
    }
    (targets, variables)
}

/// Splits `NAME = value`, `:=`, `?=`, `+=`, `!=`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let at = line.find('=')?;
    let name = line[..at].trim_end_matches([':', '?', '+', '!', ' ', '\t']).trim();
    let plain =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    plain.then(|| (name, line[at + 1..].trim()))
}

/// Lines with their numbers; a backslash at the end joins the next.
fn joined_lines(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    for (at, line) in text.lines().enumerate() {
        let next = line.ends_with('\\');
        let line = line.strip_suffix('\\').unwrap_or(line);
        match all.last_mut() {
            Some((_, before)) if continues => {
                before.push(' ');
                before.push_str(line.trim_start());
            }
            _ => all.push((at + 1, line.to_owned())),
        }
        continues = next;
    }
    all
}

/// Replaces `$(NAME)`, `${NAME}`, `$@` and `$$` as make does before the shell sees a line.
pub(crate) fn make_variables(
    text: &str,
    variables: &[(String, String)],
    name: &str,
    target: &Target,
) -> String {
    let mut all = String::new();
    let mut rest = text;
    let mut budget = 256;
    while let Some(at) = rest.find('$') {
        all.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        budget -= 1;
        if budget == 0 {
            break;
        }
        let close = match rest.as_bytes().first() {
            Some(b'(') => ')',
            Some(b'{') => '}',
            Some(b'$') => {
                all.push('$');
                rest = &rest[1..];
                continue;
            }
            Some(b'@') => {
                all.push_str(name);
                rest = &rest[1..];
                continue;
            }
            Some(b'<') => {
                all.push_str(target.needs.first().map_or("", String::as_str));
                rest = &rest[1..];
                continue;
            }
            _ => {
                all.push(crate::unknown::UNKNOWN_WORDS);
                let skip = rest.chars().next().map_or(0, char::len_utf8);
                rest = &rest[skip..];
                continue;
            }
        };
        let Some(end) = rest.find(close) else { break };
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        let value = variables.iter().rev().find(|(known, _)| known == inside);
        match value {
            Some((_, value)) if value.contains("$(") || value.contains("${") => {
                let fewer: Vec<(String, String)> =
                    variables.iter().filter(|(known, _)| known != inside).cloned().collect();
                all.push_str(&make_variables(value, &fewer, name, target));
            }
            Some((_, value)) => all.push_str(value),
            None => match inside.split_once(' ') {
                // `$(shell cmd)` runs at once.
                Some(("shell", command)) => all.push_str(&format!("$({command})")),
                _ => all.push_str(&format!("${{{inside}}}")),
            },
        }
    }
    all.push_str(rest);
    all
}

/// `just [RECIPE [ARGUMENT]…]`.
pub(super) fn just(walker: &mut Walker<'_>, reading: &Reading, shell: &Shell) -> Option<String> {
    if reading.has("dry-run") || reading.has("list") || reading.has("show") {
        return None;
    }
    let named: Vec<&str> = reading.values("file").collect();
    let usual = ["justfile", "Justfile", ".justfile"];
    let (file, text) = first_file(walker, if named.is_empty() { &usual } else { &named }, shell)?;
    let (recipes, mut variables) = read_justfile(&text);
    let mut words = reading.operands.iter().map(|operand| operand.text.clone()).peekable();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        variables.push((name.to_owned(), value.to_owned()));
        words.next();
    }
    let name = words.next().or_else(|| recipes.first().map(|recipe| recipe.name.clone()))?;
    let arguments: Vec<String> = words.collect();
    let mut recipes = Recipes { file: &file, all: &recipes, variables, done: Vec::new(), shell };
    recipes.just(walker, &name, &arguments);
    None
}

/// Reads a justfile: its recipes, and its variables as they are written.
pub(crate) fn read_justfile(text: &str) -> (Vec<Target>, Vec<(String, String)>) {
    let mut recipes: Vec<Target> = Vec::new();
    let mut variables = Vec::new();
    let mut open = false;
    for (number, line) in joined_lines(text) {
        let body = line.strip_prefix(['\t', ' ']);
        if let (Some(body), true) = (body, open) {
            if let Some(recipe) = recipes.last_mut() {
                recipe.lines.push((number, body.trim().to_owned()));
            }
            continue;
        }
        if line.trim().is_empty() || line.starts_with(['#', '[']) {
            continue;
        }
        if let Some((name, value)) = line.split_once(":=") {
            open = false;
            let name = name.trim().trim_start_matches("export ").trim();
            variables.push((name.to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()));
            continue;
        }
        let Some((head, needs)) = line.split_once(':') else { continue };
        let mut head = head.trim_start_matches('@').split_whitespace();
        let Some(name) = head.next() else { continue };
        let parameters = head
            .map(|word| {
                word.trim_start_matches(['+', '*', '$']).split('=').next().unwrap_or_default().to_owned()
            })
            .collect();
        let needs =
            needs.split_whitespace().map(|word| word.trim_matches(['(', ')', '&']).to_owned()).collect();
        recipes.push(Target { name: name.to_owned(), needs, lines: Vec::new(), parameters });
        open = true;
    }
    (recipes, variables)
}

/// `task [NAME]`: Taskfile.yml, read as YAML.
pub(super) fn task(walker: &mut Walker<'_>, reading: &Reading, shell: &Shell) -> Option<String> {
    let usual = ["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "Taskfile.dist.yml"];
    let (file, text) = first_file(walker, &usual, shell)?;
    let Ok(root) = serde_yaml::from_str::<serde_json::Value>(&text) else {
        walker.gap(GapKind::File, format!("{file}: the file is not valid YAML"));
        return None;
    };
    let names: Vec<String> = reading.operands.iter().map(|operand| operand.text.clone()).collect();
    let names = if names.is_empty() { vec!["default".to_owned()] } else { names };
    let mut done = Vec::new();
    for name in names {
        one_task(walker, &file, &root, &name, &mut done, shell);
    }
    None
}

fn one_task(
    walker: &mut Walker<'_>,
    file: &str,
    root: &serde_json::Value,
    name: &str,
    done: &mut Vec<String>,
    shell: &Shell,
) {
    if done.iter().any(|known| known == name) || done.len() > DEEPEST {
        return;
    }
    done.push(name.to_owned());
    let task = &root["tasks"][name];
    let listed = |value: &serde_json::Value| match value {
        serde_json::Value::Array(all) => all.clone(),
        serde_json::Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    for needed in listed(&task["deps"]) {
        if let Some(needed) = needed.as_str().or_else(|| needed["task"].as_str()) {
            one_task(walker, file, root, needed, done, shell);
        }
    }
    let commands = if task.is_object() {
        listed(&task["cmds"]).into_iter().chain(listed(&task["cmd"])).collect()
    } else {
        listed(task)
    };
    for command in commands {
        if let Some(other) = command["task"].as_str() {
            one_task(walker, file, root, other, done, shell);
        }
        if let Some(text) = command.as_str().or_else(|| command["cmd"].as_str()) {
            let mut inner = shell.child(Dialect::Posix, Vec::new());
            walker.in_project(format!("task {name} ({file})"), |walker| {
                walker.shell_text(text, &mut inner, None)
            });
        }
    }
}

#[cfg(test)]
mod tests;
