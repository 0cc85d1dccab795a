//! How posts are kept.

use super::post::{Held, Post, PostId, State};
use super::{Sending, Wanted};
use crate::actor::Actor;
use crate::catalog::ProductId;
use crate::db::Tx;
use anyhow::{Context, bail};
use sqlx::PgConnection;
use std::net::IpAddr;
use time::OffsetDateTime;
use uuid::Uuid;

struct Row {
    id: PostId,
    product_id: Option<ProductId>,
    code: Option<String>,
    text: String,
    state: String,
    version: i32,
    due_at: Option<OffsetDateTime>,
    asked_at: Option<OffsetDateTime>,
    weibo_uid: Option<i64>,
    meant_uid: Option<i64>,
    doubted: bool,
    status_typed: bool,
    status_id: Option<i64>,
    trouble: String,
    made_at: OffsetDateTime,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
}

impl TryFrom<Row> for Post {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Post> {
        let state = match (row.state.as_str(), row.due_at) {
            ("draft", _) => State::Draft,
            ("scheduled", Some(at)) => State::Scheduled { at },
            ("held", _) => State::Held { why: Held::parse(&row.trouble).context("held for no reason")? },
            ("sending", _) => State::Sending,
            ("done", _) => State::Done { status_id: row.status_id },
            ("accepted", _) => State::Accepted,
            ("refused", _) => State::Refused { code: row.trouble },
            ("unknown", _) => State::Unknown,
            ("discarded", _) => State::Discarded,
            (state, _) => bail!("post {:?} is inconsistent in state {state:?}", row.id),
        };
        Ok(Post {
            id: row.id,
            product: row.product_id,
            code: row.code.unwrap_or_default(),
            text: row.text,
            state,
            version: row.version,
            made_at: row.made_at,
            by: Actor::from_columns(&row.actor, row.staff_id, row.staff_name),
            asked_at: row.asked_at,
            uid: row.weibo_uid,
            meant: row.meant_uid,
            doubted: row.doubted,
            status_typed: row.status_typed,
        })
    }
}

pub async fn find(conn: &mut PgConnection, id: PostId) -> anyhow::Result<Option<Post>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: PostId", product_id AS "product_id: ProductId", code, text, state, version, due_at, asked_at,
             weibo_uid, meant_uid, doubted, status_typed, status_id, trouble, made_at, actor, staff_id, staff_name
         FROM posts WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Post::try_from).transpose()
}

/// The same, nobody else's until the end of the transaction.
pub async fn lock(tx: &mut Tx, id: PostId) -> anyhow::Result<Option<Post>> {
    sqlx::query!("SELECT id FROM posts WHERE id = $1 FOR UPDATE", id.0).fetch_optional(&mut **tx).await?;
    find(tx, id).await
}

/// At most so many before one, the latest first; with `waiting` of those alone that wait for a person.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<PostId>,
    waiting: bool,
    most: i64,
) -> anyhow::Result<Vec<Post>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: PostId", product_id AS "product_id: ProductId", code, text, state, version, due_at, asked_at,
             weibo_uid, meant_uid, doubted, status_typed, status_id, trouble, made_at, actor, staff_id, staff_name
         FROM posts WHERE id < $1 AND (NOT $2 OR state IN ('held', 'refused', 'unknown')) ORDER BY id DESC LIMIT $3"#,
        before.map_or(i64::MAX, |before| before.0),
        waiting,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Post::try_from).collect()
}

/// Those about a product that were not put away, the latest first.
pub async fn of_product(conn: &mut PgConnection, product: ProductId, most: i64) -> anyhow::Result<Vec<Post>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: PostId", product_id AS "product_id: ProductId", code, text, state, version, due_at, asked_at,
             weibo_uid, meant_uid, doubted, status_typed, status_id, trouble, made_at, actor, staff_id, staff_name
         FROM posts WHERE product_id = $1 AND state <> 'discarded' ORDER BY id DESC LIMIT $2"#,
        product as ProductId,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Post::try_from).collect()
}

