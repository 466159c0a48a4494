//! `guard scan`, with real files, a real git, and the official schema of SARIF where it can be had.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::Guard;
use crate::needs::{needs, sdks};
use crate::scratch::Scratch;

const WORKFLOW: &str = "\
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: rm -rf dist /usr/share/dotnet
      - run: |
          ä=1
          railway volume delete --volume ${{ vars.VOLUME }} --yes
      - run: >
          aws s3 rb
          s3://bucket --force
  b:
    runs-on: self-hosted
    steps:
      - run: \"sudo rm -rf \\\"/srv/data\\\"\"
      - shell: python
        run: |
          import shutil
          shutil.rmtree('/srv/data')
";

const SCRIPT: &str = "\
#!/bin/sh
DATA=/srv/www
clean() {
  rm -rf \"$DATA\"
}
trap clean EXIT
rm -rf \"$1\"
./other
psql <<SQL
DROP DATABASE prod;
SQL
";

fn project() -> Guard {
    // What stands in a temporary directory is no loss.
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    for (name, text) in [
        (".github/workflows/a.yml", WORKFLOW),
        ("run", SCRIPT),
        ("other", "#!/bin/sh\nrailway down -y\n"),
        ("package.json", "{\n\t\"scripts\": {\"a\": \"echo \\\"x\\\" && rm -rf \\\"/srv/x\\\"\"}\n}\n"),
        ("Dockerfile", "FROM x\nRUN rm -rf /usr/share/doc && \\\n    # why\n    psql -c 'DROP DATABASE x'\n"),
        (
            "Makefile",
            "OUT = /srv/out\nclean:\n\t@rm -rf $(OUT)\n\trm -rf build made-by-a-run\n\trm -rf made db\n",
        ),
        ("netlify.toml", "[build]\ncommand = \"\"\"\nterraform destroy\"\"\"\n"),
        ("db/1.sql", "CREATE TABLE a (b int);\n  DROP TABLE c;\n"),
        ("ignored.sh", "rm -rf /srv/ignored\n"),
        (".gitignore", "ignored.sh\n"),
        ("notes.md", "rm -rf /srv/notes\n"),
    ] {
        guard.file(&format!("project/{name}"), text);
    }
    std::os::unix::fs::symlink("/etc", guard.path("project/etc")).unwrap();
    guard
}

