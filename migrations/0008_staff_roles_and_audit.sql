-- What each member may do, in which language the back office speaks to her, and who changed what.

ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_known
    CHECK (role IN ('owner', 'operator', 'service', 'finance', 'read_only'));
ALTER TABLE staff ADD COLUMN language text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en'));

-- Only ever added to. `subject` names the thing by kind and number, such as 'product 12' or 'order 2611-7KQ4-M2X9'.
CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    -- Nothing where nobody was signed in, such as a refused sign-in.
    staff_id    bigint,
    staff_name  text NOT NULL,
    action      text NOT NULL CHECK (action ~ '^[a-z]+(-[a-z]+)*$'),
    subject     text NOT NULL,
    before      jsonb,
    after       jsonb
);
CREATE INDEX audit_by_staff ON audit (staff_id, id DESC);
CREATE INDEX audit_by_subject ON audit (subject, id DESC);
CREATE INDEX audit_by_action ON audit (action, id DESC);

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING CONSTRAINT = 'audit_append_only';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_stays_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
