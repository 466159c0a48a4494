#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use super::*;
use crate::parse::Dialect;
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::resolve;
use crate::test_process::processor_time;
use crate::world::MadeUp;

/// Returns what is told of a command's first finding, in a project of somebody with these files and variables.
fn told(command: &str, files: &[(&str, &str)], variables: &[(&str, &str)]) -> (Aim, String) {
    let mut world = MadeUp::default();
    world.directory("/home/me/shop/.git").directory("/home/me/shop/api");
    for (path, content) in files {
        world.file(path.replace('~', "/home/me"), *content);
    }
    let own = [("HOME", "/home/me"), ("PATH", "/usr/bin")];
    let environment: Environment = own.into_iter().chain(variables.iter().copied()).collect();
    let cwd = PathBuf::from("/home/me/shop/api");
    let place = Place::new(cwd.clone(), environment.clone(), &world);
    let book = Rulebook::builtin();
    let form = Form::Shell { text: command.into(), dialect: Dialect::Bash };
    let proposal = Proposal { form, cwd, environment, origin: Origin::Exec, carrier: None };
    let resolution = resolve::resolve(&proposal, &place, &book);
    let findings = crate::matcher::find(&resolution, &book, &place);
    let aim =
        look(&findings, &resolution, &proposal, &place, &book, &[]).into_iter().next().unwrap_or_default();
    let text = aim.told(None).join("\n");
    (Aim::clone(&aim), text)
}

/// Checks that a command's question says all of this of where it acts.
#[track_caller]
fn check(command: &str, files: &[(&str, &str)], variables: &[(&str, &str)], says: &[&str]) {
    let (_, text) = told(command, files, variables);
    let missing: Vec<_> = says.iter().filter(|line| !text.contains(**line)).collect();
    assert!(missing.is_empty(), "{command}\nlacks {missing:#?}\nin\n{text}");
}

const KUBE: &str = "apiVersion: v1\ncurrent-context: eu\ncontexts:\n- name: eu\n  context:\n    cluster: main\n    namespace: shop\nclusters:\n- name: main\n  cluster:\n    server: https://10.0.0.1:6443\n";

#[test]
fn a_cluster_is_known_by_its_context() {
    check(
        "kubectl delete namespace shop",
        &[("~/.kube/config", KUBE)],
        &[],
        &[
            "environment not established: taken for production; a name is no proof (context eu, from ~/.kube/config:2)",
            "cluster main, from ~/.kube/config:6",
            "namespace shop, from ~/.kube/config:7",
            "host 10.0.0.1, from ~/.kube/config:11",
        ],
    );
    check(
        "kubectl --context prod-eu delete namespace shop",
        &[("~/.kube/config", KUBE)],
        &[],
        &["environment production, by its name: context prod-eu, given in the command"],
    );
}

#[test]
fn a_name_that_says_staging_proves_nothing() {
    let link = r#"{"projects": {"/home/me/shop": {"name": "rentals", "environmentName": "staging"}}}"#;
    check(
        "railway volume delete --volume data",
        &[("~/.railway/config.json", link)],
        &[],
        &[
            "environment not established: taken for production; a name is no proof (environment staging, from ~/.railway/config.json:1)",
            "project rentals",
        ],
    );
    check(
        "railway volume delete -e production --volume data",
        &[("~/.railway/config.json", link)],
        &[],
        &["environment production, by its name: environment production, given in the command"],
    );
}

#[test]
fn a_call_says_nothing_of_what_the_directory_is_linked_to() {
    let link = r#"{"projects": {"/home/me/shop": {"name": "rentals", "environmentName": "staging"}}}"#;
    check(
        r#"curl https://backboard.railway.com/graphql/v2 -d '{"query":"mutation { volumeDelete(volumeId: \"x\") }"}'"#,
        &[("~/.railway/config.json", link)],
        &[],
        &[
            "environment not established: taken for production; environment staging, from ~/.railway/config.json:1, says \
             nothing about this call",
            "host backboard.railway.com, given in the command",
        ],
    );
}

#[test]
fn a_variable_is_known_by_who_set_it() {
    let production = &[("RAILWAY_ENVIRONMENT", "production")];
    let call = "railway volume delete --volume data";
    let file = [("~/shop/.env", "# ours\nPORT=1\n\nRAILWAY_ENVIRONMENT=production\n")];
    check(call, &file, production, &["environment production, from RAILWAY_ENVIRONMENT in .env:4"]);
    check(call, &[], production, &["from RAILWAY_ENVIRONMENT in the environment"]);
    let own = format!("RAILWAY_ENVIRONMENT=production {call}");
    check(&own, &[], &[], &["from RAILWAY_ENVIRONMENT, set in this command"]);
}

