//! QR codes with a number: each number once, each scan once, and a picture only where Weibo gave one.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::fans::LI;
use crate::support::line::Line;
use crate::support::minutes;
use weipu::fans::codes::{self, CodeId};

const CODES: &str = "/admin/fans/codes";
const CREATE: &str = "/2/eps/qrcode/create.json";
const SHOW: &str = "/2/eps/qrcode/show";

async fn with_line() -> (TestShop, Line, Buyer) {
    let (shop, line) = TestShop::with_line().await;
    let owner = shop.owner().await;
    (shop, line, owner)
}

/// Makes one for this campaign and stands before it.
async fn makes(owner: &mut Buyer, life: &str, campaign: &str) {
    owner.opens("/admin/fans/codes/new").await;
    let form = owner.page().form("#code").with("code-name", "收银台").with("code-life", life);
    owner.submits(&form.with("code-campaign", campaign)).await;
    assert_eq!(owner.page().text(".said"), "二维码建好了。");
}

fn tally(owner: &Buyer) -> [String; 3] {
    ["scans", "fans", "followers"].map(|name| owner.page().text(&format!("[data-tally={name}]")))
}

#[tokio::test]
async fn a_code_is_made_shown_printed_and_its_scans_are_counted_once() {
    let shop = TestShop::open().await;
    shop.binds().await;
    let mut owner = shop.owner().await;
    makes(&mut owner, "permanent", "春茶节").await;
    assert!(owner.page().has("img.code-picture"));
    let picture = owner.opens("/admin/fans/codes/1/picture").await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"));
    let mut conn = shop.database.connect().await;
    let png = codes::picture(&mut conn, CodeId(1)).await.unwrap().unwrap();
    let drawn = image::load_from_memory(&png).unwrap().into_luma8();
    let (wide, high) = (drawn.width() as usize, drawn.height() as usize);
    let pixel = |x: usize, y: usize| drawn.as_raw()[y * wide + x];
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(wide, high, pixel);
    assert!(seen.detect_grids()[0].decode().unwrap().1.contains("ticket="), "what a phone reads is Weibo's");
    let poster = owner.opens("/admin/fans/codes/1/poster").await;
    assert_eq!((poster.status.as_u16(), poster.header("content-type")), (200, "application/pdf"));
    assert!(poster.body.starts_with("%PDF-1.4"));

    shop.weibo.sandbox.fan_scans(LI, "QR_LIMIT_SCENE_1").await;
    let packet = shop.weibo.sandbox.fan_packet(LI, scan("QR_LIMIT_SCENE_1"));
    for _ in 0..3 {
        shop.hears_packet(&packet).await;
    }
    shop.weibo.sandbox.fan_scans(LI, "QR_LIMIT_SCENE_77").await;
    owner.opens("/admin/fans/codes/1").await;
    let [_, fans, followers] = tally(&owner);
    assert_eq!((fans.as_str(), followers.as_str()), ("1", "1"));
    assert_eq!(
        shop.count("SELECT count(*) FROM fan_code_scans WHERE code = 1").await,
        1,
        "all in one second"
    );
    owner.opens(CODES).await;
    assert!(
        owner.page().text("#campaigns tbody").starts_with("春茶节111"),
        "{}",
        owner.page().text("#campaigns")
    );
    shop.work().await;
    shop.closes().await;
}

fn scan(key: &str) -> weipu::sandbox::Did {
    weipu::sandbox::Did::Scanned { key: key.into(), ticket: "T".into(), followed: false }
}

