//! What an order's page says of telling others: the offer, what became of it, and the coupon that there may be for it.

use super::order::{Seen, shop_time};
use crate::orders::Order;
use crate::sharing::gifts::{self, Claim, ClaimState};
use crate::sharing::{self, Repost, State, Told};
use crate::web::account::sign_in_path;
use crate::web::page::Page;
use crate::web::who::Access;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::statuses::page_of;
use crate::{catalog, coupons, customers, weibo};
use sqlx::PgConnection;

/// What is offered after a purchase, never ticked beforehand.
pub struct RepostOffer {
    pub sent: Option<Repost>,
    /// Signed in: the shop may post for her when she says so.
    pub name: Option<String>,
    pub text: String,
    /// These are her own words, which wait until she has signed in again.
    pub kept: bool,
    pub product_url: String,
    pub sign_in_path: String,
    /// Weibo's own page, for those who are not signed in.
    pub share_url: String,
    /// Why the last try failed, in her words.
    pub trouble: Option<String>,
    /// What another buyer has said, where she says that again.
    pub of_another: Option<OfAnother>,
    /// The coupon that she is asked about.
    pub gift: Option<GiftOffer>,
    /// What she was promised for it, and how that stands.
    pub claim: Option<Claim>,
}

/// Another buyer's words, which go out under hers.
pub struct OfAnother {
    pub name: String,
    pub text: String,
    /// Where they stand.
    pub address: String,
}

/// What is reposted.
pub struct Original {
    pub status_id: i64,
    /// Nothing for the shop's own.
    pub told: Option<Told>,
}

/// A coupon for the repost, in her words: what, and on which terms.
pub struct GiftOffer {
    /// Of what exactly.
    pub yes: String,
    pub ask: String,
    pub terms: String,
}

/// A repost that did not succeed.
pub struct Failed {
    /// In her language.
    pub why: String,
    /// What she had typed: it is not lost.
    pub text: String,
    /// Only signing in again helps.
    pub sign_in: bool,
}

impl RepostOffer {
    fn state(&self) -> Option<&State> {
        self.sent.as_ref().map(|repost| &repost.state)
    }

    pub fn done(&self) -> Option<&Repost> {
        self.sent.as_ref().filter(|repost| matches!(repost.state, State::Done { .. }))
    }

    pub fn unknown(&self) -> Option<&Repost> {
        self.sent.as_ref().filter(|repost| repost.state == State::Unknown)
    }

    pub fn deleted(&self) -> Option<&Repost> {
        self.sent.as_ref().filter(|repost| matches!(repost.state, State::Deleted { .. }))
    }

    /// It was sent before, and is not there.
    pub fn is_absent(&self) -> bool {
        self.state() == Some(&State::Absent)
    }

    /// Where her status can be looked at.
    pub fn on_weibo(&self) -> Option<String> {
        self.done().and_then(|repost| repost.state.status_id()).map(page_of)
    }

    /// She waits for her coupon, and the shop may not look without her.
    pub fn waits_for_her(&self) -> bool {
        let waits = self.claim.as_ref().is_some_and(|claim| claim.state == ClaimState::Waiting);
        waits && self.name.is_none()
    }

    /// How her coupon stands.
    pub fn gift_word(&self, words: &Words) -> Option<String> {
        let Some(claim) = &self.claim else {
            let none = self.done().is_some_and(|repost| repost.for_gift) && self.name.is_some();
            return none.then(|| words.say("gift-not-promised"));
        };
        if self.waits_for_her() {
            let until = shop_time(claim.claimed_at + gifts::WAITED_FOR);
            return Some(words.say_with("gift-waits-for-her", "at", until));
        }
        Some(words.say(&format!("word-gift-{}", claim.state.name())))
    }

    /// The colour of that.
    pub fn gift_colour(&self) -> &'static str {
        match self.claim.as_ref().map(|claim| claim.state) {
            Some(ClaimState::Issued { .. }) => "jade",
            _ => "amber",
        }
    }
}

