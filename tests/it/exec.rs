//! `guard exec` as tool runners call it: a harmless command runs as if guard were not there.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use crate::harness::Guard;

#[test]
fn arguments_arrive_byte_for_byte() {
    let guard = Guard::new();
    let mut command = guard.command(&["exec", "--", "printf", "%s\\n", "a  b", "$HOME", "*"]);
    command.arg(OsStr::from_bytes(b"caf\xe9 \xff"));
    assert_eq!(command.output().unwrap().stdout, b"a  b\n$HOME\n*\ncaf\xe9 \xff\n");
}

#[test]
fn input_status_and_signal_are_the_commands_own() {
    let guard = Guard::new();
    let mut child =
        guard.command(&["exec", "--", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"in\0put").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"in\0put");
    assert_eq!(guard.exec("exit 7"), 7);
    let killed = guard.run(&["exec", "-c", "kill -TERM $$"]);
    assert_eq!(killed.status.signal(), Some(15));
    assert_eq!(guard.run(&["exec", "--", "no-such-program"]).status.code(), Some(127));
}

#[test]
fn guard_becomes_the_command() {
    let guard = Guard::new();
    let child = guard.command(&["exec", "-c", "echo $$"]).stdout(Stdio::piped()).spawn().unwrap();
    let pid = child.id().to_string();
    assert_eq!(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim(), pid);
}

