//! Wrappers whose way of finding the inner command data cannot say.
//!
//! A pack names one of these readers in `runs: {by: …}`.

use super::code::Language;
use super::collections;
use super::command_line::{CommandLine, Reading};
use super::compose;
use super::editors;
use super::find::{self, whole_tree, whole_trees};
use super::git_alias;
use super::gradle;
use super::invocation::Invocation;
use super::later;
use super::manifest;
use super::packages;
use super::playbook;
use super::project;
use super::rake;
use super::scripts::{Reader, Script};
use super::state::Shell;
use super::task_functions;
use super::tcl;
use super::walk::Walker;
use crate::place::kinds;
use crate::rulebook::format::PathKind;
use crate::truth::Truth;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

/// The readers that `runs: {by: …}` may name.
pub const READERS: &[&str] = &[
    "env",
    "find",
    "fd",
    "xargs",
    "parallel",
    "keys",
    "make",
    "just",
    "task",
    "scripts",
    "git",
    "dos",
    "editor",
    "rake",
    "crontab",
    "compose",
    "gradle",
    "django",
    "manifest",
    "playbook",
    "task-functions",
    "requests",
    "tcl",
];

/// How many directories of a project are looked into for its commands.
const APPS: usize = 256;

/// How many lines of known input `xargs` and its kin are followed for, one by one.
const LINES: usize = 64;

/// Follows a wrapper by the reader called `by`; returns what it prints.
pub(super) fn read(
    walker: &mut Walker<'_>,
    by: &str,
    call: Invocation<'_>,
    shell: &mut Shell,
) -> Option<String> {
    match by {
        "env" => env(walker, call, shell),
        "find" => find::find(walker, call.line, shell),
        "fd" => fd(walker, call.line, shell),
        "xargs" => xargs(walker, call, shell),
        "parallel" => parallel(walker, call, shell),
        "keys" => keys(walker, call, shell),
        "make" => project::make(walker, call, shell),
        "just" => project::just(walker, call.reading, shell),
        "task" => project::task(walker, call.reading, shell),
        "scripts" => packages::scripts(walker, call, shell),
        "git" => {
            git_alias::run(walker, call, shell);
            git(walker, call, shell)
        }
        "dos" => dos(walker, call, shell),
        "editor" => editors::edit(walker, call, shell),
        "rake" => rake::rake(walker, call.reading, shell),
        "crontab" => crontab(walker, call, shell),
        "compose" => compose::compose(walker, call, shell),
        "gradle" => gradle::run(walker, call, shell),
        "django" => django(walker, call, shell),
        "manifest" => manifest::start(walker, call, shell),
        "playbook" => playbook::play(walker, call, shell),
        "task-functions" => task_functions::run(walker, call, shell),
        "requests" => collections::send(walker, call, shell),
        "tcl" => tcl::run(walker, call, shell),
        _ => None,
    }
}

/// `cmd /c text`: all that follows is one text.
fn dos(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    // Blanks that the shell kept within a word are within quotes for `cmd`, unless it is the whole text.
    let words = call.words_from(call.reading.operands.first()?);
    let quote = |word: &String| match word.contains(' ') && words.len() > 1 {
        true => format!("\"{word}\""),
        false => word.clone(),
    };
    let text: Vec<String> = words.iter().map(quote).collect();
    let mut inner = shell.clone();
    walker.deeper("cmd", |walker| walker.dos_text(&text.join(" "), &mut inner));
    None
}

/// `crontab FILE`, `… | crontab -`: what is run at some time.
fn crontab(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let file = call.reading.operands.first()?.text.as_str();
    let text = match walker.files.read(file, &shell.site, walker.place) {
        super::files::Content::Text(text) if file != "-" => text,
        _ => call.stdin()?.to_owned(),
    };
    for command in later::scheduled(&text) {
        let mut inner = shell.child(crate::parse::Dialect::Posix, Vec::new());
        walker.deeper("crontab", |walker| walker.shell_text(command, &mut inner, None));
    }
    None
}

