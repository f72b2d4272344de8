-- Temporary tokens that were stopped before their time, one by one or by subject. Only what has not ended by itself.
CREATE TABLE stopped_temporary (
    token_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    stopped_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (token_id, kind, value)
);
CREATE INDEX stopped_temporary_expires ON stopped_temporary (expires_at);

-- A key is in the key set before it signs. NULL = it signs from the beginning.
ALTER TABLE signing_keys ADD COLUMN signs_from BIGINT;
-- The longest lifetime, in seconds, that a token signed by it can have; NULL = it may have signed ones without an end.
ALTER TABLE signing_keys ADD COLUMN longest_lifetime BIGINT DEFAULT 31536000;
