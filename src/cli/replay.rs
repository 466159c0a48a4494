//! `guard replay`: the past, judged as it would be judged today.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;

use super::log::columns;
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::record;
use crate::replay::{self, Found, Hit, Summary};
use crate::text::{Paint, When, ellipsize, safe, safe_os, so_many};

/// Options of `guard replay`.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// Transcripts of agents, shell histories or guard's ledgers [default: what is found on this machine]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the whole result as JSON
    #[arg(long)]
    json: bool,
    /// How many of the worst commands to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    worst: usize,
}

/// Runs `guard replay`.
pub(super) fn run(args: ReplayArgs) -> anyhow::Result<Status> {
    let files = if args.files.is_empty() { found(args.json)? } else { args.files };
    let summary =
        replay::replay(&files).map_err(|error| anyhow!("{}\n\nhint: {}", error.message, error.hint))?;
    let out = io::stdout();
    let terminal = out.is_terminal();
    for (path, why) in &summary.failed {
        eprintln!("guard: {}: {}", safe_os(path.as_os_str()), safe(why));
    }
    let mut out = out.lock();
    let shown = if args.json {
        serde_json::to_writer(&mut out, &json(&summary, args.worst))
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
    } else {
        let page = Page {
            paint: Paint::choose(When::Auto, terminal),
            columns: columns(terminal),
            worst: args.worst,
        };
        page.print(&summary, &mut out)
    };
    match shown {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ if summary.files.is_empty() => Ok(Exit::Failed.into()),
        _ => Ok(Exit::Done.into()),
    }
}

/// Returns what is found on this machine, and prints what that is.
fn found(quiet: bool) -> anyhow::Result<Vec<PathBuf>> {
    let home = env_vars::get(env_vars::HOME).map(PathBuf::from).ok_or_else(|| anyhow!("HOME is not set"))?;
    let found = replay::found_here(&home, record::default_path(env_vars::get).as_deref());
    if found.is_empty() {
        return Err(anyhow!(
            "there are no transcripts of agents and no shell history in {}\n\nhint: guard replay FILE",
            safe_os(home.as_os_str())
        ));
    }
    for Found { what, files } in found.iter().filter(|_| !quiet) {
        let count = if files.len() == 1 { String::new() } else { format!("{} files, ", files.len()) };
        let first = files.first().map(|path| safe_os(path.as_os_str())).unwrap_or_default();
        eprintln!("guard: reading {what}: {count}{first}");
    }
    Ok(found.into_iter().flat_map(|found| found.files).collect())
}

struct Page {
    paint: Paint,
    columns: Option<usize>,
    worst: usize,
}

impl Page {
    fn print(&self, summary: &Summary, out: &mut impl Write) -> io::Result<()> {
        let Summary { commands, asked, refused, .. } = summary;
        writeln!(
            out,
            "{} in {}: {} asked about ({}), {} refused",
            so_many(*commands as u64, "command"),
            so_many(summary.files.len() as u64, "file"),
            self.paint.bold(&asked.to_string()),
            share(*asked, *commands),
            self.paint.bold(&refused.to_string()),
        )?;
        if summary.made_up > 0 {
            writeln!(
                out,
                "{} of them judged in a made-up project: the file records no directory, or it no longer exists",
                summary.made_up
            )?;
        }
        if summary.unread > 0 {
            writeln!(
                out,
                "{} of the files not understood and skipped",
                so_many(summary.unread as u64, "line")
            )?;
        }
        let mut rules: Vec<_> = summary.rules.iter().collect();
        rules.sort_by(|(one, a), (other, b)| (b.2, *one).cmp(&(a.2, *other)));
        let widest = rules.iter().map(|(id, _)| id.chars().count()).max().unwrap_or(0);
        if !rules.is_empty() {
            writeln!(out, "\n{}", self.paint.dim("count    share  rule"))?;
        }
        for (id, (title, severity, times)) in rules {
            let (name, title) = (severity.name(), safe(title));
            let share = share(*times, *commands);
            writeln!(out, "{times:5}  {share:>7}  {:widest$}  {name:12}  {title}", safe(id))?;
        }
        let worst: Vec<&Hit> = summary.worst().take(self.worst).collect();
        if !worst.is_empty() {
            writeln!(out, "\n{}", self.paint.dim("the worst"))?;
        }
        worst.into_iter().try_for_each(|hit| self.hit(hit, out))
    }

    fn hit(&self, hit: &Hit, out: &mut impl Write) -> io::Result<()> {
        let times = if hit.count > 1 { format!(", {} times", hit.count) } else { String::new() };
        let refused = if hit.refused { ", refused" } else { "" };
        writeln!(out, "{}  {}{refused}{times}", self.paint.red(hit.severity.name()), safe(&hit.rule))?;
        let room = self.columns.map_or(usize::MAX, |columns| columns.saturating_sub(2).max(20));
        writeln!(out, "  {}", ellipsize(&safe(&hit.command), room))?;
        writeln!(out, "  {}", self.paint.dim(&place(&hit.file, hit.line)))
    }
}

fn place(file: &Path, line: u64) -> String {
    format!("{}:{line}", safe_os(file.as_os_str()))
}

/// Returns a share as people read it: `0.34 %`.
#[allow(clippy::cast_precision_loss, reason = "two digits are shown")]
fn share(part: usize, of: usize) -> String {
    if of == 0 { "0 %".to_owned() } else { format!("{:.2} %", part as f64 * 100.0 / of as f64) }
}

fn json(summary: &Summary, worst: usize) -> serde_json::Value {
    let file = |(path, kind, commands): &(PathBuf, &str, usize)| serde_json::json!({"path": path.to_string_lossy(), "kind": kind, "commands": commands});
    let failed =
        |(path, why): &(PathBuf, String)| serde_json::json!({"path": path.to_string_lossy(), "why": why});
    let rule = |(id, (title, severity, count)): (
        &String,
        &(String, crate::rulebook::format::Severity, usize),
    )| {
        serde_json::json!({"rule": id, "title": title, "severity": severity, "count": count})
    };
    let hit = |hit: &Hit| {
        serde_json::json!({
            "command": hit.command, "rule": hit.rule, "severity": hit.severity, "refused": hit.refused,
            "file": hit.file.to_string_lossy(), "line": hit.line, "count": hit.count,
            "cwd": hit.cwd.as_ref().map(|cwd| cwd.to_string_lossy()),
        })
    };
    serde_json::json!({
        "commands": summary.commands, "asked": summary.asked, "refused": summary.refused,
        "made_up": summary.made_up, "not_understood": summary.unread,
        "files": summary.files.iter().map(file).collect::<Vec<_>>(),
        "failed": summary.failed.iter().map(failed).collect::<Vec<_>>(),
        "rules": summary.rules.iter().map(rule).collect::<Vec<_>>(),
        "worst": summary.worst().take(worst).map(hit).collect::<Vec<_>>(),
    })
}
