-- What signs somebody in once and was taken: a signed request of Weibo's frame, the hand-over to her session. Only its
-- fingerprint is kept, until it could not be used any more.

CREATE TABLE taken_once (
    fingerprint  bytea PRIMARY KEY CHECK (length(fingerprint) BETWEEN 1 AND 64),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX taken_once_by_expiry ON taken_once (expires_at);
