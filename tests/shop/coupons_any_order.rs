//! Whatever happens to orders, in whatever order: a coupon is never at two of them that count. On a real Postgres, with
//! sequences that proptest makes and makes smaller.

use crate::any_order::{presses, shown_on_the_form};
use crate::support::TestShop;
use crate::support::coupons::off;
use crate::support::goods::NOON;
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use time::Duration;
use tokio::runtime::Runtime;
use url::Url;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::checkout::{self, Buyer, Form};
use weipu::coupons::{Given, Lasts, Wanted};
use weipu::customers::{AddressForm, CustomerId};
use weipu::money::Money;
use weipu::orders::{self, OrderId, OrderNumber};
use weipu::payments::refund::Portion;
use weipu::payments::{self, Ask, Way};
use weipu::text::Language;

const CASES: u32 = 20;

/// Something that happens. A number says to which order, counted back from the last.
#[derive(Debug, Clone)]
enum Verb {
    /// So many checkouts at once, with this of her coupons.
    Place {
        at_once: usize,
        coupon: usize,
    },
    Expire(usize),
    Cancel(usize),
    /// At the cashier that was opened when it was placed, in time or late.
    Pay(usize),
    Refund(usize),
    /// One is taken back.
    TakeBack(usize),
    /// Two of these at once.
    Both(Box<Verb>, Box<Verb>),
}

fn verb() -> impl Strategy<Value = Verb> {
    let order = || 0_usize..4;
    let one = prop_oneof![
        4 => (1_usize..4, 0_usize..2).prop_map(|(at_once, coupon)| Verb::Place { at_once, coupon }),
        2 => order().prop_map(Verb::Expire),
        2 => order().prop_map(Verb::Cancel),
        4 => order().prop_map(Verb::Pay),
        1 => order().prop_map(Verb::Refund),
        2 => (0_usize..3).prop_map(Verb::TakeBack),
    ];
    one.prop_recursive(1, 3, 2, |inner| {
        (inner.clone(), inner).prop_map(|(one, two)| Verb::Both(Box::new(one), Box::new(two)))
    })
}

struct Play<'a> {
    shop: &'a TestShop,
    her: CustomerId,
    coupons: Vec<Given>,
    /// The second of them was taken back.
    taken_back: AtomicBool,
    cashiers: Mutex<BTreeMap<OrderId, Url>>,
}

