//! What `find` finds, deletes and hands to other programs.
//!
//! The expression is read as a tree, so that an action is held against the names that the tests before
//! it allow: `find . \( -name node_modules -o -name dist \) -prune -exec rm -rf {} +` removes these two
//! and nothing else. What a test allows beyond names and paths is not known, so it narrows nothing.
//! Grammar: <https://www.gnu.org/software/findutils/manual/html_node/find_html/find-Expressions.html>.

use super::action::{Effect, FileWrite};
use super::command_line::CommandLine;
use super::launch::base_name;
use super::state::Shell;
use super::walk::Walker;

/// How deep parentheses may nest.
const DEEPEST: usize = 32;

/// How many paths are told apart; of more it is taken that everything is found.
const MOST: usize = 1024;

/// Tests and actions that take the next word.
#[rustfmt::skip]
const TAKES_A_WORD: &[&str] = &[
    "-amin", "-anewer", "-atime", "-cmin", "-cnewer", "-context", "-ctime", "-fstype", "-gid", "-group", "-ilname",
    "-inum", "-iregex", "-links", "-lname", "-maxdepth", "-mindepth", "-mmin", "-mtime", "-newer", "-perm", "-printf",
    "-regex", "-regextype", "-samefile", "-size", "-type", "-uid", "-used", "-user", "-xattr", "-xtype",
];

/// One item of the expression.
enum Item<'w> {
    /// Narrows what is found to a name, or to a path as `find` prints it.
    Named(&'w str),
    Placed(&'w str),
    /// A test that narrows in a way that is not followed.
    Test,
    Nothing,
    Delete,
    /// A program with its words.
    Start(&'w str, &'w [String]),
    Write(&'w str),
    /// Alternatives, each a list of items that must all hold.
    Group(Vec<Vec<Item<'w>>>),
    /// What is true where the item is not; actions in it are done all the same.
    Not(Box<Item<'w>>),
}

/// `find ROOT… tests -exec program … ; -delete`.
pub(super) fn find(walker: &mut Walker<'_>, line: &CommandLine, shell: &mut Shell) -> Option<String> {
    let words = &line.words;
    let is_test = |word: &String| word.starts_with(['-', '(', '!', ')']) || word == ",";
    let options = words
        .iter()
        .take_while(|word| matches!(word.as_str(), "-H" | "-L" | "-P") || word.starts_with("-O"))
        .count();
    let end = words.iter().skip(options).position(is_test).map_or(words.len(), |at| options + at);
    let mut roots: Vec<String> = words[options..end].to_vec();
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let mut rest = &words[end..];
    let mut alternatives = alternatives(&mut rest, DEEPEST);
    // A parenthesis that closes nothing hides nothing behind it.
    while !rest.is_empty() {
        alternatives.extend(self::alternatives(&mut rest, DEEPEST));
    }
    let mut found = Vec::new();
    for items in &alternatives {
        found.extend(follow(walker, items, &roots, &everything(&roots), shell));
    }
    Some(found.iter().map(|path| format!("{path}\n")).collect())
}

/// Reads alternatives up to a closing parenthesis or the end.
fn alternatives<'w>(words: &mut &'w [String], depth: usize) -> Vec<Vec<Item<'w>>> {
    let mut all = vec![Vec::new()];
    while let Some((word, rest)) = words.split_first() {
        *words = rest;
        match word.as_str() {
            ")" | "\\)" => break,
            "-o" | "-or" | "," => all.push(Vec::new()),
            "-a" | "-and" => {}
            word => {
                let item = item(word, words, depth);
                if let Some(last) = all.last_mut() {
                    last.push(item);
                }
            }
        }
    }
    all
}

/// Reads the item that begins with `word`.
fn item<'w>(word: &'w str, words: &mut &'w [String], depth: usize) -> Item<'w> {
    match word {
        "(" | "\\(" if depth > 0 => Item::Group(alternatives(words, depth - 1)),
        "!" | "\\!" | "-not" if depth > 0 => match words.split_first() {
            Some((word, rest)) => {
                *words = rest;
                Item::Not(Box::new(item(word, words, depth - 1)))
            }
            None => Item::Test,
        },
        "-name" | "-iname" => Item::Named(next(words)),
        "-path" | "-ipath" | "-wholename" | "-iwholename" => Item::Placed(next(words)),
        "-empty" | "-false" => Item::Nothing,
        "-delete" => Item::Delete,
        "-exec" | "-execdir" | "-ok" | "-okdir" => {
            let end = words.iter().position(|word| matches!(word.as_str(), ";" | "\\;" | "+"));
            let (inner, rest) = words.split_at(end.unwrap_or(words.len()));
            *words = rest.get(1..).unwrap_or_default();
            Item::Start(word, inner)
        }
        "-fprint" | "-fls" | "-fprint0" => Item::Write(next(words)),
        "-fprintf" => {
            let path = next(words);
            next(words);
            Item::Write(path)
        }
        other => {
            if TAKES_A_WORD.contains(&other) || other.starts_with("-newer") {
                next(words);
            }
            Item::Test
        }
    }
}

fn next<'w>(words: &mut &'w [String]) -> &'w str {
    match words.split_first() {
        Some((word, rest)) => {
            *words = rest;
            word
        }
        None => "",
    }
}

