-- What administrators write down about a token.
ALTER TABLE tokens ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN write_reason TEXT NOT NULL DEFAULT '';

-- The language that an administrator chose; NULL = the browser's.
ALTER TABLE users ADD COLUMN language TEXT;

-- Where a token was used from: addresses of clients and origins of pages, at most 100 for each token.
CREATE TABLE usage_source (
    token_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (token_id, kind, value)
);
