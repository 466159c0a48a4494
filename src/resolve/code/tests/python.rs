use super::*;
use Language::Python;

#[test]
fn try_out() {
    for line in include_str!("/tmp/try.txt").split("\n---\n") {
        let (lang, text) = line.split_once('\n').unwrap();
        let code = read(text, Language::from_name(lang).unwrap(), &["ARG1".into()]);
        println!("=== {text}");
        println!("calls {:#?}", calls(&code));
        println!(
            "cmds {:?} reqs {:?} sql {:?} writes {:?} src {:?} unk {:?}",
            code.commands(),
            code.requests(),
            code.sql(),
            code.writes(),
            code.sources(),
            code.unknown_code
        );
    }
    let _ = Python;
}

#[test]
fn timing() {
    let shapes: Vec<(&str, Language, String)> = vec![
        ("parens", Python, "(".repeat(200_000)),
        ("braces", Language::JavaScript, "{".repeat(200_000)),
        ("brackets mismatched", Language::JavaScript, "([{".repeat(30_000) + &")".repeat(90_000)),
        ("calls", Python, "f(x);".repeat(50_000)),
        ("members", Python, "a".to_string() + &".b()".repeat(60_000)),
        ("nested calls", Python, "f(".repeat(80) + &")".repeat(80)),
        (
            "concat",
            Python,
            "x='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n".to_string() + &"x=x+x\n".repeat(20_000),
        ),
        ("lists", Python, "x=[1,2,3]\n".to_string() + &"x=[x,x]\ny=x+x\n".repeat(10_000)),
        ("append", Python, "x=[]\n".to_string() + &"x.append(1)\n".repeat(20_000)),
        ("uses", Python, format!("x=[{}]\n", "1,".repeat(50_000)) + &"f(x)\n".repeat(30_000)),
        ("textuses", Python, format!("x='{}'\n", "a".repeat(60_000)) + &"f(x)\n".repeat(30_000)),
        ("slashes", Language::JavaScript, "/[".repeat(100_000)),
        ("heredocs", Language::Ruby, "f <<A, ".repeat(30_000) + "\nA\n"),
        ("heredocs2", Language::Ruby, "f <<~A\n".repeat(30_000)),
        ("fstrings", Python, "f\"{".repeat(60_000)),
        ("templates", Language::JavaScript, "`${".repeat(60_000)),
        ("arrows", Language::JavaScript, "a=>".repeat(80_000)),
        ("ternary", Language::JavaScript, "a?b:".repeat(60_000)),
        ("not", Python, "not ".repeat(60_000)),
        ("if", Python, "if ".repeat(80_000)),
        ("else", Language::JavaScript, "else ".repeat(50_000)),
        ("do", Language::Ruby, "do ".repeat(80_000)),
        ("def", Language::Ruby, "def a(b) ".repeat(25_000)),
        ("fun", Language::JavaScript, "function a(b){a(c);".repeat(12_000)),
        ("assign", Python, "a=".repeat(120_000)),
        ("funs", Language::JavaScript, "function f(p){g(p)}\n f('a');".repeat(8_000)),
        ("for", Python, "for x in [1,2,3]: y(x)\n".repeat(10_000)),
        ("generics", Language::JavaScript, "a<".repeat(120_000)),
        ("perl", Language::Perl, "$x{".repeat(80_000)),
        ("ps", Language::PowerShell, "$(".repeat(120_000)),
        ("ps2", Language::PowerShell, "a {".repeat(80_000)),
        ("ps3", Language::PowerShell, ">".repeat(80_000)),
        ("sed", Language::Sed, "s/[".repeat(80_000)),
        ("eval", Python, "eval('eval(\"x\")');".repeat(10_000)),
        ("format", Python, format!("x='{}'\n", "%s".repeat(30_000)) + &"y=x % x\n".repeat(20_000)),
        (
            "join",
            Python,
            "x='aaaaaaaaaaaaa'\ny=[x,x,x,x,x,x,x,x,x]\n".to_string() + &"x=x.join(y)\n".repeat(20_000),
        ),
        ("replace", Python, "x='aaaaaaaaaaaaa'\n".to_string() + &"x=x.replace('a',x)\n".repeat(13_000)),
        (
            "deepblocks",
            Language::JavaScript,
            "{".repeat(80) + &(0..9000).map(|i| format!("v{i}=1;")).collect::<String>(),
        ),
        ("either", Python, "p='a'\n".to_string() + &"if x: p=p+'b'\nf(p)\n".repeat(8_000)),
        ("lua", Language::Lua, "f{".repeat(80_000)),
        ("words", Language::JavaScript, "abc ".repeat(60_000)),
    ];
    for (name, language, text) in shapes {
        let text = &text[..text.len().min(super::super::MAX_CODE)];
        let start = std::time::Instant::now();
        let code = read(text, language, &[]);
        let t1 = start.elapsed();
        let n = (code.commands().len(), code.requests().len(), code.sql().len(), code.writes().len());
        println!(
            "{name:20} {} {:?} {:?} {n:?} calls {} unk {}",
            text.len(),
            t1,
            start.elapsed(),
            code.calls.len(),
            code.unknown_code.len()
        );
    }
}

#[test]
fn survey() {
    let mut total = (0usize, std::time::Duration::ZERO);
    for path in std::fs::read_to_string("/tmp/files.txt").unwrap().lines() {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let Some(language) = Language::from_path(path) else { continue };
        let start = std::time::Instant::now();
        let code = super::super::read_script(&text, language, &[], path);
        let t = start.elapsed();
        total.0 += text.len();
        total.1 += t;
        if t.as_millis() > 50 {
            println!("SLOW {path} {} {t:?}", text.len());
        }
        for u in &code.unknown_code {
            println!(
                "UNK {path} {} {:?}",
                u.why,
                text.get(u.span.start as usize..(u.span.end as usize).min(u.span.start as usize + 80))
            );
        }
        for c in code.commands() {
            println!("CMD {path} {}", shown(&format!("{c:?}")).chars().take(150).collect::<String>());
        }
        for c in code.requests() {
            println!("REQ {path} {}", shown(&format!("{c:?}")).chars().take(150).collect::<String>());
        }
        for c in code.sql() {
            println!("SQL {path} {}", shown(&format!("{c:?}")).chars().take(150).collect::<String>());
        }
        for c in code.writes() {
            println!("WRI {path} {}", shown(&format!("{c:?}")).chars().take(150).collect::<String>());
        }
        for c in code.sources() {
            println!("SRC {path} {}", shown(&format!("{c:?}")).chars().take(150).collect::<String>());
        }
    }
    println!("TOTAL {total:?}");
}
