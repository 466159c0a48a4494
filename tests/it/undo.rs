//! What a command drops is kept first, and `guard undo` puts it back: with real git, rm and sqlite3.
//!
//! Policy lets everything run here, so that no person needs to be played: what is saved is the same.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, SystemTime};

use crate::agents::hook;
use crate::harness::{Guard, can_play_a_person};
use crate::needs::needs;
use crate::scratch::Scratch;

const NOBODY: i32 = 75;
const EVERYTHING_RUNS: &str = "at: {moderate: run, severe: run, catastrophic: run}\n";

/// A guard whose project is below no temporary directory, since what lies there may go.
fn guard() -> Option<Guard> {
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR")))).of_account()?;
    guard.file(".config/guard/policy.yaml", EVERYTHING_RUNS);
    fs::remove_dir(guard.project().join(".git")).unwrap();
    guard.sh("git init -q -b main . && git config user.name dev && git config user.email dev@example.com");
    Some(guard)
}

/// Runs a text under guard, where it must succeed.
#[track_caller]
pub fn run(guard: &Guard, text: &str) -> String {
    done(guard.run(&["exec", "-c", text]), text)
}

#[track_caller]
fn undo(guard: &Guard) -> String {
    done(guard.run(&["undo"]), "undo")
}

/// Returns all that a command said, which must have succeeded.
#[track_caller]
pub fn done(output: Output, what: &str) -> String {
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {said}");
    said
}

/// Everything that a file is but its ctime: mode, size, blocks, links, time, attributes, content.
type Facts = BTreeMap<PathBuf, (u32, u64, u64, Option<(i64, i64)>, Vec<u8>, Vec<u8>)>;

fn facts(root: &Path) -> Facts {
    let mut facts = Facts::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        let found = path.symlink_metadata().unwrap();
        let mut value = [0; 64];
        let attribute = rustix::fs::lgetxattr(&path, "user.origin", &mut value).unwrap_or(0);
        let mut content = Vec::new();
        let mut blocks = 0;
        if found.is_dir() {
            // The repository's own files are git's business.
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.file_name() != Some(OsStr::new(".git"))),
            );
        } else if found.is_symlink() {
            content = path.read_link().unwrap().as_os_str().as_bytes().to_owned();
        } else if found.is_file() {
            content = fs::read(&path).unwrap();
            blocks = found.blocks();
        }
        // The directory above what was removed has changed.
        let time = (path != root).then(|| (found.mtime(), found.mtime_nsec()));
        let links = if found.is_dir() { 0 } else { found.nlink() };
        let fact = (found.mode(), blocks, links, time, value[..attribute].to_vec(), content);
        facts.insert(path, fact);
    }
    facts
}

