//! The stock ledger: every piece that comes or goes leaves a movement, and a merchant counts anew.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use sqlx::AssertSqlSafe;
use weipu::actor::Actor;
use weipu::catalog::stock::{self, Correction, Reason, StockError};
use weipu::catalog::{Sku, VariantId};
use weipu::staff::Role;

async fn variant(shop: &TestShop, sku: &str) -> VariantId {
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    stock::level(&mut conn, &Sku::parse(sku).unwrap()).await.unwrap().unwrap().variant
}

/// What the ledger says of a variant, the latest first: why, how many, who, and whether for an order.
async fn ledger(shop: &TestShop, sku: &str) -> Vec<(&'static str, i32, &'static str, bool)> {
    let variant = variant(shop, sku).await;
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let movements = stock::movements(&mut conn, variant, None, 100).await.unwrap();
    movements.iter().map(|m| (m.reason.name(), m.delta, m.actor.kind(), m.order.is_some())).collect()
}

/// Runs a statement past the program; the name of the constraint that refuses it.
async fn refused(shop: &TestShop, sql: &'static str) -> String {
    let mut conn = shop.database.connect().await;
    let tried = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await;
    let error = tried.expect_err(sql);
    error.as_database_error().and_then(|e| e.constraint()).unwrap_or_default().to_owned()
}

/// The merchant's form on the page of a variant, as it stands.
async fn counts(owner: &mut Buyer, sku: &str, to: &str, why: &str, note: &str) -> Page {
    owner.opens(&format!("/admin/stock/{sku}")).await;
    let form =
        owner.page().form("#correct").with("stock-to", to).with("stock-why", why).with("stock-note", note);
    owner.submits(&form).await.clone()
}

#[tokio::test]
async fn an_order_moves_its_pieces_by_the_ledger() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 2).await;
    assert_eq!(ledger(&shop, "mug").await, [("sale", -2, "buyer", true), ("opening", 5, "shop", false)]);
    shop.later(minutes(31));
    shop.work().await;
    let expired = [("expiry", 2, "shop", true), ("sale", -2, "buyer", true), ("opening", 5, "shop", false)];
    assert_eq!(ledger(&shop, "mug").await, expired);
    shop.closes().await;
    assert_eq!(ledger(&shop, "mug").await, expired, "given back once");
}

#[tokio::test]
async fn money_that_reopens_an_order_takes_its_pieces_again_in_weibos_name() {
    use crate::support::weibo::Weibo;
    use weipu::sandbox::Fault;
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    let order = buyer.page().url.clone();
    buyer.goes_to_the_cashier().await;
    buyer.visits(order).await;
    buyer.pays().await;
    for _ in 0..12 {
        shop.later(minutes(10));
        shop.work().await;
    }
    shop.weibo.stops(Fault::QueryUnknownCode);
    shop.weibo.tells(Weibo::notice_of(&shop.weibo.payment())).await;
    let of_order =
        [("reopening", -1, "weibo", true), ("expiry", 1, "shop", true), ("sale", -1, "buyer", true)];
    assert_eq!(ledger(&shop, "teapot").await[..3], of_order);
    shop.closes().await;
}

#[tokio::test]
async fn a_change_that_leaves_no_movement_cannot_be_committed() {
    let shop = TestShop::open().await;
    for sql in [
        "UPDATE variants SET stock = stock - 1 WHERE sku = 'mug'",
        "UPDATE variants SET stock = stock + 1",
        "INSERT INTO variants (product_id, sku, position, price_fen, stock)
            SELECT id, 'new', 9, 100, 3 FROM products WHERE slug = 'longjing'",
        // A movement that tells of another number.
        "WITH gone AS (UPDATE variants SET stock = stock - 2 WHERE sku = 'mug' RETURNING id, stock)
            INSERT INTO stock_movements (variant_id, delta, balance, reason, actor, at)
            SELECT id, -1, stock + 1, 'correction', 'shop', now() FROM gone",
    ] {
        assert_eq!(refused(&shop, sql).await, "variants_stock_is_told", "{sql}");
    }
    assert_eq!(shop.stock("mug").await, 5);
}

