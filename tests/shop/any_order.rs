//! Everything that can happen to an order and its money, in any order: sequences of verbs by a seed, on a real shop.
//! Whatever the sequence, the books are right in between and everything has an end. A failure names its seed and what
//! was done.

use crate::support::dice::Dice;
use crate::support::{Duration, TestShop, minutes};
use futures_util::future::join_all;
use url::Url;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::money::Money;
use weipu::orders::{self, ChangeError, Courier, Order, OrderId, OrderNumber, Shipment, Tracking};
use weipu::payments::refund::{Pieces, Portion};
use weipu::payments::{self, Ask, BeginError, CancelError, RefundError, Way};
use weipu::sandbox::{Fault, Lasting, RefundState as AtWeibo};
use weipu::weibo::signature::{Params, write_form};

const SEQUENCES: u64 = 6;
const VERBS: usize = 60;

/// Nothing that leaves the truth unknown for good: a refund that is done, fails after all and tells nobody.
const FAULTS: [Fault; 19] = [
    Fault::Late,
    Fault::Twice,
    Fault::OneFen,
    Fault::Forged,
    Fault::Silent,
    Fault::ThenClosed,
    Fault::QueryFails,
    Fault::QueryUnknownCode,
    Fault::RefundAnswerLost,
    Fault::RefundRefused,
    Fault::RefundNotAccepted,
    Fault::RefundFailsLater,
    Fault::RefundThenFails,
    Fault::RefundSilent,
    Fault::RefundNoticeTwice,
    Fault::RefundNoticeLate,
    Fault::RefundNoticeFirst,
    Fault::RefundQueryFails,
    Fault::RefundQueryEmpty,
];

struct Play {
    shop: TestShop,
    dice: Dice,
    /// What was placed, oldest first.
    numbers: Vec<OrderNumber>,
    /// Cashiers that somebody has open, oldest first.
    cashiers: Vec<Url>,
    /// Notices that were sent: each may come again at any time.
    heard: Vec<(String, Params)>,
}

