-- A refund that failed and that somebody has settled another way, or gave up: it asks for nobody any more. It stays
-- in the lists; when it is tried again, it is new.
ALTER TABLE refunds
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN seen_by text,
    ADD CONSTRAINT refunds_seen_by CHECK ((seen_at IS NULL) = (seen_by IS NULL)),
    ADD CONSTRAINT refunds_seen_failed CHECK (seen_at IS NULL OR state = 'failed');
DROP INDEX refunds_failed;
CREATE INDEX refunds_failed ON refunds (id) WHERE state = 'failed' AND seen_at IS NULL;
