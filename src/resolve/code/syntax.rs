//! What sets the languages apart, as tables: comments, keywords, operators, blocks.

use super::language::Language;

/// What a keyword does to the reading of what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Goes before an expression or stands alone; it is skipped.
    Pass,
    /// The same where a name follows; anywhere else it is a name itself (`static`, `type`, `get`).
    Modifier,
    /// Begins something that may or may not run.
    Branch,
    /// Begins another arm of it.
    Arm,
    /// Begins something that may run again and again.
    Loop,
    /// Defines a function.
    Define,
    /// Defines something else that has a name.
    Class,
    /// Goes before the variables that it declares.
    Declare,
    /// Brings in names from elsewhere.
    Import,
    /// Python's `lambda`.
    Lambda,
    /// Opens a block that an `end` closes.
    Do,
    /// Closes it.
    End,
    /// Awk's `print`, whose arguments may go to a file or a command.
    Print,
}

/// What an operator makes of what is known of its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Joins strings and lists.
    Join,
    /// Gives one or the other.
    Either,
    /// Gives the second, if anything.
    Second,
    /// Gives the first (the second is a type).
    First,
    /// Fills a format.
    Format,
    /// Joins paths.
    Path,
    /// Repeats.
    Repeat,
    /// Appends to the list on its left (Ruby's `<<`).
    Push,
    /// Runs a command and reads it, or hands it text (awk's `|`).
    Pipe,
    /// Gives something that is not known.
    Unknown,
}

/// An operator: its spelling, how tightly it binds, what it does.
pub(super) type Operator = (&'static str, u8, Effect);

/// Binding strengths.
pub(super) const EITHER: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const BITS: u8 = 4;
/// How tightly `+` and its like bind.
pub(super) const ADD: u8 = 5;
const MULTIPLY: u8 = 6;
const POWER: u8 = 7;

/// How blocks are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocks {
    /// `{ … }`.
    Braces,
    /// By indentation.
    Indents,
    /// `do … end`.
    Ends,
}

/// Which functions may be called without parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BareCalls {
    /// None.
    None,
    /// Any name and any method (Ruby).
    Any,
    /// Any name without a sigil (Perl).
    Barewords,
    /// These (PHP).
    These(&'static [&'static str]),
    /// With one string or one table (Lua).
    Literals,
}

/// A language's syntax.
#[derive(Debug)]
pub(super) struct Syntax {
    /// The language.
    pub(super) language: Language,
    /// What begins a comment that ends with its line.
    pub(super) line_comments: &'static [&'static str],
    /// What encloses longer comments.
    pub(super) block_comments: &'static [(&'static str, &'static str)],
    /// Its keywords.
    pub(super) keywords: &'static [(&'static str, Role)],
    /// Operators that are words, and those that differ from [`OPERATORS`].
    pub(super) operators: &'static [Operator],
    /// How its blocks are marked.
    pub(super) blocks: Blocks,
    /// Whether a line's end ends a statement.
    pub(super) lines_end: bool,
    /// Whether variables are told from functions by a sigil.
    pub(super) sigils: bool,
    /// What may be called without parentheses.
    pub(super) bare_calls: BareCalls,
    /// What separates a named argument from its value.
    pub(super) naming: &'static [&'static str],
}

/// Every sign of more than one character, longest first.
#[rustfmt::skip]
pub(super) const SIGNS: &[&str] = &[
    "===", "!==", "**=", "...", "<=>", "&&=", "||=", "??=", "//=", "?->", "<<-", "%>%", "=>", "->", "::",
    "?.", "&.", "..", "==", "!=", "~=", "<=", ">=", "+=", "-=", ".=", "*=", "/=", "%=", "|=", "&&", "||",
    "//", "??", "?:", "<<", ">>", "|>", "=~", "!~", "**", "++", "--", ":=", "<-", "|&",
];

/// Signs that only these languages have; elsewhere `a<-1` is a comparison.
const RARE_SIGNS: &[(&str, &[Language])] = &[
    ("<-", &[Language::R, Language::Go]),
    ("<<-", &[Language::R]),
    ("%>%", &[Language::R]),
    ("|&", &[Language::Awk]),
    ("&.", &[Language::Ruby]),
    ("?:", &[Language::Php]),
    ("?->", &[Language::Php]),
    ("?.", &[Language::JavaScript]),
    ("=~", &[Language::Perl, Language::Ruby]),
    ("~=", &[Language::Lua]),
];

/// Signs that bind a value to a name.
#[rustfmt::skip]
pub(super) const ASSIGNMENTS: &[&str] =
    &["=", ":=", "<-", "<<-", "+=", ".=", "||=", "??=", "&&=", "-=", "*=", "/=", "%=", "|=", "//=", "**="];

