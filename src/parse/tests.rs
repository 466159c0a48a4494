//! The tests of the parser: what it reads (`grammar`, `words`, `dialects`) and what it does with text
//! that it cannot read (`errors`). Whether real shells read the same is tested in `tests/it/shells.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dialects;
mod errors;
mod grammar;
mod print;
mod words;

use super::{Dialect, parse};
use print::print;

/// Returns `text` as it was read, and after each `!` a gap.
fn read(text: &str, dialect: Dialect) -> String {
    let parsed = parse(text, dialect);
    let mut shown = print(&parsed.script);
    for gap in parsed.gaps {
        shown += &format!(" !{:?}({})", gap.kind, gap.reason);
    }
    shown
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(read(text, Dialect::Bash), expected, "{text}");
}

#[track_caller]
fn check_posix(text: &str, expected: &str) {
    assert_eq!(read(text, Dialect::Posix), expected, "{text}");
}

#[track_caller]
fn check_zsh(text: &str, expected: &str) {
    assert_eq!(read(text, Dialect::Zsh), expected, "{text}");
}
