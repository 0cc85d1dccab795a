//! Every migration is applied over rows of those before it, has a name of the common form, and a database
//! that knows newer ones is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use std::path::Path;
use weipu::db::private::{self, Private};
use weipu::db::{self, Db};

/// What stands in the tables before the next migration comes. A new migration needs a line here.
const SAMPLES: &[(&str, &str)] = &[
    (
        "0001_catalog",
        "INSERT INTO shop (name_zh) VALUES ('山间小铺');
         INSERT INTO categories (slug, name_zh) VALUES ('tea', '茶');
         INSERT INTO products (slug, category_id, name_zh, created_at, updated_at) VALUES ('longjing', 1, '龙井', now(), now());
         INSERT INTO axes (product_id, number, name_zh) VALUES (1, 1, '规格');
         INSERT INTO choices (product_id, axis, position, name_zh) VALUES (1, 1, 1, '小罐');
         INSERT INTO variants (product_id, sku, position, choice_1, price_fen, stock) VALUES (1, 'longjing-1', 1, 1, 12800, 3);
         INSERT INTO pictures (product_id, position, name) VALUES (1, 1, '0123456789abcdef');",
    ),
    (
        "0002_customers",
        "INSERT INTO customers (weibo_uid, screen_name, created_at, signed_in_at) VALUES (7000000002, '阿梨', now(), now());
         INSERT INTO sessions VALUES ('\\x01', '{}', now());",
    ),
    (
        "0003_orders",
        "INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, customer_id, language,
             recipient, phone, province, city, district, street, note, total_fen, placed_at, pay_until)
         VALUES ('2611-7KQ4-M2X9', '00000000-0000-4000-8000-000000000001', '\\x01', '0123456789012345678901',
             '00000000-0000-4000-8000-000000000002', 1, 'zh-CN', '林阿梨', '13800138000', '浙江省', '杭州市', '',
             '龙井路', '', 12800, now(), now());
         INSERT INTO order_lines VALUES (1, 1, 1, 'longjing-1', 1, 'longjing', '龙井', '', '小罐', '', NULL, 12800, 1);",
    ),
    (
        "0004_payments",
        "INSERT INTO attempts (order_id, number, way, out_pay_id, amount_fen, begun_at, expires_at)
         VALUES (1, 1, 'client', '26117KQ4M2X90193', 12800, now(), now());
         INSERT INTO notices (digest, body, received_at, outcome, order_id) VALUES ('d', 'a=b', now(), 'settled', 1);
         INSERT INTO payments (order_id, attempt_id, kind, pay_id, amount_fen, paid_at, settled_at, notice)
         VALUES (1, 1, 'pay', '300000000000000001', 12800, now(), now(), 'd');
         UPDATE orders SET payment = 'paid', paid_at = now();
         INSERT INTO payments (order_id, attempt_id, kind, pay_id, amount_fen, paid_at, settled_at)
         VALUES (1, 1, 'surplus', '300000000000000002', 12800, now(), now());
         INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, language, recipient, phone,
             province, city, district, street, note, total_fen, placed_at, pay_until, payment, paid_at, closed_at, closed_because)
         SELECT '2611-7KQ4-M2X8', '00000000-0000-4000-8000-000000000009', checkout_digest, '0123456789012345678909', visitor,
             language, recipient, phone, province, city, district, street, note, total_fen, placed_at, pay_until, 'late',
             now(), now(), 'expired' FROM orders;
         INSERT INTO attempts (order_id, number, way, out_pay_id, amount_fen, begun_at, expires_at)
         VALUES (2, 1, 'qr', '26117KQ4M2X80193', 12800, now(), now());
         INSERT INTO payments (order_id, attempt_id, kind, pay_id, amount_fen, paid_at, settled_at)
         VALUES (2, 2, 'pay', '300000000000000003', 12800, now(), now());",
    ),
    ("0005_jobs", "INSERT INTO jobs (key, job, run_at) VALUES ('k', '{\"kind\":\"ask_weibo\",\"attempt\":1}', now());"),
    (
        "0006_reposts",
        "INSERT INTO reposts (order_id, customer_id, kind, text, state, asked_at) VALUES (1, 1, 'share', 'x', 'sending', now());",
    ),
    (
        "0007_staff",
        "INSERT INTO staff (name, password_hash, role, created_at) VALUES ('阿山', 'h', 'owner', now());
         INSERT INTO staff_links VALUES ('\\x01', 'owner', now(), NULL);",
    ),
    (
        "0008_staff_roles_and_audit",
        "INSERT INTO audit (at, staff_id, staff_name, action, subject) VALUES (now(), 1, '阿山', 'change-product', 'product 1');",
    ),
    (
        "0009_second_factor_and_sessions",
        "INSERT INTO staff_recovery_codes VALUES (1, '\\x01', NULL);
         INSERT INTO staff_sessions (staff_id, begun_at, confirmed_at, seen_at, browser, address)
         VALUES (1, now(), now(), now(), 'Chrome', '127.0.0.1');
         INSERT INTO staff_links (fingerprint, kind, role, invited_by, expires_at) VALUES ('\\x02', 'invitation', 'service', 1, now());
         INSERT INTO staff_tries VALUES ('k', 1, now(), now());",
    ),
    (
        "0010_catalog_editing",
        "INSERT INTO categories (slug, name_zh, parent_id) VALUES ('green-tea', '绿茶', 1);
         INSERT INTO products (slug, category_id, name_zh, created_at, updated_at, archived_at) VALUES ('old', 2, '旧', now(), now(), now());
         UPDATE products SET slug = 'older' WHERE slug = 'old';
         INSERT INTO variants (product_id, sku, position, price_fen, stock, retired_at) VALUES (1, 'longjing-1', 2, 12800, 0, now());",
    ),
    ("0011_stored_pictures", "INSERT INTO stored_pictures VALUES ('fedcba9876543210', now());"),
    (
        "0012_stock_ledger_and_search",
        "UPDATE variants SET stock = 2, low_at = 3 WHERE id = 1;
         INSERT INTO stock_movements (variant_id, delta, balance, reason, order_id, actor, at)
         VALUES (1, -1, 2, 'sale', 1, 'buyer', now());
         INSERT INTO stock_checks (checked_at, differences) VALUES (now(), '[]');",
    ),
    (
        "0013_transfers",
        "INSERT INTO transfers (kind, state, file_name, asked_at, expires_at, actor, staff_id, staff_name)
         VALUES ('import-products', 'checked', '商品.csv', now(), now(), 'staff', 1, '阿山');
         INSERT INTO transfer_pieces VALUES (1, 0, '\\x61');
         INSERT INTO transfer_rows (transfer_id, line, cells, slug, sku, leader, place, first_of_sku)
         VALUES (1, 2, '[]', 'a', 'b', 2, 1, 2);",
    ),
    (
        "0014_order_desk",
        "UPDATE orders SET fulfilment = 'shipped', shipped_at = now() WHERE id = 1;
         INSERT INTO shipments (order_id, courier, tracking, shipped_at, actor, staff_id, staff_name)
         VALUES (1, 'sf', 'SF1234567890123', now(), 'staff', 1, '阿山');
         INSERT INTO order_events (order_id, at, kind, actor, staff_id, staff_name, detail)
         VALUES (1, now(), 'noted', 'staff', 1, '阿山', '{\"text\": \"x\"}');",
    ),
    (
        "0015_figures",
        "INSERT INTO figure_deltas VALUES (shop_day(now()), 1, 0, 0);
         INSERT INTO product_deltas VALUES (shop_day(now()), 1, 1, 12800);
         INSERT INTO daily_figures VALUES ('2026-01-01', 1, 1, 12800);
         INSERT INTO daily_product_figures VALUES ('2026-01-01', 1, 1, 12800);
         INSERT INTO product_window_figures VALUES (30, 1, 9, 90) ON CONFLICT DO NOTHING;",
    ),
    (
        "0016_settings",
        "UPDATE shop SET freight_fen = 800, free_from_fen = 9900, expiry_minutes = 15, icp = '浙ICP备2026000000号';
         INSERT INTO weibo_keys (kind, sealed, mark, set_at, actor, staff_id, staff_name)
         VALUES ('app_key', '\\x01', '0001', now(), 'staff', 1, '阿山');",
    ),
    ("0017_bounded_search", "SELECT search_products(ARRAY['茶'], true, 1);"),
    (
        "0018_ledger",
        "UPDATE payments SET back_fen = 100 WHERE id = 1;
         UPDATE orders SET back_fen = 100 WHERE id = 1;
         INSERT INTO refunds (order_id, payment_id, request_key, request, number, out_refund_id, cause, amount_fen, begun_at, actor)
         VALUES (1, 1, 'form 1', '', 1, '26117KQ4M2X9R0141', 'late', 100, now(), 'shop');
         INSERT INTO refund_lines VALUES (1, 1, 1, 1, 100, true);
         UPDATE refunds SET state = 'succeeded', ended_at = now();
         INSERT INTO ledger (kind, order_id, payment_id, refund_id, amount_fen, happened_at, entered_at, notice)
         VALUES ('refunded', 1, 1, 1, -100, now(), now(), 'd');",
    ),
    ("0019_orders_by_product", "UPDATE order_lines SET placed_at = placed_at;"),
    ("0020_refunds_seen", "UPDATE refunds SET seen_at = now(), seen_by = '阿山' WHERE state = 'failed';"),
    (
        "0021_reconciliations",
        "INSERT INTO reconciliations (kind, state, from_day, to_day, begun_at, actor)
         VALUES ('day', 'running', '2026-11-20', '2026-11-20', now(), 'shop');
         INSERT INTO reconciliation_rows (reconciliation_id, subject, round, attempt_id, ours_state)
         VALUES (1, 'payment', 1, 1, 'paid');
         INSERT INTO reconciliation_lines VALUES (1, 2, '[]');
         INSERT INTO console_columns VALUES ('h', '{}', now());",
    ),
    (
        "0022_buyer_messages",
        "INSERT INTO buyer_messages (order_id, payment_id, about, arose_at, due_at) VALUES (1, 1, 'paid', now(), now());
         UPDATE buyer_messages SET state = 'sending', sent_at = now(), text = '已付款';
         UPDATE buyer_messages SET state = 'unknown', ended_at = now();",
    ),
    (
        "0023_money_checks",
        "INSERT INTO money_checks VALUES (true, now(), now(), 1);
         INSERT INTO money_breaches VALUES ('2611-7KQ4-M2X9', 'going-back', 'order 1, refunds 0', now(), now());",
    ),
    (
        "0024_turned_refunds",
        "INSERT INTO stock_movements (variant_id, delta, balance, reason, order_id, refund_id, turn, actor, at)
         VALUES (1, 1, 3, 'refund', 1, 1, 0, 'shop', now()), (1, -1, 2, 'reopening', 1, 1, 0, 'weibo', now()),
             (1, 1, 3, 'refund', 1, 1, 1, 'shop', now());
         UPDATE variants SET stock = 3 WHERE id = 1;
         UPDATE refund_lines SET elsewhere = 1;
         INSERT INTO reconciliation_turn (reconciliation_id, until) VALUES (1, now());",
    ),
    ("0025_taken_once", "INSERT INTO taken_once VALUES ('\\x01', now());"),
    (
        "0026_oauth",
        "INSERT INTO sign_ins VALUES ('\\x01', '00000000-0000-4000-8000-000000000002', '/', NULL, now());
         INSERT INTO hints VALUES ('\\x01', 7000000002, '/orders', now(), NULL);
         INSERT INTO scans VALUES ('00000000-0000-4000-8000-000000000003', '\\x01',
             '00000000-0000-4000-8000-000000000002', 'Chrome · Windows', '/', now(), now(), 'yes', 1);
         INSERT INTO revocations (customer_id, token_sealed, token_expires_at, withdrawn_at) VALUES (1, '\\x01', now(), now());
         INSERT INTO sessions (fingerprint, state, expires_at) VALUES ('\\x02', '{\"customer\": \"1\"}', now());",
    ),
    (
        "0027_relations",
        "INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
         VALUES (1, 'follow', now(), now(), 'told', 'event 1'), (1, 'repost', now(), now(), 'status', '5100000000000001');",
    ),
    ("0028_bounded_search", "SELECT search_products(ARRAY['茶'], false, 240);"),
    (
        "0029_fans",
        "INSERT INTO fans (uid, met_at) VALUES (7000000002, now());
         INSERT INTO fan_packets (digest, body, received_at) VALUES ('\\x01', '{}', now());
         INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state)
         VALUES (7000000002, 'fan', 'text', '{\"kind\": \"text\"}', '你好', now(), 'heard');
         INSERT INTO conversations (fan, state, unread, last_at, last_message) VALUES (7000000002, 'open', 1, now(), 1);",
    ),
    (
        "0030_hearing_fans",
        "INSERT INTO fan_nonces VALUES ('\\x01', '\\x02', now());
         INSERT INTO fan_rules (place, name, is_on, cause, answer, goes_on)
         VALUES (1, '包邮', true, '{\"kind\": \"contains\", \"words\": [\"包邮\"]}', '{\"kind\": \"text\", \"texts\": [\"包邮\"]}', false);
         INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state, rule)
         VALUES (7000000002, 'rule', 'text', '{\"kind\": \"text\", \"text\": \"包邮\"}', '包邮', now(), 'given', 1);
         UPDATE fan_packets SET reply = 2, answered_at = now();
         INSERT INTO weibo_keys (kind, sealed, mark, set_at, actor) VALUES ('fans_token', '\\x01', '…', now(), 'shop');",
    ),
    (
        "0031_desk",
        "INSERT INTO canned_answers (category, title, text, changed_at) VALUES ('物流', '发货', '{name}您好', now());
         INSERT INTO desk_turns (fan, kind, staff_id, staff_name, ended_on, took_seconds, last_message, ended_at)
         VALUES (7000000002, 'answer', 1, '阿山', current_date, 60, 1, now());
         UPDATE fan_messages SET form_key = '00000000-0000-4000-8000-000000000005' WHERE author = 'staff';
         UPDATE conversations SET read_at = now(), read_by = '阿山';",
    ),
    (
        "0032_telling_many",
        "INSERT INTO subscriber_lists (begun_at, as_of) VALUES (now(), now());
         INSERT INTO fans (uid, met_at, subscribes, subscribes_as_of) VALUES (7000000003, now(), true, now());
         INSERT INTO broadcasts (form_key, name, audience, draft, message, state, begun_at, made_at, actor)
         VALUES ('00000000-0000-4000-8000-000000000003', '春茶', '{\"kind\":\"subscribers\"}', '{}',
             '{\"kind\":\"text\",\"text\":\"你好\"}', 'sending', now(), now(), 'shop');
         INSERT INTO broadcast_batches (broadcast, size, state, begun_at) VALUES (1, 1, 'sending', now());
         INSERT INTO broadcast_recipients VALUES (1, 7000000003, 'sending', 1);
         INSERT INTO short_links VALUES ('Abcd1234', '/p/longjing', 'broadcast', 1, now());
         INSERT INTO short_link_clicks VALUES ('Abcd1234', now());
         INSERT INTO fans_pressed VALUES (gen_random_uuid(), now());
         INSERT INTO order_origins VALUES (1, 'Abcd1234', now());
         INSERT INTO reminders (customer_id, about, product_id, price_fen, language, asked_at)
         VALUES (1, 'price', 1, 12800, 'zh-CN', now());
         INSERT INTO reminder_wakes (product_id) VALUES (1);",
    ),
    (
        "0033_menus_and_codes",
        "INSERT INTO fan_menus (menu, saved_at, staff_id, staff_name) VALUES ('{\"button\": []}', now(), 1, '掌柜');
         INSERT INTO fan_menu_changes (menu, asked_at, staff_id, staff_name, state, ended_at)
         VALUES (1, now(), 1, '掌柜', 'done', now());
         INSERT INTO fan_codes (kind, scene, name, product_id, made_at, staff_id, staff_name, ticket, ticket_at)
         VALUES ('permanent', 1, '收银台', 1, now(), 1, '掌柜', 'T', now());
         INSERT INTO fan_code_scans (code, fan, scanned_at, new_follower) VALUES (1, 7000000002, now(), true);",
    ),
    ("0034_told_beside", "UPDATE conversations SET last_at = now();"),
    (
        "0035_coupons",
        "INSERT INTO coupons (slug, name_zh, kind, amount_fen, threshold_fen, total, each, given, given_from, given_until,
             usable_days, listed, made_at)
         VALUES ('a2b3c4d5', '满100减10', 'fixed', 1000, 10000, 100, 1, 1, now(), now() + interval '1 day', 7, true, now());
         INSERT INTO coupon_products VALUES (1, 1);
         INSERT INTO coupons_given (coupon_id, customer_id, seq, code, source, given_at, usable_until, state, order_id, used_at)
         VALUES (1, 1, 1, '7KQ4M2X9AB3C', 'link', now(), now(), 'used', 1, now());
         INSERT INTO coupon_uses VALUES (1, 1, '满100减10', '', 1000, now());",
    ),
    (
        "0036_fans_at_length",
        "INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state, media_swept_at)
         VALUES (7000000002, 'fan', 'image', '{\"kind\":\"image\",\"file\":4}', '', now(), 'heard', now());
         INSERT INTO fan_campaigns (name) VALUES ('春茶节');",
    ),
    (
        "0037_cards",
        "INSERT INTO card_calls (day, product_id, calls, refusals, last_at) VALUES ('2026-11-21', 1, 3, 1, now());
         INSERT INTO card_refusals (day, why, calls, last_at) VALUES ('2026-11-21', 'foreign', 2, now());",
    ),
    (
        "0038_received",
        "UPDATE orders SET fulfilment = 'received', received_at = now(), received_by = 'buyer' WHERE id = 1;
         INSERT INTO order_events (order_id, at, kind, actor) VALUES (1, now(), 'received', 'buyer');
         INSERT INTO buyer_messages (order_id, payment_id, about, arose_at, due_at)
         SELECT order_id, min(id), 'received', now(), now() FROM payments GROUP BY order_id;",
    ),
    (
        "0039_origins",
        "INSERT INTO short_links VALUES ('Abcd12345678', '/p/longjing', 'product', 1, now());
         UPDATE order_origins SET first_code = 'Abcd12345678', first_came_at = came_at - interval '1 day',
             first_known_by = 'account', known_by = 'payment';",
    ),
    (
        "0040_relation_figures",
        "INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
         VALUES (1, 'follow', now(), now(), 'told', 'news');
         INSERT INTO relation_days VALUES ('2026-11-21', 'follow', 1);
         INSERT INTO relation_firsts VALUES (1, 'follow', now());
         INSERT INTO relation_turns VALUES ('2026-11-21', 'purchase', 'follow', 1);
         INSERT INTO relation_paths VALUES ('purchase follow', 1);",
    ),
    (
        "0041_touches",
        "INSERT INTO customer_touches VALUES (1, 'Abcd12345678', now());
         INSERT INTO order_origins VALUES (2, 'Abcd12345678', now(), 'payment', 'Abcd12345678', now(), 'payment', 30);
         UPDATE attempts SET extra = 'token.Abcd12345678.1793620800';",
    ),
    (
        "0042_repost_gifts",
        "INSERT INTO repost_gifts (name, coupon_id, starts_at, ends_at, total, promised, made_at, form_key)
         VALUES ('春茶', 1, now(), now() + interval '1 day', 100, 1, now(), gen_random_uuid());
         UPDATE reposts SET gift_id = 1, gift_coupon_id = 1, tries = 2, barred = '{5}';
         INSERT INTO repost_gift_claims (gift_id, coupon_id, customer_id, order_id, state, claimed_at)
         SELECT 1, 1, 1, order_id, 'waiting', now() FROM reposts LIMIT 1;
         UPDATE repost_gift_claims SET state = 'issued', given_id = 1, issued_at = now();
         UPDATE reposts SET state = 'deleted', gone_at = now() WHERE state = 'done';",
    ),
    (
        "0043_posts",
        "INSERT INTO speaker (weibo_uid, screen_name, token_sealed, expires_at, connected_at, actor)
             VALUES (7000000001, '小店', '\\x01', now() + interval '1 day', now(), 'shop');
         INSERT INTO short_links VALUES ('Post5678', '/p/longjing', 'post', 1, now()),
             ('Camp5678', '/', 'campaign', 1, now());
         INSERT INTO posts (form_key, product_id, code, text, state, attempt, asked_at, weibo_uid, status_id, made_at, actor)
             VALUES (gen_random_uuid(), (SELECT min(id) FROM products), 'Post5678', '春茶', 'done', 1, now(),
                 7000000001, 5000000000000001, now(), 'shop');
         INSERT INTO campaigns (form_key, name, made_at, actor) VALUES (gen_random_uuid(), '直播间', now(), 'shop');
         INSERT INTO campaign_links VALUES ('Camp5678', (SELECT min(id) FROM campaigns), NULL, now());
         INSERT INTO product_views SELECT current_date, min(id), 3 FROM products;",
    ),
    (
        "0044_partners",
        "INSERT INTO partners (name, customer_id, bound_at, made_at, form_key) VALUES ('山下阿梅', 1, now(), now(), gen_random_uuid());
         INSERT INTO partner_rates (partner_id, rate_bp, from_at, actor, staff_id, staff_name)
         VALUES (1, 1000, '2026-01-01', 'staff', 1, '阿山');
         INSERT INTO partner_invitations VALUES ('\\x01', 1, now(), now());
         INSERT INTO partner_orders (order_id, partner_id, rate_bp, placed_at, hold_days, paid, received_at, refunding, freed_at)
         VALUES (1, 1, 1000, now(), 7, true, now(), false, now());
         INSERT INTO commission_entries (order_id, partner_id, seq, kind, amount_fen, base_fen, rate_bp, at)
         VALUES (1, 1, 1, 'earned', 1270, 12700, 1000, now());
         INSERT INTO partner_payouts (partner_id, form_key, through_entry, amount_fen, proposed_at, actor, staff_id, staff_name)
         VALUES (1, gen_random_uuid(), 1, 1270, now(), 'staff', 1, '阿山');
         UPDATE partner_payouts SET state = 'paid', paid_on = '2026-11-21', ended_at = now(), ended_id = 1, ended_name = '阿山';",
    ),
];

