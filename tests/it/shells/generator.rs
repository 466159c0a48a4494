//! Scripts without unknowns, made from a seed: the same ones in every run.

use guard::parse::Dialect;

/// Returns `count` scripts that `dialect` reads.
pub(super) fn scripts(dialect: Dialect, count: usize) -> Vec<String> {
    let mut generator = Generator { dialect, state: 0x9E37_79B9_7F4A_7C15 };
    (0..count).map(|_| generator.script()).collect()
}

struct Generator {
    dialect: Dialect,
    state: u64,
}

const TEXTS: &[&str] =
    &["a", "b", "foo", "x.y", "d/e.c", "1", "42", "-n", "--x=y", "é", "a-b_c", "A", "%s", "@", "a,b"];
const VALUES: &[&str] = &[
    "a",
    "foo.tar.gz",
    "/usr/local/lib",
    "'a b'",
    "'  a  b '",
    "''",
    "a:b::c",
    "':a:'",
    "'x;y'",
    "'$v'",
    "'#a'",
    "ABC",
    "\"q'q\"",
    "'a\tb\nc'",
    "3",
    "aXbXc",
];
const QUOTED: &[&str] =
    &["'a b'", "''", "'$v'", "'*'", "'\\'", "'\"'", "\\ ", "\\$", "\\*", "\\\\", "\\'", "\"\"", "\\;"];
const DOUBLE: &[&str] = &["a", " ", "'", "\\$", "\\\"", "\\\\", "\\a", "*", "~", "{a,b}", "#"];
const PATTERNS: &[&str] =
    &["*", "a", "*/", "/*", ".*", "*.", "?", "[a-c]", "[!a]", "\"*\"", "X", "b*", "*o", "':'"];
const SUBSTITUTIONS: &[&str] = &[
    "echo a b",
    "echo \"a  b\"",
    "printf '%s\\n' a b",
    "printf '%s' \"$v\"",
    "echo $v",
    "basename /a/b.c .c",
    "dirname /a/b.c",
    "dirname b",
    "echo abc | tr a-c A-C",
    "echo 'a b' | tr -d ' '",
    "echo aabb | tr -s a",
    "echo abc | rev",
    "echo YSBi | base64 -d",
    "printf 'a b' | base64",
    "echo MFRGG=== | base32 -d",
    "printf '3\\n1\\n2\\n' | sort",
    "printf 'a\\nb\\nc\\n' | head -n 2",
    "printf 'a\\nb\\nc\\n' | tail -1",
    "printf 'a\\nb\\nc\\n' | tail -n +2",
    "echo a:b:c | cut -d: -f2",
    "echo a:b:c | cut -d : -f 1,3",
    "echo abcdef | cut -c2-3",
    "echo foo.bar | sed s/o/0/",
    "echo foo.bar | sed 's/o/0/g;s/[.]/_/'",
    "echo foo.bar | sed -E 's/(fo+)\\.(.*)/\\2.\\1/'",
    "echo foo.bar | sed 's/\\(o*\\)\\./<\\1>/'",
    "printf 'a\\nb\\n' | sed -n 2p",
    "echo abc | sed y/abc/xyz/",
    "printf '%5s|%-4s|%03d' a b 7",
    "printf '%x %o %d' 255 8 0x10",
    "printf '\\101\\t%s' z",
    "printf '%s=%s;' a 1 b 2",
    "printf %b 'a\\tb'",
    "cat a.txt",
    "head -1 a.txt",
    "cat dir/e.c | tail -n1",
    "seq 3",
    "seq 1 2 5",
    "pwd | sed 's/.*/P/'",
    "echo 613062 | xxd -r -p",
    "echo $((2*3))",
    "cd /; pwd",
    "x=1; echo $x",
    "echo \"$(echo 'a b')\"",
    ":",
    "printf '\\n\\n'",
    "tac a.txt",
    "sort -r a.txt | uniq",
];

impl Generator {
    /// A number below `bound`, by xorshift.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % bound
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn is(&self, dialect: Dialect) -> bool {
        self.dialect == dialect
    }

    fn script(&mut self) -> String {
        let mut statements = vec![format!("v={}", self.pick(VALUES)), format!("n={}", self.below(20))];
        for _ in 0..self.below(3) {
            let statement = self.statement();
            statements.push(statement);
        }
        statements.push(self.call());
        statements.join("\n")
    }

