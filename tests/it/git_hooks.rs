//! Git's own hooks, with a real git and a bare remote.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::harness::{Guard, can_play_a_person};
use crate::needs::{needs, npm_tool, sdks};

/// A clone with one commit pushed, a second on another branch, and a rewritten main.
fn clone() -> Option<Guard> {
    if !needs("git") || !can_play_a_person() {
        return None;
    }
    let guard = Guard::new();
    fs::remove_dir_all(guard.path("project/.git")).unwrap();
    let setup = "git init -q --bare ../remote.git && git init -q -b main . && git config user.name t && \
                 git config user.email t@example.com && git commit -q --allow-empty -m one && \
                 git remote add origin ../remote.git && git push -q origin main main:old main:refs/tags/v1 && git config push.default current";
    succeeds(&guard.sh(setup));
    Some(guard)
}

fn install(guard: &Guard, door: &str) {
    let mut person = guard.at_terminal(&["install", door]);
    person.types("install");
    assert_eq!(person.leaves(), 0);
}

fn remove(guard: &Guard, door: &str) {
    let mut person = guard.at_terminal(&["remove", door]);
    person.types("take guard away");
    assert_eq!(person.leaves(), 0);
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{output:?}");
}

#[track_caller]
fn is_refused(output: &Output, rule: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains(&format!("guard: refused: {rule}")), "{told}");
}

