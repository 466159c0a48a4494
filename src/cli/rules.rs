//! `guard rules`: lists, shows, checks and documents rules.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::check;
use crate::decide::policy::{Do, Policy};
use crate::exit::{Exit, Status};
use crate::parse::gap::Gap;
use crate::rulebook::examples::{self, Effort, Files, Fired};
use crate::rulebook::format::Severity;
use crate::rulebook::lint::{self, Source};
use crate::rulebook::load::nearest;
use crate::rulebook::{BookRule, Key, PackError, Rulebook, docs};
use crate::text::{Paint, When, safe, safe_lines, so_many};
use crate::trial;
use crate::truth::Truth;
use crate::world::Machine;

/// List, show, check and document rules.
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// List all rules, or those with every WORD in their id or title.
    List(ListArgs),
    /// Show one rule: what it stops, what is lost, how to recover.
    Show {
        /// The rule's id: `railway/volume-delete`.
        id: String,
    },
    /// Check pack files without judging any command.
    Lint {
        /// Pack files; the built-in packs where none is named.
        files: Vec<PathBuf>,
    },
    /// Try the examples of packs: what must stop stops, what must pass passes.
    Test(TestArgs),
    /// Write the reference pages in Markdown.
    Docs {
        /// The directory to write to; one page on standard output where none is named.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Print a pack to start from.
    New {
        /// The pack's name, kebab-case: the name of the system it is about.
        name: String,
    },
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Words that all stand in the id or title.
    words: Vec<String>,
    /// Only rules at least this severe.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    severity: Option<Level>,
    /// Only rules about this program.
    #[arg(long, value_name = "NAME")]
    program: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Pack files, each in the place of the built-in pack of its name; all built-in packs where
    /// none is named.
    files: Vec<PathBuf>,
    /// Try every command in some fifty disguises, and as data that must pass.
    #[arg(long)]
    disguise: bool,
    /// Show every failure; otherwise the first 40.
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Moderate,
    Severe,
    Catastrophic,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Moderate => Self::Moderate,
            Level::Severe => Self::Severe,
            Level::Catastrophic => Self::Catastrophic,
        }
    }
}

/// How many failures are shown unless all are asked for.
const SHOWN: usize = 40;
/// The columns of a page where the terminal does not say how many it has.
const COLUMNS: usize = 100;

/// Runs `guard rules`.
pub fn run(args: RulesArgs) -> anyhow::Result<Status> {
    match args.command {
        RulesCommand::List(args) => list(&args),
        RulesCommand::Show { id } => show(&id),
        RulesCommand::Lint { files } => lint_files(&files),
        RulesCommand::Test(args) => test(&args),
        RulesCommand::Docs { out } => write_docs(out.as_deref()),
        RulesCommand::New { name } => new_pack(&name),
    }
}

/// Returns the rules that are in force here.
fn in_force() -> anyhow::Result<Rulebook> {
    let machine = Machine;
    Ok(check::in_force(&check::here(&machine)?)?.rulebook)
}

/// Says which rules of `book` a command would fire in the made-up project of the examples.
///
/// The project is `/home/dev/app`, a git work tree, with `files` in place below it.
fn judge(book: &Rulebook, command: &str, files: &Files) -> Vec<Fired> {
    let (resolution, findings) = trial::judge(book, command, files);
    let rules = findings.into_iter().map(|finding| Fired {
        rule_id: finding.rule.id(),
        certain: finding.certainty == Truth::Certain,
        phrase: finding.phrase,
    });
    // A command that could not be read asks as well, so it must not pass for harmless.
    let policy = Policy::default();
    let asking = resolution.gaps.into_iter().filter(|gap| policy.for_gap(gap.kind) > Do::Run);
    let unread = |gap: Gap| Fired {
        rule_id: format!("not read: {}", gap.reason),
        certain: false,
        phrase: String::new(),
    };
    rules.chain(asking.map(unread)).collect()
}

