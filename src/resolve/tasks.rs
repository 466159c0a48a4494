//! Tasks that a runner starts by their name: those of mise, Poe, Deno, cargo-make and their kin.
//!
//! Where a runner keeps them and what their keys mean is data of its grammar ([`Tasks`]); here they are
//! looked up and followed, each once, with those that they name.

use std::rc::Rc;

use super::files::Content;
use super::invocation::Invocation;
use super::project::first_file;
use super::scripts::Script;
use super::state::Shell;
use super::walk::Walker;
use crate::document::{self, Node};
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::rulebook::tasks::Tasks;

/// How many tasks are followed from one command.
const MOST: usize = 64;

/// How deep lists and tables of commands may stand in one another.
const NESTING: usize = 8;

/// The tasks of one file, and those that were followed.
struct Table<'t> {
    keys: &'t Tasks,
    /// What tells a person where they stand: `mise (mise.toml)`.
    label: String,
    tables: Vec<Rc<Node>>,
    done: Vec<String>,
}

impl Walker<'_> {
    /// Runs the task that the first operand names; returns whether there is one.
    pub(super) fn task(&mut self, keys: &Tasks, call: Invocation<'_>, shell: &Shell) -> bool {
        let operand = call.operands().first().filter(|_| keys.named_by.is_none());
        let names: Vec<String> = match &keys.named_by {
            Some(source) => {
                let texts = call.texts(source);
                texts.iter().flat_map(|names| names.split(',')).map(str::to_owned).collect()
            }
            None => operand.iter().map(|operand| operand.text.clone()).collect(),
        };
        if names.is_empty() && !keys.every && !keys.listed {
            return false;
        }
        let rest = operand.map_or(&[][..], |operand| call.words_behind(operand));
        let rest: Vec<String> = rest.iter().filter(|word| *word != "--").cloned().collect();
        let mut found = false;
        for name in &names {
            found |= self.task_in_folder(&keys.folders, name, &rest, shell, call.stdin());
        }
        let files: Vec<&str> = keys.files.iter().map(String::as_str).collect();
        let Some((file, text)) = first_file(self, &files, shell) else { return found };
        let Some(root) = read(&file, &text) else {
            self.gap(GapKind::File, format!("{file}: the file cannot be read as what it is"));
            return true;
        };
        let mut tables: Vec<Rc<Node>> =
            keys.at.iter().flat_map(|at| document::find(&root, at)).map(|found| found.node).collect();
        if keys.at.is_empty() {
            tables.push(root);
        }
        let label = format!("{} ({file})", call.line.program);
        let mut table = Table { keys, label, tables, done: Vec::new() };
        if keys.listed {
            return table.all(self, shell);
        }
        let names = if names.is_empty() { table.names() } else { names };
        for name in &names {
            found |= table.named(self, name, &rest, shell);
        }
        found
    }

    /// Runs the script of a task that is a file of its own.
    fn task_in_folder(
        &mut self,
        folders: &[String],
        name: &str,
        rest: &[String],
        shell: &Shell,
        stdin: Option<&str>,
    ) -> bool {
        let path = folders
            .iter()
            .map(|folder| format!("{folder}/{}", name.replace(':', "/")))
            .find(|path| matches!(self.files.read(path, &shell.site, self.place), Content::Text(_)));
        let Some(path) = path else { return false };
        self.own_script(Script::started(&path, rest, stdin), &mut shell.clone());
        true
    }
}

