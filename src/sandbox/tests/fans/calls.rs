//! The other calls of the fans service over real HTTP, and the machine's way to play a fan.

use super::super::{Town, params};
use super::{FAN, SHOP, TOKEN, text};
use crate::sandbox::FansRules;
use crate::weibo::signature::Params;
use serde_json::{Value, json};
use time::Duration;

#[actix_web::test]
async fn fans_are_sorted_into_groups_and_told_by_group() {
    let town = Town::open();
    let base = "/2/messages/custom_rule";
    town.sandbox.fan_follows(FAN).await;
    town.sandbox.fan_subscribes(FAN).await;
    let made = town.posts_json(&format!("{base}/create.json"), &json!({ "group": { "name": "老客" } })).await;
    assert_eq!(made, json!({ "group": { "id": 101, "name": "老客" } }));
    let by_field = town.posts(&format!("{base}/create.json"), params([("name", "新客")])).await;
    assert_eq!(by_field["group"]["id"], 102);
    let moved = town
        .posts(
            &format!("{base}/member/update.json"),
            params([("follower_id", "7000000002"), ("to_groupid", "101")]),
        )
        .await;
    assert_eq!(moved, json!({ "errcode": 0, "errmsg": "ok", "error": "ok", "error_code": "0" }));
    let of_fan = town.posts(&format!("{base}/getid.json"), params([("follower_id", "7000000002")])).await;
    assert_eq!(of_fan, json!({ "groupid": 101 }));
    let nobody = town.posts(&format!("{base}/getid.json"), params([("follower_id", "7000000099")])).await;
    assert_eq!(nobody["error_code"], 20003);
    let body = json!({ "filter": { "group_id": "101" }, "msgtype": "text", "text": { "content": "给老客" } });
    town.posts_json("/2/messages/sendall.json", &body).await;
    town.clock.advance(Duration::seconds(3));
    assert_eq!(town.sandbox.said_to(FAN), [text("给老客")]);
    let renamed = town.posts(&format!("{base}/update.json"), params([("id", "102"), ("name", "生客")])).await;
    assert_eq!(renamed["error"], "ok");
    let list = town.asks_for(&format!("{base}/get.json"), params([("rule_type", "2")])).await;
    let list: Vec<_> = list["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| (g["id"].clone(), g["name"].clone(), g["count"].clone()))
        .collect();
    assert_eq!(list[2..], [(json!(101), json!("老客"), json!(1)), (json!(102), json!("生客"), json!(0))]);
    assert_eq!(town.posts(&format!("{base}/delete.json"), params([("id", "101")])).await["errcode"], 0);
    assert_eq!(town.posts(&format!("{base}/delete.json"), params([("id", "0")])).await["errcode"], "100091");
    let of_fan = town.posts(&format!("{base}/getid.json"), params([("follower_id", "7000000002")])).await;
    assert_eq!(of_fan["groupid"], 0);
    let long = "长".repeat(31);
    assert_eq!(
        town.posts(&format!("{base}/create.json"), params([("name", &long)])).await["errcode"],
        "100091"
    );
    for _ in 1..500 {
        town.sandbox.change(|world, _| world.create_group("又一组")).unwrap();
    }
    assert_eq!(
        town.posts(&format!("{base}/create.json"), params([("name", "五百零一")])).await["errcode"],
        "100092"
    );
}

#[actix_web::test]
async fn a_menu_is_published_shown_and_taken_away_within_its_bounds() {
    let town = Town::open();
    let publishes = async |menu: &Value| {
        town.posts("/2/messages/menu/create.json", params([("menus", &menu.to_string())])).await
    };
    let menu = json!({ "button": [
        { "type": "click", "name": "新品", "key": "NEW" },
        { "name": "我的", "sub_button": [
            { "type": "view", "name": "订单", "url": "https://shop.example/orders" },
            { "type": "click", "name": "客服", "key": "HELP" },
        ] },
    ] });
    assert_eq!(publishes(&menu).await, json!({ "result": true }));
    let shown = town.asks_for("/2/messages/menu/show.json", Params::new()).await;
    assert_eq!(shown, json!({ "menu": menu }));
    let leaf = |name: &str, key: &str| json!({ "type": "click", "name": name, "key": key });
    let with = |button: Value| json!({ "button": [button] });
    for bad in [
        json!({ "button": [] }),
        json!({ "button": vec![leaf("一", "A"); 4] }),
        with(leaf("六个字的名字", "A")),
        with(leaf("一", "")),
        with(leaf("一", &"A".repeat(129))),
        with(json!({ "type": "view", "name": "一", "url": "/orders" })),
        with(
            json!({ "type": "view", "name": "一", "url": format!("https://a.example/{}", "a".repeat(256)) }),
        ),
        with(json!({ "type": "scan", "name": "一", "key": "A" })),
        with(json!({ "name": "一", "sub_button": vec![leaf("二", "A"); 6] })),
        with(json!({ "name": "一", "sub_button": [{ "name": "二", "sub_button": [leaf("三", "A")] }] })),
    ] {
        assert_eq!(publishes(&bad).await["error_code"], 26_499, "{bad}");
    }
    assert_eq!(town.asks_for("/2/messages/menu/show.json", Params::new()).await, json!({ "menu": menu }));
    assert_eq!(town.asks_for("/2/messages/menu/delete.json", Params::new()).await["result"], true);
    assert_eq!(
        town.asks_for("/2/messages/menu/show.json", Params::new()).await,
        json!({ "menu": { "button": [] } })
    );
}

#[actix_web::test]
async fn a_code_can_be_scanned_from_its_picture_until_it_is_over() {
    let (town, ears) = Town::bound().await;
    let create = "/2/eps/qrcode/create.json";
    let asked = json!({ "expire_seconds": 600, "action_name": "QR_SCENE", "action_info": { "scene": { "scene_id": 123 } } });
    let made = town.posts_json(create, &asked).await;
    assert_eq!(made["expire_seconds"], 600);
    let ticket = made["ticket"].as_str().unwrap();
    let picture =
        town.browser.get(town.url(&format!("/2/eps/qrcode/show?ticket={ticket}"))).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    let picture = image::load_from_memory(&picture.bytes().await.unwrap()).unwrap().to_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let shade = |x: usize, y: usize| picture.get_pixel(x.try_into().unwrap(), y.try_into().unwrap()).0[0];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let (_, read) = prepared.detect_grids()[0].decode().unwrap();
    assert!(read.ends_with(&format!("/sandbox/fans/scan?ticket={ticket}")), "{read}");
    assert_eq!(town.sandbox.fan_scans(FAN, "QR_SCENE_123").await.status, 200);
    let told: Value = serde_json::from_str(ears.bodies().last().unwrap()).unwrap();
    assert_eq!(told["data"], json!({ "subtype": "scan_follow", "key": "QR_SCENE_123", "ticket": ticket }));
    town.clock.advance(Duration::minutes(10));
    assert_eq!(
        town.sandbox.fan_scans(FAN, "QR_SCENE_123").await.trouble.as_deref(),
        Some("the code is over")
    );
    assert_eq!(
        town.browser
            .get(town.url(&format!("/2/eps/qrcode/show?ticket={ticket}")))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    let flat = |action: &str, scene: &str| params([("action_name", action), ("scene_id", scene)]);
    let permanent = town.posts(create, flat("QR_LIMIT_SCENE", "100000")).await;
    assert!(permanent["ticket"].is_string() && permanent["expire_seconds"].is_null());
    assert_eq!(town.posts(create, flat("QR_SCENE", "4294967295")).await["expire_seconds"], 1800);
    for (action, scene) in [
        ("QR_LIMIT_SCENE", "0"),
        ("QR_LIMIT_SCENE", "100001"),
        ("QR_SCENE", "0"),
        ("QR_SCENE", "4294967296"),
        ("QR", "1"),
    ] {
        assert_eq!(town.posts(create, flat(action, scene)).await["error_code"], 10017, "{action} {scene}");
    }
    let long = json!({ "expire_seconds": 1801, "action_name": "QR_SCENE", "action_info": { "scene": { "scene_id": 1 } } });
    assert_eq!(town.posts_json(create, &long).await["error_code"], 10017);
}

#[actix_web::test]
async fn fans_are_known_once_they_follow_and_listed_page_by_page() {
    let town = Town::open();
    let info = "/2/eps/user/info.json";
    let fan = || params([("uid", "7000000002")]);
    assert_eq!(town.asks_for(info, fan()).await, json!({ "follow": "0" }));
    town.sandbox.fan_follows(FAN).await;
    town.sandbox.fan_subscribes(FAN).await;
    let known = town.asks_for(info, fan()).await;
    assert_eq!(
        (&known["nickname"], &known["sex"], &known["subscribe"]),
        (&"阿梨的茶桌".into(), &2.into(), &1.into())
    );
    assert_eq!(known["subscribe_time"], 1_772_677_260);
    for uid in 1..=5 {
        town.sandbox.fan_subscribes(FAN + uid).await;
    }
    town.sandbox.set_fans_rules(FansRules { subscribers_page: 4, ..town.sandbox.fans_rules() });
    let list = "/2/messages/subscribers/get.json";
    let first = town.asks_for(list, Params::new()).await;
    assert_eq!(
        (&first["total"], &first["count"], &first["next_uid"]),
        (&6.into(), &4.into(), &"7000000006".into())
    );
    let second = town.asks_for(list, params([("next_uid", "7000000006")])).await;
    assert_eq!(second["data"]["uids"], json!([FAN + 4, FAN + 5]));
    assert_eq!(second["next_uid"], "");
    town.sandbox.set_fans_rules(FansRules { flat_subscribers: true, ..town.sandbox.fans_rules() });
    assert_eq!(town.asks_for(list, Params::new()).await["uids"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn the_format_is_switched_and_an_invitation_sent() {
    let (town, ears) = Town::bound().await;
    let format = "/2/eps/push/set_format.json";
    assert_eq!(town.posts(format, params([("format", "xml")])).await["result"], true);
    town.sandbox.fan_says(FAN, "在吗").await;
    assert!(ears.bodies()[0].starts_with("<xml>"));
    assert_eq!(town.posts(format, params([("format", "yaml")])).await["error_code"], 10017);
    let invite = |text: &str| {
        let data = json!({ "text": text, "url": "https://shop.example/i", "invite_logo": "https://shop.example/l.png" });
        params([("uid", "7000000003"), ("data", &data.to_string())])
    };
    assert_eq!(town.posts("/2/messages/invite.json", invite(&"来".repeat(300))).await["result"], true);
    assert_eq!(town.posts("/2/messages/invite.json", invite(&"来".repeat(301))).await["error_code"], 10017);
    assert_eq!(town.sandbox.fan_chat(7_000_000_003).len(), 1);
}

#[actix_web::test]
async fn a_picture_and_a_voice_are_fetched_by_the_receivers_id() {
    let (town, ears) = Town::bound().await;
    town.sandbox.fan_sends_picture(FAN).await;
    town.sandbox.fan_sends_voice(FAN).await;
    let sent: Vec<Value> = ears
        .bodies()
        .iter()
        .map(|body| serde_json::from_str::<Value>(body).unwrap()["data"].take())
        .collect();
    let fetch = async |path: &str, id: &Value, more: &str| {
        let url = town.url(&format!("/2/mss/{path}?access_token={TOKEN}&fid={id}{more}"));
        town.browser.get(url).send().await.unwrap()
    };
    let picture = fetch("msget", &sent[0]["tovfid"], "").await.bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&picture).unwrap().width(), 640);
    let small =
        fetch("msget_thumbnail", &sent[0]["tovfid"], "&width=64&high=48").await.bytes().await.unwrap();
    let small = image::load_from_memory(&small).unwrap();
    assert_eq!((small.width(), small.height()), (64, 48));
    let voice = fetch("msget", &sent[1]["tovfid"], "").await;
    assert_eq!(voice.headers()["content-type"], "audio/wav");
    let voice = voice.bytes().await.unwrap();
    assert_eq!((&voice[..4], voice.len()), (&b"RIFF"[..], 8044));
    assert_eq!(fetch("msget_thumbnail", &sent[1]["tovfid"], "").await.status(), 400);
    assert_eq!(fetch("msget", &sent[0]["vfid"], "").await.status(), 400, "the sender's is not ours");
    let nobody =
        town.browser.get(town.url(&format!("/2/mss/msget?fid={}", sent[0]["tovfid"]))).send().await.unwrap();
    assert_eq!(nobody.status(), 400);
}

#[actix_web::test]
async fn a_fan_can_be_played_from_another_process() {
    let town = Town::open();
    let (ears, url) = town.shop();
    let posts = async |path: &str, body: Value| {
        let request = town.browser.post(town.url(path)).body(body.to_string());
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert!(posts("/sandbox/api/fans", json!({ "bind": "http://shop.example/" })).await["error"].is_string());
    let state = posts(
        "/sandbox/api/fans",
        json!({ "bind": url, "format": "xml", "rules": { "wechat_names": true } }),
    )
    .await;
    assert_eq!((&state["bound_to"], &state["format"]), (&url.as_str().into(), &"xml".into()));
    let fan = format!("/sandbox/api/fans/{FAN}");
    ears.says(format!("<xml><ToUserName>{FAN}</ToUserName><FromUserName>{SHOP}</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>好</Content></xml>"));
    let answer = posts(&fan, json!({ "did": "said", "text": "在吗" })).await;
    assert_eq!(answer, json!({ "status": 200, "reply": { "type": "text", "text": "好" }, "trouble": null }));
    posts(&fan, json!({ "did": "scanned", "key": "QR_SCENE_5" })).await;
    let standing: Value = town.browser.get(town.url(&fan)).send().await.unwrap().json().await.unwrap();
    assert_eq!((&standing["window"], &standing["follows"]), (&"open".into(), &true.into()));
    assert_eq!(standing["chat"].as_array().unwrap().len(), 4);
    let about: Value = town.browser.get(town.url("/sandbox/api")).send().await.unwrap().json().await.unwrap();
    assert!(
        about["POST /sandbox/api/fans/{uid}"].is_string()
            && about["faults"].to_string().contains("fan_twice")
    );
    assert_eq!(town.sandbox.said_to(FAN), [text("好"), text("好")]);
}
