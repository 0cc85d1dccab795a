//! The studio: how each card stands and what it brought, its links and codes, and campaigns.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{Duration, TestShop, minutes};
use weipu::catalog::{self, Slug};
use weipu::staff::Role;
use weipu::web::write_books;

impl TestShop {
    /// The id of a product.
    pub async fn id_of(&self, slug: &str) -> i64 {
        let mut conn = self.app.shop.db.reader().await.unwrap();
        catalog::find_product(&mut conn, &Slug::parse(slug).unwrap()).await.unwrap().unwrap().id.0
    }

    /// What is counted in memory is written down, as it is every few seconds.
    async fn keeps_books(&self) {
        write_books(&self.app.shop).await;
    }
}

/// How often a step of a card's funnel happened, as the list says it.
fn step(page: &Page, slug: &str, step: &str) -> String {
    page.text(&format!("tr[data-card='{slug}'] td[data-step='{step}']"))
}

/// Somebody buys a mug whom this link has brought.
async fn buys_by(shop: &TestShop, path: &str) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.opens(path).await;
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer
}

fn short(page: &Page, css: &str) -> String {
    let address = page.attribute(css, "value");
    url::Url::parse(&address).unwrap().path().to_owned()
}

#[tokio::test]
async fn the_list_says_how_each_card_stands_and_what_it_brought() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mug = shop.id_of("mug").await;
    let page = owner.opens(&format!("/admin/sharing/cards/{mug}")).await;
    assert!(
        page.has("#card .card-previews") && page.has("#card [data-point='title-good']"),
        "{}",
        page.told()
    );
    assert!(!page.has("#link input[readonly]"), "a link is made by a press, not by a look");
    let page = owner.presses("#make-link").await;
    let path = short(page, "#link input[readonly]");
    owner.opens(&format!("/admin/sharing/cards/{mug}")).await;
    assert!(!owner.page().has("#make-link"), "there is one");
    assert_eq!(shop.count("SELECT count(*) FROM short_links WHERE source = 'product'").await, 1);

    buys_by(&shop, &path).await;
    // Nobody is behind these.
    for agent in ["Mozilla/5.0 (compatible; Baiduspider/2.0)", ""] {
        shop.visitor(agent).opens("/p/mug").await;
    }
    let mut head = shop.buyer();
    let at = head.browser.at("/p/mug");
    head.asks(Ask { method: reqwest::Method::HEAD, ..Ask::get(at) }).await;
    head.opens("/p/mug?variant=mug").await;
    shop.keeps_books().await;
    let page = owner.opens("/admin/sharing").await;
    let told = ["clicks", "views", "placed", "paid", "reposted"].map(|name| step(page, "mug", name));
    assert_eq!(told, ["1", "1", "1", "1", "0"], "{}", page.told());
    assert_eq!(page.attribute("tr[data-card='mug'] [data-stands]", "data-stands"), "on");
    assert_eq!(
        page.attribute("tr[data-card='mug'] [data-grade]", "data-grade"),
        "bad",
        "127.0.0.1 leads nowhere"
    );
    let page = owner.opens("/admin/sharing?q=%E6%9D%AF").await;
    assert!(page.has("tr[data-card='mug']"), "{}", page.told());
    assert!(!owner.opens("/admin/sharing?q=nothing-like-it").await.has("tr[data-card]"));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_sold_out_or_off_the_shelf_is_told_so() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mug = shop.id_of("mug").await;
    shop.restocks("mug", 0).await;
    let page = owner.opens("/admin/sharing").await;
    assert_eq!(page.attribute("tr[data-card='mug'] [data-stands]", "data-stands"), "sold-out");
    shop.runs("UPDATE products SET on_shelf = false WHERE slug = 'mug'").await;
    let page = owner.opens(&format!("/admin/sharing/cards/{mug}")).await;
    assert_eq!(page.attribute("#standing", "data-stands"), "off");
    assert!(page.has("#card [data-point='stock-gone']"), "{}", page.told());
    assert_eq!(owner.opens("/admin/sharing/cards/999999").await.status, 404);
    shop.counts_all_again().await;
    shop.closes().await;
}

#[tokio::test]
async fn a_code_leads_where_its_link_does_and_is_a_picture() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mug = shop.id_of("mug").await;
    owner.opens(&format!("/admin/sharing/cards/{mug}")).await;
    let path = short(owner.presses("#make-link").await, "#link input[readonly]");
    let code = path.rsplit('/').next().unwrap().to_owned();
    let page = owner.opens(&format!("/admin/sharing/links/{code}/code.png")).await;
    assert_eq!(page.header("content-type"), "image/png");
    let page = owner.opens(&format!("/admin/sharing/links/{code}/code.svg")).await;
    assert_eq!(page.header("content-type"), "image/svg+xml");
    assert!(page.body.contains("<svg"), "{:.100}", page.body);
    for nobody in ["00000000", "short", "%00", "..%2f..%2fetc"] {
        assert_eq!(owner.opens(&format!("/admin/sharing/links/{nobody}/code.png")).await.status, 404);
    }
    shop.closes().await;
}

