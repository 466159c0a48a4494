//! Shell text of any kind: reading ends, never panics, and every span lies inside the text, between
//! characters.

#![no_main]

use guard::parse::script::{Command, CommandKind, Part, Script, Span, Value, Word};
use guard::parse::{Dialect, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Bash, Dialect::Posix, Dialect::Zsh] {
        let parsed = parse(text, dialect);
        for gap in &parsed.gaps {
            inside(gap.span, text);
        }
        script(&parsed.script, text);
    }
});

fn inside(span: Span, text: &str) {
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
}

fn script(script: &Script, text: &str) {
    script.commands.iter().for_each(|each| command(each, text));
}

fn command(command: &Command, text: &str) {
    inside(command.span, text);
    command.redirects.iter().for_each(|redirect| inside(redirect.span, text));
    match &command.kind {
        CommandKind::Simple { assignments, words } => {
            for assignment in assignments {
                inside(assignment.span, text);
                if let Value::Scalar(value) = &assignment.value {
                    word(value, text);
                }
            }
            words.iter().for_each(|each| word(each, text));
        }
        CommandKind::Pipeline(parts) | CommandKind::AndOr { parts, .. } => {
            parts.iter().for_each(|part| self::command(part, text));
        }
        CommandKind::Group { body, .. } | CommandKind::For { body, .. } => script(body, text),
        CommandKind::While { condition, body } => {
            script(condition, text);
            script(body, text);
        }
        CommandKind::If { branches, otherwise } => {
            for (condition, body) in branches {
                script(condition, text);
                script(body, text);
            }
            otherwise.iter().for_each(|body| script(body, text));
        }
        CommandKind::Case { subject, arms } => {
            word(subject, text);
            arms.iter().for_each(|(_, body)| script(body, text));
        }
        CommandKind::Function { body, .. } => self::command(body, text),
        CommandKind::Test(words) => words.iter().for_each(|each| word(each, text)),
    }
}

fn word(word: &Word, text: &str) {
    inside(word.span, text);
    for part in &word.parts {
        match part {
            Part::Command { script, .. } | Part::Process { script, .. } => self::script(script, text),
            Part::Arithmetic { expression } => self::word(expression, text),
            _ => {}
        }
    }
}
