-- An order is received: the buyer says so, somebody of the staff does, or nobody has for some days after it was sent.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

ALTER TABLE shop
    -- So long after it was sent an order counts as received by itself.
    ADD COLUMN receive_days integer NOT NULL DEFAULT 10 CHECK (receive_days BETWEEN 3 AND 60),
    ADD COLUMN tell_received boolean NOT NULL DEFAULT true;

ALTER TABLE orders
    -- So long after it was sent it counts as received: what held then, or a longer time that was set since. Of what was
    -- not sent yet it says nothing.
    ADD COLUMN receive_days integer NOT NULL DEFAULT 10
        CONSTRAINT orders_receive_days_within CHECK (receive_days BETWEEN 0 AND 60),
    ADD COLUMN received_at timestamptz,
    -- shop: its time was over.
    ADD COLUMN received_by text CONSTRAINT orders_received_by_known CHECK (received_by IN ('buyer', 'staff', 'shop')),
    DROP CONSTRAINT orders_fulfilment_known,
    DROP CONSTRAINT orders_shipped_at,
    ADD CONSTRAINT orders_fulfilment_known CHECK (fulfilment IN ('none', 'shipped', 'received')),
    ADD CONSTRAINT orders_shipped_at CHECK ((fulfilment <> 'none') = (shipped_at IS NOT NULL)),
    ADD CONSTRAINT orders_received_at CHECK ((fulfilment = 'received') = (received_at IS NOT NULL)),
    ADD CONSTRAINT orders_received_by CHECK ((received_at IS NULL) = (received_by IS NULL));

-- As before, and: what was sent waits no shorter than was said; what was received was sent, stays received, and was not
-- all on its way back then.
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
    IF OLD.fulfilment <> 'none' AND (NEW.fulfilment = 'none' OR NEW.shipped_at IS DISTINCT FROM OLD.shipped_at
        OR NEW.receive_days < OLD.receive_days) THEN
        RAISE EXCEPTION 'order % was sent', OLD.number USING CONSTRAINT = 'orders_shipped_once';
    END IF;
    IF OLD.fulfilment = 'received' AND (NEW.fulfilment, NEW.receive_days, NEW.received_at, NEW.received_by)
        IS DISTINCT FROM (OLD.fulfilment, OLD.receive_days, OLD.received_at, OLD.received_by) THEN
        RAISE EXCEPTION 'order % was received', OLD.number USING CONSTRAINT = 'orders_received_once';
    END IF;
    IF OLD.fulfilment = 'none' AND NEW.fulfilment = 'received' THEN
        RAISE EXCEPTION 'order % was not sent', OLD.number USING CONSTRAINT = 'orders_received_was_sent';
    END IF;
    IF OLD.fulfilment = 'shipped' AND NEW.fulfilment = 'received'
        AND (NEW.back_fen = NEW.total_fen OR NEW.pieces_left = 0) THEN
        RAISE EXCEPTION 'order % goes back', OLD.number USING CONSTRAINT = 'orders_received_is_kept';
    END IF;
    IF NEW.total_fen <> OLD.total_fen OR NEW.number <> OLD.number THEN
        RAISE EXCEPTION 'order % keeps its total', OLD.number USING CONSTRAINT = 'orders_total_fixed';
    END IF;
    RETURN NEW;
END $$;

-- The list at the desk, and whose time is over: in UTC, where the sum is the same at any time and place.
CREATE INDEX orders_received ON orders (placed_at DESC, id DESC) WHERE fulfilment = 'received';
CREATE INDEX orders_to_receive ON orders ((shipped_at AT TIME ZONE 'UTC' + receive_days * interval '24 hours'), id)
    WHERE fulfilment = 'shipped' AND back_fen < total_fen AND pieces_left > 0 AND back_fen = refunded_fen;

ALTER TABLE order_events DROP CONSTRAINT order_events_kind_known;
ALTER TABLE order_events ADD CONSTRAINT order_events_kind_known CHECK (kind IN ('placed', 'cashier', 'paid', 'surplus',
    'late', 'expired', 'cancelled', 'shipped', 'corrected', 'received', 'noted', 'refunding', 'refunded', 'refund_failed',
    'told'));

ALTER TABLE buyer_messages DROP CONSTRAINT buyer_messages_about_check;
ALTER TABLE buyer_messages ADD CONSTRAINT buyer_messages_about_known CHECK (about IN
    ('paid', 'late', 'shipped', 'received', 'refunded'));
