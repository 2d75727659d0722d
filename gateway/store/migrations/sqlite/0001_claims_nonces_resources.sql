-- Ordinary rowid tables with unique indexes: rows of about 1 KB split the pages of WITHOUT ROWID tables.
-- BLOB columns hold sealed values or lookup digests; no column holds a person's data in plain text.

-- Digests of the keys, so that a wrong key is noticed at open.
CREATE TABLE anchors (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX anchors_name ON anchors (name);

CREATE TABLE nonces (
  id INTEGER PRIMARY KEY,
  keyid TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX nonces_name ON nonces (keyid, nonce);
CREATE INDEX nonces_expiry ON nonces (expires_at_ms);

-- In flight while answer is null; abandoned when, besides, its lease is over.
CREATE TABLE claims (
  id INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  key BLOB NOT NULL,
  operation_id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  resource_id TEXT,
  created_at_ms INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  answered_at_ms INTEGER,
  status INTEGER,
  answer BLOB,
  CHECK ((answer IS NULL) = (status IS NULL) AND (answer IS NULL) = (answered_at_ms IS NULL))
) STRICT;
CREATE UNIQUE INDEX claims_name ON claims (partner, key);
CREATE INDEX claims_expiry ON claims (expires_at_ms);

-- seq is the order of creation.
CREATE TABLE resources (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  partner TEXT NOT NULL,
  adapter TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  reference_index BLOB NOT NULL,
  reference BLOB NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  body BLOB NOT NULL,
  state BLOB,
  cause TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX resources_id ON resources (id);
CREATE UNIQUE INDEX resources_reference ON resources (reference_index);
CREATE INDEX resources_page ON resources (partner, kind, seq);

CREATE TABLE handles (
  id INTEGER PRIMARY KEY,
  adapter TEXT NOT NULL,
  handle BLOB NOT NULL,
  resource_id TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX handles_name ON handles (adapter, handle);

-- One row a version; from_status is null for the creation.
CREATE TABLE transitions (
  id INTEGER PRIMARY KEY,
  resource_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  from_status TEXT,
  to_status TEXT NOT NULL,
  cause TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX transitions_version ON transitions (resource_id, version);
