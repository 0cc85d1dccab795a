//! What stands beside a conversation and goes out of it by one press: cards, links to orders for her alone; and what
//! she sent, shown without the shop's token.

use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::desk::{ALI, ZHOU, talk};
use crate::support::desk_files::Keep;
use secrecy::SecretString;
use weipu::staff::Role;
use weipu::weibo::FansKeys;

const TOKEN: &str = "2.00fansTestOnlyToken0000000001";

#[tokio::test]
async fn a_product_is_found_and_sent_as_a_card() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "杯子还有吗").await;
    owner.opens(&talk(ALI)).await;
    let path = owner.page().attribute("#answer a[href*='/cards']", "href");
    let page = owner.opens(&path).await;
    assert_eq!((page.status.as_u16(), page.has(".cards")), (200, false), "nothing is looked for yet");
    let page = owner.opens(&format!("{path}&product=mug")).await;
    let form = page.form(".cards form").with("product", "mug");
    assert!(page.has(".cards form button[value=mug]"), "{}", page.told());
    owner.submits(&form).await;
    owner.submits(&form).await;
    let said = shop.said_to(ALI).await;
    assert_eq!(said.len(), 1, "once for each form");
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.body.contains(&said[0].0), "{}", page.told());
    let content: serde_json::Value = {
        let sql = "SELECT content FROM fan_messages WHERE author = 'staff'";
        sqlx::query_scalar(sql).fetch_one(&mut shop.database.connect().await).await.unwrap()
    };
    let told = content.to_string();
    assert!(told.contains(shop.base.join("/p/mug").unwrap().as_str()) && told.contains("39.90"), "{told}");
    let absolute = |text: &str| text.starts_with("http");
    if content["kind"] == "articles" {
        assert!(absolute(content["articles"][0]["image"].as_str().unwrap()));
    }
    for gone in ["no-such", "../etc", "", "MUG\0"] {
        let form =
            owner.opens(&format!("{path}&product=mug")).await.form(".cards form").with("product", gone);
        assert_eq!(owner.submits(&form).await.status, 409, "{gone}");
    }
    assert_eq!(shop.said_to(ALI).await.len(), 1);
    shop.leaves_jobs();
}

#[tokio::test]
async fn a_link_to_her_order_opens_for_her_alone_and_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut ali = shop.buyer();
    ali.opens("/oauth/weibo?next=/").await;
    ali.signs_in_as(ALI).await;
    ali.orders("mug", 1).await;
    let order = ali.order();
    let mut other = shop.desktop();
    other.orders("longjing-1", 1).await;
    let others = other.order();
    shop.heard(ALI, "我的订单呢").await;
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.text("#orders").contains(&order) && !page.body.contains(&others), "{}", page.told());
    assert!(!page.has("#orders button[value=refund]"), "there is none");
    let form = page.form("#orders form").with("about", "order");
    for (order, about) in [(others.as_str(), "order"), (order.as_str(), "refund"), ("x", "order"), ("", "")] {
        let forged = form.clone().with("order", order).with("about", about);
        assert_eq!(owner.submits(&forged).await.status, 409, "{order} {about}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM hints").await, 0, "no link lies about");
    owner.submits(&form).await;
    owner.submits(&form).await;
    let said = shop.said_to(ALI).await;
    assert_eq!((said.len(), shop.count("SELECT count(*) FROM hints").await), (1, 1));
    let words = &said[0].0;
    assert!(words.contains(&order) && !words.contains("?t="), "{words}");
    let link =
        words.split_whitespace().find_map(|word| word.find("http").map(|at| word[at..].to_owned())).unwrap();
    let path = url::Url::parse(&link).unwrap().path().to_owned();
    let mut stranger = shop.desktop();
    stranger.opens(&path).await;
    assert!(!stranger.page().has("main[data-payment]"), "it signs nobody in");
    stranger.signs_in_as(ZHOU).await;
    assert!(!stranger.page().has("main[data-payment]"), "{}", stranger.page().told());
    let mut herself = shop.desktop();
    herself.opens(&path).await;
    let page = herself.signs_in_as(ALI).await;
    assert_eq!(
        (page.url.path(), page.has("main[data-payment]")),
        (format!("/orders/{order}").as_str(), true)
    );
    shop.leaves_jobs();
}

#[tokio::test]
async fn a_link_is_not_sent_over_the_answer_of_a_colleague_that_nobody_has_seen() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut service = shop.member("小服", Role::Service).await;
    let mut ali = shop.buyer();
    ali.opens("/oauth/weibo?next=/").await;
    ali.signs_in_as(ALI).await;
    ali.orders("mug", 1).await;
    let order = ali.order();
    shop.heard(ALI, "发了吗").await;
    let form = owner.opens(&talk(ALI)).await.form("#orders form").with("about", "order");
    service.answers(ALI, "下午发").await;
    let page = owner.submits(&form).await;
    assert!(page.status == 409 && page.text("#refused").contains("小服"), "{}", page.told());
    assert!(page.body.contains("下午发"), "now she has seen it");
    assert_eq!(shop.count("SELECT count(*) FROM hints").await, 0, "what is not said leaves nothing");
    let form = owner.page().form("#orders form").with("about", "order");
    assert!(form.action.path().ends_with("/links") && owner.submits(&form).await.has(".said"));
    let said = shop.said_to(ALI).await;
    assert_eq!(said.len(), 2);
    assert!(said[1].0.contains(shop.base.as_str()), "{order}: {}", said[1].0);
    shop.leaves_jobs();
}

