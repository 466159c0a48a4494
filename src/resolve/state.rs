//! What a shell knows while it reads a script: variables, functions, aliases, its directory.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::action::Site;
use super::variables::{Value, Variables};
use super::zsh::Tables;
use crate::parse::Dialect;
use crate::parse::script::{Command, Part, Word};
use crate::place::Place;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

/// A shell while it reads a script. Cloned where a subshell begins or a branch is taken.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    pub dialect: Dialect,
    pub variables: Variables,
    pub exported: Vec<String>,
    /// Whether what is set is exported as well: `set -a`.
    pub exports_all: bool,
    /// Shared with the shells that it was copied from, until one of them defines another.
    pub functions: Rc<BTreeMap<String, Rc<Command>>>,
    /// The functions that the shells which it starts have, too.
    pub exported_functions: BTreeSet<String>,
    /// What can be read from file descriptors that were opened in it.
    pub descriptors: BTreeMap<i32, String>,
    /// The files that such descriptors write.
    pub outgoing: BTreeMap<i32, String>,
    pub aliases: BTreeMap<String, String>,
    /// What only zsh knows.
    pub zsh: Tables,
    /// Functions that may be there or not: what they hide may run as well.
    doubted: BTreeSet<String>,
    /// What functions may be instead of what they are.
    otherwise: BTreeMap<String, Vec<Rc<Command>>>,
    /// The functions that are being run.
    pub running: Vec<Rc<Command>>,
    /// `$0`.
    pub name: String,
    /// `$1`, `$2`….
    pub arguments: Vec<String>,
    pub site: Rc<Site>,
    pub directories: Vec<Rc<Site>>,
    /// What the variables that are local to the functions being run were before, function by
    /// function.
    locals: Vec<Vec<(String, Option<Value>)>>,
    /// How many bytes have been assigned to variables.
    assigned: usize,
    /// Variables that are not what is assigned to them: `declare -i`, `-l`, `-u`, `-n`.
    attributed: BTreeSet<String>,
}

impl Shell {
    pub(super) fn new(dialect: Dialect, site: Rc<Site>) -> Self {
        Self {
            dialect,
            variables: Variables::default(),
            exported: Vec::new(),
            exports_all: false,
            functions: Rc::default(),
            exported_functions: BTreeSet::new(),
            descriptors: BTreeMap::new(),
            outgoing: BTreeMap::new(),
            aliases: BTreeMap::new(),
            zsh: Tables::default(),
            doubted: BTreeSet::new(),
            otherwise: BTreeMap::new(),
            running: Vec::new(),
            name: "bash".to_owned(),
            arguments: Vec::new(),
            site,
            directories: Vec::new(),
            locals: Vec::new(),
            assigned: 0,
            attributed: BTreeSet::new(),
        }
    }

    /// Returns where it works, to be changed.
    pub(super) fn site_mut(&mut self) -> &mut Site {
        Rc::make_mut(&mut self.site)
    }

    /// A shell started by this one: it keeps what is exported.
    pub(super) fn child(&self, dialect: Dialect, arguments: Vec<String>) -> Self {
        let mut child = Self::new(dialect, Rc::clone(&self.site));
        child.variables = self.variables.only(|name| self.exported.iter().any(|known| known == name));
        child.exported.clone_from(&self.exported);
        if !self.exported_functions.is_empty() {
            child.functions = Rc::clone(&self.functions);
            Rc::make_mut(&mut child.functions).retain(|name, _| self.exported_functions.contains(name));
        }
        child.otherwise.clone_from(&self.otherwise);
        child.exported_functions.clone_from(&self.exported_functions);
        child.descriptors.clone_from(&self.descriptors);
        child.outgoing.clone_from(&self.outgoing);
        child.arguments = arguments;
        child
    }

    /// Returns this shell as a program that it starts knows it: functions and aliases are the shell's own.
    pub(super) fn for_programs(&self) -> Self {
        let (functions, otherwise) = (Rc::default(), BTreeMap::new());
        Self { functions, otherwise, aliases: BTreeMap::new(), zsh: Tables::default(), ..self.clone() }
    }

    /// Defines a function.
    pub(super) fn define(&mut self, name: &str, body: Rc<Command>) {
        self.doubted.remove(name);
        self.otherwise.remove(name);
        Rc::make_mut(&mut self.functions).insert(name.to_owned(), body);
    }

