//! What the merchant sets while the shop runs: texts, freight, the bounds of orders, and who may set them.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{TestShop, minutes};
use reqwest::StatusCode;

const SHOP: &str = "form[action='/admin/settings']";
const DELIVERY: &str = "form[action='/admin/settings/delivery']";

/// Sets these on the page of freight and order times.
async fn sets(owner: &mut Buyer, values: &[(&str, &str)]) {
    let form = owner.opens("/admin/settings/delivery").await.form(DELIVERY);
    let form = values.iter().fold(form, |form, (name, value)| form.with(name, *value));
    let page = owner.submits(&form).await;
    assert_eq!((page.status, page.has(".said")), (StatusCode::OK, true), "{}", page.told());
}

#[tokio::test]
async fn what_the_merchant_writes_stands_on_the_shoppers_pages_at_once() {
    let shop = TestShop::open().await;
    let (mut owner, mut visitor) = (shop.owner().await, shop.phone());
    assert!(!visitor.opens("/").await.has("footer"));
    assert!(!visitor.opens("/p/mug").await.body.contains("七天退换"), "nobody promised that");
    let form = owner.opens("/admin/settings").await.form(SHOP);
    let form = [
        ("shop_name_zh", "<b>云上</b>"),
        ("shop_name_en", "Cloud & Co"),
        ("slogan_zh", "山里人的小店"),
        ("announcement_zh", "春节放假，\n初八发货"),
        ("promises_zh", "坏果包赔"),
        ("about_zh", "我们在山里种茶。"),
        ("service_phone", "400-820-8820"),
        ("weibo_name", "@云上小店"),
        ("return_address", "杭州市龙井路 9 号"),
        ("icp", "浙ICP备2026000000号-1"),
    ]
    .iter()
    .fold(form, |form, (name, value)| form.with(name, *value));
    assert!(owner.submits(&form).await.has(".said"));
    let home = visitor.opens("/").await;
    assert_eq!(home.text("h1"), "<b>云上</b>");
    assert_eq!(home.text(".greeting .soft"), "山里人的小店");
    assert!(home.text(".announcement").contains("初八发货") && home.text(".about").contains("山里种茶"));
    for told in ["400-820-8820", "@云上小店", "龙井路 9 号", "浙ICP备2026000000号-1"] {
        assert!(home.text("footer").contains(told), "{told}");
    }
    assert!(!home.text("footer").contains("@@"));
    let product = visitor.opens("/p/mug").await;
    assert!(product.text("#buy").contains("坏果包赔") && product.text("footer").contains("ICP"));
    let english = visitor.opens("/en").await;
    assert_eq!(
        (english.text("h1"), english.text(".greeting .soft")),
        ("Cloud & Co".into(), "山里人的小店".into())
    );
    let audit = shop.everything_stored().await;
    assert!(audit.contains("change-shop") && audit.contains("Mountain Lane"), "{audit}");
}

#[tokio::test]
async fn a_bad_text_is_told_by_its_field_and_nothing_is_saved() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/settings").await.form(SHOP);
    let bad = [
        ("shop_name_zh", "  ".to_owned()),
        ("shop_name_zh", "名".repeat(31)),
        ("slogan_zh", "a\0b".into()),
        ("announcement_zh", "字".repeat(301)),
        ("about_en", "\u{7}".into()),
        ("service_phone", "call me".into()),
        ("service_phone", "<script>".into()),
        ("icp", "备案中".into()),
    ];
    for (name, value) in bad {
        let page = owner.submits(&form.clone().with("wechat", "typed").with(name, value.clone())).await;
        assert_eq!(page.status, 422, "{name}={value:?}");
        assert!(!page.wrong(name).is_empty());
        assert_eq!(page.form(SHOP).fields.iter().find(|(n, _)| n == "wechat").unwrap().1, "typed");
    }
    let form = owner.opens("/admin/settings/delivery").await.form(DELIVERY);
    let bad = [
        ("freight_fee", &["", "-1", "1.234", "8 元", "10000.01", "１"][..]),
        ("free_from", &["0", "x", "-5", "99999999999999999999"]),
        ("order_expiry", &["4", "1441", "", "30m", "+30"]),
        ("most_per_order", &["0", "100", "1\0"]),
        ("most_unpaid", &["0", "100", "many"]),
    ];
    for (name, values) in bad {
        for value in values {
            let page = owner.submits(&form.clone().with(name, *value)).await;
            assert_eq!((page.status.as_u16(), page.wrong(name).is_empty()), (422, false), "{name}={value:?}");
        }
    }
    let touched = "SELECT profile_version + delivery_version FROM shop";
    assert_eq!(shop.count(touched).await, 1, "only its first name was ever saved");
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action LIKE 'change-%'").await, 0);
}

