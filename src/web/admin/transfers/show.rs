//! One transfer: how far it is, what is wrong with its rows, and what can be done with it now.

use super::{found, not_now, reason, subject};
use crate::staff::audit::{self, Change};
use crate::staff::permission::{EditCatalog, Look};
use crate::transfers::columns::Header;
use crate::transfers::{self, Kind, State, Transfer, TransferId, WrongRow};
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

/// So many wrong rows stand on a page.
const PAGE: i64 = 50;
/// What is shown of a cell.
const SHOWN: usize = 60;
/// The page of a running transfer asks anew after so many seconds, by itself. A header and no `<meta>`: the same
/// to a browser.
const AGAIN: &str = "3";

#[derive(Template)]
#[template(path = "admin/transfers/show.html")]
struct TransferPage {
    page: Desk,
    transfer: Transfer,
    now: OffsetDateTime,
    kept: bool,
    wrong: Vec<ShownRow>,
    first: String,
    more: String,
    unknown: Vec<String>,
}

struct ShownRow {
    line: i32,
    sku: String,
    /// Each mistake: its column, what stands there, and why that is wrong.
    wrongs: Vec<(&'static str, String, String)>,
}

impl TransferPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn has_file(&self) -> bool {
        self.transfer.has_file(self.now)
    }

    fn is_import(&self) -> bool {
        self.transfer.kind == Kind::ImportProducts
    }

    fn is_checked(&self) -> bool {
        self.transfer.state == State::Checked
    }

    /// Whether there is something to count in rows that are new, changed and wrong.
    fn has_counts(&self) -> bool {
        self.is_import() && !matches!(self.transfer.state, State::Reading | State::Refused)
    }

    fn kilobytes(&self) -> i64 {
        self.transfer.bytes / 1024 + 1
    }

    fn asked_by(&self) -> &str {
        self.transfer.actor.staff_name().unwrap_or("weipu")
    }
}

#[derive(Deserialize)]
pub struct From {
    after: Option<i32>,
}

/// `GET /admin/transfers/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let transfer = found(&shop, &staff, *id).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let after = from.after.unwrap_or(0);
    let rows = transfers::wrong_rows(&mut *shop.db.reader().await?, transfer.id, after, PAGE + 1).await?;
    let header = Header::read(&transfer.header).ok();
    let unknown = header.as_ref().map(|header| header.unknown(&transfer.header)).unwrap_or_default();
    let unknown = unknown.into_iter().map(str::to_owned).collect();
    let full = i64::try_from(rows.len()).is_ok_and(|count| count > PAGE);
    let wrong: Vec<ShownRow> = rows
        .iter()
        .take(usize::try_from(PAGE).unwrap_or_default())
        .map(|row| shown(&frame, header.as_ref(), row))
        .collect();
    let here = format!("/admin/transfers/{}", transfer.id.0);
    let last = wrong.last().filter(|_| full);
    let more = last.map(|last| format!("{here}?after={}", last.line)).unwrap_or_default();
    let first = if after > 0 { here } else { String::new() };
    let now = shop.clock.now();
    let (kept, running) = (transfer.is_kept(now), transfer.state.is_running());
    let mut answer = page(
        StatusCode::OK,
        &TransferPage { page: frame, transfer, now, kept, wrong, first, more, unknown },
    )?;
    if running {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
    }
    Ok(answer)
}

fn shown(frame: &Desk, header: Option<&Header>, row: &WrongRow) -> ShownRow {
    use crate::transfers::columns::Column;
    let cell = |column| header.map_or("", |header| header.of(column, &row.cells));
    let short = |text: &str| {
        let cut: String = text.chars().take(SHOWN).collect();
        if cut.len() < text.len() { format!("{cut}…") } else { cut }
    };
    let wrongs = row.wrongs.iter().map(|wrong| {
        let there = wrong.column.as_deref().and_then(Column::called).map(cell).unwrap_or_default();
        (transfers::column_name(wrong, frame.words.0), short(there), reason(frame.words, wrong))
    });
    ShownRow { line: row.line, sku: short(cell(Column::Sku)), wrongs: wrongs.collect() }
}

/// `POST /admin/transfers/{id}/import`
pub async fn import(
    staff: Staff<EditCatalog>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let transfer = transfers::import(&mut tx, TransferId(*id), now).await?.map_err(not_now)?;
    transfers::go_on(&mut tx, transfer.id, now).await?;
    let after = json!({ "file": transfer.file_name });
    let subject = subject(transfer.id);
    let change = Change { action: "import-products", subject: &subject, before: None, after: Some(after) };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/transfers/{}", transfer.id.0)))
}

/// `POST /admin/transfers/{id}/cancellation`
pub async fn cancel(
    staff: Staff<Look>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let before = found(&shop, &staff, *id).await?;
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let transfer = transfers::cancel(&mut tx, before.id, now).await?.map_err(not_now)?;
    let change = Change {
        action: "cancel-transfer",
        subject: &subject(transfer.id),
        before: Some(json!({ "state": before.state.name() })),
        after: Some(json!({ "state": transfer.state.name(), "rows": transfer.done })),
    };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    staff.says_next("transfer-cancelled")?;
    Ok(see_other(&format!("/admin/transfers/{}", transfer.id.0)))
}
