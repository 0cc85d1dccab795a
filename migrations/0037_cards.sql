-- What Weibo asks about commodity cards: how often, of what, and with what it was refused.

-- Of each product and day. Written in batches, never for a single call.
CREATE TABLE card_calls (
    day         date NOT NULL,
    product_id  bigint NOT NULL REFERENCES products ON DELETE CASCADE,
    calls       bigint NOT NULL CHECK (calls >= 0),
    -- Of these, how many were refused because it was not on the shelf.
    refusals    bigint NOT NULL CHECK (refusals BETWEEN 0 AND calls),
    last_at     timestamptz NOT NULL,
    PRIMARY KEY (day, product_id)
);

-- Of what is no product of ours, by the reason.
CREATE TABLE card_refusals (
    day      date NOT NULL,
    why      text NOT NULL CHECK (why IN ('malformed', 'foreign', 'unknown', 'too-many', 'busy')),
    calls    bigint NOT NULL CHECK (calls > 0),
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (day, why)
);

ALTER TABLE shop
    -- What Weibo's object calls the price; its documents name no attribute for it.
    ADD COLUMN card_price_field text NOT NULL DEFAULT 'price_fen'
        CONSTRAINT shop_card_price_field_is_a_name CHECK (card_price_field ~ '^[a-z][a-z0-9_]{0,39}$' AND card_price_field <> 'stock'),
    -- Proves to Weibo that the shop's address is the merchant's; empty for none.
    ADD COLUMN card_verification text NOT NULL DEFAULT '',
    ADD COLUMN cards_version bigint NOT NULL DEFAULT 0;
