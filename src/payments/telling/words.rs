//! The words of a message, short, in the buyer's language. Pure. Whoever sees a message learns how the order stands
//! and nothing of whose it is.

use super::message::About;
use crate::money::Money;
use crate::payments::Cause;
use crate::text::Language;

/// What there is to tell.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    Paid { amount: Money },
    Late { amount: Money },
    Shipped { courier: &'a str, tracking: &'a str },
    Received,
    Refunded { amount: Money, cause: Cause },
}

/// Whose news, and where the whole of it stands.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    pub shop: &'a str,
    pub order: &'a str,
    pub link: &'a str,
    pub news: News<'a>,
}

impl News<'_> {
    pub fn about(&self) -> About {
        match self {
            News::Paid { .. } => About::Paid,
            News::Late { .. } => About::Late,
            News::Shipped { .. } => About::Shipped,
            News::Received => About::Received,
            News::Refunded { .. } => About::Refunded,
        }
    }

    fn chinese(&self) -> String {
        match self {
            News::Paid { amount } => format!("已付款 ¥{amount}，我们会尽快发货。"),
            News::Late { amount } => {
                format!("的付款 ¥{amount} 到账时订单已关闭，没能重新打开。这笔钱会原路退回。")
            }
            News::Shipped { courier, tracking } => format!("已发货：{courier} {tracking}。"),
            News::Received => {
                "已自动确认收货，感谢惠顾！商品有任何问题或需要售后，打开订单就能找到我们。".into()
            }
            News::Refunded { amount, cause: Cause::Surplus } => format!("多付的 ¥{amount} 已原路退回。"),
            News::Refunded { amount, .. } => format!("的退款 ¥{amount} 已原路退回。"),
        }
    }

    fn english(&self) -> String {
        match self {
            News::Paid { amount } => format!("is paid (¥{amount}). We will send it soon."),
            News::Late { amount } => format!(
                "was closed when your payment of ¥{amount} came, and could not be opened again. The money goes back to you."
            ),
            News::Shipped { courier, tracking } => format!("is on its way: {courier} {tracking}."),
            News::Received => "now counts as received. Thank you! If anything is wrong, the order's page tells how to reach us.".into(),
            News::Refunded { amount, cause: Cause::Surplus } => {
                format!("was paid twice: ¥{amount} is back the way it came.")
            }
            News::Refunded { amount, .. } => format!("is refunded: ¥{amount} is back the way it came."),
        }
    }
}

impl Letter<'_> {
    pub fn say(&self, language: Language) -> String {
        let Letter { shop, order, link, news } = self;
        match language {
            Language::Chinese => format!("【{shop}】订单 {order} {}查看订单：{link}", news.chinese()),
            Language::English => format!("[{shop}] Order {order} {} See it: {link}", news.english()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_shop_order_and_page_in_the_buyers_language() {
        let amount = Money::from_fen(3_990).unwrap();
        let letter =
            |news| Letter {
                shop: "山月茶铺", order: "26117KQ4M2X9", link: "https://a.example/q/x", news
            };
        assert_eq!(
            letter(News::Paid { amount }).say(Language::Chinese),
            "【山月茶铺】订单 26117KQ4M2X9 已付款 ¥39.90，我们会尽快发货。查看订单：https://a.example/q/x"
        );
        assert_eq!(
            letter(News::Shipped { courier: "SF Express", tracking: "****0123" }).say(Language::English),
            "[山月茶铺] Order 26117KQ4M2X9 is on its way: SF Express ****0123. See it: https://a.example/q/x"
        );
    }
}
