//! The tests' own net: what a test leaves behind, or breaks, fails it.

use crate::support::TestShop;
use sqlx::AssertSqlSafe;

async fn runs(shop: &TestShop, sql: &'static str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut shop.database.connect().await).await.unwrap();
}

#[tokio::test]
#[should_panic(expected = "left over")]
async fn a_job_that_is_left_fails_a_test() {
    let shop = TestShop::open().await;
    shop.buyer().orders("mug", 1).await;
}

#[tokio::test]
async fn a_job_that_is_left_on_purpose_does_not() {
    let shop = TestShop::open().await;
    shop.buyer().orders("mug", 1).await;
    shop.leaves_jobs();
}

#[tokio::test]
#[should_panic(expected = "500 Internal Server Error")]
async fn an_answer_of_500_fails_a_test() {
    let shop = TestShop::open().await;
    runs(&shop, "ALTER TABLE orders RENAME TO gone").await;
    shop.buyer().orders("mug", 1).await;
}

#[tokio::test]
#[should_panic(expected = "stock and live orders together")]
async fn a_piece_that_vanished_fails_a_test() {
    let shop = TestShop::open().await;
    runs(
        &shop,
        "WITH gone AS (UPDATE variants SET stock = stock - 1 WHERE sku = 'mug' RETURNING id, stock)
         INSERT INTO stock_movements (variant_id, delta, balance, reason, actor, at)
         SELECT id, -1, stock, 'correction', 'shop', now() FROM gone",
    )
    .await;
}

#[tokio::test]
#[should_panic(expected = "the stock ledger and the stock")]
async fn a_piece_that_left_past_the_ledger_fails_a_test() {
    let shop = TestShop::open().await;
    runs(
        &shop,
        "ALTER TABLE variants DISABLE TRIGGER variants_stock_is_told;
         UPDATE variants SET stock = stock - 1 WHERE sku = 'mug'",
    )
    .await;
    shop.counts_again("mug", -1);
}

#[tokio::test]
#[should_panic(expected = "not in Weibo's book")]
async fn money_that_weibo_never_took_fails_a_test() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    shop.leaves_jobs();
    runs(
        &shop,
        "INSERT INTO payments (order_id, attempt_id, kind, pay_id, amount_fen, paid_at, settled_at)
         SELECT order_id, id, 'pay', '1', amount_fen, now(), now() FROM attempts;
         UPDATE orders SET payment = 'paid', paid_at = now();
         INSERT INTO notices (digest, body, received_at, outcome) VALUES ('d', 'x', now(), 'settled');
         INSERT INTO ledger (kind, order_id, payment_id, amount_fen, happened_at, entered_at, notice)
         SELECT 'paid', order_id, id, amount_fen, now(), now(), 'd' FROM payments",
    )
    .await;
}

#[tokio::test]
#[should_panic(expected = "TRUNCATE payments")]
async fn a_ledger_that_can_be_emptied_fails_a_test() {
    let shop = TestShop::open().await;
    runs(&shop, "DROP TRIGGER payments_stay_all ON payments").await;
}
