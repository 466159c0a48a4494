//! Tasks that are functions in a file of the project's own: those of Invoke, Fabric, nox, Gulp and Grunt.
//!
//! Of a file in Python, the functions that are decorated are tasks, of which only those that are asked for
//! run, with those that their decorators name; all else in the file is run whenever it is read. A file in
//! JavaScript is read as a whole. Documented at <https://docs.pyinvoke.org/>, <https://nox.thea.codes/>.

use super::code::Language;
use super::invocation::Invocation;
use super::project::first_file;
use super::state::Shell;
use super::walk::Walker;

/// A program that runs such tasks.
struct Runner {
    program: &'static str,
    files: &'static [&'static str],
    language: Language,
    /// What a task is called with.
    with: &'static str,
}

#[rustfmt::skip]
const RUNNERS: &[Runner] = &[
    Runner { program: "invoke", files: &["tasks.py"], language: Language::Python, with: "invoke.Context()" },
    Runner { program: "fab", files: &["fabfile.py"], language: Language::Python, with: "fabric.Connection('host')" },
    Runner { program: "nox", files: &["noxfile.py"], language: Language::Python, with: "nox.Session()" },
    Runner { program: "gulp", files: &["gulpfile.js", "gulpfile.mjs", "gulpfile.cjs", "gulpfile.ts"], language: Language::JavaScript, with: "" },
    Runner { program: "grunt", files: &["Gruntfile.js", "gruntfile.js", "Gruntfile.cjs", "Gruntfile.ts"], language: Language::JavaScript, with: "" },
];

/// A top-level statement of Python, and the function it defines where it is decorated.
struct Piece<'t> {
    text: &'t str,
    task: Option<&'t str>,
}

impl<'t> Piece<'t> {
    /// Returns its text without decorators, in which a task would be more than called.
    fn definition(&self) -> &'t str {
        match self.text.find("\ndef ") {
            Some(at) if self.task.is_some() => &self.text[at + 1..],
            _ => self.text,
        }
    }
}

/// Follows the tasks that a command line asks for.
pub(super) fn run(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let runner = RUNNERS.iter().find(|runner| runner.program == call.line.program)?;
    let named: Vec<&str> = call.reading.values("file").collect();
    let (file, text) = first_file(walker, if named.is_empty() { runner.files } else { &named }, shell)?;
    let text = match runner.language {
        Language::Python => {
            let asked = call.reading.values("task").map(str::to_owned).chain(call.arguments());
            // `invoke db.reset`: the function's name stands behind that of its collection.
            let own = |name: String| name.rsplit('.').next().unwrap_or_default().replace('-', "_");
            let asked: Vec<String> = asked.map(own).collect();
            only(&text, &asked, runner.with)
        }
        _ => text,
    };
    walker.in_file(&file, shell, format!("{} ({file})", runner.program), |walker, shell| {
        walker.code(&text, runner.language, &[], shell);
    });
    None
}

/// Returns a file in Python without the tasks that do not run, and with calls of those that do. Where none is
/// asked for, all of them run.
fn only(text: &str, asked: &[String], with: &str) -> String {
    let pieces = pieces(text);
    let tasks = || pieces.iter().filter_map(|piece| piece.task);
    let mut wanted: Vec<&str> = tasks().filter(|task| asked.iter().any(|name| name == task)).collect();
    if wanted.is_empty() && asked.is_empty() {
        wanted = tasks().collect();
    }
    // `@task(pre=[clean])`
    let mut at = 0;
    while let Some(task) = wanted.get(at).copied() {
        let head = |piece: &&Piece<'_>| piece.task == Some(task);
        let head =
            pieces.iter().find(head).and_then(|piece| piece.text.split("\ndef ").next()).unwrap_or_default();
        let mut named = head.split(|c: char| !c.is_alphanumeric() && c != '_');
        let more = named.by_ref().filter_map(|word| tasks().find(|task| *task == word));
        let more: Vec<&str> = more.filter(|task| !wanted.contains(task)).collect();
        wanted.extend(more);
        at += 1;
    }
    let kept = pieces.iter().filter(|piece| piece.task.is_none_or(|task| wanted.contains(&task)));
    let mut all: String = kept.map(Piece::definition).collect();
    for task in wanted {
        all.push_str(&format!("\n{task}({with})"));
    }
    all
}

/// Splits a file in Python at the lines that are not indented.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut starts = Vec::new();
    let mut decorated = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with([' ', '\t', ')', ']', '}', '#', '\n', '\r']) {
            if !decorated {
                starts.push(at);
            }
            decorated = line.starts_with('@');
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let piece = |(start, end): (&usize, usize)| {
        let text = &text[*start..end];
        let (_, definition) = text.split_once("\ndef ").filter(|_| text.starts_with('@')).unzip();
        let task = definition.and_then(|definition| definition.split('(').next()).map(str::trim);
        Piece { text, task }
    };
    starts.iter().zip(ends).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "from invoke import task\n\n@task\ndef clean(c):\n    c.run('a')\n\n\
                        @task(pre=[clean])\ndef build(c):\n    c.run('b')\n\n\
                        @task(\n    clean,\n)\ndef ship(c):\n    c.run('s')\n\nx = 1\n";

    #[test]
    fn only_what_is_asked_for_is_kept() {
        let check = |asked: &[&str], expect: &[&str]| {
            let asked: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
            let text = only(FILE, &asked, "c()");
            let found: Vec<&str> = ["clean", "build", "ship"]
                .into_iter()
                .filter(|name| text.contains(&format!("\n{name}(c())")))
                .collect();
            assert_eq!(found, expect, "{asked:?}: {text}");
            assert!(text.contains("x = 1") && text.contains("import task"), "{text}");
            for (name, body) in [("clean", "'a'"), ("build", "'b'"), ("ship", "'s'")] {
                assert_eq!(text.contains(body), expect.contains(&name), "{name} in {text}");
            }
        };
        check(&["clean"], &["clean"]);
        check(&["build"], &["clean", "build"]);
        check(&["ship"], &["clean", "ship"]);
        check(&[], &["clean", "build", "ship"]);
        check(&["other"], &[]);
    }
}