    /// Takes what goes by a name out of the shell's tables; of one that is not known, it may be any.
    pub(super) fn undefine(&mut self, name: &str) {
        if is_known(name) && !name.contains(['*', '?', '[']) {
            Rc::make_mut(&mut self.functions).remove(name);
            self.otherwise.remove(name);
            self.aliases.remove(name);
        } else {
            self.doubted.extend(self.functions.keys().cloned());
        }
    }

    /// Returns what the function of a name may be, but for what is being run.
    pub(super) fn bodies(&self, name: &str) -> Vec<Rc<Command>> {
        let Some(body) = self.functions.get(name) else { return Vec::new() };
        let all = std::iter::once(body).chain(self.otherwise.get(name).into_iter().flatten());
        let runs = |body: &Rc<Command>| self.running.iter().any(|running| Rc::ptr_eq(running, body));
        all.filter(|body| !runs(body)).map(Rc::clone).collect()
    }

    /// Returns whether something else may go by the name of a function, too.
    pub(super) fn is_doubted(&self, name: &str) -> bool {
        self.doubted.contains(name)
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.put(name, Value::Scalar(value.into()));
    }

    /// Returns what it costs to copy this shell and change the copy, in steps: next to nothing, but for scripts that
    /// pile up text.
    pub(super) fn weight(&self) -> usize {
        let names = self.variables.len() + self.functions.len() + self.aliases.len() + self.zsh.size();
        self.assigned / 16_384 + self.arguments.len() / 64 + names / 256
    }

