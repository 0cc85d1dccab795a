-- Fills an empty shop with :products products and :orders orders of the last 400 days, as a shop would have them:
-- most are paid and sent, those of the last two days wait, one in eight was never paid. All sets, so that a million
-- orders take a minute or two. Products stay off the shelf: the bench puts them there when the shop runs.
--
-- A small shop shows as much as a large one, or else the two could not be compared: more than a page of orders waits
-- to be sent, has product 7, or belongs to phones that end in 5871; more products than are ever listed are of 龙井.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET statement_timeout = 0;
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SELECT setseed(0.5) \g /dev/null

BEGIN;
INSERT INTO shop (name_zh, name_en) VALUES ('山间小铺', 'Mountain Lane')
ON CONFLICT (only_one) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en;
INSERT INTO categories (slug, name_zh, name_en, position)
SELECT 'category-' || n, (ARRAY['茶', '茶器', '点心', '水果', '织物'])[n], 'Category ' || n, n FROM generate_series(1, 5) n;

-- Every product comes in two sizes; its variants have the numbers 2n - 1 and 2n.
INSERT INTO products (id, slug, category_id, name_zh, name_en, summary_zh, description_zh, position, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT n, 'product-' || n, (SELECT min(id) FROM categories) + n % 5,
    (ARRAY['明前', '春山', '老树', '手作', '山间', '高山', '古法', '新到'])[1 + n / 10 % 8]
        || CASE WHEN n <= 600 AND n % 2 = 1 THEN '龙井酥' ELSE (ARRAY['龙井茶', '正山小种', '白毫银针', '五仁月饼',
            '羊毛围巾', '山间杯', '朱泥壶', '核桃酥', '赣南橙', '手工皂'])[1 + n % 10] END
        || ' ' || n,
    'Mountain goods ' || n, '山里来的好东西，第 ' || n || ' 号', repeat('一件一件做出来的，慢慢用。', 12), n,
    now() - interval '400 days', now() - random() * interval '300 days'
FROM generate_series(1, :products) n;
INSERT INTO axes (product_id, number, name_zh, name_en) SELECT n, 1, '规格', 'Size' FROM generate_series(1, :products) n;
INSERT INTO choices (id, product_id, axis, position, name_zh, name_en) OVERRIDING SYSTEM VALUE
SELECT v, (v + 1) / 2, 1, (v + 1) % 2 + 1, CASE v % 2 WHEN 1 THEN '小份' ELSE '大份' END, 'Size'
FROM generate_series(1, 2 * :products) v;
INSERT INTO variants (id, product_id, sku, position, choice_1, price_fen, stock) OVERRIDING SYSTEM VALUE
SELECT v, (v + 1) / 2, 'sku-' || v, (v + 1) % 2 + 1, v, 990 + v::bigint * 7919 % 30000,
    CASE WHEN v % 200 = 0 THEN v / 200 % 6 ELSE 20 + v % 300 END
FROM generate_series(1, 2 * :products) v;
INSERT INTO stock_movements (variant_id, delta, balance, reason, actor, at)
SELECT id, stock, stock, 'opening', 'shop', now() - interval '400 days' FROM variants WHERE stock > 0;
COMMIT;

-- One to three lines an order; what sells, sells more than the rest.
CREATE TEMP TABLE lines AS
SELECT i, position, CASE WHEN i > :orders - 600 AND i % 5 = 0 AND position = 1 THEN 13
        ELSE 2 * (1 + floor(:products * power(random(), 2))::int) - (random() < 0.6)::int END AS variant,
    1 + (random() < 0.2)::int + (random() < 0.05)::int AS quantity
FROM (SELECT i, random() AS r FROM generate_series(1, :orders) i) o,
    generate_series(1, CASE WHEN r < 0.7 THEN 1 WHEN r < 0.9 THEN 2 ELSE 3 END) position;
CREATE TEMP TABLE made AS
SELECT i, placed_at, total, pieces, recipient, phone, visitor,
    CASE WHEN placed_at > now() - interval '30 minutes' AND r < 0.5 THEN 'open'
         WHEN i > :orders - 400 AND i % 20 = 7 THEN 'late' WHEN r < 0.87 THEN 'paid' ELSE 'expired' END AS fate,
    to_char(placed_at AT TIME ZONE INTERVAL '8 hours', 'YYMM') || '-' || left(tail, 4) || '-' || right(tail, 4) AS number
FROM (
    SELECT i, random() AS r, now() - interval '400 days' * (1 - (i - 0.5) / :orders) AS placed_at,
        (ARRAY['林', '周', '陈', '李', '王', '张', '何', '许'])[1 + i % 8]
            || (ARRAY['阿梨', '小满', '晓', '雨桐', '建国', '一诺', '春生'])[1 + i % 7] AS recipient,
        '1' || (3 + i % 7) || CASE WHEN i > :orders - 600 AND i % 5 = 1 THEN lpad((i % 100000)::text, 5, '0') || '5871'
            ELSE lpad(((i::bigint * 48271 + 11) % 1000000000)::text, 9, '0') END AS phone,
        ('00000000-0000-4000-8000-' || lpad(to_hex(i / 3), 12, '0'))::uuid AS visitor,
        -- Forty bits in Crockford's letters; an odd factor makes no two alike.
        (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
                1 + ((i::bigint * 2654435761 % 1099511627776) >> 5 * k & 31)::int, 1), '' ORDER BY k DESC)
            FROM generate_series(0, 7) k) AS tail
    FROM generate_series(1, :orders) i) o
