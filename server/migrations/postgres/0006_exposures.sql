-- Exposures say where exactly (the page, or the file or address that holds the secret), and whether somebody has dealt
-- with them. Several places of one origin are several exposures.
CREATE TABLE exposures_placed (
    secret_id TEXT NOT NULL,
    door TEXT NOT NULL,
    origin TEXT NOT NULL,
    place TEXT NOT NULL,
    token_id TEXT NOT NULL,
    page TEXT NOT NULL,
    address TEXT,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    dealt_with_at BIGINT,
    dealt_with_by TEXT,
    dealt_with_reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (secret_id, door, origin, place)
);
INSERT INTO exposures_placed (secret_id, door, origin, place, token_id, page, address, first_seen_at, last_seen_at, count)
SELECT secret_id, door, origin, '', token_id, origin, address, first_seen_at, last_seen_at, count FROM exposures;
DROP TABLE exposures;
ALTER TABLE exposures_placed RENAME TO exposures;
CREATE INDEX exposures_token ON exposures (token_id);
-- Tokens that somebody has to look at.
CREATE INDEX exposures_open ON exposures (token_id) WHERE dealt_with_at IS NULL;

-- What the app asks for again and again: the alarms since the last one.
CREATE INDEX activity_action ON activity (action, id);
