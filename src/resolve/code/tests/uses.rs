//! What code hands on: commands, requests, SQL, files.

use super::Language::{Go, JavaScript, Lua, Perl, Php, Python, R, Ruby};
use super::*;

#[test]
fn python_commands() {
    let check = |text: &str, expect: &[&str]| {
        check_commands(
            Python,
            &format!("import os, subprocess, subprocess as sp, asyncio, pty, sh\n{text}"),
            expect,
        );
    };
    check("os.system('rm -rf /x')", &["rm -rf /x"]);
    check("os.system(f'rm -rf {x}')", &["rm -rf …"]);
    check("os.system(f'rm -rf \"{x}\" {y}')", &["rm -rf \"¿\" …"]);
    check("os.system(cmd)", &["…"]);
    check("os.popen('ls').read()", &["ls"]);
    check("os.popen('sh', 'w').write(x)", &["printf '%s\\n' ¿ | sh"]);
    check("subprocess.run(['rm', '-rf', x])", &["[rm|-rf|¿]"]);
    check("subprocess.run('rm -rf /x', shell=True)", &["rm -rf /x"]);
    check("subprocess.run('ls -l')", &["[ls|-l]"]);
    check("subprocess.run(cmd)", &["[…]"]);
    check("subprocess.run(args=['ls'])", &["[ls]"]);
    check("subprocess.run(['rm -rf /x'], shell=True)", &["rm -rf /x"]);
    check("subprocess.run(['bash', '-c', 'ls'], check=True)", &["[bash|-c|ls]"]);
    check("sp.check_output(['ls', *x])", &["[ls|…]"]);
    check("subprocess.run(['bash'], input='rm -rf /', text=True)", &["printf '%s\\n' 'rm -rf /' | bash"]);
    check(
        "p = subprocess.Popen(['sh'], stdin=subprocess.PIPE)\np.communicate(b'ls')",
        &["[sh]", "printf '%s\\n' ls | sh"],
    );
    check("subprocess.getoutput('ls')", &["ls"]);
    check("subprocess.call(shlex.split('rm -rf /x'))", &["[rm|-rf|/x]"]);
    check("subprocess.call('rm -rf ' + shlex.quote(x), shell=True)", &["rm -rf '¿'"]);
    check("os.execvp('rm', ['rm', '-rf', '/x'])", &["[rm|-rf|/x]"]);
    check("os.execlp('rm', 'rm', '-rf', '/x')", &["[rm|-rf|/x]"]);
    check("os.spawnlp(os.P_WAIT, 'rm', 'rm', '/x')", &["[rm|/x]"]);
    check("pty.spawn(['rm', '/x'])", &["[rm|/x]"]);
    check("await asyncio.create_subprocess_exec('rm', '/x')", &["[rm|/x]"]);
    check("await asyncio.create_subprocess_shell('rm /x')", &["rm /x"]);
    check("sh.rm('-rf', '/x')", &["[rm|-rf|/x]"]);
    check("client.exec_command('rm /x')", &["rm /x"]);
    check("print('rm -rf /')", &[]);
    check("x.run('ls'); foo.system('ls'); system.call(1)", &[]);
}

