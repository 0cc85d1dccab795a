//! The checkout form: as it was typed, as it was meant, and what is wrong with it. Pure.

use crate::catalog::{Sku, VariantId};
use crate::coupons::Code;
use crate::customers::{self, Address, AddressForm};
use crate::money::Money;
use crate::settings::Freight;
use ring::digest::{Context, SHA256};
use uuid::Uuid;

/// The form as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub variant: String,
    pub quantity: String,
    pub address: AddressForm,
    pub note: String,
    /// The code of the coupon that was chosen; empty for none.
    pub coupon: String,
    /// One that was typed: it counts more.
    pub coupon_code: String,
    /// Made when the form was shown; makes it work once.
    pub key: String,
    /// The id of the variant that was shown: by now its SKU may be another's. Only compared.
    pub shown_variant: String,
    /// The price of one piece that was shown, in fen. Never charged, only compared.
    pub shown_price: String,
    /// The freight's terms that were shown, as [`Freight::marked`] writes them. Only compared, too.
    pub shown_freight: String,
    /// What the coupon takes off, as it was shown, in fen. Never charged, only compared, too.
    pub shown_discount: String,
}

/// What was asked for, every part of it well-formed.
#[derive(Debug, Clone)]
pub struct Ask {
    pub sku: Sku,
    pub quantity: Quantity,
    pub address: Address,
    pub note: String,
    pub coupon: Option<Code>,
    pub key: Uuid,
    pub shown_variant: Option<VariantId>,
    pub shown_price: Option<Money>,
    pub shown_freight: Option<Freight>,
    pub shown_discount: Option<Money>,
}

/// How many pieces: at least one, and no more than the shop sells in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(u32);

/// What is wrong, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Variant,
    Quantity,
    Address(customers::Field, customers::Wrong),
    Note(customers::Wrong),
    /// Nothing that a code could be.
    Coupon,
    Key,
}

const NOTE: usize = 200;

impl Quantity {
    /// From one to `most`. Digits only: no sign, no point, no blank within.
    pub fn parse(text: &str, most: u32) -> Option<Quantity> {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten()?;
        (1..=most).contains(&number).then_some(Quantity(number))
    }

    pub fn get(self) -> u32 {
        self.0
    }
}

impl Form {
    /// Everything that is wrong, not only the first. One order takes at most `most` pieces.
    pub fn read(&self, most: u32) -> Result<Ask, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let sku = self.variant.parse::<Sku>().map_err(|_| wrong.push(Wrong::Variant)).ok();
        let quantity = Quantity::parse(&self.quantity, most);
        if quantity.is_none() {
            wrong.push(Wrong::Quantity);
        }
        let address = self.address.read().map_err(|fields| {
            wrong.extend(fields.into_iter().map(|(field, why)| Wrong::Address(field, why)));
        });
        let note = customers::paragraph(&self.note, NOTE).map_err(|why| wrong.push(Wrong::Note(why)));
        let coupon = self.code().map_err(|why| wrong.push(why));
        let key = Uuid::parse_str(self.key.trim()).map_err(|_| wrong.push(Wrong::Key)).ok();
        match (sku, quantity, address, note, coupon, key) {
            (Some(sku), Some(quantity), Ok(address), Ok(note), Ok(coupon), Some(key)) => Ok(Ask {
                sku,
                quantity,
                address,
                note,
                coupon,
                key,
                shown_variant: self.shown_variant(),
                shown_price: Money::parse_fen(&self.shown_price),
                shown_freight: Freight::parse_marked(&self.shown_freight),
                shown_discount: Money::parse_fen(&self.shown_discount),
            }),
            _ => Err(wrong),
        }
    }

    /// The code of the coupon that shall be used, if one shall.
    pub fn code(&self) -> Result<Option<Code>, Wrong> {
        let typed = [&self.coupon_code, &self.coupon].into_iter().map(|text| text.trim());
        match typed.into_iter().find(|text| !text.is_empty()) {
            Some(text) => Code::parse(text).map(Some).ok_or(Wrong::Coupon),
            None => Ok(None),
        }
    }

    /// The variant that was shown, where the form says which.
    pub fn shown_variant(&self) -> Option<VariantId> {
        self.shown_variant.trim().parse().ok().map(VariantId)
    }
}

