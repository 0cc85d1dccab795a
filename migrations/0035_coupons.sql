-- Coupons: what the merchant gives away, to whom each was given, and which order used it.

CREATE TABLE coupons (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- In the address of the page where it can be taken: who was not told of it does not find it.
    slug           text NOT NULL CONSTRAINT coupons_slug_unique UNIQUE CHECK (slug ~ '^[0-9a-z]{8}$'),
    name_zh        text NOT NULL CHECK (name_zh <> ''),
    name_en        text NOT NULL DEFAULT '',
    kind           text NOT NULL CHECK (kind IN ('fixed', 'percent')),
    -- What a fixed one takes off.
    amount_fen     bigint CHECK (amount_fen > 0),
    -- What of a hundred the other takes off, and never more than its cap.
    percent        smallint CHECK (percent BETWEEN 1 AND 99),
    cap_fen        bigint CHECK (cap_fen > 0),
    -- The goods it holds for must cost this much.
    threshold_fen  bigint NOT NULL CHECK (threshold_fen >= 0),
    total          integer NOT NULL CHECK (total BETWEEN 1 AND 1000000),
    -- To one buyer.
    each           integer NOT NULL CHECK (each BETWEEN 1 AND 100),
    given          integer NOT NULL DEFAULT 0,
    given_from     timestamptz NOT NULL,
    given_until    timestamptz NOT NULL CHECK (given_until > given_from),
    usable_until   timestamptz,
    usable_days    integer CHECK (usable_days BETWEEN 1 AND 3650),
    -- Told on the pages of the products that it holds for.
    listed         boolean NOT NULL,
    paused_at      timestamptz,
    ended_at       timestamptz,
    made_at        timestamptz NOT NULL,
    -- The form that made it: pressed twice, it is one.
    form_key       uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT coupons_form_once UNIQUE,
    version        integer NOT NULL DEFAULT 1,
    CHECK ((kind = 'fixed') = (amount_fen IS NOT NULL)),
    CHECK ((kind = 'percent') = (percent IS NOT NULL)),
    CHECK (kind = 'percent' OR cap_fen IS NULL),
    CHECK ((usable_until IS NULL) <> (usable_days IS NULL)),
    CHECK (usable_until >= given_until),
    CONSTRAINT coupons_never_more_than_total CHECK (given BETWEEN 0 AND total)
);

-- The products that a coupon holds for; all of them where none stands here.
CREATE TABLE coupon_products (
    coupon_id   bigint NOT NULL REFERENCES coupons,
    product_id  bigint NOT NULL REFERENCES products,
    PRIMARY KEY (coupon_id, product_id)
);
CREATE INDEX coupon_products_by_product ON coupon_products (product_id);

CREATE TABLE coupons_given (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coupon_id     bigint NOT NULL REFERENCES coupons,
    customer_id   bigint NOT NULL REFERENCES customers,
    -- Her first of this coupon, her second, …
    seq           integer NOT NULL CHECK (seq >= 1),
    code          text NOT NULL CONSTRAINT coupons_given_code_unique UNIQUE CHECK (code ~ '^[2-9A-HJ-NP-Z]{12}$'),
    source        text NOT NULL CHECK (source IN ('link', 'staff', 'rule', 'repost')),
    given_at      timestamptz NOT NULL,
    usable_until  timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'used', 'taken_back')),
    order_id      bigint REFERENCES orders,
    used_at       timestamptz,
    -- When the merchant took it back: at once where it was open; where it was used, when its order gives it back.
    revoked_at    timestamptz,
    CONSTRAINT coupons_given_once UNIQUE (coupon_id, customer_id, seq),
    CHECK ((state = 'used') = (order_id IS NOT NULL)),
    CHECK ((state = 'used') = (used_at IS NOT NULL)),
    CHECK (state <> 'taken_back' OR revoked_at IS NOT NULL),
    CHECK (state <> 'open' OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX coupons_given_by_order ON coupons_given (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX coupons_given_used ON coupons_given (coupon_id) WHERE state = 'used';
CREATE INDEX coupons_given_by_customer ON coupons_given (customer_id, id DESC);

-- With which coupon an order was placed, and what it took off. It stays, whatever becomes of either.
CREATE TABLE coupon_uses (
    order_id      bigint PRIMARY KEY REFERENCES orders,
    given_id      bigint NOT NULL REFERENCES coupons_given,
    name_zh       text NOT NULL,
    name_en       text NOT NULL,
    discount_fen  bigint NOT NULL CHECK (discount_fen > 0),
    used_at       timestamptz NOT NULL
);
CREATE INDEX coupon_uses_by_given ON coupon_uses (given_id);

-- The moves that a coupon may make: what was taken back stays so, and what was given stays hers.
CREATE FUNCTION coupons_given_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'taken_back' OR (OLD.state = 'used' AND NEW.order_id <> OLD.order_id) THEN
        RAISE EXCEPTION 'coupon % is % already', OLD.id, OLD.state USING CONSTRAINT = 'coupons_given_moves';
    END IF;
    IF (NEW.coupon_id, NEW.customer_id, NEW.seq, NEW.code, NEW.usable_until)
        IS DISTINCT FROM (OLD.coupon_id, OLD.customer_id, OLD.seq, OLD.code, OLD.usable_until) THEN
        RAISE EXCEPTION 'coupon % stays what it is', OLD.id USING CONSTRAINT = 'coupons_given_fixed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER coupons_given_move BEFORE UPDATE ON coupons_given
    FOR EACH ROW EXECUTE FUNCTION coupons_given_move();
