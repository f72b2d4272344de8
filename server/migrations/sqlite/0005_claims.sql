-- One-time codes with which a server fetches a new secret. The secret is made when it is fetched; nothing of it is here.
CREATE TABLE claims (
    id TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL,
    token_id TEXT NOT NULL REFERENCES tokens (id),
    -- Who issued it: the columns of the activity list.
    issuer_kind TEXT NOT NULL,
    issuer_id TEXT,
    issuer_name TEXT,
    -- Where it may be used from; NULL = anywhere.
    network TEXT,
    -- How long the secret before goes on working, in seconds from the moment of the claim.
    overlap BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    claimed_at BIGINT,
    claimed_from TEXT,
    -- Why it opens nothing any more beside having been used, or what was tried with it after that.
    ended_at BIGINT,
    ended_by TEXT,
    ended_from TEXT
);
CREATE UNIQUE INDEX claims_digest ON claims (digest);
CREATE INDEX claims_token ON claims (token_id, id);
