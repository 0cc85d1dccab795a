//! Partners: who brings buyers earns by it what she was promised, once, and learns nothing of them.

use crate::parcels::audited;
use crate::refunds_desk::{refunds, weibo_gives_back};
use crate::support::browser::Ask;
use crate::support::buyer::{ADDRESS, Buyer};
use crate::support::coupons::off;
use crate::support::desk::{ALI, ZHOU};
use crate::support::page::Page;
use crate::support::staff::OWNER;
use crate::support::{Duration, TestShop, minutes};
use weipu::actor::Actor;
use weipu::orders::{self, Courier, OrderNumber, Shipment, Tracking};
use weipu::partners;
use weipu::staff::Role;

const LIST: &str = "/admin/sharing/partners";
const ENTRIES: &str = "SELECT count(*) FROM commission_entries";
pub const MIA: i64 = 7_000_000_004;

/// Made by the merchant, with this rate in percent; her page at the desk.
async fn added(owner: &mut Buyer, rate: &str) -> String {
    owner.opens(&format!("{LIST}/new")).await;
    let form = owner.page().form("form#new").with("partner-name", "山下阿梅").with("partner-rate", rate);
    let page = owner.submits(&form).await;
    assert!(page.has("#sums"), "{}", page.told());
    page.url.path().to_owned()
}

/// The path of a new invitation.
async fn invited(owner: &mut Buyer, at: &str) -> String {
    owner.opens(at).await;
    let link = owner.presses("form#invite").await.attribute("input#link", "value");
    assert!(owner.opens(at).await.has("form#invite") && !owner.page().has("input#link"), "shown once");
    url::Url::parse(&link).unwrap().path().to_owned()
}

/// Somebody with a room, and her page at the desk.
pub async fn partner(shop: &TestShop, owner: &mut Buyer, rate: &str, account: i64) -> (Buyer, String) {
    let at = added(owner, rate).await;
    let link = invited(owner, &at).await;
    let mut her = shop.signed_in_as(account).await;
    her.opens(&link).await;
    let page = her.presses("form#take").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/partner"), "{}", page.told());
    (her, at)
}

/// Her link to this product, or to the home page: the path behind which it leads on.
pub async fn link(her: &mut Buyer, product: &str) -> String {
    her.opens("/partner/links").await;
    let form = her.page().form("form#home").with("product", product);
    let page = her.submits(&form).await;
    assert!(page.has(".qr svg"), "{}", page.told());
    url::Url::parse(&page.attribute("input#link", "value")).unwrap().path().to_owned()
}

/// Somebody who came by this link, or by none, and has ordered and paid; her order's number.
async fn brought(shop: &TestShop, link: &str, sku: &str, pieces: u32) -> (Buyer, String) {
    let mut buyer = shop.buyer();
    if !link.is_empty() {
        buyer.opens(link).await;
    }
    buyer.orders(sku, pieces).await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    (buyer, number)
}