#[tokio::test]
async fn tallies_move_with_each_scan_and_many_at_once_lose_and_invent_none() {
    let shop = TestShop::open().await;
    let by = weipu::actor::Actor::Staff { id: 1, name: "阿山".into() };
    let now = shop.clock.now();
    for (name, campaign) in [("门口", "春茶节"), ("收银台", "春茶节"), ("名片", "")] {
        let (name, campaign) = (name.to_owned(), campaign.to_owned());
        let life = codes::Life::Permanent;
        let new = codes::NewCode { life, name, campaign, invitation: String::new(), product: None };
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        codes::make(&mut tx, &new, &by, now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }
    // Each is told twice, in no order: a fan scans several codes, comes to follow by some, and comes again.
    let scans = (0..120i64).map(|n| n * 7 % 60).map(async |n| {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let (fan, at) = (LI + n % 5, now + time::Duration::seconds(n % 4));
        weipu::fans::meet(&mut tx, fan, now).await.unwrap();
        weipu::fans::lock(&mut tx, fan).await.unwrap();
        let key = format!("QR_LIMIT_SCENE_{}", n % 3 + 1);
        codes::scanned(&mut tx, &key, fan, n % 7 == 0, at).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    });
    futures_util::future::join_all(scans).await;
    let mut conn = shop.database.connect().await;
    let tally = codes::tally(&mut conn, CodeId(1)).await.unwrap();
    assert_eq!((tally.scans, tally.fans, tally.last_at), (20, 5, Some(now + time::Duration::seconds(3))));
    let campaigns = codes::campaigns(&mut conn, 9).await.unwrap();
    assert_eq!(campaigns.len(), 1);
    let (name, all) = &campaigns[0];
    assert_eq!((name.as_str(), all.scans, all.fans), ("春茶节", 40, 5), "of the same five fans");
    assert!(all.followers >= tally.followers && all.followers <= 5 && tally.followers > 0, "{all:?}");
    // All of them are recounted when it closes.
    shop.closes().await;
}

#[tokio::test]
async fn scans_are_taken_while_somebody_makes_a_code() {
    let shop = TestShop::open().await;
    shop.binds().await;
    let mut owner = shop.owner().await;
    makes(&mut owner, "permanent", "春茶节").await;
    let by = weipu::actor::Actor::Staff { id: 1, name: "阿山".into() };
    let (life, name) = (codes::Life::Permanent, "门口".to_owned());
    let new =
        codes::NewCode { life, name, campaign: String::new(), invitation: String::new(), product: None };
    let mut making = shop.app.shop.db.begin().await.unwrap();
    codes::make(&mut making, &new, &by, shop.clock.now()).await.unwrap().unwrap();
    shop.weibo.sandbox.fan_scans(LI, "QR_LIMIT_SCENE_1").await;
    assert_eq!(shop.count("SELECT scans FROM fan_codes").await, 1);
    making.commit().await.unwrap();
    shop.closes().await;
}

#[tokio::test]
async fn numbers_are_given_out_once_whoever_asks_at_the_same_time() {
    let shop = TestShop::open().await;
    let by = weipu::actor::Actor::Staff { id: 1, name: "阿山".into() };
    let new = codes::NewCode {
        life: codes::Life::Permanent,
        name: "x".into(),
        campaign: String::new(),
        invitation: String::new(),
        product: None,
    };
    let make = || async {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let made = codes::make(&mut tx, &new, &by, shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        made
    };
    futures_util::future::join_all((0..8).map(|_| make())).await.into_iter().for_each(|made| {
        made.unwrap();
    });
    assert_eq!(
        shop.count("SELECT count(DISTINCT scene) FROM fan_codes WHERE scene BETWEEN 1 AND 8").await,
        8
    );
    sqlx::query("UPDATE fan_codes SET scene = 100000 WHERE scene = 8")
        .execute(&mut shop.database.connect().await)
        .await
        .unwrap();
    assert_eq!(make().await, Err(codes::NoneLeft));
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_does_not_give_is_asked_for_again_under_the_same_number() {
    let (shop, line, mut owner) = with_line().await;
    line.cut(CREATE);
    makes(&mut owner, "permanent", "").await;
    assert!(owner.page().has("#ticket") && !owner.page().has("img.code-picture"));
    for path in ["/admin/fans/codes/1/picture", "/admin/fans/codes/1/poster"] {
        assert_eq!(owner.opens(path).await.status.as_u16(), 404);
    }
    line.mend();
    line.says(CREATE, r#"{"error_code":26401,"error":"no"}"#);
    owner.opens("/admin/fans/codes/1").await;
    owner.presses("#ticket").await;
    assert!(owner.page().text("#picture").contains("26401 no"));
    line.mend();
    line.says(SHOW, "<html>not a picture</html>");
    owner.presses("#ticket").await;
    assert!(!owner.page().has("img.code-picture"), "what is no picture is none");
    line.mend();
    owner.presses("#ticket").await;
    assert!(owner.page().has("img.code-picture"));
    assert_eq!(line.calls(CREATE), 3, "the ticket was good: only its picture was asked for again");
    assert_eq!(shop.count("SELECT count(*) FROM fan_codes WHERE scene = 1").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn a_temporary_code_ends_and_is_made_again_with_its_number_and_count() {
    let (shop, _line, mut owner) = with_line().await;
    makes(&mut owner, "temporary", "").await;
    assert!(owner.page().has("img.code-picture"));
    assert!(!owner.page().has("a[href$='/poster']"), "nobody prints what ends");
    assert_eq!(owner.opens("/admin/fans/codes/1/poster").await.status.as_u16(), 404);
    shop.later(minutes(30));
    owner.opens("/admin/fans/codes/1").await;
    assert!(!owner.page().has("img.code-picture"), "it can be scanned no more");
    assert_eq!(owner.opens("/admin/fans/codes/1/picture").await.status.as_u16(), 404);
    owner.opens("/admin/fans/codes/1").await;
    owner.presses("#ticket").await;
    assert_eq!(owner.page().text(".said"), "二维码可以用了。");
    assert_eq!(shop.count("SELECT scene FROM fan_codes").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_and_a_code_is_put_away_and_brought_back() {
    let (shop, line, mut owner) = with_line().await;
    owner.opens("/admin/fans/codes/new").await;
    let form = owner.page().form("#code");
    for (field, value) in [
        ("code-name", ""),
        ("code-name", &"长".repeat(61)),
        ("code-product", "/p/nothing-such"),
        ("code-life", "ever"),
    ] {
        let typed = form.clone().with("code-name", "收银台").with(field, value);
        assert_eq!(owner.submits(&typed).await.status.as_u16(), 422, "{field}={value}");
        assert!(!owner.page().text("#wrongs").is_empty(), "{field}={value}");
    }
    let unreadable = form.clone().with("code-name", "a\0");
    assert_eq!(owner.submits(&unreadable).await.status.as_u16(), 422);
    assert_eq!((line.calls(CREATE), shop.count("SELECT count(*) FROM fan_codes").await), (0, 0));
    let mug = shop.base.join("/p/mug?from=1").unwrap();
    owner.submits(&form.with("code-name", "杯子").with("code-product", mug.as_str())).await;
    assert!(owner.page().has("a[href^='/admin/products/']"));
    owner.presses("#drawer").await;
    assert!(!owner.opens(CODES).await.has("[data-code]"));
    assert!(owner.opens("/admin/fans/codes?away=true").await.has("[data-code='1']"));
    owner.opens("/admin/fans/codes/1").await;
    owner.presses("#drawer").await;
    assert!(owner.opens(CODES).await.has("[data-code='1']"));
    shop.closes().await;
}
