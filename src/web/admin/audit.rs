//! The audit log: who did what when, and what it was before and is after.

use crate::clock::{begins, day};
use crate::staff::audit::{self, Entry, Filter};
use crate::staff::permission::SeeAudit;
use crate::staff::{self, Listed, Role, StaffId};
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use time::Date;

/// So many lines stand on one page.
const LINES: usize = 50;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    page: Desk,
    asked: Asked,
    members: Vec<Listed>,
    actions: Vec<String>,
    entries: Vec<Entry>,
    /// The addresses of the first and of the next page; empty where there is none.
    first: String,
    more: String,
}

/// The filters as they stand in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    member: String,
    action: String,
    subject: String,
    from: String,
    to: String,
    before: String,
}

impl Asked {
    /// What cannot be read is as if it was not there.
    fn filter(&self) -> Filter {
        let text = |text: &str| {
            let plain = !text.trim().is_empty() && !text.contains('\0');
            plain.then(|| text.trim().to_owned())
        };
        Filter {
            member: self.member.parse().ok().map(StaffId),
            action: text(&self.action),
            subject: text(&self.subject),
            from: day(&self.from).map(begins),
            to: day(&self.to).and_then(Date::next_day).map(begins),
            before: self.before.parse().ok(),
        }
    }

    fn address(&self, before: Option<i64>) -> String {
        let named = [
            ("member", &self.member),
            ("action", &self.action),
            ("subject", &self.subject),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(named.into_iter().filter(|(_, value)| !value.is_empty()));
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/admin/audit".into() } else { format!("/admin/audit?{query}") }
    }

    fn is_member(&self, listed: &Listed) -> bool {
        self.member == listed.member.id.0.to_string()
    }
}

impl AuditPage {
    fn when(&self, entry: &Entry) -> String {
        shop_time(entry.at)
    }

    /// The words of a composed key; the bare name where nobody wrote words for it.
    fn word(&self, prefix: &str, name: &str) -> String {
        let key = format!("{prefix}{name}");
        let word = self.page.say(&key);
        if word == key { name.to_owned() } else { word }
    }

    /// `member 3` → `成员 3`.
    fn subject(&self, entry: &Entry) -> String {
        let (kind, number) = entry.subject.split_once(' ').unwrap_or((&entry.subject, ""));
        format!("{} {number}", self.word("word-subject-", kind)).trim_end().to_owned()
    }

    fn value(&self, field: &str, value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => "—".to_owned(),
            Some(Value::Bool(yes)) => self.page.say(if *yes { "audit-yes" } else { "audit-no" }),
            Some(Value::String(text)) if field == "role" && Role::parse(text).is_some() => {
                self.page.say(&format!("word-role-{text}"))
            }
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

/// `GET /admin/audit`
pub async fn show(
    staff: Staff<SeeAudit>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let asked = asked.into_inner();
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut conn = shop.db.reader().await?;
    let members = staff::everybody(&mut conn).await?;
    let actions = audit::actions(&mut conn).await?;
    let filter = asked.filter();
    let mut entries = audit::list(&mut conn, &filter, i64::try_from(LINES + 1).unwrap_or(i64::MAX)).await?;
    let more = cut(&mut entries, LINES).map(|last| asked.address(Some(last.id))).unwrap_or_default();
    let first = filter.before.map(|_| asked.address(None)).unwrap_or_default();
    page(StatusCode::OK, &AuditPage { page: frame, asked, members, actions, entries, first, more })
}