/// It is sent, and she has it.
async fn is_received(shop: &TestShop, number: &str) {
    let number: OrderNumber = number.parse().unwrap();
    let parcel = Shipment { courier: Courier::Sf, tracking: Tracking::read("SF1234567890123").unwrap() };
    let (mut tx, now) = (shop.app.shop.db.begin().await.unwrap(), shop.clock.now());
    orders::ship(&mut tx, &number, (&parcel, Duration::days(10)), &Actor::Shop, now).await.unwrap();
    orders::receive(&mut tx, &number, &Actor::Buyer, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// Time passes, and what is due then is worked out.
async fn passes(shop: &TestShop, by: Duration) {
    shop.later(by);
    partners::work_out(&shop.app.worker.db, shop.clock.now()).await.unwrap();
}

/// Her sums as her room shows them: held, free, paid.
async fn sums(her: &mut Buyer) -> [String; 3] {
    let page = her.opens("/partner").await;
    ["#held", "#free", "#paid"].map(|css| page.text(css))
}

async fn get(person: &mut Buyer, path: &str) -> Page {
    let url = person.browser.at(path);
    person.browser.send(Ask::get(url)).await
}

async fn post(person: &mut Buyer, path: &str, body: &str) -> u16 {
    let ask = Ask::post(person.browser.at(path), body);
    person.browser.send(ask).await.status.as_u16()
}

#[tokio::test]
async fn she_earns_what_her_links_bring_and_learns_nothing_of_the_buyers() {
    let shop = TestShop::open().await;
    shop.runs("UPDATE shop SET freight_fen = 800, delivery_version = delivery_version + 1").await;
    shop.follows_settings().await;
    let mut owner = shop.owner().await;
    let (mut her, at) = partner(&shop, &mut owner, "10.5", ALI).await;
    let code = link(&mut her, "mug").await;
    assert_eq!(link(&mut her, "mug").await, code, "the same for the same");
    assert!(her.page().text(".tile").contains("39.90"), "{}", her.page().told());
    let (_, number) = brought(&shop, &code, "mug", 2).await;
    brought(&shop, "", "mug", 1).await;
    // 79.80 without freight, at 10.5 %: 8.379.
    assert_eq!(sums(&mut her).await, ["¥8.37", "¥0.00", "¥0.00"]);
    let page = her.opens("/partner").await;
    assert_eq!(page.all("li[data-commission]", "data-commission"), ["waiting"]);
    assert!(page.text("li[data-commission]").contains("79.80"), "{}", page.told());
    is_received(&shop, &number).await;
    passes(&shop, Duration::days(7) - Duration::seconds(1)).await;
    assert_eq!(sums(&mut her).await, ["¥8.37", "¥0.00", "¥0.00"]);
    assert!(her.page().text("li[data-commission=held]").contains("2026-11-28"), "{}", her.page().told());
    passes(&shop, Duration::seconds(1)).await;
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥8.37", "¥0.00"]);
    passes(&shop, minutes(1)).await;
    assert_eq!(shop.count(ENTRIES).await, 1, "once");
    let room = her.page().body.clone();
    let english = her.opens("/en/partner").await.body.clone();
    let table = get(&mut her, "/partner/statements/2026-11").await;
    assert_eq!(table.status, 200);
    assert!(table.body.starts_with('\u{feff}') && table.body.contains("8.37"), "{}", table.body);
    let tail = number.rsplit('-').next().unwrap();
    for seen in [room, english, table.body.clone()] {
        let secret = ADDRESS.iter().map(|(_, value)| *value).chain([number.as_str()]);
        for secret in secret {
            assert!(!seen.contains(secret), "{secret} stands in {seen}");
        }
        assert!(seen.contains(&format!("*{tail}")), "she can talk about it: {seen}");
    }
    let before = get(&mut her, "/partner/statements/2026-10").await;
    assert_eq!(before.body.lines().count(), 1, "{}", before.body);
    shop.signs_in(&mut owner, OWNER).await;
    let page = owner.opens(&at).await;
    assert_eq!((page.text("#free"), page.text("td.amount")), ("¥8.37".into(), "¥8.37".into()));
    assert!(page.body.contains(&number) && page.text("#links").contains("1 次"), "{}", page.told());
    let whole = get(&mut owner, &format!("{at}/statements/2026-11")).await;
    assert!(whole.body.contains(&number), "{}", whole.body);
    assert_eq!(owner.opens(LIST).await.text("td.free"), "¥8.37");
    // However long ago she began.
    shop.runs("UPDATE partners SET made_at = '2026-04-30 16:00 UTC'").await;
    assert_eq!(her.opens("/partner").await.all("a.statement", "href").len(), 7);
    assert_eq!(owner.opens(&at).await.all("a.statement", "href")[6], format!("{at}/statements/2026-05"));
    shop.leaves_jobs();
}

#[tokio::test]
async fn of_a_buyer_who_has_signed_in_nothing_is_told_and_her_coupon_is_taken_off() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, _) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "mug").await;
    shop.gives(&off(1_000, 0), ZHOU).await;
    let mut zhou = shop.signed_in_as(ZHOU).await;
    zhou.opens(&code).await;
    zhou.orders("mug", 2).await;
    let number = zhou.order();
    zhou.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL").await, 1);
    is_received(&shop, &number).await;
    passes(&shop, Duration::days(7)).await;
    // 79.80 less 10.00.
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥6.98", "¥0.00"]);
    for path in ["/partner", "/en/partner", "/partner/statements/2026-11"] {
        let seen = get(&mut her, path).await.body;
        let uid = ZHOU.to_string();
        for secret in [ADDRESS[0].1, ADDRESS[1].1, ADDRESS[5].1, "老周在路上", &uid, &number] {
            assert!(!seen.contains(secret), "{secret} stands in {seen}");
        }
        assert!(seen.contains("6.98"), "{seen}");
    }
    shop.leaves_jobs();
}

