-- Sites that are searched for secrets every day, and what the last search found (JSON; empty before the first).
CREATE TABLE watched_sites (
    id TEXT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT REFERENCES users (id),
    paused_at BIGINT,
    started_at BIGINT,
    result TEXT NOT NULL DEFAULT '',
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX watched_sites_origin ON watched_sites (origin);
