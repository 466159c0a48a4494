//! Checks of `rules:`.

use std::collections::BTreeSet;

use super::super::format::{
    CallClause, Clause, HttpClause, Pack, Pattern, Program, Rule, SqlClause, WriteClause,
};
use super::super::index::Grammar;
use super::grammar::canonical_word;
use super::text::{LANGUAGES, glob_fault, kebab, pattern_fault, slots};
use super::{Faults, Known};
use crate::glob::Glob;

/// The methods of HTTP and WebDAV.
const METHODS: &[&str] = &[
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "COPY", "MOVE", "MKCOL", "PURGE", "LINK",
    "UNLINK",
];

pub(super) fn check(pack: &Pack, known: &Known<'_>, faults: &mut Faults) {
    let mut ids = BTreeSet::new();
    for (index, rule) in pack.rules.iter().enumerate() {
        let at = format!("rules/{index}");
        faults.check(format!("{at}/id"), kebab(&rule.id), || {
            format!("`{}` is not kebab-case: `volume-delete`", rule.id)
        });
        faults
            .check(format!("{at}/id"), ids.insert(&rule.id), || format!("there are two rules `{}`", rule.id));
        faults.check(format!("{at}/when"), !rule.when.is_empty(), || {
            format!("`{}` has no clause, so it can never stop anything", rule.id)
        });
        let rule = Checked { rule, known };
        for (index, clause) in rule.rule.when.iter().enumerate() {
            rule.danger(&format!("{at}/when/{index}"), clause, faults);
        }
        for (index, clause) in rule.rule.unless.iter().enumerate() {
            rule.exception(&format!("{at}/unless/{index}"), clause, faults);
        }
        rule.confirm(&format!("{at}/confirm"), faults);
    }
}

struct Checked<'a> {
    rule: &'a Rule,
    known: &'a Known<'a>,
}

