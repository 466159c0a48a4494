//! What a shell knows while it reads a script: variables, functions, aliases, its directory.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::action::Site;
use crate::parse::Dialect;
use crate::parse::script::Command;
use crate::place::Place;
use crate::unknown::UNKNOWN;

/// A shell while it reads a script. Cloned where a subshell begins or a branch is taken.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    pub dialect: Dialect,
    pub variables: BTreeMap<String, Value>,
    pub exported: Vec<String>,
    pub functions: BTreeMap<String, Rc<Command>>,
    pub aliases: BTreeMap<String, String>,
    /// `$0`.
    pub name: String,
    /// `$1`, `$2`….
    pub arguments: Vec<String>,
    pub site: Site,
    pub directories: Vec<Site>,
}

/// A variable's value; unknown stretches are marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Scalar(String),
    Array(Vec<String>),
    Unset,
}

impl Shell {
    pub(super) fn new(dialect: Dialect, site: Site) -> Self {
        Self {
            dialect,
            variables: BTreeMap::new(),
            exported: Vec::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            name: "bash".to_owned(),
            arguments: Vec::new(),
            site,
            directories: Vec::new(),
        }
    }

    /// A shell started by this one: it keeps what is exported.
    pub(super) fn child(&self, dialect: Dialect, arguments: Vec<String>) -> Self {
        let mut child = Self::new(dialect, self.site.clone());
        child.variables.clone_from(&self.variables);
        child.variables.retain(|name, _| self.exported.contains(name));
        child.exported.clone_from(&self.exported);
        child.arguments = arguments;
        child
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), Value::Scalar(value.into()));
    }

    pub(super) fn set_unknown(&mut self, name: &str) {
        self.set(name, UNKNOWN.to_string());
    }

    pub(super) fn export(&mut self, name: &str) {
        if !self.exported.iter().any(|known| known == name) {
            self.exported.push(name.to_owned());
        }
    }

    /// Takes over what two ways through the script agree on; the rest is unknown.
    pub(super) fn merge(&mut self, other: &Self) {
        for (name, value) in &other.variables {
            let mine = self.variables.get(name);
            if mine != Some(value) {
                self.variables.insert(name.clone(), Value::Scalar(UNKNOWN.to_string()));
            }
        }
        let missing: Vec<String> =
            self.variables.keys().filter(|name| !other.variables.contains_key(*name)).cloned().collect();
        for name in missing {
            self.set_unknown(&name);
        }
        for (name, body) in &other.functions {
            self.functions.entry(name.clone()).or_insert_with(|| Rc::clone(body));
        }
        for (name, text) in &other.aliases {
            self.aliases.entry(name.clone()).or_insert_with(|| text.clone());
        }
        for name in &other.exported {
            self.export(name);
        }
        if self.site.cwd != other.site.cwd {
            self.site.cwd = None;
        }
        self.site.elsewhere |= other.site.elsewhere;
    }

    /// Returns what `$name` stands for: `None` where it is not set anywhere that is known.
    pub(super) fn value(&self, name: &str, place: &Place<'_>) -> Option<Value> {
        let scalar = |text: String| Some(Value::Scalar(text));
        match name {
            "@" | "*" => return Some(Value::Array(self.arguments.clone())),
            "#" => return scalar(self.arguments.len().to_string()),
            "0" => return scalar(self.name.clone()),
            // Numbers: whatever they are, they name no file and no option.
            "?" | "$" | "!" | "RANDOM" | "SECONDS" | "LINENO" | "UID" | "EUID" | "PPID" | "BASHPID"
            | "SHLVL" => {
                return scalar("1".to_owned());
            }
            "-" => return scalar(String::new()),
            _ => {}
        }
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = name.parse::<usize>().ok()?.checked_sub(1)?;
            return Some(Value::Scalar(self.arguments.get(place).cloned().unwrap_or_default()));
        }
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        if self.site.elsewhere {
            return None;
        }
        match name {
            "PWD" => scalar(self.site.cwd.as_ref()?.to_str()?.to_owned()),
            "IFS" => scalar(" \t\n".to_owned()),
            "HOME" => scalar(place.home.as_ref()?.to_str()?.to_owned()),
            _ => scalar(place.environment.text(name)?.to_owned()),
        }
    }
}
