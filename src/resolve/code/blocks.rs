//! Branches, loops and blocks, and what the variables of loops take.

use super::language::Language;
use super::lexer::{Gap, Kind, Token};
use super::reader::Reader;
use super::scope::Closes;
use super::syntax::{Blocks, Role};
use super::value::Value;

/// How many tokens a loop's variables may take.
const MAX_LOOP_NAMES: usize = 24;

impl Reader<'_> {
    /// Reads `{ … }` as statements.
    pub(super) fn block(&mut self, repeats: bool) {
        self.state.scope.open(Closes::Caller, repeats);
        let depth = self.state.scope.depth();
        self.inside(false, Self::statements);
        self.state.scope.close_to(depth - 1);
    }

    /// Reads what a condition or a loop's head governs: a block or one statement.
    fn body(&mut self, repeats: bool) {
        if self.next_is("{") {
            self.block(repeats);
        } else if self.continuation().is_some() && !self.next_is(";") {
            self.state.scope.open(Closes::Caller, repeats);
            let depth = self.state.scope.depth();
            self.deeper(Self::step);
            self.state.scope.close_to(depth - 1);
        }
    }

    /// Reads statements up to the `end` that closes the block opened last.
    pub(super) fn until_end(&mut self) {
        let depth = self.state.scope.depth();
        self.deeper(|reader| {
            while reader.at < reader.end && reader.state.scope.depth() >= depth {
                reader.step();
            }
        });
    }

    /// Returns whether the next token begins a statement, so that an `if` there is no modifier.
    fn begins_statement(&self) -> bool {
        let Some(token) = self.peek() else { return false };
        let Some(last) = self.at.checked_sub(1).and_then(|index| self.tokens.get(index)) else { return true };
        token.gap == Gap::Line
            || match last.kind {
                Kind::Sign(sign) => !matches!(sign, ")" | "]" | "}"),
                Kind::Word(word) => self.syntax.role(word).is_some_and(|role| role != Role::End),
                _ => false,
            }
    }

    /// Reads `if` and its kin.
    pub(super) fn branch(&mut self) {
        let column = self.peek().map_or(0, |token| token.column);
        let begins = self.begins_statement();
        self.at += 1;
        match self.syntax.blocks {
            Blocks::Indents => self.state.scope.open(Closes::Column(column), false),
            Blocks::Ends if begins => self.state.scope.open(Closes::End, false),
            Blocks::Ends => {}
            Blocks::Braces => {
                self.head();
                self.body(false);
            }
        }
    }

    /// Reads `else` and its kin.
    pub(super) fn arm(&mut self) {
        let column = self.peek().map_or(0, |token| token.column);
        let word = self.peek().and_then(Token::word).unwrap_or_default();
        self.at += 1;
        match self.syntax.blocks {
            Blocks::Indents => self.state.scope.open(Closes::Column(column), false),
            Blocks::Ends => self.state.scope.next_arm(),
            Blocks::Braces if matches!(word, "case" | "default") => self.state.scope.next_arm(),
            Blocks::Braces => {
                if !matches!(word, "else" | "finally") {
                    self.head();
                }
                self.body(false);
            }
        }
    }

    /// Reads the condition before a block.
    fn head(&mut self) {
        if self.next_is("(") {
            self.inside(true, Self::statements);
            return;
        }
        while self
            .continuation()
            .is_some_and(|token| !token.is("{") && !token.is(";") || self.is(Language::Go) && token.is(";"))
        {
            self.step();
        }
    }

    /// Reads a loop: its head, and its body where braces mark it.
    pub(super) fn looping(&mut self) {
        let column = self.peek().map_or(0, |token| token.column);
        let modifies = self.syntax.blocks == Blocks::Ends && !self.begins_statement();
        let lists = self.is(Language::Php) && self.next_word_is("foreach");
        self.at += 1;
        if modifies {
            return;
        }
        let closes = match self.syntax.blocks {
            Blocks::Indents => Closes::Column(column),
            Blocks::Ends => Closes::End,
            Blocks::Braces => Closes::Caller,
        };
        self.state.scope.open(closes, true);
        let depth = self.state.scope.depth();
        if lists && self.next_is("(") {
            self.inside(true, Self::list_as_variables);
        } else {
            let outer = std::mem::replace(&mut self.in_head, true);
            self.loop_head();
            self.in_head = outer;
        }
        match self.syntax.blocks {
            Blocks::Braces => {
                self.body(true);
                self.state.scope.close_to(depth - 1);
            }
            Blocks::Ends if self.next_word_is("do") => self.at += 1,
            _ => {}
        }
    }

    fn loop_head(&mut self) {
        if self.next_word_is("await") {
            self.at += 1;
        }
        if self.loop_variables() || self.next_is("{") {
            return;
        }
        if self.next_is("(") {
            self.inside(true, |reader| {
                if !reader.loop_variables() {
                    reader.statements();
                }
            });
            return;
        }
        match self.syntax.blocks {
            Blocks::Braces => self.head(),
            Blocks::Indents => {}
            Blocks::Ends => {
                while self.continuation().is_some_and(|token| token.word() != Some("do") && !token.is(";")) {
                    self.step();
                }
            }
        }
    }

    /// Reads `x in list`, `x of list`, `_, x := range list`, `$x (list)`, `$list as $x`, and sets the
    /// variables to what they take in turn.
    pub(super) fn loop_variables(&mut self) -> bool {
        let mut names = Vec::new();
        for offset in 0..MAX_LOOP_NAMES {
            let Some(token) = self.peek_at(offset) else { break };
            match token.kind {
                Kind::Word("in" | "of") if offset > 0 => {
                    self.at += offset + 1;
                    return self.take_turns(&names);
                }
                Kind::Word(word) if self.syntax.role(word) != Some(Role::Declare) => {
                    names.push(self.key(word))
                }
                Kind::Word(_) | Kind::Sign(",") => {}
                Kind::Sign("(") if self.is(Language::Perl) && !names.is_empty() => {
                    self.at += offset;
                    return self.take_turns(&names);
                }
                Kind::Sign("(" | ")" | "[" | "]" | "{" | "}") if self.is(Language::Python) => {}
                Kind::Sign("[" | "]" | "{" | "}") if self.is(Language::JavaScript) => {}
                Kind::Sign(":=" | "=") => {
                    let ranges = self.peek_at(offset + 1).and_then(Token::word) == Some("range");
                    if ranges {
                        self.at += offset + 2;
                        return self.take_turns(&names);
                    }
                    break;
                }
                _ => break,
            }
        }
        false
    }

    /// Reads PHP's `$list as $key => $value`.
    fn list_as_variables(&mut self) {
        let value = self.choice().value;
        let mut names = Vec::new();
        while let Some(token) = self.peek() {
            if let Some(word) = token.word().filter(|word| word.starts_with('$')) {
                names.push(self.key(word));
            }
            self.at += 1;
        }
        self.set_turns(&names, &value);
    }

    fn take_turns(&mut self, names: &[String]) -> bool {
        let value = if self.next_is("(") && self.is(Language::Perl) {
            let items = self.inside(true, |reader| reader.items(&[]));
            Value::list(items.into_iter().map(|item| item.value).collect())
        } else {
            let mut values = vec![self.binary(0).value];
            while self.is(Language::Python) && !self.lines_join && self.next_is(",") {
                self.at += 1;
                values.push(self.binary(0).value);
            }
            if values.len() == 1 { values.remove(0) } else { Value::list(values) }
        };
        self.set_turns(names, &value);
        true
    }

    /// Sets the last of `names` to each item of `value`; where items are lists, all names to theirs.
    fn set_turns(&mut self, names: &[String], value: &Value) {
        let id = self.state.scope.new_choice();
        let item = value.any_item(id);
        let lists = names.len() > 1 && item.alternatives().iter().all(|item| item.as_list().is_some());
        for (index, name) in names.iter().enumerate() {
            let part = match index + 1 == names.len() {
                _ if lists => self.item(&item, index as i64),
                true => item.clone(),
                false => Value::Unknown,
            };
            // The variables of a comprehension are gone after it; those of a loop keep the last item.
            if self.lines_join && self.is(Language::Python) {
                self.state.scope.set_own(name, part);
            } else {
                self.state.scope.set(name, part);
            }
        }
    }
}
