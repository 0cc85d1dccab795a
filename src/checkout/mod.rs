//! From a choice to a placed order: what was asked for, whether it can be had, and placing it once.

mod form;
mod store;

pub use form::{Ask, Form, Quantity, Wrong};

use crate::catalog::{Offer, TakeError, stock};
use crate::coupons::{self, Held, NotFor, Unusable};
use crate::customers::CustomerId;
use crate::db::{Db, Tx};
use crate::money::Money;
use crate::orders::origin::Origin;
use crate::orders::{self, Begun, Line, NewOrder, OrderId, OrderNumber, PlaceError};
use crate::settings::Delivery;
use crate::text::Language;
use time::OffsetDateTime;
use uuid::Uuid;

/// Who places an order, and in which language.
pub struct Buyer {
    pub visitor: Uuid,
    pub customer: Option<CustomerId>,
    pub language: Language,
    /// Who brought her, where that is known. It is written down with the order, or not at all.
    pub origin: Option<Origin>,
}

/// Why an order was not placed. Nothing is lost: what was typed can be sent again.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("only {left} left")]
    SoldOut { left: u32 },
    #[error("no such variant, or it is not sold any more")]
    NoSuchVariant,
    #[error("this SKU is another variant's now")]
    OtherVariant,
    #[error("the price is {now} now")]
    PriceChanged { now: Money },
    #[error("the freight is {now} now")]
    FreightChanged { now: Money },
    #[error("the coupon takes {now} off now")]
    DiscountChanged { now: Money },
    #[error("the coupon takes nothing off: {0}")]
    Coupon(#[from] Unusable),
    #[error("coupons are for those who have signed in")]
    CouponOfNobody,
    #[error("{most} orders of this buyer wait for her money already")]
    TooManyUnpaid { most: u32 },
    #[error("the same form was sent before with other content")]
    OtherContent,
    #[error("the total is beyond what can be charged")]
    TooMuch,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// Places the order that was asked for, in one transaction with its stock. The same form sent again, at the
/// same time or later, is the same order. The variant, its price, the freight and what a coupon takes off are those of
/// this moment; when they differ from those the buyer was shown she is told instead.
pub async fn place(
    db: &Db,
    ask: &Ask,
    buyer: &Buyer,
    terms: &Delivery,
    now: OffsetDateTime,
) -> Result<OrderNumber, Refused> {
    let digest = ask.digest();
    let id = match orders::begin(&mut *db.reader().await?, ask.key).await? {
        Begun::New(id) => id,
        Begun::Placed(number, before) => return same(number, &before, &digest),
    };
    let refused = match place_now(db, id, ask, buyer, terms, now).await {
        Ok(number) => return Ok(number),
        Err(Refused::Unexpected(error)) => return Err(Refused::Unexpected(error)),
        Err(refused) => refused,
    };
    // The other half of a double click may have placed this very order meanwhile, and that is why.
    placed_before(db, ask.key, &digest).await?.unwrap_or(Err(refused))
}

async fn place_now(
    db: &Db,
    id: OrderId,
    ask: &Ask,
    buyer: &Buyer,
    terms: &Delivery,
    now: OffsetDateTime,
) -> Result<OrderNumber, Refused> {
    let mut tx = db.begin().await?;
    let unpaid = store::unpaid_of(&mut tx, buyer.visitor, buyer.customer).await?;
    if unpaid >= i64::from(terms.most_unpaid) {
        return Err(Refused::TooManyUnpaid { most: terms.most_unpaid });
    }
    // Before the goods, as whoever opens an order again takes them.
    let coupon = hold(&mut tx, ask, buyer, now).await?;
    let offer = stock::take(&mut tx, id.0, &ask.sku, ask.quantity.get(), now).await?;
    let (discount, freight) = priced(&offer, ask, coupon.as_ref(), terms)?;
    let new = NewOrder {
        id,
        checkout_key: ask.key,
        checkout_digest: ask.digest(),
        visitor: buyer.visitor,
        customer: buyer.customer,
        language: buyer.language,
        address: ask.address.clone(),
        note: ask.note.clone(),
        lines: vec![line(&offer, ask.quantity)],
        discount,
        freight,
        pay_until: now + terms.order_expiry,
        origin: buyer.origin.clone(),
    };
    let number = orders::place(&mut tx, &new, now).await?;
    if let Some(coupon) = coupon {
        coupons::used_for(&mut tx, coupon, (id.0, discount), now).await?;
    }
    tx.commit().await?;
    Ok(number)
}

/// The coupon that was asked for, which is nobody else's until the transaction ends.
async fn hold(tx: &mut Tx, ask: &Ask, buyer: &Buyer, now: OffsetDateTime) -> Result<Option<Held>, Refused> {
    let Some(code) = &ask.coupon else { return Ok(None) };
    let customer = buyer.customer.ok_or(Refused::CouponOfNobody)?;
    Ok(Some(coupons::hold(tx, code, customer, now).await??))
}

/// What is taken off the goods, and the freight. The freight is by what the goods cost before that.
fn priced(
    offer: &Offer,
    ask: &Ask,
    coupon: Option<&Held>,
    terms: &Delivery,
) -> Result<(Money, Money), Refused> {
    if ask.shown_variant.is_some_and(|shown| shown != offer.variant) {
        return Err(Refused::OtherVariant);
    }
    if ask.shown_price.is_some_and(|shown| shown != offer.price) {
        return Err(Refused::PriceChanged { now: offer.price });
    }
    let goods = offer.price.times(ask.quantity.get()).ok_or(Refused::TooMuch)?;
    let freight = terms.freight.of(goods);
    if ask.shown_freight.is_some_and(|shown| shown.of(goods) != freight) {
        return Err(Refused::FreightChanged { now: freight });
    }
    let discount = match coupon {
        Some(coupon) => coupon.discount(&[(offer.product, goods)])?,
        None => Money::ZERO,
    };
    if ask.shown_discount.is_some_and(|shown| shown != discount) {
        return Err(Refused::DiscountChanged { now: discount });
    }
    Ok((discount, freight))
}

/// The order that this form placed before, or the refusal when it asked for something else then.
async fn placed_before(
    db: &Db,
    key: Uuid,
    digest: &[u8],
) -> anyhow::Result<Option<Result<OrderNumber, Refused>>> {
    Ok(match orders::begin(&mut *db.reader().await?, key).await? {
        Begun::Placed(number, before) => Some(same(number, &before, digest)),
        Begun::New(_) => None,
    })
}

fn same(number: OrderNumber, before: &[u8], digest: &[u8]) -> Result<OrderNumber, Refused> {
    if before == digest { Ok(number) } else { Err(Refused::OtherContent) }
}

impl From<TakeError> for Refused {
    fn from(error: TakeError) -> Refused {
        match error {
            TakeError::SoldOut { left } => Refused::SoldOut { left },
            TakeError::NoSuchVariant => Refused::NoSuchVariant,
            TakeError::Unexpected(error) => Refused::Unexpected(error.into()),
        }
    }
}

impl From<PlaceError> for Refused {
    fn from(error: PlaceError) -> Refused {
        match error {
            PlaceError::AlreadyPlaced => Refused::OtherContent,
            PlaceError::TooMuch => Refused::TooMuch,
            PlaceError::Unexpected(error) => Refused::Unexpected(error),
        }
    }
}

impl From<NotFor> for Refused {
    fn from(why: NotFor) -> Refused {
        Refused::Coupon(why.into())
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        Refused::Unexpected(error.into())
    }
}

/// What the order remembers of the catalog.
fn line(offer: &Offer, quantity: Quantity) -> Line {
    Line {
        variant: offer.variant,
        product: offer.product,
        sku: offer.sku.to_string(),
        product_slug: offer.slug.to_string(),
        product_name: offer.product_name.clone(),
        choice_name: offer.choice_name.clone(),
        picture: offer.picture.as_ref().map(|picture| picture.name.clone()),
        unit_price: offer.price,
        quantity: quantity.get(),
        paid: Money::ZERO,
    }
}
