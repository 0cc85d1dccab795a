//! Names and pictures of fans: asked for once a week, and shown from an address of the shop's own.

use crate::support::TestShop;
use crate::support::fans::{ACCOUNT, LI};
use crate::support::line::Line;
use std::num::NonZeroU32;
use time::Duration;
use weipu::fans;
use weipu::weibo::messages::Code;

const INFO: &str = "/2/eps/user/info.json";

async fn heard() -> (TestShop, Line) {
    let (shop, line) = TestShop::with_line().await;
    let body = format!(
        r#"{{"type":"text","receiver_id":{ACCOUNT},"sender_id":{LI},"created_at":"Sat Nov 21 11:59:00 +0800 2026","text":"你好","data":{{}}}}"#
    );
    assert_eq!(shop.hears(body).await.status.as_u16(), 200);
    shop.work().await;
    (shop, line)
}

async fn looks_up(shop: &TestShop) {
    fans::look_up_due(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    shop.work().await;
}

fn told(line: &Line, name: &str) {
    let picture = format!(
        r#"{{"uid":{LI},"follow":1,"subscribe":0,"nickname":"{name}","province":"浙江","city":"杭州","headimgurl":"PICTURE"}}"#
    );
    line.says(INFO, picture);
}

#[tokio::test]
async fn weibo_is_asked_once_a_week_and_what_it_does_not_tell_stays_known() {
    let (shop, line) = heard().await;
    told(&line, "阿梨");
    looks_up(&shop).await;
    looks_up(&shop).await;
    assert_eq!(line.calls(INFO), 1);
    let fan = shop.fan(LI).await;
    assert_eq!((fan.name().as_str(), fan.place.as_str()), ("阿梨", "浙江 杭州"));
    shop.later(Duration::days(6));
    looks_up(&shop).await;
    assert_eq!(line.calls(INFO), 1);
    shop.later(Duration::days(1) - Duration::minutes(1));
    line.says(INFO, r#"{"follow":"0"}"#);
    shop.later(Duration::minutes(1));
    let body = format!(
        r#"{{"type":"text","receiver_id":{ACCOUNT},"sender_id":{LI},"created_at":"Sat Nov 28 11:59:00 +0800 2026","text":"在吗","data":{{}}}}"#
    );
    shop.hears(body).await;
    looks_up(&shop).await;
    assert_eq!(
        (line.calls(INFO), shop.fan(LI).await.name().as_str()),
        (2, "阿梨"),
        "she left; her name stays"
    );
    shop.closes().await;
}

#[tokio::test]
async fn a_refusal_is_not_asked_about_again_and_a_limit_is_waited_for() {
    let (shop, line) = heard().await;
    // A limit, the token, a permission: that is not about her.
    for (calls, code) in [(1, 10023), (2, 21327), (3, 10014)] {
        line.says(INFO, format!(r#"{{"error_code":{code},"error":"not now"}}"#));
        looks_up(&shop).await;
        assert_eq!((line.calls(INFO), shop.fan(LI).await.asked_about_at), (calls, None), "{code}");
        for _ in 0..2 {
            shop.later(Duration::minutes(14));
            looks_up(&shop).await;
            assert_eq!((line.calls(INFO), shop.jobs().await.len()), (calls, 0), "nobody is asked meanwhile");
        }
        shop.later(Duration::minutes(3));
    }
    line.says(INFO, r#"{"error_code":20003,"error":"user does not exists!"}"#);
    looks_up(&shop).await;
    assert_eq!((line.calls(INFO), shop.fan(LI).await.asked_about_at.is_some()), (4, true));
    shop.later(Duration::minutes(31));
    looks_up(&shop).await;
    assert_eq!((line.calls(INFO), shop.fan(LI).await.name()), (4, LI.to_string()));
    shop.closes().await;
}

#[tokio::test]
async fn a_face_comes_from_the_shop_and_what_is_no_picture_is_nobody() {
    let (shop, _line) = heard().await;
    let mut owner = shop.owner().await;
    let face = format!("/admin/fans/{LI}/picture");
    let page = owner.opens(&face).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "image/svg+xml"));
    for (address, kind) in [
        (shop.base.join("/admin/sign-in").unwrap(), "image/svg+xml"),
        (shop.base.join("/nowhere").unwrap(), "image/svg+xml"),
        ("file:///etc/passwd".parse().unwrap(), "image/svg+xml"),
        (picture(&shop).await, "image/png"),
    ] {
        let put = sqlx::query("UPDATE fans SET picture_url = $1").bind(address.as_str());
        put.execute(&mut shop.database.connect().await).await.unwrap();
        let page = owner.opens(&face).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, kind), "{address}");
    }
    assert_eq!(owner.opens("/admin/fans/5/picture").await.status.as_u16(), 404);
    shop.closes().await;
}

/// The address of some picture: a code's.
async fn picture(shop: &TestShop) -> url::Url {
    let weibo = shop.weibo_client().await;
    let ticket = weibo.create_code(&Code::Permanent { scene: NonZeroU32::MIN }).await.unwrap();
    shop.sandbox_base
        .join("/2/eps/qrcode/show")
        .map(|mut url| {
            url.query_pairs_mut().append_pair("ticket", &ticket.ticket);
            url
        })
        .unwrap()
}
