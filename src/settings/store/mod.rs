//! How the settings are kept: one row of `shop`, and Weibo's keys.

pub mod cards;
pub mod keys;
pub mod messages;
pub mod sign_in;

use super::current::Versions;
use super::{Cards, Delivery, Freight, Profile, Returns, Stale};
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use sqlx::PgConnection;
use time::Duration;

/// The shop's row.
pub struct Row {
    pub profile: Profile,
    pub delivery: Delivery,
    pub cards: Cards,
    pub versions: Versions,
}

pub async fn read(conn: &mut PgConnection, order_expiry: Duration) -> sqlx::Result<Row> {
    let row = sqlx::query!(
        r#"SELECT name_zh, name_en, logo, slogan_zh, slogan_en, announcement_zh, announcement_en, promises_zh,
             promises_en, about_zh, about_en, phone, weibo_name, wechat, return_address, icp, profile_version,
             freight_fen AS "fee: Money", free_from_fen AS "free_from: Money", expiry_minutes,
             most_per_order, most_unpaid, low_stock, delivery_version, weibo_version,
             refund_itself_fen AS "by_itself: Money", reopen_hours, receive_days,
             card_price_field, card_verification, origin_days, cards_version
         FROM shop"#
    )
    .fetch_one(conn)
    .await?;
    Ok(Row {
        profile: Profile {
            name: Text { zh: row.name_zh, en: row.name_en },
            logo: row.logo,
            slogan: Text { zh: row.slogan_zh, en: row.slogan_en },
            announcement: Text { zh: row.announcement_zh, en: row.announcement_en },
            promises: Text { zh: row.promises_zh, en: row.promises_en },
            about: Text { zh: row.about_zh, en: row.about_en },
            phone: row.phone,
            weibo_name: row.weibo_name,
            wechat: row.wechat,
            return_address: row.return_address,
            icp: row.icp,
        },
        delivery: Delivery {
            freight: Freight { fee: row.fee, free_from: row.free_from },
            order_expiry: row.expiry_minutes.map_or(order_expiry, |m| Duration::minutes(i64::from(m))),
            receive_after: Duration::days(i64::from(row.receive_days)),
            most_per_order: row.most_per_order.unsigned_abs(),
            most_unpaid: row.most_unpaid.unsigned_abs(),
            low_stock: row.low_stock.unsigned_abs(),
            returns: Returns {
                by_itself: row.by_itself,
                reopen_within: Duration::hours(i64::from(row.reopen_hours)),
            },
        },
        cards: Cards {
            price_field: row.card_price_field,
            verification: row.card_verification,
            origin_days: row.origin_days.unsigned_abs(),
        },
        versions: Versions {
            profile: row.profile_version,
            delivery: row.delivery_version,
            weibo: row.weibo_version,
            cards: row.cards_version,
        },
    })
}

/// What holds at this moment: where money is concerned nothing older counts.
pub async fn returns(conn: &mut PgConnection) -> sqlx::Result<Returns> {
    let row = sqlx::query!(r#"SELECT refund_itself_fen AS "by_itself: Money", reopen_hours FROM shop"#)
        .fetch_one(conn)
        .await?;
    Ok(Returns { by_itself: row.by_itself, reopen_within: Duration::hours(i64::from(row.reopen_hours)) })
}

/// Whether somebody has named the shop.
pub async fn is_named(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let name = sqlx::query_scalar!("SELECT name_zh FROM shop").fetch_one(conn).await?;
    Ok(!name.is_empty())
}

/// Presents a shop that nobody has named yet. False when it has a name; then nothing changes.
pub async fn introduce(tx: &mut Tx, profile: &Profile) -> sqlx::Result<bool> {
    let unnamed = sqlx::query_scalar!("SELECT profile_version FROM shop WHERE name_zh = '' FOR UPDATE")
        .fetch_optional(&mut **tx)
        .await?;
    match unnamed {
        Some(version) => Ok(save_profile(tx, profile, version).await?.is_ok()),
        None => Ok(false),
    }
}

/// Saves the profile over the one of `version`.
pub async fn save_profile(tx: &mut Tx, new: &Profile, version: i64) -> sqlx::Result<Result<(), Stale>> {
    let saved = sqlx::query!(
        "UPDATE shop SET name_zh = $2, name_en = $3, logo = $4, slogan_zh = $5, slogan_en = $6,
             announcement_zh = $7, announcement_en = $8, promises_zh = $9, promises_en = $10, about_zh = $11,
             about_en = $12, phone = $13, weibo_name = $14, wechat = $15, return_address = $16, icp = $17,
             profile_version = profile_version + 1
         WHERE profile_version = $1",
        version,
        new.name.zh,
        new.name.en,
        new.logo,
        new.slogan.zh,
        new.slogan.en,
        new.announcement.zh,
        new.announcement.en,
        new.promises.zh,
        new.promises.en,
        new.about.zh,
        new.about.en,
        new.phone,
        new.weibo_name,
        new.wechat,
        new.return_address,
        new.icp
    )
    .execute(&mut **tx)
    .await?;
    Ok(one(saved.rows_affected()))
}

/// Puts up a logo, or takes it down, and returns the name of the one before.
pub async fn save_logo(tx: &mut Tx, logo: Option<&str>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "UPDATE shop SET logo = $1, profile_version = shop.profile_version + 1
         FROM (SELECT logo FROM shop FOR UPDATE) before RETURNING before.logo",
        logo
    )
    .fetch_one(&mut **tx)
    .await
}

/// Saves freight and times over those of `version`.
pub async fn save_delivery(tx: &mut Tx, new: &Delivery, version: i64) -> sqlx::Result<Result<(), Stale>> {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let saved = sqlx::query!(
        "UPDATE shop SET freight_fen = $2, free_from_fen = $3, expiry_minutes = $4,
             most_per_order = $5, most_unpaid = $6, low_stock = $7, refund_itself_fen = $8, reopen_hours = $9,
             receive_days = $10,
             delivery_version = delivery_version + 1
         WHERE delivery_version = $1",
        version,
        new.freight.fee.fen(),
        new.freight.free_from.map(Money::fen),
        i32::try_from(new.expiry_minutes()).unwrap_or(i32::MAX),
        count(new.most_per_order),
        count(new.most_unpaid),
        count(new.low_stock),
        new.returns.by_itself.fen(),
        i32::try_from(new.returns.reopen_within.whole_hours()).unwrap_or(i32::MAX),
        i32::try_from(new.receive_after.whole_days()).unwrap_or(i32::MAX)
    )
    .execute(&mut **tx)
    .await?;
    Ok(one(saved.rows_affected()))
}

fn one(rows: u64) -> Result<(), Stale> {
    if rows == 1 { Ok(()) } else { Err(Stale) }
}
