use super::Language::{Awk, Go, Lua, PowerShell, R, Sed};
use super::*;

/// Returns `body` as the main function of a Go program.
fn go(body: &str) -> String {
    format!(
        "package main\n\nimport (\n\t\"os\"\n\te \"os/exec\"\n\t\"path/filepath\"\n)\n\nfunc main() {{\n\t{body}\n}}\n"
    )
}

#[test]
fn go_calls_are_found() {
    let check = |body: &str, expect: &str| super::check(Go, &go(body), &[expect]);
    check("os.RemoveAll(\"/x\")", "os.RemoveAll(/x)");
    check("if err := os.RemoveAll(`/x`); err != nil { panic(err) }", "os.RemoveAll(/x)");
    check("defer os.RemoveAll(\"/x\")", "os.RemoveAll(/x)");
    check("dir := \"/x\"\n\tos.RemoveAll(dir + \"/y\")", "os.RemoveAll(/x/y)");
    check("var dir string = \"/x\"\n\tos.RemoveAll(dir)", "os.RemoveAll(/x)");
    check("const dir = \"/x\"\n\tos.RemoveAll(filepath.Join(dir, \"y\"))", "os.RemoveAll(/x/y)");
    check("e.Command(\"rm\", \"-rf\", \"/x\").Run()", "exec.Command(rm, -rf, /x)");
    check("args := []string{\"-rf\", \"/x\"}\n\te.Command(\"rm\", args...)", "exec.Command(rm, -rf, /x)");
    check("for _, p := range []string{\"/a\", \"/b\"} {\n\t\tos.Remove(p)\n\t}", "os.Remove(/b)");
    check("os.Remove(os.Getenv(\"HOME\") + \"/x\")", "os.Remove(~/x)");
    check("os.Remove(fmt.Sprintf(\"%s/%d\", \"/a\", n))", "os.Remove(/a/¿)");
    check("db.Exec(`DROP TABLE x`)", "db.Exec(DROP TABLE x)");
    check("c := '\"'; os.Remove(\"/x\") // it's", "os.Remove(/x)");
    check("go func() { os.Remove(\"/x\") }()", "os.Remove(/x)");
    check("x := map[string]string{\"a\": \"/a\"}\n\tos.Remove(x[\"a\"])", "os.Remove(/a)");
    super::check(
        Go,
        "package main\nimport \"os\"\nfunc (s *S) wipe(p string) error {\n\treturn os.RemoveAll(p)\n}\nfunc main() { s.wipe(\"/x\") }",
        &["os.RemoveAll(/x)"],
    );
    check_none(Go, &go("fmt.Println(\"os.RemoveAll\") // os.RemoveAll(x)\n\t/* os.Remove(x) */"), &["os.*"]);
    check_none(Go, "package a\nfunc RemoveAll(x string) {}\nfunc (d *D) Drop() {}", &["*RemoveAll", "*Drop"]);
}

#[test]
fn awk_commands_are_found() {
    let check = |text: &str, expect: &[&str]| check_commands(Awk, text, expect);
    check("BEGIN { system(\"rm -rf /x\") }", &["rm -rf /x"]);
    check("{ system(\"rm -rf \" $1) }", &["rm -rf …"]);
    check("{ cmd = \"rm '\" $1 \"'\"; system(cmd) }", &["rm '¿'"]);
    check("{ \"date\" | getline d; close(\"date\") }", &["date"]);
    check("{ while ((\"ls \" $1 | getline f) > 0) n++ }", &["ls …"]);
    check("{ print \"rm \" $2 | \"sh\" }", &["printf '%s\\n' 'rm ¿' | sh"]);
    check("{ print | \"sort\" }", &["printf '%s\\n' ¿ | sort"]);
    check("{ printf \"rm %s\\n\", \"/x\" | \"sh\" }", &["printf '%s\\n' 'rm /x\n' | sh"]);
    check("/it's \"/ { system(\"ls\") } # system(\"rm\")", &["ls"]);
    check("$1 ~ /x/ && $2 / 2 > 3 { n += $3 / $4 } END { print n }", &[]);
    check("{ getline line < \"file\"; print line }", &[]);
    check("function wipe(p) { system(\"rm \" p) } BEGIN { wipe(\"/x\") }", &["rm /x"]);
    check("{ print \"system(rm)\" }", &[]);
    assert_eq!(read("{ print $1 > \"out\"; print $2 >> \"log\" }", Awk, &[]).writes(), ["out"]);
    assert_eq!(read("{ print $1 > \"out\"; print $2 >> \"log\" }", Awk, &[]).appends(), ["log"]);
    assert_eq!(read("{ print ($1 > 2) }", Awk, &[]).writes(), Vec::<String>::new());
}

