//! Fen and yuan: any text is an amount exactly when arithmetic without limits says so.

#![no_main]

use libfuzzer_sys::fuzz_target;
use weipu_fuzz::money::Money;

const MAX: i128 = 1_000_000_000_000;

/// Digits as a number, beyond every limit as one that is too large.
fn digits(text: &str) -> Option<i128> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.bytes().fold(0, |number, b| (number * 10 + i128::from(b - b'0')).min(MAX * 1000)))
}

fn yuan(text: &str) -> Option<i128> {
    let Some((whole, cents)) = text.split_once('.') else { return Some(digits(text)? * 100) };
    let scale = match cents.len() {
        1 => 10,
        2 => 1,
        _ => return None,
    };
    Some(digits(whole)? * 100 + digits(cents)? * scale)
}

fuzz_target!(|text: &str| {
    let fen = |money: Option<Money>| money.map(|money| i128::from(money.fen()));
    let fits = |amount: Option<i128>| amount.filter(|amount| *amount <= MAX);
    assert_eq!(fen(Money::parse_fen(text)), fits(digits(text)), "fen {text:?}");
    assert_eq!(fen(Money::parse_yuan(text)), fits(yuan(text)), "yuan {text:?}");
    if let Some(money) = Money::parse_yuan(text) {
        assert_eq!(Money::parse_yuan(&money.to_string()), Some(money), "{text:?} is shown as {money}");
    }
});
