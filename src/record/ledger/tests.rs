use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::process::Command as Process;

use super::super::verify::verify;
use super::super::{Command, End, Person, RefusedBy, Subject};
use super::*;
use crate::test_process::{Running, Scratch, again, again_in_shell, part, this_test};

/// Returns a ledger in a fresh directory, which is removed with the returned handle.
fn fresh() -> (Scratch, Ledger) {
    let directory = Scratch::new();
    let ledger = Ledger::at(directory.path("guard/ledger.jsonl"));
    (directory, ledger)
}

fn subject(command: &str) -> Subject<'_> {
    Subject {
        command: Command::Text(command.as_ref()),
        origin: "exec",
        cwd: Path::new("/srv"),
        rules: &[],
        gaps: &[],
    }
}

fn ran(command: &str) -> Entry<'_> {
    Entry::Ran(subject(command))
}

fn text(ledger: &Ledger) -> String {
    fs::read_to_string(&ledger.path).unwrap()
}

fn numbers(ledger: &Ledger) -> Vec<u64> {
    text(ledger).lines().filter_map(|line| Link::of(line.as_bytes())).map(|link| link.n).collect()
}

#[track_caller]
fn check_sound(ledger: &Ledger, lines: u64) {
    let found = verify(&ledger.path).unwrap();
    assert_eq!((found.lines, found.last, found.faults), (lines, lines, vec![]));
}

#[test]
fn lines_are_added_in_order_and_bound_to_each_other() {
    let (_directory, ledger) = fresh();
    for n in 1..=3 {
        assert_eq!(ledger.append(&ran("ls")).unwrap(), Receipt { n });
    }
    let text = text(&ledger);
    let links: Vec<_> = text.lines().map(|line| Link::of(line.as_bytes()).unwrap()).collect();
    assert_eq!(links[0].prev, Hash::default());
    assert_eq!((links[1].prev, links[2].prev), (links[0].hash, links[1].hash));
    assert!(text.ends_with('\n'));
    check_sound(&ledger, 3);
}

#[test]
fn a_line_says_what_happened() {
    let (_directory, ledger) = fresh();
    let start = Stamp::now().to_string();
    let person = Person { uid: 1000, user: Some("ada"), tty: Some("/dev/pts/3"), proof: None, secret: None };
    let rules = ["railway/volume-delete"];
    let delete = || Subject { rules: &rules, ..subject("railway volume delete") };
    let phrase = "delete volume data";
    let asked = ledger.append(&Entry::Asked { subject: delete(), agent: None, phrase }).unwrap();
    let cleared =
        Entry::Cleared { subject: delete(), phrase, by: person, second: None, asked: Some(asked), keys: &[] };
    let opened = ledger.append(&cleared).unwrap();
    let took = Duration::from_millis(1234);
    ledger.append(&Entry::Ended { opened, end: End::Exited(3), took }).unwrap();
    let refused =
        Entry::Refused { subject: delete(), by: RefusedBy::Policy("released from CI"), asked: None };
    ledger.append(&refused).unwrap();

    let text = text(&ledger);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let field = |line: usize, name: &str| lines[line][name].clone();
    assert_eq!(
        ["asked", "cleared", "ended", "refused"].map(serde_json::Value::from).to_vec(),
        lines.iter().map(|l| l["what"].clone()).collect::<Vec<_>>()
    );
    assert_eq!((field(0, "phrase"), field(0, "rules")[0].clone()), (phrase.into(), rules[0].into()));
    assert_eq!(
        (field(1, "of"), field(1, "by"), field(1, "person")["user"].clone()),
        (1.into(), "person".into(), "ada".into())
    );
    assert_eq!((field(2, "of"), field(2, "status"), field(2, "ms")), (2.into(), 3.into(), 1234.into()));
    assert_eq!((field(3, "by"), field(3, "because")), ("policy".into(), "released from CI".into()));
    assert_eq!((field(0, "pid"), field(0, "uid")), (process::id().into(), getuid().as_raw().into()));
    assert_eq!((field(0, "cwd"), field(0, "origin")), ("/srv".into(), "exec".into()));
    let time = field(0, "time").as_str().unwrap().to_owned();
    assert!(start <= time && time <= Stamp::now().to_string(), "{time}");
}

