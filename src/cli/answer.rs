//! `guard watch`, `guard pending`, `guard approve` and `guard deny`: the questions that wait, and answering
//! them.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anyhow::anyhow;
use clap::Args;

use super::log::columns;
use crate::confirm::elsewhere::{self, Kept, Reply, Request, Store};
use crate::confirm::tty::Terminal;
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::proof::{self, Order};
use crate::proposal::Environment;
use crate::record::Book;
use crate::text::minutes;
use crate::text::{Paint, When, ellipsize, safe, safe_lines};

/// The indentation of the lines below a code.
const INDENT: usize = 8;

/// Options of `guard pending`.
#[derive(Args, Debug)]
pub struct PendingArgs {
    /// Print each question as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Options of `guard approve`.
#[derive(Args, Debug)]
pub struct ApproveArgs {
    /// The question's code
    #[arg(value_name = "CODE", required_unless_present = "enroll", conflicts_with = "enroll")]
    code: Option<String>,
    /// Set the passphrase by which guard knows you, instead of answering
    #[arg(long)]
    enroll: bool,
    /// Enroll one-time codes instead, which an authenticator makes
    #[arg(long, requires = "enroll")]
    codes: bool,
    /// Change what is enrolled; takes the old one
    #[arg(long, requires = "enroll")]
    replace: bool,
    /// Enroll somebody other than this account's user
    #[arg(long = "as", value_name = "NAME", requires = "enroll", value_parser = name)]
    whom: Option<String>,
    /// Enroll for everybody on this machine, in /etc/guard; takes root
    #[arg(long, requires_all = ["enroll", "whom"])]
    system: bool,
}

/// Options of `guard deny`.
#[derive(Args, Debug)]
pub struct DenyArgs {
    /// The question's code
    #[arg(value_name = "CODE")]
    code: String,
    /// Why; passed on to whoever asked
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,
}

/// Runs `guard pending`.
pub(super) fn pending(args: PendingArgs) -> anyhow::Result<Status> {
    let requests = store()?.waiting();
    let mut out = io::stdout().lock();
    if args.json {
        for request in &requests {
            writeln!(out, "{}", request.as_json())?;
        }
    } else {
        out.write_all(listed(&requests, columns(out.is_terminal())).as_bytes())?;
    }
    Ok(Exit::Done.into())
}

/// Returns the questions that wait as a person reads them, at most so many columns wide.
fn listed(requests: &[Request], columns: Option<usize>) -> String {
    if requests.is_empty() {
        return "nothing waits for a person\n".to_owned();
    }
    let mut text = String::new();
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(INDENT).max(20));
    for request in requests {
        let question = &request.question;
        let (rule, severity) = question
            .rules
            .first()
            .map_or(("not read".to_owned(), ""), |rule| (safe(&rule.id).into_owned(), rule.severity.name()));
        let left = minutes(request.left());
        let _ = writeln!(text, "{}  {left:>5} left  {rule} {severity}", request.code);
        let asked_by = format!("asked by {}", safe(&question.asked_by));
        for line in [safe(&question.command), asked_by.into()] {
            let _ = writeln!(text, "{:INDENT$}{}", "", ellipsize(&line, room));
        }
    }
    text + "\nhint: guard approve CODE shows the whole question; guard deny CODE refuses\n"
}

/// Runs `guard watch`.
#[cfg(target_os = "linux")]
pub(super) fn watch() -> anyhow::Result<Status> {
    if env_vars::get(env_vars::TERM).is_none_or(|term| term == "dumb") {
        return Err(anyhow!("this terminal cannot be drawn on\n\nhint: guard pending"));
    }
    let paint = Paint::choose(When::Auto, true);
    crate::confirm::watch::watch(&book(), paint).map_err(|why| anyhow!("{why}\n\nhint: guard pending"))?;
    Ok(Exit::Done.into())
}

/// Runs `guard watch` on a system that does not report when a question comes.
#[cfg(not(target_os = "linux"))]
pub(super) fn watch() -> anyhow::Result<Status> {
    Err(anyhow!("this system does not tell when a question comes\n\nhint: guard pending"))
}

