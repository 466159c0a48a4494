//! What characters mean in the places where words and their like are read.

/// What characters mean where parts are read.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    /// The classes of characters that end the parts.
    stop: u16,
    /// The classes of characters that mean something without ending the parts.
    special: u16,
    /// The class of brackets that nest: a closing one ends the parts only when it was not opened.
    nests: u16,
    /// Which characters a backslash takes their meaning from.
    escapes: Escapes,
    /// Whether text counts as quoted.
    pub(super) quotes_text: bool,
    /// Whether expansions count as quoted.
    pub(super) quotes_expansions: bool,
}

/// Which characters lose their meaning behind a backslash.
#[derive(Clone, Copy)]
enum Escapes {
    All,
    Only(&'static str),
}

impl Mode {
    /// An ordinary word.
    pub(super) const WORD: Self = Self {
        stop: BLANK | NEWLINE | OPERATOR | PIPE | ANGLE | PAREN,
        special: SINGLE | DOUBLE | EXPANSION | ESCAPE,
        nests: 0,
        escapes: Escapes::All,
        quotes_text: false,
        quotes_expansions: false,
    };
    /// An ordinary word in zsh, where a last `}` that was not opened is not part of it.
    pub(super) const ZSH_WORD: Self = Self { stop: Self::WORD.stop | BRACE, nests: BRACE, ..Self::WORD };
    /// Between double quotes.
    pub(super) const DOUBLE: Self = Self {
        stop: DOUBLE,
        special: EXPANSION | ESCAPE,
        escapes: Escapes::Only("$`\"\\"),
        quotes_text: true,
        quotes_expansions: true,
        ..Self::WORD
    };
    /// The body of a here-document whose delimiter was not quoted.
    pub(super) const HERE: Self = Self {
        stop: 0,
        special: EXPANSION | ESCAPE,
        escapes: Escapes::Only("$`\\"),
        quotes_expansions: true,
        ..Self::WORD
    };
    /// The same behind `<<-`, where tabs at the start of a line go.
    pub(super) const HERE_INDENTED: Self = Self { special: Self::HERE.special | NEWLINE, ..Self::HERE };
    /// Between the apostrophes in `"${name-'…'}"`, which are text but pair up in bash.
    pub(super) const APOSTROPHES: Self = Self { stop: 0, escapes: Escapes::Only("$`\"\\}"), ..Self::DOUBLE };
    /// Between `((` and `))`.
    pub(super) const ARITHMETIC: Self = Self { stop: PAREN, nests: PAREN, ..Self::WORD };
    /// Between `[` and `]`.
    pub(super) const SUBSCRIPT: Self = Self { stop: BRACKET, nests: BRACKET, ..Self::WORD };
    /// Between the parentheses of a glob: `@(a|b)`.
    pub(super) const GLOB: Self = Self { stop: PAREN, nests: PAREN, ..Self::WORD };
    /// What stands behind `=~` in `[[ … ]]`.
    pub(super) const REGEX: Self =
        Self { stop: BLANK | NEWLINE | OPERATOR | PAREN, nests: PAREN, ..Self::WORD };
    /// The pattern in `${name#pattern}`, quoted or not.
    pub(super) const PATTERN: Self = Self { stop: BRACE, ..Self::WORD };
    /// The pattern in `${name/pattern/…}`.
    pub(super) const REPLACED: Self = Self { stop: BRACE | SLASH, ..Self::WORD };
    /// The offset in `${name:offset:…}`.
    pub(super) const OFFSET: Self = Self { stop: BRACE | COLON, nests: PAREN, ..Self::WORD };

    /// The operand in `${name:-operand}`, which takes on the quotes around the expansion.
    pub(super) const fn operand(self) -> Self {
        if self.quotes_expansions {
            Self {
                stop: BRACE,
                special: EXPANSION | ESCAPE | DOUBLE | SINGLE,
                escapes: Escapes::Only("$`\"\\}"),
                ..Self::DOUBLE
            }
        } else {
            Self::PATTERN
        }
    }

    /// This mode, where expansions are quoted as they are in `outer`.
    pub(super) const fn quoted_like(self, outer: Self) -> Self {
        Self { quotes_expansions: outer.quotes_expansions, ..self }
    }

    /// Whether `$'…'` and `$"…"` mean something.
    pub(super) const fn has_dollar_quotes(self) -> bool {
        self.special & SINGLE != 0 && !self.quotes_text
    }

    /// Whether tabs at the start of a line go.
    pub(super) const fn strips_tabs(self) -> bool {
        self.special & NEWLINE != 0
    }

    /// Whether this is an ordinary word, in which `<(`, `*(` and `=(` mean something.
    pub(super) const fn is_word(self) -> bool {
        self.stop & ANGLE != 0
    }

    /// Whether a backslash quotes `c`.
    pub(super) fn escapes(self, c: char) -> bool {
        match self.escapes {
            Escapes::All => true,
            Escapes::Only(characters) => characters.contains(c),
        }
    }

    /// Whether what a backslash quotes counts as quoted.
    pub(super) const fn quotes_escaped(self) -> bool {
        self.quotes_text || matches!(self.escapes, Escapes::All)
    }

    /// Whether `byte` means anything.
    pub(super) fn cares_for(self, byte: u8) -> bool {
        class(byte) & (self.stop | self.special | self.nests) != 0
    }

    /// Whether `byte` is a bracket that nests.
    pub(super) fn nests(self, byte: u8) -> bool {
        class(byte) & self.nests != 0
    }

    /// Whether `byte` ends the parts while `open` brackets are open.
    pub(super) fn ends_at(self, byte: u8, open: usize) -> bool {
        let stops = class(byte) & self.stop != 0 && !matches!(byte, b'{' | b'[');
        stops && (open == 0 || byte == b'}' || self.is_word())
    }
}

const fn class(byte: u8) -> u16 {
    CLASSES[byte as usize]
}

const BLANK: u16 = 1;
const NEWLINE: u16 = 1 << 1;
const OPERATOR: u16 = 1 << 2;
const ANGLE: u16 = 1 << 3;
const PAREN: u16 = 1 << 4;
const BRACKET: u16 = 1 << 5;
const BRACE: u16 = 1 << 6;
const SINGLE: u16 = 1 << 7;
const DOUBLE: u16 = 1 << 8;
const EXPANSION: u16 = 1 << 9;
const ESCAPE: u16 = 1 << 10;
const SLASH: u16 = 1 << 11;
const COLON: u16 = 1 << 12;
const PIPE: u16 = 1 << 13;

/// The class of each byte; those that never mean anything have none.
const CLASSES: [u16; 256] = {
    let mut classes = [0; 256];
    let table = [
        (b' ', BLANK),
        (b'\t', BLANK),
        (b'\n', NEWLINE),
        (b';', OPERATOR),
        (b'&', OPERATOR),
        (b'|', PIPE),
        (b'<', ANGLE),
        (b'>', ANGLE),
        (b'(', PAREN),
        (b')', PAREN),
        (b'[', BRACKET),
        (b']', BRACKET),
        (b'{', BRACE),
        (b'}', BRACE),
        (b'\'', SINGLE),
        (b'"', DOUBLE),
        (b'$', EXPANSION),
        (b'`', EXPANSION),
        (b'\\', ESCAPE),
        (b'/', SLASH),
        (b':', COLON),
    ];
    let mut row = 0;
    while row < table.len() {
        classes[table[row].0 as usize] = table[row].1;
        row += 1;
    }
    classes
};