#[tokio::test]
async fn an_invitation_binds_one_account_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let at = added(&mut owner, "8").await;
    let replaced = invited(&mut owner, &at).await;
    let open = invited(&mut owner, &at).await;
    let mut ali = shop.signed_in_as(ALI).await;
    let mut zhou = shop.signed_in_as(ZHOU).await;
    assert_eq!(get(&mut ali, &replaced).await.status, 410);
    assert_eq!(post(&mut ali, &replaced, "").await, 410);
    for nonsense in ["/partner/invitations/none", "/partner/invitations/%00"] {
        assert_eq!(get(&mut ali, nonsense).await.status, 410, "{nonsense}");
        assert_eq!(post(&mut ali, nonsense, "").await, 410, "{nonsense}");
    }
    // Who has not signed in is shown it, and led to sign in.
    let mut nobody = shop.desktop();
    let page = nobody.opens(&open).await;
    assert!(page.has("a#sign-in") && !page.has("form#take"), "{}", page.told());
    assert_eq!(post(&mut nobody, &open, "").await, 403);
    assert!(ali.opens(&open).await.text("main").contains("阿梨"), "she sees as whom");
    assert!(ali.page().text("main").contains("30 天内"), "{}", ali.page().told());
    shop.runs("UPDATE shop SET origin_days = 12").await;
    assert!(ali.opens(&open).await.text("main").contains("12 天内"), "as the shop has it");
    assert_eq!(get(&mut ali, "/partner").await.status, 404, "nothing happens by looking");
    let at_once = [&ali, &zhou].map(|person| Ask::post(person.browser.at(&open), ""));
    let [one, two] = at_once;
    let (one, two) = tokio::join!(ali.browser.send(one), zhou.browser.send(two));
    let mut told = [one.status.as_u16(), two.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [303, 410], "of two at once one");
    assert_eq!(shop.count("SELECT count(*) FROM partners WHERE customer_id IS NOT NULL").await, 1);
    // Whoever took it may press again, and look again; to another it is used.
    let first = one.status == 303;
    for (person, told) in [(&mut ali, first), (&mut zhou, !first)] {
        let told = if told { 303 } else { 410 };
        assert_eq!(post(person, &open, "").await, told);
        assert_eq!(get(person, &open).await.status, told);
    }
    let page = owner.opens(&at).await;
    assert!(page.has("#account") && !page.has("form#invite"), "{}", page.told());
    // Whoever was first belongs to another already.
    let (mut first, mut other) = if one.status == 303 { (ali, zhou) } else { (zhou, ali) };
    let second = added(&mut owner, "9").await;
    let link = invited(&mut owner, &second).await;
    assert_eq!(post(&mut first, &link, "").await, 409);
    // Taken too late, and after she has ended.
    shop.later(Duration::days(7));
    assert_eq!(post(&mut other, &link, "").await, 410);
    shop.signs_in(&mut owner, OWNER).await;
    let link = invited(&mut owner, &second).await;
    owner.presses("form#end").await;
    assert_eq!(post(&mut other, &link, "").await, 410);
    assert_eq!(get(&mut other, "/partner").await.status, 404);
    shop.closes().await;
}

