use super::Language::JavaScript;
use super::*;

#[test]
fn imports_are_resolved() {
    let check = |text: &str, expect: &str| super::check(JavaScript, text, &[expect]);
    check("require('fs').rmSync('/x')", "fs.rmSync(/x)");
    check("const fs = require('node:fs'); fs.rmSync('/x')", "fs.rmSync(/x)");
    check("const {rmSync} = require('fs'); rmSync('/x')", "fs.rmSync(/x)");
    check("const {rmSync: rm, cpSync} = require('fs'); rm('/x')", "fs.rmSync(/x)");
    check("const {promises: {rm}} = require('fs'); fs.rmSync('/x')", "fs.rmSync(/x)");
    check("const rm = require('fs').rmSync; rm('/x')", "fs.rmSync(/x)");
    check("import fs from 'fs'; fs.rmSync('/x')", "fs.rmSync(/x)");
    check("import * as files from \"node:fs/promises\"\nawait files.rm('/x')", "fs.promises.rm(/x)");
    check("import { rmSync as rm } from 'fs'\nrm('/x')", "fs.rmSync(/x)");
    check("import fs, { rmSync } from 'fs'; rmSync('/x')", "fs.rmSync(/x)");
    check("import type { A } from 'a'; import { rm } from 'fs/promises'; rm('/x')", "fs.promises.rm(/x)");
    check("const { rm } = await import('fs/promises'); await rm('/x')", "fs.promises.rm(/x)");
    check("import fs = require('fs'); fs.rmSync('/x')", "fs.rmSync(/x)");
    check("fs.promises.rm('/x')", "fs.promises.rm(/x)");
    check("const f = require('util').promisify(require('fs').rm); f('/x')", "fs.rm(/x)");
}

#[test]
fn indirect_names_are_resolved() {
    let check = |text: &str, expect: &str| super::check(JavaScript, text, &[expect]);
    check("require('f'+'s')['rm'+'Sync']('/x')", "fs.rmSync(/x)");
    check("require('child_'+'process').execSync('ls')", "child_process.execSync(ls)");
    check("process.mainModule.require('fs').rmSync('/x')", "fs.rmSync(/x)");
    check("globalThis.require('fs').rmSync('/x')", "fs.rmSync(/x)");
    check("(0, require('fs').rmSync)('/x')", "fs.rmSync(/x)");
    check("fs.rmSync.call(null, '/x')", "fs.rmSync(/x)");
    check("fs.rmSync.apply(fs, ['/x'])", "fs.rmSync(/x)");
    check("fs[m]('/x')", "fs.¿(/x)");
    check("fs?.rmSync?.('/x')", "fs.rmSync(/x)");
    check("fs!.rmSync('/x')", "fs.rmSync(/x)");
    check("eval('require(\"fs\").rmSync(\"/x\")')", "fs.rmSync(/x)");
    check("new Function('require(\"fs\").rmSync(\"/x\")')()", "fs.rmSync(/x)");
    check("setTimeout('fs.rmSync(\"/x\")', 5)", "fs.rmSync(/x)");
    check("import fs from 'fs'; ['/x'].forEach(fs.unlinkSync)", "fs.unlinkSync()");
}

#[test]
fn strings_are_put_together() {
    let check = |expression: &str, expect: &str| {
        let text = format!("const x = '/srv', n = 3;\nf({expression})");
        super::check(JavaScript, &text, &[&format!("f({expect})")]);
    };
    check("'/a' + '/b'", "/a/b");
    check("x + '/b'", "/srv/b");
    check("`${x}/b`", "/srv/b");
    check("`${y}/b${`${x}`}`", "¿/b/srv");
    check("`a${y ? 'b' : 'b'}c`", "abc");
    check("['/a', 'b'].join('/')", "/a/b");
    check("'vrs/'.split('').reverse().join('')", "/srv");
    check("'/a'.concat('/b')", "/a/b");
    check("Buffer.from('L2E=', 'base64').toString()", "/a");
    check("atob('L2E=')", "/a");
    check("String.fromCharCode(47, 97)", "/a");
    check("'a-b'.replace('-', '/')", "a/b");
    check("process.env.HOME + '/x'", "~/x");
    check("process.env['DIR']", "¿");
    check("y ?? '/b'", "/b");
    check("'\\x2f\\u0061\\u{62}'", "/ab");
    check("require('path').join('/a', 'b')", "/a/b");
    check("path.resolve('/a', '/b')", "/b");
    check("require('os').homedir()", "~");
    check("JSON.stringify({a: [1, x], ...y})", "{\"a\":[1,\"/srv\"]}");
    check("x as string", "/srv");
    check("(x)", "/srv");
}