#[test]
fn lua_calls_are_found() {
    let check = |text: &str, expect: &str| super::check(Lua, text, &[expect]);
    check("os.execute('rm -rf /x')", "os.execute(rm -rf /x)");
    check("os.execute 'ls'", "os.execute(ls)");
    check("os.execute[[ls]]", "os.execute(ls)");
    check("local p = '/x'; os.execute('rm ' .. p .. '/y')", "os.execute(rm /x/y)");
    check("os.execute(string.format('rm %s', '/x'))", "os.execute(rm /x)");
    check("os.execute(('rm %s'):format('/x'))", "os.execute(rm /x)");
    check("local r = os.remove; r '/x'", "os.remove(/x)");
    check("os['remove']('/x')", "os.remove(/x)");
    check("for i, p in ipairs({'/a', '/b'}) do os.remove(p) end", "os.remove(/b)");
    check("local lfs = require 'lfs'; lfs.rmdir('/x')", "lfs.rmdir(/x)");
    check("local function wipe(p) os.remove(p) end wipe('/x')", "os.remove(/x)");
    check("pcall(os.remove, '/x')", "os.remove(/x)");
    check("load('os.remove(\"/x\")')()", "os.remove(/x)");
    check("x:drop()", "x.drop()");
    check("-- it's\nos.remove('/x')", "os.remove(/x)");
    check("--[[ it's\n]] os.remove('/x')", "os.remove(/x)");
    check("f{path = '/x'}", "f({\"path\":\"/x\"}, path=/x)");
    check("os.remove(arg[1])", "os.remove(?)");
    check_none(Lua, "print('os.remove') -- os.remove('x')\n--[==[ os.remove('x') ]==]", &["os.*"]);
    check_none(Lua, "function remove(x) end\nlocal function drop() end", &["remove", "drop"]);
    assert_eq!(calls(&read("f(arg[1])", Lua, &["/a".to_owned()])), ["f(/a)"]);
}

#[test]
fn r_calls_are_found() {
    let check = |text: &str, expect: &str| super::check(R, text, &[expect]);
    check("unlink('/x', recursive = TRUE)", "unlink(/x, recursive=TRUE)");
    check("unlink(\"/x\", recursive=T, force=TRUE)", "unlink(/x, recursive=T, force=TRUE)");
    check("p <- '/x'; unlink(p)", "unlink(/x)");
    check("'/x' -> p\nunlink(file.path('/a', 'b'))", "unlink(/a/b)");
    check("base::unlink('/x')", "unlink(/x)");
    check("fs::dir_delete('/x')", "fs.dir_delete(/x)");
    check("system(paste('rm', '-rf', x))", "system(rm -rf ¿)");
    check("system(paste0('rm ', '/x'))", "system(rm /x)");
    check("file.remove(list.files('/x'))", "file.remove(?)");
    check("do.call('unlink', list('/x'))", "unlink(/x)");
    check("sapply(c('/a'), unlink)", "unlink(/a)");
    check("for (p in c('/a', '/b')) unlink(p)", "unlink(/b)");
    check("wipe <- function(p, force = TRUE) {\n  unlink(p)\n}\nwipe('/x')", "unlink(/x)");
    check("eval(parse(text = \"unlink('/x')\"))", "unlink(/x)");
    check("con$drop()", "con.drop()");
    check("x <- r\"(it's \")\"; unlink('/x') # it's", "unlink(/x)");
    check("if (x < -1) unlink('/x')", "unlink(/x)");
    check("unlink(Sys.getenv('HOME'))", "unlink(~)");
    check_none(R, "print('unlink(x)') # unlink(x)\nunlink <- function(x) x", &["unlink"]);
}