#[test]
fn javascript_commands() {
    let check = |text: &str, expect: &[&str]| {
        check_commands(JavaScript, &format!("const cp = require('child_process');\n{text}"), expect);
    };
    check("cp.exec('rm -rf /x', (e, out) => {})", &["rm -rf /x"]);
    check("cp.execSync(`rm -rf ${x}`, {stdio: 'inherit'})", &["rm -rf …"]);
    check("cp.spawn('rm', ['-rf', '/x'])", &["[rm|-rf|/x]"]);
    check("cp.spawn('rm', args)", &["[rm|…]"]);
    check("cp.spawn('rm -rf /x', {shell: true})", &["rm -rf /x"]);
    check("cp.spawn('rm', ['-rf', '/x'], {shell: '/bin/bash'})", &["rm -rf /x"]);
    check("cp.execFileSync('rm', ['-rf', '/x'], {cwd: '/'})", &["[rm|-rf|/x]"]);
    check("cp.execFile('ls', (e) => {})", &["[ls]"]);
    check("cp.execSync('bash', {input: 'rm -rf /'})", &["printf '%s\\n' 'rm -rf /' | bash"]);
    check("const {execSync: run} = cp; run('ls')", &["ls"]);
    check("import {execa, $} from 'execa'; await execa('rm', ['-rf', '/x'])", &["[rm|-rf|/x]"]);
    check("await $`rm -rf ${x}`", &["rm -rf ¿"]);
    check("import {$} from 'bun'; await $`rm -rf /x`.quiet()", &["rm -rf /x"]);
    check("Bun.spawn(['rm', '/x'])", &["[rm|/x]"]);
    check("Bun.spawnSync({cmd: ['rm', '/x']})", &["[rm|/x]"]);
    check("new Deno.Command('rm', {args: ['-rf', '/x']}).outputSync()", &["[rm|-rf|/x]"]);
    check("const exec = require('util').promisify(cp.exec); await exec('ls')", &["ls"]);
    check("/x/.exec('rm -rf /'); re.exec(s); $('#id').remove()", &[]);
    check("console.log('rm -rf /')", &[]);
}

#[test]
fn other_commands() {
    let check = check_commands;
    check(Ruby, "system('rm -rf /x')", &["rm -rf /x"]);
    check(Ruby, "system 'rm', '-rf', x", &["[rm|-rf|¿]"]);
    check(Ruby, "system({'A' => '1'}, 'rm', '-rf', '/x')", &["[rm|-rf|/x]"]);
    check(Ruby, "exec(*%w[rm -rf /x])", &["[rm|-rf|/x]"]);
    check(Ruby, "`rm #{x}`; %x(ls)", &["rm …", "ls"]);
    check(Ruby, "IO.popen(['rm', '/x'])", &["[rm|/x]"]);
    check(Ruby, "Open3.capture2e('rm', '/x')", &["[rm|/x]"]);
    check(Ruby, "Open3.capture2('sh', stdin_data: 'ls')", &["printf '%s\\n' ls | sh"]);
    check(Ruby, "puts 'rm -rf /'; x.exec('ls')", &[]);
    check(Perl, "system('rm', '-rf', $x); system \"rm $x\"", &["[rm|-rf|¿]", "rm …"]);
    check(Perl, "my @c = ('rm', '/x'); system(@c)", &["[rm|/x]"]);
    check(Perl, "`rm $x`; qx{ls}", &["rm …", "ls"]);
    check(
        Perl,
        "open(F, '|sh'); open(my $f, '-|', 'ls', $x); open(G, 'ls|')",
        &["printf '%s\\n' ¿ | sh", "[ls|¿]", "ls"],
    );
    check(Perl, "open(F, '<', 'x'); print 'rm -rf /'", &[]);
    check(Php, "exec('rm -rf /x'); shell_exec(\"ls $x\"); `ls`;", &["rm -rf /x", "ls …", "ls"]);
    check(Php, "proc_open(['rm', '/x'], [], $p); popen('sh', 'w');", &["[rm|/x]", "printf '%s\\n' ¿ | sh"]);
    check(Php, "new Process(['rm', '/x']); $pdo->exec('select 1'); echo 'rm';", &["[rm|/x]"]);
    check(
        Go,
        "import \"os/exec\"\nfunc f() { exec.CommandContext(ctx, \"rm\", \"/x\").Run() }",
        &["[rm|/x]"],
    );
    check(Lua, "io.popen('ls'); os.execute('rm ' .. x)", &["ls", "rm …"]);
    check(R, "system2('rm', c('-rf', '/x')); system2('rm', args = '/x')", &["[rm|-rf|/x]", "[rm|/x]"]);
}

