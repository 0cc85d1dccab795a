//! Real input, and bad input: every field of the checkout with what people and machines send. Always a
//! page that says what is wrong in the reader's language, never a 5xx, and nothing lost.

use crate::support::TestShop;
use crate::support::buyer::Buyer;

/// The checkout form filled in, in both languages.
async fn forms(shop: &TestShop) -> [(Buyer, &'static str); 2] {
    let (mut chinese, mut english) = (shop.phone(), shop.phone());
    chinese.opens("/checkout?variant=longjing-1").await;
    english.opens("/en/checkout?variant=longjing-1").await;
    [(chinese, "zh-CN"), (english, "en")]
}

#[tokio::test]
async fn every_field_of_the_checkout_with_what_it_may_not_hold() {
    let shop = TestShop::open().await;
    let long = "长".repeat(21_845);
    let fields = ["recipient", "phone", "province", "city", "district", "street", "note"];
    for (mut buyer, language) in forms(&shop).await {
        for field in fields {
            for bad in ["\0", "a\0b", "a\u{7}b", "\u{1b}[31m", &long] {
                let form = buyer.filled_in().with(field, bad);
                let page = buyer.submits(&form).await;
                assert_eq!(
                    (page.status.as_u16(), page.wrong(field).is_empty()),
                    (422, false),
                    "{field} {bad:.9}"
                );
                assert_eq!(page.attribute("html", "lang"), language);
                assert!(page.has(&format!("#wrongs a[href='#{field}']")), "the summary leads there");
                if !bad.contains(char::is_control) {
                    assert_eq!(page.value(field), bad, "kept");
                }
                let other = if field == "street" { "city" } else { "street" };
                assert!(!page.value(other).is_empty(), "nothing else is lost");
                buyer
                    .opens(if language == "en" {
                        "/en/checkout?variant=longjing-1"
                    } else {
                        "/checkout?variant=longjing-1"
                    })
                    .await;
            }
        }
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test]
async fn what_is_missing_is_told_all_at_once() {
    let shop = TestShop::open().await;
    for (mut buyer, language) in forms(&shop).await {
        let empty = buyer.page().form("form.split").with("phone", "not a phone");
        let page = buyer.submits(&empty).await;
        assert_eq!(page.status, 422);
        for field in ["recipient", "phone", "province", "city", "street"] {
            assert!(!page.wrong(field).is_empty(), "{field} {language}");
        }
        assert!(page.has("[role=alert]"));
    }
}

#[tokio::test]
async fn quantities_that_are_none() {
    let shop = TestShop::open().await;
    for (mut buyer, language) in forms(&shop).await {
        for bad in [
            "",
            "0",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "100",
            "1000000000000000000",
            "9223372036854775808",
            "１",
            "\0",
            "1 OR 1=1",
        ] {
            let form = buyer.filled_in().with("quantity", bad);
            let page = buyer.submits(&form).await;
            assert_eq!(
                (page.status.as_u16(), page.wrong("quantity").contains("99")),
                (422, true),
                "{bad:?} {language}"
            );
            assert_eq!(page.value("recipient"), "林阿梨");
            let bad: String = form_urlencoded::byte_serialize(bad.as_bytes()).collect();
            let page = buyer.opens(&format!("/checkout?variant=longjing-1&quantity={bad}")).await;
            assert_eq!((page.status.as_u16(), page.wrong("quantity").is_empty()), (422, false), "{bad:?}");
        }
    }
    assert_eq!(shop.stock("longjing-1").await, 20);
}

#[tokio::test]
async fn names_of_all_the_world_are_welcome() {
    let shop = TestShop::open().await;
    for name in [
        "👩🏽‍🌾 阿梨",
        "محمد بن عبد الله",
        "\u{202b}שרה",
        "José 'O''Brien' <i>",
        "𠮷野家",
        "a&b=c+d%20",
        "Zoë; DROP TABLE orders",
    ] {
        let mut buyer = shop.desktop();
        buyer.opens("/checkout?variant=longjing-1").await;
        let form = buyer.filled_in().with("recipient", name).with("note", name).with("street", name);
        let page = buyer.submits(&form).await;
        assert_eq!(page.status, 200, "{}", page.told());
        assert!(!page.body.contains("<i>"), "escaped");
        buyer.pays().await;
        shop.weibo.delivers().await;
        let page = buyer.looks_again().await;
        assert!(page.text(".whereto bdi").contains(name), "{name}: {}", page.told());
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_forged_price_is_never_charged() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=longjing-1").await;
    let form = buyer
        .filled_in()
        .with("shown_price", "1")
        .with("price", "1")
        .with("total", "1")
        .with("total_fen", "1");
    let page = buyer.submits(&form).await;
    assert_eq!(
        (page.status.as_u16(), page.wrong("quantity").contains("128.00")),
        (409, true),
        "{}",
        page.told()
    );
    let page = buyer.checks_out().await;
    assert!(page.body.contains("128.00"));
    for nonsense in ["", "-1", "1e9", "\0", "99999999999999999999999"] {
        buyer.opens("/checkout?variant=longjing-1").await;
        let form = buyer.filled_in().with("shown_price", nonsense);
        let page = buyer.submits(&form).await;
        assert!(page.status == 200 || page.status.is_client_error(), "{}", page.told());
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE total_fen <> 12800").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_price_that_changed_meanwhile_is_told_before_it_is_charged() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=longjing-1").await;
    shop.count("UPDATE variants SET price_fen = 15000 WHERE sku = 'longjing-1' RETURNING 1::bigint").await;
    let form = buyer.filled_in();
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.wrong("quantity").contains("150.00")), (409, true));
    let form = page.form("form.split");
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.payment()), (200, "none".into()));
    shop.closes().await;
}

