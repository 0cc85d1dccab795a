-- What is looked for is looked for first among the goods that the merchant shows first: of a common word they are
-- more than anybody sees, and they are the right ones. Else as before, but of a common word four hundred products are
-- looked at instead of a thousand: in a shop of 100,000 products each one that is looked at is a page read.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

CREATE INDEX product_search_first ON product_search USING gin (names) WITH (fastupdate = off)
    WHERE on_shelf AND place < 4000;

CREATE OR REPLACE FUNCTION search_products(wanted text[], everything boolean, most integer)
RETURNS TABLE (product_id bigint, in_name boolean) LANGUAGE plpgsql STABLE ROWS 240 SET enable_seqscan = off AS $$
DECLARE
    named bigint[];
BEGIN
    named := ARRAY(
        SELECT s.product_id FROM (
            (SELECT a.product_id, a.place FROM product_search a
                WHERE a.on_shelf AND a.place < 4000 AND a.names @> wanted LIMIT 400)
            UNION ALL
            (SELECT b.product_id, b.place FROM product_search b
                WHERE everything AND NOT b.on_shelf AND b.place < 4000 AND b.names @> wanted LIMIT 400)) s
        ORDER BY s.place, s.product_id LIMIT most);
    IF cardinality(named) < most THEN
        named := ARRAY(
            SELECT s.product_id FROM (
                (SELECT a.product_id, a.place FROM product_search a
                    WHERE a.on_shelf AND a.names @> wanted LIMIT 400)
                UNION ALL
                (SELECT b.product_id, b.place FROM product_search b
                    WHERE everything AND NOT b.on_shelf AND b.names @> wanted LIMIT 400)) s
            ORDER BY s.place, s.product_id LIMIT most);
    END IF;
    RETURN QUERY SELECT id, true FROM unnest(named) WITH ORDINALITY AS n (id, number) ORDER BY number;
    IF cardinality(named) < most THEN
        RETURN QUERY SELECT s.product_id, false FROM (
            (SELECT a.product_id, a.place FROM product_search a
                WHERE a.on_shelf AND a.words @> wanted LIMIT 400)
            UNION ALL
            (SELECT b.product_id, b.place FROM product_search b
                WHERE everything AND NOT b.on_shelf AND b.words @> wanted LIMIT 400)) s
        WHERE s.product_id <> ALL (named)
        ORDER BY s.place, s.product_id LIMIT most - cardinality(named);
    END IF;
END $$;
