//! How partners are kept. The only SQL about them is here.

pub mod entries;
pub mod invitations;
pub mod links;
pub mod orders;
pub mod payouts;

use super::partner::{Account, Partner, PartnerId, Promise, Rate, Sums, Terms};
use crate::actor::Actor;
use crate::customers::CustomerId;
use crate::db::Tx;
use anyhow::Context;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Holds the partner's row, behind those of orders; false when there is none.
pub async fn hold(tx: &mut Tx, id: PartnerId) -> sqlx::Result<bool> {
    let held = sqlx::query!("SELECT FROM partners WHERE id = $1 FOR NO KEY UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(held.is_some())
}

/// Nothing when this form has made one before.
pub async fn insert(
    tx: &mut Tx,
    form: Uuid,
    name: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<PartnerId>> {
    sqlx::query_scalar!(
        r#"INSERT INTO partners (name, made_at, form_key) VALUES ($1, $2, $3)
         ON CONFLICT (form_key) DO NOTHING RETURNING id AS "id: PartnerId""#,
        name,
        now,
        form
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn by_form(tx: &mut Tx, form: Uuid) -> sqlx::Result<PartnerId> {
    sqlx::query_scalar!(r#"SELECT id AS "id: PartnerId" FROM partners WHERE form_key = $1"#, form)
        .fetch_one(&mut **tx)
        .await
}

pub async fn promise(
    tx: &mut Tx,
    id: PartnerId,
    rate: Rate,
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO partner_rates (partner_id, rate_bp, from_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6)",
        id.0,
        rate.bp(),
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What she was promised, the latest first.
pub async fn promises(conn: &mut PgConnection, id: PartnerId) -> anyhow::Result<Vec<Promise>> {
    let rows = sqlx::query!(
        "SELECT rate_bp, from_at, actor, staff_id, staff_name FROM partner_rates
         WHERE partner_id = $1 ORDER BY from_at DESC, id DESC LIMIT 100",
        id.0
    )
    .fetch_all(conn)
    .await?;
    let promises = rows.into_iter().map(|row| {
        let by = Actor::from_columns(&row.actor, row.staff_id, row.staff_name);
        Ok(Promise { rate: rate(row.rate_bp)?, from: row.from_at, by })
    });
    promises.collect()
}

/// False when she has an account already, or has ended.
pub async fn bind(
    tx: &mut Tx,
    id: PartnerId,
    customer: CustomerId,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let bound = sqlx::query!(
        "UPDATE partners SET customer_id = $2, bound_at = $3
         WHERE id = $1 AND customer_id IS NULL AND ended_at IS NULL",
        id.0,
        customer.0,
        now
    );
    Ok(bound.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Ends it: what she brought stays hers, and an invitation that is open works no more. False when it had ended, or
/// there is no such partner.
pub async fn end(tx: &mut Tx, id: PartnerId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let ended =
        sqlx::query!("UPDATE partners SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id.0, now);
    let ended = ended.execute(&mut **tx).await?.rows_affected() == 1;
    if ended {
        invitations::drop_open(tx, id).await?;
    }
    Ok(ended)
}

/// Begins anew: what is ordered by her links from now on counts. False when it had not ended.
pub async fn resume(tx: &mut Tx, id: PartnerId) -> sqlx::Result<bool> {
    let resumed =
        sqlx::query!("UPDATE partners SET ended_at = NULL WHERE id = $1 AND ended_at IS NOT NULL", id.0);
    Ok(resumed.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn find(conn: &mut PgConnection, id: PartnerId) -> anyhow::Result<Option<Partner>> {
    Ok(read(conn, (Some(id.0), None)).await?.pop())
}

/// The partner who signs in as this customer.
pub async fn of_customer(conn: &mut PgConnection, customer: CustomerId) -> anyhow::Result<Option<Partner>> {
    Ok(read(conn, (None, Some(customer.0))).await?.pop())
}

/// Those that go on first, then the latest.
pub async fn all(conn: &mut PgConnection) -> anyhow::Result<Vec<Partner>> {
    read(conn, (None, None)).await
}

async fn read(
    conn: &mut PgConnection,
    (id, customer): (Option<i64>, Option<i64>),
) -> anyhow::Result<Vec<Partner>> {
    let rows = sqlx::query!(
        r#"SELECT p.id AS "id: PartnerId", p.name, p.made_at, p.ended_at, p.bound_at, r.rate_bp,
             c.id AS "customer?: CustomerId", c.screen_name AS "screen_name?"
         FROM partners p
         CROSS JOIN LATERAL (SELECT rate_bp FROM partner_rates WHERE partner_id = p.id
             ORDER BY from_at DESC, id DESC LIMIT 1) r
         LEFT JOIN customers c ON c.id = p.customer_id
         WHERE ($1::bigint IS NULL OR p.id = $1) AND ($2::bigint IS NULL OR p.customer_id = $2)
         ORDER BY p.ended_at IS NOT NULL, p.id DESC"#,
        id,
        customer
    )
    .fetch_all(conn)
    .await?;
    let partners = rows.into_iter().map(|row| {
        let account = match (row.customer, row.screen_name, row.bound_at) {
            (Some(customer), Some(screen_name), Some(bound_at)) => {
                Some(Account { customer, screen_name, bound_at })
            }
            _ => None,
        };
        Ok(Partner {
            id: row.id,
            name: row.name,
            account,
            made_at: row.made_at,
            ended_at: row.ended_at,
            rate: rate(row.rate_bp)?,
        })
    });
    partners.collect()
}

/// The money of each of these.
pub async fn sums(conn: &mut PgConnection, ids: &[PartnerId]) -> sqlx::Result<BTreeMap<PartnerId, Sums>> {
    let rows = sqlx::query!(
        r#"SELECT p.id AS "id: PartnerId", held.fen AS "held!", p.entered_fen AS entered,
             payouts.proposed AS "proposed!", payouts.paid AS "paid!"
         FROM partners p
         CROSS JOIN LATERAL (SELECT coalesce(sum(b.kept_fen * q.rate_bp / 10000), 0)::bigint AS fen
             FROM partner_orders q JOIN partner_order_bases b ON b.order_id = q.order_id
             WHERE q.partner_id = p.id AND q.paid AND q.freed_at IS NULL) held
         CROSS JOIN LATERAL (SELECT
                 coalesce(sum(amount_fen) FILTER (WHERE state = 'proposed'), 0)::bigint AS proposed,
                 coalesce(sum(amount_fen) FILTER (WHERE state = 'paid'), 0)::bigint AS paid
             FROM partner_payouts WHERE partner_id = p.id) payouts
         WHERE p.id = ANY($1)"#,
        ids as &[PartnerId]
    )
    .fetch_all(conn)
    .await?;
    let sums = rows.into_iter().map(|row| {
        (row.id, Sums { held: row.held, entered: row.entered, proposed: row.proposed, paid: row.paid })
    });
    Ok(sums.collect())
}

/// What holds for all partners.
pub async fn terms(conn: &mut PgConnection) -> sqlx::Result<Terms> {
    let row = sqlx::query!("SELECT commission_days, origin_days FROM shop").fetch_one(conn).await?;
    Ok(Terms { hold: row.commission_days.unsigned_abs(), counts: row.origin_days.unsigned_abs() })
}

/// Fewer hold for whatever is held now, too; more only for what is placed from now on. What it was before.
pub async fn set_days(tx: &mut Tx, days: u32) -> sqlx::Result<u32> {
    let before = sqlx::query_scalar!(
        "UPDATE shop SET commission_days = $1 FROM (SELECT commission_days FROM shop FOR UPDATE) before
         RETURNING before.commission_days",
        i32::try_from(days).unwrap_or(i32::MAX)
    );
    Ok(before.fetch_one(&mut **tx).await?.unsigned_abs())
}

fn rate(bp: i32) -> anyhow::Result<Rate> {
    Rate::from_bp(bp).with_context(|| format!("a rate that cannot be: {bp}"))
}

fn hold_for(days: i32) -> Duration {
    Duration::days(i64::from(days))
}
