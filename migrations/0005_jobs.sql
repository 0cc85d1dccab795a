-- Work to be done later. A worker leases a job; when it dies, the lease runs out and another takes it.

CREATE TABLE jobs (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The job as a sentence with its ids: the same work waits only once.
    key           text NOT NULL CONSTRAINT jobs_key_unique UNIQUE,
    job           jsonb NOT NULL,
    run_at        timestamptz NOT NULL,
    tries         integer NOT NULL DEFAULT 0,
    leased_until  timestamptz,
    trouble       text,
    -- Set when it was given up: it stays for a person to look at.
    given_up_at   timestamptz
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE given_up_at IS NULL;