/// Runs `guard approve`.
pub(super) fn approve(args: ApproveArgs) -> anyhow::Result<Status> {
    let mut terminal = Terminal::new(Paint::choose(When::Auto, io::stderr().is_terminal()));
    let Some(code) = &args.code else { return enroll(args, &mut terminal) };
    let store = store()?;
    let request = find(&store, code)?;
    let reply = elsewhere::approve(&store, &request, &mut terminal, &book()).map_err(told)?;
    let reply = match reply {
        Reply::Kept(mut kept) => loop {
            tell_kept(&kept);
            match kept.wait(&store).map_err(told)? {
                // It was reported already.
                Some(Reply::Allowed) if kept.is_vouching() => return Ok(Exit::Done.into()),
                Some(reply) => break reply,
                None => {}
            }
        },
        reply => reply,
    };
    Ok(tell(&reply, &request))
}

/// Runs `guard approve --enroll`.
fn enroll(args: ApproveArgs, terminal: &mut Terminal) -> anyhow::Result<Status> {
    let by = elsewhere::alone()
        .map_err(|why| anyhow!("this terminal cannot enroll anybody: {why}; nothing was enrolled"))?;
    let whom = args
        .whom
        .or_else(|| by.user.clone())
        .ok_or_else(|| anyhow!("say whose secret it is, with --as NAME"))?;
    let order = Order { name: whom, codes: args.codes, replace: args.replace, system: args.system };
    let book = book();
    // Before it holds: what cannot be put on record must not be.
    let on_record = |what: &str| book.enrolled(what, &by).map_err(|error| error.to_string());
    proof::enroll(&order, env_vars::get, terminal, &on_record)
        .map_err(|why| anyhow!("{why}; nothing was enrolled"))?;
    println!("guard: the {} is enrolled; it is asked for from now on", order.what());
    println!("\nhint: docs/policy.md says for what (usual: catastrophic), and how to change that");
    Ok(Exit::Done.into())
}

/// Reads the name of a person, as the ledger and an authenticator will show it.
fn name(text: &str) -> Result<String, String> {
    let fits = (1..=40).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || "-_.@ ".contains(c));
    if fits { Ok(text.to_owned()) } else { Err("expected a name of letters, digits and -_.@".to_owned()) }
}

/// Runs `guard deny`.
pub(super) fn deny(args: DenyArgs) -> anyhow::Result<Status> {
    let store = store()?;
    let request = find(&store, &args.code)?;
    let reply = elsewhere::deny(&store, &request, args.because.trim(), &book()).map_err(told)?;
    Ok(tell(&reply, &request))
}

fn tell_kept(kept: &Kept) {
    let (code, left) = (&kept.request().code, minutes(kept.left()));
    if kept.is_vouching() {
        println!(
            "guard: {code} allowed; it runs where it was asked\n\
             guard: this stays for {left}, so that no shim asks again about the same command. Ctrl-C ends it."
        );
    } else if kept.is_first_of_two() {
        println!(
            "guard: the answer stands, and a second person has to answer too: guard approve {code}\n\
             guard: it counts for as long as this waits, at most {left}. Ctrl-C takes it back."
        );
    } else {
        println!(
            "guard: nobody waits for the answer just now. It is kept here for {left}, for one run of the same command.\n\
             guard: Ctrl-C takes it back."
        );
    }
}

fn tell(reply: &Reply, request: &Request) -> Status {
    let (what, exit) = match reply {
        Reply::Allowed => ("allowed; it runs where it was asked", Exit::Done),
        Reply::Denied => ("denied; it does not run", Exit::Done),
        Reply::Kept(_) | Reply::Expired => ("nobody came for the answer; nothing was run", Exit::Failed),
    };
    println!("guard: {} {what}", request.code);
    exit.into()
}

fn store() -> anyhow::Result<Store> {
    Store::open(env_vars::get).map_err(told)
}

fn find(store: &Store, code: &str) -> anyhow::Result<Request> {
    store.find(code).map_err(|why| anyhow!("{}\n\nhint: guard pending", safe_lines(&why)))
}

fn book() -> Book {
    Book::of_environment(&Environment::inherited())
}

fn told(why: String) -> anyhow::Error {
    anyhow!(why)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use regex::Regex;

    fn listed_at(columns: usize) -> String {
        let requests = ["3FCCTD", "KTM4RX"].map(Request::example);
        // Some time may have gone by since.
        let left = Regex::new("1[0-5]:[0-9]{2} left").unwrap();
        left.replace_all(&listed(&requests, Some(columns)), "15:00 left").into_owned()
    }

    #[test]
    fn what_waits_at_60_columns() {
        assert_snapshot!(listed_at(60));
    }

    #[test]
    fn what_waits_at_100_columns() {
        assert_snapshot!(listed_at(100));
    }
}