impl Checked<'_> {
    fn danger(&self, at: &str, clause: &Clause, faults: &mut Faults) {
        let anchored = !clause.run.is_empty()
            || clause.sql.is_some()
            || clause.http.is_some()
            || clause.writes.is_some()
            || clause.call.is_some()
            || !clause.mentions.is_empty()
            || !clause.environment.is_empty();
        faults.check(at, anchored, || {
            "a clause needs one of run, sql, http, writes, call, mentions and environment".to_owned()
        });
        let kinds = [
            clause.sql.is_some(),
            clause.http.is_some(),
            clause.writes.is_some(),
            clause.call.is_some(),
            !clause.mentions.is_empty(),
            // `run` beside `sql` says whose SQL.
            !clause.run.is_empty() && clause.sql.is_none(),
        ];
        faults.check(at, kinds.iter().filter(|kind| **kind).count() <= 1, || {
            "one clause speaks of one kind of thing: give http, writes, call, mentions and run a clause each"
                .to_owned()
        });
        faults.check(format!("{at}/because"), clause.because.is_none(), || {
            "`because` belongs to an exception in `unless`".to_owned()
        });
        let loose = clause.run.is_empty() && clause.call.is_none() && looks_at_words(clause);
        faults
            .check(at, !loose, || "options and operands are those of a program: `run` is missing".to_owned());
        self.clause(at, clause, faults);
    }

    fn exception(&self, at: &str, clause: &Clause, faults: &mut Faults) {
        let because = clause.because.as_deref().unwrap_or_default();
        faults
            .check(at, !because.is_empty(), || "an exception says why nothing is lost: `because`".to_owned());
        let bare = Clause { because: None, ..clause.clone() };
        faults.check(at, bare != Clause::default(), || {
            "an exception without a condition excuses all".to_owned()
        });
        self.clause(at, clause, faults);
    }

    fn clause(&self, at: &str, clause: &Clause, faults: &mut Faults) {
        for run in &clause.run {
            self.run(&format!("{at}/run"), run, faults);
        }
        self.options(at, clause, faults);
        operands(at, clause, faults);
        let lists = clause.option.iter().map(|(name, list)| (format!("{at}/option/{name}"), list));
        let variables =
            clause.environment.iter().map(|(name, list)| (format!("{at}/environment/{name}"), list));
        let places = clause.operand_at.iter().map(|(place, list)| (format!("{at}/operand_at/{place}"), list));
        let alone = [(format!("{at}/operand"), &clause.operand), (format!("{at}/stdin"), &clause.stdin)];
        for (at, list) in lists.chain(variables).chain(places).chain(alone) {
            patterns(&at, list, faults);
        }
        if let Some(sql) = &clause.sql {
            sql_faults(&format!("{at}/sql"), sql, faults);
        }
        if let Some(http) = &clause.http {
            http_faults(&format!("{at}/http"), http, faults);
        }
        if let Some(call) = &clause.call {
            call_faults(&format!("{at}/call"), call, faults);
        }
        if let Some(writes) = &clause.writes {
            write_faults(&format!("{at}/writes"), writes, faults);
        }
        for word in &clause.mentions {
            faults.check(format!("{at}/mentions"), word.len() > 2, || {
                format!("`{word}` is too short to be looked for in code")
            });
        }
    }

    /// Refuses words that the program's grammar never yields.
    fn run(&self, at: &str, run: &str, faults: &mut Faults) {
        let mut words = run.split_whitespace();
        let Some(first) = words.next() else {
            faults.add(at, "a program's name is missing");
            return;
        };
        let words: Vec<&str> = words.collect();
        for name in first.split('|') {
            let plain = !name.is_empty() && !name.contains(['*', '?', '[', '{', '/']);
            faults.check(at, plain, || {
                format!("`{name}` is not a program's name: write it out, without directory")
            });
            let Some(grammar) = (self.known)(name) else { continue };
            faults.check(at, grammar.name == name, || {
                format!("`{name}` is another name of `{}`: write `{}`", grammar.name, grammar.name)
            });
            for word in words.iter().flat_map(|word| word.split('|')) {
                faults.check(at, !word.is_empty(), || format!("`{run}` has an empty alternative"));
                if let Some(canonical) = canonical_word(&grammar.program, word) {
                    faults.add(at, format!("`{word}` is read as `{canonical}` by the grammar of `{name}`: write `{canonical}`"));
                }
            }
        }
    }

    /// Refuses options that no grammar declares: such a condition would never, or always, hold.
    fn options(&self, at: &str, clause: &Clause, faults: &mut Faults) {
        let lists = [("with", &clause.with), ("with_any", &clause.with_any), ("without", &clause.without)];
        let flags =
            lists.into_iter().flat_map(|(key, names)| names.iter().map(move |name| (key, name, false)));
        let values = clause.option.keys().map(|name| ("option", name, true));
        let paths = clause.option_path.keys().map(|name| ("option_path", name, true));
        for (key, name, valued) in flags.chain(values).chain(paths) {
            let at = format!("{at}/{key}");
            let spellings = self.spellings(clause, name);
            if spellings.is_empty() && name != "help" {
                faults.add(
                    &at,
                    format!("no grammar of {} declares an option `{name}`", self.programs_in_words(clause)),
                );
            } else if valued && !spellings.iter().any(|spelling| spelling.contains('=')) {
                faults
                    .add(&at, format!("the option `{name}` takes no value: its spellings do not end in `=`"));
            }
        }
    }

    /// Returns the spellings of an option in the grammars of the programs that a clause is about.
    fn spellings(&self, clause: &Clause, option: &str) -> Vec<String> {
        let mut spellings = Vec::new();
        for run in self.runs(clause) {
            let mut words = run.split_whitespace();
            let names = words.next().unwrap_or_default().split('|');
            let words: Vec<&str> = words.collect();
            for grammar in names.filter_map(|name| (self.known)(name)) {
                spellings.extend(spellings_in(&grammar, &words, option));
            }
        }
        spellings
    }

    /// Returns the `run` words of a clause, or for an exception without any those of the whole rule.
    fn runs<'b>(&'b self, clause: &'b Clause) -> Vec<&'b String> {
        match clause.run.as_slice() {
            [] => self.rule.when.iter().flat_map(|clause| &clause.run).collect(),
            runs => runs.iter().collect(),
        }
    }

    fn programs_in_words(&self, clause: &Clause) -> String {
        let first = |run: &&String| run.split_whitespace().next().map(|name| format!("`{name}`"));
        let names: BTreeSet<String> = self.runs(clause).iter().filter_map(first).collect();
        match names.len() {
            0 => "any program of this rule".to_owned(),
            _ => names.into_iter().collect::<Vec<_>>().join(", "),
        }
    }

    fn confirm(&self, at: &str, faults: &mut Faults) {
        let confirm = &self.rule.confirm;
        faults.check(at, confirm.starts_with(|first: char| first.is_ascii_lowercase()), || {
            "a phrase begins with a verb in small letters".to_owned()
        });
        match slots(confirm) {
            Err(message) => faults.add(at, message),
            Ok(slots) => {
                for source in slots.into_iter().flatten() {
                    faults.check(at, self.yields(source), || {
                        format!("nothing that this rule sees is called `{source}`")
                    });
                }
            }
        }
    }

    /// Returns whether something of this rule's clauses can be what a slot of the phrase names.
    fn yields(&self, source: &str) -> bool {
        let when = &self.rule.when;
        let runs = || when.iter().any(|clause| !clause.run.is_empty());
        let http = || when.iter().any(|clause| clause.http.is_some());
        let numbered = |prefix: &str| {
            source.strip_prefix(prefix).is_some_and(|rest| rest.parse::<u8>().is_ok_and(|n| n > 0))
        };
        match source {
            "operand" | "operands" => runs(),
            "path" => true,
            "sql.object" => when.iter().any(|clause| clause.sql.is_some()),
            "call.argument" => when.iter().any(|clause| clause.call.is_some()),
            "http.host" | "http.path" => http(),
            _ if source.starts_with("env.") => source.len() > 4,
            _ if numbered("operand.") => runs(),
            _ if numbered("path.") => http(),
            // A GraphQL argument or a variable may have any name.
            _ => http() || when.iter().any(|clause| !self.spellings(clause, source).is_empty()),
        }
    }
}

