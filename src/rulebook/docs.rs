//! Pages for people: one rule for a terminal, one pack or all of them in Markdown.

use std::fmt::Write as _;

use super::block::commands;
use super::describe;
use super::format::{Maturity, Severity};
use super::{BookRule, PackHead, Rulebook};
use crate::text::{Paint, safe, wrap};

/// The width of the names at the left of a terminal page.
const MARGIN: usize = 11;

impl Severity {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderate => "moderate",
            Self::Severe => "severe",
            Self::Catastrophic => "catastrophic",
        }
    }

    /// Returns the next worse; there is nothing worse than catastrophic.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Moderate => Self::Severe,
            Self::Severe | Self::Catastrophic => Self::Catastrophic,
        }
    }
}

/// Returns a rule's page for a terminal of this many columns.
pub fn terminal_page(rule: &BookRule, columns: usize, paint: Paint) -> String {
    let mut page = format!("{}  {}\n\n", paint.bold(&safe(&rule.id())), safe(&rule.rule.title));
    for (name, entries) in sections(rule) {
        for (index, entry) in entries.iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let text = wrap(&safe(plain(entry)), columns, MARGIN + 2);
            let _ = writeln!(page, "  {name:<MARGIN$}{text}");
        }
    }
    page
}

/// Returns what a rule's page says, by name of the section, in Markdown.
fn sections(book_rule: &BookRule) -> Vec<(&'static str, Vec<String>)> {
    let rule = &book_rule.rule;
    let code = |line: &str| format!("`{line}`");
    let trial =
        (rule.maturity == Maturity::Trial).then(|| "on trial: it is recorded and never asks".to_owned());
    let exceptions = rule.unless.iter().map(|clause| {
        format!("{}: {}", describe::clause(clause), clause.because.as_deref().unwrap_or_default())
    });
    let instead = commands(rule.instead.as_deref().unwrap_or_default());
    let stopped = commands(&rule.examples.must_stop);
    let sections = [
        ("severity", vec![rule.severity.name().to_owned()]),
        ("maturity", trial.into_iter().collect()),
        ("stops", rule.when.iter().map(describe::clause).collect()),
        ("except", exceptions.collect()),
        ("loses", vec![rule.blast_radius.data.clone()]),
        ("backups", vec![rule.blast_radius.backups.clone()]),
        ("to run it", vec![format!("type {}", code(&rule.confirm))]),
        ("instead", instead.iter().map(|line| code(&line.command)).collect()),
        ("if it ran", rule.recover.clone()),
        ("examples", stopped.iter().take(3).map(|line| code(&line.command)).collect()),
        ("since", rule.since.iter().cloned().collect()),
        ("formerly", rule.was.clone()),
        ("see", rule.references.clone()),
    ];
    sections.into_iter().filter(|(_, entries)| !entries.is_empty()).collect()
}

/// Returns an entry without backquotes where all of it is code.
fn plain(entry: &str) -> &str {
    let inside = entry.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    inside.filter(|inside| !inside.contains('`')).unwrap_or(entry)
}

/// Returns one pack's page in Markdown.
pub fn pack_page(book: &Rulebook, head: &PackHead) -> String {
    let mut page = format!("# {}\n\n", head.title);
    if let Some(docs) = &head.docs {
        let _ = writeln!(page, "Documentation: <{docs}>\n");
    }
    if let Some(checked) = &head.checked {
        let _ = writeln!(page, "Checked against: {checked}\n");
    }
    if !head.programs.is_empty() {
        let names: Vec<String> = head.programs.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(page, "Programs: {}\n", names.join(", "));
    }
    for rule in &head.rules {
        if let Some(rule) = book.rule(&format!("{}/{rule}", head.pack)) {
            page += &rule_section(&rule);
        }
    }
    page
}

/// Returns one rule's part of its pack's page.
fn rule_section(rule: &BookRule) -> String {
    let mut text = format!("## {}\n\n`{}`\n\n", rule.rule.title, rule.id());
    for (name, entries) in sections(rule) {
        let entries: Vec<String> = entries.iter().map(|entry| linked(entry)).collect();
        match entries.as_slice() {
            [only] => {
                let _ = writeln!(text, "- **{name}**: {only}");
            }
            several => {
                let _ = writeln!(text, "- **{name}**:");
                for entry in several {
                    let _ = writeln!(text, "  - {entry}");
                }
            }
        }
    }
    text.push('\n');
    text
}