#[tokio::test]
async fn two_who_count_at_once_and_a_sale_in_between_lose_no_piece() {
    let shop = TestShop::open().await;
    let mug = variant(&shop, "mug").await;
    let (db, now) = (&shop.app.shop.db, shop.clock.now());
    let counts = async |to: u32| {
        let mut tx = db.begin().await.unwrap();
        stock::correct(&mut tx, mug, to, 5, "盘点", &Actor::Shop, now).await.unwrap();
        tx.commit().await.unwrap();
    };
    let mut buyer = shop.buyer();
    tokio::join!(counts(15), counts(7), async {
        buyer.orders("mug", 3).await;
    });
    assert_eq!(shop.stock("mug").await, 5 + 10 + 2 - 3);
    shop.counts_again("mug", 12);
    shop.closes().await;
}

#[tokio::test]
async fn many_corrections_are_made_together_or_not_at_all() {
    let shop = TestShop::open().await;
    let (mug, tea) = (variant(&shop, "mug").await, variant(&shop, "longjing-1").await);
    let (db, now) = (&shop.app.shop.db, shop.clock.now());
    let actor = Actor::Staff { id: 7, name: "阿山".into() };
    let tries = async |corrections: &[Correction]| {
        let mut tx = db.begin().await.unwrap();
        let done = stock::correct_many(&mut tx, corrections, (Reason::Import, "一号表"), &actor, now).await;
        tx.commit().await.unwrap();
        done
    };
    let more = Correction { variant: tea, to: 25, expected: 20 };
    let too_few = Correction { variant: mug, to: 0, expected: 6 };
    let refused = tries(&[more, too_few]).await.unwrap_err();
    assert!(matches!(&refused, StockError::OutOfRange(v) if *v == [(mug, 5)]), "{refused:?}");
    let too_many = Correction { variant: mug, to: stock::MOST, expected: 0 };
    assert!(matches!(tries(&[too_many]).await, Err(StockError::OutOfRange(_))));
    let nothing = Correction { variant: VariantId(9_999_999), to: 1, expected: 0 };
    assert!(matches!(tries(&[more, nothing]).await, Err(StockError::NoSuchVariant)));
    assert_eq!((shop.stock("mug").await, shop.stock("longjing-1").await), (5, 20));
    let same = Correction { variant: mug, to: 3, expected: 3 };
    tries(&[more, same]).await.unwrap();
    assert_eq!(ledger(&shop, "longjing-1").await[0], ("import", 5, "staff", false));
    assert_eq!(ledger(&shop, "mug").await.len(), 1, "what did not change did not move");
    shop.counts_again("longjing-1", 5);
}

#[tokio::test]
async fn the_owner_counts_a_variant_anew() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let page = counts(&mut owner, "mug", "12", "arrived", "第二批").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin/stock/mug"));
    assert!(page.has("[role=status]") && page.has("[data-stock='12']"), "{}", page.told());
    let row = page.text("#movements tbody tr");
    assert!(
        row.contains("+7") && row.contains("12") && row.contains("第二批") && row.contains("阿山"),
        "{row}"
    );
    let logged = "SELECT count(*) FROM audit WHERE action = 'correct-stock' AND subject = 'variant mug'";
    assert_eq!(shop.count(logged).await, 1);
    shop.counts_again("mug", 7);
}

