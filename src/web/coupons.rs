//! Coupons in words: the same to a shopper, at the desk and in a message.

use super::words::Words;
use crate::coupons::{Lasts, Off, Terms, Unusable};
use crate::money::Money;
use crate::text::Language;
use crate::web::shop::order::shop_time;

impl Words {
    /// `满 ¥100.00 减 ¥10.00`
    pub fn coupon(self, terms: &Terms) -> String {
        let from = match terms.threshold {
            Money::ZERO => String::new(),
            threshold => self.say_with("coupon-from", "amount", threshold),
        };
        match terms.off {
            Off::Fixed(amount) if from.is_empty() => self.say_with("coupon-fixed-only", "amount", amount),
            Off::Fixed(amount) => from + &self.say_with("coupon-fixed", "amount", amount),
            Off::Percent { percent, cap } => {
                let rate = match self.0 {
                    Language::Chinese => fold(percent.get()),
                    Language::English => percent.get().to_string(),
                };
                let most = cap.map(|cap| self.say_with("coupon-cap", "amount", cap)).unwrap_or_default();
                from + &self.say_with("coupon-percent", "rate", rate) + &most
            }
        }
    }

    /// How long one lasts that is given.
    pub fn lasts(self, lasts: Lasts) -> String {
        match lasts {
            Lasts::Until(until) => self.say_with("coupon-until", "at", shop_time(until)),
            Lasts::Days(days) => self.say_with("coupon-days", "days", days),
        }
    }

    /// Why it cannot be used.
    pub fn unusable(self, why: &Unusable) -> String {
        use crate::coupons::NotFor;
        match why {
            Unusable::Unknown => self.say("wrong-coupon-unknown"),
            Unusable::AnothersCoupon => self.say("wrong-coupon-anothers"),
            Unusable::Used => self.say("wrong-coupon-used"),
            Unusable::TakenBack => self.say("wrong-coupon-taken-back"),
            Unusable::Expired => self.say("wrong-coupon-expired"),
            Unusable::NotFor(NotFor::OtherGoods) => self.say("wrong-coupon-other-goods"),
            Unusable::NotFor(NotFor::Threshold { from }) => {
                self.say_with("wrong-coupon-threshold", "amount", from)
            }
            Unusable::NotFor(NotFor::Nothing) => self.say("wrong-coupon-nothing"),
        }
    }
}

/// What is left to pay in tenths, as it is said in Chinese: of 15 % off, `8.5`.
fn fold(percent: u8) -> String {
    let left = 100_u8.saturating_sub(percent);
    let (whole, part) = (left / 10, left % 10);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupons::Percent;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen).unwrap()
    }

    #[test]
    fn terms_are_told_as_shops_tell_them() {
        let told = |off, threshold| {
            let terms = Terms { off, threshold: fen(threshold), products: Vec::new() };
            [Language::Chinese, Language::English].map(|language| Words(language).coupon(&terms))
        };
        let percent =
            |of, cap: Option<i64>| Off::Percent { percent: Percent::new(of).unwrap(), cap: cap.map(fen) };
        assert_eq!(told(Off::Fixed(fen(1_000)), 10_000)[0], "满 ¥100.00 减 ¥10.00");
        assert_eq!(told(Off::Fixed(fen(1_000)), 10_000)[1], "From ¥100.00: ¥10.00 off");
        assert_eq!(told(Off::Fixed(fen(1_000)), 0)[0], "立减 ¥10.00");
        assert_eq!(told(percent(15, Some(2_000)), 0)[0], "8.5 折，最多减 ¥20.00");
        assert_eq!(told(percent(20, None), 5_000)[0], "满 ¥50.00 8 折");
        assert_eq!(told(percent(95, None), 0), ["0.5 折", "95% off"]);
    }
}
