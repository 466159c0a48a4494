//! What code removes, told as the `rm` that would remove the same.
//!
//! Rules about files are written for `rm`. A call that removes a file or a tree is read as one, so that
//! each of these rules holds for code in every language, and none has to list what languages call it.

use super::language::Language;
use super::{Argument, Call, Code, Shape};
use crate::parse::script::Span;
use crate::unknown::{UNKNOWN, is_known};

/// What a call takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A file.
    File,
    /// A directory with all that is below it.
    Tree,
    /// A tree with `recursive: true`, else a file.
    AsTold,
}

/// Calls that remove files.
#[rustfmt::skip]
const REMOVERS: &[(Reach, &[&str])] = &[
    (
        Reach::Tree,
        &[
            "*rmtree", "*remove_tree", "FileUtils.rm_rf", "FileUtils.rm_r", "FileUtils.rmtree", "FileUtils.remove_dir",
            "FileUtils.remove_entry*", "*rimraf", "rimraf.*", "*.emptyDir", "*.emptyDirSync", "*.removeSync",
            "fs-extra.remove", "del", "del.*", "deleteAsync", "os.RemoveAll", "*.deleteDirectory", "File.deleteDirectory", "rm_rf", "rm_r",
        ],
    ),
    (
        Reach::AsTold,
        &[
            "fs.rm", "*.rmSync", "rmSync", "fs.promises.rm", "*.rm", "rm", "*.rmdir", "*.rmdirSync", "rmdirSync",
            "Deno.remove", "Deno.removeSync", "unlink",
        ],
    ),
    (
        Reach::File,
        &[
            "os.remove", "os.unlink", "*.unlink", "*.unlinkSync", "unlinkSync", "File.delete", "File.unlink", "FileUtils.rm",
            "FileUtils.rm_f", "FileUtils.remove", "FileUtils.safe_unlink", "Pathname.new.delete", "os.Remove",
            "file.remove", "fs.unlinkSync",
        ],
    ),
];

/// Files that code removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Their paths, with marks where they are not known.
    pub paths: Vec<String>,
    /// Whether what is below them goes too.
    pub tree: bool,
    /// Where the code says so, if at one place.
    pub span: Option<Span>,
}

/// Returns what a call removes, if it removes files.
pub(super) fn reach(call: &Call) -> Option<Reach> {
    REMOVERS.iter().find(|(_, names)| names.iter().any(|name| call.is(name))).map(|(reach, _)| *reach)
}

impl Code {
    /// Returns what it removes, in the order of the text. A file of which nothing is known is left out.
    pub fn removals(&self) -> Vec<Removal> {
        let removal = |call: &Call| call.removal(self.known(call).reach?, self.language);
        self.calls.iter().filter_map(removal).collect()
    }
}

impl Call {
    /// Returns what a call that removes something removes first, each where that is known.
    pub(super) fn removed(&self) -> Vec<Option<String>> {
        let known = |value: String| Some(value).filter(|value| is_known(value) && !value.is_empty());
        match self.operands().next().or(self.receiver.first()) {
            Some(argument) => each(argument).into_iter().map(known).collect(),
            None => vec![None],
        }
    }

    fn removal(&self, reach: Reach, language: Language) -> Option<Removal> {
        let tree = match reach {
            Reach::Tree => true,
            Reach::AsTold => self.has("recursive"),
            Reach::File => false,
        };
        let paths = self.removed_paths(language);
        let says = |path: &String| tree || is_known(path);
        let paths: Vec<String> = paths.into_iter().filter(says).collect();
        (!paths.is_empty()).then_some(Removal { paths, tree, span: Some(self.span) })
    }

    /// Returns the paths that are removed: those of the receiver, else the first operand, or all of them
    /// where the language takes any number.
    fn removed_paths(&self, language: Language) -> Vec<String> {
        let plain = |argument: &&Argument| argument.name.is_none() && argument.shape != Shape::Map;
        if let Some(receiver) = self.receiver.iter().find(plain) {
            return each(receiver);
        }
        let many = matches!(language, Language::Perl | Language::Ruby | Language::R);
        let operands = self.operands().filter(plain).take(if many { usize::MAX } else { 1 });
        let paths: Vec<String> = operands.flat_map(each).collect();
        if paths.is_empty() { self.named("path").map(each).unwrap_or_default() } else { paths }
    }
}

/// Returns the items of a list, or the one text. A glob behind `!` says what stays (`del(['dist/**', '!dist/a'])`).
fn each(argument: &Argument) -> Vec<String> {
    match argument.shape {
        Shape::List => {
            let items = argument.items.iter().map(|item| item.clone().unwrap_or_else(|| UNKNOWN.to_string()));
            items.filter(|item| !item.starts_with('!')).collect()
        }
        _ => vec![argument.to_text()],
    }
}
