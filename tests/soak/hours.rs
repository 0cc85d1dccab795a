//! Afterwards: everything is started once more and time passes, quicker than it does. The apps follow the database's
//! clock, so this moves it: a function of the same name stands before Postgres' own.

use crate::scene::Scene;
use sqlx::{AssertSqlSafe, PgConnection};
use std::time::{Duration, Instant};
use weipu::db::{self, Db};

/// By so many minutes, one after the other. A job whose worker died is taken up after 2, a refund whose sending was
/// interrupted is doubted for 10, an order nobody pays is closed after 1 and some more when Weibo knows nothing of it,
/// and a refund that has ended is asked about once more after a day.
const LEAPS: [u64; 9] = [0, 3, 11, 20, 31, 61, 121, 241, 1501];
/// So long what is due may take.
const PATIENCE: Duration = Duration::from_secs(40);

pub async fn take_over_the_clock(conn: &mut PgConnection) -> sqlx::Result<()> {
    move_the_clock(conn, 0).await?;
    sqlx::raw_sql("ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog").execute(conn).await?;
    Ok(())
}

async fn move_the_clock(conn: &mut PgConnection, minutes: u64) -> sqlx::Result<()> {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
         AS $$ SELECT pg_catalog.clock_timestamp() + interval '{minutes} minutes' $$"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// Hours pass until nothing waits any more, or all have passed. Returns how many minutes it took, in the shop's time.
pub async fn pass(scene: &Scene) -> anyhow::Result<Option<u64>> {
    let mut minutes = 0;
    for leap in LEAPS {
        minutes += leap;
        move_the_clock(&mut scene.looks().await?, minutes).await?;
        let theirs = db::time(&Db::new(scene.straight.clone(), 1)).await?;
        scene.clock.agree_with(theirs);
        for app in &scene.apps {
            app.is_killed().await;
        }
        quiet(scene).await?;
        if crate::figures::waiting(scene).await?.is_empty() {
            return Ok(Some(minutes));
        }
    }
    Ok(None)
}

/// Nothing is due, here or at Weibo.
async fn quiet(scene: &Scene) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut calm = 0;
    while calm < 4 && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let sql = "SELECT count(*) FROM jobs WHERE given_up_at IS NULL AND run_at <= $1
            AND (leased_until IS NULL OR leased_until <= $1 OR leased_until > $1 + interval '100 seconds')";
        let now = scene.clock.now();
        let due: i64 = sqlx::query_scalar(sql).bind(now).fetch_one(&mut scene.looks().await?).await?;
        let sending = scene.sandbox.waiting_notices().iter().any(|notice| notice.due_at <= now);
        let ending = scene.sandbox.book().refunding_fen > 0;
        calm = if due == 0 && !sending && !ending { calm + 1 } else { 0 };
    }
    Ok(())
}
