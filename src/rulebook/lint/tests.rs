#![allow(clippy::unwrap_used, clippy::panic)]

use insta::assert_snapshot;

use super::*;

const GOOD: &str = include_str!("good.yaml");

/// Returns what is said about the good pack when `from` in it is exchanged for `to`.
fn spoilt(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    messages(&[("rules/fly.yaml", GOOD.replace(from, to))])
}

fn messages(files: &[(&str, String)]) -> String {
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
    match read_all(&files, &|_| None) {
        Ok(_) => "in order".to_owned(),
        Err(errors) => {
            let first = |error: &PackError| error.to_string().lines().next().unwrap_or_default().to_owned();
            errors.iter().map(first).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn the_good_pack_is_in_order() {
    assert_eq!(messages(&[("rules/fly.yaml", GOOD.to_owned())]), "in order");
}

#[test]
fn a_fault_is_shown_where_it_is() {
    let files = [("rules/fly.yaml".to_owned(), GOOD.replace("with: [force]", "with: [forse]"))];
    assert_snapshot!(read_all(&files, &|_| None).unwrap_err()[0], @r#"
    rules/fly.yaml:27:9: no grammar of `fly` declares an option `forse`
      27 |         with: [forse]
         |         ^^^^
    "#);
}

#[test]
fn names() {
    assert_snapshot!(messages(&[("rules/fly-io.yaml", GOOD.to_owned())]), @"rules/fly-io.yaml:1:1: the file of this pack is named `fly.yaml`");
    assert_snapshot!(spoilt("pack: fly", "pack: Fly"), @r#"
    rules/fly.yaml:1:1: the file of this pack is named `Fly.yaml`
    rules/fly.yaml:1:1: a pack's name is kebab-case: `fly-io`
    "#);
    assert_snapshot!(spoilt("id: app-destroy", "id: app_destroy"), @"rules/fly.yaml:22:5: `app_destroy` is not kebab-case: `volume-delete`");
    assert_snapshot!(spoilt("id: volume-destroy", "id: app-destroy"), @r#"
    rules/fly.yaml:51:5: there are two rules `app-destroy`
    rules/fly.yaml:51:5: the rule `fly/app-destroy` is already in rules/fly.yaml
    "#);
    assert_snapshot!(spoilt("id: volume-destroy", "id: volume-destroy\n    was: app-destroy"), @"rules/fly.yaml:52:5: the rule `fly/app-destroy` is already in rules/fly.yaml");
    assert_snapshot!(spoilt("also: [flyctl]", "also: [fly]"), @r#"
    rules/fly.yaml:6:3: `fly` is named twice
    rules/fly.yaml:6:3: the program `fly` is already in rules/fly.yaml
    "#);
    assert_snapshot!(spoilt("also: [flyctl]", "also: [bin/fly]"), @"rules/fly.yaml:6:3: `bin/fly` is not a program's name: it has no directory and no blanks");
}

#[test]
fn wording() {
    assert_snapshot!(spoilt("title: Destroy an app", "title: Destroy an app."), @"rules/fly.yaml:23:5: a title has no period");
    assert_snapshot!(spoilt("title: Destroy an app", "title: destroy an app"), @"rules/fly.yaml:23:5: a title begins with a capital letter");
    assert_snapshot!(spoilt("title: Destroy an app", &format!("title: D{}", "o".repeat(70))), @"rules/fly.yaml:23:5: a title has at most 60 characters, this one 71");
    assert_snapshot!(spoilt("backups: Snapshots are kept.", "backups: none"), @"rules/fly.yaml:36:7: this is written in sentences: a capital letter first, a period last");
    assert_snapshot!(spoilt("because: It only asks.", "because: asks"), @"rules/fly.yaml:32:9: this is written in sentences: a capital letter first, a period last");
    assert_snapshot!(spoilt("references: [https://fly.io/docs]", "references: [http://fly.io/docs]"), @"rules/fly.yaml:38:5: `http://fly.io/docs` does not begin with https://");
    assert_snapshot!(spoilt("references: [https://fly.io/docs]", "references: []"), @"rules/fly.yaml:22:5: `app-destroy` has no references");
}

#[test]
fn examples() {
    assert_snapshot!(spoilt("        fly apps destroy -f shop\n", ""), @"rules/fly.yaml:40:7: `app-destroy` has 2 `must_stop` commands; at least 3 are needed");
    assert_snapshot!(spoilt("        fly apps list\n", ""), @"rules/fly.yaml:44:7: `app-destroy` has 2 `must_pass` commands; at least 3 are needed");
    assert_snapshot!(spoilt("        destroy app shop: fly apps destroy shop", "        {}"), @"rules/fly.yaml:48:7: `app-destroy` has no example of its phrase");
    assert_snapshot!(spoilt("destroy app shop:", &format!("destroy app {}:", "x".repeat(60))), @"rules/fly.yaml:49:9: a phrase has at most 60 characters, this one 72");
    assert_snapshot!(spoilt("destroy app shop:", "destroy app caf\u{e9}:"), @"rules/fly.yaml:49:9: a phrase is plain text that can be typed: printable ASCII, single blanks");
}

#[test]
fn options() {
    assert_snapshot!(spoilt("with: [force]", "with: [yes-really]"), @"rules/fly.yaml:27:9: no grammar of `fly` declares an option `yes-really`");
    assert_snapshot!(spoilt("run: fly apps destroy\n        with", "run: other apps destroy\n        with"), @"rules/fly.yaml:27:9: no grammar of `other` declares an option `force`");
    assert_snapshot!(spoilt("option: {region: ams}", "option: {force: ams}"), @"rules/fly.yaml:29:9: the option `force` takes no value: its spellings do not end in `=`");
    assert_snapshot!(spoilt("force: [-f, --force]", "force: [f, --force]"), @"rules/fly.yaml:11:7: `f` is not an option's spelling: `-f`, `--file=`, `--color=*`");
    assert_snapshot!(spoilt("force: [-f, --force]", "force: [-f, --app=]"), @"rules/fly.yaml:11:7: `--app` is already a spelling of `app`");
    assert_snapshot!(spoilt("force: [-f, --force]", "force: []"), @r#"
    rules/fly.yaml:11:7: `force` has no spelling
    rules/fly.yaml:27:9: no grammar of `fly` declares an option `force`
    "#);
    assert_snapshot!(spoilt("force: [-f, --force]", "operand.1: [-f, --force]"), @r#"
    rules/fly.yaml:11:7: `operand.1` cannot be an option's name: it means something else where options are named
    rules/fly.yaml:27:9: no grammar of `fly` declares an option `force`
    "#);
    assert_snapshot!(spoilt("harmless_with: [dry-run]", "harmless_with: [dry]"), @"rules/fly.yaml:15:5: no option is declared as `dry`");
    assert_snapshot!(spoilt("runs: {shell: [command]}", "runs: {shell: [comand]}"), @"rules/fly.yaml:19:16: `comand` is neither a declared option nor `operands`, `operand.1` and the like");
    assert_snapshot!(spoilt("runs: {shell: [command]}", "runs: {code: [command], language: cobol}"), @"rules/fly.yaml:19:33: `cobol` is not a language that is read; known are awk, go, javascript, lua, mongosh, perl, php, powershell, python, r, ruby, sed, shell");
    assert_snapshot!(spoilt("runs: {shell: [command]}", "speaks: {http: {urls: [operand.0]}}"), @"rules/fly.yaml:19:25: `operand.0` is neither a declared option nor `operands`, `operand.1` and the like");
}

#[test]
fn clauses() {
    assert_snapshot!(spoilt("run: fly volumes destroy", "operand: x"), @r#"
    rules/fly.yaml:55:9: a clause needs one of run, sql, http, writes, call, mentions and environment
    rules/fly.yaml:55:9: options and operands are those of a program: `run` is missing
    "#);
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: flyctl volumes destroy"), @"rules/fly.yaml:55:9: `flyctl` is another name of `fly`: write `fly`");
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: fly volumes rm"), @"rules/fly.yaml:55:9: `rm` is read as `destroy` by the grammar of `fly`: write `destroy`");
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: /usr/bin/fly volumes destroy"), @"rules/fly.yaml:55:9: `/usr/bin/fly` is not a program's name: write it out, without directory");
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: fly volumes destroy\n        because: I say so."), @"rules/fly.yaml:56:9: `because` belongs to an exception in `unless`");
    assert_snapshot!(spoilt("        because: It only asks.\n", ""), @"rules/fly.yaml:31:9: an exception says why nothing is lost: `because`");
    assert_snapshot!(spoilt("      - with: [interactive]\n        because", "      - because"), @"rules/fly.yaml:31:9: an exception without a condition excuses all");
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: fly volumes\n        operand: '~(unclosed'"), @"rules/fly.yaml:56:9: `(unclosed` is not a regular expression: unclosed group");
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: fly volumes\n        operand: '{a,b'"), @"rules/fly.yaml:56:9: `{a,b` opens `{` and does not close it");
    assert_snapshot!(spoilt("run: fly volumes destroy", "run: fly volumes\n        operand_at: {0: x}"), @"rules/fly.yaml:56:9: operands are counted from 1");
    assert_snapshot!(spoilt("run: fly volumes destroy", "sql: drop database"), @"rules/fly.yaml:55:9: `drop database`: keywords are written in capital letters");
    assert_snapshot!(spoilt("run: fly volumes destroy", "sql: {unfiltered: true}"), @"rules/fly.yaml:55:9: a condition on SQL names statements: `DROP DATABASE`");
    assert_snapshot!(spoilt("run: fly volumes destroy", "http: {method: DELETE}"), @"rules/fly.yaml:55:9: any request would match: name a host, path, query, body or graphql field");
    assert_snapshot!(spoilt("run: fly volumes destroy", "http: {method: delete, host: 'https://a.b/c'}"), @r#"
    rules/fly.yaml:55:16: `delete` is not a method; known are GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE, COPY, MOVE, MKCOL, PURGE, LINK, UNLINK
    rules/fly.yaml:55:32: `https://a.b/c` is not a host: leave out scheme and path
    "#);
    assert_snapshot!(spoilt("run: fly volumes destroy", "call: 'shutil.rmtree()'"), @"rules/fly.yaml:55:9: `shutil.rmtree()` is not a call's name: leave out the parentheses");
    assert_snapshot!(spoilt("run: fly volumes destroy", "writes: {path: etc/passwd}"), @"rules/fly.yaml:55:18: `etc/passwd` would match no whole path: begin with `/`, `~/` or `**/`");
    assert_snapshot!(spoilt("run: fly volumes destroy", "mentions: [ab]"), @"rules/fly.yaml:55:9: `ab` is too short to be looked for in code");
}

#[test]
fn phrases() {
    assert_snapshot!(spoilt("confirm: destroy app {operand.1|without a name}", "confirm: destroy app {operand.1"), @"rules/fly.yaml:33:5: a `{` is not closed");
    assert_snapshot!(spoilt("confirm: destroy app {operand.1|without a name}", "confirm: destroy app {apps|none}"), @"rules/fly.yaml:33:5: nothing that this rule sees is called `apps`");
    assert_snapshot!(spoilt("confirm: destroy app {operand.1|without a name}", "confirm: Destroy app"), @"rules/fly.yaml:33:5: a phrase begins with a verb in small letters");
    assert_snapshot!(spoilt("confirm: destroy app {operand.1|without a name}", "confirm: destroy app {a||b}"), @"rules/fly.yaml:33:5: `{a||b}` has an empty alternative");
}

#[test]
fn names_are_given_once_in_all_packs() {
    let other = GOOD.replace("pack: fly", "pack: other");
    assert_snapshot!(messages(&[("rules/fly.yaml", GOOD.to_owned()), ("rules/other.yaml", other)]), @r#"
    rules/other.yaml:6:3: the program `fly` is already in rules/fly.yaml
    rules/other.yaml:6:3: the program `flyctl` is already in rules/fly.yaml
    "#);
    let twice = [("a/fly.yaml", GOOD.to_owned()), ("b/fly.yaml", GOOD.to_owned())];
    assert!(messages(&twice).starts_with("b/fly.yaml:1:1: the pack `fly` is already in a/fly.yaml"));
}

#[test]
fn grammar_of_another_pack_counts() {
    let grammar = "pack: base\ntitle: Base\nprograms: {other: {options: {force: [-f]}}}".to_owned();
    let pack = GOOD.replace("run: fly apps destroy\n        with", "run: other apps destroy\n        with");
    assert_eq!(messages(&[("rules/base.yaml", grammar), ("rules/fly.yaml", pack)]), "in order");
}

#[test]
fn patterns() {
    for good in ["*", "a[b-c]d", "{a,b}", "\\{", "~^a$", "[{]", "~(?i)drop"] {
        assert_eq!(text::pattern_fault(good), None, "{good}");
    }
    for bad in ["", "[a", "{a", "{a{b}}", "~", "~(", "~[a"] {
        assert!(text::pattern_fault(bad).is_some(), "{bad}");
    }
}

#[test]
fn slots_are_taken_from_phrases() {
    assert_eq!(text::slots("delete {a|b|the thing} of {c}"), Ok(vec![vec!["a", "b"], vec!["c"]]));
    for bad in ["a {", "a }", "a {b{c}}", "a {|b}", "a {}"] {
        assert!(text::slots(bad).is_err(), "{bad}");
    }
}
