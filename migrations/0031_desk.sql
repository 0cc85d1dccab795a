-- The desk at which people answer fans: the order in which conversations want somebody, the search in their words,
-- canned answers, how long answers took, and who is told of changes.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- Unread before read; in each, who waits the longest first, then who was heard last. One number, so that a list goes
-- on behind any row of it: milliseconds since 2020, of which 10^13 are three hundred years.
ALTER TABLE conversations
    ADD COLUMN place bigint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN unread > 0 THEN 0 ELSE 40000000000000 END
        + CASE WHEN waiting_since IS NULL
            THEN 20000000000000 - (extract(epoch FROM last_at - timestamptz '2020-01-01 00:00:00+00') * 1000)::bigint
            ELSE (extract(epoch FROM waiting_since - timestamptz '2020-01-01 00:00:00+00') * 1000)::bigint END) STORED,
    -- Who last looked at it, and when.
    ADD COLUMN read_at timestamptz,
    ADD COLUMN read_by text,
    ADD CHECK ((read_at IS NULL) = (read_by IS NULL));

DROP INDEX conversations_in_order;
CREATE INDEX conversations_by_place ON conversations (place, fan);
CREATE INDEX conversations_by_state ON conversations (state, place, fan);
CREATE INDEX conversations_of_staff ON conversations (staff_id, place, fan) WHERE state = 'open';
CREATE INDEX conversations_of_nobody ON conversations (place, fan) WHERE state = 'open' AND staff_id IS NULL;
CREATE INDEX conversations_waiting ON conversations (place, fan) WHERE state = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversations_unread ON conversations (fan) WHERE state = 'open' AND unread > 0;

-- Makes the form that sent it work once.
ALTER TABLE fan_messages ADD COLUMN form_key uuid;
CREATE UNIQUE INDEX fan_messages_form_once ON fan_messages (form_key) WHERE form_key IS NOT NULL;

-- The pairs of neighbouring characters of a text, marked with the number of the drawer it lies in.
CREATE FUNCTION fan_pairs(said text, drawer bigint) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT drawer::text || ' ' || substr(folded, number, 2)), '{}')
    FROM (SELECT lower(left(said, 600)) AS folded) AS said_so, generate_series(1, length(folded) - 1) AS number
$$;
CREATE INDEX fan_messages_by_words ON fan_messages USING gin (fan_pairs(text, id >> 14)) WITH (fastupdate = off)
    WHERE kind IN ('text', 'mention', 'articles');
CREATE INDEX fans_by_name ON fans USING gin (fan_pairs(nickname, 0)) WITH (fastupdate = off) WHERE nickname <> '';

-- Fans in whose words, or in what they were told, a text stands: the latest drawers first, 16,384 messages in each,
-- until there are `most` fans or `drawers` have been looked into.
CREATE FUNCTION search_fan_words(wanted text, most integer, drawers integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE ROWS 200 SET enable_seqscan = off AS $$
DECLARE
    folded text := lower(left(wanted, 100));
    drawer bigint := (SELECT max(id) >> 14 FROM fan_messages);
    last bigint := greatest(drawer - drawers + 1, 0);
    found bigint[] := '{}';
BEGIN
    IF length(folded) < 2 THEN
        RETURN;
    END IF;
    WHILE drawer >= last AND cardinality(found) < most LOOP
        found := found || ARRAY(
            SELECT DISTINCT heard.fan FROM (
                SELECT fan, text FROM fan_messages
                WHERE kind IN ('text', 'mention', 'articles')
                  AND fan_pairs(text, id >> 14) @> fan_pairs(folded, drawer) LIMIT 2000) AS heard
            WHERE position(folded IN lower(heard.text)) > 0 AND heard.fan <> ALL (found)
            LIMIT most - cardinality(found));
        drawer := drawer - 1;
    END LOOP;
    RETURN QUERY SELECT unnest(found);
END $$;

-- What is often said.
CREATE TABLE canned_answers (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category    text NOT NULL,
    title       text NOT NULL,
    text        text NOT NULL,
    changed_at  timestamptz NOT NULL,
    CONSTRAINT canned_answers_title_unique UNIQUE (category, title)
);

-- How long a fan waited for a person's answer, and how long until her conversation was closed.
CREATE TABLE desk_turns (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fan           bigint NOT NULL REFERENCES fans,
    kind          text NOT NULL CHECK (kind IN ('answer', 'resolution')),
    staff_id      bigint NOT NULL,
    staff_name    text NOT NULL,
    -- In the shop's zone.
    ended_on      date NOT NULL,
    took_seconds  integer NOT NULL CHECK (took_seconds >= 0),
    last_message  bigint NOT NULL REFERENCES fan_messages,
    ended_at      timestamptz NOT NULL
);
CREATE INDEX desk_turns_by_day ON desk_turns (ended_on, kind, staff_id) INCLUDE (took_seconds, staff_name);
CREATE INDEX desk_turns_resolutions ON desk_turns (fan, id DESC) WHERE kind = 'resolution';

-- How the desk is kept; one row.
CREATE TABLE desk_settings (
    single       boolean PRIMARY KEY DEFAULT true CHECK (single),
    -- Whoever waits longer is shown in red.
    red_minutes  integer NOT NULL CHECK (red_minutes BETWEEN 1 AND 1440),
    -- Where a place that a fan sends can be looked at, with {latitude} and {longitude}; empty for nowhere.
    map          text NOT NULL
);
INSERT INTO desk_settings (red_minutes, map) VALUES (10, '');

-- Open desks hear of every change, whoever made it.
CREATE FUNCTION fan_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fan_changed', NEW.fan::text);
    RETURN NULL;
END $$;
CREATE TRIGGER conversations_changed AFTER INSERT OR UPDATE ON conversations
    FOR EACH ROW EXECUTE FUNCTION fan_changed();
CREATE TRIGGER fan_messages_said AFTER INSERT ON fan_messages
    FOR EACH ROW EXECUTE FUNCTION fan_changed();
CREATE TRIGGER fan_messages_changed AFTER UPDATE OF state ON fan_messages
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION fan_changed();
