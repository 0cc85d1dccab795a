//! How it is kept how the desk is kept.

use crate::db::Tx;
use crate::fans::desk::Manners;
use sqlx::PgConnection;
use time::Duration;

pub async fn manners(conn: &mut PgConnection) -> sqlx::Result<Manners> {
    let row = sqlx::query!("SELECT red_minutes, map FROM desk_settings").fetch_one(conn).await?;
    Ok(Manners { red_after: Duration::minutes(row.red_minutes.into()), map: row.map })
}

pub async fn save(tx: &mut Tx, to: &Manners) -> sqlx::Result<()> {
    let minutes = i32::try_from(to.red_after.whole_minutes()).unwrap_or(i32::MAX);
    sqlx::query!("UPDATE desk_settings SET red_minutes = $1, map = $2", minutes, to.map)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