/// Signs that lead to a member of what stands before them.
pub(super) const MEMBERS: &[&str] = &[".", "?.", "&.", "->", "?->", "::"];

/// The operators that most languages share.
const OPERATORS: &[Operator] = &[
    ("||", EITHER, Effect::Either),
    ("??", EITHER, Effect::Either),
    ("?:", EITHER, Effect::Either),
    ("|>", EITHER, Effect::Unknown),
    ("%>%", EITHER, Effect::Unknown),
    ("&&", AND, Effect::Second),
    ("==", COMPARE, Effect::Unknown),
    ("!=", COMPARE, Effect::Unknown),
    ("~=", COMPARE, Effect::Unknown),
    ("===", COMPARE, Effect::Unknown),
    ("!==", COMPARE, Effect::Unknown),
    ("<", COMPARE, Effect::Unknown),
    (">", COMPARE, Effect::Unknown),
    ("<=", COMPARE, Effect::Unknown),
    (">=", COMPARE, Effect::Unknown),
    ("<=>", COMPARE, Effect::Unknown),
    ("=~", COMPARE, Effect::Unknown),
    ("!~", COMPARE, Effect::Unknown),
    ("..", COMPARE, Effect::Unknown),
    ("|", BITS, Effect::Unknown),
    ("&", BITS, Effect::Unknown),
    ("^", BITS, Effect::Unknown),
    ("<<", BITS, Effect::Unknown),
    (">>", BITS, Effect::Unknown),
    ("+", ADD, Effect::Join),
    ("-", ADD, Effect::Unknown),
    ("*", MULTIPLY, Effect::Repeat),
    ("/", MULTIPLY, Effect::Path),
    ("//", MULTIPLY, Effect::Unknown),
    ("%", MULTIPLY, Effect::Format),
    ("**", POWER, Effect::Unknown),
];

impl Syntax {
    /// Returns the syntax of `language`; those that are no expressions (PowerShell, sed) have none.
    pub(super) fn of(language: Language) -> Option<&'static Self> {
        Some(match language {
            Language::Python => &PYTHON,
            Language::JavaScript => &JAVASCRIPT,
            Language::Ruby => &RUBY,
            Language::Perl => &PERL,
            Language::Php => &PHP,
            Language::Go => &GO,
            Language::Awk => &AWK,
            Language::Lua => &LUA,
            Language::R => &R,
            Language::PowerShell | Language::Sed => return None,
        })
    }

    /// Returns whether the language has the sign `sign`.
    pub(super) fn has_sign(&self, sign: &str) -> bool {
        RARE_SIGNS.iter().find(|(rare, _)| *rare == sign).is_none_or(|(_, of)| of.contains(&self.language))
    }

    /// Returns the name `key` without sigil and namespace.
    pub(super) fn bare<'k>(&self, key: &'k str) -> &'k str {
        if !self.sigils {
            return key;
        }
        let name = key.trim_start_matches(['$', '@', '%', '&']);
        name.rsplit('\\').next().unwrap_or(name)
    }

    /// Returns what the keyword `word` does, if it is one.
    pub(super) fn role(&self, word: &str) -> Option<Role> {
        self.keywords.iter().find(|(name, _)| *name == word).map(|(_, role)| *role)
    }

    /// Returns the operator that is spelled `text`, if it is one.
    pub(super) fn operator(&self, text: &str) -> Option<Operator> {
        let spelled = |operator: &&Operator| operator.0 == text;
        self.operators.iter().find(spelled).or_else(|| OPERATORS.iter().find(spelled)).copied()
    }
}

use Role::{Arm, Branch, Class, Declare, Define, Do, End, Import, Lambda, Loop, Modifier, Pass, Print};

#[rustfmt::skip]
static PYTHON: Syntax = Syntax {
    language: Language::Python,
    line_comments: &["#"],
    block_comments: &[],
    keywords: &[
        ("def", Define), ("class", Class), ("import", Import), ("from", Import), ("lambda", Lambda),
        ("for", Loop), ("while", Loop), ("if", Branch), ("elif", Arm), ("else", Arm), ("try", Branch),
        ("except", Arm), ("finally", Arm), ("with", Pass), ("return", Pass), ("await", Pass),
        ("async", Pass), ("yield", Pass), ("raise", Pass), ("not", Pass), ("del", Pass), ("assert", Pass),
        ("global", Pass), ("nonlocal", Pass), ("pass", Pass), ("break", Pass), ("continue", Pass),
        ("in", Pass), ("as", Pass),
    ],
    operators: &[
        ("or", EITHER, Effect::Either),
        ("and", AND, Effect::Second),
        ("in", COMPARE, Effect::Unknown),
        ("is", COMPARE, Effect::Unknown),
        ("not", COMPARE, Effect::Unknown),
    ],
    blocks: Blocks::Indents,
    lines_end: true,
    sigils: false,
    bare_calls: BareCalls::None,
    naming: &["="],
};

