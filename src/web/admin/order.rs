//! One order at the desk: who it is for, what it holds, its money, its parcel, and all that happened to it.

use super::desk::{Desk, Section};
use super::orders::tag;
use super::origin::{Told, told};
use crate::coupons::{self, Use};
use crate::customers::relations::{self, Fact};
use crate::customers::{self, Customer};
use crate::orders::event::{Event, Label, What};
use crate::orders::{self, Courier, Fulfilment, Order, OrderNumber, Refused, Sent, Shipment};
use crate::payments::refund::{RefundLine, placed};
use crate::payments::telling::{Message, MessageState};
use crate::payments::{self, Answer, Attempt, AttemptState, Entry, OwedPayment, Refund, Standing};
use crate::sharing::links;
use crate::staff::May;
use crate::staff::permission::{Look, Permission};
use crate::web::form::Wrongs;
use crate::web::page::page;
use crate::web::shop::order::{shop_time, yuan};
use crate::web::staff::{Path, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;

/// So many facts of a customer are shown beside her order.
const RELATIONS: i64 = 8;

#[derive(Template)]
#[template(path = "admin/orders/show.html")]
struct OrderPage {
    page: Desk,
    order: Order,
    /// With what it was placed.
    coupon: Option<Use>,
    customer: Option<Customer>,
    /// The latest of what there was between her and the shop, and how much there was in all.
    relations: (Vec<Fact>, i64),
    /// By which links she came; none where nobody is known.
    origin: Vec<Told>,
    /// How many days a link counts, or counted for this order.
    origin_days: i32,
    sent: Option<Sent>,
    attempts: Vec<Attempt>,
    ledger: Vec<Entry>,
    standing: Standing,
    messages: Vec<Message>,
    /// Money that is on its way back, is back, or did not go; the first first.
    refunds: Vec<Refund>,
    /// What has to go back and does not go by itself.
    owed: Vec<OwedPayment>,
    /// The latest first.
    history: Vec<Event>,
    correctable: bool,
    /// When it counts as received by itself.
    awaited: Option<OffsetDateTime>,
    typed: Typed,
}

/// The forms of the page as they were sent, and what is wrong with them.
#[derive(Default)]
pub struct Typed {
    pub courier: String,
    pub courier_name: String,
    pub tracking: String,
    pub memo: String,
    pub reason: String,
    /// The number looks like another courier's: she is asked once whether it is right.
    pub doubtful: bool,
    pub wrongs: Wrongs,
    /// Why nothing was done: the key of a text.
    pub refused: Option<&'static str>,
}

impl Typed {
    fn is_wrong_parcel(&self) -> bool {
        ["courier", "courier_name", "tracking"].into_iter().any(|field| self.wrongs.of(field).is_some())
    }

    /// The order was not in a state that allows what was asked.
    pub fn refused(why: Refused) -> Typed {
        let key = match why {
            Refused::Closed => "refused-closed",
            Refused::Paid => "refused-paid",
            Refused::NotYet | Refused::NotPaid => "refused-not-paid",
            Refused::Shipped => "refused-shipped",
            Refused::NotShipped => "refused-not-shipped",
            Refused::Received => "refused-received",
            Refused::TooLate => "refused-too-late",
            Refused::Refunded => "refused-refunded",
        };
        Typed { refused: Some(key), ..Typed::default() }
    }
}

impl OrderPage {
    fn tag(&self) -> (String, &'static str) {
        tag(self.page.words, &self.order, self.standing.confirming)
    }

    /// How many relations are not shown.
    fn earlier(&self) -> i64 {
        self.relations.1 - i64::try_from(self.relations.0.len()).unwrap_or_default()
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    /// What the form sends for each courier, and what each is called.
    fn couriers(&self) -> Vec<(String, String)> {
        let language = self.page.words.0;
        Courier::NAMED.iter().map(|it| (it.code().to_owned(), it.name(language).to_owned())).collect()
    }

    fn courier<'a>(&self, parcel: &'a Shipment) -> &'a str {
        parcel.courier.name(self.page.words.0)
    }

    /// What else there is to know of what happened.
    fn detail(&self, what: &What) -> String {
        let label = |label: &Label| match label.parcel() {
            Some(parcel) => format!("{} {}", self.courier(&parcel), parcel.tracking),
            None => label.tracking.clone(),
        };
        match what {
            What::Placed {} | What::Expired {} | What::Received {} => String::new(),
            What::Cashier { way } => self.page.say(&format!("word-way-{way}")),
            What::Paid { fen, reopened: true } => {
                format!("{} {}", yuan(*fen), self.page.say("orders-event-reopened"))
            }
            What::Refunded { fen, elsewhere: elsewhere @ 1.. } => {
                format!(
                    "{} {}",
                    yuan(*fen),
                    self.page.say_with("orders-event-elsewhere", "pieces", elsewhere)
                )
            }
            What::Paid { fen, .. }
            | What::Surplus { fen }
            | What::Late { fen }
            | What::Refunded { fen, .. } => yuan(*fen),
            What::Refunding { fen, cause } => {
                format!("{} {}", yuan(*fen), self.page.say(&format!("word-cause-{cause}")))
            }
            What::RefundFailed { fen, why } => format!("{} {why}", yuan(*fen)),
            What::Told { about } => self.page.say(&format!("word-told-{about}")),
            // Words that may be about a person.
            What::Cancelled { .. } | What::Noted { .. } if !self.page.may(May::SeeBuyers) => {
                self.page.say("orders-words-hidden")
            }
            What::Cancelled { reason } => reason.clone(),
            What::Shipped { parcel } => label(parcel),
            What::Corrected { from, to } => format!("{} → {}", label(from), label(to)),
            What::Noted { text } => text.clone(),
        }
    }

    /// What of the goods a refund is for.
    fn piece(&self, back: &RefundLine) -> String {
        let Some((_, line)) = placed(&self.order).find(|(at, _)| *at == back.position) else {
            return String::new();
        };
        let (name, choice) = (self.page.text(&line.product_name), self.page.text(&line.choice_name));
        format!("{name} {choice} × {}", back.quantity)
    }

    /// Since when it is received, and who said so, as a word behind `word-received-`.
    fn received(&self) -> Option<(OffsetDateTime, &'static str)> {
        match self.order.fulfilment {
            Fulfilment::Received { at, by, .. } => Some((at, by.name())),
            Fulfilment::None | Fulfilment::Shipped { .. } => None,
        }
    }

    /// Whether somebody here may send money back.
    fn may_refund(&self) -> bool {
        self.page.may(May::MoveMoney)
    }

    /// Words of the staff's, which may be about a person.
    fn reason<'a>(&self, refund: &'a Refund) -> &'a str {
        if self.may_refund() || self.page.may(May::SeeBuyers) { &refund.reason } else { "" }
    }

    /// What its line was when money came that the order does not keep.
    fn owed_why(&self, owed: &OwedPayment) -> String {
        self.page.say_with(&format!("word-owed-{}", owed.cause.name()), "amount", owed.left)
    }

    /// How a visit to the cashier ended, as a word behind `word-attempt-`.
    fn ended(&self, attempt: &Attempt) -> &'static str {
        match (attempt.state, attempt.answer) {
            (AttemptState::Paid, _) => "paid",
            (AttemptState::Closed, _) | (_, Some(Answer::Closed)) => "closed",
            _ if attempt.is_confirming() => "confirming",
            (_, Some(Answer::Unknown)) => "unknown",
            _ => "open",
        }
    }
}

