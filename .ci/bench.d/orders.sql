-- What the shop says to Postgres to place one order of a browser it has not seen before: the same statements
-- in the same transactions, as they stand in src/{checkout,orders,catalog,jobs,customers}. Keys come from Postgres.
\set sku random(1, @COUNT@)
\set a random(1, 4000000000000000000)
\set b random(1, 4000000000000000000)
\set v random(1, 4000000000000000000)
SELECT o.number, o.checkout_digest, CASE WHEN o.id IS NULL THEN nextval('orders_id_seq') END AS id
FROM (VALUES (1)) AS always
LEFT JOIN orders o ON o.checkout_key = (lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid \gset
BEGIN;
SELECT FROM pg_advisory_xact_lock(1602, hashtext((lpad(to_hex(:v::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid::text));
SELECT count(*) AS unpaid FROM orders
WHERE (visitor = (lpad(to_hex(:v::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid OR customer_id = NULL::bigint)
    AND closed_at IS NULL AND payment IN ('none', 'pending') \gset
WITH taken AS (
    UPDATE variants SET stock = variants.stock - 1 FROM products
    WHERE variants.sku = (ARRAY[@SKUS@])[:sku] AND variants.retired_at IS NULL AND variants.stock >= 1
        AND products.id = variants.product_id AND products.on_shelf
    RETURNING variants.*),
moved AS (
    INSERT INTO stock_movements (variant_id, delta, balance, reason, order_id, actor, at)
    SELECT id, -1, stock, 'sale', :id::bigint, 'buyer', now() FROM taken)
SELECT v.id AS variant, p.id AS product, p.slug, v.sku AS sku_code, p.name_zh AS product_zh,
    p.name_en AS product_en, v.price_fen AS price, v.stock, v.weight_g, p.weibo_status_id,
    c1.name_zh AS choice_zh, c1.name_en AS choice_en,
    c2.name_zh AS choice_2_zh, c2.name_en AS choice_2_en, c3.name_zh AS choice_3_zh, c3.name_en AS choice_3_en,
    cover.name AS picture, cover.alt_zh, cover.alt_en
FROM taken AS v
JOIN products p ON p.id = v.product_id
LEFT JOIN choices c1 ON c1.id = v.choice_1
LEFT JOIN choices c2 ON c2.id = v.choice_2
LEFT JOIN choices c3 ON c3.id = v.choice_3
LEFT JOIN LATERAL (SELECT name, alt_zh, alt_en FROM pictures
    WHERE product_id = p.id ORDER BY position LIMIT 1) cover ON true
WHERE true \gset
INSERT INTO orders (id, number, checkout_key, checkout_digest, pay_token, visitor, customer_id,
    language, recipient, phone, province, city, district, street, note, total_fen, placed_at, pay_until,
    freight_fen, discount_fen, pieces_left)
OVERRIDING SYSTEM VALUE
VALUES (:id::bigint, right(lpad(to_hex(:a::bigint), 16, '0'), 14), (lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid,
    sha256(:a::text::bytea), 'bench-' || lpad(to_hex(:a::bigint), 16, '0'), (lpad(to_hex(:v::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid, NULL, 'zh-CN',
    '林阿梨', '13800138000', '浙江省', '杭州市', '西湖区', '龙井路 1 号', '', :price::bigint, now(),
    now() + interval '30 minutes', 0, 0, 1)
ON CONFLICT (number) DO NOTHING;
INSERT INTO order_lines (order_id, position, variant_id, sku, product_id, product_slug, product_zh,
    product_en, choice_zh, choice_en, picture, unit_price_fen, quantity, paid_fen, placed_at)
SELECT :id::bigint, l.position, l.variant, l.sku, l.product, l.slug, l.product_zh, l.product_en, l.choice_zh,
    l.choice_en, l.picture, l.price, l.quantity, l.paid, now()
FROM unnest(ARRAY[:variant]::bigint[], ARRAY[:sku_code]::text[], ARRAY[:product]::bigint[], ARRAY[:slug]::text[],
        ARRAY[:product_zh]::text[], ARRAY[:product_en]::text[], ARRAY[:choice_zh]::text[],
        ARRAY[:choice_en]::text[], ARRAY[:picture]::text[], ARRAY[:price]::bigint[], ARRAY[1]::int[], ARRAY[:price]::bigint[])
    WITH ORDINALITY AS l (variant, sku, product, slug, product_zh, product_en, choice_zh, choice_en,
                          picture, price, quantity, paid, position);
INSERT INTO order_events (order_id, at, kind, actor, detail) VALUES (:id::bigint, now(), 'placed', 'buyer', '{}');
INSERT INTO jobs (key, job, run_at)
VALUES ('close order ' || :id::text, ('{"kind":"close_unpaid_order","order":' || :id::text || '}')::jsonb,
    now() + interval '30 minutes')
ON CONFLICT (key) DO UPDATE
SET run_at = CASE WHEN jobs.leased_until IS NULL OR jobs.again THEN least(jobs.run_at, excluded.run_at)
        ELSE excluded.run_at END,
    again = jobs.leased_until IS NOT NULL, tries = 0, given_up_at = NULL;
COMMIT;
INSERT INTO sessions (fingerprint, state, expires_at)
VALUES (sha256(gen_random_uuid()::text::bytea), jsonb_build_object('visitor', (lpad(to_hex(:v::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid::text),
    now() + interval '30 days');
