//! SQL as clients send it, read down to the statements that would run.
//!
//! The text may be for any database, may hold marks, templates and a client's own commands, and may
//! be broken: a strict parser would be blind exactly where a gate must see. So statements are found
//! by their words. Strings, comments and quoted names are never taken for statements; what runs is
//! followed into `EXPLAIN ANALYZE`, `WITH x AS (DELETE …)`, blocks, `DO $$ … $$` and SQL that is
//! built from strings. What is only stored (`CREATE FUNCTION`) is not followed.
//!
//! Reading never fails and takes time in proportion to the length of the text.

mod client;
mod dynamic;
mod filter;
mod lex;
mod name;
mod pattern;
mod split;
mod token;
#[rustfmt::skip] // Lists of words read better as running text.
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use self::dynamic::Built;
pub use self::pattern::{Fit, SqlPattern};
use self::token::{Lexed, Reading, Tokens};
use crate::parse::script::Span;
use crate::unknown::UNKNOWN;

/// A statement that would run, or a command to the client it is sent through.
#[derive(Clone)]
pub struct Statement {
    lexed: Arc<Lexed>,
    range: Range<usize>,
    reading: Reading,
    objects_end: usize,
    /// Whether it is for the client: psql's `\i`, sqlite's `.read`, mysql's `source`.
    pub is_command: bool,
    /// Which rows it spares, as far as a `WHERE` says.
    pub filter: Filter,
    /// What it creates, changes or drops: names with their qualifiers and without quotes, in which
    /// a mark stands for what is not known.
    pub objects: Vec<String>,
    /// Whether all of its objects live no longer than the session.
    pub temporary: bool,
    /// Whether the same text undoes it everywhere: `BEGIN; DELETE …; ROLLBACK`.
    pub rolled_back: bool,
    /// Whether the same text undoes it where changes of the schema can be rolled back: in
    /// PostgreSQL, SQLite and SQL Server, not in MySQL and Oracle, which commit them at once.
    pub rolled_back_with_schema: bool,
    /// Whether it was put together at run time, or what it runs is.
    pub dynamic: bool,
    /// Whether it is not known what statement it is.
    pub unknown: bool,
}

/// What a statement's condition spares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// There is no condition.
    None,
    /// The condition holds for every row: `WHERE true`, `WHERE 1=1`, `WHERE id = id`.
    Always,
    /// The condition may spare rows.
    Some,
}

/// Reads a text into all statements that it would run, those within others after them.
pub fn read(text: &str) -> Vec<Statement> {
    let standard = lex::lex(text, Reading::Standard, true);
    if !standard.ambiguous {
        return Reader::new(Reading::Standard).read_all(standard, None);
    }
    let other = lex::lex(text, Reading::MySql, true);
    // A reading in which a quote stays open is hardly the one that was meant: of it only the
    // statements before that quote count.
    let (standard_limit, other_limit) = match (standard.torn, other.torn) {
        (Some(torn), None) => (Some(torn), None),
        (None, Some(torn)) => (None, Some(torn)),
        _ => (None, None),
    };
    let mut found = Reader::new(Reading::Standard).read_all(standard, standard_limit);
    let same: HashSet<String> = found.iter().map(Statement::outline).collect();
    let others = Reader::new(Reading::MySql).read_all(other, other_limit);
    found.extend(others.into_iter().filter(|statement| !same.contains(&statement.outline())));
    found
}

impl Statement {
    fn new(lexed: &Arc<Lexed>, range: Range<usize>, reading: Reading) -> Self {
        let tokens = lexed.tokens(range.clone());
        let named = name::named(tokens, reading);
        // psql's `:statement` and sqlplus's `&statement` are replaced before they are sent.
        let replaced = tokens.is_sign(0, ":") || tokens.is_sign(0, "&");
        Self {
            reading,
            objects_end: named.end,
            is_command: false,
            filter: filter::filter(tokens, reading),
            objects: named.objects,
            temporary: named.temporary,
            rolled_back: false,
            rolled_back_with_schema: false,
            dynamic: false,
            unknown: tokens.is_marked(0) || (replaced && tokens.is_glued(1)),
            lexed: Arc::clone(lexed),
            range,
        }
    }

    fn command(name: &str, rest: &str, reading: Reading) -> Self {
        let lexed = Arc::new(Lexed::command(name, rest));
        let mut command = Self::new(&lexed, 0..lexed.len(), reading);
        command.is_command = true;
        command.filter = Filter::Some;
        command
    }

