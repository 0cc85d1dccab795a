//! Following the shop's account on Weibo: offered after a purchase, on the order's page, and nothing depends on it.
//! Whoever says no is not asked again.

use super::order::{Opened, Seen, find};
use crate::customers::relations;
use crate::web::page::{Page, see_other};
use crate::web::who::{Access, Reader};
use crate::web::{Error, Shop, session};
use crate::weibo;
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use sqlx::PgConnection;

/// Stands for the account's uid in [`Settings::client_link`].
const UID: &str = "{uid}";

/// What the environment says of the account to follow.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where it is not the account of Weibo Pay's merchant.
    uid: Option<i64>,
    /// What opens the account inside the client, with [`UID`] in it. Weibo names no such address, so that without
    /// this setting it is the web page there too.
    client_link: Option<String>,
}

impl Settings {
    /// Fails with the name of the setting that makes no sense, and what would.
    pub fn parse(uid: Option<&str>, client_link: Option<&str>) -> Result<Settings, &'static str> {
        let uid = uid.map(|uid| number(uid).ok_or("WEIPU_OFFICIAL_UID: expected the digits of a Weibo uid"));
        let sound = |link: &&str| {
            let leads = link.starts_with("sinaweibo://") || link.starts_with("https://");
            leads && link.contains(UID) && !link.chars().any(|c| c.is_control() || c.is_whitespace())
        };
        if client_link.is_some_and(|link| !sound(&link)) {
            return Err("WEIPU_FOLLOW_LINK: expected sinaweibo://… or https://… with {uid} in it");
        }
        Ok(Settings { uid: uid.transpose()?, client_link: client_link.map(str::to_owned) })
    }

    /// The account itself; nothing when it is not known which.
    pub fn account(&self, seller: Option<&str>) -> Option<i64> {
        self.uid.or_else(|| number(seller?))
    }

    /// Where the account is opened; nothing when it is not known which.
    fn link(&self, seller: &str, in_client: bool) -> Option<String> {
        let uid = self.account(Some(seller))?.to_string();
        match &self.client_link {
            Some(link) if in_client => Some(link.replace(UID, &uid)),
            _ => Some(format!("https://weibo.com/u/{uid}")),
        }
    }
}

fn number(uid: &str) -> Option<i64> {
    let digits = uid.bytes().all(|b| b.is_ascii_digit());
    uid.parse().ok().filter(|uid| digits && *uid > 0)
}

/// The offer on an order's page.
pub struct FollowOffer {
    pub link: String,
    pub dismissal_path: String,
}

/// The offer to whoever bought; nothing for those who follow already, or do not want to be asked.
pub async fn offer(
    (shop, weibo): (&Shop, &weibo::Client),
    frame: &Page,
    conn: &mut PgConnection,
    seen: &Seen,
) -> Result<Option<FollowOffer>, Error> {
    if seen.access != Access::Owner || seen.declined_follow {
        return Ok(None);
    }
    if let Some(customer) = seen.visitor.customer
        && !relations::may_offer_follow(conn, customer).await?
    {
        return Ok(None);
    }
    let link = shop.settings.follow.link(weibo.seller_id(), frame.is_client());
    let dismissal_path = frame.to(&format!("/orders/{}/follow/dismissal", seen.order.number));
    Ok(link.map(|link| FollowOffer { link, dismissal_path }))
}

/// `POST /orders/{number}/follow/dismissal`: on this browser, and wherever she signs in.
pub async fn dismiss(
    number: Path<String>,
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    if seen.access != Access::Owner {
        return Err(Error::Refused(StatusCode::FORBIDDEN, "error-sign-in"));
    }
    session::put(&session, session::DECLINED_FOLLOW, true)?;
    if let Some(customer) = seen.visitor.customer {
        let mut tx = shop.db.begin().await?;
        relations::decline_follow(&mut tx, customer, shop.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(see_other(&Page::new(&shop, &reader).await.to(&seen.path(&shop))))
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn the_account_is_the_merchants_unless_another_is_set() {
        let usual = Settings::default();
        assert_eq!(usual.link("7000000001", true).as_deref(), Some("https://weibo.com/u/7000000001"));
        for unknown in ["", "0", "-7", "+7", "seven", "99999999999999999999"] {
            assert_eq!(usual.link(unknown, false), None, "{unknown}");
        }
        let set = Settings::parse(Some("42"), Some("sinaweibo://userinfo?uid={uid}")).unwrap();
        assert_eq!(set.link("7000000001", true).as_deref(), Some("sinaweibo://userinfo?uid=42"));
        assert_eq!(set.link("7000000001", false).as_deref(), Some("https://weibo.com/u/42"));
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_refused_at_the_start() {
        for (uid, link) in [
            (Some("me"), None),
            (None, Some("javascript:alert({uid})")),
            (None, Some("sinaweibo://userinfo")),
            (None, Some("http://weibo.com/u/{uid}")),
            (None, Some("sinaweibo://a b?{uid}")),
        ] {
            assert!(Settings::parse(uid, link).is_err(), "{uid:?} {link:?}");
        }
    }
}
