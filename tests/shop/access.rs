//! Who may open what: every address of the back office against everybody who could ask for it. A route that
//! is not in the table fails the test, so nobody adds one without saying who may use it.

use crate::support::browser::Ask;
use crate::support::buyer::{ADDRESS, Buyer};
use crate::support::page::Page;
use crate::support::staff::PASSWORD;
use crate::support::{TestShop, minutes};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use std::collections::BTreeSet;
use weipu::staff::{May, Role};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Everybody: how somebody gets in.
    Door,
    /// Every member.
    Own,
    /// Whoever may do this.
    Whoever(May),
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;

/// Every route of `src/web/admin/routes.rs` and those below it, in their order.
const ROUTES: &[(Method, &str, For)] = &[
    // Today
    (GET, "", For::Whoever(May::Look)),
    // The door, and one's own account
    (GET, "/sign-in", For::Door),
    (POST, "/sign-in", For::Door),
    (GET, "/sign-in/code", For::Door),
    (POST, "/sign-in/code", For::Door),
    (POST, "/sign-out", For::Own),
    (GET, "/welcome/{link}", For::Door),
    (POST, "/welcome/{link}", For::Door),
    (GET, "/account", For::Own),
    (POST, "/account/language", For::Own),
    (GET, "/account/password", For::Own),
    (POST, "/account/password", For::Own),
    (GET, "/account/second-factor", For::Own),
    (POST, "/account/second-factor", For::Own),
    (POST, "/account/second-factor/removal", For::Own),
    (GET, "/account/recovery-codes", For::Own),
    (POST, "/account/recovery-codes", For::Own),
    (GET, "/account/sessions", For::Own),
    (POST, "/account/sessions/end-others", For::Own),
    (POST, "/account/sessions/{id}/end", For::Own),
    (GET, "/account/confirm", For::Own),
    (POST, "/account/confirm", For::Own),
    // What customers did
    (GET, "/sharing/relations", For::Whoever(May::Look)),
    // Members, invitations, the audit log
    (GET, "/staff", For::Whoever(May::ManageStaff)),
    (POST, "/staff/invitations", For::Whoever(May::ManageStaff)),
    (POST, "/staff/invitations/{id}/revocation", For::Whoever(May::ManageStaff)),
    (GET, "/staff/{id}", For::Whoever(May::ManageStaff)),
    (POST, "/staff/{id}/role", For::Whoever(May::ManageStaff)),
    (POST, "/staff/{id}/standing", For::Whoever(May::ManageStaff)),
    (POST, "/staff/{id}/second-factor/removal", For::Whoever(May::ManageStaff)),
    (POST, "/staff/{id}/sessions/end", For::Whoever(May::ManageStaff)),
    (GET, "/audit", For::Whoever(May::SeeAudit)),
    // Reposts, and coupons for them
    (GET, "/sharing/reposts", For::Whoever(May::Look)),
    (GET, "/sharing/reposts/gifts/new", For::Whoever(May::EditSharing)),
    (POST, "/sharing/reposts/gifts/new", For::Whoever(May::EditSharing)),
    (GET, "/sharing/reposts/gifts/{id}", For::Whoever(May::Look)),
    (POST, "/sharing/reposts/gifts/{id}", For::Whoever(May::EditSharing)),
    (POST, "/sharing/reposts/gifts/{id}/pause", For::Whoever(May::EditSharing)),
    (POST, "/sharing/reposts/gifts/{id}/resumption", For::Whoever(May::EditSharing)),
    (POST, "/sharing/reposts/gifts/{id}/end", For::Whoever(May::EditSharing)),
    // Products, variants, categories
    (GET, "/products", For::Whoever(May::Look)),
    (POST, "/products", For::Whoever(May::EditCatalog)),
    (GET, "/products/new", For::Whoever(May::EditCatalog)),
    (POST, "/products/new", For::Whoever(May::EditCatalog)),
    (GET, "/products/{id}", For::Whoever(May::Look)),
    (POST, "/products/{id}", For::Whoever(May::EditCatalog)),
    (POST, "/products/{id}/archive", For::Whoever(May::EditCatalog)),
    (POST, "/products/{id}/options", For::Whoever(May::EditCatalog)),
    (GET, "/products/{id}/variants", For::Whoever(May::Look)),
    (POST, "/products/{id}/variants", For::Whoever(May::EditCatalog)),
    (GET, "/products/{id}/preview", For::Whoever(May::Look)),
    (GET, "/products/{id}/preview/page", For::Whoever(May::Look)),
    (GET, "/categories", For::Whoever(May::Look)),
    (GET, "/categories/new", For::Whoever(May::EditCatalog)),
    (POST, "/categories/new", For::Whoever(May::EditCatalog)),
    (GET, "/categories/{id}", For::Whoever(May::Look)),
    (POST, "/categories/{id}", For::Whoever(May::EditCatalog)),
    (POST, "/categories/{id}/place", For::Whoever(May::EditCatalog)),
    (POST, "/categories/{id}/removal", For::Whoever(May::EditCatalog)),
    // Coupons
    (GET, "/coupons", For::Whoever(May::Look)),
    (GET, "/coupons/new", For::Whoever(May::EditCatalog)),
    (POST, "/coupons/new", For::Whoever(May::EditCatalog)),
    (GET, "/coupons/{id}", For::Whoever(May::Look)),
    (POST, "/coupons/{id}", For::Whoever(May::EditCatalog)),
    (POST, "/coupons/{id}/pause", For::Whoever(May::EditCatalog)),
    (POST, "/coupons/{id}/resumption", For::Whoever(May::EditCatalog)),
    (POST, "/coupons/{id}/end", For::Whoever(May::EditCatalog)),
    // Pictures
    (GET, "/products/{id}/pictures", For::Whoever(May::EditCatalog)),
    (POST, "/products/{id}/pictures", For::Whoever(May::EditCatalog)),
    (POST, "/products/{id}/pictures/order", For::Whoever(May::EditCatalog)),
    // Stock
    (GET, "/stock", For::Whoever(May::Look)),
    (POST, "/stock/checks", For::Whoever(May::EditCatalog)),
    (GET, "/stock/{sku}", For::Whoever(May::Look)),
    (POST, "/stock/{sku}/corrections", For::Whoever(May::EditCatalog)),
    (POST, "/stock/{sku}/threshold", For::Whoever(May::EditCatalog)),
    // Import and export
    (GET, "/transfers", For::Whoever(May::Look)),
    (POST, "/transfers/products", For::Whoever(May::EditCatalog)),
    (POST, "/transfers/product-exports", For::Whoever(May::EditCatalog)),
    (GET, "/transfers/template", For::Whoever(May::EditCatalog)),
    (GET, "/transfers/orders", For::Whoever(May::ExportOrders)),
    (POST, "/transfers/orders", For::Whoever(May::ExportOrders)),
    (GET, "/transfers/{id}", For::Whoever(May::Look)),
    (POST, "/transfers/{id}/import", For::Whoever(May::EditCatalog)),
    (POST, "/transfers/{id}/cancellation", For::Whoever(May::Look)),
    (GET, "/transfers/{id}/wrong-rows", For::Whoever(May::EditCatalog)),
    (GET, "/transfers/{id}/file", For::Whoever(May::EditCatalog)),
    (GET, "/transfers/{id}/orders", For::Whoever(May::ExportOrders)),
    // Orders
    (GET, "/orders", For::Whoever(May::Look)),
    (GET, "/orders/packing-slips", For::Whoever(May::SeeBuyers)),
    (GET, "/orders/{number}", For::Whoever(May::Look)),
    (POST, "/orders/{number}/shipment", For::Whoever(May::HandleOrders)),
    (POST, "/orders/{number}/shipment/correction", For::Whoever(May::HandleOrders)),
    (POST, "/orders/{number}/receipt", For::Whoever(May::HandleOrders)),
    (POST, "/orders/{number}/notes", For::Whoever(May::HandleOrders)),
    (POST, "/orders/{number}/cancellation", For::Whoever(May::HandleOrders)),
    (GET, "/orders/{number}/packing-slip", For::Whoever(May::SeeBuyers)),
    (GET, "/orders/{number}/refund", For::Whoever(May::MoveMoney)),
    (POST, "/orders/{number}/refund", For::Whoever(May::MoveMoney)),
    (POST, "/orders/{number}/refunds/{out_refund_id}/retry", For::Whoever(May::MoveMoney)),
    (POST, "/orders/{number}/refunds/{out_refund_id}/aside", For::Whoever(May::MoveMoney)),
    (POST, "/orders/{number}/surplus/{pay_id}", For::Whoever(May::MoveMoney)),
    // Money
    (GET, "/money", For::Whoever(May::Look)),
    (GET, "/money/refunds", For::Whoever(May::Look)),
    (GET, "/money/notices", For::Whoever(May::Look)),
    (POST, "/money/notices/seen", For::Whoever(May::MoveMoney)),
    // Whether the money adds up
    (GET, "/money/checks", For::Whoever(May::Look)),
    (POST, "/money/checks", For::Whoever(May::MoveMoney)),
    // Reconciliation
    (GET, "/money/reconciliations", For::Whoever(May::Look)),
    (POST, "/money/reconciliations", For::Whoever(May::MoveMoney)),
    (POST, "/money/reconciliations/console", For::Whoever(May::MoveMoney)),
    (GET, "/money/reconciliations/{id}", For::Whoever(May::Look)),
    (POST, "/money/reconciliations/{id}/columns", For::Whoever(May::MoveMoney)),
    (GET, "/money/reconciliations/{id}/file", For::Whoever(May::MoveMoney)),
    (POST, "/money/reconciliations/{id}/rows/{row}/resolution", For::Whoever(May::MoveMoney)),
    // The desk where fans are answered
    (GET, "/fans", For::Whoever(May::TalkToFans)),
    // What is sent to many
    (GET, "/fans/broadcasts", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts", For::Whoever(May::EditFans)),
    (GET, "/fans/broadcasts/new", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/pace", For::Whoever(May::EditFans)),
    (GET, "/fans/broadcasts/{id}", For::Whoever(May::EditFans)),
    (GET, "/fans/broadcasts/{id}/edit", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/{id}/edit", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/{id}/trial", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/{id}/sending", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/{id}/pause", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/{id}/resumption", For::Whoever(May::EditFans)),
    (POST, "/fans/broadcasts/{id}/cancellation", For::Whoever(May::EditFans)),
    (GET, "/fans/groups", For::Whoever(May::EditFans)),
    (POST, "/fans/groups", For::Whoever(May::EditFans)),
    (POST, "/fans/groups/members", For::Whoever(May::EditFans)),
    (POST, "/fans/groups/{id}/name", For::Whoever(May::EditFans)),
    (POST, "/fans/groups/{id}/removal", For::Whoever(May::EditFans)),
    (GET, "/fans/subscribers", For::Whoever(May::EditFans)),
    (POST, "/fans/subscribers/lists", For::Whoever(May::EditFans)),
    (POST, "/fans/subscribers/invitations", For::Whoever(May::EditFans)),
    // Rules
    (GET, "/fans/rules", For::Whoever(May::EditFans)),
    (GET, "/fans/rules/new", For::Whoever(May::EditFans)),
    (POST, "/fans/rules/new", For::Whoever(May::EditFans)),
    (GET, "/fans/rules/trial", For::Whoever(May::EditFans)),
    (GET, "/fans/rules/{id}", For::Whoever(May::EditFans)),
    (POST, "/fans/rules/{id}", For::Whoever(May::EditFans)),
    (POST, "/fans/rules/{id}/place", For::Whoever(May::EditFans)),
    (POST, "/fans/rules/{id}/removal", For::Whoever(May::EditFans)),
    // The menu, codes, and what fans look like
    (GET, "/fans/menu", For::Whoever(May::EditFans)),
    (POST, "/fans/menu", For::Whoever(May::EditFans)),
    (POST, "/fans/menu/preview", For::Whoever(May::EditFans)),
    (GET, "/fans/menu/live", For::Whoever(May::EditFans)),
    (POST, "/fans/menu/live", For::Whoever(May::EditFans)),
    (POST, "/fans/menu/removal", For::Whoever(May::EditFans)),
    (POST, "/fans/menu/{id}/publication", For::Whoever(May::EditFans)),
    (POST, "/fans/menu/changes/{id}/check", For::Whoever(May::EditFans)),
    (GET, "/fans/codes", For::Whoever(May::EditFans)),
    (POST, "/fans/codes", For::Whoever(May::EditFans)),
    (GET, "/fans/codes/new", For::Whoever(May::EditFans)),
    (GET, "/fans/codes/{id}", For::Whoever(May::EditFans)),
    (POST, "/fans/codes/{id}/ticket", For::Whoever(May::EditFans)),
    (POST, "/fans/codes/{id}/drawer", For::Whoever(May::EditFans)),
    (GET, "/fans/codes/{id}/picture", For::Whoever(May::EditFans)),
    (GET, "/fans/codes/{id}/poster", For::Whoever(May::EditFans)),
    (GET, "/fans/{uid}/picture", For::Whoever(May::TalkToFans)),
    (GET, "/fans/events", For::Whoever(May::TalkToFans)),
    (GET, "/fans/canned", For::Whoever(May::TalkToFans)),
    (POST, "/fans/canned", For::Whoever(May::TalkToFans)),
    (POST, "/fans/canned/{id}/removal", For::Whoever(May::TalkToFans)),
    (GET, "/fans/figures", For::Whoever(May::TalkToFans)),
    (GET, "/fans/settings", For::Whoever(May::EditFans)),
    (POST, "/fans/settings", For::Whoever(May::EditFans)),
    (GET, "/fans/{uid}", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/messages", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/assignment", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/snooze", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/closing", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/reopening", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/reading", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/unread", For::Whoever(May::TalkToFans)),
    (GET, "/fans/{uid}/cards", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/cards", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/links", For::Whoever(May::TalkToFans)),
    (POST, "/fans/{uid}/coupons", For::Whoever(May::TalkToFans)),
    (GET, "/fans/{uid}/media/{message}", For::Whoever(May::TalkToFans)),
    // Settings
    (GET, "/settings", For::Whoever(May::EditSettings)),
    (POST, "/settings", For::Whoever(May::EditSettings)),
    (POST, "/settings/logo", For::Whoever(May::EditSettings)),
    (POST, "/settings/logo/removal", For::Whoever(May::EditSettings)),
    (GET, "/settings/delivery", For::Whoever(May::EditSettings)),
    (POST, "/settings/delivery", For::Whoever(May::EditSettings)),
    (GET, "/settings/messages", For::Whoever(May::EditSettings)),
    (POST, "/settings/messages", For::Whoever(May::EditSettings)),
    (GET, "/cards", For::Whoever(May::EditSettings)),
    (POST, "/cards", For::Whoever(May::EditSettings)),
    (GET, "/settings/weibo", For::Whoever(May::HoldKeys)),
    (POST, "/settings/weibo", For::Whoever(May::HoldKeys)),
    (POST, "/settings/weibo/check", For::Whoever(May::HoldKeys)),
    (POST, "/settings/weibo/sign-in", For::Whoever(May::HoldKeys)),
    (POST, "/settings/weibo/public-keys/{mark}/removal", For::Whoever(May::HoldKeys)),
    (GET, "/settings/fans", For::Whoever(May::HoldKeys)),
    (POST, "/settings/fans", For::Whoever(May::HoldKeys)),
    (POST, "/settings/fans/secret/removal", For::Whoever(May::HoldKeys)),
    (POST, "/settings/fans/trouble/removal", For::Whoever(May::HoldKeys)),
    (POST, "/settings/fans/times", For::Whoever(May::HoldKeys)),
    (POST, "/settings/fans/format", For::Whoever(May::HoldKeys)),
    // Partners
    (GET, "/sharing/partners", For::Whoever(May::Look)),
    (POST, "/sharing/partners/hold", For::Whoever(May::EditSharing)),
    (GET, "/sharing/partners/new", For::Whoever(May::EditSharing)),
    (POST, "/sharing/partners/new", For::Whoever(May::EditSharing)),
    (GET, "/sharing/partners/{id}", For::Whoever(May::Look)),
    (POST, "/sharing/partners/{id}/invitation", For::Whoever(May::EditSharing)),
    (POST, "/sharing/partners/{id}/rate", For::Whoever(May::EditSharing)),
    (POST, "/sharing/partners/{id}/end", For::Whoever(May::EditSharing)),
    (POST, "/sharing/partners/{id}/resumption", For::Whoever(May::EditSharing)),
    (POST, "/sharing/partners/{id}/payouts", For::Whoever(May::MoveMoney)),
    (POST, "/sharing/partners/{id}/payouts/{payout}/payment", For::Whoever(May::MoveMoney)),
    (POST, "/sharing/partners/{id}/payouts/{payout}/cancellation", For::Whoever(May::MoveMoney)),
    (GET, "/sharing/partners/{id}/statements/{month}", For::Whoever(May::Look)),
    // Cards, campaigns, posts
    (GET, "/sharing", For::Whoever(May::Look)),
    (GET, "/sharing/cards/{id}", For::Whoever(May::Look)),
    (POST, "/sharing/cards/{id}/link", For::Whoever(May::EditSharing)),
    (GET, "/sharing/links/{code}/code.png", For::Whoever(May::Look)),
    (GET, "/sharing/links/{code}/code.svg", For::Whoever(May::Look)),
    (GET, "/sharing/campaigns", For::Whoever(May::Look)),
    (POST, "/sharing/campaigns", For::Whoever(May::EditSharing)),
    (GET, "/sharing/campaigns/{id}", For::Whoever(May::Look)),
    (POST, "/sharing/campaigns/{id}/links", For::Whoever(May::EditSharing)),
    (POST, "/sharing/campaigns/{id}/closing", For::Whoever(May::EditSharing)),
    (GET, "/sharing/posts", For::Whoever(May::Look)),
    (POST, "/sharing/posts", For::Whoever(May::EditSharing)),
    (GET, "/sharing/posts/new", For::Whoever(May::EditSharing)),
    (GET, "/sharing/posts/{id}", For::Whoever(May::Look)),
    (POST, "/sharing/posts/{id}/text", For::Whoever(May::EditSharing)),
    (POST, "/sharing/posts/{id}/sending", For::Whoever(May::EditSharing)),
    (POST, "/sharing/posts/{id}/recall", For::Whoever(May::EditSharing)),
    (POST, "/sharing/posts/{id}/discarding", For::Whoever(May::EditSharing)),
    (POST, "/sharing/posts/{id}/outcome", For::Whoever(May::EditSharing)),
    (POST, "/sharing/posts/{id}/again", For::Whoever(May::EditSharing)),
    (POST, "/sharing/posts/{id}/product-status", For::Whoever(May::EditSharing)),
    (GET, "/sharing/account", For::Whoever(May::EditSharing)),
    (POST, "/sharing/account", For::Whoever(May::EditSharing)),
    (GET, "/sharing/account/connection", For::Whoever(May::EditSharing)),
    (POST, "/sharing/account/removal", For::Whoever(May::EditSharing)),
];

/// What is grave: asked for the password and the code when they were given too long ago.
const GRAVE: &[(Method, &str)] = &[
    (GET, "/account/second-factor"),
    (POST, "/account/second-factor"),
    (POST, "/account/second-factor/removal"),
    (GET, "/account/recovery-codes"),
    (POST, "/account/recovery-codes"),
    (POST, "/staff/invitations"),
    (POST, "/staff/{id}/role"),
    (POST, "/staff/{id}/second-factor/removal"),
    (GET, "/transfers/orders"),
    (POST, "/transfers/orders"),
    (GET, "/transfers/{id}/orders"),
    (GET, "/orders/{number}/refund"),
    (POST, "/orders/{number}/refund"),
    (POST, "/orders/{number}/refunds/{out_refund_id}/retry"),
    (POST, "/orders/{number}/surplus/{pay_id}"),
    (POST, "/sharing/partners/{id}/payouts"),
    (POST, "/sharing/partners/{id}/payouts/{payout}/payment"),
    (POST, "/sharing/partners/{id}/payouts/{payout}/cancellation"),
    (GET, "/settings/weibo"),
    (POST, "/settings/weibo"),
    (POST, "/settings/weibo/check"),
    (POST, "/settings/weibo/sign-in"),
    (POST, "/settings/weibo/public-keys/{mark}/removal"),
    (GET, "/settings/fans"),
    (POST, "/settings/fans"),
    (POST, "/settings/fans/secret/removal"),
    (POST, "/settings/fans/trouble/removal"),
    (POST, "/settings/fans/times"),
    (POST, "/settings/fans/format"),
];

/// The routes as they stand in the source.
fn routes_in_source() -> BTreeSet<(String, String)> {
    let table = concat!(
        include_str!("../../src/web/admin/routes.rs"),
        include_str!("../../src/web/admin/routes/sharing.rs")
    );
    let route = |after: &str| {
        let (pattern, rest) = after.trim_start().strip_prefix('"')?.split_once('"')?;
        let method = rest.trim_start_matches([',', ' ', '\n']).split_once('(')?.0;
        Some((method.to_uppercase(), pattern.to_owned()))
    };
    let found: Vec<_> = table.split("route(").skip(1).map(|after| (after, route(after))).collect();
    found
        .into_iter()
        .map(|(after, route)| route.unwrap_or_else(|| panic!("a route this test cannot read: {after:.80}")))
        .collect()
}

#[test]
fn every_route_says_who_may_use_it() {
    let table: BTreeSet<_> =
        ROUTES.iter().map(|(method, pattern, _)| (method.to_string(), (*pattern).to_owned())).collect();
    let source = routes_in_source();
    let missing: Vec<_> = source.difference(&table).collect();
    assert!(missing.is_empty(), "add a line to ROUTES in tests/shop/access.rs for {missing:?}");
    let gone: Vec<_> = table.difference(&source).collect();
    assert!(gone.is_empty(), "not in src/web/admin/routes.rs: {gone:?}");
}

/// Somebody who asks.
struct Asker {
    name: &'static str,
    person: Buyer,
    /// Nothing for everybody who is not signed in.
    role: Option<Role>,
    /// What her forms carry, or carried.
    token: String,
}

impl Asker {
    fn outside(name: &'static str, person: Buyer) -> Asker {
        Asker { name, person, role: None, token: "x".into() }
    }

    async fn member(name: &'static str, mut person: Buyer, role: Option<Role>) -> Asker {
        let token = person.opens("/admin/account").await.attribute("[name=token]", "value");
        Asker { name, person, role, token }
    }

    fn may(&self, whom: For) -> bool {
        match (self.role, whom) {
            (_, For::Door) | (Some(_), For::Own) => true,
            (Some(role), For::Whoever(may)) => role.may(may),
            (None, _) => false,
        }
    }

    async fn sends(&mut self, ask: Ask) -> Page {
        self.person.browser.send(ask).await
    }
}

/// The five roles, each just signed in.
async fn members(shop: &TestShop) -> Vec<Asker> {
    let mut all = vec![Asker::member("owner", shop.owner().await, Some(Role::Owner)).await];
    for role in [Role::Operator, Role::Service, Role::Finance, Role::ReadOnly] {
        all.push(Asker::member(role.name(), shop.member(role.name(), role).await, Some(role)).await);
    }
    all
}

/// Everybody who is not in, or not any more: most of them were owners.
async fn outsiders(shop: &TestShop, buyer: Buyer) -> Vec<Asker> {
    let mut other = shop.desktop();
    other.opens("/oauth/weibo?next=/").await;
    other.signs_in().await;
    let mut all = vec![
        Asker::outside("anonymous", shop.desktop()),
        Asker::outside("buyer A", buyer),
        Asker::outside("buyer B", other),
    ];
    let spoil = [
        ("idle", "UPDATE staff_sessions SET seen_at = seen_at - interval '12 hours 1 second'"),
        ("too old", "UPDATE staff_sessions SET begun_at = begun_at - interval '7 days 1 second'"),
        ("disabled", "UPDATE staff SET disabled_at = created_at"),
        ("signed out", ""),
    ];
    for (name, sql) in spoil {
        let person = shop.member(name, Role::Owner).await;
        let mut outsider = Asker::member(name, person, None).await;
        let cookies = outsider.person.browser.cookies.clone();
        if sql.is_empty() {
            outsider.person.presses("form[action='/admin/sign-out']").await;
            outsider.person.browser.cookies = cookies;
        } else {
            let newest = if sql.contains("staff_sessions") { "staff_sessions" } else { "staff" };
            let sql = format!("{sql} WHERE id = (SELECT max(id) FROM {newest})");
            let mut conn = shop.database.connect().await;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
        }
        all.push(outsider);
    }
    shop.member("half way", Role::Owner).await;
    let mut half = shop.desktop();
    half.opens("/admin/sign-in").await;
    let form = half.page().form("form").with("name", "half way").with("password", PASSWORD);
    assert_eq!(half.submits(&form).await.url.path(), "/admin/sign-in/code");
    all.push(Asker::outside("half way", half));
    all
}

/// Where a pattern leads in this test. What is asked for need not be there: who may look is told so (404),
/// who may not is told that.
fn path(pattern: &str, order: &str) -> String {
    let path = format!("/admin{pattern}").replace("{number}", order).replace("{link}", "none");
    let parts: Vec<&str> =
        path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    parts.join("/")
}

/// Where no pattern leads that wants a number, and what a path may hold that nobody expects.
const NONSENSE: [&str; 4] = ["x", "-1", "99999999999999999999", "%FF%00"];

#[tokio::test]
async fn nobody_learns_from_an_address_who_may_not_open_it() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let reader = shop.member("小看", Role::ReadOnly).await;
    let mut everybody = vec![Asker::member("reader", reader, Some(Role::ReadOnly)).await];
    let mut buyer = shop.desktop();
    buyer.opens("/").await;
    everybody.extend(outsiders(&shop, buyer).await);
    let nowhere = (GET, "/no{where}", For::Own);
    let mut wrong = Vec::new();
    for asker in &mut everybody {
        let lines = ROUTES.iter().chain([&nowhere]).filter(|line| !asker.may(line.2));
        for line in lines.cloned().collect::<Vec<_>>() {
            for part in NONSENSE {
                let parts = line.1.split('/').map(|p| if p.contains('{') { part } else { p });
                let at = format!("/admin{}?member=1&member=2", parts.collect::<Vec<_>>().join("/"));
                if let Err(why) = tries(asker, &line, &at, &[]).await {
                    wrong.push(format!("{} {} {at}: {why}", asker.name, line.0));
                }
                if !line.1.contains('{') {
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An answer that neither does nor shows anything.
fn is_refusal(page: &Page, asker: &Asker, secrets: &[&str]) -> Result<(), String> {
    let to = page.header("location");
    let door = if asker.name == "half way" { "/admin/sign-in/code" } else { "/admin/sign-in" };
    let right = match asker.role {
        None => page.status == 303 && to == door,
        Some(_) => page.status == 403,
    };
    let leaks = secrets.iter().any(|secret| page.body.contains(secret));
    if right && !leaks { Ok(()) } else { Err(format!("{} to {to:?}, leaks: {leaks}", page.status)) }
}

/// What is wrong with the answers that one asker gets at one route; nothing, one hopes.
async fn tries(
    asker: &mut Asker,
    line: &(Method, &str, For),
    at: &str,
    secrets: &[&str],
) -> Result<(), String> {
    let (method, _, rule) = line;
    let url = asker.person.browser.at(at);
    let allowed = asker.may(*rule);
    if *method == GET {
        let page = asker.sends(Ask::get(url)).await;
        if !allowed {
            return is_refusal(&page, asker, secrets);
        }
        let led_away = page.status == 303
            && ["/admin/sign-in", "/admin/account/confirm"]
                .iter()
                .any(|door| *rule != For::Door && page.header("location").starts_with(door));
        let shown =
            matches!(page.status.as_u16(), 200 | 303 | 404) || (*rule == For::Door && page.status == 410);
        return if shown && !led_away { Ok(()) } else { Err(page.told()) };
    }
    let body = format!("token={}", asker.token);
    if !allowed {
        return is_refusal(&asker.sends(Ask::post(url, body)).await, asker, secrets);
    }
    // A body of another kind is refused last: so she may do this, and nothing is done.
    let page = asker.sends(Ask::post(url, body).with(CONTENT_TYPE, "text/plain")).await;
    let in_time = page.status == 415 || (*rule == For::Door && matches!(page.status.as_u16(), 303 | 410));
    if in_time { Ok(()) } else { Err(format!("{} where 415 was expected", page.status)) }
}

#[tokio::test]
async fn everybody_reaches_what_is_hers_and_nothing_else() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let order = buyer.order();
    let secrets = [ADDRESS[0].1, ADDRESS[1].1, ADDRESS[5].1, order.as_str()];
    let mut everybody = members(&shop).await;
    everybody.extend(outsiders(&shop, buyer).await);
    let mut wrong = Vec::new();
    for asker in &mut everybody {
        for line in ROUTES {
            let at = path(line.1, &order);
            if let Err(why) = tries(asker, line, &at, &secrets).await {
                wrong.push(format!("{} {} {at}: {why}", asker.name, line.0));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_is_grave_asks_for_a_password_given_a_short_while_ago() {
    let shop = TestShop::open().await;
    let mut owner = Asker::member("owner", shop.owner().await, Some(Role::Owner)).await;
    for (method, pattern) in GRAVE {
        let known = ROUTES.iter().any(|(m, p, rule)| (m, p) == (method, pattern) && *rule != For::Door);
        assert!(known, "{method} {pattern} is no route of hers");
    }
    let mut wrong = Vec::new();
    for is_old in [false, true] {
        if is_old {
            shop.later(minutes(11));
        }
        for (method, pattern, _) in ROUTES.iter().filter(|(_, _, rule)| *rule != For::Door) {
            let url = owner.person.browser.at(&path(pattern, "2611-7KQ4-M2X9"));
            let grave = GRAVE.contains(&(method.clone(), pattern));
            // Where nothing is asked, a body of another kind is refused: nothing is done.
            let ask = match (method == GET, grave && is_old) {
                (true, _) => Ask::get(url),
                (false, true) => Ask::post(url, format!("token={}", owner.token)),
                (false, false) => Ask::post(url, String::new()).with(CONTENT_TYPE, "text/plain"),
            };
            let page = owner.sends(ask).await;
            let led = page.status == 303 && page.header("location").starts_with("/admin/account/confirm?");
            if led != (grave && is_old) {
                wrong.push(format!("{method} {pattern}, old {is_old}: {}", page.told()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A form in the encoding that files need.
fn multipart(url: url::Url, token: &str) -> Ask {
    let body = format!("--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--x--\r\n");
    Ask::post(url, body).with(CONTENT_TYPE, "multipart/form-data; boundary=x")
}

#[tokio::test]
async fn no_form_is_taken_that_its_own_session_did_not_make() {
    let shop = TestShop::open().await;
    let mut all = members(&shop).await;
    let foreign = all[1].token.clone();
    let owner = &mut all[0];
    let mut wrong = Vec::new();
    for (method, pattern, rule) in ROUTES {
        if *method == GET {
            continue;
        }
        let url = owner.person.browser.at(&path(pattern, "2611-7KQ4-M2X9"));
        let cross = Ask::post(url.clone(), "token=x").of_another_site();
        let page = owner.sends(Ask { cookies: true, ..cross }).await;
        if page.status != 403 {
            wrong.push(format!("{pattern} from another site: {}", page.status));
        }
        if *rule == For::Door {
            continue;
        }
        for token in ["", "x", &foreign] {
            let plain = owner.sends(Ask::post(url.clone(), format!("token={token}"))).await.status;
            let files = owner.sends(multipart(url.clone(), token)).await.status;
            let refused = |status: reqwest::StatusCode| status == 403 || status == 415;
            if !refused(plain) || !refused(files) || (plain != 403 && files != 403) {
                wrong.push(format!("{pattern} with token {token:?}: {plain} {files}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(owner.person.opens("/admin").await.url.path(), "/admin", "nothing was done");
}

#[tokio::test]
async fn a_buyers_order_is_hers_alone() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let order = buyer.order();
    let mut everybody = members(&shop).await;
    everybody.extend(outsiders(&shop, buyer).await);
    for asker in &mut everybody {
        for at in ["/orders/{n}", "/orders/{n}/state", "/en/orders/{n}"] {
            let url = asker.person.browser.at(&at.replace("{n}", &order));
            let status = asker.sends(Ask::get(url)).await.status.as_u16();
            let expected = if asker.name == "buyer A" { 200 } else { 404 };
            assert_eq!(status, expected, "{} at {at}", asker.name);
        }
    }
    shop.leaves_jobs();
}
