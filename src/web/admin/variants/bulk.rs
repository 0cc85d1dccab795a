//! One change to many rows of the matrix, in the form: it is seen before it is saved.

use super::matrix::{HEAVIEST, TypedMatrix, TypedRow};
use crate::catalog::stock;
use crate::catalog::{ChoiceId, Draft};
use crate::money::Money;
use crate::web::admin::typed::whole;
use crate::web::form::Fields;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Ticked,
    All,
    With(ChoiceId),
}

/// What is done to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Price(Money),
    /// In hundredths of a percent, up or down.
    Percent(i64),
    /// In fen, up or down.
    Amount(i64),
    Stock(u32),
    Weight(u32),
}

/// Why nothing was done: the key of a text.
pub type WhyNot = &'static str;

/// Does what the fields `rows`, `what` and `by` say. A row whose price cannot be read, or would leave what a
/// price can be, stays as it is; how many were changed.
pub fn apply(matrix: &mut TypedMatrix, fields: &Fields, draft: &Draft) -> Result<usize, WhyNot> {
    let rows = match fields.text("rows").as_str() {
        "ticked" => Rows::Ticked,
        "all" => Rows::All,
        choice => Rows::With(choice_of(choice, draft).ok_or("wrong-bulk-rows")?),
    };
    let what = what(&fields.text("what"), fields.text("by").trim()).ok_or("wrong-bulk-by")?;
    let meant = |row: &&mut TypedRow| match rows {
        Rows::Ticked => row.ticked,
        Rows::All => true,
        Rows::With(choice) => row.choices.contains(&choice),
    };
    let mut changed = 0;
    for row in matrix.rows.iter_mut().filter(meant) {
        changed += usize::from(change(row, what));
    }
    if changed == 0 { Err("wrong-bulk-none") } else { Ok(changed) }
}

fn choice_of(text: &str, draft: &Draft) -> Option<ChoiceId> {
    let id = ChoiceId(text.parse().ok()?);
    draft.product.axes.iter().any(|axis| axis.choices.iter().any(|choice| choice.id == id)).then_some(id)
}

fn what(what: &str, by: &str) -> Option<What> {
    match what {
        "price" => Money::parse_yuan(by).filter(|price| *price > Money::ZERO).map(What::Price),
        "percent" => signed(by.trim_end_matches(['%', '％'])).map(What::Percent),
        "amount" => signed(by).map(What::Amount),
        "stock" => whole(by, stock::MOST).map(What::Stock),
        "weight" => whole(by, HEAVIEST).map(What::Weight),
        _ => None,
    }
}

/// A number with at most two digits behind the point, in hundredths, up or down.
fn signed(text: &str) -> Option<i64> {
    let (sign, digits) = match text.trim().strip_prefix(['-', '−', '－']) {
        Some(digits) => (-1, digits),
        None => (1, text.trim().trim_start_matches(['+', '＋'])),
    };
    Money::parse_yuan(digits).map(|number| sign * number.fen())
}

/// False where the row stays as it is.
fn change(row: &mut TypedRow, what: What) -> bool {
    match what {
        What::Stock(stock) => row.stock = stock.to_string(),
        What::Weight(weight) => row.weight = weight.to_string(),
        What::Price(price) => row.price = price.to_string(),
        What::Percent(_) | What::Amount(_) => {
            let Some(price) = Money::parse_yuan(row.price.trim()).and_then(|old| moved(old, what)) else {
                return false;
            };
            row.price = price.to_string();
        }
    }
    true
}

/// Rounded to the nearest fen, half a fen upwards.
fn moved(old: Money, what: What) -> Option<Money> {
    let old = i128::from(old.fen());
    let new = match what {
        What::Percent(by) => (old * (10_000 + i128::from(by)) + 5_000).div_euclid(10_000),
        What::Amount(by) => old + i128::from(by),
        _ => old,
    };
    i64::try_from(new).ok().and_then(Money::from_fen).filter(|price| *price > Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen).unwrap()
    }

    #[test]
    fn a_percentage_is_rounded_to_the_fen() {
        for (old, by, new) in [
            (1_280, "10", Some(1_408)),
            (999, "-10", Some(899)),
            (1, "50", Some(2)),
            (1, "-99", None),
            (12_345, "0.01%", Some(12_346)),
            (100, "-100", None),
            (1_000_000_000_000, "1", None),
        ] {
            let what = what("percent", by).unwrap();
            assert_eq!(moved(fen(old), what), new.map(fen), "{old} {by}");
        }
        assert_eq!(moved(fen(500), what("amount", "-4.99").unwrap()), Some(fen(1)));
        assert_eq!(moved(fen(500), what("amount", "+1").unwrap()), Some(fen(600)));
        for bad in ["", "-", "1e3", "--1", "1.234", "十"] {
            assert_eq!(what("percent", bad), None, "{bad}");
        }
    }

    #[test]
    fn a_count_is_digits_and_nothing_else() {
        assert_eq!(what("stock", "5"), Some(What::Stock(5)));
        assert_eq!(what("weight", "1000000"), Some(What::Weight(HEAVIEST)));
        for bad in ["+5", "-5", "5.0", "", "2147483648"] {
            assert_eq!((what("stock", bad), what("weight", bad)), (None, None), "{bad}");
        }
        assert_eq!(what("weight", "1000001"), None);
    }

    proptest! {
        #[test]
        fn a_price_never_leaves_its_range(old in 1..=Money::MAX.fen(), by in any::<i32>()) {
            for what in [What::Percent(i64::from(by)), What::Amount(i64::from(by))] {
                if let Some(new) = moved(fen(old), what) {
                    prop_assert!(new > Money::ZERO && new <= Money::MAX);
                }
            }
        }
    }
}