    fn tokens(&self) -> Tokens<'_> {
        self.lexed.tokens(self.range.clone())
    }

    /// Returns where the statement stands in `text`, if it is that of the text itself and not of one within
    /// it.
    pub fn span_in(&self, text: &str) -> Option<Span> {
        let range = self.tokens().range()?;
        let end = u32::try_from(range.end).ok()?;
        (text.get(range.clone())? == self.text()).then_some(Span { start: range.start as u32, end })
    }

    /// Returns the statement as it was written, comments included.
    pub fn text(&self) -> &str {
        self.tokens().source()
    }

    /// Returns the words that are neither quoted nor in strings, as they were written.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let tokens = self.tokens();
        (0..tokens.len()).map(move |at| tokens.word(at)).filter(|word| !word.is_empty())
    }

    /// Returns the first object, if the statement names any.
    pub fn object(&self) -> Option<&str> {
        self.objects.first().map(String::as_str)
    }

    /// Fits a pattern to the beginning of the statement.
    ///
    /// `IF EXISTS`, `ONLY` and the like are passed over, words that SQL lets one leave out (`TABLE`
    /// after `TRUNCATE`, `COLUMN` after `DROP`) may be missing. Of a statement that is
    /// [`unknown`](Self::unknown) no pattern is known to fit.
    pub fn fits(&self, pattern: &SqlPattern) -> Option<Fit> {
        if self.unknown { None } else { pattern.fit(self.tokens(), self.objects_end) }
    }

    /// Returns the commands that a shell is given: `\! x`, `.shell x`, `COPY … TO PROGRAM 'x'`.
    pub fn shell_commands(&self) -> Vec<String> {
        if self.is_command {
            return client::shell_commands(self.tokens().raw(0), self.tokens().raw(1));
        }
        dynamic::shell_commands(self.tokens(), self.reading)
    }

    /// Returns the file whose statements are run: `\i x`, `.read x`, `source x`, `@x`.
    pub fn include(&self) -> Option<String> {
        if self.is_command { client::include(self.tokens().raw(0), self.tokens().raw(1)) } else { None }
    }

    /// Says all that tells one statement from another, to find those that both readings have.
    fn outline(&self) -> String {
        format!("{self:?}")
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Statement");
        out.field("text", &self.text()).field("filter", &self.filter).field("objects", &self.objects);
        let flags = [
            ("is_command", self.is_command),
            ("temporary", self.temporary),
            ("rolled_back", self.rolled_back),
            ("rolled_back_with_schema", self.rolled_back_with_schema),
            ("dynamic", self.dynamic),
            ("unknown", self.unknown),
        ];
        for (name, _) in flags.into_iter().filter(|(_, set)| *set) {
            out.field(name, &true);
        }
        out.finish()
    }
}

/// How deep statements may stand within statements; what is deeper is unknown.
const DEPTH: u8 = 12;

/// How many bytes of built texts are read however short the text is.
const BUILT_AT_LEAST: usize = 4096;

/// How many variables are followed to the strings that they are made of.
const VARIABLES: usize = 16;

/// Where a text stands that is being read.
#[derive(Clone, Copy)]
struct Level {
    depth: u8,
    /// The text was put together at run time.
    dynamic: bool,
    /// The text is the body of a block, where a bare name can be a variable.
    in_block: bool,
}

/// Reads one text, and what it runs, in one reading.
struct Reader {
    reading: Reading,
    found: Vec<Statement>,
    /// Temporary tables that the text has made so far.
    temporary: HashSet<String>,
    /// How many bytes of built texts may still be read; it bounds the time.
    budget: usize,
}

impl Reader {
    fn new(reading: Reading) -> Self {
        Self { reading, found: Vec::new(), temporary: HashSet::new(), budget: BUILT_AT_LEAST }
    }

    fn read_all(mut self, lexed: Lexed, limit: Option<usize>) -> Vec<Statement> {
        self.budget += 4 * lexed.source_len();
        self.text(lexed, limit, Level { depth: DEPTH, dynamic: false, in_block: false });
        self.found
    }

    /// Reads a text; `limit` is a token at which no statement is believed any more.
    fn text(&mut self, lexed: Lexed, limit: Option<usize>, level: Level) {
        let first = self.found.len();
        let lexed = Arc::new(lexed);
        for (name, rest) in &lexed.commands {
            self.found.push(Statement::command(name, rest, self.reading));
            if name == "\\copy" {
                self.nested(&format!("COPY {rest}"), level);
            }
        }
        let mut pieces = split::pieces(&lexed);
        pieces.retain(|piece| limit.is_none_or(|limit| piece.range.end <= limit));
        let mut variables = Vec::new();
        for piece in &pieces {
            self.statements(&lexed, piece.range.clone(), level, &mut variables);
            if piece.feeds {
                self.result(lexed.tokens(piece.range.clone()), level);
            }
        }
        self.variables(&lexed, &pieces, &variables, level);
        if let Some(with_schema) = undone(&lexed, &pieces) {
            for statement in &mut self.found[first..] {
                statement.rolled_back = !with_schema;
                statement.rolled_back_with_schema = true;
            }
        }
    }

    fn statements(
        &mut self,
        lexed: &Arc<Lexed>,
        range: Range<usize>,
        level: Level,
        variables: &mut Vec<String>,
    ) {
        for part in split::statements(lexed.tokens(range.clone())) {
            self.statement(lexed, range.start + part.start..range.start + part.end, level, variables);
        }
    }

