//! Reads YAML, JSON, TOML and INI files with the position of every text, and looks texts up by paths such as
//! `jobs.*.steps.*.run`.

pub mod ini;
pub mod mapped;
pub mod toml;
pub mod yaml;

use std::collections::BTreeSet;
use std::rc::Rc;

use mapped::Mapped;

/// How many values one look-up may pass by: aliases make a small file large.
const VISITS: usize = 100_000;

/// How deep `**` looks.
const DEEPEST: usize = 24;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A text, a number, a word.
    Text(Mapped),
    /// A list.
    List(Vec<Rc<Node>>),
    /// A map, in the order of the file.
    Map(Vec<(String, Rc<Node>)>),
}

/// A value that was looked for.
#[derive(Clone, Debug)]
pub struct Found {
    /// The value.
    pub node: Rc<Node>,
    /// The way to it: `jobs.build.steps.2.run`.
    pub path: String,
    /// What it stands in, the outermost first.
    pub above: Vec<Rc<Node>>,
}

impl Node {
    /// Returns the value under a key.
    pub fn get(&self, key: &str) -> Option<&Rc<Node>> {
        match self {
            Self::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            Self::List(items) => items.get(key.parse::<usize>().ok()?),
            Self::Text(_) => None,
        }
    }

    /// Returns the text, where it is one.
    pub fn text(&self) -> Option<&Mapped> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns every text in a list, those of lists within it too.
    pub fn texts(&self) -> Vec<&Mapped> {
        let mut texts = Vec::new();
        let mut waiting = vec![self];
        while let Some(node) = waiting.pop() {
            match node {
                Self::Text(text) => texts.push(text),
                Self::List(items) => waiting.extend(items.iter().rev().map(Rc::as_ref)),
                Self::Map(_) => {}
            }
            if texts.len() > VISITS {
                break;
            }
        }
        texts
    }

    /// Returns the value at a path without wildcards.
    pub fn at(&self, path: &str) -> Option<Rc<Node>> {
        let mut keys = path.split('.');
        let mut node = Rc::clone(self.get(keys.next()?)?);
        for key in keys {
            node = Rc::clone(node.get(key)?);
        }
        Some(node)
    }
}

impl Found {
    /// Returns the value at the first of some paths that something above has, the nearest first.
    pub fn near(&self, paths: &[String]) -> Option<Rc<Node>> {
        self.above.iter().rev().find_map(|above| paths.iter().find_map(|path| above.at(path)))
    }
}

/// Returns the values that a path leads to: `*` is any key or place in a list, `**` any number of them.
pub fn find(root: &Rc<Node>, path: &str) -> Vec<Found> {
    let keys: Vec<&str> = path.split('.').collect();
    let mut search = Search { found: Vec::new(), above: Vec::new(), path: Vec::new(), visits: 0 };
    search.step(root, &keys);
    // Two `**` lead to the same value in several ways.
    let mut seen = BTreeSet::new();
    search.found.retain(|found| seen.insert(found.path.clone()));
    search.found
}

struct Search {
    found: Vec<Found>,
    above: Vec<Rc<Node>>,
    path: Vec<String>,
    visits: usize,
}

impl Search {
    fn step(&mut self, node: &Rc<Node>, keys: &[&str]) {
        self.visits += 1;
        if self.visits > VISITS || self.path.len() > DEEPEST {
            return;
        }
        match keys {
            [] => self.found.push(Found {
                node: Rc::clone(node),
                path: self.path.join("."),
                above: self.above.clone(),
            }),
            ["**", rest @ ..] => {
                self.step(node, rest);
                self.each(node, |_| true, keys);
            }
            ["*", rest @ ..] => self.each(node, |_| true, rest),
            [key, rest @ ..] => self.each(node, |name| name == *key, rest),
        }
    }

    fn each(&mut self, node: &Rc<Node>, wanted: impl Fn(&str) -> bool, keys: &[&str]) {
        let mut into = |name: &str, child: &Rc<Node>| {
            if wanted(name) {
                self.above.push(Rc::clone(node));
                self.path.push(name.to_owned());
                self.step(child, keys);
                self.path.pop();
                self.above.pop();
            }
        };
        match node.as_ref() {
            Node::Map(members) => members.iter().for_each(|(name, child)| into(name, child)),
            Node::List(items) => {
                items.iter().enumerate().for_each(|(at, child)| into(&at.to_string(), child));
            }
            Node::Text(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
