//! `guard freeze`: stops everything that a person would be asked about, until a person lifts it.

use anyhow::{Result, anyhow};
use clap::Args;

use super::install::agreed;
use crate::confirm::freeze;
use crate::confirm::tty::Terminal;
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::record::{Book, default_path};
use crate::text::{Paint, safe, so_many};

/// What is typed to lift a freeze.
const LIFT: &str = "lift the freeze";

/// Options of `guard freeze`.
#[derive(Args, Debug)]
pub struct FreezeArgs {
    /// Why; every refusal shows it
    #[arg(value_name = "WHY", default_value = "", hide_default_value = true, conflicts_with = "lift")]
    why: String,
    /// Lift the freeze, so that commands are asked about again; only a person can
    #[arg(long)]
    lift: bool,
}

/// Runs `guard freeze`.
pub(super) fn run(args: FreezeArgs) -> Result<Status> {
    let book = Book::at(default_path(env_vars::get));
    if args.lift {
        return lift(&book).map(Into::into);
    }
    let (frozen, refused) = freeze::freeze(args.why.trim(), env_vars::get).map_err(|why| anyhow!(why))?;
    book.frozen(&frozen.description());
    println!("{}", safe(&frozen.description()));
    let refused = u64::try_from(refused).unwrap_or(u64::MAX);
    let were = if refused == 1 { "was" } else { "were" };
    println!(
        "nothing that would be asked about runs; {} {were} refused",
        so_many(refused, "waiting question")
    );
    println!("\nhint: a person lifts it, at a terminal of their own: guard freeze --lift");
    Ok(Exit::Done.into())
}

fn lift(book: &Book) -> Result<Exit> {
    let Some(frozen) = freeze::in_force(env_vars::get) else {
        println!("nothing is frozen");
        return Ok(Exit::Done);
    };
    let by = match freeze::may_lift() {
        Ok(by) => by,
        Err(why) => {
            eprintln!("guard: this terminal cannot lift the freeze: {why}");
            return Ok(Exit::NeedsPerson);
        }
    };
    let text = format!("guard is {}.\n", safe(&frozen.description()));
    let question = |_: usize| format!("{text}\nTo let commands be asked about again, type   {LIFT}\n\n");
    if let Some(exit) = agreed(&question, LIFT, &text, "guard freeze --lift") {
        return Ok(exit);
    }
    let mut terminal = Terminal::new(Paint::PLAIN);
    let by = match freeze::prove(by, &mut terminal, env_vars::get) {
        Ok(by) => by,
        Err(why) => {
            eprintln!("guard: {why}; it is still frozen");
            return Ok(Exit::Refused);
        }
    };
    freeze::lift(env_vars::get).map_err(|why| anyhow!("it is still {why}"))?;
    let who = by.secret.or(by.user).map_or_else(String::new, |who| format!(" by {who}"));
    book.frozen(&format!("lifted{who}: {}", frozen.description()));
    println!("commands are asked about again");
    Ok(Exit::Done)
}
