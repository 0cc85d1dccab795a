//! Pictures from the merchant's phone to the shopper's page, and everything that is no picture.

use crate::support::browser::Ask;
use crate::support::bucket::{SECRET, StandIn};
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::pictures::{bomb, field, file, multipart, picture, post, small, whole};
use crate::support::staff::OWNER;
use crate::support::{Duration, TestShop};
use image::ImageFormat;
use reqwest::header::{ACCEPT, HeaderName};
use weipu::catalog::pictures;

const MUG: &str = "/admin/products/1/pictures";
const NAMES: &str = "SELECT name FROM pictures WHERE product_id = $1 ORDER BY position";

impl Buyer {
    /// The owner sends these to a product, as its page's form does.
    pub async fn uploads(&mut self, to: &str, files: &[(&str, Vec<u8>)]) -> &Page {
        let page = self.opens(to).await;
        let token = page.form("#upload").fields[0].clone();
        assert_eq!(token.0, "token", "comes first");
        let ask = post(self.browser.at(to), multipart(&token.1, files));
        self.asks(ask).await
    }
}

impl TestShop {
    /// The pictures on a product, in their order.
    async fn hanging(&self, product: i64) -> Vec<String> {
        let mut conn = self.database.connect().await;
        sqlx::query_scalar(NAMES).bind(product).fetch_all(&mut conn).await.unwrap()
    }

    async fn sweeps(&self) -> usize {
        let (db, files) = (&self.app.worker.db, &self.app.worker.files);
        pictures::sweep(db, files, self.clock.now()).await.unwrap()
    }

    fn stored(&self) -> Vec<String> {
        let entries = self.folder.path().read_dir().unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn hours(hours: i64) -> Duration {
    Duration::hours(hours)
}

fn outcomes(page: &Page) -> Vec<(String, bool, String)> {
    let told: serde_json::Value =
        serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{}", page.told()));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let all = told["outcomes"].as_array().unwrap().iter();
    all.map(|o| (text(&o["name"]), o["hung"].as_bool().unwrap(), text(&o["words"]))).collect()
}

#[tokio::test]
async fn from_the_merchants_phone_to_the_shoppers_page() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let photo = picture(ImageFormat::Jpeg, (1600, 1200), [180, 90, 40]);
    let files = [("IMG_1.JPG", photo), ("杯子.png", picture(ImageFormat::WebP, (300, 300), [9, 9, 9]))];
    let page = owner.uploads(MUG, &files).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, MUG), "{}", page.told());
    assert!(!page.text(".said").is_empty());
    let names = shop.hanging(1).await;
    assert_eq!((names.len(), shop.stored().len()), (2, 16));

    let mut shopper = shop.phone();
    let seen = shopper.opens("/p/mug").await;
    assert_eq!(seen.attribute(".gallery img", "alt"), "山间杯", "the product's name has to do");
    assert_eq!(seen.attribute(".gallery img", "src"), format!("/pictures/{}-750.jpg", names[0]));
    let social = seen.attribute("meta[property='og:image']", "content");
    assert!(social.contains(".jpg") && social.contains(&names[0]));
    for (ending, kind) in [("1080.webp", "image/webp"), ("160.jpg", "image/jpeg")] {
        let got = shopper.opens(&format!("/pictures/{}-{ending}", names[0])).await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (200, kind));
        assert_eq!(got.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").contains("sandbox"));
    }

    let ids = owner.page().form("#pictures").fields;
    let ids: Vec<_> = ids.iter().filter(|(name, _)| name == "picture").map(|(_, id)| id.clone()).collect();
    let form = owner.page().form("#pictures").with(&format!("alt-zh-{}", ids[1]), "<b>手里的杯子</b>");
    let form =
        form.with(&format!("alt-en-{}", ids[1]), "A mug in a hand").with("move", format!("{}-first", ids[1]));
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, MUG));
    assert_eq!(shop.hanging(1).await, [names[1].clone(), names[0].clone()]);
    assert_eq!(shopper.opens("/p/mug").await.attribute(".gallery img", "alt"), "<b>手里的杯子</b>");
    assert_eq!(shopper.opens("/en/p/mug").await.attribute(".gallery img", "alt"), "A mug in a hand");
    assert!(shopper.page().has(".gallery a[href$='-1080.jpg'] img"));
    // In a frame, and in the preview, a link would lead to a bare picture in a window of its own.
    let framed = shopper.opens("/light/p/mug").await;
    assert!(framed.has(".gallery[tabindex='0'] > span img") && !framed.has(".gallery a"));
    let preview = owner.opens("/admin/products/1/preview/page").await;
    assert!(preview.has(".gallery[tabindex='0'] > span img") && !preview.has(".gallery a"));
    let changes = "SELECT count(*) FROM audit WHERE subject = 'product 1'
        AND action IN ('add-picture', 'arrange-pictures') AND staff_name = '阿山'";
    assert_eq!(shop.count(changes).await, 3);
    assert_eq!(shop.count("SELECT version::bigint FROM products WHERE id = 1").await, 4);
}

