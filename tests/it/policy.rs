//! Policy where it is in force: environments, freezes, and a person's trust in a project's file.

use std::process::Command;

use crate::harness::Guard;

const NOBODY: i32 = 75;
const REFUSED: i32 = 77;
const ASKS: i32 = 10;
const REFUSES: i32 = 11;
const RUNS: i32 = 0;

const USER: &str = ".config/guard/policy.yaml";
const PROJECT: &str = "project/.guard/policy.yaml";

fn check(guard: &Guard, command: &str, expect: i32) {
    let output = guard.run(&["check", "--json", "-c", command]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        output.status.code(),
        Some(expect),
        "{command}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn an_environment_decides() {
    let Some(guard) = Guard::new().of_account() else { return };
    guard.file(
        USER,
        "environments:\n  production:\n    at: {severe: refuse, catastrophic: refuse}\n  scratch:\n    when: {hosts: [db.scratch]}\n    at: {severe: run, catastrophic: run}\n",
    );
    let drop = "-c 'DROP TABLE orders'";
    check(&guard, &format!("psql -h db.scratch {drop}"), RUNS);
    check(&guard, &format!("psql -h db.eu {drop}"), REFUSES);
    check(&guard, &format!("PGHOST=db.scratch psql {drop}"), REFUSES);
    check(&guard, &format!("PGHOSTADDR=10.0.0.1 psql -h db.scratch {drop}"), REFUSES);
    check(&guard, &format!("psql -h \"$SOMEWHERE\" {drop}"), REFUSES);
    check(&guard, &format!("psql -h db.scratch {drop}; psql -h db.eu {drop}"), REFUSES);
    check(&guard, "rm -rf /etc/nginx", ASKS);
    check(&guard, "ssh scratch 'rm -rf /srv/db'; ssh eu 'rm -rf /srv/db'", REFUSES);
    let told = guard.run(&["exec", "-c", &format!("psql -h db.eu {drop}")]);
    assert_eq!(told.status.code(), Some(REFUSED));
}

#[test]
fn a_policy_in_a_home_that_the_environment_names_only_tightens() {
    let call = "git push --force origin main";
    let agents_choice = Guard::new();
    agents_choice.file(USER, "at: {moderate: run}\n");
    check(&agents_choice, call, ASKS);
    agents_choice.file(USER, "at: {moderate: refuse}\n");
    check(&agents_choice, call, REFUSES);
    // The same file in the account's own home does what it says.
    let Some(own) = Guard::new().of_account() else { return };
    own.file(USER, "at: {moderate: run}\n");
    check(&own, call, RUNS);
    let elsewhere = own.file("elsewhere/guard/policy.yaml", "at: {severe: run}\n");
    let mut command = own.command(&["check", "--", "rm", "-rf", "/srv/data"]);
    command.env("XDG_CONFIG_HOME", elsewhere.ancestors().nth(2).unwrap());
    assert_eq!(command.status().unwrap().code(), Some(ASKS));
}

#[test]
fn the_accounts_own_policy_counts_whatever_the_environment_says() {
    let Some(own) = Guard::new().of_account() else { return };
    own.file(USER, "at: {moderate: refuse}\nrules: {git/push-force: {do: refuse, because: my own word}}\n");
    own.file(".config/guard/rules/mine.yaml", MINE);
    let empty = own.file("elsewhere/file", "");
    let empty = empty.parent().unwrap();
    std::os::unix::fs::symlink(own.path("etc"), empty.join("etc")).unwrap();
    for name in ["HOME", "XDG_CONFIG_HOME"] {
        for (call, expect) in [("git push --force origin main", REFUSES), ("shopctl drop acme", REFUSES)] {
            let mut command = own.command(&["check", "-c", call]);
            assert_eq!(command.env(name, empty).status().unwrap().code(), Some(expect), "{name}: {call}");
        }
    }
    // By another way to the same place it is no second policy.
    std::os::unix::fs::symlink(own.path(""), own.path("elsewhere/home")).unwrap();
    let mut command = own.command(&["check", "-c", "shopctl drop acme"]);
    command.env("HOME", own.path("elsewhere/home"));
    assert_eq!(command.status().unwrap().code(), Some(REFUSES));
}

/// A pack of the user's own.
const MINE: &str = r#"
pack: mine
title: Tenants
programs: {shopctl: {}}
rules:
  - id: drop
    title: Drop a tenant
    severity: moderate
    when: [{run: shopctl drop}]
    confirm: drop {operand.1|a tenant}
    blast_radius: {data: The tenant's., backups: None are made.}
    recover: Load a dump.
    examples:
      must_stop: shopctl drop acme
      must_pass: shopctl list
"#;

#[test]
fn nothing_destructive_runs_in_a_freeze() {
    let guard = Guard::new();
    guard.file(PROJECT, "environments: {production: {freeze: [{zone: UTC, because: Audit of the books}]}}\n");
    let told = guard.run(&["exec", "--", "kubectl", "delete", "namespace", "shop"]);
    assert_eq!(told.status.code(), Some(REFUSED));
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("production is frozen") && told.contains("Audit of the books"), "{told}");
    check(&guard, "kubectl get namespaces", RUNS);
}

#[test]
fn a_project_loosens_nothing_until_a_person_trusts_it() {
    let Some(guard) = Guard::new().of_account() else { return };
    let policy = "at: {moderate: run}\n";
    guard.file(PROJECT, policy);
    let call = "git push --force origin main";
    check(&guard, call, ASKS);
    // Nobody at a terminal, and an agent at one, change nothing.
    let output = guard.run(&["trust"]);
    assert_eq!(output.status.code(), Some(NOBODY));
    assert!(String::from_utf8_lossy(&output.stdout).contains(".guard/policy.yaml:1  at.moderate: run"));
    let agent = guard.person(&["env", "CLAUDECODE=1", env!("CARGO_BIN_EXE_guard"), "trust"]);
    assert_eq!(agent.leaves(), NOBODY);
    let mut person = guard.at_terminal(&["trust"]);
    person.types("trust something");
    assert_eq!(person.leaves(), REFUSED);
    check(&guard, call, ASKS);

    let mut person = guard.at_terminal(&["trust"]);
    person.types("trust project");
    assert_eq!(person.leaves(), RUNS);
    check(&guard, call, RUNS);
    // A file of the name that trust has is none: whoever knows the content could touch one.
    let mark =
        std::fs::read_dir(guard.path(".local/share/guard/trust")).unwrap().next().unwrap().unwrap().path();
    let said = std::fs::read(&mark).unwrap();
    std::fs::write(&mark, "").unwrap();
    check(&guard, call, ASKS);
    std::fs::write(&mark, said).unwrap();
    check(&guard, call, RUNS);
    // By a byte it is another file.
    guard.file(PROJECT, &format!("{policy}\n"));
    check(&guard, call, ASKS);
    let shown = String::from_utf8(guard.run(&["trust", "--show"]).stdout).unwrap();
    assert!(shown.contains("changed since it was trusted"), "{shown}");
    guard.file(PROJECT, policy);
    check(&guard, call, RUNS);
    assert_eq!(guard.run(&["trust", "--revoke"]).status.code(), Some(RUNS));
    check(&guard, call, ASKS);
}

#[test]
fn trust_does_not_reach_what_a_variable_names() {
    let Some(guard) = Guard::new().of_account() else { return };
    let policy = guard.file(PROJECT, "at: {moderate: run}\n");
    let mut person = guard.at_terminal(&["trust"]);
    person.types("trust project");
    assert_eq!(person.leaves(), RUNS);
    let elsewhere = guard.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let mut other: Command = guard.command(&["check", "--", "git", "push", "--force"]);
    let status = other.current_dir(&elsewhere).env("GUARD_EXTRA_POLICY", policy).status().unwrap();
    assert_eq!(status.code(), Some(ASKS));
}

#[test]
fn a_key_that_is_not_the_projects_makes_it_worse() {
    let guard = Guard::new();
    guard.file(USER, "at: {catastrophic: refuse}\n");
    guard.file("old-site/.env", "GITHUB_TOKEN=ghp-s3cr3t-000000000000\n");
    let call = |key: &str| {
        format!(
            "curl -X DELETE -H 'Authorization: Bearer {key}' https://api.github.com/repos/me/shop/branches/x/protection"
        )
    };
    let severity = |command: &str| {
        let output = guard.run(&["check", "--json", "-c", command]);
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), said)
    };
    let (status, said) = severity(&call("$GITHUB_TOKEN"));
    assert_eq!(status, ASKS, "{said}");
    let (worse, said) = severity(&call("ghp-s3cr3t-000000000000"));
    let here = said["here"].to_string();
    assert!(here.contains("the same key stands in ~/old-site/.env:1, outside this project"), "{said}");
    assert!(!here.contains("s3cr3t"), "{said}");
    assert!(here.contains("it counts as"), "{said}");
    assert!([ASKS, REFUSES].contains(&worse));
}

