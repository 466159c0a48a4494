//! The same command, written otherwise.
//!
//! A [`disguised`] command does what the bare one does, so the rulebook must stop it as well. The
//! same words as [`data`] do nothing, so they must pass. Both are tried on every command that a pack
//! says it stops.

/// A command line in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disguise {
    /// What was done to it, in a word or two.
    pub name: &'static str,
    /// The line.
    pub command: String,
}

/// Words that are no programs, so that no wrapper can run them.
const SHELL_WORDS: &[&str] = &[
    ".", "!", "[[", "alias", "builtin", "case", "cd", "command", "declare", "do", "eval", "exec", "export",
    "for", "function", "if", "local", "popd", "pushd", "readonly", "select", "set", "shift", "source",
    "time", "trap", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while", "{",
];

/// Returns other ways to run `command`, which is one line of shell.
pub fn disguised(command: &str) -> Vec<Disguise> {
    let shape = Shape::of(command);
    let mut all = as_text(command);
    all.extend(as_part(command, &shape));
    if let Some((program, rest)) = shape.simple {
        all.extend(as_argument(command, program, rest));
    }
    if let Some(blank) = shape.blank {
        let (before, after) = (&command[..blank], command[blank..].trim_start());
        all.push(make("line continuation", format!("{before} \\\n  {after}")));
        all.push(make("tabs", format!("\t{before}\t \t{after}")));
    }
    all
}

/// Returns lines in which `command` is only text.
pub fn data(command: &str) -> Vec<Disguise> {
    let quoted = shell_words::quote(command);
    vec![
        make("echo", format!("echo {quoted}")),
        make("printf to a file", format!("printf '%s\\n' {quoted} >> notes.md")),
        make("commit message", format!("git commit -m {quoted}")),
        make("grep", format!("grep -n -e {quoted} notes.md")),
        make("comment", format!("# {command}")),
        make("comment behind", format!("true # {command}")),
        make("heredoc to a file", format!("cat > notes.md <<'EOF'\n{command}\nEOF")),
        make("heredoc appended", format!("cat <<'EOF' >> notes.md\n{command}\nEOF")),
    ]
}

fn make(name: &'static str, command: String) -> Disguise {
    Disguise { name, command }
}

/// The line as the text of another shell.
fn as_text(command: &str) -> Vec<Disguise> {
    let quoted = shell_words::quote(command);
    let twice = shell_words::join(["sh", "-c", command]);
    vec![
        make("bash -c", format!("bash -c {quoted}")),
        make("bash -lc", format!("/bin/bash -lc {quoted}")),
        make("sh -c in sh -c", format!("sh -c {}", shell_words::quote(&twice))),
        make("sudo sh -c", format!("sudo -E sh -c {quoted}")),
        make("env bash -c", format!("env A=1 bash -c {quoted}")),
        make("eval", format!("eval {quoted}")),
        make("pipe to bash", format!("echo {quoted} | bash")),
        make("printf to sh", format!("printf '%s\\n' {quoted} | sh -s")),
        make("here-string", format!("bash <<< {quoted}")),
        make("heredoc", format!("bash <<'EOF'\n{command}\nEOF")),
        make("variable", format!("c={quoted}; bash -c \"$c\"")),
        make("eval of a variable", format!("c={quoted}\neval \"$c\"")),
        make("base64", format!("echo {} | base64 -d | bash", base64(command.as_bytes()))),
        make("trap", format!("trap {quoted} EXIT")),
    ]
}

/// The line as a part of a longer one.
fn as_part(command: &str, shape: &Shape<'_>) -> Vec<Disguise> {
    let mut all = vec![
        make("after a line", format!("true\n{command}")),
        make("after ;", format!("true; {command}")),
        make("after &&", format!("true && {command}")),
        make("after ||", format!("false || {command}")),
        make("subshell", format!("( {command}\n)")),
        make("group", format!("{{ {command}\n}}")),
        make("substitution", format!("x=$( {command}\n)")),
        make("substitution in quotes", format!("echo \"done: $( {command}\n)\"")),
        make("if", format!("if true; then {command}\nfi")),
        make("for", format!("for i in 1; do {command}\ndone")),
        make("while", format!("while true; do {command}\nbreak; done")),
        make("case", format!("case x in x) {command}\n;; esac")),
        make("function", format!("f() {{ {command}\n}}; f")),
        make("before a line", format!("{command}\ntrue")),
    ];
    if !shape.ends_open {
        all.extend([
            make("before &", format!("{command} &")),
            make("before ;", format!("{command}; true")),
            make("before ||", format!("{command} || true")),
            make("condition", format!("if {command}; then :; fi")),
            make("comment behind", format!("{command} # harmless")),
        ]);
    }
    all
}

/// The words of the line behind those of a program that runs them, and the program's name spelt
/// otherwise.
fn as_argument(command: &str, program: &str, rest: &str) -> Vec<Disguise> {
    let mut all = vec![
        make("sudo", format!("sudo {command}")),
        make("sudo -u", format!("sudo -u deploy -- {command}")),
        make("env", format!("env A=1 {command}")),
        make("assignment", format!("A=1 {command}")),
        make("timeout", format!("timeout 10 {command}")),
        make("timeout -k", format!("timeout -k 5 --signal=TERM 10s {command}")),
        make("nohup", format!("nohup {command}")),
        make("nice", format!("nice -n 10 {command}")),
        make("command", format!("command {command}")),
        make("exec", format!("exec {command}")),
        make("time", format!("time {command}")),
        make("not", format!("! {command}")),
        make("sudo timeout nice", format!("sudo timeout 5 nice {command}")),
        make("output thrown away", format!("{command} > /dev/null 2>&1")),
        make("quoted name", format!("\"{program}\"{rest}")),
        make("backslash", format!("\\{program}{rest}")),
        make("name in a variable", format!("p={program}; $p{rest}")),
    ];
    if let (Some(first), Some(others)) = (program.get(..1), program.get(1..)) {
        all.push(make("broken quotes", format!("{first}''{others}{rest}")));
    }
    if !program.contains('/') {
        all.push(make("path", format!("/usr/local/bin/{command}")));
    }
    all
}

/// What can be done to a line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shape<'a> {
    /// The program and the rest, where the line is one command without redirections.
    simple: Option<(&'a str, &'a str)>,
    /// Where the first blank outside quotes is.
    blank: Option<usize>,
    /// Whether nothing can follow on the line: it ends in an operator or has a comment.
    ends_open: bool,
}

