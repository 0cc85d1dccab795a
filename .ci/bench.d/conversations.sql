-- Fills a shop with :fans fans who have talked with it, five messages each, as the desk has them: most conversations
-- are open, a third wait for a person, a quarter have something unread.
--
-- A small shop shows as much as a large one: lists are fuller than a page, 龙井 is said in more conversations than a
-- search brings, 琥珀 in five, and the first fan has said more than is shown at once.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET statement_timeout = 0;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

BEGIN;
-- Made at once it takes half the time.
SELECT pg_get_indexdef('fan_messages_by_words'::regclass) AS by_words \gset
DROP INDEX fan_messages_by_words;
ALTER TABLE fan_messages DISABLE TRIGGER USER;
ALTER TABLE conversations DISABLE TRIGGER USER;
-- Nobody is asked about: that is not what is measured.
INSERT INTO fans (uid, met_at, nickname, asked_about_at, follows, follows_as_of, acted_at)
SELECT 8000000000 + n, now() - interval '40 days', '茶友' || n, now(), true, now(), now() FROM generate_series(1, :fans) n;
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT m, 8000000001 + (CASE WHEN m > 5 * :fans THEN 0 ELSE m % :fans END) AS fan, m % 3 = 1 AS by_rule,
    now() - (5 * :fans + 200 - m) * interval '7 seconds' AS at,
    CASE WHEN m % (:fans / 4) = 1 THEN '琥珀色的那只杯子' WHEN m % 4 = 2 THEN '龙井' ELSE '包裹' END
        || '什么时候能到，第 ' || m || ' 次问' AS text
FROM generate_series(1, 5 * :fans + 200) m;
INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state)
SELECT fan, CASE WHEN by_rule THEN 'rule' ELSE 'fan' END, 'text',
    CASE WHEN by_rule THEN jsonb_build_object('kind', 'text', 'text', text) ELSE '{"kind": "text"}' END, text, at,
    CASE WHEN by_rule THEN 'given' ELSE 'heard' END
FROM said ORDER BY m;
INSERT INTO conversations (fan, state, snoozed_until, waiting_since, unread, last_at, last_message)
SELECT fan, CASE WHEN fan % 10 = 0 THEN 'closed' WHEN fan % 20 = 3 THEN 'snoozed' ELSE 'open' END,
    CASE WHEN fan % 10 <> 0 AND fan % 20 = 3 THEN now() + interval '9 days' END,
    CASE WHEN fan % 3 = 0 THEN at END, CASE WHEN fan % 4 = 0 THEN 2 ELSE 0 END, at, id
FROM (SELECT DISTINCT ON (fan) fan, id, said_at AS at FROM fan_messages ORDER BY fan, id DESC) AS last;
:by_words;
ALTER TABLE conversations ENABLE TRIGGER USER;
ALTER TABLE fan_messages ENABLE TRIGGER USER;
COMMIT;
ANALYZE fans, fan_messages, conversations;