#[tokio::test]
async fn each_bad_file_is_told_by_itself_and_the_good_ones_hang() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let photo = picture(ImageFormat::Jpeg, (200, 100), [180, 90, 40]);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    let files = [
        ("good.png", small(1)),
        ("animation.gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("vector.svg", svg),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("bomb.png", bomb()),
        ("long.png", picture(ImageFormat::Png, (12_001, 1), [0; 3])),
        ("half.jpg", photo[..photo.len() / 2].to_vec()),
        ("empty.jpg", Vec::new()),
        ("film.jpg", vec![0xff; 20 * 1024 * 1024 + 1]),
        ("polyglot.jpg", [&photo[..], b"PK\x03\x04<script>alert(1)</script>"].concat()),
        ("good.png", small(1)),
        ("<b>one.png", picture(ImageFormat::Png, (1, 1), [7; 3])),
    ];
    let page = owner.uploads(MUG, &files).await;
    assert_eq!(page.status, 422, "{}", page.told());
    let told = page.text("#outcomes");
    for (name, words) in [
        ("animation.gif", "不是可用的图片"),
        ("vector.svg", "不是可用的图片"),
        ("page.jpg", "不是可用的图片"),
        ("bomb.png", "尺寸太大"),
        ("long.png", "尺寸太大"),
        ("half.jpg", "图片不完整"),
        ("empty.jpg", "不是可用的图片"),
        ("film.jpg", "超过 20 MB"),
        ("polyglot.jpg", "已上传"),
        ("good.png", "这张图片已经有了"),
        ("<b>one.png", "已上传"),
    ] {
        assert!(told.contains(&format!("{name} {words}")), "{name}: {told}");
    }
    assert_eq!(shop.hanging(1).await.len(), 3);
    assert_eq!(shop.stored().len(), 24, "nothing of the others");
    for name in shop.stored() {
        let bytes = std::fs::read(shop.folder.path().join(name)).unwrap();
        assert!(!bytes.windows(7).any(|part| part == b"<script"));
    }
    assert!(page.has("#pictures li"), "the page is whole");
    let nothing = owner.uploads(MUG, &[("", Vec::new())]).await;
    assert_eq!((nothing.status.as_u16(), nothing.text("#outcomes").is_empty()), (422, false));
}

#[tokio::test]
async fn a_script_is_told_in_json() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let token = owner.opens(MUG).await.form("#upload").fields[0].1.clone();
    let header = HeaderName::from_static("x-form-token");
    for (bytes, hung) in [(small(1), true), (b"GIF89a".to_vec(), false)] {
        let ask = post(owner.browser.at(MUG), whole(&[file("a.jpg", &bytes)]));
        let page = owner.asks(ask.with(ACCEPT, "application/json").with(header.clone(), &token)).await;
        let told = outcomes(page);
        assert_eq!((page.status.as_u16(), told.len(), told[0].1), (200, 1, hung));
    }
}

