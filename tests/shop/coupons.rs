//! Coupons: how many there are, who gets one, and the pages where they are taken and kept.

use crate::light::{framed, goes, of_her, site};
use crate::support::browser::Ask;
use crate::support::coupons::{fen, off};
use crate::support::desk::{ALI, ZHOU};
use crate::support::goods::NOON;
use crate::support::page::Form;
use crate::support::{Duration, TestShop};
use futures_util::future::join_all;
use weipu::catalog::{self, Slug};
use weipu::coupons::{self, CouponId, GiveError, Lasts, Off, Open, Percent, Terms, Wanted};

#[tokio::test]
async fn of_twenty_at_once_one_gets_the_last() {
    let shop = TestShop::open().await;
    let coupon = shop.has_coupon(&Wanted { total: 3, ..off(1_000, 0) }).await;
    for account in 1..=2 {
        let customer = shop.knows(account).await;
        shop.tries_to_give(coupon.id, customer).await.unwrap();
    }
    let mut crowd = Vec::new();
    for account in 101..=120 {
        crowd.push(shop.knows(account).await);
    }
    let got = join_all(crowd.iter().map(|one| shop.tries_to_give(coupon.id, *one))).await;
    let none_left = |got: &&Result<_, GiveError>| matches!(got, Err(GiveError::Not(Open::NoneLeft)));
    assert_eq!(got.iter().filter(|got| got.is_ok()).count(), 1);
    assert_eq!(got.iter().filter(none_left).count(), 19, "{got:?}");
    let rows = shop.count("SELECT count(*) FROM coupons_given").await;
    assert_eq!((rows, shop.coupon(coupon.id).await.given), (3, 3));
}

#[tokio::test]
async fn one_buyer_who_presses_twenty_times_at_once_gets_her_two() {
    let shop = TestShop::open().await;
    let coupon = shop.has_coupon(&Wanted { each: 2, ..off(1_000, 0) }).await;
    let her = shop.knows(ALI).await;
    let got = join_all((0..20).map(|_| shop.tries_to_give(coupon.id, her))).await;
    assert_eq!(got.iter().filter(|got| got.is_ok()).count(), 2);
    assert!(got.iter().all(|got| matches!(got, Ok(_) | Err(GiveError::HasAll))), "{got:?}");
    // What she did not get is there for others.
    assert_eq!(shop.coupon(coupon.id).await.given, 2);
    let seqs = "SELECT count(DISTINCT seq) FROM coupons_given WHERE seq IN (1, 2)";
    assert_eq!((shop.count(seqs).await, shop.count("SELECT count(*) FROM coupons_given").await), (2, 2));
}

#[tokio::test]
async fn none_is_given_before_its_time_after_it_while_it_is_paused_or_once_it_is_ended() {
    let shop = TestShop::open().await;
    let her = shop.knows(ALI).await;
    let why = async |coupon: CouponId| match shop.tries_to_give(coupon, her).await {
        Err(GiveError::Not(open)) => open,
        other => panic!("{other:?}"),
    };
    let later = NOON + Duration::hours(1);
    let coming = shop.has_coupon(&Wanted { given_from: later, ..off(1_000, 0) }).await;
    assert_eq!(why(coming.id).await, Open::NotYet);
    let short = shop.has_coupon(&Wanted { given_until: later, ..off(1_000, 0) }).await;
    let change = async |what: &str| {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let done = match what {
            "pause" => coupons::pause(&mut tx, coming.id, shop.clock.now()).await,
            "resume" => coupons::resume(&mut tx, coming.id).await,
            _ => coupons::end(&mut tx, coming.id, shop.clock.now()).await,
        };
        tx.commit().await.unwrap();
        done
    };
    shop.later(Duration::hours(1));
    assert_eq!(why(short.id).await, Open::Over, "its last moment is over");
    assert!(change("pause").await.unwrap() && !change("pause").await.unwrap());
    assert_eq!(why(coming.id).await, Open::Paused);
    assert!(change("resume").await.unwrap() && !change("resume").await.unwrap());
    shop.tries_to_give(coming.id, her).await.unwrap();
    assert!(change("end").await.unwrap() && !change("end").await.unwrap());
    assert_eq!(why(coming.id).await, Open::Over);
    assert!(change("resume").await.is_err() && change("pause").await.is_err(), "for good");
    assert!(matches!(shop.tries_to_give(CouponId(99), her).await, Err(GiveError::NoSuchCoupon)));
}

