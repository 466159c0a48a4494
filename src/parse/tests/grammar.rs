//! Commands: lists, redirections, here-documents, compound commands.

use super::check;

#[test]
fn lists() {
    check("ls -la /tmp", "(ls -la /tmp)");
    check("a;b", "(a) (b)");
    check("a; b;", "(a) (b)");
    check("a\nb\n\nc", "(a) (b) (c)");
    check("a &", "sub{(a)}");
    check("a & b", "sub{(a)} (b)");
    check("a && b || c", "and[(a) (b) (c)]");
    check("a &&\n\n b", "and[(a) (b)]");
    check("a ||\n# remark\nb", "and[(a) (b)]");
    check("! a", "{(a)}");
    check("! ! a", "{(a)}");
    check("! a && b", "and[{(a)} (b)]");
    check("a | b | c", "pipe[(a) (b) (c)]");
    check("a |& b", "pipe[(a) (b)]");
    check("a |\n b", "pipe[(a) (b)]");
    check("time a | b", "{pipe[(a) (b)]}");
    check("time -p a", "{(a)}");
    check("time", "{}");
    check("! time a", "{(a)}");
}

#[test]
fn comments() {
    check("a # b; rm x", "(a)");
    check("a#b", "(a#b)");
    check("# only a remark", "");
    check("a;# b\nc", "(a) (c)");
}