    fn statement(
        &mut self,
        lexed: &Arc<Lexed>,
        range: Range<usize>,
        level: Level,
        variables: &mut Vec<String>,
    ) {
        let mut statement = Statement::new(lexed, range.clone(), self.reading);
        let tokens = lexed.tokens(range.clone());
        let objects = statement.objects.iter().map(|name| name.to_ascii_lowercase());
        if statement.temporary && tokens.is(0, "CREATE") {
            self.temporary.extend(objects);
        } else if !statement.objects.is_empty()
            && objects.into_iter().all(|name| self.temporary.contains(&name))
        {
            statement.temporary = true;
        }
        statement.dynamic = level.dynamic;
        let built = dynamic::built(tokens, self.reading, level.in_block);
        statement.dynamic |= built.iter().any(|built| match built {
            Built::Text(text) => text.contains(UNKNOWN),
            Built::Variable(_) => true,
        });
        let Some(depth) = level.depth.checked_sub(1) else {
            statement.unknown = true;
            self.found.push(statement);
            return;
        };
        self.found.push(statement);
        let level = Level { depth, ..level };
        for inner in split::inner(tokens) {
            let inner = range.start + inner.start..range.start + inner.end;
            self.statements(lexed, inner, level, variables);
        }
        for built in built {
            match built {
                Built::Text(text) => {
                    self.nested(&text, Level { in_block: level.in_block || tokens.is(0, "DO"), ..level });
                }
                Built::Variable(name) => variables.push(name),
            }
        }
    }

    /// Reads a text that the server runs, as part of what is at `level`.
    fn nested(&mut self, text: &str, level: Level) {
        let dynamic = level.dynamic || text.contains(UNKNOWN);
        let affordable = self.budget.checked_sub(text.len() + 16);
        self.budget = affordable.unwrap_or(0);
        // A text that is not read any more is one that is not known.
        let mark = UNKNOWN.to_string();
        let text = if affordable.is_some() { text } else { &mark };
        self.text(lex::lex(text, self.reading, false), None, Level { dynamic, ..level });
    }

    /// Reads what psql's `\gexec` runs: each value that the query returns.
    fn result(&mut self, query: Tokens, level: Level) {
        let mut texts = dynamic::literals(query, self.reading);
        if texts.is_empty() {
            texts.push(UNKNOWN.to_string());
        }
        self.built_at_run_time(&texts, level);
    }

    /// Follows variables that are run to the strings that stand in the statements about them.
    fn variables(&mut self, lexed: &Lexed, pieces: &[split::Piece], names: &[String], level: Level) {
        let mut seen = HashSet::new();
        for name in names.iter().filter(|name| seen.insert(name.to_ascii_lowercase())).take(VARIABLES) {
            let about = pieces.iter().map(|piece| lexed.tokens(piece.range.clone()));
            let about = about.filter(|tokens| dynamic::mentions(*tokens, name));
            let mut texts: Vec<String> =
                about.flat_map(|tokens| dynamic::literals(tokens, self.reading)).collect();
            if texts.is_empty() {
                texts.push(UNKNOWN.to_string());
            }
            self.built_at_run_time(&texts, level);
        }
    }

    fn built_at_run_time(&mut self, texts: &[String], level: Level) {
        let Some(depth) = level.depth.checked_sub(1) else { return };
        for text in texts {
            self.nested(text, Level { depth, dynamic: true, ..level });
        }
    }
}

/// Returns whether a text is one transaction that ends in `ROLLBACK`, and then whether it changes
/// the schema: MySQL and Oracle commit before and after such a change.
fn undone(lexed: &Lexed, pieces: &[split::Piece]) -> Option<bool> {
    const NOT_IN_TRANSACTIONS: &[&str] = &["DATABASE", "TABLESPACE", "SYSTEM", "INDEX"];
    let [begin, changes @ .., rollback] = pieces else { return None };
    let tokens = |piece: &split::Piece| lexed.tokens(piece.range.clone());
    let (begin, rollback) = (tokens(begin), tokens(rollback));
    let begins = begin.is(0, "BEGIN") || (begin.is(0, "START") && begin.is(1, "TRANSACTION"));
    let ends = rollback.is(0, "ROLLBACK")
        && (1..rollback.len()).all(|at| rollback.is_any(at, &["WORK", "TRAN", "TRANSACTION"]));
    if !begins || !ends || split::statements(begin).len() > 1 || !lexed.commands.is_empty() {
        return None;
    }
    let mut with_schema = false;
    for piece in changes {
        let tokens = tokens(piece);
        for part in split::statements(tokens) {
            let part = tokens.sub(part);
            let schema = part.is_any(0, words::SCHEMA) && !part.is_any(name::noun(part), NOT_IN_TRANSACTIONS);
            let built = dynamic::built(part, Reading::Standard, false);
            if !(schema || part.is_any(0, words::ROWS)) || piece.feeds || !built.is_empty() {
                return None;
            }
            with_schema |= schema;
        }
    }
    Some(with_schema)
}
