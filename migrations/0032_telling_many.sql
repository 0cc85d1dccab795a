-- Telling many: who subscribes, what is sent to them together, where its links lead, and who waits for goods.

-- The shop's subscribers as Weibo lists them, read page by page.
CREATE TABLE subscriber_lists (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at  timestamptz NOT NULL,
    -- What somebody did at this instant or later counts more than the list.
    as_of     timestamptz NOT NULL,
    -- Where its next page begins; nothing for the first.
    next_uid  bigint,
    pages     integer NOT NULL DEFAULT 0 CHECK (pages >= 0),
    uids      bigint NOT NULL DEFAULT 0 CHECK (uids >= 0),
    -- As Weibo counts them.
    total     bigint,
    state     text NOT NULL DEFAULT 'reading' CHECK (state IN ('reading', 'done', 'stopped')),
    ended_at  timestamptz,
    why       text NOT NULL DEFAULT '',
    CHECK (as_of <= begun_at),
    CHECK ((state = 'reading') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX subscriber_lists_one_reads ON subscriber_lists (state) WHERE state = 'reading';
CREATE INDEX fans_subscribed ON fans (uid) WHERE subscribes;
CREATE INDEX fans_subscribed_as_of ON fans (subscribes_as_of) WHERE subscribes;

-- Since when it is known that she subscribes: the list says it anew each day.
ALTER TABLE fans ADD COLUMN subscribed_since timestamptz;
UPDATE fans SET subscribed_since = subscribes_as_of WHERE subscribes;
ALTER TABLE fans ADD CHECK ((subscribes IS TRUE) = (subscribed_since IS NOT NULL));
CREATE INDEX fans_subscribed_of_late ON fans (subscribed_since DESC, uid DESC) WHERE subscribes;
CREATE FUNCTION fans_subscribed_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.subscribed_since = CASE
        WHEN NEW.subscribes IS NOT TRUE THEN NULL
        WHEN TG_OP = 'UPDATE' THEN coalesce(OLD.subscribed_since, NEW.subscribes_as_of)
        ELSE NEW.subscribes_as_of END;
    RETURN NEW;
END $$;
CREATE TRIGGER fans_subscribed_since BEFORE INSERT OR UPDATE OF subscribes ON fans
    FOR EACH ROW EXECUTE FUNCTION fans_subscribed_since();

-- One message for many. Its recipients are fixed when it begins.
CREATE TABLE broadcasts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The form that made it: pressed twice, it is one.
    form_key     uuid NOT NULL CONSTRAINT broadcasts_form_once UNIQUE,
    name         text NOT NULL CHECK (name <> ''),
    audience     jsonb NOT NULL,
    -- What was typed, and the message made of it, with its links.
    draft        jsonb NOT NULL,
    message      jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN
                 ('draft', 'scheduled', 'gathering', 'sending', 'held', 'cancelled', 'done')),
    version      integer NOT NULL DEFAULT 0,
    -- Not before.
    due_at       timestamptz,
    begun_at     timestamptz,
    -- The recipients up to this uid are written down; all of them since.
    gathered_to  bigint NOT NULL DEFAULT 0,
    gathered_at  timestamptz,
    ended_at     timestamptz,
    -- Why it waits for a person: Weibo's words or ours.
    held_why     text NOT NULL DEFAULT '',
    made_at      timestamptz NOT NULL,
    actor        text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id     bigint,
    staff_name   text,
    CHECK (state <> 'scheduled' OR due_at IS NOT NULL),
    CHECK (begun_at IS NOT NULL OR state NOT IN ('gathering', 'sending', 'held', 'done')),
    CHECK ((state IN ('cancelled', 'done')) = (ended_at IS NOT NULL)),
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL AND staff_name IS NOT NULL))
);

-- One call. That it is being made is committed before it is made.
CREATE TABLE broadcast_batches (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    broadcast  bigint NOT NULL REFERENCES broadcasts,
    -- So many recipients; nothing for a call to a whole group of Weibo's.
    size       integer CHECK (size > 0),
    -- put_back: it surely sent nothing, and its recipients wait again.
    state      text NOT NULL CHECK (state IN ('sending', 'sent', 'unknown', 'refused', 'put_back')),
    begun_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    msg_id     bigint,
    why        text NOT NULL DEFAULT '',
    -- It was too often: until then no broadcast is sent.
    rest_until timestamptz,
    CHECK ((state = 'sending') = (ended_at IS NULL))
);
CREATE INDEX broadcast_batches_rest ON broadcast_batches (rest_until) WHERE rest_until IS NOT NULL;
CREATE UNIQUE INDEX broadcast_batches_one_goes ON broadcast_batches (broadcast) WHERE state = 'sending';
CREATE INDEX broadcast_batches_of ON broadcast_batches (broadcast, id DESC);

