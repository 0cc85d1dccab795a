//! A product with three colours in four sizes and two pictures, from nothing to a shopper's checkout.

use crate::support::{Browser, Device, Shop, office, picture};
use anyhow::Context;

const COLOURS: [(&str, &str); 3] = [("竹青", "Bamboo"), ("月白", "Moon"), ("赭石", "Ochre")];
const SIZES: [(&str, &str); 4] = [("小", "S"), ("中", "M"), ("大", "L"), ("特大", "XL")];

#[tokio::test]
async fn a_product_of_twelve_variants_goes_from_nothing_to_checkout() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.is_the_owner(shop).await?;
    her.opens_a_category(shop, "棉麻衣裳").await?;
    let product = her.describes_a_shirt(shop, "linen-shirt", "棉麻衣裳").await?;

    her.says_its_options().await?;
    her.keeps("matrix-to-be-filled-in").await?;
    let prices: Vec<String> = (0..12).map(|row| format!("{}.5", 120 + row)).collect();
    let stock: Vec<String> = (1..=12).map(|row| row.to_string()).collect();
    her.fills_down("price-", &prices).await?;
    her.fills_down("stock-", &stock).await?;
    her.is_told_after(".bulk button[value=save]").await?;
    her.has_no("#matrix .tag.amber").await?;
    her.keeps("matrix-saved").await?;
    assert_eq!(her.values("stock-").await?, stock);

    her.hangs_two_pictures(&product).await?;
    her.keeps("pictures-hung").await?;

    her.goes_to(&product).await?;
    her.clicks("input[name=shelf][value=on]").await?;
    her.clicks("#product button[value=save]").await?;
    her.sees("p.said").await?;
    her.sees(".head .tag.jade").await?;
    her.keeps("product-on-shelf").await?;
    a_shopper_takes_one(shop).await
}

/// In the client: ochre in M is the tenth row of the matrix.
async fn a_shopper_takes_one(shop: &Shop) -> anyhow::Result<()> {
    let shopper = Browser::open(Device::CLIENT).await?;
    shopper.goes_to(&shop.at("/p/linen-shirt")).await?;
    assert_eq!(shopper.attribute(".gallery picture:first-child img", "alt").await?, "挂在竹竿上的衬衫");
    shopper.until("document.querySelector('.gallery img').naturalWidth > 0").await?;
    shopper.keeps("new-product").await?;
    shopper.opens_the_sheet().await?;
    for (axis, choice) in [("颜色", 3), ("尺码", 2)] {
        let option = format!(".axis[aria-label='{axis}'] a.option:nth-of-type({choice})");
        shopper.clicks(&option).await?;
        shopper.sees(&format!("{option}[aria-current]")).await?;
    }
    assert_eq!(shopper.text("#due").await?, "¥129.50");
    shopper.keeps("new-product-sheet").await?;
    shopper.clicks("button.buy").await?;
    assert_eq!(shopper.text("dl.sums dd").await?, "¥129.50");
    assert!(shopper.text(".line small").await?.contains("赭石"));
    shopper.fills_in().await?;
    shopper.places().await.map(|_| ())
}

#[tokio::test]
async fn without_script_the_matrix_and_the_pictures_work_as_well() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::DESKTOP.without_script()).await?;
    her.is_the_owner(shop).await?;
    let product = her.describes_a_shirt(shop, "plain-shirt", "").await?;
    her.clicks("button[value=add-axis]").await?;
    her.fills_all(&[("a1-zh", "尺码"), ("a1-c1-zh", "小"), ("a1-c2-zh", "大")]).await?;
    her.clicks("#options .row button[value=save]").await?;
    her.sees("input[name^='price-']").await?;
    her.picks("#rows", "all").await?;
    her.fills("#by", "66").await?;
    her.clicks("button[value=apply]").await?;
    her.sees("p.said").await?;
    assert_eq!(her.values("price-").await?, ["66.00"; 2]);
    her.clicks(".bulk button[value=save]").await?;
    her.sees("p.said").await?;
    her.hangs_two_pictures(&product).await
}

