//! What a git command would drop, according to git itself; kept under `refs/guard/`, and put back.
//!
//! Files of the work tree are kept as files, because git keeps neither times nor attributes and rewrites
//! content through its filters. Commits that lose their name get another. The index is kept as the file it
//! is. The user's index, work tree and references are only read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::manifest::{RawPath, Reference, Repository, Role};
use crate::env_vars;
use crate::rulebook::format::Keeper;
use crate::run::git::{self as system, Question};

/// How long one question to git may take.
const TIME: Duration = Duration::from_secs(10);

/// The most output that is read from git, in bytes.
const MOST: usize = 64 * 1024 * 1024;

/// The most references that are kept for one command.
const REFERENCES: usize = 5000;

/// What is to be kept for one git command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Where git runs.
    pub cwd: PathBuf,
    /// Its options before the subcommand: `-C ../other`.
    pub globals: Vec<String>,
    /// Variables that the command sets for it: `GIT_DIR=../other/.git`.
    pub variables: Vec<(String, String)>,
    /// What is to be kept.
    pub keepers: BTreeSet<Keeper>,
    /// The words behind the subcommand; none where they are not known.
    pub words: Option<Vec<String>>,
    /// The words that are not options, and the values of those that are.
    pub names: Vec<String>,
    /// Whether a command that names no reference affects none; otherwise it may affect any.
    pub exact: bool,
}

/// What was found for a wish.
#[derive(Clone, Debug, Default)]
pub(super) struct Drops {
    pub repository: Option<Repository>,
    /// Files that the command would change.
    pub changed: Vec<PathBuf>,
    /// Files that it would delete.
    pub deleted: Vec<PathBuf>,
    /// Files that are not there, and would be.
    pub absent: Vec<PathBuf>,
}

/// A git that runs somewhere.
struct Git<'a> {
    cwd: &'a Path,
    before: Vec<OsString>,
    /// Variables that the command sets for it.
    variables: &'a [(String, String)],
    index: Option<&'a Path>,
    /// What it said already, while nothing changes: a script may delete a thousand branches of one repository.
    said: Option<&'a Answers>,
}

/// Answers of git's, by where it was asked and what.
#[derive(Debug, Default)]
pub(super) struct Answers(RefCell<BTreeMap<Asked, Result<Vec<u8>, String>>>);

/// Where git was asked, its options, the variables set for it, and what it was asked.
type Asked = (PathBuf, Vec<OsString>, Vec<(String, String)>, Vec<String>);

/// Variables of guard's own environment that say which repository, files and settings are meant. The command that is
/// judged has them as well.
const PASSED: [&str; 14] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
];

/// The most settings that are passed on by variables.
const SETTINGS: usize = 64;

/// Returns whether git gets a variable of this name.
pub(super) fn is_passed(name: &str) -> bool {
    PASSED.contains(&name) || name.starts_with("GIT_CONFIG_KEY_") || name.starts_with("GIT_CONFIG_VALUE_")
}

fn passed() -> Vec<(String, OsString)> {
    let count = env_vars::get("GIT_CONFIG_COUNT").map_or(0, |_| SETTINGS);
    let settings =
        (0..count).flat_map(|at| [format!("GIT_CONFIG_KEY_{at}"), format!("GIT_CONFIG_VALUE_{at}")]);
    let names = PASSED.map(str::to_owned).into_iter().chain(settings);
    names.filter_map(|name| env_vars::get(&name).map(|value| (name, value))).collect()
}

