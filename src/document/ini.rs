//! INI as Python's `configparser` reads it, and files of `name: text` lines such as a `Procfile`: sections,
//! `key = text` or `key: text`, and text that goes on in indented lines. A colon in the name of a section
//! makes a section within one (`[testenv:lint]`).

use std::rc::Rc;

use super::Node;
use super::mapped::Mapped;

/// How many entries are kept.
const ENTRIES: usize = 5000;

/// Reads a file. What is no entry is passed over.
pub fn read(source: &str) -> Rc<Node> {
    let mut members: Vec<(String, Rc<Node>)> = Vec::new();
    let mut section: Vec<String> = Vec::new();
    let mut open: Option<(String, Mapped)> = None;
    let mut at = 0;
    for line in source.split_inclusive('\n').take(ENTRIES) {
        let text = line.trim();
        let start = at + line.len() - line.trim_start().len();
        let range = start..start + text.len();
        at += line.len();
        match &mut open {
            _ if text.is_empty() || text.starts_with(['#', ';']) => continue,
            Some((_, value)) if line.starts_with([' ', '\t']) => {
                value.put("\n", range.clone());
                value.keep(source, range);
                continue;
            }
            _ => {}
        }
        close(&mut members, &section, open.take());
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.split(':').map(|part| part.trim().to_owned()).collect();
        } else if let Some(end) = text.find(['=', ':']) {
            let behind = &text[end + 1..];
            let skip = end + 1 + behind.len() - behind.trim_start().len();
            open = Some((text[..end].trim().to_owned(), Mapped::of(source, range.start + skip..range.end)));
        }
    }
    close(&mut members, &section, open);
    Rc::new(Node::Map(members))
}

/// Puts an entry that has ended into its section.
fn close(members: &mut Vec<(String, Rc<Node>)>, section: &[String], entry: Option<(String, Mapped)>) {
    if let Some((key, text)) = entry {
        put(members, section, key, text);
    }
}

fn put(members: &mut Vec<(String, Rc<Node>)>, section: &[String], key: String, text: Mapped) {
    let [name, within @ ..] = section else {
        members.push((key, Rc::new(Node::Text(text))));
        return;
    };
    let at = members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        members.push((name.clone(), Rc::new(Node::Map(Vec::new()))));
        members.len() - 1
    });
    if let Node::Map(inner) = Rc::make_mut(&mut members[at].1) {
        put(inner, within, key, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, path: &str, expect: Option<&str>) {
        let found = read(source).at(path).and_then(|node| Some(node.text()?.text().to_owned()));
        assert_eq!(found.as_deref(), expect, "{path} in {source:?}");
    }

    #[test]
    fn sections_and_entries() {
        check("[testenv]\ncommands = pytest -q\n", "testenv.commands", Some("pytest -q"));
        check(
            "[testenv:lint]\ncommands =\n    ruff check\n    mypy src\n",
            "testenv.lint.commands",
            Some("\nruff check\nmypy src"),
        );
        check("[a]\nx = 1\n[b]\nx: 2", "b.x", Some("2"));
        check("# x\n[a]\n; y\nz =", "a.z", Some(""));
        check("[a\nx", "a.x", None);
        check("", "a", None);
    }

    #[test]
    fn lines_without_a_section() {
        check("web: bin/web -p 80\nworker: A=1 bin/work\n", "worker", Some("A=1 bin/work"));
        check("web: bin/web\nrelease: rails db:migrate", "release", Some("rails db:migrate"));
    }
}
