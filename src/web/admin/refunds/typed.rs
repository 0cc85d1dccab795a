//! The form of a refund as it was typed, and what it asks for.

use crate::customers::line;
use crate::money::Money;
use crate::orders::{Fulfilment, Order};
use crate::payments::refund::{Pieces, Portion, placed};
use crate::web::admin::handling::something;
use crate::web::admin::orders::why_wrong;
use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use crate::weibo::pay::LONGEST_REASON;
use uuid::Uuid;

/// What is given back, as the form sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Everything,
    Pieces,
    Amount,
}

impl Way {
    /// As the form sends it; the texts have its words under `word-give-` and this.
    pub fn name(self) -> &'static str {
        match self {
            Way::Everything => "everything",
            Way::Pieces => "pieces",
            Way::Amount => "amount",
        }
    }

    /// Those that there are for this order: what came late has no pieces to give back, they went to others.
    pub fn of(order: &Order) -> &'static [Way] {
        if order.is_paid() {
            &[Way::Everything, Way::Pieces, Way::Amount]
        } else {
            &[Way::Everything, Way::Amount]
        }
    }
}

/// Everything as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub way: String,
    pub restock: bool,
    pub rows: Vec<Row>,
    pub freight: bool,
    pub amount: String,
    pub reason: String,
    /// Of the page on which she confirms: the same again is the same refund.
    key: String,
    /// What she was shown that it comes to.
    shown: String,
}

/// What is typed beside a line of the order.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line's place in the order, from 1.
    pub position: i16,
    pub quantity: String,
    pub restock: bool,
}

impl Row {
    /// The field of its pieces, and behind `wrongs`.
    pub fn field(&self) -> String {
        quantity_field(self.position)
    }
}

pub fn quantity_field(position: i16) -> String {
    format!("quantity-{position}")
}

impl Typed {
    /// An empty form. What has not been sent lies on the shelf still.
    pub fn new(order: &Order) -> Typed {
        let restock = order.is_paid() && order.fulfilment == Fulfilment::None;
        let row = |(position, _)| Row { position, quantity: String::new(), restock };
        Typed {
            way: Way::Everything.name().to_owned(),
            restock,
            rows: placed(order).map(row).collect(),
            ..Typed::default()
        }
    }

    pub fn read(form: &Fields, order: &Order) -> Typed {
        let row = |(position, _)| Row {
            position,
            quantity: form.text(&quantity_field(position)).trim().to_owned(),
            restock: form.has(&format!("restock-{position}")),
        };
        Typed {
            way: form.text("way"),
            restock: form.has("restock"),
            rows: placed(order).map(row).collect(),
            freight: form.has("freight"),
            amount: form.text("amount").trim().to_owned(),
            reason: form.text("refund_reason"),
            key: form.text("key"),
            shown: form.text("shown"),
        }
    }

    pub fn is(&self, way: &Way) -> bool {
        self.way == way.name()
    }

    /// The page's key and what was shown, when she confirms.
    pub fn confirmed(&self) -> Option<(Uuid, Money)> {
        Some((self.key.parse().ok()?, Money::parse_fen(&self.shown)?))
    }

    /// What is asked for, and why: as the buyer will read it.
    pub fn asks(&self, words: Words, order: &Order) -> Result<(Portion, String), Wrongs> {
        let mut wrongs = Wrongs::default();
        let portion = self.portion(words, order, &mut wrongs);
        let reason = something(line(&self.reason, LONGEST_REASON));
        let reason = reason.map_err(|why| wrongs.add("refund_reason", why_wrong(words, why)));
        match (portion, reason) {
            (Some(portion), Ok(reason)) if wrongs.is_empty() => Ok((portion, reason)),
            _ => Err(wrongs),
        }
    }

    fn portion(&self, words: Words, order: &Order, wrongs: &mut Wrongs) -> Option<Portion> {
        // The pieces of an order that is closed have gone back already.
        let may_restock = order.is_paid();
        match Way::of(order).iter().find(|way| self.is(way)) {
            Some(Way::Everything) => Some(Portion::Everything { restock: self.restock && may_restock }),
            Some(Way::Amount) => {
                let amount = Money::parse_yuan(&self.amount).filter(|amount| *amount > Money::ZERO);
                if amount.is_none() {
                    wrongs.add("amount", words.say("wrong-refund-amount"));
                }
                amount.map(Portion::Amount)
            }
            Some(Way::Pieces) => {
                let rows = self.rows.iter().filter_map(|row| pieces(row, words, wrongs));
                let pieces: Vec<Pieces> = rows.filter(|pieces| pieces.quantity > 0).collect();
                if pieces.is_empty() && !self.freight && wrongs.is_empty() {
                    wrongs.add("way", words.say("wrong-refund-nothing"));
                }
                Some(Portion::Pieces { pieces, freight: self.freight })
            }
            None => {
                wrongs.add("way", words.say("wrong-refund-way"));
                None
            }
        }
    }
}

/// The pieces of a row; none where nothing stands in it.
fn pieces(row: &Row, words: Words, wrongs: &mut Wrongs) -> Option<Pieces> {
    if row.quantity.is_empty() {
        return None;
    }
    let digits = row.quantity.bytes().all(|b| b.is_ascii_digit());
    let quantity = row.quantity.parse().ok().filter(|_| digits);
    if quantity.is_none() {
        wrongs.add(row.field(), words.say("wrong-count"));
    }
    Some(Pieces { position: row.position, quantity: quantity?, restock: row.restock })
}
