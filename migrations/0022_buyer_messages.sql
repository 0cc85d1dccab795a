-- What buyers are told by Weibo Pay's messages: of each payment at most five, one a minute, for 90 days. Each piece of
-- news is one row, written in the transaction in which it happened, and goes out at most once.

CREATE TABLE buyer_messages (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id    bigint NOT NULL REFERENCES orders,
    payment_id  bigint NOT NULL REFERENCES payments,
    about       text NOT NULL CHECK (about IN ('paid', 'late', 'shipped', 'refunded')),
    -- The parcel or the refund that it is about; 0: the payment itself.
    subject     bigint NOT NULL DEFAULT 0 CHECK (subject >= 0),
    -- sending: it was given to the network, or nearly. unknown: it was, and no answer came. Neither is sent again.
    state       text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'sending', 'sent', 'unknown', 'refused', 'dropped')),
    arose_at    timestamptz NOT NULL,
    -- Not before: for the one that waits.
    due_at      timestamptz NOT NULL,
    sent_at     timestamptz,
    ended_at    timestamptz,
    -- The words that went out.
    text        text NOT NULL DEFAULT '',
    -- Weibo's words where it refused, ours where it was dropped.
    why         text NOT NULL DEFAULT '',
    CONSTRAINT buyer_messages_once UNIQUE (payment_id, about, subject),
    CHECK ((state IN ('sending', 'sent', 'unknown', 'refused')) = (sent_at IS NOT NULL)),
    CHECK ((state IN ('sent', 'unknown', 'refused', 'dropped')) = (ended_at IS NOT NULL)),
    CHECK ((sent_at IS NOT NULL) = (text <> ''))
);
CREATE INDEX buyer_messages_by_order ON buyer_messages (order_id, id);

-- What it is about never changes, it is never taken away, and what may have gone out never waits again. Only one that
-- is being sent may, when it surely did not leave the house.
CREATE FUNCTION buyer_messages_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.order_id, NEW.payment_id, NEW.about, NEW.subject)
            IS DISTINCT FROM (OLD.order_id, OLD.payment_id, OLD.about, OLD.subject)
        OR NOT (CASE OLD.state
            WHEN 'waiting' THEN NEW.state IN ('waiting', 'sending', 'dropped')
            WHEN 'sending' THEN NEW.state IN ('waiting', 'sent', 'unknown', 'refused')
            WHEN 'unknown' THEN NEW.state IN ('unknown', 'sent', 'refused')
            ELSE false END)
    THEN
        RAISE EXCEPTION 'a message goes out once' USING CONSTRAINT = 'buyer_messages_go_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER buyer_messages_move BEFORE UPDATE OR DELETE ON buyer_messages
    FOR EACH ROW EXECUTE FUNCTION buyer_messages_move();

-- Of what the merchant wants buyers to be told.
ALTER TABLE shop
    ADD COLUMN tell_paid boolean NOT NULL DEFAULT true,
    ADD COLUMN tell_late boolean NOT NULL DEFAULT true,
    ADD COLUMN tell_shipped boolean NOT NULL DEFAULT true,
    ADD COLUMN tell_refunded boolean NOT NULL DEFAULT true,
    ADD COLUMN messages_version bigint NOT NULL DEFAULT 0;