#[tokio::test]
async fn what_is_sold_while_she_counts_stays_sold_and_too_few_are_told() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/stock/mug").await;
    let form = owner.page().form("#correct").with("stock-why", "counted");
    shop.buyer().orders("mug", 3).await;
    let page = owner.submits(&form.clone().with("stock-to", "1")).await;
    assert_eq!(page.status, 422, "{}", page.told());
    assert!(page.wrong("stock-to").contains('2'), "{}", page.told());
    assert_eq!(shop.stock("mug").await, 2);
    let page = owner.submits(&form.with("stock-to", "4")).await;
    assert!(page.has("[data-stock='1']"), "{}", page.told());
    let logged = "SELECT count(*) FROM audit WHERE before->>'stock-to' = '2' AND after->>'stock-to' = '1'";
    assert_eq!(shop.count(logged).await, 1, "what it had and has, not what she saw and typed");
    shop.counts_again("mug", -1);
    shop.closes().await;
}

#[tokio::test]
async fn a_mistake_in_the_form_keeps_what_she_counted_from() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/stock/mug").await;
    let form = owner.page().form("#correct").with("stock-to", "6").with("stock-why", "other");
    shop.buyer().orders("mug", 2).await;
    let page = owner.submits(&form).await.clone();
    assert_eq!((page.status.as_u16(), page.value_of("#correct", "stock-seen").as_str()), (422, "5"));
    // One more than the five that she saw, of which two are sold.
    owner.submits(&page.form("#correct").with("stock-note", "柜子后面")).await;
    assert_eq!(shop.stock("mug").await, 4);
    // More were sold than she counted; told so, she means the number that she reads.
    let form = owner.opens("/admin/stock/mug").await.form("#correct").with("stock-why", "counted");
    shop.buyer().orders("mug", 2).await;
    let page = owner.submits(&form.with("stock-to", "1")).await.clone();
    assert_eq!((page.status.as_u16(), page.value_of("#correct", "stock-seen").as_str()), (422, "2"));
    owner.submits(&page.form("#correct")).await;
    assert_eq!(shop.stock("mug").await, 1);
    let logged = "SELECT count(*) FROM audit WHERE action = 'correct-stock'";
    let before = shop.count(logged).await;
    let form = owner.opens("/admin/stock/mug").await.form("#correct").with("stock-why", "counted");
    owner.submits(&form).await;
    assert_eq!(shop.count(logged).await, before, "nothing has changed");
    shop.counts_again("mug", 0);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_no_count_is_told_and_nothing_is_lost() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let long = "长".repeat(101);
    for (to, why, note, field) in [
        ("", "counted", "", "stock-to"),
        ("-1", "counted", "", "stock-to"),
        ("1.5", "counted", "", "stock-to"),
        ("2147483648", "counted", "", "stock-to"),
        ("99999999999999999999", "counted", "", "stock-to"),
        ("a\0b", "counted", "", "stock-to"),
        ("3", "", "", "stock-why"),
        ("3", "stolen", "", "stock-why"),
        ("3", "other", " ", "stock-note"),
        ("3", "counted", "a\0b", "stock-note"),
        ("3", "counted", long.as_str(), "stock-note"),
    ] {
        let page = counts(&mut owner, "mug", to, why, note).await;
        assert_eq!(page.status, 422, "{to:?} {why} {note:?}");
        assert!(page.has(&format!("[name={field}][aria-invalid=true]")), "{field}: {}", page.told());
        let fields = page.form("#correct").fields;
        let kept = |name, typed: &str| fields.contains(&(String::from(name), typed.trim().to_owned()));
        // A page cannot hold a NUL.
        let whole = |typed: &str| typed.contains('\0');
        assert!(whole(to) || kept("stock-to", to), "{to:?}: {fields:?}");
        assert!(whole(note) || kept("stock-note", note), "{note:?}: {fields:?}");
    }
    assert_eq!(shop.stock("mug").await, 5);
    assert_eq!(ledger(&shop, "mug").await.len(), 1);
}

