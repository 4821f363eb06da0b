-- The Customer.io workspaces of a project, one for each role. Everything that is proven, is proven for one of them.
CREATE TABLE workspace (
  role VARCHAR PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  name VARCHAR NOT NULL,
  region VARCHAR NOT NULL,
  -- Set where it is a simulator on loopback.
  endpoint VARCHAR,
  connected_at VARCHAR NOT NULL
);

-- Salted hashes of the keys that each role was last used with: one role's keys are never taken for the other (invariant 10).
CREATE TABLE workspace_key (role VARCHAR NOT NULL, kind VARCHAR NOT NULL, hash VARCHAR NOT NULL, PRIMARY KEY (role, kind));

-- Every upload and every reading back that ended, as its report: rehearsals are held against production.
CREATE SEQUENCE delivery_run_number;
CREATE TABLE delivery_run (
  run BIGINT NOT NULL,
  workspace_id BIGINT NOT NULL,
  role VARCHAR NOT NULL,
  -- The workspace was a simulator.
  simulated BOOLEAN NOT NULL,
  -- suppressions, profiles or verify
  what VARCHAR NOT NULL,
  plan_hash VARCHAR NOT NULL,
  ended_at BIGINT NOT NULL,
  seconds DOUBLE NOT NULL,
  report VARCHAR NOT NULL
);

-- ESP list entries of the plan, and whether each stood there before we ever wrote it: only what did not is ours to take back.
CREATE TABLE listing_before (
  workspace_id BIGINT NOT NULL,
  mechanism VARCHAR NOT NULL,
  email_key VARCHAR NOT NULL,
  -- The spelling that is written.
  email VARCHAR NOT NULL,
  was_there BOOLEAN NOT NULL,
  looked_at BIGINT NOT NULL
);

-- ESP list entries that were taken back, or are about to be: intent, done,
-- withdrawn (a source asks for it again, so it is left to stand or to be uploaded again).
CREATE TABLE taken_back (
  workspace_id BIGINT NOT NULL,
  mechanism VARCHAR NOT NULL,
  email_key VARCHAR NOT NULL,
  email VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  decided_by VARCHAR NOT NULL,
  decided_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Identifiers that were erased for ever, or are about to be: intent, done, refused.
CREATE TABLE erasure (
  workspace_id BIGINT NOT NULL,
  -- id or email
  kind VARCHAR NOT NULL,
  -- The user_id, or the email key.
  value VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  reason VARCHAR,
  decided_by VARCHAR NOT NULL,
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, kind, value)
);

-- A project of the time when it had one workspace.
INSERT INTO workspace
SELECT value->>'role', (value->>'id')::BIGINT, value->>'name', value->>'region', value->>'endpoint', value->>'connectedAt'
FROM setting WHERE name = 'workspace' AND value->>'role' IS NOT NULL;
UPDATE setting SET name = 'verification:' || (value->>'workspaceId') WHERE name = 'verification';
DELETE FROM setting WHERE name IN ('workspace', 'upload_suppressions', 'upload_profiles');
