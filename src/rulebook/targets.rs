//! How it is found out what a program would act on: which environment, project, cluster, host.
//!
//! The `targets:` of a pack are stored apart from its grammars, because they are asked for only once a
//! rule has matched; reading a command line never decodes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::format::Source;
use super::forms;

/// Where a program learns what it acts on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// Whether what it changes is on this machine, so that no environment has to be established.
    pub local: bool,
    /// Variables (globs), options (`--kubeconfig`) and words (expressions behind `~`) that lead it elsewhere than the facts
    /// say. With one of them given, nothing that policy says of a place loosens anything.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub diverted_by: Vec<String>,
    /// The keys that it shows by itself.
    pub keys: Keys,
    /// The ways to each fact, in the order in which the program itself looks.
    #[serde(deserialize_with = "forms::lists")]
    pub facts: BTreeMap<Aspect, Vec<Way>>,
}

/// Where a program has its keys from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// Variables that hold one, the first that counts first.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub variables: Vec<String>,
    /// Files in which its login is kept.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub files: Vec<String>,
    /// What whoever has one can do, as far as that is known without asking.
    pub can: Option<String>,
    /// How to have one that can do less.
    pub narrow: Option<String>,
}

/// What can be known of a target. A way may use the aspects before its own as placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// A named set of settings: `aws --profile`, a gcloud configuration, a pg service.
    Profile,
    /// A named connection: `kubectl --context`, a docker context, an ssh alias.
    Context,
    /// The environment, by the name that the system has for it.
    Environment,
    /// The workspace of Terraform and the like.
    Workspace,
    /// The account, organisation or subscription.
    Account,
    /// The project, app or site.
    Project,
    /// The service within it.
    Service,
    /// The region.
    Region,
    /// The cluster.
    Cluster,
    /// The namespace.
    Namespace,
    /// The host that is connected to.
    Host,
    /// The database.
    Database,
    /// Where state is kept.
    State,
    /// The file with values for variables.
    Values,
    /// The remote repository.
    Remote,
    /// The branch.
    Branch,
}

/// One way to a fact: what is given of `option`, `variable` and `file` is where it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Way {
    /// The subcommand for which it counts; all where none is named.
    pub command: Option<String>,
    /// The option or operand that names it.
    pub option: Option<Source>,
    /// The environment variable that names it.
    pub variable: Option<String>,
    /// The file in which it stands, the first of these that is there: `~/.kube/config`, `$KUBECONFIG`, or a name that
    /// is looked for from the working directory upwards.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub file: Vec<String>,
    /// Where in the file: `project.name`, `contexts[name={context}].context.cluster`, `projects[{directory}].name`. The
    /// first line of the file where none is given.
    pub key: Option<String>,
    /// How the file is written, where its name does not tell.
    pub format: Option<FileFormat>,
    /// The part of an address that it is.
    pub part: Option<Part>,
    /// A regular expression whose first group it is.
    pub pattern: Option<String>,
    /// The value: of an option without one, or where nothing else names any.
    pub value: Option<String>,
}

/// How a file of settings is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// YAML or JSON.
    Yaml,
    /// `name = value` lines below `[section]` lines: INI, TOML, `.env`.
    Settings,
    /// OpenSSH's `Host` blocks.
    Ssh,
    /// Text.
    Text,
}

/// A part of an address such as `postgres://user@host:port/database`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The host, without port.
    Host,
    /// The first part of the path.
    Path,
}

impl Aspect {
    /// Every aspect, in order.
    pub const ALL: [Self; 16] = [
        Self::Profile,
        Self::Context,
        Self::Environment,
        Self::Workspace,
        Self::Account,
        Self::Project,
        Self::Service,
        Self::Region,
        Self::Cluster,
        Self::Namespace,
        Self::Host,
        Self::Database,
        Self::State,
        Self::Values,
        Self::Remote,
        Self::Branch,
    ];

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Context => "context",
            Self::Environment => "environment",
            Self::Workspace => "workspace",
            Self::Account => "account",
            Self::Project => "project",
            Self::Service => "service",
            Self::Region => "region",
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
            Self::Host => "host",
            Self::Database => "database",
            Self::State => "state",
            Self::Values => "values",
            Self::Remote => "remote",
            Self::Branch => "branch",
        }
    }
}

impl Way {
    /// Returns how a file of this name is written.
    pub fn format_of(&self, file: &str) -> FileFormat {
        let name = file.rsplit('/').next().unwrap_or(file);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.format.unwrap_or(match ending {
            "yaml" | "yml" | "json" | "jsonc" | "tfstate" => FileFormat::Yaml,
            "toml" | "ini" | "cnf" | "conf" | "cfg" => FileFormat::Settings,
            _ if name.starts_with(".env") => FileFormat::Settings,
            _ => FileFormat::Text,
        })
    }
}
