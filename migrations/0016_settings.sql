-- What the merchant sets while the shop runs: how it presents itself, freight and times, Weibo's keys.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- The shop's row is there from the beginning; a shop that nobody has named yet has an empty name.
ALTER TABLE shop DROP CONSTRAINT shop_name_zh_check;
ALTER TABLE shop
    ALTER COLUMN name_zh SET DEFAULT '',
    -- The name of a picture's files.
    ADD COLUMN logo             text CHECK (logo ~ '^[a-z0-9]{16,64}$'),
    ADD COLUMN slogan_zh        text NOT NULL DEFAULT '',
    ADD COLUMN slogan_en        text NOT NULL DEFAULT '',
    ADD COLUMN announcement_zh  text NOT NULL DEFAULT '',
    ADD COLUMN announcement_en  text NOT NULL DEFAULT '',
    ADD COLUMN promises_zh      text NOT NULL DEFAULT '',
    ADD COLUMN promises_en      text NOT NULL DEFAULT '',
    ADD COLUMN about_zh         text NOT NULL DEFAULT '',
    ADD COLUMN about_en         text NOT NULL DEFAULT '',
    ADD COLUMN phone            text NOT NULL DEFAULT '',
    ADD COLUMN weibo_name       text NOT NULL DEFAULT '',
    ADD COLUMN wechat           text NOT NULL DEFAULT '',
    ADD COLUMN return_address   text NOT NULL DEFAULT '',
    ADD COLUMN icp              text NOT NULL DEFAULT '',
    -- Each section counts its changes: two people who edit the same do not overwrite each other silently.
    ADD COLUMN profile_version  bigint NOT NULL DEFAULT 0,
    ADD COLUMN freight_fen      bigint NOT NULL DEFAULT 0 CHECK (freight_fen BETWEEN 0 AND 1000000),
    -- From this goods total on freight is free; nothing where it never is.
    ADD COLUMN free_from_fen    bigint CHECK (free_from_fen BETWEEN 1 AND 1000000000000),
    -- Nothing: what the environment says.
    ADD COLUMN expiry_minutes   integer CHECK (expiry_minutes BETWEEN 5 AND 1440),
    ADD COLUMN most_per_order   integer NOT NULL DEFAULT 99 CHECK (most_per_order BETWEEN 1 AND 99),
    ADD COLUMN most_unpaid      integer NOT NULL DEFAULT 5 CHECK (most_unpaid BETWEEN 1 AND 99),
    ADD COLUMN delivery_version bigint NOT NULL DEFAULT 0,
    ADD COLUMN weibo_version    bigint NOT NULL DEFAULT 0;
INSERT INTO shop DEFAULT VALUES ON CONFLICT DO NOTHING;

-- What Weibo gave the merchant, and the merchant's own key. Sealed with the shop's secret key.
CREATE TABLE weibo_keys (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('app_key', 'app_secret', 'seller_id', 'private_key', 'public_key')),
    sealed      bytea NOT NULL,
    -- All that is ever shown of it again: a fingerprint, or the last letters.
    mark        text NOT NULL,
    set_at      timestamptz NOT NULL,
    actor       text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id    bigint,
    staff_name  text
);
CREATE UNIQUE INDEX weibo_keys_one_of_a_kind ON weibo_keys (kind) WHERE kind <> 'public_key';
-- Of Weibo's public keys there are several while Weibo changes them.
CREATE UNIQUE INDEX weibo_keys_public_once ON weibo_keys (mark) WHERE kind = 'public_key';

-- What an order costs: its goods and its freight, as they were when it was placed.
ALTER TABLE orders ADD COLUMN freight_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN goods_fen bigint NOT NULL GENERATED ALWAYS AS (total_fen - freight_fen) STORED;
ALTER TABLE orders ADD CONSTRAINT orders_freight_within CHECK (freight_fen >= 0 AND goods_fen >= 1);

CREATE FUNCTION orders_keep_freight() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.freight_fen <> OLD.freight_fen THEN
        RAISE EXCEPTION 'order % keeps its freight', OLD.number USING CONSTRAINT = 'orders_total_fixed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_keep_freight BEFORE UPDATE OF freight_fen ON orders
    FOR EACH ROW EXECUTE FUNCTION orders_keep_freight();