fn list(args: &ListArgs) -> anyhow::Result<Status> {
    let book = in_force()?;
    let rules = match &args.program {
        Some(name) => {
            let canonical = book.program(name).map_or_else(|| name.clone(), |grammar| grammar.name);
            book.rules(Key::Program(&canonical)).iter().filter_map(|filed| book.decoded(filed)).collect()
        }
        None => book.all_rules(),
    };
    let least = args.severity.map(Severity::from);
    let wanted = |rule: &&std::sync::Arc<BookRule>| {
        let text = format!("{} {}", rule.id(), rule.rule.title).to_lowercase();
        least.is_none_or(|least| rule.rule.severity >= least)
            && args.words.iter().all(|word| text.contains(&word.to_lowercase()))
    };
    let rules: Vec<_> = rules.iter().filter(wanted).collect();
    let mut out = io::stdout().lock();
    if args.json {
        let rows = rules.iter().map(|rule| {
            let severity = rule.rule.severity.name();
            json!({"id": rule.id(), "severity": severity, "title": rule.rule.title, "pack": rule.pack})
        });
        serde_json::to_writer_pretty(&mut out, &rows.collect::<Vec<_>>())?;
        writeln!(out)?;
    } else {
        if rules.is_empty() {
            eprintln!("guard: no rule has all of that\n\nhint: guard rules list");
        }
        let width = rules.iter().map(|rule| rule.id().chars().count()).max().unwrap_or(0);
        for rule in &rules {
            let severity = rule.rule.severity.name();
            writeln!(out, "{:<width$}  {severity:<12}  {}", safe(&rule.id()), safe(&rule.rule.title))?;
        }
    }
    Ok(Exit::Done.into())
}

fn show(id: &str) -> anyhow::Result<Status> {
    let book = in_force()?;
    let former = || book.all_rules().into_iter().find(|rule| rule.was_called(id));
    let Some(rule) = book.rule(id).or_else(former) else {
        bail!(no_rule(id, &book));
    };
    let mut out = io::stdout().lock();
    let paint = Paint::choose(When::Auto, out.is_terminal());
    write!(out, "{}", docs::terminal_page(&rule, COLUMNS, paint))?;
    Ok(Exit::Done.into())
}