fn refs(guard: &Guard) -> String {
    let output = guard.sh("git -C ../remote.git for-each-ref --format='%(refname) %(objectname)'");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_a_push_really_does_is_judged_however_it_was_started() {
    let Some(guard) = clone() else { return };
    install(&guard, "git");
    succeeds(&guard.sh("git commit -q --allow-empty -m two && git push -q origin main"));
    succeeds(&guard.sh("git push -q origin main:new main:refs/tags/v2"));
    let before = refs(&guard);
    guard.sh("git commit -q --amend --allow-empty -m three");
    for text in [
        "git push -q -f",
        "git push -q --force origin main",
        "git config remote.origin.push '+refs/heads/main:refs/heads/main' && git push -q origin",
        "git config alias.up 'push -f' && git up origin main",
        "git tag -f v1 && git push -q -f origin v1",
        "python3 -c \"import subprocess; subprocess.check_call(['git', 'push', '-f', 'origin', 'main'])\"",
    ] {
        is_refused(&guard.sh(text), "git/push-force");
    }
    for text in ["git push -q origin :old", "git push -q --delete origin old"] {
        is_refused(&guard.sh(text), "git/push-delete");
    }
    is_refused(&guard.sh("git push -q --mirror origin"), "git/push-");
    assert_eq!(refs(&guard), before);
    // With a lease git itself sees to it that nothing unseen goes.
    succeeds(&guard.sh("git config --unset remote.origin.push; git push -q --force-with-lease origin main"));
    assert_ne!(refs(&guard), before);
}

#[test]
fn a_person_at_the_terminal_is_asked_and_only_once() {
    let Some(guard) = clone() else { return };
    install(&guard, "git");
    let before = refs(&guard);
    let mut person = guard.person(&["git", "push", "-q", "origin", ":old"]);
    let screen = person.sees("To run it, type");
    assert!(screen.contains("git push --delete origin old"), "{screen}");
    person.types("no");
    assert_ne!(person.leaves(), 0);
    assert_eq!(refs(&guard), before);
    let mut person = guard.person(&["git", "push", "-q", "origin", ":old"]);
    person.types("delete old on origin");
    assert_eq!(person.leaves(), 0);
    assert!(!refs(&guard).contains("refs/heads/old"));

    // Let through by `guard exec`, the hook below it asks nothing.
    guard.sh("git commit -q --amend --allow-empty -m other");
    let mut person = guard.at_terminal(&["exec", "--", "git", "push", "-q", "-f", "origin", "main"]);
    person.types("overwrite main on origin");
    assert_eq!(person.leaves(), 0);
    assert_ne!(refs(&guard), before);
}

#[test]
fn a_hook_that_was_there_is_kept_called_and_put_back() {
    let Some(guard) = clone() else { return };
    let own = "#!/bin/sh\necho \"$1\" > ../said\ncat >> ../said\nexit 0\n";
    let file = guard.file("project/.git/hooks/pre-push", own);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    install(&guard, "git");
    install_says_nothing_is_left(&guard);
    succeeds(&guard.sh("git push -q origin main:another"));
    let said = fs::read_to_string(guard.path("said")).unwrap();
    assert!(said.starts_with("origin\nrefs/heads/main ") && said.contains(" refs/heads/another "), "{said}");
    // It is run by guard, so what it would destroy is asked about.
    fs::write(guard.path("project/.git/hooks/pre-push.kept-by-guard"), "#!/bin/sh\nrm -rf /srv/data\n")
        .unwrap();
    is_refused(&guard.sh("git push -q origin main:third"), "files/");
    fs::write(guard.path("project/.git/hooks/pre-push.kept-by-guard"), own).unwrap();
    remove(&guard, "git");
    assert_eq!(fs::read_to_string(&file).unwrap(), own);
    assert!(!guard.path("project/.git/hooks/pre-push.kept-by-guard").exists());
}

fn install_says_nothing_is_left(guard: &Guard) {
    let output = guard.run(&["install", "git"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("everything is set up already"), "{output:?}");
}

/// Sets guard's hook up where a tool made its own, and checks that both see what is pushed.
fn stands_beside(guard: &Guard, tool: &str) {
    install(guard, "git");
    // With something in it: lefthook passes over a push that changes no file.
    succeeds(&guard.sh("echo x > x && git add x && git commit -qm x && git push -q origin main:feature"));
    assert_eq!(fs::read_to_string(guard.path("said")).unwrap(), format!("{tool}\n"));
    let before = refs(guard);
    is_refused(&guard.sh("git push -q origin :old"), "git/push-delete");
    assert_eq!(refs(guard), before);
}

#[test]
fn the_hooks_of_husky_are_found_by_their_path() {
    let Some(guard) = clone() else { return };
    // As husky lays it out: a directory of stubs that `core.hooksPath` names, which go by their own name.
    let stub = guard.file("project/.husky/_/pre-push", "#!/bin/sh\nexec sh \".husky/${0##*/}\" \"$@\"\n");
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    guard.file("project/.husky/pre-push", "echo husky > ../said\n");
    guard.sh("git config core.hooksPath .husky/_");
    stands_beside(&guard, "husky");
    assert!(!guard.path("project/.git/hooks/pre-push").exists());
}

#[test]
fn a_real_husky_and_guard_stand_side_by_side() {
    let (Some(guard), Some(husky)) = (clone(), npm_tool("husky")) else { return };
    guard.file("project/package.json", "{}");
    succeeds(&guard.sh(&husky.display().to_string()));
    guard.file("project/.husky/pre-push", "echo husky > ../said\n");
    let stub = guard.path("project/.husky/_/pre-push");
    let before = fs::read(&stub).unwrap();
    stands_beside(&guard, "husky");
    // What husky is to run is judged too.
    guard.file("project/.husky/pre-push", "rm -rf /srv/data\n");
    is_refused(&guard.sh("git push -q origin main:other"), "files/");
    // It writes its stubs anew whenever packages are installed.
    succeeds(&guard.sh(&husky.display().to_string()));
    let status = guard.run(&["status"]);
    assert!(String::from_utf8_lossy(&status.stdout).contains("is not guard's any more: guard install git"));
    remove(&guard, "git");
    assert_eq!(fs::read(&stub).unwrap(), before);
}

#[test]
fn a_real_lefthook_and_guard_stand_side_by_side() {
    let (Some(guard), Some(lefthook)) = (clone(), npm_tool("lefthook")) else { return };
    let own = "pre-push:\n  commands:\n    own:\n      run: echo lefthook > ../said\n";
    guard.file("project/lefthook.yml", own);
    let found = guard.path("bin");
    fs::create_dir_all(&found).unwrap();
    std::os::unix::fs::symlink(lefthook, found.join("lefthook")).unwrap();
    let guard = guard.shims(&[]);
    succeeds(&guard.sh("lefthook install"));
    let hook = guard.path("project/.git/hooks/pre-push");
    let before = fs::read(&hook).unwrap();
    stands_beside(&guard, "lefthook");
    remove(&guard, "git");
    assert_eq!(fs::read(&hook).unwrap(), before);
}

#[test]
fn without_guard_nothing_is_pushed() {
    let Some(guard) = clone() else { return };
    install(&guard, "git");
    let file = guard.path("project/.git/hooks/pre-push");
    let hook = fs::read_to_string(&file).unwrap();
    fs::write(&file, hook.replace(env!("CARGO_BIN_EXE_guard"), "/nowhere/guard")).unwrap();
    assert!(!guard.sh("git push -q origin main:another").status.success());
    assert!(!refs(&guard).contains("another"));
}

#[test]
fn the_framework_pre_commit_says_the_same_in_variables() {
    let Some(guard) = clone() else { return };
    guard.sh("git commit -q --amend --allow-empty -m two");
    let call = |from: &str, to: &str| {
        guard.sh(&format!(
            "PRE_COMMIT_REMOTE_BRANCH=refs/heads/main PRE_COMMIT_FROM_REF=$(git rev-parse {from}) \
             PRE_COMMIT_TO_REF=$(git rev-parse {to}) {} hook git pre-push origin < /dev/null",
            env!("CARGO_BIN_EXE_guard"),
        ))
    };
    is_refused(&call("origin/main", "main"), "git/push-force");
    succeeds(&call("main", "main"));
}

#[test]
fn branches_and_stashes_that_nothing_else_holds_are_asked_about() {
    let Some(guard) = clone() else { return };
    install(&guard, "git-references");
    let check = |text: &str, rule: Option<&str>| {
        let output = guard.sh(text);
        match rule {
            Some(rule) => is_refused(&output, rule),
            None => succeeds(&output),
        }
    };
    check("git branch merged && git branch -D merged", None);
    check("git checkout -q -b work && git commit -q --allow-empty -m work && git checkout -q main", None);
    check("git branch -D work", Some("git/"));
    check("git branch -m work renamed", None);
    check("git update-ref -d refs/heads/renamed", Some("git/"));
    check("git commit -q --amend --allow-empty -m again", None);
    check("git push -q origin renamed && git branch -D renamed", None);
    check("echo a > f && git add f && git stash -q && git stash pop -q", None);
    check("git stash -q && git stash clear", Some("git/"));
    check(
        "git reset -q --hard && git commit -q --allow-empty -m mine && git reset -q --hard HEAD~",
        Some("git/"),
    );
}

#[test]
fn a_commit_is_scanned_as_it_is_staged_beside_the_hook_that_was_there() {
    let Some(guard) = clone() else { return };
    fs::create_dir_all(guard.path("project/.git/hooks")).unwrap();
    let kept = guard.file("project/.git/hooks/pre-commit", "#!/bin/sh\necho kept >> kept.txt\n");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o755)).unwrap();
    install(&guard, "git-commits");
    succeeds(&guard.sh("echo true > a.sh && git add a.sh && git commit -qm harmless"));
    assert_eq!(fs::read_to_string(guard.path("project/kept.txt")).unwrap(), "kept\n");
    let output = guard
        .sh("echo 'git push --force origin main' > a.sh && git add a.sh && true > a.sh && git commit -qm no");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && told.contains("a.sh:1:1") && told.contains("git/push-force"),
        "{told}"
    );
    succeeds(
        &guard.sh("git add a.sh && git commit -qm yes && git commit -q --allow-empty --amend -m 'yes, too'"),
    );
}

