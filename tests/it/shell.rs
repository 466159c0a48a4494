//! Guard as the shell of an agent: the identical text runs in the real shell, or none of it does.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::harness::{Guard, SHELLS, can_play_a_person};
use crate::needs::needs;

const NOBODY: i32 = 75;

/// What is refused in these tests.
const DELETE: &str = "railway volume delete --volume data -y";

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Returns what a shell does with commands on its standard input.
fn told(mut shell: Command, commands: &str) -> (String, String, Option<i32>) {
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The shell may end before it has read everything.
    let _ = stdin.write_all(commands.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (out(&output), String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
}

#[test]
fn every_form_of_a_call_is_the_real_shells() {
    if !needs("bash") {
        return;
    }
    let guard = Guard::new();
    let shell = guard.shell("bash");
    let check = |words: &[&str]| {
        let real = guard.program("bash").args(words).output().unwrap();
        let ours = guard.program(&shell).args(words).output().unwrap();
        assert_eq!((out(&ours), ours.status.code()), (out(&real), real.status.code()), "{words:?}");
    };
    check(&["-c", "echo $0 $# $-; exit 3"]);
    check(&["-c", "-l", "echo $0 $-; shopt login_shell"]);
    check(&["-lc", "shopt login_shell; echo $-"]);
    check(&["-c", "echo $0 $1 $2", "name", "one", "two three"]);
    check(&["--norc", "--noprofile", "-c", "echo on"]);
    check(&["-euo", "pipefail", "-c", "echo $-; set -o | grep pipefail; false; echo never"]);
    check(&["+o", "posix", "-c", "echo +"]);
    check(&["-c", "echo 'a  b' \"$HOME\"; kill -TERM $$"]);
    check(&["--version"]);
    check(&["--nonsense"]);
    check(&["-c"]);
    guard.file("project/script.sh", "echo script $0 $1; exit 5\n");
    check(&["script.sh", "argument"]);
    check(&["no-such-script.sh"]);
}

#[test]
fn what_would_destroy_is_refused_in_every_form() {
    let guard = Guard::new();
    guard.tool("railway", "#!/bin/sh\ntouch \"$HOME/deleted\"\n");
    guard.file("project/script.sh", &format!("{DELETE}\n"));
    for name in ["bash", "zsh", "sh", "guard-sh"] {
        let shell = guard.shell(name);
        let quoted = format!("eval '{DELETE}' < /dev/null && pwd -P >| /tmp/claude-1-cwd");
        let forms: [&[&str]; 9] = [
            &["--rcfile", "script.sh", "-ic", "true"],
            &["-", "script.sh"],
            &["-c", DELETE],
            &["-lc", DELETE],
            &["-c", "-l", DELETE],
            &["-c", "eval \"$1\"", "name", DELETE],
            &["-c", "\"$@\"", "name", "railway", "volume", "delete", "--volume", "data"],
            &["script.sh"],
            &["-c", &quoted],
        ];
        for words in forms {
            let output = guard.program(&shell).args(words).output().unwrap();
            assert_eq!(output.status.code(), Some(NOBODY), "{name} {words:?}: {output:?}");
        }
    }
    // Standard input by its name, and what zsh alone does.
    for (name, words, commands) in [
        ("bash", &["/dev/stdin"][..], DELETE),
        ("bash", &["/proc/self/fd/0", "x"], DELETE),
        ("zsh", &["-c", "TRAPEXIT() { railway volume delete --volume data -y }"], ""),
        ("zsh", &["-c", "=railway volume delete --volume data -y"], ""),
    ] {
        if needs(name) {
            let mut shell = guard.program(guard.path(SHELLS).join(name));
            shell.args(words);
            let (_, said, _) = told(shell, &format!("{commands}\n"));
            assert!(said.contains("guard: refused: railway/volume-delete"), "{name} {words:?}: {said}");
        }
    }
    let bare = guard.program(guard.path(SHELLS).join("guard-sh")).arg(format!("cd /; {DELETE}")).output();
    assert_eq!(bare.unwrap().status.code(), Some(NOBODY));
    assert!(!guard.path("deleted").exists());
}

#[test]
fn the_text_of_an_agent_runs_whole_and_is_judged_by_the_command_in_it() {
    if !needs("bash") {
        return;
    }
    let guard = Guard::new();
    let shell = guard.shell("bash");
    // What guard does not read: the text's own words around the command are known by their bytes.
    let snapshot =
        guard.file(".claude/shell-snapshots/snapshot-bash-1-a.sh", "greet() { echo \"hello $1\"; }\n");
    let wrap = |command: &str| {
        format!(
            "source {} 2>/dev/null || true && shopt -u extglob 2>/dev/null || true && \
             eval '{command}' < /dev/null && pwd -P >| {}/claude-1a2b-cwd",
            snapshot.display(),
            guard.path("").display().to_string().trim_end_matches('/'),
        )
    };
    let run = |text: &str| guard.program(&shell).args(["-c", text]).output().unwrap();
    assert_eq!(out(&run(&wrap("greet you; cd /"))), "hello you\n");
    assert_eq!(std::fs::read_to_string(guard.path("claude-1a2b-cwd")).unwrap(), "/\n");
    std::fs::remove_file(guard.path("claude-1a2b-cwd")).unwrap();
    assert_eq!(run(&wrap(DELETE)).status.code(), Some(NOBODY));
    assert!(!guard.path("claude-1a2b-cwd").exists(), "the agent must not take it for done");
    let log = out(&guard.run(&["log", "--json"]));
    assert!(log.contains("greet you; cd /") && !log.contains("shopt"), "{log}");
}

#[test]
fn a_session_is_judged_command_by_command() {
    for name in ["bash", "dash", "zsh"] {
        if !needs(name) {
            continue;
        }
        let guard = Guard::new();
        guard.tool("railway", "#!/bin/sh\ntouch \"$HOME/deleted\"\n");
        let commands = format!(
            "echo one\nx=data\n{DELETE}\necho \"status $?\"\ncd /usr\npwd\n\
             railway volume delete --volume \"$x\" -y\n\
             if true\nthen {DELETE}\nfi\nrailway() {{\n command railway volume delete --volume $x -y\n}}\nrailway\n\
             cat <<E\n{DELETE}\nE\necho last; exit 3\n"
        );
        let (said, refused, status) = told(guard.program(guard.shell(name)), &commands);
        assert_eq!(said, format!("one\nstatus {NOBODY}\n/usr\n{DELETE}\nlast\n"), "{name}: {refused}");
        assert_eq!(refused.matches("guard: refused: railway/volume-delete").count(), 4, "{name}: {refused}");
        assert_eq!(status, Some(3), "{name}");
        assert!(!guard.path("deleted").exists());
    }
}

#[test]
fn no_program_takes_what_a_session_is_told_next_for_its_own_commands() {
    if !needs("bash") {
        return;
    }
    let guard = Guard::new();
    let shell = guard.shell("bash");
    for first in [
        "bash",
        "exec bash",
        "bash <&0",
        "if true; then sh; fi",
        "coproc bash",
        "bash -c bash",
        "x=bash; $x -s",
    ] {
        let text = format!("{first}\necho told $?\nexit 3\n");
        let (said, complaint, status) = told(guard.program(&shell), &text);
        assert_eq!((said.as_str(), status), ("told 77\n", Some(3)), "{first}: {complaint}");
    }
    // What is fed its commands there reads no others.
    let fed = "echo 'echo one' | bash\nbash <<E\necho two\nE\nbash -c 'echo three'\nread x\nvalue\necho $x\n";
    assert_eq!(told(guard.program(&shell), fed).0, "one\ntwo\nthree\nvalue\n");
}

#[test]
fn a_session_is_judged_by_what_it_reads_first() {
    if !needs("bash") {
        return;
    }
    let guard = Guard::new();
    guard.tool("railway", "#!/bin/sh\ntouch \"$HOME/deleted\"\n");
    guard.file("project/rc", &format!("{DELETE}\n"));
    guard.file("project/harmless", "X=1\n");
    let shell = guard.shell("bash");
    let check = |option: &str, file: &str, expected: i32| {
        let mut command = guard.program(&shell);
        command.args([option, file, "-i"]);
        assert_eq!(told(command, "exit 3\n").2, Some(expected), "{option} {file}");
    };
    check("--rcfile", "harmless", 3);
    check("--rcfile", "rc", NOBODY);
    check("--init-file", "rc", NOBODY);
    assert!(!guard.path("deleted").exists());
}

#[test]
fn at_a_terminal_a_person_is_asked() {
    if !needs("bash") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new().shims(&[]);
    guard.tool("railway", "#!/bin/sh\necho \"$@\" >> \"$HOME/deleted\"\n");
    let shell = guard.shell("bash");
    let mut person = guard.person(&[shell.to_str().unwrap()]);
    person.types_at("guard$ ", DELETE);
    person.types("no");
    person.types_at("guard$ ", "echo status $?");
    person.sees("status 77");
    person.types_at("guard$ ", DELETE);
    person.types("delete volume data");
    person.types_at("guard$ ", "read -r line && echo \"you said $line\" && exit 5");
    person.types_at("exit 5", "hello");
    person.sees("you said hello");
    assert_eq!(person.leaves(), 5);
    let deleted = std::fs::read_to_string(guard.path("deleted")).unwrap();
    assert_eq!(deleted, "volume delete --volume data -y\n");
}

#[test]
fn what_a_command_reads_is_no_command() {
    if !needs("bash") {
        return;
    }
    let guard = Guard::new();
    let commands = format!("read -r line\n{DELETE}\necho \"read: $line\"\nhead -n 1\n{DELETE}\necho on\n");
    let (said, refused, _) = told(guard.program(guard.shell("bash")), &commands);
    // `head` takes more than its line from a pipe; under the real shell it does so too.
    assert!(said.starts_with(&format!("read: {DELETE}\n{DELETE}\n")), "{said}");
    assert!(!refused.contains("refused"), "{refused}");
}

#[test]
fn a_session_is_the_shell_that_was_asked_for() {
    if !needs("bash") {
        return;
    }
    let guard = Guard::new();
    guard.shell("bash");
    let check = |words: &[&str], commands: &str| {
        let run = |program: &std::ffi::OsStr| {
            let mut shell = guard.program(program);
            shell.args(words);
            told(shell, commands)
        };
        let (real, ours) = (run("bash".as_ref()), run(guard.path(SHELLS).join("bash").as_os_str()));
        assert_eq!((&ours.0, ours.2), (&real.0, real.2), "{words:?} {commands:?}: {}", ours.1);
    };
    check(&[], "echo $#; false\n");
    check(&["-s", "one", "two"], "echo $1 $2; set -e; false; echo never\n");
    check(&["-e"], "echo a; false; echo never\n");
    check(&[], "echo a; exec echo replaced\necho never\n");
    check(&[], "sleep 0 & wait; echo $?; (exit 9)\n");
    check(&[], "echo without a newline");
    check(&[], "echo \\\njoined; printf '%s\\n' 'a\nb'\n");
    check(&[], "kill -TERM $$\n");
    check(&[], "");
}
