//! Options that carry a secret in some programs and something else in others.

/// What the options of a program carry.
pub(super) type Habit = &'static [(&'static str, Carries)];

/// What an option carries, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    /// A secret, in the same word only (`-pSECRET`).
    Attached,
    /// A secret, in the same word or the next.
    Secret,
    /// `user:password`, in the same word or the next.
    Login,
    /// The name of a secret, which is none itself.
    Name,
}

/// Programs that keep secrets by name, and whose `login` takes a password.
const KEEPERS: Habit = &[("--secret", Carries::Name)];

/// Returns the habit of the program called `name` (a file name without directories), if it has one
/// of its own. `login` has one after certain programs.
pub(super) fn of(name: &str, before: &[Habit]) -> Option<Habit> {
    use Carries::{Attached, Login, Secret};
    Some(match name {
        "mycli" | "7z" | "7za" | "7zr" => &[("-p", Attached)],
        _ if name.starts_with("mysql") || name.starts_with("mariadb") => &[("-p", Attached)],
        "sshpass" | "mongo" | "mongosh" | "mongodump" | "mongorestore" | "mongoexport" | "mongoimport" => {
            &[("-p", Secret)]
        }
        "curl" | "curlie" => &[("-u", Login), ("-U", Login), ("--user", Login), ("--proxy-user", Login)],
        "http" | "https" | "xh" | "xhs" => &[("-a", Login), ("--auth", Login)],
        "redis-cli" | "valkey-cli" => &[("-a", Secret)],
        "sqlcmd" | "bcp" | "tsql" | "zip" | "unzip" => &[("-P", Secret)],
        "ldapsearch" | "ldapadd" | "ldapmodify" | "ldapdelete" | "ldappasswd" => &[("-w", Secret)],
        "docker" | "podman" | "nerdctl" | "buildah" | "skopeo" | "helm" | "crane" | "az" | "oc"
        | "gcloud" => KEEPERS,
        "login" if before.contains(&KEEPERS) => &[("-p", Secret)],
        _ => return None,
    })
}
