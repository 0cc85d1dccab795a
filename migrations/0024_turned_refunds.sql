-- Refunds that end one way, and then the other. And whose turn it is to ask Weibo about a day.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- A refund's goods go on the shelf, and off it again, as often as its end turns round: how often they had gone the same
-- way before. What has no refund moves once.
ALTER TABLE stock_movements ADD COLUMN turn integer NOT NULL DEFAULT 0 CHECK (turn >= 0);
DROP INDEX stock_movements_once;
CREATE UNIQUE INDEX stock_movements_once
    ON stock_movements (order_id, variant_id, reason, coalesce(refund_id, 0), turn);

-- Of a line's pieces: so many had come back by another refund when this one, which was called a failure, went through
-- after all. They came back once, so here they do not count; the money does.
ALTER TABLE refund_lines
    ADD COLUMN elsewhere integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT refund_lines_elsewhere_within CHECK (elsewhere BETWEEN 0 AND quantity);
CREATE OR REPLACE FUNCTION refund_lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.refund_id, NEW.order_id, NEW.position, NEW.quantity, NEW.amount_fen, NEW.restock)
            IS DISTINCT FROM (OLD.refund_id, OLD.order_id, OLD.position, OLD.quantity, OLD.amount_fen, OLD.restock)
    THEN
        RAISE EXCEPTION 'a refund stays what it was asked as' USING CONSTRAINT = 'refunds_stay';
    END IF;
    RETURN NEW;
END $$;

-- One reconciliation asks Weibo at a time. Whoever dies loses its turn when it runs out.
CREATE TABLE reconciliation_turn (
    only_one          boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    reconciliation_id bigint NOT NULL REFERENCES reconciliations ON DELETE CASCADE,
    until             timestamptz NOT NULL
);
