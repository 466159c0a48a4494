//! Here-documents of Ruby, Perl and PHP: the body of a string that stands on the lines below it.

use super::language::Language;
use super::lexer::{Gap, Kind, Lexer};
use super::quoted::Form;

/// How often the end of a here-document may be searched for, each time up to the text's end. A text
/// that keeps on asking for it is hostile.
pub(super) const MAX_SEARCHES: usize = 256;

/// How many such searches one counts for that was in vain, for a regular expression's end as well.
pub(super) const VAIN: usize = 16;

/// A here-document whose body begins on the next line.
pub(super) struct Heredoc<'a> {
    /// The token that it belongs to.
    token: usize,
    tag: &'a str,
    /// Whether the line that ends it may be indented.
    indented: bool,
    form: Form<'a>,
}

impl Lexer<'_> {
    /// Reads the beginning of a here-document, whose sign is `sign` bytes long.
    pub(super) fn heredoc(&mut self, sign: usize) -> bool {
        let php = self.syntax.language == Language::Php;
        let tail = &self.rest()[sign..];
        let indented = tail.starts_with(['~', '-']) || php;
        let tag_at =
            if php { tail.len() - tail.trim_start_matches([' ', '\t']).len() } else { usize::from(indented) };
        let tail = &tail[tag_at..];
        let quote = tail.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let inner = &tail[quote.map_or(0, char::len_utf8)..];
        let length = match quote {
            Some(quote) => inner.find(quote),
            None => inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).or(Some(inner.len())),
        };
        let tag = length.map_or("", |length| &inner[..length]);
        let shifts = quote.is_none() && self.value_before() && (self.gap == Gap::None || !indented);
        if tag.is_empty()
            || tag.contains('\n')
            || tag.starts_with(|c: char| c.is_ascii_digit())
            || (shifts && !php)
        {
            return false;
        }
        let close = format!("\n{tag}");
        let bare = |line: &str| line.trim_start_matches([' ', '\t']).starts_with(tag);
        self.searches += 1;
        let ends = || self.rest().contains(&close) || indented && self.rest().lines().skip(1).any(bare);
        if self.searches > MAX_SEARCHES || !ends() {
            self.searches += VAIN;
            return false;
        }
        let start = self.at;
        self.at += sign + tag_at + tag.len() + 2 * quote.map_or(0, char::len_utf8);
        let form = Form::document(self.syntax.language, quote == Some('\''));
        self.heredocs.push(Heredoc { token: self.tokens.len(), tag, indented, form });
        self.push(start, if quote == Some('`') { Kind::Shell(Vec::new()) } else { Kind::Text(Vec::new()) });
        true
    }

    /// Reads the bodies of the here-documents that the line before opened.
    pub(super) fn read_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let body = self.at;
            let mut at = body;
            let mut end = self.end;
            let mut next = self.end;
            for line in self.text[body..self.end].split_inclusive('\n') {
                let bare = if heredoc.indented { line.trim_start_matches([' ', '\t']) } else { line };
                let tail = bare.strip_prefix(heredoc.tag);
                if tail.is_some_and(|tail| !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
                    end = at;
                    // What follows PHP's closing tag on its line is code.
                    next = at + (line.len() - bare.len()) + heredoc.tag.len();
                    break;
                }
                at += line.len();
            }
            let outer = std::mem::replace(&mut self.end, end);
            let pieces = self.pieces(heredoc.form);
            self.end = outer;
            self.at = next;
            if let Some(token) = self.tokens.get_mut(heredoc.token) {
                match &mut token.kind {
                    Kind::Text(old) | Kind::Shell(old) => *old = pieces,
                    _ => {}
                }
            }
        }
    }
}
