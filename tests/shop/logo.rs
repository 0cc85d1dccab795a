//! The shop's logo: from a file of the merchant's to the top of every page, and down again.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::pictures::{bomb, multipart, post, small};
use weipu::catalog::pictures;

const PAGE: &str = "/admin/settings";
const LOGO: &str = ".top .brand img.logo";

async fn uploads(owner: &mut Buyer, files: &[(&str, Vec<u8>)]) -> Page {
    let form = owner.opens(PAGE).await.form("#logo-form");
    assert_eq!(form.fields[0].0, "token", "comes first");
    let ask = post(form.action.clone(), multipart(&form.fields[0].1, files));
    owner.asks(ask).await.clone()
}

#[tokio::test]
async fn a_logo_stands_on_every_page_until_it_is_taken_down() {
    let shop = TestShop::open().await;
    let (mut owner, mut visitor) = (shop.owner().await, shop.phone());
    assert!(!visitor.opens("/").await.has(LOGO));
    let page = uploads(&mut owner, &[("标志.png", small(1))]).await;
    assert!(page.has(".said") && page.has("#logo-form img.logo"), "{}", page.told());
    for at in ["/", "/p/mug", "/en", "/orders"] {
        assert!(visitor.opens(at).await.has(LOGO), "{at}");
    }
    let url = visitor.browser.at(&visitor.page().attribute(LOGO, "src"));
    assert_eq!(visitor.visits(url).await.header("content-type"), "image/jpeg");

    // Texts are saved over what is there, and the picture nobody else names stays.
    let form = owner.opens(PAGE).await.form("form[action='/admin/settings']");
    assert!(owner.submits(&form.with("slogan_zh", "山里的小店")).await.has(".said"));
    shop.later(time::Duration::hours(48));
    let (db, files) = (&shop.app.worker.db, &shop.app.worker.files);
    assert_eq!(pictures::sweep(db, files, shop.clock.now()).await.unwrap(), 0);

    shop.signs_in(&mut owner, crate::support::staff::OWNER).await;
    owner.opens(PAGE).await;
    assert!(owner.presses("#logo-removal").await.has(".said"));
    assert!(!owner.page().has("#logo-removal") && !visitor.opens("/").await.has(LOGO));
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action = 'change-logo'").await, 2);
    assert_eq!(pictures::sweep(db, files, shop.clock.now()).await.unwrap(), 1, "then it goes");
}

#[tokio::test]
async fn what_is_no_picture_is_told_by_the_field_and_nothing_changes() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    uploads(&mut owner, &[("a.png", small(1))]).await;
    let before = "SELECT profile_version FROM shop";
    let version = shop.count(before).await;
    let cases = [
        ("a.png", b"no picture".to_vec(), "不是可用的图片"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(), "不是可用的图片"),
        ("bomb.png", bomb(), "尺寸太大"),
        ("heavy.jpg", vec![0; 20 * 1024 * 1024 + 1], "超过 20 MB"),
        ("", Vec::new(), "还没有选择图片"),
    ];
    for (name, bytes, told) in cases {
        let page = uploads(&mut owner, &[(name, bytes)]).await;
        assert_eq!(page.status, 422, "{name}");
        assert!(page.wrong("file").contains(told), "{name}: {}", page.told());
        assert!(page.has("#logo-form img.logo"), "the one before stays");
    }
    assert_eq!(shop.count(before).await, version);
    // Twice the same is no change; two at once leave one of them.
    uploads(&mut owner, &[("a.png", small(1))]).await;
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action = 'change-logo'").await, 1);
}