/// How many wait for a person.
pub async fn for_a_person(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM posts WHERE state IN ('held', 'refused', 'unknown')"#
    )
    .fetch_one(conn)
    .await
}

/// The same form sent again finds what it made.
pub async fn insert(
    tx: &mut Tx,
    form: Uuid,
    wanted: Wanted<'_>,
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<(PostId, bool)> {
    let made = sqlx::query_scalar!(
        r#"INSERT INTO posts (form_key, product_id, text, made_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT posts_form_once DO NOTHING
         RETURNING id AS "id: PostId""#,
        form,
        wanted.product.map(|(id, _)| id.0),
        wanted.text,
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
    let made = sqlx::query_scalar!(r#"SELECT id AS "id: PostId" FROM posts WHERE form_key = $1"#, form);
    Ok((made.fetch_one(&mut **tx).await?, false))
}

pub async fn put_code(tx: &mut Tx, id: PostId, code: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE posts SET code = $2 WHERE id = $1", id.0, code).execute(&mut **tx).await?;
    Ok(())
}

/// Other words: it is a draft again.
pub async fn rewrite(tx: &mut Tx, id: PostId, text: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE posts SET text = $2, state = 'draft', trouble = '', version = version + 1 WHERE id = $1",
        id.0,
        text
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// It shall go at this time, as `sending` says; with `doubted` although it may have gone before.
pub async fn schedule(
    tx: &mut Tx,
    id: PostId,
    at: OffsetDateTime,
    sending: Sending,
    doubted: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE posts SET state = 'scheduled', due_at = $2, ip = $3, meant_uid = $4, doubted = doubted OR $5,
             trouble = '', version = version + 1
         WHERE id = $1",
        id.0,
        at,
        sending.ip.to_canonical().to_string(),
        sending.uid,
        doubted
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Weibo is about to be asked, in this account's name. Gives which time that is, and from where it is sent.
pub async fn begin(tx: &mut Tx, id: PostId, uid: i64, now: OffsetDateTime) -> anyhow::Result<(i32, IpAddr)> {
    let row = sqlx::query!(
        "UPDATE posts SET state = 'sending', asked_at = $2, weibo_uid = $3, attempt = attempt + 1, version = version + 1
         WHERE id = $1 RETURNING attempt, ip",
        id.0,
        now,
        uid
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.attempt, row.ip.parse().context("a post from nowhere")?))
}

/// It surely did not go.
pub async fn put_back(tx: &mut Tx, (id, attempt): (PostId, i32)) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE posts SET state = 'scheduled', version = version + 1
         WHERE id = $1 AND attempt = $2 AND state = 'sending'",
        id.0,
        attempt
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What came of this time of asking, also where it was called unknown meanwhile.
pub async fn end(tx: &mut Tx, (id, attempt): (PostId, i32), state: &State) -> sqlx::Result<()> {
    let (status_id, trouble) = columns(state);
    sqlx::query!(
        "UPDATE posts SET state = $3, status_id = $4, trouble = $5, ip = '', version = version + 1
         WHERE id = $1 AND attempt = $2 AND (state = 'sending' OR (state = 'unknown' AND $3 <> 'unknown'))",
        id.0,
        attempt,
        state.name(),
        status_id,
        trouble
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down a state in which nobody is asked: an id in it is from a person.
pub async fn save_state(tx: &mut Tx, id: PostId, state: &State) -> sqlx::Result<()> {
    let (status_id, trouble) = columns(state);
    sqlx::query!(
        "UPDATE posts SET state = $2, status_id = $3, status_typed = $3::bigint IS NOT NULL, trouble = $4, ip = '',
             version = version + 1
         WHERE id = $1",
        id.0,
        state.name(),
        status_id,
        trouble
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn columns(state: &State) -> (Option<i64>, &str) {
    match state {
        State::Done { status_id } => (*status_id, ""),
        State::Held { why } => (None, why.name()),
        State::Refused { code } => (None, code),
        _ => (None, ""),
    }
}
