//! What holds for any text: no panic, an end, nothing left out silently.

use proptest::prelude::*;

use super::*;

/// Every language.
const LANGUAGES: [Language; 11] = [
    Language::Python,
    Language::JavaScript,
    Language::Ruby,
    Language::Perl,
    Language::Php,
    Language::Go,
    Language::Awk,
    Language::Lua,
    Language::R,
    Language::PowerShell,
    Language::Sed,
];

/// Pieces of code that are hard on a reader when they meet in any order.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "'", "\"", "`", "'''", "/", "//", "/*", "*/", "#", "\n", "\\", "$", "${", "#{", "@", "%", "&",
    "<<A", "<<~'A'", "\nA\n", "<<<A", "q(", "qw[", "%w[", "s{", "}e", "[[", "]]", "--[[", "r\"(", "=>", "->", ":", "::", ";", ",",
    ".", "..", "...", "=", "+=", "|", "||", "?", "!", "*", "**", "x", "f", "é", "\u{F0000}", "\u{F0001}", "1", "if ", "else ",
    "for x in ", "while ", "do ", "end ", "def f(", "function f(", "sub f {", "lambda ", "import ", "from ", "class ", "return ",
    "const ", "print ", "eval(", "exec ", "require ", "use ", "in ", "as ", "and ", "\\\n", "=begin\n", "=pod\n\n", "<?php ", "?>",
    "f'{", "{{", "\\u{110000}", "\\x", "chr(", ".join(", ".format(", "% ", "[::-1]", "[1:", "<", "> ", ">>", "`\n", "@(", "$(", "s/",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.concat();
        for language in LANGUAGES {
            read_all(&text, language);
        }
    }

    #[test]
    fn no_characters_make_it_panic(text in "\\PC{0,80}") {
        for language in LANGUAGES {
            read_all(&text, language);
        }
    }

    #[test]
    fn what_stands_before_hides_no_call(pieces in prop::collection::vec(prop::sample::select(&["x = 1", "f(2)", "if x: pass", "# it's", "'a\"'", "[1, 2]", "for y in z: g(y)", "def h(): pass"][..]), 0..12)) {
        let text = format!("{}\nos.remove('/x')\n", pieces.join("\n"));
        let code = read(&text, Language::Python, &[]);
        prop_assert!(code.calls.iter().any(|call| call.is("os.remove")), "{}", text);
    }
}

/// Reads `text` and asks everything of it.
fn read_all(text: &str, language: Language) {
    let code = read(text, language, &["a".to_owned()]);
    code.commands();
    code.requests();
    code.sql();
    code.writes();
    code.appends();
    code.sources();
    for literal in &code.strings {
        assert!(literal.span.start <= literal.span.end && literal.span.end as usize <= text.len());
    }
    for call in &code.calls {
        assert!(
            call.span.start <= call.span.end && call.span.end as usize <= text.len(),
            "{text:?} {call:?}"
        );
    }
}

#[test]
fn a_copied_stream_may_be_named_by_any_character() {
    read_all("Get-Item a 2>&é", Language::PowerShell);
}

