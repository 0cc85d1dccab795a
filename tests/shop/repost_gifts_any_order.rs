//! Whatever happens to orders, reposts and coupons, in whatever order: one status for an order, one coupon for a buyer,
//! never more than there are, and none taken back but for a repost that is gone. On a real Postgres, with sequences
//! that proptest makes and makes smaller.

use crate::any_order::{presses, shown_on_the_form};
use crate::support::coupons::off;
use crate::support::desk::{ALI, ZHOU};
use crate::support::goods::NOON;
use crate::support::{Duration, TestShop, minutes};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use tokio::runtime::Runtime;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::checkout::{self, Buyer, Form};
use weipu::coupons::{Coupon, Wanted};
use weipu::customers::{self, AddressForm, CustomerId};
use weipu::money::Money;
use weipu::orders::{self, OrderId};
use weipu::payments::refund::Portion;
use weipu::payments::{self, Ask, Way};
use weipu::sandbox::{Fault, Status};
use weipu::sharing::gifts::GiftId;
use weipu::sharing::{self, RepostError, Wish};
use weipu::text::Language;

const CASES: u32 = 12;
/// There is one coupon less than there are buyers.
const TOTAL: u32 = 1;
const FAULTS: [Option<Fault>; 5] = [
    None,
    Some(Fault::AnswerLost),
    Some(Fault::PostDropped),
    Some(Fault::PostDelayed),
    Some(Fault::PostFails),
];
const READING: [Fault; 3] = [Fault::ReadFails, Fault::ReadForbidden, Fault::TokenExpired];

/// Something that happens. A first number says to whom, a second one to which order of hers, counted back from the last.
#[derive(Debug, Clone)]
enum Verb {
    /// She buys, with her coupon if she has one, and pays at once or not at all.
    Buy {
        who: usize,
        pays: bool,
    },
    Cancel {
        who: usize,
        back: usize,
    },
    Refund {
        who: usize,
        back: usize,
    },
    /// So many presses at once; Weibo misbehaves with the first.
    Repost {
        who: usize,
        back: usize,
        at_once: usize,
        fault: usize,
    },
    Delete {
        who: usize,
        back: usize,
    },
    /// Anew, where her leave was over.
    SignIn(usize),
    /// Minutes pass, and what is due is done; Weibo misbehaves with the first question.
    Work {
        minutes: i64,
        fault: Option<usize>,
    },
    Both(Box<Verb>, Box<Verb>),
}

fn verb() -> impl Strategy<Value = Verb> {
    let (who, back) = (|| 0_usize..2, || 0_usize..3);
    let one = prop_oneof![
        3 => (who(), proptest::bool::weighted(0.8)).prop_map(|(who, pays)| Verb::Buy { who, pays }),
        1 => (who(), back()).prop_map(|(who, back)| Verb::Cancel { who, back }),
        1 => (who(), back()).prop_map(|(who, back)| Verb::Refund { who, back }),
        5 => (who(), back(), 1_usize..3, 0_usize..5)
            .prop_map(|(who, back, at_once, fault)| Verb::Repost { who, back, at_once, fault }),
        3 => (who(), back()).prop_map(|(who, back)| Verb::Delete { who, back }),
        1 => who().prop_map(Verb::SignIn),
        5 => (prop_oneof![Just(0_i64), Just(2), Just(15), Just(90), Just(1500)], proptest::option::of(0_usize..3))
            .prop_map(|(minutes, fault)| Verb::Work { minutes, fault }),
    ];
    one.prop_recursive(1, 3, 2, |inner| {
        (inner.clone(), inner).prop_map(|(one, two)| Verb::Both(Box::new(one), Box::new(two)))
    })
}

struct Play<'a> {
    shop: &'a TestShop,
    buyers: [(i64, CustomerId); 2],
    coupon: Coupon,
    gift: GiftId,
    card: i64,
    /// Every status that ever stood for an order of this play.
    stood: Mutex<BTreeMap<i64, BTreeSet<u64>>>,
}

/// What she says of an order, so that its statuses are known by their words.
fn words(order: i64) -> String {
    format!("好看，订单 {order} 号")
}

