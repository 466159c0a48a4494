//! Redirections.

use super::Dialect;
use super::reader::Reader;
use super::script::{Part, Redirect, RedirectKind, Word};

impl Reader<'_> {
    /// Reads the redirections that stand here.
    pub(super) fn redirects(&mut self) -> Vec<Redirect> {
        let mut redirects = Vec::new();
        loop {
            let before = self.at;
            self.skip_blanks();
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => {
                    self.at = before;
                    return redirects;
                }
            }
        }
    }

    /// Reads the redirection that stands here, if one does.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        if !matches!(self.peek()?, b'<' | b'>' | b'&' | b'{' | b'0'..=b'9') {
            return None;
        }
        let start = self.at;
        let (number, operator) = self.descriptor();
        let fd = |default: i32| number.unwrap_or(default);
        self.at = operator;
        let (fd, kind) = match self.peek() {
            Some(b'&') if number.is_none() && self.peek_second() == Some(b'>') => {
                self.eat_pair(b"&>");
                (1, self.written_file())
            }
            Some(b'<') if self.peek_second() != Some(b'(') && self.numeric_glob(self.at) == 0 => {
                self.at += 1;
                (fd(0), self.input(operator))
            }
            Some(b'>') if self.peek_second() != Some(b'(') => {
                self.at += 1;
                if self.eat(b'&') { (fd(1), self.duplicated_output()) } else { (fd(1), self.written_file()) }
            }
            _ => {
                self.at = start;
                return None;
            }
        };
        let variable = (number == Some(-1)).then(|| self.text[start + 1..operator - 1].to_owned());
        Some(Redirect { fd, variable, kind, span: self.span(start, self.at) })
    }

    /// Returns the number in front of a redirection, -1 for `{name}`, and where its operator would
    /// stand.
    fn descriptor(&self) -> (Option<i32>, usize) {
        if self.byte(self.at) == Some(b'{')
            && let Some(name_end) = self.name_end(self.at + 1)
            && self.byte(name_end) == Some(b'}')
        {
            return (Some(-1), name_end + 1);
        }
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let most = if self.dialect == Dialect::Zsh { 1 } else { digits };
        let number = self.rest()[..digits.min(most)].parse().ok();
        (number, self.at + if number.is_some() { digits } else { 0 })
    }

    /// Reads what follows a `<`, which stands at `operator`.
    fn input(&mut self, operator: usize) -> RedirectKind {
        match self.peek() {
            Some(b'<') => {
                self.at += 1;
                if self.eat(b'<') {
                    return RedirectKind::HereString(self.target());
                }
                RedirectKind::HereDocument(self.here_document(operator))
            }
            Some(b'>') => {
                self.at += 1;
                RedirectKind::ReadWrite(self.target())
            }
            Some(b'&') => {
                self.at += 1;
                RedirectKind::Duplicate(self.target())
            }
            _ => RedirectKind::Read(self.target()),
        }
    }

    /// Reads what follows a `>` or `&>`.
    fn written_file(&mut self) -> RedirectKind {
        let appends = self.eat(b'>');
        // zsh writes `>&` in any order, and forces with `!` as well as `|`.
        let is_zsh = self.dialect == Dialect::Zsh;
        if is_zsh {
            self.eat(b'&');
        }
        if self.peek() == Some(b'|') || is_zsh && self.peek() == Some(b'!') {
            self.at += 1;
        }
        let target = self.target();
        if appends { RedirectKind::Append(target) } else { RedirectKind::Write(target) }
    }

    /// Reads what follows `>&`: a descriptor, or a file for both outputs.
    fn duplicated_output(&mut self) -> RedirectKind {
        if self.dialect == Dialect::Zsh && matches!(self.peek(), Some(b'|' | b'!' | b'>')) {
            return self.written_file();
        }
        let target = self.target();
        if names_descriptor(&target) { RedirectKind::Duplicate(target) } else { RedirectKind::Write(target) }
    }

    /// Reads the word a redirection goes to.
    fn target(&mut self) -> Word {
        self.skip_blanks();
        let word = self.word(self.word_mode());
        word.unwrap_or_else(|| {
            self.unexpected();
            Word { parts: Vec::new(), span: self.span(self.at, self.at) }
        })
    }
}

/// Returns whether the target of `>&` is a descriptor (`1`, `-`, `1-`) or may become one (`$fd`).
fn names_descriptor(target: &Word) -> bool {
    target.parts.iter().all(|part| match part {
        Part::Text { text, .. } => text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'),
        _ => true,
    })
}