#[tokio::test]
async fn nobody_else_uploads_anything() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let token = owner.opens(MUG).await.form("#upload").fields[0].1.clone();
    let at = owner.browser.at(MUG);
    let late = whole(&[file("a.png", &small(1)), field("token", &token)]);
    let header = HeaderName::from_static("x-form-token");
    let forged = [
        post(at.clone(), multipart("", &[("a.png", small(1))])),
        post(at.clone(), multipart("AAAAAAAAAAAAAAAAAAAAAA", &[("a.png", small(1))])),
        post(at.clone(), late),
        post(at.clone(), multipart(&token, &[("a.png", small(1))])).with(header, "wrong"),
        post(at.clone(), multipart(&token, &[("a.png", small(1))])).of_another_site(),
    ];
    for ask in forged {
        assert_eq!(owner.asks(ask).await.status, 403);
    }
    let mut wrong = Ask::post(at.clone(), multipart(&token, &[("a.png", small(1))]));
    assert_eq!(owner.asks(wrong).await.status, 415);
    wrong = post(at.clone(), b"--nonsense".to_vec());
    assert!([400, 403].contains(&owner.asks(wrong).await.status.as_u16()));
    for nowhere in
        ["/admin/products/999/pictures", "/admin/products/x/pictures", "/admin/products/-1/pictures"]
    {
        let ask = post(owner.browser.at(nowhere), multipart(&token, &[("a.png", small(1))]));
        assert_eq!(owner.asks(ask).await.status, 404);
        assert_eq!(owner.opens(nowhere).await.status, 404);
    }
    shop.count("UPDATE staff SET role = 'read_only' RETURNING 1::bigint").await;
    let good = || post(at.clone(), multipart(&token, &[("a.png", small(1))]));
    assert_eq!(owner.asks(good()).await.status, 403);
    let mut visitor = shop.phone();
    assert_eq!(visitor.asks(good()).await.url.path(), "/admin/sign-in");
    assert_eq!((shop.stored(), shop.hanging(1).await), (vec![], vec![]));
}

#[tokio::test]
async fn the_same_picture_at_once_hangs_once_on_each_product() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let token = owner.opens(MUG).await.form("#upload").fields[0].1.clone();
    let send = |to: &str| {
        let mut browser = shop.visitor(owner.browser.agent).browser;
        browser.cookies = owner.browser.cookies.clone();
        let ask =
            post(browser.at(to), multipart(&token, &[("a.png", small(1))])).with(ACCEPT, "application/json");
        async move { outcomes(&browser.send(ask).await)[0].1 }
    };
    let teapot = "/admin/products/2/pictures";
    let all = futures_util::future::join_all([MUG, teapot, MUG, MUG, teapot, MUG].map(send)).await;
    assert_eq!(all.iter().filter(|hung| **hung).count(), 2, "{all:?}");
    assert_eq!(shop.hanging(1).await, shop.hanging(2).await);
    assert_eq!((shop.hanging(1).await.len(), shop.stored().len()), (1, 8));
}

#[tokio::test]
async fn a_product_has_twenty_pictures_at_most() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let many: Vec<_> = (0..21).map(|n| ("a.png", small(n))).collect();
    let page = owner.uploads(MUG, &many).await;
    assert_eq!((page.status.as_u16(), shop.hanging(1).await.len()), (422, 20), "{}", page.told());
    let page = owner.uploads(MUG, &[("b.png", small(99))]).await;
    assert!(page.text("#outcomes").contains("已有 20 张"));
    assert_eq!(shop.hanging(1).await.len(), 20);
}

