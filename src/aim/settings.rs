//! Files of settings, read down to their values, each with the keys that lead to it and its line.
//!
//! Made for files that tools keep for themselves and that anybody may have written: nothing is expanded,
//! nothing nests without bound, and what cannot be read ends the file.

use serde_saphyr::granit_parser::{Event, Parser};

use crate::glob;
use crate::rulebook::targets::FileFormat;
use crate::truth::Truth;

/// How many values of a file are read.
const MOST: usize = 20_000;

/// How deep lists and maps may nest.
const DEEPEST: usize = 64;

/// A value with the keys that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub keys: Vec<String>,
    pub value: String,
    /// The line, from 1.
    pub line: usize,
}

/// Returns the values in a file.
pub(crate) fn read(text: &str, format: FileFormat) -> Vec<Leaf> {
    match format {
        FileFormat::Yaml => yaml(text),
        FileFormat::Settings => settings(text),
        FileFormat::Ssh => ssh(text),
        FileFormat::Text => text
            .lines()
            .zip(1..)
            .take(MOST)
            .map(|(text, line)| Leaf { keys: Vec::new(), value: text.trim().to_owned(), line })
            .collect(),
    }
}

/// One step of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    /// The item of a list in which this key has this value.
    Where(String, String),
}

/// Returns the value that a key such as `contexts[name=prod].context.cluster` leads to. What stands in braces is put
/// in by `fill`, whole, whatever it holds.
pub(crate) fn find<'l>(leaves: &'l [Leaf], key: &str, fill: &dyn Fn(&str) -> String) -> Option<&'l Leaf> {
    let mut prefix: Vec<String> = Vec::new();
    for step in steps(key, fill) {
        match step {
            Step::Name(name) => prefix.push(name),
            Step::Where(name, value) => {
                let at = prefix.len();
                let item = leaves.iter().find(|leaf| {
                    leaf.keys.len() == at + 2
                        && leaf.keys.starts_with(&prefix)
                        && leaf.keys[at + 1] == name
                        && leaf.value == value
                })?;
                prefix.push(item.keys[at].clone());
            }
        }
    }
    // A section's name may have dots of its own.
    let last = prefix.last()?;
    let whole = prefix.join(".");
    leaves.iter().find(|leaf| {
        leaf.keys == prefix
            || leaf.keys.last().is_some_and(|key| last.ends_with(key)) && leaf.keys.join(".") == whole
    })
}

/// Returns what OpenSSH's settings say of a name: the first that is for it, also by a pattern.
pub(crate) fn of_host<'l>(leaves: &'l [Leaf], key: &str) -> Option<&'l Leaf> {
    let (alias, name) = key.rsplit_once('.')?;
    leaves.iter().find(|leaf| match leaf.keys.as_slice() {
        [pattern, own] => own == name && glob::matches(pattern, alias) == Truth::Certain,
        _ => false,
    })
}

fn steps(key: &str, fill: &dyn Fn(&str) -> String) -> Vec<Step> {
    let mut steps = Vec::new();
    let name = |text: &str| Step::Name(fill(text));
    let mut rest = key;
    while !rest.is_empty() {
        if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            steps.push(match inside.split_once('=') {
                Some((field, value)) => Step::Where(field.to_owned(), fill(value)),
                None => name(inside),
            });
            rest = after;
        } else {
            let cut = rest.find(['.', '[']).unwrap_or(rest.len());
            if cut > 0 {
                steps.push(name(&rest[..cut]));
            }
            rest = &rest[cut..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    steps
}

/// A list or map that has begun.
enum Open {
    List(usize),
    Map(Option<String>),
}

/// Returns whether all of a YAML file is read.
pub(crate) fn is_whole(text: &str) -> bool {
    Parser::new_from_str(&untabbed(text)).all(|event| event.is_ok()) && yaml(text).len() < MOST
}

/// JSON may be indented with tabs, which mean nothing in it: within its strings they are written `\t`.
fn untabbed(text: &str) -> String {
    text.replace('\t', " ")
}

fn yaml(text: &str) -> Vec<Leaf> {
    let text = untabbed(text);
    let (mut leaves, mut open): (Vec<Leaf>, Vec<Open>) = (Vec::new(), Vec::new());
    for (event, span) in Parser::new_from_str(&text).map_while(Result::ok) {
        match &event {
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                begin(&mut open);
                let is_list = matches!(event, Event::SequenceStart(..));
                open.push(if is_list { Open::List(0) } else { Open::Map(None) });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                end(&mut open);
            }
            Event::Scalar(..) | Event::Alias(..) => {
                let word = event.scalar().map_or("", |(word, _)| word);
                if let Some(Open::Map(key @ None)) = open.last_mut() {
                    *key = Some(word.to_owned());
                    continue;
                }
                begin(&mut open);
                let keys = open.iter().map(Open::key).collect();
                leaves.push(Leaf { keys, value: word.to_owned(), line: span.start.line() });
                end(&mut open);
            }
            _ => {}
        }
        if leaves.len() >= MOST || open.len() > DEEPEST {
            break;
        }
    }
    leaves
}

/// Begins an item of the innermost list, or the key of a map that is no word.
fn begin(open: &mut [Open]) {
    match open.last_mut() {
        Some(Open::List(next)) => *next += 1,
        Some(Open::Map(key @ None)) => *key = Some(String::new()),
        _ => {}
    }
}

/// Ends the value of a map's key.
fn end(open: &mut [Open]) {
    if let Some(Open::Map(key)) = open.last_mut() {
        *key = None;
    }
}

impl Open {
    fn key(&self) -> String {
        match self {
            Self::List(next) => next.saturating_sub(1).to_string(),
            Self::Map(key) => key.clone().unwrap_or_default(),
        }
    }
}

/// Reads `name = value` lines below `[section]` lines: INI, TOML as far as tools write it, `.env`, git's configuration.
fn settings(text: &str) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut section: Vec<String> = Vec::new();
    let mut tables = std::collections::BTreeMap::<String, usize>::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(inside) = line.strip_prefix("[[").and_then(|rest| rest.split_once("]]")) {
            let count = tables.entry(inside.0.trim().to_owned()).or_default();
            section = parts(inside.0);
            section.push(count.to_string());
            *count += 1;
        } else if let Some((inside, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = parts(inside);
        } else if let Some((name, value)) = line.split_once('=') {
            let name = name.trim();
            let name = name.strip_prefix("export ").unwrap_or(name).trim().trim_matches('"');
            let keys = section.iter().cloned().chain([name.to_owned()]).collect();
            leaves.push(Leaf { keys, value: unquoted(value.trim()), line: number });
        }
        if leaves.len() >= MOST {
            break;
        }
    }
    leaves
}

