//! `guard recover`: what to do now that something was destroyed.
//!
//! The steps come from the rule, the facts from the ledger: when it ran, what, where, what was named. Nothing
//! is run.

use std::fmt::Write as _;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::check::{here, in_force};
use super::rules::no_rule;
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::keep::Store;
use crate::matcher::phrase;
use crate::record::{self, Line, What};
use crate::rulebook::{BookRule, Rulebook};
use crate::text::safe_lines;
use crate::world::Machine;

/// Options of `guard recover`.
#[derive(Args, Debug)]
pub struct RecoverArgs {
    /// A rule such as railway/volume-delete, or a line of the ledger [default: the last command that a person
    /// allowed]
    #[arg(value_name = "RULE|N")]
    what: Option<String>,
}

/// What the ledger knows of a command.
struct Known {
    line: Line,
    end: Option<Line>,
}

/// Runs `guard recover`.
pub(super) fn run(args: RecoverArgs) -> Result<Status> {
    let machine = Machine;
    let place = here(&machine)?;
    let book = in_force(&place)?.rulebook;
    let (rule, known) = match args.what {
        Some(id) if id.contains('/') => {
            let rule = book.rule(&id).ok_or_else(|| anyhow!(no_rule(&id, &book)))?;
            let known = last(|line| has_run(line) && line.rules.contains(&id));
            (rule, known)
        }
        Some(number) => {
            let n: u64 = number.parse().map_err(|_| anyhow!("expected a rule or a number of the ledger"))?;
            let known = last(|line| line.n == n || line.of == Some(n) && line.what == What::Cleared)
                .ok_or_else(|| anyhow!("the ledger has no line {n}\n\nhint: guard log --json"))?;
            (worst(&known.line, &book)?, Some(known))
        }
        None => {
            let known =
                last(|line| line.what == What::Cleared && !line.rules.is_empty()).ok_or_else(|| {
                    anyhow!("no command that a person let through is on record\n\nhint: guard recover RULE")
                })?;
            (worst(&known.line, &book)?, Some(known))
        }
    };
    print!("{}", safe_lines(&page(&rule, known.as_ref())));
    Ok(Exit::Done.into())
}

fn has_run(line: &Line) -> bool {
    matches!(line.what, What::Ran | What::Cleared)
}

/// Returns the last line of the ledger that is wanted, with the line that records how it ended.
fn last(wanted: impl Fn(&Line) -> bool) -> Option<Known> {
    let path = record::default_path(env_vars::get)?;
    let lines = record::lines(&path).ok()?;
    let mut known: Option<Known> = None;
    for line in lines.filter_map(|line| line.ok()?.1) {
        match &mut known {
            _ if wanted(&line) => known = Some(Known { line, end: None }),
            Some(known) if line.what == What::Ended && line.of == Some(known.line.n) => {
                known.end = Some(line)
            }
            _ => {}
        }
    }
    known
}

/// Returns the most severe rule of a line.
fn worst(line: &Line, book: &Rulebook) -> Result<std::sync::Arc<BookRule>> {
    let rules = line.rules.iter().filter_map(|id| book.rule(id));
    match rules.max_by_key(|rule| rule.rule.severity) {
        Some(rule) => Ok(rule),
        None => bail!("no rule matched what is on line {} of the ledger", line.n),
    }
}

fn page(rule: &BookRule, known: Option<&Known>) -> String {
    let mut page = format!("{}   {}   {}\n\n", rule.id(), rule.rule.title, rule.rule.severity.name());
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(page, "  {name:<9}{value}");
    };
    let mut names = Vec::new();
    if let Some(Known { line, end }) = known {
        let command = line.command.as_deref().unwrap_or_default();
        field("what", command.lines().next().unwrap_or_default());
        field("when", &when(line, end.as_ref()));
        line.cwd.iter().for_each(|cwd| field("where", cwd));
        if let Some(person) = &line.person {
            let at = person.tty.as_deref().map_or_else(String::new, |tty| format!(" at {tty}"));
            field("let by", &format!("{}{at}", person.user.as_deref().unwrap_or("a person")));
        }
        names =
            line.phrase.as_deref().map(|typed| phrase::read(&rule.rule.confirm, typed)).unwrap_or_default();
        names.iter().for_each(|(name, value)| field(name, value));
        kept(line).iter().for_each(|kept| field("kept", kept));
    } else {
        field("when", "it is not on record: it did not go through guard, or not from this account");
    }
    field("lost", rule.rule.blast_radius.data.trim());
    field("backups", rule.rule.blast_radius.backups.trim());
    let _ = writeln!(page);
    for (at, step) in rule.rule.recover.iter().enumerate() {
        let _ = writeln!(page, "{:>3}. {}", at + 1, filled(step.trim(), &names, known));
    }
    let _ = writeln!(page);
    for reference in &rule.rule.references {
        let _ = writeln!(page, "see {reference}");
    }
    let _ =
        writeln!(page, "\nhint: guard freeze 'recovering'   stops everything else at every door meanwhile");
    page
}

