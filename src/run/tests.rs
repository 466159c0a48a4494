#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::exit::Exit;
use crate::test_process::{Running, Scratch, Seat, again, again_in_shell, part, this_test};
use std::process::{Output, Stdio};
use std::str::FromStr as _;

/// Runs a shell script the way a part says: `become` it, or be its `parent` and end as it does.
fn play(part: &str, script: &str) -> ! {
    let argv = ["sh", "-c", script].map(OsString::from);
    let launch = Launch { program: Path::new(SHELL), argv: &argv, env: None, also: &[], cwd: None };
    match part {
        "become" => panic!("{}", replace(&launch)),
        _ => exit_like(spawn_and_wait(&launch).unwrap()),
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with('>')).collect()
}

#[test]
fn statuses_and_signals_are_the_programs_own() {
    let scripts =
        ["exit 0", "exit 3", "exit 255", "kill -TERM $$", "kill -KILL $$", "kill -QUIT $$", "kill -PIPE $$"];
    if let Some(part) = part() {
        let (part, script) = part.split_once(' ').unwrap();
        play(part, script);
    }
    for script in scripts {
        let direct = Command::new(SHELL).args(["-c", script]).status().unwrap();
        for how in ["become", "parent"] {
            let ended = again(this_test!(), &format!("{how} {script}")).output().unwrap().status;
            assert_eq!((ended.code(), ended.signal()), (direct.code(), direct.signal()), "{how}: {script}");
            assert!(!ended.core_dumped(), "{how}: {script}");
        }
    }
}

#[test]
fn a_shell_is_told_of_a_signal_by_128_and_its_number() {
    assert_eq!(Ended::Killed(15).code(), 143);
    assert_eq!(Ended::Exited(7).code(), 7);
}

#[test]
fn signals_are_ignored_blocked_or_default_as_before() {
    let script = "echo \">$(grep -E 'Sig(Blk|Ign)' /proc/$$/status | tr -d '\\n')\"";
    if let Some(part) = part() {
        let _ = nix::sys::signal::SigSet::from(Signal::SIGUSR2).thread_block();
        play(&part, script);
    }
    if !cfg!(target_os = "linux") {
        return;
    }
    // The runtime of the test binary ignores SIGPIPE, which must not be handed down; nohup ignores
    // SIGHUP, which must be.
    for how in ["become", "parent"] {
        let command = again_in_shell(this_test!(), how);
        let output =
            Command::new(SHELL).args(["-c", &format!("trap '' HUP USR1; {command}")]).output().unwrap();
        let bits = |name: &str| {
            let seen = stdout(&output);
            let after = seen.split(&format!("{name}:\t")).nth(1).unwrap().get(..16).unwrap().to_owned();
            u64::from_str_radix(&after, 16).unwrap()
        };
        let has = |bits: u64, signal: Signal| bits >> (signal as i32 - 1) & 1 == 1;
        let ignored = bits("SigIgn");
        assert!(has(ignored, Signal::SIGHUP) && has(ignored, Signal::SIGUSR1), "{how}: {ignored:x}");
        assert!(!has(ignored, Signal::SIGPIPE) && !has(ignored, Signal::SIGTERM), "{how}: {ignored:x}");
        assert!(has(bits("SigBlk"), Signal::SIGUSR2), "{how}");
    }
}

#[test]
fn arguments_environment_and_directory_arrive_byte_for_byte() {
    let scratch = Scratch::new();
    let odd = OsStr::from_bytes(b"\xff \n'\"$(x)*").to_owned();
    let script = "pwd -P >out; printf '%s|' \"$0\" \"$@\" >>out; printf '%s' \"$ODD\" >>out";
    let argv =
        ["sh", "-c", script, "name"].map(OsString::from).into_iter().chain([odd.clone(), OsString::new()]);
    let env = BTreeMap::from([(OsString::from("ODD"), odd)]);
    let directory = scratch.path("a dir");
    std::fs::create_dir(&directory).unwrap();
    let launch = Launch {
        program: Path::new(SHELL),
        argv: &argv.collect::<Vec<_>>(),
        env: Some(&env),
        also: &[],
        cwd: Some(&directory),
    };
    assert!(launch.spawn().unwrap().wait().unwrap().success());
    let physical = directory.canonicalize().unwrap();
    let expect = [physical.as_os_str().as_bytes(), b"\nname|\xff \n'\"$(x)*||\xff \n'\"$(x)*"].concat();
    assert_eq!(std::fs::read(directory.join("out")).unwrap(), expect);
}

#[test]
fn a_script_without_an_interpreter_is_read_by_the_shell() {
    if let Some(part) = part() {
        let (part, program) = part.split_once(' ').unwrap();
        let argv = ["script", "one", "two words"].map(OsString::from);
        let launch = Launch { program: Path::new(program), argv: &argv, env: None, also: &[], cwd: None };
        match part {
            "become" => panic!("{}", replace(&launch)),
            _ => exit_like(spawn_and_wait(&launch).unwrap()),
        }
    }
    let scratch = Scratch::new();
    let program = scratch.file("script", "echo \">$# $2\"\nexit 4\n", 0o755);
    for how in ["become", "parent"] {
        let output = again(this_test!(), &format!("{how} {}", program.display())).output().unwrap();
        assert_eq!((output.status.code(), stdout(&output)), (Some(4), ">2 two words".to_owned()), "{how}");
    }
}

