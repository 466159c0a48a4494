//! Scripts as short text, for tests.

use crate::parse::script::{
    Assignment, Command, CommandKind, Element, Operation, Part, Redirect, RedirectKind, Script, Value, Which,
    Word,
};

/// Commands side by side; `'…'` is quoted text and `"…"` a quoted expansion.
pub(super) fn print(script: &Script) -> String {
    list(&script.commands, " ", command)
}

fn list<T>(items: &[T], separator: &str, print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(separator)
}

fn command(command: &Command) -> String {
    let kind = match &command.kind {
        CommandKind::Simple { assignments, words } => {
            let mut items: Vec<String> = assignments.iter().map(assignment).collect();
            items.extend(words.iter().map(word));
            items.extend(command.redirects.iter().map(redirect));
            return format!("({})", items.join(" "));
        }
        CommandKind::Pipeline(parts) => format!("pipe[{}]", list(parts, " ", self::command)),
        CommandKind::AndOr { parts, .. } => format!("and[{}]", list(parts, " ", self::command)),
        CommandKind::Group { body, subshell: false } => format!("{{{}}}", print(body)),
        CommandKind::Group { body, subshell: true } => format!("sub{{{}}}", print(body)),
        CommandKind::If { branches, otherwise } => {
            let branch = |(condition, body): &(Script, Script)| {
                format!("if{{{}}}{{{}}}", print(condition), print(body))
            };
            let otherwise = otherwise.as_ref().map(|body| format!("else{{{}}}", print(body)));
            list(branches, "", branch) + &otherwise.unwrap_or_default()
        }
        CommandKind::For { variable, words, body } => {
            let words = words.as_ref().map_or("@".to_owned(), |words| list(words, " ", word));
            format!("for {variable}[{words}]{{{}}}", print(body))
        }
        CommandKind::While { condition, body } => {
            format!("while{{{}}}{{{}}}", print(condition), print(body))
        }
        CommandKind::Case { subject, arms } => {
            let arm = |(patterns, body): &(Vec<Word>, Script)| {
                format!("[{}]{{{}}}", list(patterns, " ", word), print(body))
            };
            format!("case {} {}", word(subject), list(arms, "", arm))
        }
        CommandKind::Function { name, body } => format!("fn {name} {}", self::command(body)),
        CommandKind::Test(words) => format!("[[{}]]", list(words, " ", word)),
    };
    let redirects = list(&command.redirects, " ", redirect);
    if redirects.is_empty() { kind } else { format!("{kind} {redirects}") }
}

fn assignment(assignment: &Assignment) -> String {
    let index = assignment.index.as_ref().map(|index| format!("[{}]", word(index)));
    let sign = if assignment.append { "+=" } else { "=" };
    let value = match &assignment.value {
        Value::Scalar(value) => word(value),
        Value::Array(elements) => format!("({})", list(elements, " ", element)),
    };
    format!("{}{}{sign}{value}", assignment.name, index.unwrap_or_default())
}

fn element(element: &Element) -> String {
    let key = element.key.as_ref().map(|key| format!("[{}]=", word(key)));
    key.unwrap_or_default() + &word(&element.value)
}

fn redirect(redirect: &Redirect) -> String {
    let (sign, target) = match &redirect.kind {
        RedirectKind::Read(target) => ("<", target),
        RedirectKind::Write(target) => (">", target),
        RedirectKind::Append(target) => (">>", target),
        RedirectKind::ReadWrite(target) => ("<>", target),
        RedirectKind::HereDocument(target) => ("<<", target),
        RedirectKind::HereString(target) => ("<<<", target),
        RedirectKind::Duplicate(target) => (">&", target),
    };
    format!("{}{sign}{}", redirect.fd, word(target))
}

fn word(word: &Word) -> String {
    list(&word.parts, "", part)
}

fn part(part: &Part) -> String {
    let (shown, quoted) = match part {
        Part::Text { text, quoted: false } => (text.escape_debug().to_string(), false),
        Part::Text { text, quoted: true } => (format!("'{}'", text.escape_debug()), false),
        Part::Parameter { name, index, operation: Operation::None, quoted } => {
            (format!("${name}{}", index.as_deref().map(bracketed).unwrap_or_default()), *quoted)
        }
        Part::Parameter { name, index, operation: after, quoted } => {
            let index = index.as_deref().map(bracketed).unwrap_or_default();
            (format!("${{{name}{index}{}}}", operation(after)), *quoted)
        }
        Part::Command { script, quoted } => (format!("$({})", print(script)), *quoted),
        Part::Process { script, input } => {
            (format!("{}({})", if *input { '<' } else { '>' }, print(script)), false)
        }
        Part::Arithmetic { expression } => (format!("$[{}]", word(expression)), false),
        Part::Array(elements) => (format!("({})", list(elements, " ", element)), false),
        Part::Other { raw, words } => (format!("?{}<{}>", raw.escape_debug(), list(words, " ", word)), false),
    };
    if quoted { format!("\"{shown}\"") } else { shown }
}

fn bracketed(index: &Word) -> String {
    format!("[{}]", word(index))
}

fn operation(operation: &Operation) -> String {
    let colon = |colon: &bool| if *colon { ":" } else { "" };
    let doubled = |sign: &str, twice: &bool| sign.repeat(1 + usize::from(*twice));
    match operation {
        Operation::None => String::new(),
        Operation::Default { word: w, colon: c } => format!("{}-{}", colon(c), word(w)),
        Operation::Assign { word: w, colon: c } => format!("{}={}", colon(c), word(w)),
        Operation::Alternative { word: w, colon: c } => format!("{}+{}", colon(c), word(w)),
        Operation::Error { word: w, colon: c } => format!("{}?{}", colon(c), word(w)),
        Operation::TrimPrefix { pattern, longest } => doubled("#", longest) + &word(pattern),
        Operation::TrimSuffix { pattern, longest } => doubled("%", longest) + &word(pattern),
        Operation::Replace { pattern, with, which } => {
            let sign = match which {
                Which::First => "/",
                Which::All => "//",
                Which::Prefix => "/#",
                Which::Suffix => "/%",
            };
            format!("{sign}{}/{}", word(pattern), word(with))
        }
        Operation::Substring { offset, length } => {
            let length = length.as_ref().map(|length| format!(":{}", word(length)));
            format!(":{}{}", word(offset), length.unwrap_or_default())
        }
        Operation::Length => " length".to_owned(),
        Operation::Indirect => " indirect".to_owned(),
        Operation::Split => " split".to_owned(),
        Operation::Upper { all } => doubled("^", all),
        Operation::Lower { all } => doubled(",", all),
        Operation::Other { words } => format!(" other<{}>", list(words, " ", word)),
    }
}