#[test]
fn only_the_user_may_read_it() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&ledger.path), 0o600);
    assert_eq!(mode(&head_path(&ledger.path)), 0o600);
    assert_eq!(mode(ledger.path.parent().unwrap()), 0o700);

    fs::set_permissions(&ledger.path, Permissions::from_mode(0o644)).unwrap();
    ledger.append(&ran("ls")).unwrap();
    assert_eq!(mode(&ledger.path), 0o600);
}

#[test]
fn where_it_is() {
    let path = |state: &str, home: &str| {
        default_path(|name| match name {
            "XDG_STATE_HOME" => Some(state.into()),
            "HOME" => Some(home.into()),
            _ => None,
        })
    };
    assert_eq!(path("/s", "/h").unwrap(), Path::new("/s/guard/ledger.jsonl"));
    assert_eq!(path("", "/h").unwrap(), Path::new("/h/.local/state/guard/ledger.jsonl"));
    assert_eq!(path("relative", "/h").unwrap(), Path::new("/h/.local/state/guard/ledger.jsonl"));
    assert_eq!(path("", ""), None);
    assert_eq!(default_path(|_| None), None);
}

#[test]
fn many_writers_lose_nothing() {
    const PROCESSES: u64 = 4;
    const THREADS: u64 = 2;
    const EACH: u64 = 500;
    if let Some(path) = part() {
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let ledger = Ledger::at(&path);
                    for n in 0..EACH {
                        ledger.append(&ran(&format!("echo {n} {:?}", thread::current().id()))).unwrap();
                    }
                });
            }
        });
        return;
    }
    let (_directory, ledger) = fresh();
    let mut writer = again(this_test!(), ledger.path.to_str().unwrap());
    let mut children: Vec<_> = (0..PROCESSES).map(|_| Running::start(&mut writer)).collect();
    for child in &mut children {
        assert!(child.wait().success());
    }
    check_sound(&ledger, PROCESSES * THREADS * EACH);
    let text = text(&ledger);
    let mut commands: Vec<_> = text
        .lines()
        .map(|line| Line::read(line.as_bytes()).unwrap())
        .map(|line| (line.pid, line.command.unwrap()))
        .collect();
    commands.sort_unstable();
    commands.dedup();
    assert_eq!(commands.len() as u64, PROCESSES * THREADS * EACH, "each was written once");
}

/// Runs a test again as a child whose files may not grow past `blocks` (of 512 or 1024 bytes).
#[track_caller]
fn run_with_small_files(test: &str, ledger: &Ledger, before: &str, blocks: u32) {
    let child = again_in_shell(test, ledger.path.to_str().unwrap());
    let mut shell = Process::new("sh");
    let output = shell.args(["-c", &format!("{before} ulimit -f {blocks}; {child}")]).output().unwrap();
    assert!(output.status.success(), "{:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_line_that_does_not_fit_is_not_written_at_all() {
    // The signal that comes with the limit would end the child.
    if let Some(path) = part() {
        let ledger = Ledger::at(path);
        let error = loop {
            if let Err(error) = ledger.append(&ran("echo until it is full")) {
                break error;
            }
        };
        assert!(
            matches!(&error, LedgerError::Write { source, .. } if source.raw_os_error() == Some(Errno::EFBIG as i32)),
            "{error}"
        );
        return;
    }
    let (_directory, ledger) = fresh();
    run_with_small_files(this_test!(), &ledger, "", 8);
    let lines = numbers(&ledger).len() as u64;
    assert!(lines > 5);
    check_sound(&ledger, lines);
    ledger.append(&ran("there is room again")).unwrap();
    check_sound(&ledger, lines + 1);
}

#[test]
fn half_a_line_is_taken_back() {
    // Here the limit is met within a write, which the kernel then cuts short.
    if let Some(path) = part() {
        let file = OpenOptions::new().append(true).open(path).unwrap();
        let length = file.metadata().unwrap().len();
        let error = add(&file, &vec![b'x'; 4096], length, || Ok(())).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::EFBIG as i32));
        return;
    }
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let before = text(&ledger);
    run_with_small_files(this_test!(), &ledger, "trap '' XFSZ;", 2);
    assert_eq!(text(&ledger), before);
    check_sound(&ledger, 1);
}

#[test]
fn what_follows_a_line_fails_with_it() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let before = text(&ledger);
    let file = OpenOptions::new().append(true).open(&ledger.path).unwrap();
    let failed = add(&file, b"half", before.len() as u64, || Err(io::Error::other("no room for the head")));
    assert!(failed.is_err());
    assert_eq!(text(&ledger), before);
}

