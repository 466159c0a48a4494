//! `guard status`: every door that is set up is tried, and one that does not hold is told.

use std::fs;

use crate::harness::{Guard, SHELLS, SHIMS, can_play_a_person};
use crate::needs::needs;

fn status(guard: &Guard) -> (i32, String) {
    let output = guard.run(&["status"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), said)
}

fn install(guard: &Guard, door: &str) {
    let mut person = guard.at_terminal(&["install", door]);
    person.types("install");
    assert_eq!(person.leaves(), 0);
}

#[test]
fn without_doors_it_says_how_to_set_them_up() {
    let guard = Guard::new();
    let (code, said) = status(&guard);
    assert_eq!(code, 0);
    assert!(said.contains("path            off") && said.contains("guard install path"), "{said}");
    assert!(said.contains("questions go    nowhere"), "{said}");
    assert_eq!(guard.exec("railway volume delete --volume data"), 75);
    assert!(status(&guard).1.contains("last refused    railway volume delete --volume data at 2"));
    let json: serde_json::Value = serde_json::from_slice(&guard.run(&["status", "--json"]).stdout).unwrap();
    assert_eq!(json["doors"][0]["name"], "path");
    assert_eq!(json["doors"][0]["on"], false);
}

#[test]
fn policies_and_packs_in_force_are_named() {
    let guard = Guard::new();
    guard.file(".config/guard/policy.yaml", "at: {severe: refuse}\n");
    guard.file("project/.guard/policy.yaml", "at: {moderate: refuse}\n");
    guard.file(".config/guard/rules/own.yaml", "pack: own\ntitle: Own\n");
    let (_, said) = status(&guard);
    assert!(
        said.contains("~/.config/guard/policy.yaml (named by the environment, so it can only tighten)"),
        "{said}"
    );
    assert!(said.contains("(the project's, which can only tighten)"), "{said}");
    assert!(said.contains("1 of them added here"), "{said}");
}

#[test]
fn shims_are_tried_in_every_shell() {
    if !needs("bash") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    guard.file(".bash_profile", "# mine\n");
    install(&guard, "path");
    let guard = guard.shims(&[]);
    let (code, said) = status(&guard);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("the shim rm: a harmless call ran, one that destroys was refused"), "{said}");
    assert!(said.contains("first on PATH in bash -lc") && said.contains("first on PATH in sh -lc"), "{said}");

    // Something that comes first after all.
    let profile = fs::read_to_string(guard.path(".bash_profile")).unwrap();
    guard.file(".bash_profile", &format!("{profile}PATH=/usr/bin:/bin:$PATH\n"));
    let (code, said) = status(&guard);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("path            BROKEN") && said.contains("bash -lc finds /usr/bin/"), "{said}");
    guard.file(".bash_profile", &profile);

    // A tool that came later, and a shim that is none any more.
    fs::remove_file(guard.path(SHIMS).join("rm")).unwrap();
    let (code, said) = status(&guard);
    assert!(code == 1 && said.contains("without a shim: rm: guard install path"), "{said}");
    std::os::unix::fs::symlink("/bin/rm", guard.path(SHIMS).join("rm")).unwrap();
    let (code, said) = status(&guard);
    assert!(code == 1 && said.contains("the shim rm: a call that destroys was NOT refused"), "{said}");
}

#[test]
fn ways_past_the_shims_are_told() {
    if !needs("bash") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    guard.file(".bashrc", "alias rm='/bin/rm -i'\n");
    install(&guard, "path");
    let guard = guard.shims(&[]);
    let with = |name: &str, value: &str| {
        let output = guard.command(&["status"]).env(name, value).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = with("BASH_ENV", "/tmp/first.sh");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("BASH_ENV is set: bash -c reads /tmp/first.sh first"), "{said}");
    assert!(said.contains("bash -ic has aliases that pass shims by: rm"), "{said}");
    assert!(!with("BASH_ENV", "").1.contains("BASH_ENV"));

    // Another program of a tool's name, in a directory before the shims.
    let first = guard.tool("rm", "#!/bin/sh\n").parent().unwrap().to_owned();
    let path = [first.clone(), guard.path(SHIMS), "/usr/bin".into(), "/bin".into()];
    let path = std::env::join_paths(path).unwrap();
    let (code, said) = with("PATH", path.to_str().unwrap());
    let told = format!("bash -c finds {}/rm first", first.display());
    assert!(code == 1 && said.contains(&told), "{told}: {said}");
    // In a session that is older than the shims that is no wonder.
    let (code, said) = with("PATH", "/usr/bin:/bin");
    assert!(code == 0 && said.contains("is this an older session?"), "{said}");
}

