-- Who buys: one row for each Weibo account that has signed in.

CREATE TABLE customers (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    weibo_uid         bigint NOT NULL CONSTRAINT customers_weibo_uid_unique UNIQUE,
    screen_name       text NOT NULL,
    -- The access token, sealed with the shop's key; nothing when it was revoked.
    token_sealed      bytea,
    token_expires_at  timestamptz,
    created_at        timestamptz NOT NULL,
    signed_in_at      timestamptz NOT NULL,
    CHECK ((token_sealed IS NULL) = (token_expires_at IS NULL))
);

-- A browser that the shop knows again. The cookie holds the key, the row only its fingerprint.
CREATE TABLE sessions (
    fingerprint  bytea PRIMARY KEY,
    state        jsonb NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
