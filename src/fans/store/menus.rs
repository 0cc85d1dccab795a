//! How menus are kept, and what was asked of Weibo about them.

use crate::actor::Actor;
use crate::db::Tx;
use crate::fans::menus::{Busy, ChangeId, ChangeState, LOST_AFTER, MenuChange, MenuId, Version};
use crate::weibo::messages::Menu;
use anyhow::{Context, bail};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A saved menu.
pub async fn save(tx: &mut Tx, menu: &Menu, by: &Actor, now: OffsetDateTime) -> anyhow::Result<MenuId> {
    let (staff, name) = staff(by)?;
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO fan_menus (menu, saved_at, staff_id, staff_name) VALUES ($1, $2, $3, $4)
           RETURNING id AS "id: MenuId""#,
        serde_json::to_value(menu)?,
        now,
        staff,
        name
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn find(conn: &mut PgConnection, id: MenuId) -> anyhow::Result<Option<Version>> {
    let row = sqlx::query!("SELECT menu, saved_at, staff_name FROM fan_menus WHERE id = $1", id.0)
        .fetch_optional(conn)
        .await?;
    row.map(|row| version(id, row.menu, row.saved_at, row.staff_name)).transpose()
}

/// The last so many, the newest first.
pub async fn latest(conn: &mut PgConnection, most: i64) -> anyhow::Result<Vec<Version>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MenuId", menu, saved_at, staff_name FROM fan_menus ORDER BY id DESC LIMIT $1"#,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| version(row.id, row.menu, row.saved_at, row.staff_name)).collect()
}

fn version(
    id: MenuId,
    menu: serde_json::Value,
    saved_at: OffsetDateTime,
    by: String,
) -> anyhow::Result<Version> {
    let menu = serde_json::from_value(menu).with_context(|| format!("menu {} cannot be read", id.0))?;
    Ok(Version { id, menu, saved_at, by })
}

/// A change that will be asked of Weibo, unless another is being asked. One whose call was lost stays unknown.
pub async fn begin(
    tx: &mut Tx,
    menu: Option<MenuId>,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Result<ChangeId, Busy>> {
    let (staff, name) = staff(by)?;
    sqlx::query!("LOCK TABLE fan_menu_changes IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    sqlx::query!(
        "UPDATE fan_menu_changes SET state = 'unknown', ended_at = $1 WHERE state = 'asking' AND asked_at <= $2",
        now,
        now - LOST_AFTER
    )
    .execute(&mut **tx)
    .await?;
    let under_way = sqlx::query!("SELECT id FROM fan_menu_changes WHERE state = 'asking' LIMIT 1")
        .fetch_optional(&mut **tx)
        .await?;
    if under_way.is_some() {
        return Ok(Err(Busy));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO fan_menu_changes (menu, asked_at, staff_id, staff_name, state)
           VALUES ($1, $2, $3, $4, 'asking') RETURNING id AS "id: ChangeId""#,
        menu.map(|menu| menu.0),
        now,
        staff,
        name
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Ok(id))
}

struct Row {
    id: ChangeId,
    menu: Option<MenuId>,
    asked_at: OffsetDateTime,
    staff_name: String,
    state: String,
    ended_at: Option<OffsetDateTime>,
    why: String,
}

impl TryFrom<Row> for MenuChange {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<MenuChange> {
        let state = match (row.state.as_str(), row.ended_at) {
            ("asking", None) => ChangeState::Asking,
            ("done", Some(at)) => ChangeState::Done { at },
            ("refused", Some(at)) => ChangeState::Refused { at, why: row.why },
            ("unknown", Some(at)) => ChangeState::Unknown { at },
            ("missing", Some(at)) => ChangeState::Missing { at },
            (state, _) => bail!("change {} of the menu is in state {state:?}", row.id.0),
        };
        Ok(MenuChange { id: row.id, menu: row.menu, asked_at: row.asked_at, by: row.staff_name, state })
    }
}

pub async fn change(conn: &mut PgConnection, id: ChangeId) -> anyhow::Result<Option<MenuChange>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: ChangeId", menu AS "menu: MenuId", asked_at, staff_name, state, ended_at, why
           FROM fan_menu_changes WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(MenuChange::try_from).transpose()
}

/// The last change there was, and the last that was done: what fans see, as far as it is known.
pub async fn last_changes(
    conn: &mut PgConnection,
) -> anyhow::Result<(Option<MenuChange>, Option<MenuChange>)> {
    let rows = sqlx::query_as!(
        Row,
        r#"(SELECT id AS "id!: ChangeId", menu AS "menu: MenuId", asked_at AS "asked_at!",
             staff_name AS "staff_name!", state AS "state!", ended_at, why AS "why!"
             FROM fan_menu_changes ORDER BY id DESC LIMIT 1)
           UNION
           (SELECT id, menu, asked_at, staff_name, state, ended_at, why
             FROM fan_menu_changes WHERE state = 'done' ORDER BY id DESC LIMIT 1)
           ORDER BY 1 DESC"#
    )
    .fetch_all(conn)
    .await?;
    let changes = rows.into_iter().map(MenuChange::try_from).collect::<anyhow::Result<Vec<_>>>()?;
    let done = changes.iter().find(|change| matches!(change.state, ChangeState::Done { .. })).cloned();
    Ok((changes.into_iter().next(), done))
}

/// Whether it was still in the state that the new one follows.
pub async fn conclude(
    tx: &mut Tx,
    id: ChangeId,
    before: &ChangeState,
    state: &ChangeState,
) -> sqlx::Result<bool> {
    let (at, why) = match state {
        ChangeState::Asking => return Ok(false),
        ChangeState::Done { at } | ChangeState::Unknown { at } | ChangeState::Missing { at } => (at, ""),
        ChangeState::Refused { at, why } => (at, why.as_str()),
    };
    let saved = sqlx::query!(
        "UPDATE fan_menu_changes SET state = $3, ended_at = $4, why = $5 WHERE id = $1 AND state = $2",
        id.0,
        before.name(),
        state.name(),
        at,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(saved.rows_affected() == 1)
}

/// Only people change what fans see.
pub(super) fn staff(by: &Actor) -> anyhow::Result<(i64, &str)> {
    match by {
        Actor::Staff { id, name } => Ok((*id, name)),
        other => bail!("{} is nobody of the staff", other.kind()),
    }
}
