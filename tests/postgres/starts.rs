//! Starting: the first time, again, many at once, in odd places; and ending.

use crate::app::App;
use crate::processes::{children, ends, is_killed, keeper, postmaster};
use crate::support::{durable, eventually, folder, pool, start};
use anyhow::Context;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use weipu::db::private::{self, Wanted};
use weipu::db::{Db, refuse_forgetful};

#[tokio::test]
async fn rows_survive_a_restart() -> anyhow::Result<()> {
    let shop = folder()?;
    let data_dir = shop.path().join(".weipu");
    let first = start(&data_dir).await?;
    let db = pool(&first);
    sqlx::raw_sql("CREATE TABLE mugs (name text); INSERT INTO mugs VALUES ('搪瓷杯')").execute(&db).await?;
    let (server, keeper) = (postmaster(&data_dir)?, keeper(&data_dir)?);
    drop((db, first));
    ends(server)?;
    ends(keeper)?;

    let again = start(&data_dir).await?;
    let name: String = sqlx::query_scalar("SELECT name FROM mugs").fetch_one(&pool(&again)).await?;
    assert_eq!(name, "搪瓷杯");
    Ok(())
}

#[tokio::test]
async fn four_first_starts_at_once_share_one_server() -> anyhow::Result<()> {
    let shop = folder()?;
    let data_dir = shop.path().join(".weipu");
    let mut apps = [(); 4].map(|()| App::launch(&data_dir));
    for app in &mut apps {
        app.as_mut().map_err(|e| anyhow::anyhow!("{e}"))?.writes(3)?;
    }
    let server = postmaster(&data_dir)?;
    let mut rows: Vec<i64> = apps.iter().flatten().flat_map(|app| app.acknowledged.clone()).collect();
    let all = rows.len();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), all, "rows of one table never share a number");

    let [last, others @ ..] = apps;
    drop(others);
    last?.writes(3)?;
    ends(server)?;
    Ok(())
}

#[tokio::test]
async fn the_server_is_durable_private_and_knows_its_place() -> anyhow::Result<()> {
    let shop = folder()?;
    let private = start(shop.path()).await?;
    let db = pool(&private);
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("is_superuser", "off"),
    ] {
        let is: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&db).await?;
        assert_eq!(is, value, "{setting}");
    }
    let lower: String = sqlx::query_scalar("SELECT lower('ÉCLAIR')").fetch_one(&db).await?;
    assert_eq!(lower, "éclair");
    sqlx::query("CREATE EXTENSION pg_trgm").execute(&db).await?;
    refuse_forgetful(&Db::new(private.options(), 1)).await?;
    let sockets = fs::metadata(shop.path().join("postgres.socket"))?;
    assert_eq!(sockets.permissions().mode() & 0o777, 0o700);
    Ok(())
}

#[tokio::test]
async fn a_throw_away_server_is_forgetful_and_soon_gone() -> anyhow::Result<()> {
    let tests = folder()?;
    let dir = tests.path().join("cluster");
    let wanted = Wanted { durable: false, ..durable(&dir) };
    let private = private::start(wanted).await?;
    let refused = refuse_forgetful(&Db::new(private.options(), 1)).await;
    assert!(refused.is_err_and(|e| e.to_string().contains("fsync = off")));
    drop(private);
    eventually("the folder is gone", || !dir.exists())
}

#[tokio::test]
async fn tests_share_a_throw_away_server_and_copy_databases() -> anyhow::Result<()> {
    let keeper = Path::new(env!("CARGO_BIN_EXE_weipu"));
    let (one, two) =
        tokio::try_join!(private::throw_away(keeper.into()), private::throw_away(keeper.into()))?;
    let name = format!("copy_{}", std::process::id());
    let db = pool(&one);
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&db).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}_2 TEMPLATE {name}")))
        .execute(&db)
        .await?;
    let copy = sqlx::PgPool::connect_with(two.options_for(&format!("{name}_2"))).await?;
    copy.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name}_2"))).execute(&db).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&db).await?;
    Ok(())
}

#[tokio::test]
async fn odd_and_long_paths_work() -> anyhow::Result<()> {
    let shop = folder()?;
    for name in ["with space", "with,comma \"and\" 'quotes'", "小铺", &"deep/".repeat(40)] {
        let data_dir = shop.path().join(name);
        let private = start(&data_dir).await.with_context(|| name.to_owned())?;
        sqlx::query("SELECT 1").execute(&pool(&private)).await.with_context(|| name.to_owned())?;
        let keeper = keeper(&data_dir)?;
        drop(private);
        ends(keeper)?;
    }
    Ok(())
}

#[test]
fn a_half_made_cluster_is_never_used() -> anyhow::Result<()> {
    let shop = folder()?;
    let mut app = App::launch(shop.path())?;
    let unfinished = || {
        let names = fs::read_dir(shop.path()).into_iter().flatten().flatten();
        let mut names = names.filter(|e| e.file_name().to_string_lossy().starts_with("postgres.unfinished-"));
        names.next().map(|e| e.path())
    };
    eventually("initdb is half done", || unfinished().is_some_and(|dir| dir.join("PG_VERSION").exists()))?;
    for keeper in children(app.pid()?)? {
        is_killed(keeper)?;
    }
    app.is_killed()?;
    assert!(!shop.path().join("postgres").exists());

    let again = App::serving(shop.path())?;
    assert!(unfinished().is_none());
    let server = postmaster(shop.path())?;
    drop(again);
    ends(server)
}

#[tokio::test]
async fn a_data_folder_that_only_root_may_enter_is_opened_to_the_server() -> anyhow::Result<()> {
    let shop = folder()?;
    let data_dir = shop.path().join("closed");
    fs::create_dir(&data_dir)?;
    fs::set_permissions(&data_dir, Permissions::from_mode(0o700))?;
    let private = start(&data_dir).await?;
    sqlx::query("SELECT 1").execute(&pool(&private)).await?;
    assert_eq!(fs::metadata(&data_dir)?.permissions().mode() & 0o007, 0, "and to nobody else");
    Ok(())
}
