//! Lines that a SQL client keeps for itself: psql's `\i`, sqlite's `.read`, mysql's `source`,
//! sqlplus's `@`, sqlcmd's `:r`, snowsql's `!source`, and the ways they have to run programs.

use std::ops::Range;

use super::lex::is_word;
use super::words;

/// A client command: how long its name is, where its rest is, and where reading goes on.
pub(super) struct Line {
    pub(super) name: usize,
    pub(super) rest: Range<usize>,
    pub(super) end: usize,
}

/// What a backslash in a statement is.
pub(super) enum Slash {
    /// White space, or a shell's `\n` that nobody expanded.
    Blank(usize),
    /// MySQL's `\N`, which is a value.
    Word(usize),
    /// The end of a statement; `\g |program` hands the result to a program.
    End {
        len: usize,
        pipe: Option<Range<usize>>,
    },
    Line(Line),
    Sign,
}

/// Reads a backslash that `rest` begins with.
pub(super) fn slash(rest: &str) -> Slash {
    let len = 1 + name_len(&rest[1..]);
    let arguments = rest[len..].trim_start_matches([' ', '\t']);
    match &rest[1..len] {
        "" => Slash::Sign,
        "\\" => Slash::Blank(len),
        "N" => Slash::Word(len),
        ";" | "G" | "gx" | "gset" | "gexec" | "gdesc" | "watch" | "crosstabview" => {
            Slash::End { len, pipe: None }
        }
        "g" => {
            let pipe = arguments.starts_with('|').then(|| len..line_end(rest));
            Slash::End { len, pipe }
        }
        "." if is_line_end(arguments) => Slash::Blank(len),
        name if is_escaped_blank(name, arguments) => Slash::Blank(2),
        "!" | "|" | "." | "copy" | "source" | "system" | "P" | "pager" | "ef" | "ev" | "sf" | "sv" | "h"
        | "help" => whole_line(rest, len),
        _ => Slash::Line(with_arguments(rest, len)),
    }
}

/// Returns whether a command begins with two backslashes.
pub(super) fn is_doubled(rest: &str) -> bool {
    rest.strip_prefix("\\\\").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn name_len(text: &str) -> usize {
    match text.chars().next() {
        Some(c) if c.is_ascii_alphabetic() => {
            text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
        }
        Some('\\' | ';' | '!' | '|' | '.' | '?') => 1,
        _ => 0,
    }
}

/// Returns whether `\nselect` or `\tdrop` is white space that was written as in a C string.
fn is_escaped_blank(name: &str, arguments: &str) -> bool {
    const COMMANDS: &[&str] =
        &["r", "reset", "restrict", "rehash", "t", "timing", "tee", "nopager", "notee", "nowarning"];
    let switch = is_line_end(arguments) || arguments.starts_with("on") || arguments.starts_with("off");
    name.starts_with(['n', 't', 'r']) && !(COMMANDS.contains(&name) && (name.len() > 1 || switch))
}

fn is_line_end(text: &str) -> bool {
    text.is_empty() || text.starts_with(['\n', '\r'])
}

fn line_end(text: &str) -> usize {
    memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len())
}

fn whole_line(rest: &str, name: usize) -> Slash {
    let end = line_end(rest);
    Slash::Line(Line { name, rest: name..end, end })
}

/// To psql the arguments end with the line or at the next backslash; quotes hide backslashes.
fn with_arguments(rest: &str, name: usize) -> Line {
    let bytes = rest.as_bytes();
    let mut at = name;
    while let Some(&byte) = bytes.get(at).filter(|byte| !matches!(byte, b'\n' | b'\\')) {
        at += 1;
        if matches!(byte, b'\'' | b'"' | b'`')
            && let Some(len) = memchr::memchr2(byte, b'\n', &bytes[at..])
            && bytes[at + len] == byte
        {
            at += len + 1;
        }
    }
    Line { name, rest: name..at, end: at }
}

