-- Tables that go in and out as files: products in, products and orders out. The bytes are kept here in pieces, so
-- that any node can go on where another stopped, and are forgotten after a week.

CREATE TABLE transfers (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('import-products', 'export-products', 'export-orders')),
    state         text NOT NULL CHECK (state IN ('receiving', 'reading', 'checking', 'checked', 'importing',
                      'writing', 'done', 'cancelled', 'refused', 'failed')),
    file_name     text NOT NULL,
    -- How the file of an import is written, and the names of its columns.
    encoding      text NOT NULL DEFAULT '' CHECK (encoding IN ('', 'utf-8', 'gb18030', 'utf-16le')),
    header        jsonb NOT NULL DEFAULT '[]',
    -- Which orders an export takes, as the address of their list says it, and whether it leaves out who buys.
    query         text NOT NULL DEFAULT '',
    masked        boolean NOT NULL DEFAULT true,
    language      text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
    -- Where the next step begins: the last record, line, product or order that is done with.
    position      bigint NOT NULL DEFAULT 0,
    position_at   timestamptz,
    done          integer NOT NULL DEFAULT 0,
    -- Of how many; nothing while that is not known.
    goal          integer,
    new_rows      integer NOT NULL DEFAULT 0,
    changed_rows  integer NOT NULL DEFAULT 0,
    unchanged_rows integer NOT NULL DEFAULT 0,
    wrong_rows    integer NOT NULL DEFAULT 0,
    -- Rows that changed a product which somebody had edited after the file was checked.
    overtaken_rows integer NOT NULL DEFAULT 0,
    bytes         bigint NOT NULL DEFAULT 0,
    pieces        integer NOT NULL DEFAULT 0,
    -- Why it was refused or failed, and what belongs into that sentence.
    why           text NOT NULL DEFAULT '',
    why_with      text NOT NULL DEFAULT '',
    failures      smallint NOT NULL DEFAULT 0,
    asked_at      timestamptz NOT NULL,
    checked_at    timestamptz,
    ended_at      timestamptz,
    expires_at    timestamptz NOT NULL,
    actor         text NOT NULL CHECK (actor IN ('shop', 'buyer', 'weibo', 'staff')),
    staff_id      bigint,
    staff_name    text,
    CHECK ((actor = 'staff') = (staff_id IS NOT NULL AND staff_name IS NOT NULL))
);
CREATE INDEX transfers_by_expiry ON transfers (expires_at);

CREATE TABLE transfer_pieces (
    transfer_id  bigint NOT NULL REFERENCES transfers ON DELETE CASCADE,
    number       integer NOT NULL,
    bytes        bytea NOT NULL CHECK (length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (transfer_id, number)
);

-- The rows of an import. `line` is the row of the sheet as a spreadsheet counts it, `leader` the first line of the
-- same product, `place` which of that product's rows it is, `first_of_sku` the first line with the same SKU.
CREATE TABLE transfer_rows (
    transfer_id  bigint NOT NULL REFERENCES transfers ON DELETE CASCADE,
    line         integer NOT NULL,
    cells        jsonb NOT NULL,
    slug         text NOT NULL,
    sku          text NOT NULL,
    leader       integer NOT NULL,
    place        integer NOT NULL,
    first_of_sku integer NOT NULL,
    outcome      text NOT NULL DEFAULT 'unread' CHECK (outcome IN ('unread', 'new', 'changed', 'unchanged', 'wrong')),
    wrongs       jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (transfer_id, line)
);
CREATE INDEX transfer_rows_by_leader ON transfer_rows (transfer_id, leader, line);
CREATE INDEX transfer_rows_wrong ON transfer_rows (transfer_id, line) WHERE outcome = 'wrong';
