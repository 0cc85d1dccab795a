-- A buyer telling her followers: at most once for an order.

CREATE TABLE reposts (
    order_id     bigint PRIMARY KEY REFERENCES orders,
    customer_id  bigint NOT NULL REFERENCES customers,
    kind         text NOT NULL CHECK (kind IN ('repost', 'share')),
    text         text NOT NULL,
    -- 'sending' means that we asked Weibo and do not know what came of it.
    state        text NOT NULL CHECK (state IN ('sending', 'done', 'refused')),
    status_id    bigint,
    trouble      text,
    asked_at     timestamptz NOT NULL,
    CHECK (state = 'done' OR status_id IS NULL)
);
