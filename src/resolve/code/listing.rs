//! Code that lists a directory and removes what it found, one by one.
//!
//! Which of the files a loop removes is not followed. A removal of something that is not known, in code
//! that lists a directory, empties that directory, as `rm -r` would.

use super::{Argument, Call, Code};
use crate::unknown::is_known;

/// Calls that list what is in the directory that their first argument names.
#[rustfmt::skip]
const LISTERS: &[&str] = &[
    "os.walk", "os.fwalk", "os.listdir", "os.scandir", "fs.readdir", "fs.readdirSync", "fs.promises.readdir", "Deno.readDir",
    "Deno.readDirSync", "Dir.entries", "Dir.children", "Dir.each_child", "Dir.foreach", "Find.find", "scandir",
    "DirectoryIterator", "FilesystemIterator", "RecursiveDirectoryIterator", "filepath.Walk", "filepath.WalkDir", "os.ReadDir", "ioutil.ReadDir", "lfs.dir", "list.files",
];

/// Calls that list what matches the pattern that is their first argument.
const GLOBBERS: &[&str] = &[
    "glob.glob",
    "glob.iglob",
    "glob.sync",
    "globSync",
    "glob",
    "Dir.glob",
    "filepath.Glob",
    "fg.sync",
    "GlobIterator",
];

/// Calls that ask how a name ends.
const ENDINGS: &[&str] = &["*.endswith", "*.endsWith", "*.end_with?"];

impl Code {
    /// Returns the globs of what is listed and then removed.
    pub fn emptied(&self) -> Vec<String> {
        let removers = self.calls.iter().filter(|call| self.known(call).reach.is_some());
        let removed: Vec<Option<String>> = removers.flat_map(Call::removed).collect();
        // A name that was followed from where it was listed is still the glob.
        let globs = removed.iter().flatten().filter(|path| path.contains('*')).cloned();
        let globs: Vec<String> = globs.collect();
        if !globs.is_empty() || removed.iter().all(Option::is_some) {
            return globs;
        }
        let mut listed: Vec<String> = self.calls.iter().filter_map(listed).collect();
        if listed.is_empty() {
            // `Dir["/data/*"].each`, `</data/*>`: the pattern is a string like any other.
            let strings = self.strings.iter().map(|literal| &literal.text);
            listed.extend(strings.filter(|text| text.contains('*') && text.contains('/')).cloned());
        }
        let mut endings = self.calls.iter().filter(|call| ENDINGS.iter().any(|name| call.is(name)));
        match endings.find_map(|call| known(call.operands().next()?)) {
            // `if name.endswith(".pyc")`
            Some(ending) => {
                listed.into_iter().map(|path| path.trim_end_matches('*').to_owned() + "*" + &ending).collect()
            }
            None => listed,
        }
    }
}

/// Returns what a call lists, as a glob.
fn listed(call: &Call) -> Option<String> {
    let first = || call.operands().next().and_then(known);
    if LISTERS.iter().any(|name| call.is(name)) {
        return Some(in_directory(&first()?, "*"));
    }
    // `find(sub { unlink }, '/data')`, `opendir(D, '/data')`
    if ["opendir", "find", "finddepth", "File.Find.find", "File.Find.finddepth"]
        .contains(&call.callee.as_str())
    {
        return call.operands().filter_map(known).last().map(|directory| in_directory(&directory, "*"));
    }
    if GLOBBERS.iter().any(|name| call.is(name)) {
        return first();
    }
    let root = || call.receiver.first().and_then(known);
    if call.is("pathlib.Path.iterdir") {
        return Some(in_directory(&root()?, "*"));
    }
    if call.is("pathlib.Path.glob") || call.is("pathlib.Path.rglob") {
        return Some(in_directory(&root()?, first()?.trim_start_matches("**/")));
    }
    None
}

fn known(argument: &Argument) -> Option<String> {
    argument.value.clone().filter(|value| is_known(value) && !value.is_empty())
}

fn in_directory(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}
