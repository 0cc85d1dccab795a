//! One product: where a commodity card leads.

use crate::catalog::description::{SafeHtml, render};
use crate::catalog::{self, Availability, ChoiceId, Picture, Product, ProductId, Sku, Slug, Variant};
use crate::coupons::{Coupon, Open};
use crate::settings::Freight;
use crate::web::finish::OnlyLooked;
use crate::web::page::{Page, permanently, shared};
use crate::web::shop::head::Head;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "shop/product.html")]
struct ProductPage {
    page: Page,
    product: Product,
    shown: Variant,
    /// She is in the middle of choosing: the sheet stays open.
    choosing: bool,
    /// What is said of it: the commodity card.
    head: Head,
    /// Weibo's adaptive-height script, in the client only.
    appclient: Option<String>,
    most: u32,
    freight: Freight,
    description: SafeHtml,
    /// What can be taken and used for it: the path of its page, its name and its terms.
    coupons: Vec<(String, String, String)>,
    /// Staff look at it before anybody else does: nothing can be bought.
    preview: bool,
}

#[derive(Deserialize)]
pub struct Choosing {
    variant: Option<String>,
}

impl askama::filters::HtmlSafe for SafeHtml {}

impl ProductPage {
    async fn new(shop: &Shop, page: Page, product: Product, sku: Option<Sku>) -> Result<ProductPage, Error> {
        let choosing = sku.is_some();
        // Of one axis all are seen at once: what is chosen for her can be had.
        let simple = product.axes.len() < 2;
        let shown = sku.and_then(|sku| product.variant(&sku)).filter(|v| !(simple && v.is_sold_out()));
        let shown = shown.or(product.first_variant()).ok_or(Error::NotFound)?.clone();
        let head = Head::of_product(shop, &page, &product).await;
        // Drawn here and not kept: the page is, for a second, and a stricter rule counts at once.
        let description = render(page.text(&product.description));
        let coupons = offered(shop, &page, product.id).await?;
        let terms = shop.terms().await?;
        let (most, freight) = (terms.delivery.most_per_order, terms.delivery.freight);
        Ok(ProductPage {
            page,
            product,
            shown,
            choosing,
            head,
            appclient: None,
            most,
            freight,
            description,
            coupons,
            preview: false,
        })
    }

    /// Products of one axis are chosen by a radio button; of more, by links that the server marks.
    fn is_simple(&self) -> bool {
        self.product.axes.len() < 2
    }

    /// Whether a picture leads to itself in large; in a frame it would leave the page, or replace the shop in it.
    fn opens_pictures(&self) -> bool {
        self.page.framed.is_none() && !self.preview
    }

    /// Where picking this choice leads.
    fn picking(&self, choice: &ChoiceId) -> String {
        let sku =
            self.product.picking(&self.shown, *choice).map_or(self.shown.sku.as_str(), |v| v.sku.as_str());
        if self.preview {
            return format!("?language={}&variant={sku}#choose", self.page.lang());
        }
        self.page.window("/p/", format_args!("{}?variant={sku}", self.product.slug)) + "#choose"
    }

    fn is_picked(&self, choice: &ChoiceId) -> bool {
        self.shown.has(*choice)
    }

    /// A word for a choice that cannot be had with the others that are picked; empty when it can.
    fn lack(&self, choice: &ChoiceId) -> String {
        match self.product.availability(*choice, &self.shown.choices) {
            Availability::InStock => String::new(),
            Availability::SoldOut => self.page.say("sold-out"),
            Availability::Missing => self.page.say("not-made"),
        }
    }

    fn shown_name(&self) -> String {
        self.page.text(&self.product.choice_names(&self.shown)).to_owned()
    }

    /// Of which one can be told that it is back.
    fn sold_out(&self) -> Vec<&Variant> {
        self.product.variants.iter().filter(|variant| variant.is_sold_out()).collect()
    }

    fn name_of(&self, variant: &Variant) -> String {
        self.page.text(&self.product.choice_names(variant)).to_owned()
    }

