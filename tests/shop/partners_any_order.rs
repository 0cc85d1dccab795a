//! Whatever happens to the orders that a partner brought, in whatever order: what is in her ledger is what is due, once,
//! and no more is paid than was free. On a real Postgres, with sequences that proptest makes and makes smaller.

use crate::any_order::{presses, shown_on_the_form};
use crate::support::{Duration, TestShop};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::Row;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};
use tokio::runtime::Runtime;
use url::Url;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::money::Money;
use weipu::orders::{self, ChangeError, Courier, OrderId, OrderNumber, Shipment, Tracking};
use weipu::partners::{self, Paid, PartnerId, Rate, Refused, State, Taken};
use weipu::payments::Ask;
use weipu::payments::refund::{Pieces, Portion};
use weipu::sandbox::{Fault, Lasting};

const CASES: u32 = 12;

/// Something that happens. A number says to which order, counted back from the last.
#[derive(Debug, Clone)]
enum Verb {
    /// By her link or by none, so many pieces; she may be at the cashier already.
    Place {
        by_link: bool,
        pieces: u32,
    },
    Expire(usize),
    Pay(usize),
    /// It is sent and received.
    Receive(usize),
    Refund {
        back: usize,
        what: Part,
    },
    /// The next refund fails at Weibo after all.
    Fail,
    /// Weibo does what it was asked, and tells.
    Answers,
    Days(i64),
    WorkOut,
    Payout,
    Promise(i32),
    EndOrResume,
    /// Two of these at once.
    Both(Box<Verb>, Box<Verb>),
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Everything,
    Piece { freight: bool },
    Fen(i64),
}

fn verb() -> impl Strategy<Value = Verb> {
    let order = || 0_usize..3;
    let part = prop_oneof![
        2 => Just(Part::Everything),
        2 => any::<bool>().prop_map(|freight| Part::Piece { freight }),
        2 => (1_i64..4_000).prop_map(Part::Fen),
    ];
    let one = prop_oneof![
        3 => (prop::bool::weighted(0.8), 1_u32..4).prop_map(|(by_link, pieces)| Verb::Place { by_link, pieces }),
        1 => order().prop_map(Verb::Expire),
        4 => order().prop_map(Verb::Pay),
        4 => order().prop_map(Verb::Receive),
        4 => (order(), part).prop_map(|(back, what)| Verb::Refund { back, what }),
        1 => Just(Verb::Fail),
        4 => Just(Verb::Answers),
        4 => (1_i64..8).prop_map(Verb::Days),
        5 => Just(Verb::WorkOut),
        3 => Just(Verb::Payout),
        1 => (1_i32..5_000).prop_map(Verb::Promise),
        1 => Just(Verb::EndOrResume),
    ];
    one.prop_recursive(1, 3, 2, |inner| {
        (inner.clone(), inner).prop_map(|(one, two)| Verb::Both(Box::new(one), Box::new(two)))
    })
}

struct Play<'a> {
    shop: &'a TestShop,
    partner: PartnerId,
    /// Her link.
    link: String,
    rate: AtomicI32,
    /// What was placed in this play, oldest first, and where each is paid.
    placed: Mutex<Vec<(OrderId, Url)>>,
    /// What each was promised; nothing for those that do not count.
    promised: Mutex<BTreeMap<i64, Option<i32>>>,
}

