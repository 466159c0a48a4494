//! `guard keys add` and `guard keys remove`: the credentials that guard keeps, and those that are listed.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Subcommand;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::confirm::elsewhere;
use crate::confirm::tty::Terminal;
use crate::decide::policy::Policy;
use crate::env_vars;
use crate::exit::Exit;
use crate::proof::{self, Change};
use crate::proposal::Environment;
use crate::record::Book;
use crate::secret::LONGEST;
use crate::text::{Paint, When};

/// What is done with a credential that guard keeps.
#[derive(Debug, Subcommand)]
pub enum Keeping {
    /// Have guard keep a credential, sealed under your passphrase
    Add {
        /// What policy calls it
        #[arg(value_parser = name)]
        name: String,
        /// Read it from a file instead of the terminal
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Have guard forget one
    Remove {
        /// What policy calls it
        #[arg(value_parser = name)]
        name: String,
    },
}

/// A credential that guard keeps.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    pub name: String,
    /// By whose passphrase it is opened.
    pub of: String,
    /// What policy gives it to; empty where it says nothing.
    pub gets: Vec<String>,
}

/// Runs `guard keys add` and `guard keys remove`.
pub(super) fn run(order: &Keeping) -> Result<Exit> {
    let by = elsewhere::alone()
        .map_err(|why| anyhow!("this terminal cannot change keys: {why}; nothing was changed"))?;
    let (name, change) = match order {
        Keeping::Add { name, from } => (name, Change::Add(from.as_deref().map(read).transpose()?)),
        Keeping::Remove { name } => (name, Change::Remove),
    };
    let book = Book::of_environment(&Environment::inherited());
    // Recorded before it takes effect: what cannot be recorded must not happen.
    let on_record = |what: &str| book.enrolled(what, &by).map_err(|error| error.to_string());
    let mut terminal = Terminal::new(Paint::choose(When::Auto, std::io::stderr().is_terminal()));
    proof::change(name, change, env_vars::get, &mut terminal, &on_record)
        .map_err(|why| anyhow!("{why}; nothing was changed"))?;
    match order {
        Keeping::Add { from, .. } => {
            println!("guard: {name} is kept; policy says to whom it goes, under `keys`");
            println!(
                "\nhint: take it out of {}, and give the agent one that can only read",
                place(from.as_deref())
            );
        }
        Keeping::Remove { .. } => println!("guard: {name} is no longer kept"),
    }
    Ok(Exit::Done)
}

fn place(from: Option<&Path>) -> String {
    from.map_or("the environment and every file".to_owned(), |file| file.display().to_string())
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let shown = || file.display().to_string();
    let mut credential = Zeroizing::new(Vec::with_capacity(LONGEST + 2));
    let longest = u64::try_from(LONGEST + 2).unwrap_or_default();
    File::open(file).and_then(|file| file.take(longest).read_to_end(&mut credential)).with_context(shown)?;
    proof::whole(credential).map_err(|why| anyhow!("{}: {why}", shown()))
}

/// Reads the name of a credential.
fn name(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fits { Ok(text.to_owned()) } else { Err("expected a name of letters, digits and -_.".to_owned()) }
}

/// Returns the credentials that guard keeps, with those that policy names and nobody has added.
pub(super) fn kept(policy: &Policy) -> Result<Vec<Kept>> {
    let kept = proof::kept(env_vars::get).map_err(|why| anyhow!(why))?;
    let entry = |(name, of): (String, String)| Kept { gets: gets(policy, &name), name, of };
    Ok(kept.into_iter().map(entry).collect())
}

/// Returns what policy gives a credential to, one line each.
fn gets(policy: &Policy, name: &str) -> Vec<String> {
    let keys = policy.own_files().filter_map(|file| file.keys.get(name));
    keys.map(|key| {
        let places = key.environments.join(", ");
        let places = if places.is_empty() { "everywhere".to_owned() } else { format!("in {places}") };
        let severity = format!("{:?}", key.at).to_lowercase();
        format!("{} gets it as {}, {places}, for what is {severity} or worse", key.tool, key.variable)
    })
    .collect()
}
