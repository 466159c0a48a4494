#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::test_process::processor_time;

/// Checks which commands a file holds: their place and text (or words), and that what they stand for
/// begins with the first word and ends with the last.
fn check(path: &str, source: &str, expect: &[(&str, &str)]) {
    let kinds = Kinds::builtin().unwrap();
    let kind = kinds.by_path(Path::new(path)).or_else(|| kinds.by_first_line(source));
    let kind = kind.unwrap_or_else(|| panic!("{path} is of no kind"));
    let file = File { path: Path::new(path), text: source, root: Path::new("/p"), kind };
    let pieces = of(file, &kinds).unwrap();
    let shown = |piece: &Piece| match &piece.body {
        Body::Text { reader, text } => format!("{reader}: {}", text.text().trim()),
        Body::Words(words) => words.iter().map(|word| format!("<{}>", word.text())).collect(),
    };
    let found: Vec<(String, String)> =
        pieces.iter().map(|piece| (piece.label.clone(), shown(piece))).collect();
    let found: Vec<(&str, &str)> =
        found.iter().map(|(label, text)| (label.as_str(), text.as_str())).collect();
    assert_eq!(found, expect, "{path}:\n{source}");
}

fn machine(path: &str, source: &str, expect: &[Machine]) {
    let kinds = Kinds::builtin().unwrap();
    let kind = kinds.by_path(Path::new(path)).unwrap();
    let file = File { path: Path::new(path), text: source, root: Path::new("/p"), kind };
    let found: Vec<Machine> = of(file, &kinds).unwrap().iter().map(|piece| piece.machine).collect();
    assert_eq!(found, expect, "{path}:\n{source}");
}

#[test]
fn workflows_name_shells_directories_and_machines() {
    let source = "defaults: {run: {working-directory: infra}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: x/y@v1\n      - run: rm ${{ inputs.x }} y\n      - {run: import os, shell: 'python {0}'}\n      - {run: dir, shell: cmd}\n";
    check(
        ".github/workflows/a.yml",
        source,
        &[("jobs.a.steps.1.run", "bash: rm \u{f0001} y"), ("jobs.a.steps.2.run", "python: import os")],
    );
    let runs = |on: &str| format!("jobs: {{a: {{runs-on: {on}, steps: [{{run: x}}]}}}}");
    machine(".github/workflows/a.yml", &runs("macos-15"), &[Machine::ThrownAway]);
    machine(".github/workflows/a.yml", &runs("[self-hosted, ubuntu-22]"), &[Machine::Own]);
    machine(".github/workflows/a.yml", &runs("'${{ matrix.os }}'"), &[Machine::Own]);
    check(
        "x/action.yml",
        "runs: {using: composite, steps: [{run: a, shell: sh}]}",
        &[("runs.steps.0.run", "sh: a")],
    );
}

#[test]
fn other_runners_of_jobs() {
    check(
        ".gitlab-ci.yml",
        ".x: &x [b, c]\nbuild:\n  before_script: *x\n  script:\n    - d\n    - |\n      e\n      f\n",
        &[("build.before_script", "sh: b\nc"), ("build.script", "sh: d\ne\nf")],
    );
    check(
        ".circleci/config.yml",
        "jobs:\n  a:\n    steps:\n      - run: x << parameters.y >>\n      - run: {command: z, name: n}\n      - when: {steps: [{run: w}]}\n",
        &[
            ("jobs.a.steps.0.run", "bash: x \u{f0001}"),
            ("jobs.a.steps.2.when.steps.0.run", "bash: w"),
            ("jobs.a.steps.1.run.command", "bash: z"),
        ],
    );
    check(
        "azure-pipelines.yml",
        "jobs: [{steps: [{script: a $(b)}, {bash: c}]}]",
        &[("jobs.0.steps.0.script", "bash: a \u{f0001}"), ("jobs.0.steps.1.bash", "bash: c")],
    );
    check(
        "bitbucket-pipelines.yml",
        "pipelines: {default: [{step: {script: [a, {pipe: p}, b]}}]}",
        &[("pipelines.default.0.step.script", "sh: a\nb")],
    );
    check(
        "Taskfile.yml",
        "tasks: {a: {cmds: ['rm {{.X}}', {cmd: b}, {task: c}]}, d: e}",
        &[("tasks.a.cmds", "sh: rm \u{f0001}"), ("tasks.a.cmds.1.cmd", "sh: b")],
    );
}