    /// `运费 ¥8.00，满 ¥99.00 包邮`
    fn freight(&self) -> String {
        if self.freight.is_free() {
            return self.page.say("free-freight");
        }
        let fee = self.page.say_with("freight-fee", "fee", self.freight.fee);
        match self.freight.free_from {
            Some(from) => fee + &self.page.say_with("freight-free-from", "from", from),
            None => fee,
        }
    }

    /// What a picture shows; the product's name where the merchant has not said.
    fn alt<'a>(&'a self, picture: &'a Picture) -> &'a str {
        let said = self.page.text(&picture.alt);
        if said.is_empty() { self.page.text(&self.product.name) } else { said }
    }

    fn most_now(&self) -> u32 {
        self.shown.stock.min(self.most)
    }
}

/// So many coupons are told of on one page.
const COUPONS: usize = 3;

/// The coupons that can be taken now and used for this product. From memory.
async fn offered(
    shop: &Shop,
    page: &Page,
    product: ProductId,
) -> Result<Vec<(String, String, String)>, Error> {
    let now = shop.clock.now();
    let open = shop.pages.coupons(&shop.db, now).await?;
    let hold = open.iter().filter(|it| it.open(now) == Open::Yes && it.wanted.terms.is_for(product));
    let told = |coupon: &Coupon| {
        let path = page.knowing(&format!("/coupons/{}", coupon.slug));
        (path, page.text(&coupon.wanted.name).to_owned(), page.words.coupon(&coupon.wanted.terms))
    };
    Ok(hold.take(COUPONS).map(told).collect())
}

pub async fn show(
    slug: Path<String>,
    choosing: Query<Choosing>,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| Error::NotFound)?;
    // Only well-formed codes reach the cache's key.
    let sku = choosing.variant.as_deref().and_then(|sku| Sku::parse(sku).ok());
    let wanted = sku.as_ref().map_or("", Sku::as_str);
    let key = format!("/p/{slug}?{wanted} {} {}", reader.language.code(), reader.route.as_str());
    let appclient = shop.settings.appclient.as_ref().filter(|_| reader.route == Route::Client);
    let made = shop.pages.page(key, async || {
        let made = found(&shop, Page::new(&shop, &reader).await, &slug, sku).await?;
        let appclient = appclient.map(ToString::to_string);
        Ok(ProductPage { appclient, ..made }.render()?)
    });
    match made.await {
        Ok(made) => {
            looked_at(&shop, &request, &slug, choosing.variant.is_some());
            Ok(made.respond(&request, shared(appclient)))
        }
        Err(Error::NotFound) => moved(&shop, &slug, &request).await,
        Err(error) => Err(error),
    }
}

/// Counts that somebody has opened its page: neither whoever only asks whether it is there, nor whoever picks another
/// variant on it.
pub fn looked_at(shop: &Shop, request: &HttpRequest, slug: &Slug, picks: bool) {
    if picks || request.extensions().contains::<OnlyLooked>() {
        return;
    }
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    shop.pages.views.count(slug, agent.unwrap_or_default(), shop.clock.now());
}

/// The page of a product that is on the shelf.
async fn found(shop: &Shop, page: Page, slug: &Slug, sku: Option<Sku>) -> Result<ProductPage, Error> {
    let product = catalog::find_product(&mut *shop.db.reader().await?, slug).await?;
    ProductPage::new(shop, page, product.ok_or(Error::NotFound)?, sku).await
}

/// The same in this frame.
pub async fn draw(shop: &Shop, page: Page, slug: &Slug, sku: Option<Sku>) -> Result<String, Error> {
    Ok(found(shop, page, slug, sku).await?.render()?)
}

/// Where a product went that had this address before.
pub async fn moved(shop: &Shop, slug: &Slug, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let now = catalog::moved_product(&mut *shop.db.reader().await?, slug).await?;
    Ok(permanently(request, slug, &now.ok_or(Error::NotFound)?))
}

/// The page of a product that may not be on the shelf, for those who run the shop. Has at least one variant.
pub async fn preview(shop: &Shop, page: Page, product: Product, sku: Option<Sku>) -> Result<String, Error> {
    // In the back office nobody else's script runs.
    let page = Page { jsapi: None, ..page };
    Ok(ProductPage { preview: true, ..ProductPage::new(shop, page, product, sku).await? }.render()?)
}