#[test]
fn redirections() {
    check("a >f", "(a 1>f)");
    check("a > f 2>&1", "(a 1>f 2>&1)");
    check("a >>f 2>>g", "(a 1>>f 2>>g)");
    check("a <f >g", "(a 0<f 1>g)");
    check("a >|f", "(a 1>f)");
    check("a &>f", "(a 1>f)");
    check("a &>>f", "(a 1>>f)");
    check("a >&f", "(a 1>f)");
    check("a >&2", "(a 1>&2)");
    check("a 2>&-", "(a 2>&-)");
    check("a <&3", "(a 0>&3)");
    check("a 3<&1-", "(a 3>&1-)");
    check("a <>f", "(a 0<>f)");
    check("a 3<>f", "(a 3<>f)");
    check("a {fd}>f", "(a -1>f)");
    check("a {fd}<&-", "(a -1>&-)");
    check("a {fd} >f", "(a {fd} 1>f)");
    check("a 12>f", "(a 12>f)");
    check("a 1 >f", "(a 1 1>f)");
    check("a>f", "(a 1>f)");
    check("a2>f", "(a2 1>f)");
    check("a 2>f b", "(a b 2>f)");
    check(">f", "(1>f)");
    check(">f a", "(a 1>f)");
    check("<f a b", "(a b 0<f)");
    check(r#"a >"$x""#, r#"(a 1>"$x")"#);
    check("a >$(ls)", "(a 1>$((ls)))");
    check("a > >(tee f)", "(a 1>>((tee f)))");
    check("a < <(ls)", "(a 0<<((ls)))");
    check(r#"a >& "$f""#, r#"(a 1>&"$f")"#);
    check("a <<<b", "(a 0<<<b)");
    check(r#"a <<<"b c" d"#, "(a d 0<<<'b c')");
    check("a <<< $x", "(a 0<<<$x)");
}

#[test]
fn here_documents() {
    check("cat <<E\nx\nE", r"(cat 0<<x\n)");
    check("cat <<E\nx $y `z` $(w)\nE\nb", r#"(cat 0<<x "$y" "$((z))" "$((w))"\n) (b)"#);
    check("cat <<'E'\nx $y\nE", r"(cat 0<<'x $y\n')");
    check("cat <<\"E\"\nx $y\nE", r"(cat 0<<'x $y\n')");
    check("cat <<\\E\nx $y\nE", r"(cat 0<<'x $y\n')");
    check("cat <<-E\n\tx\n\t\tE\nb", r"(cat 0<<x\n) (b)");
    check("cat <<E <<F\n1\nE\n2\nF", r"(cat 0<<1\n 0<<2\n)");
    check("cat <<E | sh\nrm x\nE", r"pipe[(cat 0<<rm x\n) (sh)]");
    check("cat <<E; a\nx\nE\nb", r"(cat 0<<x\n) (a) (b)");
    check("cat <<E && a\nx\nE", r"and[(cat 0<<x\n) (a)]");
    check("cat <<E\nx\\\ny \\$z \\q\nE", r"(cat 0<<xy $z \\q\n)");
    check("cat <<E\nE", "(cat 0<<)");
    check("cat <<E\n\nE", r"(cat 0<<\n)");
    check("cat <<E >f\nx\nE", r"(cat 0<<x\n 1>f)");
    check("cat >f <<E\nx\nE", r"(cat 1>f 0<<x\n)");
    check("cat 3<<E\nx\nE", r"(cat 3<<x\n)");
    check("{ cat <<E\nx\nE\n}", r"{(cat 0<<x\n)}");
    check("if a <<E; then b; fi\nx\nE", r"if{(a 0<<x\n)}{(b)}");
    check("f() { cat <<E\nx\nE\n}", r"fn f {(cat 0<<x\n)}");
    check("echo $(cat <<E\nx\nE\n)", r"(echo $((cat 0<<x\n)))");
    check("echo \"$(cat <<E\nx\nE\n)\"", r#"(echo "$((cat 0<<x\n))")"#);
    check("echo `cat <<E\nx\nE\n`", r"(echo $((cat 0<<x\n)))");
    check("cat <<E\n$(cat <<F\ny\nF\n)\nE", r#"(cat 0<<"$((cat 0<<y\n))"\n)"#);
    check("cat <<E\n${x:-y}\n\"q\" 'r'\nE", r#"(cat 0<<"${x:-'y'}"\n\"q\" \'r\'\n)"#);
    check("cat << E\nx\n E\nE", r"(cat 0<<x\n E\n)");
    check("cat <<E\nx", "(cat 0<<x)");
    check("a <<E\nx\nE b\nE", r"(a 0<<x\nE b\n)");
}

#[test]
fn compound_commands() {
    check("(a)", "sub{(a)}");
    check("(a; b) >f", "sub{(a) (b)} 1>f");
    check("( (a) )", "sub{sub{(a)}}");
    check("((a) ; b)", "sub{sub{(a)} (b)}");
    check("{ a; }", "{(a)}");
    check("{ a; b; } >f 2>&1", "{(a) (b)} 1>f 2>&1");
    check("{ a\n}", "{(a)}");
    check("{a}", "({a})");
    check("{ a;} | b", "pipe[{(a)} (b)]");
    check("if a; then b; fi", "if{(a)}{(b)}");
    check("if a; then b; else c; fi", "if{(a)}{(b)}else{(c)}");
    check(
        "if a; then b; elif c; then d; elif e; then f; else g; fi",
        "if{(a)}{(b)}if{(c)}{(d)}if{(e)}{(f)}else{(g)}",
    );
    check("if a\nthen\nb\nfi", "if{(a)}{(b)}");
    check("if a; b; then c; d; fi >f", "if{(a) (b)}{(c) (d)} 1>f");
    check("if ! a; then b; fi", "if{{(a)}}{(b)}");
    check("if [[ $x == y ]]; then a; fi", "if{[[$x == y]]}{(a)}");
    check("while a; do b; done", "while{(a)}{(b)}");
    check("until a; do b; done <f", "while{(a)}{(b)} 0<f");
    check("while :; do a; break; done", "while{(:)}{(a) (break)}");
    check("for x in a b c; do d $x; done", "for x[a b c]{(d $x)}");
    check("for x; do a; done", "for x[@]{(a)}");
    check("for x in; do a; done", "for x[]{(a)}");
    check(r#"for x in "$@"; do a; done"#, r#"for x["$@"]{(a)}"#);
    check("for x in *.c; do a; done", "for x[*.c]{(a)}");
    check("for x in a b\ndo\nc\ndone", "for x[a b]{(c)}");
    check("for x in a; { b; }", "for x[a]{(b)}");
    check("for x do a; done", "for x[@]{(a)}");
    check("select x in a b; do c; done", "for x[a b]{(c)}");
    check("case x in a) b;; esac", "case x [a]{(b)}");
    check("case $x in a|b) c;; *) d;; esac", "case $x [a b]{(c)}[*]{(d)}");
    check("case x in (a) b;; (c) d; esac", "case x [a]{(b)}[c]{(d)}");
    check("case x in\na)\nb\n;;\nesac", "case x [a]{(b)}");
    check("case x in esac", "case x ");
    check(
        r#"case "$x" in "a b") c;; a*) d;& b?) e;;& [c-d]) f;; esac"#,
        r#"case "$x" ['a b']{(c)}[a*]{(d)}[b?]{(e)}[[c-d]]{(f)}"#,
    );
    check("case x in a) ;; b) c ;; esac >f", "case x [a]{}[b]{(c)} 1>f");
    check("case $(ls) in $(pwd)) a;; esac", "case $((ls)) [$((pwd))]{(a)}");
    check("case x in if) a;; esac", "case x [if]{(a)}");
    check("f() { a; }", "fn f {(a)}");
    check("f () { a; }", "fn f {(a)}");
    check("f() ( a )", "fn f sub{(a)}");
    check("f() if a; then b; fi", "fn f if{(a)}{(b)}");
    check("f() { a; } >f", "fn f {(a)} 1>f");
    check("f()\n{ a; }", "fn f {(a)}");
    check("function f { a; }", "fn f {(a)}");
    check("function f() { a; }", "fn f {(a)}");
    check("function f-g { a; }", "fn f-g {(a)}");
    check("function f ( a )", "fn f sub{(a)}");
    check("f-g() { a; }", "fn f-g {(a)}");
    check("f() { g() { a; }; }", "fn f {fn g {(a)}}");
    check(r#"f() { a "$1"; }; f x"#, r#"fn f {(a "$1")} (f x)"#);
    check("[[ a ]]", "[[a]]");
    check("[[ -f x && ! -d y ]]", "[[-f x ! -d y]]");
    check("[[ $x == a* ]]", "[[$x == a*]]");
    check(r#"[[ $x = "a b" || $y != c ]]"#, "[[$x = 'a b' $y != c]]");
    check("[[ $x =~ ^a(b|c)+$ ]]", "[[$x =~ ^a(b|c)+$]]");
    check(r"[[ $x =~ a\ b ]]", "[[$x =~ a' 'b]]");
    check("[[ ( a && b ) || c ]]", "[[a b c]]");
    check("[[ a < b ]]", "[[a b]]");
    check("[[ a\n&& b ]]", "[[a b]]");
    check("[[ $(ls) ]]", "[[$((ls))]]");
    check("[[ -z ${x:-} ]] && a", "and[[[-z ${x:-}]] (a)]");
    check("[ a = b ]", "([ a = b ])");
    check("[ -f x ] && a", "and[([ -f x ]) (a)]");
    check("coproc a", "sub{(a)}");
    check("coproc X { a; }", "sub{{(a)}}");
    check("coproc { a; }", "sub{{(a)}}");
    check("coproc while a; do b; done", "sub{while{(a)}{(b)}}");
}

#[test]
fn continuations() {
    check("a \\\n b", "(a b)");
    check("a &&\\\n b", "and[(a) (b)]");
    check("a |\\\n b", "pipe[(a) (b)]");
    check("i\\\nf a; then b; fi", "if{(a)}{(b)}");
    check("$\\\nx", "($x)");
    check("$\\\n(a)", "($((a)))");
    check("a>\\\n>f", "(a 1>>f)");
    check("a&\\\n&b", "and[(a) (b)]");
}

#[test]
fn programs_that_read_shell_text() {
    check(r#"eval "a b""#, "(eval 'a b')");
    check("exec >f", "(exec 1>f)");
    check(". ./f", "(. ./f)");
    check("source f", "(source f)");
    check("trap 'a b' EXIT", "(trap 'a b' EXIT)");
    check(r#"[ "$(ls)" ] || a"#, r#"and[([ "$((ls))" ]) (a)]"#);
    check("a;b&c", "(a) sub{(b)} (c)");
    check("a&b&", "sub{(a)} sub{(b)}");
    check("(a)&", "sub{sub{(a)}}");
    check("a & wait", "sub{(a)} (wait)");
    check(r#"a -- "$@""#, r#"(a -- "$@")"#);
    check("a 'b\nc'", r"(a 'b\nc')");
    check("a \"b\nc\"", r"(a 'b\nc')");
    check("a\tb", "(a b)");
    check("a\r\nb", r"(a\r) (b)");
}
