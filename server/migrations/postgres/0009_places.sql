-- From where administrators have signed in: one address of IPv4, or a /64 of IPv6. Nobody who signs in from there is held up
-- by what others do to the account.
CREATE TABLE known_places (
    user_id TEXT NOT NULL REFERENCES users (id),
    place TEXT NOT NULL,
    PRIMARY KEY (user_id, place)
);
-- What is a /64 is more than SQL can tell on both engines: it is known again when somebody signs in from there.
INSERT INTO known_places (user_id, place) SELECT DISTINCT actor_id, address FROM activity WHERE action = 'session.created' AND address NOT LIKE '%:%' AND actor_id IN (SELECT id FROM users);