#[tokio::test]
async fn pictures_change_places_and_go() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.uploads(MUG, &[("a", small(1)), ("b", small(2)), ("c", small(3))]).await;
    let [a, b, c] = &shop.hanging(1).await[..] else { panic!() };
    let ids: Vec<String> = fields(owner.page(), "picture");
    for (pressed, wanted) in [
        (("move", format!("{}-up", ids[2])), vec![a, c, b]),
        (("move", format!("{}-down", ids[0])), vec![c, a, b]),
        (("move", format!("{}-down", ids[1])), vec![c, a, b]),
        (("move", format!("{}-up", ids[2])), vec![c, a, b]),
        (("move", "999-up".into()), vec![c, a, b]),
        (("move", format!("{}-first", ids[1])), vec![b, c, a]),
        (("remove", ids[2].clone()), vec![b, a]),
        (("remove", ids[1].clone()), vec![a]),
        (("remove", ids[0].clone()), vec![]),
    ] {
        let form = owner.page().form("#pictures").with(pressed.0, pressed.1.clone());
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 200, "{}", page.told());
        assert_eq!(shop.hanging(1).await.iter().collect::<Vec<_>>(), wanted, "{pressed:?}");
    }
    assert_eq!(shop.stored().len(), 24, "for a day");
}

fn fields(page: &Page, wanted: &str) -> Vec<String> {
    page.form("#pictures")
        .fields
        .into_iter()
        .filter(|(name, _)| name == wanted)
        .map(|(_, value)| value)
        .collect()
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_and_loses_nothing() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.uploads(MUG, &[("a", small(1)), ("b", small(2))]).await;
    let (stale, ids) = (owner.page().form("#pictures"), fields(owner.page(), "picture"));
    let alt = format!("alt-zh-{}", ids[0]);
    owner.submits(&stale.clone().with(&alt, "第一位写的")).await;
    for form in [
        stale.clone().with(&alt, "第二位写的").with("move", format!("{}-first", ids[1])),
        stale.clone().with("remove", ids[1].clone()),
        stale.clone().with("version", "x"),
    ] {
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.has("[role=alert]")), (409, true), "{}", page.told());
        assert!(
            page.text("ol.pictures").contains("第一位写的"),
            "what is stored now stands beside: {}",
            page.told()
        );
    }
    let words = "SELECT count(*) FROM pictures WHERE alt_zh = '第一位写的' AND position = 1";
    assert_eq!((shop.count(words).await, shop.hanging(1).await.len()), (1, 2));
    // What she had typed is on the page, with the version that can be saved.
    let page = owner.submits(&stale.with(&alt, "第二位写的")).await;
    let form = page.form("#pictures");
    assert!(form.fields.contains(&(alt, "第二位写的".into())));
    assert_eq!(owner.submits(&form).await.status, 200);
    assert_eq!(shop.count("SELECT count(*) FROM pictures WHERE alt_zh = '第二位写的'").await, 1);
}

#[tokio::test]
async fn words_that_cannot_be_kept_are_shown_again() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.uploads(MUG, &[("a", small(1))]).await;
    let (form, id) = (owner.page().form("#pictures"), fields(owner.page(), "picture").remove(0));
    for bad in ["长".repeat(201), "a\0b".into(), "two\nlines".into()] {
        let page = owner.submits(&form.clone().with(&format!("alt-en-{id}"), bad.clone())).await;
        assert_eq!(page.status, 422);
        assert!(page.wrong(&format!("alt-en-{id}")).contains("200"), "{}", page.told());
    }
    assert_eq!(shop.count("SELECT count(*) FROM pictures WHERE alt_en <> ''").await, 0);
    // A picture of another product, the same twice, none at all: as if somebody else had changed it.
    let mut twice = form.clone();
    twice.fields.push(("picture".into(), id));
    let mut none = form.clone();
    none.fields.retain(|(name, _)| name != "picture");
    for form in [twice, none, form.clone().with("picture", "999")] {
        assert_eq!(owner.submits(&form).await.status, 409);
    }
    assert_eq!(owner.submits(&form.with("token", "x")).await.status, 403);
}

