//! How codes are kept, and who scanned them.

use super::menus::staff;
use crate::actor::Actor;
use crate::catalog::ProductId;
use crate::db::Tx;
use crate::fans::codes::{CodeId, FanCode, Life, NewCode, NoneLeft, Scene, Ticketed};
use crate::weibo::messages::MOST_PERMANENT;
use anyhow::Context;
use sqlx::PgConnection;
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
    scans: i64,
    fans: i64,
    followers: i64,
    last_scan_at: Option<OffsetDateTime>,
}

impl Row {
    fn tally(&self) -> Tally {
        Tally { scans: self.scans, fans: self.fans, followers: self.followers, last_at: self.last_scan_at }
    }
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
    // One after the other. Whoever scans waits for none of them.
    sqlx::query!("SELECT FROM pg_advisory_xact_lock(hashtext('weipu: a code gets its number'))")
        .execute(&mut **tx)
        .await?;
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
    sqlx::query!(
        "INSERT INTO fan_campaigns (name) SELECT $1::text WHERE $1 <> '' ON CONFLICT (name) DO NOTHING",
        new.campaign
    )
    .execute(&mut **tx)
    .await?;
    Ok(Ok(id))
}

pub async fn find(conn: &mut PgConnection, id: CodeId) -> anyhow::Result<Option<FanCode>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: CodeId", kind, scene, name, campaign, invitation, product_id AS "product_id: ProductId",
             made_at, staff_name, ticket, ticket_at, ends_at, picture IS NOT NULL AS "has_picture!", why, put_away_at,
             scans, fans, followers, last_scan_at
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
             made_at, staff_name, ticket, ticket_at, ends_at, picture IS NOT NULL AS "has_picture!", why, put_away_at,
             scans, fans, followers, last_scan_at
           FROM fan_codes WHERE (put_away_at IS NOT NULL) = $1 AND ($2::text IS NULL OR campaign = $2) AND id < $3
           ORDER BY id DESC LIMIT $4"#,
        away,
        campaign,
        behind.map_or(i64::MAX, |id| id.0),
        most
    )
    .fetch_all(conn)
    .await?;
    let with_tally = |row: Row| {
        let tally = row.tally();
        Ok((FanCode::try_from(row)?, tally))
    };
    rows.into_iter().map(with_tally).collect()
}

/// How often this one was scanned.
pub async fn tally(conn: &mut PgConnection, id: CodeId) -> sqlx::Result<Tally> {
    sqlx::query_as!(
        Tally,
        "SELECT scans, fans, followers, last_scan_at AS last_at FROM fan_codes WHERE id = $1",
        id.0
    )
    .fetch_one(conn)
    .await
}

/// The campaigns there are, each with what all its codes together brought, the most scanned first.
pub async fn campaigns(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<(String, Tally)>> {
    let rows = sqlx::query!(
        "SELECT name, scans, fans, followers, last_scan_at FROM fan_campaigns ORDER BY scans DESC, name LIMIT $1",
        most
    )
    .fetch_all(conn)
    .await?;
    let tally = |scans, fans, followers, last_at| Tally { scans, fans, followers, last_at };
    Ok(rows.into_iter().map(|r| (r.name, tally(r.scans, r.fans, r.followers, r.last_scan_at))).collect())
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

/// Somebody who is known, and locked, scanned the code of this key, at the time that Weibo tells: told again it counts
/// no more. Gives the code, or nothing for one that is not ours.
pub async fn scanned(
    tx: &mut Tx,
    key: &str,
    fan: i64,
    is_new_follower: bool,
    at: OffsetDateTime,
) -> sqlx::Result<Option<CodeId>> {
    let Some(scene) = Scene::parse(key) else { return Ok(None) };
    let found = sqlx::query!(
        r#"SELECT id AS "id: CodeId", campaign FROM fan_codes WHERE kind = $1 AND scene = $2"#,
        scene.life.name(),
        i64::from(scene.number)
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let first = first(tx, found.id, &found.campaign, fan).await?;
    let told = sqlx::query!(
        "INSERT INTO fan_code_scans (code, fan, scanned_at, new_follower) VALUES ($1, $2, $3, $4)
         ON CONFLICT (code, fan, scanned_at) DO NOTHING",
        found.id.0,
        fan,
        at,
        is_new_follower
    )
    .execute(&mut **tx)
    .await?;
    if told.rows_affected() == 1 {
        let newly = |first: First| [first.fan, first.follower && is_new_follower].map(i64::from);
        count(tx, found.id, &found.campaign, (newly(first.of_code), newly(first.of_campaign)), at).await?;
    }
    Ok(Some(found.id))
}

/// Whether it is somebody's first scan, and her first by which she may have come to follow.
#[derive(Debug, Clone, Copy)]
struct First {
    fan: bool,
    follower: bool,
}

struct Firsts {
    of_code: First,
    of_campaign: First,
}

async fn first(tx: &mut Tx, code: CodeId, campaign: &str, fan: i64) -> sqlx::Result<Firsts> {
    let row = sqlx::query!(
        r#"SELECT NOT EXISTS (SELECT FROM fan_code_scans WHERE fan = $1 AND code = $2) AS "fan!",
             NOT EXISTS (SELECT FROM fan_code_scans WHERE fan = $1 AND code = $2 AND new_follower) AS "follower!",
             NOT EXISTS (SELECT FROM fan_code_scans s JOIN fan_codes c ON c.id = s.code
                 WHERE s.fan = $1 AND c.campaign = $3) AS "campaign_fan!",
             NOT EXISTS (SELECT FROM fan_code_scans s JOIN fan_codes c ON c.id = s.code
                 WHERE s.fan = $1 AND c.campaign = $3 AND s.new_follower) AS "campaign_follower!""#,
        fan,
        code.0,
        campaign
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Firsts {
        of_code: First { fan: row.fan, follower: row.follower },
        of_campaign: First { fan: row.campaign_fan, follower: row.campaign_follower },
    })
}

/// One scan more, always of the code before the campaign: nobody waits for who waits for her. How many fans and
/// followers it adds to either comes with it.
async fn count(
    tx: &mut Tx,
    code: CodeId,
    campaign: &str,
    (to_code, to_campaign): ([i64; 2], [i64; 2]),
    at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fan_codes SET scans = scans + 1, fans = fans + $2, followers = followers + $3,
             last_scan_at = greatest(last_scan_at, $4) WHERE id = $1",
        code.0,
        to_code[0],
        to_code[1],
        at
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE fan_campaigns SET scans = scans + 1, fans = fans + $2, followers = followers + $3,
             last_scan_at = greatest(last_scan_at, $4) WHERE name = $1",
        campaign,
        to_campaign[0],
        to_campaign[1],
        at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
