-- The catalog as a merchant edits it: versions against silent overwriting, a schedule for the shelf, an archive
-- instead of deletion, a tree of categories, and old addresses that lead on.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

ALTER TABLE products ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
-- From the beginning of one minute to the end of another. `on_shelf` alone says what shoppers see; a job turns it.
ALTER TABLE products ADD COLUMN shelf_from timestamptz;
ALTER TABLE products ADD COLUMN shelf_until timestamptz;
ALTER TABLE products ADD COLUMN archived_at timestamptz;
ALTER TABLE products ADD CONSTRAINT products_shelf_ends_after_it_begins CHECK (shelf_from <= shelf_until);
ALTER TABLE products ADD CONSTRAINT products_archived_are_off CHECK
    (archived_at IS NULL OR (NOT on_shelf AND shelf_from IS NULL AND shelf_until IS NULL));
-- The merchant's list, by what was changed last, for each of its states.
CREATE INDEX products_by_change ON products (updated_at DESC, id DESC) WHERE archived_at IS NULL;
CREATE INDEX products_shown ON products (updated_at DESC, id DESC) WHERE on_shelf;
CREATE INDEX products_off ON products (updated_at DESC, id DESC) WHERE NOT on_shelf AND archived_at IS NULL;
CREATE INDEX products_archived ON products (updated_at DESC, id DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX products_of_category ON products (category_id, updated_at DESC, id DESC);
-- A page of a category is read from the index alone.
DROP INDEX products_by_category;
CREATE INDEX products_by_category ON products (category_id, position, id) WHERE on_shelf;

-- A variant that is not made any more stays for the orders that name it, without choices. Its SKU is free.
ALTER TABLE variants ADD COLUMN retired_at timestamptz;
ALTER TABLE variants ADD CONSTRAINT variants_retired_have_no_choices CHECK (retired_at IS NULL OR choice_1 IS NULL);
ALTER TABLE variants DROP CONSTRAINT variants_sku_unique;
CREATE UNIQUE INDEX variants_sku_unique ON variants (sku) WHERE retired_at IS NULL;
DROP INDEX variants_choices_unique;
CREATE UNIQUE INDEX variants_choices_unique
    ON variants (product_id, coalesce(choice_1, 0), coalesce(choice_2, 0), coalesce(choice_3, 0))
    WHERE retired_at IS NULL;
-- `.` and `..` cannot stand in an address: a SKU begins with a letter or a digit. While SKUs are swapped, `~` and the
-- id of the variant stand in for one.
UPDATE variants SET sku = left('sku' || id || sku, 64) WHERE sku !~ '^[A-Za-z0-9]';
ALTER TABLE variants DROP CONSTRAINT variants_sku_check;
ALTER TABLE variants ADD CONSTRAINT variants_sku_check CHECK (sku ~ '^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|~[0-9]+)$');
CREATE INDEX variants_of_product ON variants (product_id, position, id);

-- Taking an axis away moves those behind it: what refers to them is checked when all is done.
ALTER TABLE choices ALTER CONSTRAINT choices_product_id_axis_fkey DEFERRABLE;
ALTER TABLE variants ALTER CONSTRAINT variants_product_id_axis_1_choice_1_fkey DEFERRABLE;
ALTER TABLE variants ALTER CONSTRAINT variants_product_id_axis_2_choice_2_fkey DEFERRABLE;
ALTER TABLE variants ALTER CONSTRAINT variants_product_id_axis_3_choice_3_fkey DEFERRABLE;

ALTER TABLE categories ADD COLUMN parent_id bigint REFERENCES categories CHECK (parent_id <> id);
ALTER TABLE categories ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
CREATE INDEX categories_of_parent ON categories (parent_id, position);

-- Addresses that products and categories had before.
CREATE TABLE product_slugs_past (
    slug        text PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES products
);
CREATE INDEX product_slugs_past_of ON product_slugs_past (product_id);
CREATE TABLE category_slugs_past (
    slug         text PRIMARY KEY,
    category_id  bigint NOT NULL REFERENCES categories ON DELETE CASCADE
);
CREATE INDEX category_slugs_past_of ON category_slugs_past (category_id);

-- Whoever renames it, the old address is kept; whoever takes an address has it, and nothing leads away from it.
CREATE FUNCTION product_slug_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM product_slugs_past WHERE slug = NEW.slug;
    IF TG_OP = 'UPDATE' AND OLD.slug <> NEW.slug THEN
        INSERT INTO product_slugs_past (slug, product_id) VALUES (OLD.slug, OLD.id)
            ON CONFLICT (slug) DO UPDATE SET product_id = excluded.product_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER product_slug_moves AFTER INSERT OR UPDATE OF slug ON products
    FOR EACH ROW EXECUTE FUNCTION product_slug_moves();

CREATE FUNCTION category_slug_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM category_slugs_past WHERE slug = NEW.slug;
    IF TG_OP = 'UPDATE' AND OLD.slug <> NEW.slug THEN
        INSERT INTO category_slugs_past (slug, category_id) VALUES (OLD.slug, OLD.id)
            ON CONFLICT (slug) DO UPDATE SET category_id = excluded.category_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER category_slug_moves AFTER INSERT OR UPDATE OF slug ON categories
    FOR EACH ROW EXECUTE FUNCTION category_slug_moves();