#[tokio::test]
async fn whoever_is_invited_signs_in_and_comes_back_to_accept() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let at = added(&mut owner, "8").await;
    let open = invited(&mut owner, &at).await;
    let mut her = shop.phone();
    her.opens(&open).await;
    her.follows("a#sign-in").await;
    assert_eq!(her.signs_in_as(ZHOU).await.url.path(), open);
    assert_eq!(her.presses("form#take").await.url.path(), "/partner");
    assert!(her.has_seen("#free"), "{}", her.page().told());
    shop.closes().await;
}

#[tokio::test]
async fn her_room_is_hers_alone() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut ali, at) = partner(&shop, &mut owner, "8", ALI).await;
    let (mut zhou, _) = partner(&shop, &mut owner, "8", ZHOU).await;
    let code = link(&mut ali, "").await;
    let code = code.rsplit('/').next().unwrap();
    assert_eq!(get(&mut ali, &format!("/partner/links/{code}")).await.status, 200);
    assert_eq!(get(&mut zhou, &format!("/partner/links/{code}")).await.status, 404);
    let mut mia = shop.signed_in_as(MIA).await;
    let mut guest = shop.phone();
    assert!(guest.opens("/partner").await.has("a#sign-in"));
    assert!(!mia.opens("/account").await.has("#partner") && ali.opens("/account").await.has("#partner"));
    let paths = ["/partner/links", "/partner/statements/2026-11", &format!("/partner/links/{code}")];
    for path in paths.into_iter().chain(["/en/partner/links"]) {
        assert_eq!(get(&mut mia, path).await.status, 404, "{path}");
        assert_eq!(get(&mut guest, path).await.status, 403, "{path}");
        assert_eq!(get(&mut owner, path).await.status, 403, "{path}");
    }
    assert_eq!(get(&mut mia, "/partner").await.status, 404);
    for (person, told) in [(&mut mia, 404), (&mut guest, 403)] {
        assert_eq!(post(person, "/partner/links", "product=mug").await, told);
    }
    for bad in [
        "product=none",
        "product=hidden",
        "product=%00",
        "product=../p/mug",
        &format!("product={}", "x".repeat(5000)),
    ] {
        assert_eq!(post(&mut ali, "/partner/links", bad).await, 404, "{bad}");
    }
    for bad in ["2026-13", "2026", "x", "%00", "0000-00"] {
        let got = get(&mut ali, &format!("/partner/statements/{bad}")).await.status;
        assert_eq!(got, 404, "{bad}");
    }
    assert_eq!(get(&mut ali, "/partner/links/%00").await.status, 404);
    assert_eq!(get(&mut ali, "/partner?behind=x").await.status, 400);
    let cross = Ask::post(ali.browser.at("/partner/links"), "product=mug").of_another_site();
    let refused = ali.browser.send(Ask { cookies: true, ..cross }).await.status;
    assert!(refused.is_client_error(), "{refused}");
    assert_eq!(ali.opens("/partner/links?q=壶").await.all("input[name=product]", "value"), ["teapot"]);
    assert_eq!(post(&mut owner, &format!("{at}/invitation"), "token=x").await, 403);
    assert_eq!(shop.count("SELECT count(*) FROM short_links WHERE source = 'partner'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_was_promised_stays_and_an_end_is_an_end() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, at) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "").await;
    let (_, promised) = brought(&shop, &code, "mug", 1).await;
    owner.opens(&at).await;
    for bad in ["", "0", "50.01", "abc", "1.234", "8\0"] {
        let form = owner.page().form("form#rate").with("partner-rate", bad);
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 422, "{bad:?}");
        assert!(!page.wrong("partner-rate").is_empty());
        owner.opens(&at).await;
    }
    assert_eq!(get(&mut her, "/partner?behind=4294967295").await.status, 200);
    let form = owner.page().form("form#rate").with("partner-rate", "20");
    owner.submits(&form).await;
    owner.submits(&form).await;
    assert_eq!(owner.page().all("#rates li", "id").len(), 0);
    assert_eq!(shop.count("SELECT count(*) FROM partner_rates").await, 2, "the same again is none");
    assert_eq!(sums(&mut her).await[0], "¥3.99", "of what was placed before");
    let (_, better) = brought(&shop, &code, "mug", 1).await;
    assert_eq!(sums(&mut her).await[0], "¥11.97");
    // She is on her way when it ends.
    let mut late = shop.buyer();
    late.opens(&code).await;
    owner.opens(&at).await;
    owner.presses("form#end").await;
    late.orders("socks-1", 1).await;
    late.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(sums(&mut her).await[0], "¥11.97", "what she brought stays hers");
    assert!(!her.page().has("#new-link") && her.page().text("main").contains("已结束"));
    assert_eq!(post(&mut her, "/partner/links", "product=teapot").await, 409);
    for number in [&promised, &better] {
        is_received(&shop, number).await;
    }
    passes(&shop, Duration::days(7)).await;
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥11.97", "¥0.00"]);
    shop.signs_in(&mut owner, OWNER).await;
    owner.opens(&at).await;
    owner.presses("form#resume").await;
    brought(&shop, &code, "socks-1", 1).await;
    assert_eq!(sums(&mut her).await[0], "¥5.80");
    assert_eq!(shop.count("SELECT count(*) FROM partner_orders").await, 3);
    for (behind, left) in [(0, 3), (1, 2), (2, 1), (3, 0)] {
        let page = her.opens(&format!("/partner?behind={behind}")).await;
        assert_eq!(page.all("li[data-commission]", "data-commission").len(), left, "behind {behind}");
    }
    for action in ["add-partner", "invite-partner", "change-partner-rate", "end-partner", "resume-partner"] {
        assert_eq!(audited(&shop, action).await, 1, "{action}");
    }
    // What will not do is shown again.
    owner.opens(&format!("{LIST}/new")).await;
    for (name, rate) in [("", "8"), ("a\0b", "8"), (&*"长".repeat(41), "8"), ("阿梅", "")] {
        let form = owner.page().form("form#new").with("partner-name", name).with("partner-rate", rate);
        assert_eq!(owner.submits(&form).await.status, 422, "{name:?}");
    }
    let form = owner.page().form("form#new").with("partner-name", "阿竹").with("partner-rate", "8");
    let once = owner.submits(&form).await.url.clone();
    assert_eq!(owner.submits(&form).await.url, once, "pressed twice, it is one");
    assert_eq!(shop.count("SELECT count(*) FROM partners").await, 2);
    shop.leaves_jobs();
}

