//! Packs compiled into one table, in which rules are found by what they could match.
//!
//! Keys of the table: `program NAME` (also for each other name), `target NAME`, `rule ID`, `pack NAME`, and
//! `on KIND TERM` for the rules that may match an action of that kind: the first keyword
//! of a statement, the end of a host's name, and so on. What has no such term is filed under `*`,
//! which is always looked at as well, so a lookup may find too much and never too little. There stand their ids, and
//! what each says of the program it is filed under (`git push`): of hundreds of rules about `aws`, a
//! command line meets two or three, and only those are decoded.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::format::{Clause, Pack, Program, Rule};
use super::table;
use crate::alternatives::alternatives;

/// What is asked of a rulebook: which rules could match this?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// A program, by its canonical name.
    Program(&'a str),
    /// A SQL statement, by its first keyword.
    Sql(&'a str),
    /// An HTTP request, by its host.
    Http(&'a str),
    /// An HTTP request that may change something, by its host; most rules are about these alone.
    HttpChange(&'a str),
    /// A call in inline code, by its name, with or without a receiver.
    Call(&'a str),
    /// A file that is written.
    Writes,
    /// Inline code, for the words that it mentions.
    Mentions,
    /// A variable that is set, by its name.
    Environment(&'a str),
}

/// The term under which rules without a term are filed.
const ANY: &str = "*";

impl Key<'_> {
    /// Returns the beginning of the table keys for this kind of action.
    pub const fn kind(self) -> &'static str {
        match self {
            Key::Program(_) => "on program ",
            Key::Sql(_) => "on sql ",
            Key::Http(_) => "on http ",
            Key::HttpChange(_) => "on change ",
            Key::Call(_) => "on call ",
            Key::Writes => "on writes ",
            Key::Mentions => "on mentions ",
            Key::Environment(_) => "on environment ",
        }
    }

    /// Returns the text that is asked for.
    pub const fn text(&self) -> &str {
        match self {
            Key::Program(text)
            | Key::Sql(text)
            | Key::Http(text)
            | Key::HttpChange(text)
            | Key::Call(text)
            | Key::Environment(text) => text,
            Key::Writes | Key::Mentions => "",
        }
    }

    /// Returns the table key to look under, beside [`Self::any`].
    pub fn lookup(self) -> String {
        let term = match self {
            Key::Writes | Key::Mentions => ANY.to_owned(),
            Key::Program(name) | Key::Environment(name) => name.to_owned(),
            Key::Sql(keyword) => keyword.to_uppercase(),
            Key::Http(host) | Key::HttpChange(host) => host_tail(host),
            Key::Call(name) => last_segment(name),
        };
        format!("{}{term}", self.kind())
    }

    /// Returns the table key of the rules of this kind that have no term.
    pub fn any(self) -> String {
        format!("{}{ANY}", self.kind())
    }
}

/// What is known of a rule before it is decoded: its id, and the commands it names of the program that it is
/// filed under. None are named under other keys.
pub(super) type Entry = (String, Vec<String>);

/// Returns the table keys under which a rule with this clause is filed, with the command that it names there.
fn filed_under(clause: &Clause) -> Vec<(String, Option<&String>)> {
    let mut keys = Vec::new();
    let key =
        |kind: Key<'_>, term: Option<String>| format!("{}{}", kind.kind(), term.as_deref().unwrap_or(ANY));
    for run in &clause.run {
        let program = run.split_whitespace().next().unwrap_or_default();
        let names = program.split('|').map(|name| literal(name).map(str::to_owned));
        keys.extend(names.map(|name| (key(Key::Program(""), name), Some(run))));
    }
    let mut file = |kind: Key<'_>, term: Option<String>| keys.push((key(kind, term), None));
    if let Some(sql) = &clause.sql {
        for_each_or_none(&sql.statement, |statement| {
            let first = statement.and_then(|text| text.split_whitespace().next()).unwrap_or(ANY);
            for word in first.split('|') {
                file(Key::Sql(""), keyword(word));
            }
        });
    }
    if let Some(http) = &clause.http {
        let read = |method: &String| literal(method).is_none() || is_read(&method.to_uppercase());
        let reads = !http.graphql.is_empty() || http.method.iter().any(read);
        let kind = if reads { Key::Http("") } else { Key::HttpChange("") };
        for_each_or_none(&http.host, |host| file(kind, host.and_then(literal_tail)));
    }
    if let Some(call) = &clause.call {
        for_each_or_none(&call.name, |name| {
            for name in name.and_then(alternatives).unwrap_or_else(|| vec![ANY.to_owned()]) {
                let last = last_segment(&name);
                file(Key::Call(""), literal(&last).map(str::to_owned));
            }
        });
    }
    if clause.writes.is_some() {
        file(Key::Writes, None);
    }
    if !clause.mentions.is_empty() {
        file(Key::Mentions, None);
    }
    for name in clause.environment.keys() {
        file(Key::Environment(""), literal(name).map(str::to_owned));
    }
    keys
}

/// Returns whether a request by this method changes nothing.
pub fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn for_each_or_none<T: AsRef<str>>(items: &[T], mut act: impl FnMut(Option<&str>)) {
    if items.is_empty() {
        act(None);
    }
    items.iter().for_each(|item| act(Some(item.as_ref())));
}

/// Returns `text` if it is no pattern.
fn literal(text: &str) -> Option<&str> {
    let pattern = text.starts_with('~') || text.contains(['*', '?', '[', ']', '{', '}', ',', '\\']);
    (!pattern && !text.is_empty()).then_some(text)
}

fn keyword(word: &str) -> Option<String> {
    let letters = word.chars().all(|c| c.is_alphanumeric() || c == '_') && !word.is_empty();
    letters.then(|| word.to_uppercase())
}

/// Returns the last two labels of a host's name, without port, in small letters.
fn host_tail(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_end_matches('.');
    let start = name.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    name[start..].to_lowercase()
}

/// Returns the last two labels of a host's pattern if they are literal.
fn literal_tail(pattern: &str) -> Option<String> {
    let tail = host_tail(pattern);
    let whole = pattern.starts_with('~') || literal(&tail).is_none();
    (!whole).then_some(tail)
}

/// Returns the last part of a dotted name, in small letters as some languages fold their names.
fn last_segment(name: &str) -> String {
    name.rsplit(['.', ':', '>', '/', '\\']).next().unwrap_or(name).to_lowercase()
}

/// A rule together with the name of its pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookRule {
    /// The pack's name.
    pub pack: String,
    /// The rule.
    pub rule: Rule,
}

impl BookRule {
    /// Returns the rule's name in the whole book: `railway/volume-delete`.
    pub fn id(&self) -> String {
        [&self.pack, "/", &self.rule.id].concat()
    }

    /// Returns whether `id` is a former name of the rule.
    pub fn was_called(&self, id: &str) -> bool {
        self.rule.was.iter().any(|was| was == id || id.split_once('/') == Some((&self.pack, was)))
    }
}

/// How a program's command lines are read.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// The program's canonical name.
    pub name: String,
    /// The grammar.
    pub program: Arc<Program>,
}

/// A program's grammar as it is stored under each of its names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookProgram {
    /// The pack's name.
    pub pack: String,
    /// The canonical name.
    pub name: String,
    /// The grammar.
    pub program: Program,
}

