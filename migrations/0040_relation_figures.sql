-- What customers did with the shop, by day and in what order, kept up to date by adding: looking never counts all facts.
-- Each fact is written down once more as it is learned; the worker folds those rows into the tables below
-- (src/customers/relations), so that two who buy at once never wait for one counter.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- No keys: nobody looks for one of these rows, all are read and taken away together.
CREATE TABLE relation_news (
    customer_id  bigint NOT NULL,
    kind         text NOT NULL,
    happened_at  timestamptz NOT NULL
);
-- Whoever holds its row folds.
CREATE TABLE relation_folding (alone boolean PRIMARY KEY DEFAULT true CHECK (alone));
INSERT INTO relation_folding DEFAULT VALUES;

CREATE TABLE relation_days (
    day    date NOT NULL,
    kind   text NOT NULL,
    facts  bigint NOT NULL CHECK (facts > 0),
    PRIMARY KEY (day, kind)
);
-- When somebody first did something. Customers are not referenced: relations do that, and folding locks none of them.
CREATE TABLE relation_firsts (
    customer_id  bigint NOT NULL,
    kind         text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (customer_id, kind)
);
-- How many did one thing for the first time on a day, having done another before. A fact that is learned late moves
-- somebody from one row to another.
CREATE TABLE relation_turns (
    day        date NOT NULL,
    earlier    text NOT NULL,
    later      text NOT NULL,
    customers  bigint NOT NULL,
    PRIMARY KEY (day, earlier, later)
);
-- How many did these things in this order, each for the first time: their names, divided by blanks.
CREATE TABLE relation_paths (
    path       text PRIMARY KEY,
    customers  bigint NOT NULL
);
CREATE INDEX relation_paths_most ON relation_paths (customers DESC, path);
-- The latest of one kind.
CREATE INDEX relations_by_kind ON relations (kind, id DESC);

CREATE FUNCTION relations_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO relation_news SELECT customer_id, kind, happened_at FROM learned;
    RETURN NULL;
END $$;
-- From here to the end of this transaction nobody else learns anything.
CREATE TRIGGER relations_news AFTER INSERT ON relations REFERENCING NEW TABLE AS learned
    FOR EACH STATEMENT EXECUTE FUNCTION relations_news();
-- What was learned before is folded as if it were news.
INSERT INTO relation_news SELECT customer_id, kind, happened_at FROM relations;
