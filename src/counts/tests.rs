#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use super::*;
use crate::confirm::Patience;
use crate::decide::Decision;
use crate::decide::policy::Policy;
use crate::parse::Dialect;
use crate::pipeline::{Session, assess};
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::rulebook::Rulebook;
use crate::test_process::{Scratch, processor_time};
use crate::world::Machine;

/// Returns what is counted for a command in a directory.
fn counted(command: &str, cwd: &Path) -> Vec<String> {
    counted_by(of, command, cwd)
}

fn counted_by<T>(count: impl Fn(&Challenge, &Place<'_>) -> T, command: &str, cwd: &Path) -> T {
    let environment: Environment = [("PATH", "/usr/bin:/bin")].into_iter().collect();
    let machine = Machine;
    let place = Place::new(cwd.to_owned(), environment.clone(), &machine);
    let form = Form::Shell { text: command.into(), dialect: Dialect::Bash };
    let proposal = Proposal { form, cwd: cwd.to_owned(), environment, origin: Origin::Exec, carrier: None };
    let session = Session {
        place: &place,
        rulebook: &Rulebook::builtin(),
        policy: &Policy::default(),
        patience: Patience::default(),
        above: &Vec::new,
    };
    match assess(proposal, session) {
        Decision::Confirm(challenge) => count(&challenge, &place),
        other => panic!("nobody is asked about {command}: {other:?}"),
    }
}

/// A directory in which something is somebody's loss, unlike below /tmp or among what was built.
fn scratch() -> Scratch {
    Scratch::below(Path::new(&std::env::var("HOME").unwrap()))
}

#[test]
fn files_that_are_not_kept_are_counted_and_links_are_not_followed() {
    let scratch = scratch();
    for name in ["a/one", "a/b/two", "other/three"] {
        scratch.file(name, "12345", 0o600);
    }
    std::os::unix::fs::symlink(scratch.path("other"), scratch.path("a/link")).unwrap();
    let check = |command: &str, begins: &str| {
        let told = counted(command, &scratch.path(""));
        assert!(told.len() == 1 && told[0].starts_with(begins), "{command}: {told:?}");
    };
    check("rm -rf a", "3 files, ");
    check("rm -rf a a/b other", "4 files, ");
    check("cd a && rm -rf *", "3 files, ");
    check("rm -rf a \"$(date)\"", "at least 3 files, ");
    check("python3 -c 'import shutil; shutil.rmtree(\"a\")'", "3 files, ");
    assert_eq!(counted("rm -rf missing", &scratch.path("")), [""; 0]);
    assert_eq!(counted("ssh db rm -rf /srv/data", &scratch.path("")), [""; 0]);
}

#[test]
fn files_are_counted_for_so_long_and_no_longer() {
    let scratch = scratch();
    (0..300).for_each(|at| _ = scratch.file(&format!("a/{at}"), "", 0o600));
    let over = |challenge: &Challenge, place: &Place<'_>| {
        keep::at_stake(&challenge.keeping(), challenge.actions(), place, Instant::now())
    };
    let told = counted_by(over, "rm -rf a", &scratch.path("")).unwrap();
    assert!(told.starts_with("at least 2"), "{told}");
}

/// Each finding asks for the files of all calls of its program.
#[test]
fn thousands_of_removals_are_looked_through_once() {
    let scratch = scratch();
    scratch.file("a/7", "12345", 0o600);
    let command: String = (0..1500).map(|at| format!("rm -rf a/{at}\n")).collect();
    let over = |challenge: &Challenge, place: &Place<'_>| {
        let (findings, until) = (challenge.keeping(), Instant::now() + Duration::from_secs(600));
        assert_eq!(findings.len(), 1500);
        let mut told = None;
        let time = processor_time(|| told = keep::at_stake(&findings, challenge.actions(), place, until));
        assert!(time < Duration::from_secs(3), "{time:?}");
        told
    };
    let told = counted_by(over, &command, &scratch.path("")).unwrap();
    assert!(told.starts_with("1 file, "), "{told}");
}

#[test]
fn tables_are_named_where_there_are_several() {
    let here = scratch();
    let check = |sql: &str, expect: &[&str]| {
        assert_eq!(counted(&format!("psql -c '{sql}'"), &here.path("")), expect, "{sql}");
    };
    check("DROP TABLE orders", &[]);
    check("DROP TABLE orders; TRUNCATE users; DROP TABLE orders", &["2 objects in the SQL: orders, users"]);
    let many: String = (0..9).map(|at| format!("DROP TABLE t{at}; ")).collect();
    check(&many, &["9 objects in the SQL: t0, t1, t2, t3, t4, t5, …"]);
}

#[test]
fn commits_are_counted_where_the_command_goes() {
    let scratch = scratch();
    let clone = scratch.path("clone");
    std::fs::create_dir(&clone).unwrap();
    for words in ["init -q -b main", "commit -q --allow-empty -m one", "commit -q --allow-empty -m two"] {
        commits::tests::git(&clone, words);
    }
    let lost = ["1 commit (“two”) after HEAD~1"];
    assert_eq!(counted("git reset --hard HEAD~1", &clone), lost);
    assert_eq!(counted("git -C clone reset --hard HEAD~1", &scratch.path("")), lost);
    assert_eq!(
        counted("cd clone; git reset --hard HEAD~1; git reset --hard HEAD~1", &scratch.path("")),
        lost
    );
    for elsewhere in ["git --git-dir=x reset --hard HEAD~1", "GIT_DIR=x git reset --hard HEAD~1"] {
        assert_eq!(counted(elsewhere, &clone), [""; 0], "{elsewhere}");
    }
}

#[test]
fn the_resources_of_a_plan_are_counted_where_the_command_goes() {
    let scratch = scratch();
    std::fs::create_dir(scratch.path("infra")).unwrap();
    plan::tests::plan(&scratch, "infra/out", "8", &[("aws_db_instance.main", 5), ("aws_eip.a", 1)]);
    let told = ["2 resources in the plan: 1 destroyed (aws_db_instance.main), 1 created"];
    let here = scratch.path("");
    for command in ["terraform -chdir=infra apply -input=false out", "cd infra && tofu apply out"] {
        assert_eq!(counted(command, &here), told, "{command}");
    }
    assert_eq!(counted("terraform apply out", &here), [""; 0]);
}
