//! Files that git could not give back are kept although nobody is asked: with real git, rm, cp and mv, and the usual policy.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Stdio;

use crate::harness::{Guard, SHIMS};
use crate::scratch::Scratch;
use crate::undo::{done, run};

/// A guard whose project is a repository below no temporary directory, since what lies there may go.
fn guard() -> Guard {
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    fs::remove_dir(guard.project().join(".git")).unwrap();
    guard.sh("git init -q -b main . && git config user.name dev && git config user.email dev@example.com");
    guard
}

fn content(guard: &Guard, name: &str) -> String {
    fs::read_to_string(guard.project().join(name)).unwrap()
}

/// What is kept, as `guard undo --list` shows it.
fn list(guard: &Guard) -> String {
    done(guard.run(&["undo", "--list"]), "list")
}

/// Runs a command that takes `name` away or replaces it: nothing is said, and an undo brings it back.
#[track_caller]
fn check_kept(text: &str, name: &str) {
    let guard = guard();
    guard.file("project/notes.md", "weeks of work\n");
    guard.file("project/other.md", "another\n");
    fs::create_dir(guard.project().join("directory")).unwrap();
    guard.file("project/directory/notes.md", "below\n");
    let before = content(&guard, name);
    let time = fs::metadata(guard.project().join(name)).unwrap().mtime();
    assert_eq!(run(&guard, text), "", "{text}");
    assert_ne!(fs::read_to_string(guard.project().join(name)).ok().as_ref(), Some(&before), "{text}");
    assert!(list(&guard).contains("kept unasked"), "{text}");
    done(guard.run(&["undo"]), text);
    assert_eq!(content(&guard, name), before, "{text}");
    assert_eq!(fs::metadata(guard.project().join(name)).unwrap().mtime(), time, "{text}");
}

#[test]
fn what_is_removed_or_replaced_comes_back() {
    for text in [
        "rm notes.md",
        "rm -f -- ./notes.md other.md",
        "unlink notes.md",
        "cd directory && rm ../notes.md",
        "rm n*.md",
        "echo new > notes.md",
        "echo new >| notes.md",
        "mv other.md notes.md",
        "cp other.md notes.md",
        "cat other.md | tee notes.md > /dev/null",
        "truncate -s 3 notes.md",
        "dd if=other.md of=notes.md status=none",
        "python3 -c \"import os; os.remove('notes.md')\"",
    ] {
        check_kept(text, "notes.md");
    }
    check_kept("cp notes.md directory", "directory/notes.md");
    check_kept("mv notes.md directory/", "directory/notes.md");
}

/// Runs a command for which nothing is to be kept.
#[track_caller]
fn check_not_kept(text: &str) {
    let guard = guard();
    guard.file("project/.gitignore", "build/\ntarget/\n");
    for name in
        ["tracked.md", "changed.md", "build/out.js", "target/debug/app", "src/a.ts", "some.log", "module.pyc"]
    {
        guard.file(&format!("project/{name}"), "something\n");
    }
    guard.file("project/empty", "");
    // What changed when the index was written may have changed once more: git itself is not sure then.
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    File::open(guard.project().join("tracked.md")).unwrap().set_modified(past).unwrap();
    guard.sh("git add tracked.md src && git commit -q -m first");
    run(&guard, text);
    assert!(list(&guard).contains("nothing is kept"), "{text}: {}", list(&guard));
}

#[test]
fn what_git_has_and_what_a_build_makes_again_is_not_kept() {
    for text in [
        "true",
        "rm tracked.md",
        "echo new > tracked.md",
        "rm build/out.js target/debug/app",
        "rm some.log module.pyc",
        "rm empty",
        "rm -f nothing-there",
        "echo new > new.md",
        "echo more >> changed.md",
        "t=$(mktemp) && echo x > \"$t\" && rm \"$t\"",
        "f=/tmp/guard-test-$$; echo x > $f; rm $f",
    ] {
        check_not_kept(text);
    }
}

#[test]
fn what_git_has_otherwise_is_kept() {
    let guard = guard();
    let file = guard.file("project/a.md", "committed\n");
    guard.sh("git add . && git commit -q -m first");
    // As long, and with the time of before: git goes by what nobody can set as well.
    let then = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, "rewritten").unwrap();
    File::options().append(true).open(&file).unwrap().set_modified(then).unwrap();
    run(&guard, "rm a.md");
    done(guard.run(&["undo"]), "undo");
    assert_eq!(content(&guard, "a.md"), "rewritten");
}

#[test]
fn a_command_that_meets_two_doors_keeps_once() {
    let guard = guard().shims(&["rm"]);
    guard.file("project/notes.md", "weeks of work\n");
    let shim = guard.path(SHIMS).join("rm");
    run(&guard, &format!("{} notes.md", shim.display()));
    assert!(!guard.project().join("notes.md").exists());
    let list = list(&guard);
    assert_eq!(list.matches("kept unasked").count(), 1, "{list}");
    // By the shim alone as well.
    guard.file("project/more.md", "weeks of work\n");
    done(guard.program(shim).arg("more.md").output().unwrap(), "shim");
    done(guard.run(&["undo"]), "undo");
    assert_eq!(content(&guard, "more.md"), "weeks of work\n");
}

