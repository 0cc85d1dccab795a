//! Coupons and fans: a rule says where one can be taken and gives none; a person sends one by one press.

use crate::parcels::audited;
use crate::support::coupons::off;
use crate::support::desk::{ALI, ZHOU, talk};
use crate::support::fans::{LI, contains, rule};
use crate::support::goods::NOON;
use crate::support::{Duration, TestShop};
use weipu::coupons::Wanted;
use weipu::fans::rules::Answer;
use weipu::sandbox::SandboxReply;

#[tokio::test]
async fn a_rule_says_where_a_coupon_is_and_gives_none_before_she_has_signed_in() {
    let shop = TestShop::open().await;
    let coupon = shop.has_coupon(&Wanted { total: 1, ..off(1_000, 0) }).await;
    let answer = Answer::Coupon { texts: vec!["送您一张券：".into()], coupon: coupon.id };
    shop.has_rule(rule(contains("优惠"), answer)).await;
    shop.says_when(contains("优惠"), "现在没有优惠").await;
    shop.binds().await;
    let said = shop.weibo.sandbox.fan_says(LI, "有优惠吗").await;
    let Some(SandboxReply::Text { text }) = said.reply else { panic!("{said:?}") };
    let link = text.strip_prefix("送您一张券：\n").unwrap().to_owned();
    assert_eq!(shop.count("SELECT count(*) FROM coupons_given").await, 0);
    let mut zhou = shop.phone();
    zhou.visits(link.parse().unwrap()).await;
    zhou.follows("#sign-in").await;
    zhou.signs_in_as(ZHOU).await;
    zhou.presses("#take").await;
    assert_eq!(shop.count("SELECT count(*) FROM coupons_given WHERE source = 'rule'").await, 1);
    shop.later(Duration::SECOND);
    let said = shop.weibo.sandbox.fan_says(LI, "还有优惠吗").await;
    let Some(SandboxReply::Text { text }) = said.reply else { panic!("{said:?}") };
    assert_eq!(text, "现在没有优惠", "all are given: the next rule speaks");
}

#[tokio::test]
async fn the_editor_knows_coupons_and_the_box_shows_what_would_be_said() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    let over = shop.has_coupon(&Wanted { given_until: NOON + Duration::HOUR, ..off(900, 0) }).await;
    shop.later(Duration::HOUR);
    let page = owner.opens("/admin/fans/rules/new").await;
    let offered = page.all("#rule-coupon option", "value");
    assert_eq!(offered, [String::new(), coupon.id.0.to_string()]);
    let form = page.form("form.rule").with("rule-name", "领券").with("rule-words", "券");
    let form = form.with("rule-answer", "coupon").with("rule-text-1", "送您");
    for (coupon, text, field) in [
        (String::new(), "送您".to_owned(), "rule-coupon"),
        (over.id.0.to_string(), "送您".to_owned(), "rule-coupon"),
        ("x".to_owned(), "送您".to_owned(), "rule-coupon"),
        (coupon.id.0.to_string(), "券".repeat(151), "rule-text-1"),
    ] {
        let sent = form.clone().with("rule-coupon", coupon.as_str()).with("rule-text-1", text);
        let page = owner.submits(&sent).await;
        assert_eq!((page.status.as_u16(), page.wrong(field).is_empty()), (422, false), "{field} {coupon}");
    }
    let page = owner.submits(&form.with("rule-coupon", coupon.id.0.to_string())).await;
    assert_eq!(page.status, 200, "{}", page.told());
    let page = owner.opens("/admin/fans/rules/1").await;
    assert_eq!(page.value_of("form.rule", "rule-coupon"), coupon.id.0.to_string());
    let page = owner.opens("/admin/fans/rules/trial?what=text&text=有券吗").await;
    assert!(page.text(".told").contains(coupon.slug.as_str()), "{}", page.told());
    shop.runs("UPDATE coupons SET ended_at = made_at").await;
    let page = owner.opens("/admin/fans/rules/trial?what=text&text=有券吗").await;
    assert!(!page.text(".told").contains("/coupons/"), "it is over");
    assert!(
        owner.opens("/admin/fans/rules/1").await.has("#rule-coupon option[selected]"),
        "and stays chosen"
    );
}

#[tokio::test]
async fn a_person_sends_one_by_one_press() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    shop.signed_in_as(ALI).await;
    shop.heard(ALI, "太贵了").await;
    let page = owner.opens(&talk(ALI)).await;
    let form = page.form("#send-coupon").with("coupon", coupon.id.0.to_string());
    owner.submits(&form).await;
    owner.submits(&form).await;
    let said = shop.said_to(ALI).await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].0.contains("满") && said[0].0.contains("/account/coupons"), "{}", said[0].0);
    assert_eq!(shop.count("SELECT count(*) FROM coupons_given WHERE source = 'staff'").await, 1);
    assert_eq!(audited(&shop, "give-coupon").await, 1);
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.has("#coupons [data-given=open]"), "{}", page.told());
    // Another form: she has hers.
    let form = page.form("#send-coupon").with("coupon", coupon.id.0.to_string());
    assert_eq!(owner.submits(&form).await.status, 409);
    for gone in ["", "x", "99", "-1"] {
        let form = owner.opens(&talk(ALI)).await.form("#send-coupon").with("coupon", gone);
        assert_eq!(owner.submits(&form).await.status, 409, "{gone}");
    }
    assert_eq!((shop.said_to(ALI).await.len(), shop.coupon(coupon.id).await.given), (1, 1));
    shop.leaves_jobs();
}

#[tokio::test]
async fn whoever_never_signed_in_gets_the_address_and_nothing_is_given_that_is_not_said() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    shop.heard(ZHOU, "有券吗").await;
    let form = owner.opens(&talk(ZHOU)).await.form("#send-coupon").with("coupon", coupon.id.0.to_string());
    owner.submits(&form).await;
    let said = shop.said_to(ZHOU).await;
    assert!(said[0].0.contains(&format!("/coupons/{}", coupon.slug)), "{said:?}");
    assert_eq!(shop.coupon(coupon.id).await.given, 0);
    shop.signed_in_as(ALI).await;
    shop.heard(ALI, "有券吗").await;
    let form = owner.opens(&talk(ALI)).await.form("#send-coupon").with("coupon", coupon.id.0.to_string());
    shop.runs("UPDATE fans SET acted_at = NULL").await;
    assert_eq!(owner.submits(&form).await.status, 409, "her window is closed");
    assert_eq!((shop.said_to(ALI).await.len(), shop.coupon(coupon.id).await.given), (0, 0));
    shop.leaves_jobs();
}
