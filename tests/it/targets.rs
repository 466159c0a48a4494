//! What each tool's own settings say of where it would act: real files in a real home, and where the tool is here, its
//! own word for it.

use std::process::Command;

use crate::harness::Guard;
use crate::needs::needs;

/// Files, variables, a command, and what the question would say of where it acts.
struct Row {
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    command: &'static str,
    says: &'static [&'static str],
}

const KUBE: &str = "
apiVersion: v1
kind: Config
current-context: blue
contexts:
- {name: blue, context: {cluster: eu-1, user: dev, namespace: shop}}
- {name: green, context: {cluster: us-1, user: dev}}
clusters:
- {name: eu-1, cluster: {server: 'https://k8s.eu.example.com:6443'}}
- {name: us-1, cluster: {server: 'https://k8s.us.example.com'}}
";
const AWS: &str =
    "[default]\nregion = eu-west-1\n\n[profile shop]\nregion = us-east-2\nsso_account_id = 123456789012\n";
const SERVICES: &str = "[shop]\nhost=db.shop.example.com\ndbname=orders\n";
const REMOTES: &str = "[remote \"origin\"]\n\turl = git@example.com:o/app.git\n[remote \"heroku\"]\n\turl = https://git.heroku.com/shop-eu.git\n";
const RAILWAY: &str =
    r#"{"projects": {"HOME/project": {"name": "shop", "environmentName": "staging", "service": "s-1"}}}"#;