fn looks_at_words(clause: &Clause) -> bool {
    !(clause.with.is_empty()
        && clause.with_any.is_empty()
        && clause.without.is_empty()
        && clause.option.is_empty()
        && clause.option_path.is_empty()
        && clause.operand.is_empty()
        && clause.operand_at.is_empty()
        && clause.operand_path.is_empty()
        && clause.cwd.is_empty()
        && clause.operands_at_least.is_none()
        && clause.operands_at_most.is_none()
        && !clause.after_dashes)
}

/// Returns the spellings of an option of a program, or of its subcommands that fit `words`.
fn spellings_in(grammar: &Grammar, words: &[&str], option: &str) -> Vec<String> {
    let program: &Program = &grammar.program;
    let fitting = program
        .commands
        .iter()
        .filter(|(own, _)| own.split_whitespace().zip(words).all(|(own, word)| may_be_same(own, word)));
    let of_commands = fitting.filter_map(|(_, command)| command.options.get(option));
    program.options.get(option).into_iter().chain(of_commands).flatten().cloned().collect()
}

/// Returns whether two words with alternatives can stand for the same subcommand.
fn may_be_same(a: &str, b: &str) -> bool {
    a.contains('*')
        || b.contains('*')
        || a.split('|').any(|one| b.split('|').any(|other| one.eq_ignore_ascii_case(other)))
}

fn operands(at: &str, clause: &Clause, faults: &mut Faults) {
    faults.check(format!("{at}/operand_at"), !clause.operand_at.contains_key(&0), || {
        "operands are counted from 1".to_owned()
    });
    if let (Some(least), Some(most)) = (clause.operands_at_least, clause.operands_at_most) {
        faults.check(format!("{at}/operands_at_most"), least <= most, || {
            format!("there cannot be at least {least} and at most {most} operands")
        });
    }
}

fn patterns(at: &str, list: &[Pattern], faults: &mut Faults) {
    for fault in list.iter().filter_map(|pattern| pattern_fault(pattern.as_ref())) {
        faults.add(at, fault);
    }
}