#[test]
fn powershell_statements_are_commands() {
    let check = |text: &str, expect: &[&str]| check_commands(PowerShell, text, expect);
    check("Remove-Item -Recurse -Force C:\\x", &["[Remove-Item|-Recurse|-Force|C:\\x]"]);
    check("rm -r 'C:\\my files', \"b\"", &["[rm|-r|C:\\my files|b]"]);
    check("$p = 'C:\\x'; Remove-Item $p", &["[Remove-Item|C:\\x]"]);
    check("$p = \"C:\\x\"\nRemove-Item \"$p\\y\"", &["[Remove-Item|C:\\x\\y]"]);
    check("Remove-Item $env:USERPROFILE\\x", &["[Remove-Item|~\\x]"]);
    check("Remove-Item $x", &["[Remove-Item|¿]"]);
    check(
        "Get-ChildItem build | Remove-Item -Recurse",
        &["[Get-ChildItem|build]", "[Remove-Item|-Recurse|build/*]"],
    );
    check("gci x | % { ri $_.FullName }", &["[gci|x]", "[ri|x/*]", "[%|{}|x/*]"]);
    check("foreach ($f in 'a') { ri $f }", &["[ri|a]"]);
    check("if (Test-Path x) { ri x } else { ni x }", &["[Test-Path|x]", "[ri|x]", "[ni|x]"]);
    check("& 'C:\\a b.exe' -x", &["[C:\\a b.exe|-x]"]);
    check("cmd /c \"rd /s /q x\"", &["[cmd|/c|rd /s /q x]"]);
    check("Write-Host \"$(ri x)\"", &["[ri|x]", "[Write-Host|¿]"]);
    check("iex 'ri x'", &["[ri|x]", "[iex|ri x]"]);
    check("ri x; # ri y\n<# ri z #> ri w", &["[ri|x]", "[ri|w]"]);
    check("ri `\n  x", &["[ri|x]"]);
    check("'ri x'", &[]);
    check("Write-Host 'it''s; ri x'", &["[Write-Host|it's; ri x]"]);
    check("$x = @'\nri y\n'@\nri z", &["[ri|z]"]);
    check("function Wipe($p) { ri $p }; Wipe x", &["[ri|¿]", "[Wipe|x]"]);
    check("$x = ri y", &["[ri|y]"]);
    check("try { ri x } catch { }", &["[ri|x]"]);
    check("a 2>&1 | Out-Null", &["[a]", "[Out-Null|…]"]);
    super::check(
        PowerShell,
        "[IO.Directory]::Delete('C:\\x', $true)",
        &["IO.Directory.Delete(C:\\x, $true)"],
    );
    super::check(PowerShell, "[System.IO.File]::Delete($p)", &["IO.File.Delete(¿)"]);
    super::check(PowerShell, "$x.Delete()", &["x.Delete()"]);
    assert_eq!(read("a > b; c >> d; e 2> f", PowerShell, &[]).writes(), ["b", "f"]);
    assert_eq!(read("iex $x; iex (irm $u)", PowerShell, &[]).unknown_code.len(), 2);
}

#[test]
fn sed_runs_and_writes() {
    let check = |text: &str, expect: &[&str]| check_commands(Sed, text, expect);
    check("s/.*/rm -rf &/e", &["rm -rf …"]);
    check("s|^|rm |ge", &["rm "]);
    check("1e rm -rf /x", &["rm -rf /x"]);
    check("/a/,/b/e date\ns/x/y/", &["date"]);
    check("s/e/e/g; s/a/rm/p", &[]);
    check("s,a\\,b,e,;y/abc/eee/", &[]);
    check("s/[/]/x/e", &["x"]);
    check("s/\\(.*\\)/mv '\\1' b/e", &["mv '¿' b"]);
    check("a\\\ne rm\np", &[]);
    check("# e rm\nb end\n:end", &[]);
    check("r file\n$!{h;d}", &[]);
    assert_eq!(read("s/a/b/w out\nw all", Sed, &[]).writes(), ["out", "all"]);
    assert_eq!(read("e", Sed, &[]).unknown_code.len(), 1);
}
