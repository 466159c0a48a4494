//! Tasks of Gradle: what those that are asked for start and delete, by their blocks in `build.gradle` or
//! `build.gradle.kts`.
//!
//! A block is read line by line: `commandLine` with the words behind it, `delete` with its paths, and texts that are
//! executed. What is computed is not followed. Documented at
//! <https://docs.gradle.org/current/userguide/more_about_tasks.html>.

use super::invocation::Invocation;
use super::project::first_file;
use super::state::Shell;
use super::walk::Walker;
use crate::unknown::UNKNOWN;

/// How many tasks are followed from one command.
const MOST: usize = 64;

/// How many blocks of one task are read.
const BLOCKS: usize = 8;

/// `gradle [TASK]…`.
pub(super) fn run(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let own = |word: &String| word.rsplit(':').next().unwrap_or_default().to_owned();
    let mut wanted: Vec<String> = call.arguments().iter().map(own).collect();
    let (file, text) = first_file(walker, &["build.gradle", "build.gradle.kts"], shell)?;
    let mut at = 0;
    while let Some(task) = wanted.get(at).cloned().filter(|_| at < MOST) {
        for (head, block) in blocks(&text, &task) {
            let needed = [head, block].into_iter().flat_map(needs);
            for task in needed {
                if wanted.len() < MOST && !wanted.contains(&task) {
                    wanted.push(task);
                }
            }
            let label = format!("{} {task} ({file})", call.line.program);
            walker.in_file(&file, shell, label, |walker, shell| {
                for words in commands(block) {
                    walker.run(words, Vec::new(), &mut shell.clone(), None);
                }
            });
        }
        at += 1;
    }
    None
}

/// Returns the blocks of a task, each with what stands on the line before it.
fn blocks<'t>(text: &'t str, task: &str) -> Vec<(&'t str, &'t str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(open) = line.find('{') else { continue };
        let head = &line[..open];
        if found.len() < BLOCKS && declared(head) == Some(task) {
            found.push((head, block(&text[start + open..])));
        }
    }
    found
}

/// Returns the task that a block is of, by what stands before it: `task wipe(type: Exec)`, `clean`,
/// `tasks.register<Exec>("wipe")`, `val wipe by tasks.registering(Exec::class)`.
fn declared(head: &str) -> Option<&str> {
    let words = head.split(|c: char| !c.is_alphanumeric() && !"_-".contains(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty() && *word != "project").collect();
    match words.as_slice() {
        ["tasks", "register" | "create" | "named" | "maybeCreate", ..] => head.split(['"', '\'']).nth(1),
        ["val", name, "by", ..] | ["task" | "tasks", name, ..] | [name] => Some(*name),
        _ => None,
    }
}

/// Returns what stands between a brace and the one that closes it, as far as there is any.
fn block(text: &str) -> &str {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open || c == '\n' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return &text[..at];
                }
            }
            _ => {}
        }
    }
    text
}

/// Returns the words behind what names the tasks that a task depends on, or that run behind it.
fn needs(text: &str) -> Vec<String> {
    let behind = |line: &str| {
        let (_, behind) = line.split_once("dependsOn").or_else(|| line.split_once("finalizedBy"))?;
        let words = behind.split(|c: char| !c.is_alphanumeric() && !"_-".contains(c));
        Some(words.filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>())
    };
    text.lines().filter_map(behind).flatten().collect()
}

/// Returns the commands that a block starts, and what it deletes as the `rm` that would.
fn commands(block: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut lines = block.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        // `doLast { delete 'x' }`
        let line = match line.split_once('{') {
            Some((head, inside)) if ["doLast", "doFirst", "exec", "project.exec"].contains(&head.trim()) => {
                inside.trim()
            }
            _ => line,
        };
        let word =
            line.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
        let mut texts = strings(line);
        match word {
            "commandLine" | "executable" | "args" => {
                // A list goes on where a line ends in a comma or an open bracket.
                let mut last = line;
                while last.ends_with([',', '(', '[']) {
                    let Some(next) = lines.next() else { break };
                    last = next.trim();
                    texts.extend(strings(last));
                }
                match (word, found.last_mut()) {
                    ("args", Some(before)) => before.extend(texts),
                    _ => found.push(texts),
                }
            }
            "delete" => {
                // A directory that is not known at all is one that the build has for itself.
                texts.retain(|text| !text.starts_with(UNKNOWN));
                if texts.is_empty() {
                    continue;
                }
                found.push(["rm", "-rf", "--"].map(str::to_owned).into_iter().chain(texts).collect());
            }
            _ if line.contains(".execute()") => {
                found.extend(texts.iter().filter_map(|text| shell_words::split(text).ok()));
            }
            _ => {}
        }
    }
    found.retain(|words| !words.is_empty());
    found
}

/// Returns the texts in quotes; what is put into one is not known.
fn strings(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(open) = rest.find(['"', '\'']) {
        let quote = if rest[open..].starts_with('"') { '"' } else { '\'' };
        let Some((text, behind)) = rest[open + 1..].split_once(quote) else { break };
        found.push(if quote == '"' { filled(text) } else { text.to_owned() });
        rest = behind;
    }
    found
}

/// Returns a text with the project's own directories put into it, and a mark for what else is.
fn filled(text: &str) -> String {
    let mut text = text.to_owned();
    for (name, directory) in [("buildDir", "build"), ("projectDir", "."), ("rootDir", ".")] {
        for written in [format!("${{project.{name}}}"), format!("${{{name}}}"), format!("${name}")] {
            text = text.replace(&written, directory);
        }
    }
    match text.split_once('$') {
        Some((before, _)) => format!("{before}{UNKNOWN}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;
    use crate::trial;

    const FILE: &str = "plugins { id 'java' }\n\
        task wipe(type: Exec, dependsOn: 'stop') {\n    commandLine 'dropdb',\n        'app'\n}\n\
        tasks.register<Exec>(\"stop\") {\n    commandLine(\"sh\", \"-c\", \"kill ${pid}\")\n}\n\
        clean {\n    delete 'out', \"$buildDir/gen\", \"$other\"\n    doLast { \"echo done\".execute() }\n}\n";

    #[test]
    fn only_tasks_that_are_asked_for_are_judged() {
        let check = |command, asks: bool| {
            let files = [("build.gradle".to_owned(), FILE.to_owned())].into();
            let (_, findings) = trial::judge(&Rulebook::builtin(), command, &files);
            assert_eq!(!findings.is_empty(), asks, "{command}");
        };
        check("gradle wipe", true);
        check("./gradlew :app:wipe --no-daemon", true);
        check("gradle wipe --dry-run", false);
        check("gradle check", false);
    }

    #[test]
    fn what_a_task_starts_is_found() {
        let check = |task: &str, expect: &[&str]| {
            let found = blocks(FILE, task);
            let found: Vec<String> =
                found.iter().flat_map(|(_, block)| commands(block)).map(|words| words.join(" ")).collect();
            assert_eq!(found, expect, "{task}");
        };
        check("wipe", &["dropdb app"]);
        check("stop", &[&format!("sh -c kill {UNKNOWN}")]);
        check("clean", &["rm -rf -- out build/gen", "echo done"]);
        check("java", &[]);
        check("other", &[]);
        assert_eq!(
            blocks(FILE, "wipe").iter().flat_map(|(head, _)| needs(head)).collect::<Vec<_>>(),
            ["stop"]
        );
    }
}
