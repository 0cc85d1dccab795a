//! What refunds come to, by example and by chance.

use super::*;
use crate::catalog::{ProductId, VariantId};
use crate::customers::Address;
use crate::orders::{Closure, Fulfilment, Payment};
use crate::payments::patience::SCHEDULE;
use crate::text::{Language, Text};
use proptest::prelude::*;
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);

fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

fn nothing() -> Text {
    Text { zh: String::new(), en: String::new() }
}

fn line(price: i64, quantity: u32) -> Line {
    Line {
        variant: VariantId(1),
        product: ProductId(1),
        sku: String::new(),
        product_slug: String::new(),
        product_name: nothing(),
        choice_name: nothing(),
        picture: None,
        unit_price: fen(price),
        quantity,
        paid: fen(price).times(quantity).unwrap(),
    }
}

/// A paid order of these lines, with something off and a freight.
fn order(mut lines: Vec<Line>, off: Money, freight: Money) -> Order {
    let costs: Vec<Money> = lines.iter().map(Line::total).collect();
    let due = costs.iter().copied().sum::<Money>().less(off).unwrap();
    for (line, paid) in lines.iter_mut().zip(due.split(&costs)) {
        line.paid = paid;
    }
    let word = String::new;
    let address = Address {
        recipient: word(),
        phone: word(),
        province: word(),
        city: word(),
        district: word(),
        street: word(),
    };
    Order {
        id: OrderId(1),
        number: OrderNumber::mint(NOON, 0),
        pay_token: word(),
        visitor: Uuid::nil(),
        customer: None,
        language: Language::Chinese,
        address,
        note: word(),
        lines,
        freight,
        total: due.plus(freight).unwrap(),
        placed_at: NOON,
        pay_until: NOON,
        payment: Payment::Paid { at: NOON },
        fulfilment: Fulfilment::None,
        closure: Closure::Open,
        going_back: Money::ZERO,
        refunded: Money::ZERO,
        pieces_left: u32::MAX,
    }
}

fn pieces(position: i16, quantity: u32) -> Portion {
    Portion::Pieces { pieces: vec![Pieces { position, quantity, restock: true }], freight: false }
}

/// Gives a portion back, as the database would.
fn give(order: &mut Order, before: &mut Before, portion: &Portion) -> Result<Priced, WrongPortion> {
    let priced = portion.price(order, before)?;
    order.going_back = order.going_back.plus(priced.amount).unwrap();
    before.add(&priced.lines, priced.freight);
    Ok(priced)
}

#[test]
fn three_pieces_for_ten_yuan_go_back_one_by_one_and_leave_nothing() {
    let mut order = order(vec![line(400, 3)], fen(200), Money::ZERO);
    let mut before = Before::default();
    let one = |order: &mut Order, before: &mut Before| give(order, before, &pieces(1, 1)).unwrap().amount;
    let back = [one(&mut order, &mut before), one(&mut order, &mut before), one(&mut order, &mut before)];
    assert_eq!(back, [fen(333), fen(333), fen(334)]);
    assert!(order.is_given_back());
    assert_eq!(pieces(1, 1).price(&order, &before), Err(WrongPortion::Nothing));
}

#[test]
fn nobody_gives_back_more_pieces_than_there_are() {
    let order = order(vec![line(400, 3)], Money::ZERO, fen(800));
    let none = Before::default();
    assert_eq!(pieces(1, 4).price(&order, &none), Err(WrongPortion::TooMany { position: 1, left: 3 }));
    assert_eq!(pieces(2, 1).price(&order, &none), Err(WrongPortion::TooMany { position: 2, left: 0 }));
    assert_eq!(pieces(0, 1).price(&order, &none), Err(WrongPortion::TooMany { position: 0, left: 0 }));
    let mut before = Before::default();
    before.add(&pieces(1, 2).price(&order, &none).unwrap().lines, Money::ZERO);
    assert_eq!(pieces(1, 2).price(&order, &before), Err(WrongPortion::TooMany { position: 1, left: 1 }));
    assert_eq!(pieces(1, 0).price(&order, &none), Err(WrongPortion::Nothing));
    assert_eq!(
        pieces(1, u32::MAX).price(&order, &before).unwrap_err(),
        WrongPortion::TooMany { position: 1, left: 1 }
    );
}

