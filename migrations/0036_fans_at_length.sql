-- What lets the desk of fans stay quick and small for years.

-- A large shop's tables take longer than a page may.
SET LOCAL statement_timeout = 0;

-- When the copies of a picture or a voice were removed.
ALTER TABLE fan_messages ADD COLUMN media_swept_at timestamptz;
CREATE INDEX fan_messages_with_media ON fan_messages (said_at)
    WHERE kind IN ('image', 'voice') AND media_swept_at IS NULL;
