-- Partners: people who bring buyers by links of theirs, what each is promised for it, and what was paid to her.

ALTER TABLE shop
    -- So long after an order was received its commission is held: its goods may still come back.
    ADD COLUMN commission_days integer NOT NULL DEFAULT 7
        CONSTRAINT shop_commission_days_within CHECK (commission_days BETWEEN 0 AND 60);

CREATE TABLE partners (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    -- The account that has taken the invitation; her links are made after that, so she has no order before.
    customer_id  bigint REFERENCES customers CONSTRAINT partners_one_account UNIQUE,
    bound_at     timestamptz,
    made_at      timestamptz NOT NULL,
    -- From then on her links bring her nothing; what they brought before stays hers.
    ended_at     timestamptz,
    -- The form that made her: pressed twice, it is one.
    form_key     uuid NOT NULL CONSTRAINT partners_form_once UNIQUE,
    -- All her entries of the ledger together: written with each, under the row's lock.
    entered_fen  bigint NOT NULL DEFAULT 0,
    CHECK ((customer_id IS NULL) = (bound_at IS NULL))
);

-- What she is promised, in hundredths of a percent, of orders that are placed from then on.
CREATE TABLE partner_rates (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id  bigint NOT NULL REFERENCES partners,
    rate_bp     integer NOT NULL CHECK (rate_bp BETWEEN 1 AND 5000),
    from_at     timestamptz NOT NULL,
    actor       text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id    bigint,
    staff_name  text
);
CREATE INDEX partner_rates_by_partner ON partner_rates (partner_id, from_at, id);

-- Links that bind an account, once. Only their fingerprints are kept.
CREATE TABLE partner_invitations (
    fingerprint  bytea PRIMARY KEY,
    partner_id   bigint NOT NULL REFERENCES partners,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE UNIQUE INDEX partner_invitations_one_open ON partner_invitations (partner_id) WHERE used_at IS NULL;

-- An order that came by a partner's link last, at the rate that held when it was placed.
CREATE TABLE partner_orders (
    order_id     bigint PRIMARY KEY REFERENCES orders,
    partner_id   bigint NOT NULL REFERENCES partners,
    rate_bp      integer NOT NULL CHECK (rate_bp BETWEEN 1 AND 5000),
    placed_at    timestamptz NOT NULL,
    -- For how many days it was said to be held when it was placed: it may become less, never more.
    hold_days    integer NOT NULL CHECK (hold_days BETWEEN 0 AND 60),
    -- As the order has it; kept here so that what is due is found without looking through orders.
    paid         boolean NOT NULL,
    received_at  timestamptz,
    refunding    boolean NOT NULL,
    -- Since when its commission is worked out and no longer held.
    freed_at     timestamptz,
    -- Something about it has changed since it was last worked out.
    changed      boolean NOT NULL DEFAULT false
);
CREATE INDEX partner_orders_paid ON partner_orders (partner_id, placed_at DESC, order_id DESC) WHERE paid;
CREATE INDEX partner_orders_pending ON partner_orders (partner_id, order_id) WHERE paid AND freed_at IS NULL;
CREATE INDEX partner_orders_held ON partner_orders (received_at, order_id) INCLUDE (hold_days)
    WHERE paid AND freed_at IS NULL AND NOT refunding AND received_at IS NOT NULL;
CREATE INDEX partner_orders_changed ON partner_orders (partner_id, order_id) WHERE changed AND freed_at IS NOT NULL;

CREATE FUNCTION partner_orders_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO partner_orders (order_id, partner_id, rate_bp, placed_at, hold_days, paid, received_at, refunding)
    SELECT o.id, p.id, r.rate_bp, o.placed_at, s.commission_days, o.payment = 'paid', o.received_at, o.back_fen > o.refunded_fen
    FROM short_links l
    JOIN partners p ON p.id = l.source_id
    JOIN orders o ON o.id = NEW.order_id AND (p.ended_at IS NULL OR o.placed_at < p.ended_at)
    CROSS JOIN LATERAL (SELECT rate_bp FROM partner_rates WHERE partner_id = p.id AND from_at <= o.placed_at
        ORDER BY from_at DESC, id DESC LIMIT 1) r
    CROSS JOIN shop s
    WHERE l.code = NEW.code AND l.source = 'partner'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER partner_orders_begin AFTER INSERT ON order_origins
    FOR EACH ROW EXECUTE FUNCTION partner_orders_begin();

-- Whatever changes an order changes this in the same transaction, with the order's row held: nothing is missed.
CREATE FUNCTION partner_orders_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE partner_orders SET paid = (NEW.payment = 'paid'), received_at = NEW.received_at,
        refunding = (NEW.back_fen > NEW.refunded_fen), changed = true
    WHERE order_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER partner_orders_follow AFTER UPDATE ON orders FOR EACH ROW
    WHEN ((OLD.payment, OLD.received_at, OLD.back_fen, OLD.refunded_fen, OLD.customer_id)
        IS DISTINCT FROM (NEW.payment, NEW.received_at, NEW.back_fen, NEW.refunded_fen, NEW.customer_id))
    EXECUTE FUNCTION partner_orders_follow();

-- What of an order counts: its goods after all that was taken off them, without freight, less what of their money goes
-- back or is back. Nothing where she bought it herself, or where the order does not keep its money. She did where it is
-- her account's, or by the browser or the phone of an order that her account paid before: paid, so that nobody learns
-- by orders of no consequence whose phone stands on another.
CREATE VIEW partner_order_bases AS
SELECT p.order_id, p.partner_id, own.own,
    CASE WHEN o.payment <> 'paid' OR own.own THEN 0
        ELSE greatest(0, o.goods_fen - (o.back_fen - coalesce(f.freight_fen, 0))) END AS kept_fen
FROM partner_orders p
JOIN orders o ON o.id = p.order_id
JOIN partners w ON w.id = p.partner_id
CROSS JOIN LATERAL (SELECT (o.customer_id = w.customer_id) IS TRUE OR EXISTS (SELECT FROM orders h
    WHERE h.customer_id = w.customer_id AND h.id < o.id AND h.paid_at IS NOT NULL
        AND (h.visitor = o.visitor OR h.phone = o.phone)) AS own) own
LEFT JOIN LATERAL (SELECT sum(freight_fen)::bigint AS freight_fen FROM refunds
    WHERE order_id = p.order_id AND o.back_fen > 0 AND cause <> 'surplus' AND state <> 'failed') f ON true;

-- The ledger of commission. earned: its time was over. returned: money of it went back since. kept: it did not after all.
CREATE TABLE commission_entries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id    bigint NOT NULL REFERENCES partner_orders,
    partner_id  bigint NOT NULL REFERENCES partners,
    -- The first of its order, the second, …
    seq         integer NOT NULL CHECK (seq >= 1),
    kind        text NOT NULL CHECK (kind IN ('earned', 'returned', 'kept')),
    amount_fen  bigint NOT NULL,
    -- What of the order counted then, and at which rate.
    base_fen    bigint NOT NULL CHECK (base_fen >= 0),
    rate_bp     integer NOT NULL,
    at          timestamptz NOT NULL,
    CONSTRAINT commission_entries_in_turn UNIQUE (order_id, seq),
    CHECK ((kind = 'earned') = (seq = 1)),
    CHECK (CASE WHEN kind = 'returned' THEN amount_fen < 0 ELSE amount_fen > 0 END)
);
CREATE INDEX commission_entries_by_partner ON commission_entries (partner_id, id) INCLUDE (amount_fen);

