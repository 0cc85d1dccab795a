-- Reposts whose answer was lost are looked for, and for a repost that stands there can be a coupon.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- What the merchant gives for reposts.
CREATE TABLE repost_gifts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    coupon_id    bigint NOT NULL REFERENCES coupons,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL CHECK (ends_at > starts_at),
    total        integer NOT NULL CHECK (total BETWEEN 1 AND 1000000),
    -- To those who wait for one, have one, or had one taken back.
    promised     integer NOT NULL DEFAULT 0,
    paused_at    timestamptz,
    ended_at     timestamptz,
    -- With which code Weibo last refused to show whether a repost stands, and since when: nobody is promised anything.
    trouble      text,
    troubled_at  timestamptz,
    made_at      timestamptz NOT NULL,
    -- The form that made it: pressed twice, it is one.
    form_key     uuid NOT NULL CONSTRAINT repost_gifts_form_once UNIQUE,
    version      integer NOT NULL DEFAULT 1,
    CHECK ((trouble IS NULL) = (troubled_at IS NULL)),
    CONSTRAINT repost_gifts_never_more_than_total CHECK (promised BETWEEN 0 AND total)
);
CREATE INDEX repost_gifts_by_coupon ON repost_gifts (coupon_id);

ALTER TABLE reposts
    DROP CONSTRAINT reposts_state_check,
    DROP CONSTRAINT reposts_check,
    -- How often she has pressed: an answer that comes late is one to its own press.
    ADD COLUMN tries integer NOT NULL DEFAULT 1,
    -- What is said again, where something is.
    ADD COLUMN of_status bigint,
    -- For what she said yes to beside the button, and the coupon that she was shown.
    ADD COLUMN gift_id bigint REFERENCES repost_gifts,
    ADD COLUMN gift_coupon_id bigint REFERENCES coupons,
    ADD COLUMN gone_at timestamptz,
    -- Statuses that Weibo does not let her repost: none of them is tried for this order again.
    ADD COLUMN barred bigint[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT reposts_gift_is_a_coupon CHECK ((gift_id IS NULL) = (gift_coupon_id IS NULL)),
    -- absent: its answer was lost, and minutes later Weibo did not show it. deleted: Weibo shows it no more.
    ADD CONSTRAINT reposts_state_known CHECK (state IN ('sending', 'done', 'refused', 'absent', 'deleted')),
    ADD CONSTRAINT reposts_status_of_one_that_stood CHECK (state IN ('done', 'deleted') OR status_id IS NULL),
    ADD CONSTRAINT reposts_gone_when_deleted CHECK ((state = 'deleted') = (gone_at IS NOT NULL));
CREATE INDEX reposts_by_customer ON reposts (customer_id);
CREATE INDEX reposts_by_status ON reposts (status_id) WHERE status_id IS NOT NULL;
CREATE INDEX reposts_by_time ON reposts (asked_at);
CREATE INDEX reposts_that_may_come ON reposts (gift_coupon_id) WHERE state IN ('sending', 'absent');

-- An order has one status and never another.
CREATE FUNCTION reposts_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status_id IS NOT NULL AND NEW.status_id IS DISTINCT FROM OLD.status_id)
        OR (OLD.state IN ('done', 'deleted') AND NEW.state NOT IN ('done', 'deleted'))
        OR (OLD.state = 'deleted' AND NEW.state <> 'deleted') THEN
        RAISE EXCEPTION 'the repost of order % is % already', OLD.order_id, OLD.state USING CONSTRAINT = 'reposts_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reposts_move BEFORE UPDATE ON reposts FOR EACH ROW EXECUTE FUNCTION reposts_move();

-- Who was promised one, for which order's repost, and what came of it: one for a buyer, whatever becomes of it.
CREATE TABLE repost_gift_claims (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gift_id      bigint NOT NULL REFERENCES repost_gifts,
    -- The one that she was shown.
    coupon_id    bigint NOT NULL REFERENCES coupons,
    customer_id  bigint NOT NULL REFERENCES customers,
    order_id     bigint NOT NULL CONSTRAINT repost_gift_claims_by_order UNIQUE REFERENCES reposts,
    -- waiting: whether it stands has not been seen. issued: it was, and she has her coupon. unseen: it was not.
    -- missed: there was none left. had: she has all of it that one buyer gets. taken_back: the repost was gone before
    -- the coupon was used.
    state        text NOT NULL CHECK (state IN ('waiting', 'issued', 'unseen', 'missed', 'had', 'taken_back')),
    given_id     bigint CONSTRAINT repost_gift_claims_by_coupon UNIQUE REFERENCES coupons_given,
    claimed_at   timestamptz NOT NULL,
    issued_at    timestamptz,
    ended_at     timestamptz,
    -- When Weibo last showed the status.
    seen_at      timestamptz,
    -- Since when Weibo says that it is gone: one such answer takes nothing back.
    missing_at   timestamptz,
    CONSTRAINT repost_gift_claims_once UNIQUE (gift_id, customer_id),
    CHECK ((state IN ('issued', 'taken_back')) = (given_id IS NOT NULL)),
    CHECK ((given_id IS NULL) = (issued_at IS NULL)),
    CHECK ((state IN ('waiting', 'issued')) = (ended_at IS NULL))
);
CREATE INDEX repost_gift_claims_by_customer ON repost_gift_claims (customer_id, claimed_at);
CREATE INDEX repost_gift_claims_waiting ON repost_gift_claims (coupon_id) WHERE state = 'waiting';

CREATE FUNCTION repost_gift_claims_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.state = OLD.state OR OLD.state = 'waiting' OR (OLD.state = 'issued' AND NEW.state = 'taken_back'))
        OR (OLD.given_id IS NOT NULL AND NEW.given_id IS DISTINCT FROM OLD.given_id)
        OR (NEW.gift_id, NEW.coupon_id, NEW.customer_id, NEW.order_id)
            IS DISTINCT FROM (OLD.gift_id, OLD.coupon_id, OLD.customer_id, OLD.order_id) THEN
        RAISE EXCEPTION 'claim % is % already', OLD.id, OLD.state USING CONSTRAINT = 'repost_gift_claims_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER repost_gift_claims_move BEFORE UPDATE ON repost_gift_claims
    FOR EACH ROW EXECUTE FUNCTION repost_gift_claims_move();