#[tokio::test]
async fn freight_is_shown_charged_and_kept_with_the_order() {
    let shop = TestShop::open().await;
    let (mut owner, mut early, mut buyer) = (shop.owner().await, shop.buyer(), shop.buyer());
    early.orders("longjing-1", 1).await;
    sets(&mut owner, &[("freight_fee", "8"), ("free_from", "79.80")]).await;
    let page = buyer.opens("/p/mug").await;
    assert!(page.body.contains("运费 ¥8.00，满 ¥79.80 包邮"), "{}", page.told());
    let page = buyer.opens("/checkout?variant=mug&quantity=1").await;
    assert_eq!(page.text(".sums"), "商品金额¥39.90运费¥8.00合计¥47.90");
    assert!(page.text(".submit").contains("47.90"));
    let page = buyer.checks_out().await;
    assert_eq!(page.text(".sums"), "商品金额¥39.90运费¥8.00合计¥47.90");
    buyer.pays().await;
    assert_eq!(shop.weibo.payment().order.total_fen, 4_790);
    // Exactly the threshold is free, a fen below it is not.
    let page = buyer.orders("mug", 2).await;
    assert_eq!(page.text(".sums"), "商品金额¥79.80运费包邮合计¥79.80");
    sets(&mut owner, &[("freight_fee", "8"), ("free_from", "79.81")]).await;
    let page = buyer.opens("/checkout?variant=mug&quantity=2").await;
    assert_eq!(page.text(".sums"), "商品金额¥79.80运费¥8.00合计¥87.80");
    assert_eq!(early.looks_again().await.text(".sums"), "商品金额¥128.00运费包邮合计¥128.00");
    early.pays().await;
    assert_eq!(shop.weibo.payment().order.total_fen, 12_800);
    shop.closes().await;
    let wrong = "SELECT count(*) FROM orders WHERE goods_fen + freight_fen <> total_fen";
    assert_eq!(shop.count(wrong).await, 0);
    assert_eq!(shop.count("SELECT sum(freight_fen)::bigint FROM orders").await, 800);
}

#[tokio::test]
async fn freight_that_changes_under_the_buyers_hands_is_told_and_nothing_is_lost() {
    let shop = TestShop::open().await;
    let (mut owner, mut buyer) = (shop.owner().await, shop.buyer());
    buyer.opens("/checkout?variant=mug&quantity=1").await;
    let form = buyer.filled_in().with("note", "请轻放");
    sets(&mut owner, &[("freight_fee", "12.50")]).await;
    let page = buyer.submits(&form).await;
    assert_eq!(page.status, 409, "{}", page.told());
    assert!(page.text(".wrongs").contains("12.50"));
    assert_eq!((page.value("note"), page.value("recipient")), ("请轻放".into(), "林阿梨".into()));
    assert!(page.text(".sums").contains("¥52.40"));
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    let again = buyer.page().form("form.split");
    // A change that makes no difference to this order is none.
    sets(&mut owner, &[("free_from", "500")]).await;
    assert!(buyer.submits(&again).await.has("main[data-payment]"));
    // Invented terms are not charged: only what was really shown can be compared.
    buyer.opens("/checkout?variant=mug&quantity=1").await;
    let forged = buyer.filled_in().with("shown_freight", "0-");
    assert_eq!(buyer.submits(&forged).await.status, 409);
    for nonsense in ["", "free", "-1--1", "0-\0"] {
        buyer.opens("/checkout?variant=mug&quantity=1").await;
        let form = buyer.filled_in().with("shown_freight", nonsense);
        assert!(buyer.submits(&form).await.text(".sums").contains("¥12.50"), "{nonsense:?}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn goods_and_freight_together_stay_within_what_can_be_charged() {
    let shop = TestShop::open().await;
    let (mut owner, mut buyer) = (shop.owner().await, shop.buyer());
    sets(&mut owner, &[("freight_fee", "0.01")]).await;
    buyer.opens("/checkout?variant=gold&quantity=1").await;
    let form = buyer.filled_in();
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.has(".wrongs")), (409, true));
    assert_eq!((shop.count("SELECT count(*) FROM orders").await, shop.stock("gold").await), (0, 5));
}

#[tokio::test]
async fn the_bounds_of_an_order_are_the_merchants() {
    let shop = TestShop::open().await;
    let (mut owner, mut buyer) = (shop.owner().await, shop.buyer());
    sets(&mut owner, &[("most_per_order", "2"), ("order_expiry", "5")]).await;
    assert_eq!(buyer.opens("/p/mug").await.attribute("#quantity", "max"), "2");
    let page = buyer.opens("/checkout?variant=mug&quantity=3").await;
    assert_eq!((page.status.as_u16(), page.wrong("quantity").contains('2')), (422, true));
    buyer.opens("/checkout?variant=mug&quantity=2").await;
    let form = buyer.filled_in().with("quantity", "3");
    assert_eq!(buyer.submits(&form).await.status, 422);
    buyer.orders("mug", 2).await;
    shop.later(minutes(5));
    shop.work().await;
    assert_eq!((buyer.looks_again().await.closure(), shop.stock("mug").await), ("expired".into(), 5));
    shop.closes().await;
}