    /// Sets a variable.
    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.assigned += value.size();
        let is_as_assigned = !self.attributed.contains(name);
        let value = if is_as_assigned { value } else { Value::Scalar(UNKNOWN_WORDS.to_string()) };
        self.variables.put(name, Some(value));
        if self.exports_all {
            self.export(name);
        }
    }

    /// Remembers that a variable is not what is assigned to it from now on.
    pub(super) fn attribute(&mut self, name: &str) {
        self.attributed.insert(name.to_owned());
        self.put(name, Value::Unset);
    }

    /// Returns whether a function is being run.
    pub(super) fn is_in_function(&self) -> bool {
        !self.locals.is_empty()
    }

    pub(super) fn set_unknown(&mut self, name: &str) {
        self.set(name, UNKNOWN.to_string());
    }

    /// Returns whether variables set before the builtin `name` stay set, as they do in `sh` before
    /// those that POSIX calls special.
    pub(super) fn keeps_variables_of(&self, name: &str) -> bool {
        self.is_special(name)
    }

    /// Returns whether `name` is a builtin that no function of that name hides in `sh`.
    pub(super) fn is_special(&self, name: &str) -> bool {
        let is_special = matches!(
            name,
            ":" | "."
                | "source"
                | "eval"
                | "exec"
                | "exit"
                | "export"
                | "local"
                | "readonly"
                | "return"
                | "set"
                | "shift"
                | "times"
                | "trap"
                | "unset"
                | "break"
                | "continue"
        );
        is_special && self.dialect == Dialect::Posix
    }

    /// Does something with variables that are set for it alone, as in `IFS=, read a b`, unless they
    /// are to stay.
    pub(super) fn with_variables<T>(
        &mut self,
        variables: &[(String, String)],
        stays: bool,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if variables.is_empty() {
            return run(self);
        }
        if stays {
            variables.iter().for_each(|(name, value)| self.set(name, value));
            return run(self);
        }
        self.enter();
        for (name, value) in variables {
            self.localize(name);
            self.set(name, value);
        }
        let result = run(self);
        self.leave();
        result
    }

    /// Returns whether a command's words go to the shell itself: to a function, or to `set`.
    pub(super) fn keeps(&self, words: &[Word]) -> bool {
        match words.first().map(|word| word.parts.as_slice()) {
            Some([Part::Text { text, .. }]) => text == "set" || self.functions.contains_key(text),
            _ => false,
        }
    }

    /// Begins a function, whose `local` variables end with it.
    pub(super) fn enter(&mut self) {
        self.locals.push(Vec::new());
    }

    /// Ends a function.
    pub(super) fn leave(&mut self) {
        for (name, before) in self.locals.pop().unwrap_or_default().into_iter().rev() {
            self.variables.put(&name, before);
        }
    }

    /// Makes a variable local to the function being run, if one is.
    pub(super) fn localize(&mut self, name: &str) {
        if let Some(frame) = self.locals.last_mut()
            && !frame.iter().any(|(known, _)| known == name)
        {
            frame.push((name.to_owned(), self.variables.get(name).cloned()));
        }
    }

    /// Returns the characters at which words are split: `None` where they are not known.
    pub(super) fn separators(&self, place: &Place<'_>) -> Option<String> {
        match self.value("IFS", place) {
            Some(Value::Scalar(own)) => Some(own).filter(|own| is_known(own)),
            Some(Value::Unset) => Some(" \t\n".to_owned()),
            _ => None,
        }
    }

    pub(super) fn export(&mut self, name: &str) {
        if !self.exported.iter().any(|known| known == name) {
            self.exported.push(name.to_owned());
        }
    }

    /// Takes over what two ways through the script agree on; the rest is unknown.
    pub(super) fn merge(&mut self, other: &Self) {
        self.variables.merge(&other.variables);
        self.doubt_commands(other);
        self.attributed.extend(other.attributed.iter().cloned());
        for name in &other.exported {
            self.export(name);
        }
        if (&self.site.cwd, &self.site.within) != (&other.site.cwd, &other.site.within) {
            self.site_mut().lose();
        }
        if (self.site.elsewhere, self.site.moved) != (other.site.elsewhere, other.site.moved) {
            let site = self.site_mut();
            site.elsewhere |= other.site.elsewhere;
            site.moved |= other.site.moved;
        }
    }

    /// Notes that what was done since `before` may not have been: a function that is new may not be there, and a
    /// variable that had another value may have it still.
    pub(super) fn doubt(&mut self, before: &Self) {
        self.doubt_commands(before);
        self.variables.doubt(&before.variables);
    }

    /// Adds the functions and aliases of another way through the script, and notes which only one of the two has.
    fn doubt_commands(&mut self, other: &Self) {
        self.doubted.extend(other.doubted.iter().cloned());
        if !Rc::ptr_eq(&self.functions, &other.functions) || !other.otherwise.is_empty() {
            self.doubt_functions(other);
        }
        for (name, text) in &other.aliases {
            let own = self.aliases.entry(name.clone()).or_insert_with(|| text.clone());
            if own != text {
                *own = UNKNOWN_WORDS.to_string();
            }
        }
    }

    fn doubt_functions(&mut self, other: &Self) {
        let own = self.functions.keys().filter(|name| !other.functions.contains_key(*name)).cloned();
        self.doubted.extend(own);
        for (name, body) in other.functions.iter() {
            let bodies = std::iter::once(body).chain(other.otherwise.get(name).into_iter().flatten());
            for body in bodies {
                self.may_be(name, body);
            }
        }
    }

    /// Notes what a function may be as well.
    fn may_be(&mut self, name: &str, body: &Rc<Command>) {
        let Some(own) = self.functions.get(name) else {
            self.doubted.insert(name.to_owned());
            Rc::make_mut(&mut self.functions).insert(name.to_owned(), Rc::clone(body));
            return;
        };
        if !Rc::ptr_eq(own, body) {
            let others = self.otherwise.entry(name.to_owned()).or_default();
            if !others.iter().any(|other| Rc::ptr_eq(other, body)) {
                others.push(Rc::clone(body));
            }
        }
    }

    /// Returns the text of a variable that is no array.
    pub(super) fn scalar(&self, name: &str, place: &Place<'_>) -> Option<String> {
        match self.value(name, place)? {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// Returns what `$name` stands for: `None` where it is not set anywhere that is known.
    pub(super) fn value(&self, name: &str, place: &Place<'_>) -> Option<Value> {
        let scalar = |text: String| Some(Value::Scalar(text));
        match name {
            "@" | "*" => return Some(Value::list(self.arguments.iter().cloned(), 0)),
            "#" => return scalar(self.arguments.len().to_string()),
            "0" => return scalar(self.name.clone()),
            "?" | "$" | "!" | "-" | "RANDOM" | "SECONDS" | "LINENO" | "UID" | "EUID" | "PPID" | "BASHPID"
            | "SHLVL" => {
                return scalar(UNKNOWN.to_string());
            }
            _ => {}
        }
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = name.parse::<usize>().ok()?.checked_sub(1)?;
            return Some(self.arguments.get(place).cloned().map_or(Value::Unset, Value::Scalar));
        }
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        if name == "IFS" {
            return scalar(" \t\n".to_owned());
        }
        if self.site.elsewhere {
            return None;
        }
        match name {
            "PWD" => scalar(self.site.cwd.as_ref()?.to_str()?.to_owned()),
            "HOME" => scalar(place.home.as_ref()?.to_str()?.to_owned()),
            _ => scalar(place.environment.text(name)?.to_owned()),
        }
    }
}
