//! Somebody, perhaps Weibo, says that a person has taken back her leave. No document says what the call carries, and
//! it is not signed: nothing of it is believed, it only makes us ask Weibo.

use crate::customers;
use crate::web::form::{Fields, body};
use crate::web::{Error, Shop};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use std::collections::BTreeSet;

const LARGEST: usize = 4 * 1024;
/// So many parameters are looked at.
const MOST: usize = 20;
/// So many accounts are looked up.
const MOST_UIDS: usize = 5;

/// `GET|POST /hooks/weibo/deauthorize`: the same short answer whatever it carries.
pub async fn doubt(request: HttpRequest, payload: Payload, shop: Data<Shop>) -> HttpResponse {
    if let Err(error) = look(&request, payload, &shop).await {
        tracing::warn!(%error, "a call about withdrawn leave was not looked at");
    }
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

async fn look(request: &HttpRequest, payload: Payload, shop: &Shop) -> Result<(), Error> {
    let body = body(payload.into_inner(), LARGEST).await?;
    let uids = uids(request.query_string().as_bytes(), &body);
    if uids.is_empty() {
        return Ok(());
    }
    let mut tx = shop.notices.begin().await?;
    customers::doubt(&mut tx, &uids, shop.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Every value that could be a Weibo uid, whatever its name.
fn uids(query: &[u8], body: &[u8]) -> Vec<i64> {
    let (query, body) = (Fields::parse(&query[..query.len().min(LARGEST)]), Fields::parse(body));
    let values = query.values().chain(body.values()).take(MOST);
    let plain = |text: &str| (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let uids: BTreeSet<i64> =
        values.filter(|text| plain(text)).filter_map(|text| text.parse().ok()).collect();
    uids.into_iter().filter(|uid| *uid > 0).take(MOST_UIDS).collect()
}

#[cfg(test)]
mod tests {
    use super::uids;

    #[test]
    fn only_plain_numbers_are_looked_up_and_few_of_them() {
        assert_eq!(
            uids(b"source=123&uid=7000000002&auth_end=1", b"uid=7000000002&x=y"),
            [1, 123, 7_000_000_002]
        );
        for nothing in
            ["", "uid=", "uid=-1", "uid=0", "uid=%2B1", "uid=1.0", "uid=%EF%BC%91", "uid=9999999999999999999"]
        {
            assert_eq!(uids(nothing.as_bytes(), b""), Vec::<i64>::new(), "{nothing}");
        }
        let many = (1..100).map(|n| format!("u={n}")).collect::<Vec<_>>().join("&");
        assert_eq!(uids(many.as_bytes(), many.as_bytes()).len(), 5);
    }
}
