//! What goes wrong while the shop posts: nothing goes out twice by itself, and a person is told what to do.

use crate::studio_posts::{MERCHANT, can_post, said_so, stands, state, writes};
use crate::support::settings::weibo_settings;
use crate::support::{TestShop, minutes};
use std::net::TcpListener;
use tokio::io::AsyncReadExt;
use url::Url;
use weipu::jobs::Outcome;
use weipu::sandbox::{self, Fault};
use weipu::sharing::posts::{self, Means, PostId};
use weipu::weibo;

/// A connection to a Weibo at another address.
fn at(shop: &TestShop, address: Url) -> weibo::Client {
    let demo = sandbox::Settings::demo(shop.sandbox_base.clone(), Some(shop.base.clone()), None).unwrap();
    let mut settings = weibo_settings(&demo);
    settings.addresses.api = address;
    weibo::Client::new(settings).unwrap()
}

/// Takes the post's next step by this client.
async fn publishes(shop: &TestShop, client: Option<&weibo::Client>, id: i64) -> anyhow::Result<Outcome> {
    let means = Means { weibo: client, keys: &shop.app.shop.keys, public_url: &shop.base };
    posts::publish(&shop.app.shop.db, means, PostId(id), &shop.clock).await
}

#[tokio::test]
async fn what_weibo_refuses_is_told_in_words_and_can_be_changed_and_sent() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "第一版").await;
    for (fault, words) in [(Fault::NotPermitted, "10014"), (Fault::OverLimit, "10023")] {
        shop.weibo.will(fault);
        owner.presses("#send").await;
        shop.work().await;
        assert_eq!(stands(&mut owner, id).await, "refused");
        assert!(owner.page().text("#why").contains(words), "{}", owner.page().told());
    }
    // Somebody has said just that.
    let whole = owner.page().text("#whole .studio-whole");
    shop.weibo.sandbox.say(MERCHANT, &whole, None).unwrap();
    owner.presses("#send").await;
    shop.work().await;
    assert_eq!(stands(&mut owner, id).await, "refused");
    assert!(owner.page().text("#why").contains("20019"), "{}", owner.page().told());
    let form = owner.page().form("#rewrite").with("post-text", "第二版");
    assert_eq!(state(owner.submits(&form).await), "draft");
    owner.presses("#send").await;
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "第二版")), ("done".into(), 1));
    shop.closes().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_waits_for_a_person_to_look() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "发出了吗").await;
    shop.weibo.will(Fault::AnswerLost);
    owner.presses("#send").await;
    shop.work().await;
    shop.later(minutes(600));
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "发出了吗")), ("unknown".into(), 1));
    assert!(owner.page().link("#unknown a").as_str().ends_with("/u/7000000001"));
    assert!(!owner.page().has("#send") && !owner.page().has("#rewrite"), "nothing but an answer");
    // She finds it, and copies what stands in the address.
    let newest = shop.weibo.sandbox.statuses().remove(0).id;
    let settle = owner.page().form("#settle");
    let page = owner.submits(&settle.clone().with("post-status", "abc")).await;
    assert_eq!(page.status, 422);
    let page =
        owner.submits(&settle.with("post-status", format!("https://m.weibo.cn/status/{newest}"))).await;
    assert_eq!((state(page), page.text("#status")), ("done".into(), newest.to_string()));
    shop.closes().await;
}

#[tokio::test]
async fn only_a_person_sends_again_what_may_have_gone_and_one_press_does_it_once() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "没发出去").await;
    shop.weibo.will(Fault::AnswerLost);
    owner.presses("#send").await;
    shop.work().await;
    let lost = shop.weibo.sandbox.statuses().remove(0).id;
    shop.weibo.sandbox.delete_status(lost).unwrap();
    stands(&mut owner, id).await;
    let again = owner.page().form("#again");
    shop.weibo.will(Fault::AnswerLost);
    owner.submits(&again).await;
    shop.work().await;
    assert_eq!(stands(&mut owner, id).await, "unknown", "lost again");
    owner.submits(&again).await;
    shop.work().await;
    assert_eq!(said_so(&shop, "没发出去"), 1, "the old press counts no more");
    shop.closes().await;
}

#[tokio::test]
async fn who_dies_while_weibo_is_asked_leaves_it_unknown() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "半路").await;
    let rewrite = owner.page().form("#rewrite").with("post-text", "改了");
    owner.presses("#send").await;
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = at(&shop, format!("http://{}/", deaf.local_addr().unwrap()).parse().unwrap());
    tokio::select! {
        done = publishes(&shop, Some(&client), id) => panic!("nobody answered: {done:?}"),
        () = async {
            let (mut line, _) = deaf.accept().await.unwrap();
            assert!(line.read_u8().await.is_ok(), "something of it was sent");
        } => {}
    }
    assert_eq!(stands(&mut owner, id).await, "sending");
    let page = owner.submits(&rewrite).await;
    assert_eq!(page.status, 409, "it is being sent");
    assert_eq!(page.text("#post-text"), "改了", "what she has typed stays");
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "半路")), ("unknown".into(), 0));
    let again = owner.page().form("#again");
    owner.submits(&again).await;
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "半路")), ("done".into(), 1));
    shop.closes().await;
}

#[tokio::test]
async fn what_never_left_goes_when_weibo_can_be_reached() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "断网").await;
    owner.presses("#send").await;
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = at(&shop, format!("http://{}/", nobody.local_addr().unwrap()).parse().unwrap());
    drop(nobody);
    publishes(&shop, Some(&client), id).await.unwrap_err();
    assert_eq!(stands(&mut owner, id).await, "scheduled");
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "断网")), ("done".into(), 1));
    publishes(&shop, None, id).await.unwrap();
    assert_eq!(stands(&mut owner, id).await, "done", "a job that comes late changes nothing");
    shop.closes().await;
}

#[tokio::test]
async fn without_keys_it_waits() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "没有密钥").await;
    owner.presses("#send").await;
    publishes(&shop, None, id).await.unwrap();
    assert_eq!(stands(&mut owner, id).await, "held");
    shop.work().await;
    assert_eq!(said_so(&shop, "没有密钥"), 0);
    shop.closes().await;
}
