-- What the shop takes in, by day, kept up to date by adding: looking never counts all orders.
--
-- Triggers write what happened, so that no way to an order can forget it, in the transaction in which it happened,
-- as rows of its own: two checkouts never wait for one counter. The worker folds those rows into the tables by
-- day; who looks adds what is not folded yet (src/figures).

-- The day of an instant in the shop's zone, as src/clock.rs has it.
CREATE FUNCTION shop_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (at AT TIME ZONE INTERVAL '8 hours')::date;

-- No keys: nobody looks for one of these rows, all are read and taken away together.
CREATE TABLE figure_deltas (
    day       date NOT NULL,
    placed    integer NOT NULL,
    paid      integer NOT NULL,
    paid_fen  bigint NOT NULL
);
CREATE TABLE product_deltas (
    day         date NOT NULL,
    product_id  bigint NOT NULL,
    pieces      bigint NOT NULL,
    fen         bigint NOT NULL
);

CREATE TABLE daily_figures (
    day       date PRIMARY KEY,
    placed    bigint NOT NULL CHECK (placed >= 0),
    paid      bigint NOT NULL CHECK (paid >= 0),
    -- What orders cost whose money was kept. Surplus and late money goes back and is not in it.
    paid_fen  bigint NOT NULL CHECK (paid_fen >= 0)
);
-- Sold is what was paid for. Products are not referenced: order lines do that, and folding locks none of them.
CREATE TABLE daily_product_figures (
    day         date NOT NULL,
    product_id  bigint NOT NULL,
    pieces      bigint NOT NULL CHECK (pieces >= 0),
    fen         bigint NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (day, product_id)
);

-- The same of the last 1, 7 and 30 days together, so that the best of many products are found without adding up
-- all of them. `from_day` is the first day that is in it; the worker moves it when a new day begins.
CREATE TABLE product_windows (
    days      smallint PRIMARY KEY CHECK (days > 0),
    from_day  date NOT NULL
);
INSERT INTO product_windows SELECT days, '0001-01-01' FROM unnest('{1, 7, 30}'::smallint[]) AS days;
CREATE TABLE product_window_figures (
    days        smallint NOT NULL REFERENCES product_windows,
    product_id  bigint NOT NULL,
    pieces      bigint NOT NULL CHECK (pieces >= 0),
    fen         bigint NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (days, product_id)
);
CREATE INDEX product_window_best ON product_window_figures (days, fen DESC, product_id);

CREATE FUNCTION orders_figure_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figure_deltas VALUES (shop_day(NEW.placed_at), 1, 0, 0);
    RETURN NULL;
END $$;
-- Not from the ledger: when money is entered there, it is not decided yet whether the order can still be kept.
CREATE FUNCTION orders_figure_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figure_deltas VALUES (shop_day(NEW.paid_at), 0, 1, NEW.total_fen);
    INSERT INTO product_deltas
    SELECT shop_day(NEW.paid_at), product_id, sum(quantity), sum(unit_price_fen * quantity)
    FROM order_lines WHERE order_id = NEW.id GROUP BY product_id;
    RETURN NULL;
END $$;
-- From here to the end of this transaction nobody else places or pays an order.
CREATE TRIGGER orders_figure_placed AFTER INSERT ON orders
    FOR EACH ROW EXECUTE FUNCTION orders_figure_placed();
CREATE TRIGGER orders_figure_paid AFTER UPDATE OF payment ON orders
    FOR EACH ROW WHEN (NEW.payment = 'paid' AND OLD.payment <> 'paid') EXECUTE FUNCTION orders_figure_paid();

-- Counts everything anew, while no order is placed or paid.
CREATE FUNCTION figures_refill() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;
    PERFORM FROM product_windows FOR UPDATE;
    DELETE FROM figure_deltas;
    DELETE FROM product_deltas;
    DELETE FROM daily_figures;
    DELETE FROM daily_product_figures;
    DELETE FROM product_window_figures;
    INSERT INTO daily_figures
    SELECT day, sum(placed), sum(paid), sum(fen) FROM (
        SELECT shop_day(placed_at) AS day, 1 AS placed, 0 AS paid, 0 AS fen FROM orders
        UNION ALL SELECT shop_day(paid_at), 0, 1, total_fen FROM orders WHERE payment = 'paid') AS happened
    GROUP BY day;
    INSERT INTO daily_product_figures
    SELECT shop_day(o.paid_at), l.product_id, sum(l.quantity), sum(l.unit_price_fen * l.quantity)
    FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.payment = 'paid' GROUP BY 1, 2;
    -- No later than today, so that the worker has at most a few days to take out again.
    UPDATE product_windows
    SET from_day = coalesce((SELECT max(day) FROM daily_product_figures), '0001-01-01') - days + 1;
    INSERT INTO product_window_figures
    SELECT w.days, f.product_id, sum(f.pieces), sum(f.fen)
    FROM product_windows w JOIN daily_product_figures f ON f.day >= w.from_day GROUP BY 1, 2;
END $$;
SET LOCAL statement_timeout = 0;
SELECT figures_refill();

-- What the first page of the back office looks for among all orders.
CREATE INDEX attempts_in_doubt ON attempts (order_id)
    WHERE state = 'open' AND (returned_at IS NOT NULL OR answer = 'unknown');
-- The ledger of one order, whatever is in it.
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX payments_surplus ON payments (id) WHERE kind = 'surplus';
CREATE INDEX orders_paid_late ON orders (id) WHERE payment = 'late';
