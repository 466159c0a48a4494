//! Words: quotes, expansions, substitutions, assignments.

use super::check;

#[test]
fn assignments() {
    check("x=1", "(x=1)");
    check("x=1 y=2 cmd z=3", "(x=1 y=2 cmd z=3)");
    check("x=", "(x=)");
    check("x+=1", "(x+=1)");
    check("x[0]=a", "(x[0]=a)");
    check("x[i+1]+=a", "(x[i+1]+=a)");
    check("x[$(ls)]=b", "(x[$((ls))]=b)");
    check("x=(a b)", "(x=(a b))");
    check("x=()", "(x=())");
    check(r#"x+=(a "b c")"#, "(x+=(a 'b c'))");
    check("x=([1]=a [k]=b c)", "(x=([1]=a [k]=b c))");
    check("x=(a\n# remark\nb\n)", "(x=(a b))");
    check("x=$(ls) y=`pwd`", "(x=$((ls)) y=$((pwd)))");
    check("x==y", "(x==y)");
    check("1x=y", "(1x=y)");
    check("x-y=z", "(x-y=z)");
    check("=x", "(=x)");
    check(r#"x ="y""#, "(x ='y')");
    check(r#""x"=y"#, "('x'=y)");
    check(r"x\ny=z", "(x'n'y=z)");
}

#[test]
fn quoting() {
    check(r#"'a b' "c d" e\ f"#, "('a b' 'c d' e' 'f)");
    check(r#"'a'"b"c"#, "('ab'c)");
    check("''", "('')");
    check(r#""""#, "('')");
    check("a''", "(a'')");
    check(r#""a\$b\`c\"d\\e\f""#, r#"('a$b`c\"d\\e\\f')"#);
    check(r"'a\b'", r"('a\\b')");
    check("a\\\nb", "(ab)");
    check("\"a\\\nb\"", "('ab')");
    check(r"$'a\tb'", r"('a\tb')");
    check(r"$'\x41\101\u00e9\U1F600'", "('AAé😀')");
    check(r"$'a\'b'", r"('a\'b')");
    check(r"$'\e\cA\q'", r"('\u{1b}\u{1}\\q')");
    check(r#"$"a $b""#, r#"('a '"$b")"#);
    check(r#""$'a'""#, r"('$\'a\'')");
    check(r#""a 'b' c""#, r"('a \'b\' c')");
    check(r#"'a"b'"#, r#"('a\"b')"#);
    check(r"\a\b", "('ab')");
    check(r"a\", r"(a\\)");
}

#[test]
fn parameters() {
    check(r#"$x ${x} "$x" "${x}""#, r#"($x $x "$x" "$x")"#);
    check("$xy${x}y", "($xy$xy)");
    check("$1 ${1} $10 ${10}", "($1 $1 $10 $10)");
    check(r#"$@ "$@" $* "$*" $# $? $- $$ $! $0"#, r#"($@ "$@" $* "$*" $# $? $- $$ $! $0)"#);
    check("${#x} ${#} ${#@} ${##}", "(${x length} $# ${@ length} ${# length})");
    check(
        "${x-a} ${x:-a} ${x=a} ${x:=a} ${x+a} ${x:+a} ${x?a} ${x:?a}",
        "(${x-a} ${x:-a} ${x=a} ${x:=a} ${x+a} ${x:+a} ${x?a} ${x:?a})",
    );
    check(
        r#"${x:-a b} ${x:-"a b"} "${x:-a b}" "${x:-"a b"}""#,
        r#"(${x:-a b} ${x:-'a b'} "${x:-'a b'}" "${x:-'a b'}")"#,
    );
    check("${x:-$y} ${x:-${y:-$(z)}}", "(${x:-$y} ${x:-${y:-$((z))}})");
    check("${x:-} ${x-}", "(${x:-} ${x-})");
    check("${x#a} ${x##a} ${x%a} ${x%%a}", "(${x#a} ${x##a} ${x%a} ${x%%a})");
    check(r#"${x#*/} ${x%.*} ${x##*/} ${x%%"."*}"#, "(${x#*/} ${x%.*} ${x##*/} ${x%%'.'*})");
    check(r#"${x#"$y"} ${x%$y}"#, r#"(${x#"$y"} ${x%$y})"#);
    check(
        "${x/a/b} ${x//a/b} ${x/#a/b} ${x/%a/b} ${x/a} ${x//a/}",
        "(${x/a/b} ${x//a/b} ${x/#a/b} ${x/%a/b} ${x/a/} ${x//a/})",
    );
    check(r#"${x/\//b} ${x//[ab]/c} ${x/"a/b"/c}"#, "(${x/'/'/b} ${x//[ab]/c} ${x/'a/b'/c})");
    check(
        "${x:1} ${x:1:2} ${x: -1} ${x:(-1):1} ${x:$y:$((1+2))} ${x::2}",
        "(${x:1} ${x:1:2} ${x: -1} ${x:(-1):1} ${x:$y:$[1+2]} ${x::2})",
    );
    check("${x^} ${x^^} ${x,} ${x,,} ${x^^[ab]}", "(${x^} ${x^^} ${x,} ${x,,} ${x other<>})");
    check(
        "${!x} ${!x*} ${!x@} ${!x[@]} ${!x:-y}",
        "(${x indirect} ${x other<>} ${x other<>} ${x[@] other<>} ${x other<>})",
    );
    check("${x@Q} ${x@U}", "(${x other<>} ${x other<>})");
    check(
        r#"${a[0]} ${a[@]} "${a[@]}" ${a[*]} ${#a[@]} ${a[i+1]} ${a[$(ls)]} ${a[@]:1:2} ${a[@]/b/c}"#,
        r#"($a[0] $a[@] "$a[@]" $a[*] ${a[@] length} $a[i+1] $a[$((ls))] ${a[@]:1:2} ${a[@]/b/c})"#,
    );
    check(r#"${x%'}'} "${x%'}'}" "${x%\}}""#, r#"(${x%'}'} "${x%'}'}" "${x%'}'}")"#);
    check("${x:-'a}b'} ${x:-{}}", "(${x:-'a}b'} ${x:-{}})");
    check(r#""${x:-it's}""#, r#"(?${x:-it\'s}\"<'it\'' >) !Syntax(a ' is not closed)"#);
    check("${x:-`ls`} ${x:-<(ls)}", "(${x:-$((ls))} ${x:-<(ls)})");
    check(r#"$ $% "$" a$ $."#, "($ $% '$' a$ $.)");
}

#[test]
fn substitutions() {
    check(r#"$(ls) "$(ls)" `ls` "`ls`""#, r#"($((ls)) "$((ls))" $((ls)) "$((ls))")"#);
    check("$(a; b)", "($((a) (b)))");
    check("$(a | b)", "($(pipe[(a) (b)]))");
    check("$()", "($())");
    check("$( )", "($())");
    check("$(a $(b $(c)))", "($((a $((b $((c)))))))");
    check(r#""$(a "$(b "c d")")""#, r#"("$((a "$((b 'c d'))"))")"#);
    check(r"`a \`b\``", "($((a $((b)))))");
    check(r"`a \$x \\ b`", "($((a $x ' 'b)))");
    check(r#""`a \"b\"`""#, r#"("$((a 'b'))")"#);
    check(r#"$(echo ")")"#, "($((echo ')')))");
    check("$(echo ')' # )\n)", "($((echo ')')))");
    check("$(case x in a) b;; esac)", "($(case x [a]{(b)}))");
    check("$(case x in (a) b;; esac)", "($(case x [a]{(b)}))");
    check(r#"a$(b)c"$(d)""#, r#"(a$((b))c"$((d))")"#);
    check("$(<f)", "($((0<f)))");
    check("${ ls; }", "($((ls)))");
    check("${| ls; }", "($((ls)))");
    check("<(a) >(b) x<(c)", "(<((a)) >((b)) x<((c)))");
    check(r#""<(a)""#, "('<(a)')");
}

#[test]
fn arithmetic() {
    check(r#"$((1+2)) "$((1+2))" $[1+2]"#, "($[1+2] $[1+2] $[1+2])");
    check("$((x)) $(($x)) $((x[1]))", "($[x] $[$x] $[x[1]])");
    check("$(( (1+2)*3 ))", "($[ (1+2)*3 ])");
    check("$(($(ls)))", "($[$((ls))])");
    check("$((a);(b))", "($(sub{(a)} sub{(b)}))");
    check("$((a) | (b))", "($(pipe[sub{(a)} sub{(b)}]))");
    check("((x++))", "[[$[x++]]]");
    check("((x=1, y=2)) && a", "and[[[$[x=1, y=2]]] (a)]");
    check("(( x < 3 )) || b", "and[[[$[ x < 3 ]]] (b)]");
    check("((a);(b))", "sub{sub{(a)} sub{(b)}}");
    check("((a))", "[[$[a]]]");
    check("let x=1", "(let x=1)");
    check("for ((i=0;i<3;i++)); do a; done", "while{[[$[i=0;i<3;i++]]]}{(a)}");
    check("for ((;;)) { a; }", "while{[[$[;;]]]}{(a)}");
    check("for (( i=$(ls) ; ; )); do a; done", "while{[[$[ i=$((ls)) ; ; ]]]}{(a)}");
}

#[test]
fn other_words() {
    check("{a,b} {1..3} a{b,c}d {a,{b,c}}", "({a,b} {1..3} a{b,c}d {a,{b,c}})");
    check("~ ~/x ~u/x a~", "(~ ~/x ~u/x a~)");
    check("* ? [ab] [!a] *.c a/*/b", "(* ? [ab] [!a] *.c a/*/b)");
    check("@(a|b) !(a) *(a|b)c +(a) ?(a)", "(@(a|b) !(a) *(a|b)c +(a) ?(a))");
    check("@(a|$(ls))", "(@(a|$((ls))))");
    check("a@b a!b", "(a@b a!b)");
    check("a=b c=d e", "(a=b c=d e)");
    check("a%b a^b a,b a:b a.b a/b a-b a_b a+b", "(a%b a^b a,b a:b a.b a/b a-b a_b a+b)");
    check("-n --x=y", "(-n --x=y)");
    check(r"é 日本 a\u{0301}", "(é 日本 a'u'{0301})");
    check("if=x of=y", "(if=x of=y)");
    check("echo if then fi do done", "(echo if then fi do done)");
    check("echo { } ! [[ ]] time function", "(echo { } ! [[ ]] time function)");
    check(r"a {} \;", "(a {} ';')");
    check(r"find . -exec rm {} \;", "(find . -exec rm {} ';')");
    check(r"find . \( -a -o -b \) -print", "(find . '(' -a -o -b ')' -print)");
    check("xargs -I{} a {} b", "(xargs -I{} a {} b)");
    check("a }", "(a })");
    check("}a", "(}a)");
}

#[test]
fn declarations() {
    check("alias x='rm y'", "(alias x='rm y')");
    check("export a=b c", "(export a=b c)");
    check("export a=(b c)", "(export a=(b c))");
    check("local x=$y", "(local x=$y)");
    check("declare -A m=([k]=v)", "(declare -A m=([k]=v))");
    check("readonly x=1", "(readonly x=1)");
    check("typeset -i x", "(typeset -i x)");
}
