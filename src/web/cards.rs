//! What Weibo asks about an address of the shop's (protocol: cards.md §3): answered from memory for as long as a
//! product's page is, and counted. Everybody may ask, so nobody may ask too often what has to be looked up.

use super::shop::head;
use super::turns::Turns;
use super::who::client_ip;
use super::{Error, Shop};
use crate::catalog::{self, Product, ProductId, Slug};
use crate::sharing::cards::address::{self, NoCard, Wanted};
use crate::sharing::cards::object::{self, Object};
use crate::sharing::cards::{self, Card, Counts, Finding, Key, Pace};
use crate::sharing::{funnel, links};
use crate::weibo;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use moka::Expiry;
use moka::future::Cache;
use sqlx::PgConnection;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where Weibo asks.
pub const PATH: &str = "/cards/object";

/// Questions a second that have to be looked up: of one address, and of all. A shop's links are opened far less
/// often, and nothing but a moment is lost by coming again. What lies in memory is told to everybody.
const EACH: u32 = 100;
const ALL: u32 = 500;
/// So many questions may be at the database at once: the rest of its connections are for people.
const AT_THE_DATABASE: usize = 2;
/// Nobody waits longer for a place there: coming again costs less than a queue.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long what was counted waits in memory. So much is lost when the power goes, and nothing by a stop.
const BETWEEN_BOOKS: Duration = Duration::from_secs(5);

/// What is kept of the answers, and of who asked.
#[derive(Clone)]
pub struct Cards {
    pace: Arc<Pace>,
    pub counts: Counts,
    answers: Cache<Wanted, Arc<Answer>>,
    few: Arc<Turns>,
    /// How large pictures are, by the names of their files.
    pub sizes: Cache<String, Size>,
}

/// Nothing where the file could not be looked at.
type Size = Option<(u32, u32)>;

/// A file never changes, but may be missing for a while.
struct FilesStay;

impl Expiry<String, Size> for FilesStay {
    fn expire_after_create(&self, _: &String, size: &Size, _: Instant) -> Option<Duration> {
        size.is_none().then_some(Duration::from_mins(1))
    }
}

/// What there is to say of an address.
enum Answer {
    Object(ProductId, Bytes),
    /// It is ours and not to be bought. Who asks is not told that it is there: it may be a product to come.
    Off(ProductId),
    No(NoCard),
}

impl Answer {
    fn told(&self) -> (Key, HttpResponse) {
        match self {
            Answer::Object(product, body) => {
                let mut told = HttpResponse::Ok();
                (
                    Key::Product(*product),
                    told.content_type("application/json; charset=utf-8").body(body.clone()),
                )
            }
            Answer::Off(product) => (Key::Product(*product), refused(NoCard::Unknown)),
            Answer::No(why) => (Key::from(*why), refused(*why)),
        }
    }
}

/// What stands behind an address.
pub enum Found {
    Product(Box<Product>),
    Off(ProductId),
    Nothing,
}

impl Default for Cards {
    fn default() -> Cards {
        Cards {
            pace: Arc::new(Pace::new(EACH, ALL)),
            counts: Counts::default(),
            answers: Cache::builder().max_capacity(4_000).time_to_live(Duration::from_secs(1)).build(),
            few: Arc::new(Turns::new(AT_THE_DATABASE, PATIENCE)),
            sizes: Cache::builder().max_capacity(10_000).expire_after(FilesStay).build(),
        }
    }
}

impl Cards {
    /// Forgets all answers: what they say has just been changed.
    pub fn forget(&self) {
        self.answers.invalidate_all();
    }

    async fn look_up(&self, shop: &Shop, wanted: Wanted) -> Result<Arc<Answer>, Error> {
        let look = async {
            let place = self.few.take().await?;
            let found = find(shop, &wanted).await?;
            // A picture whose file is slow to come keeps nobody from the database.
            drop(place);
            Ok(Arc::new(match found {
                Found::Product(product) => {
                    let object = Drawn::new(shop, &product).await?.object;
                    let body = serde_json::to_vec(&object).map_err(anyhow::Error::from)?;
                    Answer::Object(product.id, body.into())
                }
                Found::Off(product) => Answer::Off(product),
                Found::Nothing => Answer::No(NoCard::Unknown),
            }))
        };
        let made = Box::pin(self.answers.try_get_with(wanted.clone(), look)).await;
        made.map_err(|error: Arc<Error>| error.told_again())
    }
}

/// `GET /cards/object?url=`
pub async fn object(request: HttpRequest, shop: Data<Shop>) -> HttpResponse {
    let (key, told) = answered(&request, &shop).await;
    shop.pages.cards.counts.count(key, !told.status().is_success(), shop.clock.now());
    told
}