#[tokio::test]
async fn only_forms_of_the_back_office_move_anything() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let body = "stock-to=1&stock-seen=5&stock-why=counted";
    for path in ["/admin/stock/mug/corrections", "/admin/stock/mug/threshold", "/admin/stock/checks"] {
        let url = owner.browser.at(path);
        assert_eq!(owner.browser.send(Ask::post(url.clone(), body)).await.status, 403, "no token");
        let mut visitor = shop.desktop();
        assert_eq!(visitor.browser.send(Ask::post(url, body)).await.status, 303, "the door");
    }
    for nowhere in ["/admin/stock/none", "/admin/stock/a%00b", "/admin/stock/%E8%8C%B6"] {
        assert_eq!(owner.opens(nowhere).await.status, 404, "{nowhere}");
    }
    let mut looker = shop.member("看看", Role::ReadOnly).await;
    let page = looker.opens("/admin/stock/mug").await;
    assert!(page.status == 200 && !page.has("#correct"), "{}", page.told());
    let (url, token) = (looker.browser.at("/admin/stock/mug/corrections"), looker.page().value("token"));
    assert_eq!(looker.browser.send(Ask::post(url, format!("{body}&token={token}"))).await.status, 403);
    assert_eq!(shop.stock("mug").await, 5);
}

#[tokio::test]
async fn the_list_shows_what_runs_low_and_sold_out_first() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let skus = |page: &Page| -> Vec<String> {
        let rows = page.body.split("data-sku=\"").skip(1);
        rows.map(|row| row.split('"').next().unwrap().to_owned()).collect()
    };
    let low = owner.opens("/admin/stock").await.clone();
    assert_eq!(skus(&low), ["longjing-2", "socks-2", "mug", "teapot", "gold"], "hidden is not on the shelf");
    assert_eq!(stock::low_count(&mut shop.app.shop.db.reader().await.unwrap()).await.unwrap(), 5);
    let form =
        low.form("form[action$='/mug/corrections']").with("stock-to", "60").with("stock-why", "arrived");
    let page = owner.submits(&form).await;
    assert_eq!((page.url.path(), page.url.query()), ("/admin/stock", None));
    assert_eq!(skus(page), ["longjing-2", "socks-2", "teapot", "gold"]);
    assert_eq!(skus(owner.opens("/admin/stock?view=all").await).len(), 9);
    assert_eq!(skus(owner.opens("/admin/stock?q=lj").await), ["longjing-1", "longjing-2"]);
    assert_eq!(skus(owner.opens("/admin/stock?q=SOCKS-3").await).len(), 3);
    for odd in ["after=x", "after=9-9-9", "q=%00", "view=none", "after=0-99999999999999999999"] {
        assert_eq!(owner.opens(&format!("/admin/stock?{odd}")).await.status, 200, "{odd}");
    }
    shop.counts_again("mug", 55);
}

#[tokio::test]
async fn a_threshold_of_its_own_decides_what_is_low() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let sets = async |owner: &mut Buyer, to: &str| {
        owner.opens("/admin/stock/longjing-1").await;
        let form = owner.page().form("#threshold").with("low-at", to);
        owner.submits(&form).await.clone()
    };
    assert!(sets(&mut owner, "20").await.has("[role=status]"));
    assert!(owner.opens("/admin/stock").await.has("[data-sku='longjing-1']"));
    for wrong in ["-1", "viel", "1000001", "1\0"] {
        let page = sets(&mut owner, wrong).await;
        assert_eq!(page.status, 422, "{wrong:?}");
        assert!(!page.wrong("low-at").is_empty());
    }
    assert!(sets(&mut owner, "").await.has("[role=status]"));
    assert!(!owner.opens("/admin/stock").await.has("[data-sku='longjing-1']"));
}

