-- One ledger: each fen that came or went is a row, with the message of Weibo's that proves it. What orders and
-- figures say of money follows from it. And refunds: money on its way back.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- What Weibo told us: by itself, or because it was asked. Answers are stored as they came, too.
ALTER TABLE notices
    ADD COLUMN source text NOT NULL DEFAULT 'notice' CHECK (source IN ('notice', 'answer')),
    -- Somebody of the staff has looked at one that is not believed, and has seen to it.
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN seen_by text;
UPDATE notices SET source = 'answer' WHERE digest LIKE 'query %';
CREATE FUNCTION notices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what Weibo told stays as it was told' USING CONSTRAINT = 'notices_stay';
END $$;
CREATE TRIGGER notices_stay BEFORE UPDATE ON notices FOR EACH ROW
    WHEN ((OLD.digest, OLD.body, OLD.received_at, OLD.source) IS DISTINCT FROM (NEW.digest, NEW.body, NEW.received_at, NEW.source))
    EXECUTE FUNCTION notices_stay();
INSERT INTO notices (digest, body, received_at, outcome, order_id, source)
SELECT 'answer ' || pay_id, 'told when asked, before answers were kept', settled_at, 'settled', order_id, 'answer'
FROM payments WHERE notice IS NULL;

CREATE INDEX notices_doubted ON notices (received_at DESC, digest) WHERE outcome = 'refused' AND seen_at IS NULL;
CREATE INDEX notices_by_age ON notices (received_at);
DROP INDEX notices_refused;

-- How much of a payment is on its way back, or is back: never more than came. The row's only change.
ALTER TABLE payments
    ADD COLUMN back_fen bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payments_back_within CHECK (back_fen BETWEEN 0 AND amount_fen);
CREATE OR REPLACE FUNCTION payments_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' THEN
        NEW.back_fen := OLD.back_fen;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'the ledger is only ever added to' USING CONSTRAINT = 'payments_append_only';
END $$;
DROP TRIGGER payments_stay ON payments;
-- After the row, so that what it says is not changed here.
CREATE TRIGGER payments_stay AFTER UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION payments_stay();
CREATE TRIGGER payments_stay_there BEFORE DELETE ON payments FOR EACH ROW EXECUTE FUNCTION payments_stay();
CREATE INDEX payments_surplus_owed ON payments (id) WHERE kind = 'surplus' AND back_fen < amount_fen;
DROP INDEX payments_surplus;

