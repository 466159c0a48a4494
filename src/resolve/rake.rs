//! Tasks of a Rakefile: what `rake NAME` runs.
//!
//! A Rakefile is Ruby, of which only the tasks that are asked for run, with those that they need. They
//! are found by how they are written, a task's body by its indentation; then the bodies are read as any
//! Ruby code is, in which the tools of Rake's own, `sh` and those of `FileUtils`, are in reach.
//! Documented at <https://ruby.github.io/rake/doc/rakefile_rdoc.html>.

use super::code::Language;
use super::command_line::Reading;
use super::project::first_file;
use super::state::Shell;
use super::walk::Walker;

/// How many tasks are followed from one command, and how many files are looked at.
const MOST: usize = 64;

/// Where a Rails application keeps its tasks.
const FOLDER: &str = "lib/tasks";

/// A task with its full name, those that it needs, and its body.
#[derive(Debug, Default, PartialEq, Eq)]
struct Task {
    name: String,
    needs: Vec<String>,
    body: String,
}

/// `rake [-f FILE] [TASK]…`.
pub(super) fn rake(walker: &mut Walker<'_>, reading: &Reading, shell: &mut Shell) -> Option<String> {
    let named: Vec<&str> = reading.values("file").collect();
    let usual = ["rakefile", "Rakefile", "rakefile.rb", "Rakefile.rb"];
    let mut tasks: Vec<(String, Task)> = Vec::new();
    let mut read =
        |file: String, text: &str| tasks.extend(in_text(text).into_iter().map(|task| (file.clone(), task)));
    if let Some((file, text)) = first_file(walker, if named.is_empty() { &usual } else { &named }, shell) {
        read(file, &text);
    }
    for name in of_rails(walker, shell) {
        if let Some((file, text)) = first_file(walker, &[&name], shell) {
            read(file, &text);
        }
    }
    let words = reading.operands.iter().map(|operand| operand.text.as_str());
    let asked = words.filter(|word| !word.contains('='));
    let mut wanted: Vec<String> =
        asked.map(|word| word.split('[').next().unwrap_or_default().to_owned()).collect();
    if wanted.is_empty() {
        wanted.push("default".to_owned());
    }
    let mut at = 0;
    while let Some(name) = wanted.get(at).filter(|_| at < MOST).cloned() {
        for (file, task) in tasks.iter().filter(|(_, task)| task.name == name) {
            wanted
                .extend(task.needs.iter().filter(|need| !wanted.contains(need)).cloned().collect::<Vec<_>>());
            let code = format!("include FileUtils\n{}", task.body);
            walker.in_file(file, shell, format!("rake {name} ({file})"), |walker, shell| {
                walker.code(&code, Language::Ruby, &[], shell);
            });
        }
        at += 1;
    }
    None
}

/// Returns the files in which a Rails application keeps its tasks.
fn of_rails(walker: &Walker<'_>, shell: &Shell) -> Vec<String> {
    let folder = shell.site.cwd.as_ref().map(|cwd| cwd.join(FOLDER));
    let names = folder.and_then(|folder| walker.place.world.list(&folder, MOST)).unwrap_or_default();
    names.into_iter().filter(|name| name.ends_with(".rake")).map(|name| format!("{FOLDER}/{name}")).collect()
}

/// Finds the tasks of a Rakefile.
fn in_text(text: &str) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut spaces: Vec<(usize, String)> = Vec::new();
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let belongs = open.is_some_and(|outer| indent > outer);
        if let (true, Some(task)) = (belongs, tasks.last_mut()) {
            task.body.push_str(line);
            task.body.push('\n');
            continue;
        }
        open = None;
        spaces.retain(|(outer, _)| *outer < indent);
        let (word, rest) = code.split_once([' ', '(']).unwrap_or((code, ""));
        match word {
            "namespace" => spaces.extend(symbol(rest).map(|name| (indent, name.to_owned()))),
            "task" | "multitask" | "file" => {
                let Some(name) = symbol(rest) else { continue };
                let prefix: String = spaces.iter().map(|(_, space)| format!("{space}:")).collect();
                tasks.push(Task { name: prefix + name, needs: needs(rest), body: one_line(rest) });
                open = Some(indent);
            }
            _ => {}
        }
    }
    tasks
}

/// Returns the name at the start of `:name`, `"name"` or `name:`.
fn symbol(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([':', '"', '\'', ' ', '(']);
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.')))
        .unwrap_or(text.len());
    Some(&text[..end]).filter(|name| !name.is_empty())
}

/// Returns the tasks behind `=>` or `name:`.
fn needs(rest: &str) -> Vec<String> {
    let head = rest.split(" do").next().unwrap_or_default();
    let behind = head.split_once("=>").or_else(|| head.trim_start_matches(':').split_once(": "));
    let listed = behind.map_or("", |(_, listed)| listed).split(['{', ']']).next().unwrap_or_default();
    let names = listed.split([',', ' ', '[', '(', ')']).filter(|name| !name.is_empty());
    names.map(|name| name.trim_matches([':', '"', '\'']).to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Returns the body of `task(:x) { … }` on one line.
fn one_line(rest: &str) -> String {
    let inside = rest.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    inside.map(|(body, _)| format!("{body}\n")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &[&str], &str)]) {
        let expect: Vec<Task> = expect
            .iter()
            .map(|(name, needs, body)| Task {
                name: (*name).to_owned(),
                needs: needs.iter().map(|need| (*need).to_owned()).collect(),
                body: (*body).to_owned(),
            })
            .collect();
        assert_eq!(in_text(text), expect, "{text}");
    }

    #[test]
    fn tasks_are_found_with_what_they_need() {
        check("task :a do\n  sh 'x'\nend\n", &[("a", &[], "  sh 'x'\n")]);
        check("task default: [:a, 'b']\n", &[("default", &["a", "b"], "")]);
        check("task default: :a\n", &[("default", &["a"], "")]);
        check("task :a => [:b, :c] do |t|\n  x\nend", &[("a", &["b", "c"], "  x\n")]);
        check("task(:a) { rm_rf 'x' }", &[("a", &[], " rm_rf 'x' \n")]);
        check("desc 'X'\ntask 'a' do\n  y\nend\nputs 1", &[("a", &[], "  y\n")]);
    }

    #[test]
    fn namespaces_are_part_of_the_name() {
        check(
            "namespace :db do\n  task :wipe do\n    z\n  end\nend\ntask :q do\n  w\nend\n",
            &[("db:wipe", &[], "    z\n"), ("q", &[], "  w\n")],
        );
    }
}