    fn call(&mut self) -> String {
        let words: Vec<String> = (0..=self.below(3)).map(|_| self.word()).collect();
        format!("argv {}", words.join(" "))
    }

    fn statement(&mut self) -> String {
        let word = self.word();
        let common = [
            format!("w={}", self.unsplit()),
            format!("v=${{v}}{}", self.unsplit()),
            format!("set -- {word} {}", self.word()),
            "set -- p 'q r' s; shift".to_owned(),
            format!("IFS={}", self.pick(&[":", "', '", "''", "' '"])),
            format!("export w={}", self.unsplit()),
            "n=$((n + 1))".to_owned(),
            format!("for i in {word} {}; do argv \"$i\"; done", self.word()),
            "for i in *.txt dir/?.c; do argv \"$i\"; done".to_owned(),
            format!("f() {{ argv \"$#\" \"$@\" $1; }}\nf {word}"),
            format!("f() {{ local w=l; argv $w; }}\nw=g; f\nargv {word} $w"),
            format!("( v=sub; argv {word} )\nargv \"$v\""),
            format!("{{ argv {word}; }}"),
            format!("w=argv; $w {word}"),
            format!("eval 'argv {}'", word.replace('\'', "'\\''")),
            format!("eval \"argv \\$v\"; argv {word}"),
            format!("read a b <<E\nx y  z $v\nE\nargv \"$a\" \"$b\" {word}"),
            "while read -r a b; do argv \"$a\" \"$b\"; done <<'E'\none two three\n four\\ five\nE\n"
                .to_owned(),
            "IFS=: read -r a b c <<E\n1:2:3:4\nE\nargv \"$a\" \"$b\" \"$c\"".to_owned(),
            "echo 'a b c' | { read x y; argv \"$y\" \"$x\"; }".to_owned(),
            format!("w=$(cat <<E\n<$v>\nE\n)\nargv \"$w\" {word}"),
            format!("if true; then w={}; fi", self.unsplit()),
            format!("argv {word} && argv b"),
            "unset w; argv \"${w:-none}\" \"${w-none}\" \"<$w>\"".to_owned(),
            format!("v=tmp argv \"$v\" {word}"),
            format!("{{ argv 1; }} 2>/dev/null; argv {word}"),
            "w=1 eval 'argv \"$w\"'; argv \"${w-}\"".to_owned(),
            "w='?.txt'; argv $w".to_owned(),
        ];
        let bash_and_zsh = [
            format!("v+={}", self.unsplit()),
            format!("arr=({word} {})", self.word()),
            "arr=(p 'q r' s)\narr+=(t)".to_owned(),
            "arr=(p 'q r' s)\narr[5]=t; argv \"${#arr[@]}\" \"${arr[@]}\"".to_owned(),
            "((n += 2)); argv $n".to_owned(),
            "let 'n=n*3'; argv $n".to_owned(),
            "printf -v w '%s-%03d' \"$v\" 7; argv \"$w\"".to_owned(),
            format!("read -r a b <<< \"x  y z\"; argv \"$a\" \"$b\" {word}"),
            format!("declare w={}; typeset t=q; argv \"$w$t\"", self.unsplit()),
            "typeset -A m; m[k]='a b'; m[j]=c; argv \"${m[k]}\" \"${m[j]}\"".to_owned(),
        ];
        let bash = [
            "command set -- c 'd e'; argv \"$@\"".to_owned(),
            "IFS=, read -ra arr <<< 'a,b,,c d'; argv \"${arr[@]}\"".to_owned(),
            "mapfile -t arr <<< $'l1\\nl 2'; argv \"${arr[@]}\"".to_owned(),
            "mapfile -t arr < a.txt; argv \"${arr[1]}\" ${#arr[@]}".to_owned(),
            "declare -A m=([k]='a b' [j]=c); argv \"${m[k]}\" ${m[j]}".to_owned(),
            "arr=([2]=x y [0]=z); argv \"${arr[@]}\" \"${arr[3]}\"".to_owned(),
            "r=v; argv \"${!r}\"".to_owned(),
            "argv ${v^^} \"${v,,}\" \"${v^}\"".to_owned(),
            "arr=(p 'q r' s); argv \"${arr[@]:1}\" \"${arr[@]:0:1}\" $arr \"${arr[-1]}\"".to_owned(),
            "arr=(a.c b.c); argv \"${arr[@]%.c}\" \"${arr[@]/#/x}\"".to_owned(),
            "f() { declare w=l; argv $w; }; w=g; f; argv $w".to_owned(),
            "read -r w < <(echo 'from process'); argv $w".to_owned(),
        ];
        let all: Vec<String> = match self.dialect {
            Dialect::Posix => common.into(),
            Dialect::Zsh => common.into_iter().chain(bash_and_zsh).collect(),
            Dialect::Bash => common.into_iter().chain(bash_and_zsh).chain(bash).collect(),
        };
        all[self.below(all.len())].clone()
    }