-- Money that somebody decided to send back. It stays `begun` or `unknown` until Weibo says what became of it,
-- and is asked about under the one number that it has.
CREATE TABLE refunds (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id       bigint NOT NULL REFERENCES orders,
    payment_id     bigint NOT NULL REFERENCES payments,
    -- The form that asked for it, or the payment that has to go back as a whole: asked twice, it is one refund.
    request_key    text NOT NULL CONSTRAINT refunds_request_key_unique UNIQUE,
    -- What it asked for, to tell the same form again from another one.
    request        text NOT NULL,
    number         smallint NOT NULL CHECK (number BETWEEN 1 AND 999),
    out_refund_id  text NOT NULL CONSTRAINT refunds_out_refund_id_unique UNIQUE CHECK (length(out_refund_id) BETWEEN 6 AND 64),
    cause          text NOT NULL CHECK (cause IN ('staff', 'surplus', 'late')),
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0),
    -- Of that, what is given back of the freight.
    freight_fen    bigint NOT NULL DEFAULT 0 CHECK (freight_fen BETWEEN 0 AND amount_fen),
    -- The buyer reads it at Weibo.
    reason         text NOT NULL DEFAULT '',
    state          text NOT NULL DEFAULT 'begun' CHECK (state IN ('begun', 'unknown', 'accepted', 'succeeded', 'failed')),
    -- Weibo's number, once it is known.
    weibo_id       text,
    -- Why it failed, or was not taken when it was sent again, in Weibo's words.
    why            text NOT NULL DEFAULT '',
    begun_at       timestamptz NOT NULL,
    sent_at        timestamptz,
    sent_times     integer NOT NULL DEFAULT 0,
    ended_at       timestamptz,
    -- From then on Weibo is asked once more although it has said how it ended: it contradicted itself, or may yet.
    look_again_at  timestamptz,
    actor          text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id       bigint,
    staff_name     text,
    UNIQUE (order_id, number),
    CHECK ((state IN ('succeeded', 'failed')) = (ended_at IS NOT NULL)),
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL AND staff_name IS NOT NULL))
);
CREATE INDEX refunds_by_payment ON refunds (payment_id);
CREATE INDEX refunds_by_order ON refunds (order_id);
CREATE INDEX refunds_by_time ON refunds (begun_at);
CREATE INDEX refunds_under_way ON refunds (id) WHERE state IN ('begun', 'unknown', 'accepted');
CREATE INDEX refunds_ended ON refunds (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX refunds_failed ON refunds (id) WHERE state = 'failed';

-- Which pieces of which lines a refund is for. Money without goods has none.
CREATE TABLE refund_lines (
    refund_id   bigint NOT NULL REFERENCES refunds,
    order_id    bigint NOT NULL,
    position    smallint NOT NULL,
    quantity    integer NOT NULL CHECK (quantity > 0),
    amount_fen  bigint NOT NULL CHECK (amount_fen >= 0),
    -- They go on the shelf again when the money is back.
    restock     boolean NOT NULL,
    PRIMARY KEY (refund_id, position),
    FOREIGN KEY (order_id, position) REFERENCES order_lines
);

-- What a refund is about never changes, it is never taken away, and money that is back was not just asked for.
CREATE FUNCTION refunds_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.order_id, NEW.payment_id, NEW.request_key, NEW.request, NEW.number, NEW.out_refund_id, NEW.amount_fen,
                NEW.freight_fen, NEW.cause, NEW.reason, NEW.begun_at, NEW.actor, NEW.staff_id)
            IS DISTINCT FROM (OLD.order_id, OLD.payment_id, OLD.request_key, OLD.request, OLD.number, OLD.out_refund_id,
                OLD.amount_fen, OLD.freight_fen, OLD.cause, OLD.reason, OLD.begun_at, OLD.actor, OLD.staff_id)
    THEN
        RAISE EXCEPTION 'a refund stays what it was asked as' USING CONSTRAINT = 'refunds_stay';
    END IF;
    IF OLD.state = 'succeeded' AND NEW.state NOT IN ('succeeded', 'failed') THEN
        RAISE EXCEPTION 'refund % is done', OLD.out_refund_id USING CONSTRAINT = 'refunds_done_once';
    END IF;
    -- What Weibo has a number for is never sent as if it were new.
    IF NEW.state = 'begun' AND OLD.state <> 'begun' AND (OLD.state <> 'failed' OR OLD.weibo_id IS NOT NULL) THEN
        RAISE EXCEPTION 'refund % was sent', OLD.out_refund_id USING CONSTRAINT = 'refunds_sent_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_move BEFORE UPDATE OR DELETE ON refunds FOR EACH ROW EXECUTE FUNCTION refunds_move();

CREATE FUNCTION refund_lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a refund stays what it was asked as' USING CONSTRAINT = 'refunds_stay';
END $$;
CREATE TRIGGER refund_lines_stay BEFORE UPDATE OR DELETE ON refund_lines
    FOR EACH ROW EXECUTE FUNCTION refund_lines_stay();

-- The ledger itself. What came in is positive, what went back negative.
CREATE TABLE ledger (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- paid: it paid the order. late: the order was closed and its goods were gone. surplus: the order was paid
    -- already. refunded: it is back with the buyer. failed_back: Weibo had said so, and then that it failed.
    kind         text NOT NULL CHECK (kind IN ('paid', 'late', 'surplus', 'refunded', 'failed_back')),
    order_id     bigint NOT NULL REFERENCES orders,
    payment_id   bigint NOT NULL REFERENCES payments,
    refund_id    bigint REFERENCES refunds,
    amount_fen   bigint NOT NULL,
    -- When Weibo says that it happened, and when we entered it.
    happened_at  timestamptz NOT NULL,
    entered_at   timestamptz NOT NULL,
    -- What proves it.
    notice       text NOT NULL REFERENCES notices,
    CHECK (CASE WHEN kind = 'refunded' THEN amount_fen < 0 ELSE amount_fen > 0 END),
    CHECK ((kind IN ('refunded', 'failed_back')) = (refund_id IS NOT NULL))
);
CREATE UNIQUE INDEX ledger_payment_once ON ledger (payment_id) WHERE refund_id IS NULL;
CREATE INDEX ledger_by_refund ON ledger (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX ledger_by_notice ON ledger (notice);
CREATE INDEX ledger_by_order ON ledger (order_id, id);
CREATE INDEX ledger_by_time ON ledger (entered_at, id);

INSERT INTO ledger (kind, order_id, payment_id, amount_fen, happened_at, entered_at, notice)
SELECT CASE WHEN p.kind = 'surplus' THEN 'surplus' WHEN o.payment = 'late' THEN 'late' ELSE 'paid' END,
    p.order_id, p.id, p.amount_fen, p.paid_at, p.settled_at, coalesce(p.notice, 'answer ' || p.pay_id)
FROM payments p JOIN orders o ON o.id = p.order_id ORDER BY p.id;

-- The ledger says it now.
ALTER TABLE payments DROP COLUMN notice;

CREATE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to' USING CONSTRAINT = 'ledger_append_only';
END $$;
CREATE TRIGGER ledger_stays BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER ledger_stays_all BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_stays();

-- A row is what its payment or refund says, and what went back can only fail, and go again, in turn.
CREATE FUNCTION ledger_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.refund_id IS NULL THEN
        IF NOT EXISTS (SELECT FROM payments p WHERE p.id = NEW.payment_id AND p.order_id = NEW.order_id
            AND p.amount_fen = NEW.amount_fen) THEN
            RAISE EXCEPTION 'not what was paid' USING CONSTRAINT = 'ledger_in_turn';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM refunds r WHERE r.id = NEW.refund_id AND r.payment_id = NEW.payment_id
            AND r.order_id = NEW.order_id AND r.amount_fen = abs(NEW.amount_fen)
            AND NEW.amount_fen + (SELECT coalesce(sum(amount_fen), 0) FROM ledger l WHERE l.refund_id = r.id)
                IN (0, -r.amount_fen)) THEN
        RAISE EXCEPTION 'not what went back, or not in turn' USING CONSTRAINT = 'ledger_in_turn';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_in_turn BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_in_turn();

