//! Figures by day: right at every moment, whatever happens at once, whoever folds and however far she gets.

use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use crate::support::{Duration, TestShop, minutes};
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use time::Date;
use time::macros::date;
use weipu::clock::shop_day;
use weipu::figures::{self, Figures, Folded, Takings};
use weipu::sandbox::Fault;

const TODAY: Date = date!(2026 - 11 - 21);
/// Everything that is kept of figures, except for what is not folded yet.
const TABLES: [&str; 3] = ["daily_figures", "daily_product_figures", "product_window_figures"];

fn of(placed: i64, paid: i64, fen: i64) -> Figures {
    Figures { placed, paid, takings: Takings(fen), ..Figures::default() }
}

/// All of the last 60 days.
async fn total(shop: &TestShop) -> Figures {
    let today = shop_day(shop.clock.now());
    by_day(shop, today - Duration::days(59), today).await.into_iter().map(|(_, figures)| figures).sum()
}

async fn by_day(shop: &TestShop, first: Date, last: Date) -> Vec<(Date, Figures)> {
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    figures::by_day(&mut conn, first, last).await.unwrap()
}

/// The best sellers by name, with how many pieces.
async fn best(shop: &TestShop, days: u8) -> Vec<(String, i64)> {
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let sold = figures::best_sellers(&mut conn, shop_day(shop.clock.now()), days).await.unwrap();
    sold.into_iter().map(|sold| (sold.name.zh, sold.pieces)).collect()
}

async fn differences(shop: &TestShop) -> Vec<String> {
    figures::check(&mut shop.app.shop.db.reader().await.unwrap()).await.unwrap()
}

async fn folds(shop: &TestShop) {
    shop.app.worker.fold_figures().await.unwrap();
}

async fn unfolded(shop: &TestShop) -> i64 {
    shop.count("SELECT (SELECT count(*) FROM figure_deltas) + (SELECT count(*) FROM product_deltas)").await
}

/// The rows of the three tables, in an order of their own.
async fn rows(shop: &TestShop) -> Vec<Vec<String>> {
    let mut conn = shop.database.connect().await;
    let mut all = Vec::new();
    for table in TABLES {
        let sql = AssertSqlSafe(format!("SELECT t::text FROM {table} t ORDER BY 1"));
        all.push(sqlx::query_scalar(sql).fetch_all(&mut conn).await.unwrap());
    }
    all
}

/// Somebody buys and pays, and Weibo says so at once.
async fn sells(shop: &TestShop, sku: &str, quantity: u32) -> Buyer {
    let mut buyer = shop.desktop();
    buyer.orders(sku, quantity).await;
    buyer.pays().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.weibo.delivers().await;
    shop.work().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    buyer
}

#[tokio::test]
async fn an_order_counts_when_it_is_placed_and_its_money_when_it_is_paid() {
    let shop = TestShop::open().await;
    assert_eq!(total(&shop).await, of(0, 0, 0));
    let mut buyer = shop.desktop();
    buyer.orders("mug", 2).await;
    assert_eq!((total(&shop).await, best(&shop, 1).await), (of(1, 0, 0), vec![]));
    buyer.pays().await;
    assert_eq!(total(&shop).await, of(1, 0, 0), "nobody but Weibo can say that it is paid");
    shop.weibo.delivers().await;
    assert_eq!(total(&shop).await, of(1, 1, 7_980));
    sells(&shop, "longjing-1", 1).await;
    let expected = vec![("明前龙井".to_owned(), 1), ("山间杯".to_owned(), 2)];
    for days in [1, 7, 30, 3] {
        assert_eq!(best(&shop, days).await, expected, "{days} days, the one that brought most first");
    }
    folds(&shop).await;
    assert_eq!((total(&shop).await, unfolded(&shop).await), (of(2, 2, 20_780), 0));
    for days in [1, 7, 30, 3] {
        assert_eq!(best(&shop, days).await, expected, "{days} days, folded");
    }
    shop.closes().await;
}

