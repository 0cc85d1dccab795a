//! How the switches of the messages are kept.

use super::one;
use crate::db::Tx;
use crate::settings::{Messages, Profile, Stale};
use crate::text::Text;
use sqlx::PgConnection;

/// Of what buyers are told at this moment, and how often that was saved.
pub async fn messages(conn: &mut PgConnection) -> sqlx::Result<(Messages, i64)> {
    let row = sqlx::query!(
        "SELECT tell_paid, tell_late, tell_shipped, tell_received, tell_refunded, tell_restock, tell_price,
             messages_version
         FROM shop"
    )
    .fetch_one(conn)
    .await?;
    let messages = Messages {
        paid: row.tell_paid,
        late: row.tell_late,
        shipped: row.tell_shipped,
        received: row.tell_received,
        refunded: row.tell_refunded,
        restock: row.tell_restock,
        price: row.tell_price,
    };
    Ok((messages, row.messages_version))
}

/// Saves the switches over those of `version`.
pub async fn save_messages(tx: &mut Tx, new: Messages, version: i64) -> sqlx::Result<Result<(), Stale>> {
    let saved = sqlx::query!(
        "UPDATE shop SET tell_paid = $2, tell_late = $3, tell_shipped = $4, tell_refunded = $5,
             tell_restock = $6, tell_price = $7, tell_received = $8, messages_version = messages_version + 1
         WHERE messages_version = $1",
        version,
        new.paid,
        new.late,
        new.shipped,
        new.refunded,
        new.restock,
        new.price,
        new.received
    )
    .execute(&mut **tx)
    .await?;
    Ok(one(saved.rows_affected()))
}

/// The name that buyers know the shop by.
pub async fn shop_name(conn: &mut PgConnection) -> sqlx::Result<Text> {
    let row = sqlx::query!("SELECT name_zh, name_en FROM shop").fetch_one(conn).await?;
    let named = Profile { name: Text { zh: row.name_zh, en: row.name_en }, ..Profile::default() };
    Ok(named.shop_name())
}