#[test]
fn what_nests_too_deep_is_noted() {
    let check = |language, open: &str, close: &str| {
        let text = format!("{}unlink('/x'){}", open.repeat(3000), close.repeat(3000));
        let code = read(&text, language, &[]);
        let found = code.calls.iter().any(|call| call.is("unlink"));
        assert!(found || !code.unknown_code.is_empty(), "{language:?} {open}");
    };
    check(Language::Python, "(", ")");
    check(Language::Python, "[", "]");
    check(Language::Python, "{1:", "}");
    check(Language::Python, "f(", ")");
    check(Language::Python, "lambda: ", "");
    check(Language::Python, "not ", "");
    check(Language::Python, "f'{", "}'");
    check(Language::Python, "x = ", "");
    check(Language::Python, "1 if ", "");
    check(Language::JavaScript, "{", "}");
    check(Language::JavaScript, "x => ", "");
    check(Language::JavaScript, "() => {", "}");
    check(Language::JavaScript, "`${", "}`");
    check(Language::JavaScript, "function f() {", "}");
    check(Language::JavaScript, "f(function () {", "})");
    check(Language::JavaScript, "x ? ", ": 1");
    check(Language::JavaScript, "if (x) ", "");
    check(Language::JavaScript, "else ", "");
    check(Language::Ruby, "f do ", " end");
    check(Language::Ruby, "\"#{", "}\"");
    check(Language::Ruby, "f ", "");
    check(Language::Ruby, "def f\n", "\nend");
    check(Language::Perl, "f { ", " }");
    check(Language::Perl, "$x[", "]");
    check(Language::Perl, "\"@{[", "]}\"");
    check(Language::Php, "fn() => ", "");
    check(Language::Lua, "f(function() ", " end)");
    check(Language::R, "function(x) ", "");
    check(Language::Go, "func() {", "}()");
    check(Language::PowerShell, "$(", ")");
    check(Language::PowerShell, "{", "}");
}

#[test]
fn long_texts_are_read_in_part() {
    let text = "f(1)\n".repeat(MAX_CODE / 5 + 10);
    let code = read(&text, Language::Python, &[]);
    assert_eq!(code.unknown_code.len(), 1);
    assert_eq!(code.unknown_code[0].span.end as usize, text.len());
    // The cut may fall within a character.
    read(&"é".repeat(MAX_CODE), Language::Python, &[]);
}

#[test]
fn values_do_not_grow_without_bound() {
    let check = |text: &str| {
        let code = read(text, Language::Python, &[]);
        let made: usize = code
            .calls
            .iter()
            .flat_map(|call| &call.arguments)
            .filter_map(|a| a.value.as_ref())
            .map(String::len)
            .sum();
        assert!(made < 64 << 20, "{made} bytes");
    };
    check(&("x = 'aaaaaaaaaaaaaaaa'\n".to_owned() + &"x = x + x\nf(x)\n".repeat(2000)));
    check(&("x = ['aaaaaaaaaaaaaaaa']\n".to_owned() + &"x = x + x\nf(x)\n".repeat(2000)));
    check(&("x = 'a%s%s%s%s'\n".to_owned() + &"x = x % (x, x, x, x)\nf(x)\n".repeat(2000)));
    check(&("x = 'abc'\n".to_owned() + &"x = x.replace('a', x).join([x, x])\nf(x)\n".repeat(2000)));
    check(&("x = {}\n".to_owned() + &"x = {'a': x, 'b': x}\nf(x)\n".repeat(2000)));
    check(&"x = x.a(x)\n".repeat(2000));
    check(&("p = '/a'\n".to_owned() + &"if x: p = p + '/b'\nf(p, p, p)\n".repeat(1000)));
}

#[test]
fn names_match_patterns() {
    let check = |callee: &str, pattern: &str, expect: bool| {
        let call = Call {
            callee: callee.to_owned(),
            arguments: Vec::new(),
            receiver: Vec::new(),
            in_loop: false,
            span: crate::parse::script::Span::default(),
        };
        assert_eq!(call.is(pattern), expect, "{callee} {pattern}");
    };
    check("shutil.rmtree", "shutil.rmtree", true);
    check("shutil.rmtree", "rmtree", false);
    check("prisma.user.deleteMany", "*.deleteMany", true);
    check("deleteMany", "*.deleteMany", false);
    check("prisma.user.deleteMany", "prisma.*.deleteMany", true);
    check("a.b.c.b", "a.*b", true);
    check("ab", "ab*b", false);
    check("fs.\u{F0000}", "fs.rmSync", true);
    check("fs.\u{F0000}", "os.rmSync", false);
    check("x.\u{F0000}", "*.drop", false);
    check("db.\u{F0000}.drop", "*.drop", true);
}
