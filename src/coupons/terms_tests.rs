//! What a coupon takes off, by example and by chance.

use super::terms::{NotFor, Off, Percent, Terms};
use crate::catalog::ProductId;
use crate::money::Money;
use proptest::prelude::*;

fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

fn fixed(amount: i64, threshold: i64) -> Terms {
    Terms { off: Off::Fixed(fen(amount)), threshold: fen(threshold), products: Vec::new() }
}

fn percent(of: u8, cap: Option<i64>) -> Terms {
    let off = Off::Percent { percent: Percent::new(of).unwrap(), cap: cap.map(fen) };
    Terms { off, threshold: Money::ZERO, products: Vec::new() }
}

fn goods(costs: &[(i64, i64)]) -> Vec<(ProductId, Money)> {
    costs.iter().map(|(product, cost)| (ProductId(*product), fen(*cost))).collect()
}

#[test]
fn ten_off_from_a_hundred() {
    let coupon = fixed(1_000, 10_000);
    assert_eq!(coupon.discount(&goods(&[(1, 10_000)])), Ok(fen(1_000)));
    assert_eq!(coupon.discount(&goods(&[(1, 9_999)])), Err(NotFor::Threshold { from: fen(10_000) }));
    assert_eq!(coupon.discount(&goods(&[(1, 6_000), (2, 4_000)])), Ok(fen(1_000)));
}

#[test]
fn a_part_of_a_fen_is_not_given() {
    assert_eq!(percent(15, None).discount(&goods(&[(1, 199)])), Ok(fen(29)));
    assert_eq!(percent(15, Some(20)).discount(&goods(&[(1, 199)])), Ok(fen(20)));
    assert_eq!(percent(1, None).discount(&goods(&[(1, 99)])), Err(NotFor::Nothing));
}

#[test]
fn at_least_a_fen_is_charged() {
    assert_eq!(fixed(1_000, 0).discount(&goods(&[(1, 1_000)])), Ok(fen(999)));
    assert_eq!(fixed(1_000, 0).discount(&goods(&[(1, 1)])), Err(NotFor::Nothing));
    assert_eq!(fixed(1_000, 0).discount(&goods(&[(1, 0)])), Err(NotFor::Nothing));
}

#[test]
fn only_the_goods_it_holds_for_count() {
    let coupon = Terms { products: vec![ProductId(2)], ..fixed(1_000, 5_000) };
    assert_eq!(coupon.discount(&goods(&[(1, 90_000)])), Err(NotFor::OtherGoods));
    assert_eq!(coupon.discount(&[]), Err(NotFor::OtherGoods));
    let too_little = coupon.discount(&goods(&[(1, 90_000), (2, 4_999)]));
    assert_eq!(too_little, Err(NotFor::Threshold { from: fen(5_000) }));
    assert_eq!(coupon.discount(&goods(&[(1, 90_000), (2, 5_000)])), Ok(fen(1_000)));
    let cheap = Terms { products: vec![ProductId(2)], ..fixed(1_000, 0) };
    assert_eq!(cheap.discount(&goods(&[(1, 90_000), (2, 300)])), Ok(fen(300)), "no more than they cost");
}

#[test]
fn a_percentage_is_one() {
    assert_eq!((Percent::new(0), Percent::new(100)), (None, None));
    assert_eq!(Percent::new(99).map(Percent::get), Some(99));
}

fn terms() -> impl Strategy<Value = Terms> {
    let off = prop_oneof![
        (1..=Money::MAX.fen()).prop_map(|amount| Off::Fixed(fen(amount))),
        (1_u8..=99, proptest::option::of(1..=Money::MAX.fen())).prop_map(|(percent, cap)| Off::Percent {
            percent: Percent::new(percent).unwrap(),
            cap: cap.map(fen)
        }),
    ];
    let products = proptest::collection::btree_set(1_i64..6, 0..4);
    (off, 0..=2_000_000_i64, products).prop_map(|(off, threshold, products)| Terms {
        off,
        threshold: fen(threshold),
        products: products.into_iter().map(ProductId).collect(),
    })
}

proptest! {
    #[test]
    fn something_is_always_left_to_be_charged(
        terms in terms(),
        goods in proptest::collection::vec((1_i64..6, 0..=1_000_000_i64), 0..6),
    ) {
        let goods = self::goods(&goods);
        let all: i64 = goods.iter().map(|(_, cost)| cost.fen()).sum();
        let meant: i64 =
            goods.iter().filter(|(product, _)| terms.is_for(*product)).map(|(_, cost)| cost.fen()).sum();
        match terms.discount(&goods) {
            Ok(off) => {
                prop_assert!(off.fen() >= 1 && off.fen() < all && off.fen() <= meant);
                prop_assert!(meant >= terms.threshold.fen());
                match terms.off {
                    Off::Fixed(amount) => prop_assert!(off <= amount),
                    Off::Percent { percent, cap } => {
                        prop_assert!(off.fen() * 100 <= meant * i64::from(percent.get()));
                        prop_assert!(cap.is_none_or(|cap| off <= cap));
                    }
                }
            }
            Err(NotFor::Threshold { from }) => prop_assert!(meant < from.fen()),
            Err(NotFor::OtherGoods) => prop_assert!(goods.iter().all(|(product, _)| !terms.is_for(*product))),
            Err(NotFor::Nothing) => prop_assert!(meant < 100 || all < 2),
        }
    }

    #[test]
    fn dearer_goods_never_get_less_off(terms in terms(), cost in 1..=1_000_000_i64, more in 0..=1_000_000_i64) {
        let off = |cost| terms.discount(&goods(&[(1, cost)])).map_or(0, Money::fen);
        prop_assert!(off(cost) <= off(cost + more));
    }
}