#[tokio::test]
async fn a_script_learns_which_version_its_own_picture_made_and_no_others() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.uploads(MUG, &[("a", small(1))]).await;
    let form = owner.page().form("#pictures");
    let version = |form: &crate::support::page::Form| {
        form.fields.iter().find(|(name, _)| name == "version").unwrap().1.parse::<i64>().unwrap()
    };
    let token = form.fields[0].1.clone();
    let sends = async |owner: &mut Buyer, picture| {
        let ask = post(owner.browser.at(MUG), multipart(&token, &[("b", small(picture))]));
        let told = owner.asks(ask.with(ACCEPT, "application/json")).await.body.clone();
        serde_json::from_str::<serde_json::Value>(&told).unwrap()["outcomes"][0]["version"].clone()
    };
    assert_eq!(sends(&mut owner, 2).await, version(&form) + 1, "hers alone");
    assert_eq!(sends(&mut owner, 2).await, serde_json::Value::Null, "it hangs there already");
    let other = owner.opens(MUG).await.form("#pictures");
    owner.submits(&other).await;
    assert_eq!(sends(&mut owner, 3).await, version(&form) + 3, "somebody else was in between");
}

#[tokio::test]
async fn pictures_in_a_bucket_are_signed_for_and_asked_for_once() {
    let bucket = StandIn::open();
    let shop = TestShop::with_files(bucket.files.clone()).await;
    let mut owner = shop.owner().await;
    owner.uploads(MUG, &[("a.png", small(1))]).await;
    let name = shop.hanging(1).await.remove(0);
    assert_eq!(bucket.objects().len(), 8);
    assert!(bucket.objects().iter().all(|key| key.starts_with(&format!("our/pictures/{name}-"))));
    let path = format!("/pictures/{name}-750.webp");
    let ask = || async { shop.phone().opens(&path).await.status.as_u16() };
    let all = futures_util::future::join_all((0..20).map(|_| ask())).await;
    assert!(all.iter().all(|status| *status == 200), "{all:?}");
    assert_eq!(bucket.heard("GET", "-750.webp"), 1);
    assert_eq!(shop.phone().opens("/pictures/0123456789abcdef-750.webp").await.status, 404);
    assert!(bucket.all_headers().iter().all(|headers| !headers.contains(SECRET)));
    assert!(!shop.logged().contains(SECRET));
}

#[tokio::test]
async fn a_bucket_that_goes_away_in_the_middle_leaves_no_row() {
    let bucket = StandIn::open();
    let shop = TestShop::with_files(bucket.files.clone()).await;
    let mut owner = shop.owner().await;
    owner.uploads(MUG, &[("first.png", small(1))]).await;
    let before = shop.hanging(1).await;
    bucket.goes_away_after(3);
    owner.browser.expects_failure = true;
    let page = owner.uploads(MUG, &[("a.png", small(2)), ("b.png", small(3))]).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "30"), "{}", page.told());
    assert!(page.text("#outcomes").contains("a.png 暂时存不了"), "{}", page.told());
    assert!(!page.text("#outcomes").contains("b.png"), "one failure is enough");
    assert_eq!(shop.hanging(1).await, before);
    assert_eq!(bucket.objects().len(), 8 + 3);

    // The shop goes on selling.
    bucket.goes_away();
    let mut shopper = shop.phone();
    shopper.browser.expects_failure = true;
    let seen = shopper.opens("/p/mug").await;
    let src = seen.attribute(".gallery img", "src");
    assert_eq!(seen.status, 200);
    let picture = shopper.opens(&src).await;
    assert_eq!((picture.status.as_u16(), picture.header("retry-after").is_empty()), (503, false));

    bucket.is_back();
    assert_eq!(shopper.opens(&src).await.status, 200);
    let page = owner.uploads(MUG, &[("a.png", small(2)), ("b.png", small(3))]).await;
    assert_eq!((page.status.as_u16(), shop.hanging(1).await.len()), (200, 3));
    assert_eq!(bucket.objects().len(), 24);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    // Where the folder was is a file now, as after a mount that went wrong.
    let path = shop.folder.path().to_owned();
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "").unwrap();
    owner.browser.expects_failure = true;
    let page = owner.uploads(MUG, &[("a.png", small(1))]).await;
    assert_eq!((page.status.as_u16(), shop.hanging(1).await.len()), (503, 0), "{}", page.told());
    assert_eq!(shop.phone().opens("/p/mug").await.status, 200);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert_eq!(owner.uploads(MUG, &[("a.png", small(1))]).await.status, 200);
}