/// Returns what a person is told who names a rule that does not exist.
pub(super) fn no_rule(id: &str, book: &Rulebook) -> String {
    let ids: Vec<String> = book.all_rules().iter().map(|rule| rule.id()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let pack = id.split('/').next().unwrap_or_default();
    match nearest(id, &ids) {
        Some(near) => format!("there is no rule `{}`; did you mean `{near}`?", safe(id)),
        None => {
            format!("there is no rule `{}`\n\nhint: guard rules list {}", safe(id), shell_words::quote(pack))
        }
    }
}

fn lint_files(files: &[PathBuf]) -> anyhow::Result<Status> {
    let mut book = Rulebook::builtin();
    if files.is_empty() {
        // They were checked when they were built in, as everything here is.
        in_order(book.packs().len(), book.all_rules().len());
        return Ok(Exit::Done.into());
    }
    match read_into(&mut book, files)? {
        Ok(sources) => {
            in_order(sources.len(), sources.iter().map(|source| source.pack.rules.len()).sum());
            Ok(Exit::Done.into())
        }
        Err(errors) => report(&errors),
    }
}

fn in_order(packs: usize, rules: usize) {
    println!("in order: {}, {}", count(packs, "pack"), count(rules, "rule"));
}

/// Reads and checks pack files and puts them into `book`, each in the place of the pack of its name.
fn read_into(book: &mut Rulebook, files: &[PathBuf]) -> anyhow::Result<Result<Vec<Source>, Vec<PackError>>> {
    let text = |path: &PathBuf| {
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    let files: Vec<(String, String)> = files.iter().map(text).collect::<anyhow::Result<_>>()?;
    Ok(lint::read_all(&files, &|name| book.program(name)).and_then(|sources| {
        let errors: Vec<_> = sources.iter().filter_map(|source| book.try_out(source).err()).collect();
        if errors.is_empty() { Ok(sources) } else { Err(errors) }
    }))
}

fn report(errors: &[PackError]) -> anyhow::Result<Status> {
    let mut out = io::stderr().lock();
    for error in errors {
        writeln!(out, "{}", safe_lines(&error.to_string()))?;
    }
    writeln!(out, "{} to mend", count(errors.len(), "fault"))?;
    Ok(Exit::Failed.into())
}

fn count(number: usize, what: &str) -> String {
    so_many(number as u64, what)
}

fn test(args: &TestArgs) -> anyhow::Result<Status> {
    let begun = Instant::now();
    let mut book = Rulebook::builtin();
    let sources = if args.files.is_empty() {
        book.packs().iter().filter_map(|head| book.pack(&head.pack)).map(Source::built_in).collect()
    } else {
        match read_into(&mut book, &args.files)? {
            Ok(sources) => sources,
            Err(errors) => return report(&errors),
        }
    };
    let effort = Effort { disguises: args.disguise, mutants: true };
    let outcome = examples::check(&sources, &book, &judge, effort);
    let mut out = io::stdout().lock();
    let shown = if args.all { usize::MAX } else { SHOWN };
    for failure in outcome.failures.iter().take(shown) {
        writeln!(out, "{}", safe(&failure.to_string()))?;
    }
    let hidden = outcome.failures.len().saturating_sub(shown);
    if hidden > 0 {
        writeln!(out, "and {hidden} more (--all)")?;
    }
    let rules = count(outcome.rules, "rule");
    let commands = count(outcome.commands, "command");
    let failures = count(outcome.failures.len(), "failure");
    writeln!(out, "{rules}, {commands}, {failures}, {:.1} s", begun.elapsed().as_secs_f32())?;
    Ok(if outcome.failures.is_empty() { Exit::Done.into() } else { Exit::Failed.into() })
}

fn write_docs(out: Option<&Path>) -> anyhow::Result<Status> {
    let book = in_force()?;
    let pages = || book.packs().into_iter().filter(|head| !head.rules.is_empty());
    let Some(folder) = out else {
        let mut out = io::stdout().lock();
        for head in pages() {
            write!(out, "{}", docs::pack_page(&book, &head))?;
        }
        return Ok(Exit::Done.into());
    };
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    write("index.md", docs::index_page(&book))?;
    for head in pages() {
        write(&format!("{}.md", head.pack), docs::pack_page(&book, &head))?;
    }
    Ok(Exit::Done.into())
}

fn new_pack(name: &str) -> anyhow::Result<Status> {
    if !lint::text::kebab(name) {
        bail!("`{name}` is not a pack's name: small letters, digits and hyphens");
    }
    print!("{}", template(name));
    Ok(Exit::Done.into())
}

/// Returns a valid pack to start from.
fn template(name: &str) -> String {
    include_str!("new-pack.yaml").replace("NAME", name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn the_starting_pack_is_in_order() {
        holds("fly-io.yaml", &template("fly-io"));
    }

    #[test]
    fn the_pack_in_the_manual_is_in_order() {
        let manual = include_str!("../../docs/rule-format.md");
        let (_, after) = manual.split_once("```yaml\n").unwrap();
        let (pack, _) = after.split_once("```").unwrap();
        holds("shopctl.yaml", pack);
    }

    /// Refuses a pack that lint would, or whose examples do not hold beside the built-in packs.
    fn holds(path: &str, text: &str) {
        let mut book = Rulebook::builtin();
        let sources = match lint::read_all(&[(path.to_owned(), text.to_owned())], &|name| book.program(name))
        {
            Ok(sources) => sources,
            Err(errors) => panic!("{}", errors[0]),
        };
        book.try_out(&sources[0]).unwrap();
        let effort = Effort { disguises: true, mutants: true };
        let outcome = examples::check(&sources, &book, &judge, effort);
        assert_eq!(outcome.failures.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn the_manual_names_every_key() {
        let manual = include_str!("../../docs/rule-format.md");
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../rules/schema.json")).unwrap();
        let types = schema["$defs"].as_object().unwrap().values().chain([&schema]);
        let missing: Vec<&String> = types
            .filter_map(|schema| schema["properties"].as_object())
            .flat_map(|properties| properties.keys())
            .filter(|key| !["`", ": true`"].iter().any(|end| manual.contains(&format!("`{key}{end}"))))
            .filter(|key| !manual.contains(&format!("`{key}:")))
            .collect();
        assert_eq!(missing, [""; 0]);
    }
}
