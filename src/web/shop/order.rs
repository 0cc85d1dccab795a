//! An order's page: paying it, what became of it, and telling others of it.

use crate::coupons::{self, Use};
use crate::db::Tx;
use crate::money::Money;
use crate::orders::event::Event;
use crate::orders::{self, Order, OrderNumber, Sent, Shipment};
use crate::payments::{self, Standing};
use crate::sharing::links;
use crate::sharing::{self, Repost};
use crate::web::account::sign_in_path;
use crate::web::page::{Markup, Page, page, see_other};
use crate::web::shop::follow::{self, FollowOffer};
use crate::web::shop::qr::qr;
use crate::web::shop::receipt::Awaited;
use crate::web::shop::standing::{happened, is_waiting, money_back, payment_word};
use crate::web::who::{Access, Reader, Visitor, access, order_link};
use crate::web::{Error, Shop, session};
use crate::{catalog, customers, weibo};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

#[derive(Template)]
#[template(path = "shop/order.html")]
struct OrderPage {
    page: Page,
    order: Order,
    /// With what it was placed.
    coupon: Option<Use>,
    standing: Standing,
    payable: bool,
    /// The parcel's address in full; others see it masked.
    owner: bool,
    tag: Option<String>,
    left: Duration,
    /// The link to the cashier, absolute: a phone reads it from the QR code.
    pay_url: String,
    pay_path: String,
    qr: Markup,
    offer: Option<RepostOffer>,
    follow: Option<FollowOffer>,
    /// The parcel it went in.
    sent: Option<Sent>,
    /// As long as nobody has said that she has it.
    awaited: Option<Awaited>,
    /// What happened, the latest first.
    history: Vec<Event>,
    update_url: String,
}

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

/// What somebody wanted to say of an order when only signing in again helped.
#[derive(Serialize, Deserialize)]
pub struct Draft {
    pub order: String,
    pub text: String,
}

impl RepostOffer {
    fn done(&self) -> Option<&Repost> {
        self.sent.as_ref().filter(|repost| matches!(repost.state, sharing::State::Done { .. }))
    }

    fn unknown(&self) -> Option<&Repost> {
        self.sent.as_ref().filter(|repost| repost.state == sharing::State::Unknown)
    }
}

#[derive(Deserialize)]
pub struct Opened {
    pub t: Option<String>,
}

/// An order that this visitor may see.
pub struct Seen {
    pub order: Order,
    pub visitor: Visitor,
    pub access: Access,
    pub tag: Option<String>,
    /// Words of hers that have waited.
    draft: Option<String>,
    /// On this browser nobody wants to be asked to follow the shop.
    pub declined_follow: bool,
}

impl Seen {
    /// The path of the order's page for this visitor.
    pub fn path(&self, shop: &Shop) -> String {
        match self.tag {
            Some(_) => order_link(shop, &self.order.number),
            None => format!("/orders/{}", self.order.number),
        }
    }
}

/// The order of this number for whoever may see it; 404 for everybody else.
pub async fn find(shop: &Shop, number: &str, opened: Opened, session: &Session) -> Result<Seen, Error> {
    let number: OrderNumber = number.parse().map_err(|_| Error::NotFound)?;
    let visitor = Visitor::of(session);
    let order = orders::find(&mut *shop.db.reader().await?, &number).await?.ok_or(Error::NotFound)?;
    let access = access(shop, visitor, &order, opened.t.as_deref())?;
    let draft: Option<Draft> = session::get(session, session::DRAFT);
    let draft = draft.filter(|draft| draft.order == order.number.as_str()).map(|draft| draft.text);
    let declined_follow = session::get(session, session::DECLINED_FOLLOW).unwrap_or_default();
    Ok(Seen { order, visitor, access, tag: opened.t, draft, declined_follow })
}

impl OrderPage {
    /// The word for how it stands: the same on the page, in its events and for its watchers.
    fn payment(&self) -> &'static str {
        payment_word(&self.order, self.standing)
    }

    /// What has become of money that goes back.
    fn money_back(&self) -> Vec<String> {
        money_back(self.page.words, &self.order, self.standing)
    }

    fn happened(&self, event: &Event) -> String {
        happened(self.page.words, event)
    }

    fn awaited(&self, awaited: &Awaited) -> String {
        awaited.say(self.page.words)
    }

    /// Something is going to happen by itself: the page looks for it.
    fn is_waiting(&self) -> bool {
        is_waiting(&self.order)
    }

    fn minutes(&self) -> String {
        countdown(self.left)
    }

    fn until(&self) -> i64 {
        self.order.pay_until.unix_timestamp()
    }

    fn seconds_left(&self) -> i64 {
        self.left.whole_seconds().max(0)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    /// Where she can follow her parcel; who only has the link learns nothing of where it goes.
    fn follow(&self, parcel: &Shipment) -> Option<String> {
        parcel.follow().filter(|_| self.owner)
    }

    fn courier<'a>(&self, parcel: &'a Shipment) -> &'a str {
        parcel.courier.name(self.page.words.0)
    }
}

