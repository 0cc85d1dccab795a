//! Everything that was compared, as a table for the accountant.

use super::found;
use crate::reconciliation::{self, Reconciliation, Row, RowId};
use crate::staff::permission::MoveMoney;
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Staff};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data};
use futures_util::stream;

/// The names of the columns, in their order.
const HEADER: [&str; 13] = [
    "books-order",
    "books-kind",
    "books-our-number",
    "books-weibo-number",
    "books-our-amount",
    "books-weibo-amount",
    "books-our-state",
    "books-weibo-state",
    "books-result",
    "books-advice",
    "books-seen",
    "books-when",
    "books-line",
];

/// `GET /admin/money/reconciliations/{id}/file`
pub async fn show(staff: Staff<MoveMoney>, id: Path<i64>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let run = found(&shop, *id).await?;
    let words = Words(staff.language);
    let name = file_name(&run);
    let parts = stream::unfold(Some(None), move |after| {
        let shop = shop.clone();
        async move {
            let part = part(&shop, run.id, after?, words).await;
            let next = part.as_ref().ok().and_then(|(_, next)| *next);
            Some((part.map(|(bytes, _)| Bytes::from(bytes)), next.map(Some)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(parts))
}

/// `weipu-reconciliation-2026-11-20-7.csv`
fn file_name(run: &Reconciliation) -> String {
    let day = run.days.map_or(String::new(), |(from, _)| format!("{from}-"));
    format!("weipu-reconciliation-{day}{}.csv", run.id.0)
}

async fn part(
    shop: &Shop,
    id: reconciliation::ReconciliationId,
    after: Option<RowId>,
    words: Words,
) -> Result<(Vec<u8>, Option<RowId>), Error> {
    let of = move |row: &Row| in_words(words, row);
    let header = HEADER.map(|key| words.say(key)).into();
    Ok(reconciliation::part(&shop.db, id, after, &reconciliation::Words { header, of: &of }).await?)
}

fn in_words(words: Words, row: &Row) -> [String; 7] {
    let word = |prefix: &str, name: &str| {
        if name.is_empty() { String::new() } else { words.say(&format!("word-{prefix}-{name}")) }
    };
    let difference = row.difference.map_or("", |difference| difference.name());
    let result = if difference.is_empty() { words.say("books-agree") } else { word("differs", difference) };
    let advice = match row.why.as_str() {
        "" => word("advice", difference),
        why => word("unreadable", why),
    };
    let seen = match (row.difference, row.resolved_at) {
        (None, _) => String::new(),
        (Some(_), Some(_)) => words.say("books-resolved"),
        (Some(_), None) => words.say("books-open"),
    };
    [
        word("books", &row.subject),
        word("books", &row.ours_state),
        word("books", &row.theirs_state),
        result,
        advice,
        seen,
        row.compared_at.map(shop_time).unwrap_or_default(),
    ]
}
