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
