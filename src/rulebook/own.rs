//! Packs beside the built-in ones: the machine's, the user's and the project's.
//!
//! One that is broken or contradicts what is there makes the whole rulebook unusable: the caller
//! refuses to run anything until it is mended, because the rule that is missing might be the one that
//! was needed.

use super::book::{Conflict, Origin, Rulebook};
use super::lint::{self, Source};
use super::load::PackError;

impl Rulebook {
    /// Reads the packs of a directory, each with its path for messages, and adds them. They may use
    /// each other's grammars in any order.
    ///
    /// # Errors
    ///
    /// Returns the first fault; the rulebook must not be used then.
    pub fn add_texts(
        &mut self,
        files: &[(String, String)],
        origin: impl Fn(&str) -> Origin,
    ) -> Result<(), PackError> {
        let sources: Vec<Source> =
            files.iter().map(|(path, text)| Source::read(path, text)).collect::<Result<_, _>>()?;
        let grammars = lint::grammars(&sources);
        for source in &sources {
            let known = |name: &str| grammars.get(name).cloned().or_else(|| self.program(name));
            let faults = lint::sound(&source.pack, &known);
            if let Some(error) = source.locate(faults).into_iter().next() {
                return Err(error);
            }
        }
        for source in &sources {
            self.add(&source.pack, origin(&source.path))
                .map_err(|conflict| source.error(&place(&conflict), conflict.to_string()))?;
        }
        Ok(())
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
        book.add_texts(&[(path.to_owned(), text.to_owned())], |path| Origin::Project(path.into()))?;
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
    fn packs_of_a_directory_may_use_each_others_grammars() {
        let pack =
            |name: &str, rest: &str| (format!("{name}.yaml"), format!("pack: {name}\ntitle: T\n{rest}"));
        let rule = "rules:\n  - {id: wipe, title: Wipe, severity: moderate, when: [{run: tool wipe, with: [now]}],\n\
            \x20    confirm: wipe, blast_radius: {data: All., backups: None.}, recover: No., examples: {must_stop: x, must_pass: z}}\n";
        let files = [pack("a", rule), pack("b", "programs: {tool: {options: {now: [--now]}}}\n")];
        let mut book = Rulebook::builtin();
        book.add_texts(&files, |path| Origin::Installed(path.into())).unwrap();
        assert!(book.rule("a/wipe").is_some());
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