impl Git<'_> {
    fn say(&self, words: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        const AUTHOR: [&str; 4] = ["-c", "user.name=guard", "-c", "user.email=guard@localhost"];
        let passed = passed();
        let mut set: Vec<(&str, &OsStr)> =
            passed.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).collect();
        set.extend(self.variables.iter().map(|(name, value)| (name.as_str(), OsStr::new(value))));
        set.extend(self.index.map(|index| ("GIT_INDEX_FILE", index.as_os_str())));
        system::ask(&Question {
            cwd: self.cwd,
            options: &self.before,
            words: &[&AUTHOR[..], words].concat(),
            set: &set,
            input,
            time: TIME,
            most: MOST,
        })
    }

    fn ask(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        let (Some(answers), None) = (self.said, self.index) else { return self.say(words, b"") };
        let words_asked = words.iter().map(|word| (*word).to_owned()).collect();
        let asked = (self.cwd.to_owned(), self.before.clone(), self.variables.to_vec(), words_asked);
        if let Some(known) = answers.0.borrow().get(&asked) {
            return known.clone();
        }
        let said = self.say(words, b"");
        answers.0.borrow_mut().insert(asked, said.clone());
        said
    }

    /// Returns one line.
    fn line(&self, words: &[&str]) -> Result<String, String> {
        self.ask(words).map(|said| String::from_utf8_lossy(&said).trim_end_matches('\n').to_owned())
    }

    fn lines(&self, words: &[&str]) -> Result<Vec<String>, String> {
        self.ask(words).map(|said| String::from_utf8_lossy(&said).lines().map(str::to_owned).collect())
    }

    /// Returns a path of any bytes.
    fn path(&self, words: &[&str]) -> Result<PathBuf, String> {
        let mut said = self.ask(words)?;
        said.pop_if(|last| *last == b'\n');
        Ok(self.cwd.join(OsString::from_vec(said)))
    }

    /// Returns names that are parted by NUL.
    fn names(&self, words: &[&str]) -> Result<Vec<PathBuf>, String> {
        let said = self.ask(words)?;
        let names = said.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
    }
}

/// Returns a git for a repository that is known.
fn within(repository: &Repository) -> Git<'_> {
    let mut before = vec![option("--git-dir=", repository.git_dir.path())];
    let cwd = match &repository.top {
        Some(top) => {
            before.push(option("--work-tree=", top.path()));
            top.path()
        }
        None => repository.git_dir.path(),
    };
    Git { cwd, before, variables: &[], index: None, said: None }
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

/// Asks git what a command would drop.
///
/// # Errors
///
/// Returns why that cannot be determined, as a lower-case fragment.
pub(super) fn look(wish: &Wish, said: &Answers) -> Result<Drops, String> {
    let before = wish.globals.iter().map(OsString::from).collect();
    let said = Some(said);
    let here = Git { cwd: &wish.cwd, before, variables: &wish.variables, index: None, said };
    let git_dir = here.path(&["rev-parse", "--absolute-git-dir"])?;
    let top = here.path(&["rev-parse", "--show-toplevel"]).ok();
    let mut repository = Repository {
        git_dir: RawPath(git_dir),
        top: top.clone().map(RawPath),
        namespace: String::new(),
        index: None,
        references: Vec::new(),
    };
    let mut drops = Drops::default();
    for keeper in &wish.keepers {
        match keeper {
            Keeper::GitChanges => {
                let top = top.as_deref().ok_or("there is no work tree")?;
                changes(&Git { said, ..within(&repository) }, top, wish, &mut drops)?;
                repository.references.extend(head(&here).map(|head| Reference { role: Role::Base, ..head }));
                let index = here.path(&["rev-parse", "--git-path", "index"])?;
                repository.index = index.exists().then(|| (RawPath(index), RawPath(PathBuf::new())));
            }
            Keeper::GitUntracked => drops.deleted.extend(untracked(&here, wish)?),
            Keeper::GitWorktree => worktrees(&here, wish, &mut drops)?,
            Keeper::GitHead => repository.references.extend(head(&here)),
            Keeper::GitRefs => repository.references.extend(named(&here, wish)?),
            Keeper::GitStash => repository.references.extend(stash(&here)),
            Keeper::GitRemote => repository.references.extend(remote(&here, wish)?),
            Keeper::GitUnreachable => repository.references.extend(unreachable(&here)?),
            Keeper::Trash | Keeper::CopyFile => {}
        }
    }
    if repository.references.len() > REFERENCES {
        return Err(format!("there are more than {REFERENCES} references"));
    }
    let says = repository.index.is_some() || !repository.references.is_empty();
    drops.repository = says.then_some(repository);
    Ok(drops)
}

