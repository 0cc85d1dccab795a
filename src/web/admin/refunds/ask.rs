//! A refund from the order's page: she says what goes back, sees what that comes to, and confirms exactly that.

use super::typed::{Row, Typed, Way, quantity_field};
use crate::money::Money;
use crate::orders::{self, ChangeError, Line, Order};
use crate::payments::refund::{Before, Portion, Priced, RefundLine, WrongPortion, placed};
use crate::payments::{self, Ask, Decided, RefundError};
use crate::staff::permission::MoveMoney;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::handling::Handling;
use crate::web::form::Wrongs;
use crate::web::page::page;
use crate::web::staff::{Path, Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "admin/refunds/ask.html")]
struct RefundPage {
    page: Desk,
    order: Order,
    before: Before,
    typed: Typed,
    wrongs: Wrongs,
    /// Why nothing was done, in words.
    refused: Option<String>,
    offer: Option<Offer>,
}

/// What she is asked to confirm.
struct Offer {
    priced: Priced,
    key: Uuid,
}

type Asking<'a> = Handling<'a, MoveMoney>;

impl RefundPage {
    async fn of(at: &Asking<'_>, order: Order, typed: Typed) -> Result<RefundPage, Error> {
        let mut conn = at.shop.db.reader().await?;
        let before = Before::of(&payments::refunds_of(&mut conn, order.id).await?);
        drop(conn);
        let frame = Desk::new(at.shop, at.reader, at.staff, Section::Orders).await;
        let wrongs = Wrongs::default();
        Ok(RefundPage { page: frame, order, before, typed, wrongs, refused: None, offer: None })
    }

    /// With what this comes to, or with what is wrong about it.
    fn offering(mut self, portion: &Portion, key: Uuid) -> RefundPage {
        match portion.price(&self.order, &self.before) {
            Ok(priced) => self.offer = Some(Offer { priced, key }),
            Err(why) => self.blames(why),
        }
        self
    }

    fn blames(&mut self, why: WrongPortion) {
        let words = self.page.words;
        let by_amount = self.typed.is(&Way::Amount);
        match why {
            WrongPortion::Nothing => self.refused = Some(words.say("wrong-refund-zero")),
            WrongPortion::TooMuch { left } => {
                let field = if by_amount { "amount" } else { "way" };
                self.wrongs.add(field, words.say_with("wrong-refund-left", "left", left));
            }
            WrongPortion::TooMany { position, left } => {
                self.wrongs
                    .add(quantity_field(position), words.say_with("wrong-refund-pieces", "left", left));
            }
        }
    }

    fn answer(&self) -> Result<HttpResponse, Error> {
        let status = match (&self.refused, self.wrongs.is_empty()) {
            (_, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (Some(_), true) => StatusCode::CONFLICT,
            (None, true) => StatusCode::OK,
        };
        page(status, self)
    }

    fn ways(&self) -> &'static [Way] {
        Way::of(&self.order)
    }

    fn left(&self) -> Money {
        self.order.refundable()
    }

    /// Each line with what is typed beside it, and how many of its pieces are left.
    fn rows(&self) -> impl Iterator<Item = (&Row, &Line, u32)> {
        let lines = self.typed.rows.iter().zip(placed(&self.order));
        lines.map(|(row, (at, line))| (row, line, line.quantity.saturating_sub(self.before.of_line(at))))
    }

    fn line(&self, position: &i16) -> Option<&Line> {
        placed(&self.order).find(|(at, _)| at == position).map(|(_, line)| line)
    }

    /// How many pieces go on the shelf.
    fn restocked(&self, lines: &[RefundLine]) -> u64 {
        lines.iter().filter(|line| line.restock).map(|line| u64::from(line.quantity)).sum()
    }

    /// What would be left after it.
    fn then_left(&self, amount: &Money) -> Money {
        self.left().less(*amount).unwrap_or(Money::ZERO)
    }

