use super::Language::{Perl, Php};
use super::*;

#[test]
fn perl_calls_are_found() {
    let check = |text: &str, expect: &str| super::check(Perl, text, &[expect]);
    check("unlink '/x'", "unlink(/x)");
    check("unlink('/x', $y) or die", "unlink(/x, ?)");
    check("unlink glob '/a/*'", "unlink([/a/*])");
    check("unlink <*.txt>", "unlink(¿)");
    check("use File::Path; rmtree('/x')", "rmtree(/x)");
    check(
        "use File::Path qw(remove_tree); remove_tree('/x', {keep_root => 1})",
        "File.Path.remove_tree(/x, {\"keep_root\":1}, keep_root=1)",
    );
    check("use File::Path 'rmtree'; rmtree '/x'", "File.Path.rmtree(/x)");
    check("File::Path::rmtree('/x')", "File.Path.rmtree(/x)");
    check("$dbh->do('DROP TABLE x')", "dbh.do(DROP TABLE x)");
    check("my $d = DBI->connect('x'); $d->do('DROP TABLE x')", "x|DBI.connect.do(DROP TABLE x)");
    check("$x->{db}->drop;", "x.db.drop()");
    check("$obj->$method('/x')", "obj.¿(/x)");
    check("&{'unlink'}('/x')", "unlink(/x)");
    check("perl_sub(1); s/(.*)/unlink $1/e", "unlink(?)");
    check("for my $p ('/a', '/b') { unlink $p }", "unlink(/b)");
    check("unlink $_ for @list;", "unlink(?)");
    check("map { unlink $_ } @list;", "unlink(?)");
    check("sub wipe { my ($p) = @_; unlink $p } wipe('/a');", "unlink(/a)");
    check("sub wipe { my $p = shift; unlink $p } wipe('/a');", "unlink(/a)");
    check("eval { unlink '/x' }; print $@", "unlink(/x)");
    check("eval 'unlink \"/x\"'", "unlink(/x)");
}

#[test]
fn perl_strings_are_put_together() {
    let check = |expression: &str, expect: &str| {
        super::check(
            Perl,
            &format!("my $x = '/srv'; my @l = ('a', 'b'); my %h = (k => '/h'); f({expression})"),
            &[&format!("f({expect})")],
        );
    };
    check("\"$x/b\"", "/srv/b");
    check("\"${x}b\"", "/srvb");
    check("'$x'", "$x");
    check("$x . '/b'", "/srv/b");
    check("qq{$x {a}}", "/srv {a}");
    check("q(a (b) c)", "a (b) c");
    check("\"rm @l\"", "rm a b");
    check("\"$l[1] $h{k} $h{'k'}\"", "b /h /h");
    check("join('/', '', 'a')", "/a");
    check("join '/', @l", "a/b");
    check("sprintf('%s/b', $x)", "/srv/b");
    check("$ENV{HOME} . '/x'", "~/x");
    check("\"$ENV{HOME}/x\"", "~/x");
    check("decode_base64('L2E=')", "/a");
    check("'ab' x 2", "abab");
    check("$y // '/b'", "/b");
    check("<<A . 'b'\na $x\nA\n", "a /srv\nb");
    check("<<'A'\na $x\nA\n", "a $x\n");
    check("@l", "a, b");
}

#[test]
fn perl_arguments_are_known() {
    let code = |text: &str| calls(&read(text, Perl, &["/a".to_owned(), "/b".to_owned()]));
    assert_eq!(code("f($ARGV[1])"), ["f(/b)"]);
    assert_eq!(code("my ($a, $b) = @ARGV; f($b)"), ["f(/b)"]);
    assert_eq!(code("my $a = shift; my $b = shift; f($b)"), ["f(/b)"]);
    assert_eq!(code("f(@ARGV)"), ["f(/a, /b)"]);
}

