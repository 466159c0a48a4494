//! Text for Windows' command interpreter: `cmd /c` and batch files.
//!
//! It has rules of its own: a backslash is a letter of a path, `^` takes a character as it is, `%NAME%`
//! is a variable, `&`, `&&`, `||` and `|` part commands, parentheses group them. What is read here is
//! which commands there are, with which words and which files they write. Variables are not followed.
//! Documented at <https://learn.microsoft.com/windows-server/administration/windows-commands/cmd>.

use super::action::{Effect, FileWrite};
use super::state::Shell;
use super::walk::Walker;
use crate::parse::gap::GapKind;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_nothing_known};

/// How many items of a `for` are followed one by one.
const ITEMS: usize = 16;

/// Commands of the interpreter itself whose switches may follow at once: `rd/s/q`.
const GLUED: &[&str] = &["cd", "copy", "del", "dir", "echo", "erase", "move", "rd", "rmdir"];

/// What a text is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `&`, `|`, the end of a line: what follows is another command.
    Next,
    Open,
    Close,
    /// `>` or, where it is true, `>>`.
    Write(bool),
    /// `<`.
    Read,
}

impl Walker<'_> {
    /// Walks through the commands of a text.
    pub(super) fn dos_text(&mut self, text: &str, shell: &mut Shell) {
        if is_nothing_known(text) {
            return self.gap(GapKind::Code, "runs text that is not known before it runs");
        }
        self.charge(text.len() / super::walk::BYTES);
        self.dos_list(&tokens(text), shell);
    }

    /// Walks through commands up to the end.
    fn dos_list(&mut self, tokens: &[Token], shell: &mut Shell) {
        // Groups need no tree: what is in them runs, or may.
        for command in tokens.split(|token| matches!(token, Token::Next | Token::Open | Token::Close)) {
            self.dos_command(command, shell);
        }
    }

    fn dos_command(&mut self, tokens: &[Token], shell: &mut Shell) {
        let (words, writes) = parts(tokens);
        for (path, appends) in writes {
            let replaces = !appends;
            self.act(Effect::Write(FileWrite { path, replaces, ..FileWrite::default() }), shell);
        }
        self.dos_words(&words, shell);
    }

    fn dos_words(&mut self, words: &[String], shell: &mut Shell) {
        let Some((first, rest)) = words.split_first() else { return };
        let name = first.trim_start_matches('@').to_lowercase();
        let (name, switches) = unglued(&name);
        match name {
            "" => self.dos_words(rest, shell),
            "if" => self.dos_words(behind_condition(rest), shell),
            "for" => self.dos_for(rest, shell),
            "call" | "else" | "do" => self.dos_words(rest, shell),
            "start" => {
                let own = |word: &&String| word.starts_with('/') || word.contains(' ') || word.is_empty();
                self.dos_words(&rest[rest.iter().take_while(own).count()..], shell);
            }
            // Where a relative path leads is no longer known.
            "cd" | "chdir" | "pushd" | "popd" => shell.site_mut().lose(),
            "rem" | "echo" | "set" | "goto" | "exit" | "title" | "cls" | "pause" | "setlocal"
            | "endlocal" | "verify" | "ver" | "path" | "prompt" | "shift" | "color" | "break" | "dir"
            | "type" | "vol" => {}
            label if label.starts_with(':') => {}
            _ => {
                let words =
                    [name.to_owned()].into_iter().chain(switches).chain(rest.iter().cloned()).collect();
                let mut inner = shell.clone();
                self.deeper("cmd", |walker| walker.run(words, Vec::new(), &mut inner, None));
            }
        }
    }

    /// `for /d %i in (C:\data\*) do command`: the list was cut off with its parentheses.
    fn dos_for(&mut self, words: &[String], shell: &mut Shell) {
        let Some(at) = words.iter().position(|word| word.eq_ignore_ascii_case("do")) else { return };
        self.dos_words(&words[at + 1..], shell);
    }
}

/// Splits a text into tokens; groups of a `for` become the value of its variable.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let text = with_items(text);
    let mut chars = text.chars().peekable();
    let mut word: Option<String> = None;
    let mut quoted = false;
    while let Some(c) = chars.next() {
        let sign = match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
                continue;
            }
            '^' if !quoted => {
                match chars.next() {
                    Some('\n') | None => {}
                    Some(taken) => word.get_or_insert_default().push(taken),
                }
                continue;
            }
            '%' => {
                word.get_or_insert_default().push(variable(&mut chars));
                continue;
            }
            _ if quoted => None,
            '\n' | '&' | '|' => Some(Token::Next),
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '<' => Some(Token::Read),
            '>' => Some(Token::Write(chars.next_if_eq(&'>').is_some())),
            _ => None,
        };
        let is_blank = !quoted && matches!(c, ' ' | '\t' | '\r' | ',' | ';');
        // `2>`: the number belongs to the redirection.
        if matches!(sign, Some(Token::Write(_) | Token::Read)) {
            word = word.filter(|word| !matches!(word.as_str(), "0" | "1" | "2"));
        }
        if sign.is_some() || is_blank {
            tokens.extend(word.take().map(Token::Word));
        } else {
            word.get_or_insert_default().push(c);
        }
        // `2>&1`
        if matches!(sign, Some(Token::Write(_))) && chars.next_if_eq(&'&').is_some() {
            chars.next();
            continue;
        }
        tokens.extend(sign);
    }
    tokens.extend(word.map(Token::Word));
    tokens
}

