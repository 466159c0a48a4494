//! Checks of what a project's files have its runners run, in a made-up project.

use std::collections::BTreeMap;

use crate::rulebook::Rulebook;
use crate::trial;

/// Returns whether a command is asked about where `files` are in place; `⏎` stands for a new line.
fn stops(book: &Rulebook, files: &[(&str, &str)], line: &str) -> bool {
    let files: BTreeMap<String, String> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.replace('⏎', "\n"))).collect();
    !trial::judge(book, line, &files).1.is_empty()
}

/// Checks that with `files` in place one command is asked about, and another is not.
#[track_caller]
fn check(files: &[(&str, &str)], stopped: &str, passed: &str) {
    let book = Rulebook::builtin();
    assert!(stops(&book, files, stopped), "not stopped: {stopped} with {files:?}");
    assert!(!stops(&book, files, passed), "stopped: {passed} with {files:?}");
}

#[test]
fn tasks_are_looked_up_where_each_runner_keeps_them() {
    let mise =
        "[tasks.nuke]⏎run = \"rm -rf /srv/data\"⏎[tasks.lint]⏎run = [\"ruff check\", \"ruff format\"]⏎";
    check(&[("mise.toml", mise)], "mise run nuke", "mise run lint");
    check(&[("mise.toml", mise)], "mise nuke", "mise lint");
    let needs = "[tasks.a]⏎depends = ['b']⏎run = 'true'⏎[tasks.b]⏎run = 'dropdb app'⏎[tasks.c]⏎run = 'true'⏎";
    check(&[(".mise.toml", needs)], "mise r a", "mise r c");
    check(&[("mise-tasks/wipe", "#!/bin/sh⏎rm -rf /srv/data⏎")], "mise run wipe", "mise run other");
    let poe = "[tool.poe.tasks]⏎wipe = 'dropdb app'⏎all = ['wipe', 'test']⏎test.cmd = 'pytest'⏎deep.shell = 'rm -rf /srv/data'⏎";
    check(&[("pyproject.toml", poe)], "poe wipe", "poe test");
    check(&[("pyproject.toml", poe)], "poetry run poe all", "poetry run poe test");
    check(&[("pyproject.toml", poe)], "uv run poe deep", "uv run poe test -- -k wipe");
    let pipfile = "[scripts]⏎wipe = 'rm -rf /srv/data'⏎dev = 'flask run'⏎";
    check(&[("Pipfile", pipfile)], "pipenv run wipe", "pipenv run dev");
    let pdm = "[tool.pdm.scripts]⏎wipe = {cmd = ['rm', '-rf', '/srv/data']}⏎all = {composite = ['wipe']}⏎t = 'pytest'⏎";
    check(&[("pyproject.toml", pdm)], "pdm run wipe", "pdm run t");
    check(&[("pyproject.toml", pdm)], "pdm run all", "pdm run pytest");
    let taskipy = "[tool.taskipy.tasks]⏎wipe = 'dropdb app'⏎t = {cmd = 'pytest', help = 'dropdb'}⏎";
    check(&[("pyproject.toml", taskipy)], "poetry run task wipe", "poetry run task t");
    let hooks =
        "repos:⏎- repo: local⏎  hooks:⏎  - {id: a, language: system, entry: rm -rf, args: [/srv/data]}⏎";
    let greps = "repos:⏎- repo: local⏎  hooks:⏎  - {id: a, language: pygrep, entry: rm -rf /srv/data}⏎";
    check(&[(".pre-commit-config.yaml", hooks)], "pre-commit run -a", "pre-commit install");
    assert!(!stops(
        &Rulebook::builtin(),
        &[(".pre-commit-config.yaml", greps)],
        "pre-commit run --all-files"
    ));
    let lefthook = "pre-push:⏎  commands:⏎    a: {run: dropdb app}⏎wipe:⏎  jobs:⏎  - run: rm -rf /srv/data⏎lint:⏎  jobs:⏎  - run: eslint .⏎";
    check(&[("lefthook.yml", lefthook)], "lefthook run pre-push", "lefthook run lint");
    check(&[("lefthook.yml", lefthook)], "npx lefthook run wipe", "npx lefthook run lint");
    let hatch = "[tool.hatch.envs.test.scripts]⏎wipe = ['dropdb app', 'createdb app']⏎cov = 'pytest --cov'⏎";
    check(&[("pyproject.toml", hatch)], "hatch run test:wipe", "hatch run test:cov");
    let pixi = "[tasks]⏎wipe = {cmd = 'rm -rf /srv/data', depends-on = []}⏎start = 'python app.py'⏎";
    check(&[("pixi.toml", pixi)], "pixi run wipe", "pixi run start");
    let deno =
        "{⏎// tasks⏎\"tasks\": {\"wipe\": \"rm -rf /srv/data\", \"dev\": {\"command\": \"deno run a.ts\"}}}";
    check(&[("deno.jsonc", deno)], "deno task wipe", "deno task dev");
    let make = "[tasks.wipe]⏎command = 'rm'⏎args = ['-rf', '/srv/data']⏎[tasks.all]⏎dependencies = ['wipe']⏎[tasks.t]⏎script = ['cargo test']⏎";
    check(&[("Makefile.toml", make)], "cargo make wipe", "cargo make t");
    check(&[("Makefile.toml", make)], "cargo make all", "cargo test");
    let nx = "{\"targets\": {\"wipe\": {\"options\": {\"commands\": [\"rm -rf /srv/data\"]}}, \"t\": {\"command\": \"jest\"}}}";
    check(&[("project.json", nx)], "npx nx run app:wipe", "npx nx run app:t");
    check(&[("project.json", nx)], "nx run-many -t t,wipe", "nx run-many --target=t --all");
    let staged = "{\"lint-staged\": {\"*.js\": [\"eslint --fix\", \"rm -rf /srv/data\"]}}";
    check(&[("package.json", staged)], "npx lint-staged", "npx eslint .");
}