    /// What a field is called in the summary of what is wrong.
    fn field(&self, name: &str) -> String {
        match name.strip_prefix("quantity-").and_then(|at| at.parse().ok()).and_then(|at: i16| self.line(&at))
        {
            Some(line) => self.page.text(&line.product_name).to_owned(),
            None => self.page.say(&format!("field-{name}")),
        }
    }
}

/// `GET /admin/orders/{number}/refund`
pub async fn show(
    staff: Staff<MoveMoney>,
    _: Recent,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let order = find(&at).await?;
    let typed = Typed::new(&order);
    RefundPage::of(&at, order, typed).await?.answer()
}

async fn find(at: &Asking<'_>) -> Result<Order, Error> {
    orders::find(&mut *at.shop.db.reader().await?, &at.number).await?.ok_or(Error::NotFound)
}

/// `POST /admin/orders/{number}/refund`: first shows what it comes to; with what was shown, gives it back.
pub async fn create(
    staff: Staff<MoveMoney>,
    _: Recent,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let order = find(&at).await?;
    let typed = Typed::read(&form, &order);
    let (portion, reason) = match typed.asks(at.words, &order) {
        Ok(asked) => asked,
        Err(wrongs) => {
            let drawn = RefundPage::of(&at, order, typed).await?;
            return RefundPage { wrongs, ..drawn }.answer();
        }
    };
    match typed.confirmed() {
        Some((key, shown)) if form.has("confirmed") => {
            give_back(&at, order, typed, Ask { key, portion, shown, reason }).await
        }
        _ if form.has("change") => RefundPage::of(&at, order, typed).await?.answer(),
        _ => RefundPage::of(&at, order, typed).await?.offering(&portion, Uuid::new_v4()).answer(),
    }
}

async fn give_back(at: &Asking<'_>, order: Order, typed: Typed, ask: Ask) -> Result<HttpResponse, Error> {
    let now = at.shop.clock.now();
    let mut tx = at.shop.db.begin().await?;
    let Decided { refund, is_new } =
        match payments::refund(&mut tx, order.id, &ask, &at.staff.actor(), now).await {
            Ok(decided) => decided,
            Err(why) => {
                drop(tx);
                return refused(at, typed, &ask, why).await;
            }
        };
    // Of a form that is sent many times one writes it down.
    if is_new {
        let restocked: u32 = refund.lines.iter().filter(|line| line.restock).map(|line| line.quantity).sum();
        let after = json!({
            "refund": refund.out_refund_id, "amount": refund.amount.to_string(),
            "pieces": refund.pieces(), "restocked": restocked,
        });
        at.record(&mut tx, "refund-order", (None, Some(after)), now).await?;
    }
    tx.commit().await?;
    at.shop.pages.recount();
    at.go_on("said-refund-begun", &at.page())
}

/// What was typed, with why nothing was given back.
async fn refused(at: &Asking<'_>, typed: Typed, ask: &Ask, why: RefundError) -> Result<HttpResponse, Error> {
    let order = find(at).await?;
    let drawn = RefundPage::of(at, order, typed).await?;
    let drawn = match why {
        RefundError::Wrong(why) => {
            let mut drawn = drawn;
            drawn.blames(why);
            drawn
        }
        RefundError::Changed { now } => {
            let refused = at.words.say_with("refused-refund-changed", "now", now);
            RefundPage { refused: Some(refused), ..drawn.offering(&ask.portion, ask.key) }
        }
        RefundError::OtherRequest => {
            let refused = at.words.say("refused-refund-other");
            RefundPage { refused: Some(refused), ..drawn.offering(&ask.portion, Uuid::new_v4()) }
        }
        RefundError::NotChanged(ChangeError::NoSuchOrder) => return Err(Error::NotFound),
        RefundError::NotChanged(ChangeError::Refused(_)) => {
            RefundPage { refused: Some(at.words.say("wrong-refund-zero")), ..drawn }
        }
        RefundError::NotChanged(ChangeError::Unexpected(error)) => return Err(error.into()),
        RefundError::NotRetriable => return Err(anyhow::anyhow!("a new refund is none that failed").into()),
    };
    drawn.answer()
}