/// Tracked files that differ from the last commit, and files that the named commit would add.
fn changes(git: &Git<'_>, top: &Path, wish: &Wish, drops: &mut Drops) -> Result<(), String> {
    const NAMES: [&str; 6] =
        ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=all"];
    let mut names = match git.line(&["rev-parse", "--verify", "-q", "HEAD^{commit}"]) {
        Ok(_) => git.names(&[&NAMES[..], &["HEAD"]].concat())?,
        // Nothing is committed yet.
        Err(_) => git.names(&["ls-files", "-z"])?,
    };
    // What is tracked by no commit yet is overwritten by one that has it.
    let commit = |name: &&String| git.line(&["rev-parse", "--verify", "-q", &format!("{name}^{{commit}}")]);
    for target in wish.names.iter().filter_map(|name| commit(&name).ok()) {
        names.extend(
            git.names(&[&NAMES[..], &["--diff-filter=A", "HEAD", &target]].concat()).unwrap_or_default(),
        );
    }
    names.sort();
    names.dedup();
    for path in names.into_iter().map(|name| top.join(name)) {
        match std::fs::symlink_metadata(&path) {
            // A submodule's work tree, which these commands do not touch.
            Ok(found) if found.is_dir() => {}
            Ok(_) => drops.changed.push(path),
            Err(_) => drops.absent.push(path),
        }
    }
    Ok(())
}

/// What `git clean` says it would remove, with the same options as the command.
fn untracked(git: &Git<'_>, wish: &Wish) -> Result<Vec<PathBuf>, String> {
    let words = wish.words.as_ref().ok_or("which files is not known")?;
    let mut all = vec!["clean", "--dry-run", "-f"];
    all.extend(words.iter().map(String::as_str).filter(|word| !matches!(*word, "-q" | "--quiet")));
    let said = git.ask(&all)?;
    let removed = said.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"Would remove "));
    let base = here(git)?;
    Ok(removed.map(|name| base.join(OsString::from_vec(unquoted(name)))).collect())
}

/// Returns the directory that git's answers count from: its own, after every `-C`.
fn here(git: &Git<'_>) -> Result<PathBuf, String> {
    let top = git.path(&["rev-parse", "--show-toplevel"])?;
    let prefix = git.ask(&["rev-parse", "--show-prefix"])?;
    let prefix = prefix.strip_suffix(b"\n").unwrap_or(&prefix);
    Ok(top.join(OsStr::from_bytes(prefix)))
}

/// Reads a name as git quotes it: `"a\nb\303\244"`.
fn unquoted(name: &[u8]) -> Vec<u8> {
    let Some(inside) = name.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return name.strip_suffix(b"/").unwrap_or(name).to_owned();
    };
    let mut bytes = Vec::new();
    let mut rest = inside.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(digit @ b'0'..=b'7') => {
                let mut value = digit - b'0';
                while let Some(next @ b'0'..=b'7') = rest.peek().copied() {
                    value = value.wrapping_mul(8).wrapping_add(next - b'0');
                    rest.next();
                }
                value
            }
            Some(other) => other,
            None => b'\\',
        });
    }
    bytes.pop_if(|last| *last == b'/');
    bytes
}

/// Linked work trees that are named, and what the repository keeps about them.
fn worktrees(git: &Git<'_>, wish: &Wish, drops: &mut Drops) -> Result<(), String> {
    for name in &wish.names {
        let tree = git.cwd.join(name);
        let inside = Git { cwd: &tree, before: Vec::new(), variables: &[], index: None, said: git.said };
        drops.deleted.push(inside.path(&["rev-parse", "--absolute-git-dir"])?);
        drops.deleted.push(inside.path(&["rev-parse", "--show-toplevel"])?);
    }
    Ok(())
}