impl<'a> Shape<'a> {
    fn of(command: &'a str) -> Self {
        let scan = Scan::of(command);
        let end = command.find(' ').unwrap_or(command.len());
        let (program, rest) = command.split_at(end);
        let name = |c: char| c.is_ascii_alphanumeric() || "._-+/".contains(c);
        let plain = !program.is_empty() && program.chars().all(name) && !SHELL_WORDS.contains(&program);
        Self {
            simple: (plain && !scan.operator).then_some((program, rest)),
            blank: scan.blank,
            ends_open: scan.comment || command.ends_with(['&', ';', '|']),
        }
    }
}

/// What stands outside quotes in a line.
#[derive(Debug, Default)]
struct Scan {
    operator: bool,
    comment: bool,
    blank: Option<usize>,
}

impl Scan {
    fn of(command: &str) -> Self {
        let mut scan = Self::default();
        let mut quote = None;
        let mut before = ' ';
        let mut characters = command.char_indices();
        while let Some((at, character)) = characters.next() {
            match (quote, character) {
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (None | Some('"'), '\\') => {
                    characters.next();
                }
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(character),
                (None, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '`' | '\n') => scan.operator = true,
                (None, '#') if before == ' ' => scan.comment = true,
                (None, ' ') => scan.blank = scan.blank.or(Some(at)),
                _ => {}
            }
            before = character;
        }
        scan.operator |= scan.comment;
        scan
    }
}

/// Returns `bytes` in base64 (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let part = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let number = part(0) << 16 | part(1) << 8 | part(2);
        for digit in 0..4 {
            let index = (number >> (18 - 6 * digit)) & 63;
            let shown = digit <= chunk.len();
            text.push(if shown { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names(command: &str) -> Vec<&'static str> {
        disguised(command).iter().map(|disguise| disguise.name).collect()
    }

    #[test]
    fn a_simple_command_has_every_disguise() {
        assert!(names("rm -rf /").len() >= 50, "{}", names("rm -rf /").len());
        let line = |name| disguised("rm -rf '/a b'").into_iter().find(|d| d.name == name).unwrap().command;
        assert_eq!(line("sudo -u"), "sudo -u deploy -- rm -rf '/a b'");
        assert_eq!(line("broken quotes"), "r''m -rf '/a b'");
        assert_eq!(line("path"), "/usr/local/bin/rm -rf '/a b'");
        assert_eq!(line("line continuation"), "rm \\\n  -rf '/a b'");
        assert_eq!(line("bash -c"), "bash -c 'rm -rf '\\''/a b'\\'''");
    }

    #[test]
    fn wrappers_take_only_simple_commands() {
        for command in [
            "cat x | psql",
            "psql < x",
            "cd / && rm -rf x",
            "A=1 rm x",
            "eval 'rm x'",
            "(rm x)",
            "rm $(y)",
            "> x",
        ] {
            assert!(!names(command).contains(&"sudo"), "{command}");
            assert!(names(command).contains(&"bash -c"), "{command}");
        }
        for command in ["psql -c 'a; b'", r#"curl -d "{\"a\": \"|\"}" x"#, "rm a\\;b", "rm x#y"] {
            assert!(names(command).contains(&"sudo"), "{command}");
        }
    }

    #[test]
    fn nothing_follows_a_comment_or_an_operator() {
        for command in ["rm x &", "rm x # y", "rm x;"] {
            assert!(!names(command).contains(&"before ;"), "{command}");
        }
    }

    #[test]
    fn disguises_are_valid_shell() {
        for command in [
            "rm -rf '/a b'",
            "cat x | psql -c \"it's\"",
            "rm x &",
            "psql <<< 'a'",
            "rm x # y",
            "cd a && rm b",
        ] {
            for Disguise { name, command } in disguised(command).into_iter().chain(data(command)) {
                let status =
                    std::process::Command::new("bash").args(["-n", "-c", &command]).status().unwrap();
                assert!(status.success(), "{name}: {command}");
            }
        }
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