#[test]
fn a_hook_and_a_shell_keep_too() {
    let guard = guard();
    let shell = guard.shell("bash");
    guard.file("project/notes.md", "weeks of work\n");
    done(guard.program(shell).args(["-c", "rm notes.md; true"]).output().unwrap(), "shell");
    done(guard.run(&["undo"]), "undo");
    assert_eq!(content(&guard, "notes.md"), "weeks of work\n");

    let input = serde_json::json!({
        "session_id": "1", "transcript_path": "/x", "cwd": guard.project(), "hook_event_name": "PreToolUse",
        "tool_name": "Bash", "tool_input": { "command": "rm notes.md" },
    });
    let mut hook = guard.command(&["hook", "claude-code"]);
    let mut hook = hook.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    hook.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    assert!(hook.wait().unwrap().success());
    fs::remove_file(guard.project().join("notes.md")).unwrap();
    done(guard.run(&["undo"]), "undo");
    assert_eq!(content(&guard, "notes.md"), "weeks of work\n");
}

#[test]
fn a_second_name_is_no_copy_for_what_is_overwritten() {
    let guard = guard();
    guard.file("project/notes.md", "weeks of work\n");
    // The removal fails, so that what is kept stays another name of the file.
    guard.run(&["exec", "-c", "rm notes.md nothing-there/x -i < /dev/null"]);
    guard.file("project/link-target", "behind a link\n");
    symlink("link-target", guard.project().join("link")).unwrap();
    run(&guard, "echo new > notes.md");
    done(guard.run(&["undo"]), "undo");
    assert_eq!(content(&guard, "notes.md"), "weeks of work\n");
    run(&guard, "echo new > link");
    done(guard.run(&["undo"]), "undo");
    assert_eq!(content(&guard, "link-target"), "behind a link\n");
}

#[test]
fn what_is_too_large_goes_unless_policy_wants_everything_kept() {
    let Some(guard) = guard().of_account() else { return };
    guard.file(".config/guard/policy.yaml", "before: {untracked: {size: 64 kB}}\n");
    fs::write(guard.project().join("film"), vec![7; 1 << 20]).unwrap();
    guard.file("project/notes.md", "weeks of work\n");
    assert_eq!(run(&guard, "rm film notes.md"), "");
    let list_now = list(&guard);
    assert!(list_now.contains("notes.md") && !list_now.contains("/film\n"), "{list_now}");
    let log = done(guard.run(&["log", "--json"]), "log");
    assert!(log.contains("not kept") && log.contains("it is too large"), "{log}");

    guard.file(".config/guard/policy.yaml", "before: {untracked: {size: 64 kB}, unkept: refuse}\n");
    fs::write(guard.project().join("film"), vec![7; 1 << 20]).unwrap();
    let output = guard.run(&["exec", "-c", "rm film"]);
    assert!(!output.status.success() && guard.project().join("film").exists(), "{output:?}");

    guard.file(".config/guard/policy.yaml", "before: {untracked: off}\n");
    guard.file("project/gone.md", "gone\n");
    run(&guard, "rm gone.md");
    assert!(!list(&guard).contains("gone.md"));
}

#[test]
fn holes_and_pipes_are_not_read() {
    let guard = guard();
    File::create(guard.project().join("sparse")).unwrap().set_len(1 << 40).unwrap();
    let pipe = guard.project().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    run(&guard, "rm pipe; : > sparse");
    done(guard.run(&["undo"]), "undo");
    let found = fs::metadata(guard.project().join("sparse")).unwrap();
    assert_eq!((found.len(), found.blocks()), (1 << 40, 0));
}

#[test]
fn what_nobody_was_asked_about_takes_no_room_of_what_was_promised() {
    let Some(guard) = guard().of_account() else { return };
    guard.file(
        ".config/guard/policy.yaml",
        "at: {severe: run}\nbefore: {trash: {size: 64 kB}, untracked: {size: 64 kB}}\n",
    );
    guard.file("project/work/precious", "promised\n");
    run(&guard, "rm -r work");
    for at in 0..8 {
        fs::write(guard.project().join("filler"), vec![at; 12 << 10]).unwrap();
        run(&guard, "rm filler");
    }
    let list = list(&guard);
    assert!(list.contains("work") && list.matches("filler\n").count() < 2 * 6, "{list}");
    done(guard.run(&["undo", "1"]), "undo");
    assert_eq!(content(&guard, "work/precious"), "promised\n");
}

#[test]
fn where_nothing_can_be_kept_the_command_runs() {
    let guard = guard();
    guard.file("project/notes.md", "weeks of work\n");
    // Where the trash would be there is a file.
    guard.file(".local/state/guard/kept", "");
    run(&guard, "rm notes.md");
    assert!(!guard.project().join("notes.md").exists());
}
