//! Evidence of backups, demanded before something is destroyed: with real restic and borg.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::harness::Guard;
use crate::needs::needs;
use crate::scratch::Scratch;

const ASKED: i32 = 75;
const REFUSED: i32 = 77;

fn guard() -> Option<Guard> {
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR")))).of_account()?;
    guard.file("data/orders", "precious");
    Some(guard)
}

/// Judges a catastrophe under a policy; returns the status and what was said.
fn judged(guard: &Guard, policy: &str) -> (i32, String) {
    guard.file(".config/guard/policy.yaml", policy);
    let output = guard.run(&["exec", "--", "railway", "volume", "delete", "--volume", "data", "--yes"]);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[track_caller]
fn check(guard: &Guard, policy: &str, status: i32, told: &str) {
    let (was, said) = judged(guard, policy);
    assert!(was == status && said.contains(told), "{was}, not {status} and {told:?}:\n{said}");
}

#[test]
fn restic_tells_how_new_the_newest_snapshot_is() {
    if !needs("restic") {
        return;
    }
    let Some(guard) = guard() else { return };
    let repository = guard.path("repository");
    let password = guard.file("password", "x");
    let restic =
        format!("restic --no-cache --password-file {} --repo {}", password.display(), repository.display());
    let run = |words: &str| {
        let output = guard.sh(&format!("{restic} {words}"));
        assert!(output.status.success(), "{output:?}");
    };
    let policy = |more: &str| {
        let words = restic.replace(' ', ", ");
        format!("backup: {{orders: {{command: [{words}, snapshots, --json], make: [backup, orders]{more}}}}}")
    };
    check(&guard, &policy(""), REFUSED, "make one with: backup orders");
    run("init -q");
    check(&guard, &policy(""), REFUSED, "and there is none");
    run(&format!("backup -q --time '2020-01-01 00:00:00' {}", guard.path("data").display()));
    check(&guard, &policy(""), REFUSED, "may be 24 hours old");
    run(&format!("backup -q {}", guard.path("data").display()));
    check(&guard, &policy(""), ASKED, "railway/volume-delete");
    // It is demanded for what it is a backup of, and only there.
    check(&guard, &policy(", rules: [git/*], newer_than: 1s"), ASKED, "railway/volume-delete");
    // A repository on the same file system goes with the data.
    check(&guard, &policy(", elsewhere: true"), REFUSED, "lies where it would go");
    let listed = guard.run(&["backups"]);
    assert!(!listed.status.success());
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("LACKING") && listed.contains("never, as far as the policy says"), "{listed}");
}

#[test]
fn borg_is_read_too() {
    if !needs("borg") {
        return;
    }
    let Some(guard) = guard() else { return };
    let repository = guard.path("repository");
    let name = repository.display();
    let env = format!(
        "BORG_BASE_DIR: {}, BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes'",
        guard.path("base").display()
    );
    let set = format!(
        "BORG_BASE_DIR={} BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes",
        guard.path("base").display()
    );
    let policy = format!("backup: {{orders: {{command: [borg, list, --json, {name}], env: {{{env}}}}}}}");
    assert!(guard.sh(&format!("{set} borg init -e none {name}")).status.success());
    check(&guard, &policy, REFUSED, "and there is none");
    assert!(
        guard.sh(&format!("{set} borg create {name}::one {}", guard.path("data").display())).status.success()
    );
    check(&guard, &policy, ASKED, "railway/volume-delete");
    let listed = String::from_utf8_lossy(&guard.run(&["backups"]).stdout).into_owned();
    assert!(listed.contains("newest          one of "), "{listed}");
}

#[test]
fn a_file_is_evidence_by_its_age_and_its_place() {
    let Some(guard) = guard() else { return };
    let dump = guard.file("orders.dump", "x");
    let policy = |more: &str| format!("backup: {{orders: {{file: {}{more}}}}}", dump.display());
    check(&guard, &policy(""), ASKED, "railway/volume-delete");
    check(&guard, &policy(", elsewhere: true"), REFUSED, "lies where it would go");
    let old = SystemTime::now() - Duration::from_secs(3 * 86_400);
    File::options().write(true).open(&dump).unwrap().set_modified(old).unwrap();
    check(&guard, &policy(""), REFUSED, "the newest is 3 days old");
    // `touch -d '10 years'` makes it new for as long.
    let ahead = SystemTime::now() + Duration::from_secs(3 * 86_400);
    File::options().write(true).open(&dump).unwrap().set_modified(ahead).unwrap();
    check(&guard, &policy(""), REFUSED, "a time that has not come yet");
    fs::write(&dump, "").unwrap();
    check(&guard, &policy(""), REFUSED, "is empty");
    // It is demanded also of what policy lets run, and of milder things where the policy says so.
    check(&guard, &format!("at: {{catastrophic: run}}\n{}", policy("")), REFUSED, "is empty");
    guard.file(".config/guard/policy.yaml", &policy(", at: moderate"));
    assert_eq!(guard.exec("git push --force origin main"), REFUSED);
    guard.file(".config/guard/policy.yaml", &policy(""));
    assert_eq!(guard.exec("git push --force origin main"), ASKED);
    assert_eq!(guard.exec("echo harmless"), 0);
}

