-- Our ledger beside Weibo's books: day by day by asking, or by a table that the merchant's console has given out.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

CREATE TABLE reconciliations (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- day: Weibo is asked about each payment and refund of a day. console: a file is compared.
    kind           text NOT NULL CHECK (kind IN ('day', 'console')),
    -- receiving: its file is on its way. mapping: somebody has to say which column is what.
    state          text NOT NULL CHECK (state IN ('receiving', 'mapping', 'running', 'done')),
    -- The days that it is about, in the shop's zone; of a file, once they are known.
    from_day       date,
    to_day         date,
    begun_at       timestamptz NOT NULL,
    ended_at       timestamptz,
    -- What Weibo did not tell is asked once more then.
    again_at       timestamptz,
    goal           integer NOT NULL DEFAULT 0,
    done           integer NOT NULL DEFAULT 0,
    -- Of its rows: which differ, which of those nobody has seen to, which are not known.
    differences    integer NOT NULL DEFAULT 0,
    unresolved     integer NOT NULL DEFAULT 0,
    unknown        integer NOT NULL DEFAULT 0,
    ours_fen       bigint NOT NULL DEFAULT 0,
    theirs_fen     bigint NOT NULL DEFAULT 0,
    ours_back_fen  bigint NOT NULL DEFAULT 0,
    theirs_back_fen bigint NOT NULL DEFAULT 0,
    file_name      text NOT NULL DEFAULT '',
    header         jsonb NOT NULL DEFAULT '[]',
    columns        jsonb,
    -- The last line of the file, and then the last row of the ledger, that is done with.
    line           integer NOT NULL DEFAULT 0,
    position       bigint NOT NULL DEFAULT 0,
    actor          text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id       bigint,
    staff_name     text,
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL AND staff_name IS NOT NULL)),
    CHECK ((from_day IS NULL) = (to_day IS NULL) AND from_day <= to_day),
    CHECK (kind = 'console' OR from_day IS NOT NULL),
    CHECK ((state = 'done') = (ended_at IS NOT NULL))
);
-- Several workers make one of them.
CREATE UNIQUE INDEX reconciliations_daily_once ON reconciliations (from_day) WHERE kind = 'day' AND actor = 'shop';
CREATE UNIQUE INDEX reconciliations_one_running ON reconciliations (from_day) WHERE kind = 'day' AND state = 'running';

-- What was, or is to be, compared: a payment or a refund.
CREATE TABLE reconciliation_rows (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reconciliation_id bigint NOT NULL REFERENCES reconciliations ON DELETE CASCADE,
    subject           text NOT NULL CHECK (subject IN ('payment', 'refund', 'line')),
    -- Which time it will be asked about: 1, 2 at the end of the run, 3 a day later; nothing when it is done with.
    round             smallint CHECK (round IN (1, 2, 3)),
    -- Nobody asks before: somebody is at it, or has asked a moment ago.
    not_before        timestamptz,
    attempt_id        bigint REFERENCES attempts,
    refund_id         bigint REFERENCES refunds,
    order_number      text NOT NULL DEFAULT '',
    our_number        text NOT NULL DEFAULT '',
    weibo_number      text NOT NULL DEFAULT '',
    -- Of a file: what it is about, the first time that it is named.
    key               text NOT NULL DEFAULT '',
    -- Nothing where nothing was paid, or where nobody tells an amount.
    ours_fen          bigint,
    theirs_fen        bigint,
    ours_state        text NOT NULL DEFAULT '',
    theirs_state      text NOT NULL DEFAULT '',
    difference        text CHECK (difference IN ('found', 'amount', 'not-paid-there', 'refund', 'unknown', 'other-order',
                          'not-here', 'not-there', 'twice', 'unreadable')),
    -- Of a file: the row of the sheet, and what is wrong with it.
    line              integer,
    why               text NOT NULL DEFAULT '',
    compared_at       timestamptz,
    resolved_at       timestamptz,
    resolved_by       text,
    CHECK (resolved_at IS NULL OR difference IS NOT NULL)
);
CREATE INDEX reconciliation_rows_in_order ON reconciliation_rows (reconciliation_id, id);
CREATE INDEX reconciliation_rows_to_ask ON reconciliation_rows (reconciliation_id, round, id) WHERE round IS NOT NULL;
CREATE INDEX reconciliation_rows_differing ON reconciliation_rows (reconciliation_id, id) WHERE difference IS NOT NULL;
CREATE UNIQUE INDEX reconciliation_rows_attempt_once ON reconciliation_rows (reconciliation_id, attempt_id)
    WHERE attempt_id IS NOT NULL;
CREATE UNIQUE INDEX reconciliation_rows_refund_once ON reconciliation_rows (reconciliation_id, refund_id)
    WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX reconciliation_rows_key_once ON reconciliation_rows (reconciliation_id, key) WHERE key <> '';

-- The rows of a file, until they are compared.
CREATE TABLE reconciliation_lines (
    reconciliation_id bigint NOT NULL REFERENCES reconciliations ON DELETE CASCADE,
    line              integer NOT NULL,
    cells             jsonb NOT NULL,
    PRIMARY KEY (reconciliation_id, line)
);

-- Which column is what, for files with this very header.
CREATE TABLE console_columns (
    -- Its digest: a header may be longer than an index takes.
    header    text PRIMARY KEY,
    columns   jsonb NOT NULL,
    saved_at  timestamptz NOT NULL
);

-- Payments and refunds of a day, and the ledger by when it happened at Weibo.
CREATE INDEX attempts_by_time ON attempts (begun_at);
CREATE INDEX payments_by_time ON payments (settled_at);
CREATE INDEX payments_by_attempt ON payments (attempt_id);
CREATE INDEX refunds_by_weibo_id ON refunds (weibo_id) WHERE weibo_id IS NOT NULL;
CREATE INDEX ledger_by_happening ON ledger (happened_at, id);
