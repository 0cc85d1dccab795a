//! Coupons as the merchant makes them, and whom they are given to.

use super::TestShop;
use super::buyer::Buyer;
use super::goods::{NOON, text};
use super::page::Page;
use time::Duration;
use uuid::Uuid;
use weipu::coupons::{self, Coupon, CouponId, GiveError, Given, Lasts, Off, Source, Terms, To, Wanted};
use weipu::customers::CustomerId;
use weipu::money::Money;

pub fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

/// So much off from so much on: a hundred of them, one for each buyer, for a month, each good for a week.
pub fn off(amount: i64, from: i64) -> Wanted {
    Wanted {
        name: text(&format!("满{}减{}", from / 100, amount / 100), "Ten off"),
        terms: Terms { off: Off::Fixed(fen(amount)), threshold: fen(from), products: Vec::new() },
        total: 100,
        each: 1,
        given_from: NOON,
        given_until: NOON + Duration::days(30),
        lasts: Lasts::Days(7),
        listed: true,
    }
}

impl TestShop {
    pub async fn has_coupon(&self, wanted: &Wanted) -> Coupon {
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let form = Uuid::new_v4();
        let (id, _) = coupons::create(&mut tx, form, wanted, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        self.app.shop.pages.forget();
        self.coupon(id).await
    }

    pub async fn coupon(&self, id: CouponId) -> Coupon {
        coupons::find(&mut self.database.connect().await, id).await.unwrap().unwrap()
    }

    /// Somebody who signed in once.
    pub async fn knows(&self, account: i64) -> CustomerId {
        let sql = "INSERT INTO customers (weibo_uid, screen_name, created_at, signed_in_at)
            VALUES ($1, '客人', $2, $2) ON CONFLICT (weibo_uid) DO UPDATE SET weibo_uid = $1 RETURNING id";
        let made = sqlx::query_scalar(sql).bind(account).bind(self.clock.now());
        CustomerId(made.fetch_one(&mut self.database.connect().await).await.unwrap())
    }

    pub async fn tries_to_give(&self, coupon: CouponId, to: CustomerId) -> Result<Given, GiveError> {
        let mut tx = self.app.shop.db.begin().await?;
        let to = To { customer: to, source: Source::Link, had: None };
        let given = coupons::give(&mut tx, coupon, to, self.clock.now()).await?;
        tx.commit().await?;
        Ok(given)
    }

    /// Makes it, and gives one to who has this account.
    pub async fn gives(&self, wanted: &Wanted, account: i64) -> Given {
        let (coupon, customer) = (self.has_coupon(wanted).await, self.knows(account).await);
        self.tries_to_give(coupon.id, customer).await.unwrap()
    }

    /// Somebody in the client who has signed in with this account.
    pub async fn signed_in_as(&self, account: i64) -> Buyer {
        let mut buyer = self.desktop();
        buyer.opens("/oauth/weibo?next=/orders").await;
        buyer.signs_in_as(account).await;
        buyer
    }

    /// How a coupon that was given stands.
    pub async fn state(&self, given: &Given) -> String {
        let sql = "SELECT state FROM coupons_given WHERE id = $1";
        sqlx::query_scalar(sql).bind(given.id).fetch_one(&mut self.database.connect().await).await.unwrap()
    }
}

impl Buyer {
    /// At the checkout with so many of this.
    pub async fn checks(&mut self, sku: &str, quantity: u32) -> &Page {
        self.opens(&format!("/checkout?variant={sku}&quantity={quantity}")).await
    }
}

impl Page {
    /// What is to be paid, as the button says it.
    pub fn due(&self) -> String {
        self.text(".submit button")
    }
}
