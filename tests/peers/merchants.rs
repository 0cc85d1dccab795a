//! Other people's merchants, bound to the fans service of the sandbox: they are pushed to, and what they answer is
//! what the fan sees.

use crate::{python, root};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use url::Url;
use weipu::clock::Clock;
use weipu::sandbox::{FanAnswer, FansFormat, FansRules, Sandbox, SandboxReply, Settings};

const SECRET: &str = "test-only-app-secret-0001";
const FAN: i64 = 7_000_000_002;

/// A merchant that runs for as long as the test, and a Weibo.
struct Street {
    sandbox: Sandbox,
    url: String,
    _merchant: Child,
}

impl Street {
    /// With the merchant that knows this secret; not bound yet.
    async fn of(mut merchant: Command, secret: &str) -> Street {
        let mut merchant = merchant
            .env("SECRET", secret)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(merchant.stdout.take().unwrap()).lines();
        let port = said.next_line().await.unwrap().expect("the merchant says where it listens");
        let base = Url::parse("http://127.0.0.1:1/").unwrap();
        let sandbox = Sandbox::new(Settings::demo(base, None, None).unwrap(), Clock::system()).unwrap();
        sandbox.set_fans_format(FansFormat::Xml);
        Street { sandbox, url: format!("http://127.0.0.1:{port}/"), _merchant: merchant }
    }

    async fn bound(merchant: Command) -> Street {
        let street = Street::of(merchant, SECRET).await;
        street.sandbox.bind_fans(&street.url).await.unwrap();
        street
    }

    async fn says(&self, words: &str) -> FanAnswer {
        self.sandbox.fan_says(FAN, words).await
    }

    async fn is_told(&self, words: &str) -> String {
        in_words(self.says(words).await)
    }
}

fn in_words(answer: FanAnswer) -> String {
    assert_eq!((answer.status, &answer.trouble), (200, &None));
    match answer.reply {
        Some(SandboxReply::Text { text }) => text,
        other => panic!("no text: {other:?}"),
    }
}

fn articles(answer: FanAnswer) -> Vec<[String; 4]> {
    assert_eq!((answer.status, &answer.trouble), (200, &None));
    let Some(SandboxReply::Articles { articles }) = answer.reply else { panic!("no articles") };
    articles.into_iter().map(|one| [one.display_name, one.summary, one.image, one.url]).collect()
}

async fn werobot() -> Command {
    let mut command = Command::new(python().await);
    command.arg(root().join("tests/peers/werobot_merchant.py"));
    command
}

async fn wechat() -> Command {
    let made = Command::new(root().join(".ci/peers-node")).output().await.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut command = Command::new("node");
    command.env("NODE_PATH", String::from_utf8(made.stdout).unwrap().trim());
    command.arg(root().join("tests/peers/node/merchant.js"));
    command
}

/// One that knows another secret is not bound; and one that forgets its secret later is not heard.
async fn refuses_what_another_signed(merchant: Command, status: u16) {
    let street = Street::of(merchant, "another-secret").await;
    assert_eq!(street.sandbox.bind_fans(&street.url).await, Err(format!("回答 {status}")));
}

#[actix_web::test]
async fn what_wechatpy_renders_is_what_the_fan_sees() {
    let mut merchant = Command::new(python().await);
    merchant.arg(root().join("tests/peers/wechatpy_merchant.py"));
    let street = Street::bound(merchant).await;
    assert_eq!(street.is_told("你好 A+B & <茶>").await, "7000000002 说：你好 A+B & <茶>");
    let cards = articles(street.says("卡片").await);
    let expected =
        ["春茶 & <茶具>", "明前龙井 50g", "https://shop.example/tea.jpg?a=1&b=2", "https://shop.example/p/1"];
    assert_eq!(cards, [expected.map(str::to_owned), expected.map(str::to_owned)]);
}