-- What each line cost her: its part of the goods when something was taken off the order as a whole.
ALTER TABLE order_lines ADD COLUMN paid_fen bigint CHECK (paid_fen >= 0);
UPDATE order_lines SET paid_fen = unit_price_fen * quantity;
ALTER TABLE order_lines ALTER COLUMN paid_fen SET NOT NULL;

-- What was taken off its goods as a whole.
ALTER TABLE orders ADD COLUMN discount_fen bigint NOT NULL DEFAULT 0 CHECK (discount_fen >= 0);

-- Of the money that the order keeps: how much is on its way back or back, and how much is back.
ALTER TABLE orders
    ADD COLUMN back_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded_fen bigint NOT NULL DEFAULT 0,
    -- Pieces for which no money is on its way back, or back.
    ADD COLUMN pieces_left integer CHECK (pieces_left >= 0),
    ADD CONSTRAINT orders_back_within CHECK (0 <= refunded_fen AND refunded_fen <= back_fen AND back_fen <= total_fen),
    ADD CONSTRAINT orders_back_was_paid CHECK (back_fen = 0 OR payment IN ('paid', 'late'));
UPDATE orders o SET pieces_left = l.pieces
FROM (SELECT order_id, sum(quantity) AS pieces FROM order_lines GROUP BY order_id) l WHERE l.order_id = o.id;
UPDATE orders SET pieces_left = 0 WHERE pieces_left IS NULL;
ALTER TABLE orders
    ALTER COLUMN pieces_left SET NOT NULL,
    -- Paid, something of it not going back, and not sent: the one place that says whose turn it is.
    ADD COLUMN to_ship boolean NOT NULL GENERATED ALWAYS AS (payment = 'paid' AND fulfilment = 'none'
        AND back_fen < total_fen AND pieces_left > 0) STORED;
DROP INDEX orders_to_ship, orders_waiting, orders_paid_late;
CREATE INDEX orders_to_ship ON orders (placed_at DESC, id DESC) WHERE to_ship;
CREATE INDEX orders_waiting ON orders (paid_at, id) WHERE to_ship;
CREATE INDEX orders_refunds ON orders (placed_at DESC, id DESC) WHERE back_fen > 0;
CREATE INDEX orders_late_owed ON orders (id) WHERE payment = 'late' AND back_fen < total_fen;

-- A refund's pieces come back once for each refund.
ALTER TABLE stock_movements ADD COLUMN refund_id bigint REFERENCES refunds;
ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_once;
CREATE UNIQUE INDEX stock_movements_once ON stock_movements (order_id, variant_id, reason, coalesce(refund_id, 0));

ALTER TABLE order_events DROP CONSTRAINT order_events_kind_check;
ALTER TABLE order_events ADD CONSTRAINT order_events_kind_known CHECK (kind IN ('placed', 'cashier', 'paid', 'surplus',
    'late', 'expired', 'cancelled', 'shipped', 'corrected', 'noted', 'refunding', 'refunded', 'refund_failed', 'told'));
ALTER TABLE attempts DROP CONSTRAINT attempts_way_check;
ALTER TABLE attempts ADD CONSTRAINT attempts_way_known CHECK (way IN ('client', 'qr', 'pc', 'mobile', 'app'));