#[test]
fn the_framework_scans_what_is_committed() {
    let Some(guard) = clone() else { return };
    let Some(python) = sdks() else { return };
    let hooks = guard.path("hooks");
    fs::create_dir_all(&hooks).unwrap();
    fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml"),
        hooks.join(".pre-commit-hooks.yaml"),
    )
    .unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_guard"), hooks.join("guard")).unwrap();
    let setup = "cd ../hooks && git init -q -b main . && git add .pre-commit-hooks.yaml && \
                 git -c user.name=t -c user.email=t@t commit -qm one && git rev-parse HEAD";
    let revision = String::from_utf8(guard.sh(setup).stdout).unwrap();
    let config = format!(
        "repos: [{{repo: {}, rev: {}, hooks: [{{id: guard-scan}}]}}]\n",
        hooks.display(),
        revision.trim()
    );
    guard.file("project/.pre-commit-config.yaml", &config);
    let run = |text: &str| {
        let path = format!("PATH={}:{}:$PATH", hooks.display(), python.parent().unwrap().display());
        guard.sh(&format!("export PRE_COMMIT_HOME=$HOME/pre-commit {path}; {text}"))
    };
    succeeds(&run(
        "pre-commit install && echo x > notes.md && echo true > a.sh && git add . && git commit -qm one",
    ));
    let output = run("echo 'rm -rf /srv/data' > a.sh && git add a.sh && git commit -qm two");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("a.sh:1:1"), "{told}");
}

#[test]
fn what_takes_the_hook_out_of_the_way_is_asked_about_where_it_stands() {
    let Some(guard) = clone() else { return };
    let ways = [
        "git config core.hooksPath .husky/_",
        "git config --global core.hooksPath /dev/null",
        "git config include.path ../.gitconfig",
        "git push --no-verify",
        "git -c core.hooksPath=/dev/null push",
        "rm .git/hooks/pre-push",
        "mv .git/hooks .git/hooks.off",
        "chmod -x .git/hooks/pre-push",
        "cp /bin/true .git/hooks/pre-push",
        "ln -sf /bin/true .git/hooks/pre-push",
        "cd ../linked && git push --no-verify",
    ];
    let is_asked = |text: &str| {
        let output = guard.run(&["check", "-c", text]);
        String::from_utf8(output.stdout).unwrap().starts_with("would ask")
    };
    succeeds(
        &guard.sh("git worktree add -q ../linked -b linked && printf '#!/bin/sh\\n' > .git/hooks/pre-push"),
    );
    // Until then a hook is anybody's, and what packages and people do with theirs is no business of guard's.
    ways.iter().for_each(|text| assert!(!is_asked(text), "{text}: nothing of guard's stands there"));
    install(&guard, "git");
    ways.iter().for_each(|text| assert!(is_asked(text), "{text}"));
    // Git looks elsewhere, where nothing of guard's stands.
    succeeds(&guard.sh("git config core.hooksPath .husky/_"));
    for text in ["git config core.hooksPath .other", "git push --no-verify"] {
        assert!(!is_asked(text), "{text}");
    }
    install(&guard, "git");
    assert!(is_asked("git config --unset core.hooksPath"));
    assert!(is_asked("rm -f .husky/_/pre-push"));
}
