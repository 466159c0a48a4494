//! What words become. That real shells agree is tested in `tests/it/shells.rs`; here is what they
//! are not asked there: what is not known, files, and what programs print.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use crate::resolve::action::Effect;
use crate::rulebook::Rulebook;
use crate::trial;
use crate::unknown::is_mark;

/// Checks the words of each call of `argv` in a script, `…` for what is not known.
#[track_caller]
fn check(script: &str, expected: &[&str]) {
    let files = [
        ("cmd.txt", "rm -rf x\n"),
        ("lines.txt", "one\ntwo\nthree\n"),
        ("src/a.rs", ""),
        ("src/b.rs", ""),
        ("data.b64", "cm0gLXJm\n"),
        ("/usr/bin/tool", ""),
    ];
    let files: BTreeMap<String, String> = files.map(|(name, text)| (name.into(), text.into())).into();
    let (resolution, _) = trial::judge(&Rulebook::builtin(), script, &files);
    let calls = resolution.actions.into_iter().filter_map(|action| match action.effect {
        Effect::Run(line) if line.program == "argv" => Some(line.words.join("|")),
        _ => None,
    });
    let shown: Vec<String> = calls.map(|call| call.replace(is_mark, "…")).collect();
    assert_eq!(shown, expected, "{script}");
}

#[test]
fn what_nobody_set_is_not_known() {
    check("argv $X \"$X\" a${X}b", &["…|…|a…b"]);
    check("argv ${X:-a} ${X-b} ${X:+c} ${X:=d} $X", &["a|b|d|d"]);
    check("argv ${#X} ${X%a} ${X^^} ${X:1} ${!X} ${X@Q}", &["…|…|…|…|…|…"]);
    check("argv $? $$ $! $RANDOM \"$-\"", &["…|…|…|…|…"]);
    check("argv $(nobody-knows) \"$(nobody-knows)\"", &["…|…"]);
    check("read x; argv $x", &["…"]);
    check("while getopts a:b o; do argv $o $OPTARG; done", &["…|…", "…|…"]);
}

#[test]
fn what_is_set_otherwise_than_it_was_assigned_is_not_known() {
    check("declare -l x; x=RM; argv $x", &["…"]);
    check("declare -u x=rm; argv $x", &["…"]);
    check("declare -i x=1+1; argv $x", &["…"]);
    check("declare -n r=x; x=1; r=2; argv $x", &["…"]);
    check("if a; then x=1; else x=2; fi; argv $x", &["…"]);
    check("if a; then x=1; else x=1; fi; argv $x", &["1"]);
    check("a=([2]=x y); argv ${a[2]} ${a[3]} ${a[9]} ${#a[@]}", &["x|y|2"]);
    check("declare -A m=([k]=v [l]=w); argv ${m[k]} ${m[@]}", &["v|…"]);
    check("x=1; (( x = nobody )); argv $x", &["…"]);
    check("for ((i=0;i<3;i++)); do argv $i; done", &["…", "…"]);
}

#[test]
fn variables_end_with_their_function() {
    check("f() { local x=in; argv $x; }; x=out; f; argv $x", &["in", "out"]);
    check("f() { x=in; }; x=out; f; argv $x", &["in"]);
    check("f() { local x; argv \"<$x>\"; }; x=out; f", &["<>"]);
    check("f() { declare -g x=in; }; x=out; f; argv $x", &["in"]);
    check("x=out; x=in argv $x; argv $x", &["out", "out"]);
    check("x=out; x=in eval 'argv $x'; argv $x", &["in", "out"]);
    check("f() { argv $x; }; x=out; x=in f; argv $x", &["in", "out"]);
}

#[test]
fn files_are_read() {
    check("argv $(<cmd.txt)", &["rm|-rf|x"]);
    check("argv \"$(cat cmd.txt)\"", &["rm -rf x"]);
    check("argv $(head -n1 lines.txt) $(tail -1 lines.txt) $(sed -n 2p < lines.txt)", &["one|three|two"]);
    check("argv $(base64 -d data.b64)", &["rm|-rf"]);
    check("mapfile -t a < lines.txt; argv \"${a[@]}\"", &["one|two|three"]);
    check("while read -r l; do argv $l; done < lines.txt", &["one", "two", "three"]);
    check("argv $(cat nothing.txt)", &["…"]);
    check("for f in src/*.rs; do argv \"$f\"; done", &["src/a.rs", "src/b.rs"]);
    check("for f in src/*.py; do argv \"$f\"; done", &["src/*.py"]);
    check("set -- src/*; argv $# \"$1\"", &["2|src/a.rs"]);
    check("a=(src/*.rs); argv \"${a[1]}\"", &["src/b.rs"]);
    check("argv src/*.rs", &["src/*.rs"]);
    check("argv $(git rev-parse --show-toplevel)/x", &["/home/dev/app/x"]);
    check("argv $(which tool) \"$(command -v tool)\" $(type -p none)", &["/usr/bin/tool|/usr/bin/tool|none"]);
    check("cd src; argv $(pwd) ~ ~root", &["/home/dev/app/src|/home/dev|/root"]);
}

#[test]
fn what_programs_print_is_worked_out() {
    check("argv $(echo 'a b' | tr ' ' _) $(echo abc | rev) $(echo a:b | cut -d: -f2)", &["a_b|cba|b"]);
    check("argv $(echo 726d | xxd -r -p) $(echo OJWQ==== | base32 -d)", &["rm|rm"]);
    check("argv $(echo cm0= | openssl enc -base64 -d) $(echo rm | base64)", &["rm|cm0K"]);
    check("argv $(printf '%s-%02d' a 7) $(printf \"\\\\$(printf %o 114)\")", &["a-07|r"]);
    check("argv $(echo xm | sed 's/x/r/') $(echo 'a.b' | sed -E 's/(.)\\.(.)/\\2.\\1/')", &["rm|b.a"]);
    check("argv $(seq 3) $(basename /a/b.c .c) $(dirname /a/b)", &["1|2|3|b|/a"]);
    check("argv $(printf 'b\\na\\n' | sort | head -1) $(echo aab | tr -d a)", &["a|b"]);
    check("echo 'a b' | while read x y; do argv $y $x; done", &["b|a"]);
    check("argv $(echo x | gunzip) $(date) $(echo $X | rev)", &["…|…|…"]);
}

#[test]
fn what_would_be_too_much_is_not_known() {
    check("argv {1..1000} a{1..999}{1..999}b", &["…|a……b"]);
    check("x=aaaaaaaa; for i in 1 2 3 4 5 6 7 8; do x=${x//a/aaaaaaaa}; done; argv \"$x\"", &["…"]);
    check("argv $(seq 100000) $(yes | head -c 4)", &["…|y|y"]);
}