/// `manage.py NAME`: a command of the project's own, which is a file by its name in one of the apps.
fn django(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let name =
        call.reading.operands.first().map(|operand| operand.text.clone()).filter(|name| is_known(name))?;
    let apps = walker.place.world.list(shell.site.cwd.as_ref()?, APPS)?;
    for app in apps {
        let path = format!("{app}/management/commands/{name}.py");
        if walker.place.world.kind(&shell.site.cwd.as_ref()?.join(&path)).is_some() {
            let reader = Reader::Language(Language::Python);
            walker.own_script(Script { path: &path, arguments: &[], reader, stdin: call.stdin() }, shell);
        }
    }
    None
}

/// `env [-i] [-S 'text'] NAME=value… program …`.
fn env(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    let mut words: Vec<String> = Vec::new();
    for text in reading.values("split-string") {
        words.extend(
            shell_words::split(text).unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect()),
        );
    }
    // `env - program`: a lone dash is `-i`. What stands behind a text that is split is no option of `env`.
    let own = |word: &String| word.starts_with("-") && !word.starts_with("--") && word.contains('S');
    let splits = line.words.iter().position(|word| own(word) || word.starts_with("--split-string"));
    let start = match splits.filter(|_| !words.is_empty()) {
        Some(at) => {
            let is_apart = line.words[at].ends_with('S') || line.words[at] == "--split-string";
            Some(at + 1 + usize::from(is_apart))
        }
        None => reading.operands.iter().find(|operand| operand.text != "-").map(|first| first.position),
    };
    words.extend_from_slice(start.and_then(|start| line.words.get(start..)).unwrap_or_default());
    let mut environment = Vec::new();
    while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
        environment.push((name.to_owned(), value.to_owned()));
        words.remove(0);
    }
    if words.is_empty() {
        return None;
    }
    let mut inner = shell.for_programs();
    Some(walker.deeper("env", |walker| walker.run(words, environment, &mut inner, line.stdin.as_deref())))
}

/// `git -c alias.x='!program …' x`: settings that are commands.
fn git(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    // What git hands on to what it starts: quoted words.
    let handed = line.variable("GIT_CONFIG_PARAMETERS").and_then(|words| shell_words::split(words).ok());
    let handed = handed.unwrap_or_default();
    let told = reading.values("config").chain(handed.iter().map(String::as_str));
    let told = told.filter_map(|setting| setting.split_once('=').map(owned));
    // `--config-env=core.pager=NAME`
    let named = reading.values("config-variable").filter_map(|setting| {
        let (key, name) = setting.split_once('=')?;
        let own = line.variable(name).map(str::to_owned);
        Some((key.to_owned(), own.or_else(|| shell.scalar(name, walker.place))?))
    });
    let variables = line.environment.iter().filter_map(|(name, key)| {
        let value = line.variable(&format!("GIT_CONFIG_VALUE_{}", name.strip_prefix("GIT_CONFIG_KEY_")?))?;
        Some(owned((key, value)))
    });
    let settings: Vec<(String, String)> = told.chain(named).chain(variables).collect();
    for (key, value) in &settings {
        let is_command = git_alias::is_command(key);
        if key.eq_ignore_ascii_case("core.hookspath") {
            git_alias::hooks(walker, reading, value, shell);
        } else if let Some(text) = value.strip_prefix('!').or_else(|| is_command.then_some(value.as_str())) {
            let label = format!("git -c {key}");
            walker.deeper(label, |walker| walker.shell_text(text, &mut shell.clone(), None));
        } else if let Some(operand) = reading.operands.first()
            && key.strip_prefix("alias.") == Some(&operand.text)
        {
            let mut words = vec!["git".to_owned()];
            words.extend(value.split_whitespace().map(str::to_owned));
            words.extend_from_slice(&line.words[operand.position + 1..]);
            let mut inner = shell.clone();
            walker.deeper(format!("git -c {key}"), |walker| walker.run(words, Vec::new(), &mut inner, None));
        }
    }
    // `ext::sh -c …`: a remote that is a program, with `% ` for a blank.
    for operand in &reading.operands {
        if let Some(command) = operand.text.strip_prefix("ext::") {
            let text = command.replace("% ", " ").replace("%20", " ");
            walker.deeper("git ext::", |walker| walker.shell_text(&text, &mut shell.clone(), None));
        }
    }
    None
}