#[tokio::test]
async fn a_long_ledger_is_read_page_by_page() {
    let shop = TestShop::open().await;
    let mug = variant(&shop, "mug").await;
    for to in 6..=65 {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        stock::correct(&mut tx, mug, to, to - 1, "", &Actor::Shop, shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    shop.counts_again("mug", 60);
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/stock/mug").await;
    assert_eq!(page.body.matches("data-reason=").count(), 50);
    let more = page.link("a[rel=next]");
    let page = owner.visits(more).await;
    assert_eq!(page.body.matches("data-reason=").count(), 11);
    assert!(page.body.contains("data-reason=\"opening\"") && !page.has("a[rel=next]"));
}

#[tokio::test]
async fn a_ledger_that_does_not_add_up_is_shown() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/stock").await.form("#check");
    let page = owner.submits(&form).await;
    assert!(page.has("[role=status]") && page.has("main .tag.jade") && !page.has("[role=alert]"));
    let past = "ALTER TABLE variants DISABLE TRIGGER variants_stock_is_told;
        UPDATE variants SET stock = 4 WHERE sku = 'mug'";
    let mut conn = shop.database.connect().await;
    sqlx::raw_sql(past).execute(&mut conn).await.unwrap();
    let found = stock::compare(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    assert_eq!(found.differences.len(), 1);
    assert!(shop.logged().contains("the stock ledger and the stock differ"));
    let alarm = owner.opens("/admin/stock").await.text("[role=alert]");
    assert!(alarm.contains("mug") && alarm.contains('4') && alarm.contains('5'), "{alarm}");
    // A count puts it right: it is written down from what is there.
    sqlx::raw_sql("UPDATE variants SET stock = 5 WHERE sku = 'mug'").execute(&mut conn).await.unwrap();
}

#[tokio::test]
async fn the_shops_own_number_holds_for_all_without_another() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let low = "SELECT count(*) FROM variants WHERE shortage = 1 AND retired_at IS NULL";
    let mug = async || shop.count("SELECT shortage::bigint FROM variants WHERE sku = 'mug'").await;
    assert_eq!(mug().await, 1, "five are left, and five is few");
    let form = async |owner: &mut Buyer| {
        owner.opens("/admin/settings/delivery").await.form("form[action='/admin/settings/delivery']")
    };
    let sets = async |owner: &mut Buyer, to: &str| {
        let form = form(owner).await.with("low_stock", to);
        assert!(owner.submits(&form).await.has(".said"), "{}", owner.page().told());
    };
    let own = owner.opens("/admin/stock/longjing-1").await.form("#threshold").with("low-at", "2");
    owner.submits(&own).await;
    sets(&mut owner, "4").await;
    assert_eq!(shop.count("SELECT count(*) FROM variants WHERE sku = 'mug' AND shortage IS NULL").await, 1);
    assert!(owner.opens("/admin/stock/mug").await.body.contains("默认值 4 件"));
    sets(&mut owner, "1000").await;
    let all = "SELECT count(*) FROM variants WHERE stock BETWEEN 1 AND 1000 AND retired_at IS NULL";
    assert_eq!(shop.count(low).await, shop.count(all).await - 1, "all but the one with its own number");
    // Its own taken away, it follows the shop again; so does a variant that comes later, whoever inserts it.
    let form_of = owner.opens("/admin/stock/longjing-1").await.form("#threshold").with("low-at", "");
    owner.submits(&form_of).await;
    assert_eq!(shop.count(low).await, shop.count(all).await);
    let new = "INSERT INTO variants (product_id, sku, position, price_fen, stock)
        SELECT id, 'new', 9, 100, 0 FROM products WHERE slug = 'longjing' RETURNING low_default::bigint";
    assert_eq!(shop.count(new).await, 1000);
    for wrong in ["", "-1", "10001", "5.5", "many"] {
        let form = form(&mut owner).await.with("low_stock", wrong);
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.wrong("low_stock").is_empty()), (422, false), "{wrong:?}");
    }
    sets(&mut owner, "0").await;
    assert_eq!(shop.count(low).await, 0, "only what is sold out is told");
    let audited = "SELECT count(*) FROM audit WHERE action = 'change-delivery' AND after ? 'low_stock'";
    assert_eq!(shop.count(audited).await, 3);
    shop.counts_all_again().await;
}
