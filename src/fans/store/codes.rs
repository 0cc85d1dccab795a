//! How codes are kept, and who scanned them.

use super::menus::staff;
use crate::actor::Actor;
use crate::catalog::ProductId;
use crate::db::Tx;
use crate::fans::codes::{CodeId, FanCode, Life, NewCode, NoneLeft, Scene, Ticketed};
use crate::weibo::messages::MOST_PERMANENT;
use anyhow::Context;
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;

/// How often a code was scanned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub scans: i64,
    /// Of so many fans.
    pub fans: i64,
    /// Of whom so many did not follow before.
    pub followers: i64,
    pub last_at: Option<OffsetDateTime>,
}

struct Row {
    id: CodeId,
    kind: String,
    scene: i64,
    name: String,
    campaign: String,
    invitation: String,
    product_id: Option<ProductId>,
    made_at: OffsetDateTime,
    staff_name: String,
    ticket: Option<String>,
    ticket_at: Option<OffsetDateTime>,
    ends_at: Option<OffsetDateTime>,
    has_picture: bool,
    why: String,
    put_away_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for FanCode {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<FanCode> {
        let life = Life::parse(&row.kind).with_context(|| format!("a code of kind {:?}", row.kind))?;
        let ticket = row.ticket.zip(row.ticket_at);
        Ok(FanCode {
            id: row.id,
            of: NewCode {
                life,
                name: row.name,
                campaign: row.campaign,
                invitation: row.invitation,
                product: row.product_id,
            },
            scene: u32::try_from(row.scene)?,
            made_at: row.made_at,
            by: row.staff_name,
            ticket: ticket.map(|(ticket, at)| Ticketed { ticket, at, ends_at: row.ends_at }),
            has_picture: row.has_picture,
            why: row.why,
            put_away_at: row.put_away_at,
        })
    }
}

/// A code with the next number that was never given out.
pub async fn make(
    tx: &mut Tx,
    new: &NewCode,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Result<CodeId, NoneLeft>> {
    let (staff, name) = staff(by)?;
    sqlx::query!("LOCK TABLE fan_codes IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    let scene = sqlx::query_scalar!(
        r#"SELECT COALESCE(max(scene), 0) + 1 AS "scene!" FROM fan_codes WHERE kind = $1"#,
        new.life.name()
    )
    .fetch_one(&mut **tx)
    .await?;
    let last = match new.life {
        Life::Permanent => MOST_PERMANENT.into(),
        Life::Temporary => i64::from(i32::MAX),
    };
    if scene > last {
        return Ok(Err(NoneLeft));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO fan_codes (kind, scene, name, campaign, invitation, product_id, made_at, staff_id, staff_name)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id AS "id: CodeId""#,
        new.life.name(),
        scene,
        new.name,
        new.campaign,
        new.invitation,
        new.product.map(|product| product.0),
        now,
        staff,
        name
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Ok(id))
}

pub async fn find(conn: &mut PgConnection, id: CodeId) -> anyhow::Result<Option<FanCode>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: CodeId", kind, scene, name, campaign, invitation, product_id AS "product_id: ProductId",
             made_at, staff_name, ticket, ticket_at, ends_at, picture IS NOT NULL AS "has_picture!", why, put_away_at
           FROM fan_codes WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(FanCode::try_from).transpose()
}

/// Those in use, or those that were put away, the newest first; behind one of them, and of one campaign only.
pub async fn list(
    conn: &mut PgConnection,
    (away, campaign): (bool, Option<&str>),
    behind: Option<CodeId>,
    most: i64,
) -> anyhow::Result<Vec<(FanCode, Tally)>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: CodeId", kind, scene, name, campaign, invitation, product_id AS "product_id: ProductId",
             made_at, staff_name, ticket, ticket_at, ends_at, picture IS NOT NULL AS "has_picture!", why, put_away_at
           FROM fan_codes WHERE (put_away_at IS NOT NULL) = $1 AND ($2::text IS NULL OR campaign = $2) AND id < $3
           ORDER BY id DESC LIMIT $4"#,
        away,
        campaign,
        behind.map_or(i64::MAX, |id| id.0),
        most
    )
    .fetch_all(&mut *conn)
    .await?;
    let codes = rows.into_iter().map(FanCode::try_from).collect::<anyhow::Result<Vec<_>>>()?;
    let ids: Vec<i64> = codes.iter().map(|code| code.id.0).collect();
    let mut tallies = tallies(conn, &ids).await?;
    let with_tally = |code: FanCode| {
        let tally = tallies.remove(&code.id.0).unwrap_or_default();
        (code, tally)
    };
    Ok(codes.into_iter().map(with_tally).collect())
}