/// Takes a section's name apart: `env.staging`, `remote "origin"`; `profile prod` is one name.
fn parts(section: &str) -> Vec<String> {
    let section = section.trim();
    if let Some((first, second)) = section.split_once(" \"") {
        return vec![first.trim().to_owned(), second.trim_end_matches('"').to_owned()];
    }
    if section.contains(' ') {
        return vec![section.to_owned()];
    }
    section.split('.').map(|part| part.trim_matches('"').to_owned()).collect()
}

/// Returns a value without quotes, and without the remark behind it.
fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inside, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inside.to_owned();
        }
    }
    let remark = [" #", "\t#", " ;"].iter().filter_map(|sign| value.find(sign)).min();
    value[..remark.unwrap_or(value.len())].trim().to_owned()
}

fn ssh(text: &str) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut hosts: Vec<String> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        let Some((name, value)) = line.split_once([' ', '\t', '=']) else { continue };
        let value = value.trim().trim_start_matches('=').trim();
        if name.eq_ignore_ascii_case("Host") {
            hosts = value.split_whitespace().map(str::to_owned).collect();
        } else if !name.starts_with('#') {
            let name = name.to_lowercase();
            let leaf = |host: &String| Leaf {
                keys: vec![host.clone(), name.clone()],
                value: value.to_owned(),
                line: number,
            };
            leaves.extend(hosts.iter().map(leaf));
        }
        if leaves.len() >= MOST {
            break;
        }
    }
    leaves
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, format: FileFormat, key: &str, expect: Option<(&str, usize)>) {
        let leaves = read(text, format);
        let found = find(&leaves, key, &|text| text.replace("{x}", "prod.eu"));
        assert_eq!(found.map(|leaf| (leaf.value.as_str(), leaf.line)), expect, "{leaves:#?}");
    }

    #[test]
    fn a_cluster_is_found_by_its_context() {
        let text = "current-context: prod.eu\ncontexts:\n- name: dev\n  context: {cluster: a}\n- context:\n    cluster: b\n  name: prod.eu\n";
        let key = "contexts[name={x}].context.cluster";
        check(text, FileFormat::Yaml, key, Some(("b", 6)));
        check(text, FileFormat::Yaml, "current-context", Some(("prod.eu", 1)));
        check(text, FileFormat::Yaml, "contexts[name=live].context.cluster", None);
    }

    #[test]
    fn json_is_read_however_it_is_laid_out() {
        let text = "{\"projects\":{\"/home/me/prod.eu\":\t{\"name\":\"shop\",\n\t\t\"n\": 3}}}";
        check(text, FileFormat::Yaml, "projects[/home/me/{x}].name", Some(("shop", 1)));
        check(text, FileFormat::Yaml, "projects[/home/me/{x}].n", Some(("3", 2)));
    }

    #[test]
    fn settings_are_read_below_their_sections() {
        let text = "app = 'shop' # ours\n[env.live]\nname = \"x\"\n[remote \"origin\"]\n\turl = git@h:o/r.git\n[profile prod.eu]\nregion=eu\n[[db]]\nid = 1\n[[db]]\nid = 2\n[prod.eu]\nhost=h";
        check(text, FileFormat::Settings, "app", Some(("shop", 1)));
        check(text, FileFormat::Settings, "env.live.name", Some(("x", 3)));
        check(text, FileFormat::Settings, "remote.origin.url", Some(("git@h:o/r.git", 5)));
        check(text, FileFormat::Settings, "[profile {x}].region", Some(("eu", 7)));
        check(text, FileFormat::Settings, "{x}.host", Some(("h", 13)));
        check(text, FileFormat::Settings, "db[id=2].id", Some(("2", 11)));
        check("export A=1\nB='2'", FileFormat::Settings, "A", Some(("1", 1)));
    }

    #[test]
    fn an_alias_of_ssh_leads_to_its_host() {
        let text = "Host prod web\n  HostName db.example.com\nHost *\n  User me";
        check(text, FileFormat::Ssh, "web.hostname", Some(("db.example.com", 2)));
    }

    #[test]
    fn hostile_files_end_soon() {
        for text in ["[".repeat(60_000), "a:\n ".repeat(20_000), "- ".repeat(40_000), "[a]\n".repeat(20_000)]
        {
            for format in [FileFormat::Yaml, FileFormat::Settings, FileFormat::Ssh, FileFormat::Text] {
                assert!(read(&text, format).len() <= MOST);
            }
        }
    }
}