#[test]
fn files_of_platforms() {
    check(
        "web/package.json",
        r#"{"name": "x", "scripts": {"a": "b \"c\""}}"#,
        &[("scripts.a", "sh: b \"c\"")],
    );
    check("composer.json", r#"{"scripts": {"a": ["b", "@c"]}}"#, &[("scripts.a", "sh: b\n@c")]);
    check("app.json", r#"{"scripts": {"postdeploy": "a"}}"#, &[("scripts.postdeploy", "sh: a")]);
    check(
        "vercel.json",
        r#"{"buildCommand": "a", "ignoreCommand": null}"#,
        &[("buildCommand", "sh: a"), ("ignoreCommand", "sh: null")],
    );
    check(
        "netlify.toml",
        "[build]\ncommand = 'a'\n[context.production]\ncommand = \"b\"",
        &[("build.command", "sh: a"), ("context.production.command", "sh: b")],
    );
    check(
        "fly.toml",
        "[deploy]\n  release_command = \"bin/rails db:prepare\"\n[processes]\n  app = 'x'",
        &[("deploy.release_command", "sh: bin/rails db:prepare"), ("processes.app", "sh: x")],
    );
    check(
        "Procfile",
        "web: bundle exec puma\n# no\nrelease: rails db:migrate",
        &[("", "sh: bundle exec puma"), ("", "sh: rails db:migrate")],
    );
    check(
        "compose.yml",
        "services: {a: {command: [rm, -rf, x], entrypoint: sh -c y, healthcheck: {test: [CMD-SHELL, z w]}}}",
        &[
            ("services.a.command", "<rm><-rf><x>"),
            ("services.a.entrypoint", "sh: sh -c y"),
            ("services.a.healthcheck.test", "sh: z w"),
        ],
    );
    check(
        ".pre-commit-config.yaml",
        "repos: [{repo: local, hooks: [{id: a, entry: b, language: system}, {id: c, entry: d, language: python}]}]",
        &[("repos.0.hooks.0.entry", "sh: b")],
    );
}

#[test]
fn dockerfiles_have_joined_lines_comments_lists_and_documents() {
    check(
        "docker/Dockerfile.dev",
        "FROM a\nRUN --mount=type=cache,target=/x b && \\\n  # no\n  c\nrun [\"d\", \"e \\\"f\"]\nSHELL [\"/bin/bash\", \"-c\"]\nONBUILD RUN g\nRUN <<EOF\nh\ni\nEOF\nCMD j\nHEALTHCHECK --interval=5s CMD k\nENV RUN=x\n",
        &[
            ("RUN", "sh: b && \\\n  c"),
            ("RUN", "<d><e \"f>"),
            ("RUN", "bash: g"),
            ("RUN", "bash: <<EOF\nh\ni\nEOF"),
            ("CMD", "bash: j"),
            ("HEALTHCHECK", "bash: k"),
        ],
    );
    machine("Dockerfile", "RUN a\nCMD b", &[Machine::ThrownAway, Machine::Container]);
}

#[test]
fn recipes_are_filled_in() {
    check(
        "Makefile",
        "OUT := build\nALL = $(OUT)/x\na b: c ; echo $@\n\t@-rm -rf $(ALL) \\\n\t  $< $$HOME\nc:\n\t$(MAKE) d\n",
        &[
            ("target a", "sh: echo a"),
            ("target a", "sh: rm -rf build/x \\\n  c $HOME"),
            ("target c", "sh: ${MAKE} d"),
        ],
    );
    check(
        "justfile",
        "out := 'build'\na x: b\n    @rm -rf {{out}} {{ x }}\nb:\n    #!/usr/bin/env python3\n    import os\n    print(1)\n",
        &[
            ("recipe a", "sh: rm -rf build \u{f0001}"),
            ("recipe b", "python3: #!/usr/bin/env python3\nimport os\nprint(1)"),
        ],
    );
}

#[test]
fn a_command_a_line() {
    check(
        "crontab",
        "MAILTO=x\n# c\n*/5 0 1-3,7 * mon-fri rm -rf x\n@daily y z",
        &[("", "sh: rm -rf x"), ("", "sh: y z")],
    );
    check("etc/cron.d/a", "0 1 * * * root rm x", &[("", "sh: rm x")]);
    check(
        "a.service",
        "[Service]\nExecStartPre=-/bin/rm -rf \\\n  /srv/x\nType=x\nExecStop=!y",
        &[("", "sh: /bin/rm -rf \\\n  /srv/x"), ("", "sh: y")],
    );
}

#[test]
fn cells_of_notebooks() {
    let source = r#"{"cells": [
        {"cell_type": "code", "source": ["x = 1\n", "!rm -rf {x} y\n", "  !ls\n"]},
        {"cell_type": "code", "source": "%%bash -e\nrm z\n"},
        {"cell_type": "code", "source": ["%%time\n", "a"]},
        {"cell_type": "markdown", "source": ["!no"]}]}"#;
    check(
        "a.ipynb",
        source,
        &[
            ("cells.0.source", "bash: rm -rf \u{f0001} y"),
            ("cells.0.source", "bash: ls"),
            ("cells.1.source", "bash: rm z"),
            ("cells.2.source", "time: a"),
        ],
    );
}

