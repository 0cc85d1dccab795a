//! What the columns of a file of the console are, told once.

use super::{found, show, subject};
use crate::reconciliation::{self, Columns, ColumnsError, Role, Unit, WrongColumns};
use crate::staff::audit::{self, Change};
use crate::staff::permission::MoveMoney;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::{Fields, Wrongs};
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

/// So many words of states are taken, of so many characters.
const WORDS: usize = 20;
const LONGEST: usize = 40;

/// The form as it was sent. A column that no page of ours offers is one that no file has.
fn read(form: &Fields) -> Columns {
    let mut columns = Columns::default();
    for role in Role::ALL {
        let chosen = form.text(role.name());
        let chosen = (!chosen.is_empty()).then(|| chosen.parse().unwrap_or(usize::MAX));
        columns.set(role, chosen);
    }
    columns.unit = if form.text("column-unit") == "fen" { Unit::Fen } else { Unit::Yuan };
    let typed = form.text("column-good");
    let words =
        typed.split(['、', ',', '，', ';', '；', '\r', '\n']).map(str::trim).filter(|word| !word.is_empty());
    let short = words.map(|word| word.chars().filter(|c| !c.is_control()).take(LONGEST).collect());
    columns.good = short.take(WORDS).collect();
    columns
}

/// The field that is wrong, and why.
fn why(words: Words, wrong: WrongColumns) -> (&'static str, String) {
    match wrong {
        WrongColumns::NoNumber => (Role::WeiboNumber.name(), words.say("columns-no-number")),
        WrongColumns::Missing(role) => (role.name(), words.say("columns-missing")),
        WrongColumns::Twice(role) => (role.name(), words.say("columns-twice")),
        WrongColumns::NoSuchColumn(role) => (role.name(), words.say("columns-no-such")),
        WrongColumns::WordsWithoutStatus => (Role::Status.name(), words.say("columns-no-status")),
        WrongColumns::StatusWithoutWords => ("column-good", words.say("columns-no-words")),
        WrongColumns::RefundWithoutNumber => (Role::RefundNumber.name(), words.say("columns-no-refund")),
    }
}

/// `POST /admin/money/reconciliations/{id}/columns`
pub async fn save(
    staff: Staff<MoveMoney>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let run = found(&shop, *id).await?;
    let (columns, now) = (read(&form), shop.clock.now());
    let mut tx = shop.db.begin().await?;
    match reconciliation::set_columns(&mut tx, run.id, &columns, now).await {
        Ok(_) => {}
        Err(ColumnsError::NotNow) => {
            return Err(Error::Refused(StatusCode::CONFLICT, "error-reconciliation-state"));
        }
        Err(ColumnsError::Unexpected(error)) => return Err(error.into()),
        Err(ColumnsError::Wrong(wrong)) => {
            drop(tx);
            let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
            let mut wrongs = Wrongs::default();
            let (field, words) = why(frame.words, wrong);
            wrongs.add(field, words);
            let again = (None, Some(columns), wrongs);
            return show::draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, run, again).await;
        }
    }
    let name = |role: Role| columns.of(role).and_then(|at| run.header.get(at));
    let told: serde_json::Map<_, _> =
        Role::ALL.into_iter().map(|role| (role.name().to_owned(), json!(name(role)))).collect();
    let subject = subject(run.id);
    let change =
        Change { action: "map-console-file", subject: &subject, before: None, after: Some(told.into()) };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/money/reconciliations/{}", run.id.0)))
}
