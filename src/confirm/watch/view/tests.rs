#![allow(clippy::unwrap_used)]

use super::*;
use crate::confirm::tty::keys::Key;
use crate::test_process::processor_time;
use insta::assert_snapshot;

const EIGHTY: Size = Size { rows: 24, columns: 80 };

fn request(code: &str, rule: &str, severity: Severity, command: &str) -> Request {
    let mut request = Request::example(code);
    command.clone_into(&mut request.question.command);
    rule.clone_into(&mut request.question.rules[0].id);
    request.question.rules[0].severity = severity;
    request
}

fn requests() -> Vec<Request> {
    vec![
        request(
            "3FCCTD",
            "cloud/volume-delete",
            Severity::Catastrophic,
            "cloud volume delete --volume data --yes",
        ),
        request(
            "KTM4RX",
            "git/push-force",
            Severity::Moderate,
            "git push --force origin main release/2026-11 hotfix/one hotfix/two",
        ),
        request("WQ7Z9B", "files/\u{202e}evil", Severity::Severe, "rm -rf /srv/\x1b[2J\n> done"),
    ]
}

fn list_of<'r>(requests: &'r [Request], at: usize, told: Option<&'r str>) -> List<'r> {
    let item =
        |(at, request)| Item { request, left: Duration::from_secs(870 - 300 * at as u64), kept: at == 1 };
    List { items: requests.iter().enumerate().map(item).collect(), at, told, broken: None }
}

/// Returns what would be seen, every row within the screen.
fn seen(frame: &Frame, size: Size) -> String {
    assert!(frame.rows.len() <= size.rows, "{} rows", frame.rows.len());
    for row in &frame.rows {
        assert!(text::width(row) <= size.columns, "{row:?} is wider than {}", size.columns);
    }
    if let Some((row, column)) = frame.cursor {
        assert!(row < frame.rows.len() && column < size.columns);
    }
    frame.rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n")
}

fn question_at(size: Size, request: &Request, typing: Typing, told: Option<&str>, from: usize) -> String {
    let body: Vec<String> =
        request.question.whole(size.columns, Paint::PLAIN).trim_end().lines().map(str::to_owned).collect();
    let mut line = Line::default();
    "delete vol".chars().for_each(|c| _ = line.press(Key::Typed(c)));
    let left = Duration::from_secs(842);
    let question = Question { request, body: &body, from, typing, line: &line, told, left, others: 2 };
    seen(&super::question(&question, size, Paint::PLAIN), size)
}

