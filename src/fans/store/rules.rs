//! How rules are kept. Whoever changes one holds the version of all of them until the transaction ends.

use crate::db::Tx;
use crate::fans::rules::{MOST_RULES, Rule, RuleId};
use crate::settings::Stale;
use anyhow::Context;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A rule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: RuleId,
    pub rule: Rule,
    /// Rises with every edit.
    pub version: i32,
}

/// Where a rule goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Up,
    Down,
}

#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    #[error("there are as many rules as there may be")]
    TooMany,
    #[error("no such rule")]
    Gone,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for RuleError {
    fn from(error: sqlx::Error) -> RuleError {
        RuleError::Unexpected(error.into())
    }
}

struct Row {
    id: RuleId,
    name: String,
    is_on: bool,
    cause: Value,
    hours: Option<Value>,
    answer: Value,
    begins_at: Option<OffsetDateTime>,
    ends_at: Option<OffsetDateTime>,
    goes_on: bool,
    version: i32,
}

impl TryFrom<Row> for Kept {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Kept> {
        let unknown = || format!("rule {} is not known", row.id.0);
        let rule = Rule {
            name: row.name,
            is_on: row.is_on,
            cause: serde_json::from_value(row.cause).with_context(unknown)?,
            hours: row.hours.map(serde_json::from_value).transpose().with_context(unknown)?,
            answer: serde_json::from_value(row.answer).with_context(unknown)?,
            begins_at: row.begins_at,
            ends_at: row.ends_at,
            goes_on: row.goes_on,
        };
        Ok(Kept { id: row.id, rule, version: row.version })
    }
}

/// All rules in their order.
pub async fn all(conn: &mut PgConnection) -> anyhow::Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: RuleId", name, is_on, cause, hours, answer, begins_at, ends_at, goes_on, version
         FROM fan_rules ORDER BY place"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Kept::try_from).collect()
}

pub async fn find(conn: &mut PgConnection, id: RuleId) -> anyhow::Result<Option<Kept>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: RuleId", name, is_on, cause, hours, answer, begins_at, ends_at, goes_on, version
         FROM fan_rules WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Kept::try_from).transpose()
}

/// Every process reads the rules anew; nobody else changes them until the transaction ends.
async fn next_version(tx: &mut Tx) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fans_service SET rules_version = rules_version + 1").execute(&mut **tx).await?;
    Ok(())
}

/// A new rule, behind all others.
pub async fn add(tx: &mut Tx, rule: &Rule) -> Result<RuleId, RuleError> {
    next_version(tx).await?;
    let there =
        sqlx::query_scalar!(r#"SELECT count(*) AS "there!" FROM fan_rules"#).fetch_one(&mut **tx).await?;
    if there >= i64::try_from(MOST_RULES).unwrap_or(i64::MAX) {
        return Err(RuleError::TooMany);
    }
    let (cause, hours, answer) = columns(rule)?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO fan_rules (place, name, is_on, cause, hours, answer, begins_at, ends_at, goes_on)
         VALUES ((SELECT coalesce(max(place), 0) + 1 FROM fan_rules), $1, $2, $3, $4, $5, $6, $7, $8)
         RETURNING id AS "id: RuleId""#,
        rule.name,
        rule.is_on,
        cause,
        hours,
        answer,
        rule.begins_at,
        rule.ends_at,
        rule.goes_on
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// Saves a rule over the one of `version`.
pub async fn change(tx: &mut Tx, id: RuleId, rule: &Rule, version: i32) -> Result<(), RuleError> {
    next_version(tx).await?;
    let (cause, hours, answer) = columns(rule)?;
    let saved = sqlx::query!(
        "UPDATE fan_rules SET name = $3, is_on = $4, cause = $5, hours = $6, answer = $7, begins_at = $8, ends_at = $9,
             goes_on = $10, version = version + 1
         WHERE id = $1 AND version = $2",
        id.0,
        version,
        rule.name,
        rule.is_on,
        cause,
        hours,
        answer,
        rule.begins_at,
        rule.ends_at,
        rule.goes_on
    )
    .execute(&mut **tx)
    .await?;
    changed(tx, id, saved.rows_affected()).await
}

/// Takes a rule away; what it said stays.
pub async fn remove(tx: &mut Tx, id: RuleId, version: i32) -> Result<(), RuleError> {
    next_version(tx).await?;
    let gone = sqlx::query!("DELETE FROM fan_rules WHERE id = $1 AND version = $2", id.0, version)
        .execute(&mut **tx)
        .await?;
    changed(tx, id, gone.rows_affected()).await
}

async fn changed(tx: &mut Tx, id: RuleId, rows: u64) -> Result<(), RuleError> {
    if rows == 1 {
        return Ok(());
    }
    let there = sqlx::query_scalar!("SELECT id FROM fan_rules WHERE id = $1", id.0);
    Err(if there.fetch_optional(&mut **tx).await?.is_some() { Stale.into() } else { RuleError::Gone })
}

/// Changes places with its neighbour; false when it has none there.
pub async fn rearrange(tx: &mut Tx, id: RuleId, to: Place) -> Result<bool, RuleError> {
    next_version(tx).await?;
    let place = sqlx::query_scalar!("SELECT place FROM fan_rules WHERE id = $1", id.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(RuleError::Gone)?;
    let neighbour = sqlx::query!(
        "SELECT id, place FROM fan_rules WHERE CASE WHEN $2 THEN place < $1 ELSE place > $1 END
         ORDER BY CASE WHEN $2 THEN -place ELSE place END LIMIT 1",
        place,
        to == Place::Up
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(neighbour) = neighbour else { return Ok(false) };
    sqlx::query!(
        "UPDATE fan_rules SET place = CASE id WHEN $1 THEN $4::integer ELSE $2::integer END WHERE id IN ($1, $3)",
        id.0,
        place,
        neighbour.id,
        neighbour.place
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

fn columns(rule: &Rule) -> anyhow::Result<(Value, Option<Value>, Value)> {
    let hours = rule.hours.map(serde_json::to_value).transpose()?;
    Ok((serde_json::to_value(&rule.cause)?, hours, serde_json::to_value(&rule.answer)?))
}
