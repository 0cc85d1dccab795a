//! What was proposed and paid to partners.

use crate::actor::Actor;
use crate::db::Tx;
use crate::money::Money;
use crate::partners::{Paid, PartnerId, Payout, PayoutId, State};
use anyhow::bail;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// The payout that this form has proposed, and to whom.
pub async fn by_form(tx: &mut Tx, form: Uuid) -> sqlx::Result<Option<(PayoutId, PartnerId)>> {
    let row = sqlx::query!(
        r#"SELECT id AS "id: PayoutId", partner_id AS "partner: PartnerId" FROM partner_payouts WHERE form_key = $1"#,
        form
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.id, row.partner)))
}

/// All that is entered up to now; the partner's row is held.
pub async fn insert(
    tx: &mut Tx,
    (partner, form): (PartnerId, Uuid),
    amount: Money,
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<PayoutId> {
    sqlx::query_scalar!(
        r#"INSERT INTO partner_payouts (partner_id, form_key, through_entry, amount_fen, proposed_at, actor, staff_id,
             staff_name)
         SELECT $1, $2, max(id), $3, $4, $5, $6, $7 FROM commission_entries WHERE partner_id = $1
         RETURNING id AS "id: PayoutId""#,
        partner.0,
        form,
        amount.fen(),
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .fetch_one(&mut **tx)
    .await
}

pub async fn pay(
    tx: &mut Tx,
    id: PayoutId,
    how: &Paid,
    (staff, name): (i64, &str),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE partner_payouts SET state = 'paid', paid_on = $2, reference = $3, note = $4, ended_at = $5,
             ended_id = $6, ended_name = $7
         WHERE id = $1",
        id.0,
        how.on,
        how.reference,
        how.note,
        now,
        staff,
        name
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn cancel(
    tx: &mut Tx,
    id: PayoutId,
    (staff, name): (i64, &str),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE partner_payouts SET state = 'cancelled', ended_at = $2, ended_id = $3, ended_name = $4 WHERE id = $1",
        id.0,
        now,
        staff,
        name
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

struct Row {
    id: PayoutId,
    partner: PartnerId,
    amount: Money,
    state: String,
    proposed_at: OffsetDateTime,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
    ended_at: Option<OffsetDateTime>,
    ended_name: Option<String>,
    paid_on: Option<Date>,
    reference: String,
    note: String,
}

impl Row {
    fn payout(self) -> anyhow::Result<Payout> {
        let by = self.ended_name.unwrap_or_default();
        let state = match (self.state.as_str(), self.ended_at, self.paid_on) {
            ("proposed", None, None) => State::Proposed,
            ("paid", Some(at), Some(on)) => {
                let how = Paid { on, reference: self.reference, note: self.note };
                State::Paid { how, at, by }
            }
            ("cancelled", Some(at), None) => State::Cancelled { at, by },
            (state, ..) => bail!("payout {} is inconsistent in {state:?}", self.id.0),
        };
        Ok(Payout {
            id: self.id,
            partner: self.partner,
            amount: self.amount,
            proposed_at: self.proposed_at,
            proposed_by: Actor::from_columns(&self.actor, self.staff_id, self.staff_name),
            state,
        })
    }
}

/// This one, if it is hers.
pub async fn find(
    conn: &mut PgConnection,
    partner: PartnerId,
    id: PayoutId,
) -> anyhow::Result<Option<Payout>> {
    Ok(read(conn, partner, (Some(id.0), None)).await?.pop())
}

/// The last hundred, the latest first.
pub async fn latest(conn: &mut PgConnection, partner: PartnerId) -> anyhow::Result<Vec<Payout>> {
    read(conn, partner, (None, None)).await
}

/// Those that were written down as paid from one instant up to another.
pub async fn within(
    conn: &mut PgConnection,
    partner: PartnerId,
    span: (OffsetDateTime, OffsetDateTime),
) -> anyhow::Result<Vec<Payout>> {
    read(conn, partner, (None, Some(span))).await
}

async fn read(
    conn: &mut PgConnection,
    partner: PartnerId,
    (id, span): (Option<i64>, Option<(OffsetDateTime, OffsetDateTime)>),
) -> anyhow::Result<Vec<Payout>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: PayoutId", partner_id AS "partner: PartnerId", amount_fen AS "amount: Money", state,
             proposed_at, actor, staff_id, staff_name, ended_at, ended_name, paid_on, reference, note
         FROM partner_payouts
         WHERE partner_id = $1 AND ($2::bigint IS NULL OR id = $2)
             AND ($3::timestamptz IS NULL OR (state = 'paid' AND ended_at >= $3 AND ended_at < $4))
         ORDER BY id DESC LIMIT CASE WHEN $3::timestamptz IS NULL THEN 100 END"#,
        partner.0,
        id,
        span.map(|(from, _)| from),
        span.map(|(_, until)| until)
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::payout).collect()
}
