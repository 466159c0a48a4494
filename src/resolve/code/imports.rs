//! Names that a text brings in from elsewhere.

use super::language::Language;
use super::lexer::{Gap, Kind, Piece, Token};
use super::reader::{Operand, Reader};
use super::value::Value;

impl<'a> Reader<'a> {
    /// Reads an import, the keyword of which is next.
    pub(super) fn import(&mut self) -> Operand {
        match self.syntax.language {
            Language::Python => self.python_import(),
            Language::JavaScript => return self.javascript_import(),
            Language::Ruby => self.ruby_include(),
            Language::Perl => self.perl_use(),
            Language::Php => self.php_use(),
            Language::Go => self.go_import(),
            _ => self.at += 1,
        }
        Operand::default()
    }

    /// Returns the module called `name`, and remembers that it was brought in.
    pub(super) fn module_named(&mut self, name: &str) -> Value {
        let path = match self.syntax.language {
            Language::JavaScript => javascript_module(name),
            _ => name.to_owned(),
        };
        let again = self.state.sources.last().is_some_and(|last| last == name);
        if self.is(Language::JavaScript) && name.starts_with(['.', '/']) && !again {
            self.state.sources.push(name.to_owned());
        }
        self.state.modules.insert(path.clone());
        Value::name(&path)
    }

    /// Sets `name` to the member `member` of `module`.
    fn bring_in(&mut self, name: &str, module: &str, member: &str) {
        let module = self.module_named(module);
        let value = self.member(&Operand::of(module), member).value;
        let key = self.key(name);
        self.state.scope.set(&key, value);
    }

    /// Reads a name with dots in it.
    fn dotted(&mut self) -> String {
        let mut name = String::new();
        while let Some(token) = self.continuation() {
            match token.kind {
                Kind::Word(word) if !matches!(word, "import" | "as") => name.push_str(word),
                Kind::Sign("." | "..." | "..") => name.push('.'),
                Kind::Sign("::") => name.push('.'),
                _ => break,
            }
            self.at += 1;
            let joined = self.peek().is_some_and(|next| next.gap == Gap::None || name.ends_with('.'));
            if !joined {
                break;
            }
        }
        name
    }

