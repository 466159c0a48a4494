//! The invariants of ARCHITECTURE.md that can be read off the source.
//!
//! Unit tests may do as they like: `#[cfg(test)] mod tests` to the end of a file, `tests.rs`, what is
//! in a folder `tests`, and modules named `test_…`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What may import what: a file may use its own layer and those before it in this list, which reads
/// as a command flows.
const LAYERS: [&[&str]; 17] = [
    &[
        "unknown",
        "truth",
        "alternatives",
        "glob",
        "text",
        "env_vars",
        "exit",
        "error",
        "digits",
        "document",
        "expression",
        "secret",
    ],
    &["world", "account", "ancestry", "terminals", "called", "clock", "random", "process"],
    &["proposal", "parse", "rulebook", "agents"],
    &["place"],
    &["resolve"],
    &["matcher"],
    &["aim"],
    &["decide", "trial"],
    &["human", "run", "trust"],
    &["config", "record"],
    &["backup", "keep", "proof", "verify"],
    &["confirm", "counts", "hand"],
    &["pipeline"],
    &["entry", "scan"],
    &["install", "replay"],
    &["cli"],
    &["dispatch"],
];

/// Imports against the flow, each with the reason why it may stay: who, what, because.
const AGAINST_THE_FLOW: &[(&str, &str, &str)] = &[];

/// Modules that judge, and therefore may not look at the machine.
const PURE: [&str; 3] = ["parse", "matcher", "decide"];

/// What looking at the machine starts with.
const INPUT_AND_OUTPUT: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::os::unix::net",
    "nix::",
    "std::thread",
    "std::time::SystemTime",
];

/// How long a file may get before it is asked why.
const LINES: usize = 600;

/// Files that are longer, and why they are not split.
const LONGER: &[(&str, &str)] = &[];

/// How many packages the program is made of, beside itself. Lower it when one goes; a new one needs
/// a reason in the commit that raises it.
const PACKAGES: usize = 106;

/// A source file: its path below `src`, its text, and its code without comments and unit tests.
struct Source {
    path: PathBuf,
    text: String,
    code: String,
}

impl Source {
    /// The path as modules write it: `src/decide/trust.rs` is `decide::trust`.
    fn module(&self) -> String {
        let names = self.path.with_extension("");
        let names: Vec<_> = names.iter().map(|name| name.to_str().unwrap()).collect();
        names.join("::").trim_end_matches("::mod").to_owned()
    }

    fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder) || self.path.with_extension("") == Path::new(folder)
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(ROOT).join("src");
    let mut found = Vec::new();
    let mut waiting = vec![root.clone()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                waiting.push(path);
            } else if is_source(path.file_name().unwrap().to_str().unwrap()) {
                let text = fs::read_to_string(&path).unwrap();
                let code = code_of(&text);
                found.push(Source { path: path.strip_prefix(&root).unwrap().to_owned(), text, code });
            }
        }
    }
    assert!(found.len() > 20, "the sources were not found");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn is_source(name: &str) -> bool {
    name.ends_with(".rs") && name != "tests.rs" && !name.starts_with("test_")
}

fn code_of(text: &str) -> String {
    let before_tests = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Returns the paths that code names after `head`, with `{…}` groups spelled out one by one.
fn paths_after(code: &str, head: &str) -> Vec<String> {
    code.match_indices(head)
        .filter(|(at, _)| !code[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
        .flat_map(|(at, _)| spell_out(&code[at..at + head.len()], &code[at + head.len()..]))
        .collect()
}

fn spell_out(head: &str, rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        return match rest[end..].strip_prefix('{') {
            Some(_) => spell_out(&format!("{head}{}", &rest[..end]), &rest[end..]),
            None => vec![format!("{head}{}", rest[..end].trim_end_matches(':'))],
        };
    };
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    parts.iter().flat_map(|part| spell_out(head, part.trim())).collect()
}

/// Whether a path is a module or lies within it.
fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.iter().any(|name| is_within(module, name)))
}