#[test]
fn a_program_that_cannot_be_started_says_why() {
    let scratch = Scratch::new();
    let code = |path: &Path| {
        let argv = [OsString::from("x")];
        let launch = Launch { program: path, argv: &argv, env: None, also: &[], cwd: None };
        let (replaced, spawned) = (replace(&launch), launch.spawn().unwrap_err());
        assert_eq!(replaced.raw_os_error(), spawned.raw_os_error());
        Exit::of_start(&spawned)
    };
    assert_eq!(code(&scratch.path("missing")), Exit::NotFound);
    assert_eq!(code(&scratch.file("data", "x", 0o644)), Exit::NotRunnable);
    assert_eq!(code(Path::new("/")), Exit::NotRunnable);
}

/// Starts a script under a waiting guard. It must print `>ready` and its process; these are skipped.
fn start(test: &str, script: &str) -> (Running, Pid, impl Iterator<Item = String>) {
    let mut guard = Running::start(again(test, script).stdout(Stdio::piped()));
    let mut lines = guard.stdout().filter_map(|line| line.strip_prefix('>').map(str::to_owned));
    let pid = lines.next().unwrap().strip_prefix("ready ").unwrap().parse().unwrap();
    (guard, Pid::from_raw(pid), lines)
}

#[test]
fn a_signal_to_guard_reaches_the_program_once() {
    if let Some(script) = part() {
        play("parent", &script);
    }
    for name in ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "WINCH"] {
        let last = if name == "TERM" { "USR1" } else { "TERM" };
        let script = format!(
            "sleep 1000 >/dev/null & n=0
             trap 'n=$((n + 1)); echo \">got\"' {name}
             trap 'kill $!; exit $((10 + n))' {last}
             echo \">ready $$\"
             while :; do wait; done"
        );
        let (mut guard, _, mut lines) = start(this_test!(), &script);
        let send = |name| kill(guard.pid(), Signal::from_str(&format!("SIG{name}")).unwrap()).unwrap();
        send(name);
        assert_eq!(lines.next().as_deref(), Some("got"), "{name}");
        send(last);
        assert_eq!((guard.wait().code(), lines.next()), (Some(11), None), "{name}");
    }
}

#[test]
fn a_signal_from_the_program_to_its_parent_is_not_turned_back() {
    if let Some(script) = part() {
        play("parent", &script);
    }
    // A shell runs its traps in the order of the signals' numbers, so TERM would win over WINCH.
    let script = "sleep 1000 >/dev/null &
        trap 'kill $!; exit 3' TERM
        trap 'kill $!; exit 4' WINCH
        echo \">ready $$\"; kill -TERM $PPID; echo '>sent'
        while :; do wait; done";
    let (mut guard, _, mut lines) = start(this_test!(), script);
    assert_eq!(lines.next().as_deref(), Some("sent"));
    kill(guard.pid(), Signal::SIGWINCH).unwrap();
    assert_eq!(guard.wait().code(), Some(4));
}

#[test]
fn what_the_terminal_sends_is_not_passed_on() {
    let program = Pid::from_raw(i32::MAX);
    let check = |signal, sender: Option<i32>, expect| {
        let arrival = Arrival { signal, sender: sender.map(Pid::from_raw) };
        assert_eq!(is_for_child(arrival, program), expect, "{arrival:?}");
    };
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGWINCH] {
        check(signal, None, false);
        check(signal, Some(1), true);
        // From a process that cannot be seen from here, as with a container's.
        check(signal, Some(0), true);
    }
    check(Signal::SIGHUP, None, getsid(None) == Ok(getpid()));
    check(Signal::SIGCHLD, Some(1), false);
}

#[test]
fn a_program_is_waited_for_even_where_children_are_ignored() {
    if part().is_some() {
        // SAFETY: ignoring a signal calls no code.
        #[allow(unsafe_code)]
        unsafe { nix::sys::signal::signal(Signal::SIGCHLD, nix::sys::signal::SigHandler::SigIgn) }.unwrap();
        play("parent", "exit 3");
    }
    assert_eq!(again(this_test!(), "guard").status().unwrap().code(), Some(3));
}

#[test]
fn an_alarm_set_before_guard_ends_the_program() {
    match part().as_deref() {
        Some("guard") => play("parent", "echo \">ready $$\"; exec sleep 1000"),
        Some("alarm") => {
            nix::unistd::alarm::set(1);
            panic!("{}", again(this_test!(), "guard").exec());
        }
        _ => {}
    }
    let (mut guard, program, _) = start(this_test!(), "alarm");
    assert_eq!(guard.wait().signal(), Some(Signal::SIGALRM as i32));
    assert_eq!(kill(program, None), Err(Errno::ESRCH));
}