/// Does what the items do with the paths in `found`; returns what is left of them at the end.
fn follow(
    walker: &mut Walker<'_>,
    items: &[Item<'_>],
    roots: &[String],
    found: &[String],
    shell: &mut Shell,
) -> Vec<String> {
    let mut found = found.to_vec();
    for item in items {
        match item {
            Item::Named(name) => found = roots.iter().map(|root| in_root(root, name)).collect(),
            Item::Placed(path) => found = vec![(*path).to_owned()],
            Item::Test => {}
            // What is empty holds nothing to lose.
            Item::Nothing => return Vec::new(),
            Item::Delete => {
                let mut words = vec!["rm".to_owned(), "-r".to_owned(), "--".to_owned()];
                words.extend(found.iter().cloned());
                walker
                    .deeper("find -delete", |walker| walker.run(words, Vec::new(), &mut shell.clone(), None));
            }
            Item::Start(action, inner) => {
                for path in &found {
                    let words = whole_trees(inner.iter().map(|word| word.replace("{}", path)).collect());
                    walker.deeper(format!("find {action}"), |walker| {
                        walker.run(words, Vec::new(), &mut shell.clone(), None)
                    });
                }
            }
            Item::Write(path) => {
                let path = (*path).to_owned();
                let write = FileWrite { path, replaces: true, ..FileWrite::default() };
                walker.act(Effect::Write(write), shell);
            }
            Item::Group(alternatives) => {
                let each = alternatives.iter();
                found = each.flat_map(|items| follow(walker, items, roots, &found, shell)).collect();
                found.sort_unstable();
                found.dedup();
                if found.len() > MOST {
                    found = everything(roots);
                }
            }
            Item::Not(item) => {
                follow(walker, std::slice::from_ref(item), roots, &found, shell);
            }
        }
        if found.is_empty() {
            return found;
        }
    }
    found
}

/// All that stands below the roots.
fn everything(roots: &[String]) -> Vec<String> {
    roots.iter().map(|root| in_root(root, "*")).collect()
}

/// A name somewhere below a root.
fn in_root(root: &str, name: &str) -> String {
    format!("{}/{name}", root.trim_end_matches('/'))
}

/// A plain `rm` of all that is found empties the tree, as `rm -r` does.
pub(super) fn whole_trees(words: Vec<String>) -> Vec<String> {
    if words.iter().any(|word| word.ends_with("/*")) { whole_tree(words) } else { words }
}

/// Returns a command that gets all there is: of an `rm`, that is an `rm -r`.
pub(super) fn whole_tree(mut words: Vec<String>) -> Vec<String> {
    if words.first().is_some_and(|program| base_name(program) == "rm") {
        words.insert(1, "-r".to_owned());
    }
    words
}
