use super::Language::Ruby;
use super::*;

#[test]
fn calls_need_no_parentheses() {
    let check = |text: &str, expect: &str| super::check(Ruby, text, &[expect]);
    check("FileUtils.rm_rf('/x')", "FileUtils.rm_rf(/x)");
    check("FileUtils.rm_rf '/x'", "FileUtils.rm_rf(/x)");
    check("FileUtils.rm_rf('/x', secure: true)", "FileUtils.rm_rf(/x, secure=true)");
    check("FileUtils.rm_rf %w[a b]", "FileUtils.rm_rf([a b])");
    check("FileUtils.rm_rf ['a', 'b']", "FileUtils.rm_rf([a b])");
    check("::FileUtils.rm_rf '/x' if y", "FileUtils.rm_rf(/x)");
    check("include FileUtils\nrm_rf '/x'", "FileUtils.rm_rf(/x)");
    check("User.delete_all", "User.delete_all()");
    check("User.where(a: 1).destroy_all", "a=1|User.where.destroy_all()");
    check("User.where('a > ?', 1)\n  .delete_all", "a > ?, 1|User.where.delete_all()");
    check("x&.destroy!", "x.destroy!()");
    check(
        "ActiveRecord::Base.connection.execute 'DROP TABLE x'",
        "ActiveRecord.Base.connection.execute(DROP TABLE x)",
    );
    check("File.delete('a', 'b')", "File.delete(a, b)");
    check("FileUtils.send(:rm_rf, '/x')", "FileUtils.rm_rf(/x)");
    check("FileUtils.public_send('rm' + '_rf', '/x')", "FileUtils.rm_rf(/x)");
    check("Kernel.system 'ls'", "system(ls)");
    check("FileUtils.method(:rm_rf).call('/x')", "FileUtils.rm_rf(/x)");
    check("puts 1 and FileUtils.rm_rf '/x'", "FileUtils.rm_rf(/x)");
}

#[test]
fn strings_are_put_together() {
    let check = |expression: &str, expect: &str| {
        super::check(Ruby, &format!("x = '/srv'\nf({expression})"), &[&format!("f({expect})")]);
    };
    check("\"#{x}/b\"", "/srv/b");
    check("'#{x}'", "#{x}");
    check("x + '/b'", "/srv/b");
    check("%(#{x} (a))", "/srv (a)");
    check("%q(#{x})", "#{x}");
    check("File.join(x, 'b')", "/srv/b");
    check("ENV['HOME'] + '/x'", "~/x");
    check("ENV.fetch('DIR')", "¿");
    check("Dir.home", "~");
    check("'%s/b' % x", "/srv/b");
    check("format('%s/b', x)", "/srv/b");
    check("['/a', 'b'].join('/')", "/a/b");
    check("'vrs/'.reverse", "/srv");
    check(":sym", "sym");
    check("x.to_s", "/srv");
    check("<<~A\n  a #{x}\nA\n", "  a /srv\n");
    check("<<-'A'.strip\n  a\n  A\n", "a");
}

#[test]
fn blocks_take_what_they_are_called_on() {
    let check = |text: &str, expect: &[&str]| super::check(Ruby, text, expect);
    check("['/a', '/b'].each { |p| f(p) }", &["f(/a)", "f(/b)"]);
    check("%w[/a /b].each do |p|\n  f p\nend", &["f(/a)", "f(/b)"]);
    check("Dir.glob('/a/*').each { |p| File.delete(p) }", &["File.delete(/a/*)"]);
    check("Dir['/a/*'].each { File.delete(it) }", &["File.delete(/a/*)"]);
    check("for p in ['/a'] do f(p) end", &["f(/a)"]);
    check("3.times { f(1) }", &["f(1)"]);
    let code = read("x.each { |y| f(y) }\ng(1)\nwhile a do\n  h(1)\nend\nk(1)", Ruby, &[]);
    let in_loop = |name: &str| code.calls.iter().any(|call| call.is(name) && call.in_loop);
    assert!(in_loop("f") && in_loop("h") && !in_loop("g") && !in_loop("k"));
}

#[test]
fn definitions_are_no_calls() {
    check(Ruby, "def wipe(p)\n  f(p)\nend\nwipe('/a')", &["f(/a)"]);
    check(Ruby, "def wipe p\n  f p\nend\nwipe '/a'", &["f(/a)"]);
    check(Ruby, "wipe = ->(p) { f(p) }\nwipe.call('/a')", &["f(?)"]);
    check_none(Ruby, "def rm_rf(path)\n  path\nend\ndef self.system(x) = x", &["*rm_rf", "*system"]);
    check(Ruby, "class A\n  def go\n    if x then y end\n  end\nend\nf(1)", &["f(1)"]);
    check(Ruby, "p = '/a'\np = '/b' if x\nf(p)", &["f(/a)", "f(/b)"]);
    check(Ruby, "if x\n  p = '/a'\nelse\n  p = '/b'\nend\nf(p)", &["f(/a)", "f(/b)"]);
    check(Ruby, "l = ['a']\nl << 'b'\nf(l)", &["f([a b])"]);
}

#[test]
fn literals_end_where_they_end() {
    let check = |text: &str| super::check(Ruby, text, &["f(1)"]);
    check("x =~ /['\"`]/; f(1)");
    check("x.split /'/; f(1)");
    check("a = b / c; d = e / f(1)");
    check("%r{a'b}i; f(1)");
    check("x = a ? 'b' : 'c'; f(1)");
    check("{a: 1, 'b': 2, :c => 3}; f(1)");
    check("x = y %w; f(1)");
    check("# it's\nf(1)");
    check("=begin\nit's f(2)\n=end\nf(1)");
    check("a << 'x'; f(1)");
    check("x.empty? ? 1 : 2; f(1)");
    check("`ls`; f(1)");
    check_none(Ruby, "f(1)\n__END__\ng(2)", &["g"]);
    check_none(Ruby, "puts \"FileUtils.rm_rf('/')\" # system('x')", &["FileUtils.*", "system"]);
}