/// Of the tag of a message.
pub fn colour(state: &MessageState) -> &'static str {
    match state {
        MessageState::Sent { .. } | MessageState::Said { .. } => "jade",
        MessageState::Waiting { .. }
        | MessageState::Sending { .. }
        | MessageState::Handed { .. }
        | MessageState::Dropped { .. } => "",
        MessageState::Unknown { .. } | MessageState::Refused { .. } => "amber",
    }
}

/// The number in an address of the desk; what is none leads nowhere.
pub fn number(path: &str) -> Result<OrderNumber, Error> {
    path.parse().map_err(|_| Error::NotFound)
}

/// `GET /admin/orders/{number}`
pub async fn show(
    staff: Staff<Look>,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    draw(StatusCode::OK, &shop, &reader, &staff, (&number(&path)?, Typed::default())).await
}

/// The order's page, with its forms as they were typed.
pub async fn draw<P: Permission>(
    status: StatusCode,
    shop: &Shop,
    reader: &Reader,
    staff: &Staff<P>,
    (number, mut typed): (&OrderNumber, Typed),
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(shop, reader, staff, Section::Orders).await;
    let mut conn = shop.db.reader().await?;
    let order = orders::find(&mut conn, number).await?.ok_or(Error::NotFound)?;
    let customer = match order.customer {
        Some(id) => customers::find(&mut conn, id).await?,
        None => None,
    };
    let relations = match order.customer {
        Some(id) => relations::latest(&mut conn, id, RELATIONS).await?,
        None => (Vec::new(), 0),
    };
    let sent = orders::sent(&mut conn, order.id).await?;
    if typed.courier.is_empty() {
        let usual = match &sent {
            Some(sent) => Some(sent.shipment.courier.clone()),
            None => orders::last_courier(&mut conn).await?,
        };
        let usual = usual.unwrap_or(Courier::Sf);
        usual.code().clone_into(&mut typed.courier);
        usual.own_name().clone_into(&mut typed.courier_name);
    }
    let mut history = orders::history(&mut conn, order.id).await?;
    history.reverse();
    let explained = links::explain(&mut conn, order.id).await?;
    let counts = shop.terms().await?.cards.origin_days.cast_signed();
    let drawn = OrderPage {
        origin: explained.as_ref().map(|known| told(&frame, &order, known)).unwrap_or_default(),
        origin_days: explained.map_or(counts, |known| known.days),
        page: frame,
        coupon: coupons::used_by(&mut conn, order.id.0).await?,
        customer,
        relations,
        attempts: payments::attempts_of(&mut conn, order.id).await?,
        ledger: payments::ledger(&mut conn, order.id).await?,
        standing: payments::standing(&mut conn, order.id).await?,
        messages: payments::messages_of(&mut conn, order.id).await?,
        refunds: payments::refunds_of(&mut conn, order.id).await?,
        owed: payments::owed_by(&mut conn, &order).await?,
        correctable: order.correctable(shop.clock.now()).is_ok(),
        awaited: order.counts_as_received_at(),
        order,
        sent,
        history,
        typed,
    };
    page(status, &drawn)
}