#[tokio::test]
async fn what_nobody_names_is_swept_after_a_day() {
    let bucket = StandIn::open();
    let shop = TestShop::with_files(bucket.files.clone()).await;
    let mut owner = shop.owner().await;
    for other in ["our/readme.txt", "our/pictures/notes.txt", "others/0123456789abcdef-160.jpg"] {
        bucket.holds(other);
    }
    // Files without a row: an upload that was cut off, or a database that was put back.
    bucket.holds("our/pictures/0123456789abcdef-160.jpg");
    owner
        .uploads(MUG, &[("stays", small(1)), ("ordered", small(2)), ("goes", small(3)), ("logo", small(4))])
        .await;
    let [stays, ordered, goes, logo] = &shop.hanging(1).await[..] else { panic!() };
    let ids = fields(owner.page(), "picture");
    let form = owner.page().form("#pictures").with("move", format!("{}-first", ids[1]));
    owner.submits(&form).await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    assert!(buyer.page().body.contains(ordered.as_str()));
    let mut conn = shop.database.connect().await;
    sqlx::raw_sql("ALTER TABLE shop ADD COLUMN IF NOT EXISTS logo text").execute(&mut conn).await.unwrap();
    sqlx::query("UPDATE shop SET logo = $1").bind(logo).execute(&mut conn).await.unwrap();
    shop.later(hours(30));
    shop.signs_in(&mut owner, OWNER).await;
    for gone in &ids[1..] {
        let form = owner.opens(MUG).await.form("#pictures").with("remove", gone.clone());
        assert_eq!(owner.submits(&form).await.status, 200);
    }
    assert_eq!(shop.hanging(1).await, std::slice::from_ref(stays));
    let there = |name: &String| bucket.objects().iter().filter(|key| key.contains(name.as_str())).count();
    shop.later(hours(23));
    assert_eq!((shop.sweeps().await, there(goes)), (0, 8), "pages that show it are on their way");
    shop.later(hours(2));
    assert_eq!((shop.sweeps().await, there(goes)), (1, 0));
    assert_eq!([stays, ordered, logo].map(there), [8, 8, 8]);
    shop.later(hours(25));
    assert_eq!(shop.sweeps().await, 1, "the one without a row had its day");
    assert_eq!(shop.sweeps().await, 0);
    assert_eq!(bucket.objects().len(), 3 * 8 + 3, "what is not ours stays");
    let picture = format!("/pictures/{ordered}-375.jpg");
    assert_eq!(buyer.opens(&picture).await.status, 200);
    shop.closes().await;
}

#[tokio::test]
async fn a_sweep_and_an_upload_of_the_same_picture_wait_for_each_other() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for round in 0..8 {
        owner.uploads(MUG, &[("a", small(round))]).await;
        let id = fields(owner.page(), "picture").remove(0);
        let form = owner.page().form("#pictures").with("remove", id);
        owner.submits(&form).await;
        shop.later(hours(25));
        shop.signs_in(&mut owner, OWNER).await;
        let files = [("a", small(round))];
        let (page, _) = tokio::join!(owner.uploads(MUG, &files), shop.sweeps());
        assert_eq!(page.status, 200, "{}", page.told());
        let name = shop.hanging(1).await.remove(0);
        let whole = shop.stored().iter().filter(|file| file.starts_with(&name)).count();
        assert_eq!(whole, 8, "round {round}");
        let form = owner.opens(MUG).await.form("#pictures");
        let id = fields(owner.page(), "picture").remove(0);
        owner.submits(&form.with("remove", id)).await;
    }
}