#[test]
fn perl_literals_end_where_they_end() {
    let check = |text: &str| super::check(Perl, text, &["f(1)"]);
    check("$x =~ s/'/\"/g; f(1)");
    check("$x =~ m{['\"]}; f(1)");
    check("$x =~ tr/'/\"/; f(1)");
    check("split /'/, $x; f(1)");
    check("if (/'/) { f(1) }");
    check("$x = $y / 2; $z = 4 / f(1)");
    check("-s $file; f(1)");
    check("%h = (s => 1, y => 2, q => 3); f(1)");
    check("$h{s} = 1; $h{y}; f(1)");
    check("$x = $#l; $y = $#{$z}; f(1)");
    check("$x % 2; %$h; f(1)");
    check("# it's\nf(1)");
    check("f(1);\n\n=pod\n\nit's g(2)\n\n=cut\n");
    check("print \"it's @{[ f(1) ]}\"");
    check_none(Perl, "f(1);\n__END__\nunlink 'x';", &["unlink"]);
    check_none(Perl, "print \"unlink('/x')\"; # unlink('/x')\n=pod\n\nunlink('/x')\n\n=cut\n", &["unlink"]);
    check_none(Perl, "sub unlink { 1 } sub system { 2 }", &["unlink", "system"]);
}

#[test]
fn php_calls_are_found() {
    let check = |text: &str, expect: &str| super::check(Php, text, &[expect]);
    check("unlink('/x');", "unlink(/x)");
    check("<h1>it's</h1><?php unlink('/x'); ?> it's <?= f(1) ?>", "unlink(/x)");
    check("<?php if (1): ?>it's<?php endif; unlink('/x');", "unlink(/x)");
    check("\\unlink('/x');", "unlink(/x)");
    check("DB::table('users')->truncate();", "users|DB.table.truncate()");
    check("use Illuminate\\Support\\Facades\\DB as D; D::table('u')->delete();", "u|DB.table.delete()");
    check("User::query()->delete();", "User.query.delete()");
    check("$f = 'unlink'; $f('/x');", "unlink(/x)");
    check("call_user_func('unlink', '/x');", "unlink(/x)");
    check("array_map('unlink', ['/x']);", "unlink(/x)");
    check("foreach (glob('/a/*') as $f) unlink($f);", "unlink(/a/*)");
    check("foreach (['/a'] as $k => $f) { unlink($f); }", "unlink(/a)");
    check("function wipe(string $p): void { unlink($p); } wipe('/a');", "unlink(/a)");
    check("$wipe = fn($p) => unlink($p);", "unlink(?)");
    check("eval('unlink(\"/x\");');", "unlink(/x)");
    check("eval(base64_decode('dW5saW5rKCIveCIpOw=='));", "unlink(/x)");
    check("(new Filesystem())->remove('/x');", "Filesystem.remove(/x)");
    check("$this->db->query('DROP TABLE x');", "this.db.query(DROP TABLE x)");
}

#[test]
fn php_strings_are_put_together() {
    let check = |expression: &str, expect: &str| {
        super::check(
            Php,
            &format!("$x = '/srv'; $a = ['k' => '/h']; f({expression});"),
            &[&format!("f({expect})")],
        );
    };
    check("\"$x/b\"", "/srv/b");
    check("\"{$x}b ${x}b\"", "/srvb /srvb");
    check("\"$a[k] {$a['k']}\"", "/h /h");
    check("\"$o->p/b\"", "¿/b");
    check("'$x'", "$x");
    check("$x . '/b'", "/srv/b");
    check("implode('/', ['', 'a'])", "/a");
    check("sprintf('%s/b', $x)", "/srv/b");
    check("getenv('HOME') . '/x'", "~/x");
    check("$_ENV['HOME']", "~");
    check("strrev('vrs/')", "/srv");
    check("$y ?: '/b'", "/b");
    check("<<<A\na $x\nA\n", "a /srv\n");
    check("<<<'A'\na $x\n  A . 'b'", "a $x\nb");
    check_none(
        Php,
        "echo \"unlink('/x')\"; # unlink('/x')\n// system('x')\n/* exec('x') */",
        &["unlink", "system", "exec"],
    );
    check_none(Php, "function unlink($x) {} class A { public function exec() {} }", &["unlink", "*exec"]);
}
