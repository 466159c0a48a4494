//! Shims over real and made-up tools: a harmless call is the tool's own, a dangerous one waits for a
//! person, and no shim ever finds itself.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Output, Stdio};

use crate::harness::{Guard, SHIMS, can_play_a_person};
use crate::needs::needs;

const NOBODY: i32 = 75;
const BROKEN: i32 = 125;
const NOT_FOUND: i32 = 127;

/// A tool that says how it was called.
const TELLS: &str = "#!/bin/sh\nprintf '%s\\n' \"${0##*/}\" \"$@\"\n";

/// A tool that leaves a mark when it deletes something.
const DELETES: &str = "#!/bin/sh\necho \"$@\" >> \"$HOME/deleted\"\n";

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn the_tool_gets_what_the_caller_gave() {
    let guard = Guard::new().shims(&["tool", "cat", "sh"]);
    guard.tool("tool", TELLS);
    let mut tool = guard.program("tool");
    tool.args(["a  b", "", "$HOME", "-c", "--help"]).arg(OsStr::from_bytes(b"\xff\n"));
    assert_eq!(tool.output().unwrap().stdout, b"tool\na  b\n\n$HOME\n-c\n--help\n\xff\n\n");
    assert_eq!(out(&guard.program("tool").output().unwrap()), "tool\n");

    let mut cat = guard.program("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    cat.stdin.take().unwrap().write_all(b"in\0put").unwrap();
    assert_eq!(cat.wait_with_output().unwrap().stdout, b"in\0put");

    let shell = |text: &str| guard.program(guard.path(SHIMS).join("sh")).args(["-c", text]).output().unwrap();
    assert_eq!(status(&shell("exit 7")), 7);
    assert_eq!(shell("kill -TERM $$").status.signal(), Some(15));
}

#[test]
fn no_process_stays_behind() {
    let guard = Guard::new().shims(&["sh"]);
    let shim = guard.path(SHIMS).join("sh");
    let child = guard.program(shim).args(["-c", "echo $$"]).stdout(Stdio::piped()).spawn().unwrap();
    let pid = child.id().to_string();
    assert_eq!(out(&child.wait_with_output().unwrap()).trim(), pid);
}

#[test]
fn a_tool_that_is_missing_comes_and_goes() {
    let guard = Guard::new().shims(&["tool"]);
    assert_eq!(status(&guard.sh("tool; exit $?")), NOT_FOUND);
    let tool = guard.tool("tool", "#!/bin/sh\necho here\n");
    assert_eq!(out(&guard.sh("tool")), "here\n");
    fs::remove_file(tool).unwrap();
    assert_eq!(status(&guard.sh("tool; exit $?")), NOT_FOUND);
}

#[test]
fn a_tool_that_cannot_be_run_is_told_as_such() {
    let guard = Guard::new().shims(&["tool"]);
    guard.file("bin/tool", "no program");
    assert_eq!(status(&guard.sh("tool; exit $?")), 126);
}

#[test]
fn of_two_tools_of_a_name_the_first_runs() {
    let guard = Guard::new().shims(&["tool"]);
    guard.tool("tool", "#!/bin/sh\necho first\n");
    let other = guard.file("other/tool", "#!/bin/sh\necho second\n");
    fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let at = |names: &[&str]| {
        let path: Vec<_> = names.iter().map(|name| guard.path(name)).collect();
        let path = std::env::join_paths(path).unwrap();
        out(&guard.program(guard.path(SHIMS).join("tool")).env("PATH", path).output().unwrap())
    };
    assert_eq!(at(&[SHIMS, "bin", "other", "usr"]), "first\n");
    assert_eq!(at(&[SHIMS, "other", "bin"]), "second\n");
    assert_eq!(at(&["bin", SHIMS, "other"]), "first\n");
}

#[test]
fn no_shim_finds_a_shim() {
    let guard = Guard::new().shims(&["tool"]);
    guard.tool("tool", "#!/bin/sh\necho the tool\n");
    let shim = guard.path(SHIMS).join("tool");
    // The same directory twice and under another name, a copy in another installation, a link to the
    // shim and a link of guard's program that nobody installed.
    std::os::unix::fs::symlink(guard.path(SHIMS), guard.path("alias")).unwrap();
    fs::create_dir_all(guard.path("system/guard/shims")).unwrap();
    fs::copy(&shim, guard.path("system/guard/shims/tool")).unwrap();
    fs::create_dir_all(guard.path("links")).unwrap();
    std::os::unix::fs::symlink(&shim, guard.path("links/tool")).unwrap();
    fs::create_dir_all(guard.path("hard")).unwrap();
    fs::hard_link(&shim, guard.path("hard/tool")).unwrap();
    let all = ["alias", "system/guard/shims", "links", SHIMS, SHIMS];
    for first in [SHIMS, "alias", "system/guard/shims", "links"] {
        let run = |with_tool: bool| {
            let names = [first].into_iter().chain(all).chain(with_tool.then_some("bin"));
            let path = std::env::join_paths(names.map(|name| guard.path(name))).unwrap();
            guard.program(guard.path(first).join("tool")).env("PATH", path).output().unwrap()
        };
        assert_eq!(out(&run(true)), "the tool\n", "{first}");
        assert_eq!(status(&run(false)), NOT_FOUND, "{first}");
    }
    let path = std::env::join_paths(["hard", "bin"].map(|name| guard.path(name))).unwrap();
    assert_eq!(out(&guard.program(&shim).env("PATH", path).output().unwrap()), "the tool\n");
}

#[test]
fn guard_exec_passes_over_the_shims() {
    let guard = Guard::new().shims(&["tool"]);
    guard.tool("tool", "#!/bin/sh\necho once\n");
    assert_eq!(guard.run(&["exec", "--", "tool"]).stdout, b"once\n");
    let log = out(&guard.run(&["log", "--json"]));
    assert_eq!(log.matches("\"ran\"").count(), 1, "{log}");
}

#[test]
fn a_lie_about_its_name_does_not_help() {
    let guard = Guard::new().shims(&["railway"]);
    guard.tool("railway", DELETES);
    let shim = guard.path(SHIMS).join("railway");
    for name in ["guard", "git", "ls", "", "guard-sh", "/usr/bin/true"] {
        let mut lie = guard.program(&shim);
        lie.arg0(name).args(["volume", "delete", "--volume", "data", "-y"]);
        assert_eq!(status(&lie.output().unwrap()), NOBODY, "{name:?}");
    }
    // Guard itself under another name is not that tool either.
    fs::create_dir(guard.path("elsewhere")).unwrap();
    fs::hard_link(&shim, guard.path("elsewhere/railway")).unwrap();
    let stray = guard.program(guard.path("elsewhere/railway")).arg("status").output().unwrap();
    assert_eq!(status(&stray), BROKEN);
    assert!(!guard.path("deleted").exists());
}

#[test]
fn what_other_programs_run_is_judged_too() {
    let guard = Guard::new().shims(&["railway"]);
    guard.tool("railway", DELETES);
    guard.file("project/Makefile", "clean:\n\trailway volume delete --volume data -y\n");
    guard.file(
        "project/run.py",
        "import subprocess, sys\nsys.exit(subprocess.call(['railway', *sys.argv[1:]]))\n",
    );
    let delete = "volume delete --volume data -y";
    let check = |program: &str, text: &str| {
        if needs(program) {
            let told = guard.sh(text);
            let told = String::from_utf8_lossy(&told.stderr).into_owned();
            assert!(told.contains("guard: refused: railway/volume-delete"), "{text}: {told}");
        }
    };
    check("sh", &format!("x=railway; $x {delete}"));
    check("make", "make -s clean");
    check("python3", &format!("python3 run.py {delete}"));
    check("bash", &format!("bash -c 'railway {delete}'"));
    check("xargs", &format!("echo {delete} | xargs railway"));
    check("find", &format!("find . -maxdepth 0 -exec railway {delete} ';'"));
    check("env", &format!("env -i GUARD_NO_INPUT=1 HOME=\"$HOME\" PATH=\"$PATH\" railway {delete}"));
    check("sudo", &format!("sudo -n env GUARD_NO_INPUT=1 PATH=\"$PATH\" railway {delete}"));
    assert!(!guard.path("deleted").exists());
    assert_eq!(status(&guard.sh("railway status")), 0);
    assert_eq!(fs::read_to_string(guard.path("deleted")).unwrap(), "status\n");
}

#[test]
fn without_any_environment_a_shim_still_judges() {
    let guard = Guard::new().shims(&["ls", "railway"]);
    let bare = |tool: &str, words: &[&str]| {
        guard.program(guard.path(SHIMS).join(tool)).env_clear().args(words).output().unwrap()
    };
    assert_eq!(status(&bare("ls", &["/"])), 0);
    // Without a home there is no ledger, and what cannot be on record is not even asked.
    assert_eq!(status(&bare("railway", &["volume", "delete", "--volume", "data"])), BROKEN);
}

#[test]
fn eight_at_a_time_all_run() {
    if !needs("xargs") || !needs("seq") {
        return;
    }
    let guard = Guard::new().shims(&["tool"]);
    guard.tool("tool", "#!/bin/sh\necho \"n$1\"\n");
    let output = guard.sh("seq 200 | xargs -P8 -n1 tool");
    assert_eq!(status(&output), 0, "{output:?}");
    let mut lines: Vec<_> = out(&output).lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 200);
}

