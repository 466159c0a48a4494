//! Code in other languages, read down to what it calls.
//!
//! A command may carry its deed in Python, JavaScript, Ruby and so on, inline or in a file. This
//! reader finds every call with its arguments, as far as they are known: names are followed through
//! imports and assignments, strings through concatenation, formats and decoders. Then it tells which
//! commands a shell or the system is handed, which requests are sent, which SQL is run, which files
//! are written; everything else that may destroy something stays a [`Call`] for rules to match.
//!
//! What it promises: it never fails and never panics; its time is linear in the text; a call counts
//! wherever it stands outside comments and strings, whether it is ever reached or not; text that is
//! only printed or compared is no call; and what is not known is a mark (see [`crate::unknown`]) or
//! an [`Unread`], never nothing.

mod awk;
mod blocks;
mod brackets;
mod calling;
mod escapes;
mod expression;
mod files;
mod fold;
mod folding;
mod functions;
mod heredoc;
mod http;
mod imports;
mod json;
mod known;
mod language;
mod lexer;
mod listing;
mod powershell;
mod quoted;
mod reader;
mod removals;
mod scope;
mod sed;
mod spawn;
mod sql;
mod syntax;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use http::CodeRequest;
pub use language::Language;
pub use removals::Removal;
pub use spawn::Spawned;

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::parse::script::Span;
use crate::unknown::{UNKNOWN, is_known, is_mark};
use lexer::{Kind, Piece, Token};
use reader::{Reader, State};

/// How many bytes of code are read; the rest is taken for unread.
pub const MAX_CODE: usize = 256 * 1024;

/// How often a text that defines functions is read, to know what they are called with.
const MAX_READINGS: usize = 3;

/// How many bytes of strings a text may make, beside its own length.
const STRINGS: usize = 4 << 20;

/// What a piece of code does, as far as it can be read.
#[derive(Clone, Debug)]
pub struct Code {
    /// The language that it was read in.
    pub language: Language,
    /// Every call, in the order of the text.
    pub calls: Vec<Call>,
    /// Every string and every name outside comments, and strings that were put together.
    pub strings: Vec<Literal>,
    /// Code that is run and not known.
    pub unknown_code: Vec<Unread>,
    /// Other files whose code is run too.
    sources: Vec<String>,
    /// What the tables say of calls, by what is called: a script calls the same few things again and again.
    known: RefCell<BTreeMap<String, Known>>,
}

/// What the tables say of the calls of a name.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// How a command is started.
    takes: Option<spawn::Takes>,
    /// What is removed.
    reach: Option<removals::Reach>,
    /// Which file is written, and how.
    writes: Option<(files::File, files::How)>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What is called: a dotted name, imports and aliases resolved (`shutil.rmtree`,
    /// `pathlib.Path.unlink`, `fs.promises.rm`). A part that is not known is a mark. What is no
    /// function goes by a sign: `` ` `` runs a command, `|` and `getline` are awk's pipes, `>` and
    /// `>>` write a file, `&` is a PowerShell command.
    pub callee: String,
    /// What it is called with. An object is followed by its entries, each under its key.
    pub arguments: Vec<Argument>,
    /// What the calls before it in a chain were called with (`Path("x").unlink()`).
    pub receiver: Vec<Argument>,
    /// Whether it stands in a loop, so that it may be made many times.
    pub in_loop: bool,
    /// Where it stands; for code within a string, where that stands.
    pub span: Span,
}

/// An argument of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    /// Its keyword, or the key of an object's entry.
    pub name: Option<String>,
    /// How it is written; empty where it is not written as an argument.
    pub text: String,
    /// Its text as far as it is known, with marks; of lists and maps their JSON. Nothing where it is
    /// no text or not known at all.
    pub value: Option<String>,
    /// A list's items; one that is [`crate::unknown::UNKNOWN_WORDS`] stands for any number of them.
    pub items: Vec<Option<String>>,
    /// What kind of value it is.
    pub shape: Shape,
}

/// The kinds of values that an argument may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A text, a number, a constant, or something that is not known.
    #[default]
    Text,
    /// A list.
    List,
    /// An object, a map, a hash.
    Map,
}

/// A string or a name in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Code that is run but could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What is the matter, as a lower-case predicate: "is not known".
    pub why: &'static str,
    /// Where it stands.
    pub span: Span,
}

/// Reads `text`, which is run with `arguments`.
pub fn read(text: &str, language: Language, arguments: &[String]) -> Code {
    read_with(text, language, arguments, None)
}

/// Reads the text of the script at `path`, which is run with `arguments`.
pub fn read_script(text: &str, language: Language, arguments: &[String], path: &str) -> Code {
    read_with(text, language, arguments, Some(path))
}

