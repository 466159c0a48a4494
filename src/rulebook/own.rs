//! Packs beside the built-in ones: the machine's, the user's and the project's.
//!
//! One that is broken or contradicts what is there makes the whole rulebook unusable: the caller
//! refuses to run anything until it is mended, because the rule that is missing might be the one that
//! was needed.

use super::book::{Conflict, Origin, Rulebook};
use super::lint::{self, Source};
use super::load::PackError;

impl Rulebook {
    /// Reads a pack and adds it; `path` is for messages.
    ///
    /// # Errors
    ///
    /// Returns the first fault; the rulebook must not be used then.
    pub fn add_text(&mut self, path: &str, text: &str, origin: Origin) -> Result<(), PackError> {
        let source = Source::read(path, text)?;
        let faults = lint::sound(&source.pack, &|name| self.program(name));
        if let Some(error) = source.locate(faults).into_iter().next() {
            return Err(error);
        }
        self.add(&source.pack, origin)
            .map_err(|conflict| source.error(&place(&conflict), conflict.to_string()))
    }

    /// Puts a pack in the place of the one that has its name, to try it out.
    ///
    /// # Errors
    ///
    /// Returns where it contradicts the other packs.
    pub fn try_out(&mut self, source: &Source) -> Result<(), PackError> {
        self.replace(&source.pack).map_err(|conflict| source.error(&place(&conflict), conflict.to_string()))
    }
}

/// Returns the path of keys in the file that a conflict is about.
fn place(conflict: &Conflict) -> String {
    match conflict {
        Conflict::Program(name, _) | Conflict::Guarded(name, _) | Conflict::Steered(name) => {
            format!("programs/{name}")
        }
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
        with(text).unwrap_err().to_string()
    }

    fn with(text: &str) -> Result<Rulebook, PackError> {
        let mut book = Rulebook::builtin();
        let path = ".guard/rules/mine.yaml";
        book.add_text(path, text, Origin::Project(path.into()))?;
        Ok(book)
    }

    const MINE: &str = "pack: mine\ntitle: Mine\nprograms: {mytool: {also: [mt]}}\n";

    #[test]
    fn a_pack_is_added() {
        let book = with(MINE).unwrap();
        assert_eq!(book.program("mt").unwrap().name, "mytool");
        assert!(book.program("rm").is_some());
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
        let steering =
            |grammar: &str| refusal(&format!("pack: mine\ntitle: Mine\nprograms:\n  deploy.sh: {grammar}"));
        assert_snapshot!(steering("{runs: {elsewhere: true}}"), @r#"
        .guard/rules/mine.yaml:4:3: a project cannot say what `deploy.sh` runs, or where: guard would not look for itself
          4 |   deploy.sh: {runs: {elsewhere: true}}
            |   ^^^^^^^^^
        "#);
        assert!(steering("{commands: {up: {runs: operands}}}").contains("cannot say what `deploy.sh` runs"));
        assert!(
            steering("{options: {into: [-C=]}, chdir: into}").contains("cannot say what `deploy.sh` runs")
        );
        assert_snapshot!(refusal("pack: mine\ntitle: Mine\nprograms:\n  mine: {harmless_with: always}"), @r#"
        .guard/rules/mine.yaml:4:10: no option is declared as `always`
          4 |   mine: {harmless_with: always}
            |          ^^^^^^^^^^^^^
        "#);
    }
}
