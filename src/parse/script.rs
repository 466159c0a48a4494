//! The shell text we judge, as a tree.
//!
//! This tree is smaller than a shell's own grammar: it keeps what decides which programs run,
//! with which words, where their input and output go, and in which order. Quoting is gone except
//! where it matters (quoted text is never split, globbed or brace-expanded).

/// A stretch of the text, in bytes from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Commands in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Every command, whatever separates them (`;`, `&` or a newline).
    pub commands: Vec<Command>,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What kind of command it is.
    pub kind: CommandKind,
    /// Redirections in the order in which they stand.
    pub redirects: Vec<Redirect>,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// `NAME=value program word …`; either half may be empty. Declarations (`export`, `local`,
    /// `declare`, `readonly`, `typeset`) come as simple commands: the declaring word first, and
    /// `NAME=value` operands as words.
    Simple {
        /// `NAME=value` before the program.
        assignments: Vec<Assignment>,
        /// The program and its arguments, unexpanded.
        words: Vec<Word>,
    },
    /// `a | b`, `a |& b`.
    Pipeline(Vec<Command>),
    /// `a && b || c`; every part may run.
    AndOr {
        /// The parts.
        parts: Vec<Command>,
        /// The places of those that stand behind `||`, so that what is before them failed.
        otherwise: Vec<usize>,
    },
    /// `{ …; }`, and `( … )` where `subshell`; `time`, `!`, `coproc` and zsh's `always` come as groups.
    Group {
        /// The commands inside.
        body: Script,
        /// Whether variables and directory changes stay inside.
        subshell: bool,
    },
    /// `if …; then …; elif …; else …; fi`: each condition and each branch, in order.
    If {
        /// Condition and body, once for `if` and once for each `elif`.
        branches: Vec<(Script, Script)>,
        /// The `else` branch.
        otherwise: Option<Script>,
    },
    /// `for NAME in words`, `select`, zsh's `foreach`.
    For {
        /// The variable that takes each word.
        variable: String,
        /// The words; `None` means `"$@"`.
        words: Option<Vec<Word>>,
        /// The body.
        body: Script,
    },
    /// `while`, `until`, `for ((…))`, zsh's `repeat`.
    While {
        /// What runs before each round; for `for ((…))` its three expressions as one.
        condition: Script,
        /// The body.
        body: Script,
    },
    /// `case word in pattern) …;; esac`.
    Case {
        /// The word looked at.
        subject: Word,
        /// Patterns and the commands behind them.
        arms: Vec<(Vec<Word>, Script)>,
    },
    /// `name() { …; }`.
    Function {
        /// Its name.
        name: String,
        /// Its body.
        body: Box<Command>,
    },
    /// `[[ … ]]`, `(( … ))` and the heads of arithmetic loops: nothing runs but what their words
    /// substitute.
    Test(Vec<Word>),
}

/// `NAME=value`, `NAME+=value`, `NAME[index]=value`, `NAME=(a b c)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable's name.
    pub name: String,
    /// The index between brackets, where there is one.
    pub index: Option<Word>,
    /// Whether it is `+=`.
    pub append: bool,
    /// What it is set to.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// What an assignment sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One word.
    Scalar(Word),
    /// The elements of an array.
    Array(Vec<Element>),
}

/// One element between the parentheses of `NAME=( … )`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// What stands between brackets in `[key]=value`.
    pub key: Option<Word>,
    /// Its value.
    pub value: Word,
}

/// A word as it was written: parts that stand next to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub span: Span,
}