/// Steps over `NAME%` of a variable; `%%` and `%1` stand for something, too.
fn variable(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> char {
    let rest: String = chars.clone().take(64).collect();
    let name = rest.split('%').next().unwrap_or_default();
    let is_name = rest.contains('%') && !name.is_empty() && !name.contains([' ', '\n', '&', '|']);
    let steps = if is_name { name.chars().count() + 1 } else { 1 };
    for _ in 0..steps {
        chars.next();
    }
    UNKNOWN_WORDS
}

/// Spells `for %i in (a b) do command` out.
fn with_items(text: &str) -> String {
    let mut all = String::new();
    for line in text.lines() {
        match for_items(line) {
            Some((items, variable, body)) => {
                let items: Vec<&str> = items.split_whitespace().take(ITEMS).collect();
                let unknown = UNKNOWN.to_string();
                let items = if items.is_empty() { vec![unknown.as_str()] } else { items };
                let bodies = items.iter().map(|item| body.replace(variable, item) + "\n");
                all.extend(bodies);
            }
            None => all.push_str(&format!("{line}\n")),
        }
    }
    all
}

/// Returns the items, the variable and the body of a `for` that begins a line.
fn for_items(line: &str) -> Option<(&str, &str, &str)> {
    let rest = line.trim_start_matches(['@', ' ', '\t', '(']);
    let is_for = rest.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("for "));
    let (head, rest) = rest.split_once('(').filter(|_| is_for)?;
    let (items, body) = rest.split_once(')')?;
    let variable = head.split_whitespace().find(|word| word.starts_with('%'))?;
    let body = body.trim_start();
    let body = body.get(..2).filter(|word| word.eq_ignore_ascii_case("do")).map(|_| &body[2..])?;
    // `for /f` takes the lines of files, and what commands print.
    let reads = head.to_lowercase().contains("/f");
    Some((if reads { "" } else { items }, variable, body))
}

/// Returns the words of a command and the files that it writes, each with whether it is added to.
fn parts(tokens: &[Token]) -> (Vec<String>, Vec<(String, bool)>) {
    let (mut words, mut writes) = (Vec::new(), Vec::new());
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => words.push(word.clone()),
            Token::Write(appends) => {
                if let Some(Token::Word(path)) = tokens.next()
                    && !path.eq_ignore_ascii_case("nul")
                {
                    writes.push((path.clone(), *appends));
                }
            }
            Token::Read => drop(tokens.next()),
            Token::Next | Token::Open | Token::Close => {}
        }
    }
    (words, writes)
}

/// Splits `rd/s/q` into the command and its switches.
fn unglued(name: &str) -> (&str, Vec<String>) {
    match name.split_once('/') {
        Some((command, switches)) if GLUED.contains(&command) => {
            (command, switches.split('/').map(|switch| format!("/{switch}")).collect())
        }
        _ => (name, Vec::new()),
    }
}

/// Returns what stands behind the condition of an `if`.
fn behind_condition(words: &[String]) -> &[String] {
    let is = |at: usize, name: &str| words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(name));
    let mut at = usize::from(is(0, "/i"));
    at += usize::from(is(at, "not"));
    let takes_one = ["exist", "defined", "errorlevel", "cmdextversion"].iter().any(|name| is(at, name));
    at += match words.get(at) {
        Some(_) if takes_one => 2,
        Some(word) if word.contains("==") && !word.ends_with("==") => 1,
        Some(word) if word.ends_with("==") => 2,
        // `a == b`, `a equ b`
        _ => 3,
    };
    words.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&[&str]]) {
        let tokens = tokens(text);
        let commands = tokens.split(|token| matches!(token, Token::Next | Token::Open | Token::Close));
        let words: Vec<Vec<String>> =
            commands.map(|command| parts(command).0).filter(|w| !w.is_empty()).collect();
        assert_eq!(words, expect, "{text}");
    }

    #[test]
    fn backslashes_are_letters_and_carets_are_not() {
        check(r"rd /s /q C:\Users\dev", &[&["rd", "/s", "/q", r"C:\Users\dev"]]);
        check(r#"del "C:\My data\*""#, &[&["del", r"C:\My data\*"]]);
        check("r^d /s x^&y", &[&["rd", "/s", "x&y"]]);
        check("echo \"a & b ^\"", &[&["echo", "a & b ^"]]);
    }

    #[test]
    fn commands_are_parted() {
        check("a & b && c || d | e", &[&["a"], &["b"], &["c"], &["d"], &["e"]]);
        check("(a\r\nb) & c", &[&["a"], &["b"], &["c"]]);
        check("a 2>&1 > out 2>nul", &[&["a"]]);
    }

    #[test]
    fn loops_are_spelled_out() {
        check("for %i in (a b) do rd %i", &[&["rd", "a"], &["rd", "b"]]);
        check("for /d %%i in (C:\\x\\*) do (rd /s %%i)", &[&["rd", "/s", r"C:\x\*"]]);
        check("for /f %i in (list.txt) do del %i", &[&["del", &UNKNOWN.to_string()]]);
    }

    #[test]
    fn variables_are_not_known() {
        let unknown = UNKNOWN_WORDS.to_string();
        check("rd %TEMP%\\x", &[&["rd", &format!("{unknown}\\x")]]);
        check("del %1", &[&["del", &unknown]]);
        check("50%", &[&[&format!("50{unknown}")]]);
    }

    #[test]
    fn conditions_are_stepped_over() {
        let behind = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            behind_condition(&words).join(" ")
        };
        assert_eq!(behind("exist C:\\x rd C:\\x"), "rd C:\\x");
        assert_eq!(behind("/i not a==b del c"), "del c");
        assert_eq!(behind("a == b del c"), "del c");
        assert_eq!(behind("defined X del c"), "del c");
        assert_eq!(behind("not"), "");
    }
}
