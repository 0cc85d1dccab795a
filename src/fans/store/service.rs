//! How it is kept how the fans service is bound, and how it behaves.

use crate::db::Tx;
use crate::fans::service::{FormatState, Service, Trouble};
use crate::settings::Stale;
use crate::weibo::messages::Format;
use anyhow::Context;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

pub async fn read(conn: &mut PgConnection) -> anyhow::Result<Service> {
    let row = sqlx::query!(
        "SELECT version, rules_version, most_age_seconds, idle_minutes, format, format_state, format_at, bound_at,
             stranger, stranger_at, trouble, trouble_at FROM fans_service"
    )
    .fetch_one(conn)
    .await?;
    let trouble = row.trouble.as_deref().map(|name| Trouble::parse(name).context("an unknown trouble"));
    Ok(Service {
        version: row.version,
        rules_version: row.rules_version,
        most_age: row.most_age_seconds.map(|seconds| Duration::seconds(seconds.into())),
        idle: Duration::minutes(row.idle_minutes.into()),
        format: Format::of(&row.format).context("an unknown format")?,
        format_state: match (row.format_state.as_str(), row.format_at) {
            ("set", Some(at)) => FormatState::Set { at },
            ("unknown", Some(at)) => FormatState::Unknown { at },
            _ => FormatState::Default,
        },
        bound_at: row.bound_at,
        stranger: row.stranger.zip(row.stranger_at),
        trouble: trouble.transpose()?.zip(row.trouble_at),
    })
}

/// When the last push came; the sweep leaves that one.
pub async fn last_heard(conn: &mut PgConnection) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!("SELECT received_at FROM fan_packets ORDER BY received_at DESC LIMIT 1")
        .fetch_optional(conn)
        .await
}

/// Saves the window of time and the idle time over those of `version`.
pub async fn save(
    tx: &mut Tx,
    most_age: Option<Duration>,
    idle: Duration,
    version: i64,
) -> sqlx::Result<Result<(), Stale>> {
    let number = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let saved = sqlx::query!(
        "UPDATE fans_service SET most_age_seconds = $2, idle_minutes = $3, version = version + 1 WHERE version = $1",
        version,
        most_age.map(|age| number(age.whole_seconds())),
        number(idle.whole_minutes())
    )
    .execute(&mut **tx)
    .await?;
    Ok(if saved.rows_affected() == 1 { Ok(()) } else { Err(Stale) })
}

/// What Weibo was asked to push in, and whether it said that it does.
pub async fn set_format(tx: &mut Tx, format: Format, known: bool, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fans_service SET format = $1, format_state = $2, format_at = $3",
        format.name(),
        if known { "set" } else { "unknown" },
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// As it was before it was asked for.
pub async fn put_format(tx: &mut Tx, before: &Service) -> sqlx::Result<()> {
    let (state, at) = match before.format_state {
        FormatState::Default => ("default", None),
        FormatState::Set { at } => ("set", Some(at)),
        FormatState::Unknown { at } => ("unknown", Some(at)),
    };
    sqlx::query!(
        "UPDATE fans_service SET format = $1, format_state = $2, format_at = $3",
        before.format.name(),
        state,
        at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn bound(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fans_service SET bound_at = $1", now).execute(conn).await?;
    Ok(())
}

pub async fn met_stranger(tx: &mut Tx, account: i64, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fans_service SET stranger = $1, stranger_at = $2", account, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Nothing can be sent for this reason; nothing: it can again. What was known already stays as old as it is.
pub async fn trouble(
    conn: &mut PgConnection,
    what: Option<Trouble>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let name = what.map(Trouble::name);
    sqlx::query!(
        "UPDATE fans_service SET trouble = $1, trouble_at = CASE WHEN $1::text IS NULL THEN NULL ELSE $2::timestamptz END
         WHERE trouble IS DISTINCT FROM $1",
        name,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Nothing is known to keep messages from going any more. Gives the name of what did; of two at once to one.
pub async fn forget_trouble(tx: &mut Tx) -> sqlx::Result<Option<String>> {
    let known =
        sqlx::query_scalar!("SELECT trouble FROM fans_service FOR UPDATE").fetch_one(&mut **tx).await?;
    sqlx::query!("UPDATE fans_service SET trouble = NULL, trouble_at = NULL WHERE trouble IS NOT NULL")
        .execute(&mut **tx)
        .await?;
    Ok(known)
}
