-- What can be bought. Texts stand in both languages side by side; an empty English text falls back to the Chinese.

CREATE TABLE categories (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text NOT NULL CONSTRAINT categories_slug_unique UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_zh    text NOT NULL CHECK (name_zh <> ''),
    name_en    text NOT NULL DEFAULT '',
    position   integer NOT NULL DEFAULT 0,
    -- The soft colour its pictures stand on, as #rrggbb.
    ground     text NOT NULL DEFAULT '#f3e3c8' CHECK (ground ~ '^#[0-9a-f]{6}$')
);

CREATE TABLE products (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug             text NOT NULL CONSTRAINT products_slug_unique UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    category_id      bigint NOT NULL REFERENCES categories,
    name_zh          text NOT NULL CHECK (name_zh <> ''),
    name_en          text NOT NULL DEFAULT '',
    summary_zh       text NOT NULL DEFAULT '',
    summary_en       text NOT NULL DEFAULT '',
    description_zh   text NOT NULL DEFAULT '',
    description_en   text NOT NULL DEFAULT '',
    position         integer NOT NULL DEFAULT 0,
    on_shelf         boolean NOT NULL DEFAULT false,
    -- The merchant's status in which the card of this product stands, when there is one.
    weibo_status_id  bigint,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX products_by_category ON products (category_id, position) WHERE on_shelf;

-- Up to three axes, such as size and colour, each with its choices.
CREATE TABLE axes (
    product_id  bigint NOT NULL REFERENCES products ON DELETE CASCADE,
    number      smallint NOT NULL CHECK (number BETWEEN 1 AND 3),
    name_zh     text NOT NULL CHECK (name_zh <> ''),
    name_en     text NOT NULL DEFAULT '',
    PRIMARY KEY (product_id, number)
);

CREATE TABLE choices (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL,
    axis        smallint NOT NULL,
    position    integer NOT NULL,
    name_zh     text NOT NULL CHECK (name_zh <> ''),
    name_en     text NOT NULL DEFAULT '',
    FOREIGN KEY (product_id, axis) REFERENCES axes (product_id, number) ON DELETE CASCADE,
    UNIQUE (product_id, axis, id)
);

CREATE TABLE variants (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES products,
    sku         text NOT NULL CONSTRAINT variants_sku_unique UNIQUE CHECK (sku ~ '^[A-Za-z0-9._-]{1,64}$'),
    position    integer NOT NULL,
    choice_1    bigint,
    choice_2    bigint,
    choice_3    bigint,
    -- Which axis each choice stands on, so that the keys below can hold them to it.
    axis_1      smallint NOT NULL DEFAULT 1 CHECK (axis_1 = 1),
    axis_2      smallint NOT NULL DEFAULT 2 CHECK (axis_2 = 2),
    axis_3      smallint NOT NULL DEFAULT 3 CHECK (axis_3 = 3),
    price_fen   bigint NOT NULL CHECK (price_fen BETWEEN 1 AND 1000000000000),
    stock       integer NOT NULL CONSTRAINT variants_stock_not_negative CHECK (stock >= 0),
    weight_g    integer NOT NULL DEFAULT 0 CHECK (weight_g >= 0),
    FOREIGN KEY (product_id, axis_1, choice_1) REFERENCES choices (product_id, axis, id),
    FOREIGN KEY (product_id, axis_2, choice_2) REFERENCES choices (product_id, axis, id),
    FOREIGN KEY (product_id, axis_3, choice_3) REFERENCES choices (product_id, axis, id),
    CHECK (choice_2 IS NULL OR choice_1 IS NOT NULL),
    CHECK (choice_3 IS NULL OR choice_2 IS NOT NULL)
);
-- Postgres 14 has no NULLS NOT DISTINCT.
CREATE UNIQUE INDEX variants_choices_unique
    ON variants (product_id, coalesce(choice_1, 0), coalesce(choice_2, 0), coalesce(choice_3, 0));

-- A picture is kept as files named after its content: NAME-1080.webp, NAME-750.jpg and so on.
CREATE TABLE pictures (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES products ON DELETE CASCADE,
    position    integer NOT NULL,
    name        text NOT NULL CHECK (name ~ '^[a-z0-9]{16,64}$'),
    alt_zh      text NOT NULL DEFAULT '',
    alt_en      text NOT NULL DEFAULT '',
    UNIQUE (product_id, position)
);

-- The shop itself: one row.
CREATE TABLE shop (
    only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    name_zh   text NOT NULL CHECK (name_zh <> ''),
    name_en   text NOT NULL DEFAULT ''
);
