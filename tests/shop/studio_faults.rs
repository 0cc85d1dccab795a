//! What goes wrong while the shop posts: nothing goes out twice by itself, and a person is told what to do.

use crate::studio_posts::{MERCHANT, can_post, said_so, stands, state, writes};
use crate::support::browser::Ask;
use crate::support::settings::weibo_settings;
use crate::support::{TestShop, minutes};
use std::net::TcpListener;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;
use weipu::jobs::Outcome;
use weipu::sandbox::{self, Fault};
use weipu::sharing::posts::{self, Means, PostId};
use weipu::sharing::speaker;
use weipu::weibo;

/// A connection to a Weibo at another address.
fn at(shop: &TestShop, address: Url) -> weibo::Client {
    patient(shop, address, weibo::DEFAULT_TIMEOUT)
}

/// The same, which waits no longer than this.
fn patient(shop: &TestShop, address: Url, timeout: Duration) -> weibo::Client {
    let demo = sandbox::Settings::demo(shop.sandbox_base.clone(), Some(shop.base.clone()), None).unwrap();
    let mut settings = weibo_settings(&demo);
    settings.addresses.api = address;
    settings.timeout = timeout;
    weibo::Client::new(settings).unwrap()
}

/// Takes the post's next step by this client.
async fn publishes(shop: &TestShop, client: Option<&weibo::Client>, id: i64) -> anyhow::Result<Outcome> {
    let means = Means { weibo: client, keys: &shop.app.shop.keys, public_url: &shop.base };
    posts::publish(&shop.app.shop.db, means, PostId(id), &shop.clock).await
}

/// A Weibo that has this one answer to the first who asks.
async fn answers(shop: &TestShop, id: i64, body: &str) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = at(shop, format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap());
    let answer = async {
        let (mut line, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        // Its last parameter is the text, and behind that stands the link's code.
        while !String::from_utf8_lossy(&heard).contains("%2Fs%2F") {
            assert_ne!(line.read_buf(&mut heard).await.unwrap(), 0);
        }
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
        let whole = format!("{answer}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        line.write_all(whole.as_bytes()).await.unwrap();
    };
    let (done, ()) = tokio::join!(publishes(shop, Some(&client), id), answer);
    done.unwrap();
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

#[tokio::test]
async fn a_repetition_of_what_may_have_gone_means_that_it_stands() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "有没有").await;
    shop.weibo.will(Fault::AnswerLost);
    owner.presses("#send").await;
    shop.work().await;
    stands(&mut owner, id).await;
    // She has not looked well.
    owner.presses("#again").await;
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "有没有")), ("refused".into(), 1));
    let why = owner.page().text("#why");
    assert!(why.contains("20019") && why.contains("第一次很可能已经发出去了"), "{why}");
    // It is announced, and what announces it leads to it alone.
    writes(&mut owner, &shop, "草稿").await;
    let page = owner.opens("/admin").await;
    assert!(page.text("#posts-waiting").contains('1'), "{}", page.told());
    let waiting = page.link("#posts-waiting a");
    let page = owner.visits(waiting).await;
    assert_eq!(page.all("tr[data-post]", "data-post"), [id.to_string()], "{}", page.told());
    // It stands: first without an id, which makes it nobody's to repost.
    stands(&mut owner, id).await;
    let settle = owner.page().form("#settle");
    let page = owner.submits(&settle).await;
    assert_eq!((state(page), page.has("#status"), page.has("#make-own")), ("done".into(), false, false));
    let token = page.attribute("form[action='/admin/sign-out'] [name=token]", "value");
    let at = owner.browser.at(&format!("/admin/sharing/posts/{id}/product-status"));
    assert_eq!(owner.asks(Ask::post(at, format!("token={token}"))).await.status, 409);
    // The account's own page is no status, and an id that was misread can be corrected.
    for typed in [MERCHANT, "https://weibo.com/u/7000000001", "https://weibo.com/7000000001"] {
        assert_eq!(owner.submits(&settle.clone().with("post-status", typed)).await.status, 422, "{typed}");
    }
    let newest = shop.weibo.sandbox.statuses().remove(0).id.to_string();
    for typed in ["5000000000000009", &newest] {
        let page = owner.submits(&settle.clone().with("post-status", typed)).await;
        assert_eq!((state(page), page.text("#status")), ("done".into(), typed.to_owned()));
    }
    assert!(!owner.opens("/admin").await.has("#posts-waiting"));
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_shows_later_gets_its_id_from_a_person() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "稍后").await;
    owner.presses("#send").await;
    answers(&shop, id, r#"{"error_code":20032,"error":"accepted but delayed"}"#).await;
    assert_eq!(stands(&mut owner, id).await, "accepted");
    assert!(!owner.page().has("#send") && !owner.page().has("#again"), "it does not go twice");
    let settle = owner.page().form("#settle").with("post-status", "5000000000000001");
    let page = owner.submits(&settle).await;
    assert_eq!((state(page), page.text("#status")), ("done".into(), "5000000000000001".into()));
    shop.work().await;
    assert_eq!(said_so(&shop, "稍后"), 0, "nothing is asked again");
    shop.closes().await;
}

#[tokio::test]
async fn an_address_that_is_not_bound_is_named() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "域名").await;
    owner.presses("#send").await;
    answers(&shop, id, r#"{"error_code":10017,"error":"text not find domain!"}"#).await;
    assert_eq!(stands(&mut owner, id).await, "refused");
    let why = owner.page().text("#why");
    assert!(why.contains("10017") && why.contains(shop.base.host_str().unwrap()), "{why}");
    shop.closes().await;
}

#[tokio::test]
async fn what_finds_its_token_busy_was_not_sent_and_goes_later() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "排队").await;
    owner.presses("#send").await;
    let (keys, now) = (&shop.app.shop.keys, shop.clock.now());
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let voice = speaker::voice(&mut conn, keys, now).await.unwrap().unwrap();
    drop(conn);
    // It hears everybody out and says nothing: the second of two has the turn when the third gives up.
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", deaf.local_addr().unwrap()).parse().unwrap();
    let client = patient(&shop, address, Duration::from_millis(500));
    let ip = "203.0.113.7".parse().unwrap();
    let (_, _, tried) = tokio::join!(
        client.share(&voice.token, "一", ip),
        client.share(&voice.token, "二", ip),
        publishes(&shop, Some(&client), id),
    );
    tried.unwrap_err();
    assert_eq!(stands(&mut owner, id).await, "scheduled");
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "排队")), ("done".into(), 1));
    shop.closes().await;
}

#[tokio::test]
async fn what_cannot_leave_for_an_hour_waits_for_a_person() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "一直断网").await;
    owner.presses("#send").await;
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = at(&shop, format!("http://{}/", nobody.local_addr().unwrap()).parse().unwrap());
    drop(nobody);
    for _ in 0..3 {
        publishes(&shop, Some(&client), id).await.unwrap_err();
        assert_eq!(stands(&mut owner, id).await, "scheduled");
        shop.later(minutes(25));
    }
    publishes(&shop, Some(&client), id).await.unwrap();
    assert_eq!(stands(&mut owner, id).await, "held");
    shop.work().await;
    assert_eq!(said_so(&shop, "一直断网"), 0);
    shop.closes().await;
}
