//! Text that cannot be read: what is still read of it, where its gaps stand, and its bounds.

use super::{check, read};
use crate::parse::gap::GapKind;
use crate::parse::script::{Command, CommandKind, Part, Script, Span, Word};
use crate::parse::{Dialect, LIMIT, parse};

const DIALECTS: [Dialect; 3] = [Dialect::Bash, Dialect::Posix, Dialect::Zsh];

/// Checks the text of each gap.
fn check_gaps(text: &str, expected: &[&str]) {
    let at = |span: Span| &text[span.start as usize..span.end as usize];
    let gaps: Vec<&str> = parse(text, Dialect::Bash).gaps.iter().map(|gap| at(gap.span)).collect();
    assert_eq!(gaps, expected, "{text:?}");
}

/// Checks the text of each simple command and of each of its words.
fn check_spans(text: &str, expected: &[&str]) {
    let at = |span: Span| text[span.start as usize..span.end as usize].to_owned();
    let mut found = Vec::new();
    let script = parse(text, Dialect::Bash).script;
    simple_commands(&script, &mut |command, words| {
        found.push(at(command.span));
        found.extend(words.iter().map(|word| at(word.span)));
    });
    assert_eq!(found, expected, "{text:?}");
}

fn simple_commands(script: &Script, see: &mut dyn FnMut(&Command, &[Word])) {
    for command in &script.commands {
        match &command.kind {
            CommandKind::Simple { words, .. } => {
                see(command, words);
                for part in words.iter().flat_map(|word| &word.parts) {
                    if let Part::Command { script, .. } | Part::Process { script, .. } = part {
                        simple_commands(script, see);
                    }
                }
            }
            CommandKind::Pipeline(parts) | CommandKind::AndOr { parts, .. } => {
                simple_commands(&Script { commands: parts.clone() }, see);
            }
            CommandKind::Group { body, .. } | CommandKind::For { body, .. } => simple_commands(body, see),
            _ => {}
        }
    }
}

/// Returns whether reading `text` ended at a bound, whatever the shell.
fn hits_a_bound(text: &str) -> bool {
    let is_bound = |dialect| parse(text, dialect).gaps.iter().any(|gap| gap.kind == GapKind::Bound);
    DIALECTS.into_iter().all(is_bound)
}

#[test]
fn spans_are_those_of_the_text() {
    check_spans("ls", &["ls", "ls"]);
    check_spans(" ls  -l ; pwd", &["ls  -l", "ls", "-l", "pwd", "pwd"]);
    check_spans("a 'b c'\"d\"", &["a 'b c'\"d\"", "a", "'b c'\"d\""]);
    check_spans("é=1 日本 x", &["é=1 日本 x", "é=1", "日本", "x"]);
    check_spans("a $(b c)", &["a $(b c)", "a", "$(b c)", "b c", "b", "c"]);
    check_spans("a `b c`", &["a `b c`", "a", "`b c`", "b c", "b", "c"]);
    check_spans("{ a; } | b x", &["a", "a", "b x", "b", "x"]);
    check_spans("for x in y; do a $x; done", &["a $x", "a", "$x"]);
    check_spans("a\\\nb c", &["a\\\nb c", "a\\\nb", "c"]);
    check_spans("cat <<E x\nq\nE\nb", &["cat <<E x", "cat", "x", "b", "b"]);
    // Text that was unescaped first has the span of its backticks.
    check_spans(
        r"a `b \`c\``",
        &[r"a `b \`c\``", "a", r"`b \`c\``", r"`b \`c\`", r"`b \`c\`", r"`b \`c\`", r"`b \`c\`", r"`b \`c\`"],
    );
}

#[test]
fn gaps_stand_where_reading_failed() {
    check_gaps("ls", &[]);
    check_gaps("a; fi; b", &["f"]);
    check_gaps("a )", &[")"]);
    check_gaps("'a", &[""]);
    check_gaps("a é; fi", &["f"]);
    check_gaps("a (é", &["("]);
    check_gaps("x\0y", &["\0"]);
    check_gaps("fi\nfi\nfi", &["f", "f", "f"]);
}

#[test]
fn the_next_line_is_read_as_if_nothing_had_happened() {
    for wrong in ["fi", "a ( b", "for", "echo )", "a ;; b", "x=(a;b)", "if a; fi", "a | | b"] {
        let shown = read(&format!("{wrong}\nrm x"), Dialect::Bash);
        assert!(shown.contains("(rm x)") && shown.contains('!'), "{wrong}: {shown}");
    }
}

