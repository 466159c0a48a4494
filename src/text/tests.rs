#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_process::processor_time;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS};
use proptest::prelude::*;
use std::time::Duration;

fn check(input: &str, expect: &str) {
    assert_eq!(safe(input), expect, "{input:?}");
}

#[test]
fn plain_text_is_left_alone_without_a_copy() {
    assert!(matches!(safe("rm -rf '/var/lib/app data' # $X \\n"), Cow::Borrowed(_)));
    assert!(matches!(safe_lines("a\nb"), Cow::Borrowed(_)));
}

#[test]
fn control_characters_are_spelt_out() {
    check("a\nb\tc\rd", "a\\nb\\tc\\rd");
    check("\x1b[2J\x1b]0;title\x07", "\\e[2J\\e]0;title\\x07");
    check("\0\x08\x7f", "\\x00\\x08\\x7f");
    check("\u{9b}2J\u{85}", "\\u{9b}2J\\u{85}");
}

#[test]
fn text_that_reorders_or_hides_is_spelt_out() {
    check("rm \u{202e}cod.tnatropmi", "rm \\u{202e}cod.tnatropmi");
    check("\u{2066}a\u{2069}\u{200f}\u{61c}", "\\u{2066}a\\u{2069}\\u{200f}\\u{61c}");
    check("a\u{200b}b\u{feff}c\u{ad}d\u{2060}", "a\\u{200b}b\\u{feff}c\\u{ad}d\\u{2060}");
    check("tag \u{e0041}\u{e007f}", "tag \\u{e0041}\\u{e007f}");
    check("\u{fe0f}\u{e0100}", "\\u{fe0f}\\u{e0100}");
    check("\u{2028}\u{2029}", "\\u{2028}\\u{2029}");
}

#[test]
fn blanks_that_separate_nothing_are_spelt_out() {
    check(
        "rm a\u{a0}b\u{3000}c\u{2003}d\u{2800}e\u{3164}",
        "rm a\\u{a0}b\\u{3000}c\\u{2003}d\\u{2800}e\\u{3164}",
    );
}

#[test]
fn private_use_is_spelt_out_and_marks_are_ellipses() {
    check("\u{e0b0}\u{f8ff}\u{10fffd}", "\\u{e0b0}\\u{f8ff}\\u{10fffd}");
    check(&format!("rm {UNKNOWN}/x {UNKNOWN_WORDS}"), "rm …/x …");
    check("\u{f0004}", "\\u{f0004}");
}

#[test]
fn writing_of_all_kinds_is_kept() {
    for text in ["José", "Jose\u{301}", "файл", "文件", "ファイル", "مرحبا", "हिन्दी", "ไฟล์นี้", "🗑 2×½ €"]
    {
        check(text, text);
    }
}

#[test]
fn accents_need_a_letter_and_do_not_pile_up() {
    check("\u{301}a", "\\u{301}a");
    check("- \u{338}x", "- \\u{338}x");
    check("a\u{301}\u{302}\u{303}\u{304}", "a\u{301}\u{302}\\u{303}\\u{304}");
}

#[test]
fn only_safe_lines_keeps_newlines() {
    assert_eq!(safe_lines("a\n\tb\x1b\n"), "a\n\\tb\\e\n");
}

#[test]
fn bytes_that_are_no_text_are_spelt_out() {
    assert_eq!(safe_os(OsStr::from_bytes(b"a\xff\xfe/\xc3\xa9\n")), "a\\xff\\xfe/é\\n");
}

#[test]
fn width_counts_columns() {
    assert_eq!(width("abc"), 3);
    assert_eq!(width("文件"), 4);
    assert_eq!(width("e\u{301}"), 1);
    assert_eq!(width(&Paint::COLOUR.red("abc")), 3);
}

#[test]
fn folding_cuts_after_blanks_and_within_long_words() {
    assert_eq!(fold("rm -rf build dist", 8, 8), ["rm -rf ", "build ", "dist"]);
    assert_eq!(fold("abcdefghij", 4, 4), ["abcd", "efgh", "ij"]);
    assert_eq!(fold("a bcdefghij", 4, 4), ["a ", "bcde", "fghi", "j"]);
    assert_eq!(fold("文件文件", 5, 5), ["文件", "文件"]);
    assert_eq!(fold("文件", 1, 1), ["文", "件"]);
    assert_eq!(fold("", 5, 5), [""]);
    assert_eq!(fold("abcdefghij", 5, 3), ["abcde", "fgh", "ij"]);
}

