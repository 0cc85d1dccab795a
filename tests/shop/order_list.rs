//! Finding orders, and who sees how much of them; and the slips that are printed.

use crate::calling_off::{Crossed, crossed};
use crate::parcels::{NOTE, SHIP, at_the_cashier, cancels, history, paid, path, ships};
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use std::collections::BTreeSet;
use weipu::sandbox::Fault;
use weipu::staff::Role;

/// The numbers on the list, in its order.
fn listed(page: &Page) -> Vec<String> {
    page.body
        .split("<a href=\"/admin/orders/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .filter(|number| number.len() == 14)
        .collect()
}

async fn finds(owner: &mut Buyer, query: &str) -> BTreeSet<String> {
    let page = owner.opens(&format!("/admin/orders{query}")).await;
    assert_eq!(page.status, 200, "{}", page.told());
    let found: BTreeSet<String> = listed(page).into_iter().collect();
    let told = page.text(".head");
    assert!(query.contains("after") || told.contains(&format!("共 {} 单", found.len())), "{query}: {told}");
    found
}

/// Somebody else's order of a mug, unpaid.
async fn ordered_by(shop: &TestShop, name: &str, phone: &str) -> String {
    let mut buyer = shop.buyer();
    buyer.opens("/checkout?variant=mug").await;
    let form = buyer.filled_in().with("recipient", name).with("phone", phone);
    buyer.submits(&form).await;
    buyer.order()
}

/// One order of each kind.
struct Orders {
    sent: String,
    waiting: String,
    unpaid: String,
    called_off: String,
    named: String,
    confirming: String,
}

/// What is asked for, and what should be found.
fn cases(orders: &Orders, pay_id: i64) -> Vec<(String, Vec<&String>)> {
    let Orders { sent, waiting, unpaid, called_off, named, confirming } = orders;
    let all = [sent, waiting, unpaid, called_off, named, confirming];
    let (middle, end) = (&waiting[5..9], &waiting[10..]);
    vec![
        (String::new(), all.to_vec()),
        ("?state=".into(), all.to_vec()),
        ("?state=to-ship".into(), vec![waiting]),
        ("?state=shipped".into(), vec![sent]),
        ("?state=unpaid".into(), vec![unpaid, named, confirming]),
        ("?state=closed".into(), vec![called_off]),
        ("?state=late".into(), vec![]),
        ("?state=confirming".into(), vec![confirming]),
        ("?from=2026-11-21&to=2026-11-21".into(), all.to_vec()),
        ("?to=2026-11-20".into(), vec![]),
        ("?from=2026-11-22".into(), vec![]),
        (format!("?q={waiting}"), vec![waiting]),
        (format!("?q={}", waiting.to_lowercase()), vec![waiting]),
        (format!("?q={}", &waiting[..11]), vec![waiting]),
        (format!("?q={middle}-{end}"), vec![waiting]),
        (format!("?q={end}"), vec![waiting]),
        ("?q=林阿".into(), vec![sent, waiting, unpaid, called_off, confirming]),
        ("?q=阿梨".into(), vec![]),
        ("?q=欧阳 100%25_\\".into(), vec![named]),
        ("?q=欧阳 1__".into(), vec![]),
        ("?q=%25".into(), vec![]),
        ("?q=13912345678".into(), vec![named]),
        ("?q=139 1234-5678".into(), vec![named]),
        ("?q=5678".into(), vec![named]),
        ("?q=13912345679".into(), vec![]),
        ("?q= sf1234567890123 ".into(), vec![sent]),
        (format!("?q={pay_id}"), vec![sent]),
        ("?q=阿&state=shipped".into(), vec![]),
        ("?q=林&state=shipped".into(), vec![sent]),
        ("?product=longjing".into(), vec![sent, waiting]),
        ("?product=longjing-1&state=to-ship".into(), vec![waiting]),
        ("?product=longjing-2".into(), vec![]),
        ("?product=nothing".into(), vec![]),
        ("?product=mug&q=欧".into(), vec![named]),
        ("?product=socks&state=confirming".into(), vec![confirming]),
        ("?after=nonsense".into(), all.to_vec()),
        ("?after=0-0".into(), vec![]),
        ("?unknown=1".into(), all.to_vec()),
    ]
}

async fn one_of_each(shop: &TestShop, owner: &mut Buyer) -> Orders {
    let (_a, sent) = paid(shop, "longjing-1").await;
    ships(owner, &sent, "sf", "SF1234567890123").await;
    shop.later(minutes(1));
    let (_b, waiting) = paid(shop, "longjing-1").await;
    let (_c, unpaid) = at_the_cashier(shop, "mug").await;
    let (_d, called_off) = at_the_cashier(shop, "socks-1").await;
    cancels(owner, &called_off).await;
    let named = ordered_by(shop, "欧阳 100%_\\", "+8613912345678").await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let (mut e, confirming) = at_the_cashier(shop, "socks-3").await;
    e.pays().await;
    Orders { sent, waiting, unpaid, called_off, named, confirming }
}

#[tokio::test]
async fn the_export_holds_exactly_what_the_list_shows() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let orders = one_of_each(&shop, &mut owner).await;
    let pay_id = shop.count("SELECT pay_id::bigint FROM payments ORDER BY id LIMIT 1").await;
    let mut words = BTreeSet::new();
    for (query, _) in cases(&orders, pay_id).into_iter().filter(|(query, _)| !query.contains("after")) {
        let found = finds(&mut owner, &query).await;
        owner.follows("a[href^='/admin/transfers/orders']").await;
        owner.presses("#export").await;
        shop.work().await;
        owner.looks_again().await;
        let url = owner.page().link("#download");
        let file = owner.browser.send(Ask::get(url)).await.body;
        let rows = file.lines().skip(1).map(|row| row.split(',').map(|cell| cell.trim_matches(['\t', '"'])));
        let rows: Vec<Vec<&str>> = rows.map(Iterator::collect).collect();
        assert_eq!(rows.iter().map(|row| row[0].to_owned()).collect::<BTreeSet<_>>(), found, "{query}");
        words.extend(rows.iter().map(|row| (row[0].to_owned(), row[3].to_owned())));
        let parcel = ("顺丰速运", "SF1234567890123");
        let told = (file.contains(parcel.0), file.contains(parcel.1));
        assert_eq!(told, (found.contains(&orders.sent), found.contains(&orders.sent)), "{query}");
    }
    assert_eq!(words.len(), 6, "each order says the same in all files: {words:?}");
    for (number, word) in words {
        let listed = owner.opens(&format!("/admin/orders?q={number}")).await;
        assert_eq!(listed.text("td:nth-last-child(2) .tag"), word);
        assert!(owner.opens(&format!("/admin/orders/{number}")).await.text("h1").contains(&word[..6]));
    }
    let mut looker = shop.member("看看", Role::ReadOnly).await;
    assert!(!looker.opens("/admin/orders").await.has("a[href^='/admin/transfers/orders']"));
    shop.weibo.stops(Fault::QueryUnknownCode);
    shop.closes().await;
}