#[tokio::test]
async fn whoever_has_not_signed_in_does_so_and_comes_back_to_take_one() {
    let shop = TestShop::open().await;
    let coupon = shop.has_coupon(&off(1_000, 10_000)).await;
    let path = format!("/coupons/{}", coupon.slug);
    let mut ali = shop.phone();
    let page = ali.opens(&path).await;
    assert!(page.text("main").contains("满 ¥100.00 减 ¥10.00") && page.text("main").contains("100"));
    assert!(!page.has("#take"), "{}", page.told());
    // A form that was sent all the same.
    let ask = Form { action: shop.base.join(&path).unwrap(), post: true, fields: Vec::new() };
    assert!(ali.submits(&ask).await.has("form[action='/oauth2/authorize']"));
    assert_eq!(shop.count("SELECT count(*) FROM coupons_given").await, 0);
    ali.opens(&path).await;
    ali.follows("#sign-in").await;
    let page = ali.signs_in_as(ALI).await;
    assert_eq!(page.url.path(), path, "she comes back");
    let form = page.form("#take");
    let page = ali.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.has("#hers [data-given=open]")), (200, true), "{}", page.told());
    assert!(!page.has("#take") && page.has("#state"), "one is what she gets");
    let page = ali.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.has("#hers")), (200, true), "the same form again takes no other");
    let page = ali.submits(&form.with("had", "1")).await;
    assert_eq!(page.status.as_u16(), 409, "and she is told so");
    assert_eq!(shop.count("SELECT count(*) FROM coupons_given WHERE source = 'link'").await, 1);
    let page = ali.opens("/account/coupons").await;
    assert_eq!(page.all("[data-given]", "data-given"), ["open"]);
    shop.later(Duration::days(7));
    assert_eq!(ali.looks_again().await.all("[data-given]", "data-given"), ["expired"]);
    let page = ali.opens(&format!("/en{path}")).await;
    assert!(page.text("main").contains("From ¥100.00: ¥10.00 off"), "{}", page.told());
}

#[tokio::test]
async fn pressed_twice_it_is_one_where_she_gets_two() {
    let shop = TestShop::open().await;
    let coupon = shop.has_coupon(&Wanted { each: 2, ..off(1_000, 0) }).await;
    let path = format!("/coupons/{}", coupon.slug);
    let mut ali = shop.signed_in_as(ALI).await;
    let form = ali.opens(&path).await.form("#take");
    let mut again = shop.desktop();
    again.browser.cookies = ali.browser.cookies.clone();
    let (a, b) = tokio::join!(ali.submits(&form), again.submits(&form));
    assert_eq!((a.status.as_u16(), b.status.as_u16()), (200, 200), "{}", b.told());
    assert_eq!(ali.submits(&form).await.all("[data-given]", "data-given"), ["open"], "nor later");
    assert_eq!(shop.coupon(coupon.id).await.given, 1);
    let form = ali.page().form("#take");
    assert_eq!(ali.submits(&form).await.all("[data-given]", "data-given"), ["open", "open"]);
    assert_eq!(ali.submits(&form.with("had", "x")).await.status, 409);
    assert_eq!(shop.coupon(coupon.id).await.given, 2);
}