#[tokio::test]
async fn many_at_once_and_three_who_fold_lose_and_double_nothing() {
    let shop = TestShop::open().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    let mut buyers: Vec<Buyer> = (0..18).map(|_| shop.desktop()).collect();
    let buying = join_all(buyers.iter_mut().enumerate().map(async |(i, buyer)| {
        buyer.orders(["longjing-1", "socks-1", "socks-3"][i % 3], 1).await;
        if i % 6 != 5 {
            buyer.pays().await;
        }
        shop.weibo.delivers().await;
        folds(&shop).await;
    }));
    let folding = async {
        for _ in 0..60 {
            tokio::join!(folds(&shop), folds(&shop), folds(&shop));
            assert_eq!(differences(&shop).await, Vec::<String>::new());
        }
    };
    tokio::join!(buying, folding);
    while !shop.weibo.sandbox.waiting_notices().is_empty() {
        shop.weibo.delivers().await;
    }
    let paid = total(&shop).await;
    assert_eq!((paid.placed, paid.paid), (18, 15));
    folds(&shop).await;
    assert_eq!((total(&shop).await, unfolded(&shop).await), (paid, 0));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_seen_is_the_same_before_during_and_after_folding() {
    let shop = TestShop::open().await;
    sells(&shop, "socks-1", 3).await;
    folds(&shop).await;
    sells(&shop, "mug", 2).await;
    let (figures, sold) = (total(&shop).await, best(&shop, 7).await);
    assert!(unfolded(&shop).await > 0);
    let mut tx = shop.app.worker.db.begin().await.unwrap();
    assert_eq!(figures::fold(&mut tx, TODAY).await.unwrap(), Folded::All);
    assert_eq!((total(&shop).await, best(&shop, 7).await), (figures, sold.clone()), "in the middle of it");
    // While one is at it, another neither waits nor folds, and orders are placed.
    let mut other = shop.app.worker.db.begin().await.unwrap();
    assert_eq!(figures::fold(&mut other, TODAY).await.unwrap(), Folded::NotMine);
    other.commit().await.unwrap();
    shop.phone().orders("longjing-1", 1).await;
    let figures = figures + of(1, 0, 0);
    // It dies.
    drop(tx);
    assert_eq!((total(&shop).await, best(&shop, 7).await), (figures, sold.clone()), "as if it had not begun");
    assert_eq!(differences(&shop).await, Vec::<String>::new());
    folds(&shop).await;
    folds(&shop).await;
    assert_eq!((total(&shop).await, best(&shop, 7).await), (figures, sold));
    assert_eq!(unfolded(&shop).await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn an_order_that_was_not_made_leaves_nothing() {
    let shop = TestShop::open().await;
    shop.restocks("mug", 1).await;
    let mut buyers: Vec<Buyer> = (0..6).map(|_| shop.phone()).collect();
    for buyer in &mut buyers {
        buyer.opens("/checkout?variant=mug").await;
    }
    join_all(buyers.iter_mut().map(async |buyer| {
        let form = buyer.filled_in();
        buyer.submits(&form).await;
    }))
    .await;
    assert_eq!(total(&shop).await, of(1, 0, 0), "one has it, five were too late");
    shop.closes().await;
}

#[tokio::test]
async fn a_day_begins_at_midnight_in_beijing() {
    let shop = TestShop::open().await;
    shop.later(minutes(12 * 60) - Duration::microseconds(1));
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    shop.later(Duration::microseconds(1));
    shop.phone().orders("longjing-1", 1).await;
    buyer.pays().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.weibo.delivers().await;
    let tomorrow = TODAY.next_day().unwrap();
    let expected = vec![(TODAY, of(1, 0, 0)), (tomorrow, of(1, 1, 3_990))];
    assert_eq!(by_day(&shop, TODAY, tomorrow).await, expected);
    folds(&shop).await;
    assert_eq!(by_day(&shop, TODAY, tomorrow).await, expected);
    let longer = by_day(&shop, TODAY - Duration::days(2), tomorrow + Duration::days(1)).await;
    assert_eq!(longer.len(), 5, "days without anything stand there as well");
    assert_eq!(longer[0], (TODAY - Duration::days(2), of(0, 0, 0)));
    shop.closes().await;
}

#[tokio::test]
async fn best_sellers_leave_their_windows_when_their_day_has_passed() {
    let shop = TestShop::open().await;
    sells(&shop, "mug", 2).await;
    folds(&shop).await;
    shop.later(Duration::days(1));
    sells(&shop, "socks-1", 1).await;
    let socks = ("羊毛袜".to_owned(), 1);
    let mug = ("山间杯".to_owned(), 2);
    // The worker has not noticed the new day; then it has.
    for _ in 0..2 {
        assert_eq!(best(&shop, 1).await, [socks.clone()].to_vec());
        assert_eq!(best(&shop, 7).await, [mug.clone(), socks.clone()].to_vec());
        folds(&shop).await;
        assert_eq!(differences(&shop).await, Vec::<String>::new());
    }
    shop.later(Duration::days(6));
    for _ in 0..2 {
        assert_eq!((best(&shop, 1).await, best(&shop, 7).await), (vec![], vec![socks.clone()]));
        assert_eq!(best(&shop, 30).await.len(), 2);
        folds(&shop).await;
    }
    // Nobody worked for a month.
    shop.later(Duration::days(40));
    sells(&shop, "longjing-1", 1).await;
    for _ in 0..2 {
        assert_eq!(best(&shop, 30).await, [("明前龙井".to_owned(), 1)]);
        folds(&shop).await;
    }
    assert_eq!(shop.count("SELECT count(*) FROM product_window_figures").await, 3, "nothing is left over");
    shop.closes().await;
}

#[tokio::test]
async fn late_money_was_not_taken_in() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    buyer.pays().await;
    for _ in 0..12 {
        shop.later(minutes(10));
        shop.work().await;
    }
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    shop.buyer().orders("teapot", 1).await;
    shop.weibo.stops(Fault::QueryUnknownCode);
    let first = &shop.weibo.sandbox.payments()[0];
    assert_eq!(shop.weibo.tells(Weibo::notice_of(first)).await.body, "success");
    assert_eq!(buyer.looks_again().await.payment(), "late");
    assert_eq!((total(&shop).await, best(&shop, 7).await), (of(2, 0, 0), vec![]));
    shop.closes().await;
}

#[tokio::test]
async fn of_two_payments_for_one_order_one_was_taken_in() {
    let shop = TestShop::open().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    let mut desktop = shop.desktop();
    let link = desktop.orders("longjing-1", 2).await.attribute("#link", "value").parse().unwrap();
    let mut phone = shop.buyer();
    phone.visits(link).await;
    desktop.pays().await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(shop.count("SELECT count(*) FROM payments WHERE kind = 'surplus'").await, 1);
    assert_eq!(total(&shop).await, of(1, 1, 25_600));
    shop.closes().await;
}

#[tokio::test]
async fn counting_anew_comes_to_the_same() {
    let shop = TestShop::open().await;
    sells(&shop, "mug", 2).await;
    sells(&shop, "socks-1", 3).await;
    shop.later(Duration::days(3));
    sells(&shop, "longjing-1", 1).await;
    shop.phone().orders("mug", 1).await;
    folds(&shop).await;
    let kept = rows(&shop).await;
    assert!(kept.iter().all(|table| !table.is_empty()));
    shop.count("SELECT 1::bigint FROM figures_refill()").await;
    assert_eq!(rows(&shop).await, kept, "folded");
    sells(&shop, "mug", 1).await;
    shop.count("SELECT 1::bigint FROM figures_refill()").await;
    assert_eq!(unfolded(&shop).await, 0);
    assert_eq!(differences(&shop).await, Vec::<String>::new(), "with something unfolded");
    shop.closes().await;
}

#[tokio::test]
async fn figures_that_are_wrong_are_found() {
    let shop = TestShop::open().await;
    sells(&shop, "mug", 2).await;
    folds(&shop).await;
    let mut conn = shop.database.connect().await;
    for wrong in [
        "UPDATE daily_figures SET paid_fen = paid_fen + 1",
        "INSERT INTO figure_deltas VALUES ('2026-11-20', 1, 0, 0)",
        "DELETE FROM daily_figures",
        "UPDATE daily_product_figures SET pieces = pieces - 1",
        "DELETE FROM product_window_figures WHERE days = 7",
        "INSERT INTO product_deltas SELECT day, product_id, 1, 1 FROM daily_product_figures",
    ] {
        sqlx::raw_sql(wrong).execute(&mut conn).await.unwrap();
        assert!(!differences(&shop).await.is_empty(), "{wrong}");
        sqlx::raw_sql("SELECT figures_refill()").execute(&mut conn).await.unwrap();
        assert_eq!(differences(&shop).await, Vec::<String>::new());
    }
    shop.closes().await;
}