-- The figures by day follow the ledger, refunds too.
ALTER TABLE figure_deltas
    ADD COLUMN refunds integer NOT NULL DEFAULT 0,
    ADD COLUMN refunded_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE daily_figures
    ADD COLUMN refunds bigint NOT NULL DEFAULT 0,
    -- Of orders that are in `paid`; what came too late or twice goes back without having been taken in.
    ADD COLUMN refunded_fen bigint NOT NULL DEFAULT 0;
DROP TRIGGER orders_figure_paid ON orders;
DROP FUNCTION orders_figure_paid();
CREATE FUNCTION ledger_tells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_kept boolean;
    of_paid boolean;
BEGIN
    IF NEW.kind = 'paid' THEN
        INSERT INTO figure_deltas (day, placed, paid, paid_fen) VALUES (shop_day(NEW.entered_at), 0, 1, NEW.amount_fen);
        INSERT INTO product_deltas
        SELECT shop_day(NEW.entered_at), product_id, sum(quantity), sum(paid_fen)
        FROM order_lines WHERE order_id = NEW.order_id GROUP BY product_id;
    ELSIF NEW.refund_id IS NOT NULL THEN
        SELECT p.kind = 'pay', p.kind = 'pay' AND o.payment = 'paid' INTO of_kept, of_paid
        FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id = NEW.payment_id;
        IF of_kept THEN
            UPDATE orders SET refunded_fen = refunded_fen - NEW.amount_fen WHERE id = NEW.order_id;
        END IF;
        IF of_paid THEN
            INSERT INTO figure_deltas (day, placed, paid, paid_fen, refunds, refunded_fen)
            VALUES (shop_day(NEW.entered_at), 0, 0, 0, -sign(NEW.amount_fen)::integer, -NEW.amount_fen);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_tells AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_tells();

CREATE OR REPLACE FUNCTION figures_refill() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- In the order in which those go who pay.
    LOCK TABLE orders, ledger IN SHARE ROW EXCLUSIVE MODE;
    PERFORM FROM product_windows FOR UPDATE;
    DELETE FROM figure_deltas;
    DELETE FROM product_deltas;
    DELETE FROM daily_figures;
    DELETE FROM daily_product_figures;
    DELETE FROM product_window_figures;
    INSERT INTO daily_figures
    SELECT day, sum(placed), sum(paid), sum(fen), sum(refunds), sum(refunded) FROM (
        SELECT shop_day(placed_at) AS day, 1 AS placed, 0 AS paid, 0 AS fen, 0 AS refunds, 0 AS refunded FROM orders
        UNION ALL SELECT shop_day(entered_at), 0, 1, amount_fen, 0, 0 FROM ledger WHERE kind = 'paid'
        UNION ALL SELECT shop_day(r.entered_at), 0, 0, 0, -sign(r.amount_fen)::integer, -r.amount_fen
            FROM ledger r JOIN ledger p ON p.payment_id = r.payment_id AND p.kind = 'paid'
            WHERE r.refund_id IS NOT NULL) AS happened
    GROUP BY day;
    INSERT INTO daily_product_figures
    SELECT shop_day(p.entered_at), l.product_id, sum(l.quantity), sum(l.paid_fen)
    FROM ledger p JOIN order_lines l ON l.order_id = p.order_id WHERE p.kind = 'paid' GROUP BY 1, 2;
    -- No later than today, so that the worker has at most a few days to take out again.
    UPDATE product_windows
    SET from_day = coalesce((SELECT max(day) FROM daily_product_figures), '0001-01-01') - days + 1;
    INSERT INTO product_window_figures
    SELECT w.days, f.product_id, sum(f.pieces), sum(f.fen)
    FROM product_windows w JOIN daily_product_figures f ON f.day >= w.from_day GROUP BY 1, 2;
END $$;

-- Work that is enqueued anew while somebody is at it is done once more afterwards, and not beside it.
ALTER TABLE jobs ADD COLUMN again boolean NOT NULL DEFAULT false;

-- Within which bounds the shop decides by itself about money that came too late or twice.
ALTER TABLE shop
    -- More than this is left to somebody of the staff; 0: everything is.
    ADD COLUMN refund_itself_fen bigint NOT NULL DEFAULT 500000 CHECK (refund_itself_fen BETWEEN 0 AND 1000000000000),
    -- So long after it was closed an order is opened again by its money, when its goods can be had.
    ADD COLUMN reopen_hours integer NOT NULL DEFAULT 168 CHECK (reopen_hours BETWEEN 0 AND 8760);