/// Only what has to be looked up is charged to whoever asks: Weibo's own questions come from few addresses.
async fn answered(request: &HttpRequest, shop: &Shop) -> (Key, HttpResponse) {
    let desk = &shop.pages.cards;
    let wanted = match asked(request.query_string(), shop) {
        Ok(wanted) => wanted,
        Err(why) => return Answer::No(why).told(),
    };
    if let Some(kept) = desk.answers.get(&wanted).await {
        return kept.told();
    }
    let who = client_ip(request, shop.settings.trusted_proxies);
    if !desk.pace.admits(who, shop.clock.now()) {
        return (Key::TooMany, later(StatusCode::TOO_MANY_REQUESTS, "1", "asked too often"));
    }
    match desk.look_up(shop, wanted).await {
        Ok(answer) => answer.told(),
        Err(error) => {
            // What there is to log of it is logged here.
            drop(error.error_response());
            (Key::Busy, later(StatusCode::SERVICE_UNAVAILABLE, "3", "cannot tell now"))
        }
    }
}

/// The one address that is asked about.
fn asked(query: &str, shop: &Shop) -> Result<Wanted, NoCard> {
    let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "url");
    let (Some((_, url)), None) = (named.next(), named.next()) else { return Err(NoCard::Malformed) };
    address::read(&url, &shop.settings.public_url)
}

fn refused(why: NoCard) -> HttpResponse {
    let malformed = why == NoCard::Malformed;
    let status = if malformed { StatusCode::BAD_REQUEST } else { StatusCode::NOT_FOUND };
    HttpResponse::build(status).json(object::refusal(PATH, status.as_u16(), &why.to_string()))
}

fn later(status: StatusCode, seconds: &'static str, words: &str) -> HttpResponse {
    let refusal = object::refusal(PATH, status.as_u16(), words);
    HttpResponse::build(status).insert_header((RETRY_AFTER, seconds)).json(refusal)
}

/// Follows short links, and products that have another address now.
pub async fn find(shop: &Shop, wanted: &Wanted) -> Result<Found, Error> {
    if let Wanted::Short(code) = wanted
        && !shop.links.knows(&shop.db, code).await?
    {
        return Ok(Found::Nothing);
    }
    let mut conn = shop.db.reader().await?;
    let slug = match wanted {
        Wanted::Product(slug) => slug.clone(),
        Wanted::Short(code) => {
            let path = links::find(&mut conn, code).await?;
            match path.map(|path| address::of_path(&path)) {
                Some(Ok(Wanted::Product(slug))) => slug,
                _ => return Ok(Found::Nothing),
            }
        }
    };
    if let Some(product) = shown(&mut conn, &slug).await? {
        return Ok(product);
    }
    match catalog::whose_slug(&mut conn, &slug).await? {
        Some((id, now)) => Ok(shown(&mut conn, &now).await?.unwrap_or(Found::Off(id))),
        None => Ok(Found::Nothing),
    }
}

async fn shown(conn: &mut PgConnection, slug: &Slug) -> Result<Option<Found>, Error> {
    let product = catalog::find_product(conn, slug).await?;
    Ok(product.map(|product| Found::Product(Box::new(product))))
}

/// The card of a product as Weibo gets it, and what could be better.
pub struct Drawn {
    pub object: Object,
    pub findings: [Finding; 6],
}

impl Drawn {
    pub async fn new(shop: &Shop, product: &Product) -> Result<Drawn, Error> {
        let terms = shop.terms().await?;
        let (name, picture) = (terms.profile.shop_name(), head::picture(shop, product).await);
        let card = Card { product, shop: &name, public_url: &shop.settings.public_url, picture };
        let seller = terms.weibo().ok().map(weibo::Client::seller_id);
        let account = shop.settings.follow.account(seller);
        let object = object::of(&card, account, &terms.cards.price_field);
        Ok(Drawn { object, findings: cards::lint(&card) })
    }
}

/// Writes down now and then what was asked and looked at, until the program ends.
pub async fn keep_books(shop: Shop) {
    loop {
        tokio::time::sleep(BETWEEN_BOOKS).await;
        write_books(&shop).await;
    }
}

/// Writes down what was asked and looked at until now, as nobody else will once the servers have stopped.
pub async fn write_books(shop: &Shop) {
    if let Err(error) = cards::write_down(&shop.db, &shop.pages.cards.counts).await {
        tracing::warn!(error = format!("{error:#}"), "what Weibo asked about cards is not written down yet");
    }
    if let Err(error) = funnel::write_down(&shop.db, &shop.pages.views).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "how often products were looked at is not written down yet"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_kept_and_that_there_is_none_is_soon_looked_up_again() {
        let kept_for = |size| FilesStay.expire_after_create(&"a".to_owned(), &size, Instant::now());
        assert_eq!(kept_for(Some((750, 563))), None, "for as long as there is room");
        assert_eq!(kept_for(None), Some(Duration::from_mins(1)));
    }
}