#[tokio::test]
async fn her_own_orders_do_not_count_even_when_she_signs_in_later() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, _) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "").await;
    her.opens(&code).await;
    her.orders("mug", 1).await;
    her.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥0.00", "¥0.00"]);
    assert_eq!(her.page().all("li[data-commission]", "data-commission"), ["own"]);
    // As a guest, on another browser; it is free before she signs in there.
    let mut guest = shop.desktop();
    guest.opens(&code).await;
    guest.opens("/checkout?variant=mug&quantity=1").await;
    let form = guest.filled_in().with("phone", "13900139000");
    guest.submits(&form).await;
    let number = guest.order();
    guest.pays().await;
    shop.weibo.delivers().await;
    is_received(&shop, &number).await;
    // As a guest, with the phone of an order that her account has paid.
    let (_, same) = brought(&shop, &code, "mug", 1).await;
    is_received(&shop, &same).await;
    passes(&shop, Duration::days(7)).await;
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥3.99", "¥0.00"]);
    assert_eq!(her.page().all("li[data-commission=own]", "data-commission").len(), 2);
    guest.opens("/oauth/weibo?next=/orders").await;
    guest.signs_in_as(ALI).await;
    passes(&shop, minutes(1)).await;
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥0.00", "¥0.00"]);
    assert_eq!(shop.count(ENTRIES).await, 2, "it is written back, not rubbed out");
    shop.leaves_jobs();
}

/// On her page, where something waits to be paid.
async fn refuses_what_no_payment_can_be(owner: &mut Buyer, at: &str) {
    for (day, note) in [("2026-12-31", ""), ("", ""), ("x", ""), ("2026-11-28", "a\0b")] {
        let form = owner.page().form("form#pay").with("paid-on", day).with("paid-note", note);
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 422, "{day:?} {note:?}");
        owner.opens(at).await;
    }
}

