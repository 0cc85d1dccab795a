//! Telling one's followers: never twice, and never without being asked.

use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use weipu::sandbox::Fault;

/// Somebody who has bought a mug and signed in, in front of the offer.
pub async fn has_bought(shop: &TestShop) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.looks_again().await;
    assert!(!buyer.page().has("#repost input[checked], #repost form"), "nothing is ticked before");
    buyer.follows("#sign-in").await;
    let page = buyer.signs_in().await;
    assert!(page.has("#repost form"), "{}", page.told());
    buyer
}

pub async fn says(buyer: &mut Buyer, text: &str) -> Page {
    let form = buyer.page().form("#repost form").with("text", text);
    buyer.submits(&form).await.clone()
}

/// How many have said something, the merchant's own card aside.
pub fn said(shop: &TestShop) -> Vec<String> {
    let all = shop.weibo.sandbox.statuses();
    all.into_iter().filter(|status| status.card.is_none()).map(|status| status.text).collect()
}

#[tokio::test]
async fn she_reposts_the_status_of_the_product() {
    let shop = TestShop::open().await;
    let card = shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    let page = says(&mut buyer, "好看又好用").await;
    assert!(page.text("#repost").contains("已经转发"), "{}", page.told());
    let newest = shop.weibo.sandbox.statuses().remove(0);
    assert_eq!(
        (newest.reposts, newest.text.as_str(), newest.uid.as_str()),
        (Some(card), "好看又好用", "7000000002")
    );
    shop.closes().await;
}

#[tokio::test]
async fn without_a_status_the_offered_text_can_be_shared_as_it_stands() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let page = buyer.presses("#repost form").await;
    assert!(page.text("#repost").contains("已经转发"), "{}", page.told());
    assert!(said(&shop)[0].contains("/s/"), "{:?}", said(&shop));
    shop.closes().await;
}

#[tokio::test]
async fn a_repeated_repost_is_refused_by_us() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    let form = buyer.page().form("#repost form").with("text", "一");
    buyer.submits(&form).await;
    buyer.submits(&form).await;
    let page = buyer.submits(&form.clone().with("text", "二")).await;
    assert_eq!(page.status, 200, "led to the order, which tells that it is done");
    assert_eq!(said(&shop), ["一"]);
    shop.closes().await;
}

#[tokio::test]
async fn two_presses_at_once_are_one_repost() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut a = has_bought(&shop).await;
    let mut b = shop.buyer();
    b.browser.cookies = a.browser.cookies.clone();
    let form = a.page().form("#repost form");
    tokio::join!(a.submits(&form), b.submits(&form));
    assert_eq!(said(&shop).len(), 1);
    shop.closes().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_never_sent_again() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    let form = buyer.page().form("#repost form").with("text", "一");
    shop.weibo.will(Fault::AnswerLost);
    let page = buyer.submits(&form).await;
    assert!(page.text("#repost").contains("没有等到"), "{}", page.told());
    assert!(!page.has("#repost textarea"), "nothing more is offered before it was looked for");
    let page = buyer.submits(&form).await;
    assert!(page.text("#repost").contains("已经转发"), "looked for, and found: {}", page.told());
    buyer.submits(&form.clone().with("text", "二")).await;
    assert_eq!(said(&shop), ["一"]);
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_refuses_may_be_tried_again_and_her_words_are_kept() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    for (fault, words) in
        [(Fault::NotPermitted, "分享页"), (Fault::OverLimit, "太频繁"), (Fault::PostCaptcha, "您本人")]
    {
        shop.weibo.will(fault);
        let page = says(&mut buyer, "我的话").await;
        assert_eq!(page.status, 409, "{}", page.told());
        assert!(page.text("#repost .why").contains(words), "{}", page.told());
        assert_eq!(page.text("#repost textarea"), "我的话");
        assert!(page.has("#repost a[href*='/share/']"), "another way is offered: {}", page.told());
    }
    says(&mut buyer, "我的话").await;
    assert_eq!(said(&shop), ["我的话"]);
    shop.closes().await;
}

#[tokio::test]
async fn a_token_that_has_expired_at_weibo_leads_to_signing_in_again() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.will(Fault::TokenExpired);
    let page = says(&mut buyer, "我的话").await;
    assert!(page.text("#repost .why").contains("重新登录"), "{}", page.told());
    buyer.follows("#sign-in").await;
    buyer.signs_in().await;
    says(&mut buyer, "我的话").await;
    assert_eq!(said(&shop), ["我的话"]);
    shop.closes().await;
}

#[tokio::test]
async fn a_token_whose_time_is_over_is_not_used() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let form = buyer.page().form("#repost form");
    let sql = "UPDATE customers SET token_expires_at = '2026-11-21 04:00Z' RETURNING 1::bigint";
    shop.count(sql).await;
    assert!(buyer.looks_again().await.has("#sign-in"));
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.has("#sign-in")), (409, true));
    assert_eq!(said(&shop), Vec::<String>::new());
    shop.closes().await;
}

#[tokio::test]
async fn words_that_weibo_would_not_take_are_shown_again() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let long = format!("{}{}", "茶".repeat(200), shop.base);
    for (words, why) in [
        ("", "写一句话"),
        ("   ", "写一句话"),
        (&*long, "140"),
        ("没有链接", "本店的链接"),
        ("#话题# http://127.0.0.1/", "#话题#"),
    ] {
        let page = says(&mut buyer, words).await;
        assert_eq!(page.status, 422, "{words:?}");
        assert!(page.text("#repost .why").contains(why), "{words:?}: {}", page.told());
        assert_eq!(page.text("#repost textarea"), words.trim(), "kept");
    }
    assert_eq!(says(&mut buyer, "a\0b").await.status, 422);
    assert_eq!(said(&shop), Vec::<String>::new());
    shop.closes().await;
}

#[tokio::test]
async fn only_the_buyer_of_a_paid_order_may() {
    let shop = TestShop::open().await;
    let mut guest = shop.buyer();
    guest.orders("mug", 1).await;
    let url = format!("/orders/{}/repost", guest.order());
    let opened = guest.page().url.query().unwrap().to_owned();
    let ask = |buyer: &Buyer, path: &str| Ask::post(buyer.browser.at(path), "text=x");
    let press = ask(&guest, &url);
    assert_eq!(guest.asks(press).await.status, 403, "not signed in");
    let mut stranger = shop.buyer();
    stranger.opens("/oauth/weibo?next=/").await;
    stranger.signs_in().await;
    let press = ask(&stranger, &url);
    assert_eq!(stranger.asks(press).await.status, 404, "not hers");
    let press = ask(&stranger, &format!("{url}?{opened}"));
    assert_eq!(stranger.asks(press).await.status, 403, "a link shows, it does not act");
    guest.opens("/oauth/weibo?next=/").await;
    guest.signs_in().await;
    let press = Ask::post(guest.browser.at(&url), format!("text={}", shop.base));
    assert_eq!(guest.asks(press).await.status, 409, "not paid");
    assert_eq!(said(&shop), Vec::<String>::new());
    shop.closes().await;
}

#[tokio::test]
async fn without_signing_in_weibos_own_page_is_offered() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.looks_again().await;
    let page = buyer.follows("#share").await;
    assert!(page.text("textarea").contains("/s/"), "{}", page.told());
    buyer.presses("form").await;
    assert_eq!(said(&shop).len(), 1);
    shop.closes().await;
}