#[test]
fn a_list_at_60_columns() {
    let size = Size { rows: 14, columns: 60 };
    let requests = requests();
    assert_snapshot!(seen(&list(&list_of(&requests, 1, Some("3FCCTD allowed; it runs where it was asked")), size, Paint::PLAIN), size), @r"
    guard watch · 3 questions wait for a person

      3FCCTD  14 min  catastrophic  cloud/volume-delete
              cloud volume delete --volume data --yes
    > KTM4RX  answered  moderate  git/push-force
              git push --force origin main release/2026-11 hotf…
      WQ7Z9B   4 min  severe  files/\u{202e}evil
              rm -rf /srv/\e[2J\n> done




    3FCCTD allowed; it runs where it was asked
    Enter opens · r refuses · q leaves
    ");
}

#[test]
fn a_list_at_100_columns() {
    let size = Size { rows: 12, columns: 100 };
    let requests = requests();
    assert_snapshot!(seen(&list(&list_of(&requests, 0, None), size, Paint::PLAIN), size), @r"
    guard watch · 3 questions wait for a person

    > 3FCCTD  14 min  catastrophic  cloud/volume-delete
              cloud volume delete --volume data --yes
      KTM4RX  answered  moderate  git/push-force
              git push --force origin main release/2026-11 hotfix/one hotfix/two
      WQ7Z9B   4 min  severe  files/\u{202e}evil
              rm -rf /srv/\e[2J\n> done



    Enter opens · r refuses · q leaves
    ");
}

#[test]
fn an_empty_list() {
    let size = Size { rows: 8, columns: 60 };
    assert_snapshot!(seen(&list(&list_of(&[], 0, None), size, Paint::PLAIN), size), @"
    guard watch

    Nothing waits for a person. Questions of agents appear here
    as they come.



    q leaves
    ");
    let broken = List {
        broken: Some("/home/me/.local/state/guard/requests is open to others; chmod 700 it"),
        ..list_of(&[], 0, None)
    };
    assert_snapshot!(seen(&list(&broken, size, Paint::PLAIN), size), @"
    guard watch

    No questions can come: /home/me/.local/state/guard/requests
    is open to others; chmod 700 it.



    q leaves
    ");
}

#[test]
fn a_thousand_requests_are_scrolled_through() {
    let requests: Vec<Request> = (0..1000)
        .map(|at| request("3FCCTD", "git/push-force", Severity::Moderate, &format!("git push --force {at}")))
        .collect();
    let size = Size { rows: 12, columns: 60 };
    let time = processor_time(|| {
        for at in [0, 1, 500, 998, 999] {
            let items = requests
                .iter()
                .map(|request| Item { request, left: Duration::from_secs(600), kept: false })
                .collect();
            let list = super::list(&List { items, at, told: None, broken: None }, size, Paint::PLAIN);
            assert!(seen(&list, size).contains(&format!("--force {at}\n")), "{at}");
        }
    });
    assert!(time < Duration::from_secs(1), "{time:?}");
    let items = requests
        .iter()
        .map(|request| Item { request, left: Duration::from_secs(600), kept: false })
        .collect();
    assert_snapshot!(seen(&super::list(&List { items, at: 500, told: None, broken: None }, size, Paint::PLAIN), size), @"
    guard watch · 1000 questions wait for a person

      3FCCTD  10 min  moderate  git/push-force
              git push --force 499
    > 3FCCTD  10 min  moderate  git/push-force
              git push --force 500
      3FCCTD  10 min  moderate  git/push-force
              git push --force 501



    Enter opens · r refuses · q leaves · 500–502 of 1000
    ");
}

#[test]
fn a_question_at_60_columns() {
    assert_snapshot!(question_at(Size { rows: 24, columns: 60 }, &requests()[0], Typing::Phrase, None, 0), @"
    3FCCTD · 14:02 left · 2 more wait
    guard: this would destroy data

        cloud volume delete --volume data --yes

      rule       cloud/volume-delete   Delete a cloud volume
                 catastrophic
      asked by   claude-code, through bash -c → npm run clean
                 (package.json:14)
      here       project shop
                 branch main
      loses      Every file on the volume, for every service
                 that mounts it.
      that is    2134 files, 1.2 GB
      backups    Volume backups belong to the volume; wiping a
                 volume deletes them all.
      instead    cloud volume detach --volume NAME
      if it ran  The deletion waits for 48 hours; use the
                 restoration link sent by email before then.


    To run it, type   delete volume data
    > delete vol
    Enter runs it once · Tab refuses · ↑↓ scroll · Esc back
    ");
}

#[test]
fn a_question_at_100_columns() {
    assert_snapshot!(question_at(Size { rows: 24, columns: 100 }, &requests()[0], Typing::Phrase, Some("That is not the phrase. Nothing was run; the question stays open."), 0), @"
    3FCCTD · 14:02 left · 2 more wait
    guard: this would destroy data

        cloud volume delete --volume data --yes

      rule       cloud/volume-delete   Delete a cloud volume   catastrophic
      asked by   claude-code, through bash -c → npm run clean (package.json:14)
      here       project shop
                 branch main
      loses      Every file on the volume, for every service that mounts it.
      that is    2134 files, 1.2 GB
      backups    Volume backups belong to the volume; wiping a volume deletes them all.
      instead    cloud volume detach --volume NAME
      if it ran  The deletion waits for 48 hours; use the restoration link sent by email before then.







    To run it, type   delete volume data
    > delete vol
    That is not the phrase. Nothing was run; the question stays open.
    ");
}

#[test]
fn a_question_is_scrolled_on_a_low_terminal() {
    let size = Size { rows: 12, columns: 60 };
    let request = &requests()[0];
    assert_snapshot!(question_at(size, request, Typing::Phrase, None, 5), @"
    3FCCTD · 14:02 left · 2 more wait
                 catastrophic
      asked by   claude-code, through bash -c → npm run clean
                 (package.json:14)
      here       project shop
                 branch main
      loses      Every file on the volume, for every service
                 that mounts it.
    ── 6 more rows below; ↓ or PageDown
    To run it, type   delete volume data
    > delete vol
    Enter runs it once · Tab refuses · ↑↓ scroll · Esc back
    ");
    let rows = request.question.whole(60, Paint::PLAIN).trim_end().lines().count();
    let (most, _) = scrolling(rows, &request.question.phrase, Typing::Phrase, size);
    let end = question_at(size, request, Typing::Phrase, None, most);
    assert!(end.contains("before then.") && end.contains("── the end"), "{end}");
}

#[test]
fn a_refusal_at_60_columns() {
    assert_snapshot!(question_at(Size { rows: 14, columns: 60 }, &requests()[0], Typing::Reason, None, 0), @"
    3FCCTD · 14:02 left · 2 more wait
    guard: this would destroy data

        cloud volume delete --volume data --yes

      rule       cloud/volume-delete   Delete a cloud volume
                 catastrophic
      asked by   claude-code, through bash -c → npm run clean
                 (package.json:14)
      here       project shop
    ── 9 more rows below; ↓ or PageDown
    Refuse it. Why? Whoever asked is told; it may stay empty.
    > delete vol
    Enter refuses · Esc back
    ");
}

#[test]
fn nothing_is_wider_than_the_screen_and_no_text_moves_anything() {
    let mut requests = requests();
    let evil = "文字\x1b[8m\u{202e} ".repeat(3000);
    requests[2].question.phrase = "delete ".repeat(60);
    requests[2].question.command = evil;
    let words = "a\x1bb ".repeat(50);
    for rows in [1, 2, 5, 8, 9, 24] {
        for columns in [1, 5, 20, 39, 40, 41, 60, 81] {
            let size = Size { rows, columns };
            for frame in [&list_of(&requests, 2, Some(&words)), &list_of(&[], 0, None)]
                .map(|of| list(of, size, Paint::PLAIN))
            {
                let text = seen(&frame, size);
                assert!(text.chars().all(|c| c == '\n' || text::is_typable(c)), "{text:?}");
            }
            for typing in [Typing::Phrase, Typing::Reason] {
                let text = question_at(size, &requests[2], typing, Some(&words), 3);
                assert!(text.chars().all(|c| c == '\n' || text::is_typable(c)), "{text:?}");
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let requests = requests();
    let list = list_of(&requests, 0, Some("told"));
    let coloured = super::list(&list, EIGHTY, Paint::COLOUR).rows.join("\n");
    assert!(coloured.contains("\x1b[1;31mcatastrophic\x1b[0m"));
    let plain = super::list(&list, EIGHTY, Paint::PLAIN).rows.join("\n");
    assert_eq!(dialoguer::console::strip_ansi_codes(&coloured), plain);
}

#[test]
fn the_screen_stays_true_until_a_number_changes() {
    let check = |left: u64, in_seconds: bool, expect: u64| {
        let until = until_change(Duration::from_millis(left), in_seconds);
        assert_eq!(until, Duration::from_millis(expect + 5), "{left}");
    };
    check(840_250, true, 250);
    check(840_250, false, 250);
    check(899_250, false, 59_250);
    check(59_250, false, 250);
    check(42_000, false, 0);
}

/// Returns the screens that are not shown above, one below the other.
fn other_screens(columns: usize) -> String {
    let size = Size { rows: 10, columns };
    let requests = requests();
    let secret = |question| seen(&secret("3FCCTD", question, size, Paint::PLAIN), size);
    let listed = |list: &List<'_>| seen(&list_as(list, size), size);
    let broken = "/home/me/.local/state/guard/requests is open to others; chmod 700 it";
    let narrow = Size { rows: 5, columns: 30 };
    let screens = [
        ("refusing", question_at(size, &requests[0], Typing::Reason, None, 0)),
        ("a secret", secret("Passphrase: ")),
        ("a wrong secret", secret("That is not it.\nPassphrase: ")),
        ("nothing waits", listed(&list_of(&[], 0, None))),
        ("broken", listed(&List { broken: Some(broken), ..list_of(&[], 0, None) })),
        ("too small", seen(&list_as(&list_of(&requests, 0, None), narrow), narrow)),
    ];
    screens.map(|(name, screen)| format!("── {name} ──\n{screen}\n")).concat()
}

fn list_as(shown: &List<'_>, size: Size) -> Frame {
    list(shown, size, Paint::PLAIN)
}

#[test]
fn the_other_screens_at_60_columns() {
    assert_snapshot!(other_screens(60));
}

#[test]
fn the_other_screens_at_100_columns() {
    assert_snapshot!(other_screens(100));
}
