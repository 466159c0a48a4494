#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

/// Checks that a path leads to these texts, and that each of their words stands where it is said to.
fn check(root: &Rc<Node>, source: &str, path: &str, expect: &[&str]) {
    let found = find(root, path);
    let texts: Vec<&Mapped> = found.iter().flat_map(|found| found.node.texts()).collect();
    assert_eq!(texts.iter().map(|text| text.text()).collect::<Vec<_>>(), expect, "{path} in {source}");
    for text in texts {
        let mut at = 0;
        for word in text.text().split_whitespace() {
            let start = at + text.text()[at..].find(word).unwrap();
            at = start + word.len();
            let stands = &source[text.source(start..at)];
            let plain =
                stands.replace("\\\"", "\"").replace("\\/", "/").replace("''", "'").replace("\\\\", "\\");
            assert_eq!(plain, word, "of {:?} in {source}", text.text());
        }
    }
}

fn yaml(source: &str, path: &str, expect: &[&str]) {
    check(&yaml::read(source).unwrap()[0], source, path, expect);
}

fn toml(source: &str, path: &str, expect: &[&str]) {
    check(&toml::read(source), source, path, expect);
}

#[test]
fn words_of_yaml_are_found_where_they_stand() {
    yaml("a: rm -rf /x # no", "a", &["rm -rf /x"]);
    yaml("a: 'it''s  rm'", "a", &["it's  rm"]);
    yaml("a: \"rm \\\"x y\\\" \\/b\"", "a", &["rm \"x y\" /b"]);
}

#[test]
fn blocks_keep_their_places() {
    let source = "jobs:\n  build:\n    steps:\n      - run: |\n          cd x\n            rm -rf y\n\n          echo z\n      - run: >-\n          psql\n          -c 'DROP'\n\n          next\n";
    yaml(source, "jobs.*.steps.*.run", &["cd x\n  rm -rf y\n\necho z\n", "psql -c 'DROP'\nnext"]);
    yaml("a: |2-\n    b  c\n   d\nb: 1", "a", &["  b  c\n d"]);
    yaml("a: b\n  c\n\n  d", "a", &["b c\nd"]);
}

#[test]
fn json_is_read_with_its_escapes_tabs_and_comments_of_none() {
    let source = "{\n\t\"scripts\": {\n\t\t\"x\": \"echo \\\"a b\\\" && rm -rf \\/srv\"\n\t}\n}";
    yaml(source, "scripts.*", &["echo \"a b\" && rm -rf /srv"]);
    yaml("{\"a\": [\"b\", [\"c\"]]}", "a", &["b", "c"]);
}

#[test]
fn anchors_lead_to_where_the_text_stands() {
    yaml("x: &x [rm -rf a]\nb: {script: *x}", "b.script", &["rm -rf a"]);
    yaml("x: &x {script: rm a}\nb:\n  <<: *x\n  k: v", "b.script", &["rm a"]);
    let bomb = format!(
        "a0: &a0 [x]\n{}",
        (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect::<String>()
    );
    assert!(find(&yaml::read(&bomb).unwrap()[0], "**").len() <= VISITS);
    assert!(yaml::read(&"[".repeat(100_000)).is_err());
}

#[test]
fn what_is_near_is_looked_for_upwards() {
    let source = "defaults: {run: {shell: pwsh}}\njobs:\n  a:\n    steps: [{run: x, shell: sh}, {run: y}]\n";
    let root = &yaml::read(source).unwrap()[0];
    let shells: Vec<String> = find(root, "jobs.*.steps.*.run")
        .iter()
        .map(|found| {
            found
                .near(&["shell".into(), "defaults.run.shell".into()])
                .unwrap()
                .text()
                .unwrap()
                .text()
                .to_owned()
        })
        .collect();
    assert_eq!(shells, ["sh", "pwsh"]);
}

#[test]
fn words_of_toml_are_found_where_they_stand() {
    let source = "# c\n[build]\n  command = \"rm \\\"a\\\"\" # x\n  n = 1\n[context.\"deploy\".x]\ncommand = 'b c'\n[[l]]\na = [\"p\", 'q',\n 3]\n[[l]]\na = [\"r\"]\nt = {k = \"v\", w = 2}\nlong = \"\"\"\na \\\n   b\n\"\"\"";
    toml(source, "build.command", &["rm \"a\""]);
    toml(source, "context.*.x.command", &["b c"]);
    toml(source, "l.*.a", &["p", "q", "3", "r"]);
    toml(source, "l.*.t.k", &["v"]);
    toml(source, "l.*.long", &["a b\n"]);
    toml("a = \"open\nb = 'c'", "b", &["c"]);
    toml("a.b = ''\n= 3\nc = 'd'", "c", &["d"]);
}

#[test]
fn no_text_is_too_much() {
    for source in
        ["[[[[", "a = [[[[[", "a = {b = {", "\"", "a = \"\\", "a = '''", "a = \"\\u12", "[", "= = ="]
    {
        let _ = (toml::read(source), yaml::read(source));
    }
    let _ = toml::read(&"a = [".repeat(20_000));
    let _ = toml::read(&"[a.".repeat(20_000));
}