fn head(git: &Git<'_>) -> Option<Reference> {
    let object = git.line(&["rev-parse", "--verify", "-q", "HEAD^{commit}"]).ok()?;
    let branch = git.line(&["symbolic-ref", "-q", "HEAD"]).ok();
    Some(Reference { name: "HEAD".to_owned(), object, role: Role::Head(branch) })
}

/// Returns all references, but not guard's own.
fn all(git: &Git<'_>, below: &[&str]) -> Result<Vec<Reference>, String> {
    let words = [&["for-each-ref", "--format=%(objectname) %(refname)"], below].concat();
    let reference = |line: String| {
        let (object, name) = line.split_once(' ')?;
        let own = name.starts_with("refs/guard/");
        (!own).then(|| Reference { name: name.to_owned(), object: object.to_owned(), role: Role::Named })
    };
    Ok(git.lines(&words)?.into_iter().filter_map(reference).collect())
}

/// The references that a command names, or all of them.
fn named(git: &Git<'_>, wish: &Wish) -> Result<Vec<Reference>, String> {
    let all = all(git, &[])?;
    let is_named = |reference: &&Reference| {
        wish.names.iter().any(|name| {
            reference.name == *name
                || ["refs/", "refs/heads/", "refs/tags/", "refs/remotes/"]
                    .iter()
                    .any(|below| reference.name.strip_prefix(below) == Some(name))
        })
    };
    let some: Vec<Reference> = all.iter().filter(is_named).cloned().collect();
    let is_told = wish.exact || wish.words.is_some() && !some.is_empty();
    Ok(if is_told { some } else { all })
}

fn stash(git: &Git<'_>) -> Vec<Reference> {
    let entries = git.lines(&["reflog", "show", "--format=%H %gs", "refs/stash"]).unwrap_or_default();
    let entry = |(at, line): (usize, String)| {
        let (object, message) = line.split_once(' ')?;
        let role = Role::Stash(message.to_owned());
        Some(Reference { name: format!("stash@{{{at}}}"), object: object.to_owned(), role })
    };
    entries.into_iter().enumerate().filter_map(entry).collect()
}

fn remote(git: &Git<'_>, wish: &Wish) -> Result<Vec<Reference>, String> {
    let remotes = git.lines(&["remote"])?;
    let named = wish.names.iter().find(|name| remotes.contains(name));
    let below = named.map_or_else(|| "refs/remotes/".to_owned(), |name| format!("refs/remotes/{name}/"));
    let all = all(git, &[&below])?;
    Ok(all.into_iter().map(|reference| Reference { role: Role::Remote, ..reference }).collect())
}

/// Commits and files that nothing but a reflog, or nothing at all, reaches: the ends from which all of
/// them are reached.
fn unreachable(git: &Git<'_>) -> Result<Vec<Reference>, String> {
    let mut objects = BTreeSet::new();
    let mut parents = BTreeSet::new();
    for line in git.lines(&["rev-list", "--reflog", "--parents", "--not", "--all"])? {
        let mut ids = line.split(' ').map(str::to_owned);
        objects.extend(ids.next());
        parents.extend(ids);
    }
    for line in git.lines(&["fsck", "--dangling", "--connectivity-only", "--no-progress"])? {
        objects.extend(line.rsplit(' ').next().filter(|_| line.starts_with("dangling ")).map(str::to_owned));
    }
    let loose = |object: String| Reference { name: object.clone(), object, role: Role::Loose };
    Ok(objects.into_iter().filter(|object| !parents.contains(object)).map(loose).collect())
}