impl Play<'_> {
    async fn begin(shop: &TestShop, account: i64) -> Play<'_> {
        let (her, now) = (shop.knows(account).await, shop.clock.now());
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let rate = Rate::from_bp(1_050).unwrap();
        let (partner, _) =
            partners::add(&mut tx, Uuid::new_v4(), ("阿梅", rate), &Actor::Shop, now).await.unwrap();
        let invited = partners::invite(&mut tx, partner, now).await.unwrap().unwrap();
        let taken = partners::accept(&mut tx, &invited.link, her, now).await.unwrap();
        assert_eq!(taken, Taken::Bound(partner));
        let code = partners::link(&mut tx, (partner, her), "/p/socks", now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        Play {
            shop,
            partner,
            link: format!("/s/{code}"),
            rate: AtomicI32::new(1_050),
            placed: Mutex::default(),
            promised: Mutex::default(),
        }
    }

    async fn place(&self, by_link: bool, pieces: u32) {
        let mut buyer = self.shop.desktop();
        if by_link {
            buyer.opens(&self.link).await;
        }
        buyer.opens(&format!("/checkout?variant=socks-1&quantity={pieces}")).await;
        let form = buyer.filled_in();
        if !buyer.submits(&form).await.has("main[data-payment]") {
            return;
        }
        let number: OrderNumber = buyer.order().parse().unwrap();
        let cashier = buyer.follows("#pay, #pc").await.url.clone();
        let mut conn = self.shop.database.connect().await;
        let id = orders::find(&mut conn, &number).await.unwrap().unwrap().id;
        let on = partners::find(&mut conn, self.partner).await.unwrap().unwrap().ended_at.is_none();
        let promised = (by_link && on).then(|| self.rate.load(Ordering::SeqCst));
        self.placed.lock().unwrap().push((id, cashier));
        self.promised.lock().unwrap().insert(id.0, promised);
    }

    fn order(&self, back: usize) -> Option<(OrderId, Url)> {
        let placed = self.placed.lock().unwrap();
        placed.len().checked_sub(back + 1).map(|at| placed[at].clone())
    }

    async fn pay(&self, back: usize) {
        let Some((_, cashier)) = self.order(back) else { return };
        let mut buyer = self.shop.desktop();
        buyer.visits(cashier).await;
        if buyer.has_seen("form.pay") {
            buyer.presses_pay().await;
        }
        self.shop.weibo.delivers().await;
    }

    async fn expire(&self, back: usize) {
        let Some((id, _)) = self.order(back) else { return };
        let (mut tx, now) = (self.shop.app.shop.db.begin().await.unwrap(), self.shop.clock.now());
        let mut order = orders::lock(&mut tx, id).await.unwrap().unwrap();
        if order.expire(&mut tx, now + Duration::hours(1)).await.is_ok() {
            tx.commit().await.unwrap();
        }
    }

    async fn receive(&self, back: usize) {
        let Some((id, _)) = self.order(back) else { return };
        let (mut tx, now) = (self.shop.app.shop.db.begin().await.unwrap(), self.shop.clock.now());
        let number = orders::find_by_id(&mut tx, id).await.unwrap().unwrap().number;
        let parcel = Shipment { courier: Courier::Sf, tracking: Tracking::read("SF1234567890123").unwrap() };
        let sent = (&parcel, Duration::days(10));
        match orders::ship(&mut tx, &number, sent, &Actor::Shop, now).await {
            Ok(_) => {}
            Err(ChangeError::Refused(_)) => return,
            Err(error) => panic!("{error:#}"),
        }
        match orders::receive(&mut tx, &number, &Actor::Buyer, now).await {
            Ok(_) => tx.commit().await.unwrap(),
            Err(ChangeError::Refused(_)) => {}
            Err(error) => panic!("{error:#}"),
        }
    }

    async fn refund(&self, back: usize, what: Part) {
        let Some((id, _)) = self.order(back) else { return };
        let fen = |fen| Money::from_fen(fen).unwrap();
        let (portion, shown) = match what {
            Part::Everything => (Portion::Everything { restock: true }, Money::ZERO),
            Part::Piece { freight } => {
                let pieces = vec![Pieces { position: 1, quantity: 1, restock: true }];
                (Portion::Pieces { pieces, freight }, Money::ZERO)
            }
            Part::Fen(amount) => (Portion::Amount(fen(amount)), fen(amount)),
        };
        let mut ask = Ask { key: Uuid::new_v4(), portion, shown, reason: "不想要了".into() };
        ask.shown = shown_on_the_form(self.shop, id, &ask).await;
        // At the same moment as something else it may come to something else.
        let mut tx = self.shop.app.shop.db.begin().await.unwrap();
        let again = weipu::payments::refund(&mut tx, id, &ask, &Actor::Shop, self.shop.clock.now()).await;
        drop(tx);
        if again.is_ok() {
            presses(self.shop, id, ask).await;
        }
    }

    async fn answers(&self) {
        self.shop.work().await;
        self.shop.later(Duration::seconds(30));
        self.shop.weibo.delivers().await;
        self.shop.work().await;
    }

    async fn work_out(&self) {
        partners::work_out(&self.shop.app.worker.db, self.shop.clock.now()).await.unwrap();
    }

    /// What is proposed is paid, whatever happened since; where nothing is, what is free is proposed.
    async fn pay_out(&self) {
        let (db, now) = (&self.shop.app.shop.db, self.shop.clock.now());
        let mut tx = db.begin().await.unwrap();
        let payouts = partners::payouts(&mut tx, self.partner).await.unwrap();
        if let Some(open) = payouts.iter().find(|payout| matches!(payout.state, State::Proposed)) {
            let how = Paid { on: now.date(), reference: String::new(), note: String::new() };
            match partners::pay(&mut tx, (self.partner, open.id), &how, (1, "阿山"), now).await {
                Ok(_) => tx.commit().await.unwrap(),
                Err(Refused::Over) => {}
                Err(error) => panic!("{error:#}"),
            }
            return;
        }
        partners::catch_up(db, self.partner, now).await.unwrap();
        match partners::propose(&mut tx, self.partner, Uuid::new_v4(), &Actor::Shop, now).await {
            Ok((_, true)) => tx.commit().await.unwrap(),
            Err(Refused::NothingFree | Refused::Proposed | Refused::Unsettled) => {}
            other => panic!("{other:?}"),
        }
    }

    async fn promise(&self, bp: i32) {
        let (mut tx, now) = (self.shop.app.shop.db.begin().await.unwrap(), self.shop.clock.now());
        let rate = Rate::from_bp(bp).unwrap();
        partners::promise(&mut tx, self.partner, rate, &Actor::Shop, now).await.unwrap();
        tx.commit().await.unwrap();
        self.rate.store(bp, Ordering::SeqCst);
    }

    async fn end_or_resume(&self) {
        let (mut tx, now) = (self.shop.app.shop.db.begin().await.unwrap(), self.shop.clock.now());
        if !partners::end(&mut tx, self.partner, now).await.unwrap() {
            partners::resume(&mut tx, self.partner).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn goes_on(&self, verb: &Verb) {
        match verb {
            Verb::Place { by_link, pieces } => self.place(*by_link, *pieces).await,
            Verb::Expire(back) => self.expire(*back).await,
            Verb::Pay(back) => self.pay(*back).await,
            Verb::Receive(back) => self.receive(*back).await,
            Verb::Refund { back, what } => self.refund(*back, *what).await,
            Verb::Fail => self.shop.weibo.sandbox.set_fault(Fault::RefundFailsLater, Some(Lasting::Once)),
            Verb::Answers => self.answers().await,
            Verb::Days(days) => self.shop.later(Duration::days(*days)),
            Verb::WorkOut => self.work_out().await,
            Verb::Payout => self.pay_out().await,
            Verb::Promise(bp) => self.promise(*bp).await,
            Verb::EndOrResume => self.end_or_resume().await,
            Verb::Both(one, two) => {
                // What an order is promised is only known where nothing else happens to the promise.
                let alone = |verb: &Verb| matches!(verb, Verb::Place { .. });
                if alone(one) || alone(two) {
                    Box::pin(self.goes_on(one)).await;
                    Box::pin(self.goes_on(two)).await;
                } else {
                    tokio::join!(Box::pin(self.goes_on(one)), Box::pin(self.goes_on(two)));
                }
            }
        }
    }

    /// What holds at any time; and, when nothing is left to be worked out, that what is entered is what is due.
    async fn is_sound(&self, worked_out: bool) -> Result<(), TestCaseError> {
        // What counts is counted here by the lines of orders and refunds, not by what orders say of themselves.
        let sql = "SELECT o.id, o.payment, o.received_at, p.rate_bp, p.freed_at IS NOT NULL,
                (SELECT sum(paid_fen)::bigint FROM order_lines l WHERE l.order_id = o.id),
                (SELECT coalesce(sum(amount_fen - freight_fen), 0)::bigint FROM refunds r
                    WHERE r.order_id = o.id AND cause = 'staff' AND state <> 'failed'),
                EXISTS (SELECT FROM refunds r WHERE r.order_id = o.id AND cause <> 'surplus' AND state IN ('begun', 'unknown', 'accepted')),
                (SELECT coalesce(sum(amount_fen), 0)::bigint FROM commission_entries e WHERE e.order_id = o.id),
                (SELECT count(*) FROM commission_entries e WHERE e.order_id = o.id AND kind = 'earned')
            FROM orders o LEFT JOIN partner_orders p ON p.order_id = o.id AND p.partner_id = $2 WHERE o.id = ANY($1)";
        let mut conn = self.shop.database.connect().await;
        let ids: Vec<i64> = self.placed.lock().unwrap().iter().map(|(id, _)| id.0).collect();
        let rows = sqlx::query(sql).bind(ids).bind(self.partner.0).fetch_all(&mut conn).await.unwrap();
        let mut entered_in_all = 0;
        for row in rows {
            let (id, payment, rate): (i64, String, Option<i32>) = (row.get(0), row.get(1), row.get(3));
            prop_assert_eq!(
                rate,
                self.promised.lock().unwrap()[&id],
                "order {} was promised something else",
                id
            );
            let received: Option<time::OffsetDateTime> = row.get(2);
            let (goods, back): (i64, i64) = (row.get(5), row.get(6));
            let (under_way, entered, earned): (bool, i64, i64) = (row.get(7), row.get(8), row.get(9));
            entered_in_all += entered;
            prop_assert!(earned <= 1 && entered >= 0, "order {}: {} times, {}", id, earned, entered);
            let (Some(rate), Some(freed)) = (rate, row.get::<Option<bool>, _>(4)) else {
                prop_assert_eq!(entered, 0, "order {} does not count", id);
                continue;
            };
            let over = received.is_some_and(|at| at + Duration::days(7) <= self.shop.clock.now());
            let due = freed || (payment == "paid" && over && !under_way);
            if !due {
                prop_assert_eq!(entered, 0, "order {} is held", id);
            } else if worked_out {
                let kept = if payment == "paid" { (goods - back).max(0) } else { 0 };
                let wanted = i128::from(kept) * i128::from(rate) / 10_000;
                prop_assert_eq!(i128::from(entered), wanted, "order {} kept {} at {}", id, kept, rate);
            }
        }
        let sums = partners::sums(&mut conn, &[self.partner]).await.unwrap()[&self.partner];
        prop_assert_eq!(sums.entered, entered_in_all);
        let wrong = "SELECT count(*) FROM partner_payouts p WHERE partner_id = $1 AND amount_fen <>
            (SELECT sum(amount_fen) FROM commission_entries e WHERE e.partner_id = $1 AND e.id <= p.through_entry)
            - (SELECT coalesce(sum(amount_fen), 0) FROM partner_payouts b
                WHERE b.partner_id = $1 AND b.state = 'paid' AND b.id < p.id)";
        let wrong: i64 = sqlx::query_scalar(wrong).bind(self.partner.0).fetch_one(&mut conn).await.unwrap();
        prop_assert_eq!(wrong, 0, "something was paid that was not free");
        let paid = "SELECT coalesce(sum(amount_fen), 0)::bigint FROM partner_payouts
            WHERE partner_id = $1 AND state = 'paid'";
        let paid: i64 = sqlx::query_scalar(paid).bind(self.partner.0).fetch_one(&mut conn).await.unwrap();
        prop_assert_eq!(sums.free() + sums.proposed, entered_in_all - paid, "what is due");
        Ok(())
    }
}

/// Chance need not do everything: commission is paid out and then goes back; a refund fails after all; one is under way
/// when the time is over; money comes late.
fn known() -> [Vec<Verb>; 4] {
    let bought = [Verb::Place { by_link: true, pieces: 2 }, Verb::Pay(0), Verb::Receive(0)];
    let refund = |what| Verb::Refund { back: 0, what };
    let free = [Verb::Days(7), Verb::WorkOut, Verb::Payout];
    let after = [
        refund(Part::Piece { freight: true }),
        Verb::Payout,
        Verb::WorkOut,
        refund(Part::Everything),
        Verb::WorkOut,
    ];
    let fails =
        [Verb::Days(7), Verb::WorkOut, Verb::Fail, refund(Part::Fen(333)), Verb::WorkOut, Verb::Answers];
    let under_way = [refund(Part::Fen(333)), Verb::Days(7), Verb::WorkOut, Verb::Answers, Verb::WorkOut];
    let late = [
        Verb::Place { by_link: true, pieces: 1 },
        Verb::Expire(0),
        Verb::Pay(0),
        Verb::Answers,
        Verb::WorkOut,
    ];
    [
        bought.iter().chain(&free).chain(&after).cloned().collect(),
        bought
            .iter()
            .chain(&fails)
            .chain([&Verb::Days(1), &Verb::Answers, &Verb::WorkOut])
            .cloned()
            .collect(),
        bought.iter().chain(&under_way).cloned().collect(),
        late.into(),
    ]
}

#[test]
fn what_a_partner_has_is_what_is_due_whatever_happens() {
    let runtime = Runtime::new().unwrap();
    let shop = runtime.block_on(TestShop::open());
    shop.leaves_jobs();
    runtime.block_on(async {
        shop.runs("UPDATE shop SET freight_fen = 800, delivery_version = delivery_version + 1").await;
        shop.follows_settings().await;
    });
    let config =
        Config { cases: CASES, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let account = Cell::new(8_100_000_000_i64);
    let plays = |story: Vec<Verb>| {
        account.set(account.get() + 1);
        runtime.block_on(async {
            shop.restocks("socks-1", 99).await;
            let play = Play::begin(&shop, account.get()).await;
            for verb in &story {
                play.goes_on(verb).await;
                play.is_sound(matches!(verb, Verb::WorkOut)).await?;
            }
            // Two at once.
            tokio::join!(play.work_out(), play.work_out());
            play.is_sound(true).await
        })
    };
    for story in known() {
        plays(story).unwrap();
    }
    TestRunner::new(config).run(&proptest::collection::vec(verb(), 4..24), plays).unwrap();
    for (what, happened) in [
        ("earned", "SELECT count(*) FROM commission_entries WHERE kind = 'earned'"),
        ("written back", "SELECT count(*) FROM commission_entries WHERE kind = 'returned'"),
        ("kept after all", "SELECT count(*) FROM commission_entries WHERE kind = 'kept'"),
        ("paid", "SELECT count(*) FROM partner_payouts WHERE state = 'paid'"),
    ] {
        let sql: &'static str = happened;
        assert!(runtime.block_on(shop.count(sql)) > 0, "nothing was {what}");
    }
}
