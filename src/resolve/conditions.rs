//! What a test tells of the command behind it.
//!
//! Every branch is walked, whatever its condition: what holds now may not hold then. But where a command
//! runs only because there is nothing at a path, nothing at that path is lost by it, whenever it runs:
//! `[ -f .env ] || cp .env.example .env`. And where a script takes an argument in place of a value of its own, the
//! value stays when it is run without that argument: `OUT=dist; [ -n "$1" ] && OUT=$1`.

use super::state::Shell;
use super::walk::{Walker, keep};
use crate::parse::script::{Command, CommandKind, Operation, Part, Script, Word};
use crate::unknown::is_known;

impl Walker<'_> {
    /// Walks through `a && b || c`.
    pub(super) fn and_or(
        &mut self,
        parts: &[Command],
        otherwise: &[usize],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> String {
        let mut output = String::new();
        // What stands behind `||` may run or not, and all behind the first `&&` too.
        let mut first = None;
        for (at, part) in parts.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| parts.get(before));
            let is_behind_and = at == 1 && !otherwise.contains(&at);
            if is_behind_and && assigns(part) && before.is_some_and(|before| lacks_argument(before, shell)) {
                continue;
            }
            let told = before.map(|before| self.tested(before, shell)).unwrap_or_default();
            let absent = if otherwise.contains(&at) { told.nothing_if_false } else { told.nothing_if_true };
            let instead = otherwise.contains(&at).then(|| shell.clone());
            let printed = self.without(absent, shell, |walker, shell| walker.command(part, shell, stdin));
            keep(&mut output, &printed);
            if let Some(before) = instead {
                shell.doubt(&before);
            }
            if at == 0 {
                first = Some(shell.clone());
            }
        }
        if let Some(first) = first {
            shell.doubt(&first);
        }
        output
    }

    /// Walks through the body of an `if`, whose condition holds.
    pub(super) fn body(&mut self, condition: &Script, body: &Script, shell: &mut Shell, stdin: Option<&str>) {
        if let ([test], true) = (condition.commands.as_slice(), body.commands.iter().all(assigns))
            && lacks_argument(test, shell)
        {
            return;
        }
        let told = condition.commands.last().map(|last| self.tested(last, shell)).unwrap_or_default();
        self.without(told.nothing_if_true, shell, |walker, shell| walker.script(body, shell, stdin));
    }

    /// Does something where there is nothing at a path.
    fn without<T>(
        &mut self,
        absent: Option<String>,
        shell: &mut Shell,
        walk: impl FnOnce(&mut Self, &mut Shell) -> T,
    ) -> T {
        let outer = shell.site.absent.clone();
        shell.site_mut().absent.extend(absent);
        let result = walk(self, shell);
        shell.site_mut().absent = outer;
        result
    }

    /// Returns what a test tells, if this is one that looks for a file.
    fn tested(&mut self, command: &Command, shell: &mut Shell) -> Told {
        let words = match &command.kind {
            CommandKind::Simple { assignments, words } if assignments.is_empty() => words,
            CommandKind::Test(words) => words,
            _ => return Told::default(),
        };
        // Nothing is run by expanding these words a second time.
        let is_plain = |part: &Part| match part {
            Part::Text { .. } => true,
            Part::Parameter { index, operation, .. } => index.is_none() && *operation == Operation::None,
            _ => false,
        };
        if !words.iter().all(|word| word.parts.iter().all(is_plain)) {
            return Told::default();
        }
        // Whoever calls something else by this name tells nothing.
        if ["test", "["]
            .iter()
            .any(|name| shell.functions.contains_key(*name) || shell.aliases.contains_key(*name))
        {
            return Told::default();
        }
        let words: Vec<String> = words.iter().map(|word| self.text(word, shell)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let test = match words.as_slice() {
            ["[", test @ .., "]"] | ["[[", test @ .., "]]"] | ["test", test @ ..] => test,
            test => test,
        };
        match test {
            ["-f" | "-e" | "-s", path] if is_known(path) => {
                Told { nothing_if_false: Some((*path).to_owned()), ..Told::default() }
            }
            ["!", "-f" | "-e" | "-s", path] if is_known(path) => {
                Told { nothing_if_true: Some((*path).to_owned()), ..Told::default() }
            }
            _ => Told::default(),
        }
    }
}

/// Returns whether a command gives variables values and does nothing else.
fn assigns(command: &Command) -> bool {
    matches!(&command.kind, CommandKind::Simple { words, .. } if words.is_empty())
        && command.redirects.is_empty()
}