#[tokio::test]
async fn who_comes_from_the_light_app_without_a_cookie_takes_one() {
    let shop = TestShop::open().await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    let mut buyer = shop.desktop();
    framed(&mut buyer, &shop, &of_her(&shop).await).await;
    let tile = buyer.page().link("a.tile[href*='/light/p/mug']");
    let link = goes(&mut buyer, tile).await.link("a.coupon");
    let page = goes(&mut buyer, link.clone()).await;
    assert!(page.has("#take input[name=visit]") && !page.has("#sign-in"), "{}", page.told());
    buyer.browser.cookies.clear();
    let asked = Ask::form(&page.form("#take")).with(site(), "same-origin");
    assert_eq!(buyer.asks(asked).await.status, 200);
    let page = goes(&mut buyer, link.clone()).await;
    assert_eq!(page.all("[data-given]", "data-given"), ["open"], "{}", page.told());
    let hers = "SELECT count(*) FROM coupons_given g JOIN customers c ON c.id = customer_id
        WHERE c.weibo_uid = 7000000002";
    assert_eq!((shop.count(hers).await, shop.coupon(coupon.id).await.given), (1, 1));
    let page = shop.desktop().visits(link).await.clone();
    assert!(page.has("#sign-in") && !page.has("[data-given]"), "not for whoever has the address");
}

#[tokio::test]
async fn its_page_says_honestly_how_it_stands() {
    let shop = TestShop::open().await;
    let mut ali = shop.signed_in_as(ALI).await;
    let path = |coupon: &coupons::Coupon| format!("/coupons/{}", coupon.slug);
    let coming = Wanted { given_from: NOON + Duration::HOUR, ..off(1_000, 0) };
    let coming = shop.has_coupon(&coming).await;
    let page = ali.opens(&path(&coming)).await;
    assert_eq!((page.attribute("main", "data-coupon"), page.has("#take")), ("not-yet".into(), false));
    let one = shop.has_coupon(&Wanted { total: 1, ..off(1_000, 0) }).await;
    let form = ali.opens(&path(&one)).await.form("#take");
    let zhou = shop.knows(ZHOU).await;
    shop.tries_to_give(one.id, zhou).await.unwrap();
    let page = ali.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.attribute("main", "data-coupon")), (409, "none-left".into()));
    shop.runs("UPDATE coupons SET paused_at = now() WHERE total = 100").await;
    shop.later(Duration::HOUR);
    assert_eq!(ali.opens(&path(&coming)).await.attribute("main", "data-coupon"), "paused");
    shop.runs("UPDATE coupons SET ended_at = now() WHERE total = 100").await;
    assert_eq!(ali.opens(&path(&coming)).await.attribute("main", "data-coupon"), "over");
    for nowhere in ["a2b3c4d5", "A2B3C4D5", "x", "..%2f..%2fab", "%00%00%00%00%00%00%00%00"] {
        assert_eq!(ali.opens(&format!("/coupons/{nowhere}")).await.status, 404, "{nowhere}");
    }
}

#[tokio::test]
async fn products_tell_of_the_coupons_that_hold_for_them() {
    let shop = TestShop::open().await;
    let mut anybody = shop.phone();
    assert!(!anybody.opens("/p/mug").await.has("a.coupon"));
    let (mut conn, slug) = (shop.database.connect().await, Slug::parse("mug").unwrap());
    let mug = catalog::find_product(&mut conn, &slug).await.unwrap().unwrap().id;
    let percent = Off::Percent { percent: Percent::new(15).unwrap(), cap: Some(fen(2_000)) };
    let terms = Terms { off: percent, threshold: fen(0), products: vec![mug] };
    let only = shop.has_coupon(&Wanted { terms, total: 1, ..off(1_000, 0) }).await;
    shop.has_coupon(&Wanted { listed: false, ..off(500, 0) }).await;
    let page = anybody.opens("/p/mug").await;
    assert_eq!(page.all("a.coupon", "href"), [format!("/coupons/{}", only.slug)]);
    assert!(page.text("a.coupon").contains("8.5 折，最多减 ¥20.00"), "{}", page.text("a.coupon"));
    assert!(!anybody.opens("/p/teapot").await.has("a.coupon"), "it is not for this");
    let page = anybody.opens(&format!("/coupons/{}", only.slug)).await;
    assert!(page.body.contains("/p/mug") && !page.body.contains("/p/teapot"));
    assert!(page.body.contains("仅限指定商品") && page.has("a.tile"));
    shop.runs("UPDATE products SET on_shelf = false WHERE slug = 'mug'").await;
    let page = anybody.opens(&format!("/coupons/{}", only.slug)).await;
    assert!(page.body.contains("仅限指定商品") && !page.has("a.tile"), "not for everything");
    shop.runs("UPDATE products SET on_shelf = true WHERE slug = 'mug'").await;
    let her = shop.knows(ALI).await;
    shop.tries_to_give(only.id, her).await.unwrap();
    shop.app.shop.pages.forget();
    assert!(!anybody.opens("/p/mug").await.has("a.coupon"), "the last one is taken");
}

