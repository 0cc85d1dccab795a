//! One message for many: to each subscriber once at most, whatever breaks, and to nobody who has unsubscribed.

use crate::support::buyer::Buyer;
use crate::support::settings::{http, weibo_settings};
use crate::support::{Duration, TestShop, minutes};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use std::net::TcpListener;
use tokio::io::AsyncReadExt;
use url::Url;
use weipu::fans::broadcasts::{self, BroadcastId};
use weipu::jobs::Outcome;
use weipu::sandbox::{self, Audience, FansRules, Fault, SandboxReply};
use weipu::weibo::{self, FansKeys};

/// The first of the fans that [`fans`] makes.
pub const FIRST: i64 = 8_000_000_001;

/// A shop with the token of the fans service, to which Weibo pushes.
pub async fn bound() -> TestShop {
    let shop = TestShop::with_weibo(bind).await;
    shop.weibo.sandbox.bind_fans(shop.base.join("/hooks/weibo/fans").unwrap().as_str()).await.unwrap();
    shop
}

fn bind(weibo: &mut weibo::Settings) {
    let demo = sandbox::Settings::demo("http://127.0.0.1/".parse().unwrap(), None, None).unwrap();
    let secret = weibo.app_secret.clone();
    weibo.fans = Some(FansKeys { token: SecretString::from(demo.fans_token), secret });
}

