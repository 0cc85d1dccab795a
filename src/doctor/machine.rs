//! This machine: the secret key, folders and files, and who may read them.

use super::{bad, good};
use crate::app;
use crate::config::Config;
use crate::demo::SECRET_KEY;
use crate::files::{Files, Place};
use crate::web::checks::Finding;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Settings that hold secrets, and may stand in files.
const SECRETS: [&str; 5] = [
    "WEIPU_SECRET_KEY",
    "DATABASE_URL",
    "WEIBO_APP_SECRET",
    "WEIBO_PAY_PRIVATE_KEY",
    "AWS_SECRET_ACCESS_KEY",
];
/// Where containers are given theirs: nobody else is in there.
const IN_CONTAINERS: &str = "/run/secrets/";

/// Everything that can be seen without the database.
pub fn all(config: &Config, is_demo: bool) -> Vec<Finding> {
    let mut findings = vec![secret_key(config, is_demo)];
    findings.extend(data_folder(&config.data_dir));
    for name in SECRETS {
        let path = std::env::var(format!("{name}_FILE")).ok().filter(|path| !path.is_empty());
        findings.extend(path.map(|path| secret_file(name, Path::new(&path))));
    }
    if let Place::Folder(folder) = app::files(config) {
        findings.extend(writable(&folder));
    }
    findings
}

fn secret_key(config: &Config, is_demo: bool) -> Finding {
    let what = "Secret key";
    if is_demo {
        return secret_file(what, &config.data_dir.join(SECRET_KEY));
    }
    if config.keys.is_some() {
        return good(what, "WEIPU_SECRET_KEY is set".into());
    }
    bad(what, "WEIPU_SECRET_KEY is not set: set 32 random bytes as base64 (openssl rand -base64 32)".into())
}

fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o777
}

/// Whoever can write there can put another database or other pictures in their place.
fn data_folder(folder: &Path) -> Option<Finding> {
    let (what, shown) = ("Data folder", folder.display());
    match folder.metadata() {
        Ok(found) if !found.is_dir() => {
            Some(bad(what, format!("{shown} is no folder: set WEIPU_DATA_DIR to one")))
        }
        Ok(found) if mode(&found) & 0o022 != 0 => {
            Some(bad(what, format!("others may write into {shown}: run chmod go-w {shown}")))
        }
        Ok(_) => Some(good(what, format!("{shown} is this user's to write"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(bad(what, format!("{shown}: {error}"))),
    }
}

fn secret_file(what: &str, path: &Path) -> Finding {
    let shown = path.display();
    match path.metadata() {
        Ok(found) if mode(&found) & 0o077 != 0 && !path.starts_with(IN_CONTAINERS) => {
            bad(what, format!("others may read {shown}: run chmod 600 {shown}"))
        }
        Ok(_) => good(what, format!("only this user reads {shown}")),
        Err(error) => bad(what, format!("{shown}: {error}")),
    }
}

fn writable(folder: &Path) -> Option<Finding> {
    let (what, shown) = ("Pictures", folder.display());
    // The first picture makes it.
    folder.is_dir().then(|| match tempfile::tempfile_in(folder) {
        Ok(_) => good(what, format!("{shown} can be written")),
        Err(error) => bad(what, format!("{shown} cannot be written ({error}): give it to the user of weipu")),
    })
}

/// Asks for a picture that cannot be there.
pub async fn pictures(files: &Files) -> Finding {
    match files.has("0000000000000000-375.jpg").await {
        Ok(_) => good("Pictures", "the place where they are kept answers".into()),
        Err(error) => bad("Pictures", format!("{error}: compare WEIPU_FILES and its keys")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};

    fn with_mode(path: &Path, mode: u32) -> &Path {
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn what_others_may_read_or_write_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret-key");
        write(&file, "x").unwrap();
        for (mode, is_good) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            assert_eq!(secret_file("x", with_mode(&file, mode)).good, is_good, "{mode:o}");
        }
        for (mode, is_good) in [(0o700, true), (0o755, true), (0o775, false), (0o757, false)] {
            assert_eq!(data_folder(with_mode(folder.path(), mode)).unwrap().good, is_good, "{mode:o}");
        }
        assert!(!data_folder(&file).unwrap().good, "a file is no folder");
        assert!(!secret_file("x", &folder.path().join("none")).good);
        assert!(data_folder(&folder.path().join("none")).is_none(), "it is made when it is needed");
    }
}
