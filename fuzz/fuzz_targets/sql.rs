//! SQL: reading ends and never panics, and no statement is longer than its text.

#![no_main]

use guard::resolve::sql::{self, SqlPattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let pattern = SqlPattern::parse("ALTER TABLE … DROP COLUMN");
    for statement in sql::read(text) {
        assert!(text.len() > 4096 || statement.text().len() <= 4 * text.len() + 64);
        statement.words().for_each(drop);
        statement.shell_commands();
        statement.include();
        if let Ok(pattern) = &pattern {
            statement.fits(pattern);
        }
    }
});
