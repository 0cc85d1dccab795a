//! Sudden death of any process: what was acknowledged is there, and nobody has to repair anything.

use crate::app::App;
use crate::processes::{are_killed, children, ends, is_killed, keeper, postmaster};
use crate::support::{folder, pool, start};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Every acknowledged row is read back from a server started anew, or from the one that healed.
async fn nothing_is_lost(app: &App, data_dir: &Path) -> anyhow::Result<()> {
    let private = start(data_dir).await?;
    let missing: Vec<i64> = sqlx::query_scalar(
        "SELECT id FROM unnest($1::bigint[]) AS told (id) WHERE NOT EXISTS (SELECT FROM rows WHERE rows.id = told.id)",
    )
    .bind(&app.acknowledged)
    .fetch_all(&pool(&private))
    .await?;
    assert!(missing.is_empty(), "of {} rows these are lost: {missing:?}", app.acknowledged.len());
    Ok(())
}

#[tokio::test]
async fn of_the_app() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    app.writes(20)?;
    let server = postmaster(shop.path())?;
    app.is_killed()?;
    ends(server)?;
    nothing_is_lost(&app, shop.path()).await
}

#[tokio::test]
async fn of_the_app_while_another_lives() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut first = App::serving(shop.path())?;
    let mut second = App::serving(shop.path())?;
    let server = postmaster(shop.path())?;
    first.is_killed()?;
    second.writes(200)?;
    assert_eq!(postmaster(shop.path())?, server);
    nothing_is_lost(&first, shop.path()).await
}

#[tokio::test]
async fn of_the_keeper_heals_under_the_app() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    let server = postmaster(shop.path())?;
    is_killed(keeper(shop.path())?)?;
    ends(server)?;
    app.writes(200)?;
    nothing_is_lost(&app, shop.path()).await
}

#[tokio::test]
async fn of_app_and_keeper() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    app.writes(20)?;
    let server = postmaster(shop.path())?;
    is_killed(keeper(shop.path())?)?;
    app.is_killed()?;
    // While the old server is still going down.
    nothing_is_lost(&app, shop.path()).await?;
    ends(server)
}

#[test]
fn no_server_outlives_app_and_keeper() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    let server = postmaster(shop.path())?;
    is_killed(keeper(shop.path())?)?;
    app.is_killed()?;
    ends(server)
}

#[tokio::test]
async fn of_the_postmaster_heals_under_the_app() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    let server = postmaster(shop.path())?;
    is_killed(server)?;
    app.writes(200)?;
    assert_ne!(postmaster(shop.path())?, server);
    nothing_is_lost(&app, shop.path()).await
}

#[tokio::test]
async fn of_the_whole_server_heals_under_the_app() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    for _ in 0..3 {
        let server = postmaster(shop.path())?;
        let mut all = vec![server];
        all.extend(children(server)?);
        are_killed(&all)?;
        app.writes(50)?;
    }
    nothing_is_lost(&app, shop.path()).await
}

#[tokio::test]
async fn of_everybody_at_once() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    app.writes(20)?;
    let (server, keeper) = (postmaster(shop.path())?, keeper(shop.path())?);
    are_killed(&[server, keeper, app.pid()?])?;
    app.is_killed()?;
    nothing_is_lost(&app, shop.path()).await
}

#[tokio::test]
async fn a_pid_file_that_names_somebody_else_stops_nobody() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    let (server, keeper) = (postmaster(shop.path())?, keeper(shop.path())?);
    are_killed(&[server, keeper, app.pid()?])?;
    app.is_killed()?;
    let pid_file = shop.path().join("postgres/postmaster.pid");
    let owner = fs::metadata(shop.path().join("postgres"))?;
    let mut bystander = Command::new("sleep").arg("60").uid(owner.uid()).gid(owner.gid()).spawn()?;
    let stale = fs::read_to_string(&pid_file)?.replace(&server.to_string(), &bystander.id().to_string());
    fs::write(&pid_file, stale)?;

    let outcome = nothing_is_lost(&app, shop.path()).await;
    assert!(bystander.try_wait()?.is_none(), "it was killed");
    bystander.kill()?;
    bystander.wait()?;
    outcome
}

#[tokio::test]
async fn ctrl_c_ends_the_app_and_only_then_the_server() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::serving(shop.path())?;
    let server = postmaster(shop.path())?;
    app.is_interrupted()?;
    ends(server)?;
    nothing_is_lost(&app, shop.path()).await
}
