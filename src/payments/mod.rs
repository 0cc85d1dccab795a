//! Money in and back: visits to Weibo's cashier, Weibo's notices, asking Weibo, refunds, and the ledger of what was
//! settled. Only a verified message of Weibo's moves money: a notice it signed, or its answer to our question.

mod asking;
mod attempt;
mod examining;
mod extra;
mod in_app;
mod looking_up;
mod patience;
mod pursuing;
pub mod refund;
mod refunding;
mod returned;
mod settling;
mod store;
pub mod telling;

pub use asking::{CancelError, ask, ask_about, cancel, close_unpaid, hasten, returned};
pub use attempt::{Answer, Attempt, AttemptId, AttemptState, Way};
pub use examining::{LOOKS_BACK, STUCK_ATTEMPT, STUCK_REFUND, examine, examine_when_due};
pub use extra::Extra;
pub use in_app::{InApp, OrderText, begin_in_app};
pub use looking_up::{Said, look_up, look_up_refund};
pub use pursuing::pursue;
pub use refund::{Cause, Refund, RefundId, RefundState};
pub use refunding::{Ask, Decided, RefundError, refund, refund_surplus, retry};
pub use settling::{Answered, Hook, Mismatch, Settled, take_notice};
pub use store::attempts_of;
pub use store::books::{
    Booked, BookedPayment, BookedRefund, Happened, Moved, Snapshot, booked, booked_refund, happened_between,
    moved_between, payments_named, refunds_named,
};
pub use store::checking::{Breach, Look, check};
pub use store::checks::{
    Figures, LastCheck, OpenBreach, Stuck, StuckAttempt, StuckRefund, figures, has_breaches, last_checks,
    open_breaches, stuck,
};
pub use store::ledger::{Entry, Kind, ledger};
pub use store::messages::messages_of;
pub use store::notices::{Doubted, Source, doubted, see_to};
pub use store::refunds::{Counts, Shown, counts, list as refunds, put_aside, refunds_of};
pub use store::standing::{Standing, complete, standing};
pub use store::waiting::{Confirming, Owed, OwedPayment, confirming, owed_back, owed_by, to_look_after};

use crate::customers::touches::Touch;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job};
use crate::orders::{Locked, Order, Refused};
use crate::text::Language;
use crate::weibo;
use crate::weibo::pay::Bill;
use time::{Duration, OffsetDateTime};
use url::Url;

/// Where Weibo reaches the shop. Free of queries of their own: those would mix with Weibo's
/// (weibo-pay.md §13).
#[derive(Debug, Clone)]
pub struct Callbacks {
    pub notify: Url,
    /// For what becomes of refunds.
    pub refund: Url,
    pub back: Url,
    /// Where buyers find the shop.
    public: Url,
}

impl Callbacks {
    pub fn under(public_url: &Url) -> anyhow::Result<Callbacks> {
        Ok(Callbacks {
            notify: public_url.join("/hooks/weibo/pay")?,
            refund: public_url.join("/hooks/weibo/refund")?,
            back: public_url.join("/return/weibo/pay")?,
            public: public_url.clone(),
        })
    }

    /// Where buyers find the shop.
    pub fn public(&self) -> &Url {
        &self.public
    }

    /// Where whoever has it learns how an order stands, in the buyer's language, and she herself everything else.
    pub fn order_link(&self, order: &Order) -> Url {
        self.link_of(order.language, &order.pay_token)
    }

    /// The same for any token.
    pub fn link_of(&self, language: Language, token: &str) -> Url {
        let path = if language == Language::English { "/en/q/" } else { "/q/" };
        let mut link = self.public.clone();
        link.set_path(&format!("{path}{token}"));
        link
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// Writes down that the buyer goes to the cashier on this way and returns the cashier's address. Going
/// again on the same way is the same attempt, so that Weibo itself refuses to take its money twice. By which link the
/// browser `came` that goes first on this way, if by one, travels with the bill.
pub async fn begin(
    tx: &mut Tx,
    weibo: &weibo::Client,
    callbacks: &Callbacks,
    order: &mut Locked,
    (way, came): (Way, Option<&Touch>),
    now: OffsetDateTime,
) -> Result<Url, BeginError> {
    order.order().payable(now)?;
    let attempt = match store::open_attempt(tx, order.order().id, way).await? {
        Some(attempt) => attempt,
        None => new_attempt(tx, order, (way, came), now).await?,
    };
    let url = weibo.cashier_url(&Bill {
        out_pay_id: &attempt.out_pay_id,
        subject: &subject(order.order()),
        amount: attempt.amount,
        expire: attempt.expires_at - now,
        notify_url: &callbacks.notify,
        return_url: &callbacks.back,
        extra: attempt.extra.as_deref().unwrap_or(&order.order().pay_token),
    })?;
    Ok(url)
}

async fn new_attempt(
    tx: &mut Tx,
    order: &mut Locked,
    (way, came): (Way, Option<&Touch>),
    now: OffsetDateTime,
) -> anyhow::Result<Attempt> {
    let extra = Extra::write(&order.order().pay_token, came);
    let attempt = store::insert_attempt(tx, order.order(), (way, &extra), now).await?;
    order.await_payment(tx, way.name(), now).await?;
    let first = attempt::first_question(now);
    jobs::enqueue(tx, &Job::AskWeibo { attempt: attempt.id.0 }, first).await?;
    Ok(attempt)
}

/// What the cashier shows as the goods' name: the first line's, and how many more.
fn subject(order: &Order) -> String {
    let Some(first) = order.lines.first() else { return order.number.to_string() };
    let name: String = first.product_name.in_language(order.language).chars().take(40).collect();
    match order.lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>() {
        1 => name,
        pieces => format!("{name} ×{pieces}"),
    }
}

/// So many messages are swept at a time.
const SWEPT: i64 = 2_000;

/// So long a message that proves nothing is kept (features.md B8).
const KEPT: Duration = Duration::days(90);

/// Takes away what Weibo told long ago and what no row of the ledger needs.
pub async fn sweep_notices(db: &Db, now: OffsetDateTime) -> anyhow::Result<u64> {
    let mut all = 0;
    loop {
        let mut tx = db.begin().await?;
        let gone = store::notices::sweep(&mut tx, now - KEPT, SWEPT).await?;
        tx.commit().await?;
        all += gone;
        if gone == 0 {
            return Ok(all);
        }
    }
}