const ROWS: &[Row] = &[
    Row {
        files: &[(".kube/config", KUBE)],
        variables: &[],
        command: "kubectl delete namespace shop",
        says: &[
            "context blue, from ~/.kube/config:4",
            "cluster eu-1",
            "namespace shop",
            "host k8s.eu.example.com",
        ],
    },
    Row {
        files: &[(".kube/config", KUBE)],
        variables: &[],
        command: "kubectl --context green delete namespace shop",
        says: &[
            "context green, given in the command",
            "host k8s.us.example.com",
            "namespace default, by default",
        ],
    },
    Row {
        files: &[("elsewhere/config", KUBE)],
        variables: &[("KUBECONFIG", "HOME/elsewhere/config")],
        command: "kubectl delete namespace shop",
        says: &["context blue, from ~/elsewhere/config:4"],
    },
    Row {
        files: &[
            ("project/.terraform/environment", "eu"),
            (
                "project/.terraform/terraform.tfstate",
                r#"{"backend": {"type": "s3", "config": {"bucket": "tf-shop"}}}"#,
            ),
        ],
        variables: &[],
        command: "terraform destroy -var-file=eu.tfvars",
        says: &["workspace eu, from .terraform/environment:1", "tf-shop", "eu.tfvars"],
    },
    Row {
        files: &[(".aws/config", AWS)],
        variables: &[("AWS_PROFILE", "shop")],
        command: "aws rds delete-db-instance --db-instance-identifier orders",
        says: &[
            "profile shop, from AWS_PROFILE in the environment",
            "account 123456789012",
            "region us-east-2",
        ],
    },
    Row {
        files: &[(".aws/config", AWS)],
        variables: &[],
        command: "aws rds delete-db-instance --db-instance-identifier orders",
        says: &["profile default, by default", "region eu-west-1, from ~/.aws/config:2"],
    },
    Row {
        files: &[
            (".config/gcloud/active_config", "shop"),
            (
                ".config/gcloud/configurations/config_shop",
                "[core]\naccount = dev@example.com\nproject = shop-eu\n",
            ),
        ],
        variables: &[],
        command: "gcloud sql instances delete orders",
        says: &[
            "profile shop",
            "account dev@example.com",
            "project shop-eu, from ~/.config/gcloud/configurations/config_shop:3",
        ],
    },
    Row {
        files: &[(".railway/config.json", RAILWAY)],
        variables: &[],
        command: "railway volume delete --volume data",
        says: &["environment staging, from ~/.railway/config.json:1", "a name is no proof", "project shop"],
    },
    Row {
        files: &[(".railway/config.json", RAILWAY)],
        variables: &[],
        command: "railway -e production volume delete --volume data",
        says: &["environment production, given in the command"],
    },
    Row {
        files: &[("project/.env", "PORT=1\nRAILWAY_ENVIRONMENT=production\n")],
        variables: &[("RAILWAY_ENVIRONMENT", "production")],
        command: "railway down -y",
        says: &["environment production, from RAILWAY_ENVIRONMENT in .env:2"],
    },
    Row {
        files: &[("project/fly.toml", "app = 'shop'\nprimary_region = 'fra'\n")],
        variables: &[],
        command: "fly volumes destroy vol_1",
        says: &["project shop, from fly.toml:1", "region fra"],
    },
    Row {
        files: &[(
            "project/.vercel/project.json",
            r#"{"projectId": "prj_1", "orgId": "team_1", "projectName": "shop"}"#,
        )],
        variables: &[],
        command: "vercel rm shop --yes",
        says: &["project shop, from .vercel/project.json:1", "account team_1"],
    },
    Row {
        files: &[("project/.git/config", REMOTES)],
        variables: &[],
        command: "heroku pg:reset DATABASE",
        says: &["project shop-eu, from .git/config:4"],
    },
    Row {
        files: &[("project/wrangler.toml", "name = \"shop\"\naccount_id = \"acc1\"\n")],
        variables: &[],
        command: "wrangler d1 delete orders --env live",
        says: &[
            "environment live, given in the command",
            "account acc1, from wrangler.toml:2",
            "project shop",
        ],
    },
    Row {
        files: &[(".pg_service.conf", SERVICES)],
        variables: &[("PGSERVICE", "shop")],
        command: "psql -c 'DROP TABLE orders'",
        says: &["host db.shop.example.com, from ~/.pg_service.conf:2", "database orders"],
    },
    Row {
        files: &[],
        variables: &[("PGHOST", "db.eu.example.com"), ("PGDATABASE", "orders")],
        command: "psql -c 'DROP TABLE orders'",
        says: &["host db.eu.example.com, from PGHOST in the environment", "database orders"],
    },
    Row {
        files: &[(".my.cnf", "[client]\nhost = db.my.example.com\ndatabase = shop\n")],
        variables: &[],
        command: "mysql -e 'DROP TABLE orders'",
        says: &["host db.my.example.com, from ~/.my.cnf:2"],
    },
    Row {
        files: &[("project/.env", "DATABASE_URL=postgres://u:hunter22@db.eu.example.com/app\n")],
        variables: &[("DATABASE_URL", "postgres://u:hunter22@db.eu.example.com/app")],
        command: "npx prisma migrate reset --force",
        says: &["host db.eu.example.com", "from DATABASE_URL in .env:1"],
    },
    Row {
        files: &[(".docker/config.json", r#"{"currentContext": "prod-eu"}"#)],
        variables: &[],
        command: "docker volume rm data",
        says: &["context prod-eu, from ~/.docker/config.json:1"],
    },
    Row {
        files: &[(".ssh/config", "Host shop\n  HostName shop.example.com\n  User dev\n")],
        variables: &[],
        command: "ssh shop 'rm -rf /srv/data'",
        says: &["context shop, given in the command", "host shop.example.com, from ~/.ssh/config:2"],
    },
    Row {
        files: &[("project/.git/config", REMOTES), ("project/.git/HEAD", "ref: refs/heads/main\n")],
        variables: &[],
        command: "git push --force",
        says: &["remote git@example.com:o/app.git, from .git/config:2", "branch main, from .git/HEAD:1"],
    },
    Row {
        files: &[("project/.git/config", REMOTES), ("project/.git/HEAD", "ref: refs/heads/main\n")],
        variables: &[],
        command: "git push --force heroku main",
        says: &["remote heroku, given in the command"],
    },
];

#[test]
fn each_tools_settings_tell_where_it_acts() {
    for row in ROWS {
        let guard = Guard::new();
        let home = guard.path("").display().to_string();
        let home = home.trim_end_matches('/');
        for (path, text) in row.files {
            guard.file(path, &text.replace("HOME", home));
        }
        let mut command = guard.command(&["check", "--json", "-c", row.command]);
        command.envs(row.variables.iter().map(|(name, value)| (name, value.replace("HOME", home))));
        let said: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let here = said["here"].to_string();
        for says in row.says {
            assert!(here.contains(says), "{}: {says:?} is not in {here}", row.command);
        }
        assert!(!here.contains("hunter22"), "{here}");
    }
}

/// What a tool itself says is what the question says.
#[test]
fn tools_that_are_here_agree() {
    let guard = Guard::new();
    guard.file("project/.git/config", REMOTES);
    let here =
        |command: &str| String::from_utf8(guard.run(&["check", "--json", "-c", command]).stdout).unwrap();
    let word = |command: &mut Command| {
        String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    if needs("git") {
        std::fs::remove_dir_all(guard.project().join(".git")).unwrap();
        assert!(
            guard
                .sh("git init -q -b live . && git remote add origin https://git.example.com/o/app.git")
                .status
                .success()
        );
        let says = here("git push --force");
        for command in ["remote get-url origin", "symbolic-ref --short HEAD"] {
            let own = word(guard.program("git").args(command.split(' ')));
            assert!(!own.is_empty() && says.contains(&own), "{own}: {says}");
        }
    }
    if needs("ssh") {
        let config = guard.file(
            ".ssh/config",
            "Host other\n  HostName o.example.com\nHost shop db?\n  HostName %h.example.com\n",
        );
        for alias in ["shop", "db1"] {
            let all = word(guard.program("ssh").arg("-F").arg(&config).args(["-G", alias]));
            let own = all.lines().find_map(|line| line.strip_prefix("hostname ")).unwrap();
            let says = here(&format!("ssh {alias} 'rm -rf /srv/data'"));
            assert!(says.contains(own), "{own}: {says}");
        }
    }
}