CREATE TABLE broadcast_recipients (
    broadcast  bigint NOT NULL REFERENCES broadcasts,
    uid        bigint NOT NULL CHECK (uid > 0),
    -- left_out: she had unsubscribed when her turn came.
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN
               ('waiting', 'sending', 'sent', 'unknown', 'refused', 'left_out')),
    batch      bigint REFERENCES broadcast_batches,
    PRIMARY KEY (broadcast, uid),
    CHECK ((batch IS NULL) = (state IN ('waiting', 'left_out')))
);
CREATE INDEX broadcast_recipients_waiting ON broadcast_recipients (broadcast, uid) WHERE state = 'waiting';
CREATE INDEX broadcast_recipients_of_batch ON broadcast_recipients (batch) WHERE batch IS NOT NULL;

-- What may have gone out never waits again; only what is being sent may, when it surely did not leave.
CREATE FUNCTION broadcast_recipients_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.broadcast, NEW.uid) IS DISTINCT FROM (OLD.broadcast, OLD.uid)
        OR NOT (CASE OLD.state
            WHEN 'waiting' THEN NEW.state IN ('waiting', 'sending', 'left_out')
            WHEN 'sending' THEN NEW.state IN ('waiting', 'sent', 'unknown', 'refused')
            WHEN 'unknown' THEN NEW.state IN ('unknown', 'sent', 'refused')
            ELSE false END)
    THEN
        RAISE EXCEPTION 'a broadcast goes to each once' USING CONSTRAINT = 'broadcast_recipients_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER broadcast_recipients_move BEFORE UPDATE ON broadcast_recipients
    FOR EACH ROW EXECUTE FUNCTION broadcast_recipients_move();

-- A form whose call to Weibo was begun: pressed twice, there is one. Committed before the call.
CREATE TABLE fans_pressed (
    form_key   uuid PRIMARY KEY,
    pressed_at timestamptz NOT NULL
);

-- So many at once, and so long between two calls: no document gives the limits.
ALTER TABLE shop
    ADD COLUMN broadcast_batch integer NOT NULL DEFAULT 100 CHECK (broadcast_batch BETWEEN 2 AND 10000),
    ADD COLUMN broadcast_pause_seconds integer NOT NULL DEFAULT 10 CHECK (broadcast_pause_seconds BETWEEN 1 AND 3600),
    ADD COLUMN tell_restock boolean NOT NULL DEFAULT true,
    ADD COLUMN tell_price boolean NOT NULL DEFAULT true;

-- /s/{code}: short addresses of pages of ours, and who came by them.
CREATE TABLE short_links (
    code       text PRIMARY KEY CHECK (code ~ '^[0-9A-Za-z]{8}$'),
    path       text NOT NULL CHECK (path ~ '^/([a-z]|$)'),
    -- What it was made for.
    source     text NOT NULL CHECK (source IN ('broadcast')),
    source_id  bigint NOT NULL,
    made_at    timestamptz NOT NULL,
    CONSTRAINT short_links_once UNIQUE (source, source_id, path)
);
-- Counted by the minute, so that whoever clicks on and on fills nothing; in lanes, so that many do not wait for each
-- other.
CREATE TABLE short_link_clicks (
    code    text NOT NULL REFERENCES short_links,
    minute  timestamptz NOT NULL,
    lane    smallint NOT NULL DEFAULT 0,
    clicks  bigint NOT NULL DEFAULT 1 CHECK (clicks > 0),
    PRIMARY KEY (code, minute, lane)
);
-- The link by which whoever placed an order had come, at most a week before.
CREATE TABLE order_origins (
    order_id  bigint PRIMARY KEY REFERENCES orders,
    code      text NOT NULL REFERENCES short_links,
    came_at   timestamptz NOT NULL
);
CREATE INDEX order_origins_by_code ON order_origins (code);

