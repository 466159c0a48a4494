//! Hands a credential to a command that a person lets run: which program would get it, and when none does.
//!
//! It goes only to a command that is the tool and nothing else, because everything else that a shell runs
//! would get it too. If anything could put other code into the tool, such as a variable or another program of
//! its name, the credential is withheld; the question says so and the command then runs without it. The
//! credential itself is opened by whoever types the passphrase (see [`crate::proof`]), and is in the
//! environment of the tool alone.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::ancestry;
use crate::decide::Challenge;
use crate::decide::policy::keys::Grant;
use crate::decide::question::Handed;
use crate::parse::script::{
    Assignment, Command, CommandKind, Operation, Part, Redirect, RedirectKind, Value, Word,
};
use crate::parse::{Dialect, parse};
use crate::place::Place;
use crate::place::kinds;
use crate::proof;
use crate::proposal::{Form, Origin, Proposal};
use crate::resolve::action::Site;
use crate::rulebook::format::PathKind;
use crate::run;

/// Adds to a question which credentials the command gets once it is allowed, and which it does not.
pub fn tell(challenge: &mut Challenge, place: &Place<'_>) {
    let grants = challenge.grants().to_vec();
    if grants.is_empty() {
        return;
    }
    let variable = |name: &str| place.environment.get(name).map(ToOwned::to_owned);
    let kept = proof::kept(variable);
    let (mut handed, mut withheld) = (Vec::new(), Vec::new());
    for grant in grants {
        let is_kept = match &kept {
            Ok(kept) if kept.iter().any(|(name, _)| *name == grant.key) => Ok(()),
            Ok(_) => Err(format!("guard keeps none; add it with: guard keys add {}", grant.key)),
            Err(why) => Err(why.clone()),
        };
        match is_kept.and_then(|()| receiver(&grant, challenge.proposal(), place)) {
            Ok(program) => handed.push(Handed {
                key: grant.key,
                variable: grant.variable,
                program: program.display().to_string(),
            }),
            Err(why) => withheld.push(format!("the key {} is not handed over: {why}", grant.key)),
        }
    }
    challenge.hand(handed, withheld);
}

/// Returns the program that would get a credential.
fn receiver(grant: &Grant, proposal: &Proposal, place: &Place<'_>) -> Result<PathBuf, String> {
    let word = called(proposal)?;
    let function = format!("BASH_FUNC_{}%%", word.to_string_lossy());
    let alters = |name: &str| ancestry::puts_code(name) || name == function;
    if let Some((name, _)) = place.environment.iter().find(|(name, _)| alters(&name.to_string_lossy())) {
        return Err(format!("{} may put other code into the tool", name.to_string_lossy()));
    }
    let found =
        run::find(&word, place.environment.get(crate::env_vars::PATH)).map_err(|error| error.to_string())?;
    let found = place.cwd.join(found);
    let named = Path::new(&grant.tool);
    if named.is_absolute() {
        let same = place.canonical(&found).is_some_and(|real| place.canonical(named) == Some(real));
        return if same {
            Ok(found)
        } else {
            Err(format!("policy names {}, and {} would run", grant.tool, found.display()))
        };
    }
    if found.file_name() != Some(named.as_os_str()) {
        return Err(format!("the command is not {} alone", grant.tool));
    }
    let site = Site::here(&place.cwd);
    let path = found.display().to_string();
    if kinds::is_any(&path, &[PathKind::InsideProject, PathKind::Temporary], &site, place).is_possible() {
        return Err(format!("{path} is the project's, or in a temporary directory"));
    }
    Ok(found)
}

/// Returns the word with which a command calls its one program.
fn called(proposal: &Proposal) -> Result<OsString, String> {
    let is_run_here =
        matches!(proposal.origin, Origin::Exec | Origin::Shim { .. }) && proposal.carrier.is_none();
    if !is_run_here {
        return Err(
            "the agent's own shell would have it too; it goes to what guard exec or a shim runs".to_owned()
        );
    }
    match &proposal.form {
        Form::Argv(words) => words.first().cloned(),
        Form::Shell { text, dialect } => text.to_str().and_then(|text| alone(text, *dialect)).map(Into::into),
    }
    .ok_or_else(|| "the command does more than to call the tool; run that alone".to_owned())
}

/// Returns the program of a text that calls one program and does nothing else.
fn alone(text: &str, dialect: Dialect) -> Option<String> {
    let parsed = parse(text, dialect);
    let ([Command { kind: CommandKind::Simple { assignments, words }, redirects, .. }], []) =
        (parsed.script.commands.as_slice(), parsed.gaps.as_slice())
    else {
        return None;
    };
    let calls_only =
        words.iter().all(is_plain) && redirects.iter().all(is_quiet) && assignments.iter().all(is_setting);
    match words.first()?.parts.as_slice() {
        [Part::Text { text, .. }] if calls_only => Some(text.clone()),
        _ => None,
    }
}

/// Returns whether expanding a word runs nothing.
fn is_plain(word: &Word) -> bool {
    let plain = |part: &Part| {
        let variable = matches!(part, Part::Parameter { operation: Operation::None, index: None, .. });
        variable || matches!(part, Part::Text { .. })
    };
    word.parts.iter().all(plain)
}

fn is_quiet(redirect: &Redirect) -> bool {
    let (RedirectKind::Read(word)
    | RedirectKind::Write(word)
    | RedirectKind::Append(word)
    | RedirectKind::ReadWrite(word)
    | RedirectKind::HereDocument(word)
    | RedirectKind::HereString(word)
    | RedirectKind::Duplicate(word)) = &redirect.kind;
    is_plain(word)
}

/// Returns whether a variable before the program only passes it a value, and cannot turn it into something
/// else.
fn is_setting(assignment: &Assignment) -> bool {
    let leads = ancestry::puts_code(&assignment.name) || assignment.name == crate::env_vars::PATH;
    !leads && assignment.index.is_none() && matches!(&assignment.value, Value::Scalar(word) if is_plain(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(alone(text, Dialect::Bash).as_deref(), expect, "{text}");
    }

    #[test]
    fn a_command_that_is_the_tool_alone() {
        check("railway down --yes", Some("railway"));
        check("'railway' down 2>&1", Some("railway"));
        check("PGHOST=db psql -c 'drop table x' > out.txt", Some("psql"));
        check(
            "curl -X DELETE -H \"Authorization: Bearer $TOKEN\" https://api.example.com/v1/x",
            Some("curl"),
        );
        check("psql <<'END'\ndrop table x;\nEND", Some("psql"));
    }

    #[test]
    fn a_command_that_could_show_what_it_gets() {
        for text in [
            "railway down; env",
            "railway down && set",
            "railway down | tee log",
            "railway down &\nexport -p",
            "railway down $(env)",
            "railway down \"`env`\"",
            "railway down < <(declare -p)",
            "railway down > >(cat)",
            "railway down ${x:-$(env)}",
            "railway down ${!x}",
            "(railway down)",
            "f() { env; }; railway down",
            "PATH=/tmp/evil railway down",
            "LD_PRELOAD=/tmp/evil.so railway down",
            "X=$(env) railway down",
            "$tool down",
            "X=1",
            "railway down 'unclosed",
            "",
        ] {
            check(text, None);
        }
    }
}
