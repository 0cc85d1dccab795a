//! What customers did, by day and in what order: the same as counting every fact, whenever and in whatever order each
//! was learned; and the page that tells it.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::goods::NOON;
use crate::support::page::Page;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use time::{Duration, OffsetDateTime};
use tokio::runtime::Runtime;
use weipu::customers::CustomerId;
use weipu::customers::relations::{self, Fact, Kind, Source};
use weipu::staff::Role;

const PAGE: &str = "/admin/sharing/relations";

/// What does not add up, by counting everything.
const WRONG: &str = "
    WITH steps AS (
        SELECT customer_id, kind, min(happened_at) AS at FROM relations
        WHERE kind NOT IN ('unfollow', 'unsubscribe') GROUP BY 1, 2),
    days AS (SELECT shop_day(happened_at) AS day, kind, count(*) AS n FROM relations GROUP BY 1, 2),
    turns AS (
        SELECT shop_day(b.at) AS day, a.kind AS earlier, b.kind AS later, count(*) AS n
        FROM steps a JOIN steps b ON b.customer_id = a.customer_id AND a.at < b.at GROUP BY 1, 2, 3),
    paths AS (
        SELECT path, count(*) AS n
        FROM (SELECT string_agg(kind, ' ' ORDER BY at, kind) AS path FROM steps GROUP BY customer_id) AS walked
        GROUP BY 1)
    SELECT 'day ' || coalesce(d.kind, r.kind) FROM days d FULL JOIN relation_days r ON r.day = d.day AND r.kind = d.kind
    WHERE d.n IS DISTINCT FROM r.facts
    UNION ALL
    SELECT 'turn ' || coalesce(t.later, r.later) FROM turns t
    FULL JOIN relation_turns r ON (r.day, r.earlier, r.later) = (t.day, t.earlier, t.later)
    WHERE coalesce(t.n, 0) <> coalesce(r.customers, 0)
    UNION ALL
    SELECT 'path ' || coalesce(p.path, r.path) FROM paths p FULL JOIN relation_paths r ON r.path = p.path
    WHERE coalesce(p.n, 0) <> coalesce(r.customers, 0)";