#[tokio::test]
async fn one_buyer_has_so_many_unpaid_orders_also_when_she_presses_all_at_once() {
    let shop = TestShop::open().await;
    let (mut owner, mut buyer) = (shop.owner().await, shop.buyer());
    sets(&mut owner, &[("most_unpaid", "3")]).await;
    buyer.orders("longjing-1", 1).await;
    let first = buyer.page().url.path().to_owned();
    let mut asks = Vec::new();
    for _ in 0..8 {
        buyer.opens("/checkout?variant=longjing-1&quantity=1").await;
        let mut twin = shop.buyer();
        twin.browser.cookies = buyer.browser.cookies.clone();
        asks.push((twin, buyer.filled_in()));
    }
    let presses = asks.iter_mut().map(|(twin, form)| async move { twin.submits(form).await.status.as_u16() });
    let statuses = futures_util::future::join_all(presses).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 6, "{statuses:?}");
    assert_eq!((shop.count("SELECT count(*) FROM orders").await, shop.stock("longjing-1").await), (3, 17));
    // What was placed is found again by its own form, also at the bound.
    let (twin, form) = asks.iter_mut().zip(&statuses).find(|(_, s)| **s == 200).map(|(ask, _)| ask).unwrap();
    assert!(twin.submits(form).await.has("main[data-payment]"));
    let (twin, form) = asks.iter_mut().zip(&statuses).find(|(_, s)| **s == 409).map(|(ask, _)| ask).unwrap();
    let page = twin.submits(form).await;
    assert!(page.text(".wrongs").contains('3') && page.has("#unpaid a"), "{}", page.told());
    assert_eq!(page.value("recipient"), "林阿梨");
    // Somebody else is not held up; and a place is free again when she pays.
    shop.phone().orders("longjing-1", 1).await;
    buyer.opens(&first).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert!(twin.submits(&form.clone()).await.has("main[data-payment]"));
    shop.closes().await;
}

#[tokio::test]
async fn two_who_edit_at_once_do_not_overwrite_each_other_silently() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let first = owner.opens("/admin/settings").await.form(SHOP);
    let second = first.clone();
    owner.submits(&first.with("slogan_zh", "甲写的").with("wechat", "jia")).await;
    let page = owner.submits(&second.with("slogan_zh", "乙写的")).await;
    assert_eq!(page.status, 409);
    assert!(page.has(".advice[role=alert]") && page.wrong("slogan_zh").contains("甲写的"));
    assert!(page.wrong("wechat").contains("jia"));
    let again = page.form(SHOP);
    assert_eq!(again.fields.iter().find(|(n, _)| n == "slogan_zh").unwrap().1, "乙写的", "typed is kept");
    assert!(shop.phone().opens("/").await.body.contains("甲写的"));
    assert!(owner.submits(&again).await.has(".said"), "knowing what she does she may");
    let form = owner.opens("/admin/settings/delivery").await.form(DELIVERY);
    owner.submits(&form.clone().with("freight_fee", "5")).await;
    assert_eq!(owner.submits(&form.with("freight_fee", "9")).await.status, 409);
    assert_eq!(shop.count("SELECT freight_fen FROM shop").await, 500);
}

#[tokio::test]
async fn only_those_who_may_set_see_the_settings() {
    let shop = TestShop::open().await;
    let mut member = shop.owner().await;
    let pages = ["/admin/settings", "/admin/settings/delivery", "/admin/settings/weibo"];
    let mut forms = Vec::new();
    assert!(!member.opens("/admin").await.has("main .advice"), "nothing is left to be done first");
    shop.count("UPDATE shop SET name_zh = '', profile_version = profile_version + 1 RETURNING 1::bigint")
        .await;
    shop.follows_settings().await;
    assert_eq!(member.opens("/admin").await.link("main .advice a").path(), "/admin/settings");
    assert_eq!(shop.phone().opens("/").await.text("h1"), "微铺", "until it has a name of its own");
    for path in pages {
        forms.push(member.opens(path).await.form(&format!("form[action='{path}']")));
    }
    let roles = [
        ("operator", [200, 200, 403]),
        ("service", [403; 3]),
        ("finance", [403; 3]),
        ("read_only", [403; 3]),
    ];
    for (role, expected) in roles {
        shop.count(Box::leak(
            format!("UPDATE staff SET role = '{role}' RETURNING 1::bigint").into_boxed_str(),
        ))
        .await;
        for ((path, form), expected) in pages.iter().zip(&forms).zip(expected) {
            assert_eq!(member.opens(path).await.status, expected, "{role} at {path}");
            if expected == 403 {
                assert_eq!(member.submits(form).await.status, 403, "{role} posts {path}");
            }
        }
        let check = Ask::post(member.browser.at("/admin/settings/weibo/check"), "");
        assert_eq!(member.asks(check).await.status, 403, "{role}");
    }
    // Nobody's form without its token, and none from outside.
    let bare = Ask::post(member.browser.at("/admin/settings"), "shop_name_zh=x&version=1");
    assert_eq!(member.asks(bare).await.status, 403);
    let mut stranger = shop.desktop();
    assert_eq!(stranger.submits(&forms[0]).await.url.path(), "/admin/sign-in");
}
