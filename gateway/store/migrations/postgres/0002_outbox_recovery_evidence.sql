-- For prune(): resources by age, and what hangs on them.
CREATE INDEX resources_age ON resources (kind, status, updated_at_ms);
CREATE INDEX claims_resource ON claims (resource_id) WHERE resource_id IS NOT NULL;

-- A resource that recovery asks about, or that is stuck. While leased, due_at_ms is the end of the lease.
CREATE TABLE asks (
  seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT asks_seq UNIQUE,
  resource_id text COLLATE "C" PRIMARY KEY,
  due_at_ms bigint,
  leased_until_ms bigint,
  asks integer NOT NULL DEFAULT 0,
  asked_at_ms bigint,
  stuck boolean NOT NULL DEFAULT false,
  CHECK (leased_until_ms IS NULL OR due_at_ms = leased_until_ms),
  CHECK (NOT stuck OR asked_at_ms IS NOT NULL)
);
CREATE INDEX asks_due ON asks (due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX asks_stuck ON asks (seq) WHERE stuck;

-- An act under way: its target is to be asked about from ask_at_ms on, unless the act ends before.
CREATE TABLE touches (
  partner text COLLATE "C" NOT NULL,
  key bytea NOT NULL,
  resource_id text COLLATE "C" NOT NULL CONSTRAINT touches_target REFERENCES resources (id) ON DELETE CASCADE,
  ask_at_ms bigint NOT NULL,
  PRIMARY KEY (partner, key)
);
CREATE INDEX touches_due ON touches (ask_at_ms);
CREATE INDEX touches_resource ON touches (resource_id);

CREATE TABLE quarantine (
  seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT quarantine_seq UNIQUE,
  id text COLLATE "C" PRIMARY KEY,
  adapter text COLLATE "C" NOT NULL,
  digest_index bytea NOT NULL,
  why text COLLATE "C" NOT NULL,
  sealed bytea NOT NULL,
  first_at_ms bigint NOT NULL,
  last_at_ms bigint NOT NULL,
  times bigint NOT NULL,
  CONSTRAINT quarantine_digest UNIQUE (adapter, digest_index)
);
CREATE INDEX quarantine_age ON quarantine (last_at_ms);

CREATE TABLE endpoints (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  id text COLLATE "C" PRIMARY KEY,
  partner text COLLATE "C" NOT NULL,
  url bytea NOT NULL,
  types text[] NOT NULL,
  description bytea,
  secrets bytea NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (status IN ('active', 'paused', 'disabled')),
  disabled_because text COLLATE "C",
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL
);
CREATE UNIQUE INDEX endpoints_page ON endpoints (partner, seq);

-- seq is, for each partner, the order of commit: it is drawn under a lock of the partner's that the commit frees.
CREATE TABLE events (
  seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT events_seq UNIQUE,
  id text COLLATE "C" PRIMARY KEY,
  partner text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  type text COLLATE "C" NOT NULL,
  data bytea NOT NULL,
  created_at_ms bigint NOT NULL,
  CONSTRAINT events_version UNIQUE (resource_id, version)
);
CREATE INDEX events_page ON events (partner, seq);
CREATE INDEX events_page_of_type ON events (partner, type, seq);

-- Pending ones of one endpoint and resource form a queue by version. Only its head has due_at_ms, so that what waits behind
-- it costs nothing; while it is leased, due_at_ms is the end of the lease.
CREATE TABLE deliveries (
  seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT deliveries_seq UNIQUE,
  id text COLLATE "C" PRIMARY KEY,
  event_id text COLLATE "C" NOT NULL,
  endpoint_id text COLLATE "C" NOT NULL,
  partner text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (status IN ('pending', 'delivered', 'given_up')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at_ms bigint NOT NULL,
  due_at_ms bigint,
  leased_until_ms bigint,
  CHECK (due_at_ms IS NULL OR status = 'pending'),
  CHECK (leased_until_ms IS NULL OR due_at_ms = leased_until_ms)
);
CREATE INDEX deliveries_event ON deliveries (event_id);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE UNIQUE INDEX deliveries_head ON deliveries (endpoint_id, resource_id) WHERE due_at_ms IS NOT NULL;
CREATE INDEX deliveries_queue ON deliveries (endpoint_id, resource_id, version) WHERE status = 'pending';

CREATE TABLE attempts (
  delivery_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  at_ms bigint NOT NULL,
  duration_ms bigint NOT NULL,
  status integer,
  error text COLLATE "C",
  PRIMARY KEY (delivery_id, number)
);

-- Append-only. facts is canonical JSON (RFC 8785) as text; hash is the row's link to the one before it.
CREATE TABLE audit (
  seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_seq UNIQUE,
  chain text COLLATE "C" NOT NULL,
  number bigint NOT NULL CHECK (number >= 1),
  at_ms bigint NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  partner text COLLATE "C",
  facts text NOT NULL,
  hash text COLLATE "C" NOT NULL,
  PRIMARY KEY (chain, number)
);
CREATE INDEX audit_request ON audit (request_id);
CREATE INDEX audit_chains ON audit (seq) WHERE number = 1;

CREATE TABLE audit_checkpoints (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  chain text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  hash text COLLATE "C" NOT NULL,
  at_ms bigint NOT NULL,
  keyid text COLLATE "C" NOT NULL,
  signature text COLLATE "C" NOT NULL,
  PRIMARY KEY (chain, number, keyid)
);

CREATE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END$$;
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION keep_evidence();
CREATE TRIGGER audit_checkpoints_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
  EXECUTE FUNCTION keep_evidence();

ALTER TABLE quarantine ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE events ALTER COLUMN data SET STORAGE EXTERNAL;