#[tokio::test]
async fn the_last_order_fills_a_canned_answer_and_closed_windows_send_no_link() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut ali = shop.buyer();
    ali.opens("/oauth/weibo?next=/").await;
    ali.signs_in_as(ALI).await;
    ali.orders("mug", 1).await;
    let order = ali.order();
    shop.heard(ALI, "发了吗").await;
    let form = owner.opens("/admin/fans/canned").await.form("#canned").with("title", "发货");
    owner.submits(&form.with("text", "{order} 今天发")).await;
    let form = owner.types(ALI, "").await.with("canned", "1").with("insert", "1");
    assert_eq!(owner.submits(&form).await.value_of("#answer", "text"), format!("{order} 今天发"));
    let form = owner.opens(&talk(ALI)).await.form("#orders form").with("about", "order");
    shop.runs("UPDATE fans SET acted_at = NULL").await;
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.has("#shut")), (409, true));
    assert_eq!(shop.count("SELECT count(*) FROM hints").await, 0, "what is not said leaves nothing");
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_a_fan_sent_is_shown_once_fetched_and_never_with_the_token() {
    let keep = Keep::open();
    let base = keep.base.clone();
    let shop = TestShop::with_weibo(|weibo| {
        weibo.addresses.upload = base;
        let secret = SecretString::from("test-only-app-secret-0001");
        weibo.fans = Some(FansKeys { token: TOKEN.into(), secret });
    })
    .await;
    let mut owner = shop.owner().await;
    let picture = shop.heard_as(ALI, "image", r#"{"kind":"image","file":1000000000000002}"#, "x").await;
    let voice = shop.heard_as(ALI, "voice", r#"{"kind":"voice","file":1000000000000004}"#, "x").await;
    let words = shop.heard(ALI, "没有文件").await;
    let nothing = shop.heard_as(ALI, "image", r#"{"kind":"image","file":null}"#, "x").await;
    let page = owner.opens(&talk(ALI)).await;
    assert!(
        page.has(&format!("a[href='/admin/fans/{ALI}/media/{picture}'] img[src$='{picture}?small=1']")),
        "{}",
        page.told()
    );
    assert!(page.has(&format!("audio[src='/admin/fans/{ALI}/media/{voice}']")));
    assert!(page.header("content-security-policy").contains("media-src 'self'"));
    assert!(
        !page.body.contains(TOKEN) && keep.asked().is_empty(),
        "nothing is fetched before it is looked at"
    );

    // While Weibo has trouble it is told, and nothing is kept.
    owner.browser.expects_failure = true;
    keep.gives(500, b"");
    assert_eq!(owner.opens(&format!("{}/media/{picture}", talk(ALI))).await.status, 502);
    keep.gives(200, br#"{"request":"/2/mss/msget","error_code":21327,"error":"expired_token"}"#);
    let page = owner.opens(&format!("{}/media/{picture}", talk(ALI))).await;
    assert!(page.status == 502 && !page.body.contains(TOKEN));
    let before = keep.asked().len();
    keep.gives(200, b"\x89PNG\r\n\x1a\n the picture");
    for _ in 0..3 {
        let page = owner.opens(&format!("{}/media/{picture}", talk(ALI))).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "image/png"));
        assert!(page.header("content-security-policy").contains("sandbox"));
        assert_eq!(page.header("cache-control"), "private, no-store");
    }
    let asked = keep.asked();
    assert_eq!(asked.len(), before + 1, "asked once: {asked:?}");
    assert!(asked[before].contains("fid=1000000000000002"), "{asked:?}");

    // What is no picture and no sound is neither shown nor kept, whatever its sender calls it.
    keep.gives(200, b"<html><script>alert(1)</script>");
    let page = owner.opens(&format!("{}/media/{voice}", talk(ALI))).await;
    assert!(page.status == 404 && !page.body.contains("alert(1)"), "{}", page.told());
    keep.gives(200, b"#!AMR\n and so on");
    let page = owner.opens(&format!("{}/media/{voice}", talk(ALI))).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "audio/amr"));
    for (fan, message) in [(ZHOU, picture), (ALI, words), (ALI, nothing), (ALI, 99_999), (ALI, -1)] {
        let page = owner.opens(&format!("/admin/fans/{fan}/media/{message}")).await;
        assert_eq!(page.status, 404, "{fan} {message}");
    }
    let mut nobody = shop.desktop();
    let url = nobody.browser.at(&format!("/admin/fans/{ALI}/media/{picture}"));
    assert_eq!(nobody.browser.send(Ask::get(url)).await.status, 303);
    keep.closes().await;
}

#[tokio::test]
async fn a_voice_that_no_browser_plays_is_offered_as_a_file() {
    let keep = Keep::open();
    let base = keep.base.clone();
    let shop = TestShop::with_weibo(|weibo| {
        weibo.addresses.upload = base;
        weibo.fans = Some(FansKeys { token: TOKEN.into(), secret: "s".into() });
    })
    .await;
    let mut owner = shop.owner().await;
    let voice = shop.heard_as(ALI, "voice", r#"{"kind":"voice","file":4}"#, "x").await;
    keep.gives(200, b"#!AMR\n and so on");
    let page = owner.opens(&format!("{}/media/{voice}", talk(ALI))).await;
    assert_eq!(page.header("content-type"), "audio/amr");
    let name = format!("attachment; filename=\"weibo-{voice}.amr\"");
    assert_eq!(page.header("content-disposition"), name);
    keep.closes().await;
}