fn linked(entry: &str) -> String {
    if entry.starts_with("https://") { format!("<{entry}>") } else { entry.to_owned() }
}

/// Returns the page that lists all packs and rules.
pub fn index_page(book: &Rulebook) -> String {
    let mut page = String::from("# What guard stops\n");
    for head in book.packs().iter().filter(|head| !head.rules.is_empty()) {
        let _ = write!(
            page,
            "\n## [{}]({}.md)\n\n| rule | severity | |\n| --- | --- | --- |\n",
            head.title, head.pack
        );
        for rule in head.rules.iter().filter_map(|rule| book.rule(&format!("{}/{rule}", head.pack))) {
            let _ =
                writeln!(page, "| `{}` | {} | {} |", rule.id(), rule.rule.severity.name(), rule.rule.title);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use insta::assert_snapshot;

    use super::*;
    use crate::rulebook::read_pack;

    fn book() -> Rulebook {
        Rulebook::of(&[read_pack(include_str!("lint/good.yaml"), "good.yaml").unwrap()]).unwrap()
    }

    #[test]
    fn a_rule_has_a_page() {
        assert_snapshot!(terminal_page(&book().rule("fly/app-destroy").unwrap(), 60, Paint::PLAIN), @r#"
        fly/app-destroy  Destroy an app

          severity   severe
          stops      `fly apps destroy` with `force`
                     `fly apps destroy` with `region` set to `ams`
          except     with `interactive`: It only asks.
          loses      Everything of the app.
          backups    Snapshots are kept.
          to run it  type `destroy app {operand.1|without a name}`
          if it ran  Deploy it again.
          examples   fly apps destroy -f shop
                     fly apps destroy shop --region ams
                     flyctl apps rm shop -f
          see        https://fly.io/docs
        "#);
    }

    #[test]
    fn a_pack_has_a_page() {
        let book = book();
        assert_snapshot!(pack_page(&book, &book.packs()[0]), @r#"
        # Fly

        Documentation: <https://fly.io/docs>

        Programs: `fly`

        ## Destroy an app

        `fly/app-destroy`

        - **severity**: severe
        - **stops**:
          - `fly apps destroy` with `force`
          - `fly apps destroy` with `region` set to `ams`
        - **except**: with `interactive`: It only asks.
        - **loses**: Everything of the app.
        - **backups**: Snapshots are kept.
        - **to run it**: type `destroy app {operand.1|without a name}`
        - **if it ran**: Deploy it again.
        - **examples**:
          - `fly apps destroy -f shop`
          - `fly apps destroy shop --region ams`
          - `flyctl apps rm shop -f`
        - **see**: <https://fly.io/docs>

        ## Destroy a volume

        `fly/volume-destroy`

        - **severity**: catastrophic
        - **stops**: `fly volumes destroy`
        - **loses**: Everything on it.
        - **backups**: Snapshots are kept for five days.
        - **to run it**: type `destroy volume`
        - **if it ran**: Make a volume from a snapshot.
        - **examples**:
          - `fly volumes destroy vol_1`
          - `fly volumes rm vol_1`
          - `fly volumes destroy`
        - **see**: <https://fly.io/docs/volumes>
        "#);
    }

    #[test]
    fn all_rules_are_listed() {
        assert_snapshot!(index_page(&book()), @r#"
        # What guard stops

        ## [Fly](fly.md)

        | rule | severity | |
        | --- | --- | --- |
        | `fly/app-destroy` | severe | Destroy an app |
        | `fly/volume-destroy` | catastrophic | Destroy a volume |
        "#);
    }

    #[test]
    fn nothing_in_a_rule_reaches_the_terminal_as_it_is() {
        let mut pack = book().pack("fly").unwrap();
        pack.rules[0].blast_radius.data = "\u{1b}[2JAll.".to_owned();
        let book = Rulebook::of(&[pack]).unwrap();
        assert!(!terminal_page(&book.rule("fly/app-destroy").unwrap(), 60, Paint::PLAIN).contains('\u{1b}'));
    }
}
