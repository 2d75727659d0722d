-- For prune(): resources by age, and what hangs on them.
CREATE INDEX resources_age ON resources (kind, status, updated_at_ms);
CREATE INDEX handles_resource ON handles (resource_id);
CREATE INDEX claims_resource ON claims (resource_id) WHERE resource_id IS NOT NULL;

-- A resource that recovery asks about, or that is stuck. While leased, due_at_ms is the end of the lease.
CREATE TABLE asks (
  id INTEGER PRIMARY KEY,
  resource_id TEXT NOT NULL,
  due_at_ms INTEGER,
  leased_until_ms INTEGER,
  asks INTEGER NOT NULL DEFAULT 0,
  asked_at_ms INTEGER,
  stuck INTEGER NOT NULL DEFAULT 0 CHECK (stuck IN (0, 1)),
  CHECK (leased_until_ms IS NULL OR due_at_ms = leased_until_ms),
  CHECK (stuck = 0 OR asked_at_ms IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX asks_resource ON asks (resource_id);
CREATE INDEX asks_due ON asks (due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX asks_stuck ON asks (id) WHERE stuck = 1;

-- An act under way: its target is to be asked about from ask_at_ms on, unless the act ends before.
CREATE TABLE touches (
  id INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  key BLOB NOT NULL,
  resource_id TEXT NOT NULL,
  ask_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX touches_claim ON touches (partner, key);
CREATE INDEX touches_due ON touches (ask_at_ms);
CREATE INDEX touches_resource ON touches (resource_id);

CREATE TABLE quarantine (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  adapter TEXT NOT NULL,
  digest_index BLOB NOT NULL,
  why TEXT NOT NULL,
  sealed BLOB NOT NULL,
  first_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL,
  times INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX quarantine_id ON quarantine (id);
CREATE UNIQUE INDEX quarantine_digest ON quarantine (adapter, digest_index);
CREATE INDEX quarantine_age ON quarantine (last_at_ms);

-- types is a JSON array of event types, '*' for all.
CREATE TABLE endpoints (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  partner TEXT NOT NULL,
  url BLOB NOT NULL,
  types TEXT NOT NULL,
  description BLOB,
  secrets BLOB NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'disabled')),
  disabled_because TEXT,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX endpoints_id ON endpoints (id);
CREATE INDEX endpoints_page ON endpoints (partner, seq);
CREATE INDEX endpoints_active ON endpoints (id) WHERE status = 'active';

-- seq is the order of commit.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  partner TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  data BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE UNIQUE INDEX events_version ON events (resource_id, version);
CREATE INDEX events_page ON events (partner, seq);
CREATE INDEX events_page_of_type ON events (partner, type, seq);

-- Pending ones of one endpoint and resource form a queue by version. Only its head has due_at_ms, so that what waits behind
-- it costs nothing; while it is leased, due_at_ms is the end of the lease.
CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL,
  partner TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER,
  leased_until_ms INTEGER,
  CHECK (due_at_ms IS NULL OR status = 'pending'),
  CHECK (leased_until_ms IS NULL OR due_at_ms = leased_until_ms)
) STRICT;
CREATE UNIQUE INDEX deliveries_id ON deliveries (id);
CREATE INDEX deliveries_event ON deliveries (event_id);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE UNIQUE INDEX deliveries_head ON deliveries (endpoint_id, resource_id) WHERE due_at_ms IS NOT NULL;
CREATE INDEX deliveries_queue ON deliveries (endpoint_id, resource_id, version) WHERE status = 'pending';

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status INTEGER,
  error TEXT
) STRICT;
CREATE UNIQUE INDEX attempts_number ON attempts (delivery_id, number);

-- Append-only. facts is canonical JSON (RFC 8785); hash is the row's link to the one before it.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  chain TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  at_ms INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  partner TEXT,
  facts TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_number ON audit (chain, number);
CREATE INDEX audit_request ON audit (request_id);
CREATE INDEX audit_chains ON audit (id, chain) WHERE number = 1;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE chain = NEW.chain AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;

CREATE TABLE audit_checkpoints (
  id INTEGER PRIMARY KEY,
  chain TEXT NOT NULL,
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  keyid TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_checkpoints_number ON audit_checkpoints (chain, number, keyid);
CREATE TRIGGER audit_checkpoints_kept BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'audit checkpoints are never deleted'); END;
CREATE TRIGGER audit_checkpoints_unchanged BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'audit checkpoints are never changed'); END;