/// Checks which requests `text` sends, as `METHOD url body`.
#[track_caller]
fn check_requests(language: Language, text: &str, expect: &[&str]) {
    let found: Vec<String> = read(text, language, &[])
        .requests()
        .iter()
        .map(|request| {
            let method = request.method.as_deref().unwrap_or("-");
            let body = request.body.as_deref().map_or_else(String::new, |body| format!(" {body}"));
            shown(&format!("{method} {}{body}", request.url))
        })
        .collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn python_requests() {
    let check = |text: &str, expect: &[&str]| {
        check_requests(
            Python,
            &format!("import requests, httpx, aiohttp, urllib.request, http.client\n{text}"),
            expect,
        );
    };
    check("requests.delete('https://a/b')", &["DELETE https://a/b"]);
    check("requests.post('https://a', json={'a': 1, 'b': x})", &["POST https://a {\"a\":1,\"b\":\"¿\"}"]);
    check("requests.post('https://a', data='x=1', headers={'b': c})", &["POST https://a x=1"]);
    check("requests.post(url, headers=h, json=body)", &["POST ¿ ¿"]);
    check("requests.request('DELETE', f'https://a/{x}')", &["DELETE https://a/¿"]);
    check("requests.request(method, url)", &["¿ ¿"]);
    check("s = requests.Session(); s.delete('https://a')", &["DELETE https://a"]);
    check("httpx.Client(base_url='https://a').delete('/b')", &["DELETE https://a/b"]);
    check("async with aiohttp.ClientSession() as s:\n  await s.delete('https://a')", &["DELETE https://a"]);
    check("def f(session): session.delete('https://a')", &["DELETE https://a"]);
    check(
        "urllib.request.urlopen(urllib.request.Request('https://a', data=b'x', method='DELETE'))",
        &["DELETE https://a x"],
    );
    check("urllib.request.urlopen('https://a')", &["- https://a"]);
    check(
        "c = http.client.HTTPSConnection('a.b'); c.request('DELETE', '/c', body='d')",
        &["DELETE https://a.b/c d"],
    );
    check("d = {}; d.get('x'); xs.delete(1); cache.delete('key'); print('requests.delete(x)')", &[]);
}

#[test]
fn javascript_requests() {
    let check = |text: &str, expect: &[&str]| check_requests(JavaScript, text, expect);
    check("fetch('https://a')", &["- https://a"]);
    check("fetch('https://a', {method: 'delete'})", &["DELETE https://a"]);
    check("fetch(`${x}/a`, {method: 'POST', body: JSON.stringify({q: y})})", &["POST ¿/a {\"q\":\"¿\"}"]);
    check("fetch(url, options)", &["¿ ¿"]);
    check("fetch(request)", &[]);
    check("const axios = require('axios'); axios.delete('https://a')", &["DELETE https://a"]);
    check("axios.post('https://a', {b: 1})", &["POST https://a {\"b\":1}"]);
    check("axios({method: 'delete', url: 'https://a', data: {b: 1}})", &["DELETE https://a {\"b\":1}"]);
    check("axios.request({url: 'https://a', method: 'DELETE'})", &["DELETE https://a"]);
    check("const c = axios.create({baseURL: 'https://a'}); c.delete('/b')", &["DELETE https://a/b"]);
    check("import got from 'got'; got.delete('https://a')", &["DELETE https://a"]);
    check(
        "import { request } from 'graphql-request'; request('https://a', 'mutation { x }')",
        &["POST https://a {\"query\":\"mutation { x }\"}"],
    );
    check(
        "import https from 'https'; https.request({hostname: 'a', path: '/b', method: 'DELETE'})",
        &["DELETE https://a/b"],
    );
    check("const x = new XMLHttpRequest(); x.open('DELETE', 'https://a', true)", &["DELETE https://a"]);
    check("map.delete(k); app.get('/x', f); router.delete('/x', f)", &[]);
}

#[test]
fn other_requests() {
    let check = check_requests;
    check(Ruby, "Net::HTTP.post(URI('https://a'), 'b')", &["POST https://a b"]);
    check(Ruby, "Net::HTTP::Delete.new(URI('https://a'))", &["DELETE https://a"]);
    check(
        Ruby,
        "Faraday.delete('https://a'); HTTParty.post 'https://b', body: {c: 1}",
        &["DELETE https://a", "POST https://b {\"c\":1}"],
    );
    check(Perl, "LWP::UserAgent->new->delete('https://a')", &["DELETE https://a"]);
    check(Perl, "HTTP::Request->new(DELETE => 'https://a')", &["DELETE https://a"]);
    check(Perl, "HTTP::Request->new('DELETE', $url)", &["DELETE ¿"]);
    check(
        Php,
        "$c = curl_init('https://a'); curl_setopt($c, CURLOPT_CUSTOMREQUEST, 'DELETE'); curl_setopt($c, CURLOPT_POSTFIELDS, 'b'); curl_exec($c);",
        &["DELETE https://a b"],
    );
    check(
        Php,
        "$c = curl_init(); curl_setopt_array($c, [CURLOPT_URL => 'https://a', CURLOPT_POST => true]); curl_exec($c);",
        &["POST https://a"],
    );
    check(
        Php,
        "$x = stream_context_create(['http' => ['method' => 'DELETE']]); file_get_contents('https://a', false, $x);",
        &["DELETE https://a"],
    );
    check(Php, "(new GuzzleHttp\\Client())->request('DELETE', 'https://a');", &["DELETE https://a"]);
    check(Php, "Http::delete('https://a'); file_get_contents('a.txt');", &["DELETE https://a"]);
    check(
        Go,
        "import \"net/http\"\nfunc f() { http.NewRequest(\"DELETE\", \"https://a\", nil) }",
        &["DELETE https://a"],
    );
    check(
        Go,
        "import \"net/http\"\nfunc f() { http.NewRequest(http.MethodDelete, u, strings.NewReader(\"b\")) }",
        &["DELETE ¿ b"],
    );
    check(
        Go,
        "import \"net/http\"\nfunc f() { http.Post(\"https://a\", \"text/plain\", strings.NewReader(\"b\")) }",
        &["POST https://a b"],
    );
    check(R, "httr::DELETE('https://a')", &["DELETE https://a"]);
}

/// Checks which SQL `text` runs.
#[track_caller]
fn check_sql(language: Language, text: &str, expect: &[&str]) {
    let found: Vec<String> = read(text, language, &[]).sql().iter().map(|text| shown(text)).collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn sql_is_found() {
    let check = check_sql;
    check(Python, "cur.execute('DROP TABLE x')", &["DROP TABLE x"]);
    check(Python, "cur.execute(f'DELETE FROM {t}')", &["DELETE FROM ¿"]);
    check(Python, "psycopg2.connect(u).cursor().execute(\"DROP TABLE x\")", &["DROP TABLE x"]);
    check(Python, "conn.execute(text('TRUNCATE x'))", &["TRUNCATE x"]);
    check(Python, "cursor.execute(q)", &["¿"]);
    check(Python, "cursor.execute('select 1 where x = %s', (1,))", &["select 1 where x = %s"]);
    check(Python, "executor.execute(task); self.command.execute(x)", &[]);
    check(Python, "db.session.execute(sql=\"DELETE FROM x\")", &["DELETE FROM x"]);
    check(Python, "spark.sql('DROP TABLE x')", &["DROP TABLE x"]);
    check(JavaScript, "client.query('DROP TABLE x')", &["DROP TABLE x"]);
    check(JavaScript, "pool.query({text: 'DELETE FROM x'})", &["DELETE FROM x"]);
    check(JavaScript, "await sql`DELETE FROM ${t}`", &["DELETE FROM ¿"]);
    check(JavaScript, "await prisma.$executeRawUnsafe('DROP TABLE x')", &["DROP TABLE x"]);
    check(JavaScript, "await prisma.$executeRaw(Prisma.sql`TRUNCATE x`)", &["TRUNCATE x"]);
    check(
        JavaScript,
        "knex.raw('drop table x'); db.exec('-- all\\ndrop table y')",
        &["drop table x", "-- all\ndrop table y"],
    );
    check(JavaScript, "/a/.exec('b'); re.exec(x); app.get('/delete'); router.all('update')", &[]);
    check(Ruby, "ActiveRecord::Base.connection.execute('DROP TABLE x')", &["DROP TABLE x"]);
    check(
        Perl,
        "$dbh->do('DROP TABLE x'); $dbh->prepare(\"DELETE FROM $t\")",
        &["DROP TABLE x", "DELETE FROM ¿"],
    );
    check(
        Php,
        "DB::statement('DROP TABLE x'); $pdo->exec('drop table y'); mysqli_query($c, 'drop table z');",
        &["DROP TABLE x", "drop table y", "drop table z"],
    );
    check(
        Go,
        "func f() { db.Exec(`DROP TABLE x`); db.ExecContext(ctx, \"DELETE FROM y\") }",
        &["DROP TABLE x", "DELETE FROM y"],
    );
    check(R, "dbExecute(con, 'DROP TABLE x')", &["DROP TABLE x"]);
    check(Python, "print('DROP TABLE x'); log.info('delete from x')", &[]);
}

#[test]
fn written_files_are_found() {
    let writes = |language, text: &str| {
        read(text, language, &[]).writes().iter().map(|path| shown(path)).collect::<Vec<_>>()
    };
    let check = |language, text: &str, expect: &[&str]| assert_eq!(writes(language, text), expect, "{text}");
    check(Python, "open('a', 'w').write(x); open('b'); open('c', 'rb'); open(d, mode='wb')", &["a", "¿"]);
    check(Python, "open('a', 'r+').truncate(9); open('b', 'a')", &["a", "a"]);
    check(
        Python,
        "from pathlib import Path; Path('a').write_text('x'); Path('b').open('w'); Path('c').read_text()",
        &["a", "b"],
    );
    check(Python, "import os, shutil; os.truncate('a', 9); shutil.copy('b', 'c')", &["a", "c"]);
    check(
        JavaScript,
        "const fs = require('fs'); fs.writeFileSync('a', 'x'); fs.truncateSync('b', 9); fs.readFileSync('c')",
        &["a", "b"],
    );
    check(
        JavaScript,
        "import {writeFile as w} from 'fs/promises'; w('a', x); fs.createWriteStream('b')",
        &["a", "b"],
    );
    check(Ruby, "File.write('a', 'x'); File.open('b', 'w') { |f| f << 1 }; File.read('c')", &["a", "b"]);
    check(Perl, "open(F, '>a'); open(my $f, '>', 'b'); open(G, '<', 'c'); open(H, '>>d')", &["a", "b"]);
    check(
        Php,
        "file_put_contents('a', 'x'); file_put_contents('b', 'x', FILE_APPEND); fopen('c', 'w'); fopen('d', 'r');",
        &["a", "c"],
    );
    check(
        Go,
        "import \"os\"\nfunc f() { os.WriteFile(\"a\", nil, 0644); os.Create(\"b\"); os.OpenFile(\"c\", os.O_WRONLY|os.O_TRUNC, 0); os.Open(\"d\") }",
        &["a", "b", "c"],
    );
    check(Lua, "io.open('a', 'w'); io.open('b')", &["a"]);
    check(R, "writeLines(x, 'a'); write.csv(d, file = 'b')", &["a", "b"]);
    assert_eq!(read("open('a', 'a')", Python, &[]).appends(), ["a"]);
}

#[test]
fn emptied_files_are_found() {
    let check = |language, text: &str, expect: &[&str]| {
        assert_eq!(read(text, language, &[]).empties(), expect, "{text}")
    };
    check(Python, "open('a', 'w').close(); open('b', 'a').close(); open('c').close()", &["a"]);
    check(Python, "f = open('a', 'w'); f.write(x); f.close()", &[]);
    check(Python, "import os; os.truncate('a', 0); open('b', 'r+').truncate()", &["a", "b"]);
    check(Python, "from pathlib import Path; Path('a').write_text(''); Path('b').write_text('x')", &["a"]);
    check(
        JavaScript,
        "fs.writeFileSync('a', ''); fs.truncateSync('b'); fs.writeFileSync('c', x)",
        &["a", "b"],
    );
    check(Ruby, "File.write('a', ''); File.truncate('b', 0); File.truncate('c', 9)", &["a", "b"]);
    check(Php, "file_put_contents('a', ''); file_put_contents('b', '', FILE_APPEND);", &["a"]);
    check(Go, "import \"os\"\nfunc f() { os.Truncate(\"a\", 0) }", &["a"]);
}

#[test]
fn removals_are_found() {
    let check = |language, text: &str, expect: &[(&str, bool)]| {
        let removals = read(text, language, &[]).removals();
        let found: Vec<(String, bool)> =
            removals.iter().map(|one| (shown(&one.paths.join(" ")), one.tree)).collect();
        let expect: Vec<(String, bool)> =
            expect.iter().map(|(paths, tree)| ((*paths).to_owned(), *tree)).collect();
        assert_eq!(found, expect, "{text}");
    };
    check(
        Python,
        "import os, shutil; os.remove('/a'); shutil.rmtree('/b'); shutil.rmtree(path='/c')",
        &[("/a", false), ("/b", true), ("/c", true)],
    );
    check(Python, "from pathlib import Path; Path('/a').unlink(); Path('/b').exists()", &[("/a", false)]);
    check(Python, "import os, shutil; os.remove(x); shutil.rmtree(x)", &[("¿", true)]);
    check(
        JavaScript,
        "fs.rmSync('/a', {recursive: true}); fs.rmSync('/b'); fs.unlink('/c', () => {})",
        &[("/a", true), ("/b", false), ("/c", false)],
    );
    check(
        JavaScript,
        "require('del')(['/a', '/b'], {force: true}); require('rimraf').sync('/c')",
        &[("/a /b", true), ("/c", true)],
    );
    check(
        Ruby,
        "File.delete('/a', '/b'); FileUtils.rm_rf(['/c', '/d'])",
        &[("/a /b", false), ("/c /d", true)],
    );
    check(Perl, "unlink '/a', '/b'; rmtree('/c')", &[("/a /b", false), ("/c", true)]);
    check(R, "unlink('/a', recursive = TRUE); unlink('/b')", &[("/a", true), ("/b", false)]);
    check(Php, "unlink('/a');", &[("/a", false)]);
    check(
        Go,
        "import \"os\"\nfunc f() { os.RemoveAll(\"/a\"); os.Remove(\"/b\") }",
        &[("/a", true), ("/b", false)],
    );
}

#[test]
fn files_whose_code_is_run_are_found() {
    let check = |language, text: &str, expect: &[&str]| {
        assert_eq!(read(text, language, &[]).sources(), expect, "{text}");
    };
    check(Python, "exec(open('a.py').read())", &["a.py"]);
    check(Python, "exec(compile(open('a.py').read(), 'a.py', 'exec'))", &["a.py"]);
    check(Python, "import runpy; runpy.run_path('a.py')", &["a.py"]);
    check(Python, "open('a.py').read()", &[]);
    check(JavaScript, "require('./a'); require('fs'); import('../b.js')", &["./a", "../b.js"]);
    check(JavaScript, "import './a.js'; import x from './b.js'", &["./a.js", "./b.js"]);
    check(Ruby, "load 'a.rb'; require_relative 'b'; require 'fileutils'", &["a.rb", "b"]);
    check(Perl, "do 'a.pl'; require 'b.pl'; use 5.010; use strict;", &["a.pl", "b.pl"]);
    check(Php, "include 'a.php'; require_once __DIR__ . '/b.php';", &["a.php", "./b.php"]);
    check(Lua, "dofile('a.lua')", &["a.lua"]);
    check(R, "source('a.R')", &["a.R"]);
}
