//! What simple programs print, where that follows from their words and their input alone.

use super::files::Content;
use super::state::Shell;
use super::walk::Walker;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

impl Walker<'_> {
    /// Returns what a program prints: `None` where that is not known.
    pub(super) fn output(
        &mut self,
        program: &str,
        words: &[String],
        shell: &Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let operands: Vec<&String> =
            words.iter().filter(|word| !word.starts_with('-') || word.len() < 2).collect();
        let has = |option: &str| words.iter().any(|word| word == option);
        let input = stdin.unwrap_or_default();
        Some(match program {
            "echo" => echo(words),
            "printf" => printf(words),
            "true" | "false" | ":" | "mkdir" | "touch" | "chmod" | "sleep" | "rm" | "cp" | "mv" | "cd"
            | "ln" => String::new(),
            "cat" | "tac" | "head" | "tail" if operands.is_empty() || operands == ["-"] => {
                input_lines(program, words, stdin?)
            }
            "cat" => {
                let mut all = String::new();
                for path in operands {
                    if path == "-" {
                        all.push_str(stdin?);
                        continue;
                    }
                    match self.files.read(path, &shell.site, self.place) {
                        Content::Text(text) => all.push_str(&text),
                        Content::Missing | Content::Unknown(_) => all.push(UNKNOWN_WORDS),
                    }
                }
                all
            }
            "tee" | "pv" | "sponge" | "sort" | "uniq" | "nl" | "column" | "ts" | "fold" | "fmt"
            | "unbuffer" | "stdbuf" => stdin?.to_owned(),
            "base64" if has("-d") || has("-D") || has("--decode") => {
                let text = self.first_or(operands.first().copied(), shell, stdin)?;
                known(&text, base64)?
            }
            "openssl" if has("base64") && has("-d") || has("enc") && has("-base64") && has("-d") => {
                known(input, base64)?
            }
            "xxd" if words.iter().any(|word| word.starts_with("-r") || word == "-p" || word == "-rp") => {
                known(input, hex)?
            }
            "rev" => known(input, |text| {
                Some(text.lines().map(|line| line.chars().rev().collect::<String>() + "\n").collect())
            })?,
            "tr" => known(input, |text| translate(words, text))?,
            "sed" => known(input, |text| substitute(&operands, text))?,
            "gunzip" | "zcat" | "gzip" | "bzip2" | "xz" | "zstd" | "lz4" => UNKNOWN_WORDS.to_string(),
            "dirname" => match operands.first()?.rsplit_once('/') {
                Some(("", _)) => "/\n".to_owned(),
                Some((directory, _)) => format!("{directory}\n"),
                None => ".\n".to_owned(),
            },
            "basename" => {
                let name = operands.first()?.trim_end_matches('/').rsplit('/').next()?.to_owned();
                let suffix = operands.get(1).map_or("", |suffix| suffix.as_str());
                format!("{}\n", name.strip_suffix(suffix).unwrap_or(&name))
            }
            "pwd" => format!("{}\n", shell.site.cwd.as_ref()?.display()),
            "realpath" | "readlink" => format!("{}\n", operands.last()?),
            "which" | "type" => format!("{}\n", operands.first()?),
            "whoami" | "logname" => format!("{}\n", self.place.environment.text("USER")?),
            "hostname" | "uname" | "arch" | "nproc" | "date" | "id" | "wc" | "sha256sum" | "md5sum"
            | "uuidgen" => {
                format!("{UNKNOWN}\n")
            }
            "seq" => sequence(&operands)?,
            "yes" => "y\n".repeat(4),
            // A directory of its own below the temporary one.
            "mktemp" => format!("/tmp/tmp.{UNKNOWN}\n"),
            "git" if words.iter().any(|word| word == "--show-toplevel") => {
                format!("{}\n", self.place.project.as_ref()?.display())
            }
            _ => return None,
        })
    }

    fn first_or(&mut self, path: Option<&String>, shell: &Shell, stdin: Option<&str>) -> Option<String> {
        match path {
            None => stdin.map(str::to_owned),
            Some(path) => match self.files.read(path, &shell.site, self.place) {
                Content::Text(text) => Some(text),
                Content::Missing | Content::Unknown(_) => None,
            },
        }
    }
}