/// `fd PATTERN PATH -x program …`.
fn fd(walker: &mut Walker<'_>, line: &CommandLine, shell: &mut Shell) -> Option<String> {
    let at =
        line.words.iter().position(|word| matches!(word.as_str(), "-x" | "-X" | "--exec" | "--exec-batch"));
    let Some(at) = at else { return Some(UNKNOWN_WORDS.to_string()) };
    let mut operands = Vec::new();
    let mut endings = Vec::new();
    let mut words = line.words[..at].iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-e" | "--extension" => endings.extend(words.next()),
            "-t" | "--type" | "-d" | "--max-depth" | "-E" | "--exclude" | "-S" | "--size" | "-j"
            | "--threads" => {
                words.next();
            }
            option if option.starts_with('-') => {}
            _ => operands.push(word),
        }
    }
    let directory = operands.get(1).map_or(".", |root| root.trim_end_matches('/'));
    let name = match (endings.as_slice(), operands.first()) {
        ([ending], _) => format!("*.{ending}"),
        // `fd __pycache__`: what has the name of an artefact is one.
        ([], Some(pattern)) if is_artefact(walker, &format!("{directory}/{pattern}"), shell) => {
            (*pattern).clone()
        }
        // A pattern is found anywhere in a name.
        ([], Some(pattern)) if pattern.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)) => {
            format!("*{pattern}*")
        }
        _ => "*".to_owned(),
    };
    let root = format!("{directory}/{name}");
    let mut inner: Vec<String> = line.words[at + 1..]
        .iter()
        .map(|word| word.replace("{}", &root).replace("{/}", UNKNOWN.encode_utf8(&mut [0; 4])))
        .collect();
    if !line.words[at + 1..].iter().any(|word| word.contains('{')) {
        inner.push(root);
    }
    let inner = whole_trees(inner);
    walker.deeper("fd --exec", |walker| walker.run(inner, Vec::new(), &mut shell.clone(), None));
    Some(UNKNOWN_WORDS.to_string())
}

fn is_artefact(walker: &Walker<'_>, path: &str, shell: &Shell) -> bool {
    kinds::is(path, PathKind::Artefact, &shell.site, walker.place) == Truth::Certain
}

/// What `xargs` prints of its input where it is given no program: `export $(cat .env | xargs)`.
fn on_one_line(input: &str) -> Option<String> {
    let is_plain = is_known(input) && !input.contains(['"', '\'', '\\']);
    is_plain.then(|| input.split_whitespace().collect::<Vec<_>>().join(" ") + "\n")
}

/// `… | xargs [-I{}] program …`: what arrives becomes operands.
fn xargs(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    let Some(first) = reading.operands.first() else { return on_one_line(line.stdin.as_deref()?) };
    let command = &line.words[first.position..];
    let from_file = reading.values("arg-file").last().map(str::to_owned);
    let input = match &from_file {
        Some(path) => match walker.files.read(path, &shell.site, walker.place) {
            super::files::Content::Text(text) => Some(text),
            _ => None,
        },
        None => line.stdin.clone(),
    };
    let replace = reading
        .values("replace")
        .last()
        .map(str::to_owned)
        .or_else(|| reading.has("replace").then(|| "{}".to_owned()));
    let items = items(input.as_deref(), reading);
    let mut command = command.to_vec();
    // A list that is not known may name everything.
    let everything = input.as_deref().is_none_or(|input| !is_known(input));
    let asks = line.words[..first.position].iter().any(|word| word == "-p" || word == "--interactive");
    if everything && !asks {
        command = whole_tree(command);
    }
    let mut output = String::new();
    let mut start = |words: Vec<String>| {
        let mut inner = shell.for_programs();
        let printed = walker.deeper("xargs", |walker| walker.run(words, Vec::new(), &mut inner, None));
        output.push_str(&printed);
    };
    match replace {
        Some(mark) => {
            for item in items {
                start(command.iter().map(|word| word.replace(&mark, &item)).collect());
            }
        }
        None => start(whole_trees(command.iter().cloned().chain(items).collect())),
    }
    Some(output)
}