/// A database of its own, without a schema.
async fn blank(server: &Private, name: &str) -> Db {
    let name = format!("migrations_{name}_{}", std::process::id());
    let mut master = server.options_for("postgres").connect().await.unwrap();
    run(&mut master, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    run(&mut master, &format!("CREATE DATABASE {name}")).await;
    Db::new(server.options_for(&name), 2)
}

async fn server() -> Private {
    private::throw_away(env!("CARGO_BIN_EXE_weipu").into()).await.unwrap()
}

async fn run(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
}

/// The migrations' names and texts, in the order in which they are applied.
fn migrations() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut all: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    all.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// Everything about the schema that can be asked for, one thing a line.
async fn schema(conn: &mut PgConnection) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                AND conrelid::regclass::text <> '_sqlx_migrations'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1";
    sqlx::query_scalar(sql).fetch_all(conn).await.unwrap()
}

#[test]
fn migrations_are_numbered_without_gaps_and_named_in_words() {
    for (number, (name, _)) in (1..).zip(migrations()) {
        let words = name.strip_prefix(&format!("{number:04}_")).and_then(|rest| rest.strip_suffix(".sql"));
        let words = words.unwrap_or_else(|| panic!("{name} should be {number:04}_words.sql"));
        let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(words.split('_').all(plain), "{name}");
    }
}

