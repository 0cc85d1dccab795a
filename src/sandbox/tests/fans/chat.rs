//! The chat page over real HTTP: what a person who plays a fan sees, and can do.

use super::super::Town;
use super::{FAN, SHOP};
use crate::sandbox::{Did, Said};
use crate::weibo::signature::Params;
use reqwest::Response;
use serde_json::{Value, json};
use time::Duration;

impl Town {
    async fn sees(&self, path: &str) -> String {
        let page = self.browser.get(self.url(path)).header("Cookie", format!("sandbox_account={FAN}"));
        page.send().await.unwrap().text().await.unwrap()
    }

    async fn does<const N: usize>(&self, form: [(&str, &str); N]) -> Response {
        let form = self.browser.post(self.url("/sandbox/fans")).form(&form[..]);
        form.header("Cookie", format!("sandbox_account={FAN}")).send().await.unwrap()
    }

    async fn publishes(&self, menu: &Value) {
        let form: Params = [("menus".to_owned(), menu.to_string())].into();
        assert_eq!(self.posts("/2/messages/menu/create.json", form).await["result"], true);
    }

    fn last_deed(&self) -> Did {
        let mut deeds = self.sandbox.fan_chat(FAN).into_iter().filter_map(|line| match line.said {
            Said::Fan { did, .. } => Some(did),
            _ => None,
        });
        deeds.next_back().unwrap()
    }
}

#[actix_web::test]
async fn a_person_writes_and_sees_cards_that_lead_somewhere() {
    let (town, ears) = Town::bound().await;
    let card = |name: &str| json!({ "display_name": name, "summary": "明前 <b>", "image": "https://shop.example/t.png", "url": "https://shop.example/p/tea?a=1&b=2" });
    let cards = json!({ "articles": [card("春茶上新"), card("茶具")] }).to_string();
    ears.says(
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "articles", "data": cards }).to_string(),
    );
    let answer = town.does([("did", "said"), ("text", "有 <茶> 吗")]).await;
    assert_eq!(answer.headers()["location"], "/sandbox/fans#end");
    let page = town.sees("/sandbox/fans").await;
    assert!(
        page.contains("有 &#60;茶&#62; 吗") && page.contains("春茶上新") && page.contains("明前 &#60;b&#62;")
    );
    assert!(page.contains(r#"href="https://shop.example/p/tea?a=1&#38;b=2""#));
    assert!(page.contains("店铺可以回到 03-07 10:21"));
    assert_eq!(page.matches("明前").count(), 1, "of several only the first summary shows");
    assert_eq!(town.does([("did", "said"), ("text", " ")]).await.status(), 400);
    assert_eq!(town.does([("did", "flies")]).await.status(), 400);
}

#[actix_web::test]
async fn a_picture_a_voice_and_a_place_are_sent_and_shown() {
    let (town, _ears) = Town::bound().await;
    for did in ["picture", "voice"] {
        town.does([("did", did)]).await;
    }
    town.does([("did", "at"), ("longitude", "1.5"), ("latitude", "2.5")]).await;
    let page = town.sees("/sandbox/fans").await;
    assert!(page.contains(r#"<img src="/sandbox/fans/files/1000000000000002""#));
    assert!(
        page.contains(r#"src="/sandbox/fans/files/1000000000000004""#) && page.contains("<audio controls")
    );
    assert!(page.contains("📍 1.5, 2.5"));
    let picture = town.browser.get(town.url("/sandbox/fans/files/1000000000000002")).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    let head = town.browser.get(town.url(&format!("/sandbox/avatars/{FAN}.svg"))).send().await.unwrap();
    assert!(head.text().await.unwrap().contains("梨"));
}

#[actix_web::test]
async fn the_menu_is_drawn_and_only_what_stands_in_it_can_be_pressed() {
    let (town, ears) = Town::bound().await;
    let orders = town.merchant.base.join("/orders").unwrap().to_string();
    town.publishes(&json!({ "button": [
        { "type": "click", "name": "新品", "key": "NEW" },
        { "name": "我的", "sub_button": [
            { "type": "view", "name": "订单", "url": orders },
            { "type": "view", "name": "别处", "url": "https://elsewhere.example/" },
        ] },
    ] }))
    .await;
    let page = town.sees("/sandbox/fans").await;
    assert!(page.contains("<button>新品</button>") && page.contains("<summary>我的</summary>"));
    town.does([("did", "clicked"), ("key", "NEW")]).await;
    assert_eq!(town.last_deed(), Did::Clicked { key: "NEW".into() });
    let led = town.does([("did", "viewed"), ("url", &orders)]).await;
    assert_eq!(led.headers()["location"], orders.as_str());
    assert_eq!(ears.bodies().len(), 2);
    let elsewhere = town.does([("did", "viewed"), ("url", "https://elsewhere.example/")]).await;
    assert_eq!((elsewhere.status().as_u16(), elsewhere.headers().get("location")), (200, None));
    assert_eq!(town.does([("did", "viewed"), ("url", "https://evil.example/")]).await.status(), 400);
    assert_eq!(town.does([("did", "clicked"), ("key", "OLD")]).await.status(), 400);
    assert_eq!(ears.bodies().len(), 3);
}

#[actix_web::test]
async fn a_code_is_looked_at_without_being_scanned() {
    let (town, ears) = Town::bound().await;
    let asked = json!({ "action_name": "QR_SCENE", "action_info": { "scene": { "scene_id": 7 } } });
    let made = town.posts_json("/2/eps/qrcode/create.json", &asked).await;
    let ticket = made["ticket"].as_str().unwrap();
    let look = format!("/sandbox/fans/scan?ticket={ticket}");
    assert!(town.sees(&look).await.contains("QR_SCENE_7"));
    assert!(ears.bodies().is_empty());
    town.does([("did", "scanned"), ("ticket", ticket)]).await;
    assert!(matches!(town.last_deed(), Did::Scanned { followed: true, .. }));
    assert!(town.sees("/sandbox/fans").await.contains("已关注"));
    town.clock.advance(Duration::minutes(30));
    assert!(town.sees(&look).await.contains("二维码过期了"));
    assert_eq!(town.does([("did", "scanned"), ("ticket", ticket)]).await.status(), 400);
}

#[actix_web::test]
async fn a_mention_stands_in_the_stream_too() {
    let (town, ears) = Town::bound().await;
    town.does([("did", "mentioned"), ("text", "@山间小铺 还有吗"), ("where", "status")]).await;
    let status = &town.sandbox.statuses()[0];
    let told: Value = serde_json::from_str(&ears.bodies()[0]).unwrap();
    assert_eq!(told["data"], json!({ "subtype": "status", "key": status.id.to_string() }));
    assert!(town.sees("/sandbox/fans").await.contains("店铺可以回一次"));
}

#[actix_web::test]
async fn the_phone_is_handed_to_another_fan_but_not_to_the_shop() {
    let town = Town::open();
    let chosen =
        town.post("/sandbox/fans/account", &[("account".to_owned(), "7000000003".to_owned())].into()).await;
    assert!(chosen.headers()["set-cookie"].to_str().unwrap().starts_with("sandbox_account=7000000003"));
    let page =
        town.browser.get(town.url("/sandbox/fans")).header("Cookie", format!("sandbox_account={SHOP}"));
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("我是阿梨的茶桌") && page.contains("还没有店铺绑定"));
}