async fn campaign(owner: &mut Buyer, name: &str) -> i64 {
    owner.opens("/admin/sharing/campaigns").await;
    let form = owner.page().form("#campaign").with("campaign-name", name);
    let page = owner.submits(&form).await;
    page.url.path().rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{}", page.told()))
}

#[tokio::test]
async fn a_campaign_knows_what_each_of_its_links_brought() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    // Clicks are counted by the minute, and moments are not whole minutes.
    shop.later(Duration::seconds(30));
    let id = campaign(&mut owner, "直播间").await;
    let form = owner.page().form("#add-link").with("campaign-product", "mug");
    owner.submits(&form).await;
    owner.submits(&form).await;
    let again = owner.page().form("#add-link").with("campaign-product", format!("{}p/mug?x=1#y", shop.base));
    owner.submits(&again).await;
    shop.later(minutes(1));
    let form = owner.page().form("#add-link").with("campaign-product", "");
    owner.submits(&form).await;
    assert_eq!(
        shop.count("SELECT count(*) FROM campaign_links").await,
        2,
        "pressed thrice, there is one to the mug"
    );
    let page = owner.page();
    let paths = page.all("#ways input[readonly]", "value");
    let mug = url::Url::parse(&paths[0]).unwrap().path().to_owned();
    let home = url::Url::parse(&paths[1]).unwrap().path().to_owned();
    buys_by(&shop, &mug).await;
    let mut looks = shop.buyer();
    assert_eq!(looks.opens(&home).await.url.path(), "/");
    let page = owner.opens(&format!("/admin/sharing/campaigns/{id}")).await;
    for (way, path, paid) in [(1, &mug, "1"), (2, &home, "0")] {
        let way = format!("#ways li:nth-child({way})");
        assert!(page.attribute(&format!("{way} input"), "value").ends_with(path.as_str()));
        let told = ["clicks", "paid"].map(|step| page.text(&format!("{way} [data-step='{step}']")));
        assert_eq!(told, ["1", paid], "{}", page.told());
    }
    assert_eq!(page.text("#funnel tr[data-step='placed'] td"), "1");
    let page = owner.opens("/admin/sharing/campaigns").await;
    assert!(page.text(&format!("tr[data-campaign='{id}']")).contains("39.90"), "{}", page.told());
    // Its sales count for the card too.
    assert_eq!(step(owner.opens("/admin/sharing").await, "mug", "paid"), "1");
    shop.closes().await;
}

#[tokio::test]
async fn a_closed_campaign_gets_no_link_and_those_that_it_has_lead_on() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let id = campaign(&mut owner, "包裹卡").await;
    let form = owner.page().form("#add-link").with("campaign-product", "mug");
    let path = short(owner.submits(&form).await, "#ways input[readonly]");
    let another = owner.page().form("#add-link").with("campaign-product", "");
    owner.presses("#closing").await;
    assert!(!owner.page().has("#add-link"));
    assert_eq!(owner.submits(&another).await.status, 422, "a form from before");
    let mut looks = shop.buyer();
    assert_eq!(looks.opens(&path).await.url.path(), "/p/mug");
    owner.opens(&format!("/admin/sharing/campaigns/{id}")).await;
    owner.presses("#closing").await;
    owner.submits(&another).await;
    assert_eq!(shop.count("SELECT count(*) FROM campaign_links").await, 2);
    shop.closes().await;
}

