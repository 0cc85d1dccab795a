-- Signing in: who is away at Weibo, sign-ins by scanning, links out of private messages, and letting go of tokens.

-- A large shop's sessions take longer to rewrite than a page may.
SET LOCAL statement_timeout = 0;

-- Somebody reads Weibo's consent page. Taken away by whoever comes back first.
CREATE TABLE sign_ins (
    -- The fingerprint of the state that Weibo gives back.
    state       bytea PRIMARY KEY,
    -- The browser that went.
    visitor     uuid NOT NULL,
    next        text NOT NULL,
    -- The fingerprint of the hint that led here, if one did.
    hint        bytea,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

-- A link in a private message: who was meant, and where it leads. It signs nobody in.
CREATE TABLE hints (
    fingerprint  bytea PRIMARY KEY,
    weibo_uid    bigint NOT NULL CHECK (weibo_uid > 0),
    path         text NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE INDEX hints_by_expiry ON hints (expires_at);

-- A desktop that shows a QR code to a phone.
CREATE TABLE scans (
    id           uuid PRIMARY KEY,
    -- The fingerprint of what stands in the code.
    code         bytea NOT NULL CONSTRAINT scans_code_unique UNIQUE,
    -- The desktop's browser, and what it says it is.
    visitor      uuid NOT NULL,
    browser      text NOT NULL,
    next         text NOT NULL,
    asked_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    -- The phone's, given once.
    answer       text CHECK (answer IN ('yes', 'no')),
    customer_id  bigint REFERENCES customers,
    CHECK ((answer IS NOT DISTINCT FROM 'yes') = (customer_id IS NOT NULL))
);
CREATE INDEX scans_by_expiry ON scans (expires_at);

-- Tokens that the shop has forgotten and Weibo has not confirmed yet: kept, sealed, until it has.
CREATE TABLE revocations (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id       bigint NOT NULL REFERENCES customers,
    token_sealed      bytea NOT NULL,
    token_expires_at  timestamptz NOT NULL,
    withdrawn_at      timestamptz NOT NULL
);
CREATE INDEX revocations_by_customer ON revocations (customer_id);

ALTER TABLE customers
    -- Sessions begun in an earlier round are over: she has ended them all.
    ADD COLUMN session_round integer NOT NULL DEFAULT 0,
    -- When Weibo was last asked whether her token holds.
    ADD COLUMN token_asked_at timestamptz;

-- Whose session it is, so that all of hers can be found.
ALTER TABLE sessions ADD COLUMN customer_id bigint GENERATED ALWAYS AS
    (CASE WHEN state->>'customer' ~ '^[0-9]{1,18}$' THEN (state->>'customer')::bigint END) STORED;
CREATE INDEX sessions_by_customer ON sessions (customer_id) WHERE customer_id IS NOT NULL;

-- Whether signing in offers to follow the shop's official account.
ALTER TABLE shop ADD COLUMN offer_follow boolean NOT NULL DEFAULT false;
