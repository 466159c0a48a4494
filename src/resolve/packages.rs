//! Scripts of packages: what `npm run NAME`, `yarn NAME`, `composer NAME` and their kin run.

use super::command_line::CommandLine;
use super::invocation::Invocation;
use super::project::first_file;
use super::scripts::{Reader, Script};
use super::state::Shell;
use super::walk::Walker;
use crate::document::{self, Node};
use crate::parse::Dialect;
use crate::resolve::body;
use crate::unknown::is_known;

/// How many packages of a workspace are looked at.
const PACKAGES: usize = 48;

/// Commands of the package managers themselves that share their name with a program.
const OWN_COMMANDS: &[&str] = &["env", "link", "ln", "patch", "rm", "test", "unlink"];

/// Commands of the package managers that run scripts of other names.
const LIFE_CYCLE: &[(&[&str], &[&str], &[&str])] = &[
    (&["npm", "pnpm", "yarn", "bun"], &["install", "i", "ci", "add"], &["install", "prepublish", "prepare"]),
    (&["npm", "pnpm", "yarn"], &["publish"], &["prepublishOnly", "pack", "prepare", "publish"]),
    (&["npm", "pnpm", "yarn"], &["pack"], &["pack", "prepare"]),
    (
        &["composer"],
        &["install", "i"],
        &["pre-install-cmd", "post-install-cmd", "pre-autoload-dump", "post-autoload-dump"],
    ),
    (
        &["composer"],
        &["update", "upgrade", "u", "require", "remove"],
        &["pre-update-cmd", "post-update-cmd", "pre-autoload-dump", "post-autoload-dump"],
    ),
    (&["composer"], &["dump-autoload", "dumpautoload"], &["pre-autoload-dump", "post-autoload-dump"]),
];

/// A script that is asked for, with the words behind it.
struct Wanted {
    name: String,
    rest: Vec<String>,
}

/// Follows the scripts that a package manager or a runner of scripts is told to run.
pub(super) fn scripts(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let mut found = false;
    for wanted in wanted(call) {
        found |= in_every_package(walker, call, &wanted, shell);
    }
    if !found && call.line.program == "bun" {
        script_file(walker, call, shell);
    }
    if !found {
        installed_program(walker, call, shell);
    }
    None
}

