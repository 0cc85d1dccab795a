//! Paying in an app of the merchant's own, through Weibo's SDK (weibo-pay.md §10): the same attempt and the same
//! settling as at the cashier, only that the app gets a text instead of an address. How Weibo wants that text to be
//! made is not public; the merchant who has been told sets a template.

use super::attempt::{Attempt, Way};
use super::{BeginError, Callbacks, begin, store};
use crate::db::Tx;
use crate::orders::Locked;
use crate::weibo;
use anyhow::Context;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// What the template may hold: the signed parameters of the cashier as a form, and as a JSON object.
const FORM: &str = "{params}";
const JSON: &str = "{params_json}";

/// How the SDK's order text is made of the cashier's signed parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderText(String);

impl Default for OrderText {
    fn default() -> OrderText {
        OrderText(FORM.to_owned())
    }
}

impl OrderText {
    /// `None` for a template without a placeholder: all orders would have the same text.
    pub fn parse(template: &str) -> Option<OrderText> {
        let has_one = template.contains(FORM) || template.contains(JSON);
        has_one.then(|| OrderText(template.to_owned()))
    }

    /// `form` is the query of the cashier's address.
    fn fill(&self, form: &str) -> anyhow::Result<String> {
        // A form has no braces, JSON may: it is put in last.
        let text = self.0.replace(FORM, form);
        let params: BTreeMap<_, _> = form_urlencoded::parse(form.as_bytes()).collect();
        Ok(text.replace(JSON, &serde_json::to_string(&params)?))
    }
}

/// A payment that an app is to start.
#[derive(Debug, Clone)]
pub struct InApp {
    pub attempt: Attempt,
    /// What the SDK takes as `rawdata`.
    pub rawdata: String,
}

/// As [`begin`], for an app. Asked again while the attempt is open it is the same attempt, signed anew for the time
/// that is left.
pub async fn begin_in_app(
    tx: &mut Tx,
    weibo: &weibo::Client,
    (callbacks, text): (&Callbacks, &OrderText),
    order: &mut Locked,
    now: OffsetDateTime,
) -> Result<InApp, BeginError> {
    let cashier = begin(tx, weibo, callbacks, order, (Way::App, None), now).await?;
    let attempt = store::open_attempt(tx, order.order().id, Way::App).await?;
    let attempt = attempt.context("an attempt was begun and is not open")?;
    let rawdata = text.fill(cashier.query().unwrap_or_default())?;
    Ok(InApp { attempt, rawdata })
}

#[cfg(test)]
mod tests {
    use super::OrderText;

    const FORM: &str = "subject=%7Bparams%7D%7Bparams_json%7D&total_amount=12900";

    #[test]
    fn a_template_is_filled_once_whatever_the_goods_are_called() {
        assert_eq!(OrderText::default().fill(FORM).unwrap(), FORM);
        let both = OrderText::parse("a={params}&b={params_json}").unwrap().fill(FORM).unwrap();
        let json = r#"{"subject":"{params}{params_json}","total_amount":"12900"}"#;
        assert_eq!(both, format!("a={FORM}&b={json}"));
    }

    #[test]
    fn a_template_without_a_placeholder_is_none() {
        for bad in ["", "params", "{param}", "{ params }"] {
            assert_eq!(OrderText::parse(bad), None, "{bad}");
        }
    }
}
