//! How long fans waited, as it is counted.

use crate::fans::desk::{Figures, Of, Row, Standing, Took, Waiting};
use sqlx::PgConnection;
use time::{Date, Duration};

/// Of everything that ended since this day.
pub async fn figures(conn: &mut PgConnection, since: Date) -> sqlx::Result<Figures> {
    let rows = sqlx::query!(
        r#"SELECT kind, ended_on AS "ended_on?", staff_id AS "staff_id?", max(staff_name) AS staff_name, count(*) AS "count!",
             percentile_disc(0.5) WITHIN GROUP (ORDER BY took_seconds) AS "median!",
             percentile_disc(0.9) WITHIN GROUP (ORDER BY took_seconds) AS "p90!"
           FROM desk_turns WHERE ended_on >= $1
           GROUP BY GROUPING SETS ((kind), (kind, ended_on), (kind, staff_id))"#,
        since
    )
    .fetch_all(conn)
    .await?;
    let mut figures = Figures::default();
    for row in rows {
        let of = match (row.ended_on, row.staff_id) {
            (Some(day), _) => Of::Day(day),
            (None, Some(id)) => Of::Person(id, row.staff_name.unwrap_or_default()),
            (None, None) => Of::All,
        };
        let seconds = |seconds: i32| Duration::seconds(seconds.into());
        let took = Took { count: row.count, median: seconds(row.median), p90: seconds(row.p90) };
        let same = |known: &Of| match (known, &of) {
            (Of::Person(a, _), Of::Person(b, _)) => a == b,
            (a, b) => a == b,
        };
        let at = figures.rows.iter().position(|known| same(&known.of)).unwrap_or_else(|| {
            figures.rows.push(Row { of, answers: Took::default(), resolutions: Took::default() });
            figures.rows.len() - 1
        });
        if row.kind == "answer" {
            figures.rows[at].answers = took;
        } else {
            figures.rows[at].resolutions = took;
        }
    }
    Ok(figures)
}

/// How it stands now, nothing counted beyond `most`.
pub async fn standing(conn: &mut PgConnection, most: i64) -> sqlx::Result<Standing> {
    sqlx::query_as!(
        Standing,
        r#"SELECT
             (SELECT count(*) FROM (SELECT FROM conversations WHERE state = 'open' LIMIT $1) AS a) AS "open!",
             (SELECT count(*) FROM (SELECT FROM conversations WHERE state = 'open' AND waiting_since IS NOT NULL
                 LIMIT $1) AS b) AS "waiting!",
             (SELECT count(*) FROM (SELECT FROM conversations WHERE state = 'open' AND unread > 0 LIMIT $1) AS c)
                 AS "unread!",
             (SELECT count(*) FROM (SELECT FROM conversations WHERE state = 'snoozed' LIMIT $1) AS d) AS "snoozed!""#,
        most
    )
    .fetch_one(conn)
    .await
}

/// Who waits for a person, not counted beyond one more than `most`.
pub async fn waiting(conn: &mut PgConnection, most: i64) -> sqlx::Result<Waiting> {
    sqlx::query_as!(
        Waiting,
        r#"SELECT count(*) AS "count!", min(waiting_since) AS since FROM
             (SELECT waiting_since FROM conversations WHERE state = 'open' AND waiting_since IS NOT NULL
              ORDER BY waiting_since LIMIT $1) AS first"#,
        most + 1
    )
    .fetch_one(conn)
    .await
}
