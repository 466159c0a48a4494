#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::test_process::{Running, Seat, again, again_in_shell, part, this_test};
use nix::sys::signal::{SigHandler, kill, signal};
use nix::unistd::setsid;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

const PHRASE: &str = "delete volume data";

/// The last line of the question.
const QUESTION_ENDS: &str = "Refuses by itself in ";

fn prompt(time: Duration) -> Prompt {
    Prompt {
        command: "cloud volume delete --volume data".to_owned(),
        part: None,
        certain: true,
        rules: vec![],
        asked_by: String::new(),
        here: vec![],
        loses: vec![],
        backups: vec![],
        counts: vec![],
        kept: vec![],
        handed: vec![],
        instead: vec![],
        recover: vec![],
        unread: vec![],
        notes: vec![],
        phrase: PHRASE.to_owned(),
        time,
    }
}

/// Plays the part of guard: asks at the controlling terminal, below the detection of agents (this
/// suite may well be run by one), and prints the answer.
fn asks(part: &str) {
    let time = if part == "briefly" { Duration::from_millis(500) } else { Duration::from_secs(60) };
    let answer = match open() {
        Ok(tty) => ask(&tty, &|columns, rows| prompt(time).render(columns, rows, Paint::PLAIN), time),
        Err(why) => Answer::Absent(why),
    };
    println!(">{answer:?}");
}

/// What a question came to.
struct Outcome {
    answer: Option<String>,
    signal: Option<i32>,
    as_it_was: bool,
}

/// Lets a child of `test` ask at a terminal where `person` sits.
fn outcome(test: &str, part: &str, person: impl FnOnce(&mut Seat, &Running)) -> Outcome {
    let mut seat = Seat::new();
    let mut guard = seat.start(again(test, part).stdin(Stdio::null()).stdout(Stdio::piped()));
    let mut lines = guard.stdout().filter_map(|line| line.strip_prefix('>').map(str::to_owned));
    person(&mut seat, &guard);
    let answer = lines.next();
    let signal = guard.wait().signal();
    Outcome { answer, signal, as_it_was: seat.is_as_it_was() }
}

/// As [`outcome`], where the person types `keys` once they count.
#[track_caller]
fn check(test: &str, keys: &str, expect: &Answer) {
    let Outcome { answer, as_it_was, .. } = outcome(test, "ask", |seat, _| {
        assert!(seat.sees(QUESTION_ENDS).contains(PHRASE));
        seat.sees("> ");
        seat.types(keys);
    });
    assert_eq!(answer, Some(format!("{expect:?}")), "{keys:?}");
    assert!(as_it_was, "{keys:?}");
}

fn typed(text: &str) -> Answer {
    Answer::Typed(text.to_owned())
}

#[test]
fn the_line_that_was_typed_is_the_answer() {
    if part().is_some() {
        return asks("ask");
    }
    for keys in [
        "delete volume data\r",
        "  delete volume data \r",
        "delete volume datum\x7f\x7fa\r",
        "delete volume dta\x1b[D\x1b[Da\r",
        "delete\x1b[A\x1b[3~ volume\t data\r",
        "delete volume data\rmore\r",
    ] {
        check(this_test!(), keys, &typed(PHRASE));
    }
    check(this_test!(), "remove /home/josé/文\r", &typed("remove /home/josé/文"));
    check(this_test!(), "delete volume date\r", &typed("delete volume date"));
    check(this_test!(), "Delete volume data\r", &typed("Delete volume data"));
    check(this_test!(), "delete  volume data\r", &typed("delete  volume data"));
    check(this_test!(), "y\r", &typed("y"));
}

#[test]
fn every_way_to_refuse_refuses_at_once() {
    if part().is_some() {
        return asks("ask");
    }
    for keys in ["\r", "\n", "   \r", "\x03", "\x04", "\x1a", "\x1c", "\x1b", "\x1b\x1b"] {
        check(this_test!(), keys, &Answer::Declined);
    }
    for keys in ["delete volume data\x03", "delete volume data\x04", "delete volume data\x1b", "a\x7f\r"] {
        check(this_test!(), keys, &Answer::Declined);
    }
}

