//! The examples of docs/controls.md, run as they stand.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::harness::Guard;
use crate::scratch::Scratch;

/// A block of the document: its kind (`yaml`, `console`) and its lines.
fn blocks(section: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in section.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(kind), None) => open = Some((kind, Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    blocks
}

/// Runs a command and returns all that it prints.
fn run(guard: &Guard, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_guard")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let output =
        guard.program("sh").args(["-c", command]).env("PATH", path).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_examples_of_the_controls_do_what_they_say() {
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/controls.md")).unwrap();
    let mut commands = 0;
    for section in document.split("\n## ").skip(1) {
        let title = section.lines().next().unwrap();
        assert!(section.contains("**Held by**") && section.contains("**No gate gives**"), "{title}");
        let place = Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR")));
        let Some(guard) = Guard::at(place).of_account() else { return };
        for (kind, lines) in blocks(section) {
            if kind == "yaml" {
                let name = lines[0].trim_start_matches("# ");
                let name = name.strip_prefix("~/").map_or_else(|| format!("project/{name}"), str::to_owned);
                guard.file(&name, &lines[1..].join("\n"));
                continue;
            }
            assert_eq!(kind, "console", "{title}");
            let mut said = String::new();
            for line in lines {
                match line.strip_prefix("$ ") {
                    Some(command) => {
                        said = run(&guard, command);
                        commands += 1;
                    }
                    None => assert!(said.contains(line), "{title}: {line:?} is not in:\n{said}"),
                }
            }
        }
    }
    assert!(commands > 15, "{commands}");
}

#[test]
fn the_tests_that_hold_the_controls_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/controls.md")).unwrap();
    let named = document.split('`').filter(|word| word.ends_with(".rs"));
    let missing: Vec<_> = named.filter(|path| !root.join(path).is_file()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
