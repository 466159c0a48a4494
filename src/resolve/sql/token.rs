//! The tokens of a SQL text, and the questions that are asked about a stretch of them.

use std::ops::Range;

use crate::unknown::is_mark;

/// Which databases' habits a text is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// PostgreSQL, SQLite, T-SQL, Oracle: a backslash in a string is a backslash, comments nest.
    Standard,
    /// MySQL and MariaDB, and for their strings BigQuery, ClickHouse, Snowflake and Spark.
    MySql,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a bare name, a variable or a parameter; may contain marks.
    Word,
    /// Anything that begins with a digit.
    Number,
    /// A quoted name (`"x"`, `` `x` ``, `[x]`); to MySQL the first of these is a string.
    Quoted,
    /// A string: `'…'`, `$tag$…$tag$`, `q'[…]'`.
    Text,
    /// One character of anything else.
    Sign,
    /// What ends a statement: `;`, a custom delimiter, `\g`, a line `GO` or `/`.
    End,
    /// What follows the name of a client command on its line.
    Rest,
}

/// A token: its kind, where it is, and whether it is the first of its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    kind: Kind,
    start: usize,
    end: usize,
    fresh: bool,
}

impl Token {
    pub(super) fn new(kind: Kind, place: Range<usize>, fresh: bool) -> Self {
        Self { kind, start: place.start, end: place.end, fresh }
    }
}

/// A text and its tokens.
#[derive(Debug)]
pub(super) struct Lexed {
    text: String,
    list: Vec<Token>,
    /// Lines that are for the client and not for the database: name and rest.
    pub(super) commands: Vec<(String, String)>,
    /// Whether the other reading might see something else.
    pub(super) ambiguous: bool,
    /// The first token that is a quote without its partner.
    pub(super) torn: Option<usize>,
}

impl Lexed {
    pub(super) fn new(text: &str) -> Self {
        let list = Vec::with_capacity(text.len() / 5);
        Self { text: text.to_owned(), list, commands: Vec::new(), ambiguous: false, torn: None }
    }

    /// Makes the tokens of one client command.
    pub(super) fn command(name: &str, rest: &str) -> Self {
        let text = format!("{name} {rest}");
        let mut command = Self::new(&text);
        command.push(Token::new(Kind::Word, 0..name.len(), true));
        command.push(Token::new(Kind::Rest, name.len() + 1..text.len(), false));
        command
    }

    pub(super) fn push(&mut self, token: Token) {
        self.list.push(token);
    }

    /// Returns whether a token that is no sign ends at `pos`.
    pub(super) fn ends_at(&self, pos: usize) -> bool {
        self.list.last().is_some_and(|token| token.end == pos && token.kind != Kind::Sign)
    }

    /// Returns the tokens from `range.start` up to `range.end`.
    pub(super) fn tokens(&self, range: Range<usize>) -> Tokens<'_> {
        Tokens { text: &self.text, list: &self.list[range] }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns the length of the text in bytes.
    pub(super) fn source_len(&self) -> usize {
        self.text.len()
    }
}

/// A stretch of tokens; asking past its end is answered with nothing.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    list: &'a [Token],
}

impl<'a> Tokens<'a> {
    pub(super) fn len(self) -> usize {
        self.list.len()
    }

    pub(super) fn sub(self, range: Range<usize>) -> Self {
        let end = range.end.min(self.list.len());
        Self { text: self.text, list: &self.list[range.start.min(end)..end] }
    }

    pub(super) fn from(self, start: usize) -> Self {
        self.sub(start..self.len())
    }

    pub(super) fn kind(self, at: usize) -> Option<Kind> {
        self.list.get(at).map(|token| token.kind)
    }

    pub(super) fn is_fresh(self, at: usize) -> bool {
        self.list.get(at).is_some_and(|token| token.fresh)
    }

    /// Returns the text of a token as it was written, or an empty one.
    pub(super) fn raw(self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |token| &self.text[token.start..token.end])
    }

    /// Returns a bare word, or an empty text where something else stands.
    pub(super) fn word(self, at: usize) -> &'a str {
        if self.kind(at) == Some(Kind::Word) { self.raw(at) } else { "" }
    }

    pub(super) fn is(self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    pub(super) fn is_any(self, at: usize, words: &[&str]) -> bool {
        let found = self.word(at);
        !found.is_empty() && words.iter().any(|word| found.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_sign(self, at: usize, sign: &str) -> bool {
        self.kind(at) == Some(Kind::Sign) && self.raw(at) == sign
    }

    /// Returns whether a token follows the one before it without a gap.
    pub(super) fn is_glued(self, at: usize) -> bool {
        at > 0 && at < self.len() && self.list[at - 1].end == self.list[at].start
    }

    /// Returns whether a word with a mark in it stands at `at`.
    pub(super) fn is_marked(self, at: usize) -> bool {
        self.word(at).contains(is_mark)
    }

    /// Returns the position of the parenthesis that closes the one at `open`, or the end.
    pub(super) fn closing(self, open: usize) -> usize {
        let mut depth = 0_usize;
        for at in open..self.len() {
            if self.is_sign(at, "(") {
                depth += 1;
            } else if self.is_sign(at, ")") {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
        }
        self.len()
    }

    /// Returns the positions that are in no parentheses.
    pub(super) fn outside(self) -> impl Iterator<Item = usize> {
        let mut depth = 0_usize;
        (0..self.len()).filter(move |&at| {
            if self.is_sign(at, ")") {
                depth = depth.saturating_sub(1);
            }
            let outside = depth == 0;
            if self.is_sign(at, "(") {
                depth += 1;
            }
            outside
        })
    }

    /// Returns what the tokens were made from.
    pub(super) fn source(self) -> &'a str {
        self.range().map_or("", |range| &self.text[range])
    }

    /// Returns where they stand in the text.
    pub(super) fn range(self) -> Option<Range<usize>> {
        Some(self.list.first()?.start..self.list.last()?.end)
    }

    /// Returns what a string or a quoted name says, its quotes and escapes taken away.
    pub(super) fn unquoted(self, at: usize, reading: Reading) -> String {
        unquote(self.raw(at), reading)
    }
}

fn unquote(raw: &str, reading: Reading) -> String {
    if let Some(tagged) = raw.strip_prefix('$') {
        let tag = tagged.find('$').map_or(0, |at| at + 2);
        return raw.get(tag..raw.len() - tag).unwrap_or("").to_owned();
    }
    let Some(open) = raw.find(['\'', '"', '`', '[']) else { return raw.to_owned() };
    let (prefix, body) = (&raw[..open], &raw[open..]);
    let mut inner = body.chars();
    let quote = inner.next().unwrap_or('\'');
    inner.next_back();
    if prefix.ends_with(['q', 'Q']) && body.len() > 4 {
        inner.next();
        inner.next_back();
        return inner.as_str().to_owned();
    }
    let plain_quote = matches!(quote, '\'' | '"');
    let escapes = plain_quote && (reading == Reading::MySql || prefix.eq_ignore_ascii_case("E"));
    let text = unescape(inner.as_str(), quote, escapes);
    // BigQuery's """…""" was read as doubled quotes within quotes.
    match text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
        Some(tripled) if plain_quote => tripled.to_owned(),
        _ => text,
    }
}

fn unescape(inner: &str, quote: char, escapes: bool) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if escapes => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                other => out.extend(other),
            },
            _ if c == quote => {
                chars.next();
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