#[test]
fn the_line_is_drawn_and_stays_on_the_screen() {
    if part().is_some() {
        return asks("ask");
    }
    let Outcome { answer, .. } = outcome(this_test!(), "ask", |seat, _| {
        seat.sees("\r\n\r\n");
        seat.sees("> ");
        seat.types("no");
        seat.sees("no");
        seat.types("\r");
        seat.sees("> no\r\n");
    });
    assert_eq!(answer.as_deref(), Some("Typed(\"no\")"));
}

#[test]
fn what_was_typed_ahead_does_not_count() {
    if part().is_some() {
        return asks("ask");
    }
    let ahead = format!("{PHRASE}\r");
    let mut seat = Seat::new();
    seat.types(&ahead);
    let mut guard = seat.start(again(this_test!(), "ask").stdin(Stdio::null()).stdout(Stdio::piped()));
    seat.types(&ahead);
    seat.sees(QUESTION_ENDS);
    seat.types(&ahead);
    seat.types(&ahead);
    seat.sees("> ");
    seat.types("not that\r");
    let mut answers = guard.stdout().filter(|line| line.starts_with('>'));
    assert_eq!(answers.next().as_deref(), Some(">Typed(\"not that\")"));
    assert!(guard.wait().success());
}

#[test]
fn ctrl_c_refuses_before_keys_count() {
    if part().is_some() {
        return asks("ask");
    }
    let Outcome { answer, signal, as_it_was } = outcome(this_test!(), "ask", |seat, _| {
        seat.sees(QUESTION_ENDS);
        seat.types("\x03");
    });
    // The terminal itself may have turned it into a signal, if guard had not yet taken the keys over.
    assert!(
        answer.as_deref() == Some("Declined") || signal == Some(Signal::SIGINT as i32),
        "{answer:?} {signal:?}"
    );
    assert!(as_it_was);
}

#[test]
fn the_time_runs_out() {
    if part().is_some() {
        return asks("briefly");
    }
    let Outcome { answer, as_it_was, .. } = outcome(this_test!(), "ask", |seat, _| {
        seat.sees(QUESTION_ENDS);
    });
    assert_eq!(answer.as_deref(), Some("TimedOut"));
    assert!(as_it_was);
}

#[test]
fn a_terminal_that_goes_away_refuses() {
    match part().as_deref() {
        Some("hung up") => return asks("ask"),
        Some("nohup") => {
            // SAFETY: ignoring a signal calls no code.
            #[allow(unsafe_code)]
            unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) }.unwrap();
            return asks("ask");
        }
        _ => {}
    }
    for part in ["hung up", "nohup"] {
        let mut seat = Seat::new();
        let mut command = again(this_test!(), part);
        let mut guard = seat.start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut answers = guard.stdout().filter_map(|line| line.strip_prefix('>').map(str::to_owned));
        seat.sees("> ");
        seat.types("delete volume dat");
        seat.sees("dat");
        seat.hangs_up();
        let answer = answers.next();
        let killed = guard.wait().signal() == Some(Signal::SIGHUP as i32);
        let gone = answer.as_deref() == Some("Absent(\"the terminal went away\")");
        // The terminal is gone a moment before the signal comes.
        assert!(gone || part == "hung up" && answer.is_none() && killed, "{part}: {answer:?}");
    }
}

#[test]
fn a_signal_has_its_effect_after_the_terminal_is_as_it_was() {
    if part().is_some() {
        return asks("ask");
    }
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP] {
        let ended = outcome(this_test!(), "ask", |seat, guard| {
            seat.sees("> ");
            seat.types(PHRASE);
            seat.sees("data");
            assert!(!seat.is_as_it_was());
            kill(guard.pid(), signal).unwrap();
        });
        assert_eq!((ended.answer, ended.signal), (None, Some(signal as i32)));
        assert!(ended.as_it_was, "{signal}");
    }
}

