//! Campaigns and claims as they are kept.

use super::{DAY, MOST_A_DAY};

use crate::coupons::{CouponId, GivenId, Standing};
use crate::customers::CustomerId;
use crate::orders::OrderId;
use crate::sharing::gifts::WAITED_FOR;
use crate::sharing::gifts::gift::{Claim, ClaimId, ClaimState, Gift, GiftId, Reaped, Wanted};
use anyhow::bail;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;

struct Row {
    id: GiftId,
    name: String,
    coupon: CouponId,
    total: i32,
    promised: i32,
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    paused_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    trouble: Option<String>,
    troubled_at: Option<OffsetDateTime>,
    version: i32,
}

impl From<Row> for Gift {
    fn from(row: Row) -> Gift {
        let standing = match (row.ended_at, row.paused_at) {
            (Some(at), _) => Standing::Ended { at },
            (None, Some(at)) => Standing::Paused { at },
            (None, None) => Standing::On,
        };
        Gift {
            id: row.id,
            wanted: Wanted {
                name: row.name,
                coupon: row.coupon,
                total: row.total.unsigned_abs(),
                starts_at: row.starts_at,
                ends_at: row.ends_at,
            },
            standing,
            promised: row.promised.unsigned_abs(),
            trouble: row.trouble.zip(row.troubled_at),
            version: row.version,
        }
    }
}

macro_rules! gifts {
    ($which:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT g.id AS "id: GiftId", g.name, g.coupon_id AS "coupon: CouponId", g.total, g.promised, g.starts_at,
                 g.ends_at, g.paused_at, g.ended_at, g.trouble, g.troubled_at, g.version
             FROM repost_gifts g "# + $which
            $(, $arg)*
        )
    };
}

/// All of them, the latest first.
pub async fn all(conn: &mut PgConnection) -> sqlx::Result<Vec<Gift>> {
    let rows = gifts!("ORDER BY g.id DESC LIMIT 200").fetch_all(conn).await?;
    Ok(rows.into_iter().map(Gift::from).collect())
}

pub async fn find(conn: &mut PgConnection, id: GiftId) -> sqlx::Result<Option<Gift>> {
    Ok(gifts!("WHERE g.id = $1", id.0).fetch_optional(conn).await?.map(Gift::from))
}

/// What this customer would be promised for reposting this order now: by the first campaign that has one for her, of
/// a coupon that is there for her as long as she may have to wait, whoever else waits for it.
pub async fn offered(
    conn: &mut PgConnection,
    customer: CustomerId,
    order: OrderId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Gift>> {
    let row = gifts!(
        "JOIN coupons c ON c.id = g.coupon_id
         WHERE g.ended_at IS NULL AND g.paused_at IS NULL AND g.trouble IS NULL AND g.starts_at <= $3 AND g.ends_at > $3
             AND g.promised < g.total
             AND c.ended_at IS NULL AND c.paused_at IS NULL AND c.given_from <= $3 AND c.given_until > $6
             AND c.given + (SELECT count(*) FROM repost_gift_claims w WHERE w.coupon_id = c.id AND w.state = 'waiting')
                 < c.total
             AND (SELECT count(*) FROM coupons_given h WHERE h.coupon_id = c.id AND h.customer_id = $1)
                 + (SELECT count(*) FROM repost_gift_claims w WHERE w.coupon_id = c.id AND w.state = 'waiting'
                     AND w.customer_id = $1) < c.each
             AND NOT EXISTS (SELECT FROM repost_gift_claims o
                 WHERE (o.gift_id = g.id AND o.customer_id = $1) OR o.order_id = $2)
             AND (SELECT count(*) FROM repost_gift_claims d WHERE d.customer_id = $1 AND d.claimed_at > $4) < $5
         ORDER BY g.id LIMIT 1",
        customer.0,
        order.0,
        now,
        now - DAY,
        MOST_A_DAY,
        now + WAITED_FOR
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Gift::from))
}