#[test]
fn a_thousand_at_once_all_run() {
    let guard = Guard::new().shims(&["cat"]);
    let shim = guard.path(SHIMS).join("cat");
    let (theirs, ours) = std::io::pipe().unwrap();
    let start = || {
        let input = theirs.try_clone().unwrap();
        guard.program(&shim).stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // Each reads until the one pipe closes, so that all of them are there at the same time.
    let children: Vec<_> = (0..1000).map(|_| start()).collect();
    drop(ours);
    drop(theirs);
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(guard.run(&["log", "verify"]).status.code(), Some(0));
}

#[test]
fn what_a_person_let_through_is_not_asked_again_below_it() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new().shims(&["railway"]);
    guard.tool("railway", DELETES);
    guard.file("project/clean.sh", "railway volume delete --volume data -y\n");
    let mut person = guard.at_terminal(&["exec", "--", "sh", "clean.sh"]);
    person.types("delete volume data");
    assert_eq!(person.leaves(), 0);
    assert_eq!(fs::read_to_string(guard.path("deleted")).unwrap(), "volume delete --volume data -y\n");

    // A file that was changed after the answer makes the answer void.
    guard.file(
        "project/clean.sh",
        "railway volume delete --volume data -y\n\
         echo 'railway volume delete --volume other -y' >> clean.sh\n",
    );
    let mut person = guard.at_terminal(&["exec", "--", "sh", "clean.sh"]);
    person.types("delete volume data");
    person.sees("delete volume other");
    person.types("no");
    assert_ne!(person.leaves(), 0);
    assert!(!fs::read_to_string(guard.path("deleted")).unwrap().contains("other"));
}

#[test]
fn no_variable_stands_for_an_answer() {
    let guard = Guard::new().shims(&["railway"]);
    guard.tool("railway", DELETES);
    let mut call = guard.program("railway");
    call.args(["volume", "delete", "--volume", "data", "-y"]);
    for name in ["GUARD_ACTIVE", "GUARD_CLEARED", "GUARD_SHIM", "GUARD_DEPTH", "GUARD_ABOVE"] {
        call.env(name, "1");
    }
    assert_eq!(status(&call.output().unwrap()), NOBODY);
}