/// What is known of a pack apart from its programs and rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackHead {
    /// Its name.
    pub pack: String,
    /// What it is about.
    pub title: String,
    /// Where the system is documented.
    pub docs: Option<String>,
    /// What the grammar was checked against.
    pub checked: Option<String>,
    /// The canonical names of its programs.
    pub programs: Vec<String>,
    /// The names of its rules within the pack, in its order.
    pub rules: Vec<String>,
}

/// Returns `packs` as the bytes of one table.
pub fn compile<'a>(packs: impl IntoIterator<Item = &'a Pack>) -> Result<Vec<u8>, postcard::Error> {
    let mut entries = BTreeMap::new();
    let mut filed: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for pack in packs {
        let name = || pack.pack.clone();
        entries.insert(format!("pack {}", pack.pack), postcard::to_stdvec(&head(pack))?);
        for (canonical, program) in &pack.programs {
            let entry = BookProgram { pack: name(), name: canonical.clone(), program: program.clone() };
            let value = postcard::to_stdvec(&entry)?;
            for name in [canonical].into_iter().chain(&program.also) {
                entries.insert(format!("program {name}"), value.clone());
            }
        }
        for (canonical, target) in &pack.targets {
            entries.insert(format!("target {canonical}"), postcard::to_stdvec(target)?);
        }
        for rule in &pack.rules {
            let entry = BookRule { pack: name(), rule: rule.clone() };
            entries.insert(format!("rule {}", entry.id()), postcard::to_stdvec(&entry)?);
            for (key, run) in rule.when.iter().flat_map(filed_under) {
                let rules = filed.entry(key).or_default();
                match rules.last_mut() {
                    Some((id, runs)) if *id == entry.id() => runs.extend(run.cloned()),
                    _ => rules.push((entry.id(), run.into_iter().cloned().collect())),
                }
            }
        }
    }
    for (key, rules) in filed {
        entries.insert(key, postcard::to_stdvec(&rules)?);
    }
    table::write(&entries).ok_or(postcard::Error::SerializeBufferFull)
}

fn head(pack: &Pack) -> PackHead {
    PackHead {
        pack: pack.pack.clone(),
        title: pack.title.clone(),
        docs: pack.docs.clone(),
        checked: pack.checked.clone(),
        programs: pack.programs.keys().cloned().collect(),
        rules: pack.rules.iter().map(|rule| rule.id.clone()).collect(),
    }
}