#[tokio::test]
async fn what_is_paid_out_is_paid_once_and_what_goes_back_after_it_carries_over() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, at) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "").await;
    let (_, first) = brought(&shop, &code, "longjing-1", 2).await;
    is_received(&shop, &first).await;
    let (_, second) = brought(&shop, &code, "mug", 1).await;
    passes(&shop, Duration::days(7)).await;
    shop.signs_in(&mut owner, OWNER).await;
    owner.opens(&at).await;
    assert_eq!(owner.page().text("#free"), "¥25.60");
    let propose = owner.page().form("form#propose");
    owner.submits(&propose).await;
    let page = owner.submits(&propose).await;
    assert_eq!(
        (page.text("#free"), page.text("#proposed")),
        ("¥0.00".into(), "¥25.60".into()),
        "{}",
        page.told()
    );
    let another = propose.clone().with("key", uuid::Uuid::new_v4().to_string());
    assert_eq!(owner.submits(&another).await.status, 409);
    // Less is free than what was proposed.
    refunds(&mut owner, &first, &[("way", "amount"), ("amount", "100.05")]).await;
    owner.opens(&at).await;
    assert!(owner.page().text("#less").contains("10.01"), "at once, and said: {}", owner.page().told());
    weibo_gives_back(&shop).await;
    // (256.00 − 100.05) at 10 %: 15.595.
    assert!(owner.page().text("#free").starts_with("¥-10.01"), "{}", owner.page().told());
    owner.presses("form#cancel").await;
    assert_eq!(owner.page().text("#free"), "¥15.59");
    owner.presses("form#propose").await;
    refuses_what_no_payment_can_be(&mut owner, &at).await;
    let pay =
        owner.page().form("form#pay").with("paid-reference", "=HYPERLINK(1)").with("paid-note", "十一月");
    let twice = [Ask::form(&pay), Ask::form(&pay)];
    let mut told = Vec::new();
    for ask in twice {
        told.push(owner.browser.send(ask).await.status.as_u16());
    }
    assert_eq!(told, [303, 409], "two presses");
    assert_eq!(sums(&mut her).await, ["¥3.99", "¥0.00", "¥15.59"]);
    assert_eq!(her.page().all("li[data-commission]", "data-commission"), ["waiting", "paid"]);
    let table = get(&mut her, "/partner/statements/2026-11").await.body;
    assert!(table.contains("-15.59") && table.contains("-10.01") && !table.contains(",="), "{table}");
    // All of it goes back after it was paid.
    refunds(&mut owner, &first, &[("way", "everything")]).await;
    weibo_gives_back(&shop).await;
    passes(&shop, minutes(1)).await;
    assert_eq!(sums(&mut her).await, ["¥3.99", "¥-15.59", "¥15.59"]);
    assert!(!owner.opens(&at).await.has("form#propose"));
    assert_eq!(owner.submits(&another).await.status, 409, "nothing is free");
    is_received(&shop, &second).await;
    passes(&shop, Duration::days(7)).await;
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥-11.60", "¥15.59"], "what she earns makes up for it");
    for action in ["propose-payout", "cancel-payout", "pay-payout"] {
        let times = if action == "propose-payout" { 2 } else { 1 };
        assert_eq!(audited(&shop, action).await, times, "{action}");
    }
    shop.leaves_jobs();
}