#[test]
fn keys_within_reach_are_listed_and_not_printed() {
    let guard = Guard::new();
    guard.file("project/.env", "PORT=1\nRAILWAY_TOKEN=s3cr3t-1\nDATABASE_URL=postgres://u:s3cr3t-2@db/app\n");
    guard.file("project/.env.example", "RAILWAY_TOKEN=x\n");
    guard.file("old-site/.env", "export API_KEY='s3cr3t-3'\n");
    guard.file(".railway/config.json", "{}");
    let output = guard.command(&["keys"]).env("GH_TOKEN", "s3cr3t-4").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for line in [
        "railway      .env:2  RAILWAY_TOKEN",
        "unknown      .env:3  DATABASE_URL",
        "unknown      ~/old-site/.env:1  API_KEY",
        "railway      ~/.railway/config.json",
        "gh           the environment  GH_TOKEN",
        "narrow  Give the agent a project token",
        "5 within reach",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("s3cr3t"), "{said}");
}

#[test]
fn a_policy_is_begun_shown_checked_and_tried() {
    let Some(guard) = Guard::new().of_account() else { return };
    guard.file("project/.env", "DATABASE_URL=postgres://u:p@db.eu/app\n");
    let begun = String::from_utf8(guard.run(&["policy", "init"]).stdout).unwrap();
    assert!(begun.contains("host db.eu, from .env:1") && begun.contains("hosts: [\"db.eu\"]"), "{begun}");
    assert_eq!(guard.run(&["policy", "init", "--write"]).status.code(), Some(RUNS));
    assert_eq!(
        guard.run(&["policy", "init", "--write"]).status.code(),
        Some(1),
        "what is there is not overwritten"
    );
    assert_eq!(guard.run(&["policy", "test"]).status.code(), Some(RUNS));

    let policy = "at: {moderate: run}\nexamples:\n  refuse: [ls]\n";
    guard.file(PROJECT, policy);
    let shown = String::from_utf8(guard.run(&["policy", "show"]).stdout).unwrap();
    assert!(
        shown.contains(".guard/policy.yaml:1") && shown.contains("at.moderate: run  [project]  (ignored"),
        "{shown}"
    );
    let tried = guard.run(&["policy", "test"]);
    assert_eq!(tried.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(tried.stdout).unwrap(),
        "ls: expected refuse, got run\n1 examples, 1 wrong\n"
    );
    guard.file(USER, "environments: {local: {when: {variables: {X: ['1']}}, at: {moderate: run}}}\n");
    let checked = String::from_utf8(guard.run(&["policy", "check"]).stdout).unwrap();
    assert!(checked.contains("ignored until a person runs: guard trust"), "{checked}");
    assert!(checked.contains("environment local: its `when` never loosens"), "{checked}");
    let explained = guard.run(&["policy", "explain", "--", "git", "push", "--force"]);
    let explained = String::from_utf8(explained.stdout).unwrap();
    assert!(explained.contains("environments.local.at.moderate: run"), "{explained}");
    let schema: serde_json::Value = serde_json::from_slice(&guard.run(&["policy", "schema"]).stdout).unwrap();
    assert!(schema["properties"]["environments"].is_object());

    guard.file(PROJECT, "at: {moderate: maybe}\n");
    let broken = guard.run(&["policy", "check"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8(broken.stderr).unwrap().contains(".guard/policy.yaml:1:"), "with its place");
}

#[test]
fn what_a_tool_really_acts_on_is_shown() {
    let Some(guard) = Guard::new().of_account() else { return };
    let status = guard.tool(
        "status",
        "#!/bin/sh\necho '{\"environment\": {\"name\": \"production\"}, \"token\": \"s3cr3t\"}'\n",
    );
    let verify = |rest: &str| format!("verify: {{railway: {{command: [{rest}}}}}\n");
    let delete = ["exec", "--", "railway", "volume", "delete", "--volume", "data"];
    let shown = |guard: &Guard| {
        let mut person = guard.at_terminal(&delete);
        let screen = person.sees("To run it, type").split_whitespace().collect::<Vec<_>>().join(" ");
        person.types("");
        assert_eq!(person.leaves(), REFUSED);
        screen
    };
    guard.file(USER, &verify(&format!("{}], key: environment.name", status.display())));
    let screen = shown(&guard);
    assert!(screen.contains("verified by") && screen.contains(": production"), "{screen}");
    assert!(!screen.contains("s3cr3t"), "{screen}");
    guard.file(USER, &verify("sh, -c, 'echo gone >&2; exit 3']"));
    assert!(shown(&guard).contains("not verified: sh: gone"));
    // A project's file may not run programs, and nothing is run when only a judgement is asked for.
    guard.file(USER, &verify(&format!("touch, {}]", guard.path("touched").display())));
    check(&guard, "railway volume delete --volume data", ASKS);
    assert!(!guard.path("touched").exists());
    guard.file(PROJECT, &verify("status]"));
    let broken = guard.run(&["check", "--", "true"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8(broken.stderr).unwrap().contains("`verify` names programs to be run"));
}

#[test]
fn a_line_that_nothing_comes_of_is_named() {
    let guard = Guard::new();
    guard.file(
        PROJECT,
        "rules: {git/push-forc: {do: refuse}, git/*: {do: refuse}}\nbackup: {db: {command: [/usr/bin/true], newer_than: 24h}}\n",
    );
    let checked = guard.run(&["policy", "check"]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(0), "{said}");
    assert!(said.contains("no rule is called `git/push-forc`"), "{said}");
    assert!(said.contains("did you mean `git/push-force`?"), "{said}");
    assert!(!said.contains("`git/*`"), "{said}");
    assert!(said.contains("the backup `db` does not count"), "{said}");
}

#[test]
fn a_slip_in_a_key_is_named_with_what_was_meant() {
    let guard = Guard::new();
    guard.file(PROJECT, "rules: {git/push-force: {do: refuse, becuase: x}}\n");
    let stopped = guard.run(&["exec", "--", "true"]);
    let said = String::from_utf8(stopped.stderr).unwrap();
    assert_eq!(stopped.status.code(), Some(125), "{said}");
    assert!(said.contains("policy.yaml:1:") && said.contains("did you mean `because`?"), "{said}");
    assert!(said.contains("guard policy check"), "{said}");
}