#[test]
fn guard_stops_and_goes_on_with_the_program() {
    if let Some(script) = part() {
        play("parent", &script);
    }
    let script = "echo \">ready $$\"; kill -STOP $$; exit 6";
    let (mut guard, ..) = start(this_test!(), script);
    let stopped = waitpid(guard.pid(), Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(stopped, WaitStatus::Stopped(guard.pid(), Signal::SIGSTOP));
    kill(guard.pid(), Signal::SIGCONT).unwrap();
    assert_eq!(guard.wait().code(), Some(6));
}

#[test]
fn a_terminal_controls_the_job_as_if_guard_were_not_there() {
    if let Some(script) = part() {
        play("parent", &format!(". {script}"));
    }
    let scratch = Scratch::new();
    let script = scratch.file(
        "job",
        "trap 'echo \">int\"' INT\necho \">up\"\nuntil read line; do :; done\necho \">line $line\"\nexit 5\n",
        0o644,
    );
    let mut seat = Seat::new();
    let mut shell = Command::new(SHELL);
    shell.args(["-i", "-m"]).env("PS1", "prompt: ").env_remove("ENV");
    let mut shell = seat.start(shell.stdin(seat.stream()).stdout(seat.stream()).stderr(seat.stream()));
    seat.sees("prompt: ");
    seat.types(&format!("{}\n", again_in_shell(this_test!(), script.to_str().unwrap())));
    seat.sees(">up");
    seat.types("\x03");
    seat.sees(">int");
    seat.types("\x1a");
    assert!(!seat.sees("prompt: ").contains(">int"));
    seat.types("jobs; fg\n");
    assert!(seat.sees("fg\r\n").contains("jobs"));
    seat.sees("Stopped");
    seat.types("hello\n");
    assert!(!seat.sees(">line hello").contains(">int"));
    seat.sees("prompt: ");
    seat.types("echo code: $?; exit\n");
    seat.sees("code: 5");
    assert!(shell.wait().success());
}

#[test]
fn a_hang_up_reaches_the_program_when_guard_leads_the_session() {
    if let Some(script) = part() {
        play("parent", &script);
    }
    let scratch = Scratch::new();
    let told = scratch.path("told");
    let script =
        format!("trap 'echo yes >{}; exit 0' HUP; echo up; while :; do read line; done", told.display());
    let mut seat = Seat::new();
    let mut command = again(this_test!(), &script);
    let mut guard = seat.start(command.stdin(seat.stream()).stdout(seat.stream()).stderr(seat.stream()));
    seat.sees("up");
    seat.hangs_up();
    guard.wait();
    assert_eq!(std::fs::read_to_string(told).unwrap(), "yes\n");
}

#[test]
fn programs_are_found_as_execvp_finds_them() {
    let scratch = Scratch::new();
    let (first, second) = (scratch.path("first"), scratch.path("second"));
    scratch.file("first/data", "", 0o644);
    scratch.file("first/both", "", 0o644);
    scratch.file("second/both", "", 0o755);
    std::fs::create_dir(first.join("directory")).unwrap();
    let path = std::env::join_paths([&first, &scratch.path("missing"), &second]).unwrap();
    let check = |program: &str, expect: Result<PathBuf, io::ErrorKind>| {
        let found = find(OsStr::new(program), Some(&path)).map_err(|error| error.kind());
        assert_eq!(found, expect, "{program}");
    };
    check("both", Ok(second.join("both")));
    check("data", Err(io::ErrorKind::PermissionDenied));
    check("directory", Err(io::ErrorKind::PermissionDenied));
    check("none", Err(io::ErrorKind::NotFound));
    check("", Err(io::ErrorKind::NotFound));
    check("./none", Ok(PathBuf::from("./none")));
    assert_eq!(find(OsStr::new("sh"), None).unwrap(), Path::new("/bin/sh"));
    let here = find(OsStr::new("Cargo.toml"), Some(OsStr::new("")));
    assert_eq!(here.map_err(|error| error.kind()), Err(io::ErrorKind::PermissionDenied));
}

#[test]
fn no_shim_is_found() {
    let scratch = Scratch::new();
    scratch.file("guard/shims/tool", "guard", 0o755);
    scratch.file("other/guard/shims/tool", "another guard", 0o755);
    let tool = scratch.file("bin/tool", "tool", 0o755);
    std::os::unix::fs::symlink(scratch.path("guard/shims"), scratch.path("alias")).unwrap();
    std::fs::create_dir(scratch.path("linked")).unwrap();
    std::os::unix::fs::symlink(scratch.path("guard/shims/tool"), scratch.path("linked/tool")).unwrap();
    let path = |names: &[&str]| std::env::join_paths(names.iter().map(|name| scratch.path(name))).unwrap();
    let lookup = |names: &[&str]| find(OsStr::new("tool"), Some(&path(names)));
    let shims = ["alias", "linked", "guard/shims", "other/guard/shims"];
    assert_eq!(lookup(&[&shims[..], &["bin"]].concat()).unwrap(), tool);
    assert_eq!(lookup(&shims).unwrap_err().kind(), io::ErrorKind::NotFound);
}
