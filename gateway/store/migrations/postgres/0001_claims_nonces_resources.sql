-- bytea columns hold sealed values or lookup digests; no column holds a person's data in plain text.
-- Names compare by bytes (COLLATE "C"), so that no upgrade of the system's collations can break an index.
-- fillfactor leaves room in the page for the row's next version: an update then touches no index.

-- Digests of the keys, so that a wrong key is noticed at open.
CREATE TABLE anchors (
  name text COLLATE "C" PRIMARY KEY,
  digest bytea NOT NULL
);

CREATE TABLE nonces (
  keyid text COLLATE "C" NOT NULL,
  nonce text COLLATE "C" NOT NULL,
  taken_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (keyid, nonce)
);
CREATE INDEX nonces_expiry ON nonces (expires_at_ms);

-- seq is the order of creation.
CREATE TABLE resources (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  id text COLLATE "C" PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  partner text COLLATE "C" NOT NULL,
  adapter text COLLATE "C" NOT NULL,
  operation_id text COLLATE "C" NOT NULL,
  reference_index bytea NOT NULL CONSTRAINT resources_reference UNIQUE,
  reference bytea NOT NULL,
  status text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  body bytea NOT NULL,
  state bytea,
  cause text COLLATE "C" NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX resources_page ON resources (partner, kind, seq);

-- In flight while answer is null; abandoned when, besides, its lease is over.
CREATE TABLE claims (
  partner text COLLATE "C" NOT NULL,
  key bytea NOT NULL,
  operation_id text COLLATE "C" NOT NULL,
  fingerprint bytea NOT NULL,
  resource_id text COLLATE "C",
  created_at_ms bigint NOT NULL,
  lease_until_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  answered_at_ms bigint,
  status integer,
  answer bytea,
  PRIMARY KEY (partner, key),
  CHECK ((answer IS NULL) = (status IS NULL) AND (answer IS NULL) = (answered_at_ms IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX claims_expiry ON claims (expires_at_ms);

CREATE TABLE handles (
  adapter text COLLATE "C" NOT NULL,
  handle bytea NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (adapter, handle)
);
CREATE INDEX handles_resource ON handles (resource_id);

-- One row a version; from_status is null for the creation.
CREATE TABLE transitions (
  resource_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  from_status text COLLATE "C",
  to_status text COLLATE "C" NOT NULL,
  cause text COLLATE "C" NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (resource_id, version)
);

-- Sealed bytes do not compress: stored out of line as they are, without the attempt.
ALTER TABLE resources ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE resources ALTER COLUMN state SET STORAGE EXTERNAL;
ALTER TABLE claims ALTER COLUMN answer SET STORAGE EXTERNAL;