/// Returns the scripts that are asked for.
fn wanted(call: Invocation<'_>) -> Vec<Wanted> {
    let line = call.line;
    let program = line.program.as_str();
    let own = call.arguments();
    let all = |names: &[&str]| -> Vec<Wanted> {
        names.iter().map(|name| Wanted { name: (*name).to_owned(), rest: Vec::new() }).collect()
    };
    if program == "npm-run-all" {
        return all(&own.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // `npm test`, `npm start`: the subcommand is the script. A bare `yarn` installs.
    let bare = (program == "yarn").then_some("install");
    let Some(name) = own.first().map(String::as_str).or(call.subcommand()).or(bare) else {
        return Vec::new();
    };
    let life =
        LIFE_CYCLE.iter().find(|(programs, names, _)| programs.contains(&program) && names.contains(&name));
    if let Some((_, _, names)) = life.filter(|_| call.subcommand() != Some("run")) {
        return all(names);
    }
    // `pnpm -r run NAME`, `yarn workspace PACKAGE NAME`: the script is named behind.
    let behind = match name {
        "run" | "run-script" => 1,
        _ if program == "yarn" && call.subcommand() == Some("workspace") => {
            1 + usize::from(own.get(1).is_some_and(|word| word == "run"))
        }
        _ => 0,
    };
    let name = own.get(behind).map_or(name, String::as_str).to_owned();
    let rest = match line.words.iter().position(|word| word == "--") {
        Some(at) => line.words[at + 1..].to_vec(),
        None => own.get(behind + 1..).unwrap_or_default().to_vec(),
    };
    vec![Wanted { name, rest }]
}

/// Runs a script of the package at hand, and of the packages of the workspace that are meant; returns
/// whether there is one.
fn in_every_package(
    walker: &mut Walker<'_>,
    call: Invocation<'_>,
    wanted: &Wanted,
    shell: &mut Shell,
) -> bool {
    let Invocation { line, reading, .. } = call;
    let mut found = package_scripts(walker, line, wanted, shell);
    let before = reading
        .operands
        .windows(2)
        .find(|pair| pair[0].text == "workspace")
        .map(|pair| pair[1].text.as_str());
    let meant: Vec<&str> = reading.values("workspace").chain(before).collect();
    let all = reading.has("every-workspace")
        || line.program == "turbo"
        || reading.operands.first().is_some_and(|word| word.text == "workspaces");
    if meant.is_empty() && !all {
        return found;
    }
    for directory in workspaces(walker, shell) {
        let mut inner = shell.clone();
        inner.site_mut().cwd = shell.site.cwd.as_ref().map(|cwd| cwd.join(&directory));
        let name = directory.rsplit('/').next().unwrap_or_default();
        let is_meant = |filter: &&str| {
            let filter = filter.trim_matches(['.', '{', '}', '*', '/']);
            filter.rsplit('/').next() == Some(name)
                || !is_known(filter)
                || package_name(walker, &inner).as_deref() == Some(filter)
        };
        if all || meant.iter().any(is_meant) {
            found |= package_scripts(walker, line, wanted, &mut inner);
        }
    }
    found
}

/// Returns the name that the package in the working directory gives itself.
fn package_name(walker: &mut Walker<'_>, shell: &Shell) -> Option<String> {
    let (_, text) = first_file(walker, &["package.json"], shell)?;
    Some(body::json(&text)?["name"].as_str()?.to_owned())
}

/// Returns the directories of the workspace's packages.
fn workspaces(walker: &mut Walker<'_>, shell: &Shell) -> Vec<String> {
    let mut globs: Vec<String> = Vec::new();
    if let Some((_, text)) = first_file(walker, &["pnpm-workspace.yaml"], shell) {
        let roots = document::yaml::read(&text).unwrap_or_default();
        let packages = roots.iter().filter_map(|root| root.get("packages"));
        globs.extend(packages.flat_map(|node| Node::texts(node)).map(|text| text.text().to_owned()));
    }
    if let Some(package) =
        first_file(walker, &["package.json"], shell).and_then(|(_, text)| body::json(&text))
    {
        let listed = &package["workspaces"];
        let listed = listed.as_array().or_else(|| listed["packages"].as_array());
        globs.extend(listed.into_iter().flatten().filter_map(|glob| glob.as_str().map(str::to_owned)));
    }
    let mut directories = Vec::new();
    for glob in globs.iter().map(|glob| glob.trim_start_matches("./").trim_end_matches('/')) {
        match (glob.split_once('*'), &shell.site.cwd) {
            (None, _) => directories.push(glob.to_owned()),
            (Some((above, _)), Some(cwd)) => {
                let names = walker.place.world.list(&cwd.join(above), PACKAGES).unwrap_or_default();
                directories.extend(names.into_iter().map(|name| format!("{above}{name}")));
            }
            (Some(_), None) => {}
        }
    }
    directories.truncate(PACKAGES);
    directories
}

/// `bun run FILE`: what is no script of the package may be a file.
fn script_file(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) {
    if let Some(operand) = call.operands().first().filter(|operand| operand.text.contains('.')) {
        let arguments = call.words_behind(operand);
        let script = Script { path: &operand.text, arguments, reader: Reader::Ending, stdin: None };
        walker.own_script(script, shell);
    }
}

/// `yarn wrangler …`, `pnpm rimraf …`: what is no script is a program among the packages. npm has no
/// such way.
fn installed_program(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) {
    let line = call.line;
    // `yarn workspace PACKAGE NAME`
    let behind = usize::from(line.program == "yarn" && call.subcommand() == Some("workspace"));
    let own = call.operands().get(behind..).unwrap_or_default();
    // `pnpm run NAME` means a script and nothing else; `yarn workspaces foreach exec NAME` means a program.
    let first = own.first().map(|operand| operand.text.as_str());
    let runs = first == Some("run") && line.program != "pnpm";
    let is_exec = first == Some("exec") && line.program == "yarn";
    let Some(operand) = own.get(usize::from(runs || is_exec)) else { return };
    let own = !is_exec && OWN_COMMANDS.contains(&operand.text.as_str());
    if !matches!(line.program.as_str(), "yarn" | "pnpm" | "bun")
        || own
        || walker.rulebook.program(&operand.text).is_none()
    {
        return;
    }
    let words = call.words_from(operand).to_vec();
    let mut inner = shell.clone();
    walker.deeper(line.program.clone(), |walker| {
        walker.run(words, Vec::new(), &mut inner, None);
    });
}

/// Runs a script of the package in the working directory, with those before and after it; returns whether
/// there is one.
fn package_scripts(walker: &mut Walker<'_>, line: &CommandLine, wanted: &Wanted, shell: &mut Shell) -> bool {
    let file = if line.program == "composer" { "composer.json" } else { "package.json" };
    let Some((_, text)) = first_file(walker, &[file], shell) else { return false };
    let Some(package) = body::json(&text) else { return false };
    let Some(scripts) = package["scripts"].as_object() else { return false };
    // `npm-run-all "db:*"`
    let is_wanted = |script: &str| match script == wanted.name {
        false => wanted.name.contains('*') && crate::glob::matches(&wanted.name, script).is_possible(),
        true => true,
    };
    let names: Vec<&String> = scripts.keys().filter(|script| is_wanted(script)).collect();
    let around = ["pre", "post"].map(|around| format!("{around}{}", wanted.name));
    let around = scripts.keys().filter(|script| around.contains(script));
    for name in around.chain(names.iter().copied()) {
        let number =
            text.lines().position(|line| line.contains(&format!("\"{name}\""))).map_or(1, |at| at + 1);
        let label = format!("{} run {name} ({file}:{number})", line.program);
        let rest: &[String] = if *name == wanted.name { &wanted.rest } else { &[] };
        for own in texts(scripts, name, &mut Vec::new()) {
            let whole = with_words(own, rest);
            let mut inner = shell.child(Dialect::Posix, Vec::new());
            walker.in_project(label.clone(), |walker| walker.shell_text(&whole, &mut inner, None));
        }
    }
    !names.is_empty()
}

/// Returns the texts of a script: one, or composer's list, in which `@NAME` is another script. Each is
/// followed once.
fn texts<'s>(
    scripts: &'s serde_json::Map<String, serde_json::Value>,
    name: &'s str,
    done: &mut Vec<&'s str>,
) -> Vec<String> {
    if done.contains(&name) {
        return Vec::new();
    }
    done.push(name);
    let texts: Vec<&str> = match scripts.get(name) {
        Some(serde_json::Value::String(text)) => vec![text],
        Some(serde_json::Value::Array(all)) => all.iter().filter_map(serde_json::Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for text in texts {
        let other = text.strip_prefix('@').and_then(|rest| rest.split_whitespace().next());
        match other.filter(|other| scripts.contains_key(*other)) {
            Some(other) => all.extend(self::texts(scripts, other, done)),
            None => all.push(composer_words(text)),
        }
    }
    all
}

/// Returns a text with composer's own words for the programs it runs with replaced.
fn composer_words(text: &str) -> String {
    let program = ["php", "composer"].into_iter().find_map(|program| {
        let rest = text.strip_prefix(&format!("@{program} "))?;
        Some(format!("{program} {rest}"))
    });
    program.unwrap_or_else(|| text.to_owned())
}

fn with_words(text: String, rest: &[String]) -> String {
    let rest = rest.iter().map(|word| format!(" {}", shell_words::quote(word)));
    rest.fold(text, |text, word| text + &word)
}
