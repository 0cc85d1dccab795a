-- Of transactions that NOTIFY Postgres commits one at a time. Who hears fans keeps what they say in many at once, and
-- tells the desks beside them; everybody else tells as before.
CREATE OR REPLACE FUNCTION fan_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('weipu.tells', true) IS DISTINCT FROM 'beside' THEN
        PERFORM pg_notify('fan_changed', NEW.fan::text);
    END IF;
    RETURN NULL;
END $$;