/// Returns whether a command asks for an argument of the shell that is known not to be there: `[ -n "$1" ]`.
fn lacks_argument(command: &Command, shell: &Shell) -> bool {
    let words = match &command.kind {
        CommandKind::Simple { assignments, words } if assignments.is_empty() => words,
        CommandKind::Test(words) => words,
        _ => return false,
    };
    let text = |word: &Word| match word.parts.as_slice() {
        [Part::Text { text, .. }] => Some(text.clone()),
        _ => None,
    };
    let (asked, around): (Vec<&Word>, Vec<&Word>) = words.iter().partition(|word| text(word).is_none());
    let around: Vec<String> = around.into_iter().filter_map(text).collect();
    let around: Vec<&str> =
        around.iter().map(String::as_str).filter(|word| !matches!(*word, "[[" | "]]")).collect();
    let ([asked], ["[", "-n", "]"] | ["test", "-n"] | ["-n"] | ["[", "]"] | []) =
        (asked.as_slice(), around.as_slice())
    else {
        return false;
    };
    // An argument that may be several, or none, may stand for any of them.
    let all_known = shell.arguments.iter().all(|argument| is_known(argument));
    match asked.parts.as_slice() {
        [Part::Parameter { name, index: None, operation: Operation::None, .. }] => {
            let nth = name.parse::<usize>().ok().filter(|nth| *nth > 0);
            all_known && nth.is_some_and(|nth| shell.arguments.get(nth - 1).is_none_or(String::is_empty))
        }
        _ => false,
    }
}

/// At which path there is nothing, by what a test found.
#[derive(Default)]
struct Told {
    nothing_if_true: Option<String>,
    nothing_if_false: Option<String>,
}

#[cfg(test)]
mod tests {
    use crate::rulebook::Rulebook;
    use crate::trial;

    /// Checks whether a command is asked about in a project that has an `.env`.
    fn check(command: &str, asks: bool) {
        let files = [(".env", "A=1"), (".env.example", "A=")];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let (_, findings) = trial::judge(&Rulebook::builtin(), command, &files);
        assert_eq!(!findings.is_empty(), asks, "{command}");
    }

    #[test]
    fn what_is_written_only_where_nothing_is_loses_nothing() {
        check("[ -f .env ] || cp .env.example .env", false);
        check("test -e .env || cp .env.example .env", false);
        check("[[ -f .env ]] || cp .env.example .env", false);
        check("[ ! -f .env ] && cp .env.example .env", false);
        check("if [ ! -e .env ]; then cp .env.example .env; fi", false);
        check("f=.env; [ -f \"$f\" ] || cp .env.example .env", false);
    }

    #[test]
    fn a_value_stays_where_no_argument_is_given_for_it() {
        check("OUT=dist; [ -n \"$1\" ] && OUT=\"$1\"; rm -rf \"$OUT\"", false);
        check("OUT=dist; if [[ -n $1 ]]; then OUT=$1; fi; rm -rf \"$OUT\"", false);
        check("f() { OUT=dist; [ \"$1\" ] && OUT=$1; rm -rf \"$OUT\"; }; f", false);
        check("f() { OUT=dist; [ \"$1\" ] && OUT=$1; rm -rf \"$OUT\"; }; f /srv", true);
        check("set -- /srv; OUT=dist; [ -n \"$1\" ] && OUT=$1; rm -rf \"$OUT\"", true);
        check("set -- $X; OUT=dist; [ -n \"$2\" ] && OUT=$2; rm -rf \"$OUT\"", true);
        check("OUT=dist; [ -n \"$T\" ] && OUT=$T; rm -rf \"$OUT\"", true);
        check("OUT=dist; [ -z \"$1\" ] && OUT=/srv; rm -rf \"$OUT\"", true);
        check("OUT=dist; [ -n \"$1\" ] || OUT=/srv; rm -rf \"$OUT\"", true);
    }

    #[test]
    fn what_a_test_does_not_tell_is_asked_about() {
        check("cp .env.example .env", true);
        check("[ -f .env ] && cp .env.example .env", true);
        check("[ ! -f .env ] || cp .env.example .env", true);
        check("[ -f .env.example ] || cp .env.example .env", true);
        check("[ -d .env ] || cp .env.example .env", true);
        check("[ -f .env ] || true && cp .env.example .env", true);
        check("[ -f .env ] || cd . && cp .env.example .env", true);
        check("if [ -f .env ]; then cp .env.example .env; fi", true);
        check("[ -f x ] || rm -rf /srv/data", true);
        check("test() { false; }; test -f .env || cp .env.example .env", true);
        check("[ -f .env ] || { cd sub; cp ../.env.example .env; }", false);
        check("[ -f .env ] || { cd .; cp .env.example .env; }", true);
    }
}