#[test]
fn arguments_of_the_script_are_known() {
    let code = |text: &str| calls(&read(text, JavaScript, &["/a".to_owned(), "/b".to_owned()]));
    assert_eq!(code("f(process.argv[2])"), ["f(/a)"]);
    assert_eq!(code("const [,, a, b] = process.argv; f(process.argv[3])"), ["f(/b)"]);
    assert!(code("const d = process.argv.slice(2)[1]; f(d)").contains(&"f(/b)".to_owned()));
    assert_eq!(code("f(Deno.args[0])"), ["f(/a)"]);
}

#[test]
fn scripts_know_their_own_place() {
    let found = |text: &str| calls(&read_script(text, JavaScript, &[], "/app/scripts/clean.js"));
    assert!(found("f(path.join(__dirname, '..', 'dist'))").contains(&"f(/app/scripts/../dist)".to_owned()));
    assert!(found("f(__filename)").contains(&"f(/app/scripts/clean.js)".to_owned()));
}

#[test]
fn variables_hold_what_they_may_hold() {
    let check = |text: &str, expect: &[&str]| super::check(JavaScript, text, expect);
    check("let p = '/a'; if (x) p = '/b'; f(p)", &["f(/a)", "f(/b)"]);
    check("let p = '/a'; if (x) { p = '/b' } else { p = '/c' } f(p)", &["f(/a)", "f(/b)", "f(/c)"]);
    check("let p; switch (x) { case 1: p = '/a'; break; default: p = '/b' } f(p)", &["f(/a)", "f(/b)"]);
    check("const p = x ? '/a' : '/b'; f(p)", &["f(/a)", "f(/b)"]);
    check("for (const p of ['/a', '/b']) f(p)", &["f(/a)", "f(/b)"]);
    check("for (let i = 0; i < 3; i++) { f(i) }", &["f(?)"]);
    check("['/a', '/b'].forEach(p => f(p))", &["f(/a)", "f(/b)"]);
    check("['/a'].map(async function (p) { await f(p) })", &["f(/a)"]);
    check("const p: string = '/a'; f(p)", &["f(/a)"]);
    check("const {a, b: [c]} = x; f(a, c)", &["f(?, ?)"]);
    check("const o = {d: '/a'}; f(o.d); f(o['d'])", &["f(/a)"]);
    check("const o = {}; o.d = '/a'; f(o)", &["f({\"d\":\"/a\"}, d=/a)"]);
    check("const a = ['x']; a.push('y'); f(a, [...a, 'z'])", &["f([x y], [x y z])"]);
}

#[test]
fn functions_of_the_text_are_read_with_their_arguments() {
    let check = |text: &str, expect: &[&str]| super::check(JavaScript, text, expect);
    check("function wipe(p) { f(p) } wipe('/a'); wipe('/b')", &["f(/a)", "f(/b)"]);
    check("wipe('/a'); function wipe(p, q = 'x') { f(p + q) }", &["f(/ax)"]);
    check("const wipe = (p) => f(p); wipe('/a')", &["f(/a)"]);
    check("const wipe = async p => { await f(p) }; wipe('/a')", &["f(/a)"]);
    check("class A { wipe(p: string): void { f(p) } go() { this.wipe('/a') } }", &["f(/a)"]);
    check("const wipe = function (p) { f(p) }; export { wipe }; wipe('/a')", &["f(?)"]);
    check("(async () => { f('/a') })()", &["f(/a)"]);
    check("main().catch(e => { g(e) }); async function main() { f('/a') }", &["f(/a)"]);
    check_none(
        JavaScript,
        "function drop(x) {} drop('y'); class A { delete(id) { return id } }",
        &["*drop", "*delete"],
    );
    check_none(
        JavaScript,
        "const o = { rmSync(p) { return p }, async unlink(p) {} }",
        &["*rmSync", "*unlink"],
    );
}

