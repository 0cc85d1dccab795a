//! How campaigns and their links are kept.

use super::{Campaign, CampaignId, Link, MOST_LINKS};
use crate::actor::Actor;
use crate::catalog::ProductId;
use crate::db::Tx;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

struct Row {
    id: CampaignId,
    name: String,
    note: String,
    made_at: OffsetDateTime,
    closed_at: Option<OffsetDateTime>,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
}

impl From<Row> for Campaign {
    fn from(row: Row) -> Campaign {
        Campaign {
            id: row.id,
            name: row.name,
            note: row.note,
            made_at: row.made_at,
            closed_at: row.closed_at,
            by: Actor::from_columns(&row.actor, row.staff_id, row.staff_name),
        }
    }
}

pub async fn find(conn: &mut PgConnection, id: CampaignId) -> sqlx::Result<Option<Campaign>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: CampaignId", name, note, made_at, closed_at, actor, staff_id, staff_name
         FROM campaigns WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Campaign::from))
}

/// The same, nobody else's until the end of the transaction.
pub async fn lock(tx: &mut Tx, id: CampaignId) -> sqlx::Result<Option<Campaign>> {
    sqlx::query!("SELECT id FROM campaigns WHERE id = $1 FOR UPDATE", id.0).fetch_optional(&mut **tx).await?;
    find(tx, id).await
}

/// At most so many before one, the latest first.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<CampaignId>,
    most: i64,
) -> sqlx::Result<Vec<Campaign>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: CampaignId", name, note, made_at, closed_at, actor, staff_id, staff_name
         FROM campaigns WHERE id < $1 ORDER BY id DESC LIMIT $2"#,
        before.map_or(i64::MAX, |before| before.0),
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Campaign::from).collect())
}

/// The same form sent again finds what it made.
pub async fn insert(
    tx: &mut Tx,
    form: Uuid,
    (name, note): (&str, &str),
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<(CampaignId, bool)> {
    let made = sqlx::query_scalar!(
        r#"INSERT INTO campaigns (form_key, name, note, made_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT campaigns_form_once DO NOTHING
         RETURNING id AS "id: CampaignId""#,
        form,
        name,
        note,
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = made {
        return Ok((id, true));
    }
    let made =
        sqlx::query_scalar!(r#"SELECT id AS "id: CampaignId" FROM campaigns WHERE form_key = $1"#, form);
    Ok((made.fetch_one(&mut **tx).await?, false))
}

pub async fn close(tx: &mut Tx, id: CampaignId, closed_at: Option<OffsetDateTime>) -> sqlx::Result<bool> {
    let closed = sqlx::query!(
        "UPDATE campaigns SET closed_at = $2 WHERE id = $1 AND (closed_at IS NULL) <> ($2::timestamptz IS NULL)",
        id.0,
        closed_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// All ways in of all these.
pub async fn codes(
    conn: &mut PgConnection,
    campaigns: &[CampaignId],
) -> sqlx::Result<Vec<(CampaignId, String)>> {
    let ids: Vec<i64> = campaigns.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT campaign_id AS "campaign: CampaignId", code FROM campaign_links WHERE campaign_id = ANY($1)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.campaign, row.code)).collect())
}

/// All ways in, the first made first.
pub async fn links(conn: &mut PgConnection, id: CampaignId) -> sqlx::Result<Vec<Link>> {
    sqlx::query_as!(
        Link,
        r#"SELECT code, product_id AS "product: ProductId", made_at FROM campaign_links
         WHERE campaign_id = $1 ORDER BY made_at, code LIMIT $2"#,
        id.0,
        MOST_LINKS
    )
    .fetch_all(conn)
    .await
}

/// A link whose address was another product's before stays that one's: false.
pub async fn keep(
    tx: &mut Tx,
    id: CampaignId,
    product: Option<ProductId>,
    code: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let kept = sqlx::query!(
        "INSERT INTO campaign_links (code, campaign_id, product_id, made_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        code,
        id.0,
        product.map(|product| product.0),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(kept.rows_affected() == 1)
}