#[test]
fn scripts_that_find_themselves_are_read() {
    // As pnpm writes them.
    let shim = "#!/bin/sh⏎basedir=$(dirname \"$0\")⏎case `uname` in⏎  *MSYS*) basedir=`cygpath -w \"$basedir\"`;;⏎esac⏎\
                exec node \"$basedir/../x/bin/x.js\" \"$@\"⏎";
    let wipes = format!("{shim}rm -rf /srv/data⏎");
    let files = [("node_modules/.bin/x", shim), ("node_modules/.bin/wipe", &wipes)];
    check(&files, "./node_modules/.bin/wipe .", "./node_modules/.bin/x .");
    check(&[], "sudo /etc/init.d/ssh stop", "sudo /etc/init.d/ssh restart");
}

#[test]
fn words_behind_a_task_are_its_own() {
    check(&[("mise.toml", "[tasks]⏎x = 'rm -rf'⏎")], "mise run x /srv/data", "mise run x build");
    // What no task is called is a program.
    check(&[("Pipfile", "[scripts]⏎a = 'true'⏎")], "pipenv run dropdb app", "pipenv run createdb app");
}

#[test]
fn packages_have_scripts() {
    let package = "{\"scripts\": {\"db:wipe\": \"dropdb app\", \"db:up\": \"createdb app\", \"prepare\": \"rm -rf /srv/data\"}}";
    check(&[("package.json", package)], "npm run db:wipe", "npm run db:up");
    check(&[("package.json", package)], "npm-run-all lint db:wipe", "npm-run-all lint db:up");
    check(&[("package.json", package)], "npx run-s 'db:*'", "npx run-s 'lint:*'");
    check(&[("package.json", package)], "npm ci", "npm test");
    check(&[("package.json", package)], "npm publish --dry-run && npm ci", "npm publish --dry-run");
}

#[test]
fn packages_of_a_workspace_have_scripts() {
    let root = ("package.json", "{\"workspaces\": [\"packages/*\"]}");
    let api = (
        "packages/api/package.json",
        "{\"name\": \"@acme/backend\", \"scripts\": {\"wipe\": \"dropdb app\"}}",
    );
    let web = ("packages/web/package.json", "{\"name\": \"web\", \"scripts\": {\"wipe\": \"rm -rf dist\"}}");
    let files = [root, api, web];
    check(&files, "npm -w api run wipe", "npm -w web run wipe");
    check(&files, "npm run wipe --workspaces", "npm run wipe");
    check(&files, "pnpm --filter @acme/backend wipe", "pnpm --filter web wipe");
    check(&files, "pnpm -r run wipe", "pnpm -r run test");
    check(&files, "yarn workspace @acme/backend wipe", "yarn workspace web wipe");
    check(&files, "yarn workspace @acme/backend run wipe", "yarn workspace web run wipe");
    check(&files, "yarn workspaces foreach -A run wipe", "yarn workspaces foreach -A run test");
    let listed = ("pnpm-workspace.yaml", "packages:⏎  - 'packages/*'⏎");
    check(&[listed, api], "pnpm -F api run wipe", "pnpm -F web run wipe");
}