/// One part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself. Escapes and `$'…'` are already decoded.
    Text {
        /// The text.
        text: String,
        /// Whether it was quoted or escaped: then it is not split, globbed, brace-expanded or read as `~`.
        quoted: bool,
    },
    /// `$name`, `${name…}`.
    Parameter {
        /// The variable's name, or `@`, `*`, `#`, `?`, `$`, `!`, `-`, `0`, `1`….
        name: String,
        /// `${name[index]}`; the index is `@` or `*` for all elements.
        index: Option<Box<Word>>,
        /// What is done with the value.
        operation: Operation,
        /// Whether it stands between double quotes.
        quoted: bool,
    },
    /// `$( … )` or backticks.
    Command {
        /// The commands inside.
        script: Script,
        /// Whether it stands between double quotes.
        quoted: bool,
    },
    /// `<( … )` and `>( … )`, zsh's `=( … )`.
    Process {
        /// The commands inside.
        script: Script,
        /// Whether the program reads what they print (`<(`).
        input: bool,
    },
    /// `$(( … ))`, and the expression of `(( … ))`: a number; what stands in it may set variables
    /// and run commands.
    Arithmetic {
        /// The expression's text as a word, for what it substitutes.
        expression: Box<Word>,
    },
    /// `( … )` behind the `=` of an operand: `declare -a NAME=( … )`.
    Array(Vec<Element>),
    /// Something that was not understood (a zsh flag, a transformation): unknown text.
    Other {
        /// The source text.
        raw: String,
        /// Words inside it that may run commands.
        words: Vec<Word>,
    },
}

/// What `${name…}` does with the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `$name`: nothing.
    None,
    /// `${name:-word}`, without the colon where not `colon`.
    Default {
        /** The word. */
        word: Word,
        /** Whether empty counts as unset. */
        colon: bool,
    },
    /// `${name:=word}`.
    Assign {
        /** The word. */
        word: Word,
        /** Whether empty counts as unset. */
        colon: bool,
    },
    /// `${name:+word}`.
    Alternative {
        /** The word. */
        word: Word,
        /** Whether empty counts as unset. */
        colon: bool,
    },
    /// `${name:?word}`: the shell stops when it is unset.
    Error {
        /** The message. */
        word: Word,
        /** Whether empty counts as unset. */
        colon: bool,
    },
    /// `${name#pattern}`, `##` where `longest`.
    TrimPrefix {
        /** The pattern. */
        pattern: Word,
        /** `##`. */
        longest: bool,
    },
    /// `${name%pattern}`, `%%` where `longest`.
    TrimSuffix {
        /** The pattern. */
        pattern: Word,
        /** `%%`. */
        longest: bool,
    },
    /// `${name/pattern/with}` and its kin.
    Replace {
        /// What is looked for.
        pattern: Word,
        /// What it becomes.
        with: Word,
        /// Where it is looked for.
        which: Which,
    },
    /// `${name:offset:length}`.
    Substring {
        /** Where it begins. */
        offset: Word,
        /** How long it is. */
        length: Option<Word>,
    },
    /// `${#name}`.
    Length,
    /// `${!name}`.
    Indirect,
    /// `${=name}` of zsh: the value is split into words.
    Split,
    /// `${name^^}`, `${name^}`.
    Upper {
        /** Every letter (`^^`). */
        all: bool,
    },
    /// `${name,,}`, `${name,}`.
    Lower {
        /** Every letter (`,,`). */
        all: bool,
    },
    /// Anything else (`${name@Q}`, `${!name*}`, zsh flags): unknown text.
    Other {
        /** Words inside it that may run commands. */
        words: Vec<Word>,
    },
}

/// Which occurrences `${name/…/…}` replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first (`/`).
    First,
    /// All (`//`).
    All,
    /// Only at the start (`/#`).
    Prefix,
    /// Only at the end (`/%`).
    Suffix,
}

/// One redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The file descriptor: as written, else the default of its kind (0 for input, 1 for output).
    /// `&>` and `>&file` count as 1. `{name}>` has no number: -1.
    pub fd: i32,
    /// The variable of `{name}>`, which becomes the number.
    pub variable: Option<String>,
    /// What is done.
    pub kind: RedirectKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of redirections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `< file`.
    Read(Word),
    /// `> file`, `>| file`, `&> file`, `>& file`: the file is emptied first.
    Write(Word),
    /// `>> file`, `&>> file`.
    Append(Word),
    /// `<> file`.
    ReadWrite(Word),
    /// `<< END`: the body as a word (quoted text only where the delimiter was quoted).
    HereDocument(Word),
    /// `<<< word`.
    HereString(Word),
    /// `2>&1`, `<&3`, `>&-`: the word is the target.
    Duplicate(Word),
}
