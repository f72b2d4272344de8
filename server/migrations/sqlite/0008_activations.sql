-- When a token was last activated: whoever did so has decided about everything that was found of it before.
ALTER TABLE tokens ADD COLUMN activated_at BIGINT;
UPDATE tokens SET activated_at = (SELECT MAX(a.at) FROM activity a WHERE a.action = 'token.activated' AND a.subject_id = tokens.id);