#[tokio::test]
async fn every_filter_finds_what_it_says_and_nothing_else() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let orders = one_of_each(&shop, &mut owner).await;
    let pay_id = shop.count("SELECT pay_id::bigint FROM payments ORDER BY id LIMIT 1").await;
    for (query, expected) in cases(&orders, pay_id) {
        let expected: BTreeSet<String> = expected.into_iter().cloned().collect();
        let found = finds(&mut owner, &query).await;
        // Parts of numbers are drawn by chance: a short one may be another order's too.
        let part = query.strip_prefix("?q=").is_some_and(|q| q.len() < 14 && orders.waiting.contains(q));
        assert!(found == expected || (part && found.is_superset(&expected)), "{query}: {found:?}");
    }
    assert!(owner.opens("/admin/orders?state=to-ship").await.text(".head").contains("共 1 单"));
    shop.weibo.stops(Fault::QueryUnknownCode);
    shop.closes().await;
}

#[tokio::test]
async fn a_late_payment_has_its_own_tab() {
    let shop = TestShop::open().await;
    let Crossed { mut owner, number, notice, .. } = crossed(&shop).await;
    shop.buyer().orders("teapot", 1).await;
    shop.weibo.tells(notice).await;
    for state in ["late", "closed"] {
        assert_eq!(finds(&mut owner, &format!("?state={state}")).await, [number.clone()].into());
    }
    assert!(owner.page().text(".tag.red").contains("迟到"));
    shop.closes().await;
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_told_and_nothing_breaks() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let long = format!("?q={}", "长".repeat(65));
    for (query, field) in [
        ("?q=%00", "q"),
        ("?q=a%0ab", "q"),
        (long.as_str(), "q"),
        ("?from=2026-02-30", "from"),
        ("?to=x", "to"),
        ("?from=2026-11-22&to=2026-11-21", "to"),
        ("?product=%07", "product"),
    ] {
        let page = owner.opens(&format!("/admin/orders{query}")).await;
        assert_eq!((page.status.as_u16(), page.wrong(field).is_empty()), (422, false), "{query}");
    }
    assert_eq!(owner.opens("/admin/orders?state=lost").await.status, 422);
    for evil in [
        "' OR 1=1 --",
        "\\",
        "\\\\%",
        "_",
        "<script>alert(1)</script>",
        "\u{202e}\u{feff}",
        "2611-7KQ4-M2X9-",
        "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "9999999999999999999999999999",
        "-",
        "--------------",
        "+++",
        "İıß",
    ] {
        let query: String = form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        for field in ["q", "product", "after"] {
            let page = owner.opens(&format!("/admin/orders?{field}={query}")).await;
            assert_eq!(page.status, 200, "{field}={evil}: {}", page.told());
            assert!(!page.body.contains("<script>alert"));
        }
    }
    for odd in ["?q=a&q=b", "?q=%ff", "?from=%ff"] {
        let status = owner.opens(&format!("/admin/orders{odd}")).await.status.as_u16();
        assert!([200, 400, 422].contains(&status), "{odd}: {status}");
    }
    let far = "?after=253402300799999999-999999999999999999&from=2999-12-31&to=2999-12-31";
    assert!(finds(&mut owner, far).await.is_empty());
}

