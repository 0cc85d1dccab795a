-- Whether the money adds up: when that was last looked at, and what did not.

-- One row for each kind: of the orders whose money moved lately, and of all.
CREATE TABLE money_checks (
    whole     boolean PRIMARY KEY,
    -- When somebody last began one; several workers leave it to one of them.
    begun_at  timestamptz NOT NULL,
    -- When the last one that came to its end began. Nothing before the first.
    at        timestamptz,
    -- How many orders that one looked at.
    orders    bigint NOT NULL DEFAULT 0 CHECK (orders >= 0)
);

-- What is wrong now. A row goes when a later look at its order finds nothing.
CREATE TABLE money_breaches (
    order_number text NOT NULL,
    rule         text NOT NULL,
    detail       text NOT NULL,
    found_at     timestamptz NOT NULL,
    -- When the check that saw it last began.
    seen_at      timestamptz NOT NULL,
    PRIMARY KEY (order_number, rule, detail)
);

-- What the check of each minute, and the lists of what is stuck, look up.
CREATE INDEX payments_by_settling ON payments (settled_at);
CREATE INDEX orders_by_payment ON orders (paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX attempts_unknown ON attempts (begun_at) WHERE state = 'open' AND (answer IS NULL OR answer = 'unknown');
CREATE INDEX jobs_given_up ON jobs (given_up_at) WHERE given_up_at IS NOT NULL;

-- The orders whose money moved since then, and those that are known to be wrong; without a time all there are.
CREATE FUNCTION orders_moved(since timestamptz) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM orders WHERE since IS NULL
    UNION SELECT id FROM orders WHERE since IS NOT NULL AND paid_at >= since
    UNION SELECT o.id FROM money_breaches b JOIN orders o ON o.number = b.order_number WHERE since IS NOT NULL
    UNION SELECT order_id FROM payments WHERE since IS NOT NULL AND settled_at >= since
    UNION SELECT order_id FROM ledger WHERE since IS NOT NULL AND entered_at >= since
    UNION SELECT order_id FROM refunds WHERE since IS NOT NULL AND (begun_at >= since OR ended_at >= since)
$$;
