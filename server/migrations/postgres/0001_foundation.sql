-- Times are milliseconds since 1970 (BIGINT). Ids are ULIDs. Enum-like columns are TEXT, parsed in Rust.
-- Secrets, session ids and one-time codes are here as digests only.

CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_name_key ON users (name_key);

CREATE TABLE sessions (
    digest BYTEA NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT
);
CREATE INDEX sessions_user ON sessions (user_id, address);

CREATE TABLE one_time_codes (
    digest BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    token_id TEXT,
    session_digest BYTEA,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX one_time_codes_expires ON one_time_codes (expires_at);

CREATE TABLE interfaces (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    description TEXT NOT NULL,
    public_at BIGINT,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);

-- Every name that an interface ever had: none is given to another one.
CREATE TABLE interface_names (
    name_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    interface_id TEXT NOT NULL REFERENCES interfaces (id)
);

CREATE TABLE tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    temporary_lifetime BIGINT NOT NULL,
    expires_at BIGINT,
    allowed_origins TEXT NOT NULL,
    allowed_networks TEXT NOT NULL,
    rate_limit TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT REFERENCES users (id),
    last_used_at BIGINT,
    deactivated_at BIGINT,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX tokens_name_key ON tokens (name_key) WHERE deleted_at IS NULL;

CREATE TABLE grants (
    token_id TEXT NOT NULL REFERENCES tokens (id),
    interface_id TEXT NOT NULL REFERENCES interfaces (id),
    permissions BIGINT NOT NULL,
    PRIMARY KEY (token_id, interface_id)
);
CREATE INDEX grants_interface ON grants (interface_id);

CREATE TABLE secrets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_id TEXT NOT NULL REFERENCES tokens (id),
    digest BYTEA NOT NULL,
    pepper_id TEXT NOT NULL,
    hint TEXT NOT NULL,
    source TEXT NOT NULL,
    leak_prefix BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX secrets_digest ON secrets (digest);
CREATE INDEX secrets_token ON secrets (token_id);
CREATE INDEX secrets_leak_prefix ON secrets (leak_prefix);

CREATE TABLE signing_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    public_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    nonce BYTEA NOT NULL,
    sealing_key_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE activity (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT,
    subject_kind TEXT NOT NULL,
    subject_id TEXT,
    subject_name TEXT,
    address TEXT,
    changes TEXT NOT NULL
);
CREATE INDEX activity_at ON activity (at, id);

-- What changed, in order, for replicas that follow.
CREATE TABLE change_log (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE usage_hour (
    token_id TEXT NOT NULL,
    hour BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (token_id, hour, outcome)
);

CREATE TABLE exposures (
    secret_id TEXT NOT NULL,
    door TEXT NOT NULL,
    origin TEXT NOT NULL,
    token_id TEXT NOT NULL,
    address TEXT,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (secret_id, door, origin)
);
CREATE INDEX exposures_token ON exposures (token_id);
