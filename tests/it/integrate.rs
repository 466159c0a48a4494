//! The snippets of docs/integrate.md, taken out of the page and run with the packages that they are for.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::harness::Guard;
use crate::needs::{needs, sdks};
use crate::scratch::Scratch;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the snippet of a name.
fn snippet(name: &str) -> String {
    let page = fs::read_to_string(format!("{ROOT}/docs/integrate.md")).unwrap();
    let marked =
        page.split_once(&format!("<!-- tested: {name} -->\n```")).unwrap_or_else(|| panic!("no {name}")).1;
    marked.split_once('\n').unwrap().1.split_once("```").unwrap().0.to_owned()
}

/// A home with guard on the `PATH` and as a shell, and with something to lose.
fn home() -> Guard {
    let guard = Guard::at(Scratch::below(env!("CARGO_TARGET_TMPDIR").as_ref()));
    guard.file("precious/x", "x");
    guard.shell("bash");
    fs::create_dir_all(guard.path("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_guard"), guard.path("bin/guard")).unwrap();
    guard
}

fn path(guard: &Guard) -> std::ffi::OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(guard.path("bin")).chain(std::env::split_paths(&rest))).unwrap()
}

/// Runs a snippet with the file in tests/snippets that calls it, and sees that what is harmless ran, and
/// that nothing was lost.
fn check(name: &str, program: PathBuf, module: &str) {
    let guard = home();
    guard.file(&format!("project/{module}"), &snippet(name));
    let caller = fs::read_to_string(format!("{ROOT}/tests/snippets/{name}")).unwrap();
    let caller = guard.file(&format!("project/call-{name}"), &caller);
    let mut command: Command = guard.program(program);
    let output = command.arg(caller).env("PATH", path(&guard)).output().unwrap();
    let told = said(&output);
    assert!(output.status.success(), "{name}: {told}");
    assert!(told.contains("fine[exit status 0]") || told.contains("fine\n[exit status 0]"), "{name}: {told}");
    assert!(told.contains("guard: refused: ") && told.contains("[exit status 75]"), "{name}: {told}");
    assert!(guard.path("precious/x").exists(), "{name}");
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn python_and_node_start_guard() {
    if needs("python3") {
        check("subprocess.py", "python3".into(), "snippet.py");
    }
}

#[test]
fn packages_for_agents_start_guard() {
    let Some(python) = sdks() else { return };
    // Debian's node comes with npm, which the same step installs.
    if needs("node") {
        check("child_process.mjs", "node".into(), "snippet.mjs");
    }
    for name in [
        "openai_agents.py",
        "claude_agent_sdk_tool.py",
        "langchain_shell.py",
        "langchain_tool.py",
        "mcp_client.py",
    ] {
        check(name, python.clone(), "snippet.py");
    }
}

#[test]
fn files_of_others_are_what_they_should_be() {
    let guard = home();
    for name in ["mcp.json", "devcontainer.json"] {
        let _: serde_json::Value = serde_json::from_str(&snippet(name)).unwrap();
    }
    let server =
        &serde_json::from_str::<serde_json::Value>(&snippet("mcp.json")).unwrap()["mcpServers"]["terminal"];
    let mut command: Command = guard.program(guard.path("bin").join(server["command"].as_str().unwrap()));
    assert!(
        command
            .args(server["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()))
            .status()
            .unwrap()
            .success()
    );
    for name in ["Dockerfile", "workflow.yml", "devcontainer.json"] {
        let folder = match name {
            "workflow.yml" => "project/.github/workflows",
            _ => "project",
        };
        guard.file(&format!("{folder}/{name}"), &snippet(name));
    }
    assert_eq!(guard.run(&["scan", "."]).status.code(), Some(0));
    let workflow: serde_json::Value = serde_yaml::from_str(&snippet("workflow.yml")).unwrap();
    let steps = workflow["jobs"]["agent"]["steps"].as_array().unwrap();
    for step in steps.iter().filter_map(|step| step["run"].as_str()) {
        let mut bash: Command = guard.program("bash");
        bash.args(["-e", "-c", step]).env("PATH", path(&guard)).env("GITHUB_PATH", guard.path("added"));
        let output = bash.output().unwrap();
        assert!(output.status.success(), "{step}: {}", said(&output));
    }
    let added = fs::read_to_string(guard.path("added")).unwrap();
    let mut bash: Command = guard.program("bash");
    let before = format!("{}:{}", added.trim(), path(&guard).to_string_lossy());
    let output = bash.args(["-c", "rm -rf ~/precious"]).env("PATH", before).output().unwrap();
    assert!(!output.status.success() && guard.path("precious/x").exists(), "{}", said(&output));
}