impl TestShop {
    async fn learns_of(&self, who: CustomerId, kind: Kind, at: OffsetDateTime) {
        let fact = Fact { kind, happened_at: at, source: Source::Told(format!("{kind:?} {at}")) };
        let mut tx = self.app.shop.db.begin().await.unwrap();
        relations::learn(&mut tx, who, &fact, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn folds(&self) {
        self.app.worker.fold_relations().await.unwrap();
    }

    async fn does_not_add_up(&self) -> Vec<String> {
        sqlx::query_scalar(WRONG).fetch_all(&mut self.database.connect().await).await.unwrap()
    }
}

/// Somebody does something, so many half hours after noon; or the worker comes round, once or twice at once.
#[derive(Debug, Clone)]
enum Verb {
    Does { who: usize, kind: Kind, at: i64 },
    Fold,
    FoldTwice,
}

fn verb() -> impl Strategy<Value = Verb> {
    // A purchase is learned from an order only: the test's shop would not be sound.
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Purchase).collect();
    let does = (0..3_usize, prop::sample::select(kinds), 0..200_i64).prop_map(|(who, kind, at)| Verb::Does {
        who,
        kind,
        at,
    });
    prop_oneof![6 => does, 1 => Just(Verb::Fold), 1 => Just(Verb::FoldTwice)]
}

#[test]
fn what_is_folded_is_what_counting_finds_in_whatever_order_it_was_learned() {
    let runtime = Runtime::new().unwrap();
    let shop = runtime.block_on(TestShop::open());
    let config = Config { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let accounts = std::cell::Cell::new(8_000_000_000_i64);
    let plays = |story: Vec<Verb>| {
        let first = accounts.get();
        accounts.set(first + 3);
        runtime.block_on(async {
            let who = [shop.knows(first).await, shop.knows(first + 1).await, shop.knows(first + 2).await];
            for verb in &story {
                match verb {
                    Verb::Does { who: n, kind, at } => {
                        shop.learns_of(who[*n], *kind, NOON + Duration::minutes(30 * at)).await;
                    }
                    Verb::Fold => shop.folds().await,
                    Verb::FoldTwice => drop(tokio::join!(shop.folds(), shop.folds())),
                }
            }
            shop.folds().await;
            prop_assert_eq!(shop.does_not_add_up().await, Vec::<String>::new());
            Ok(())
        })
    };
    TestRunner::new(config).run(&proptest::collection::vec(verb(), 1..40), plays).unwrap();
    assert!(runtime.block_on(shop.count("SELECT count(*) FROM relation_turns")) > 0, "nobody did two things");
}

fn asked(page: &Page) -> Vec<String> {
    page.texts(".numbers dd b")
}

async fn report(owner: &mut Buyer, query: &str) -> Page {
    owner.opens(&format!("{PAGE}{query}")).await.clone()
}

/// Two of the sandbox's people.
const LI: i64 = 7_000_000_002;
const ZHAO: i64 = 7_000_000_003;

/// One follows and then buys, one buys and then follows and reposts, and one takes her follow back.
async fn three_customers(shop: &TestShop) {
    let hours = |hours| NOON + Duration::hours(hours);
    for account in [LI, ZHAO] {
        let mut buyer = shop.signed_in_as(account).await;
        buyer.orders("mug", 1).await;
        buyer.pays().await;
        shop.weibo.delivers().await;
    }
    let [one, two, three] = [shop.knows(LI).await, shop.knows(ZHAO).await, shop.knows(8_000_000_003).await];
    shop.learns_of(one, Kind::Follow, hours(-1)).await;
    shop.learns_of(two, Kind::Repost, hours(2)).await;
    shop.learns_of(two, Kind::Follow, hours(1)).await;
    shop.learns_of(three, Kind::Follow, hours(-24 * 40)).await;
    shop.learns_of(three, Kind::Unfollow, hours(-4)).await;
}

#[tokio::test]
async fn the_report_says_who_came_from_what_to_what() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    assert!(report(&mut owner, "").await.has(".empty"), "nothing is known yet");
    three_customers(&shop).await;
    shop.folds().await;
    let page = report(&mut owner, "").await;
    assert_eq!(asked(&page), ["1", "1", "1", "0"]);
    assert_eq!(page.texts("#ways td.money"), ["1", "1", "1"]);
    assert!(page.text("#ways").contains("购买 → 关注了店铺 → 转发"), "{}", page.text("#ways"));
    assert_eq!(page.texts("figcaption b"), ["2", "1", "1", "2"], "the follow of long ago is not in it");
    assert_eq!(page.count("svg.bars"), 4);
    // In a week, in a year; nonsense is thirty days.
    assert_eq!(report(&mut owner, "?days=365").await.texts("figcaption b")[0], "3");
    assert_eq!(report(&mut owner, "?days=%00&kind=x&before=-5").await.status, 200);
    assert_eq!(report(&mut owner, "?before=99999999999999999999").await.status, 400);
    shop.later(Duration::days(7));
    let page = report(&mut shop.member("阿看", Role::ReadOnly).await, "?days=7").await;
    assert!(!page.has("svg.bars") && asked(&page) == ["0", "0", "0", "0"], "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn each_fact_is_there_the_latest_first_and_of_one_kind_where_asked() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    three_customers(&shop).await;
    let page = report(&mut owner, "").await;
    assert_eq!(page.count("#ledger tbody tr"), 7, "facts are there before they are counted");
    assert!(page.text("#ledger tbody tr:first-child").contains("取消关注"), "{}", page.text("#ledger"));
    let page = report(&mut owner, "?kind=purchase").await;
    assert_eq!(page.count("#ledger tbody tr"), 2);
    // More than one page: nothing twice, nothing left out.
    let who = shop.knows(8_000_000_009).await;
    for n in 0..40 {
        shop.learns_of(who, Kind::Like, NOON - Duration::minutes(n)).await;
    }
    let page = report(&mut owner, "?kind=like").await;
    assert_eq!(page.count("#ledger tbody tr"), 30);
    let more = page.attribute("a[rel=next]", "href");
    let page = owner.opens(&more).await;
    assert_eq!((page.count("#ledger tbody tr"), page.has("a[rel=next]")), (10, false));
    shop.closes().await;
}

#[tokio::test]
async fn who_may_not_see_buyers_is_not_told_their_names() {
    let shop = TestShop::open().await;
    three_customers(&shop).await;
    let mut owner = shop.owner().await;
    assert!(report(&mut owner, "").await.text("#ledger").contains('@'));
    let mut reader = shop.member("阿看", Role::ReadOnly).await;
    let page = report(&mut reader, "").await;
    assert!(
        page.text("#ledger").contains("一位客人") && !page.text("#ledger").contains('@'),
        "{}",
        page.told()
    );
    shop.closes().await;
}
