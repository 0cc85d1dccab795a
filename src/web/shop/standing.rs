//! How an order stands with its money, in the words that its page, its watchers and the buyer's list share.

use crate::actor::Actor;
use crate::money::Money;
use crate::orders::event::{Event, What};
use crate::orders::{Order, Payment};
use crate::payments::Standing;
use crate::web::shop::order::yuan;
use crate::web::words::Words;

/// Money may still come: the page looks for it.
pub fn is_waiting(order: &Order) -> bool {
    !order.is_closed() && matches!(order.payment, Payment::None | Payment::Pending)
}

/// Between pending and paid there is confirming: a browser says that it has paid, Weibo has not yet. Once money is back
/// with the buyer, the order is partly or wholly refunded; one that was paid late stays that.
pub fn payment_word(order: &Order, standing: Standing) -> &'static str {
    match order.payment {
        Payment::Pending if standing.confirming => "confirming",
        Payment::Paid { .. } if order.refunded == order.total => "refunded",
        Payment::Paid { .. } if order.refunded > Money::ZERO => "partly_refunded",
        payment => payment.name(),
    }
}

/// What has happened to money that goes back, in sentences; none where none does.
pub fn money_back(words: Words, order: &Order, standing: Standing) -> Vec<String> {
    let going = order.going_back.less(order.refunded).unwrap_or(Money::ZERO);
    let owed = standing.surplus.less(standing.surplus_going).unwrap_or(Money::ZERO);
    let all = [
        ("money-refunding", going),
        ("money-refunded", order.refunded),
        ("state-surplus", owed),
        ("money-surplus-going", standing.surplus_going),
        ("money-surplus-back", standing.surplus_back),
    ];
    let told = all.into_iter().filter(|(_, amount)| *amount > Money::ZERO);
    told.map(|(key, amount)| words.say_with(key, "amount", amount)).collect()
}

/// What happened, in a word, and how much money it was about.
pub fn happened(words: Words, event: &Event) -> String {
    let money = |key, fen: &i64| format!("{} {}", words.say(key), yuan(*fen));
    match (&event.what, &event.by) {
        (What::Paid { .. }, _) => words.say("happened-paid"),
        (What::Late { .. }, _) => words.say("happened-late"),
        (What::Expired {}, _) => words.say("happened-closed"),
        (What::Cancelled { .. }, _) => words.say("happened-cancelled"),
        (What::Shipped { .. }, _) => words.say("happened-shipped"),
        (What::Corrected { .. }, _) => words.say("happened-corrected"),
        (What::Received {}, Actor::Buyer) => words.say("happened-received"),
        (What::Received {}, Actor::Staff { .. }) => words.say("happened-received-staff"),
        (What::Received {}, _) => words.say("happened-received-itself"),
        (What::Refunding { fen, .. }, _) => money("happened-refunding", fen),
        (What::Refunded { fen, .. }, _) => money("happened-refunded", fen),
        _ => words.say("happened-placed"),
    }
}
