-- What we know of a customer's relation to the shop. Each fact is one row, however often we learn it, and stays:
-- a purchase whose money went back was one all the same.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

CREATE TABLE relations (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    kind        text NOT NULL CHECK (kind IN
                ('follow', 'unfollow', 'subscribe', 'unsubscribe', 'repost', 'like', 'review', 'purchase')),
    -- When it was so, and when we learned of it.
    happened_at timestamptz NOT NULL,
    learned_at  timestamptz NOT NULL,
    -- How we know: of an order of ours, by its number; of a status on Weibo, by its id; of somebody's word, by what
    -- tells that word from others.
    source      text NOT NULL CHECK (source IN ('order', 'status', 'told')),
    reference   text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
    CONSTRAINT relations_once UNIQUE (customer_id, kind, source, reference)
);
CREATE INDEX relations_of_customer ON relations (customer_id, happened_at DESC, id DESC);

-- What happened before this was kept.
INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
SELECT customer_id, 'purchase', paid_at, now(), 'order', number
FROM orders WHERE payment = 'paid' AND customer_id IS NOT NULL;
INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
SELECT r.customer_id, 'repost', r.asked_at, now(),
    CASE WHEN r.status_id IS NULL THEN 'order' ELSE 'status' END, coalesce(r.status_id::text, o.number)
FROM reposts r JOIN orders o ON o.id = r.order_id WHERE r.state = 'done'
ON CONFLICT DO NOTHING;

CREATE FUNCTION relations_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was learned of a customer is only ever added to' USING CONSTRAINT = 'relations_append_only';
END $$;
CREATE TRIGGER relations_stay BEFORE UPDATE OR DELETE ON relations FOR EACH ROW EXECUTE FUNCTION relations_stay();
CREATE TRIGGER relations_stay_all BEFORE TRUNCATE ON relations FOR EACH STATEMENT EXECUTE FUNCTION relations_stay();

-- She does not want to be asked any more whether she would follow the shop.
ALTER TABLE customers ADD COLUMN follow_declined_at timestamptz;
