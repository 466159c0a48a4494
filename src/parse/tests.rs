//! The tests of the parser: what it reads (`grammar`, `words`, `zsh`), what it does with text that it
//! cannot read (`errors`), and whether real shells read the same (`shells`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod print;

use super::{Dialect, parse};
use print::print;

fn read(text: &str, dialect: Dialect) -> String {
    let parsed = parse(text, dialect);
    let mut shown = print(&parsed.script);
    for gap in parsed.gaps {
        shown += &format!(" !{:?}({})", gap.kind, gap.reason);
    }
    shown
}
#[test]
fn show() {
    for line in std::fs::read_to_string("/tmp/parse-lab/cases.txt").unwrap().lines() {
        let text = line.replace("\\n", "\n");
        println!("{line}\n      => {}", read(&text, Dialect::Bash));
    }
}