JOIN (SELECT i, sum(quantity * (990 + variant::bigint * 7919 % 30000)) AS total, sum(quantity) AS pieces FROM lines GROUP BY i) t USING (i);

-- The triggers that would write a million small changes; they are counted at once below.
BEGIN;
ALTER TABLE orders DISABLE TRIGGER USER;
INSERT INTO orders (id, number, checkout_key, checkout_digest, pay_token, visitor, language, recipient, phone, province,
    city, district, street, note, total_fen, placed_at, pay_until, payment, paid_at, closed_at, closed_because,
    fulfilment, shipped_at, received_at, received_by, pieces_left)
OVERRIDING SYSTEM VALUE
SELECT i, number, ('10000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, '\x01',
    'bench-' || lpad(to_hex(i), 16, '0'), visitor, 'zh-CN', recipient, phone, '浙江省', '杭州市', '西湖区', '龙井路 ' || i % 900 || ' 号',
    '', total, placed_at, placed_at + interval '30 minutes',
    CASE fate WHEN 'paid' THEN 'paid' WHEN 'late' THEN 'late' WHEN 'open' THEN 'pending'
        ELSE (ARRAY['none', 'pending'])[1 + i % 2] END,
    CASE fate WHEN 'paid' THEN placed_at + interval '2 minutes' WHEN 'late' THEN placed_at + interval '3 hours' END,
    CASE WHEN fate IN ('expired', 'late') THEN placed_at + interval '31 minutes' END,
    CASE WHEN fate IN ('expired', 'late') THEN 'expired' END,
    CASE WHEN received THEN 'received' WHEN sent THEN 'shipped' ELSE 'none' END,
    CASE WHEN sent THEN placed_at + interval '20 hours' END,
    CASE WHEN received THEN placed_at + interval '5 days' END, CASE WHEN received THEN 'buyer' END, pieces
FROM made, LATERAL (SELECT fate = 'paid' AND i <= :orders - 200 AND placed_at < now() - interval '2 days') s (sent),
    LATERAL (SELECT sent AND placed_at < now() - interval '9 days') r (received)
ORDER BY i;
INSERT INTO order_lines (order_id, position, variant_id, sku, product_id, product_slug, product_zh, product_en, choice_zh,
    choice_en, unit_price_fen, quantity, paid_fen, placed_at)
SELECT l.i, l.position, l.variant, 'sku-' || l.variant, p.id, p.slug, p.name_zh, p.name_en,
    CASE l.variant % 2 WHEN 1 THEN '小份' ELSE '大份' END, 'Size', 990 + l.variant::bigint * 7919 % 30000, l.quantity,
    (990 + l.variant::bigint * 7919 % 30000) * l.quantity, m.placed_at
FROM lines l JOIN made m USING (i) JOIN products p ON p.id = (l.variant + 1) / 2 ORDER BY l.i, l.position;
INSERT INTO attempts (id, order_id, number, way, out_pay_id, amount_fen, begun_at, expires_at, state, asked_at, asked_times, answer)
OVERRIDING SYSTEM VALUE
SELECT i, i, 1, (ARRAY['client', 'qr', 'pc', 'mobile'])[1 + i % 4], replace(number, '-', '') || '0100', total,
    placed_at + interval '1 minute', placed_at + interval '30 minutes',
    CASE fate WHEN 'open' THEN 'open' WHEN 'expired' THEN 'closed' ELSE 'paid' END,
    placed_at + interval '2 minutes', 2, CASE fate WHEN 'open' THEN 'pending' WHEN 'expired' THEN 'closed' ELSE 'success' END
FROM made WHERE fate <> 'expired' OR i % 2 = 1;
INSERT INTO payments (order_id, attempt_id, kind, pay_id, amount_fen, paid_at, settled_at)
SELECT i, i, 'pay', '3' || lpad(i::text, 17, '0'), total, placed_at + interval '2 minutes',
    placed_at + CASE fate WHEN 'late' THEN interval '3 hours' ELSE interval '2 minutes' END
FROM made WHERE fate IN ('paid', 'late');
INSERT INTO notices (digest, body, received_at, outcome, order_id)
SELECT 'notice ' || i, 'pay_id=3' || lpad(i::text, 17, '0'), placed_at, 'settled', i FROM made WHERE fate IN ('paid', 'late');
ALTER TABLE ledger DISABLE TRIGGER USER;
INSERT INTO ledger (kind, order_id, payment_id, amount_fen, happened_at, entered_at, notice)
SELECT fate, i, p.id, total, p.paid_at, p.settled_at, 'notice ' || i FROM made JOIN payments p ON p.order_id = i;
ALTER TABLE ledger ENABLE TRIGGER USER;
INSERT INTO shipments (order_id, courier, tracking, shipped_at, actor)
SELECT id, 'sf', 'SF' || lpad(id::text, 13, '0'), shipped_at, 'shop' FROM orders WHERE shipped_at IS NOT NULL;
SELECT figures_refill() \g /dev/null
ALTER TABLE orders ENABLE TRIGGER USER;
SELECT setval(pg_get_serial_sequence(name, 'id'), greatest(2 * :products, :orders))
FROM unnest(ARRAY['orders', 'attempts', 'products', 'choices', 'variants']) AS name \g /dev/null
COMMIT;
ANALYZE;