impl Ask {
    /// The same for the same wishes, whatever the form looked like.
    pub fn digest(&self) -> Vec<u8> {
        let quantity = self.quantity.0.to_string();
        let to = &self.address;
        let parts = [
            self.sku.as_str(),
            &quantity,
            &to.recipient,
            &to.phone,
            &to.province,
            &to.city,
            &to.district,
            &to.street,
            &self.note,
        ];
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part.as_bytes());
            context.update(&[0]); // None of them can hold a NUL.
        }
        // Not at all where there is none: so it is what it was before there were coupons.
        if let Some(coupon) = &self.coupon {
            context.update(coupon.as_str().as_bytes());
        }
        context.finish().as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form {
            variant: "five-nut-mooncake-1".into(),
            quantity: "2".into(),
            address: AddressForm {
                recipient: "林阿梨".into(),
                phone: "13800138000".into(),
                province: "浙江省".into(),
                city: "杭州市".into(),
                district: "西湖区".into(),
                street: "龙井路 1 号".into(),
            },
            note: String::new(),
            coupon: String::new(),
            coupon_code: String::new(),
            key: Uuid::from_u128(7).to_string(),
            shown_variant: "5".into(),
            shown_price: "8800".into(),
            shown_freight: "800-9900".into(),
            shown_discount: "0".into(),
        }
    }

    #[test]
    fn a_quantity_is_a_small_whole_number() {
        for bad in
            ["", "0", "-1", "+1", "1.5", "1e3", "100", "1000000000000000000", "99999999999999999999", "１"]
        {
            assert_eq!(Quantity::parse(bad, 99), None, "{bad}");
        }
        assert_eq!(Quantity::parse(" 99 ", 99).map(Quantity::get), Some(99));
        assert_eq!((Quantity::parse("3", 2), Quantity::parse("2", 2).map(Quantity::get)), (None, Some(2)));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let form = Form {
            variant: "a b".into(),
            quantity: "0".into(),
            note: "\0".into(),
            coupon_code: "\0".into(),
            key: "nonsense".into(),
            ..form()
        };
        let wrong = form.read(99).unwrap_err();
        assert_eq!(
            wrong,
            [
                Wrong::Variant,
                Wrong::Quantity,
                Wrong::Note(customers::Wrong::Unprintable),
                Wrong::Coupon,
                Wrong::Key
            ]
        );
    }

    #[test]
    fn what_is_typed_counts_more_than_what_is_chosen() {
        let code = |coupon: &str, coupon_code: &str| {
            Form { coupon: coupon.into(), coupon_code: coupon_code.into(), ..form() }.code()
        };
        let parsed = |text| Ok(Code::parse(text));
        assert_eq!(code("", " "), Ok(None));
        assert_eq!(code("7KQ4M2X9AB3C", ""), parsed("7KQ4M2X9AB3C"));
        assert_eq!(code("7KQ4M2X9AB3C", "7kq4-m2x9-ab3d"), parsed("7KQ4M2X9AB3D"));
        assert_eq!(code("7KQ4M2X9AB3C", "x"), Err(Wrong::Coupon));
    }

    #[test]
    fn the_same_wish_has_the_same_digest_and_another_has_not() {
        let ask = form().read(99).unwrap();
        let mut again = form();
        again.address.recipient = "  林阿梨 ".into();
        (again.shown_price, again.shown_freight, again.shown_discount) =
            ("1".into(), "0-".into(), "7".into());
        assert_eq!(again.read(99).unwrap().digest(), ask.digest());
        let with = Form { coupon: "7KQ4M2X9AB3C".into(), ..form() };
        assert_ne!(with.read(99).unwrap().digest(), ask.digest());
        let other = Form { quantity: "3".into(), ..form() };
        assert_ne!(other.read(99).unwrap().digest(), ask.digest());
        let mut moved = form();
        (moved.address.city, moved.address.district) = ("杭州市西湖区".into(), String::new());
        assert_ne!(moved.read(99).unwrap().digest(), ask.digest());
    }
}