/// Applies a change to text that is known; what is not known stays so.
fn known(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    if is_known(text) { change(text) } else { None }
}

fn input_lines(program: &str, words: &[String], input: &str) -> String {
    if program == "cat" {
        return input.to_owned();
    }
    if program == "tac" {
        return input.lines().rev().map(|line| format!("{line}\n")).collect();
    }
    // `-n 3`, `-3`, `-n3`; anything else keeps it all.
    let count =
        words.iter().filter_map(|word| word.trim_start_matches(['-', 'n']).parse::<usize>().ok()).next();
    let count = count.unwrap_or(10);
    let lines: Vec<&str> = input.lines().collect();
    let kept = if program == "head" {
        &lines[..count.min(lines.len())]
    } else {
        &lines[lines.len().saturating_sub(count)..]
    };
    kept.iter().map(|line| format!("{line}\n")).collect()
}

fn echo(words: &[String]) -> String {
    let mut rest = words;
    let (mut newline, mut escapes) = (true, false);
    while let [first, more @ ..] = rest {
        if first.len() < 2
            || !first.starts_with('-')
            || !first[1..].chars().all(|c| matches!(c, 'n' | 'e' | 'E'))
        {
            break;
        }
        newline &= !first.contains('n');
        escapes |= first.contains('e');
        rest = more;
    }
    let text = rest.join(" ");
    // `sh` decodes escapes without being asked, so text that holds one is decoded as well.
    let mut text =
        if escapes || text.contains("\\x") || text.contains("\\0") { unescape(&text) } else { text };
    if newline {
        text.push('\n');
    }
    text
}

/// Returns what `printf` prints for its format and arguments.
pub(super) fn printf(words: &[String]) -> String {
    let words = match words {
        [first, rest @ ..] if first == "--" => rest,
        other => other,
    };
    let Some(format) = words.first() else { return String::new() };
    let mut arguments = words[1..].iter();
    let mut output = String::new();
    loop {
        let left = arguments.len();
        one_round(format, &mut arguments, &mut output);
        if arguments.len() == 0 || arguments.len() == left || output.len() > 64 * 1024 {
            return output;
        }
    }
}

fn one_round(format: &str, arguments: &mut std::slice::Iter<'_, String>, output: &mut String) {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        output.push_str(&unescape(&rest[..at]));
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%' || c == '(');
        let Some(end) = end else { return };
        let kind = rest.as_bytes()[end];
        rest = &rest[end + 1..];
        match kind {
            b'%' => output.push('%'),
            b'b' => output.push_str(&unescape(arguments.next().map_or("", String::as_str))),
            b'q' => output.push_str(&shell_words::quote(arguments.next().map_or("", String::as_str))),
            b's' | b'd' | b'i' | b'u' => output.push_str(arguments.next().map_or("", String::as_str)),
            b'c' => output.extend(arguments.next().and_then(|word| word.chars().next())),
            _ => {
                arguments.next();
                output.push(UNKNOWN);
            }
        }
    }
    output.push_str(&unescape(rest));
}

