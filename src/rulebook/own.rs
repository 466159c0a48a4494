//! Packs beside the built-in ones: the machine's, the user's and the project's.
//!
//! One that is broken, that contradicts what is there or that somebody else could have written makes
//! the whole rulebook unusable: the caller refuses to run anything until it is mended, because the
//! rule that is missing might be the one that was needed.

use std::path::PathBuf;

use super::book::{Conflict, Origin, Rulebook};
use super::lint::{self, Source};
use super::load::PackError;

/// A pack file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
    /// Whether somebody else than the user or root could have written it.
    pub others_may_write: bool,
}

impl Rulebook {
    /// Adds the packs in these files, in the order of their paths.
    ///
    /// # Errors
    ///
    /// Returns the first fault; the rulebook must not be used then.
    pub fn add_files(&mut self, files: &[PackFile], origin: &Origin) -> Result<(), PackError> {
        let mut files: Vec<&PackFile> = files.iter().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.into_iter().try_for_each(|file| self.add_file(file, origin))
    }

    fn add_file(&mut self, file: &PackFile, origin: &Origin) -> Result<(), PackError> {
        let path = file.path.display().to_string();
        if file.others_may_write {
            let what = "others than you and root can write this file, so its rules cannot be trusted";
            return Err(PackError::whole(&path, what));
        }
        let source = Source::read(&path, &file.text)?;
        let faults = lint::sound(&source.pack, &|name| self.program(name));
        if let Some(error) = source.locate(faults).into_iter().next() {
            return Err(error);
        }
        self.add(&source.pack, origin.clone())
            .map_err(|conflict| source.error(&place(&conflict), conflict.to_string()))
    }
}

/// Returns the path of keys in the file that a conflict is about.
fn place(conflict: &Conflict) -> String {
    match conflict {
        Conflict::Program(name, _) | Conflict::Guarded(name, _) => format!("programs/{name}"),
        Conflict::Pack(_) | Conflict::Size(_) => "pack".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use insta::assert_snapshot;

    use super::*;

    /// Returns what is said about a project's pack with this text.
    fn refusal(text: &str) -> String {
        file(text, false).unwrap_err().to_string()
    }

    fn file(text: &str, others_may_write: bool) -> Result<Rulebook, PackError> {
        let mut book = Rulebook::builtin();
        let path = PathBuf::from(".guard/rules/mine.yaml");
        let file = PackFile { path, text: text.to_owned(), others_may_write };
        book.add_files(&[file], &Origin::Project(".guard/rules".into()))?;
        Ok(book)
    }

    const MINE: &str = "pack: mine\ntitle: Mine\nprograms: {mytool: {also: [mt]}}\n";

    #[test]
    fn a_pack_is_added() {
        let book = file(MINE, false).unwrap();
        assert_eq!(book.program("mt").unwrap().name, "mytool");
        assert!(book.program("rm").is_some());
    }

    #[test]
    fn what_others_may_write_is_refused() {
        assert_snapshot!(file(MINE, true).unwrap_err(), @".guard/rules/mine.yaml: others than you and root can write this file, so its rules cannot be trusted");
    }

    #[test]
    fn what_is_broken_or_contradicts_is_refused() {
        assert_snapshot!(refusal("pack: mine"), @r#"
        .guard/rules/mine.yaml:1:1: `title` is missing
          1 | pack: mine
            | ^^^^
        "#);
        assert_snapshot!(refusal("pack: railway\ntitle: Mine"), @r#"
        .guard/rules/mine.yaml:1:1: there is already a pack named `railway`
          1 | pack: railway
            | ^^^^
        "#);
        assert_snapshot!(refusal("pack: mine\ntitle: Mine\nprograms:\n  rm: {harmless_with: help}"), @r#"
        .guard/rules/mine.yaml:4:3: `rm` already has a grammar in the pack `files`, which cannot be changed
          4 |   rm: {harmless_with: help}
            |   ^^
        "#);
        assert_snapshot!(refusal("pack: mine\ntitle: Mine\nprograms:\n  mine: {also: [other, rm]}"), @r#"
        .guard/rules/mine.yaml:3:1: `rm` already has a grammar in the pack `files`, which cannot be changed
          3 | programs:
            | ^^^^^^^^
        "#);
        assert_snapshot!(refusal("pack: mine\ntitle: Mine\nprograms:\n  mine: {harmless_with: always}"), @r#"
        .guard/rules/mine.yaml:4:10: no option is declared as `always`
          4 |   mine: {harmless_with: always}
            |          ^^^^^^^^^^^^^
        "#);
    }

    #[test]
    fn nothing_is_added_behind_a_broken_file() {
        let mut book = Rulebook::builtin();
        let pack = |path: &str, text: &str| PackFile {
            path: path.into(),
            text: text.into(),
            others_may_write: false,
        };
        let files = [pack("b.yaml", MINE), pack("a.yaml", "pack: [")];
        assert!(book.add_files(&files, &Origin::Installed("/etc/guard/rules".into())).is_err());
        assert!(book.program("mytool").is_none());
    }
}
