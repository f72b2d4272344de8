-- Lists of many tokens. What is filtered, sorted and counted stands in indexes, so that only the rows of a page are read.
CREATE INDEX tokens_list ON tokens (deleted_at, name_key, id, deactivated_at, expires_at, kind, created_at, last_used_at);

-- Which secrets a token has, since when, and which is the current one.
DROP INDEX secrets_token;
CREATE INDEX secrets_token ON secrets (token_id, expires_at, created_at);

-- Which tokens reach an interface, and how.
DROP INDEX grants_interface;
CREATE INDEX grants_interface ON grants (interface_id, token_id, permissions);

-- Grants that let somebody write: upload 4, edit 8, delete 16.
CREATE INDEX grants_writing ON grants (token_id) WHERE (permissions & 28) <> 0;