impl Play<'_> {
    async fn place(&self, coupon: usize) {
        let form = Form {
            variant: "socks-1".into(),
            quantity: "1".into(),
            address: AddressForm {
                recipient: "林阿梨".into(),
                phone: "13800138000".into(),
                province: "浙江省".into(),
                city: "杭州市".into(),
                street: "龙井路 1 号".into(),
                ..AddressForm::default()
            },
            coupon: self.coupons[coupon % self.coupons.len()].code.as_str().to_owned(),
            key: Uuid::new_v4().to_string(),
            ..Form::default()
        };
        let ask = form.read(99).unwrap();
        let (visitor, language) = (Uuid::new_v4(), Language::Chinese);
        let buyer = Buyer { visitor, customer: Some(self.her), language, origin: None };
        let shop = &self.shop.app.shop;
        let delivery = shop.current.terms(&shop.db).await.unwrap().delivery;
        match checkout::place(&shop.db, &ask, &buyer, &delivery, self.shop.clock.now()).await {
            Err(checkout::Refused::Unexpected(error)) => panic!("{error:#}"),
            Err(_) => {}
            Ok(number) => self.goes_to_the_cashier(&number).await,
        }
    }

    async fn goes_to_the_cashier(&self, number: &OrderNumber) {
        let (shop, now) = (&self.shop.app.shop, self.shop.clock.now());
        let weibo = self.shop.weibo_client().await;
        let mut tx = shop.db.begin().await.unwrap();
        let id = orders::find(&mut tx, number).await.unwrap().unwrap().id;
        let mut order = orders::lock(&mut tx, id).await.unwrap().unwrap();
        // Another may have closed it meanwhile.
        let begun = payments::begin(&mut tx, &weibo, &shop.callbacks, &mut order, (Way::Pc, None), now).await;
        let Ok(cashier) = begun else { return };
        tx.commit().await.unwrap();
        self.shop.desktop().visits(cashier.clone()).await;
        self.cashiers.lock().unwrap().insert(id, cashier);
    }

    async fn pay(&self, id: OrderId) {
        let Some(cashier) = self.cashiers.lock().unwrap().get(&id).cloned() else { return };
        let mut buyer = self.shop.desktop();
        buyer.visits(cashier).await;
        if buyer.has_seen("form.pay") {
            buyer.presses_pay().await;
        }
        self.shop.weibo.delivers().await;
    }

    async fn refund(&self, id: OrderId) {
        let portion = Portion::Everything { restock: true };
        let mut ask = Ask { key: Uuid::new_v4(), portion, shown: Money::ZERO, reason: "不想要了".into() };
        ask.shown = shown_on_the_form(self.shop, id, &ask).await;
        presses(self.shop, id, ask).await;
    }

    async fn order(&self, back: usize) -> Option<OrderId> {
        let sql = "SELECT id FROM orders WHERE customer_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1";
        let found = sqlx::query_scalar(sql).bind(self.her.0).bind(i64::try_from(back).unwrap());
        found.fetch_optional(&mut *self.shop.app.shop.db.reader().await.unwrap()).await.unwrap().map(OrderId)
    }

    async fn goes_on(&self, verb: &Verb) {
        let (db, now) = (&self.shop.app.shop.db, self.shop.clock.now());
        let back = match verb {
            Verb::Place { at_once, coupon } => {
                join_all((0..*at_once).map(|_| self.place(*coupon))).await;
                return;
            }
            Verb::Both(one, two) => {
                tokio::join!(Box::pin(self.goes_on(one)), Box::pin(self.goes_on(two)));
                return;
            }
            Verb::TakeBack(once) => {
                if *once == 0 {
                    let mut tx = db.begin().await.unwrap();
                    weipu::coupons::take_back(&mut tx, self.coupons[1].id, now).await.unwrap();
                    tx.commit().await.unwrap();
                    self.taken_back.store(true, Ordering::SeqCst);
                }
                return;
            }
            Verb::Expire(back) | Verb::Cancel(back) | Verb::Pay(back) | Verb::Refund(back) => *back,
        };
        let Some(id) = self.order(back).await else { return };
        match verb {
            Verb::Pay(_) => return self.pay(id).await,
            Verb::Refund(_) => return self.refund(id).await,
            _ => {}
        }
        let mut tx = db.begin().await.unwrap();
        let mut order = orders::lock(&mut tx, id).await.unwrap().unwrap();
        // What an order does not allow it refuses, and nothing of it stays. Nobody asks Weibo: money may come.
        let done = match verb {
            Verb::Expire(_) => order.expire(&mut tx, now + Duration::hours(1)).await.is_ok(),
            _ => order.cancel(&mut tx, "x", &Actor::Shop, now).await.is_ok(),
        };
        if done {
            tx.commit().await.unwrap();
        }
    }

    /// Each coupon is at the one order that counts, or at none; and the limits hold.
    async fn is_sound(&self) -> Result<(), TestCaseError> {
        let wrong = "SELECT g.id FROM coupons_given g
            LEFT JOIN coupon_uses u ON u.given_id = g.id
            LEFT JOIN orders o ON o.id = u.order_id AND o.closed_at IS NULL
            WHERE g.customer_id = $1
            GROUP BY g.id HAVING count(o.id) > 1 OR (count(o.id) = 1) <> (g.state = 'used')
                OR (g.state = 'used' AND max(o.id) IS DISTINCT FROM g.order_id)";
        let mut conn = self.shop.database.connect().await;
        let wrong: Vec<i64> = sqlx::query_scalar(wrong).bind(self.her.0).fetch_all(&mut conn).await.unwrap();
        prop_assert!(wrong.is_empty(), "{wrong:?} are at more than one order, or at another");
        let priced = "SELECT o.id FROM orders o LEFT JOIN coupon_uses u ON u.order_id = o.id
            WHERE o.customer_id = $1 AND o.discount_fen <> coalesce(u.discount_fen, 0)";
        let wrong: Vec<i64> = sqlx::query_scalar(priced).bind(self.her.0).fetch_all(&mut conn).await.unwrap();
        prop_assert!(wrong.is_empty(), "{wrong:?} cost something else");
        if self.taken_back.load(Ordering::SeqCst) {
            prop_assert_ne!(self.shop.state(&self.coupons[1]).await, "open", "it was taken back");
        }
        Ok(())
    }
}

#[test]
fn a_coupon_is_never_at_two_orders_that_count() {
    let runtime = Runtime::new().unwrap();
    let shop = runtime.block_on(TestShop::open());
    shop.leaves_jobs();
    let config =
        Config { cases: CASES, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let account = std::cell::Cell::new(8_000_000_000_i64);
    let plays = |story: Vec<Verb>| {
        account.set(account.get() + 1);
        runtime.block_on(async {
            let lasts = Lasts::Until(NOON + Duration::days(30));
            let wanted = Wanted { lasts, ..off(1_000, 0) };
            let one = shop.gives(&wanted, account.get()).await;
            let two = shop.gives(&wanted, account.get()).await;
            let her = shop.knows(account.get()).await;
            shop.restocks("socks-1", 40).await;
            let play = Play {
                shop: &shop,
                her,
                coupons: vec![one, two],
                taken_back: AtomicBool::new(false),
                cashiers: Mutex::default(),
            };
            for verb in &story {
                play.goes_on(verb).await;
                play.is_sound().await?;
            }
            Ok(())
        })
    };
    // Chance need not do everything.
    let place = Verb::Place { at_once: 1, coupon: 0 };
    plays(vec![place, Verb::Expire(0), Verb::Pay(0), Verb::Refund(0)]).unwrap();
    TestRunner::new(config).run(&proptest::collection::vec(verb(), 1..16), plays).unwrap();
    // Somebody did everything.
    for (what, happened) in [
        ("used", "SELECT count(*) FROM coupon_uses"),
        (
            "opened again",
            "SELECT count(*) FROM order_events WHERE kind = 'paid' AND detail->>'reopened' = 'true'",
        ),
        ("refunded", "SELECT count(*) FROM refunds WHERE cause = 'staff'"),
    ] {
        let sql: &'static str = happened;
        assert!(runtime.block_on(shop.count(sql)) > 0, "nothing was {what}");
    }
}