#[test]
fn services_have_commands() {
    let file = "services:⏎  wipe:⏎    image: pg⏎    command: psql -h db -c 'DROP DATABASE app'⏎  web:⏎    command: [npm, start]⏎";
    let files = [("compose.yaml", file)];
    check(&files, "docker compose run --rm wipe", "docker compose run --rm web");
    check(&files, "docker compose up", "docker compose up -d web");
    check(&files, "docker-compose run web dropdb app", "docker-compose run wipe psql -c 'SELECT 1'");
    check(&[("dev.yml", file)], "docker compose -f dev.yml up wipe", "docker compose -f dev.yml down");
    check(&files, "docker compose run --entrypoint dropdb web app", "docker compose run --entrypoint sh web");
}

#[test]
fn frameworks_have_commands_of_the_project() {
    let purge = "class Command(BaseCommand):⏎    def handle(self, **o):⏎        shutil.rmtree('/srv/data')⏎";
    check(
        &[("shop/management/commands/purge.py", purge)],
        "python manage.py purge",
        "python manage.py check",
    );
    let rake = "namespace :shop do⏎  task purge: :environment do⏎    User.delete_all⏎  end⏎  task :count do⏎    puts 1⏎  end⏎end⏎";
    check(&[("lib/tasks/shop.rake", rake)], "bin/rails shop:purge", "bin/rails shop:count");
    check(&[("lib/tasks/shop.rake", rake)], "bundle exec rake shop:purge", "bundle exec rake shop:count");
}

#[test]
fn values_stand_in_files() {
    let items = ("items.json", "{\"Orders\": [{\"DeleteRequest\": {\"Key\": {\"id\": {\"S\": \"1\"}}}}]}");
    let others = ("others.json", "{\"Orders\": [{\"PutRequest\": {\"Item\": {\"id\": {\"S\": \"1\"}}}}]}");
    let write = "aws dynamodb batch-write-item --request-items file://";
    check(&[items, others], &format!("{write}items.json"), &format!("{write}others.json"));
    let body = ("del.json", "{\"query\": \"mutation { volumeDelete(volumeId: 1) }\"}");
    let look = ("get.json", "{\"query\": \"query { me { id } }\"}");
    let post = "http POST https://backboard.railway.com/graphql/v2 @";
    check(&[body, look], &format!("{post}del.json"), &format!("{post}get.json"));
}

#[test]
fn code_that_is_loaded_first_is_read() {
    let wipe = ("wipe.js", "require('fs').rmSync('/srv/data', {recursive: true})");
    check(&[wipe], "node -r ./wipe.js app.js", "node -r dotenv/config app.js");
    check(&[wipe], "node --import ./wipe.js -e 1", "node -e 1");
    check(&[wipe], "bun run wipe.js", "bun run other.js");
    let load =
        "import http from 'k6/http'; export default () => http.del('https://api.github.com/repos/acme/app')";
    check(&[("x.js", load)], "k6 run x.js", "k6 version");
}