/// Decodes backslash escapes as `printf` and `echo -e` do.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>, radix: u32, most: usize| {
        let mut value = None;
        for _ in 0..most {
            let Some(digit) = rest.peek().and_then(|c| c.to_digit(radix)) else { break };
            value = Some(value.unwrap_or(0) * radix + digit);
            rest.next();
        }
        value
    };
    while let Some(c) = rest.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match rest.next() {
            Some('n') => bytes.push(b'\n'),
            Some('t') => bytes.push(b'\t'),
            Some('r') => bytes.push(b'\r'),
            Some('a') => bytes.push(7),
            Some('e' | 'E') => bytes.push(27),
            Some('c') => break,
            Some('x') => bytes.push(digits(&mut rest, 16, 2).unwrap_or(0) as u8),
            Some('u' | 'U') => {
                let c = digits(&mut rest, 16, 8).and_then(char::from_u32).unwrap_or('?');
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(first @ '0'..='7') => {
                let tail = digits(&mut rest, 8, if first == '0' { 3 } else { 2 });
                let head = first.to_digit(8).unwrap_or(0);
                let width = tail.map_or(0, |value| {
                    if value >= 64 {
                        3
                    } else if value >= 8 {
                        2
                    } else {
                        1
                    }
                });
                bytes.push((head * 8u32.pow(width) + tail.unwrap_or(0)) as u8);
            }
            Some(other) => {
                if other != '\\' && other != '"' && other != '\'' {
                    bytes.push(b'\\');
                }
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            }
            None => bytes.push(b'\\'),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Decodes base64, standard or URL-safe, blanks skipped.
pub(super) fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0u32, 0);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            c if c.is_ascii_whitespace() => continue,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(text: &str) -> Option<String> {
    let digits: Vec<u32> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn translate(words: &[String], text: &str) -> Option<String> {
    let sets: Vec<Vec<char>> = words
        .iter()
        .filter(|word| !word.starts_with('-') || word.len() < 2)
        .map(|set| characters(set))
        .collect::<Option<_>>()?;
    let flags: String =
        words.iter().filter(|word| word.starts_with('-') && word.len() > 1).cloned().collect();
    if flags.contains(['c', 'C', 's']) {
        return None;
    }
    let from = sets.first()?;
    if flags.contains('d') {
        return Some(text.chars().filter(|c| !from.contains(c)).collect());
    }
    let to = sets.get(1)?;
    let last = *to.last()?;
    Some(
        text.chars()
            .map(|c| from.iter().position(|f| *f == c).map_or(c, |at| *to.get(at).unwrap_or(&last)))
            .collect(),
    )
}

/// Spells a set of `tr` out; `None` for classes that are too rare to matter.
fn characters(set: &str) -> Option<Vec<char>> {
    let set = match set {
        "[:lower:]" => "a-z",
        "[:upper:]" => "A-Z",
        "[:digit:]" => "0-9",
        other if other.contains("[:") => return None,
        other => other,
    };
    let letters: Vec<char> = unescape(set).chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters.get(at + 1) == Some(&'-') && at + 2 < letters.len() {
            let (from, to) = (letters[at], letters[at + 2]);
            if to as u32 - (from as u32).min(to as u32) > 512 {
                return None;
            }
            all.extend(from..=to);
            at += 3;
        } else {
            all.push(letters[at]);
            at += 1;
        }
    }
    Some(all)
}

/// `s/a/b/` with plain text on both sides; `&` and groups are beyond it.
fn substitute(operands: &[&String], text: &str) -> Option<String> {
    let [script] = operands else { return None };
    let rest = script.strip_prefix('s')?;
    let separator = rest.chars().next()?;
    let mut fields = rest[separator.len_utf8()..].split(separator);
    let (from, to, flags) = (fields.next()?, fields.next()?, fields.next()?);
    let special =
        |text: &str| text.contains(['.', '*', '[', ']', '^', '$', '\\', '&', '(', ')', '+', '?', '|']);
    if from.is_empty() || special(from) || special(to) || fields.next().is_some() {
        return None;
    }
    match flags {
        "g" => Some(text.replace(from, to)),
        "" => Some(text.lines().map(|line| line.replacen(from, to, 1) + "\n").collect()),
        _ => None,
    }
}

fn sequence(operands: &[&String]) -> Option<String> {
    let numbers: Vec<i64> = operands.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let (from, to) = match numbers.as_slice() {
        [to] => (1, *to),
        [from, to] => (*from, *to),
        _ => return None,
    };
    (to - from < 256).then(|| (from..=to).map(|n| format!("{n}\n")).collect())
}