#[tokio::test]
async fn a_code_stands_in_no_address_and_in_no_log() {
    let shop = TestShop::open().await;
    let given = shop.gives(&off(1_000, 0), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    for path in ["/account/coupons", "/checkout?variant=mug", "/en/account/coupons"] {
        let page = ali.opens(path).await;
        let links: Vec<String> = page.links().iter().map(|link| link.url.to_string()).collect();
        assert!(links.iter().all(|link| !link.contains(given.code.as_str())), "{links:?}");
        let forms = page.all("form", "action");
        assert!(forms.iter().all(|to| !to.contains(given.code.as_str())), "{forms:?}");
    }
    ali.checks("mug", 1).await;
    let page = ali.checks_out().await;
    assert!(
        !page.body.contains(given.code.as_str()),
        "nor on the page of an order, whose link others may have"
    );
    assert!(!shop.logged().contains(given.code.as_str()));
    assert!(!shop.logged().contains(&given.code.grouped()));
    shop.closes().await;
}

#[tokio::test]
async fn one_that_was_given_stays_what_it_is() {
    let shop = TestShop::open().await;
    let given =
        shop.gives(&Wanted { lasts: Lasts::Until(NOON + Duration::days(40)), ..off(1_000, 0) }, ALI).await;
    assert_eq!(given.usable_until, NOON + Duration::days(40));
    let back = async || {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let back = coupons::take_back(&mut tx, given.id, shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        back
    };
    assert!(back().await && !back().await, "once");
    assert_eq!(shop.state(&given).await, "taken_back");
    for forged in [
        "UPDATE coupons_given SET state = 'open', revoked_at = NULL",
        "UPDATE coupons_given SET usable_until = usable_until + interval '1 year'",
        "UPDATE coupons SET given = total + 1",
    ] {
        assert!(sqlx::raw_sql(forged).execute(&mut shop.database.connect().await).await.is_err(), "{forged}");
    }
}

#[tokio::test]
async fn a_coupon_at_an_order_that_does_not_count_is_a_breach() {
    let shop = TestShop::open().await;
    let given = shop.gives(&off(1_000, 0), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    ali.orders("mug", 1).await;
    shop.later(Duration::minutes(31));
    shop.work().await;
    let mut conn = shop.database.connect().await;
    let mut rules = async || {
        let breaches = weipu::payments::check(&mut conn, None).await.unwrap();
        breaches.into_iter().map(|breach| breach.rule).collect::<Vec<_>>()
    };
    assert!(rules().await.is_empty());
    shop.runs("UPDATE coupons_given SET state = 'used', order_id = (SELECT id FROM orders), used_at = now()")
        .await;
    assert_eq!(rules().await, ["coupon-of-closed"]);
    shop.runs("UPDATE coupons_given SET state = 'open', order_id = NULL, used_at = NULL").await;
    shop.runs("UPDATE coupon_uses SET discount_fen = 999").await;
    assert_eq!(rules().await, ["discount-by-coupon"]);
    shop.runs("UPDATE coupon_uses SET discount_fen = 1000").await;
    assert_eq!((rules().await.len(), shop.state(&given).await), (0, "open".into()));
    shop.closes().await;
}