impl Browser {
    async fn opens_a_category(&self, shop: &Shop, name: &str) -> anyhow::Result<()> {
        self.goes_to(&shop.at("/admin/categories/new")).await?;
        self.fills_all(&[("name-zh", name), ("name-en", "Linen")]).await?;
        self.clicks("#edit button").await?;
        self.sees("p.said").await.map(|_| ())
    }

    /// Its words; the address of its page. Without a category, it gets the first.
    async fn describes_a_shirt(&self, shop: &Shop, slug: &str, category: &str) -> anyhow::Result<String> {
        self.goes_to(&shop.at("/admin/products/new")).await?;
        let words = [
            ("name-zh", "苎麻衬衫"),
            ("name-en", "Ramie shirt"),
            ("summary-zh", "夏天穿的，越洗越软。"),
            ("summary-en", "For summer; softer with every wash."),
            ("slug", slug),
            ("description-zh", "**手工**裁的，三种颜色。"),
            ("description-en", "Cut *by hand*, in three colours."),
        ];
        self.fills_all(&words).await?;
        if category.is_empty() {
            self.clicks("#product #category option:nth-child(2)").await?;
        } else {
            self.picks_named("#product #category", category).await?;
        }
        self.keeps("new-product").await?;
        self.clicks("#product button[value=save]").await?;
        self.sees("#options").await?;
        let address = self.address().await?;
        let product = address.strip_suffix("/variants").context("on to options and prices")?;
        Ok(product.to_owned())
    }

    async fn says_its_options(&self) -> anyhow::Result<()> {
        let axes = [("颜色", "Colour", COLOURS.as_slice()), ("尺码", "Size", SIZES.as_slice())];
        for (a, (zh, en, choices)) in (1..).zip(axes) {
            self.clicks("button[value=add-axis]").await?;
            // Two choices are there to begin with.
            for _ in 2..choices.len() {
                self.sees(&format!("[name=a{a}-zh]")).await?;
                self.clicks(&format!("button[value=add-choice-{a}]")).await?;
            }
            self.sees(&format!("[name=a{a}-c{}-zh]", choices.len())).await?;
            self.fills_all(&[(&format!("a{a}-zh"), zh), (&format!("a{a}-en"), en)]).await?;
            for (c, (zh, en)) in (1..).zip(choices) {
                let (in_zh, in_en) = (format!("a{a}-c{c}-zh"), format!("a{a}-c{c}-en"));
                self.fills_all(&[(&in_zh, zh), (&in_en, en)]).await?;
            }
        }
        self.keeps("options").await?;
        self.clicks("#options .row button[value=save]").await?;
        self.sees("input[name^='price-']").await.map(|_| ())
    }

    /// A PNG and a JPEG, the second of which she makes the cover.
    async fn hangs_two_pictures(&self, product: &str) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let files = [
            picture(folder.path(), "flat.png", [200, 214, 190])?,
            picture(folder.path(), "hung.jpg", [226, 200, 170])?,
        ];
        self.goes_to(&format!("{product}/pictures")).await?;
        self.attaches("#files", &files).await?;
        self.clicks("#upload button").await?;
        self.sees(".pictures li:nth-child(2)").await?;
        self.fills_down("alt-zh-", &["叠好的衬衫", "挂在竹竿上的衬衫"]).await?;
        self.fills_down("alt-en-", &["The shirt, folded", "The shirt on a bamboo pole"]).await?;
        self.clicks(".pictures li:nth-child(2) button[name=move][value$=-first]").await?;
        self.sees("p.said").await?;
        let cover = self.attribute(".pictures li:first-child input[name^='alt-zh-']", "value").await?;
        assert_eq!(cover, "挂在竹竿上的衬衫");
        Ok(())
    }
}