#[test]
fn a_panic_leaves_the_terminal_as_it_was() {
    if part().is_some() {
        let tty = open().unwrap();
        std::panic::set_hook(Box::new(|_| {}));
        let caught = std::panic::catch_unwind(|| {
            let _modes = Modes::change(&tty).unwrap();
            assert!(!tcgetattr(&tty).unwrap().local_flags.contains(nix::sys::termios::LocalFlags::ECHO));
            panic!("on purpose");
        });
        return println!(">{}", caught.is_err());
    }
    let ended = outcome(this_test!(), "panic", |_, _| {});
    assert_eq!(ended.answer.as_deref(), Some("true"));
    assert!(ended.as_it_was);
}

#[test]
fn standard_input_answers_nothing_and_is_left_alone() {
    if part().is_some() {
        asks("ask");
        let mut rest = String::new();
        io::stdin().read_line(&mut rest).unwrap();
        return println!(">{rest:?}");
    }
    // Standard input is another terminal, at which an agent types.
    let (mut agent, mut person) = (Seat::new(), Seat::new());
    let mut guard = person.start(again(this_test!(), "ask").stdin(agent.stream()).stdout(Stdio::piped()));
    let mut lines = guard.stdout().filter_map(|line| line.strip_prefix('>').map(str::to_owned));
    person.sees("> ");
    agent.types(&format!("{PHRASE}\n"));
    agent.sees(PHRASE);
    person.types("no\r");
    assert_eq!(lines.next().as_deref(), Some("Typed(\"no\")"));
    assert_eq!(lines.next(), Some(format!("{:?}", format!("{PHRASE}\n"))));
    assert!(guard.wait().success());
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    if part().is_some() {
        setsid().unwrap();
        return asks("ask");
    }
    let output = again(this_test!(), "ask").stdin(Stdio::null()).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.contains(">Absent(\"there is no terminal\")\n"), "{output}");
}

#[test]
fn nobody_is_asked_in_the_background() {
    if part().is_some() {
        return asks("ask");
    }
    let mut seat = Seat::new();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-i", "-m"]).env("PS1", "prompt: ").env_remove("ENV");
    let mut shell = seat.start(shell.stdin(seat.stream()).stdout(seat.stream()).stderr(seat.stream()));
    seat.sees("prompt: ");
    seat.types(&format!("{} &\n", again_in_shell(this_test!(), "ask")));
    seat.sees(">Absent(\"the command runs in the background\")");
    seat.types("exit\n");
    shell.wait();
}

/// Returns the words before a program that let it see no process above, or nothing where that is not
/// allowed.
fn alone() -> Option<Vec<&'static str>> {
    let words = match nix::unistd::geteuid().is_root() {
        true => vec!["unshare", "--pid", "--fork", "--mount-proc"],
        false => vec!["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"],
    };
    let works = Command::new(words[0]).args(&words[1..]).arg("true").output();
    works.is_ok_and(|output| output.status.success()).then_some(words)
}

#[test]
fn a_terminal_counts_only_if_no_agent_is_above() {
    if part().is_some() {
        let answer = Terminal::new(Paint::PLAIN).answer(&prompt(Duration::from_secs(60)));
        return println!(">{answer:?}");
    }
    let Some(alone) = alone() else {
        return eprintln!("not tested: no namespaces here");
    };
    let program = again(this_test!(), "ask");
    let asked = |variables: &[&str], person: &dyn Fn(&mut Seat)| {
        let mut seat = Seat::new();
        let mut command = Command::new(alone[0]);
        command.args(&alone[1..]).args(["env", "-i", "GUARD_TEST_CHILD=ask", "TERM=xterm"]).args(variables);
        command.arg(program.get_program()).args(program.get_args());
        let mut guard = seat.start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let mut lines = guard.stdout().filter_map(|line| line.strip_prefix('>').map(str::to_owned));
        person(&mut seat);
        lines.next()
    };
    let types = |seat: &mut Seat| {
        seat.sees("> ");
        seat.types(&format!("{PHRASE}\r"));
    };
    assert_eq!(asked(&[], &types), Some(format!("{:?}", typed(PHRASE))));
    let why = "the command was started by claude-code; its terminal is not a person's";
    let absent = Answer::Absent(why.to_owned());
    assert_eq!(asked(&["CLAUDECODE=1"], &|_| {}), Some(format!("{absent:?}")));
}