    /// Reads `as name`.
    fn alias(&mut self) -> Option<&'a str> {
        if !self.next_word_is("as") {
            return None;
        }
        self.at += 1;
        let name = self.peek()?.word()?;
        self.at += 1;
        Some(name)
    }

    fn python_import(&mut self) {
        let from = self.next_word_is("from");
        self.at += 1;
        if !from {
            loop {
                let name = self.dotted();
                if name.is_empty() {
                    break;
                }
                let root = name.split('.').next().unwrap_or(&name).to_owned();
                self.module_named(&root);
                let module = self.module_named(&name);
                match self.alias() {
                    Some(alias) => self.state.scope.set(alias, module),
                    None => self.state.scope.set(&root, Value::name(&root)),
                }
                if !self.skip(",") {
                    break;
                }
            }
            return;
        }
        let module = self.dotted();
        if !self.next_word_is("import") {
            return;
        }
        self.at += 1;
        if self.next_is("(") {
            self.inside(true, |reader| reader.python_names(&module));
        } else {
            self.python_names(&module);
        }
    }

    /// Reads the names after Python's `from module import`.
    fn python_names(&mut self, module: &str) {
        loop {
            if self.skip("*") {
                self.module_named(module);
                self.state.scope.stars.push(module.to_owned());
                return;
            }
            let Some(name) = self.continuation().and_then(Token::word) else { return };
            self.at += 1;
            let alias = self.alias().unwrap_or(name);
            self.bring_in(alias, module, name);
            if !self.skip(",") {
                return;
            }
        }
    }

    /// Reads `import x, {a as b} from 'm'`, `import * as x from 'm'`, `import 'm'`, `import('m')`.
    fn javascript_import(&mut self) -> Operand {
        let called = self.peek_at(1).is_some_and(|next| next.is("(") || next.is("."));
        if called {
            let start = self.at;
            self.at += 1;
            if self.next_is("(") {
                let operand = Operand { value: Value::name("import"), ..Operand::default() };
                return self.call(&operand, start);
            }
            return Operand {
                value: Value::name("import"),
                written: Some("import".to_owned()),
                ..Operand::default()
            };
        }
        self.at += 1;
        // Each name with the member that it stands for; nothing for the module itself.
        let mut names: Vec<(&str, &str)> = Vec::new();
        let mut in_braces = false;
        while let Some(token) = self.peek() {
            self.at += 1;
            match &token.kind {
                Kind::Word("from" | "type") | Kind::Sign(",") => {}
                Kind::Word("as") => {
                    if let (Some(alias), Some(last)) = (self.peek().and_then(Token::word), names.last_mut()) {
                        last.0 = alias;
                        self.at += 1;
                    }
                }
                Kind::Word(word) => names.push((word, if in_braces { word } else { "" })),
                Kind::Sign("*") => names.push(("", "")),
                Kind::Sign("{") => in_braces = true,
                Kind::Sign("}") => in_braces = false,
                Kind::Sign("=") => {
                    // `import x = require('m')`
                    let value = self.expression().value;
                    names.iter().for_each(|(name, _)| self.state.scope.set(name, value.clone()));
                    break;
                }
                Kind::Text(pieces) => {
                    if let [Piece::Text(module)] = pieces.as_slice() {
                        self.bring_in_all(module, &names);
                    }
                    break;
                }
                _ => {
                    self.at -= 1;
                    break;
                }
            }
        }
        Operand::default()
    }

    fn bring_in_all(&mut self, module: &str, names: &[(&str, &str)]) {
        self.module_named(module);
        for (name, member) in names {
            if member.is_empty() || *member == "default" {
                let value = self.module_named(module);
                self.state.scope.set(name, value);
            } else {
                self.bring_in(name, module, member);
            }
        }
    }

    /// Reads Ruby's `include Module`.
    fn ruby_include(&mut self) {
        self.at += 1;
        let name = self.dotted();
        if !name.is_empty() {
            self.state.scope.stars.push(name);
        }
    }

    /// Reads Perl's `use Module qw(names)` and `require Module`.
    fn perl_use(&mut self) {
        let start = self.at;
        self.at += 1;
        if matches!(self.peek().map(|token| &token.kind), Some(Kind::Number(_))) {
            return;
        }
        if self.peek().is_none_or(|token| token.word().is_none_or(|word| word.starts_with('$'))) {
            // `require "file.pl"`
            let mut operand = Operand::of(Value::name("require"));
            self.bare_call(&mut operand, start);
            return;
        }
        let module = self.dotted();
        self.module_named(&module);
        let items = self.bare_items();
        let names =
            items.iter().flat_map(|item| item.value.as_list().unwrap_or(std::slice::from_ref(&item.value)));
        let names: Vec<String> = names.filter_map(|name| name.known_text().map(str::to_owned)).collect();
        for name in names {
            self.bring_in(&name, &module, &name);
        }
    }

    /// Reads PHP's `use A\B as C`, where only the last part of a name counts.
    fn php_use(&mut self) {
        self.at += 1;
        while let Some(word) = self.peek().and_then(Token::word) {
            self.at += 1;
            let last = word.rsplit('\\').next().unwrap_or(word);
            if let Some(alias) = self.alias() {
                let key = self.key(alias);
                self.state.scope.set(&key, Value::name(last));
            }
            self.skip(",");
        }
    }

    /// Reads Go's `import "a/b"`, `import x "a/b"` and `import ( … )`. A package goes by the last
    /// part of its path.
    fn go_import(&mut self) {
        self.at += 1;
        if self.next_is("(") {
            self.inside(false, |reader| {
                while reader.at < reader.end {
                    reader.go_package();
                }
            });
        } else {
            self.go_package();
        }
    }

    fn go_package(&mut self) {
        let alias = self.peek().and_then(Token::word);
        self.at += usize::from(alias.is_some() || self.next_is("."));
        let Some(Token { kind: Kind::Text(pieces), .. }) = self.peek() else {
            self.at += 1;
            return;
        };
        self.at += 1;
        if let [Piece::Text(path)] = pieces.as_slice() {
            let parts = || path.rsplit('/').filter(|part| !is_version(part));
            let name = parts().next().unwrap_or(path).to_owned();
            let module = self.module_named(&name);
            if let Some(alias) = alias {
                self.state.scope.set(alias, module);
            }
        }
    }
}

/// Returns whether a part of a Go path is only a version (`v2`).
fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
}

/// Returns the dotted name of the module that JavaScript calls `name`.
fn javascript_module(name: &str) -> String {
    let name = name.strip_prefix("node:").or_else(|| name.strip_prefix("npm:")).unwrap_or(name);
    if name.starts_with(['@', '.', '/']) {
        return name.to_owned();
    }
    name.replace('/', ".")
}
