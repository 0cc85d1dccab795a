-- Money in: what we asked Weibo for, what Weibo told us, and what was settled.

-- One visit to the cashier that an order was sent on. Each has a number of its own at Weibo.
CREATE TABLE attempts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id     bigint NOT NULL REFERENCES orders,
    number       smallint NOT NULL CHECK (number BETWEEN 1 AND 999),
    way          text NOT NULL CHECK (way IN ('client', 'qr', 'pc', 'mobile')),
    out_pay_id   text NOT NULL CONSTRAINT attempts_out_pay_id_unique UNIQUE CHECK (length(out_pay_id) BETWEEN 6 AND 64),
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    begun_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'closed')),
    -- The browser came back from the cashier saying that it had paid.
    returned_at  timestamptz,
    asked_at     timestamptz,
    asked_times  integer NOT NULL DEFAULT 0,
    -- What Weibo last answered; unknown when nothing that can be trusted came back.
    answer       text CHECK (answer IN ('pending', 'success', 'closed', 'refused', 'unknown')),
    UNIQUE (order_id, number),
    CHECK ((asked_at IS NULL) = (answer IS NULL))
);
CREATE UNIQUE INDEX attempts_one_open ON attempts (order_id, way) WHERE state = 'open';

-- What Weibo sent us, word for word. Stored only after its signature was verified.
CREATE TABLE notices (
    digest       text PRIMARY KEY,
    body         text NOT NULL,
    received_at  timestamptz NOT NULL,
    times        integer NOT NULL DEFAULT 1,
    outcome      text NOT NULL CHECK (outcome IN ('settled', 'repeated', 'noted', 'refused')),
    why          text NOT NULL DEFAULT '',
    order_id     bigint REFERENCES orders
);
CREATE INDEX notices_refused ON notices (received_at) WHERE outcome = 'refused';

-- The ledger. Nothing in it is ever changed or taken away.
CREATE TABLE payments (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id    bigint NOT NULL REFERENCES orders,
    attempt_id  bigint NOT NULL REFERENCES attempts,
    kind        text NOT NULL CHECK (kind IN ('pay', 'surplus')),
    pay_id      text NOT NULL CONSTRAINT payments_pay_id_unique UNIQUE,
    amount_fen  bigint NOT NULL CHECK (amount_fen > 0),
    buyer_uid   bigint,
    paid_at     timestamptz NOT NULL,
    settled_at  timestamptz NOT NULL,
    -- The notice that proves it; nothing when Weibo told us because we asked.
    notice      text REFERENCES notices
);
CREATE UNIQUE INDEX payments_one_kept ON payments (order_id) WHERE kind = 'pay';

CREATE FUNCTION payments_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to' USING CONSTRAINT = 'payments_append_only';
END $$;
CREATE TRIGGER payments_stay BEFORE UPDATE OR DELETE ON payments FOR EACH ROW EXECUTE FUNCTION payments_stay();
CREATE TRIGGER payments_stay_all BEFORE TRUNCATE ON payments FOR EACH STATEMENT EXECUTE FUNCTION payments_stay();