/// `27:41`.
pub fn countdown(left: Duration) -> String {
    let seconds = left.whole_seconds().max(0);
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// `2026-11-21 09:14`, in the shop's zone.
pub fn shop_time(at: OffsetDateTime) -> String {
    let at = at.to_offset(crate::clock::SHOP_ZONE);
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    format!("{date} {hour:02}:{minute:02}")
}

/// An amount of an order's history; nothing where it is none.
pub fn yuan(fen: i64) -> String {
    Money::from_fen(fen).map(|money| format!("¥{money}")).unwrap_or_default()
}

/// `GET /orders/{number}`
pub async fn show(
    number: Path<String>,
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    let frame = Page::new(&shop, &reader).await;
    draw(StatusCode::OK, &shop, frame, seen, None).await
}

/// The order's page, with the repost that has just failed.
pub async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Page,
    seen: Seen,
    failed: Option<Failed>,
) -> Result<HttpResponse, Error> {
    let now = shop.clock.now();
    let (mut offer, mut follow) = (None, None);
    // Who has her money back does not tell others of what she bought.
    let bought = seen.order.is_paid() && !seen.order.is_given_back();
    let offering = match shop.weibo().await {
        Ok(weibo) if bought => Some((weibo, told_address(shop, &frame, &seen).await)),
        _ => None,
    };
    let mut conn = shop.db.reader().await?;
    let standing = payments::standing(&mut conn, seen.order.id).await?;
    if let Some((weibo, address)) = offering {
        follow = follow::offer((shop, &weibo), &frame, &mut conn, &seen).await?;
        offer = Some(repost_offer((shop, &weibo), &frame, &mut conn, (&seen, address), failed).await?);
    }
    let sent = orders::sent(&mut conn, seen.order.id).await?;
    let coupon = coupons::used_by(&mut conn, seen.order.id.0).await?;
    let mut history = orders::history(&mut conn, seen.order.id).await?;
    history.retain(|event| event.what.is_for_the_buyer());
    history.reverse();
    let awaited = Awaited::of(&seen.order, now);
    let pay_path = frame.to(&format!("/q/{}", seen.order.pay_token));
    let pay_url = shop.settings.absolute(&pay_path);
    let drawn = OrderPage {
        payable: seen.order.payable(now).is_ok(),
        owner: seen.access == Access::Owner,
        left: seen.order.pay_until - now,
        qr: if frame.is_desktop() { qr(&pay_url)? } else { Markup::default() },
        update_url: shop.settings.update_url.to_string(),
        page: frame,
        order: seen.order,
        tag: seen.tag,
        coupon,
        standing,
        pay_url,
        pay_path,
        offer,
        follow,
        sent,
        awaited,
        history,
    };
    page(status, &drawn)
}

async fn repost_offer(
    (shop, weibo): (&Shop, &weibo::Client),
    frame: &Page,
    conn: &mut PgConnection,
    (seen, product_url): (&Seen, String),
    failed: Option<Failed>,
) -> Result<RepostOffer, Error> {
    let order = &seen.order;
    let sent = sharing::find(conn, order.id).await?;
    let line = order.lines.first();
    let name = line.map_or("", |line| frame.text(&line.product_name));
    let text = frame.say_with("repost-text", "name", name);
    let picture = line.and_then(|l| l.picture.as_ref());
    let picture = picture.map(|name| shop.settings.absolute(&format!("/pictures/{name}-750.jpg")));
    let picture = picture.and_then(|url| url.parse().ok());
    let mobile = !frame.is_desktop();
    let address = product_url.parse().map_err(anyhow::Error::from)?;
    let share_url = weibo.share_page(mobile, &address, &text, picture.as_ref()).to_string();
    let signed_in = match seen.visitor.customer {
        Some(id) if seen.access == Access::Owner => customers::find(conn, id).await?,
        _ => None,
    };
    let now = shop.clock.now();
    let refused = failed.as_ref().is_some_and(|failed| failed.sign_in);
    let able = signed_in.filter(|c| !refused && c.token_expires_at.is_some_and(|at| at > now));
    // A share is refused without an address (oauth-and-statuses.md §3.2); a repost has the original's too, which says
    // nothing of her.
    let offered = format!("{text} {product_url}");
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
    })
}

/// The absolute address by which somebody tells of what was bought: whose order it is, by a link of her own.
async fn told_address(shop: &Shop, frame: &Page, seen: &Seen) -> String {
    let slug = seen.order.lines.first().map_or("", |line| line.product_slug.as_str());
    let mut path = format!("/p/{slug}");
    if seen.access == Access::Owner && seen.visitor.customer.is_some() {
        match links::of_repost(&shop.db, seen.order.id, &path, shop.clock.now()).await {
            Ok(code) => path = code.map_or(path, |code| format!("/s/{code}")),
            Err(error) => tracing::error!(error = format!("{error:#}"), "no link for a repost"),
        }
    }
    shop.settings.absolute(&frame.to(&path))
}

/// `POST /orders/{number}/question`: a buyer says that she has paid; Weibo is asked soon.
pub async fn ask(
    number: Path<String>,
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    let mut tx: Tx = shop.db.begin().await?;
    payments::hasten(&mut tx, seen.order.id, shop.clock.now()).await?;
    tx.commit().await?;
    let frame = Page::new(&shop, &reader).await;
    Ok(see_other(&frame.to(&seen.path(&shop))))
}

/// The status of the product that this order is about, for a repost.
pub async fn status_of(conn: &mut PgConnection, order: &Order) -> Result<Option<i64>, Error> {
    let Some(line) = order.lines.first() else { return Ok(None) };
    let Ok(sku) = line.sku.parse() else { return Ok(None) };
    Ok(catalog::find_offer(conn, &sku).await?.and_then(|offer| offer.weibo_status_id))
}