/// Many orders that were closed, three of them placed at the same moment, without the long way through the shop.
async fn many_orders(shop: &TestShop, many: i32) {
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let sql = "WITH more AS (
            INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, language, recipient,
                phone, province, city, district, street, note, total_fen, placed_at, pay_until,
                closed_at, closed_because, pieces_left)
            SELECT '2610-' || lpad(i::text, 4, '0') || '-0000', gen_random_uuid(), checkout_digest,
                'more' || lpad(i::text, 18, '0'), visitor, language, recipient, phone, province, city, district,
                street, note, total_fen, placed_at - (i / 3) * interval '1 minute', pay_until, pay_until,
                'expired', pieces_left
            FROM orders, generate_series(1, $1) AS i RETURNING id, placed_at)
        INSERT INTO order_lines SELECT more.id, l.position, l.variant_id, l.sku, l.product_id, l.product_slug,
            l.product_zh, l.product_en, l.choice_zh, l.choice_en, l.picture, l.unit_price_fen, l.quantity, l.paid_fen, more.placed_at
        FROM more, order_lines l";
    let mut conn = shop.database.connect().await;
    sqlx::query(sql).bind(many).execute(&mut conn).await.unwrap();
}

#[tokio::test]
async fn pages_follow_each_other_while_new_orders_come_in() {
    let shop = TestShop::open().await;
    many_orders(&shop, 130).await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/orders?product=mug&to=2026-11-21").await;
    assert!(page.text(".head").contains("共 131 单"));
    let mut seen = listed(page);
    assert_eq!(seen.len(), 50);
    for expected in [50, 31] {
        shop.later(minutes(1));
        shop.buyer().orders("mug", 1).await;
        let page = owner.follows(".pager a[rel=next]").await;
        let rows = listed(page);
        assert_eq!(rows.len(), expected);
        seen.extend(rows);
    }
    assert!(!owner.page().has(".pager a[rel=next]"));
    let different: BTreeSet<_> = seen.iter().collect();
    assert_eq!(different.len(), 131, "each once, and none is missing");
    let back = owner.follows(".pager a").await;
    assert_eq!(back.url.query(), Some("to=2026-11-21&product=mug"));
    assert!(back.text(".head").contains("共 133 单"));
    shop.closes().await;
}

const SECRETS: [&str; 4] = ["13800138000", "龙井路 1 号", "林阿梨", "周五在家"];

#[tokio::test]
async fn who_may_not_see_buyers_sees_them_masked_and_cannot_look_for_them() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.opens("/oauth/weibo?next=/checkout?variant=mug").await;
    buyer.signs_in().await;
    buyer.opens("/checkout?variant=mug").await;
    let form = buyer.filled_in().with("note", "周五在家");
    buyer.submits(&form).await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    let mut owner = shop.owner().await;
    let form = owner.opens(&path(&number)).await.form(SHIP);
    for (role, sees) in [
        (Role::Owner, true),
        (Role::Operator, true),
        (Role::Service, true),
        (Role::Finance, false),
        (Role::ReadOnly, false),
    ] {
        let handles = sees;
        let mut owner = shop.member(role.name(), role).await;
        let token = owner.opens("/admin/account").await.attribute("[name=token]", "value");
        let list = owner.opens("/admin/orders").await.clone();
        assert_eq!(listed(&list), std::slice::from_ref(&number), "{role}");
        assert_eq!((list.body.contains("13800138000"), list.has("[name=n]")), (sees, sees), "{role}");
        let page = owner.opens(&path(&number)).await.clone();
        for secret in SECRETS {
            assert_eq!(page.body.contains(secret), sees, "{role}: {secret}");
            assert!(sees || !list.body.contains(secret), "{role}: {secret}");
        }
        assert!(page.body.contains('@') == sees && (sees || page.text("#whereto").contains("138****8000")));
        assert_eq!((page.has(SHIP), page.has(NOTE)), (handles, handles), "{role}");
        for (query, found) in [("林阿", sees), ("13800138000", sees), ("38000", sees), ("8000", true)] {
            let rows = finds(&mut owner, &format!("?q={query}")).await;
            assert_eq!(rows.contains(&number), found, "{role}: {query}");
        }
        let print = format!("/admin/orders/packing-slips?n={number}");
        for slip in [format!("{}/packing-slip", path(&number)), print] {
            let expected = if sees { 200 } else { 403 };
            assert_eq!(owner.opens(&slip).await.status.as_u16(), expected, "{role}");
        }
        if handles {
            continue;
        }
        for way in ["shipment", "shipment/correction", "notes", "cancellation"] {
            let mut forged = form
                .clone()
                .with("token", token.clone())
                .with("courier", "sf")
                .with("tracking", "SF1234567890123");
            forged.action.set_path(&format!("{}/{way}", path(&number)));
            assert_eq!(owner.submits(&forged).await.status, 403, "{role}: {way}");
        }
    }
    let forged =
        form.with("token", "AAAAAAAAAAAAAAAAAAAAAA").with("courier", "sf").with("tracking", "SF1234567");
    assert_eq!(owner.submits(&forged).await.status, 403, "a form that no page of ours made");
    assert_eq!(shop.count("SELECT count(*) FROM shipments").await, 0);
    assert!(!shop.logged().contains("周五在家"));
    shop.closes().await;
}

