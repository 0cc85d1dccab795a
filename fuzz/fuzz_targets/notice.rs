//! Weibo's notices: what is not signed is not believed, what is signed is believed to the letter and read without a
//! panic, and nothing signed can be changed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use weipu_fuzz::weibo::pay::Status;
use weipu_fuzz::weibo::signature::{Params, read_form, text_to_sign, write_form};
use weipu_fuzz::{CLIENT, PLATFORM_KEY};

fuzz_target!(|body: &[u8]| {
    let Ok(mut params) = read_form(body) else {
        assert!(CLIENT.verify_notice(body).is_err(), "ambiguous, and believed");
        return;
    };
    assert!(CLIENT.verify_notice(body).is_err(), "nobody signed this");
    params.remove("sign");
    assert_eq!(text_to_sign(&params), expected(&params));
    assert_eq!(read_form(write_form(&params).as_bytes()), Ok(params.clone()), "written and read again");

    let sign = PLATFORM_KEY.sign(&params).expect("a key signs everything");
    params.insert("sign".into(), sign);
    let signed = write_form(&params);
    let genuine = CLIENT.verify_notice(signed.as_bytes()).expect("Weibo signed this");
    assert_eq!(genuine.raw(), signed);
    let value = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    if let Ok(payment) = genuine.payment() {
        assert_eq!(Ok(payment.amount.fen()), value("total_amount").parse());
        assert_eq!(
            (payment.pay_id.as_str(), payment.out_pay_id.as_str()),
            (value("pay_id"), value("out_pay_id"))
        );
        assert_eq!(payment.status == Status::Success, value("status") == "PAY_STATUS_SUCCESS");
    }
    if let Ok(refund) = genuine.refund() {
        assert!(genuine.payment().is_err(), "a payment's notice is not a refund's");
        assert_eq!(refund.is_success, value("is_success") == "T");
        assert_eq!(
            (refund.pay_id.as_str(), refund.out_refund_id.as_str()),
            (value("pay_id"), value("out_refund_id"))
        );
    }
    for name in params.keys().filter(|name| *name != "sign_type").take(4) {
        let changed = altered(&params, name, body.len());
        assert!(CLIENT.verify_notice(write_form(&changed).as_bytes()).is_err(), "{name} was changed");
    }
});

/// What is signed, by the words of the document: `name=value` in the order of the names, without what is empty.
fn expected(params: &Params) -> String {
    let mut pairs: Vec<(&String, &String)> = params.iter().collect();
    pairs.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    pairs.retain(|(name, value)| *name != "sign" && *name != "sign_type" && !value.is_empty());
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The same with one character of a value changed, or one more where there was none.
fn altered(params: &Params, name: &str, at: usize) -> Params {
    let mut changed = params.clone();
    if let Some(value) = changed.get_mut(name) {
        let mut letters: Vec<char> = value.chars().collect();
        match at.checked_rem(letters.len()) {
            Some(at) => letters[at] = if letters[at] == 'x' { 'y' } else { 'x' },
            None => letters.push('x'),
        }
        *value = letters.into_iter().collect();
    }
    changed
}
