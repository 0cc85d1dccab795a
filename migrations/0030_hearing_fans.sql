-- How the fans service is bound and behaves, what keeps a push from being taken twice, and the rules that answer.

CREATE TABLE fans_service (
    only_one        boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    version         bigint NOT NULL DEFAULT 0,
    -- Rises whenever a rule is changed.
    rules_version   bigint NOT NULL DEFAULT 0,
    -- How far a push's own time may be from ours; nothing: it does not matter (fans-service.md §1).
    most_age_seconds integer CHECK (most_age_seconds BETWEEN 10 AND 86400),
    -- So long after a person last wrote the rules speak again.
    idle_minutes    integer NOT NULL DEFAULT 30 CHECK (idle_minutes BETWEEN 1 AND 1440),
    -- In which format Weibo was told to push, and what it answered to that.
    format          text NOT NULL DEFAULT 'json' CHECK (format IN ('json', 'xml')),
    format_state    text NOT NULL DEFAULT 'default' CHECK (format_state IN ('default', 'set', 'unknown')),
    format_at       timestamptz,
    -- When Weibo last made sure that this address is ours.
    bound_at        timestamptz,
    -- The last push for an account that is not ours.
    stranger        bigint,
    stranger_at     timestamptz,
    -- Why nothing can be sent at all, since when.
    trouble         text CHECK (trouble IN ('no_token', 'token', 'permission')),
    trouble_at      timestamptz,
    CHECK ((format_state = 'default') = (format_at IS NULL)),
    CHECK ((stranger IS NULL) = (stranger_at IS NULL)),
    CHECK ((trouble IS NULL) = (trouble_at IS NULL))
);
INSERT INTO fans_service DEFAULT VALUES;

-- The signature does not cover the body: time and nonce of a push carry one body, and no other.
CREATE TABLE fan_nonces (
    mark  bytea PRIMARY KEY,
    body  bytea NOT NULL,
    at    timestamptz NOT NULL
);
CREATE INDEX fan_nonces_by_time ON fan_nonces (at);

CREATE TABLE fan_rules (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place      integer NOT NULL CONSTRAINT fan_rules_in_order UNIQUE DEFERRABLE INITIALLY DEFERRED,
    name       text NOT NULL,
    is_on      boolean NOT NULL,
    -- When it speaks, in which hours, and what it says, as `fans::rules` writes them.
    cause      jsonb NOT NULL,
    hours      jsonb,
    answer     jsonb NOT NULL,
    begins_at  timestamptz,
    ends_at    timestamptz,
    -- Whether those behind it are tried too.
    goes_on    boolean NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    CHECK (begins_at < ends_at)
);

-- The mention whose one answer it is; how often Weibo asked to wait with it; the rule that said it.
ALTER TABLE fan_messages ADD COLUMN mention_at timestamptz,
    ADD COLUMN waits integer NOT NULL DEFAULT 0,
    ADD COLUMN rule bigint REFERENCES fan_rules ON DELETE SET NULL;
CREATE INDEX fan_messages_to_send ON fan_messages (fan, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX fan_messages_of_rule ON fan_messages (rule) WHERE rule IS NOT NULL;

-- What stood in the answer to a packet, and when that answer went out in Weibo's time.
ALTER TABLE fan_packets ADD COLUMN reply bigint REFERENCES fan_messages,
    ADD COLUMN answered_at timestamptz;

-- The keys of the fans service are kept as the others are.
ALTER TABLE weibo_keys DROP CONSTRAINT weibo_keys_kind_check,
    ADD CONSTRAINT weibo_keys_kind_check CHECK (kind IN ('app_key', 'app_secret', 'seller_id', 'private_key',
        'public_key', 'fans_token', 'fans_secret'));
