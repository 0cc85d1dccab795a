//! The calls over a real connection: what is asked, where the token stands, and what is believed of an answer.

use super::*;
use crate::weibo::messages::{Article, Button, Format, Leaf, Menu, Reply as Said};
use crate::weibo::testing::{Script, Weibo, http, settings};
use std::num::NonZeroU32;
use std::time::Duration;

const OK_EARLY: &str = r#"{"errcode":0,"errmsg":"ok"}"#;
const OK_LATE: &str = r#"{"error":"ok","error_code":"0"}"#;
const OK_BOTH: &str = r#"{"errcode":0,"errmsg":"ok","error":"ok","error_code":"0","result":true}"#;

fn text(text: &str) -> Said {
    Said::Text { text: text.into() }
}

fn card() -> Said {
    let (image, url) = ("https://shop.example/1.jpg".into(), "https://shop.example/p/1".into());
    Said::Articles {
        articles: vec![Article {
            display_name: "春茶上新".into(), summary: "明前龙井".into(), image, url
        }],
    }
}

fn body(weibo: &Weibo) -> serde_json::Value {
    serde_json::from_str(weibo.asked().split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// The first line, and that the token is in no address but in a header.
fn line(weibo: &Weibo) -> String {
    let asked = weibo.asked();
    let line = asked.lines().next().unwrap().to_owned();
    assert!(!line.contains("TESTONLY"), "{line}");
    assert!(asked.to_lowercase().contains("authorization: oauth2 2.00testonlytoken\r\n"), "{asked}");
    line
}

#[actix_web::test]
async fn a_reply_says_to_whom_and_what_encoded_once() {
    let weibo = Weibo::answers(200, r#"{"result":true,"type":"text","data":{}}"#).await;
    weibo.client().reply(7_000_000_002, &text("你好 A+B & 欢迎")).await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/messages/reply.json HTTP/1.1\r\n"));
    let form = weibo.form();
    assert_eq!((form["type"].as_str(), form["receiver_id"].as_str()), ("text", "7000000002"));
    assert_eq!(form["data"], r#"{"text":"你好 A+B & 欢迎"}"#);
    assert_eq!(form["access_token"], "2.00TESTONLYTOKEN");
}

#[actix_web::test]
async fn both_families_of_errors_are_refusals_and_both_of_success_are_none() {
    for (status, answer, code) in [
        (200, r#"{"request":"/2/messages/reply.json","error_code":26401,"error":"no"}"#, "26401"),
        (400, r#"{"request":"/2/messages/reply.json","error_code":"26401","error":"no"}"#, "26401"),
        (200, r#"{"request":"/2/messages/sendall.json","errcode":"100012","errmsg":"no"}"#, "100012"),
        (403, r#"{"errcode":100012,"errmsg":"no"}"#, "100012"),
        (200, r#"{"error":"invalid_token"}"#, "invalid_token"),
        (200, r#"{"result":false}"#, "result_false"),
        (200, r#"{"result":"false"}"#, "result_false"),
        (200, r#"{"errcode":0,"errmsg":"ok","error_code":26401,"error":"no"}"#, "26401"),
    ] {
        let weibo = Weibo::answers(status, answer).await;
        let error = weibo.client().reply(5, &text("x")).await.unwrap_err();
        assert!(
            matches!(&error, CallError::Refused { code: found, .. } if found == code),
            "{answer}: {error:?}"
        );
    }
    for answer in [OK_EARLY, OK_LATE, OK_BOTH, "{}", r#"{"result":true}"#, r#"{"result":"true"}"#] {
        Weibo::answers(200, answer).await.client().reply(5, &text("x")).await.unwrap();
    }
    for script in [
        Script::Reset,
        Script::Bytes(crate::weibo::testing::http(200, "")),
        Script::Bytes(crate::weibo::testing::http(403, "{}")),
    ] {
        let error = Weibo::does(script).await.client().reply(5, &text("x")).await.unwrap_err();
        assert!(matches!(error, CallError::Unknown(_)), "{error:?}");
    }
}

#[actix_web::test]
async fn without_a_token_nothing_is_asked() {
    let weibo = Weibo::answers(200, "{}").await;
    let without = crate::weibo::Settings { fans: None, ..settings(weibo.address()) };
    let client = Client::new(without).unwrap();
    for error in [
        client.reply(5, &text("x")).await.unwrap_err(),
        client.menu().await.unwrap_err(),
        client.send_all(&Audience::Group(1), &text("x")).await.unwrap_err(),
        client.media(5).await.unwrap_err(),
    ] {
        assert!(matches!(&error, CallError::Refused { code, .. } if code == NO_TOKEN), "{error:?}");
    }
    assert!(weibo.client().fans().is_some() && client.fans().is_none());
    let place = Said::Position { longitude: "1".into(), latitude: "1".into() };
    let error = weibo.client().send_all(&Audience::Group(1), &place).await.unwrap_err();
    assert!(matches!(&error, CallError::Refused { code, .. } if code == UNFIT), "{error:?}");
}

#[actix_web::test]
async fn a_broadcast_goes_to_a_group_or_to_fans() {
    let weibo = Weibo::answers(200, r#"{"result":true,"msg_id":600001}"#).await;
    let fans = Audience::Fans(vec![7_000_000_002, 7_000_000_003]);
    assert_eq!(weibo.client().send_all(&fans, &text("春茶到货")).await.unwrap(), 600_001);
    let documented =
        r#"{"touser":["7000000002","7000000003"],"msgtype":"text","text":{"content":"春茶到货"}}"#;
    assert_eq!(body(&weibo), serde_json::from_str::<serde_json::Value>(documented).unwrap());
    assert_eq!(line(&weibo), "POST /2/messages/sendall.json HTTP/1.1");

    let weibo = Weibo::answers(200, r#"{"result":true,"msg_id":"600002"}"#).await;
    assert_eq!(weibo.client().send_all(&Audience::Group(101), &card()).await.unwrap(), 600_002);
    let documented = r#"{"filter":{"group_id":"101"},"msgtype":"articles","articles":[{"display_name":"春茶上新","summary":"明前龙井","image":"https://shop.example/1.jpg","url":"https://shop.example/p/1"}]}"#;
    assert_eq!(body(&weibo), serde_json::from_str::<serde_json::Value>(documented).unwrap());

    let weibo = Weibo::answers(200, r#"{"result":true}"#).await;
    let error = weibo.client().send_all(&fans, &text("x")).await.unwrap_err();
    assert!(matches!(error, CallError::Unknown(_)), "without its number nobody knows");
}

#[actix_web::test]
async fn groups_are_listed_made_renamed_and_deleted() {
    let listed = r#"{"groups":[{"id":0,"name":"未分组","count":5,"rule_type":2},{"id":"101","name":"茶友","count":"2"}]}"#;
    let weibo = Weibo::answers(200, listed).await;
    let groups = weibo.client().groups().await.unwrap();
    assert_eq!(groups[1], Group { id: 101, name: "茶友".into(), count: Some(2) });
    assert_eq!(line(&weibo), "GET /2/messages/custom_rule/get.json HTTP/1.1");

    let weibo = Weibo::answers(200, r#"{"group":{"id":102,"name":"新客"}}"#).await;
    assert_eq!(weibo.client().create_group("新客").await.unwrap().id, 102);
    assert_eq!(body(&weibo)["group"]["name"], "新客");

    let weibo = Weibo::answers(200, OK_LATE).await;
    weibo.client().rename_group(102, "老客").await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/messages/custom_rule/update.json HTTP"));
    assert_eq!((weibo.form()["id"].as_str(), weibo.form()["name"].as_str()), ("102", "老客"));
    let weibo = Weibo::answers(200, OK_EARLY).await;
    weibo.client().delete_group(102).await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/messages/custom_rule/delete.json HTTP"));
    let weibo = Weibo::answers(200, OK_BOTH).await;
    weibo.client().move_to_group(7_000_000_002, 101).await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/messages/custom_rule/member/update.json HTTP"));
    assert_eq!(
        (weibo.form()["follower_id"].as_str(), weibo.form()["to_groupid"].as_str()),
        ("7000000002", "101")
    );
    let weibo = Weibo::answers(200, r#"{"groupid":101}"#).await;
    assert_eq!(weibo.client().group_of(7_000_000_002).await.unwrap(), 101);
}

#[actix_web::test]
async fn the_menu_is_saved_shown_without_its_wrapper_and_deleted() {
    let menu = Menu { buttons: vec![Button::Leaf(Leaf::Click { name: "新品".into(), key: "NEW".into() })] };
    let weibo = Weibo::answers(200, r#"{"result":true}"#).await;
    weibo.client().save_menu(&menu).await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/messages/menu/create.json HTTP"));
    assert_eq!(weibo.form()["menus"], r#"{"button":[{"type":"click","name":"新品","key":"NEW"}]}"#);

    let shown = r#"{"menu":{"button":[{"type":"CLICK","name":"新品","key":"NEW","sub_button":[]}]}}"#;
    let weibo = Weibo::answers(200, shown).await;
    assert_eq!(weibo.client().menu().await.unwrap(), menu);
    assert_eq!(line(&weibo), "GET /2/messages/menu/show.json HTTP/1.1");
    for empty in [r#"{"menu":{"button":[]}}"#, r#"{"menu":{}}"#, r#"{"menu":null}"#] {
        assert_eq!(Weibo::answers(200, empty).await.client().menu().await.unwrap(), Menu::default());
    }
    for odd in [r#"{"menu":{"button":[{"type":"scancode","name":"x"}]}}"#, r#"{"menu":{"button":5}}"#, "{}"] {
        let error = Weibo::answers(200, odd).await.client().menu().await.unwrap_err();
        assert!(matches!(error, CallError::Unknown(_)), "{odd}");
    }
    let weibo = Weibo::answers(200, OK_BOTH).await;
    weibo.client().delete_menu().await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/messages/menu/delete.json HTTP"));
}

#[actix_web::test]
async fn the_format_is_set_and_somebody_invited() {
    let weibo = Weibo::answers(200, r#"{"result":true}"#).await;
    weibo.client().set_format(Format::Xml).await.unwrap();
    assert!(weibo.asked().starts_with("POST /2/eps/push/set_format.json HTTP"));
    assert_eq!(weibo.form()["format"], "xml");
    let weibo = Weibo::answers(200, OK_LATE).await;
    let logo = "https://shop.example/logo.png".to_owned();
    let invitation = Invitation { text: "来看看".into(), url: "https://shop.example/".into(), logo };
    weibo.client().invite(5, &invitation).await.unwrap();
    assert_eq!(weibo.form()["uid"], "5");
    assert_eq!(
        weibo.form()["data"],
        r#"{"text":"来看看","url":"https://shop.example/","invite_logo":"https://shop.example/logo.png"}"#
    );
}

#[actix_web::test]
async fn a_fan_is_looked_up_and_of_a_stranger_only_that_she_is_one_is_known() {
    let told = r#"{"subscribe":1,"uid":"7000000002","nickname":"小王\n🍵","sex":2,"city":"杭州","province":"浙江",
        "headimgurl":"http://tva1.sinaimg.cn/50.jpg","headimgurl_large":"javascript:1","subscribe_time":1772677230,"follow":1}"#;
    let weibo = Weibo::answers(200, told).await;
    let info = weibo.client().fan_info(7_000_000_002).await.unwrap();
    assert_eq!(line(&weibo), "GET /2/eps/user/info.json?uid=7000000002 HTTP/1.1");
    assert_eq!((info.nickname.as_deref(), info.place.as_str()), (Some("小王 🍵"), "浙江 杭州"));
    assert_eq!((info.follows, info.subscribes), (true, Some(true)));
    assert_eq!(info.picture.unwrap().as_str(), "http://tva1.sinaimg.cn/50.jpg");
    let other = weibo.client().fan_info(5).await;
    assert!(matches!(other, Err(CallError::Unknown(_))), "somebody else's");

    let weibo = Weibo::answers(200, r#"{"follow":"0"}"#).await;
    assert_eq!(weibo.client().fan_info(5).await.unwrap(), FanInfo::default());
    assert!(Weibo::answers(200, "{}").await.client().fan_info(5).await.is_err());
}

#[actix_web::test]
async fn a_code_is_made_and_its_picture_fetched_without_a_token() {
    let scene = NonZeroU32::new(123).unwrap();
    let temporary = Code::Temporary { scene, life: Duration::from_hours(1) };
    let weibo = Weibo::answers(200, r#"{"ticket":"TESTTICKET+/=","expire_seconds":1800}"#).await;
    let ticket = weibo.client().create_code(&temporary).await.unwrap();
    assert_eq!((ticket.ticket.as_str(), ticket.expires_in), ("TESTTICKET+/=", Some(LONGEST_LIFE)));
    assert_eq!(line(&weibo), "POST /2/eps/qrcode/create.json HTTP/1.1");
    let documented =
        r#"{"expire_seconds":1800,"action_name":"QR_SCENE","action_info":{"scene":{"scene_id":123}}}"#;
    assert!(weibo.asked().ends_with(documented), "{}", weibo.asked());
    let permanent = Code::Permanent { scene };
    assert_eq!((temporary.key().as_str(), permanent.key().as_str()), ("QR_SCENE_123", "QR_LIMIT_SCENE_123"));
    let weibo = Weibo::answers(200, r#"{"ticket":"T"}"#).await;
    assert_eq!(weibo.client().create_code(&permanent).await.unwrap().expires_in, None);
    assert!(
        weibo
            .asked()
            .ends_with(r#"{"action_name":"QR_LIMIT_SCENE","action_info":{"scene":{"scene_id":123}}}"#)
    );

    let mut picture = b"HTTP/1.1 200 X\r\nContent-Length: 8\r\n\r\n".to_vec();
    picture.extend(b"\x89PNG\r\n\x1a\n");
    let weibo = Weibo::does(Script::Bytes(picture)).await;
    let media = weibo.client().code_picture("a+/=").await.unwrap();
    assert_eq!((media.kind, media.bytes.len()), (MediaKind::Png, 8));
    assert!(weibo.asked().starts_with("GET /2/eps/qrcode/show?ticket=a%2B%2F%3D HTTP/1.1\r\n"));
    assert!(!weibo.asked().contains("TESTONLY"), "{}", weibo.asked());
}

#[actix_web::test]
async fn a_file_is_fetched_and_a_refusal_in_its_place_is_one() {
    let weibo = Weibo::answers(200, "#!AMR\nabc").await;
    assert_eq!(weibo.client().media(1_000_000_000_000_004).await.unwrap().kind, MediaKind::Amr);
    assert_eq!(line(&weibo), "GET /2/mss/msget?fid=1000000000000004 HTTP/1.1");
    let weibo = Weibo::answers(200, "<script>").await;
    let media = weibo.client().thumbnail(5, 240, 160).await.unwrap();
    assert_eq!(media.kind.content_type(), "application/octet-stream");
    assert_eq!(line(&weibo), "GET /2/mss/msget_thumbnail?fid=5&high=160&width=240 HTTP/1.1");

    let weibo = Weibo::answers(200, r#"{"error_code":21332,"error":"invalid_access_token"}"#).await;
    let error = weibo.client().media(5).await.unwrap_err();
    assert!(matches!(&error, CallError::Refused { code, .. } if code == "21332"), "{error:?}");
    for (status, body) in [(200, ""), (200, "{}"), (404, "not found")] {
        let error = Weibo::answers(status, body).await.client().media(5).await.unwrap_err();
        assert!(matches!(error, CallError::Unknown(_)), "{error:?}");
    }
    let weibo = Weibo::answers(200, &"x".repeat(17 << 20)).await;
    assert!(matches!(weibo.client().media(5).await, Err(CallError::Unknown(_))), "too large");
}

#[actix_web::test]
async fn a_face_comes_from_weibo_or_the_open_net_and_from_no_machine_beside_the_shop() {
    let weibo = Weibo::does(Script::Bytes(http(200, "\u{89}PNG"))).await;
    let at = |weibo: &Weibo| Url::parse(&format!("{}/a.jpg", weibo.address())).unwrap();
    weibo.client().face(&at(&weibo)).await.unwrap();
    assert!(!weibo.asked().contains("TESTONLY"), "without the token: {}", weibo.asked());

    let beside = Weibo::answers(200, "inside").await;
    let port = at(&beside).port().unwrap();
    for address in [
        at(&beside).to_string(),
        format!("http://localhost:{port}/"),
        format!("https://localhost:{port}/"),
        "https://localhost/".into(),
        "https://127.0.0.1/".into(),
        "https://169.254.169.254/latest/meta-data".into(),
    ] {
        let error = weibo.client().face(&Url::parse(&address).unwrap()).await.unwrap_err();
        assert!(matches!(error, CallError::Unknown(_)), "{address}");
    }
    assert!(!beside.was_asked());

    // Weibo itself sends the shop nowhere else, and nothing that is too large is read.
    let to = format!("HTTP/1.1 302 X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", at(&beside));
    for bytes in [to.into_bytes(), http(200, &"x".repeat(513 << 10))] {
        let weibo = Weibo::does(Script::Bytes(bytes)).await;
        assert!(weibo.client().face(&at(&weibo)).await.is_err());
    }
    assert!(!beside.was_asked());
}

#[actix_web::test]
async fn subscribers_come_page_by_page_in_either_place() {
    let weibo = Weibo::answers(
        200,
        r#"{"total":3,"count":2,"data":{"uids":["7000000002",7000000003]},"next_uid":"7000000003"}"#,
    )
    .await;
    let page = weibo.client().subscribers(None).await.unwrap();
    assert_eq!(
        page,
        Subscribers { total: Some(3), uids: vec![7_000_000_002, 7_000_000_003], next: Some(7_000_000_003) }
    );
    assert_eq!(line(&weibo), "GET /2/messages/subscribers/get.json HTTP/1.1");
    let weibo = Weibo::answers(200, r#"{"total":3,"count":1,"uids":[7000000004],"next_uid":""}"#).await;
    let page = weibo.client().subscribers(Some(7_000_000_003)).await.unwrap();
    assert_eq!((page.uids, page.next), (vec![7_000_000_004], None));
    assert_eq!(line(&weibo), "GET /2/messages/subscribers/get.json?next_uid=7000000003 HTTP/1.1");
    let weibo = Weibo::answers(200, r#"{"total":0,"count":0,"next_uid":""}"#).await;
    assert!(weibo.client().subscribers(None).await.unwrap().uids.is_empty());
    for odd in ["{}", r#"{"uids":["x"]}"#, r#"{"uids":{}}"#, r#"{"uids":[0]}"#] {
        assert!(Weibo::answers(200, odd).await.client().subscribers(None).await.is_err(), "{odd}");
    }
}