#[rustfmt::skip]
static JAVASCRIPT: Syntax = Syntax {
    language: Language::JavaScript,
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    keywords: &[
        ("function", Define), ("class", Class), ("interface", Modifier), ("namespace", Modifier),
        ("enum", Modifier), ("type", Modifier), ("const", Declare), ("let", Declare), ("var", Declare),
        ("import", Import), ("export", Pass), ("for", Loop), ("while", Loop), ("do", Loop), ("if", Branch),
        ("else", Arm), ("switch", Branch), ("case", Arm), ("default", Arm), ("try", Branch),
        ("catch", Arm), ("finally", Arm), ("with", Pass), ("return", Pass), ("await", Pass),
        ("async", Modifier), ("yield", Pass), ("throw", Pass), ("new", Pass), ("typeof", Pass),
        ("void", Pass), ("delete", Pass), ("in", Pass), ("of", Modifier), ("instanceof", Pass),
        ("extends", Pass), ("static", Modifier), ("get", Modifier), ("set", Modifier),
        ("public", Modifier), ("private", Modifier), ("protected", Modifier), ("readonly", Modifier),
        ("abstract", Modifier), ("declare", Modifier), ("override", Modifier), ("implements", Modifier),
        ("break", Pass), ("continue", Pass),
    ],
    operators: &[
        ("in", COMPARE, Effect::Unknown),
        ("instanceof", COMPARE, Effect::Unknown),
        ("as", POWER, Effect::First),
        ("satisfies", POWER, Effect::First),
    ],
    blocks: Blocks::Braces,
    lines_end: false,
    sigils: false,
    bare_calls: BareCalls::None,
    naming: &[],
};

#[rustfmt::skip]
static RUBY: Syntax = Syntax {
    language: Language::Ruby,
    line_comments: &["#"],
    block_comments: &[],
    keywords: &[
        ("def", Define), ("class", Class), ("module", Class), ("for", Loop), ("while", Loop),
        ("until", Loop), ("if", Branch), ("unless", Branch), ("case", Branch), ("begin", Branch),
        ("elsif", Arm), ("else", Arm), ("when", Arm), ("rescue", Arm), ("ensure", Arm), ("then", Pass),
        ("do", Do), ("end", End), ("return", Pass), ("yield", Pass), ("not", Pass), ("and", Pass),
        ("or", Pass), ("in", Pass), ("next", Pass), ("break", Pass), ("alias", Pass), ("undef", Pass),
        ("include", Import), ("extend", Import),
    ],
    operators: &[
        ("or", EITHER, Effect::Either),
        ("and", AND, Effect::Second),
        ("...", COMPARE, Effect::Unknown),
        ("<<", BITS, Effect::Push),
        ("//", MULTIPLY, Effect::Unknown),
    ],
    blocks: Blocks::Ends,
    lines_end: true,
    sigils: false,
    bare_calls: BareCalls::Any,
    naming: &[":", "=>"],
};

#[rustfmt::skip]
static PERL: Syntax = Syntax {
    language: Language::Perl,
    line_comments: &["#"],
    block_comments: &[],
    keywords: &[
        ("sub", Define), ("package", Class), ("my", Declare), ("our", Declare), ("local", Declare),
        ("state", Declare), ("use", Import), ("no", Import), ("require", Import), ("for", Loop),
        ("foreach", Loop), ("while", Loop), ("until", Loop), ("do", Modifier), ("if", Branch),
        ("unless", Branch), ("elsif", Arm), ("else", Arm), ("return", Pass), ("not", Pass), ("and", Pass),
        ("or", Pass), ("last", Pass), ("next", Pass),
    ],
    operators: &[
        ("or", EITHER, Effect::Either),
        ("//", EITHER, Effect::Either),
        ("and", AND, Effect::Second),
        ("xor", EITHER, Effect::Unknown),
        ("eq", COMPARE, Effect::Unknown),
        ("ne", COMPARE, Effect::Unknown),
        ("lt", COMPARE, Effect::Unknown),
        ("gt", COMPARE, Effect::Unknown),
        ("le", COMPARE, Effect::Unknown),
        ("ge", COMPARE, Effect::Unknown),
        ("cmp", COMPARE, Effect::Unknown),
        ("...", COMPARE, Effect::Unknown),
        (".", ADD, Effect::Join),
        ("+", ADD, Effect::Unknown),
        ("x", MULTIPLY, Effect::Repeat),
    ],
    blocks: Blocks::Braces,
    lines_end: false,
    sigils: true,
    bare_calls: BareCalls::Barewords,
    naming: &["=>"],
};

