//! What a person can mend is said in one sentence that tells how.

use crate::app::App;
use crate::processes::{ends, keeper};
use crate::support::{durable, folder, start};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use weipu::db::private::{self, Wanted};

async fn refusal(wanted: Wanted<'_>) -> String {
    match private::start(wanted).await {
        Ok(_) => "it started".to_owned(),
        Err(error) => format!("{error:#}"),
    }
}

fn tells(said: &str, parts: &[&str]) {
    assert!(!said.contains('\n'), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

#[tokio::test]
async fn a_folder_without_postgres() -> anyhow::Result<()> {
    let shop = folder()?;
    let wanted = Wanted { bin: Some(Path::new("/nowhere/bin")), ..durable(shop.path()) };
    tells(&refusal(wanted).await, &["WEIPU_PG_BIN is /nowhere/bin", "postgres and initdb"]);
    assert!(!shop.path().join("postgres").exists());
    Ok(())
}

#[tokio::test]
async fn a_database_of_another_version_is_left_alone() -> anyhow::Result<()> {
    let shop = folder()?;
    let private = start(shop.path()).await?;
    let keeper = keeper(shop.path())?;
    drop(private);
    ends(keeper)?;
    let version = shop.path().join("postgres/PG_VERSION");
    let truth = fs::read_to_string(&version)?;
    fs::write(&version, "13\n")?;
    tells(&refusal(durable(shop.path())).await, &["was made by Postgres 13", truth.trim(), "WEIPU_PG_BIN"]);
    fs::write(&version, truth)?;
    start(shop.path()).await?;
    Ok(())
}

#[tokio::test]
async fn a_file_where_the_folder_should_be() -> anyhow::Result<()> {
    let shop = folder()?;
    let file = shop.path().join("file");
    fs::write(&file, "")?;
    tells(&refusal(durable(&file)).await, &["a file is in the way", "WEIPU_DATA_DIR"]);
    tells(&refusal(durable(&file.join("below"))).await, &["a file is in the way", "WEIPU_DATA_DIR"]);
    Ok(())
}

#[tokio::test]
async fn somebody_elses_folder_called_postgres() -> anyhow::Result<()> {
    let shop = folder()?;
    fs::create_dir(shop.path().join("postgres"))?;
    fs::write(shop.path().join("postgres/notes.txt"), "mine")?;
    tells(&refusal(durable(shop.path())).await, &["postgres is not a database of Postgres", "move"]);
    assert_eq!(fs::read_to_string(shop.path().join("postgres/notes.txt"))?, "mine");
    Ok(())
}

#[tokio::test]
async fn a_folder_that_the_user_of_the_server_cannot_reach() -> anyhow::Result<()> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(()); // then the server runs as ourselves
    }
    let shop = folder()?;
    let closed = shop.path().join("closed");
    fs::create_dir(&closed)?;
    fs::set_permissions(&closed, Permissions::from_mode(0o700))?;
    let said = refusal(durable(&closed.join("shop/.weipu"))).await;
    let name = format!("may not enter {}:", closed.display());
    tells(&said, &[&name, "WEIPU_DATA_DIR", "ordinary user"]);
    Ok(())
}

#[test]
fn a_disk_too_small_for_a_database() -> anyhow::Result<()> {
    let shop = folder()?;
    let Some(app) = App::launch_on_disk("16m", shop.path())? else { return Ok(()) };
    tells(&app.refusal()?, &["the disk that holds", "is full: free some space"]);
    Ok(())
}

#[tokio::test]
async fn a_keeper_that_is_not_there() -> anyhow::Result<()> {
    let shop = folder()?;
    let wanted = Wanted { keeper: Path::new("/nowhere/weipu"), ..durable(shop.path()) };
    tells(&refusal(wanted).await, &["keeper of Postgres, /nowhere/weipu"]);
    Ok(())
}