/// What is offered to whoever looks at this order, which is paid. Takes its connections by itself.
pub async fn offer(
    (shop, weibo): (&Shop, &weibo::Client),
    frame: &Page,
    seen: &Seen,
    failed: Option<Failed>,
) -> Result<RepostOffer, Error> {
    let order = &seen.order;
    let now = shop.clock.now();
    let product_url = shop.settings.absolute(&frame.to(&format!("/p/{}", slug(order))));
    let mut conn = shop.db.reader().await?;
    let sent = sharing::find(&mut conn, order.id).await?;
    drop(conn);
    let told_url = shop.settings.absolute(&frame.to(&told_path(shop, seen, sent.as_ref()).await?));
    let line = order.lines.first();
    let name = line.map_or("", |line| frame.text(&line.product_name));
    let text = frame.say_with("repost-text", "name", name);
    let picture = line.and_then(|l| l.picture.as_ref());
    let picture = picture.map(|name| shop.settings.absolute(&format!("/pictures/{name}-750.jpg")));
    let picture = picture.and_then(|url| url.parse().ok());
    let address = told_url.parse().map_err(anyhow::Error::from)?;
    let share_url = weibo.share_page(!frame.is_desktop(), &address, &text, picture.as_ref()).to_string();
    let mut conn = shop.db.reader().await?;
    let signed_in = match seen.visitor.customer {
        Some(id) if seen.access == Access::Owner => customers::find(&mut conn, id).await?,
        _ => None,
    };
    let claim = match signed_in {
        Some(_) => gifts::of_order(&mut conn, order.id).await?,
        None => None,
    };
    let refused = failed.as_ref().is_some_and(|failed| failed.sign_in);
    let able = signed_in.filter(|c| !refused && c.token_expires_at.is_some_and(|at| at > now));
    let gift = match &able {
        Some(her) if weibo.sees_statuses() => gift(shop, &mut conn, frame.words, (her.id, order)).await?,
        _ => None,
    };
    let of_another = of_another(frame, &mut conn, order).await?;
    // A share is refused without an address (oauth-and-statuses.md §3.2); in either it tells whom she has brought.
    let offered = format!("{text} {told_url}");
    let waits = refused || (failed.is_none() && seen.draft.is_some());
    let typed = failed.as_ref().map(|failed| failed.text.clone()).or_else(|| seen.draft.clone());
    Ok(RepostOffer {
        text: typed.or_else(|| Some(sent.as_ref()?.text.clone())).unwrap_or(offered),
        kept: waits && able.is_none(),
        sent,
        name: able.map(|customer| customer.screen_name),
        product_url,
        sign_in_path: sign_in_path(frame, &frame.to(&seen.path(shop))),
        share_url,
        trouble: failed.map(|failed| failed.why),
        of_another,
        gift,
        claim,
    })
}

/// The coupon that she would be promised, told whole before she says yes.
async fn gift(
    shop: &Shop,
    conn: &mut PgConnection,
    words: Words,
    (her, order): (customers::CustomerId, &Order),
) -> Result<Option<GiftOffer>, Error> {
    let Some(gift) = gifts::offered(conn, her, order.id, shop.clock.now()).await? else { return Ok(None) };
    let Some(coupon) = coupons::find(conn, gift.wanted.coupon).await? else { return Ok(None) };
    let wanted = &coupon.wanted;
    let scope = if wanted.terms.products.is_empty() { "coupon-for-all" } else { "coupon-for-these" };
    let terms = [words.lasts(wanted.lasts), words.say(scope)].join(" · ");
    Ok(Some(GiftOffer {
        yes: format!("{}.{}", gift.id.0, gift.wanted.coupon.0),
        ask: words.say_with("gift-ask", "coupon", words.coupon(&wanted.terms)),
        terms,
    }))
}

/// Of what was bought.
fn slug(order: &Order) -> &str {
    order.lines.first().map_or("", |line| line.product_slug.as_str())
}

/// What she tells leads there, and tells who brought whom. The address of the product is as good where that is not to
/// be had: whoever only has the order's link makes none, nor does it take one to look at what is done.
async fn told_path(shop: &Shop, seen: &Seen, sent: Option<&Repost>) -> Result<String, Error> {
    let (order, path) = (&seen.order, format!("/p/{}", slug(&seen.order)));
    if let Some(code) = sharing::link_of(&mut *shop.db.reader().await?, order.id, &path).await? {
        return Ok(format!("/s/{code}"));
    }
    let done = sent.is_some_and(|sent| matches!(sent.state, State::Done { .. } | State::Deleted { .. }));
    if done || seen.access != Access::Owner {
        return Ok(path);
    }
    Ok(match sharing::link(&shop.db, order, &path, shop.clock.now()).await {
        Ok(code) => format!("/s/{code}"),
        Err(error) => {
            tracing::error!(order = %order.number, error = format!("{error:#}"), "no link for a repost");
            path
        }
    })
}

/// What is reposted of this order: the status that brought its buyer, else the one of its product; none that Weibo
/// has not let her repost.
pub async fn original(conn: &mut PgConnection, order: &Order) -> Result<Option<Original>, Error> {
    let barred = sharing::barred(conn, order.id).await?;
    let told = sharing::brought_by(conn, order.id).await?;
    if let Some(told) = told.filter(|told| !barred.contains(&told.status_id)) {
        return Ok(Some(Original { status_id: told.status_id, told: Some(told) }));
    }
    let Some(line) = order.lines.first() else { return Ok(None) };
    let Ok(sku) = line.sku.parse() else { return Ok(None) };
    let own = catalog::find_offer(conn, &sku).await?.and_then(|offer| offer.weibo_status_id);
    Ok(own.filter(|id| !barred.contains(id)).map(|status_id| Original { status_id, told: None }))
}

/// What the shop or another buyer has said, which she is going to say again.
async fn of_another(
    frame: &Page,
    conn: &mut PgConnection,
    order: &Order,
) -> Result<Option<OfAnother>, Error> {
    let Some(told) = original(conn, order).await?.and_then(|original| original.told) else { return Ok(None) };
    let name = match told.by {
        None => frame.text(&frame.shop_name).to_owned(),
        Some(by) => match customers::find(conn, by).await? {
            Some(by) => by.screen_name,
            None => return Ok(None),
        },
    };
    Ok(Some(OfAnother { name, text: told.text, address: page_of(told.status_id) }))
}
