//! Checks of `programs:`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::format::{HttpSpeech, Pack, Program, Runs, Source, Speaks, SqlSpeech, Style, Writes};
use super::Faults;
use super::text::LANGUAGES;

pub(super) fn check(pack: &Pack, faults: &mut Faults) {
    let mut names = BTreeSet::new();
    for (name, program) in &pack.programs {
        let at = format!("programs/{name}");
        for name in [name].into_iter().chain(&program.also) {
            faults.check(&at, names.insert(name), || format!("`{name}` is named twice"));
            faults.check(&at, !name.is_empty() && !name.contains(['/', ' ']), || {
                format!("`{name}` is not a program's name: it has no directory and no blanks")
            });
        }
        program_faults(&at, program, faults);
    }
}

fn program_faults(at: &str, program: &Program, faults: &mut Faults) {
    spellings(&format!("{at}/options"), program.style, &program.options, faults);
    for (word, spellings) in &program.aliases {
        faults.check(format!("{at}/aliases/{word}"), !spellings.contains(word), || {
            format!("`{word}` cannot be another spelling of itself")
        });
    }
    let scope = Scope { program, own: None };
    scope.options(&format!("{at}/harmless_with"), &program.harmless_with, faults);
    scope.options(&format!("{at}/chdir"), &program.chdir, faults);
    scope.carries(at, program.runs.as_deref(), program.speaks.as_deref(), faults);
    if let Some(writes) = &program.writes {
        scope.writes(&format!("{at}/writes"), writes, faults);
    }
    for (words, command) in program.commands.iter() {
        let at = format!("{at}/commands/{words}");
        faults.check(&at, !words.trim().is_empty(), || "a subcommand has a name".to_owned());
        for word in words.split_whitespace() {
            if let Some(canonical) = canonical_word(program, word) {
                faults.add(
                    &at,
                    format!("`{word}` is read as `{canonical}` (see `aliases`): write `{canonical}`"),
                );
            }
        }
        spellings(&format!("{at}/options"), program.style, &command.options, faults);
        let scope = Scope { program, own: Some(&command.options) };
        scope.options(&format!("{at}/harmless_with"), &command.harmless_with, faults);
        scope.carries(&at, command.runs.as_deref(), command.speaks.as_deref(), faults);
    }
}

/// Returns what a subcommand word is another spelling of.
pub(super) fn canonical_word<'a>(program: &'a Program, word: &str) -> Option<&'a str> {
    let aliases = program.aliases.iter().filter(|(canonical, _)| canonical.as_str() != word);
    aliases
        .into_iter()
        .find(|(_, others)| others.iter().any(|other| other == word))
        .map(|(name, _)| name.as_str())
}

fn spellings(at: &str, style: Style, options: &BTreeMap<String, Vec<String>>, faults: &mut Faults) {
    faults.check(at, style != Style::None || options.is_empty(), || {
        "a program of style `none` has no options".to_owned()
    });
    let mut seen = BTreeMap::new();
    for (name, spellings) in options {
        let at = format!("{at}/{name}");
        faults.check(&at, !spellings.is_empty(), || format!("`{name}` has no spelling"));
        faults.check(&at, !is_operand_source(name), || {
            format!("`{name}` cannot be an option's name: it means something else where options are named")
        });
        for spelling in spellings {
            let bare = spelling.trim_end_matches('*').trim_end_matches('=');
            let dashed = match style {
                Style::Dos => bare.starts_with(['/', '-']),
                _ => bare.starts_with(['-', '+']),
            };
            faults.check(&at, dashed && bare.len() > 1 && !bare.contains(['=', ' ', '*']), || {
                format!("`{spelling}` is not an option's spelling: `-f`, `--file=`, `--color=*`")
            });
            if let Some(other) = seen.insert(bare, name) {
                faults.add(&at, format!("`{bare}` is already a spelling of `{other}`"));
            }
        }
    }
}

/// What `operand.2` and the like are: a place on the command line that is not an option.
pub(super) fn is_operand_source(source: &str) -> bool {
    let number = source.strip_prefix("operand.").or_else(|| source.strip_prefix("operands."));
    matches!(source, "operands" | "operand")
        || number.is_some_and(|number| number.parse::<u8>().is_ok_and(|number| number > 0))
}

/// The options that can be named in one place of a grammar.
struct Scope<'a> {
    program: &'a Program,
    own: Option<&'a BTreeMap<String, Vec<String>>>,
}

