-- The menu below the conversation with the shop's account, and QR codes that say where somebody came from.

-- Every menu that was saved, and who saved it. None is ever changed.
CREATE TABLE fan_menus (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    menu        jsonb NOT NULL,
    saved_at    timestamptz NOT NULL,
    staff_id    bigint NOT NULL,
    staff_name  text NOT NULL
);

-- What was asked of Weibo about the menu, in order. What the last that was done put there is what fans see.
CREATE TABLE fan_menu_changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The menu to be there from now on; none at all where nothing.
    menu        bigint REFERENCES fan_menus,
    asked_at    timestamptz NOT NULL,
    staff_id    bigint NOT NULL,
    staff_name  text NOT NULL,
    -- asking: its call has begun. unknown: nothing that can be trusted came back. missing: Weibo, asked again, shows
    -- something else.
    state       text NOT NULL CHECK (state IN ('asking', 'done', 'refused', 'unknown', 'missing')),
    ended_at    timestamptz,
    why         text NOT NULL DEFAULT '',
    CHECK ((state = 'asking') = (ended_at IS NULL))
);

CREATE TABLE fan_codes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('permanent', 'temporary')),
    -- Weibo's scene_id; never given out twice.
    scene        bigint NOT NULL CHECK (scene > 0 AND scene <= CASE kind WHEN 'permanent' THEN 100000 ELSE 2147483647 END),
    -- What it is for, in the merchant's words; what stands on the poster below the shop's name.
    name         text NOT NULL,
    campaign     text NOT NULL DEFAULT '',
    invitation   text NOT NULL DEFAULT '',
    -- A product it is for. It may be long gone.
    product_id   bigint REFERENCES products ON DELETE SET NULL,
    made_at      timestamptz NOT NULL,
    staff_id     bigint NOT NULL,
    staff_name   text NOT NULL,
    -- What Weibo gave for it; nothing until then.
    ticket       text,
    ticket_at    timestamptz,
    ends_at      timestamptz,
    -- A PNG.
    picture      bytea,
    -- Why the last try brought nothing.
    why          text NOT NULL DEFAULT '',
    put_away_at  timestamptz,
    CONSTRAINT fan_codes_scene_unique UNIQUE (kind, scene),
    CHECK ((ticket IS NULL) = (ticket_at IS NULL)),
    CHECK (picture IS NULL OR ticket IS NOT NULL),
    CHECK (ends_at IS NULL OR kind = 'temporary')
);

-- Who scanned one, and when; told twice it is one scan.
CREATE TABLE fan_code_scans (
    code         bigint NOT NULL REFERENCES fan_codes,
    fan          bigint NOT NULL REFERENCES fans,
    scanned_at   timestamptz NOT NULL,
    -- She did not follow before.
    new_follower boolean NOT NULL,
    PRIMARY KEY (code, fan, scanned_at)
);

-- Whoever wrote of late is looked up first.
CREATE INDEX conversations_by_time ON conversations (last_at DESC);

-- Until when Weibo is asked about no fan: after it refused whoever was asked about.
ALTER TABLE fans_service ADD COLUMN look_up_not_before timestamptz;