/// Fails with every fault that was found, one a line.
#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn paths_are_read_from_use_lines() {
    let check = |code: &str, expect: &[&str]| assert_eq!(paths_after(code, "crate::"), expect, "{code}");
    check("use crate::world::World;", &["crate::world::World"]);
    check(
        "use crate::{text, decide::{Clearance, trust::Trust}};",
        &["crate::text", "crate::decide::Clearance", "crate::decide::trust::Trust"],
    );
    check("fn f(w: &dyn crate::world::World) {}", &["crate::world::World"]);
    check("use shuck_crate::x;", &[]);
    assert_eq!(paths_after("use std::{env, fs::File};", "std::"), ["std::env", "std::fs::File"]);
}

#[test]
fn imports_go_one_way() {
    let mut faults = Vec::new();
    let mut excused = BTreeSet::new();
    for source in sources().iter().filter(|source| !["lib", "main"].contains(&source.module().as_str())) {
        let module = source.module();
        let Some(layer) = layer_of(&module) else {
            faults.push(format!("src/{} is in no layer of this test", source.path.display()));
            continue;
        };
        for path in paths_after(&source.code, "crate::") {
            let imported = path.trim_start_matches("crate::");
            if layer_of(imported).is_none_or(|imported| imported <= layer) {
                continue;
            }
            let excuse = |&(who, what, _): &(&str, &str, &str)| module == who && is_within(imported, what);
            match AGAINST_THE_FLOW.iter().position(excuse) {
                Some(at) => _ = excused.insert(at),
                None => faults.push(format!("{module} uses {imported}, which comes after it")),
            }
        }
    }
    let unused = AGAINST_THE_FLOW.iter().enumerate().filter(|(at, _)| !excused.contains(at));
    faults
        .extend(unused.map(|(_, (who, what, _))| format!("{who} no longer uses {what}: drop the exception")));
    none(faults);
}

#[test]
fn what_judges_does_not_look_at_the_machine() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| PURE.iter().any(|folder| source.is_in(folder))) {
        for path in paths_after(&source.code, "std::").into_iter().chain(paths_after(&source.code, "nix::")) {
            if INPUT_AND_OUTPUT.iter().any(|start| format!("{path}::").starts_with(start)) {
                faults.push(format!("{} uses {path}", source.module()));
            }
        }
    }
    none(faults);
}

#[test]
fn variables_of_guard_are_named_in_one_file() {
    let spelled = |source: &&Source| source.code.contains("\"GUARD_") && source.module() != "env_vars";
    none(sources().iter().filter(spelled).map(Source::module).collect());
}

#[test]
fn unsafe_code_is_allowed_in_one_module() {
    let sources = sources();
    let allowed: BTreeSet<_> =
        sources.iter().filter(|s| s.code.contains("allow(unsafe_code")).map(Source::module).collect();
    // `main` gives C's entry point its name, and hands on what it gets.
    assert_eq!(allowed, BTreeSet::from(["main".to_owned(), "process".to_owned()]));
    let main = sources.iter().find(|source| source.module() == "main").unwrap();
    assert_eq!(main.code.matches("unsafe").count(), 3, "{}", main.code);
}

#[test]
fn modules_say_what_they_do_and_stay_short() {
    let mut faults = Vec::new();
    for Source { path, text, .. } in &sources() {
        if !text.starts_with("//! ") {
            faults.push(format!("src/{} does not open with what it does", path.display()));
        }
        let lines = text.lines().count();
        let excused = LONGER.iter().any(|(longer, _)| path == Path::new(longer));
        if (lines > LINES) != excused {
            faults.push(format!("src/{} has {lines} lines, and LONGER says otherwise", path.display()));
        }
    }
    none(faults);
}

#[test]
fn names_say_what_a_thing_is() {
    let vague = ["Manager", "Handler", "Engine", "Util", "Utils", "Helper", "Context"];
    let mut faults = Vec::new();
    for source in &sources() {
        for keyword in ["struct ", "enum ", "trait ", "type "] {
            let names = source.code.split(keyword).skip(1);
            let names = names.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            for name in names.filter(|name| vague.iter().any(|word| name.ends_with(word))) {
                faults.push(format!("{}: {name}", source.module()));
            }
        }
    }
    none(faults);
}

#[test]
fn the_program_is_made_of_few_packages() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let packages: BTreeSet<_> = tree.lines().map(|line| line.split(" (").next().unwrap()).collect();
    let beside_itself = packages.len() - 1;
    assert!(beside_itself <= PACKAGES, "{beside_itself} packages; the ceiling is {PACKAGES}");
}
