-- By which links somebody came, kept with her account: what she tapped on her phone counts when she orders elsewhere.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- A few for each customer (customers::touches), and none that no setting of shop.origin_days could count any more.
CREATE TABLE customer_touches (
    customer_id  bigint NOT NULL REFERENCES customers,
    code         text NOT NULL REFERENCES short_links,
    came_at      timestamptz NOT NULL,
    PRIMARY KEY (customer_id, came_at, code)
);
CREATE INDEX customer_touches_by_age ON customer_touches (came_at);

-- Within how many days before it a link could bring this order: the older ones counted for a week.
ALTER TABLE order_origins
    ADD COLUMN window_days integer NOT NULL DEFAULT 7,
    ADD CONSTRAINT order_origins_window CHECK (window_days BETWEEN 1 AND 90);
-- Each order from now on says it itself.
ALTER TABLE order_origins ALTER COLUMN window_days DROP DEFAULT;

-- What a bill carries through Weibo and back, the same whenever the cashier is opened for it; the older ones carry the
-- order's token.
ALTER TABLE attempts ADD COLUMN extra text CONSTRAINT attempts_extra_short CHECK (length(extra) BETWEEN 1 AND 64);

-- What was written down of an order stays: money is paid by it.
CREATE FUNCTION order_origins_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'who brought an order stays as it was written down' USING CONSTRAINT = 'order_origins_append_only';
END $$;
CREATE TRIGGER order_origins_stay BEFORE UPDATE OR DELETE ON order_origins
    FOR EACH ROW EXECUTE FUNCTION order_origins_stay();
CREATE TRIGGER order_origins_stay_all BEFORE TRUNCATE ON order_origins
    FOR EACH STATEMENT EXECUTE FUNCTION order_origins_stay();
