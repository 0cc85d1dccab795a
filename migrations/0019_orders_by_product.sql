-- The orders of a product in the order of time, so that a page of them reads no more than it shows.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- When its order was placed: an order's never changes.
ALTER TABLE order_lines ADD COLUMN placed_at timestamptz;
UPDATE order_lines l SET placed_at = o.placed_at FROM orders o WHERE o.id = l.order_id;
ALTER TABLE order_lines ALTER COLUMN placed_at SET NOT NULL;
DROP INDEX order_lines_by_product;
CREATE INDEX order_lines_by_product ON order_lines (product_id, placed_at DESC, order_id DESC) INCLUDE (variant_id, position);
