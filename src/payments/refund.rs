//! Money on its way back: what was asked for, and how much of it falls to which pieces. Pure.

use crate::actor::Actor;
use crate::money::Money;
use crate::orders::{Line, Order, OrderId, OrderNumber, Payment};
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct RefundId(pub i64);

/// A payment's row: what came once, under one number of Weibo's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct PaymentId(pub i64);

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Somebody of the staff decided it.
    Staff,
    /// The order was paid already.
    Surplus,
    /// It came when the order was closed and its goods were gone.
    Late,
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub id: RefundId,
    pub order: OrderId,
    pub payment: PaymentId,
    /// Weibo's number of the payment.
    pub pay_id: String,
    /// Our number of the refund: one for all time, however often it is sent.
    pub out_refund_id: String,
    pub amount: Money,
    pub cause: Cause,
    /// The buyer reads it at Weibo.
    pub reason: String,
    pub state: RefundState,
    /// Weibo's number, once it has one.
    pub weibo_id: Option<String>,
    pub begun_at: OffsetDateTime,
    /// What of the amount is freight.
    pub freight: Money,
    /// What asked for it, to tell the same form again from another.
    pub request: String,
    /// Why Weibo did not take it when it was sent again, in its words.
    pub trouble: String,
    /// From then on Weibo is asked once more although it has said how it ended; what it answers counts.
    pub look_again_at: Option<OffsetDateTime>,
    /// When it was last sent, and how often.
    pub sent_at: Option<OffsetDateTime>,
    pub sent_times: i32,
    pub by: Actor,
    /// Its pieces, by the line's place in the order; empty for money alone.
    pub lines: Vec<RefundLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    /// The line's place in the order, from 1.
    pub position: i16,
    pub quantity: u32,
    pub amount: Money,
    /// The pieces go on the shelf again when the money is back.
    pub restock: bool,
    /// So many of them had come back with another refund when this one, called a failure, went through after all.
    pub elsewhere: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundState {
    /// Decided, and not sent yet.
    Begun,
    /// Sent; whether Weibo has it is not known. It is asked for, never sent under another number.
    Unknown,
    /// Weibo has it and is at it.
    Accepted,
    Succeeded {
        at: OffsetDateTime,
    },
    /// Weibo will not, or could not: the money is with the shop.
    Failed {
        at: OffsetDateTime,
        why: String,
    },
}

/// What is to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Portion {
    /// Whatever of the order's money has not gone back yet, and all pieces that have not.
    Everything { restock: bool },
    /// These pieces at what they cost her, and freight or not.
    Pieces { pieces: Vec<Pieces>, freight: bool },
    /// Money alone.
    Amount(Money),
}

/// Some pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pieces {
    pub position: i16,
    pub quantity: u32,
    pub restock: bool,
}

/// Why nothing is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongPortion {
    #[error("nothing to give back")]
    Nothing,
    #[error("only {left} is left to give back")]
    TooMuch { left: Money },
    /// Of the line at this place only so many pieces have not gone back.
    #[error("only {left} of line {position} are left")]
    TooMany { position: i16, left: u32 },
}

/// An amount, what of it is freight, and the pieces that it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Priced {
    pub amount: Money,
    pub freight: Money,
    pub lines: Vec<RefundLine>,
}

/// What of an order has gone back before, or is on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    lines: Vec<RefundLine>,
    freight: Money,
}

impl Before {
    pub fn of(refunds: &[Refund]) -> Before {
        let mut before = Before::default();
        for refund in refunds.iter().filter(|refund| !matches!(refund.state, RefundState::Failed { .. })) {
            before.add(&refund.lines, refund.freight);
        }
        before
    }

    fn add(&mut self, lines: &[RefundLine], freight: Money) {
        self.lines.extend_from_slice(lines);
        self.freight = self.freight.plus(freight).unwrap_or(Money::MAX);
    }

    /// How many pieces of the line at this place have gone back.
    pub fn of_line(&self, position: i16) -> u32 {
        self.lines.iter().filter(|line| line.position == position).map(RefundLine::counted).sum()
    }

    /// Money for pieces that do not count is money alone.
    fn paid_for_line(&self, position: i16) -> Money {
        let of_line = self.lines.iter().filter(|line| line.position == position);
        of_line.map(|line| line.amount.part(0, line.counted(), line.quantity)).sum()
    }

    /// How many pieces of the line at this place have not gone back.
    fn left_of_line(&self, order: &Order, position: i16) -> u32 {
        let bought = placed(order).find(|(at, _)| *at == position).map_or(0, |(_, line)| line.quantity);
        bought.saturating_sub(self.of_line(position))
    }

    /// Whether so many pieces have not gone back yet.
    pub fn has_room_for(&self, order: &Order, lines: &[RefundLine]) -> Result<(), WrongPortion> {
        for line in lines {
            let left = self.left_of_line(order, line.position);
            if line.quantity > left {
                return Err(WrongPortion::TooMany { position: line.position, left });
            }
        }
        Ok(())
    }

    /// The lines of a refund that failed and goes through after all: what has come back meanwhile counts there.
    pub fn beside(&self, order: &Order, lines: &[RefundLine]) -> Vec<RefundLine> {
        let beside = |line: &RefundLine| {
            let left = self.left_of_line(order, line.position);
            RefundLine { elsewhere: line.quantity.saturating_sub(left), ..line.clone() }
        };
        lines.iter().map(beside).collect()
    }
}

impl RefundLine {
    /// How many pieces come back by it.
    pub fn counted(&self) -> u32 {
        self.quantity.saturating_sub(self.elsewhere)
    }
}

