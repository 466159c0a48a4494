//! Shell histories: bash with and without times, zsh plain and extended, fish. None of them records a
//! directory.

use std::ffi::OsString;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStringExt;

use super::lines::{self, Unread};
use super::{Past, Take};
use crate::parse::Dialect;
use crate::proposal::Form;

/// How a history is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// A command a line; where times are kept, each stands before its command, which may have several lines.
    Bash,
    /// `: TIME:SECONDS;` before a command, a backslash before each newline in it, and some bytes escaped.
    Zsh,
    /// Something like YAML: `- cmd: …`.
    Fish,
}

/// The longest text that is taken for a command, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Reads the commands of a history.
pub(super) fn read(from: impl BufRead, manner: Manner, take: &mut Take<'_>) -> io::Result<()> {
    let mut open = Open { manner, timed: false, goes_on: false, text: Vec::new(), line: 0 };
    lines::each(from, |number, line| match line {
        Some(line) => open.add(number, line, take),
        None => take(Err(Unread)),
    })?;
    open.end(take);
    Ok(())
}

/// A command that may go on in the next line.
struct Open {
    manner: Manner,
    /// Whether a time was read: then a command goes on until the next.
    timed: bool,
    /// Whether the last line ended in a backslash.
    goes_on: bool,
    text: Vec<u8>,
    line: u64,
}

impl Open {
    fn add(&mut self, number: u64, line: &[u8], take: &mut Take<'_>) {
        match self.manner {
            Manner::Bash => {
                let is_time = line.len() > 1 && line[0] == b'#' && line[1..].iter().all(u8::is_ascii_digit);
                if is_time || !self.timed {
                    self.end(take);
                }
                self.timed |= is_time;
                if !is_time {
                    self.push(number, line);
                }
            }
            Manner::Zsh => {
                if !self.goes_on {
                    self.end(take);
                }
                let line = if self.text.is_empty() { without_time(line) } else { line };
                let backslashes = line.iter().rev().take_while(|byte| **byte == b'\\').count();
                self.goes_on = backslashes % 2 == 1;
                self.push(number, if self.goes_on { &line[..line.len() - 1] } else { line });
            }
            Manner::Fish => {
                if let Some(command) = line.strip_prefix(b"- cmd: ") {
                    self.end(take);
                    self.push(number, &without_escapes(command));
                }
            }
        }
    }

    fn push(&mut self, number: u64, line: &[u8]) {
        if self.text.is_empty() {
            self.line = number;
        } else {
            self.text.push(b'\n');
        }
        self.text.extend_from_slice(line.get(..LONGEST.saturating_sub(self.text.len())).unwrap_or(line));
    }

    fn end(&mut self, take: &mut Take<'_>) {
        let mut text = std::mem::take(&mut self.text);
        if text.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let dialect = if self.manner == Manner::Zsh {
            text = plain(&text);
            Dialect::Zsh
        } else {
            Dialect::Bash
        };
        let form = Form::Shell { text: OsString::from_vec(text), dialect };
        take(Ok(Past { form, cwd: None, line: self.line }));
    }
}

/// Returns what stands behind `: 1700000000:0;`.
fn without_time(line: &[u8]) -> &[u8] {
    let rest = line.strip_prefix(b": ").unwrap_or_default();
    let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b':').unwrap_or(0);
    if end > 0 && rest[end] == b';' { &rest[end + 1..] } else { line }
}

/// Undoes zsh's escape for some bytes: 0x83, followed by the byte with one bit flipped.
fn plain(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut disguised) = (Vec::with_capacity(text.len()), false);
    for byte in text {
        match (disguised, byte) {
            (false, 0x83) => disguised = true,
            (false, byte) => bytes.push(*byte),
            (true, byte) => {
                bytes.push(byte ^ 32);
                disguised = false;
            }
        }
    }
    bytes
}

/// Undoes fish's escapes: `\n` and `\\`.
fn without_escapes(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.split_first()) {
            (b'\\', Some((b'n', after))) => {
                bytes.push(b'\n');
                rest = after;
            }
            (b'\\', Some((b'\\', after))) => {
                bytes.push(b'\\');
                rest = after;
            }
            _ => bytes.push(*byte),
        }
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    fn check(manner: Manner, text: &[u8], expect: &[(u64, &[u8])]) {
        let mut found = Vec::new();
        read(text, manner, &mut |past| {
            let past = past.unwrap();
            let Form::Shell { text, .. } = past.form else { return };
            found.push((past.line, text.as_bytes().to_vec()));
        })
        .unwrap();
        let expect: Vec<_> = expect.iter().map(|(line, text)| (*line, text.to_vec())).collect();
        assert_eq!(found, expect, "{}", String::from_utf8_lossy(text));
    }

    #[test]
    fn bash() {
        check(
            Manner::Bash,
            b"ls\n\n# a remark\ngit push\n",
            &[(1, b"ls"), (3, b"# a remark"), (4, b"git push")],
        );
        let timed = b"#1700000000\nfor i in 1 2; do\n  rm $i\ndone\n#1700000001\nls\n";
        check(Manner::Bash, timed, &[(2, b"for i in 1 2; do\n  rm $i\ndone"), (6, b"ls")]);
        check(Manner::Bash, b"ls", &[(1, b"ls")]);
    }

    #[test]
    fn zsh() {
        let extended = b": 1700000000:0;ls\n: 1700000001:12;rm a \\\n  b\nplain\n: not a time\n";
        check(Manner::Zsh, extended, &[(1, b"ls"), (2, b"rm a \n  b"), (4, b"plain"), (5, b": not a time")]);
        // "caf\u{e9}" as zsh writes it: its second byte, 0xa9, stands there as it is, 0x9f would not.
        check(Manner::Zsh, b"echo \xc3\x83\xbf\n", &[(1, b"echo \xc3\x9f")]);
        check(Manner::Zsh, b"echo a\\\\\nls\n", &[(1, b"echo a\\\\"), (2, b"ls")]);
    }

    #[test]
    fn fish() {
        let text = b"- cmd: ls\n  when: 1700000000\n- cmd: for i in 1\\nrm \\\\$i\\nend\n  when: 1\n  paths:\n    - a\n";
        check(Manner::Fish, text, &[(1, b"ls"), (3, b"for i in 1\nrm \\$i\nend")]);
    }

    #[test]
    fn a_command_without_end_is_cut() {
        let text = [b"#1\n".as_slice(), &b"echo xxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(100_000)].concat();
        let mut count = 0;
        read(text.as_slice(), Manner::Bash, &mut |past| {
            let Form::Shell { text, .. } = past.unwrap().form else { return };
            assert!(text.len() <= LONGEST + 100_000);
            count += 1;
        })
        .unwrap();
        assert_eq!(count, 1);
    }
}