#[test]
fn an_agent_makes_no_evidence_up() {
    let Some(guard) = guard() else { return };
    let guard = guard.shims(&[]);
    let trace = guard.path("ran");
    // Another program of the same name, first on the PATH, and a project's own command.
    let script = format!("#!/bin/sh\necho ran >> {}\ndate +%s\n", trace.display());
    guard.tool("restic", &script);
    let own = guard.tool("evidence", &script);
    check(&guard, "backup: {orders: {command: [restic, snapshots, --json]}}", REFUSED, "demands the backup");
    let project = format!("backup: {{mine: {{command: [{}]}}}}", own.display());
    guard.file("project/.guard/policy.yaml", &project);
    check(&guard, "", ASKED, "railway/volume-delete");
    assert!(!trace.exists());
    // In the person's own file it is run.
    check(&guard, &project, ASKED, "railway/volume-delete");
    assert!(trace.exists());
    // What a project demands to lie in a file is demanded.
    guard.file("project/.guard/policy.yaml", "backup: {mine: {file: /nowhere/at/all}}");
    check(&guard, "", REFUSED, "/nowhere/at/all");
}

#[test]
fn a_home_and_a_directory_of_an_agents_choosing_make_no_evidence() {
    let Some(guard) = guard() else { return };
    guard.file("elsewhere/orders.dump", "the agent's");
    std::os::unix::fs::symlink(guard.path("etc"), guard.path("elsewhere/etc")).unwrap();
    guard.file(".config/guard/policy.yaml", "backup: {orders: {file: ~/orders.dump}}");
    let mut command = guard.command(&["exec", "-c", "railway volume delete --volume v1"]);
    let output = command.env("HOME", guard.path("elsewhere")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(REFUSED) && told.contains("orders.dump"), "{told}");
    // From where a disk is that holds nothing, every backup would lie elsewhere.
    let dump = guard.file("orders.dump", "x");
    guard.file(
        ".config/guard/policy.yaml",
        &format!("backup: {{orders: {{file: {}, elsewhere: true}}}}", dump.display()),
    );
    let mut command = guard.command(&["exec", "-c", "railway volume delete --volume v1"]);
    let output = command.current_dir("/dev/shm").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(REFUSED) && told.contains("lies where it would go"), "{told}");
}

#[test]
fn what_a_policy_says_wrongly_stops_everything() {
    let Some(guard) = guard() else { return };
    for wrong in [
        "{orders: {newer_than: 24h}}",
        "{orders: {file: /x, command: [y]}}",
        "{orders: {file: /x, newer_than: 24}}",
        "{orders: {file: /x, restore_tested: lately}}",
        "{orders: {file: /x, shell: y}}",
    ] {
        guard.file(".config/guard/policy.yaml", &format!("backup: {wrong}"));
        assert_eq!(guard.exec("echo harmless"), 125, "{wrong}");
    }
}

#[test]
fn an_environment_demands_its_own_backups() {
    let Some(guard) = guard() else { return };
    let policy = "
environments:
  production: {when: {hosts: [db.prod]}, backup: {orders: {file: /nowhere/at/all, at: moderate, elsewhere: true}}}
  scratch: {when: {hosts: [db.scratch]}}
";
    guard.file(".config/guard/policy.yaml", policy);
    let drops = |host: &str| format!("psql -h {host} -c 'DROP TABLE orders'");
    assert_eq!(guard.exec(&drops("db.prod")), REFUSED);
    assert_eq!(guard.exec(&drops("db.scratch")), ASKED);
    assert_eq!(guard.exec(&drops("db.unknown")), REFUSED, "what is not settled is taken for production");
    let said = |words: &[&str]| String::from_utf8(guard.run(words).stdout).unwrap();
    let listed = said(&["backups"]);
    assert!(listed.contains("orders  (production)") && listed.contains("LACKING"), "{listed}");
    assert!(said(&["backups", "--json"]).contains("\"environment\":\"production\""));
    let demanded = "demands a backup: orders of production, newer than 24 hours, elsewhere";
    for how in ["check", "explain"] {
        let told = said(&[how, "-c", &drops("db.prod")]);
        assert!(told.contains(demanded), "{told}");
        assert!(!said(&[how, "-c", &drops("db.scratch")]).contains("demands"));
    }
    // Wrong in an environment is wrong.
    guard.file(".config/guard/policy.yaml", &policy.replace("file: /nowhere/at/all, ", ""));
    assert_eq!(guard.exec("echo harmless"), 125);
}

#[test]
fn the_newest_copy_is_not_taken_away() {
    let Some(guard) = guard() else { return };
    let dump = guard.file("dumps/orders.dump", "x");
    let older = guard.file("dumps/older.dump", "x");
    guard.file(
        ".config/guard/policy.yaml",
        &format!("backup: {{orders: {{file: {}, at: moderate}}}}", dump.display()),
    );
    let removed = |path: &Path| guard.run(&["exec", "--", "rm", path.to_str().unwrap()]);
    let said = removed(&dump);
    assert_eq!(said.status.code(), Some(REFUSED));
    assert!(
        String::from_utf8_lossy(&said.stderr).contains("this would take away the newest, orders.dump of"),
        "{said:?}"
    );
    assert_eq!(removed(&older).status.code(), Some(ASKED));
}

#[test]
fn what_would_be_kept_first_is_told_beforehand() {
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    guard.file("project/src/work", "precious");
    for how in ["check", "explain"] {
        let told = String::from_utf8(guard.run(&[how, "-c", "rm -rf src"]).stdout).unwrap();
        assert!(told.contains("kept first: 1 file, "), "{told}");
        let told = String::from_utf8(guard.run(&[how, "--json", "-c", "rm -rf src"]).stdout).unwrap();
        assert!(told.contains("\"kept_first\""), "{told}");
    }
    assert!(guard.path("project/src/work").exists());
}
