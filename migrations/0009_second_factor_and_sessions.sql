-- Who gets in: second factors, sessions that can be listed and ended, links of three kinds, and how often
-- anybody may try.

ALTER TABLE staff ADD COLUMN disabled_at timestamptz;
-- When she was last at her desk, to the minute.
ALTER TABLE staff ADD COLUMN seen_at timestamptz;
-- Sealed; and the last step of time whose code was accepted, so that none works twice.
ALTER TABLE staff ADD COLUMN totp_sealed bytea;
ALTER TABLE staff ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;

CREATE TABLE staff_recovery_codes (
    staff_id     bigint NOT NULL REFERENCES staff ON DELETE CASCADE,
    fingerprint  bytea NOT NULL,
    used_at      timestamptz,
    PRIMARY KEY (staff_id, fingerprint)
);

-- Somebody at her desk in one browser. The cookie's session holds the id; deleting the row ends it at once.
CREATE TABLE staff_sessions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff_id      bigint NOT NULL REFERENCES staff ON DELETE CASCADE,
    begun_at      timestamptz NOT NULL,
    -- Nothing while the code is still to be given.
    complete_at   timestamptz,
    -- When password and code were last given.
    confirmed_at  timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    browser       text NOT NULL,
    address       text NOT NULL
);
CREATE INDEX staff_sessions_by_member ON staff_sessions (staff_id, seen_at DESC);

-- Three kinds of link: the first owner's, an invitation, and a new beginning for a member.
ALTER TABLE staff_links DROP CONSTRAINT staff_links_role_check;
ALTER TABLE staff_links ADD CONSTRAINT staff_links_role_known
    CHECK (role IN ('owner', 'operator', 'service', 'finance', 'read_only'));
ALTER TABLE staff_links ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT staff_links_id_unique UNIQUE;
ALTER TABLE staff_links ADD COLUMN kind text NOT NULL DEFAULT 'first' CHECK (kind IN ('first', 'invitation', 'reset'));
ALTER TABLE staff_links ADD COLUMN invited_by bigint REFERENCES staff ON DELETE CASCADE;
ALTER TABLE staff_links ADD COLUMN staff_id bigint REFERENCES staff ON DELETE CASCADE;
ALTER TABLE staff_links ADD CONSTRAINT staff_links_whole
    CHECK ((kind = 'invitation') = (invited_by IS NOT NULL) AND (kind = 'reset') = (staff_id IS NOT NULL));

-- How often somebody has tried in vain. The key is a mark that only this shop can make of what was tried,
-- and by whom.
CREATE TABLE staff_tries (
    key         text PRIMARY KEY,
    failures    integer NOT NULL,
    last_at     timestamptz NOT NULL,
    wait_until  timestamptz NOT NULL
);
CREATE INDEX staff_tries_by_age ON staff_tries (last_at);
