//! What a `$` begins: parameters, command substitutions and arithmetic.

use super::Dialect;
use super::gap::GapKind;
use super::here::Awaited;
use super::mode::Mode;
use super::reader::Reader;
use super::script::{Operation, Part, Script, Which, Word};
use super::word::{expands, push_text};

/// The parameters whose names are one sign.
const SIGNS: &[u8] = b"@*#?$!-";

impl Reader<'_> {
    /// Reads what begins with the `$` that stands here.
    pub(super) fn dollar(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let quoted = mode.quotes_expansions;
        let start = self.at;
        let behind = self.past_continuations(start + 1);
        match self.byte(behind) {
            Some(b'(') => self.dollar_parenthesis(behind + 1, quoted, parts),
            Some(b'{') => {
                self.at = behind + 1;
                self.braced(start, mode, parts);
            }
            Some(b'[') if self.dialect != Dialect::Posix => {
                self.at = behind + 1;
                let expression = Box::new(self.operand(Mode::SUBSCRIPT));
                self.close(b']');
                parts.push(Part::Arithmetic { expression });
            }
            // `$"…"` is translated, which leaves it as it is where nobody set up a translation.
            Some(b'"') if mode.has_dollar_quotes() && self.dialect != Dialect::Zsh => self.at = behind,
            Some(b'\'') if mode.has_dollar_quotes() => {
                self.at = behind;
                self.ansi_quoted(parts);
            }
            _ => {
                self.at = behind;
                if !self.bare_parameter(quoted, parts) {
                    push_text(parts, "$", mode.quotes_text);
                }
            }
        }
    }

    /// Reads `$name`, `$1` or `$@` from behind the `$`, if that is what stands here.
    fn bare_parameter(&mut self, quoted: bool, parts: &mut Vec<Part>) -> bool {
        let mut operation = Operation::None;
        if self.dialect == Dialect::Zsh {
            operation = self.zsh_prefix();
        }
        // `$10` is the tenth in zsh, and the first with a 0 behind it elsewhere.
        let number = if self.dialect == Dialect::Zsh { self.eat_number() } else { None };
        let Some(name) = number.or_else(|| self.eat_name()).or_else(|| self.eat_sign()) else {
            return false;
        };
        let mut index = None;
        if self.dialect == Dialect::Zsh {
            index = self.index();
            if self.eat_zsh_modifier() {
                operation = Operation::Other { words: Vec::new() };
            }
        }
        parts.push(Part::Parameter { name, index, operation, quoted });
        true
    }

    /// Steps over a sign or a single digit that is a parameter, and returns it.
    fn eat_sign(&mut self) -> Option<String> {
        let sign = self.peek().filter(|byte| SIGNS.contains(byte) || byte.is_ascii_digit())?;
        self.at += 1;
        Some(char::from(sign).to_string())
    }

    /// Steps over what may stand between a `$` and a name in zsh: `$#name`, `$+name`, `$~name`.
    fn zsh_prefix(&mut self) -> Operation {
        let Some(sign) = self.peek() else { return Operation::None };
        let has_name = self.name_end(self.at + 1).is_some();
        // `$#$` is the length of `$$`, and `$#1` that of `$1`.
        let is_length = |next: u8| next == b'$' || next.is_ascii_digit();
        let has_name = has_name || sign == b'#' && self.peek_second().is_some_and(is_length);
        if !has_name || !b"#+~=^".contains(&sign) {
            return Operation::None;
        }
        self.at += 1;
        match sign {
            b'#' => Operation::Length,
            b'+' => Operation::Other { words: Vec::new() },
            b'=' => Operation::Split,
            _ => Operation::None,
        }
    }

    /// Steps over a modifier of zsh that takes no argument: `:h`, `:t`, `:a`.
    fn eat_zsh_modifier(&mut self) -> bool {
        let stands = self.peek() == Some(b':')
            && self.peek_second().is_some_and(|letter| b"aAcehlPqQrtux".contains(&letter));
        if stands {
            self.at = self.past_continuations(self.at + 1) + 1;
        }
        stands
    }

    /// Reads `$( … )` or `$(( … ))`, the inside of which begins at `inside`.
    fn dollar_parenthesis(&mut self, inside: usize, quoted: bool, parts: &mut Vec<Part>) {
        self.at = inside;
        if self.peek() == Some(b'(') && self.has_fuel() {
            let mark = self.mark();
            self.at += 1;
            if let Some(expression) = self.arithmetic() {
                parts.push(Part::Arithmetic { expression: Box::new(expression) });
                return;
            }
            self.rewind(&mark);
        }
        let script = self.substituted();
        parts.push(Part::Command { script, quoted });
    }

    /// Reads an arithmetic expression from behind its `((` to behind its `))`. There is none where
    /// no `))` closes it: `$((a); b)` is a subshell in a substitution.
    pub(super) fn arithmetic(&mut self) -> Option<Word> {
        let expression = self.operand(Mode::ARITHMETIC);
        self.eat_pair(b"))").then_some(expression)
    }

    /// Reads commands up to and with the `)` that closes them.
    pub(super) fn substituted(&mut self) -> Script {
        let awaited = std::mem::take(&mut self.awaited);
        self.substitution_depth += 1;
        let script = self.nested(Self::commands);
        self.substitution_depth -= 1;
        let open = std::mem::replace(&mut self.awaited, awaited);
        if !open.is_empty() {
            self.here_document_outlived(open);
        }
        self.close(b')');
        script
    }

    /// Shells disagree where the body of a here-document stands whose line ends inside of the
    /// substitution that it began in: bash looks behind that line, others stop looking.
    fn here_document_outlived(&mut self, mut open: Vec<Awaited>) {
        self.gap(GapKind::Syntax, self.at..self.at, "a here-document without its body");
        if self.dialect == Dialect::Bash {
            self.awaited.append(&mut open);
        }
    }

    /// Steps over the bracket that closes what was opened before.
    pub(super) fn close(&mut self, bracket: u8) {
        if !self.eat(bracket) {
            self.missing(&char::from(bracket).to_string());
        }
    }

    /// Reads `${…}`, which began at `start`, from behind its `{`.
    fn braced(&mut self, start: usize, mode: Mode, parts: &mut Vec<Part>) {
        // `${ command; }` and `${| command; }` of bash 5.3 and ksh.
        if matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'|')) {
            self.eat(b'|');
            let script = self.nested(Self::commands);
            self.close(b'}');
            parts.push(Part::Command { script, quoted: mode.quotes_expansions });
            return;
        }
        let mut words = Vec::new();
        match self.expansion(mode) {
            Some(part) if self.peek() == Some(b'}') => {
                self.at += 1;
                parts.push(part);
                return;
            }
            Some(part) => words = words_of(part),
            None => {}
        }
        words.push(self.operand(mode.operand()));
        self.close(b'}');
        parts.push(Part::Other { raw: self.text[start..self.at].to_owned(), words });
    }

    /// Reads the inside of `${…}`, as far as it is understood.
    fn expansion(&mut self, mode: Mode) -> Option<Part> {
        let prefix = self.prefix();
        // `${$(a)}` and `${${a}}` of zsh are no operations on `$$`.
        let is_sign = self.peek() != Some(b'$') || !matches!(self.peek_second(), Some(b'{' | b'('));
        let sign = |reader: &mut Self| if is_sign { reader.eat_sign() } else { None };
        let name = self.eat_name().or_else(|| self.eat_number()).or_else(|| sign(self))?;
        let index = self.index();
        let operation = match prefix {
            Some(Operation::Indirect) if self.peek() != Some(b'}') || index.is_some() => {
                // `${!name*}` and `${!name[@]}` are names and keys; the rest works on a variable
                // that is not known.
                self.other(mode)
            }
            Some(prefix) => prefix,
            None => self.operation(mode),
        };
        Some(Part::Parameter { name, index, operation, quoted: mode.quotes_expansions })
    }

    /// Steps over the `#` of a length, the `!` of an indirection or the `=` of a splitting.
    fn prefix(&mut self) -> Option<Operation> {
        let operation = match self.peek()? {
            b'#' => Operation::Length,
            b'!' => Operation::Indirect,
            b'=' if self.dialect == Dialect::Zsh => Operation::Split,
            _ => return None,
        };
        let name = self.past_continuations(self.at + 1);
        let behind = self.past_continuations(name + 1);
        let named = match self.byte(name)? {
            byte if byte == b'_' || byte.is_ascii_alphanumeric() => true,
            // `${#-}` is the length of `$-`, but `${#-x}` is `$#` or else `x`.
            byte => SIGNS.contains(&byte) && matches!(self.byte(behind), Some(b'}' | b'[')),
        };
        self.at += usize::from(named);
        named.then_some(operation)
    }

    /// Steps over the number of a positional parameter and returns it.
    pub(super) fn eat_number(&mut self) -> Option<String> {
        let mut number = String::new();
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            number.push(char::from(digit));
            self.at += 1;
        }
        (!number.is_empty()).then_some(number)
    }

    /// Reads `[index]`, if it stands here.
    fn index(&mut self) -> Option<Box<Word>> {
        if !self.eat(b'[') {
            return None;
        }
        let index = self.operand(Mode::SUBSCRIPT);
        self.close(b']');
        Some(Box::new(index))
    }

    /// Reads what stands behind a name in `${…}`.
    fn operation(&mut self, mode: Mode) -> Operation {
        let Some(byte) = self.peek() else { return Operation::None };
        match byte {
            b'-' | b'=' | b'+' | b'?' => self.fallback(byte, false, mode),
            b':' => {
                self.at += 1;
                match self.peek() {
                    Some(byte @ (b'-' | b'=' | b'+' | b'?')) => self.fallback(byte, true, mode),
                    _ => self.substring(mode),
                }
            }
            b'#' => {
                let longest = self.eat_doubled(b'#');
                Operation::TrimPrefix { pattern: self.operand(Mode::PATTERN.quoted_like(mode)), longest }
            }
            b'%' => {
                let longest = self.eat_doubled(b'%');
                Operation::TrimSuffix { pattern: self.operand(Mode::PATTERN.quoted_like(mode)), longest }
            }
            b'/' => self.replacement(mode),
            b'^' | b',' => {
                let all = self.eat_doubled(byte);
                match self.peek() {
                    Some(b'}') if byte == b'^' => Operation::Upper { all },
                    Some(b'}') => Operation::Lower { all },
                    _ => self.other(mode),
                }
            }
            b'@' => {
                self.at += 1;
                self.other(mode)
            }
            _ => Operation::None,
        }
    }

    /// Steps over `byte`, and over a second one if it follows; returns whether it did.
    fn eat_doubled(&mut self, byte: u8) -> bool {
        self.at += 1;
        self.eat(byte)
    }

    fn other(&mut self, mode: Mode) -> Operation {
        let word = self.operand(Mode::PATTERN.quoted_like(mode));
        Operation::Other { words: Some(word).filter(expands).into_iter().collect() }
    }

    fn fallback(&mut self, sign: u8, colon: bool, mode: Mode) -> Operation {
        self.at += 1;
        let word = self.operand(mode.operand());
        match sign {
            b'-' => Operation::Default { word, colon },
            b'=' => Operation::Assign { word, colon },
            b'+' => Operation::Alternative { word, colon },
            _ => Operation::Error { word, colon },
        }
    }

    fn substring(&mut self, mode: Mode) -> Operation {
        // In zsh a letter is a modifier (`${file:h}`), and `:#`, `:|`, `:^` compare arrays.
        let is_number = |byte: u8| byte.is_ascii_digit() || b" -$(".contains(&byte);
        if self.dialect == Dialect::Zsh && !self.peek().is_some_and(is_number) {
            return self.other(mode);
        }
        let offset = self.operand(Mode::OFFSET.quoted_like(mode));
        let length = self.eat(b':').then(|| self.operand(Mode::PATTERN.quoted_like(mode)));
        Operation::Substring { offset, length }
    }

    fn replacement(&mut self, mode: Mode) -> Operation {
        self.at += 1;
        let which = match self.peek() {
            Some(b'/') => Which::All,
            Some(b'#') => Which::Prefix,
            Some(b'%') => Which::Suffix,
            _ => Which::First,
        };
        self.at += usize::from(which != Which::First);
        let pattern = self.operand(Mode::REPLACED.quoted_like(mode));
        self.eat(b'/');
        let with = self.operand(Mode::PATTERN.quoted_like(mode));
        Operation::Replace { pattern, with, which }
    }
}

/// Returns the words in an expansion that was not understood to its end.
fn words_of(part: Part) -> Vec<Word> {
    let Part::Parameter { index, operation, .. } = part else { return Vec::new() };
    let mut words: Vec<Word> = index.into_iter().map(|index| *index).collect();
    match operation {
        Operation::Other { words: inner } => words.extend(inner),
        Operation::Default { word, .. }
        | Operation::Assign { word, .. }
        | Operation::Alternative { word, .. }
        | Operation::Error { word, .. } => words.push(word),
        Operation::TrimPrefix { pattern, .. } | Operation::TrimSuffix { pattern, .. } => words.push(pattern),
        Operation::Replace { pattern, with, .. } => words.extend([pattern, with]),
        Operation::Substring { offset, length } => {
            words.push(offset);
            words.extend(length);
        }
        Operation::None
        | Operation::Length
        | Operation::Indirect
        | Operation::Split
        | Operation::Upper { .. }
        | Operation::Lower { .. } => {}
    }
    words
}
