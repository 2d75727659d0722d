-- Every page that a commit changes is written to the log, synced, and copied at the checkpoint: what an effect costs is pages.

-- Appended to, and never looked up here: each connection keeps those that live in a temporary table (sqlite-nonces.ts), and reads
-- what others have appended by number, so no number is given out twice.
CREATE TABLE nonces_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  keyid TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO nonces_next (keyid, nonce, expires_at_ms) SELECT keyid, nonce, expires_at_ms FROM nonces ORDER BY id;
DROP TABLE nonces;
ALTER TABLE nonces_next RENAME TO nonces;

-- An answer of its own row: it would make the claim's row grow, and its page split.
CREATE TABLE answers (
  claim_id INTEGER PRIMARY KEY,
  status INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  answered_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO answers (claim_id, status, sealed, answered_at_ms)
  SELECT id, status, answer, answered_at_ms FROM claims WHERE answer IS NOT NULL;

-- Until then a claim names the resource; prune() asks the resource for it, and needs no index over claims.
ALTER TABLE resources ADD COLUMN claimed_until_ms INTEGER NOT NULL DEFAULT 0;
UPDATE resources SET claimed_until_ms =
  coalesce((SELECT max(c.expires_at_ms) FROM claims c WHERE c.resource_id = resources.id), 0);

-- In flight while it has no answer; abandoned when, besides, its lease is over.
CREATE TABLE claims_next (
  id INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  key BLOB NOT NULL,
  operation_id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  resource_id TEXT,
  lease_until_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO claims_next (id, partner, key, operation_id, fingerprint, resource_id, lease_until_ms, expires_at_ms)
  SELECT id, partner, key, operation_id, fingerprint, resource_id, lease_until_ms, expires_at_ms FROM claims;
DROP TABLE claims;
ALTER TABLE claims_next RENAME TO claims;
CREATE UNIQUE INDEX claims_name ON claims (partner, key);

-- Short rows under a name of their own: one tree instead of two.
CREATE TABLE handles_next (
  adapter TEXT NOT NULL,
  handle BLOB NOT NULL,
  resource_id TEXT NOT NULL,
  PRIMARY KEY (adapter, handle)
) STRICT, WITHOUT ROWID;
INSERT INTO handles_next (adapter, handle, resource_id) SELECT adapter, handle, resource_id FROM handles;
DROP TABLE handles;
ALTER TABLE handles_next RENAME TO handles;
CREATE INDEX handles_resource ON handles (resource_id);

CREATE TABLE transitions_next (
  resource_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  from_status TEXT,
  to_status TEXT NOT NULL,
  cause TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (resource_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO transitions_next (resource_id, version, from_status, to_status, cause, at_ms)
  SELECT resource_id, version, from_status, to_status, cause, at_ms FROM transitions;
DROP TABLE transitions;
ALTER TABLE transitions_next RENAME TO transitions;

-- What begins is seldom still open when it should have ended: until then it says so in its own row, and only then has one in asks.
-- A resource has one of the two at most.
ALTER TABLE resources ADD COLUMN intent_ask_at_ms INTEGER;
CREATE INDEX resources_intents ON resources (intent_ask_at_ms) WHERE intent_ask_at_ms IS NOT NULL;

-- An intent is not final, whatever it is called.
DROP INDEX resources_age;
CREATE INDEX resources_age ON resources (kind, status, updated_at_ms) WHERE version > 1;

-- What partners page through. Each partner's rows lie elsewhere, so these are written for many rows at a time; what is behind
-- listed.seq is found by walking the tables themselves (sqlite-lists.ts).
DROP INDEX resources_page;
DROP INDEX events_page;
DROP INDEX events_page_of_type;
CREATE TABLE listed (
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE resource_list (
  partner TEXT NOT NULL,
  kind TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (partner, kind, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_list (
  partner TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (partner, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_type_list (
  partner TEXT NOT NULL,
  type TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (partner, type, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO resource_list (partner, kind, seq) SELECT partner, kind, seq FROM resources ORDER BY 1, 2, 3;
INSERT INTO event_list (partner, seq) SELECT partner, seq FROM events ORDER BY 1, 2;
INSERT INTO event_type_list (partner, type, seq) SELECT partner, type, seq FROM events ORDER BY 1, 2, 3;
INSERT INTO listed (name, seq) SELECT 'resources', coalesce(max(seq), 0) FROM resources;
INSERT INTO listed (name, seq) SELECT 'events', coalesce(max(seq), 0) FROM events;
