-- Pictures of which there are files, or may be: a row is there before the first file is. `wanted_at` is when
-- somebody last wanted it; a day later what no product, order or shop names is swept.
CREATE TABLE stored_pictures (
    name       text PRIMARY KEY CHECK (name ~ '^[a-z0-9]{16,64}$'),
    wanted_at  timestamptz NOT NULL
);
INSERT INTO stored_pictures (name, wanted_at)
    SELECT name, now() FROM pictures UNION SELECT picture, now() FROM order_lines WHERE picture ~ '^[a-z0-9]{16,64}$';

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- The sweep looks up who names a picture.
CREATE INDEX pictures_by_name ON pictures (name);
CREATE INDEX order_lines_by_picture ON order_lines (picture) WHERE picture IS NOT NULL;

-- Two pictures change places in one statement.
ALTER TABLE pictures DROP CONSTRAINT pictures_product_id_position_key;
ALTER TABLE pictures ADD CONSTRAINT pictures_product_id_position_key
    UNIQUE (product_id, position) DEFERRABLE INITIALLY IMMEDIATE;