/// Reads a client command that has no backslash and stands where a statement could begin.
pub(super) fn at_start(rest: &str) -> Option<Line> {
    let to_line_end = |name: usize| {
        let end = line_end(rest);
        Line { name, rest: name..end, end }
    };
    let word_from = |start: usize| rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |at| at + start);
    match rest.chars().next()? {
        '.' if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => Some(to_line_end(word_from(1))),
        '@' => {
            let name = rest.bytes().take_while(|b| *b == b'@').count();
            rest[name..].starts_with(|c: char| !c.is_whitespace()).then(|| to_line_end(name))
        }
        '!' => {
            let named = word_from(1);
            let known = ["source", "load", "run", "system", "sh"].contains(&&rest[1..named]);
            Some(to_line_end(if known { named } else { 1 + usize::from(rest[1..].starts_with('!')) }))
        }
        ':' if rest.starts_with(":!!") => Some(to_line_end(3)),
        ':' => [":r", ":setvar", ":connect", ":on", ":out", ":error"]
            .into_iter()
            .find(|name| {
                rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
                    && rest[name.len()..].starts_with([' ', '\t'])
            })
            .map(|name| to_line_end(name.len())),
        c if c.is_ascii_alphabetic() => {
            let name = word_from(0);
            let line = &rest[name..];
            let argument = line.trim_start_matches([' ', '\t']);
            if argument.len() == line.len()
                || is_line_end(argument)
                || argument.starts_with(['=', ':', '(', ';'])
            {
                return None;
            }
            match rest[..name].to_ascii_lowercase().as_str() {
                "delimiter" | "host" | "ho" | "pager" => Some(to_line_end(name)),
                "system" if !is_clickhouse(argument) => Some(to_line_end(name)),
                "source" => Some(to_statement_end(rest, name)),
                "start" if is_file(argument) => Some(to_statement_end(rest, name)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn to_statement_end(rest: &str, name: usize) -> Line {
    let end = rest.find(['\n', ';']).unwrap_or(rest.len());
    Line { name, rest: name..end, end }
}

/// `SYSTEM DROP REPLICA` and its like are statements of ClickHouse, not commands for a shell.
fn is_clickhouse(argument: &str) -> bool {
    let verb = argument.split(|c| !is_word(c)).next().unwrap_or("");
    words::SYSTEM_VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb))
}

/// `START setup.sql` runs a script in sqlplus; `START TRANSACTION` and its like are statements.
fn is_file(argument: &str) -> bool {
    let word = argument.split([' ', '\t', ';']).next().unwrap_or("");
    word.contains(['.', '/']) || word.contains(crate::unknown::is_mark)
}

/// Returns the shell commands that a client command runs.
pub(super) fn shell_commands(name: &str, rest: &str) -> Vec<String> {
    let argument = rest.trim().trim_end_matches(';');
    let found: Vec<&str> = match name.to_ascii_lowercase().as_str() {
        "\\!" | "\\|" | "\\system" | "\\pager" | ".shell" | ".system" | "system" | "host" | "ho"
        | "pager" | "!" | "!!" | ":!!" | "!system" | "!sh" => vec![argument],
        "\\p" if name == "\\P" => vec![argument],
        "\\copy" => Vec::new(),
        // A file that begins with a bar is a program, in quotes or with all that follows.
        _ if argument.starts_with('|') => vec![&argument[1..]],
        dotted if dotted.starts_with('.') => first_argument(argument).strip_prefix('|').into_iter().collect(),
        // What stands in backquotes in the argument of a psql command is run.
        _ => argument.split('`').skip(1).step_by(2).collect(),
    };
    found.into_iter().map(|command| command.trim().to_owned()).filter(|command| !command.is_empty()).collect()
}

/// Returns the file whose statements a client command runs.
pub(super) fn include(name: &str, rest: &str) -> Option<String> {
    let known = words::INCLUDE_COMMANDS.iter().any(|command| command.eq_ignore_ascii_case(name));
    let file = first_argument(rest.trim());
    (known && !file.is_empty() && !file.starts_with('|')).then(|| file.to_owned())
}

fn first_argument(text: &str) -> &str {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
    match quote {
        Some(quote) => text[1..].split(quote).next().unwrap_or(""),
        None => text.split_whitespace().next().unwrap_or("").trim_end_matches(';'),
    }
}