impl Scope<'_> {
    fn declares(&self, option: &str) -> bool {
        option == "help"
            || self.program.options.contains_key(option)
            || self.own.is_some_and(|own| own.contains_key(option))
    }

    fn options(&self, at: &str, names: &[String], faults: &mut Faults) {
        for name in names {
            faults.check(at, self.declares(name), || format!("no option is declared as `{name}`"));
        }
    }

    fn sources(&self, at: String, sources: &[Source], faults: &mut Faults) {
        for source in sources {
            faults.check(&at, is_operand_source(source) || self.declares(source), || {
                format!("`{source}` is neither a declared option nor `operands`, `operand.1` and the like")
            });
        }
    }

    fn carries(&self, at: &str, runs: Option<&Runs>, speaks: Option<&Speaks>, faults: &mut Faults) {
        if let Some(runs) = runs {
            self.runs(&format!("{at}/runs"), runs, faults);
        }
        if let Some(sql) = speaks.and_then(|speaks| speaks.sql.as_ref()) {
            self.sql(&format!("{at}/speaks/sql"), sql, faults);
        }
        if let Some(http) = speaks.and_then(|speaks| speaks.http.as_ref()) {
            self.http(&format!("{at}/speaks/http"), http, faults);
        }
    }

    fn writes(&self, at: &str, writes: &Writes, faults: &mut Faults) {
        let is_own = |source: &Source| source == "last" || source.ends_with('=');
        let usual: Vec<Source> = writes.to.iter().filter(|source| !is_own(source)).cloned().collect();
        faults.check(at, !writes.to.is_empty(), || {
            "it does not say where the files are named: `to`".to_owned()
        });
        self.sources(format!("{at}/to"), &usual, faults);
        self.options(&format!("{at}/append"), writes.append.as_slice(), faults);
        let name = |given: &String| given.split_once('=').map_or(given.as_str(), |(name, _)| name).to_owned();
        let names: Vec<String> = writes.only_with.iter().map(name).collect();
        self.options(&format!("{at}/only_with"), &names, faults);
    }

    fn runs(&self, at: &str, runs: &Runs, faults: &mut Faults) {
        // A subcommand that runs nothing may say so where its program runs something.
        let overrides = self.own.is_some() && self.program.runs.is_some();
        faults
            .check(at, overrides || *runs != Runs::default(), || "it says nothing of what is run".to_owned());
        self.sources(format!("{at}/shell"), &runs.shell, faults);
        self.sources(format!("{at}/code"), &runs.code, faults);
        self.sources(format!("{at}/script"), runs.script.as_slice(), faults);
        if let Some(language) = &runs.language {
            faults.check(format!("{at}/language"), LANGUAGES.contains(&language.as_str()), || {
                format!("`{language}` is not a language that is read; known are {}", LANGUAGES.join(", "))
            });
        }
        faults.check(format!("{at}/operands_from"), runs.operands_from != Some(0), || {
            "operands are counted from 1".to_owned()
        });
    }

    fn sql(&self, at: &str, sql: &SqlSpeech, faults: &mut Faults) {
        faults
            .check(at, *sql != SqlSpeech::default(), || "it says nothing of where SQL comes from".to_owned());
        self.sources(format!("{at}/text"), &sql.text, faults);
        self.sources(format!("{at}/files"), &sql.files, faults);
    }

    fn http(&self, at: &str, http: &HttpSpeech, faults: &mut Faults) {
        faults.check(at, !http.urls.is_empty() || http.url.is_some() || http.base.is_some(), || {
            "it does not say where the address comes from: `urls`, `url` or `base`".to_owned()
        });
        let lists = [
            ("urls", &http.urls),
            ("bodies", &http.bodies),
            ("body_files", &http.body_files),
            ("fields", &http.fields),
            ("headers", &http.headers),
            ("config_files", &http.config_files),
            ("graphql", &http.graphql),
            ("graphql_files", &http.graphql_files),
        ];
        for (key, sources) in lists {
            self.sources(format!("{at}/{key}"), sources, faults);
        }
        self.options(&format!("{at}/method_from"), http.method_from.as_slice(), faults);
        self.options(&format!("{at}/get"), http.get.as_slice(), faults);
        for option in http.implies.keys() {
            self.options(&format!("{at}/implies/{option}"), std::slice::from_ref(option), faults);
        }
    }
}