/// Gives everything in `repository` a name that keeps it, and fills in what they are called by. Beside
/// them, the index and the work tree are written down as commits, for looking at.
pub(super) fn hold(repository: &mut Repository, number: u32, scratch: &Path) -> Result<(), String> {
    let taken =
        |name: &str| within(repository).ask(&["for-each-ref", "--count=1", name]).map(|s| !s.is_empty());
    let mut namespace = format!("refs/guard/{number}");
    if taken(&namespace)? {
        // Another user's guard, or one with another store, keeps something under this number.
        namespace = format!("refs/guard/{number}-{}", std::process::id());
    }
    repository.namespace = namespace;
    if repository.index.is_some() {
        repository.references.extend(views(repository, scratch));
    }
    let mut input = Vec::new();
    for reference in &repository.references {
        let name = held_as(repository, reference);
        input.extend_from_slice(format!("create {name} {}\n", reference.object).as_bytes());
    }
    within(repository).say(&["update-ref", "--stdin"], &input).map(drop)
}

/// The index and the work tree as commits. They are for people to look at (`git diff refs/guard/7/work`),
/// so a repository in which they cannot be made, amid a merge, does without.
fn views(repository: &Repository, scratch: &Path) -> Vec<Reference> {
    let Some((_, kept)) = &repository.index else { return Vec::new() };
    let copy = scratch.join("index.view");
    let mut views = Vec::new();
    if std::fs::copy(kept.path(), &copy).is_err() {
        return views;
    }
    let git = Git { index: Some(&copy), ..within(repository) };
    let parent = git.line(&["rev-parse", "--verify", "-q", "HEAD^{commit}"]).ok();
    let commit = |name: &str| {
        let tree = git.line(&["write-tree"]).ok()?;
        let mut words = vec!["commit-tree", "-m", name, &tree];
        words.extend(parent.iter().flat_map(|parent| ["-p", parent]));
        let object = git.line(&words).ok()?;
        Some(Reference { name: name.to_owned(), object, role: Role::View })
    };
    views.extend(commit("index"));
    if git.ask(&["add", "--update", "--", ":/"]).is_ok() {
        views.extend(commit("work"));
    }
    let _ = std::fs::remove_file(copy);
    views
}

/// The name under which a reference is held.
fn held_as(repository: &Repository, reference: &Reference) -> String {
    let name = match &reference.role {
        Role::Stash(_) => reference.name.replace("stash@{", "stash/").replace('}', ""),
        Role::Loose => format!("loose/{}", reference.name),
        Role::Base => "base".to_owned(),
        _ => reference.name.strip_prefix("refs/").unwrap_or(&reference.name).to_owned(),
    };
    format!("{}/{name}", repository.namespace)
}

/// Removes the names under which things were held.
pub(super) fn forget(repository: &Repository) {
    if !repository.namespace.starts_with("refs/guard/") {
        return;
    }
    let git = within(repository);
    let Ok(names) = git.lines(&["for-each-ref", "--format=%(refname)", &repository.namespace]) else {
        return;
    };
    let input: String = names.iter().map(|name| format!("delete {name}\n")).collect();
    let _ = git.say(&["update-ref", "--stdin"], input.as_bytes());
}

/// Returns what must be kept before a repository is put back as it was.
pub(super) fn before_undo(repository: &Repository) -> Wish {
    let mut keepers = BTreeSet::new();
    if repository.index.is_some() {
        keepers.extend([Keeper::GitChanges, Keeper::GitHead]);
    }
    for reference in &repository.references {
        match reference.role {
            Role::Head(_) => keepers.extend([Keeper::GitChanges, Keeper::GitHead]),
            Role::Named => _ = keepers.insert(Keeper::GitRefs),
            Role::Stash(_) | Role::Remote | Role::Loose | Role::View | Role::Base => {}
        }
    }
    if repository.top.is_none() {
        keepers.remove(&Keeper::GitChanges);
    }
    let names = repository.references.iter().map(|reference| reference.name.clone());
    let git = within(repository);
    Wish {
        cwd: git.cwd.to_owned(),
        globals: git.before.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        variables: Vec::new(),
        keepers,
        words: Some(Vec::new()),
        names: names.collect(),
        exact: true,
    }
}

