//! A short link of ours: it leads on, and the session remembers by which one somebody came.

use crate::orders::OrderNumber;
use crate::sharing::links;
use crate::web::finish::OnlyLooked;
use crate::web::page::Page;
use crate::web::who::Reader;
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Opened again by the same browser within this, it is one click.
const SAME_CLICK: Duration = Duration::minutes(10);

/// By which link somebody came last, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Came {
    code: String,
    at: i64,
}

impl Came {
    fn at(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.at).ok()
    }
}

/// `GET /s/{code}`: by HEAD nobody came, and no session begins.
pub async fn go(
    request: HttpRequest,
    code: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    if !links::is_code(&code) {
        return Err(Error::NotFound);
    }
    let path = links::find(&mut *shop.db.reader().await?, &code).await?.ok_or(Error::NotFound)?;
    let to = Page::new(&shop, &reader).await.to(&path);
    let led = HttpResponse::Found().insert_header((LOCATION, to)).finish();
    if request.extensions().contains::<OnlyLooked>() {
        return Ok(led);
    }
    let now = shop.clock.now();
    let before: Option<Came> = session::get(&session, session::CAME);
    let again = before.filter(|came| came.code == *code).and_then(|came| came.at());
    if again.is_none_or(|at| now - at > SAME_CLICK) {
        let mut tx = shop.db.begin().await?;
        links::click(&mut tx, &code, now).await?;
        tx.commit().await?;
    }
    let came = Came { code: code.into_inner(), at: now.unix_timestamp() };
    session::put(&session, session::CAME, came)?;
    Ok(led)
}

/// Writes down by which link whoever has placed an order had come. The order stands, whatever becomes of this.
pub async fn credit(shop: &Shop, session: &Session, number: &OrderNumber) {
    let came: Option<Came> = session::get(session, session::CAME);
    let Some((came, at)) = came.and_then(|came| came.at().map(|at| (came, at))) else { return };
    let credited = async {
        let mut tx = shop.db.begin().await?;
        links::credit(&mut tx, number, &came.code, at).await?;
        anyhow::Ok(tx.commit().await?)
    };
    if let Err(error) = credited.await {
        tracing::warn!(order = %number, error = format!("{error:#}"), "by which link she came is not kept");
    }
}