#[test]
fn money_given_back_before_makes_the_last_portion_smaller_and_others_impossible() {
    let mut order = order(vec![line(5000, 2)], Money::ZERO, Money::ZERO);
    let mut before = Before::default();
    give(&mut order, &mut before, &Portion::Amount(fen(6000))).unwrap();
    assert_eq!(pieces(1, 1).price(&order, &before), Err(WrongPortion::TooMuch { left: fen(4000) }));
    assert_eq!(give(&mut order, &mut before, &pieces(1, 2)).unwrap().amount, fen(4000));
    assert!(order.is_given_back());
}

#[test]
fn everything_takes_the_freight_and_the_pieces_that_are_left() {
    let mut order = order(vec![line(1000, 2), line(300, 1)], Money::ZERO, fen(800));
    let mut before = Before::default();
    give(&mut order, &mut before, &pieces(1, 1)).unwrap();
    let rest = give(&mut order, &mut before, &Portion::Everything { restock: true }).unwrap();
    assert_eq!(rest.amount, fen(2100));
    let left: Vec<_> = rest.lines.iter().map(|line| (line.position, line.quantity, line.amount)).collect();
    assert_eq!(left, [(1, 1, fen(1000)), (2, 1, fen(300))]);
}

#[test]
fn an_order_without_money_gives_none_back() {
    let mut unpaid = order(vec![line(1000, 1)], Money::ZERO, Money::ZERO);
    unpaid.payment = Payment::Pending;
    let all = Portion::Everything { restock: false };
    assert_eq!(all.price(&unpaid, &Before::default()), Err(WrongPortion::Nothing));
    assert_eq!(Portion::Amount(fen(1)).price(&unpaid, &Before::default()), Err(WrongPortion::Nothing));
}

#[test]
fn freight_goes_back_once_and_pieces_named_twice_count_together() {
    let mut order = order(vec![line(1000, 3)], Money::ZERO, fen(800));
    let mut before = Before::default();
    let one = |freight| Portion::Pieces {
        pieces: vec![Pieces { position: 1, quantity: 1, restock: true }],
        freight,
    };
    let given =
        [true, true, true].map(|freight| give(&mut order, &mut before, &one(freight)).unwrap().amount);
    assert_eq!(given, [fen(1800), fen(1000), fen(1000)]);
    let twice = Pieces { position: 1, quantity: 2, restock: true };
    let twice = Portion::Pieces { pieces: vec![twice, Pieces { restock: false, ..twice }], freight: false };
    let order = self::order(vec![line(1000, 3)], Money::ZERO, Money::ZERO);
    let wrong = WrongPortion::TooMany { position: 1, left: 3 };
    assert_eq!(twice.price(&order, &Before::default()), Err(wrong));
}

#[test]
fn a_piece_whose_refund_failed_costs_what_is_left_of_its_line() {
    let mut order = order(vec![line(334, 3)], fen(2), Money::ZERO);
    let mut before = Before::default();
    let first = give(&mut order, &mut before, &pieces(1, 1)).unwrap();
    give(&mut order, &mut before, &pieces(1, 2)).unwrap();
    // The first fails.
    before.lines.remove(0);
    order.going_back = order.going_back.less(first.amount).unwrap();
    assert_eq!(give(&mut order, &mut before, &pieces(1, 1)).unwrap().amount, first.amount);
    assert!(order.is_given_back());
}

#[test]
fn of_a_refund_that_goes_through_after_all_only_those_pieces_count_that_have_not_come_back() {
    let mut order = order(vec![line(100, 3), line(5000, 1)], Money::ZERO, Money::ZERO);
    let mut before = Before::default();
    let failed = pieces(1, 2).price(&order, &before).unwrap();
    give(&mut order, &mut before, &pieces(1, 2)).unwrap();
    let lines = before.beside(&order, &failed.lines);
    assert_eq!((lines[0].quantity, lines[0].elsewhere, lines[0].counted()), (2, 1, 1));
    before.add(&lines, Money::ZERO);
    assert_eq!((before.of_line(1), before.has_room_for(&order, &failed.lines).is_err()), (3, true));
    assert_eq!(before.beside(&order, &failed.lines)[0].counted(), 0, "nothing is left of the line");
    // What the other pieces cost her is not changed by it.
    assert_eq!(give(&mut order, &mut before, &pieces(2, 1)).unwrap().amount, fen(5000));
}

#[test]
fn the_goods_of_late_money_are_on_the_shelf_already() {
    let mut late = order(vec![line(1000, 2)], Money::ZERO, Money::ZERO);
    late.payment = Payment::Late { at: NOON };
    let all = Portion::Everything { restock: true }.price(&late, &Before::default()).unwrap();
    assert!(all.lines.iter().all(|line| !line.restock));
}