/// So many who subscribe, as the shop knows them.
pub async fn fans(shop: &TestShop, many: i64) {
    let sql = format!(
        "INSERT INTO fans (uid, met_at, subscribes, subscribes_as_of)
         SELECT {FIRST} - 1 + n, now(), true, now() - interval '1 day' FROM generate_series(1, {many}) AS n"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut shop.database.connect().await).await.unwrap();
}

/// She unsubscribes.
async fn leaves(shop: &TestShop, uid: i64) {
    let sql = format!("UPDATE fans SET subscribes = false, subscribes_as_of = now() WHERE uid = {uid}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut shop.database.connect().await).await.unwrap();
}

/// So many in a batch, a second apart.
async fn pace(owner: &mut Buyer, batch: i64) {
    owner.opens("/admin/fans/broadcasts").await;
    let form = owner.page().form("#pace").with("batch", batch.to_string()).with("pause", "1");
    owner.submits(&form).await;
}

/// Writes one of some words, and sees its page.
pub async fn writes(owner: &mut Buyer, more: &[(&str, &str)]) -> BroadcastId {
    owner.opens("/admin/fans/broadcasts/new").await;
    let form = owner.page().form("#broadcast").with("name", "春茶").with("words", "春茶到货");
    let form = more.iter().fold(form, |form, (name, value)| form.with(name, *value));
    let page = owner.submits(&form).await;
    assert!(page.has("#state[data-state='draft']"), "{}", page.told());
    BroadcastId(page.url.path().rsplit('/').next().unwrap().parse().unwrap())
}

async fn sends(owner: &mut Buyer) {
    let page = owner.presses("#send").await;
    assert!(!page.has("#send"), "{}", page.told());
}

/// Seconds pass, and what is due in them is done.
async fn runs(shop: &TestShop, seconds: usize) {
    for _ in 0..seconds {
        shop.work().await;
        shop.later(Duration::seconds(1));
    }
    shop.work().await;
}

/// How often each was written to, by what has reached Weibo.
fn reached(shop: &TestShop) -> BTreeMap<i64, usize> {
    let mut all = BTreeMap::new();
    for one in shop.weibo.sandbox.broadcasts() {
        let Audience::Fans(uids) = &one.to else { panic!("to a group: {one:?}") };
        for uid in uids {
            *all.entry(*uid).or_default() += 1;
        }
    }
    all
}

fn nobody_twice(shop: &TestShop) {
    assert!(reached(shop).values().all(|times| *times == 1), "{:?}", reached(shop));
}

async fn state(owner: &mut Buyer, id: BroadcastId) -> String {
    owner.opens(&format!("/admin/fans/broadcasts/{}", id.0)).await.attribute("#state", "data-state")
}

fn figure(owner: &Buyer, css: &str) -> i64 {
    owner.page().text(css).parse().unwrap()
}

async fn works(shop: &TestShop, weibo: &weibo::Client, id: BroadcastId) -> anyhow::Result<Outcome> {
    broadcasts::work(&shop.app.worker.db, Some(weibo), id, &shop.clock).await
}

/// A connection to a Weibo at another address.
fn at(shop: &TestShop, address: Url) -> weibo::Client {
    let demo = sandbox::Settings::demo(shop.sandbox_base.clone(), Some(shop.base.clone()), None).unwrap();
    let mut settings = weibo_settings(&demo);
    bind(&mut settings);
    settings.addresses.messages = address;
    weibo::Client::new(settings).unwrap()
}

#[tokio::test]
async fn it_goes_to_each_subscriber_once_though_send_is_pressed_twice() {
    let shop = bound().await;
    fans(&shop, 25).await;
    leaves(&shop, FIRST).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 10).await;
    let id = writes(&mut owner, &[]).await;
    assert_eq!(figure(&owner, "#reach"), 24);
    let form = owner.page().form("#send");
    owner.submits(&form).await;
    owner.submits(&form).await;
    runs(&shop, 5).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!((figure(&owner, "#sent"), figure(&owner, "#waiting")), (24, 0));
    let calls: Vec<_> = shop.weibo.sandbox.broadcasts();
    assert_eq!(calls.len(), 3, "in batches of ten");
    assert_eq!(reached(&shop).len(), 24);
    nobody_twice(&shop);
    assert!(!reached(&shop).contains_key(&FIRST));
    shop.closes().await;
}

#[tokio::test]
async fn the_same_form_makes_one() {
    let shop = bound().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/broadcasts/new").await;
    let form = owner.page().form("#broadcast").with("name", "一次").with("words", "你好");
    let first = owner.submits(&form).await.url.clone();
    assert_eq!(owner.submits(&form).await.url, first);
    assert_eq!(shop.count("SELECT count(*) FROM broadcasts").await, 1);
}

#[tokio::test]
async fn who_unsubscribes_meanwhile_is_left_out() {
    let shop = bound().await;
    fans(&shop, 4).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    shop.work().await;
    assert_eq!(reached(&shop).len(), 2, "the second batch waits its pause");
    leaves(&shop, FIRST + 2).await;
    runs(&shop, 4).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!((figure(&owner, "#sent"), figure(&owner, "#left-out")), (3, 1));
    assert!(!reached(&shop).contains_key(&(FIRST + 2)));
    shop.closes().await;
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_never_goes_again() {
    let shop = bound().await;
    fans(&shop, 4).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    shop.weibo.will(Fault::AnswerLost);
    sends(&mut owner).await;
    runs(&shop, 4).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!((figure(&owner, "#sent"), figure(&owner, "#unknown")), (2, 2));
    assert_eq!(reached(&shop).len(), 4, "they had it all the same");
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn after_three_batches_without_an_answer_a_person_decides() {
    let shop = bound().await;
    fans(&shop, 10).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    shop.weibo.always(Fault::AnswerLost);
    sends(&mut owner).await;
    runs(&shop, 10).await;
    assert_eq!(state(&mut owner, id).await, "held");
    assert_eq!((figure(&owner, "#unknown"), figure(&owner, "#waiting")), (6, 4));
    shop.weibo.stops(Fault::AnswerLost);
    owner.presses("#resume").await;
    runs(&shop, 4).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!((figure(&owner, "#sent"), figure(&owner, "#unknown")), (4, 6));
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn who_dies_in_the_middle_of_a_call_sends_nothing_twice() {
    let shop = bound().await;
    fans(&shop, 4).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = at(&shop, format!("http://{}/", deaf.local_addr().unwrap()).parse().unwrap());
    tokio::select! {
        done = works(&shop, &client, id) => panic!("nobody answered: {done:?}"),
        () = async {
            let (mut line, _) = deaf.accept().await.unwrap();
            assert!(line.read_u8().await.is_ok(), "something of it was sent");
        } => {}
    }
    assert_eq!(shop.count("SELECT count(*) FROM broadcast_batches WHERE state = 'sending'").await, 1);
    shop.later(minutes(3));
    runs(&shop, 4).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!((figure(&owner, "#sent"), figure(&owner, "#unknown")), (2, 2));
    assert_eq!(reached(&shop).len(), 2, "the first two may have it");
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn a_batch_that_never_left_goes_when_weibo_can_be_reached() {
    let shop = bound().await;
    fans(&shop, 2).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = at(&shop, format!("http://{}/", nobody.local_addr().unwrap()).parse().unwrap());
    drop(nobody);
    works(&shop, &client, id).await.unwrap_err();
    assert_eq!(shop.count("SELECT count(*) FROM broadcast_recipients WHERE state = 'waiting'").await, 2);
    runs(&shop, 12).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!(figure(&owner, "#sent"), 2);
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn two_workers_send_nothing_twice() {
    let shop = bound().await;
    fans(&shop, 40).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    let client = shop.weibo_client().await;
    for _ in 0..40 {
        let all =
            tokio::join!(works(&shop, &client, id), works(&shop, &client, id), works(&shop, &client, id));
        for done in [all.0, all.1, all.2] {
            done.unwrap();
        }
        shop.later(Duration::seconds(1));
    }
    runs(&shop, 3).await;
    nobody_twice(&shop);
    let state = state(&mut owner, id).await;
    // Taken for dead by one another, some ends may have been called unknown: never sent again.
    assert!(matches!(state.as_str(), "done" | "held"), "{state}");
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_is_cancelled_half_way_goes_no_further() {
    let shop = bound().await;
    fans(&shop, 6).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    shop.work().await;
    owner.looks_again().await;
    owner.presses("#pause").await;
    runs(&shop, 5).await;
    assert_eq!(state(&mut owner, id).await, "held");
    assert_eq!(reached(&shop).len(), 2);
    owner.presses("#cancel").await;
    runs(&shop, 5).await;
    assert_eq!(state(&mut owner, id).await, "cancelled");
    assert!(!owner.page().has("#resume") && !owner.page().has("#cancel"));
    assert_eq!((figure(&owner, "#sent"), figure(&owner, "#waiting")), (2, 4));
    assert_eq!(reached(&shop).len(), 2);
    shop.closes().await;
}

#[tokio::test]
async fn when_it_is_too_often_it_waits_by_itself() {
    let shop = bound().await;
    fans(&shop, 2).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    shop.weibo.will(Fault::OverLimit);
    sends(&mut owner).await;
    runs(&shop, 3).await;
    assert_eq!(state(&mut owner, id).await, "sending");
    assert_eq!(figure(&owner, "#waiting"), 2);
    assert!(owner.page().has("[data-batch='put_back']"));
    shop.later(minutes(11));
    runs(&shop, 2).await;
    assert_eq!(state(&mut owner, id).await, "done");
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn without_a_good_token_it_is_held_and_nobody_is_lost() {
    let shop = bound().await;
    fans(&shop, 2).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    shop.weibo.will(Fault::TokenExpired);
    sends(&mut owner).await;
    runs(&shop, 3).await;
    assert_eq!(state(&mut owner, id).await, "held");
    assert!(owner.page().text("#held").contains("21327"), "{}", owner.page().text("#held"));
    owner.presses("#resume").await;
    runs(&shop, 12).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!(figure(&owner, "#sent"), 2);
    shop.closes().await;
}

#[tokio::test]
async fn twenty_five_thousand_get_it_once_each() {
    let shop = bound().await;
    fans(&shop, 25_000).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2_500).await;
    let id = writes(&mut owner, &[]).await;
    assert_eq!(figure(&owner, "#reach"), 25_000);
    sends(&mut owner).await;
    runs(&shop, 14).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!(figure(&owner, "#sent"), 25_000);
    assert_eq!(reached(&shop).len(), 25_000);
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn whom_weibo_refuses_nobody_is_lost_and_a_person_decides() {
    let shop = bound().await;
    fans(&shop, 4).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let id = writes(&mut owner, &[]).await;
    let rules = FansRules { invented_broadcasts_per_day: Some(0), ..FansRules::default() };
    shop.weibo.sandbox.set_fans_rules(rules);
    sends(&mut owner).await;
    runs(&shop, 3).await;
    assert_eq!(state(&mut owner, id).await, "held");
    assert_eq!((figure(&owner, "#refused"), figure(&owner, "#waiting")), (0, 4));
    assert!(owner.page().has("[data-batch='put_back']"));
    assert!(owner.page().text("#held").contains("100094"), "{}", owner.page().text("#held"));
    shop.weibo.sandbox.set_fans_rules(FansRules::default());
    owner.presses("#resume").await;
    runs(&shop, 3).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!((figure(&owner, "#refused"), figure(&owner, "#sent")), (0, 4));
    nobody_twice(&shop);
    shop.closes().await;
}

#[tokio::test]
async fn without_keys_it_is_held_until_there_are_some() {
    let shop = TestShop::with_weibo(|weibo| weibo.fans = None).await;
    fans(&shop, 2).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    runs(&shop, 2).await;
    assert_eq!(state(&mut owner, id).await, "held");
    assert_eq!(figure(&owner, "#waiting"), 2);
    shop.closes().await;
}

#[tokio::test]
async fn a_group_of_weibos_is_one_call_and_no_second() {
    for (fault, ends) in [(None, "sent"), (Some(Fault::AnswerLost), "unknown")] {
        let shop = bound().await;
        let mut owner = shop.owner().await;
        owner.opens("/admin/fans/groups").await;
        let form = owner.page().form("#new").with("name", "老客");
        owner.submits(&form).await;
        owner.follows("[data-group='101'] a").await;
        let form = owner.page().form("#broadcast").with("name", "给老客").with("words", "你好");
        let page = owner.submits(&form).await;
        let id = BroadcastId(page.url.path().rsplit('/').next().unwrap().parse().unwrap());
        if let Some(fault) = fault {
            shop.weibo.will(fault);
        }
        sends(&mut owner).await;
        runs(&shop, 15).await;
        assert_eq!(state(&mut owner, id).await, "done");
        assert!(owner.page().has(&format!("[data-batch='{ends}']")), "{}", owner.page().told());
        let all = shop.weibo.sandbox.broadcasts();
        assert!(all.len() == 1 && all[0].to == Audience::Group(101), "{all:?}");
        shop.closes().await;
    }
}

#[tokio::test]
async fn it_is_for_those_who_bought_what_was_meant() {
    let shop = bound().await;
    let mut buyer = crate::own_account::signed_in(&shop).await;
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    shop.work().await;
    shop.weibo.sandbox.fan_subscribes(7_000_000_002).await;
    shop.work().await;
    fans(&shop, 3).await;
    let mut owner = shop.owner().await;
    for (more, reach) in [
        (vec![("audience", "subscribers")], 4),
        (vec![("audience", "followers")], 0),
        (vec![("audience", "buyers")], 1),
        (vec![("audience", "buyers"), ("products", "teapot, mug")], 1),
        (vec![("audience", "buyers"), ("products", "teapot")], 0),
        (vec![("audience", "buyers"), ("since", "2026-11-22")], 0),
        (vec![("audience", "buyers"), ("since", "2026-11-21"), ("amount", "39.90")], 1),
        (vec![("audience", "buyers"), ("amount", "1000")], 0),
        (vec![("audience", "buyers"), ("orders", "2")], 0),
    ] {
        writes(&mut owner, &more).await;
        assert_eq!(figure(&owner, "#reach"), reach, "{more:?}");
    }
    let id = writes(&mut owner, &[("audience", "buyers"), ("products", "mug")]).await;
    sends(&mut owner).await;
    runs(&shop, 2).await;
    assert_eq!(state(&mut owner, id).await, "done");
    assert_eq!(reached(&shop).into_keys().collect::<Vec<_>>(), [7_000_000_002]);
    assert!(!number.is_empty());
    shop.closes().await;
}

#[tokio::test]
async fn orders_that_come_by_its_links_count_for_a_month() {
    let shop = bound().await;
    fans(&shop, 1).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[("product", "/p/mug")]).await;
    sends(&mut owner).await;
    runs(&shop, 2).await;
    let sent = serde_json::to_string(&shop.weibo.sandbox.broadcasts()[0].reply).unwrap();
    let code = sent.split("/s/").nth(1).unwrap()[..12].to_owned();
    for (agent, path) in [("/s/", "/p/mug"), ("/en/s/", "/en/p/mug")] {
        let mut buyer = shop.buyer();
        let page = buyer.opens(&format!("{agent}{code}")).await;
        assert_eq!(page.url.path(), path);
        buyer.opens(&format!("{agent}{code}")).await;
        buyer.orders("mug", 1).await;
        let url = buyer.page().url.clone();
        buyer.pays().await;
        shop.weibo.delivers().await;
        buyer.visits(url).await;
    }
    // Who came by none.
    crate::parcels::paid(&shop, "mug").await;
    state(&mut owner, id).await;
    assert_eq!((figure(&owner, "#clicks"), figure(&owner, "#orders")), (2, 2));
    assert!(owner.page().text("#revenue").contains("79.80"), "{}", owner.page().text("#revenue"));
    let mut late = shop.buyer();
    late.opens(&format!("/s/{code}")).await;
    shop.later(Duration::days(31));
    late.orders("mug", 1).await;
    late.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(shop.count("SELECT count(*) FROM order_origins").await, 2);
    let mut anybody = shop.buyer();
    for code in ["AAAAAAAA", "short", "AAAAAAAAA", "%00AAAAAAA", "..%2f..%2fx"] {
        let status = anybody.opens(&format!("/s/{code}")).await.status.as_u16();
        assert!(matches!(status, 400 | 404), "{code}: {status}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn cards_of_products_say_what_the_products_say() {
    let shop = bound().await;
    fans(&shop, 1).await;
    shop.runs("INSERT INTO pictures (product_id, position, name) SELECT id, 1, '0123456789abcdef' FROM products WHERE slug = 'mug'")
        .await;
    let mut owner = shop.owner().await;
    let more = [
        ("kind", "cards"),
        ("card-1-product", "mug"),
        ("card-3-title", "别处"),
        ("card-3-url", "https://b.example/x?a=1&b=2"),
        ("card-3-image", "https://b.example/x.jpg"),
    ];
    writes(&mut owner, &more).await;
    assert!(owner.page().text(".articles").contains("山间杯"), "{}", owner.page().text(".articles"));
    sends(&mut owner).await;
    runs(&shop, 2).await;
    let SandboxReply::Articles { articles } = shop.weibo.sandbox.broadcasts().remove(0).reply else {
        panic!("no cards")
    };
    assert_eq!(articles.len(), 2);
    assert!(
        articles[0].image.starts_with(shop.base.as_str()) && articles[0].url.contains("/s/"),
        "{articles:?}"
    );
    assert_eq!(articles[1].url, "https://b.example/x?a=1&b=2");
    shop.closes().await;
}

#[tokio::test]
async fn it_is_tried_on_a_subscriber_only_and_told_truly() {
    let shop = bound().await;
    fans(&shop, 1).await;
    let mut owner = shop.owner().await;
    writes(&mut owner, &[]).await;
    for (uid, fault, status) in [
        ("", None, 422),
        ("8000000009", None, 422),
        ("8000000001", Some(Fault::AnswerLost), 422),
        ("8000000001", Some(Fault::TokenExpired), 422),
        ("8000000001", None, 200),
    ] {
        if let Some(fault) = fault {
            shop.weibo.will(fault);
        }
        let form = owner.page().form("#try").with("uid", uid);
        assert_eq!(owner.submits(&form).await.status.as_u16(), status, "{uid} {fault:?}");
    }
    assert_eq!(shop.weibo.sandbox.broadcasts().len(), 2, "one whose answer was lost, one that was answered");
    shop.closes().await;
}

#[tokio::test]
async fn it_is_sent_at_its_time_and_not_before() {
    let shop = bound().await;
    fans(&shop, 1).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    for at in ["", "x", "2026-11-21T11:00", "2027-11-21T13:00", "2026-13-21T13:00"] {
        let form = owner.page().form("#later").with("at", at);
        assert_eq!(owner.submits(&form).await.status.as_u16(), 422, "{at}");
    }
    let form = owner.page().form("#later").with("at", "2026-11-21T13:00");
    assert!(owner.submits(&form).await.has("#state[data-state='scheduled']"), "{}", owner.page().told());
    shop.later(minutes(59));
    shop.work().await;
    assert_eq!(state(&mut owner, id).await, "scheduled");
    shop.later(minutes(1));
    runs(&shop, 2).await;
    assert_eq!(state(&mut owner, id).await, "done");
    shop.closes().await;
}

#[tokio::test]
async fn what_does_not_fit_is_said_by_its_field_and_nothing_typed_is_lost() {
    let shop = bound().await;
    let mut owner = shop.owner().await;
    let long = "长".repeat(300);
    for (more, field) in [
        (vec![("name", "")], "name"),
        (vec![("words", long.as_str())], "words"),
        (vec![("words", "")], "words"),
        (vec![("words", &long[..long.len() - 3 * 10]), ("product", "mug")], "words"),
        (vec![("product", "nowhere")], "product"),
        (vec![("audience", "buyers"), ("products", "nowhere")], "products"),
        (vec![("audience", "buyers"), ("orders", "0")], "orders"),
        (vec![("audience", "buyers"), ("since", "2026-02-30")], "since"),
        (vec![("audience", "buyers"), ("amount", "-1")], "amount"),
        (vec![("kind", "cards")], "card-1-product"),
        (vec![("kind", "cards"), ("card-2-title", "x"), ("card-2-url", "shop.example")], "card-2-url"),
    ] {
        let form = owner.opens("/admin/fans/broadcasts/new").await.form("#broadcast");
        let form = form.with("name", "春茶").with("words", "春茶到货");
        let form = more.iter().fold(form, |form, (name, value)| form.with(name, *value));
        let page = owner.submits(&form).await;
        assert_eq!(page.status.as_u16(), 422, "{more:?}");
        assert!(page.has(&format!("#wrongs a[href='#{field}']")), "{more:?}: {}", page.told());
        for (name, value) in more {
            assert_eq!(page.form("#broadcast").fields.iter().find(|(n, _)| n == name).unwrap().1, value);
        }
    }
    // Somebody else has changed it meanwhile: neither is it overwritten nor sent unseen.
    let id = writes(&mut owner, &[]).await;
    let send = owner.page().form("#send");
    let edit = owner.opens(&format!("/admin/fans/broadcasts/{}/edit", id.0)).await.form("#broadcast");
    owner.submits(&edit.clone().with("words", "第一个")).await;
    assert_eq!(owner.submits(&edit.with("words", "第二个")).await.status.as_u16(), 409);
    assert_eq!(owner.submits(&send).await.status.as_u16(), 409);
    assert_eq!(state(&mut owner, id).await, "draft");
    assert!(owner.page().text(".bubble").contains("第一个"));
    shop.closes().await;
}

#[tokio::test]
async fn two_of_them_keep_one_pace() {
    let shop = bound().await;
    fans(&shop, 4).await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/broadcasts").await;
    let form = owner.page().form("#pace").with("batch", "2").with("pause", "60");
    owner.submits(&form).await;
    let mut both = Vec::new();
    for _ in 0..2 {
        both.push(writes(&mut owner, &[]).await);
        sends(&mut owner).await;
    }
    for calls in 1..=4 {
        shop.work().await;
        assert_eq!(shop.weibo.sandbox.broadcasts().len(), calls, "one a minute, whichever it is of");
        shop.later(minutes(1));
    }
    runs(&shop, 2).await;
    for id in both {
        assert_eq!(state(&mut owner, id).await, "done");
    }
    shop.closes().await;
}

#[tokio::test]
async fn when_it_is_too_often_all_of_them_wait() {
    let shop = bound().await;
    fans(&shop, 2).await;
    let mut owner = shop.owner().await;
    pace(&mut owner, 2).await;
    let first = writes(&mut owner, &[]).await;
    shop.weibo.will(Fault::OverLimit);
    sends(&mut owner).await;
    shop.work().await;
    let second = writes(&mut owner, &[]).await;
    sends(&mut owner).await;
    shop.later(minutes(9));
    runs(&shop, 2).await;
    assert_eq!(shop.weibo.sandbox.broadcasts().len(), 0, "ten minutes for both");
    shop.later(minutes(1));
    runs(&shop, 3).await;
    assert_eq!(
        (state(&mut owner, first).await, state(&mut owner, second).await),
        ("done".into(), "done".into())
    );
    shop.closes().await;
}

#[tokio::test]
async fn a_trial_is_of_a_draft_and_pressed_twice_it_is_one() {
    let shop = bound().await;
    fans(&shop, 1).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    let form = owner.page().form("#try").with("uid", FIRST.to_string());
    let fresh = owner.opens(&format!("/admin/fans/broadcasts/{}", id.0)).await.form("#try");
    for _ in 0..2 {
        assert_eq!(owner.submits(&form).await.status.as_u16(), 200);
    }
    assert_eq!(shop.weibo.sandbox.broadcasts().len(), 1);
    // One whose answer was lost is not called again by the same form either.
    shop.weibo.will(Fault::AnswerLost);
    let fresh = fresh.with("uid", FIRST.to_string());
    assert_eq!(owner.submits(&fresh).await.status.as_u16(), 422);
    owner.submits(&fresh).await;
    assert_eq!(shop.weibo.sandbox.broadcasts().len(), 2);
    let late = owner.opens(&format!("/admin/fans/broadcasts/{}", id.0)).await.form("#try");
    sends(&mut owner).await;
    let late = late.with("uid", FIRST.to_string());
    assert_eq!(owner.submits(&late).await.status.as_u16(), 409, "it is no draft any more");
    assert_eq!(shop.weibo.sandbox.broadcasts().len(), 2);
    runs(&shop, 2).await;
    shop.closes().await;
}

#[tokio::test]
async fn what_no_keyboard_makes_breaks_nothing() {
    let shop = bound().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/fans/broadcasts/new").await.form("#broadcast");
    let form = form.with("name", "春茶").with("words", "春茶到货");
    let names: Vec<String> = form.fields.iter().map(|(name, _)| name.clone()).collect();
    for name in names.iter().map(String::as_str).chain(["group", "group-name"]) {
        for typed in ["a\0b", "\u{1}\u{7f}\u{9f}", "\0"] {
            for kind in ["text", "cards"] {
                let form = form.clone().with("kind", kind).with(name, typed);
                let status = owner.submits(&form).await.status;
                assert!(!status.is_server_error(), "{name} {typed:?}: {status}");
            }
        }
    }
    let invitation = owner.opens("/admin/fans/subscribers").await.form("#invite");
    for name in ["uid", "text", "url", "logo", "key"] {
        let form = invitation.clone().with("uid", FIRST.to_string()).with("text", "x");
        let form = form.with("url", "https://a.example/").with("logo", "https://a.example/l.png");
        let status = owner.submits(&form.with(name, "https://a.example/\0")).await.status.as_u16();
        assert!(matches!(status, 400 | 422), "{name}: {status}");
    }
    assert_eq!(shop.weibo.sandbox.fan_chat(FIRST).len(), 0);
    for path in [
        "/admin/fans/subscribers?at=-300000000000000000&uid=1",
        "/admin/fans/subscribers?at=9223372036854775807&uid=-1",
        "/admin/products?after=-300000000000000000-1",
        "/admin/products?after=9223372036854775807-1",
        "/admin/fans/broadcasts/new?group=1",
        "/admin/fans/broadcasts/new?group=-9223372036854775808",
        "/admin/fans/broadcasts/new?group=999",
    ] {
        assert_eq!(owner.opens(path).await.status.as_u16(), 200, "{path}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_draft_that_was_sent_meanwhile_keeps_what_is_typed() {
    let shop = bound().await;
    fans(&shop, 1).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[]).await;
    let send = owner.page().form("#send");
    let edit = owner.opens(&format!("/admin/fans/broadcasts/{}/edit", id.0)).await.form("#broadcast");
    owner.submits(&send).await;
    let page = owner.submits(&edit.with("words", "刚写的话")).await;
    assert_eq!(page.status.as_u16(), 409);
    assert_eq!(page.form("#broadcast").fields.iter().find(|(n, _)| n == "words").unwrap().1, "刚写的话");
    runs(&shop, 2).await;
    assert_eq!(state(&mut owner, id).await, "done");
    shop.closes().await;
}

#[tokio::test]
async fn whoever_only_looks_at_a_link_has_not_come_and_many_clicks_are_few_rows() {
    let shop = bound().await;
    fans(&shop, 1).await;
    let mut owner = shop.owner().await;
    let id = writes(&mut owner, &[("product", "/p/mug")]).await;
    let code = owner.page().body.split("/s/").nth(1).unwrap()[..12].to_owned();
    let sessions = shop.count("SELECT count(*) FROM sessions").await;
    let client = http();
    let link = shop.base.join(&format!("/s/{code}")).unwrap();
    for _ in 0..3 {
        let answer = client.head(link.clone()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 302);
        assert!(answer.headers().get("set-cookie").is_none());
    }
    assert_eq!(shop.count("SELECT count(*) FROM short_link_clicks").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, sessions);
    for _ in 0..30 {
        client.get(link.clone()).send().await.unwrap();
    }
    assert!(shop.count("SELECT count(*) FROM short_link_clicks").await <= 4);
    sends(&mut owner).await;
    runs(&shop, 2).await;
    state(&mut owner, id).await;
    assert_eq!(figure(&owner, "#clicks"), 30);
    shop.closes().await;
}