#[test]
fn a_database_is_known_by_its_address() {
    let sql = "-c 'DROP DATABASE app'";
    check(&format!("psql postgres://u:p@db.eu:5432/app {sql}"), &[], &[], &["host db.eu", "database app"]);
    check(&format!("psql 'host=db.eu dbname=app' {sql}"), &[], &[], &["host db.eu", "database app"]);
    check(
        &format!("psql {sql}"),
        &[],
        &[("PGHOST", "db.eu")],
        &["host db.eu, from PGHOST in the environment"],
    );
    check(&format!("psql {sql}"), &[], &[], &["host this machine's socket, by default", "not established"]);
    let service = [("~/.pg_service.conf", "[live.eu]\nhost=db.eu\ndbname=app\n")];
    check(
        &format!("psql {sql}"),
        &service,
        &[("PGSERVICE", "live.eu")],
        &["host db.eu, from ~/.pg_service.conf:2", "production"],
    );
    check(
        "mysql -e 'DROP DATABASE app'",
        &[("~/.my.cnf", "[client]\nhost = db.eu\n")],
        &[],
        &["host db.eu, from ~/.my.cnf:2"],
    );
    check("redis-cli -u redis://u:p@cache.eu:6379/2 FLUSHALL", &[], &[], &["host cache.eu", "database 2"]);
    check(
        "npx prisma migrate reset --force",
        &[("~/shop/.env", "DATABASE_URL=postgres://u:p@db.eu/app")],
        &[],
        &["host db.eu, from .env:1", "database app"],
    );
}

