//! What a page of the window says of itself in its head, to Weibo and to whoever else reads pages.

use crate::catalog::{self, Format, Product, Width};
use crate::sharing::cards::object::{self, Meta};
use crate::sharing::cards::{self, Card, JsonLd, Picture};
use crate::text::Language;
use crate::web::page::Page;
use crate::web::{Shop, words::Words};
use std::time::Duration;

/// A page does not wait longer for the size of its picture.
const PATIENCE: Duration = Duration::from_millis(300);

/// Stands in templates as `head`, in `shop/head.html`.
pub struct Head {
    /// The whole address that others shall know the page by.
    pub canonical: String,
    /// The page in each language, and which of them is for those who speak neither.
    pub alternates: [(&'static str, String); 3],
    /// Meta tags called by `property`, and those called by `name`.
    pub properties: Vec<Meta>,
    pub names: Vec<Meta>,
    pub json_ld: Option<JsonLd>,
}

impl askama::filters::HtmlSafe for JsonLd {}

impl Head {
    /// Of the page at `path`, which names no language. Weibo wants a description: the title has to do for one.
    pub fn new(shop: &Shop, page: &Page, path: &str, (title, description): (&str, &str)) -> Head {
        let at = |language| shop.settings.absolute(&Words(language).path(path));
        let canonical = at(page.words.0);
        let mut head = Head {
            alternates: [
                ("zh-CN", at(Language::Chinese)),
                ("en", at(Language::English)),
                ("x-default", at(Language::Chinese)),
            ],
            properties: Vec::new(),
            names: Vec::new(),
            json_ld: None,
            canonical: canonical.clone(),
        };
        let locale = if page.words.0 == Language::English { "en_US" } else { "zh_CN" };
        head.put("og:type", "website");
        head.put("og:url", &canonical);
        head.put("og:title", title);
        head.put("og:description", if description.is_empty() { title } else { description });
        head.put("og:site_name", page.text(&page.shop_name));
        head.put("og:locale", locale);
        head
    }

    /// Of a product's page: a commodity card.
    pub async fn of_product(shop: &Shop, page: &Page, product: &Product) -> Head {
        let (name, summary) = (page.text(&product.name), page.text(&product.summary));
        let mut head = Head::new(shop, page, &format!("/p/{}", product.slug), (name, summary));
        head.put("og:type", "product");
        let picture = picture(shop, product).await;
        if let Some(picture) = &picture {
            head.show(&picture.url, picture.size);
        }
        let card = Card { product, shop: &page.shop_name, public_url: &shop.settings.public_url, picture };
        head.names = object::tags(&card, page.words.0);
        // The light app's pages are for nobody who reads pages.
        head.json_ld = page.framed.is_none().then(|| cards::describe(&card, page.words.0));
        head
    }

    /// In the place of what was said before. What is empty is not said.
    fn put(&mut self, name: &'static str, content: &str) {
        self.properties.retain(|said| said.name != name);
        if !content.is_empty() {
            self.properties.push(Meta { name, content: content.to_owned() });
        }
    }

    /// Shows a picture, and tells how large it is where that is known.
    pub fn show(&mut self, url: &str, size: Option<(u32, u32)>) {
        self.put("og:image", url);
        if let Some((width, height)) = size {
            self.put("og:image:width", &width.to_string());
            self.put("og:image:height", &height.to_string());
        }
    }

    /// The same for one of ours by its name, whose size nobody needs.
    pub fn show_named(&mut self, shop: &Shop, name: &str) {
        self.show(&shop.settings.absolute(&format!("/pictures/{name}-750.jpg")), None);
    }

    /// Proves to Weibo whose the address is.
    pub fn prove(&mut self, verification: &str) {
        self.put(object::VERIFICATION, verification);
    }
}

/// A product's cover as others are shown it.
pub async fn picture(shop: &Shop, product: &Product) -> Option<Picture> {
    let cover = product.cover()?;
    let file = |width| cover.file(width, Format::Jpeg);
    let at = |width| shop.settings.absolute(&format!("/pictures/{}", file(width)));
    let (shown, large) = (Width::Px750, Width::Px1080);
    Some(Picture { url: at(shown), large: at(large), size: size(shop, &file(shown), shown).await })
}

/// How large this picture is as others are shown it; nothing while its file cannot be looked at.
pub async fn measured(shop: &Shop, picture: &catalog::Picture) -> Option<(u32, u32)> {
    size(shop, &picture.file(Width::Px750, Format::Jpeg), Width::Px750).await
}

/// How large a picture is. Looked up once, and now and then while its file is missing.
async fn size(shop: &Shop, file: &str, width: Width) -> Option<(u32, u32)> {
    let look = async {
        if shop.easel.has(file) {
            // What it draws is a square, whether or not it has drawn it yet.
            return Some((width.pixels(), width.pixels()));
        }
        let read = tokio::time::timeout(PATIENCE, shop.files.read(file)).await;
        catalog::pictures::size(&read.ok()?.ok()??)
    };
    Box::pin(shop.pages.cards.sizes.get_with_by_ref(file, look)).await
}