impl Play {
    /// One of the things that happen; its name.
    async fn goes_on(&mut self) -> &'static str {
        if self.numbers.is_empty() {
            return self.order().await;
        }
        match self.dice.roll(25) {
            0..=2 => self.order().await,
            3..=5 => self.go_to_the_cashier().await,
            6..=9 => self.pay().await,
            10..=12 => self.notices_come().await,
            13 => self.an_old_notice_comes_again().await,
            14 => self.cancel().await,
            15 => self.ship().await,
            16..=18 => self.refund().await,
            19 => self.retry().await,
            20 => self.fault(),
            21 => self.weibo_changes_its_mind(),
            22 => self.receive().await,
            _ => self.time_passes().await,
        }
    }

    async fn order(&mut self) -> &'static str {
        let sku = *self.dice.pick(&["mug", "teapot", "longjing-1", "socks-1", "socks-3"]);
        let mut buyer = self.shop.buyer();
        buyer.opens(&format!("/checkout?variant={sku}&quantity={}", self.dice.roll(3) + 1)).await;
        if !buyer.page().has("form.split [name=recipient]") {
            return "nothing to order";
        }
        buyer.submits(&buyer.filled_in()).await;
        if !buyer.page().has("main[data-payment]") {
            return "sold out";
        }
        self.numbers.push(buyer.order().parse().unwrap());
        for _ in 0..self.dice.roll(3) {
            self.go_to_the_cashier().await;
        }
        "order"
    }

    /// Most often one of the last: much can still happen to them.
    fn one(&mut self) -> OrderNumber {
        let among = if self.dice.once_in(4) { self.numbers.len() } else { self.numbers.len().min(2) };
        self.numbers[self.numbers.len() - 1 - self.dice.roll(among)].clone()
    }

    /// One that is paid, if there is one: most else can be done to it.
    async fn one_paid(&mut self) -> OrderNumber {
        let mut conn = self.shop.app.shop.db.reader().await.unwrap();
        let found = orders::find_all(&mut conn, &self.numbers).await.unwrap();
        let paid: Vec<_> = found.into_iter().filter(Order::is_paid).collect();
        if paid.is_empty() { self.one() } else { self.dice.pick(&paid).number.clone() }
    }

    async fn id(&self, number: &OrderNumber) -> OrderId {
        let mut conn = self.shop.app.shop.db.reader().await.unwrap();
        orders::find(&mut conn, number).await.unwrap().unwrap().id
    }

    /// One of the ways to pay an order is opened.
    async fn go_to_the_cashier(&mut self) -> &'static str {
        let (number, way) = (self.one(), *self.dice.pick(&[Way::Client, Way::Pc, Way::Qr]));
        let id = self.id(&number).await;
        let (shop, now) = (&self.shop.app.shop, self.shop.clock.now());
        let weibo = self.shop.weibo_client().await;
        let mut tx = shop.db.begin().await.unwrap();
        let mut order = orders::lock(&mut tx, id).await.unwrap().unwrap();
        let cashier =
            match payments::begin(&mut tx, &weibo, &shop.callbacks, &mut order, (way, None), now).await {
                Ok(cashier) => cashier,
                Err(BeginError::Refused(_)) => return "no way to the cashier",
                Err(BeginError::Unexpected(error)) => panic!("{error:#}"),
            };
        tx.commit().await.unwrap();
        self.shop.buyer().visits(cashier.clone()).await;
        self.cashiers.push(cashier);
        "go to the cashier"
    }

    /// At one of those that are open, whether or not another way was paid before.
    async fn pay(&mut self) -> &'static str {
        let last = self.cashiers.len().saturating_sub(3);
        let Some(cashier) = self.cashiers[last..].get(self.dice.roll(3)).cloned() else {
            return "no cashier";
        };
        let mut buyer = self.shop.buyer();
        buyer.visits(cashier).await;
        if !buyer.has_seen("form.pay") {
            return "pay, at a cashier that is closed";
        }
        buyer.presses_pay().await;
        "pay"
    }

    /// What is due, and what is remembered of it.
    async fn notices_come(&mut self) -> &'static str {
        let due = self.shop.weibo.sandbox.waiting_notices();
        self.heard.extend(due.iter().filter(|n| !n.forged).map(|n| (n.to.clone(), n.fields.clone())));
        self.shop.weibo.delivers().await;
        "notices come"
    }

    async fn an_old_notice_comes_again(&mut self) -> &'static str {
        if self.heard.is_empty() {
            return "no notice yet";
        }
        let (to, fields) = self.dice.pick(&self.heard).clone();
        let body = write_form(&self.shop.weibo.signed(fields));
        self.shop.weibo.posts_to(to.parse().unwrap(), body).await;
        "an old notice comes again"
    }

    async fn cancel(&mut self) -> &'static str {
        let number = self.one();
        let id = self.id(&number).await;
        let weibo = self.shop.weibo_client().await;
        let (db, clock) = (&self.shop.app.shop.db, &self.shop.clock);
        payments::ask_about(db, Some(&weibo), id, clock).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        match payments::cancel(&mut tx, id, "缺货", &Actor::Shop, clock.now()).await {
            Ok(()) => tx.commit().await.unwrap(),
            Err(CancelError::InDoubt | CancelError::NotChanged(ChangeError::Refused(_))) => {
                return "cancel, refused";
            }
            Err(error) => panic!("{error:#}"),
        }
        "cancel"
    }

    async fn ship(&mut self) -> &'static str {
        let number = self.one_paid().await;
        let parcel = Shipment { courier: Courier::Sf, tracking: Tracking::read("SF1234567890123").unwrap() };
        let mut tx = self.shop.app.shop.db.begin().await.unwrap();
        let (sent, now) = ((&parcel, Duration::ZERO), self.shop.clock.now());
        match orders::ship(&mut tx, &number, sent, &Actor::Shop, now).await {
            Ok(_) => tx.commit().await.unwrap(),
            Err(ChangeError::Refused(_)) => return "ship, refused",
            Err(error) => panic!("{error:#}"),
        }
        "ship"
    }

    /// She says that she has it, or its time is over.
    async fn receive(&mut self) -> &'static str {
        let (number, now) = (self.one_paid().await, self.shop.clock.now());
        let db = &self.shop.app.shop.db;
        if self.dice.once_in(2) {
            orders::receive_due(db, now).await.unwrap();
            return "what was sent is received";
        }
        let mut tx = db.begin().await.unwrap();
        match orders::receive(&mut tx, &number, &Actor::Buyer, now).await {
            Ok(_) => tx.commit().await.unwrap(),
            Err(ChangeError::Refused(_)) => return "receive, refused",
            Err(error) => panic!("{error:#}"),
        }
        "receive"
    }

    /// Everything, some pieces or some money; sometimes the form comes three times at once.
    async fn refund(&mut self) -> &'static str {
        let number = self.one_paid().await;
        let id = self.id(&number).await;
        let restock = self.dice.once_in(2);
        let fen = i64::try_from(self.dice.roll(9_000)).unwrap();
        let portion = match self.dice.roll(3) {
            0 => Portion::Everything { restock },
            1 => {
                let quantity = 1 + u32::try_from(self.dice.roll(2)).unwrap();
                let pieces = vec![Pieces { position: 1, quantity, restock }];
                Portion::Pieces { pieces, freight: self.dice.once_in(2) }
            }
            _ => Portion::Amount(Money::from_fen(fen).unwrap()),
        };
        let shown = Money::from_fen(fen).unwrap();
        let mut ask = Ask { key: Uuid::new_v4(), portion, shown, reason: "不想要了".into() };
        ask.shown = shown_on_the_form(&self.shop, id, &ask).await;
        let times = if self.dice.once_in(3) { 3 } else { 1 };
        let pressed = join_all((0..times).map(|_| presses(&self.shop, id, ask.clone()))).await;
        let mut refunds: Vec<String> = pressed.into_iter().flatten().collect();
        refunds.dedup();
        assert!(refunds.len() <= 1, "one form, and {refunds:?}");
        if refunds.is_empty() { "refund, refused" } else { "refund" }
    }

    /// One that failed, or money that the order does not keep.
    async fn retry(&mut self) -> &'static str {
        let (number, now) = (self.one_paid().await, self.shop.clock.now());
        let id = self.id(&number).await;
        let mut tx = self.shop.app.shop.db.begin().await.unwrap();
        let failed = payments::refunds_of(&mut tx, id).await.unwrap();
        let Some(refund) = failed.iter().find(|refund| refund.state.name() == "failed") else {
            return "no retry";
        };
        match payments::retry(&mut tx, id, &refund.out_refund_id, &Actor::Shop, now).await {
            Ok(_) => tx.commit().await.unwrap(),
            Err(
                RefundError::Wrong(_)
                | RefundError::NotRetriable
                | RefundError::NotChanged(ChangeError::Refused(_)),
            ) => return "retry, refused",
            Err(error) => panic!("{error:#}"),
        }
        "retry"
    }

    fn fault(&mut self) -> &'static str {
        self.shop.weibo.sandbox.set_fault(*self.dice.pick(&FAULTS), Some(Lasting::Once));
        "Weibo will misbehave"
    }

    /// A refund that failed turns out to have gone through. What is done and fails then, a fault brings.
    fn weibo_changes_its_mind(&mut self) -> &'static str {
        let mut failed = self.shop.weibo.sandbox.refunds();
        failed.retain(|refund| refund.state == AtWeibo::Failed);
        if failed.is_empty() {
            return "no refund has failed";
        }
        let number = &self.dice.pick(&failed).out_refund_id;
        if self.shop.weibo.sandbox.turn_refund(number) { "a refund turns round" } else { "no refund turns" }
    }

    /// Jobs are done, before or after.
    async fn time_passes(&mut self) -> &'static str {
        if self.dice.once_in(2) {
            self.shop.work().await;
        }
        let short = [Duration::seconds(3), Duration::seconds(30), minutes(2)];
        let long = [minutes(12), minutes(31), minutes(130)];
        let by = if self.dice.once_in(4) { *self.dice.pick(&long) } else { *self.dice.pick(&short) };
        self.shop.later(by);
        if self.dice.once_in(2) {
            self.shop.work().await;
        }
        "time passes"
    }
}