#[test]
fn clouds_and_their_links() {
    check(
        "aws s3 rb s3://backups --force --profile eu",
        &[("~/.aws/config", "[profile eu]\nsso_account_id = 123456789012\nregion = eu-west-1\n")],
        &[],
        &[
            "profile eu, given in the command",
            "account 123456789012, from ~/.aws/config:2",
            "region eu-west-1",
        ],
    );
    check(
        "gcloud sql instances delete main",
        &[
            ("~/.config/gcloud/active_config", "work\n"),
            (
                "~/.config/gcloud/configurations/config_work",
                "[core]\nproject = shop-live\naccount = me@x.y\n",
            ),
        ],
        &[],
        &[
            "environment production, by its name: project shop-live, from ~/.config/gcloud/configurations/config_work:2",
        ],
    );
    check(
        "fly deploy --strategy immediate; fly volumes destroy v1",
        &[("~/shop/fly.toml", "app = 'shop'\n")],
        &[],
        &["project shop, from"],
    );
    check(
        "heroku pg:reset",
        &[("~/shop/.git/config", "[remote \"heroku\"]\n\turl = https://git.heroku.com/shop-eu.git\n")],
        &[],
        &["project shop-eu"],
    );
    check(
        "terraform destroy",
        &[("~/shop/api/.terraform/environment", "live")],
        &[],
        &["workspace live, from .terraform/environment:1"],
    );
    check(
        "vercel remove shop --yes",
        &[("~/shop/.vercel/project.json", r#"{"projectName":"web"}"#)],
        &[],
        &["project web"],
    );
}

#[test]
fn another_machine_is_known_by_who_leads_there() {
    let config = [("~/.ssh/config", "Host db1\n  HostName db1.example.com\n")];
    check(
        "ssh me@db1 'rm -rf /var/lib/postgresql'",
        &config,
        &[],
        &[
            "context db1, given in the command",
            "host db1.example.com, from ~/.ssh/config:2",
            "not established",
        ],
    );
    let docker = "docker volume rm data";
    assert!(!told(docker, &[], &[]).0.away);
    assert!(told(docker, &[], &[("DOCKER_HOST", "ssh://db1")]).0.away);
    assert!(!told("rm -rf ~/other", &[], &[]).0.away);
    // A tool that reaches something, of which nothing here tells what.
    check(
        "eksctl delete cluster --name shop",
        &[],
        &[],
        &["environment not established: taken for production"],
    );
}

#[test]
fn what_an_agent_has_at_hand_is_never_firm() {
    let firm = |command: &str, variables: &[(&str, &str)], aspect| {
        let (aim, _) = told(command, &[("~/.kube/config", KUBE), ("/tmp/k", KUBE)], variables);
        aim.of(aspect).all(|fact| fact.firm) && aim.diverted.is_none()
    };
    let call = "kubectl delete namespace shop";
    assert!(firm(call, &[], Aspect::Host));
    assert!(!firm(call, &[("KUBECONFIG", "/tmp/k")], Aspect::Host));
    assert!(!firm(&format!("KUBECONFIG=/tmp/k {call}"), &[], Aspect::Host));
    assert!(!firm("kubectl --kubeconfig /tmp/k delete namespace shop", &[], Aspect::Host));
    assert!(!firm("kubectl --server https://x delete namespace shop", &[], Aspect::Host));
    assert!(!firm(&format!("HOME=/tmp {call}"), &[], Aspect::Host));
    assert!(!firm("RAILWAY_ENVIRONMENT=staging railway volume delete", &[], Aspect::Environment));
}

/// Checks whether everything that is known of where a command acts holds whoever runs it.
#[track_caller]
fn check_firm(command: &str, expect: bool) {
    let ssh = "Host staging\n  HostName web.staging.internal\n";
    let (aim, text) = told(command, &[("~/.kube/config", KUBE), ("~/.ssh/config", ssh)], &[]);
    assert!(!aim.facts.is_empty(), "{command}");
    let firm = aim.facts.iter().all(|fact| fact.firm && fact.value.is_some()) && aim.diverted.is_none();
    assert_eq!(firm, expect, "{command}: {text}");
}

#[test]
fn what_a_command_does_first_may_lead_a_tool_elsewhere() {
    let call = "kubectl delete namespace shop";
    for first in ["cd .. &&", "kubectl get pods &&", "sudo", "echo now;", "bash -c 'true' &&", "export A=1;"]
    {
        check_firm(&format!("{first} {call}"), true);
    }
    for first in [
        "kubectl config set-context eu --cluster=other &&",
        "kubectl config use-context other &&",
        "sed -i s/main/other/ ~/.kube/config;",
        "cp other ~/.kube/config &&",
        "cat other > ~/.kube/config;",
        "./prepare &&",
        "python3 -c 'print(1)' &&",
    ] {
        check_firm(&format!("{first} {call}"), false);
    }
    check_firm("kubectl --cluster other delete namespace shop", false);
    check_firm("ssh staging 'rm -rf /srv/data'", true);
    check_firm("ssh -oHostName=web.prod staging 'rm -rf /srv/data'", false);
    check_firm("ssh staging \"ssh prod 'rm -rf /srv/data'\"", false);
}

#[test]
fn a_client_connects_where_its_last_word_says() {
    check_firm("psql -h db.staging -d app -c 'drop database app'", true);
    check_firm("psql -h db.staging -d app -c '\\c other' -c 'drop database app'", true);
    check_firm("mysql -h db.staging -e 'drop database app' app", true);
    for words in [
        "-c '\\c app me db.prod'",
        "-c '\\connect postgresql://db.prod/app'",
        "'host=db.staging host=db.prod dbname=app'",
        "'dbname=app hostaddr=10.0.0.1'",
        "service=prod",
        "postgresql://db.staging,db.prod/app",
        "'postgresql://db.staging/app?host=db.prod'",
        "-h db.prod,db.staging",
    ] {
        check_firm(&format!("psql -h db.staging -d app {words} -c 'drop database app'"), false);
    }
    check_firm("mysql -h db.staging -e 'connect app db.prod; drop database app' app", false);
    check_firm("dropdb -h db.staging --maintenance-db=postgresql://db.prod/postgres app", false);
    check_firm("heroku apps:destroy -a shop-staging --confirm shop-staging", true);
    check("heroku apps:destroy shop -a shop-staging --confirm shop", &[], &[], &["project shop,"]);
    check("fly apps destroy shop -y -a shop-staging", &[], &[], &["project shop,"]);
    check("gcloud --project shop-staging projects delete shop -q", &[], &[], &["project shop,"]);
}

/// Returns what is told of the key, and whether it raises.
fn key(command: &str, files: &[(&str, &str)], variables: &[(&str, &str)]) -> (String, bool) {
    let (aim, text) = told(command, files, variables);
    assert!(!text.contains("s3cr3t"), "{text}");
    aim.key.map_or_else(|| (String::new(), false), |key| (key.to_string(), key.raises()))
}

#[track_caller]
fn check_key(command: &str, files: &[(&str, &str)], variables: &[(&str, &str)], says: &str, raises: bool) {
    assert_eq!(key(command, files, variables), (says.to_owned(), raises), "{command}");
}

const SECRET: &str = "s3cr3t-0000-4000";

fn call(header: &str) -> String {
    format!(
        r#"curl https://backboard.railway.com/graphql/v2 -H "Authorization: Bearer {header}" -d '{{"query":"mutation {{ volumeDelete(volumeId: \"x\") }}"}}'"#
    )
}

#[test]
fn a_key_of_another_project_is_known_by_whatever_way_it_comes() {
    let other = [("~/other/.env", "RAILWAY_TOKEN=s3cr3t-0000-4000\n")];
    let says = "a key read from ~/other/.env:1, outside this project";
    for first in [
        "set -a; . ~/other/.env; set +a;",
        "set -o allexport; source ~/other/.env;",
        "export $(cat ~/other/.env | xargs);",
        "RAILWAY_TOKEN=$(grep TOKEN ~/other/.env | cut -d= -f2)",
        "RAILWAY_TOKEN=$(awk -F= '{print $2}' ~/other/.env)",
        "env $(cat ~/other/.env)",
    ] {
        check_key(&format!("{first} railway volume delete --volume x"), &other, &[], says, true);
    }
    let header = call("$(grep TOKEN ~/other/.env | cut -d= -f2)");
    check_key(&header, &other, &[], says, true);
    // The project's own, and what is set without being handed on.
    let own = [("~/shop/.env", "RAILWAY_TOKEN=s3cr3t-0000-4000\n")];
    let first = "set -a; . ~/shop/.env; set +a;";
    let says = "a key read from .env:1";
    check_key(&format!("{first} railway volume delete --volume x"), &own, &[], says, false);
    check_key(". ~/other/.env; railway volume delete --volume x", &other, &[], "", false);
}

#[test]
fn a_key_in_the_command_is_named_by_where_else_it_stands() {
    let literal = call(SECRET);
    check_key(&literal, &[], &[], "a key written out in the command", true);
    let own = [("~/shop/scripts/domains.env", "# For domains.\nRAILWAY_API_TOKEN=s3cr3t-0000-4000\n")];
    let says = "a key written out in the command; the same key stands in scripts/domains.env:2";
    check_key(&literal, &own, &[], says, true);
    let other = [("~/old-site/.env", "RAILWAY_API_TOKEN=s3cr3t-0000-4000\n")];
    let says =
        "a key written out in the command; the same key stands in ~/old-site/.env:1, outside this project";
    check_key(&literal, &other, &[], says, true);
}

#[test]
fn a_key_out_of_a_file_is_named_by_the_file() {
    let env = "PORT=1\nRAILWAY_API_TOKEN=s3cr3t-0000-4000\n";
    let own = [("~/shop/.env", env)];
    let other = [("~/old-site/.env", env)];
    let by_source = |path: &str| format!("source {path}; {}", call("$RAILWAY_API_TOKEN"));
    check_key(&by_source("../.env"), &own, &[], "a key read from .env:2", false);
    check_key(
        &by_source("~/old-site/.env"),
        &other,
        &[],
        "a key read from ~/old-site/.env:2, outside this project",
        true,
    );
    let alone = [("~/old-site/token", SECRET)];
    let says = "a key read from ~/old-site/token:1, outside this project";
    check_key(&call("$(cat ~/old-site/token)"), &alone, &[], says, true);
}

#[test]
fn a_key_in_a_variable_is_named_by_the_variable() {
    let variable = [("RAILWAY_API_TOKEN", SECRET)];
    let token = call("$RAILWAY_API_TOKEN");
    check_key(&token, &[], &variable, "RAILWAY_API_TOKEN in the environment", false);
    let other = [("~/old-site/.env", "T=s3cr3t-0000-4000")];
    let says = "RAILWAY_API_TOKEN in the environment; the same key stands in ~/old-site/.env:1, outside this project";
    check_key(&token, &other, &variable, says, true);
    check_key(&token, &[], &[], "$RAILWAY_API_TOKEN, which is not known before it runs", false);
    check_key(
        &call("$(pass railway)"),
        &[],
        &[],
        "what a command in it prints, which is not known before it runs",
        false,
    );
}

#[test]
fn a_tool_shows_its_own_key() {
    let delete = "railway volume delete --volume data";
    check_key(delete, &[], &[], "", false);
    let login = [("~/.railway/config.json", "{}")];
    check_key(delete, &login, &[], "the tool's own login (~/.railway/config.json)", false);
    let own = [("~/shop/.env", "RAILWAY_TOKEN=s3cr3t-0000-4000")];
    let variable = [("RAILWAY_TOKEN", SECRET)];
    check_key(delete, &own, &variable, "RAILWAY_TOKEN in .env:1", false);
    check_key(
        &format!("RAILWAY_TOKEN={SECRET} {delete}"),
        &[],
        &[],
        "a key written out in the command",
        true,
    );
    check_key(
        &format!("psql postgres://u:{SECRET}@db/x -c 'DROP TABLE t'"),
        &[],
        &[],
        "a key written out in the command",
        true,
    );
    check_key("rm -rf /etc/nginx", &[], &[], "", false);
}

/// Thousands of statements may be on one command line.
#[test]
fn what_diverts_a_long_command_line_is_found_out_once() {
    let world = MadeUp::default();
    let place = Place::new(PathBuf::from("/"), Environment::default(), &world);
    let target = Rulebook::builtin().target("psql").unwrap();
    let words = vec!["-c".to_owned(), "DROP TABLE t;".repeat(4600)];
    let line = CommandLine::read("psql", words, None);
    let mut looking = ways::Looking::new(&place);
    let time = processor_time(|| {
        for _ in 0..20_000 {
            assert_eq!(looking.diverted(&target, &line), None);
        }
    });
    assert!(time < std::time::Duration::from_secs(2), "{time:?}");
}
