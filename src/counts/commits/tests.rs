#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_process::Scratch;
use std::process::Command;
use std::time::Duration;

/// Runs git in a directory as a person would.
pub(in crate::counts) fn git(directory: &Path, words: &str) {
    let options = ["-c", "user.name=me", "-c", "user.email=me@example.com", "-c", "commit.gpgsign=false"];
    let words = shell_words::split(words).unwrap();
    let mut command = Command::new("git");
    command.args(options).args(words).current_dir(directory).env("HOME", directory);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A clone whose remote has a commit more, with a branch that has it too.
fn clone(scratch: &Scratch) -> PathBuf {
    let directory = scratch.path("clone");
    std::fs::create_dir(&directory).unwrap();
    git(&directory, "init -q -b main .");
    for subject in ["Add one", "Add two", "Add three"] {
        git(&directory, &format!("commit -q --allow-empty -m '{subject}'"));
    }
    git(&directory, "update-ref refs/remotes/origin/main main");
    git(&directory, "branch topic");
    git(&directory, "reset -q --hard HEAD~1");
    directory
}

#[track_caller]
fn check(directory: &Path, rule: &str, operands: &str, expect: Option<&str>) {
    let repository = Repository { directory: directory.to_owned(), home: None };
    let operands: Vec<&str> = operands.split_whitespace().collect();
    let until = Instant::now() + Duration::from_secs(60);
    let told: Vec<String> =
        ranges(rule, &operands).iter().filter_map(|range| repository.summary(range, until)).collect();
    assert_eq!(told.first().map(String::as_str), expect, "{rule} {operands:?}");
}

#[test]
fn what_a_forced_push_overwrites_is_counted_and_named() {
    let scratch = Scratch::new();
    let directory = clone(&scratch);
    let lost = "1 commit (“Add three”) on origin/main, as last fetched, that main does not have";
    check(&directory, "push-force", "origin main", Some(lost));
    check(&directory, "push-force", "origin +main:main", Some(lost));
    check(&directory, "push-force", "origin main:refs/heads/main", Some(lost));
    check(&directory, "push-force", "origin topic:main", None);
    check(&directory, "push-force", "origin :main", None);
    // Nothing is tracked yet, and then origin/main is.
    check(&directory, "push-force", "", None);
    git(&directory, "remote add origin /nowhere");
    git(&directory, "config push.default upstream");
    git(&directory, "branch --set-upstream-to=origin/main main");
    let lost = "1 commit (“Add three”) on the remote branch, as last fetched, that this branch does not have";
    check(&directory, "push-force", "", Some(lost));
    check(&directory, "push-force", "origin", Some(lost));
}

#[test]
fn what_a_reset_and_a_deleted_branch_leave_behind_is_counted() {
    let scratch = Scratch::new();
    let directory = clone(&scratch);
    check(&directory, "reset-hard", "HEAD~1", Some("1 commit (“Add two”) after HEAD~1"));
    check(&directory, "reset-hard", "HEAD", None);
    check(&directory, "reset-hard", "", None);
    check(&directory, "branch-delete", "topic", None);
    check(
        &directory,
        "push-delete",
        "origin main",
        Some(
            "3 commits (“Add three”, “Add two”, “Add one”) on origin/main, as last fetched, and on no other remote branch",
        ),
    );
    git(&directory, "update-ref -d refs/remotes/origin/main");
    let lost = "1 commit (“Add three”) on topic and on no other branch or tag";
    check(&directory, "branch-delete", "topic", Some(lost));
    check(&directory, "branch-delete", "main", None);
    git(&directory, "tag kept topic");
    check(&directory, "branch-delete", "topic", None);
}

#[test]
fn no_word_of_a_command_is_an_option_of_gits() {
    let scratch = Scratch::new();
    let directory = clone(&scratch);
    let output = scratch.path("output").display().to_string();
    for word in ["--all", "-1", &format!("--output={output}"), "--not", "^HEAD", "main:../../x"] {
        check(&directory, "reset-hard", word, None);
        check(&directory, "push-force", &format!("origin {word}"), None);
        check(&directory, "push-force", &format!("{word} main"), None);
        check(&directory, "branch-delete", word, None);
        check(&directory, "push-delete", &format!("origin {word}"), None);
    }
    assert!(!scratch.path("output").exists());
    check(&scratch.path(""), "reset-hard", "HEAD~1", None);
}

#[test]
fn counting_starts_nothing_that_a_repository_names_and_ends_in_time() {
    let scratch = Scratch::new();
    let directory = clone(&scratch);
    let trace = scratch.path("trace");
    let touch = format!("touch {}", trace.display());
    for name in
        ["core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program", "uploadpack.packObjectsHook"]
    {
        git(&directory, &format!("config {name} '{touch}; cat'"));
    }
    git(&directory, "config log.showSignature true");
    git(&directory, "status");
    assert!(std::fs::remove_file(&trace).is_ok(), "git itself started nothing");
    check(&directory, "reset-hard", "HEAD~1", Some("1 commit (“Add two”) after HEAD~1"));
    assert!(!trace.exists());
    let repository = Repository { directory, home: None };
    let ranges = ranges("reset-hard", &["HEAD~1"]);
    assert_eq!(repository.summary(&ranges[0], Instant::now()), None);
}

#[test]
fn a_thousand_commits_are_counted_and_no_more() {
    let scratch = Scratch::new();
    let directory = clone(&scratch);
    let mut stream = String::new();
    for at in 0..=MOST {
        let from = if at == 0 { "from refs/heads/main\n" } else { "" };
        stream +=
            &format!("commit refs/heads/long\ncommitter me <me@x> {at} +0000\ndata 1\n{}\n{from}", at % 10);
    }
    std::fs::write(scratch.path("stream"), stream).unwrap();
    let mut import = Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(&directory);
    let stream = std::fs::File::open(scratch.path("stream")).unwrap();
    assert!(import.stdin(stream).status().unwrap().success());
    let lost = "more than 1000 commits (“0”, “9”, “8”, …) on long and on no other branch or tag";
    check(&directory, "branch-delete", "long", Some(lost));
}
