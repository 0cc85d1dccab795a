-- Which card, repost or person brought an order: the first and the last link by which she came.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

ALTER TABLE shop
    -- Who ordered so long after she came by a link was brought by it.
    ADD COLUMN origin_days integer NOT NULL DEFAULT 30 CHECK (origin_days BETWEEN 1 AND 90),
    -- Signs the shop's short links, so that a guess is known without looking. It is never replaced: links that stand
    -- on Weibo would die.
    ADD COLUMN link_key bytea NOT NULL
        DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
        CHECK (length(link_key) = 32);

ALTER TABLE short_links
    DROP CONSTRAINT short_links_code_check,
    DROP CONSTRAINT short_links_source_check,
    -- The older ones have eight letters; with a signature they have twelve.
    ADD CONSTRAINT short_links_code_form CHECK (code ~ '^[0-9A-Za-z]{8}([0-9A-Za-z]{4})?$'),
    -- What it was made for, and the id of that: a broadcast, a product's card, a status that the shop has posted, a
    -- campaign, a partner, an order whose buyer tells of it.
    ADD CONSTRAINT short_links_source_known
        CHECK (source IN ('broadcast', 'product', 'post', 'campaign', 'partner', 'repost'));

-- The record of an order: by which link she came last and by which first, within the time that counted then, and how
-- either is known. browser: she came and ordered on one. account: she was signed in where she came. payment: she came
-- where she paid, and the payment said so.
ALTER TABLE order_origins
    ADD COLUMN known_by text NOT NULL DEFAULT 'browser',
    ADD COLUMN first_code text REFERENCES short_links,
    ADD COLUMN first_came_at timestamptz,
    ADD COLUMN first_known_by text NOT NULL DEFAULT 'browser';
UPDATE order_origins SET first_code = code, first_came_at = came_at;
ALTER TABLE order_origins
    ALTER COLUMN first_code SET NOT NULL,
    ALTER COLUMN first_came_at SET NOT NULL,
    ADD CONSTRAINT order_origins_known_by CHECK (known_by IN ('browser', 'account', 'payment')),
    ADD CONSTRAINT order_origins_first_known_by CHECK (first_known_by IN ('browser', 'account', 'payment')),
    ADD CONSTRAINT order_origins_in_order CHECK (first_came_at <= came_at);
CREATE INDEX order_origins_by_first ON order_origins (first_code);