/// Returns `place rule` of each finding that a scan tells.
fn places(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.lines().filter(|line| line.ends_with(']') && !line.starts_with(' '));
    found
        .map(|line| format!("{} {}", line.split(": ").next().unwrap(), &line[line.rfind('[').unwrap()..]))
        .collect()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn what_destroys_is_told_where_it_stands() {
    let guard = project();
    let output = guard.run(&["scan", "."]);
    assert_eq!(output.status.code(), Some(10), "{output:?}");
    assert_eq!(
        places(&output),
        [
            ".github/workflows/a.yml:8:11 [railway/volume-delete]",
            ".github/workflows/a.yml:10:11 [aws-storage/s3-empty]",
            ".github/workflows/a.yml:15:15 [files/remove-outside-project]",
            ".github/workflows/a.yml:19:11 [files/remove-outside-project]",
            "Dockerfile:4:5 [sql/drop-database]",
            "Makefile:3:3 [files/remove-outside-project]",
            "Makefile:5:2 [files/remove-work]",
            "db/1.sql:2:3 [sql/drop-table]",
            "netlify.toml:3:1 [terraform/destroy]",
            "other:2:1 [railway/down]",
            "package.json:2:34 [files/remove-outside-project]",
            "run:4:3 [files/remove-outside-project]",
            "run:9:1 [sql/drop-database]",
        ]
    );
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\n 10 |           aws s3 rb\n    |           ^^^^^^^^^\n 11 |           s3://bucket --force\n    |           ^^^^^^^^^^^^^^^^^^^\n"), "{text}");
    assert!(text.contains("; 1 depending on values"), "{text}");
    let possible = json(&guard.run(&["scan", "run", "--possible", "--format", "json"]));
    let found = possible["findings"].as_array().unwrap();
    assert!(found.iter().any(|finding| finding["line"] == 7 && finding["certain"] == false), "{possible}");
    let named = json(&guard.run(&["scan", "ignored.sh", "notes.md", "--format", "json"]));
    assert_eq!(named["findings"].as_array().unwrap().len(), 1);
    let other = json(&guard.run(&["scan", "notes.md", "--format", "json"]));
    assert!(other["notes"][0]["text"].as_str().unwrap().contains("of no kind"));
}

#[test]
fn statuses_say_what_came_of_it() {
    let guard = project();
    let status = |words: &[&str]| guard.run(words).status.code().unwrap();
    assert_eq!(status(&["scan", "notes.md", ".gitignore"]), 0);
    assert_eq!(status(&["scan"]), 2);
    assert_eq!(status(&["scan", "missing"]), 2);
    assert_eq!(status(&["scan", ".", "--staged"]), 2);
    assert_eq!(status(&["scan", ".", "--baseline", "missing"]), 2);
    guard.file("project/.guard/policy.yaml", "at: {moderate: what}\n");
    assert_eq!(status(&["scan", "run"]), 125);
    guard.file("project/.guard/policy.yaml", "rules: {railway/down: {do: refuse, because: no}}\n");
    assert_eq!(status(&["scan", "other"]), 10);
}

#[test]
fn an_allowance_needs_a_reason_and_is_for_scan_alone() {
    let guard = project();
    let scan = |text: &str| {
        guard.file("project/a.sh", text);
        json(&guard.run(&["scan", "a.sh", "--format", "json"]))
    };
    let allowed = "# guard: allow files/remove-outside-project because it is made again\nrm -rf /srv/x\n";
    let found = scan(allowed);
    assert_eq!((found["findings"].as_array().unwrap().len(), &found["allowed"]), (0, &1.into()));
    assert_eq!(guard.exec(allowed), 75, "what runs a command obeys no comment");
    assert_eq!(guard.exec("sh a.sh"), 75);
    let found = scan("rm -rf /srv/x # guard: allow files/remove-outside-project\n");
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    assert!(found["notes"][0]["text"].as_str().unwrap().contains("has no reason"));
    let found = scan("true # guard: allow files/* because it was needed once\n\n\nrm -rf /srv/x\n");
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    assert!(found["notes"][0]["text"].as_str().unwrap().contains("take it out"));
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let guard = project();
    let write = ["scan", ".", "--baseline", "known.json", "--write-baseline"];
    assert_eq!(guard.run(&write).status.code(), Some(0));
    assert_eq!(guard.run(&["scan", ".", "--baseline", "known.json"]).status.code(), Some(0));
    guard.file(
        "project/run",
        &SCRIPT.replace("DATA=", "\n\nDATA=").replace("SQL\n", "SQL\n\nrm -rf /srv/new\n"),
    );
    assert_eq!(places(&guard.run(&["scan", ".", "--baseline", "known.json"])).len(), 1);
    guard.file("project/known.json", "{\"version\": 9, \"findings\": []}");
    assert_eq!(guard.run(&["scan", ".", "--baseline", "known.json"]).status.code(), Some(2));
}

#[test]
fn what_is_staged_is_read_as_it_is_staged() {
    if !needs("git") {
        return;
    }
    let guard = project();
    std::fs::remove_dir_all(guard.path("project/.git")).unwrap();
    let git = |text: &str| {
        let output = guard.sh(&format!("export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t; {text}"));
        assert!(output.status.success(), "{text}: {output:?}");
    };
    git("git init -q -b main . && git add .gitignore notes.md && git commit -qm one");
    assert_eq!(guard.run(&["scan", "--staged"]).status.code(), Some(0));
    git("git add run 'other' && echo 'true' > run && rm other");
    let staged = guard.run(&["scan", "--staged"]);
    assert_eq!(
        places(&staged),
        ["other:2:1 [railway/down]", "run:4:3 [files/remove-outside-project]", "run:9:1 [sql/drop-database]"]
    );
    git("cd db && git add 1.sql");
    let mut below = guard.command(&["scan", "--staged"]);
    assert_eq!(places(&below.current_dir(guard.path("project/db")).output().unwrap()).len(), 4);
    git("git commit -qm two && git checkout -q -b work");
    git("printf 'rm -rf /srv/one\\n' > 'a b.sh' && git add . && git commit -qm three");
    git("printf 'rm -rf /srv/one\\ntrue\\nrm -rf /srv/two\\n' > 'a b.sh'");
    assert_eq!(
        places(&guard.run(&["scan", "--diff", "HEAD"])),
        ["a b.sh:3:1 [files/remove-outside-project]"]
    );
    let since = places(&guard.run(&["scan", "--diff", "main"]));
    assert!(since.iter().any(|place| place.starts_with("a b.sh:1:1")), "{since:?}");
    assert!(!since.iter().any(|place| place.starts_with("db/")), "{since:?}");
    assert_eq!(guard.run(&["scan", "--diff", "no-such"]).status.code(), Some(2));
    assert_eq!(guard.run(&["scan", "--diff", "--output=x"]).status.code(), Some(2));
    assert!(!guard.path("project/x").exists());
}

#[test]
fn sarif_is_as_code_hosts_want_it() {
    let guard = project();
    let output = guard.run(&["scan", ".", "--format", "sarif"]);
    let log = json(&output);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 13);
    let mut fingerprints = std::collections::BTreeSet::new();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().starts_with('/'));
        assert!(place["region"]["startLine"].as_u64() <= place["region"]["endLine"].as_u64());
        assert!(fingerprints.insert(result["partialFingerprints"]["guard/v1"].as_str().unwrap()));
    }
    let first = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&first["startLine"], &first["startColumn"]), (&8.into(), &11.into()));
    fits_the_schema(&guard, &output.stdout);
}

/// Holds a log against the official schema, where `.ci/run` put it.
fn fits_the_schema(guard: &Guard, log: &[u8]) {
    let Some(python) = sdks() else { return };
    let schema = python.with_file_name("../sarif-schema-2.1.0.json");
    if !schema.is_file() {
        std::io::stderr().write_all(b"skipped: needs the schema of SARIF\n").unwrap();
        return;
    }
    let path = guard.file("log.sarif", std::str::from_utf8(log).unwrap());
    let check = "import json,sys,jsonschema; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))";
    let output = Command::new(python).args(["-c", check]).arg(path).arg(schema).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