#[test]
fn prose_is_wrapped_under_itself() {
    assert_eq!(wrap("Every file on the volume.", 16, 4), "Every file\n    on the\n    volume.");
    assert_eq!(wrap("one\ntwo", 80, 2), "one\n  two");
    assert_eq!(wrap("narrow", 3, 9), "n\n         a\n         r\n         r\n         o\n         w");
}

#[test]
fn long_text_ends_in_an_ellipsis() {
    assert_eq!(ellipsize("short", 5), "short");
    assert_eq!(ellipsize("too long", 7), "too lo…");
    assert_eq!(ellipsize("too long", 5), "too…");
    assert_eq!(ellipsize("文件文件", 6), "文件…");
}

#[test]
fn colour_follows_the_flag_then_the_environment_then_the_terminal() {
    let choose = |when, terminal, set: &[(&str, &str)]| {
        let var = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
        Paint::choose_by(when, terminal, var) == Paint::COLOUR
    };
    let xterm = ("TERM", "xterm");
    assert!(choose(When::Auto, true, &[xterm]));
    assert!(!choose(When::Auto, false, &[xterm]));
    assert!(!choose(When::Auto, true, &[]));
    assert!(!choose(When::Auto, true, &[("TERM", "dumb")]));
    assert!(!choose(When::Auto, true, &[xterm, ("NO_COLOR", "1"), ("FORCE_COLOR", "1")]));
    assert!(choose(When::Auto, false, &[("FORCE_COLOR", "1")]));
    assert!(!choose(When::Auto, false, &[("FORCE_COLOR", "0")]));
    assert!(choose(When::Always, false, &[("NO_COLOR", "1")]));
    assert!(!choose(When::Never, true, &[xterm, ("FORCE_COLOR", "1")]));
}

#[test]
fn the_flag_is_read() {
    assert_eq!("always".parse(), Ok(When::Always));
    assert!("yes".parse::<When>().is_err());
}

#[test]
fn hostile_text_takes_no_time() {
    let time = processor_time(hostile);
    assert!(time < Duration::from_secs(2), "{time:?}");
}

fn hostile() {
    for text in ["\u{301}".repeat(30_000), "a ".repeat(30_000), "文".repeat(20_000), "\x1b".repeat(60_000)] {
        let shown = safe(&text);
        assert!(!fold(&shown, 60, 58).is_empty() && ellipsize(&shown, 40).len() < 200);
    }
}

proptest! {
    #[test]
    fn safe_text_shows_every_character(text in any::<String>()) {
        let shown = safe(&text);
        prop_assert!(shown.chars().all(is_typable));
        prop_assert_eq!(safe(&shown), shown.clone());
    }

    #[test]
    fn folding_loses_nothing_and_keeps_to_the_width(text in "[ -~é文]{0,200}", columns in 2_usize..60) {
        let pieces = fold(&text, columns, columns);
        prop_assert_eq!(pieces.concat(), text.as_str());
        prop_assert!(pieces.iter().all(|piece| width(piece) <= columns));
    }
}

#[test]
fn colours_take_up_no_room() {
    let line = format!("a remote branch   {}", Paint::COLOUR.yellow("moderate"));
    assert_eq!(fold(&line, 9, 17), ["a remote ", "branch   \x1b[33mmoderate\x1b[0m"]);
    assert_eq!(fold(&line, 9, 16).len(), 3);
}

#[test]
fn one_of_something_is_not_many() {
    assert_eq!([0, 1, 2].map(|count| so_many(count, "file")), ["0 files", "1 file", "2 files"]);
}

#[test]
fn lengths_of_time_have_units() {
    let check =
        |text, expect: Option<u64>| assert_eq!(duration(text).map(|time| time.as_secs()), expect, "{text}");
    check("90s", Some(90));
    check("2 m", Some(120));
    check("1d", Some(86_400));
    check("2w", Some(14 * 86_400));
    for text in ["", "90", "d", "-1d", "1.5h", "1 month", "18446744073709551615w"] {
        check(text, None);
    }
}
