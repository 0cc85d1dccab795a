-- What the shop says on Weibo in its own name, campaigns with links of their own, and how often products were looked at.

-- The account in whose name it posts: there is one, or none.
CREATE TABLE speaker (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    weibo_uid       bigint NOT NULL CHECK (weibo_uid > 0),
    screen_name     text NOT NULL,
    token_sealed    bytea NOT NULL,
    expires_at      timestamptz NOT NULL,
    -- Weibo has said that the token is over before its time.
    ended_at        timestamptz,
    connected_at    timestamptz NOT NULL,
    actor           text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id        bigint,
    staff_name      text
);

CREATE TABLE posts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The same form sent again is the same post.
    form_key        uuid NOT NULL CONSTRAINT posts_form_once UNIQUE,
    -- Of which product; of the shop as a whole where there is none.
    product_id      bigint REFERENCES products,
    -- Its own link, which stands behind its text. Made in the transaction that makes the post.
    code            text UNIQUE REFERENCES short_links,
    text            text NOT NULL,
    -- sending: Weibo is being asked. unknown: it was, and what came of it is not known: only a person goes on from
    -- there. accepted: Weibo has it and shows it later, under an id that it did not say.
    state           text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'scheduled', 'held', 'sending', 'done',
                        'accepted', 'refused', 'unknown', 'discarded')),
    -- Rises with whatever a person changes: who saw an older one is told so.
    version         integer NOT NULL DEFAULT 1,
    -- Rises with each time that Weibo is asked.
    attempt         integer NOT NULL DEFAULT 0,
    due_at          timestamptz,
    -- The account that whoever sends it was shown: in another's name it does not go.
    meant_uid       bigint,
    -- The address of whoever sends it: Weibo wants it with the post. Kept no longer than needed.
    ip              text NOT NULL DEFAULT '',
    asked_at        timestamptz,
    weibo_uid       bigint,
    status_id       bigint,
    -- A person has read the id on Weibo, and may have misread it.
    status_typed    boolean NOT NULL DEFAULT false,
    -- It was sent again while nobody knew whether it stood.
    doubted         boolean NOT NULL DEFAULT false,
    -- Why it is held, or the code with which Weibo refused.
    trouble         text NOT NULL DEFAULT '',
    made_at         timestamptz NOT NULL,
    actor           text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id        bigint,
    staff_name      text,
    CONSTRAINT posts_state_whole CHECK (
        (state <> 'scheduled' OR (due_at IS NOT NULL AND ip <> '' AND meant_uid IS NOT NULL))
        AND (state NOT IN ('sending', 'done', 'accepted', 'unknown') OR asked_at IS NOT NULL)
        AND (status_id IS NULL OR state = 'done')
        AND (trouble <> '') = (state IN ('held', 'refused')))
);
CREATE INDEX posts_by_product ON posts (product_id, id DESC);
CREATE INDEX posts_for_a_person ON posts (id) WHERE state IN ('held', 'refused', 'unknown');

CREATE TABLE campaigns (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    form_key        uuid NOT NULL CONSTRAINT campaigns_form_once UNIQUE,
    name            text NOT NULL CHECK (name <> ''),
    note            text NOT NULL DEFAULT '',
    made_at         timestamptz NOT NULL,
    -- Then it gets no more links. Those that it has lead on.
    closed_at       timestamptz,
    actor           text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id        bigint,
    staff_name      text
);

CREATE TABLE campaign_links (
    code            text PRIMARY KEY REFERENCES short_links,
    campaign_id     bigint NOT NULL REFERENCES campaigns,
    -- Nothing leads to the home page.
    product_id      bigint REFERENCES products,
    made_at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX campaign_links_once ON campaign_links (campaign_id, coalesce(product_id, 0));
CREATE INDEX campaign_links_by_product ON campaign_links (product_id);

-- How often a product's page was opened, by the shop's day.
CREATE TABLE product_views (
    day             date NOT NULL,
    product_id      bigint NOT NULL REFERENCES products ON DELETE CASCADE,
    views           bigint NOT NULL CHECK (views >= 0),
    PRIMARY KEY (day, product_id)
);

-- Why somebody is away at Weibo: to enter the shop as a buyer, or to let it post in an account's name.
ALTER TABLE sign_ins ADD COLUMN purpose text NOT NULL DEFAULT 'enter' CHECK (purpose IN ('enter', 'speaker'));
