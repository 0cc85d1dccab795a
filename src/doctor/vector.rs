//! A notice of Weibo's that somebody captured: the one proof that the keys are the right ones before money comes.

use super::{bad, good};
use crate::web::checks::Finding;
use crate::weibo::Client;
use crate::weibo::pay::Rejected;

const WHAT: &str = "Captured notice";

/// Verifies it as the shop would, and says which key or field does not fit.
pub fn verified(weibo: &Client, captured: &str) -> Finding {
    let genuine = match weibo.verify_notice(captured.as_bytes()) {
        Ok(genuine) => genuine,
        Err(Rejected::Ambiguous) => {
            let words = "a parameter is there twice: it was not captured as it came, once and whole";
            return bad(WHAT, words.into());
        }
        Err(Rejected::Forged) => return bad(WHAT, forged(weibo)),
    };
    if genuine.refund().is_ok() {
        return good(WHAT, "a refund's; Weibo's signature on it is verified".into());
    }
    match genuine.payment() {
        Ok(payment) if weibo.is_ours(&payment) => {
            good(WHAT, "a payment's to this shop; Weibo's signature on it is verified".into())
        }
        Ok(payment) => {
            let seller = payment.seller_id.unwrap_or_default();
            let app = payment.app_key.unwrap_or_default();
            let words = format!(
                "Weibo signed it for seller_id {seller} and appkey {app}, and not both are the shop's: compare \
                 WEIBO_PAY_SELLER_ID and WEIBO_APP_KEY"
            );
            bad(WHAT, words)
        }
        Err(malformed) => {
            bad(WHAT, format!("Weibo signed it, but {malformed}: is it a notice of a payment?"))
        }
    }
}

fn forged(weibo: &Client) -> String {
    let marks = weibo.platform_keys().iter().filter_map(|key| key.fingerprint().ok());
    let marks: Vec<String> = marks.map(|mark| mark.chars().take(16).collect()).collect();
    format!(
        "none of Weibo's keys here (SHA-256 {}) made its signature. Either WEIBO_PAY_PUBLIC_KEY is not Weibo's key: \
         copy it again from the merchant console. Or the body was changed: it must be captured byte by byte, still \
         form-encoded",
        marks.join(", ")
    )
}