/// A tree with everything in it that a file system has.
fn lay_out(root: &Path) {
    fs::create_dir_all(root.join("deep/closed")).unwrap();
    fs::write(root.join("plain"), "precious\n").unwrap();
    fs::write(root.join("deep/program"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(root.join("deep/program"), fs::Permissions::from_mode(0o4751)).unwrap();
    symlink("../nowhere", root.join("deep/link")).unwrap();
    fs::hard_link(root.join("plain"), root.join("deep/same")).unwrap();
    fs::write(root.join("a\nname\twith -all- in it"), "x").unwrap();
    fs::write(root.join(OsStr::from_bytes(b"caf\xe9")), "latin").unwrap();
    let sparse = File::create(root.join("sparse")).unwrap();
    sparse.set_len(8 << 20).unwrap();
    std::os::unix::fs::FileExt::write_at(&sparse, b"middle", 4 << 20).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("pipe"), rustix::fs::Mode::from_raw_mode(0o640)).unwrap();
    let _ = rustix::fs::lsetxattr(
        root.join("plain"),
        "user.origin",
        b"a camera",
        rustix::fs::XattrFlags::empty(),
    );
    fs::write(root.join("deep/closed/inside"), "y").unwrap();
    let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    for name in ["plain", "sparse", "deep/closed", "deep"] {
        File::open(root.join(name)).unwrap().set_modified(then).unwrap();
    }
    fs::set_permissions(root.join("deep/closed"), fs::Permissions::from_mode(0o500)).unwrap();
}

#[test]
fn a_removed_tree_comes_back_as_it_was() {
    let Some(guard) = guard() else { return };
    lay_out(&guard.project().join("work"));
    let before = facts(&guard.project());
    let said = run(&guard, "rm -rf work");
    assert!(said.contains("kept 9 files"), "{said}");
    assert!(!guard.project().join("work").exists());
    undo(&guard);
    assert_eq!(facts(&guard.project()), before);
    // Nothing is left of it, and nothing more can be undone.
    assert!(!guard.run(&["undo"]).status.success());
    assert!(done(guard.run(&["undo", "--list"]), "list").contains("nothing is kept"));
}

#[test]
fn what_runs_beside_a_removal_makes_copies_instead_of_links() {
    let Some(guard) = guard() else { return };
    lay_out(&guard.project().join("work"));
    let before = facts(&guard.project());
    // Truncated in place first: another name of the same file would keep nothing.
    run(&guard, "truncate -s 0 work/plain; rm -rf work");
    undo(&guard);
    assert_eq!(facts(&guard.project()), before);

    guard.file("project/src/index.ts", "export const precious = 1\n");
    run(&guard, ": > src/index.ts");
    assert_eq!(fs::read(guard.project().join("src/index.ts")).unwrap(), b"");
    undo(&guard);
    assert_eq!(fs::read(guard.project().join("src/index.ts")).unwrap(), b"export const precious = 1\n");
}

#[test]
fn what_find_and_globs_name_is_kept_and_nothing_else() {
    let Some(guard) = guard() else { return };
    for name in ["data/one.csv", "data/deep/two.csv", "data/three.txt", "data/.hidden"] {
        guard.file(&format!("project/{name}"), name);
    }
    let before = facts(&guard.project());
    let said = run(&guard, "find data -type f -delete");
    assert!(said.contains("kept 4 files"), "{said}");
    undo(&guard);
    assert_eq!(facts(&guard.project()).len(), before.len());
    let said = run(&guard, "rm -rf data/*.csv data/deep");
    assert!(said.contains("kept 2 files"), "{said}");
    undo(&guard);
    assert_eq!(fs::read_to_string(guard.project().join("data/deep/two.csv")).unwrap(), "data/deep/two.csv");
}

#[test]
fn an_undo_keeps_what_stands_there_now() {
    let Some(guard) = guard() else { return };
    guard.file("project/work/a", "old");
    guard.file("project/work/b", "old");
    run(&guard, "rm -rf work");
    guard.file("project/work/a", "new");
    guard.file("project/work/c", "new");
    let said = undo(&guard);
    let content = |name: &str| fs::read_to_string(guard.project().join("work").join(name)).unwrap();
    assert_eq!([content("a"), content("b"), content("c")], ["old", "old", "new"]);
    let number = said.split("guard undo ").nth(1).unwrap().trim();
    done(guard.run(&["undo", number]), "undo of the undo");
    assert_eq!(content("a"), "new");
}

#[test]
fn what_a_slash_behind_a_link_reaches_is_kept() {
    let Some(guard) = guard() else { return };
    guard.file("project/real/file", "precious");
    symlink("real", guard.project().join("link")).unwrap();
    let before = facts(&guard.project().join("real"));
    for words in ["link/", "link/*", "lin?/"] {
        // Of a link with a slash `rm` empties the directory, and then fails.
        guard.run(&["exec", "-c", &format!("rm -rf {words}")]);
        assert!(!guard.project().join("real/file").exists(), "{words}");
        undo(&guard);
        assert_eq!(facts(&guard.project().join("real")), before, "{words}");
    }
}

#[test]
fn an_undo_is_not_led_elsewhere() {
    let Some(guard) = guard() else { return };
    guard.file("project/work/deep/authorized_keys", "the agent's");
    let own = guard.file("own/deep/authorized_keys", "mine");
    run(&guard, "rm -r work/deep");
    fs::remove_dir(guard.project().join("work")).unwrap();
    symlink(guard.path("own"), guard.project().join("work")).unwrap();
    let output = guard.run(&["undo"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("leads elsewhere now"), "{output:?}");
    assert_eq!(fs::read_to_string(&own).unwrap(), "mine");
    fs::remove_file(guard.project().join("work")).unwrap();
    undo(&guard);
    assert_eq!(fs::read_to_string(guard.project().join("work/deep/authorized_keys")).unwrap(), "the agent's");
}

#[test]
fn what_was_taken_out_of_the_trash_is_told_and_the_rest_comes_back() {
    let Some(guard) = guard() else { return };
    guard.file("project/one", "1");
    guard.file("project/two", "2");
    run(&guard, "rm -r one two");
    fs::remove_file(guard.path(".local/state/guard/kept/1/0")).unwrap();
    let output = guard.run(&["undo"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("one could not be put back"), "{said}");
    assert_eq!(fs::read_to_string(guard.project().join("two")).unwrap(), "2");
}

#[test]
fn the_same_is_put_back_once_and_over_whatever_was_made_meanwhile() {
    let Some(guard) = guard() else { return };
    let work = guard.project().join("work");
    guard.file("project/work", "a file");
    run(&guard, "rm -r work");
    // A directory, and then a link, in its place: each is kept before it goes.
    guard.file("project/work/inside", "made meanwhile");
    undo(&guard);
    assert_eq!(fs::read_to_string(&work).unwrap(), "a file");
    assert!(!guard.run(&["undo"]).status.success(), "nothing more can be undone");
    done(guard.run(&["undo", "2"]), "undo of the undo");
    assert_eq!(fs::read_to_string(work.join("inside")).unwrap(), "made meanwhile");
    done(guard.run(&["undo", "3"]), "and of that");
    assert_eq!(fs::read_to_string(&work).unwrap(), "a file");
    run(&guard, "rm -r work");
    symlink("nowhere", &work).unwrap();
    undo(&guard);
    assert_eq!(fs::read_to_string(&work).unwrap(), "a file");
}

#[test]
fn two_removals_at_once_keep_all_of_it() {
    let Some(guard) = guard() else { return };
    let names: Vec<String> = (0..6).map(|at| format!("part-{at}")).collect();
    let remove = |name: &String| {
        guard.file(&format!("project/{name}/file"), name);
        guard.command(&["exec", "-c", &format!("rm -rf {name}")]).spawn().unwrap()
    };
    let running: Vec<_> = names.iter().map(remove).collect();
    running.into_iter().for_each(|mut one| assert!(one.wait().unwrap().success()));
    names.iter().for_each(|_| _ = undo(&guard));
    for name in &names {
        assert_eq!(fs::read_to_string(guard.project().join(name).join("file")).unwrap(), *name);
    }
}

/// What git says of a repository: where everything points, what is changed and staged, what is stashed.
fn state(guard: &Guard, directory: &str) -> String {
    let text = "git for-each-ref --format='%(refname) %(objectname)' refs/heads refs/tags refs/stash; \
                git symbolic-ref -q HEAD; git rev-parse -q --verify HEAD; git status --porcelain -uall --ignored; \
                git ls-files -s; git stash list --format=%H; git worktree list --porcelain";
    let output = guard.sh(&format!("cd '{}' && {{ {text}; }}", guard.path(directory).display()));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A repository with three commits and work of every kind that is not committed.
fn repository(guard: &Guard) {
    let text = "printf '*.log\n' > .gitignore; for n in 1 2 3; do echo $n > file; echo $n > other; echo $n > gone; \
                git add -A; git commit -qm $n; done; git branch side HEAD~1; git tag v1 HEAD~2; git checkout -q side; \
                echo s > side; git add side; git commit -qm side; git checkout -q main; \
                for n in 1 2 3; do echo stash $n > file; git stash push -qm work-$n; done; \
                echo staged > file; git add file; echo unstaged > file; rm gone; chmod +x other; \
                echo new > new; git add new; echo untracked > 'un tracked'; echo log > app.log";
    done(guard.sh(&format!("set -e; {text}")), "repository");
}

/// Runs a git command under guard, which changes what [`state`] tells, and undoes it.
#[track_caller]
fn check_git(guard: &Guard, directory: &str, command: &str) {
    let (before, files) = (state(guard, directory), facts(&guard.path(directory)));
    run(guard, &format!("cd '{}' && {command}", guard.path(directory).display()));
    assert_ne!(
        (state(guard, directory), facts(&guard.path(directory))),
        (before.clone(), files.clone()),
        "{command}"
    );
    undo(guard);
    assert_eq!(state(guard, directory), before, "{command}");
    assert_eq!(facts(&guard.path(directory)), files, "{command}");
}

/// As [`check_git`], where files that were not changed are written anew, with the time of now.
#[track_caller]
fn check_state(guard: &Guard, directory: &str, command: &str) {
    let before = state(guard, directory);
    run(guard, &format!("cd '{}' && {command}", guard.path(directory).display()));
    assert_ne!(state(guard, directory), before, "{command}");
    undo(guard);
    assert_eq!(state(guard, directory), before, "{command}");
}

#[test]
fn what_git_throws_away_comes_back() {
    let Some(guard) = guard() else { return };
    repository(&guard);
    check_git(&guard, "project", "git reset --hard");
    check_git(&guard, "project", "git checkout -- .");
    check_git(&guard, "project", "git restore .");
    check_git(&guard, "project", "git clean -fd");
    check_git(&guard, "project", "git clean -fdx");
    check_git(&guard, "project", "git stash clear");
    check_git(&guard, "project", "git branch -D side");
    check_git(&guard, "project", "git tag -d v1");
    check_git(&guard, "project", "git branch -f side main");
    check_state(&guard, "project", "git reset --hard HEAD~2");
    check_state(&guard, "project", "git rm -rf -q file other");
    // Nothing of guard's is left in the repository but what the undos kept.
    for name in String::from_utf8(guard.sh("git for-each-ref --format='%(refname)' refs/guard").stdout)
        .unwrap()
        .lines()
    {
        let number = name.split('/').nth(2).unwrap();
        assert!(guard.path(".local/state/guard/kept").join(number).exists(), "{name}");
    }
}

#[test]
fn what_was_changed_can_be_looked_at_with_git() {
    let Some(guard) = guard() else { return };
    repository(&guard);
    run(&guard, "git reset --hard");
    let show = |name: &str| String::from_utf8(guard.sh(&format!("git show {name}")).stdout).unwrap();
    assert_eq!(show("refs/guard/1/index:file"), "staged\n");
    assert_eq!(show("refs/guard/1/work:file"), "unstaged\n");
}

#[test]
fn an_unborn_branch_and_a_detached_head_come_back() {
    let Some(guard) = guard() else { return };
    done(guard.sh("echo one > one; git add one; echo two > two; git add -N two"), "unborn");
    check_git(&guard, "project", "git reset --hard");
    done(
        guard.sh(
            "git add -A; for n in 1 2 3; do git commit -qm $n --allow-empty; done; git checkout -q --detach",
        ),
        "detached",
    );
    guard.file("project/one", "changed\n");
    check_state(&guard, "project", "git reset --hard HEAD~1");
}

#[test]
fn names_that_are_hard_to_write_and_repositories_within_come_back_after_a_clean() {
    let Some(guard) = guard() else { return };
    done(
        guard.sh("git commit -q --allow-empty -m first; git init -q nested; echo deep > nested/file"),
        "nested",
    );
    fs::write(guard.project().join("a\n\"name\"\\ with\ttabs"), "x").unwrap();
    fs::write(guard.project().join(OsStr::from_bytes(b"caf\xe9")), "latin").unwrap();
    fs::create_dir(guard.project().join("sub")).unwrap();
    fs::write(guard.project().join("sub/ü"), "y").unwrap();
    let before = facts(&guard.project());
    run(&guard, "git clean -ffdx");
    assert!(!guard.project().join("nested").exists());
    undo(&guard);
    assert_eq!(facts(&guard.project()), before);
    assert!(guard.sh("git -C nested status").status.success());
    check_git(&guard, "project/sub", "git clean -fd");
}

#[test]
fn linked_work_trees_and_submodules_come_back() {
    let Some(guard) = guard() else { return };
    repository(&guard);
    done(
        guard.sh(
            "git worktree add -q ../linked side && echo more > ../linked/more && echo s2 > ../linked/side",
        ),
        "worktree",
    );
    let (before, files) = (state(&guard, "project"), facts(&guard.path("linked")));
    run(&guard, "git worktree remove --force ../linked");
    assert!(!guard.path("linked").exists());
    undo(&guard);
    assert_eq!((state(&guard, "project"), facts(&guard.path("linked"))), (before, files));
    check_git(&guard, "linked", "git reset --hard");

    done(guard.sh("git init -q -b main ../sub && cd ../sub && git config user.name d && git config user.email d@e.f \
                   && echo 1 > s && git add s && git commit -qm s"), "submodule");
    done(guard.sh("git stash -q; git -c protocol.file.allow=always submodule --quiet add ../sub sub && git commit -qm sub"), "add");
    guard.file("project/sub/s", "changed in the submodule\n");
    guard.file("project/file", "changed beside it\n");
    run(&guard, "git reset --hard");
    undo(&guard);
    assert_eq!(fs::read_to_string(guard.project().join("file")).unwrap(), "changed beside it\n");
    assert_eq!(fs::read_to_string(guard.project().join("sub/s")).unwrap(), "changed in the submodule\n");
}

#[test]
fn commits_that_nothing_reaches_survive_a_collection() {
    let Some(guard) = guard() else { return };
    repository(&guard);
    let lost =
        String::from_utf8(guard.sh("git stash -q; git rev-parse HEAD; git reset -q --hard HEAD~1").stdout)
            .unwrap();
    run(&guard, "git reflog expire --expire=now --expire-unreachable=now --all && git gc -q --prune=now");
    assert!(guard.sh(&format!("git cat-file -e {lost}")).status.success());
    let said = guard.run(&["undo"]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("refs/guard/1/loose/"), "{said:?}");
}

#[test]
fn a_forced_push_leaves_the_old_commits_and_says_how_to_put_them_back() {
    let Some(guard) = guard() else { return };
    repository(&guard);
    done(guard.sh("git init -q --bare ../remote.git && git remote add origin ../remote.git && git push -q origin main && git stash -q"), "remote");
    let old = String::from_utf8(guard.sh("git rev-parse HEAD").stdout).unwrap();
    run(&guard, "git commit -q --amend -m other --allow-empty && git push -q --force origin main");
    let said = guard.run(&["undo"]);
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("nothing was sent"), "{said}");
    let command = said.split("put it back there: ").nth(1).unwrap().lines().next().unwrap();
    done(guard.sh(command), command);
    assert_eq!(String::from_utf8(guard.sh("git -C ../remote.git rev-parse main").stdout).unwrap(), old);
}

#[test]
fn a_database_is_copied_before_its_table_goes() {
    if !needs("sqlite3") {
        return;
    }
    let Some(guard) = guard() else { return };
    let rows = |guard: &Guard| guard.sh("sqlite3 app.db 'SELECT count(*) FROM t'").stdout;
    done(
        guard.sh("sqlite3 app.db 'CREATE TABLE t(x); INSERT INTO t VALUES (1),(2),(3)'; chmod 640 app.db"),
        "made",
    );
    let before = facts(&guard.project());
    for statement in ["DROP TABLE t", "DELETE FROM t", "UPDATE t SET x = 0"] {
        run(&guard, &format!("sqlite3 app.db '{statement}'"));
        undo(&guard);
        assert_eq!(facts(&guard.project()), before, "{statement}");
    }
    // A write-ahead log that holds what was committed.
    let open = "PRAGMA journal_mode=wal; INSERT INTO t VALUES (4);";
    let script = format!(
        "(echo \"{open}\"; cat ../go) | sqlite3 app.db >/dev/null & while ! [ -s app.db-wal ]; do :; done"
    );
    done(guard.sh("mkfifo ../go"), "pipe");
    let mut holder = guard.program("sh").args(["-c", &format!("{script}; wait")]).spawn().unwrap();
    while !guard.project().join("app.db-wal").metadata().is_ok_and(|found| found.len() > 0) {
        std::thread::yield_now();
    }
    run(&guard, "sqlite3 app.db 'DELETE FROM t'");
    drop(fs::OpenOptions::new().write(true).open(guard.path("go")).unwrap());
    holder.wait().unwrap();
    assert_eq!(rows(&guard), b"0\n");
    undo(&guard);
    assert_eq!(rows(&guard), b"4\n");
}

#[test]
fn too_many_files_are_told_and_not_kept() {
    let Some(guard) = guard() else { return };
    for at in 0..101 {
        let directory = guard.project().join(format!("work/{at}"));
        fs::create_dir_all(&directory).unwrap();
        let first = directory.join("0");
        File::create(&first).unwrap();
        for name in 1..1000 {
            fs::hard_link(&first, directory.join(name.to_string())).unwrap();
        }
    }
    // Policy lets it run because it can be undone; this cannot.
    let output = guard.run(&["exec", "-c", "rm -rf work"]);
    assert_eq!(output.status.code(), Some(NOBODY));
    assert!(guard.project().join("work/100/999").exists());
    guard.file(".config/guard/policy.yaml", &format!("{EVERYTHING_RUNS}before: {{unkept: refuse}}\n"));
    let output = guard.run(&["exec", "-c", "rm -rf work"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there are more than 50000"), "{output:?}");
    guard.file(".config/guard/policy.yaml", &format!("{EVERYTHING_RUNS}before: {{trash: off}}\n"));
    run(&guard, "rm -rf work");
    assert!(!guard.project().join("work").exists());
}

#[test]
fn older_savings_make_room_and_guard_says_so() {
    let Some(guard) = guard() else { return };
    guard.file(
        ".config/guard/policy.yaml",
        &format!("{EVERYTHING_RUNS}before: {{trash: {{size: 200 kB}}}}\n"),
    );
    let keep = |name: &str| {
        guard.file(&format!("project/{name}/file"), &"x".repeat(100_000));
        run(&guard, &format!("rm -rf {name}"))
    };
    assert!(!keep("one").contains("thrown away"));
    assert!(keep("two").contains("thrown away, too old or to make room: 1"));
    guard.file("project/three/file", &"x".repeat(300_000));
    assert_eq!(guard.exec("rm -rf three"), NOBODY);
    assert!(done(guard.run(&["undo", "--list"]), "list").contains("rm -rf two"));
}

#[test]
fn a_full_disk_keeps_the_command_from_running() {
    if !can_play_a_person() {
        return;
    }
    let Some(guard) = guard() else { return };
    let mount = guard.project().join("small");
    fs::create_dir(&mount).unwrap();
    let within = |text: &str| {
        let text = format!(
            "mount -t tmpfs -o size=1m,mode=755 none {} && cd {} && {text}",
            mount.display(),
            guard.project().display()
        );
        guard.program("unshare").args(["--mount", "--", "sh", "-c", &text]).output().unwrap()
    };
    let guarded = env!("CARGO_BIN_EXE_guard");
    let fill = "head -c 700000 /dev/urandom > small/index.ts; XDG_STATE_HOME=$PWD/small/state";
    let output = within(&format!(
        "{fill} {guarded} exec -c ': > small/index.ts'; echo $?; wc -c < small/index.ts; ls small/state/guard/kept"
    ));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.lines().take(2).collect::<Vec<_>>(), ["75", "700000"], "{output:?}");
    assert_eq!(said.lines().skip(2).collect::<Vec<_>>(), ["last"], "half of it is left: {output:?}");
    // On another file system than guard's own place it is kept beside what goes.
    let output = within(&format!(
        "mkdir small/work && echo x > small/work/file && {guarded} exec -c 'rm -rf small/work' && ls -A small && {guarded} undo && cat small/work/file && rm -r small/work && ls -A small"
    ));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with(".guard-kept-") && said.ends_with("\nx\n"), "{output:?}");
}

#[test]
fn what_a_crash_left_is_shown_as_that_and_not_put_back() {
    let Some(guard) = guard() else { return };
    guard.file("project/work/file", "x");
    run(&guard, "rm -rf work");
    let manifest = guard.path(".local/state/guard/kept/1/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"whole\":true", "\"whole\":false")).unwrap();
    assert!(done(guard.run(&["undo", "--list"]), "list").contains("half made"));
    assert!(!guard.run(&["undo", "1"]).status.success());
    assert!(!guard.run(&["undo"]).status.success());
}

#[test]
fn a_person_reads_what_is_kept_and_an_agent_drops_nothing() {
    if !can_play_a_person() {
        return;
    }
    let Some(guard) = guard() else { return };
    guard.file(".config/guard/policy.yaml", "");
    guard.file("project/src/file", "x");
    let mut person = guard.at_terminal(&["exec", "-c", "rm -rf src"]);
    let screen = person.sees("To run it, type");
    assert!(
        screen.contains("kept first") && screen.contains("1 file, 4.1 kB; guard undo puts them back"),
        "{screen}"
    );
    person.types("remove src");
    assert_eq!(person.leaves(), 0);
    let ledger = fs::read_to_string(guard.path(".local/state/guard/ledger.jsonl")).unwrap();
    assert!(ledger.contains(r#""what":"kept""#), "{ledger}");

    for attack in [
        "guard undo --drop 1",
        "rm -rf ~/.local/state/guard/kept",
        "git update-ref -d refs/guard/1/heads/main",
        "git for-each-ref --format='delete %(refname)' refs/guard | git update-ref --stdin",
        "rm -rf .guard-kept-0",
    ] {
        assert_eq!(guard.exec(attack), NOBODY, "{attack}");
    }
    assert_eq!(guard.run(&["undo", "--drop", "1"]).status.code(), Some(NOBODY));
    let mut person = guard.at_terminal(&["undo", "--drop", "1"]);
    person.types("drop 1");
    assert_eq!(person.leaves(), 0);
    assert!(!guard.run(&["undo"]).status.success());
}

#[test]
fn what_git_would_drop_is_asked_of_the_systems_git_and_of_the_repository_that_is_meant() {
    let Some(guard) = guard() else { return };
    guard.file("project/a.txt", "committed\n");
    guard.sh("git add . && git commit -q -m first");
    // A git that knows of nothing, first on `PATH`, while the command runs the real one.
    let tool = guard.tool("git", "#!/bin/sh\nexit 0\n");
    guard.file("project/a.txt", "changed\n");
    let real = if Path::new("/usr/bin/git").exists() { "/usr/bin/git" } else { return };
    let said = run(&guard, &format!("{real} reset -q --hard"));
    assert!(said.contains("kept 1 file"), "{said}");
    assert_eq!(fs::read_to_string(guard.project().join("a.txt")).unwrap(), "committed\n");
    undo(&guard);
    assert_eq!(fs::read_to_string(guard.project().join("a.txt")).unwrap(), "changed\n");
    fs::remove_file(tool).unwrap();

    // The command says which repository it means by a variable of its own.
    fs::create_dir(guard.path("elsewhere")).unwrap();
    let (git, tree) = (guard.project().join(".git"), guard.project());
    let said = run(
        &guard,
        &format!(
            "cd {} && GIT_DIR={} GIT_WORK_TREE={} {real} reset -q --hard",
            guard.path("elsewhere").display(),
            git.display(),
            tree.display()
        ),
    );
    assert!(said.contains("kept 1 file"), "{said}");
    undo(&guard);
    assert_eq!(fs::read_to_string(guard.project().join("a.txt")).unwrap(), "changed\n");
}

/// An agent that hears too late, or is told of a failure, would never get its command run.
#[test]
fn what_takes_longer_to_copy_than_a_hook_may_is_told_and_not_kept() {
    let Some(guard) = guard() else { return };
    let policy = format!("{EVERYTHING_RUNS}before: {{untracked: {{size: 1 GiB}}}}\n");
    guard.file(".config/guard/policy.yaml", &policy);
    let large = guard.project().join("index.ts");
    fs::write(&large, vec![b'x'; 70 << 20]).unwrap();
    let ask = |command: &str| {
        let event = serde_json::json!({"command": command, "cwd": guard.project()}).to_string();
        let output = hook(&guard, "generic", event.as_bytes());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let kept = || done(guard.run(&["undo", "--list"]), "list");
    // Where a person is asked, the question says so; what runs without one goes on record.
    let (status, told) = ask(": > index.ts");
    assert_eq!(status, Some(2), "{told}");
    let requests = fs::read_dir(guard.path(".local/state/guard/requests")).unwrap();
    let requests =
        requests.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok()).collect::<String>();
    assert!(requests.contains("takes longer than an agent's hook may"), "{requests}");
    assert!(!kept().contains("index.ts"), "{}", kept());
    // A second name is made at once, however large it is.
    let (status, told) = ask("rm -f index.ts");
    assert_eq!(status, Some(0), "{told}");
    assert!(kept().contains("rm -f index.ts"), "{}", kept());
    assert!(large.exists());
}
