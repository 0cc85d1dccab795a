-- The people who write to the shop's account on Weibo, what they say and what they are answered.

CREATE TABLE fans (
    -- Weibo's uid.
    uid             bigint PRIMARY KEY CHECK (uid > 0),
    met_at          timestamptz NOT NULL,
    -- As Weibo told it when it was last asked; empty before.
    nickname        text NOT NULL DEFAULT '',
    picture_url     text NOT NULL DEFAULT '',
    place           text NOT NULL DEFAULT '',
    asked_about_at  timestamptz,
    -- Her own last word, and of when it is; nothing when we never heard.
    follows         boolean,
    follows_as_of   timestamptz,
    subscribes      boolean,
    subscribes_as_of timestamptz,
    -- What decides how often she may be answered (fans-service.md §6.1): when she last wrote, followed, subscribed,
    -- pressed a menu or scanned; when she last mentioned us, and whether that was answered; when she stopped following.
    acted_at        timestamptz,
    mentioned_at    timestamptz,
    mention_answered boolean NOT NULL DEFAULT false,
    unfollowed_at   timestamptz,
    CHECK ((follows IS NULL) = (follows_as_of IS NULL)),
    CHECK ((subscribes IS NULL) = (subscribes_as_of IS NULL))
);

-- What Weibo pushed, verbatim, stored before it is believed. No packet has an id: the digest is of who said what, when.
CREATE TABLE fan_packets (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest       bytea NOT NULL CONSTRAINT fan_packets_once UNIQUE,
    body         bytea NOT NULL,
    received_at  timestamptz NOT NULL
);
CREATE INDEX fan_packets_by_time ON fan_packets (received_at);

-- The words between a fan and the shop, both ways.
CREATE TABLE fan_messages (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fan          bigint NOT NULL REFERENCES fans,
    -- 'fan' hers; 'rule' a rule's answer; 'staff' a person's; 'shop' what the shop tells by itself.
    author       text NOT NULL CHECK (author IN ('fan', 'rule', 'staff', 'shop')),
    staff_id     bigint,
    staff_name   text,
    -- What kind of thing it is, the thing itself, and its words for the search.
    kind         text NOT NULL,
    content      jsonb NOT NULL,
    text         text NOT NULL,
    -- When it was said: by Weibo's clock when she said it, but never later than we heard it.
    said_at      timestamptz NOT NULL,
    -- heard: hers. given: stood in the answer to her own message. The others: sent by itself, at most once.
    state        text NOT NULL CHECK (state IN
                 ('heard', 'given', 'waiting', 'sending', 'sent', 'refused', 'unknown', 'dropped')),
    begun_at     timestamptz,
    ended_at     timestamptz,
    why          text NOT NULL DEFAULT '',
    CHECK ((author = 'fan') = (state = 'heard')),
    CHECK ((author = 'staff') = (staff_id IS NOT NULL) AND (staff_id IS NULL) = (staff_name IS NULL)),
    CHECK (begun_at IS NOT NULL OR state NOT IN ('sending', 'sent', 'unknown')),
    CHECK ((ended_at IS NOT NULL) = (state IN ('sent', 'refused', 'unknown', 'dropped')))
);
CREATE INDEX fan_messages_of_fan ON fan_messages (fan, id DESC);

-- How it stands between a fan and the people at the desk.
CREATE TABLE conversations (
    fan            bigint PRIMARY KEY REFERENCES fans,
    state          text NOT NULL CHECK (state IN ('open', 'snoozed', 'closed')),
    snoozed_until  timestamptz,
    -- Who looks after it.
    staff_id       bigint,
    staff_name     text,
    -- When a person last wrote or took it: the rules are silent for a while after.
    human_at       timestamptz,
    -- Since when she waits for a person, and how many of her messages nobody has read.
    waiting_since  timestamptz,
    unread         integer NOT NULL DEFAULT 0 CHECK (unread >= 0),
    last_at        timestamptz NOT NULL,
    last_message   bigint NOT NULL REFERENCES fan_messages,
    CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL)),
    CHECK ((staff_id IS NULL) = (staff_name IS NULL))
);
CREATE INDEX conversations_in_order ON conversations (state, (unread > 0) DESC, last_at DESC, fan);