/// What it comes to, which whoever presses has seen.
pub async fn shown_on_the_form(shop: &TestShop, id: OrderId, ask: &Ask) -> Money {
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    match payments::refund(&mut tx, id, ask, &Actor::Shop, shop.clock.now()).await {
        Err(RefundError::Changed { now }) => now,
        _ => ask.shown,
    }
}

/// The number of the refund, or nothing when it is refused.
pub async fn presses(shop: &TestShop, id: OrderId, ask: Ask) -> Option<String> {
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    match payments::refund(&mut tx, id, &ask, &Actor::Shop, shop.clock.now()).await {
        Ok(decided) => {
            tx.commit().await.unwrap();
            Some(decided.refund.out_refund_id)
        }
        Err(RefundError::Wrong(_) | RefundError::NotChanged(ChangeError::Refused(_))) => None,
        Err(error) => panic!("{error:#}"),
    }
}

async fn sequence(seed: u64) -> [i64; 3] {
    let shop = TestShop::open().await;
    shop.weibo.sandbox.set_schedule(vec![0, 60, 300, 3600]);
    let mut play =
        Play { shop, dice: Dice::new(seed, 1), numbers: Vec::new(), cashiers: Vec::new(), heard: Vec::new() };
    for step in 0..VERBS {
        let verb = play.goes_on().await;
        println!("seed {seed}: {verb}");
        if step % 15 == 14 {
            play.shop.is_sound(false).await;
        }
    }
    for fault in FAULTS {
        play.shop.weibo.stops(fault);
    }
    play.shop.closes().await;
    let shop = &play.shop;
    [
        shop.count("SELECT count(*) FROM payments").await,
        shop.count("SELECT count(*) FROM refunds WHERE state = 'succeeded'").await,
        shop.count("SELECT count(*) FROM payments WHERE kind = 'surplus'").await,
    ]
}

#[tokio::test]
async fn no_sequence_of_verbs_breaks_an_invariant() {
    let mut happened = [0; 3];
    for seed in 1..=SEQUENCES {
        let more = Box::pin(sequence(seed)).await;
        for (all, more) in happened.iter_mut().zip(more) {
            *all += more;
        }
    }
    println!("payments, refunds done, paid twice: {happened:?}");
    assert!(happened.iter().all(|count| *count > 0), "too little happened: {happened:?}");
}
