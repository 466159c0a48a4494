//! Guard's own lines in somebody else's file, between two marks.

/// The line before them.
const BEGIN: &str = "# >>> guard >>> written by `guard install`, taken out by `guard remove`";

/// The line after them.
const END: &str = "# <<< guard <<<";

/// Returns `text` with a block of `lines` at its end, in place of the one that was there.
pub(super) fn put(text: &str, lines: &str) -> String {
    let mut text = take_out(text).unwrap_or_else(|| text.to_owned());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    format!("{text}{}", of(lines))
}

/// Returns a block.
pub(super) fn of(lines: &str) -> String {
    format!("{BEGIN}\n{}\n{END}\n", lines.trim_end_matches('\n'))
}

/// Returns `text` without the block, or `None` where there is none that is whole.
pub(super) fn take_out(text: &str) -> Option<String> {
    let start = find_line(text, BEGIN)?;
    let end = start + find_line(&text[start..], END)? + END.len();
    let rest = text[end..].strip_prefix('\n').unwrap_or(&text[end..]);
    Some([&text[..start], rest].concat())
}

/// Returns where a line begins that is `line`.
fn find_line(text: &str, line: &str) -> Option<usize> {
    let is_line = |at: &usize| {
        let ends = text[at + line.len()..].chars().next().is_none_or(|next| next == '\n');
        ends && (*at == 0 || text[..*at].ends_with('\n'))
    };
    text.match_indices(line).map(|(at, _)| at).find(is_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out_again() {
        for text in ["", "a\n", "a\nb\n", "# >>> guard >>> of another kind\n"] {
            let with = put(text, "export X=1\n");
            assert!(with.starts_with(text) && with.contains("\nexport X=1\n"), "{with}");
            assert_eq!(take_out(&with).as_deref(), Some(text));
            assert_eq!(put(&with, "export X=1"), with, "twice is once");
            assert_eq!(take_out(&(put(text, "old") + "later\n")), Some(format!("{text}later\n")));
        }
        assert_eq!(put("no newline", "x"), put("no newline\n", "x"));
    }

    #[test]
    fn half_a_block_is_none() {
        let whole = put("", "x");
        assert_eq!(take_out(whole.trim_end().trim_end_matches('<')), None);
        assert_eq!(take_out(&format!("echo '{whole}")), None);
        assert_eq!(take_out("nothing"), None);
    }
}