#[test]
fn objects_are_arguments_with_names() {
    let check = |text: &str, expect: &str| super::check(JavaScript, text, &[expect]);
    check(
        "fs.rmSync('/x', {recursive: true, 'force': false})",
        "fs.rmSync(/x, {\"recursive\":true,\"force\":false}, recursive=true, force=false)",
    );
    check("x.deleteMany({})", "x.deleteMany({})");
    check("x.deleteMany({where: {id}})", "x.deleteMany({\"where\":{\"id\":\"¿\"}}, where={\"id\":\"¿\"})");
    check("f({a, ...b, c: [1, 2]})", "f({\"a\":\"¿\",\"c\":[1,2]}, a=?, c=[1 2])");
    let call = &read("fs.rmSync('/x', {recursive: true, force: !0})", JavaScript, &[]).calls[0];
    assert!(call.has("recursive") && call.has("force") && !call.has("maxRetries"));
}

#[test]
fn chains_keep_what_they_are_made_of() {
    let check = |text: &str, expect: &str| super::check(JavaScript, text, &[expect]);
    check("db.users.drop()", "db.users.drop()");
    check("db.getCollectionNames().forEach(c => db[c].drop())", "db.¿.drop()");
    check("db.getSiblingDB('app').dropDatabase()", "app|db.getSiblingDB.dropDatabase()");
    check("db.getCollection('users').deleteMany({})", "users|db.getCollection.deleteMany({})");
    check("knex('users').where('id', 1).del()", "users, id, 1|knex.where.del()");
    check("await supabase\n  .from('users')\n  .delete()", "users|supabase.from.delete()");
    check("new PrismaClient().user.deleteMany()", "PrismaClient.user.deleteMany()");
    check("axios.post<User>('u', {a: 1})", "axios.post(u, {\"a\":1}, a=1)");
    check("prisma.$queryRaw<User[]>`select 1`", "prisma.$queryRaw(select 1)");
}

#[test]
fn regular_expressions_and_divisions_are_told_apart() {
    let check = |text: &str| super::check(JavaScript, text, &["f(1)"]);
    check("const r = /[\"'`/]/g; f(1)");
    check("x.replace(/'/g, \"\\\"\"); f(1)");
    check("if (/`/.test(x)) f(1)");
    check("if (x) /'/.exec(y); f(1)");
    check("return /'/.test(x) || f(1)");
    check("a = b / c; d = e / f(1)");
    check("a = (b) / 2; c = \"/\"; f(1)");
    check("a[0] / 2 / f(1)");
    check("a++ / 2; f(1) / 1");
    check("x = {} / 1\nf(1)");
    check("`a ${ b / c } /`; f(1)");
    check("const a = 1 // it's\nf(1)");
    check("/* it's \" ` */ f(1)");
    check("#!/usr/bin/env node\nf(1)");
}

#[test]
fn what_is_not_called_is_no_call() {
    let text = r#"
// fs.rmSync('/')
/* require('child_process').execSync('rm -rf /') */
console.log("fs.rmSync('/')", `execSync('rm -rf /')`);
const s = 'db.dropDatabase()'; const t = /db.dropDatabase()/;
"#;
    check_none(JavaScript, text, &["fs.*", "*execSync", "*dropDatabase", "*require"]);
    check(
        JavaScript,
        "map.delete(k); set.delete(1); els.remove(); $(x).remove()",
        &["map.delete(?)", "set.delete(1)"],
    );
}

#[test]
fn unknown_code_is_noted() {
    let unknown = |text: &str| read(text, JavaScript, &[]).unknown_code.len();
    assert_eq!(unknown("eval(x)"), 1);
    assert_eq!(unknown("new Function(x)()"), 1);
    assert_eq!(unknown("eval(await (await fetch(u)).text())"), 1);
    assert_eq!(unknown("setTimeout(f, 10)"), 0);
    assert_eq!(unknown("setTimeout(() => f(), 10)"), 0);
    assert_eq!(unknown("eval('1+1')"), 0);
    assert_eq!(unknown("require('vm').runInThisContext(x)"), 1);
}