#[test]
fn tasks_that_are_functions() {
    let invoke = "from invoke import task⏎⏎@task⏎def wipe(c):⏎    c.run('dropdb app')⏎⏎@task⏎def build(c):⏎    c.run('rm -rf dist')⏎";
    check(&[("tasks.py", invoke)], "invoke wipe", "inv build");
    let needs =
        format!("{invoke}⏎@task(pre=[wipe])⏎def all(c):⏎    pass⏎⏎@task⏎def lint(c):⏎    c.run('ruff .')⏎");
    check(&[("tasks.py", &needs)], "invoke all", "invoke lint");
    let nox = "import nox⏎@nox.session⏎def wipe(session):⏎    session.run('dropdb', 'app')⏎@nox.session⏎def t(session):⏎    session.run('pytest')⏎";
    check(&[("noxfile.py", nox)], "nox -s wipe", "nox -s t");
    check(&[("noxfile.py", nox)], "nox", "nox --list");
    let fab = "from fabric import task⏎@task⏎def wipe(c):⏎    c.run('rm -rf /srv/data')⏎@task⏎def up(c):⏎    c.run('git pull')⏎";
    check(&[("fabfile.py", fab)], "fab -H web1 wipe", "fab -H web1 up");
    check(&[], "fab -H web1 -- rm -rf /srv/data", "fab -H web1 -- uptime");
    let gulp =
        "const {rmSync} = require('fs');⏎exports.wipe = async () => rmSync('/srv/data', {recursive: true});⏎";
    check(&[("gulpfile.js", gulp)], "npx gulp wipe", "npx gulp --tasks");
    let grunt =
        "module.exports = g => g.registerTask('x', () => require('child_process').execSync('dropdb app'))";
    check(&[("Gruntfile.js", grunt)], "grunt x", "grunt --version");
    let clean = "const del = require('del');⏎exports.clean = async () => { await del(['dist/**']) }⏎";
    check(&[("gulpfile.js", clean), ("tasks.py", invoke)], "invoke wipe", "gulp clean");
}

#[test]
fn tasks_without_an_operand_that_names_them() {
    let package = r#"{"scripts": {"wipe": "dropdb app", "build": "tsc"}}"#;
    check(&[("package.json", package)], "node --run wipe", "node --run build");
    let tox = "[testenv]⏎commands = pytest⏎[testenv:wipe]⏎commands =⏎    echo x⏎    dropdb app⏎";
    check(&[("tox.ini", tox)], "tox -e wipe", "tox -e py312");
    check(&[("tox.ini", tox)], "tox run -e py312,wipe", "tox list");
    let procfile = "web: bin/web⏎wipe: dropdb app⏎";
    check(&[("Procfile", procfile)], "foreman start", "foreman start web");
    check(&[("Procfile", procfile)], "honcho start wipe", "foreman check");
}

#[test]
fn what_package_managers_run_by_themselves() {
    let package = r#"{"scripts": {"postinstall": "rm -rf /srv/data", "build": "tsc"}}"#;
    for install in ["npm ci", "yarn", "yarn install --frozen-lockfile", "bun install", "bun i", "pnpm i"] {
        check(&[("package.json", package)], install, "npm run build");
    }
    let composer = r#"{"scripts": {"post-install-cmd": "dropdb app", "reset": ["@drop", "@php artisan migrate"],
        "drop": "php artisan db:wipe --force", "a": ["@b"], "b": ["@a"], "install": "true"}}"#;
    check(&[("composer.json", composer)], "composer install", "composer update");
    check(&[("composer.json", composer)], "composer reset", "composer a");
    check(&[("wipe.py", "import shutil⏎shutil.rmtree('/srv/data')⏎")], "uv run wipe.py", "uv run other.py");
}

#[test]
fn playbooks() {
    let check = |tasks: &str, stopped: bool| {
        let book = Rulebook::builtin();
        let file = format!("- hosts: db⏎  tasks:⏎{tasks}");
        let files = [("site.yml", file.as_str()), ("more.yml", "- shell: dropdb app")];
        assert_eq!(stops(&book, &files, "ansible-playbook -i prod site.yml"), stopped, "{tasks}");
        assert!(!stops(&book, &files, "ansible-playbook site.yml --check"), "{tasks}");
    };
    check("    - shell: dropdb app", true);
    check("    - ansible.builtin.command: {cmd: dropdb app}", true);
    check("    - command: {argv: [rm, -rf, /srv/data]}", true);
    check("    - block: [{name: x, raw: rm -rf /srv/data}]", true);
    check("    - ansible.builtin.file: {path: /srv/data, state: absent}", true);
    check("    - file: path=/srv/data state=absent", true);
    check("    - community.postgresql.postgresql_db: {name: app, state: absent}", true);
    check("    - import_tasks: more.yml", true);
    check("    - shell: uptime", false);
    check("    - file: {path: /tmp/x, state: absent}", false);
    check("    - file: {path: '{{ item }}', state: absent}", false);
    check("    - apt: {name: nginx, state: absent}", false);
    check("    - cron: {name: x, state: absent}", false);
}