CREATE FUNCTION commission_entries_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE partners SET entered_fen = entered_fen + NEW.amount_fen WHERE id = NEW.partner_id;
    RETURN NULL;
END $$;
CREATE TRIGGER commission_entries_count AFTER INSERT ON commission_entries
    FOR EACH ROW EXECUTE FUNCTION commission_entries_count();

CREATE FUNCTION commission_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of commission is only ever added to' USING CONSTRAINT = 'commission_entries_stay';
END $$;
CREATE TRIGGER commission_entries_stay BEFORE UPDATE OR DELETE ON commission_entries
    FOR EACH ROW EXECUTE FUNCTION commission_entries_stay();

-- What is to be paid to her, and was: outside, by a person.
CREATE TABLE partner_payouts (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id     bigint NOT NULL REFERENCES partners,
    form_key       uuid NOT NULL CONSTRAINT partner_payouts_form_once UNIQUE,
    -- All her entries up to this one, less what was paid before.
    through_entry  bigint NOT NULL REFERENCES commission_entries,
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0),
    state          text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'paid', 'cancelled')),
    proposed_at    timestamptz NOT NULL,
    actor          text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id       bigint,
    staff_name     text,
    -- Paid or cancelled: when that was written down here, and by whom.
    ended_at       timestamptz,
    ended_id       bigint,
    ended_name     text,
    paid_on        date,
    -- The number of the transfer, and what else there is to say: she reads both.
    reference      text NOT NULL DEFAULT '',
    note           text NOT NULL DEFAULT '',
    CHECK ((state = 'proposed') = (ended_at IS NULL)),
    CHECK ((state = 'paid') = (paid_on IS NOT NULL))
);
CREATE INDEX partner_payouts_by_partner ON partner_payouts (partner_id, id);
CREATE UNIQUE INDEX partner_payouts_one_open ON partner_payouts (partner_id) WHERE state = 'proposed';

CREATE FUNCTION partner_payouts_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed'
        OR (NEW.partner_id, NEW.through_entry, NEW.amount_fen, NEW.proposed_at)
            IS DISTINCT FROM (OLD.partner_id, OLD.through_entry, OLD.amount_fen, OLD.proposed_at) THEN
        RAISE EXCEPTION 'payout % stays what it is', OLD.id USING CONSTRAINT = 'partner_payouts_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_payouts_move BEFORE UPDATE OR DELETE ON partner_payouts
    FOR EACH ROW EXECUTE FUNCTION partner_payouts_move();
