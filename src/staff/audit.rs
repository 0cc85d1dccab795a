//! Who changed what, with what it was before and is after. Never a secret, never a buyer's address.

use super::{Member, StaffId, store};
use crate::db::Tx;
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// One change, written down in the transaction that makes it.
pub struct Change<'a> {
    /// A verb and a thing in small letters joined by dashes, such as `change-product`; the catalog of texts
    /// has its words under `word-` and this.
    pub action: &'static str,
    /// The kind and number of the thing, such as `product 12`.
    pub subject: &'a str,
    /// Nothing for something new.
    pub before: Option<Value>,
    /// Nothing for something that is gone.
    pub after: Option<Value>,
}

/// Writes a change down. It stays if, and only if, `tx` commits.
pub async fn record(tx: &mut Tx, who: &Member, change: Change<'_>, now: OffsetDateTime) -> sqlx::Result<()> {
    store::audit::record(tx, Some((who.id, &who.name)), &change, now).await
}

/// A line of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: i64,
    pub at: OffsetDateTime,
    /// Empty where nobody was signed in, such as for a refused sign-in.
    pub staff_name: String,
    pub action: String,
    pub subject: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What of the log is wanted: everything that is set must fit.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub member: Option<StaffId>,
    pub action: Option<String>,
    pub subject: Option<String>,
    pub from: Option<OffsetDateTime>,
    /// Up to, and not with, this instant.
    pub to: Option<OffsetDateTime>,
    /// Only what is older than the entry of this id.
    pub before: Option<i64>,
}

/// So many lines, the newest first.
pub async fn list(conn: &mut PgConnection, filter: &Filter, most: i64) -> sqlx::Result<Vec<Entry>> {
    store::audit::list(conn, filter, most).await
}

/// Every action that stands in the log.
pub async fn actions(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    store::audit::actions(conn).await
}

impl Entry {
    /// What is different: the field, what it was and what it is. Fields that stayed are left out.
    pub fn changes(&self) -> Vec<(String, Option<Value>, Option<Value>)> {
        let (before, after) = (fields(self.before.as_ref()), fields(self.after.as_ref()));
        let names: BTreeSet<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
        let of = |all: &[(String, Value)], name: &String| {
            all.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
        };
        names
            .into_iter()
            .map(|name| (name.clone(), of(&before, name), of(&after, name)))
            .filter(|(_, before, after)| before != after)
            .collect()
    }
}

/// The fields of an object; anything else is one field without a name.
fn fields(value: Option<&Value>) -> Vec<(String, Value)> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        Some(other) => vec![(String::new(), other.clone())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    #[test]
    fn only_what_changed_is_shown() {
        let entry = |before, after| Entry {
            id: 1,
            at: datetime!(2026-11-21 09:00 +8),
            staff_name: String::new(),
            action: "change-product".into(),
            subject: "product 1".into(),
            before,
            after,
        };
        let both = entry(Some(json!({"name": "茶", "price": 1})), Some(json!({"name": "茶", "price": 2})));
        assert_eq!(both.changes(), [("price".into(), Some(json!(1)), Some(json!(2)))]);
        let new = entry(None, Some(json!({"name": "茶"})));
        assert_eq!(new.changes(), [("name".into(), None, Some(json!("茶")))]);
        assert_eq!(entry(Some(json!(3)), None).changes(), [(String::new(), Some(json!(3)), None)]);
        assert!(entry(None, None).changes().is_empty());
    }
}