#[tokio::test]
async fn what_sold_out_between_page_and_press_is_told_with_everything_kept() {
    let shop = TestShop::open().await;
    for (mut buyer, language) in forms(&shop).await {
        shop.restocks("longjing-1", 20).await;
        let form = buyer.filled_in().with("quantity", "3");
        shop.restocks("longjing-1", 2).await;
        let page = buyer.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.wrong("quantity").contains('2')), (409, true), "{language}");
        let form = page.form("form.split").with("quantity", "2");
        assert_eq!(buyer.submits(&form).await.payment(), "none");
        let page = buyer.opens("/checkout?variant=longjing-1").await;
        assert_eq!((page.status.as_u16(), page.has("a.button")), (409, true), "sold out now");
    }
    shop.closes().await;
}

#[tokio::test]
async fn more_than_can_be_charged_is_refused() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=gold&quantity=2").await;
    let form = buyer.filled_in();
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.wrong("quantity").is_empty()), (409, false), "{}", page.told());
    assert_eq!(shop.stock("gold").await, 5);
}

#[tokio::test]
async fn variants_that_are_none() {
    let shop = TestShop::open().await;
    for bad in ["", "unknown", "hidden", "..", "a b", "%00", "%F0%9F%90%BC", "' OR ''='", &"x".repeat(5_000)]
    {
        let mut buyer = shop.phone();
        buyer.opens(&format!("/checkout?variant={bad}")).await.refuses_in("zh-CN");
        buyer.opens(&format!("/en/checkout?variant={bad}")).await.refuses_in("en");
        buyer.opens("/checkout?variant=mug").await;
        let form = buyer.filled_in().with("variant", bad);
        buyer.submits(&form).await.refuses_in("zh-CN");
        let product = buyer.opens(&format!("/p/longjing?variant={bad}")).await;
        assert_eq!(product.status, 200, "the product is there: {bad}");
    }
}

#[tokio::test]
async fn keys_that_are_none_place_no_order_and_a_fresh_one_is_given() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    for bad in ["", "x", "\0", "00000000-0000-0000-0000-00000000000g", &"k".repeat(70_000)] {
        buyer.opens("/checkout?variant=mug").await;
        let form = buyer.filled_in().with("key", bad);
        let page = buyer.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.value("key").len()), (422, 36), "{}", page.told());
        assert!(page.has("#wrongs"));
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    buyer.checks_out().await;
    shop.closes().await;
}

#[tokio::test]
async fn without_her_cookie_the_link_shows_her_order_and_not_where_it_goes() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.opens("/orders").await;
    buyer.follows("a.listed").await;
    let url = buyer.page().url.clone();
    assert!(buyer.page().body.contains("龙井路 1 号"));
    buyer.browser.cookies.clear();
    assert_eq!(buyer.visits(url.clone()).await.status, 404);
    let opened = shop.order_link(url.path().rsplit('/').next().unwrap());
    let page = buyer.opens(&opened).await;
    assert_eq!((page.payment(), page.body.contains("龙井路 1 号")), ("paid".into(), false));
    for cookie in ["", "nonsense", "a%00b", &"x".repeat(4_000)] {
        buyer.browser.cookies.insert("weipu".into(), cookie.into());
        assert_eq!(buyer.visits(url.clone()).await.status, 404, "{cookie:?}");
    }
    shop.closes().await;
}