#[test]
fn a_refund_is_asked_about_soon_then_rarely_and_never_forgotten() {
    let refund = Refund {
        id: RefundId(1),
        order: OrderId(1),
        payment: PaymentId(1),
        pay_id: "1".into(),
        out_refund_id: out_refund_id(&OrderNumber::mint(NOON, 7), 1),
        amount: fen(1),
        cause: Cause::Staff,
        reason: String::new(),
        state: RefundState::Unknown,
        freight: Money::ZERO,
        request: String::new(),
        trouble: String::new(),
        look_again_at: None,
        weibo_id: None,
        begun_at: NOON,
        sent_at: None,
        sent_times: 0,
        by: Actor::Shop,
        lines: Vec::new(),
    };
    let (mut at, mut times) = (NOON, 0);
    while at < NOON + Duration::days(14) {
        let next = refund.ask_next(at);
        assert!(next > at && next - at <= Duration::days(1));
        (at, times) = (next, times + 1);
    }
    assert!((50..100).contains(&times), "{times}");
    let sent_again = Refund { sent_at: Some(at), ..refund.clone() };
    assert_eq!(sent_again.ask_next(at), at + SCHEDULE[0], "its time begins anew");
    let ours = &refund.out_refund_id;
    assert!((6..=64).contains(&ours.len()) && ours.bytes().all(|b| b.is_ascii_alphanumeric()), "{ours}");
}

fn portion() -> impl Strategy<Value = Portion> {
    let one = (0..5i16, 0..6u32, any::<bool>());
    let some = proptest::collection::vec(one, 0..4);
    prop_oneof![
        any::<bool>().prop_map(|restock| Portion::Everything { restock }),
        (0..3000i64).prop_map(|amount| Portion::Amount(fen(amount))),
        (some, any::<bool>()).prop_map(|(all, freight)| {
            let pieces =
                all.into_iter().map(|(position, quantity, restock)| Pieces { position, quantity, restock });
            Portion::Pieces { pieces: pieces.collect(), freight }
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_asked_for_never_more_goes_back_than_came(
        lines in proptest::collection::vec((1..2000i64, 1..5u32), 1..4),
        off in 0..100i64, freight in 0..900i64,
        asked in proptest::collection::vec(portion(), 0..12),
    ) {
        let lines: Vec<Line> = lines.into_iter().map(|(price, quantity)| line(price, quantity)).collect();
        let goods = lines.iter().map(Line::total).sum::<Money>().fen();
        let mut order = order(lines, fen(off.min(goods - 1)), fen(freight));
        let mut before = Before::default();
        for portion in &asked {
            if let Ok(priced) = give(&mut order, &mut before, portion) {
                prop_assert!(priced.amount > Money::ZERO && order.going_back <= order.total);
            }
            for (position, line) in placed(&order) {
                prop_assert!(before.of_line(position) <= line.quantity);
            }
        }
    }

    #[test]
    fn all_lines_one_after_another_and_the_freight_are_exactly_what_was_paid(
        lines in proptest::collection::vec((1..200_000i64, 1..9u32), 1..5),
        off in 0..5000i64, freight in 0..2000i64,
    ) {
        let lines: Vec<Line> = lines.into_iter().map(|(price, quantity)| line(price, quantity)).collect();
        let goods = lines.iter().map(Line::total).sum::<Money>().fen();
        let mut order = order(lines, fen(off.min(goods - 1)), fen(freight));
        let mut before = Before::default();
        let sizes: Vec<(i16, u32)> = placed(&order).map(|(at, line)| (at, line.quantity)).collect();
        let last = sizes.len();
        for (n, (position, quantity)) in sizes.into_iter().enumerate() {
            for piece in 1..=quantity {
                let freight = n + 1 == last && piece == quantity;
                let pieces = vec![Pieces { position, quantity: 1, restock: false }];
                let given = give(&mut order, &mut before, &Portion::Pieces { pieces, freight });
                // A piece that cost less than a fen has nothing to give.
                prop_assert!(given.is_ok() || given == Err(WrongPortion::Nothing));
                if given.is_err() {
                    before.add(&[RefundLine { position, quantity: 1, amount: Money::ZERO, restock: false, elsewhere: 0 }], Money::ZERO);
                }
            }
        }
        prop_assert!(order.is_given_back(), "{} of {}", order.going_back, order.total);
    }
}