/// What reads no profile: a user's services and cron's jobs.
#[test]
fn where_services_and_jobs_find_tools_is_told() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    guard.tool("systemctl", "#!/bin/sh\n");
    let jobs = |lines: &str| guard.tool("crontab", &format!("#!/bin/sh\ncat <<'END'\n{lines}\nEND\n"));
    jobs("# none yet");
    let guard = guard.shims(&[]);
    install(&guard, "path");
    let has_systemd = std::path::Path::new(
        "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator",
    );
    let (_, said) = status(&guard);
    assert!(!said.contains("cron's jobs"), "{said}");
    assert_eq!(said.contains("first on PATH in a user's services"), has_systemd.exists(), "{said}");
    let shims = guard.path(SHIMS).display().to_string();
    let jobs = |lines: &str| guard.tool("crontab", &format!("#!/bin/sh\ncat <<'END'\n{lines}\nEND\n"));
    jobs(&format!("5 4 * * * rm -rf x\nPATH={shims}:/bin\n* * * * * true"));
    let (code, said) = status(&guard);
    assert!(said.contains("cron's jobs find no shims: begin the crontab with PATH="), "{code} {said}");
    jobs(&format!("MAILTO=me\nPATH = \"{shims}:/bin\"\n5 4 * * * rm -rf x=y"));
    assert!(status(&guard).1.contains("first on PATH in cron's jobs"));
    if has_systemd.exists() {
        let file = guard.path(".config/environment.d/guard.conf");
        fs::write(&file, "PATH=/usr/bin:${PATH}\n").unwrap();
        let (code, said) = status(&guard);
        assert!(code == 1 && said.contains("services (systemd) have /usr/bin first on PATH"), "{said}");
    }
}

#[test]
fn an_agent_without_a_hook_is_told() {
    let guard = Guard::new().shims(&[]);
    guard.tool("cn", "#!/bin/sh\n");
    guard.tool("codex", "#!/bin/sh\n");
    let (code, said) = status(&guard);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("codex           off     the hooks of Codex CLI"), "{said}");
    assert!(said.contains("to set it up: guard install codex"), "{said}");
    assert!(said.contains("continue        none    the hooks of Continue"), "{said}");
    assert!(said.contains("Give it guard for a shell") && !said.contains("guard install continue"), "{said}");
    let plan = guard.run(&["install", "--dry-run"]);
    let told = String::from_utf8(plan.stderr).unwrap();
    assert!(told.contains("the hooks of Continue cannot be set up here: Give it guard"), "{told}");
}

#[test]
fn a_shell_that_lets_everything_through_is_told() {
    if !needs("bash") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    install(&guard, "shell");
    let (code, said) = status(&guard);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("shell/bash: a harmless call ran, one that destroys was refused"), "{said}");
    let bash = guard.path(SHELLS).join("bash");
    fs::remove_file(&bash).unwrap();
    std::os::unix::fs::symlink("/bin/bash", &bash).unwrap();
    let (code, said) = status(&guard);
    assert!(code == 1 && said.contains("shell/bash: a call that destroys was NOT refused"), "{said}");
}

#[test]
fn a_hook_that_git_does_not_run_is_told() {
    if !needs("git") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    guard.sh("git init -q .");
    install(&guard, "git");
    let (code, said) = status(&guard);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("a push: a harmless call ran, one that destroys was refused"), "{said}");
    guard.sh("git config core.hooksPath elsewhere");
    let (code, said) = status(&guard);
    assert!(code == 1 && said.contains("is not guard's any more"), "{said}");
}

#[test]
fn trying_leaves_no_trace() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    install(&guard, "shell");
    let before = crate::scratch::tree(&guard.path(""));
    status(&guard);
    assert_eq!(crate::scratch::tree(&guard.path("")), before);
}