#[test]
fn a_writer_that_ended_within_a_line_hinders_nobody() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let half = r#"{"n":2,"time":"2026-11-22T01:"#;
    let mut file = OpenOptions::new().append(true).open(&ledger.path).unwrap();
    file.write_all(half.as_bytes()).unwrap();

    ledger.append(&ran("pwd")).unwrap();
    ledger.append(&ran("id")).unwrap();
    let text = text(&ledger);
    assert_eq!(text.lines().nth(1), Some(half));
    assert_eq!(text.lines().count(), 4);
    assert_eq!(numbers(&ledger), [1, 2, 3]);
}

#[test]
fn a_writer_that_ended_before_the_head_was_moved_is_followed() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let head = fs::read(head_path(&ledger.path)).unwrap();
    ledger.append(&ran("pwd")).unwrap();
    ledger.append(&ran("id")).unwrap();
    fs::write(head_path(&ledger.path), head).unwrap();
    ledger.append(&ran("date")).unwrap();
    assert_eq!(numbers(&ledger), [1, 2, 3, 4]);
    check_sound(&ledger, 4);
}

#[test]
fn lines_of_another_hand_are_not_followed() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let first = text(&ledger);
    let mut file = OpenOptions::new().append(true).open(&ledger.path).unwrap();
    file.write_all(format!("{{\"n\":900}}\nhello\n{first}").as_bytes()).unwrap();
    assert_eq!(ledger.append(&ran("pwd")).unwrap(), Receipt { n: 2 });
}

#[test]
fn a_lost_head_is_made_anew_and_noted() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    ledger.append(&ran("pwd")).unwrap();
    for damage in [None, Some(""), Some("00000000000000000007 x\n")] {
        match damage {
            None => fs::remove_file(head_path(&ledger.path)).unwrap(),
            Some(text) => fs::write(head_path(&ledger.path), text).unwrap(),
        }
        ledger.append(&ran("id")).unwrap();
        ledger.append(&ran("id")).unwrap();
    }
    assert_eq!(numbers(&ledger), [1, 2, 3, 4, 5, 6, 7, 8]);
    let headless =
        text(&ledger).lines().map(|line| Line::read(line.as_bytes()).unwrap().headless).collect::<Vec<_>>();
    assert_eq!(headless, [false, false, true, false, true, false, true, false]);
}

#[test]
fn where_nothing_can_be_written_there_is_an_error() {
    let directory = Scratch::new();
    let in_the_way = directory.path("file");
    fs::write(&in_the_way, "").unwrap();
    let error = Ledger::at(in_the_way.join("guard/ledger.jsonl")).append(&ran("ls")).unwrap_err();
    assert!(matches!(error, LedgerError::Open { .. }), "{error}");

    let folder = directory.path("folder");
    fs::create_dir_all(folder.join("ledger.jsonl")).unwrap();
    let error = Ledger::at(folder.join("ledger.jsonl")).append(&ran("ls")).unwrap_err();
    assert!(error.to_string().starts_with("cannot open the ledger /"), "{error}");

    // Root may write anywhere, so that only others see this.
    if !getuid().is_root() {
        let closed = directory.path("closed");
        DirBuilder::new().mode(0o500).create(&closed).unwrap();
        let error = Ledger::at(closed.join("guard/ledger.jsonl")).append(&ran("ls")).unwrap_err();
        assert!(matches!(error, LedgerError::Open { .. }), "{error}");
    }
}

#[test]
fn a_device_is_no_ledger() {
    for device in ["/dev/null", "/dev/full"] {
        let directory = Scratch::new();
        let path = directory.path("ledger.jsonl");
        symlink(device, &path).unwrap();
        let error = Ledger::at(path).append(&ran("ls")).unwrap_err();
        assert!(matches!(error, LedgerError::NotAFile { .. }), "{error}");
    }
}

#[test]
fn nobody_waits_for_ever() {
    let (_directory, ledger) = fresh();
    ledger.append(&ran("ls")).unwrap();
    let head = File::open(head_path(&ledger.path)).unwrap();
    let held = Flock::lock(head, FlockArg::LockExclusive).unwrap();
    let hurried = Ledger { patience: Duration::from_millis(30), ..ledger.clone() };
    let start = Instant::now();
    let error = hurried.append(&ran("pwd")).unwrap_err();
    assert!(matches!(error, LedgerError::Busy { .. }), "{error}");
    assert!(start.elapsed() >= hurried.patience);
    drop(held);
    hurried.append(&ran("pwd")).unwrap();
    check_sound(&ledger, 2);
}