impl Play<'_> {
    async fn buy(&self, (uid, her): (i64, CustomerId), pays: bool) {
        let sql =
            "SELECT code FROM coupons_given WHERE coupon_id = $1 AND customer_id = $2 AND state = 'open'
            AND usable_until > $3";
        let code: Option<String> = sqlx::query_scalar(sql)
            .bind(self.coupon.id)
            .bind(her)
            .bind(self.shop.clock.now())
            .fetch_optional(&mut self.shop.database.connect().await)
            .await
            .unwrap();
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
            coupon: code.unwrap_or_default(),
            key: Uuid::new_v4().to_string(),
            ..Form::default()
        };
        let ask = form.read(99).unwrap();
        let buyer =
            Buyer { visitor: Uuid::new_v4(), customer: Some(her), language: Language::Chinese, origin: None };
        let (shop, now) = (&self.shop.app.shop, self.shop.clock.now());
        let delivery = shop.current.terms(&shop.db).await.unwrap().delivery;
        let number = match checkout::place(&shop.db, &ask, &buyer, &delivery, now).await {
            Err(checkout::Refused::Unexpected(error)) => panic!("{uid}: {error:#}"),
            Err(_) => return,
            Ok(number) => number,
        };
        if !pays {
            return;
        }
        let weibo = self.shop.weibo_client().await;
        let mut tx = shop.db.begin().await.unwrap();
        let id = orders::find(&mut tx, &number).await.unwrap().unwrap().id;
        let mut order = orders::lock(&mut tx, id).await.unwrap().unwrap();
        let begun = payments::begin(&mut tx, &weibo, &shop.callbacks, &mut order, (Way::Pc, None), now).await;
        let Ok(cashier) = begun else { return };
        tx.commit().await.unwrap();
        let mut browser = self.shop.desktop();
        browser.visits(cashier).await;
        browser.presses_pay().await;
        self.shop.weibo.delivers().await;
    }

    async fn order(&self, her: CustomerId, back: usize) -> Option<OrderId> {
        let sql = "SELECT id FROM orders WHERE customer_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1";
        let found = sqlx::query_scalar(sql).bind(her).bind(i64::try_from(back).unwrap());
        found.fetch_optional(&mut self.shop.database.connect().await).await.unwrap().map(OrderId)
    }

    async fn press(&self, her: CustomerId, id: OrderId) {
        let (shop, now) = (&self.shop.app.shop, self.shop.clock.now());
        let mut conn = shop.db.reader().await.unwrap();
        let Some(held) = customers::token(&mut conn, her, &shop.keys, now).await.unwrap() else { return };
        let order = orders::find_by_id(&mut conn, id).await.unwrap().unwrap();
        let gift = sharing::gifts::offered(&mut conn, her, id, now).await.unwrap();
        drop(conn);
        let text = words(id.0);
        let wish = Wish {
            customer: her,
            token: &held.secret,
            text: &text,
            status_id: Some(self.card),
            ip: [203, 0, 113, 9].into(),
            gift: gift.filter(|gift| gift.id == self.gift).map(|gift| gift.yes()),
        };
        let weibo = self.shop.weibo_client().await;
        if let Err(RepostError::Unexpected(error)) =
            sharing::repost(&shop.db, &weibo, &order, &wish, now).await
        {
            panic!("{error:#}");
        }
    }

    /// Takes down what the shop knows to stand.
    async fn delete(&self, her: CustomerId, back: usize) {
        let sql = "SELECT status_id FROM reposts WHERE customer_id = $1 AND status_id IS NOT NULL
            ORDER BY order_id DESC OFFSET $2 LIMIT 1";
        let found = sqlx::query_scalar(sql).bind(her).bind(i64::try_from(back).unwrap());
        let id: Option<i64> = found.fetch_optional(&mut self.shop.database.connect().await).await.unwrap();
        if let Some(id) = id {
            self.shop.weibo.sandbox.delete_status(id.cast_unsigned()).ok();
        }
    }

    async fn goes_on(&self, verb: &Verb) {
        let shop = self.shop;
        match *verb {
            Verb::Buy { who, pays } => self.buy(self.buyers[who], pays).await,
            Verb::Delete { who, back } => self.delete(self.buyers[who].1, back).await,
            Verb::SignIn(who) => drop(shop.signed_in_as(self.buyers[who].0).await),
            Verb::Work { minutes: passed, fault } => {
                if let Some(fault) = fault {
                    shop.weibo.will(READING[fault]);
                }
                shop.later(minutes(passed));
                shop.work().await;
            }
            Verb::Repost { who, back, at_once, fault } => {
                let Some(id) = self.order(self.buyers[who].1, back).await else { return };
                if let Some(fault) = FAULTS[fault] {
                    shop.weibo.will(fault);
                }
                let all = (0..at_once).map(|_| self.press(self.buyers[who].1, id));
                futures_util::future::join_all(all).await;
            }
            Verb::Both(ref one, ref two) => {
                tokio::join!(Box::pin(self.goes_on(one)), Box::pin(self.goes_on(two)));
            }
            Verb::Cancel { who, back } => {
                let Some(id) = self.order(self.buyers[who].1, back).await else { return };
                let mut tx = shop.app.shop.db.begin().await.unwrap();
                let mut order = orders::lock(&mut tx, id).await.unwrap().unwrap();
                if order.cancel(&mut tx, "x", &Actor::Shop, shop.clock.now()).await.is_ok() {
                    tx.commit().await.unwrap();
                }
            }
            Verb::Refund { who, back } => {
                let Some(id) = self.order(self.buyers[who].1, back).await else { return };
                let portion = Portion::Everything { restock: true };
                let mut ask =
                    Ask { key: Uuid::new_v4(), portion, shown: Money::ZERO, reason: "不想要了".into() };
                ask.shown = shown_on_the_form(shop, id, &ask).await;
                presses(shop, id, ask).await;
            }
        }
    }

    /// Every status that ever stood for an order: one for each.
    fn stood(&self, standing: &[Status]) -> Result<Vec<i64>, TestCaseError> {
        let mut stood = self.stood.lock().unwrap();
        for status in standing {
            let order = status.text.strip_prefix("好看，订单 ").and_then(|rest| rest.strip_suffix(" 号"));
            if let Some(order) = order.and_then(|order| order.parse().ok()) {
                let all: &mut BTreeSet<u64> = stood.entry(order).or_default();
                all.insert(status.id);
                prop_assert!(all.len() == 1, "order {} has {:?}", order, all);
            }
        }
        Ok(stood.values().flatten().map(|id| id.cast_signed()).collect())
    }

    async fn is_sound(&self) -> Result<(), TestCaseError> {
        let standing = self.shop.weibo.sandbox.statuses();
        let stood = self.stood(&standing)?;
        let standing: Vec<i64> = standing.iter().map(|status| status.id.cast_signed()).collect();
        for (what, sql) in [
            ("two for one buyer", "SELECT count(*) FROM (SELECT 1 FROM coupons_given WHERE coupon_id = $1
                GROUP BY customer_id HAVING count(*) > 1) x WHERE $2 IS NOT NULL AND $3 IS NOT NULL AND $4 IS NOT NULL"),
            ("more than there are", "SELECT count(*) FROM repost_gifts g WHERE g.id = $2 AND (g.promised > g.total
                OR (SELECT count(*) FROM coupons_given v WHERE v.coupon_id = $1) > g.total
                OR g.promised <> (SELECT count(*) FROM repost_gift_claims c
                    WHERE c.gift_id = g.id AND c.state IN ('waiting', 'issued', 'taken_back')))
                AND $3 IS NOT NULL AND $4 IS NOT NULL"),
            ("given for nothing", "SELECT count(*) FROM coupons_given v LEFT JOIN repost_gift_claims c ON c.given_id = v.id
                LEFT JOIN reposts r ON r.order_id = c.order_id
                WHERE v.coupon_id = $1 AND (c.id IS NULL OR c.gift_id <> $2 OR NOT r.status_id = ANY($4)) AND $3 IS NOT NULL"),
            ("taken back though it stands, or though it was used", "SELECT count(*) FROM repost_gift_claims c
                JOIN reposts r ON r.order_id = c.order_id JOIN coupons_given v ON v.id = c.given_id
                WHERE c.gift_id = $2 AND (c.state = 'taken_back' OR v.state = 'taken_back')
                    AND (r.status_id = ANY($3) OR v.state <> 'taken_back' OR c.state <> 'taken_back')
                    AND $1 IS NOT NULL AND $4 IS NOT NULL"),
        ] {
            let wrong: i64 = sqlx::query_scalar(sql)
                .bind(self.coupon.id)
                .bind(self.gift)
                .bind(&standing)
                .bind(&stood)
                .fetch_one(&mut self.shop.database.connect().await)
                .await
                .unwrap();
            prop_assert!(wrong == 0, "{}", what);
        }
        Ok(())
    }
}

async fn play(shop: &TestShop, card: i64, story: &[Verb]) -> Result<(), TestCaseError> {
    // What was promised in the play before counts for the day no more, and its questions are over.
    shop.later(Duration::days(9));
    for fault in FAULTS.into_iter().flatten().chain(READING) {
        shop.weibo.stops(fault);
    }
    shop.work().await;
    shop.restocks("socks-1", 60).await;
    let coupon = shop.has_coupon(&Wanted { given_until: NOON + Duration::days(3000), ..off(1_000, 0) }).await;
    let gift = shop.rewards(&coupon, TOTAL).await;
    let mut buyers = [(ALI, CustomerId(0)), (ZHOU, CustomerId(0))];
    for (uid, her) in &mut buyers {
        shop.signed_in_as(*uid).await;
        *her = shop.knows(*uid).await;
    }
    let play = Play { shop, buyers, coupon, gift, card, stood: Mutex::default() };
    for verb in story {
        play.goes_on(verb).await;
        play.is_sound().await?;
    }
    shop.runs("UPDATE repost_gifts SET ended_at = made_at WHERE ended_at IS NULL").await;
    Ok(())
}

#[test]
fn one_status_for_an_order_and_one_coupon_for_a_buyer() {
    let runtime = Runtime::new().unwrap();
    let shop = runtime.block_on(TestShop::open());
    shop.leaves_jobs();
    let card = runtime.block_on(shop.posts_a_card("mug")).cast_signed();
    let config =
        Config { cases: CASES, max_shrink_iters: 150, failure_persistence: None, ..Config::default() };
    let played = Cell::new(0);
    let plays = |story: Vec<Verb>| {
        played.set(played.get() + 1);
        runtime.block_on(play(&shop, card, &story))
    };
    // Chance need not do everything.
    let (buy, repost) =
        (Verb::Buy { who: 0, pays: true }, |fault| Verb::Repost { who: 0, back: 0, at_once: 2, fault });
    let work = |minutes| Verb::Work { minutes, fault: None };
    let delete = Verb::Delete { who: 0, back: 0 };
    plays(vec![buy.clone(), repost(0), work(0), delete.clone(), work(90), work(90)]).unwrap();
    plays(vec![buy.clone(), repost(1), work(2), buy.clone(), delete, work(90), work(1500)]).unwrap();
    plays(vec![buy.clone(), repost(2), work(15), repost(0), work(0)]).unwrap();
    plays(vec![buy, repost(3), work(2), work(15)]).unwrap();
    TestRunner::new(config).run(&proptest::collection::vec(verb(), 1..14), plays).unwrap();
    for (what, happened) in [
        ("taken back", "SELECT count(*) FROM repost_gift_claims WHERE state = 'taken_back'"),
        (
            "used though it is gone",
            "SELECT count(*) FROM repost_gift_claims c JOIN coupons_given v ON v.id = c.given_id
             JOIN reposts r ON r.order_id = c.order_id WHERE v.state = 'used' AND c.state = 'issued'",
        ),
        ("sent again", "SELECT count(*) FROM reposts WHERE tries > 1 AND state IN ('done', 'deleted')"),
    ] {
        assert!(runtime.block_on(shop.count(happened)) > 0, "nothing was {what}");
    }
}