#[tokio::test]
async fn what_nobody_should_type_is_refused_and_kept() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/sharing/campaigns").await;
    let form = owner.page().form("#campaign");
    let long = "长".repeat(61);
    for name in ["", "   ", "a\0b", &long] {
        let page = owner.submits(&form.clone().with("campaign-name", name)).await;
        assert_eq!(page.status, 422, "{name:?}");
        assert!(page.has("#campaign-name-wrong"), "{name:?}: {}", page.told());
    }
    let both = form.clone().with("campaign-name", "一次");
    owner.submits(&both).await;
    owner.submits(&both).await;
    assert_eq!(shop.count("SELECT count(*) FROM campaigns").await, 1, "one form makes one");
    let add = owner.page().form("#add-link");
    for product in ["no-such-mug", "a\0b", "../admin", &"x".repeat(5000)] {
        let page = owner.submits(&add.clone().with("campaign-product", product)).await;
        assert_eq!(page.status, 422, "{product:.20}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM campaign_links").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn two_presses_at_once_make_one_link() {
    let shop = TestShop::open().await;
    let mut a = shop.owner().await;
    let mug = shop.id_of("mug").await;
    a.opens(&format!("/admin/sharing/cards/{mug}")).await;
    let form = a.page().form("#make-link");
    let mut b = shop.desktop();
    b.browser.cookies = a.browser.cookies.clone();
    tokio::join!(a.submits(&form), b.submits(&form));
    assert_eq!(shop.count("SELECT count(*) FROM short_links WHERE source = 'product'").await, 1);
    campaign(&mut a, "两个人").await;
    let form = a.page().form("#add-link").with("campaign-product", "mug");
    b.browser.cookies = a.browser.cookies.clone();
    tokio::join!(a.submits(&form), b.submits(&form));
    assert_eq!(shop.count("SELECT count(*) FROM campaign_links").await, 1);
    shop.later(minutes(1));
    shop.closes().await;
}

#[tokio::test]
async fn who_only_looks_sees_the_cards_and_no_button() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mug = shop.id_of("mug").await;
    let mut reader = shop.member("小看", Role::ReadOnly).await;
    for path in ["/admin/sharing", "/admin/sharing/campaigns", "/admin/sharing/posts"] {
        assert_eq!(reader.opens(path).await.status, 200, "{path}");
    }
    let page = reader.opens(&format!("/admin/sharing/cards/{mug}")).await;
    assert!(
        page.has("#card") && !page.has("#make-link") && !page.has("a[href*='/posts/new']"),
        "{}",
        page.told()
    );
    let token = page.attribute("form[action='/admin/sign-out'] [name=token]", "value");
    for path in [format!("cards/{mug}/link"), "campaigns".into(), "posts".into(), "account".into()] {
        let at = reader.browser.at(&format!("/admin/sharing/{path}"));
        let page = reader.asks(Ask::post(at, format!("token={token}&campaign-name=x"))).await;
        assert_eq!(page.status, 403, "{path}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM short_links").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_card_goes_on_by_message_with_one_link() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mug = shop.id_of("mug").await;
    owner.opens(&format!("/admin/sharing/cards/{mug}")).await;
    let page = owner.follows("#forward a[href*='/broadcasts/new']").await;
    assert_eq!(page.value_of("#broadcast", "card-1-product"), "mug", "{}", page.told());
    assert!(page.has("[name=kind][value=cards][checked]"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn a_link_to_an_address_that_another_product_took_is_not_its_own() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mug = shop.id_of("mug").await;
    let card = format!("/admin/sharing/cards/{mug}");
    owner.opens(&card).await;
    owner.presses("#make-link").await;
    let id = campaign(&mut owner, "改名").await;
    let form = owner.page().form("#add-link").with("campaign-product", "mug");
    owner.submits(&form).await;
    shop.runs("UPDATE products SET slug = 'cup' WHERE slug = 'mug'").await;
    assert!(owner.opens(&card).await.has("#link input[readonly]"), "its old address leads on");
    shop.runs("UPDATE products SET slug = 'mug' WHERE slug = 'longjing'").await;
    assert!(owner.opens(&card).await.has("#make-link"), "{}", owner.page().told());
    // The campaign's link to that address was made for the other one: nothing is made, and nothing claimed.
    owner.opens(&format!("/admin/sharing/campaigns/{id}")).await;
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 422, "{}", page.told());
    let noted = shop.count("SELECT count(*) FROM audit WHERE action = 'make-campaign-link'").await;
    assert_eq!((noted, shop.count("SELECT count(*) FROM campaign_links").await), (1, 1));
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_asked_in_vain_is_told_on_the_card() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mug = shop.id_of("mug").await;
    let card = format!("/admin/sharing/cards/{mug}");
    assert!(!owner.opens(&card).await.has("#asked"), "nobody has asked");
    shop.runs("UPDATE products SET on_shelf = false WHERE slug = 'mug'").await;
    shop.buyer().opens(&format!("/cards/object?url={}p/mug", shop.base)).await;
    let page = owner.opens(&card).await;
    assert_eq!(page.text("#asked [data-step='refusals']"), "1", "{}", page.told());
    assert!(page.has("#asked time") && page.has("#brought a[href='/admin/cards']"));
    assert_eq!(page.text("#funnel tr[data-step='calls'] td"), "0");
    shop.closes().await;
}
