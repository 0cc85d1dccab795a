-- Fills a shop with :facts facts of customers over a year: four each, in different orders. The worker folds them as if
-- they were news.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET statement_timeout = 0;
SET synchronous_commit = off;

BEGIN;
INSERT INTO customers (weibo_uid, screen_name, created_at, signed_in_at)
SELECT 9000000000 + n, '客人' || n, now(), now() FROM generate_series(1, :facts / 4) n;
INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
SELECT c.id, (ARRAY['follow', 'subscribe', 'repost', 'like', 'review', 'purchase', 'unfollow'])[1 + (c.id + step * (1 + c.id % 5)) % 7],
    at, at, 'told', 'bench ' || step
FROM customers c, generate_series(0, 3) step,
    LATERAL (SELECT now() - (c.id % 365) * interval '1 day' - ((c.id * 7 + step * 3) % 48) * interval '29 minutes' AS at) AS t
WHERE c.weibo_uid > 9000000000;
COMMIT;
