-- Who runs the shop.

CREATE TABLE staff (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL CONSTRAINT staff_name_unique UNIQUE CHECK (name <> ''),
    password_hash  text NOT NULL,
    role           text NOT NULL CHECK (role IN ('owner')),
    created_at     timestamptz NOT NULL
);

-- A link that makes one account and then is used up. Only its fingerprint is kept.
CREATE TABLE staff_links (
    fingerprint  bytea PRIMARY KEY,
    role         text NOT NULL CHECK (role IN ('owner')),
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