/// The lines of an order with their places, from 1.
pub fn placed(order: &Order) -> impl Iterator<Item = (i16, &Line)> {
    (1..).zip(&order.lines)
}

impl Portion {
    /// What it comes to for an order of which `before` has gone back. Refunds of all pieces and the freight, in
    /// whatever portions, are together exactly what was paid; money given back without goods before makes the last
    /// portion smaller (features.md P25). The pieces of an order whose money came too late are on the shelf already.
    pub fn price(&self, order: &Order, before: &Before) -> Result<Priced, WrongPortion> {
        let left = order.refundable();
        if left == Money::ZERO {
            return Err(WrongPortion::Nothing);
        }
        let freight = order.freight.less(before.freight).unwrap_or(Money::ZERO);
        let priced = match self {
            Portion::Amount(amount) => Priced { amount: *amount, ..Priced::default() },
            Portion::Everything { restock } => {
                let rest = |(position, line): (i16, &Line)| Pieces {
                    position,
                    quantity: line.quantity.saturating_sub(before.of_line(position)),
                    restock: *restock,
                };
                let rest: Vec<Pieces> = placed(order).map(rest).collect();
                Priced { amount: left, freight: freight.min(left), lines: lines(order, before, &rest)? }
            }
            Portion::Pieces { pieces, freight: with_freight } => {
                let lines = lines(order, before, pieces)?;
                let freight = if *with_freight { freight } else { Money::ZERO };
                let goods: Money = lines.iter().map(|line| line.amount).sum();
                let sum = goods.plus(freight).unwrap_or(Money::MAX);
                // What went back without goods is not given back a second time with them.
                let last = placed(order).all(|(position, line)| {
                    let now = lines.iter().find(|l| l.position == position).map_or(0, |l| l.quantity);
                    before.of_line(position) + now == line.quantity
                });
                let amount = if last { sum.min(left) } else { sum };
                Priced { amount, freight: freight.min(amount), lines }
            }
        };
        match priced.amount {
            Money::ZERO => Err(WrongPortion::Nothing),
            amount if amount > left => Err(WrongPortion::TooMuch { left }),
            _ => Ok(priced),
        }
    }
}

/// What these pieces cost her; the last of a line costs what is left of it.
fn lines(order: &Order, before: &Before, pieces: &[Pieces]) -> Result<Vec<RefundLine>, WrongPortion> {
    let shelved = matches!(order.payment, Payment::Late { .. });
    let line = |(position, wanted): (i16, &Line)| {
        let asked = pieces.iter().filter(|asked| asked.position == position && asked.quantity > 0);
        let (quantity, restock) = asked.fold((0u32, true), |(sum, restock), asked| {
            (sum.saturating_add(asked.quantity), restock && asked.restock)
        });
        let gone = before.of_line(position);
        let after = gone.checked_add(quantity).filter(|after| *after <= wanted.quantity);
        let left = wanted.quantity.saturating_sub(gone);
        let after = after.ok_or(WrongPortion::TooMany { position, left })?;
        let amount = if after == wanted.quantity {
            wanted.paid.less(before.paid_for_line(position)).unwrap_or(Money::ZERO)
        } else {
            wanted.paid.part(gone, after, wanted.quantity)
        };
        Ok(RefundLine { position, quantity, amount, restock: restock && !shelved, elsewhere: 0 })
    };
    let placed: Vec<(i16, &Line)> = placed(order).collect();
    if let Some(stray) = pieces.iter().find(|asked| !placed.iter().any(|(at, _)| *at == asked.position)) {
        return Err(WrongPortion::TooMany { position: stray.position, left: 0 });
    }
    let lines: Result<Vec<RefundLine>, WrongPortion> = placed.into_iter().map(line).collect();
    Ok(lines?.into_iter().filter(|line| line.quantity > 0).collect())
}

impl Refund {
    /// Weibo has not said how it ended.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, RefundState::Begun | RefundState::Unknown | RefundState::Accepted)
    }

    /// It failed, and Weibo never took it: it can be sent under its number once more. One that Weibo took and ended is
    /// over; what it was for needs a refund of its own.
    pub fn can_be_sent_again(&self) -> bool {
        matches!(self.state, RefundState::Failed { .. }) && self.weibo_id.is_none()
    }

    /// How many pieces come back by it.
    pub fn pieces(&self) -> u32 {
        self.lines.iter().map(RefundLine::counted).sum()
    }
}

/// The order number's letters, `R`, the refund's number and two check digits: `26117KQ4M2X9R0141`. At most 64
/// characters, as weibo-pay.md §7 wants, and never one of an attempt's.
pub fn out_refund_id(order: &OrderNumber, number: u16) -> String {
    let body = format!("{}R{number:02}", order.compact());
    let sum = body.bytes().fold(0u32, |sum, b| (sum * 31 + u32::from(b)) % 97);
    format!("{body}{sum:02}")
}

impl Cause {
    pub const ALL: [Cause; 3] = [Cause::Staff, Cause::Surplus, Cause::Late];

    /// The word in the `cause` column, and behind `word-cause-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Staff => "staff",
            Cause::Surplus => "surplus",
            Cause::Late => "late",
        }
    }

    pub fn parse(name: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.name() == name)
    }
}

impl RefundState {
    /// The word in the `state` column, and behind `word-refund-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            RefundState::Begun => "begun",
            RefundState::Unknown => "unknown",
            RefundState::Accepted => "accepted",
            RefundState::Succeeded { .. } => "succeeded",
            RefundState::Failed { .. } => "failed",
        }
    }
}

#[cfg(test)]
#[path = "refund_tests.rs"]
mod tests;
