-- Why each piece is where it is. Nothing in it is ever changed or taken away, and its sum is the stock.

CREATE TABLE stock_movements (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id  bigint NOT NULL REFERENCES variants,
    delta       integer NOT NULL CHECK (delta <> 0),
    -- The stock of the variant right after it.
    balance     integer NOT NULL CHECK (balance >= 0),
    reason      text NOT NULL CHECK (reason IN
        ('opening', 'sale', 'expiry', 'cancellation', 'reopening', 'refund', 'correction', 'import')),
    -- The pieces of an order are taken before the order is written, in the same transaction.
    order_id    bigint REFERENCES orders DEFERRABLE INITIALLY DEFERRED,
    note        text NOT NULL DEFAULT '',
    actor       text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id    bigint,
    staff_name  text,
    at          timestamptz NOT NULL,
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL)),
    CHECK (order_id IS NULL OR reason NOT IN ('opening', 'correction', 'import')),
    -- An order moves the pieces of a variant once for each reason, however often it is told to.
    CONSTRAINT stock_movements_once UNIQUE (order_id, variant_id, reason)
);
CREATE INDEX stock_movements_by_variant ON stock_movements (variant_id, id);

INSERT INTO stock_movements (variant_id, delta, balance, reason, actor, at)
SELECT id, stock, stock, 'opening', 'shop', now() FROM variants WHERE stock > 0 ORDER BY id;

CREATE FUNCTION stock_movements_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the stock ledger is only ever added to' USING CONSTRAINT = 'stock_movements_append_only';
END $$;
CREATE TRIGGER stock_movements_stay BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION stock_movements_stay();
CREATE TRIGGER stock_movements_stay_all BEFORE TRUNCATE ON stock_movements
    FOR EACH STATEMENT EXECUTE FUNCTION stock_movements_stay();

-- Whoever changes a stock and forgets its movement cannot commit. Looked at when the transaction ends, so that
-- the change and the movement may come in either order; the row is still held then, so nobody is in between.
CREATE FUNCTION variants_stock_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT v.stock <> coalesce((SELECT m.balance FROM stock_movements m
            WHERE m.variant_id = v.id ORDER BY m.id DESC LIMIT 1), 0)
        FROM variants v WHERE v.id = NEW.id)
    THEN
        RAISE EXCEPTION 'the stock of variant % changed without a movement', NEW.id
            USING CONSTRAINT = 'variants_stock_is_told';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER variants_stock_is_told AFTER UPDATE OF stock ON variants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.stock <> NEW.stock) EXECUTE FUNCTION variants_stock_is_told();
CREATE CONSTRAINT TRIGGER variants_stock_is_told_at_first AFTER INSERT ON variants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.stock <> 0) EXECUTE FUNCTION variants_stock_is_told();

-- What runs low. `shortage` changes only when a threshold is crossed, so that a sale in between touches no index;
-- an index that names `stock` itself would make every sale write anew into all indexes of the row.
ALTER TABLE variants
    ADD COLUMN low_at integer CONSTRAINT variants_low_at_range CHECK (low_at BETWEEN 0 AND 1000000),
    -- 0 none left, 1 few left, nothing otherwise.
    ADD COLUMN shortage smallint GENERATED ALWAYS AS
        (CASE WHEN stock = 0 THEN 0 WHEN stock <= coalesce(low_at, 5) THEN 1 END) STORED;
CREATE INDEX variants_short ON variants (shortage, id) WHERE shortage IS NOT NULL;

-- The last time that the ledger was compared with the stock, and what differed.
CREATE TABLE stock_checks (
    only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    checked_at   timestamptz NOT NULL,
    differences  jsonb NOT NULL
);