/// What putting a repository's references back came to, a sentence each.
pub(super) fn put_back(repository: &Repository) -> Vec<String> {
    let git = within(repository);
    let now = |name: &str| git.line(&["rev-parse", "--verify", "-q", name]).ok();
    let mut said = Vec::new();
    // The oldest entry of a stash goes in first.
    for reference in repository.references.iter().rev() {
        let (name, object) = (&reference.name, &reference.object);
        let result = match &reference.role {
            Role::View | Role::Base => continue,
            Role::Named if now(name).as_ref() == Some(object) => continue,
            Role::Named => git
                .ask(&["update-ref", "-m", "guard undo", name, object])
                .map(|_| format!("{name} is at {} again", short(object))),
            Role::Head(branch) => match head_back(&git, branch.as_deref(), object) {
                Ok(None) => continue,
                Ok(Some(done)) => Ok(done),
                Err(why) => Err(why),
            },
            Role::Stash(message) => {
                let known = git.lines(&["reflog", "show", "--format=%H", "refs/stash"]).unwrap_or_default();
                if known.contains(object) {
                    continue;
                }
                let stored = git.ask(&["stash", "store", "-m", message, object]);
                stored.map(|_| format!("{message:?} is in the stash again"))
            }
            Role::Remote => {
                let branch = name.strip_prefix("refs/remotes/").unwrap_or(name);
                let (remote, branch) = branch.split_once('/').unwrap_or(("origin", branch));
                if branch == "HEAD" || now(name).as_ref() == Some(object) {
                    continue;
                }
                Ok(format!(
                    "{remote} had {branch} at {}, as far as this clone knew; nothing was sent. To put it back \
                     there: git push --force-with-lease {remote} {object}:refs/heads/{branch}",
                    short(object)
                ))
            }
            Role::Loose => Ok(format!("{} is kept as {}", short(object), held_as(repository, reference))),
        };
        said.push(result.unwrap_or_else(|why| format!("{name} could not be put back: {why}")));
    }
    said
}

/// Moves `HEAD` and its branch back; `None` where they are there.
fn head_back(git: &Git<'_>, branch: Option<&str>, object: &str) -> Result<Option<String>, String> {
    let on = git.line(&["symbolic-ref", "-q", "HEAD"]).ok();
    let at = git.line(&["rev-parse", "--verify", "-q", "HEAD^{commit}"]).ok();
    if on.as_deref() != branch {
        let was = branch.map_or("detached", |name| name.trim_start_matches("refs/heads/"));
        return Err(format!("it was on {was} at {}, and is elsewhere now", short(object)));
    }
    if at.as_deref() == Some(object) {
        return Ok(None);
    }
    git.ask(&["reset", "--hard", "-q", object])?;
    let name = branch.map_or("HEAD", |name| name.trim_start_matches("refs/heads/"));
    Ok(Some(format!("{name} is at {} again", short(object))))
}

/// Returns whether `HEAD` is where it was when the index was kept, so that the index belongs to it.
pub(super) fn is_where_it_was(repository: &Repository) -> bool {
    let now = within(repository).line(&["rev-parse", "--verify", "-q", "HEAD^{commit}"]).ok();
    let then = repository.references.iter().find(|reference| reference.role == Role::Base);
    now == then.map(|reference| reference.object.clone())
}

/// Returns whether something is kept that stays kept after an undo, since nothing else has it.
pub(super) fn stays(repository: &Repository) -> bool {
    repository.references.iter().any(|reference| matches!(reference.role, Role::Loose | Role::Remote))
}

fn short(object: &str) -> &str {
    object.get(..10).unwrap_or(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_git_quotes_them() {
        let check = |quoted: &[u8], expect: &[u8]| assert_eq!(unquoted(quoted), expect);
        check(b"plain name", b"plain name");
        check(b"directory/", b"directory");
        check(br#""a\nb""#, b"a\nb");
        check(br#""caf\303\251/""#, b"caf\xc3\xa9");
        check(br#""\377\"\\""#, b"\xff\"\\");
        check(br#""a\"#, br#""a\"#);
    }
}