fn read_with(text: &str, language: Language, arguments: &[String], path: Option<&str>) -> Code {
    let mut end = text.len().min(MAX_CODE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let read = &text[..end];
    let mut code = match language {
        Language::PowerShell => powershell::read(read),
        Language::Sed => sed::read(read),
        _ => read_expressions(read, language, arguments, path),
    };
    if end < text.len() {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        code.unknown_code
            .push(Unread { why: "is too long", span: Span { start: place(end), end: place(text.len()) } });
    }
    code
}

/// Reads a language that consists of expressions.
fn read_expressions(text: &str, language: Language, arguments: &[String], path: Option<&str>) -> Code {
    let mut code = Code::new(language);
    let Some(syntax) = syntax::Syntax::of(language) else { return code };
    let tokens = lexer::tokens(text, syntax);
    let mut functions = functions::Functions::find(&tokens, syntax);
    let mut state = State::default();
    for _ in 0..MAX_READINGS {
        state = State {
            functions,
            scope: state.scope.for_another_reading(),
            budget: STRINGS + 8 * text.len(),
            arguments: arguments.to_vec(),
            path: path.map(str::to_owned),
            ..State::default()
        };
        let mut reader = Reader::new(text, &tokens, syntax, state);
        reader.statements();
        state = reader.state;
        if !state.functions.settle() {
            break;
        }
        functions = std::mem::take(&mut state.functions);
    }
    code.collect(&tokens);
    code.strings.extend(state.joined.into_iter().map(|(text, span)| Literal { text, span }));
    code.calls = state.calls;
    code.unknown_code = state.unread;
    code.sources = state.sources;
    code
}

impl Code {
    fn new(language: Language) -> Self {
        Self {
            language,
            calls: Vec::new(),
            strings: Vec::new(),
            unknown_code: Vec::new(),
            sources: Vec::new(),
            known: RefCell::default(),
        }
    }

    /// Returns what the tables say of a call.
    fn known(&self, call: &Call) -> Known {
        if let Some(known) = self.known.borrow().get(&call.callee) {
            return *known;
        }
        let known = Known {
            takes: spawn::takes(call, self.language),
            reach: removals::reach(call),
            writes: files::writer(call, self.language),
        };
        self.known.borrow_mut().insert(call.callee.clone(), known);
        known
    }

    /// Returns whether `word` occurs in a string or a name, so not in a comment, or in what a call is
    /// given, however that was put together.
    pub fn mentions(&self, word: &str) -> bool {
        let given = |argument: &Argument| argument.value.as_ref().is_some_and(|value| value.contains(word));
        self.strings.iter().any(|literal| literal.text.contains(word))
            || self.calls.iter().any(|call| call.arguments.iter().any(given))
    }

    /// Collects the strings and names in `tokens`.
    fn collect(&mut self, tokens: &[Token<'_>]) {
        for token in tokens {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { start: place(token.start), end: place(token.end) };
            match &token.kind {
                Kind::Word(word) => self.strings.push(Literal { text: (*word).to_owned(), span }),
                Kind::Words(words) => {
                    self.strings.extend(words.iter().map(|word| Literal { text: (*word).to_owned(), span }));
                }
                Kind::Text(pieces) | Kind::Template(pieces) | Kind::Shell(pieces) | Kind::Regex(pieces) => {
                    let mut text = String::new();
                    for piece in pieces {
                        match piece {
                            Piece::Text(part) => text.push_str(part),
                            Piece::Code(tokens) => {
                                text.push(UNKNOWN);
                                self.collect(tokens);
                            }
                            Piece::Variable(_) | Piece::Unknown | Piece::Unread => text.push(UNKNOWN),
                        }
                    }
                    self.strings.push(Literal { text, span });
                }
                Kind::Number(_) | Kind::Sign(_) => {}
            }
        }
    }
}

impl Call {
    /// Returns whether what is called may be what `pattern` names (`shutil.rmtree`, `*.deleteMany`); `*`
    /// stands for any text.
    pub fn is(&self, pattern: &str) -> bool {
        may_match(&self.callee, pattern)
    }

    /// Returns the arguments that have no name, in order.
    pub fn operands(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.name.is_none())
    }

    /// Returns the argument called `name`.
    pub fn named(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name.as_deref() == Some(name))
    }

    /// Returns whether the argument called `name` is true, or may be.
    pub fn has(&self, name: &str) -> bool {
        self.named(name).is_some_and(|argument| {
            argument
                .value
                .as_deref()
                .is_none_or(|value| matches!(value, "true" | "True" | "TRUE" | "T" | "1"))
        })
    }
}

impl Argument {
    /// Returns its text, a mark where it is not known.
    pub fn to_text(&self) -> String {
        self.value.clone().unwrap_or_else(|| UNKNOWN.to_string())
    }

    /// Returns the items of a list as words, marks for those that are not known.
    fn words(&self) -> impl Iterator<Item = String> {
        self.items.iter().map(|item| item.clone().unwrap_or_else(|| UNKNOWN.to_string()))
    }
}

/// Returns whether the dotted `name` may match `pattern`, in which `*` stands for any text. A last part
/// that is not known may be any, but only of the very thing that the pattern names: `fs[x]()` may be
/// `fs.rmSync`, whereas `handlers[x]()` is hardly a `*.drop`.
fn may_match(name: &str, pattern: &str) -> bool {
    // What is asked first is what is asked a hundred times of each call.
    if !name.is_ascii() && !is_known(name) {
        let (base, last) = name.rsplit_once('.').unwrap_or(("", name));
        if last.contains(is_mark) {
            let of = pattern.rsplit_once('.').filter(|(of, _)| *of == base && !of.contains('*'));
            return of.is_some_and(|(_, member)| glob(member, &last.replace(is_mark, "*")));
        }
    }
    glob(name, pattern)
}

/// Returns whether `text` matches `pattern`, in which `*` stands for any text.
fn glob(text: &str, pattern: &str) -> bool {
    if ends_differ(text.as_bytes(), pattern.as_bytes()) {
        return false;
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            // The first place will do: what follows can only gain by a longer rest.
            match rest.find(before) {
                Some(at) => rest = &rest[at + before.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

/// Returns whether the first or the last byte already differs where no `*` stands. A call is compared with some
/// hundred names, and with nearly all of them it ends here.
fn ends_differ(text: &[u8], pattern: &[u8]) -> bool {
    let differ = |wanted: Option<&u8>, found: Option<&u8>| wanted != Some(&b'*') && wanted != found;
    differ(pattern.last(), text.last()) || differ(pattern.first(), text.first())
}