/// Splits input into the operands that `xargs` makes of it.
fn items(input: Option<&str>, reading: &Reading) -> Vec<String> {
    let Some(input) = input else { return vec![UNKNOWN.to_string()] };
    let by_line = reading.has("null")
        || reading.has("delimiter")
        || reading.has("replace")
        || reading.values("replace").next().is_some();
    let pieces: Vec<String> = if by_line {
        input.split(['\n', '\0']).filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
    } else {
        input.split_whitespace().map(|piece| piece.trim_matches(['"', '\'']).to_owned()).collect()
    };
    if pieces.len() > LINES {
        let mut some: Vec<String> = pieces.into_iter().take(LINES).collect();
        some.push(UNKNOWN.to_string());
        return some;
    }
    pieces.iter().map(|piece| crate::unknown::quoted(piece)).collect()
}

/// `parallel program {} ::: a b`, `… | parallel program`.
fn parallel(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    let first = reading.operands.first().map(|operand| operand.position);
    let sources = line.words.iter().position(|word| word.starts_with(":::"));
    let end = sources.unwrap_or(line.words.len());
    let command = first.filter(|at| *at < end).map(|at| line.words[at..end].join(" ")).unwrap_or_default();
    let inputs: Vec<String> = match sources {
        Some(at) => line.words[at + 1..].iter().filter(|word| !word.starts_with(":::")).cloned().collect(),
        None => match call.stdin() {
            Some(text) => text.lines().take(LINES).map(str::to_owned).collect(),
            None => vec![UNKNOWN.to_string()],
        },
    };
    for input in inputs.iter().take(LINES) {
        let text = if command.is_empty() {
            input.clone()
        } else if command.contains('{') {
            command.replace("{}", input).replace("{.}", input).replace("{1}", input)
        } else {
            format!("{command} {input}")
        };
        walker.deeper("parallel", |walker| walker.shell_text(&text, &mut shell.clone(), None));
    }
    Some(UNKNOWN_WORDS.to_string())
}

/// `tmux send-keys -t X 'text' Enter`, `screen -X stuff 'text'`: text typed into another terminal.
/// `screen -dm program …` starts one instead.
fn keys(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    if line.program == "screen" && !reading.has("execute") {
        let words = call.words_from(reading.operands.first()?).to_vec();
        return Some(
            walker.deeper("screen", |walker| walker.run(words, Vec::new(), &mut shell.clone(), None)),
        );
    }
    let words: Vec<&str> = call
        .operands()
        .iter()
        .map(|operand| operand.text.as_str())
        .filter(|word| !matches!(*word, "Enter" | "C-m" | "KPEnter" | "C-j" | "stuff"))
        .collect();
    let literal = words.join(" ");
    let separate = words.concat();
    for text in [literal, separate] {
        let text = text.replace("\\n", "\n").replace("^M", "\n").replace("\\015", "\n").replace("\\r", "\n");
        if !is_known(&text) && text.chars().all(crate::unknown::is_mark) || text.trim().is_empty() {
            continue;
        }
        let mut inner = shell.clone();
        inner.site_mut().lose();
        walker.deeper(format!("{} keys", line.program), |walker| walker.shell_text(&text, &mut inner, None));
    }
    Some(String::new())
}

#[cfg(test)]
mod tests;