/// How often this one was scanned.
pub async fn tally(conn: &mut PgConnection, id: CodeId) -> sqlx::Result<Tally> {
    Ok(tallies(conn, &[id.0]).await?.remove(&id.0).unwrap_or_default())
}

async fn tallies(conn: &mut PgConnection, ids: &[i64]) -> sqlx::Result<HashMap<i64, Tally>> {
    let rows = sqlx::query!(
        r#"SELECT code, count(*) AS "scans!", count(DISTINCT fan) AS "fans!",
             count(DISTINCT fan) FILTER (WHERE new_follower) AS "followers!", max(scanned_at) AS last_at
           FROM fan_code_scans WHERE code = ANY($1) GROUP BY code"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    let tally = |scans, fans, followers, last_at| Tally { scans, fans, followers, last_at };
    Ok(rows.into_iter().map(|r| (r.code, tally(r.scans, r.fans, r.followers, r.last_at))).collect())
}

/// The campaigns there are, each with what all its codes together brought, the most scanned first.
pub async fn campaigns(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<(String, Tally)>> {
    let rows = sqlx::query!(
        r#"SELECT campaign, count(scans.fan) AS "scans!", count(DISTINCT scans.fan) AS "fans!",
             count(DISTINCT scans.fan) FILTER (WHERE new_follower) AS "followers!", max(scanned_at) AS last_at
           FROM fan_codes LEFT JOIN fan_code_scans scans ON scans.code = fan_codes.id
           WHERE campaign <> '' GROUP BY campaign ORDER BY 2 DESC, campaign LIMIT $1"#,
        most
    )
    .fetch_all(conn)
    .await?;
    let tally = |scans, fans, followers, last_at| Tally { scans, fans, followers, last_at };
    Ok(rows.into_iter().map(|r| (r.campaign, tally(r.scans, r.fans, r.followers, r.last_at))).collect())
}

pub async fn picture(conn: &mut PgConnection, id: CodeId) -> sqlx::Result<Option<Vec<u8>>> {
    let found =
        sqlx::query_scalar!("SELECT picture FROM fan_codes WHERE id = $1", id.0).fetch_optional(conn).await?;
    Ok(found.flatten())
}

/// Without a picture until that is fetched: one of an older ticket cannot be scanned any more.
pub async fn keep_ticket(tx: &mut Tx, id: CodeId, given: &Ticketed) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fan_codes SET ticket = $2, ticket_at = $3, ends_at = $4, picture = NULL WHERE id = $1",
        id.0,
        given.ticket,
        given.at,
        given.ends_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The picture of this ticket, unless the code has got another meanwhile.
pub async fn keep_picture(tx: &mut Tx, id: CodeId, ticket: &str, png: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_codes SET picture = $3 WHERE id = $1 AND ticket = $2", id.0, ticket, png)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn note(tx: &mut Tx, id: CodeId, why: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_codes SET why = $2 WHERE id = $1", id.0, why).execute(&mut **tx).await?;
    Ok(())
}

/// Out of the list, or back into it. It can still be scanned, and is counted.
pub async fn put_away(tx: &mut Tx, id: CodeId, at: Option<OffsetDateTime>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_codes SET put_away_at = $2 WHERE id = $1", id.0, at).execute(&mut **tx).await?;
    Ok(())
}

/// Somebody who is known scanned the code of this key, at the time that Weibo tells: told again it counts no more.
/// Gives the code, or nothing for one that is not ours.
pub async fn scanned(
    tx: &mut Tx,
    key: &str,
    fan: i64,
    is_new_follower: bool,
    at: OffsetDateTime,
) -> sqlx::Result<Option<CodeId>> {
    let Some(scene) = Scene::parse(key) else { return Ok(None) };
    let code = sqlx::query_scalar!(
        r#"SELECT id AS "id: CodeId" FROM fan_codes WHERE kind = $1 AND scene = $2"#,
        scene.life.name(),
        i64::from(scene.number)
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(code) = code else { return Ok(None) };
    sqlx::query!(
        "INSERT INTO fan_code_scans (code, fan, scanned_at, new_follower) VALUES ($1, $2, $3, $4)
         ON CONFLICT (code, fan, scanned_at) DO NOTHING",
        code.0,
        fan,
        at,
        is_new_follower
    )
    .execute(&mut **tx)
    .await?;
    Ok(Some(code))
}