-- Somebody wants to be told when goods are there again, or cost less.
CREATE TABLE reminders (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers,
    about        text NOT NULL CHECK (about IN ('restock', 'price')),
    product_id   bigint NOT NULL REFERENCES products,
    variant_id   bigint REFERENCES variants,
    -- The least that the product cost when she asked.
    price_fen    bigint CHECK (price_fen > 0),
    language     text NOT NULL CHECK (language IN ('zh-CN', 'en')),
    asked_at     timestamptz NOT NULL,
    -- said: as a message. shown: on her account page only, for she may not be written to.
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'said', 'shown', 'withdrawn')),
    ended_at     timestamptz,
    fan_message  bigint REFERENCES fan_messages,
    CHECK ((about = 'restock') = (variant_id IS NOT NULL)),
    CHECK ((about = 'price') = (price_fen IS NOT NULL)),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK ((state = 'said') = (fan_message IS NOT NULL))
);
CREATE UNIQUE INDEX reminders_once ON reminders (customer_id, about, product_id, coalesce(variant_id, 0))
    WHERE state = 'waiting';
CREATE INDEX reminders_of_product ON reminders (product_id, id) WHERE state = 'waiting';
CREATE INDEX reminders_of_customer ON reminders (customer_id, id DESC);

-- A product about which somebody may have to be told. Written by whoever changes it, for nobody to forget.
CREATE TABLE reminder_wakes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL
);
CREATE FUNCTION variants_wake_reminders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reminders WHERE product_id = NEW.product_id AND state = 'waiting') THEN
        INSERT INTO reminder_wakes (product_id) VALUES (NEW.product_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION products_wake_reminders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reminder_wakes (product_id) SELECT NEW.id
    WHERE EXISTS (SELECT FROM reminders WHERE product_id = NEW.id AND state = 'waiting');
    RETURN NULL;
END $$;
CREATE TRIGGER variants_back_in_stock AFTER UPDATE OF stock ON variants
    FOR EACH ROW WHEN (OLD.stock = 0 AND NEW.stock > 0) EXECUTE FUNCTION variants_wake_reminders();
CREATE TRIGGER variants_cost_less AFTER UPDATE OF price_fen ON variants
    FOR EACH ROW WHEN (NEW.price_fen < OLD.price_fen) EXECUTE FUNCTION variants_wake_reminders();
CREATE TRIGGER variants_added AFTER INSERT ON variants FOR EACH ROW EXECUTE FUNCTION variants_wake_reminders();
CREATE TRIGGER products_on_shelf_again AFTER UPDATE OF on_shelf ON products
    FOR EACH ROW WHEN (NEW.on_shelf AND NOT OLD.on_shelf) EXECUTE FUNCTION products_wake_reminders();

-- News of orders may go as a customer-service message instead of one of the five of the payment.
ALTER TABLE buyer_messages
    ADD COLUMN fan_message bigint REFERENCES fan_messages CONSTRAINT buyer_messages_fan_once UNIQUE,
    DROP CONSTRAINT buyer_messages_state_check,
    DROP CONSTRAINT buyer_messages_check,
    DROP CONSTRAINT buyer_messages_check1,
    ADD CONSTRAINT buyer_messages_state_known CHECK (state IN
        ('waiting', 'sending', 'sent', 'unknown', 'refused', 'dropped', 'handed', 'said')),
    ADD CONSTRAINT buyer_messages_sent_at CHECK
        ((state IN ('sending', 'sent', 'unknown', 'refused', 'handed', 'said')) = (sent_at IS NOT NULL)),
    ADD CONSTRAINT buyer_messages_ended_at CHECK
        ((state IN ('sent', 'unknown', 'refused', 'dropped', 'handed', 'said')) = (ended_at IS NOT NULL)),
    ADD CONSTRAINT buyer_messages_handed CHECK (state NOT IN ('handed', 'said') OR fan_message IS NOT NULL);

-- As before, and: it may be handed to the fans service, which says it, or it comes back to go by the payment then.
CREATE OR REPLACE FUNCTION buyer_messages_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.order_id, NEW.payment_id, NEW.about, NEW.subject)
            IS DISTINCT FROM (OLD.order_id, OLD.payment_id, OLD.about, OLD.subject)
        OR (OLD.fan_message IS NOT NULL AND NEW.fan_message IS DISTINCT FROM OLD.fan_message)
        OR NOT (CASE OLD.state
            WHEN 'waiting' THEN NEW.state IN ('waiting', 'sending', 'dropped', 'handed')
            WHEN 'sending' THEN NEW.state IN ('waiting', 'sent', 'unknown', 'refused')
            WHEN 'unknown' THEN NEW.state IN ('unknown', 'sent', 'refused')
            WHEN 'handed' THEN NEW.state IN ('waiting', 'said')
            ELSE false END)
    THEN
        RAISE EXCEPTION 'a message goes out once' USING CONSTRAINT = 'buyer_messages_go_once';
    END IF;
    RETURN NEW;
END $$;