#[test]
fn what_is_ignored_and_what_is_closed_stays_so() {
    let guard = Guard::new();
    let told = |script: &str| {
        let output = guard.dressed(Command::new("bash")).args(["-c", script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let check = |before: &str, shows: &str| {
        let direct = told(&format!("{before}; {shows}"));
        assert!(!direct.is_empty());
        let through = format!("{before}; {} exec -- {shows}", env!("CARGO_BIN_EXE_guard"));
        assert_eq!(told(&through), direct, "{before}");
    };
    for signals in ["", "PIPE", "HUP INT TERM PIPE USR1"] {
        check(&format!("trap '' {signals}"), "grep -E '^Sig(Ign|Blk)' /proc/self/status");
    }
    for streams in [":", "exec <&-", "exec 2>&-", "exec <&- 2>&-"] {
        check(streams, "sh -c 'for n in 0 1 2; do if [ -e /proc/$$/fd/$n ]; then echo $n; fi; done'");
    }
}

#[test]
fn what_is_said_to_nobody_does_not_end_in_a_file() {
    let guard = Guard::new();
    let railway = "exec -n -- railway volume delete --volume data --yes";
    let script = format!("{} {railway} <&- >&- 2>&-", env!("CARGO_BIN_EXE_guard"));
    let status = guard.dressed(Command::new("bash")).args(["-c", &script]).status().unwrap();
    assert_eq!(status.code(), Some(75));
    assert!(guard.run(&["log", "verify"]).status.success());
}

#[test]
fn what_prints_into_a_pipe_that_nobody_reads_ends_quietly() {
    let guard = Guard::new();
    for words in ["rules list", "rules show git/push-force", "check -c 'rm -rf /srv'", "man"] {
        let script = format!("{} {words} | :", env!("CARGO_BIN_EXE_guard"));
        let output = guard.dressed(Command::new("bash")).args(["-c", &script]).output().unwrap();
        assert!(output.stderr.is_empty(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn with_nobody_to_ask_nothing_runs() {
    let guard = Guard::new();
    let output = guard.run(&["exec", "--", "railway", "volume", "delete", "--volume", "data", "--yes"]);
    assert_eq!(output.status.code(), Some(75));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("guard: refused: railway/volume-delete (catastrophic)"), "{told}");
    assert!(told.contains("do not look for another way"), "{told}");
    // The phrase is the person's business.
    assert!(!told.contains("delete volume data"), "{told}");
}

#[test]
fn the_first_command_of_the_readme_is_answered_as_it_says() {
    const BEGINS: &str = "$ cargo run -q -- ";
    let readme = include_str!("../../README.md");
    let session = readme.split("```").find_map(|block| block.strip_prefix("console\n")?.strip_prefix(BEGINS));
    let (command, answer) = session.unwrap().split_once('\n').unwrap();
    let words = shell_words::split(command).unwrap();
    let output = Guard::new().run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with(answer), "{told}");
    assert_eq!(output.status.code(), Some(75));
}

#[test]
fn broken_rules_or_policy_stop_everything() {
    let guard = Guard::new();
    guard.file(".config/guard/policy.yaml", "at: {severe: perhaps}\n");
    let output = guard.run(&["exec", "--", "true"]);
    assert_eq!(output.status.code(), Some(125));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("policy.yaml:1:") && told.contains("nothing was run"), "{told}");

    let guard = Guard::new();
    guard.file(".config/guard/rules/own.yaml", "pack: own\npack: own\n");
    let output = guard.run(&["exec", "--", "true"]);
    assert_eq!(output.status.code(), Some(125));
    assert!(String::from_utf8(output.stderr).unwrap().contains("own.yaml:2:1: `pack` is given twice"));
}

#[test]
fn a_project_can_tighten_and_not_loosen() {
    let guard = Guard::new();
    guard.file(
        "project/.guard/policy.yaml",
        "at: {catastrophic: run}\nrules: {git/push-force: {do: refuse, because: CI releases}}\n",
    );
    assert_eq!(guard.exec("railway volume delete -y"), 75);
    let output = guard.run(&["exec", "--", "git", "push", "--force"]);
    assert_eq!(output.status.code(), Some(77));
    assert!(String::from_utf8(output.stderr).unwrap().contains("CI releases"));
}

#[test]
fn what_nobody_can_show_is_refused() {
    for (policy, told) in [
        ("proof: {catastrophic: passphrase}", "policy demands a passphrase, and none is enrolled"),
        ("proof: {moderate: code}", "policy demands a one-time code, and none are enrolled"),
        ("approvals: {severe: 2}", "policy demands two people"),
    ] {
        let guard = Guard::new();
        guard.file("project/.guard/policy.yaml", policy);
        let output = guard.run(&["exec", "--", "railway", "volume", "delete", "-y"]);
        assert_eq!(output.status.code(), Some(75), "{policy}");
        let seen = String::from_utf8(output.stderr).unwrap();
        assert!(seen.contains(told), "{policy}: {seen}");
        assert_eq!(guard.exec("true"), 0);
    }
}

#[test]
fn without_a_ledger_the_harmless_runs_with_a_warning() {
    let guard = Guard::new();
    guard.file(".local/state/guard", "a file where a directory should be");
    let output = guard.run(&["exec", "--", "echo", "on"]);
    assert_eq!(output.stdout, b"on\n");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("guard: warning: "));
}

#[test]
fn without_a_ledger_nobody_is_asked() {
    let guard = Guard::new();
    guard.file(".local/state/guard", "a file where a directory should be");
    let output = guard.run(&["exec", "--", "railway", "volume", "delete"]);
    assert_eq!(output.status.code(), Some(125));
    assert!(String::from_utf8(output.stderr).unwrap().contains("must be on record"));
}

#[test]
fn a_question_is_on_record_before_its_answer() {
    let guard = Guard::new();
    assert_eq!(guard.exec("railway volume delete --volume data"), 75);
    let log = String::from_utf8(guard.run(&["log", "--json"]).stdout).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["what"], "asked", "{log}");
    assert_eq!(lines[0]["phrase"], "delete volume data", "{log}");
    assert_eq!(lines[1]["what"], "refused", "{log}");
    assert_eq!(lines[1]["of"], lines[0]["n"], "{log}");
}

#[test]
fn hostile_input_is_answered() {
    let guard = Guard::new();
    let long = "x ".repeat(50_000);
    let deep = "(".repeat(10_000);
    for text in ["'unterminated", "\u{1b}[2J\u{202e}rm -rf /", "<<", "$((", deep.as_str(), long.as_str(), ""]
    {
        let status = guard.run(&["check", "-c", text]).status.code().unwrap();
        assert!([0, 10, 11].contains(&status), "{status} for {:?}", &text[..text.len().min(40)]);
    }
}

#[test]
fn batch_answers_each_command() {
    let guard = Guard::new();
    let mut child =
        guard.command(&["check", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"ls\0rm -rf /etc\0psql -c 'drop database app'\0").unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let answers: Vec<serde_json::Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let decisions: Vec<&str> = answers.iter().map(|answer| answer["decision"].as_str().unwrap()).collect();
    assert_eq!(decisions, ["run", "ask", "ask"]);
    assert_eq!(answers[2]["phrase"], "drop database app");
}

#[test]
fn what_is_added_to_an_unread_script_hides_none_of_it() {
    let guard = Guard::new();
    let padding = "echo padding\n".repeat(100_000);
    guard.file("project/large.sh", &format!("#!/bin/sh\n{padding}touch ran\n"));
    assert_eq!(guard.exec("sh large.sh"), 75);
    assert_eq!(guard.exec("echo true >> large.sh; sh large.sh"), 75);
    assert_eq!(guard.exec("echo true | tee -a large.sh; sh large.sh"), 75);
    assert_eq!(guard.exec("dd if=large.sh of=other.sh; sh other.sh"), 75);
    assert!(!guard.path("project/ran").exists());
    guard.file("project/small.sh", "true\n");
    assert_eq!(guard.exec("echo true >> small.sh; echo true >> new.sh; sh small.sh && sh new.sh"), 0);
}

#[test]
fn a_script_is_read_as_sed_has_left_it() {
    let guard = Guard::new();
    guard.file("project/run.sh", "echo hello\n");
    for (edit, expected) in [
        ("sed -i 's#echo hello#rm -rf /srv/data#' run.sh", 10),
        ("sed -i.bak -E 's#(echo) hello#rm -rf /srv/data#' run.sh", 10),
        ("sed -ie 's#echo hello#rm -rf /srv/data#' run.sh", 10),
        ("sed -i -e 's#echo#rm -rf#' -e 's#hello#/srv/data#' run.sh", 10),
        ("sed -i 's#echo#rm -rf#' run.sh; sed -i 's#hello#/srv/data#' run.sh", 10),
        ("cp run.sh b.sh; sed -i 's#echo hello#rm -rf /srv/data#' b.sh; cp b.sh run.sh", 10),
        ("sed -i 's#hello#rm -rf /srv/data#' run.sh", 0),
        ("sed -i 's#echo hello#rm -rf /srv/data#' other.sh", 0),
    ] {
        let judged = guard.run(&["check", "-c", &format!("{edit}; sh run.sh")]).status.code();
        assert_eq!(judged, Some(expected), "{edit}");
    }
}

#[test]
fn a_script_that_the_command_itself_writes_is_read_as_that_leaves_it() {
    let guard = Guard::new();
    guard.file("project/run.sh", "echo hello\n");
    guard.file("project/count.py", "print(1)\n");
    guard.file("project/data.txt", "rm -rf /srv/data\n");
    for (command, expected) in [
        ("perl -pi -e 's#echo hello#rm -rf /srv/data#' run.sh; sh run.sh", 10),
        ("perl -pi -e 's#(echo) hello#rm -rf /srv/$1#' run.sh; sh run.sh", 10),
        ("perl -i -ne 'print uc' run.sh; sh run.sh", 10),
        ("patch run.sh fix.patch; mv run.sh z.sh; sh z.sh", 10),
        ("sort -o run.sh words; sh run.sh", 10),
        ("gawk -i inplace '{print $2}' run.sh; sh run.sh", 10),
        ("ed -s run.sh < commands; sh run.sh", 10),
        ("ex -sc '%s/hello/bye/|x' run.sh; sh run.sh", 10),
        ("scp host:run.sh .; sh run.sh", 10),
        ("rsync data.txt b.sh; sh b.sh", 10),
        ("cp -t /tmp data.txt; sh /tmp/data.txt", 10),
        ("install -m 755 data.txt b.sh; ./b.sh", 10),
        ("perl -pi -e 's/\\r$//' run.sh; sh run.sh", 0),
        ("perl -pi -e 's/(h)ello/$1i/' run.sh; sh run.sh", 0),
        ("perl -pi -e 's/(\\d+)/$1+1/e' count.py; python3 count.py", 0),
        ("patch run.sh fix.patch; echo true > run.sh; sh run.sh", 0),
        ("patch -p1 < fix.patch; sh run.sh", 0),
        ("tar xf tool.tar; sh run.sh", 0),
        ("rsync -a src/ build/; sh run.sh", 0),
    ] {
        let judged = guard.run(&["check", "-c", command]).status.code();
        assert_eq!(judged, Some(expected), "{command}");
    }
}

#[test]
fn a_program_that_a_command_makes_is_read_however_it_is_edited() {
    let guard = Guard::new();
    guard.file("project/bin/other", "#!/bin/sh\nrm -rf /srv/data\n");
    guard.file("project/data.sh", "rm -rf /srv/data\n");
    for made in [
        "echo 'rm -rf /srv/data' > bin/own",
        "echo 'rm -rf /srv/data' > bin/own; sed -i s/x/y/ bin/own",
        "sed -i s/x/y/ bin/own; echo 'rm -rf /srv/data' > bin/own",
        "cp data.sh bin/own; sed -i s/x/y/ bin/own",
        "sed -i s/x/y/ data.sh; cp data.sh bin/own",
    ] {
        let judged = guard.run(&["check", "-c", &format!("PATH=$PWD/bin:$PATH; {made}; own")]).status.code();
        assert_eq!(judged, Some(10), "{made}");
    }
}
