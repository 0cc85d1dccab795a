-- The order desk: parcels, orders called off by the staff, and what happened to each order and by whom.

-- Old orders get their history here, which may take longer than a request may.
SET LOCAL statement_timeout = 0;

ALTER TABLE orders DROP CONSTRAINT orders_fulfilment_check;
ALTER TABLE orders DROP CONSTRAINT orders_closed_because_check;
ALTER TABLE orders ADD COLUMN shipped_at timestamptz;
ALTER TABLE orders
    ADD CONSTRAINT orders_fulfilment_known CHECK (fulfilment IN ('none', 'shipped')),
    ADD CONSTRAINT orders_shipped_at CHECK ((fulfilment = 'shipped') = (shipped_at IS NOT NULL)),
    ADD CONSTRAINT orders_shipped_is_paid CHECK (fulfilment = 'none' OR payment = 'paid'),
    ADD CONSTRAINT orders_closed_because_known CHECK (closed_because IN ('expired', 'cancelled'));

-- As before, and: what was sent stays sent, and why an order was closed stays as it was.
CREATE OR REPLACE FUNCTION orders_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.payment IN ('paid', 'late') AND NEW.payment IN ('none', 'pending') THEN
        RAISE EXCEPTION 'order % cannot become unpaid', OLD.number USING CONSTRAINT = 'orders_never_unpaid';
    END IF;
    IF OLD.payment = 'paid' AND NEW.payment <> 'paid' THEN
        RAISE EXCEPTION 'order % is paid', OLD.number USING CONSTRAINT = 'orders_never_unpaid';
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL AND NEW.payment <> 'paid' THEN
        RAISE EXCEPTION 'order % reopens by payment only', OLD.number USING CONSTRAINT = 'orders_reopen_paid';
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT NULL
        AND (NEW.closed_at, NEW.closed_because) IS DISTINCT FROM (OLD.closed_at, OLD.closed_because) THEN
        RAISE EXCEPTION 'order % is closed', OLD.number USING CONSTRAINT = 'orders_closed_once';
    END IF;
    IF OLD.fulfilment = 'shipped'
        AND (NEW.fulfilment, NEW.shipped_at) IS DISTINCT FROM (OLD.fulfilment, OLD.shipped_at) THEN
        RAISE EXCEPTION 'order % was sent', OLD.number USING CONSTRAINT = 'orders_shipped_once';
    END IF;
    IF NEW.total_fen <> OLD.total_fen OR NEW.number <> OLD.number THEN
        RAISE EXCEPTION 'order % keeps its total', OLD.number USING CONSTRAINT = 'orders_total_fixed';
    END IF;
    RETURN NEW;
END $$;

-- A parcel. Today an order has one; only this constraint says so.
CREATE TABLE shipments (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id      bigint NOT NULL REFERENCES orders CONSTRAINT shipments_one_per_order UNIQUE,
    courier       text NOT NULL CHECK (courier ~ '^[a-z]{2,16}$'),
    -- As somebody wrote it, for a courier that the shop has no name for.
    courier_name  text NOT NULL DEFAULT '',
    tracking      text NOT NULL CHECK (tracking ~ '^[A-Z0-9]{6,40}$'),
    shipped_at    timestamptz NOT NULL,
    corrected_at  timestamptz,
    actor         text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id      bigint,
    staff_name    text,
    CHECK ((courier = 'other') = (courier_name <> '')),
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL AND staff_name IS NOT NULL))
);
CREATE INDEX shipments_by_tracking ON shipments (tracking);

-- What happened to an order. Only ever added to.
CREATE TABLE order_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id    bigint NOT NULL REFERENCES orders,
    at          timestamptz NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('placed', 'cashier', 'paid', 'surplus', 'late', 'expired',
                    'cancelled', 'shipped', 'corrected', 'noted')),
    actor       text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id    bigint,
    staff_name  text,
    -- What else there is to know, by kind; never a buyer's name, phone or address.
    detail      jsonb NOT NULL DEFAULT '{}',
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL AND staff_name IS NOT NULL))
);
CREATE INDEX order_events_by_order ON order_events (order_id, at, id);

INSERT INTO order_events (order_id, at, kind, actor, detail)
SELECT order_id, at, kind, actor, detail FROM (
    SELECT id, placed_at, 1, 'placed', 'buyer', '{}'::jsonb FROM orders
    UNION ALL
    SELECT order_id, begun_at, 2, 'cashier', 'buyer', jsonb_build_object('way', way) FROM attempts
    UNION ALL
    SELECT id, closed_at, 3, 'expired', 'shop', '{}' FROM orders WHERE closed_at IS NOT NULL
    UNION ALL
    SELECT id, paid_at, 4, payment, 'weibo', CASE payment
        WHEN 'paid' THEN jsonb_build_object('fen', total_fen, 'reopened', false)
        ELSE jsonb_build_object('fen', total_fen) END
    FROM orders WHERE paid_at IS NOT NULL
    UNION ALL
    SELECT order_id, settled_at, 5, 'surplus', 'weibo', jsonb_build_object('fen', amount_fen)
    FROM payments WHERE kind = 'surplus'
) AS old (order_id, at, step, kind, actor, detail)
ORDER BY at, step, order_id;

CREATE FUNCTION order_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an order''s history is only ever added to' USING CONSTRAINT = 'order_events_append_only';
END $$;
CREATE TRIGGER order_events_stay BEFORE UPDATE OR DELETE ON order_events
    FOR EACH ROW EXECUTE FUNCTION order_events_stay();
CREATE TRIGGER order_events_stay_all BEFORE TRUNCATE ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION order_events_stay();

-- The list at the desk: each of its tabs has its own order, so that none reads what belongs to another.
CREATE INDEX orders_by_time ON orders (placed_at DESC, id DESC);
CREATE INDEX orders_to_ship ON orders (placed_at DESC, id DESC) WHERE payment = 'paid' AND fulfilment = 'none';
CREATE INDEX orders_unpaid ON orders (placed_at DESC, id DESC)
    WHERE payment IN ('none', 'pending') AND closed_at IS NULL;
CREATE INDEX orders_shipped ON orders (placed_at DESC, id DESC) WHERE fulfilment = 'shipped';
CREATE INDEX orders_closed ON orders (placed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX orders_late ON orders (placed_at DESC, id DESC) WHERE payment = 'late';
-- Whose turn it is to be sent.
CREATE INDEX orders_waiting ON orders (paid_at, id) WHERE payment = 'paid' AND fulfilment = 'none';

-- What people know of an order: any of the three parts of its number, whose it is, how a phone ends.
CREATE INDEX orders_by_number ON orders (number text_pattern_ops) INCLUDE (id);
CREATE INDEX orders_by_middle ON orders (substr(number, 6) text_pattern_ops) INCLUDE (id);
CREATE INDEX orders_by_end ON orders (substr(number, 11) text_pattern_ops) INCLUDE (id);
CREATE INDEX orders_by_recipient ON orders (recipient text_pattern_ops) INCLUDE (id);
CREATE INDEX orders_by_phone_end ON orders ("right"(phone, 4));
CREATE INDEX order_lines_by_product ON order_lines (product_id, variant_id, order_id);