#[tokio::test]
async fn money_that_has_left_is_written_down_whatever_went_back_since() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, at) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "").await;
    let (_, number) = brought(&shop, &code, "longjing-1", 2).await;
    is_received(&shop, &number).await;
    passes(&shop, Duration::days(7)).await;
    shop.signs_in(&mut owner, OWNER).await;
    owner.opens(&at).await;
    let propose = owner.page().form("form#propose");
    // What goes back in the same moment is not proposed.
    refunds(&mut owner, &number, &[("way", "amount"), ("amount", "100.05")]).await;
    let page = owner.submits(&propose).await;
    assert_eq!((page.text("#free"), page.text("#proposed")), ("¥0.00".into(), "¥15.59".into()));
    assert!(!page.has("#less"), "{}", page.told());
    weibo_gives_back(&shop).await;
    refunds(&mut owner, &number, &[("way", "everything")]).await;
    let page = owner.opens(&at).await;
    assert!(page.text("#less").contains("15.59"), "{}", page.told());
    let pay = page.form("form#pay").with("paid-reference", "T-1");
    assert_eq!(owner.browser.send(Ask::form(&pay)).await.status, 303);
    assert_eq!(sums(&mut her).await, ["¥0.00", "¥-15.59", "¥15.59"]);
    weibo_gives_back(&shop).await;
    shop.leaves_jobs();
}

#[tokio::test]
async fn two_people_pay_one_payout_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, at) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "").await;
    let (_, number) = brought(&shop, &code, "mug", 1).await;
    is_received(&shop, &number).await;
    passes(&shop, Duration::days(7)).await;
    shop.signs_in(&mut owner, OWNER).await;
    let mut finance = shop.member("阿账", Role::Finance).await;
    let mut reader = shop.member("小看", Role::ReadOnly).await;
    assert!(!reader.opens(&at).await.has("form[action*=payouts]"));
    owner.opens(&at).await;
    finance.opens(&at).await;
    let forms = [owner.page().form("form#propose"), finance.page().form("form#propose")];
    let (one, two) =
        tokio::join!(owner.browser.send(Ask::form(&forms[0])), finance.browser.send(Ask::form(&forms[1])));
    let mut told = [one.status.as_u16(), two.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [303, 409]);
    owner.opens(&at).await;
    finance.opens(&at).await;
    let forms = [owner.page().form("form#pay"), finance.page().form("form#pay")];
    let (one, two) =
        tokio::join!(owner.browser.send(Ask::form(&forms[0])), finance.browser.send(Ask::form(&forms[1])));
    let mut told = [one.status.as_u16(), two.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [303, 409]);
    assert_eq!(shop.count("SELECT count(*) FROM partner_payouts WHERE state = 'paid'").await, 1);
    // Given a while ago, the password is asked for again.
    shop.later(minutes(11));
    let page = owner.browser.send(Ask::form(&forms[0])).await;
    assert!(page.header("location").starts_with("/admin/account/confirm"), "{}", page.told());
    shop.leaves_jobs();
}

#[tokio::test]
async fn how_long_commission_is_held_is_the_merchants_to_say() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut her, _) = partner(&shop, &mut owner, "10", ALI).await;
    let code = link(&mut her, "").await;
    let (_, number) = brought(&shop, &code, "mug", 1).await;
    is_received(&shop, &number).await;
    owner.opens(LIST).await;
    for bad in ["", "61", "-1", "7.5", "x", "\0"] {
        let form = owner.page().form("form#hold").with("commission-days", bad);
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 422, "{bad:?}");
        owner.opens(LIST).await;
    }
    let form = owner.page().form("form#hold").with("commission-days", "3");
    assert_eq!(owner.submits(&form).await.value_of("form#hold", "commission-days"), "3");
    assert_eq!(audited(&shop, "set-commission-days").await, 1);
    passes(&shop, Duration::days(3) - Duration::seconds(1)).await;
    assert_eq!(sums(&mut her).await[1], "¥0.00");
    passes(&shop, Duration::seconds(1)).await;
    assert_eq!(sums(&mut her).await[1], "¥3.99");
    // What is free stays so, and what was placed under three days is held no longer.
    let (_, second) = brought(&shop, &code, "mug", 1).await;
    shop.runs("UPDATE shop SET commission_days = 60").await;
    is_received(&shop, &second).await;
    passes(&shop, Duration::days(3) - Duration::seconds(1)).await;
    assert_eq!(sums(&mut her).await[1], "¥3.99");
    passes(&shop, Duration::seconds(1)).await;
    assert_eq!(sums(&mut her).await[1], "¥7.98");
    shop.leaves_jobs();
}
