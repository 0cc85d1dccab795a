-- Why each piece is where it is. Nothing in it is ever changed or taken away, and its sum is the stock.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

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
ALTER TABLE shop ADD COLUMN low_stock integer NOT NULL DEFAULT 5 CHECK (low_stock BETWEEN 0 AND 1000000);
ALTER TABLE variants
    ADD COLUMN low_at integer CONSTRAINT variants_low_at_range CHECK (low_at BETWEEN 0 AND 1000000),
    -- The shop's own number, for those without another: a generated column sees nothing but its row.
    ADD COLUMN low_default integer NOT NULL DEFAULT 5,
    -- 0 none left, 1 few left, nothing otherwise and for what is not made any more.
    ADD COLUMN shortage smallint GENERATED ALWAYS AS (CASE WHEN retired_at IS NOT NULL THEN NULL
        WHEN stock = 0 THEN 0 WHEN stock <= coalesce(low_at, low_default) THEN 1 END) STORED;
CREATE INDEX variants_short ON variants (shortage, id) WHERE shortage IS NOT NULL;

-- Whoever inserts a variant need not know of it. Held, so that no variant comes in between while it is changed.
CREATE FUNCTION variants_follow_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT low_stock INTO NEW.low_default FROM shop FOR SHARE;
    NEW.low_default := coalesce(NEW.low_default, 5);
    RETURN NEW;
END $$;
CREATE TRIGGER variants_follow_shop BEFORE INSERT ON variants
    FOR EACH ROW EXECUTE FUNCTION variants_follow_shop();

-- The last time that the ledger was compared with the stock, and what differed.
CREATE TABLE stock_checks (
    only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    checked_at   timestamptz NOT NULL,
    differences  jsonb NOT NULL
);

-- The words by which a product is found. The arrays stand outside the row, which is small then: thousands of
-- products that have a common word are looked through in a few milliseconds. Their statistics are not needed.
CREATE TABLE product_search (
    product_id  bigint PRIMARY KEY REFERENCES products ON DELETE CASCADE,
    on_shelf    boolean NOT NULL,
    -- The merchant's order.
    place       integer NOT NULL,
    -- Of its name, and of all about it.
    names       text[] NOT NULL,
    words       text[] NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE product_search ALTER COLUMN names SET STORAGE EXTERNAL, ALTER COLUMN words SET STORAGE EXTERNAL,
    ALTER COLUMN names SET STATISTICS 0, ALTER COLUMN words SET STATISTICS 0;
-- What buyers find, and the rest. Without the list of late entries, which every search would have to read.
CREATE INDEX product_search_on_shelf ON product_search USING gin (names, words) WITH (fastupdate = off) WHERE on_shelf;
CREATE INDEX product_search_off_shelf ON product_search USING gin (names, words) WITH (fastupdate = off)
    WHERE NOT on_shelf;

-- A function, because only a function can forbid one statement to read the whole table: Postgres thinks that
-- comparing arrays costs nothing, and they stand outside the row.
CREATE FUNCTION search_products(wanted text[], everything boolean, most integer)
RETURNS TABLE (product_id bigint, in_name boolean) LANGUAGE plpgsql STABLE ROWS 240 SET enable_seqscan = off AS $$
DECLARE
    named bigint[];
BEGIN
    -- A word that a third of a large shop has is looked through for so many products and no more.
    named := ARRAY(
        SELECT s.product_id FROM (
            (SELECT a.product_id, a.place FROM product_search a
                WHERE a.on_shelf AND a.names @> wanted LIMIT 5000)
            UNION ALL
            (SELECT b.product_id, b.place FROM product_search b
                WHERE everything AND NOT b.on_shelf AND b.names @> wanted LIMIT 5000)) s
        ORDER BY s.place, s.product_id LIMIT most);
    RETURN QUERY SELECT id, true FROM unnest(named) WITH ORDINALITY AS n (id, number) ORDER BY number;
    IF cardinality(named) < most THEN
        RETURN QUERY SELECT s.product_id, false FROM (
            (SELECT a.product_id, a.place FROM product_search a
                WHERE a.on_shelf AND a.words @> wanted LIMIT 5000)
            UNION ALL
            (SELECT b.product_id, b.place FROM product_search b
                WHERE everything AND NOT b.on_shelf AND b.words @> wanted LIMIT 5000)) s
        WHERE s.product_id <> ALL (named)
        ORDER BY s.place, s.product_id LIMIT most - cardinality(named);
    END IF;
END $$;

-- Words as they are spelled, under the marks of what is left when letters are left out.
CREATE TABLE search_words (
    word        text PRIMARY KEY,
    kept_under  integer[] NOT NULL
);
CREATE INDEX search_words_kept_under ON search_words USING gin (kept_under);

-- Products that were changed and are still to be looked through again.
CREATE TABLE search_waiting (
    product_id  bigint PRIMARY KEY REFERENCES products ON DELETE CASCADE
);
INSERT INTO search_waiting SELECT id FROM products;

CREATE FUNCTION products_wait_for_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A mark that is being taken away right now is waited for, and made anew.
    INSERT INTO search_waiting VALUES (NEW.id)
        ON CONFLICT (product_id) DO UPDATE SET product_id = excluded.product_id;
    RETURN NULL;
END $$;
CREATE TRIGGER products_wait_for_search AFTER INSERT OR UPDATE OF category_id, name_zh, name_en, summary_zh,
    summary_en, description_zh, description_en, position, on_shelf, updated_at ON products
    FOR EACH ROW EXECUTE FUNCTION products_wait_for_search();

CREATE FUNCTION categories_wait_for_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_waiting SELECT id FROM products WHERE category_id = NEW.id ORDER BY id
        ON CONFLICT (product_id) DO UPDATE SET product_id = excluded.product_id;
    RETURN NULL;
END $$;
CREATE TRIGGER categories_wait_for_search AFTER UPDATE OF name_zh, name_en ON categories
    FOR EACH ROW EXECUTE FUNCTION categories_wait_for_search();