#[actix_web::test]
async fn werobot_is_bound_answers_and_refuses() {
    refuses_what_another_signed(werobot().await, 403).await;
    let street = Street::bound(werobot().await).await;
    assert_eq!(street.is_told("你好 A+B & <茶>").await, "7000000002 说：你好 A+B & <茶>");
    // It reads the end of a section inside the words, but does not write it.
    assert_eq!(street.is_told("数一数 ]]> <![CDATA[ 完").await, "19 个字");
    assert_eq!(street.is_told("你\n好").await, "7000000002 说：你\n好");
    let card = articles(street.says("卡片").await);
    let expected = [
        "春茶 & 茶具 0",
        "明前龙井 50g",
        "https://shop.example/img/tea.jpg",
        "https://shop.example/h5/item?id=0&from=chat",
    ];
    assert_eq!(card, [expected.map(str::to_owned)]);
    assert_eq!(articles(street.says("八张卡片").await).len(), 8);
    let nothing = street.says("不用回").await;
    assert_eq!((nothing.status, nothing.reply, nothing.trouble), (200, None, None));
    let too_long = street.says(&"长".repeat(299)).await;
    assert!(too_long.reply.is_none() && too_long.trouble.is_some(), "its words and ours are more than 299");
}

#[actix_web::test]
async fn werobot_knows_what_is_wechats_and_wonders_at_weibos_own_names() {
    let street = Street::bound(werobot().await).await;
    let fan = &street.sandbox;
    assert_eq!(in_words(fan.fan_sends_picture(FAN).await), "图片 1000000000000002 无");
    assert_eq!(in_words(fan.fan_sends_voice(FAN).await), "语音 1000000000000004 amr");
    assert_eq!(in_words(fan.fan_is_at(FAN, "120.1551", "30.2741").await), "位置 (30.2741, 120.1551)");
    assert_eq!(in_words(fan.fan_follows(FAN).await), "不认识 follow_event");
    assert_eq!(in_words(fan.fan_clicks(FAN, "NEW").await), "点击 NEW");
    assert_eq!(
        in_words(fan.fan_views(FAN, "https://shop.example/orders?a=1&b=2").await),
        "打开 https://shop.example/orders?a=1&b=2"
    );
    assert_eq!(in_words(fan.fan_scans(FAN, "QR_SCENE_123").await), "扫码 QR_SCENE_123 TESTONLYTICKET0001");
    assert_eq!(in_words(fan.fan_subscribes(FAN).await), "订阅 无");
    assert_eq!(in_words(fan.fan_unsubscribes(FAN).await), "取消");
    fan.set_fans_rules(FansRules { wechat_names: true, ..fan.fans_rules() });
    assert_eq!(in_words(fan.fan_follows(FAN).await), "订阅 无");
    assert_eq!(in_words(fan.fan_scans(FAN + 1, "QR_SCENE_5").await), "订阅 qrscene_QR_SCENE_5");
}

#[actix_web::test]
async fn npms_wechat_is_bound_answers_and_refuses() {
    refuses_what_another_signed(wechat().await, 401).await;
    let street = Street::bound(wechat().await).await;
    // Its CreateTime is in milliseconds, and its answers have no Content-Type.
    let told = street.is_told("你好 A+B & <茶>").await;
    assert!(told.contains("Content=你好 A+B & <茶>\n") && told.ends_with("MsgType=text"), "{told}");
    let card = articles(street.says("卡片").await);
    let expected = [
        "春茶 <上新> & 茶具",
        "明前龙井 50g",
        "https://shop.example/img/tea.jpg",
        "https://shop.example/h5/item?id=42&from=chat",
    ];
    assert_eq!(card, [expected.map(str::to_owned)]);
    assert_eq!(articles(street.says("三张卡片").await).len(), 3);
    for silent in ["不用回", "一句空话"] {
        let answer = street.says(silent).await;
        assert_eq!((answer.status, answer.reply, answer.trouble), (200, None, None));
    }
}

#[actix_web::test]
async fn npms_wechat_is_told_weibos_own_names_as_they_are() {
    let street = Street::bound(wechat().await).await;
    let fan = &street.sandbox;
    let told = in_words(fan.fan_scans(FAN, "QR_LIMIT_SCENE_77").await);
    assert!(
        told.contains(
            "Event=scan_follow\nEventKey=QR_LIMIT_SCENE_77\nMsgType=event\nTicket=TESTONLYTICKET0001"
        ),
        "{told}"
    );
    let told = in_words(fan.fan_mentions(FAN, true, "5000000000000002", "@小店 求补货").await);
    assert!(
        told.contains("Content=@小店 求补货")
            && told.contains("Event=comment\nEventKey=5000000000000002\nMsgType=mention"),
        "{told}"
    );
    let told = in_words(fan.fan_sends_picture(FAN).await);
    assert!(told.contains("MediaId=1000000000000002"), "{told}");
    let left = fan.fan_unfollows(FAN).await;
    assert!(left.reply.is_none() && left.trouble.is_some(), "who has left hears nothing");
}
