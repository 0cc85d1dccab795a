//! An order's page: paying it, what became of it, and telling others of it.

use crate::coupons::{self, Use};
use crate::db::Tx;
use crate::money::Money;
use crate::orders::event::Event;
use crate::orders::{self, Order, OrderNumber, Sent, Shipment};
use crate::payments::{self, Standing};
use crate::web::page::{Markup, Page, page, see_other};
use crate::web::shop::follow::{self, FollowOffer};
use crate::web::shop::qr::qr;
use crate::web::shop::receipt::Awaited;
use crate::web::shop::standing::{happened, is_waiting, money_back, payment_word};
use crate::web::shop::telling::{self, Failed, RepostOffer};
use crate::web::who::{Access, Reader, Visitor, access, order_link};
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::{Deserialize, Serialize};
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

/// What somebody wanted to say of an order when only signing in again helped.
#[derive(Serialize, Deserialize)]
pub struct Draft {
    pub order: String,
    pub text: String,
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
    pub draft: Option<String>,
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
    let mut conn = shop.db.reader().await?;
    let standing = payments::standing(&mut conn, seen.order.id).await?;
    let (mut offer, mut follow) = (None, None);
    // Who has her money back does not tell others of what she bought.
    let bought = seen.order.is_paid() && !seen.order.is_given_back();
    if let (true, Ok(weibo)) = (bought, shop.weibo().await) {
        follow = follow::offer((shop, &weibo), &frame, &mut conn, &seen).await?;
        drop(conn);
        offer = Some(telling::offer((shop, &weibo), &frame, &seen, failed).await?);
        conn = shop.db.reader().await?;
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