fn when(line: &Line, end: Option<&Line>) -> String {
    let time = |line: &Line| line.time.get(..19).unwrap_or(&line.time).replacen('T', " ", 1) + " UTC";
    match end {
        Some(end) => match (end.status, end.signal) {
            (Some(status), _) => format!("{}, ended {} with status {status}", time(line), time(end)),
            (None, Some(signal)) => format!("{}, ended {} by signal {signal}", time(line), time(end)),
            (None, None) => time(line),
        },
        None => time(line),
    }
}

/// Returns what guard kept for the command.
fn kept(line: &Line) -> Option<String> {
    let store = Store::open(env_vars::get).ok()?;
    let own =
        |kept: &crate::keep::Manifest| kept.whole && Some(kept.command.as_str()) == line.command.as_deref();
    let kept = store.all().into_iter().find(own)?;
    Some(format!("{}; guard undo {}", kept.contents(), kept.number))
}

/// Fills a step's slots: what the phrase named, and `{when}`. What is not known becomes `NAME`.
fn filled(step: &str, names: &[(String, String)], known: Option<&Known>) -> String {
    let mut filled = String::new();
    let mut rest = step;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((slot, behind)) = after.split_once('}') else { break };
        let value = match (slot, known) {
            ("when", Some(known)) => {
                known.line.time.get(..19).map(|time| time.replacen('T', " ", 1) + " UTC")
            }
            ("when", None) => Some("at which it happened".to_owned()),
            _ => names.iter().find(|(name, _)| name == slot).map(|(_, value)| value.clone()),
        };
        filled.push_str(before);
        filled.push_str(value.as_deref().unwrap_or("NAME"));
        rest = behind;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::lint::text::slots;

    /// Systems whose loss ends companies, where more than a sentence is needed.
    const WORST: [&str; 22] = [
        "railway/volume-delete",
        "railway/project-delete",
        "aws-databases/rds-delete-all",
        "aws-storage/s3-empty",
        "google-data/sql-instance-delete",
        "azure/group-delete",
        "azure-data/server-delete",
        "terraform/destroy",
        "kubernetes/namespace-delete",
        "sql/drop-database",
        "sql/drop-table",
        "sql-clients/dropdb",
        "sql-clients/mysqladmin-drop",
        "mongodb/drop-database",
        "heroku/addon-destroy",
        "heroku/app-destroy",
        "supabase/project-delete",
        "supabase/remote-reset",
        "vercel/store-remove",
        "fly/database-destroy",
        "planetscale/database-delete",
        "github/repo-delete",
    ];

    #[test]
    fn the_worst_systems_have_steps() {
        let book = Rulebook::builtin();
        for id in WORST {
            let steps = book.rule(id).map_or(0, |rule| rule.rule.recover.len());
            assert!(steps >= 4, "{id} has {steps} steps");
        }
    }

    #[test]
    fn every_slot_of_a_step_is_one_that_the_phrase_fills() {
        for rule in Rulebook::builtin().all_rules() {
            let phrase = slots(&rule.rule.confirm).unwrap_or_default();
            let named: Vec<&str> = phrase.iter().filter_map(|sources| sources.first().copied()).collect();
            for slot in rule.rule.recover.iter().flat_map(|step| slots(step).unwrap_or_default()).flatten() {
                assert!(slot == "when" || named.contains(&slot), "{}: {{{slot}}}", rule.id());
            }
        }
    }

    #[test]
    fn what_is_not_known_is_a_placeholder() {
        let names = [("volume".to_owned(), "data".to_owned())];
        assert_eq!(filled("Restore {volume}.", &names, None), "Restore data.");
        assert_eq!(
            filled("Restore {volume} at the time {when}.", &[], None),
            "Restore NAME at the time at which it happened."
        );
        assert_eq!(filled("A brace { is text.", &[], None), "A brace { is text.");
    }
}