#[rustfmt::skip]
static PHP: Syntax = Syntax {
    language: Language::Php,
    line_comments: &["//", "#"],
    block_comments: &[("/*", "*/")],
    keywords: &[
        ("function", Define), ("fn", Define), ("class", Class), ("interface", Class), ("trait", Class),
        ("enum", Modifier), ("namespace", Class), ("use", Import), ("for", Loop), ("foreach", Loop),
        ("while", Loop), ("do", Loop), ("if", Branch), ("elseif", Arm), ("else", Arm), ("switch", Branch),
        ("case", Arm), ("default", Arm), ("try", Branch), ("catch", Arm), ("finally", Arm),
        ("return", Pass), ("throw", Pass), ("new", Pass), ("clone", Pass), ("yield", Pass), ("as", Pass),
        ("global", Pass), ("const", Declare), ("static", Modifier), ("public", Modifier),
        ("private", Modifier), ("protected", Modifier), ("final", Modifier), ("abstract", Modifier),
        ("readonly", Modifier), ("break", Pass), ("continue", Pass),
    ],
    operators: &[
        ("or", EITHER, Effect::Either),
        ("and", AND, Effect::Second),
        ("instanceof", COMPARE, Effect::Unknown),
        (".", ADD, Effect::Join),
        ("+", ADD, Effect::Unknown),
    ],
    blocks: Blocks::Braces,
    lines_end: false,
    sigils: true,
    bare_calls: BareCalls::These(&["echo", "print", "include", "include_once", "require", "require_once"]),
    naming: &[":", "=>"],
};

#[rustfmt::skip]
static GO: Syntax = Syntax {
    language: Language::Go,
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    keywords: &[
        ("func", Define), ("type", Class), ("package", Class), ("import", Import), ("var", Declare),
        ("const", Declare), ("for", Loop), ("if", Branch), ("else", Arm), ("switch", Branch),
        ("select", Branch), ("case", Arm), ("default", Arm), ("return", Pass), ("go", Pass),
        ("defer", Pass), ("range", Pass), ("break", Pass), ("continue", Pass),
    ],
    operators: &[],
    blocks: Blocks::Braces,
    lines_end: true,
    sigils: false,
    bare_calls: BareCalls::None,
    naming: &[],
};

#[rustfmt::skip]
static AWK: Syntax = Syntax {
    language: Language::Awk,
    line_comments: &["#"],
    block_comments: &[],
    keywords: &[
        ("function", Define), ("func", Define), ("for", Loop), ("while", Loop), ("do", Loop),
        ("if", Branch), ("else", Arm), ("switch", Branch), ("case", Arm), ("print", Print),
        ("printf", Print), ("return", Pass), ("in", Pass), ("delete", Pass), ("next", Pass),
        ("exit", Pass), ("BEGIN", Pass), ("END", Pass),
    ],
    operators: &[
        ("in", COMPARE, Effect::Unknown),
        ("~", COMPARE, Effect::Unknown),
        ("|", BITS, Effect::Pipe),
        ("|&", BITS, Effect::Pipe),
        ("+", ADD, Effect::Unknown),
        ("/", MULTIPLY, Effect::Unknown),
        ("%", MULTIPLY, Effect::Unknown),
    ],
    blocks: Blocks::Braces,
    lines_end: true,
    sigils: false,
    bare_calls: BareCalls::None,
    naming: &[],
};

#[rustfmt::skip]
static LUA: Syntax = Syntax {
    language: Language::Lua,
    line_comments: &["--"],
    block_comments: &[],
    keywords: &[
        ("function", Define), ("local", Declare), ("for", Loop), ("while", Loop), ("repeat", Loop),
        ("if", Branch), ("elseif", Arm), ("else", Arm), ("then", Pass), ("do", Do), ("end", End),
        ("until", End), ("return", Pass), ("not", Pass), ("in", Pass), ("break", Pass),
    ],
    operators: &[
        ("or", EITHER, Effect::Either),
        ("and", AND, Effect::Second),
        ("..", ADD, Effect::Join),
        ("+", ADD, Effect::Unknown),
        ("//", MULTIPLY, Effect::Unknown),
    ],
    blocks: Blocks::Ends,
    lines_end: false,
    sigils: false,
    bare_calls: BareCalls::Literals,
    naming: &[],
};

#[rustfmt::skip]
static R: Syntax = Syntax {
    language: Language::R,
    line_comments: &["#"],
    block_comments: &[],
    keywords: &[
        ("function", Define), ("for", Loop), ("while", Loop), ("repeat", Loop), ("if", Branch),
        ("else", Arm), ("in", Pass), ("next", Pass), ("break", Pass),
    ],
    operators: &[("+", ADD, Effect::Unknown), ("~", COMPARE, Effect::Unknown)],
    blocks: Blocks::Braces,
    lines_end: true,
    sigils: false,
    bare_calls: BareCalls::None,
    naming: &["="],
};