#[tokio::test]
async fn each_migration_is_applied_over_rows_of_those_before_it() {
    let server = server().await;
    let db = blank(&server, "rows").await;
    let mut conn = db.reader().await.unwrap();
    let mut before = 0_i64;
    for ((name, sql), sample) in
        migrations().iter().zip(SAMPLES.iter().map(Some).chain([None].into_iter().cycle()))
    {
        let (sampled, rows) = sample.unwrap_or_else(|| panic!("{name} has no sample rows"));
        assert_eq!(format!("{sampled}.sql"), *name);
        run(&mut conn, sql).await;
        assert!(count(&mut conn).await >= before, "{name} lost rows");
        run(&mut conn, rows).await;
        before = count(&mut conn).await;
    }
    let by_hand = schema(&mut conn).await;
    let other = blank(&server, "program").await;
    db::migrate(&other).await.unwrap();
    assert_eq!(schema(&mut other.reader().await.unwrap()).await, by_hand, "what the program makes");
}

/// All rows of all tables.
async fn count(conn: &mut PgConnection) -> i64 {
    let sql = "SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
            format('SELECT count(*) AS c FROM %I', table_name), false, true, '')))[1]::text::bigint), 0)::bigint
        FROM information_schema.tables WHERE table_schema = 'public'";
    sqlx::query_scalar(sql).fetch_one(conn).await.unwrap()
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let server = server().await;
    let db = blank(&server, "again").await;
    db::migrate(&db).await.unwrap();
    let (a, b) = tokio::join!(db::migrate(&db), db::migrate(&db));
    a.unwrap();
    b.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_by_name() {
    let server = server().await;
    let db = blank(&server, "newer").await;
    db::migrate(&db).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'from the future', true, '\\x00', 1)";
    run(&mut db.reader().await.unwrap(), newer).await;
    let refused = format!("{:#}", db::migrate(&db).await.unwrap_err());
    assert!(refused.contains("newer version") && refused.contains("9999"), "{refused}");
    assert_eq!(refused.lines().count(), 1, "{refused}");
}
