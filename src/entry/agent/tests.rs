#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Cursor, Read};
use std::sync::mpsc;

use super::*;

#[test]
fn work_is_awaited_so_long_and_no_longer() {
    let long = Duration::from_secs(60);
    assert_eq!(deadline::within(long, || 5), Ok(5));
    let (_held, never) = mpsc::channel::<u8>();
    let late = deadline::within(Duration::from_millis(1), move || never.recv());
    assert_eq!(late, Err("judging took longer than 0 seconds".to_owned()));
}

#[test]
fn a_panic_is_no_answer() {
    let panicked: Result<(), _> = deadline::within(Duration::from_secs(60), || panic!("on purpose"));
    assert_eq!(panicked, Err("internal error".to_owned()));
}

#[test]
fn an_event_that_is_too_long_is_read_to_its_end_and_refused() {
    assert_eq!(read(Cursor::new("{}")), Ok(b"{}".to_vec()));
    let mut long = io::repeat(b' ').take(LARGEST + 1000);
    assert_eq!(read(&mut long), Err("it is larger than 16 MiB".to_owned()));
    assert_eq!(long.limit(), 0);
}

#[test]
fn a_message_has_both_readers() {
    use crate::decide::question::Refused;
    use crate::proposal::{Environment, Form, Origin, Proposal};
    let told = Refused {
        rules: Vec::new(),
        because: "it needs a person".to_owned(),
        unread: Vec::new(),
        instead: Vec::new(),
    };
    let proposal = |text: &str| Proposal {
        form: Form::Shell { text: text.into(), dialect: crate::parse::Dialect::Bash },
        cwd: "/p".into(),
        environment: Environment::default(),
        origin: Origin::Agent { id: "claude-code".to_owned() },
        carrier: None,
    };
    let said = |text: &str| message::question(&told, &proposal(text), None, None);
    assert!(said("rm -rf 'a b'").contains("do not look for another way"));
    assert!(
        said("rm -rf 'a b'").ends_with("guard exec -C /p -c 'rm -rf '\\''a b'\\'''\n"),
        "{}",
        said("rm -rf 'a b'")
    );
    // What would look like something else is not offered for copying.
    assert!(said("rm x\u{202e}y").contains("guard exec -c 'COMMAND'"));
    assert!(said("ls\necho").contains("guard exec -c 'COMMAND'"));
    let tool = message::question(&told, &proposal("ls"), None, Some("mcp__a__b"));
    let waiting = message::question(&told, &proposal("ls"), Some("7F3K"), Some("mcp__a__b"));
    assert!(waiting.contains("guard approve 7F3K") && !waiting.contains("guard exec"));
    assert!(tool.contains("mcp__a__b cannot be answered for") && !tool.contains("guard exec"));
}