struct ClaimRow {
    id: ClaimId,
    gift: GiftId,
    coupon: CouponId,
    customer: CustomerId,
    order: OrderId,
    status_id: Option<i64>,
    claimed_at: OffsetDateTime,
    missing_at: Option<OffsetDateTime>,
    state: String,
    given: Option<GivenId>,
    issued_at: Option<OffsetDateTime>,
}

impl TryFrom<ClaimRow> for Claim {
    type Error = anyhow::Error;

    fn try_from(row: ClaimRow) -> anyhow::Result<Claim> {
        let state = match (row.state.as_str(), row.given.zip(row.issued_at)) {
            ("waiting", None) => ClaimState::Waiting,
            ("issued", Some((given, at))) => ClaimState::Issued { given, at },
            ("unseen", None) => ClaimState::Unseen,
            ("missed", None) => ClaimState::Missed,
            ("had", None) => ClaimState::Had,
            ("taken_back", Some(_)) => ClaimState::TakenBack,
            (state, _) => bail!("claim {} is inconsistent in state {state:?}", row.id.0),
        };
        Ok(Claim {
            id: row.id,
            gift: row.gift,
            coupon: row.coupon,
            customer: row.customer,
            order: row.order,
            status_id: row.status_id,
            claimed_at: row.claimed_at,
            missing_at: row.missing_at,
            state,
        })
    }
}

macro_rules! claims {
    ($which:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            ClaimRow,
            r#"SELECT c.id AS "id: ClaimId", c.gift_id AS "gift: GiftId", c.coupon_id AS "coupon: CouponId",
                 c.customer_id AS "customer: CustomerId", c.order_id AS "order: OrderId", r.status_id, c.claimed_at,
                 c.missing_at, c.state, c.given_id AS "given: GivenId", c.issued_at
             FROM repost_gift_claims c JOIN reposts r ON r.order_id = c.order_id "#
                + $which
            $(, $arg)*
        )
    };
}

pub async fn find_claim(conn: &mut PgConnection, id: ClaimId) -> anyhow::Result<Option<Claim>> {
    claims!("WHERE c.id = $1", id.0).fetch_optional(conn).await?.map(Claim::try_from).transpose()
}

/// What was promised for the repost of this order.
pub async fn of_order(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Claim>> {
    claims!("WHERE c.order_id = $1", order.0).fetch_optional(conn).await?.map(Claim::try_from).transpose()
}

/// What each of these has done; those of which nobody wanted anything are left out.
pub async fn reaped(conn: &mut PgConnection, ids: &[GiftId]) -> sqlx::Result<BTreeMap<GiftId, Reaped>> {
    let rows = sqlx::query!(
        r#"SELECT c.gift_id AS "id: GiftId", count(*) AS "asked!",
             count(*) FILTER (WHERE c.state = 'waiting') AS "waiting!",
             count(*) FILTER (WHERE c.state = 'issued') AS "issued!",
             count(*) FILTER (WHERE c.state = 'issued' AND v.state = 'used') AS "used!",
             count(*) FILTER (WHERE c.state = 'taken_back') AS "taken_back!",
             count(*) FILTER (WHERE c.state IN ('unseen', 'missed', 'had')) AS "nothing!",
             coalesce(sum((SELECT count(*) FROM short_links l JOIN order_origins g ON g.code = l.code
                     JOIN orders b ON b.id = g.order_id
                 WHERE l.source = 'repost' AND l.source_id = c.order_id AND b.payment = 'paid'
                     AND b.back_fen < b.total_fen)), 0)::bigint AS "brought!"
           FROM repost_gift_claims c LEFT JOIN coupons_given v ON v.id = c.given_id
           WHERE c.gift_id = ANY($1) GROUP BY c.gift_id"#,
        ids as &[GiftId]
    )
    .fetch_all(conn)
    .await?;
    let reaped = rows.into_iter().map(|row| {
        let reaped = Reaped {
            asked: row.asked,
            waiting: row.waiting,
            issued: row.issued,
            used: row.used,
            taken_back: row.taken_back,
            nothing: row.nothing,
            brought: row.brought,
        };
        (row.id, reaped)
    });
    Ok(reaped.collect())
}