#[tokio::test]
async fn every_life_of_an_order_is_told_whole() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let placed = buyer.order();
    assert_eq!(history(owner.opens(&path(&placed)).await), ["placed"]);
    buyer.goes_to_the_cashier().await;
    assert_eq!(history(owner.opens(&path(&placed)).await), ["placed", "cashier"]);
    buyer.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(history(owner.opens(&path(&placed)).await), ["placed", "cashier", "paid"]);
    // Paid on two ways at once: the second goes back, and says so.
    let mut twice = shop.desktop();
    twice.orders("mug", 1).await;
    let (number, token) = (twice.order(), twice.page().link("#pc"));
    let mut phone = shop.buyer();
    phone.visits(token).await;
    twice.goes_to_the_cashier().await;
    twice.presses_pay().await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    let page = owner.opens(&path(&number)).await;
    assert_eq!(
        history(page),
        ["placed", "cashier", "cashier", "paid", "surplus", "refunding"],
        "{}",
        page.told()
    );
    assert!(page.text("#money").contains("39.90") && page.has("#refunds"));
    shop.closes().await;
}

#[tokio::test]
async fn a_slip_holds_what_is_packed_and_no_price() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.opens("/checkout?variant=longjing-1&quantity=3").await;
    let evil = "<script>alert(1)</script>\"'";
    let form =
        buyer.filled_in().with("recipient", evil).with("street", "<b>路</b>").with("note", "</p><img src=x>");
    buyer.submits(&form).await;
    let (first, url) = (buyer.order(), buyer.page().url.clone());
    buyer.pays().await;
    shop.weibo.delivers().await;
    drop(url);
    let (_b, second) = paid(&shop, "mug").await;
    let (_c, unpaid) = at_the_cashier(&shop, "socks-1").await;
    let mut owner = shop.owner().await;
    let page = owner.opens(&format!("{}/packing-slip", path(&first))).await;
    assert_eq!((page.text("h2"), page.text("tfoot .count")), (first.clone(), "3".into()));
    assert!(page.text(".to").contains(evil) && page.text(".to").contains("<b>路</b>"), "{}", page.told());
    assert!(page.text(".note").contains("</p><img src=x>") && !page.body.contains("<script>alert"));
    assert!(page.text("tbody").contains("longjing-1") && page.has(".code svg"));
    assert!(!page.body.contains("128.00") && !page.body.contains("384.00"), "no prices");
    let many = format!("/admin/orders/packing-slips?n={second}&n={unpaid}&n={first}&n={second}");
    let page = owner.opens(&many).await;
    let slips: Vec<_> = page.body.split("<section class=\"slip\"").skip(1).collect();
    assert_eq!(slips.len(), 2, "{}", page.told());
    assert!(slips[0].contains(&second) && slips[1].contains(&first), "in the order that was asked for");
    assert!(page.text("[role=alert]").contains(&unpaid), "what is not paid is not packed");
    assert_eq!(owner.opens("/admin/orders/packing-slips").await.status, 200);
    let fifty_one = (0..51).map(|n| format!("n=2611-0000-{n:04}")).collect::<Vec<_>>().join("&");
    for bad in ["?n=x", "?n=%00", &format!("?{fifty_one}")] {
        assert_eq!(owner.opens(&format!("/admin/orders/packing-slips{bad}")).await.status, 400, "{bad}");
    }
    assert_eq!(owner.opens("/admin/orders/2611-0000-0000/packing-slip").await.status, 404);
    let form = owner.opens("/admin/orders").await.form("form.panel").with("n", second.clone());
    assert_eq!(owner.asks(Ask::form(&form)).await.text("h2"), second);
    shop.closes().await;
}