fn globs(at: &str, list: &[Glob], faults: &mut Faults) {
    for glob in list.iter().map(AsRef::as_ref) {
        let fault = match glob.strip_prefix('~') {
            Some(rest) if !rest.starts_with('/') => {
                Some(format!("`{glob}`: this is a glob, not a regular expression"))
            }
            _ => glob_fault(glob),
        };
        if let Some(fault) = fault {
            faults.add(at, fault);
        }
    }
}

fn sql_faults(at: &str, sql: &SqlClause, faults: &mut Faults) {
    faults.check(at, !sql.statement.is_empty() || !sql.text.is_empty(), || {
        "a condition on SQL names statements: `DROP DATABASE`".to_owned()
    });
    for statement in &sql.statement {
        // The clients' own commands (`.restore`, `\copy`) are spelled as they are.
        let spoken = |word: &str| word.starts_with(['.', '\\']) || !word.contains(char::is_lowercase);
        faults.check(format!("{at}/statement"), statement.split_whitespace().all(spoken), || {
            format!("`{statement}`: keywords are written in capital letters")
        });
        faults.check(format!("{at}/statement"), statement.contains(char::is_alphabetic), || {
            format!("`{statement}` has no keyword")
        });
    }
    patterns(&format!("{at}/object"), &sql.object, faults);
    patterns(&format!("{at}/text"), &sql.text, faults);
}

fn http_faults(at: &str, http: &HttpClause, faults: &mut Faults) {
    let is_anywhere = http.host.is_empty() && http.path.is_empty();
    let says_anything = http.query.is_empty() && http.body.is_empty() && http.graphql.is_empty();
    let narrow = http.secrets || !(is_anywhere && says_anything);
    faults.check(at, narrow, || {
        "any request would match: name a host, path, query, body or graphql field".to_owned()
    });
    for method in &http.method {
        faults.check(format!("{at}/method"), METHODS.contains(&method.as_str()), || {
            format!("`{method}` is not a method; known are {}", METHODS.join(", "))
        });
    }
    for host in &http.host {
        faults.check(format!("{at}/host"), !host.contains(['/', ' ']), || {
            format!("`{host}` is not a host: leave out scheme and path")
        });
    }
    for path in http.path.iter().chain(&http.not_path) {
        faults.check(format!("{at}/path"), path.starts_with(['/', '*', '{']), || {
            format!("`{path}` does not begin with `/`")
        });
    }
    globs(&format!("{at}/host"), &http.host, faults);
    globs(&format!("{at}/path"), &http.path, faults);
    globs(&format!("{at}/not_path"), &http.not_path, faults);
    patterns(&format!("{at}/query"), &http.query, faults);
    globs(&format!("{at}/graphql"), &http.graphql, faults);
    patterns(&format!("{at}/body"), &http.body, faults);
    patterns(&format!("{at}/header"), &http.header, faults);
}

fn call_faults(at: &str, call: &CallClause, faults: &mut Faults) {
    faults.check(at, !call.name.is_empty(), || "a condition on calls names them: `shutil.rmtree`".to_owned());
    for name in &call.name {
        faults.check(format!("{at}/name"), !name.contains(['(', ' ']), || {
            format!("`{name}` is not a call's name: leave out the parentheses")
        });
    }
    for language in &call.language {
        faults.check(format!("{at}/language"), LANGUAGES.contains(&language.as_str()), || {
            format!("`{language}` is not a language that is read; known are {}", LANGUAGES.join(", "))
        });
    }
    globs(&format!("{at}/name"), &call.name, faults);
    patterns(&format!("{at}/argument"), &call.argument, faults);
}

fn write_faults(at: &str, writes: &WriteClause, faults: &mut Faults) {
    faults.check(at, !writes.path.is_empty() || !writes.kind.is_empty(), || {
        "any file would match: name a `path` or a `kind`".to_owned()
    });
    for path in &writes.path {
        let whole = path.starts_with(['/', '*', '{']) || path.starts_with("~/");
        faults.check(format!("{at}/path"), whole, || {
            format!("`{path}` would match no whole path: begin with `/`, `~/` or `**/`")
        });
    }
    globs(&format!("{at}/path"), &writes.path, faults);
}
