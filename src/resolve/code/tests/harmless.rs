//! Everyday code that does nothing to ask about.

use super::*;

/// What the packs look out for, more or less.
#[rustfmt::skip]
const DANGEROUS: &[&str] = &[
    "shutil.rmtree", "os.remove", "os.unlink", "os.rmdir", "os.removedirs", "pathlib.Path.unlink", "pathlib.Path.rmdir",
    "fs.rm*", "fs.unlink*", "fs.promises.rm*", "fs.promises.unlink", "rimraf*", "FileUtils.rm*", "File.delete", "unlink", "rmdir",
    "rmtree", "remove_tree", "File.Path.*", "os.RemoveAll", "os.Remove", "file.remove", "*.drop", "*.dropDatabase", "*.deleteMany",
    "*.delete_all", "*.destroy_all", "*.flushall", "*.drop_all", "*.truncate",
];

/// Checks that `text` calls nothing dangerous, runs no command and no SQL but look-ups, writes nothing,
/// and is read as a whole.
#[track_caller]
fn check(language: Language, text: &str) {
    let code = read(text, language, &[]);
    for pattern in DANGEROUS {
        let call = code.calls.iter().find(|call| call.is(pattern));
        assert!(call.is_none(), "{text}\n  calls {pattern}: {call:?}");
    }
    assert_eq!(code.commands(), [], "{text}");
    assert!(
        code.sql().iter().all(|text| text.to_lowercase().starts_with("select")),
        "{text}\n  {:?}",
        code.sql()
    );
    assert!(code.requests().iter().all(|request| request.method.as_deref() != Some("DELETE")), "{text}");
    assert_eq!(code.writes(), Vec::<String>::new(), "{text}");
    assert_eq!(code.unknown_code, [], "{text}");
}

#[test]
fn python() {
    let check = |text| check(Language::Python, text);
    check("print('rm -rf /')");
    check("import sys, json; print(json.load(sys.stdin)['name'])");
    check("import json\nprint(json.dumps({\"ok\": True}))");
    check("import os; print(os.environ['PATH'].split(os.pathsep))");
    check(
        "import pandas as pd\ndf = pd.read_csv('a.csv')\ndf = df.drop_duplicates().query('x > 1')\nprint(df.groupby('a').sum())",
    );
    check("xs = [1, 2]; xs.remove(1); s = {1}; s.discard(1); d = {}; d.pop('a', None); del d");
    check("cur.execute('select * from drop_log where note = %s', ('DROP TABLE x',))");
    check("import re; print(re.sub(r\"['\\\"]rm\", '', open('a').read()))");
    check("'''\nshutil.rmtree('/')\n'''\n# os.system('rm -rf /')");
    check("assert 'os.remove' not in source, \"os.remove('/') found\"");
    check("import requests; r = requests.get('https://a'); print(r.status_code)");
    check("from mylib import drop; x = dropdown; y = {'drop': 1}['drop']");
    check(
        "class T(unittest.TestCase):\n  @mock.patch('os.remove')\n  def test_rm(self, rm):\n    rm.assert_called_once()",
    );
    check("parser.add_argument('--delete', help='os.remove(x)')");
    check("if __name__ == '__main__':\n    main()");
    check("with open('a') as f, open('b', 'rb') as g:\n  print(f.read(), g.read())");
    check("print(f'{x:>10} {y!r} {z[\"a\"]}')");
    check("def unlink(p): return p\nunlink('/x')");
    check("logging.info('DELETE FROM users'); raise ValueError('DROP TABLE x')");
}

#[test]
fn javascript() {
    let check = |text| check(Language::JavaScript, text);
    check("console.log(process.version)");
    check("console.log('rm -rf /', `DROP TABLE ${x}`)");
    check("const m = new Map(); m.delete('a'); m.clear(); const s = new Set(); s.delete(1)");
    check("document.querySelector('#a').remove(); $('.x').remove(); arr.splice(0, 1); arr.pop()");
    check("const re = /rm -rf \\/['\"`]/g; re.exec('x'); 'a'.replace(/'/g, '')");
    check("const pkg = require('./package.json'); console.log(pkg.scripts)");
    check(
        "require('fs').readFileSync('a', 'utf8').split('\\n').filter(Boolean).forEach(l => console.log(l))",
    );
    check("app.delete('/users/:id', auth, async (req, res) => { res.send('ok') })");
    check("describe('drop', () => { it('deletes', () => { expect(1).toBe(1) }) })");
    check("fetch('https://a').then(r => r.json()).then(console.log)");
    check("export class Repo { async delete(id: string): Promise<void> { await this.log(id) } drop() {} }");
    check("const sql = 'DELETE FROM x'; console.log(sql)");
    check("db.users.find({}).limit(5); db.adminCommand('ping')");
    check("const { data } = await client.query('select * from users'); const x = a / b / c");
    check("<div onClick={() => f('it')}>a</div>");
    check("type A = { drop: string }; interface B { rm: () => void }");
}

#[test]
fn others() {
    check(Language::Ruby, "puts \"FileUtils.rm_rf('/')\"; a.delete(1); h.delete(:a); s.delete('x')");
    check(
        Language::Ruby,
        "User.where(active: true).each { |u| puts u.name }; require 'json'; p JSON.parse(STDIN.read)",
    );
    check(Language::Ruby, "def delete_all; end; describe('rm') { it('works') { expect(1).to eq(1) } }");
    check(Language::Perl, "print \"unlink $x\\n\"; my %h; delete $h{a}; s/'/\"/g; print if /rm -rf/");
    check(Language::Perl, "while (<>) { chomp; my @f = split /\\t/; print join(',', @f), \"\\n\" }");
    check(Language::Php, "echo 'unlink(x)'; $a = ['exec' => 1]; unset($a['exec']); var_dump($x->delete);");
    check(
        Language::Go,
        "package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"os.RemoveAll\"); delete(m, \"a\") }",
    );
    check(Language::Awk, "{sum+=$3} END {print sum}");
    check(Language::Awk, "$1 ~ /system\\(\"rm/ { print \"system(x)\", $2 / 3 }");
    check(Language::Lua, "print('os.remove(x)'); table.remove(t, 1); t[#t] = nil");
    check(Language::R, "df <- read.csv('a.csv'); rm(x); print(summary(df)); df[['unlink']] <- NULL");
    check(Language::Sed, "s/foo/bar/g; /^#/d; $!N; P; D; y/abc/xyz/");
}
