//! What a person has found on Weibo of a post, and what becomes of the product that it is about.

use super::control::{pressed_late, shown, version};
use super::{address, found, note, show};
use crate::catalog;
use crate::sharing::posts::{self, NotNow, PostId, Sending, State};
use crate::staff::permission::EditSharing;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::{Reader, client_ip};
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// `POST /admin/sharing/posts/{id}/outcome`: it stands there, perhaps under an id that she has read.
pub async fn settle(
    staff: Staff<EditSharing>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (id, typed) = (PostId(*id), form.text("post-status"));
    let post = found(&shop, id.0).await?;
    let Ok(status_id) = status_id(&typed, post.uid) else {
        let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
        let typed = Typed::new([("post-text", post.text.clone()), ("post-status", typed)]);
        let mut wrongs = Wrongs::default();
        wrongs.add("post-status", frame.say("post-wrong-status"));
        return show::draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, post, (typed, wrongs)).await;
    };
    let mut tx = shop.db.begin().await?;
    match posts::settle(&mut tx, id, status_id).await? {
        Ok(()) => {}
        Err(NotNow::NoSuch) => return Err(Error::NotFound),
        Err(_) => return Ok(see_other(&address(id))),
    }
    note(&mut tx, &staff, ("settle-post", id, json!({ "status": status_id })), &shop).await?;
    tx.commit().await?;
    staff.says_next("said-post-settled")?;
    Ok(see_other(&address(id)))
}

/// The digits of a status's id, or its address: `/status/<id>`, `/detail/<id>` or `/<uid>/<id>`; nothing where nothing
/// was typed. The account's own page, which is what she looks at, is no status.
fn status_id(typed: &str, account: Option<i64>) -> Result<Option<i64>, ()> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let number = |part: &str| -> Option<i64> {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|id| digits && *id > 0 && Some(*id) != account)
    };
    let path = typed.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let Some((before, last)) = path.rsplit_once('/') else { return number(path).map(Some).ok_or(()) };
    let before = before.rsplit('/').next().unwrap_or_default();
    let of_somebody = !before.is_empty() && before.bytes().all(|b| b.is_ascii_digit()) && before != last;
    let known = matches!(before, "status" | "detail") || of_somebody;
    number(last).filter(|_| known).map(Some).ok_or(())
}

/// `POST /admin/sharing/posts/{id}/again`: it does not stand there.
pub async fn again(
    staff: Staff<EditSharing>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (PostId(*id), shop.clock.now());
    let ip = client_ip(&request, shop.settings.trusted_proxies);
    let mut tx = shop.db.begin().await?;
    let sending = Sending { at: None, ip, uid: shown(&form) };
    if let Err(why) = posts::send_again(&mut tx, (id, version(&form)), sending, now).await? {
        drop(tx);
        return pressed_late(&shop, id, why).await;
    }
    note(&mut tx, &staff, ("send-post-again", id, json!({})), &shop).await?;
    tx.commit().await?;
    staff.says_next("said-post-going")?;
    Ok(see_other(&address(id)))
}

/// `POST /admin/sharing/posts/{id}/product-status`: buyers repost this one from now on.
pub async fn own(
    staff: Staff<EditSharing>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let post = found(&shop, *id).await?;
    let (Some(product), State::Done { status_id: Some(status_id) }) = (post.product, &post.state) else {
        return Err(Error::Refused(StatusCode::CONFLICT, "error-post-no-status"));
    };
    let mut tx = shop.db.begin().await?;
    catalog::mark_status(&mut tx, product, *status_id).await?;
    let after = json!({ "product": product.0, "status": status_id });
    note(&mut tx, &staff, ("make-product-status", post.id, after), &shop).await?;
    tx.commit().await?;
    shop.pages.forget();
    staff.says_next("said-post-own")?;
    Ok(see_other(&address(post.id)))
}

#[cfg(test)]
mod tests {
    use super::status_id;

    #[test]
    fn an_id_is_read_as_it_is_copied() {
        for (typed, read) in [
            ("", Ok(None)),
            (" 5000000000000001 ", Ok(Some(5_000_000_000_000_001))),
            ("https://m.weibo.cn/status/5000000000000001", Ok(Some(5_000_000_000_000_001))),
            ("https://m.weibo.cn/detail/5000000000000001?x=1#a", Ok(Some(5_000_000_000_000_001))),
            ("m.weibo.cn/7000000001/5000000000000001/", Ok(Some(5_000_000_000_000_001))),
            ("https://weibo.com/7000000001/OpQr", Err(())),
            // The account's own page, in each of its shapes.
            ("https://weibo.com/u/7000000001", Err(())),
            ("https://weibo.com/u/7000000002", Err(())),
            ("https://weibo.com/7000000002", Err(())),
            ("https://m.weibo.cn/7000000002/7000000002", Err(())),
            ("https://m.weibo.cn/status/7000000001", Err(())),
            ("7000000001", Err(())),
            ("/5000000000000001", Err(())),
            ("0", Err(())),
            ("-5", Err(())),
            ("５", Err(())),
            ("99999999999999999999", Err(())),
        ] {
            assert_eq!(status_id(typed, Some(7_000_000_001)), read, "{typed}");
        }
    }
}
