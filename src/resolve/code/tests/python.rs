use super::Language::Python;
use super::*;

#[test]
fn imports_are_resolved() {
    check(Python, "import shutil\nshutil.rmtree('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "import shutil as s; s.rmtree('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "from shutil import rmtree; rmtree('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "from shutil import copy as c, rmtree as r; r('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "from shutil import (\n  rmtree,\n  copy)\nrmtree('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "from os import *\nremove('/x')", &["os.remove(/x)"]);
    check(Python, "import os.path as p, os; os.remove(p.join('/a', 'b'))", &["os.remove(/a/b)"]);
    check(Python, "import os, shutil\nshutil.rmtree('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "import a.b.c\na.b.c.wipe()", &["a.b.c.wipe()"]);
    check(Python, "import shutil\nf = shutil.rmtree\nf('/x')", &["shutil.rmtree(/x)"]);
}

#[test]
fn indirect_names_are_resolved() {
    check(Python, "getattr(os, 'sys'+'tem')('ls')", &["os.system(ls)"]);
    check(Python, "__import__('os').system('ls')", &["os.system(ls)"]);
    check(Python, "__import__('o'+'s').remove('/x')", &["os.remove(/x)"]);
    check(Python, "import importlib\nimportlib.import_module('shutil').rmtree('/x')", &["shutil.rmtree(/x)"]);
    check(Python, "globals()['os'].remove('/x')", &["os.remove(/x)"]);
    check(Python, "import sys\nsys.modules['os'].remove('/x')", &["os.remove(/x)"]);
    check(Python, "import os\nos.__dict__['remove']('/x')", &["os.remove(/x)"]);
    check(Python, "__builtins__.eval('os.remove(\"/x\")')", &["os.remove(/x)"]);
    check(Python, "import os\ngetattr(os, x)('/x')", &["os.¿(/x)"]);
    check(Python, "from functools import partial\nimport os\npartial(os.remove, '/x')()", &["os.remove(/x)"]);
}

#[test]
fn strings_are_put_together() {
    let check = |expression: &str, expect: &str| {
        check(Python, &format!("x = '/srv'\nn = 3\nf({expression})"), &[&format!("f({expect})")]);
    };
    check("'/a' + '/b'", "/a/b");
    check("'/a' '/b'", "/a/b");
    check("x + '/b'", "/srv/b");
    check("f'{x}/b'", "/srv/b");
    check("f\"{x!r:>10}/{{b}}\"", "/srv/{b}");
    check("f'{y}/b'", "¿/b");
    check("f'''{x}\n'''", "/srv\n");
    check("'%s/%s' % (x, 'b')", "/srv/b");
    check("'%s/b' % x", "/srv/b");
    check("'%(d)s/b' % {'d': x}", "/srv/b");
    check("'{}/{}'.format(x, 'b')", "/srv/b");
    check("'{0}/{d}'.format(x, d='b')", "/srv/b");
    check("'/'.join(['', 'a', 'b'])", "/a/b");
    check("''.join(['/a', y])", "/a¿");
    check("r'\\n' + '\\x41\\u0042\\103'", "\\nABC");
    check("b'/x'.decode()", "/x");
    check("'/x '.strip().upper()", "/X");
    check("'a-b'.replace('-', '/')", "a/b");
    check("'vrs/'[::-1]", "/srv");
    check("''.join(reversed('vrs/'))", "/srv");
    check("'/srv/data'[:4]", "/srv");
    check("'ab' * 2", "abab");
    check("chr(47) + 'a'", "/a");
    check("''.join(map(chr, [47, 97]))", "/a");
    check("bytes.fromhex('2f61').decode()", "/a");
    check("base64.b64decode('L2E=').decode('utf-8')", "/a");
    check("codecs.decode('/fei', 'rot13')", "/srv");
    check("str(x)", "/srv");
    check("x if y else '/b'", "/b");
    check("y or '/b'", "/b");
    check("('/a')", "/a");
    check("x[y]", "?");
    check("n", "3");
}

#[test]
fn paths_are_put_together() {
    let check = |expression: &str, expect: &str| {
        let text = format!("import os, tempfile\nfrom pathlib import Path\nf({expression})");
        check(Python, &text, &[&format!("f({expect})")]);
    };
    check("os.path.expanduser('~/x')", "~/x");
    check("os.path.join('/a', 'b', 'c')", "/a/b/c");
    check("os.path.join('/a', '/b')", "/b");
    check("os.path.join(y, 'b')", "¿/b");
    check("os.path.dirname('/a/b')", "/a");
    check("os.environ['HOME'] + '/x'", "~/x");
    check("os.environ.get('DIR', '/x')", "¿");
    check("os.getenv('HOME')", "~");
    check("Path('/a') / 'b' / 'c'", "/a/b/c");
    check("Path.home() / 'b'", "~/b");
    check("Path('a', 'b').resolve().parent", "a");
    check("str(Path('/a').joinpath('b'))", "/a/b");
    check("os.getcwd()", ".");
    check("tempfile.mkdtemp()", "/tmp/¿");
    check("f'{Path(\"/a\")}/b'", "/a/b");
}

#[test]
fn methods_of_paths_keep_the_path() {
    let check = |text: &str, expect: &str| {
        super::check(Python, &format!("from pathlib import Path\n{text}"), &[expect]);
    };
    check("Path('x').unlink()", "x|pathlib.Path.unlink()");
    check("p = Path('/a')\n(p / 'b').rmdir()", "/a/b|pathlib.Path.rmdir()");
    check("Path('/a').joinpath('b').unlink(missing_ok=True)", "/a/b|pathlib.Path.unlink(missing_ok=True)");
    check("for f in Path('/a').glob('*.db'): f.unlink()", "/a/*.db|pathlib.Path.unlink()");
    check("[f.unlink() for f in Path('/a').iterdir()]", "/a/*|pathlib.Path.unlink()");
    check("import pathlib\npathlib.Path(y).unlink()", "¿|pathlib.Path.unlink()");
}

#[test]
fn arguments_of_the_script_are_known() {
    let code = |text: &str| calls(&read(text, Python, &["/a".to_owned(), "/b".to_owned()]));
    assert_eq!(code("import sys\nf(sys.argv[1])"), ["f(/a)"]);
    assert_eq!(code("import sys\nf(sys.argv[-1])"), ["f(/b)"]);
    assert_eq!(code("from sys import argv\nf(argv[2])"), ["f(/b)"]);
    assert_eq!(code("import sys\nf(sys.argv[3])"), ["f(?)"]);
    assert_eq!(code("import sys\n_, a, b = sys.argv\nf(b)"), ["f(/b)"]);
    assert_eq!(code("import sys\nfor p in sys.argv[1:]: f(p)"), ["f(/a)", "f(/b)"]);
}

#[test]
fn variables_hold_what_they_may_hold() {
    check(Python, "p = '/a'\np = '/b'\nf(p)", &["f(/b)"]);
    check_none(Python, "p = '/a'\np = '/b'\ng(p)", &["f"]);
    check(Python, "p = '/a'\nif x: p = '/b'\nf(p)", &["f(/a)", "f(/b)"]);
    check(Python, "p = '/a'\nif x:\n  p = '/b'\nelse:\n  p = '/c'\nf(p)", &["f(/b)", "f(/c)"]);
    check(Python, "p: str = '/a'\nf(p)", &["f(/a)"]);
    check(Python, "p = q = '/a'\nf(p)\nf(q)", &["f(/a)"]);
    check(Python, "p, q = '/a', '/b'\nf(q)", &["f(/b)"]);
    check(Python, "p, *q = g()\nf(p)", &["f(?)"]);
    check(Python, "p = '/a'\np = g()\nf(p)", &["f(?)"]);
    check(Python, "p = '/a'\np += '/b'\nf(p)", &["f(/a/b)"]);
    check(Python, "for p in ['/a', '/b']:\n  f(p)", &["f(/a)", "f(/b)"]);
    check(Python, "for i, p in enumerate(['/a', '/b']):\n  f(p)", &["f(/a)", "f(/b)"]);
    check(Python, "for n, p in [('x', '/a'), ('y', '/b')]:\n  f(p)", &["f(/a)", "f(/b)"]);
    check(Python, "p = '/a'\nfor p in g():\n  f(p)", &["f(?)"]);
    check(Python, "c = {'d': '/a'}\nf(c['d'])", &["f(/a)"]);
    check(Python, "self.d = '/a'\nf(self.d)", &["f(/a)"]);
    check(Python, "l = ['a']\nl.append('b')\nl += ['c']\nf(l)", &["f([a b c])"]);
    check(Python, "l = ['a']\nfor x in y: l.append(x)\nf(l)", &["f([a ¿ …])"]);
    check(Python, "f(['a', *g(), 'b'])", &["f([a … b])"]);
    check(Python, "if (p := '/a'): f(p)", &["f(/a)"]);
    check(Python, "with Path('/a') as p: f(p)", &["f(?)"]);
}

#[test]
fn functions_of_the_text_are_read_with_their_arguments() {
    check(Python, "def wipe(p): f(p)\nwipe('/a')\nwipe(p='/b')", &["f(/a)", "f(/b)"]);
    check(Python, "def wipe(p, q='/x'): f(p + q)\nwipe('/a')", &["f(/a/x)"]);
    check(Python, "def main():\n  wipe('/a')\ndef wipe(p):\n  f(p)\nmain()", &["f(/a)"]);
    check(Python, "wipe = lambda p: f(p)\nwipe('/a')", &["f(/a)"]);
    check(Python, "class A:\n  def wipe(self, p):\n    f(p)\nA().wipe('/a')", &["f(/a)"]);
    check(Python, "def wipe(p): f(p)\nmap(wipe, xs)\nwipe('/a')", &["f(?)"]);
    check(Python, "def wipe(p): f(p)", &["f(?)"]);
    // A call of such a function is no call to report.
    check_none(Python, "def rmtree(p): print(p)\nrmtree('/')", &["rmtree"]);
    check_none(Python, "class A:\n  def drop(self): pass\n  def go(self): self.drop()", &["*drop"]);
}

#[test]
fn functions_that_are_handed_over_are_called() {
    check(Python, "import os\nlist(map(os.remove, ['/a']))", &["os.remove(/a)"]);
    check(Python, "import shutil\natexit.register(shutil.rmtree, '/a')", &["shutil.rmtree(/a)"]);
    check(Python, "import shutil\npool.submit(shutil.rmtree, '/a')", &["shutil.rmtree(/a)"]);
    check(Python, "import shutil\nThread(target=shutil.rmtree, args=('/a',))", &["shutil.rmtree(/a)"]);
    check_none(Python, "import shutil\nprint(shutil.rmtree)\nhelp(shutil.rmtree)", &["shutil.*"]);
}

#[test]
fn loops_are_marked() {
    let in_loop = |text: &str| read(text, Python, &[]).calls.iter().any(|call| call.is("f") && call.in_loop);
    assert!(in_loop("for x in y:\n  if x:\n    f(x)"));
    assert!(in_loop("while True: f()"));
    assert!(in_loop("[f(x) for x in y]"));
    assert!(!in_loop("for x in y:\n  g(x)\nf()"));
    assert!(!in_loop("if x:\n  f()"));
}

#[test]
fn known_code_in_strings_is_read() {
    check(Python, "exec('import os; os.remove(\"/x\")')", &["os.remove(/x)"]);
    check(Python, "eval('__import__(\"os\").remove(\"/x\")')", &["os.remove(/x)"]);
    let text = "import base64\nexec(base64.b64decode('aW1wb3J0IG9zOyBvcy5yZW1vdmUoIi94Iik='))";
    check(Python, text, &["os.remove(/x)"]);
    check(Python, "exec(compile('os.remove(\"/x\")', 'a', 'exec'))", &["os.remove(/x)"]);
    check(Python, "d = '/x'\nexec('os.remove(d)')", &["os.remove(/x)"]);
}

#[test]
fn unknown_code_is_noted() {
    let unknown = |text: &str| read(text, Python, &[]).unknown_code.len();
    assert_eq!(unknown("eval(x)"), 1);
    assert_eq!(unknown("exec(input())"), 1);
    assert_eq!(unknown("exec(requests.get(u).text)"), 1);
    assert_eq!(unknown("exec(f'import {x}')"), 1);
    assert_eq!(unknown("exec('print(1)')"), 0);
    assert_eq!(unknown("import re\nre.compile(x)"), 0);
    assert_eq!(unknown("ast.literal_eval(x)"), 0);
    assert_eq!(unknown("df.eval(x)"), 0);
    // The code itself may not be known.
    assert_eq!(unknown("\u{F0000}"), 1);
    assert_eq!(unknown("import os\n\u{F0000}\nprint(1)"), 1);
    assert_eq!(unknown("print(\u{F0000} + 1)"), 0);
}

#[test]
fn what_is_not_called_is_no_call() {
    let text = r##"
# shutil.rmtree('/')
"""Never call shutil.rmtree('/') here."""
print("shutil.rmtree('/')")
x = 'os.system("rm -rf /")'
def rmtree(path):
    '''Like os.remove(path).'''
assert "shutil.rmtree" in text
"##;
    check_none(Python, text, &["shutil.*", "os.*", "rmtree"]);
    check(Python, "df.drop(columns=['a'])\nxs.remove(1)\ns.discard(2)", &["xs.remove(1)"]);
}

#[test]
fn strings_of_every_kind_end_where_they_end() {
    check(Python, "x = 'it\\'s'; f(1)", &["f(1)"]);
    check(Python, "x = '''a 'b' \"c\" '''; f(1)", &["f(1)"]);
    check(Python, "x = r'\\'; f(1)'; f(2)", &["f(2)"]);
    check(Python, "x = Rb'''\n'''; f(1)", &["f(1)"]);
    check(Python, "x = f'{a[\"b\"]:{w}}'; f(1)", &["f(1)"]);
    check(Python, "x = f'{n:#010x}'; f(1)", &["f(1)"]);
    check(Python, "x = 'unterminated\nf(1)", &["f(1)"]);
    check(Python, "f(1) # it's fine\nf(2)", &["f(1)", "f(2)"]);
    check(Python, "x = a / b; y = c / d; f(1)", &["f(1)"]);
    check(Python, "f(\n  1,  # one\n  2,\n)", &["f(1, 2)"]);
    check(Python, "x = 1 + \\\n  g(2)", &["g(2)"]);
    check(Python, "f'{g(1)} {h(2)}'", &["g(1)", "h(2)"]);
    check_none(Python, "x = '{g(1)}'", &["g"]);
}

#[test]
fn comments_mention_nothing() {
    let code = read("# volumeDelete\nx = 'volume' + 'List'  # backboard\nfoo.bar()", Python, &[]);
    assert!(!code.mentions("volumeDelete"));
    assert!(!code.mentions("backboard"));
    assert!(code.mentions("volume"));
    assert!(code.mentions("bar"));
    let code = read("requests.post(u, json={'query': 'mutation { volumeDelete }'})", Python, &[]);
    assert!(code.mentions("volumeDelete") && code.mentions("requests"));
    let code = read("q = 'volume' + 'Delete'\nf(q)", Python, &[]);
    assert!(code.mentions("volumeDelete"));
}
