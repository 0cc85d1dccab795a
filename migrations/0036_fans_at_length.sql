-- What lets the desk of fans stay quick and small for years.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- When the copies of a picture or a voice were removed.
ALTER TABLE fan_messages ADD COLUMN media_swept_at timestamptz;
CREATE INDEX fan_messages_with_media ON fan_messages (said_at, id)
    WHERE kind IN ('image', 'voice') AND media_swept_at IS NULL;

-- What the ledger of relations learns when she signs in, without reading all she ever said.
CREATE INDEX fan_messages_of_relations ON fan_messages (fan, id DESC)
    WHERE kind = 'event'
        AND content->'event'->>'subtype' IN ('follow', 'unfollow', 'subscribe', 'unsubscribe', 'scan_follow');

-- Who waits for a person, and since when the first of them does.
CREATE INDEX conversations_waiting_since ON conversations (waiting_since)
    WHERE state = 'open' AND waiting_since IS NOT NULL;

-- How often a code was scanned, by how many, and how many of them came to follow: kept with each scan, for pages that
-- would count all scans each time. The campaigns' are their own, since one fan may scan several codes of one.
ALTER TABLE fan_codes
    ADD COLUMN scans bigint NOT NULL DEFAULT 0 CHECK (scans >= 0),
    ADD COLUMN fans bigint NOT NULL DEFAULT 0 CHECK (fans BETWEEN 0 AND scans),
    ADD COLUMN followers bigint NOT NULL DEFAULT 0 CHECK (followers BETWEEN 0 AND fans),
    ADD COLUMN last_scan_at timestamptz;
UPDATE fan_codes SET scans = counted.scans, fans = counted.fans, followers = counted.followers,
    last_scan_at = counted.last_scan_at
FROM (SELECT code, count(*) AS scans, count(DISTINCT fan) AS fans,
        count(DISTINCT fan) FILTER (WHERE new_follower) AS followers, max(scanned_at) AS last_scan_at
    FROM fan_code_scans GROUP BY code) AS counted WHERE counted.code = fan_codes.id;
CREATE TABLE fan_campaigns (
    name         text PRIMARY KEY CHECK (name <> ''),
    scans        bigint NOT NULL DEFAULT 0 CHECK (scans >= 0),
    fans         bigint NOT NULL DEFAULT 0 CHECK (fans BETWEEN 0 AND scans),
    followers    bigint NOT NULL DEFAULT 0 CHECK (followers BETWEEN 0 AND fans),
    last_scan_at timestamptz
);
INSERT INTO fan_campaigns
SELECT campaign, count(s.fan), count(DISTINCT s.fan), count(DISTINCT s.fan) FILTER (WHERE s.new_follower),
    max(s.scanned_at)
FROM fan_codes c LEFT JOIN fan_code_scans s ON s.code = c.id WHERE campaign <> '' GROUP BY campaign;
-- Whether she scanned it before, and whether she came by it.
CREATE INDEX fan_code_scans_of_fan ON fan_code_scans (fan, code);
CREATE INDEX fan_code_scans_of_follower ON fan_code_scans (fan, code) WHERE new_follower;

-- How many recipients of a broadcast stand where, kept as they move, whoever moves them.
CREATE TABLE broadcast_tallies (
    broadcast   bigint NOT NULL REFERENCES broadcasts,
    state       text NOT NULL,
    recipients  bigint NOT NULL CHECK (recipients >= 0),
    PRIMARY KEY (broadcast, state)
);
CREATE FUNCTION broadcast_recipients_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE broadcast_tallies t SET recipients = t.recipients - b.recipients
        FROM (SELECT broadcast, state, count(*) AS recipients FROM before GROUP BY 1, 2) AS b
        WHERE (t.broadcast, t.state) = (b.broadcast, b.state);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO broadcast_tallies AS t SELECT broadcast, state, count(*) FROM after GROUP BY 1, 2
        ON CONFLICT (broadcast, state) DO UPDATE SET recipients = t.recipients + excluded.recipients;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER broadcast_recipients_come AFTER INSERT ON broadcast_recipients
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION broadcast_recipients_count();
CREATE TRIGGER broadcast_recipients_change AFTER UPDATE ON broadcast_recipients
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION broadcast_recipients_count();
CREATE TRIGGER broadcast_recipients_go AFTER DELETE ON broadcast_recipients
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION broadcast_recipients_count();
INSERT INTO broadcast_tallies SELECT broadcast, state, count(*) FROM broadcast_recipients GROUP BY 1, 2;

-- Less than a minute would refuse what Weibo sends again.
UPDATE fans_service SET most_age_seconds = 60 WHERE most_age_seconds < 60;
ALTER TABLE fans_service DROP CONSTRAINT fans_service_most_age_seconds_check,
    ADD CONSTRAINT fans_service_most_age_seconds_check CHECK (most_age_seconds BETWEEN 60 AND 86400);
