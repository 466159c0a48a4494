//! Names that show a path to be an artefact, a database, a backup or a device.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::glob;
use crate::truth::Truth;
use crate::unknown::is_known;

/// Patterns of names; every set in them is closed.
pub(super) struct Names {
    patterns: &'static [&'static str],
    sorted: OnceLock<Sorted>,
}

/// Patterns by how they end and begin: a script's thousand paths are compared with two hundred of them.
#[derive(Default)]
struct Sorted {
    by_last: BTreeMap<u8, Vec<Form>>,
    by_first: BTreeMap<u8, Vec<Form>>,
    others: Vec<Form>,
}

enum Form {
    Name(&'static str),
    /// What follows a `*`.
    Tail(&'static str),
    /// What stands before a `*`.
    Head(&'static str),
    Glob(&'static str),
}

impl Names {
    const fn new(patterns: &'static [&'static str]) -> Self {
        Self { patterns, sorted: OnceLock::new() }
    }

    /// Returns whether a name is surely one of them.
    pub(super) fn have(&self, name: &str) -> bool {
        let (Some(first), Some(last)) = (name.bytes().next(), name.bytes().next_back()) else { return false };
        if !is_known(name) {
            return self.patterns.iter().any(|pattern| glob::matches(pattern, name) == Truth::Certain);
        }
        let sorted = self.sorted.get_or_init(|| Sorted::of(self.patterns));
        let is_among = |forms: &Vec<Form>| forms.iter().any(|form| form.is(name));
        sorted.by_last.get(&last).is_some_and(is_among)
            || sorted.by_first.get(&first).is_some_and(is_among)
            || is_among(&sorted.others)
    }
}

impl Sorted {
    fn of(patterns: &[&'static str]) -> Self {
        let mut sorted = Self::default();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~');
        for pattern in patterns {
            let (plain, form) = match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
                (Some(tail), _) => (tail, Form::Tail(tail)),
                (None, Some(head)) => (head, Form::Head(head)),
                (None, None) => (*pattern, Form::Name(pattern)),
            };
            let form = if plain.bytes().all(|byte| is_plain(&byte)) { form } else { Form::Glob(pattern) };
            let forms = match (pattern.bytes().next(), pattern.bytes().next_back()) {
                (_, Some(last)) if is_plain(&last) || pattern.ends_with("\\]") => {
                    sorted.by_last.entry(last).or_default()
                }
                (Some(first), _) if is_plain(&first) => sorted.by_first.entry(first).or_default(),
                _ => &mut sorted.others,
            };
            forms.push(form);
        }
        sorted
    }
}

impl Form {
    /// Returns whether a name that is known is one of these.
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Name(whole) => name == *whole,
            Self::Tail(tail) => name.ends_with(tail),
            Self::Head(head) => name.starts_with(head),
            Self::Glob(pattern) => glob::matches(pattern, name) == Truth::Certain,
        }
    }
}

/// The directories in which version control keeps what it knows.
pub(super) const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// The same, to compare names with.
pub(super) static REPOSITORIES: Names = Names::new(&VERSION_CONTROL);

/// Names of directories and files that builds and tools make again.
pub(super) static ARTEFACTS: Names = Names::new(&[
    "Thumbs.db",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "node_modules",
    "target",
    "dist",
    "dist-*",
    "dist_*",
    "build",
    "_build",
    ".build",
    "out-tsc",
    "coverage",
    "coverage-*",
    ".coverage",
    "htmlcov",
    ".nyc_output",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".astro",
    ".vite",
    ".turbo",
    ".parcel-cache",
    ".cache",
    ".eslintcache",
    ".angular",
    ".docusaurus",
    ".expo",
    "storybook-static",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".venv",
    "venv",
    "*.egg-info",
    ".eggs",
    "*.pyc",
    "*.pyo",
    "*.py\\[co\\]",
    ".gradle",
    ".kotlin",
    "*.class",
    "*.o",
    "*.obj",
    "*.a",
    "*.so",
    "*.rlib",
    "*.rmeta",
    "CMakeFiles",
    "CMakeCache.txt",
    "cmake-build-*",
    "build-*",
    "bazel-*",
    "buck-out",
    ".terraform",
    ".terragrunt-cache",
    ".serverless",
    ".aws-sam",
    "cdk.out",
    ".sass-cache",
    ".bundle",
    "_site",
    ".jekyll-cache",
    ".dart_tool",
    "Pods",
    "DerivedData",
    ".stack-work",
    "dist-newstyle",
    "zig-cache",
    ".zig-cache",
    "zig-out",
    "elm-stuff",
    "deps",
    "bower_components",
    ".yarn",
    "tmp",
    ".tmp",
    "*.tmp",
    "*.log",
    "*.swp",
    "*.orig",
    "*.rej",
    "*~",
    ".DS_Store",
    "desktop.ini",
    "*.tsbuildinfo",
    "test-results",
    "playwright-report",
    "debug",
    "release",
    "Debug",
    "Release",
    "bin",
    "obj",
    "vendor",
    "virtualenv",
    ".cargo-target",
    ".cxx",
    ".direnv",
    ".firebase",
    ".godot",
    ".hugo_build.lock",
    ".jest-cache",
    ".jest_cache",
    ".netlify",
    ".nx",
    ".pnpm-store",
    ".pyre",
    ".pytype",
    ".rspec_status",
    ".rush",
    ".sst",
    ".stylelintcache",
    ".vercel",
    ".yardoc",
    "DerivedDataCache",
    "allure-results",
    "jspm_packages",
    "npm-debug.log*",
]);

/// Those of them that people also give to directories of their own work: they count only where git
/// ignores them, or where the path leads to nothing.
pub(super) static AMBIGUOUS: Names = Names::new(&[
    "bin",
    "build",
    "build-*",
    "debug",
    "Debug",
    "coverage-*",
    "deps",
    "dist",
    "dist-*",
    "dist_*",
    "obj",
    "release",
    "Release",
    "target",
    "test-results",
    "tmp",
    "vendor",
    "virtualenv",
    "*.a",
    "*.so",
]);

/// Files that a package manager writes again, under version control or not.
pub(super) static LOCKS: Names = Names::new(&[
    ".terraform.lock.hcl",
    "Cargo.lock",
    "Gemfile.lock",
    "Pipfile.lock",
    "Podfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "deno.lock",
    "flake.lock",
    "go.sum",
    "mix.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "pdm.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pubspec.lock",
    "uv.lock",
    "yarn.lock",
]);

/// Names that make even an artefact's content worth a question.
pub(super) static BACKUPS: Names = Names::new(&[
    "backup",
    "backups",
    "*-backup",
    "*-backups",
    "*_backup",
    "*_backups",
    "backup-*",
    "backup_*",
    "*.bak",
    "*.backup",
    "*.dump",
    "*.sql.gz",
    "*.sql.zst",
    "*.sql.xz",
    "*.bson.gz",
    "backup.sql",
    "*[-_.]backup.sql",
    "dump.sql",
    "*[-_.]dump.sql",
    "backup.tar*",
    "backup.tgz",
    "backup.zip",
    "snapshots",
    "pg_backup*",
    "*.rdb.bak",
    ".restic",
    "borg-repo",
    "*.tar.age",
]);

/// Thumbnail files that Windows leaves in directories of pictures: named like databases, and recreated.
pub(super) const THUMBNAILS: &[&str] = &["Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db"];

/// Names of files and directories in which databases keep their data.
pub(super) static DATABASES: Names = Names::new(&[
    "*.sqlite",
    "*.sqlite3",
    "*.db",
    "*.db3",
    "*.sqlite-wal",
    "*.sqlite-shm",
    "*.sqlite3-wal",
    "*.sqlite3-shm",
    "*.db-wal",
    "*.db-shm",
    "*.mdb",
    "*.rdb",
    "*.aof",
    "*.ibd",
    "ibdata*",
    "*.frm",
    "*.duckdb",
    "pgdata",
    "pg_data",
    "postgres-data",
    "postgres_data",
    "mysql-data",
    "mysql_data",
    "mongo-data",
    "mongo_data",
    "redis-data",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "PG_VERSION",
    "*.db.bak",
    "*.sqlite.bak",
    "*.sqlite3.bak",
    "*.sql.bak",
]);

/// Where programs keep what is no data, whatever its name: sockets, caches, what came with a package.
pub(super) const NO_DATA: &[&str] =
    &["/run", "/var/run", "/var/cache", "/usr/share", "/usr/lib", "/usr/include", "/usr/bin"];

/// What is the person's and not a project's: keys, credentials, start-up files.
pub(super) static PERSONAL: Names = Names::new(&[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config",
    ".local",
    ".netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".gitconfig",
    ".git-credentials",
    ".bashrc",
    ".bash_profile",
    ".bash_history",
    ".profile",
    ".zshrc",
    ".zprofile",
    ".zshenv",
    ".zsh_history",
    ".password-store",
    ".terraform.d",
    ".vault-token",
    ".gem",
    ".cargo",
    ".mozilla",
    ".thunderbird",
    "Documents",
    "Desktop",
    "Downloads",
    "Pictures",
    "Music",
    "Movies",
    "Videos",
    "Library",
    "Dropbox",
    "OneDrive",
    "Maildir",
]);

/// Top-level directories of a system.
pub(super) const SYSTEM: &[&str] = &[
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib32",
    "/lib64",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/var",
    "/Users",
    "/Applications",
    "/Library",
    "/System",
    "/Volumes",
    "/private",
    "/data",
    "/nix",
    "/snap",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/sbin",
    "/usr/share",
    "/var/lib",
    "/var/log",
    "/var/spool",
    "/var/www",
    "/var/backups",
    "/var/lib/docker",
    "/var/lib/postgresql",
    "/var/lib/mysql",
];

/// Where everybody may put what need not last.
pub(super) const TEMPORARY: &[&str] =
    &["/tmp", "/var/tmp", "/dev/shm", "/private/tmp", "/private/var/tmp", "/run/user"];

/// Names below `/dev` that stand for disks.
pub(super) static DEVICES: Names = Names::new(&[
    "sd[a-z]*",
    "hd[a-z]*",
    "vd[a-z]*",
    "xvd[a-z]*",
    "nvme[0-9]*",
    "mmcblk[0-9]*",
    "disk[0-9]*",
    "rdisk[0-9]*",
    "md[0-9]*",
    "dm-[0-9]*",
    "loop[0-9]*",
    "nbd[0-9]*",
    "zd[0-9]*",
    "sr[0-9]*",
    "disk/**",
    "mapper/*",
    "md/*",
    "zvol/**",
    "*vg*/*",
    "bcache[0-9]*",
    "ram[0-9]*",
    "mtdblock[0-9]*",
    "drbd[0-9]*",
]);