#[test]
fn what_stands_before_an_error_is_read() {
    for wrong in [
        "'", "\"", "`", "(", "{", "$(", "${", "$((", "if", "for x in", "case", "f() {", "<<E", "|", "&&",
        ">", ")", "}",
    ] {
        let shown = read(&format!("rm x; {wrong}"), Dialect::Bash);
        assert!(shown.contains("(rm x)"), "{wrong}: {shown}");
    }
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [
        ("( ", ")"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("${x:-", "}"),
        ("<(", ")"),
        ("if ", "; then :; fi"),
        ("while ", "; do :; done"),
        ("case x in x) ", ";; esac"),
        ("f() { ", "; }"),
        ("x=(a $(", "))"),
        ("! ( ", ")"),
        ("a[$(", ")]"),
        ("[[ $(", ") ]]"),
    ] {
        let deep = |levels: usize| open.repeat(levels) + "a" + &close.repeat(levels);
        assert_eq!(parse(&deep(3), Dialect::Bash).gaps, [], "{open}");
        assert!(hits_a_bound(&deep(2_000)), "{open}");
        assert!(
            parse(&open.repeat(10_000), Dialect::Bash).gaps.iter().any(|gap| gap.kind == GapKind::Bound),
            "{open}"
        );
    }
}

#[test]
fn brackets_in_words_and_escaped_backticks_end() {
    for text in [
        "[", "]", "{", "}", "\\", "'", "\"", "`", "$", "\\`", "@(", "<<E\n", "$'", "<", ">", "&", "|", ";",
        "!",
    ] {
        for dialect in DIALECTS {
            let parsed = parse(&text.repeat(10_000), dialect);
            assert!(parsed.gaps.len() <= 33, "{text:?}");
        }
    }
}

#[test]
fn a_long_text_is_read_to_its_last_whole_line() {
    let line = "echo some words\n";
    let text = line.repeat(LIMIT / line.len() + 100);
    let parsed = parse(&text, Dialect::Bash);
    assert_eq!(parsed.script.commands.len(), LIMIT / line.len());
    let [gap] = parsed.gaps.as_slice() else { panic!("{:?}", parsed.gaps) };
    assert_eq!((gap.kind, gap.span.end as usize), (GapKind::Bound, text.len()));
    // Ten megabytes without a newline, cut between two characters.
    assert!(hits_a_bound(&"é".repeat(5 * 1024 * 1024)));
}

#[test]
fn what_is_no_shell_text_is_given_up() {
    assert!(hits_a_bound(&"fi\n".repeat(1_000)));
    assert!(hits_a_bound(&"a )\n".repeat(1_000)));
}

#[test]
fn what_may_have_to_be_read_again_is_bounded() {
    // Each `((` is read as arithmetic first and as subshells when no `))` closes it.
    assert!(hits_a_bound(&format!("echo {}", "$(( a ) ; ".repeat(6_000))));
}

#[test]
fn what_is_wrong_is_a_gap_and_hides_nothing() {
    check("'a", "('a') !Syntax(a ' is not closed)");
    check(r#""a"#, r#"('a') !Syntax(a " is not closed)"#);
    check(r#""a; rm x"#, r#"('a; rm x') !Syntax(a " is not closed)"#);
    check("`a", "($((a))) !Syntax(a ` is not closed)");
    check("$(a", "($((a))) !Syntax(`)` is missing)");
    check("$((1", "($(sub{(1)})) !Syntax(`)` is missing)");
    check("${x", "(?${x<>) !Syntax(`}` is missing)");
    check("${x:-", "(?${x:-< >) !Syntax(`}` is missing)");
    check("$[1", "($[1]) !Syntax(`]` is missing)");
    check("(a", "sub{(a)} !Syntax(`)` is missing)");
    check("{ a", "{(a)} !Syntax(`}` is missing)");
    check("{ a;", "{(a)} !Syntax(`}` is missing)");
    check("if a", "if{(a)}{} !Syntax(`then` is missing)");
    check("if a; then b", "if{(a)}{(b)} !Syntax(`fi` is missing)");
    check("if a; then b; else", "if{(a)}{(b)}else{} !Syntax(`fi` is missing)");
    check("while a", "while{(a)}{} !Syntax(`do` is missing)");
    check("while a; do b", "while{(a)}{(b)} !Syntax(`done` is missing)");
    check("for x in a", "for x[a]{} !Syntax(`do` is missing)");
    check("for x in a; do b", "for x[a]{(b)} !Syntax(`done` is missing)");
    check("for", "for [@]{} !Syntax(the text ends too early)");
    check("case x", "case x  !Syntax(`in` is missing)");
    check("case x in", "case x  !Syntax(the text ends too early)");
    check("case x in a", "case x [a]{} !Syntax(`)` is missing)");
    check("case x in a)", "case x [a]{} !Syntax(`esac` is missing)");
    check("case x in a) b", "case x [a]{(b)} !Syntax(`esac` is missing)");
    check("case x in a) b;;", "case x [a]{(b)} !Syntax(the text ends too early)");
    check("f(", "(f) !Syntax(unexpected `(`)");
    check("f()", "fn f [[]] !Syntax(the text ends too early)");
    check("f() {", "fn f {} !Syntax(`}` is missing)");
    check("function", " !Syntax(the text ends too early)");
    check("function f", "fn f [[]] !Syntax(the text ends too early)");
    check("[[ a", "[[a]] !Syntax(`]]` is missing)");
    check("((a", "sub{sub{(a)}} !Syntax(`)` is missing)");
    check("$'a", "('a') !Syntax(a ' is not closed)");
    check(r#"$"a"#, r#"('a') !Syntax(a " is not closed)"#);
    check("a <", "(a 0<) !Syntax(the text ends too early)");
    check("a >", "(a 1>) !Syntax(the text ends too early)");
    check("a <<", "(a 0<<) !Syntax(the text ends too early)");
    check("a <<<", "(a 0<<<) !Syntax(the text ends too early)");
    check("a >&", "(a 1>&) !Syntax(the text ends too early)");
    check("a |", "(a) !Syntax(the text ends too early)");
    check("a &&", "(a) !Syntax(the text ends too early)");
    check("a ||", "(a) !Syntax(the text ends too early)");
    check("! ", "{}");
    check("a &&& b", "(a) (b) !Syntax(unexpected `&`)");
    check("a ;; b", "(a) (b) !Syntax(unexpected `;;`)");
    check("a )", "(a) !Syntax(unexpected `)`)");
    check(")", " !Syntax(unexpected `)`)");
    check("}", " !Syntax(unexpected `}`)");
    check("fi", " !Syntax(unexpected `fi`)");
    check("done", " !Syntax(unexpected `done`)");
    check("a; fi; b", "(a) (b) !Syntax(unexpected `fi`)");
    check("then a", "(a) !Syntax(unexpected `then`)");
    check("a | | b", "(a) (b) !Syntax(unexpected `|`)");
    check("& a", "(a) !Syntax(unexpected `&`)");
    check("; a", "(a)");
    check(";; a", "(a) !Syntax(unexpected `;;`)");
    check("| a", "(a) !Syntax(unexpected `|`)");
    check("&& a", "(a) !Syntax(unexpected `&&`)");
    check("a ( b", "(a) (b) !Syntax(unexpected `(`)");
    check("a () b", "fn a (b)");
    check("(a) b", "sub{(a)} (b) !Syntax(unexpected `b`)");
    check("{ a; } b", "{(a)} (b) !Syntax(unexpected `b`)");
    check("if a; then b; fi c", "if{(a)}{(b)} (c) !Syntax(unexpected `c`)");
    check("x=(a", "(x=(a)) !Syntax(`)` is missing)");
    check("x=(a;b)", "(x=(a)) (b) !Syntax(`)` is missing) !Syntax(unexpected `)`)");
    check("x[1", "(x[1]) !Syntax(`]` is missing)");
    check("${x y}", "(?${x y}< y>)");
    check("${}", "(?${}<>)");
    check("${x!}", "(?${x!}<!>)");
    check("$(a\nb", "($((a) (b))) !Syntax(`)` is missing)");
    check("<(a", "(<((a))) !Syntax(`)` is missing)");
    check(">(a", "(>((a))) !Syntax(`)` is missing)");
    check("a <<E", "(a 0<<)");
    check("a <<E\nb", "(a 0<<b)");
    check("a <<'E", "(a 0<<) !Syntax(`'` is missing)");
    check("cat <<E $(\nx\nE\n)", "(cat $((x) (E)) 0<<)");
    check("a\n)\nb", "(a) (b) !Syntax(unexpected `)`)");
    check("a\n\"b\nc", r#"(a) ('b\nc') !Syntax(a " is not closed)"#);
    check("if a\nfi\nb", "if{(a)}{} (b) !Syntax(`then` is missing)");
    check("a; \"b; rm c\nd", r#"(a) ('b; rm c\nd') !Syntax(a " is not closed)"#);
    check("a 'b\nrm c", r"(a 'b\nrm c') !Syntax(a ' is not closed)");
    check("rm x; (", "(rm x) sub{} !Syntax(`)` is missing)");
    check("rm x\n(", "(rm x) sub{} !Syntax(`)` is missing)");
    check("( rm x", "sub{(rm x)} !Syntax(`)` is missing)");
    check("rm x )", "(rm x) !Syntax(unexpected `)`)");
    check("echo $(rm x", "(echo $((rm x))) !Syntax(`)` is missing)");
    check(r#"echo "$(rm x""#, r#"(echo "$((rm x''))") !Syntax(a " is not closed)"#);
    check("{ rm x", "{(rm x)} !Syntax(`}` is missing)");
    check("for x in a; do rm $x", "for x[a]{(rm $x)} !Syntax(`done` is missing)");
    check("if a; then rm x", "if{(a)}{(rm x)} !Syntax(`fi` is missing)");
    check("case a in a) rm x", "case a [a]{(rm x)} !Syntax(`esac` is missing)");
    check("f() { rm x", "fn f {(rm x)} !Syntax(`}` is missing)");
    check("[[ a ]; rm x", "[[a ]]] (rm x) !Syntax(`]]` is missing)");
    check(r"a \", r"(a \\)");
    check(r#"a "b\"#, r#"(a 'b\\') !Syntax(a " is not closed)"#);
    check("done; rm x", "(rm x) !Syntax(unexpected `done`)");
    check("rm x; done", "(rm x) !Syntax(unexpected `done`)");
    check("esac\nrm x", "(rm x) !Syntax(unexpected `esac`)");
    check("a\0b", "(ab) !Syntax(a zero byte, which shells drop)");
}