#[test]
fn scripts_are_known_by_name_or_first_line() {
    check("a/b.sh", "x", &[("", "bash: x")]);
    check("bin/tool", "#!/usr/bin/env -S zsh -f\nx", &[("", "zsh: #!/usr/bin/env -S zsh -f\nx")]);
    check(".husky/pre-push", "x", &[("", "bash: x")]);
    check("db/1.sql", "DROP TABLE x", &[("", "sql: DROP TABLE x")]);
    let kinds = Kinds::builtin().unwrap();
    for path in ["README.md", "src/main.rs", ".github/dependabot.yml", "a/.github/x.yml", "package-lock.json"]
    {
        assert!(kinds.by_path(Path::new(path)).is_none(), "{path}");
    }
}

#[test]
fn no_file_is_too_much() {
    let kinds = Kinds::builtin().unwrap();
    let bodies = [
        "",
        "\\",
        "\t",
        "a:\n\t\\",
        "RUN",
        "RUN \\",
        "RUN [",
        "SHELL [",
        "RUN <<",
        "a: ;",
        "$",
        "%%",
        "{",
        "\u{feff}",
        "ä:\n\tö$",
        "a:\n\t$(",
        "RUN --",
        "ONBUILD",
    ];
    for kind in &kinds.table().kinds {
        for text in bodies {
            let _ = of(File { path: Path::new("x"), text, root: Path::new("/p"), kind }, &kinds);
        }
    }
}

#[test]
fn large_files_take_no_longer_than_they_are_long() {
    let kinds = Kinds::builtin().unwrap();
    let time = processor_time(|| {
        for (path, line) in [
            ("Makefile", "a b:\n\tx $(y)\n"),
            ("Dockerfile", "RUN <<X\n"),
            ("Dockerfile", "RUN [\n"),
            ("netlify.toml", "a = \"\n"),
            ("netlify.toml", "[[a.b]]\nc = '''\n"),
            ("compose.yml", "- \"\\\n  \\u00e4\"\n"),
            ("justfile", "a:\n  {{ x }}\n"),
        ] {
            let source = line.repeat(100_000 / line.len());
            let kind = kinds.by_path(Path::new(path)).unwrap();
            let _ = of(File { path: Path::new(path), text: &source, root: Path::new("/p"), kind }, &kinds);
        }
    });
    assert!(time < std::time::Duration::from_secs(20), "{time:?}");
}