    /// A word for an assignment.
    fn unsplit(&mut self) -> String {
        match self.below(4) {
            0 => self.double_quoted(),
            1 => self.parameter(),
            2 => self.pick(VALUES).to_owned(),
            _ => self.pick(TEXTS).to_owned(),
        }
    }

    fn word(&mut self) -> String {
        if self.one_in(24) {
            return self.pick(&["~", "~/x", "*.txt", "dir/*.c", "[ab].txt", "dir/[!f].c"]).to_owned();
        }
        let mut word = String::new();
        for _ in 0..=self.below(3) {
            word += &match self.below(9) {
                0 | 1 => self.pick(TEXTS).to_owned(),
                2 => self.pick(QUOTED).to_owned(),
                3 => self.double_quoted(),
                4 | 5 => self.parameter(),
                6 => self.substitution(),
                // zsh spells braces out last, when what stands beside them has been split.
                7 if self.is(Dialect::Zsh) && !word.is_empty() => "z".to_owned(),
                7 if !self.is(Dialect::Posix) => {
                    let braced = self
                        .pick(&[
                            "{a,b}",
                            "{1..3}",
                            "{a,{b,c}d}",
                            "{01..03}",
                            "{3..1}",
                            "{a}",
                            "{,x}",
                            "{a..c}",
                            "{1..7..3}",
                            "$'a\\tb'",
                            "$'\\x41\\''",
                        ])
                        .to_owned();
                    if self.is(Dialect::Zsh) {
                        return braced;
                    }
                    braced
                }
                _ => format!(
                    "$(({}))",
                    self.pick(&["1+2", "n*2", "n%3+1", "(1+2)*3", "n>5?1:0", "0x10", "$n-1", "n"])
                ),
            };
        }
        word
    }

    fn double_quoted(&mut self) -> String {
        let mut inside = String::new();
        for _ in 0..=self.below(2) {
            inside += &match self.below(4) {
                0 => self.pick(DOUBLE).to_owned(),
                1 => self.substitution(),
                _ => self.parameter(),
            };
        }
        format!("\"{inside}\"")
    }

    fn substitution(&mut self) -> String {
        let inside = self.pick(SUBSTITUTIONS);
        match inside.contains(['\\', '`']) || !self.one_in(4) {
            true => format!("$({inside})"),
            false => format!("`{inside}`"),
        }
    }

    fn parameter(&mut self) -> String {
        let pattern = self.pick(PATTERNS);
        let text = self.pick(&["a", "$n", "z"]);
        let common = [
            "$v".to_owned(),
            "${v}".to_owned(),
            "$n".to_owned(),
            "$@".to_owned(),
            "$*".to_owned(),
            "${#}".to_owned(),
            "$1".to_owned(),
            "${2}".to_owned(),
            "${#v}".to_owned(),
            format!("${{v:-{text}}}"),
            format!("${{v-{text}}}"),
            format!("${{v:+{text}}}"),
            format!("${{nope:-{text} b}}"),
            format!("${{nope:={text}}}"),
            format!("${{v#{pattern}}}"),
            format!("${{v##{pattern}}}"),
            format!("${{v%{pattern}}}"),
            format!("${{v%%{pattern}}}"),
        ];
        let more = [
            format!("${{v/{}/{text}}}", self.pick(&["a", "X", "[a-c]", "o*", "?"])),
            format!("${{v//{}/{text}}}", self.pick(&["a", "X", "[a-c]", ":", "?"])),
            format!("${{v/#{}/{text}}}", self.pick(&["a", "f"])),
            format!("${{v/%{}/{text}}}", self.pick(&["c", "z"])),
            "${v:1}".to_owned(),
            "${v:1:2}".to_owned(),
            "${v: -2}".to_owned(),
            "${v:0:$n}".to_owned(),
            "${@:1:1}".to_owned(),
        ];
        let all: Vec<String> = match self.dialect {
            Dialect::Posix => common.into(),
            _ => common.into_iter().chain(more).collect(),
        };
        all[self.below(all.len())].clone()
    }
}