impl Table<'_> {
    /// Returns the names of all tasks.
    fn names(&self) -> Vec<String> {
        let names = |table: &Rc<Node>| match table.as_ref() {
            Node::Map(tasks) => tasks.iter().map(|(name, _)| name.clone()).collect(),
            _ => Vec::new(),
        };
        self.tables.iter().flat_map(names).collect()
    }

    /// Follows every task of tables that are tasks themselves; returns whether there is one.
    fn all(&mut self, walker: &mut Walker<'_>, shell: &Shell) -> bool {
        let tasks = std::mem::take(&mut self.tables);
        for task in tasks.iter().take(MOST) {
            self.follow(walker, task, &[], shell, NESTING);
        }
        !tasks.is_empty()
    }

    /// Follows the task of that name, with more words for its command; returns whether there is one.
    fn named(&mut self, walker: &mut Walker<'_>, name: &str, rest: &[String], shell: &Shell) -> bool {
        if self.done.iter().any(|done| done == name) {
            return true;
        }
        // `hatch run test:cov`, `nx run app:build`: the name may stand behind where it is looked for.
        let names = [Some(name), name.split_once(':').map(|(_, name)| name)];
        let all = names.into_iter().flatten();
        let found: Vec<Rc<Node>> =
            all.flat_map(|name| self.tables.iter().filter_map(|table| table.get(name)).cloned()).collect();
        if found.is_empty() || self.done.len() >= MOST {
            return false;
        }
        self.done.push(name.to_owned());
        for task in found {
            self.follow(walker, &task, rest, shell, NESTING);
        }
        true
    }

    /// Follows what stands under a task's name.
    fn follow(
        &mut self,
        walker: &mut Walker<'_>,
        task: &Rc<Node>,
        rest: &[String],
        shell: &Shell,
        depth: usize,
    ) {
        if depth == 0 {
            return;
        }
        match task.as_ref() {
            Node::Text(text) => self.shell_text(walker, text.text(), rest, shell),
            Node::List(items) => {
                for item in items {
                    let first = item.text().and_then(|text| text.text().split_whitespace().next());
                    // A step of a list may be another task.
                    if !first.is_some_and(|first| self.named(walker, first, &[], shell)) {
                        self.follow(walker, item, &[], shell, depth - 1);
                    }
                }
            }
            Node::Map(_) if self.starts_nothing(task) => {}
            Node::Map(_) => {
                let under = |keys: &[String]| -> Vec<Rc<Node>> {
                    keys.iter().flat_map(|key| document::find(task, key)).map(|found| found.node).collect()
                };
                for needed in under(&self.keys.needs) {
                    for name in needed.texts() {
                        self.named(walker, name.text(), &[], shell);
                    }
                }
                for own in under(&self.keys.text) {
                    self.follow(walker, &own, rest, shell, depth - 1);
                }
                self.command(walker, &under(&self.keys.words), rest, shell);
            }
        }
    }

    fn starts_nothing(&self, task: &Node) -> bool {
        self.keys.unless.iter().any(|(key, values)| {
            task.get(key)
                .and_then(|node| node.text())
                .is_some_and(|text| values.iter().any(|value| value == text.text()))
        })
    }

    /// Runs one command of which some keys have the words: a text is several, each of a list is one.
    fn command(&self, walker: &mut Walker<'_>, words: &[Rc<Node>], rest: &[String], shell: &Shell) {
        let text = |node: &Rc<Node>| match node.text() {
            Some(text) => text.text().to_owned(),
            None => quoted(node.texts().into_iter().map(document::mapped::Mapped::text)),
        };
        let texts: Vec<String> = words.iter().map(text).collect();
        if !texts.is_empty() {
            self.shell_text(walker, &texts.join(" "), rest, shell);
        }
    }

    fn shell_text(&self, walker: &mut Walker<'_>, text: &str, rest: &[String], shell: &Shell) {
        let text = format!("{text} {}", quoted(rest.iter().map(String::as_str)));
        let mut inner = shell.child(Dialect::Posix, rest.to_vec());
        walker.in_project(self.label.clone(), |walker| walker.shell_text(text.trim_end(), &mut inner, None));
    }
}

/// Reads a file by how its name ends.
fn read(file: &str, text: &str) -> Option<Rc<Node>> {
    match file.rsplit('.').next() {
        Some("json" | "jsonc") => {
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            let text = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
            document::yaml::read(&text).ok()?.into_iter().next()
        }
        Some("yml" | "yaml") => document::yaml::read(text).ok()?.into_iter().next(),
        Some("ini" | "cfg") => Some(document::ini::read(text)),
        _ if file.contains("Procfile") => Some(document::ini::read(text)),
        _ => Some(document::toml::read(text)),
    }
}

fn quoted<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| shell_words::quote(word)).collect::<Vec<_>>().join(" ")
}