#[test]
fn manifests_of_what_runs_once() {
    let pod = |kind: &str, command: &str| {
        format!("kind: {kind}⏎spec:⏎  template:⏎    spec:⏎      containers:⏎      - command: {command}⏎")
    };
    let wipe = pod("Job", "[dropdb, -h, db, app]");
    let stays = pod("Deployment", "[sh, -c, 'rm -rf /data/lost+found; exec mysqld']");
    let files = [("wipe.yaml", wipe.as_str()), ("app.yaml", &stays)];
    check(&files, "kubectl apply -f wipe.yaml", "kubectl apply -f app.yaml");
    check(&files, "cat wipe.yaml | kubectl create -f -", "kubectl diff -f wipe.yaml");
}

#[test]
fn hooks_in_a_directory_that_is_named() {
    let files =
        [("evil/pre-commit", "#!/bin/sh⏎rm -rf /srv/data⏎"), ("ok/pre-commit", "#!/bin/sh⏎npm test⏎")];
    check(&files, "git -c core.hooksPath=evil commit -m x", "git -c core.hooksPath=ok commit -m x");
    check(&files, "git -c core.hooksPath=evil commit -m x", "git -c core.hooksPath=evil push");
}

#[test]
fn scripts_that_a_glob_names() {
    let files = [("jobs/wipe.sh", "dropdb app⏎"), ("test/a.test.js", "require('node:test')⏎")];
    check(&files, "bash jobs/*.sh", "node --test 'test/**/*.js'");
    check(&files, "sh jobs/w*.sh", "node --test test/*.test.js");
    check(&files, "for f in jobs/*.sh; do bash $f; done", "bash none/*.sh");
}

#[test]
fn programs_and_scripts_that_go_runs() {
    let clean = "package main⏎import \"os\"⏎func main() { os.RemoveAll(\"/srv/data\") }⏎";
    let redis = "package main⏎import \"github.com/redis/go-redis/v9\"⏎func main() { redis.NewClient(&redis.Options{}).FlushAll(c) }⏎";
    let drop = "package main⏎import \"gorm.io/gorm\"⏎func main() { db.Migrator().DropTable(&User{}) }⏎";
    let fine = "package main⏎import \"fmt\"⏎func main() { fmt.Println(1) }⏎";
    let files =
        [("cmd/clean/main.go", clean), ("cmd/ok/main.go", fine), ("redis.go", redis), ("drop.go", drop)];
    check(&files, "go run ./cmd/clean", "go run ./cmd/ok");
    check(&files, "go run redis.go", "go run github.com/air-verse/air@latest");
    check(&files, "go run drop.go", "go run ./cmd/none");
}

#[test]
fn requests_and_programs_in_files_of_other_tools() {
    let hurl = "DELETE https://api.github.com/repos/acme/app⏎Authorization: Bearer {{token}}⏎HTTP 204⏎";
    let files = [("delete.hurl", hurl), ("get.hurl", "GET https://api.github.com/repos/acme/app⏎HTTP 200⏎")];
    check(&files, "hurl --test delete.hurl", "hurl --test get.hurl");
    let delete = r#"{"info": {}, "item": [{"name": "a", "item": [{"request": {"method": "DELETE",
        "url": {"raw": "https://api.render.com/v1/services/srv-1"}}}]}]}"#;
    let get = r#"{"item": [{"request": "https://api.render.com/v1/services"}]}"#;
    check(&[("d.json", delete), ("g.json", get)], "newman run d.json", "newman run g.json -e prod.json");
    let expect = "#!/usr/bin/expect -f⏎spawn ssh db1 \"dropdb app\"⏎expect eof⏎";
    let files = [("wipe.exp", expect), ("up.exp", "spawn ssh db1 uptime⏎expect eof⏎")];
    check(&files, "expect wipe.exp", "expect -f up.exp");
    check(&[("wipe.tcl", "file delete -force /srv/data⏎")], "tclsh wipe.tcl", "tclsh other.tcl");
}
