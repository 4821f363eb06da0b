-- What sends in a workspace without asking the gate, what was sent from here, and whom that reached.

-- When each workspace was last looked at. `failure` says why that look came to nothing; the leaks are then those of the
-- look before.
CREATE TABLE leak_look (workspace_id BIGINT NOT NULL, looked_at BIGINT NOT NULL, failure VARCHAR);

CREATE TABLE leak (
  workspace_id BIGINT NOT NULL,
  leak_id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  number BIGINT NOT NULL,
  name VARCHAR NOT NULL,
  type VARCHAR,
  state VARCHAR NOT NULL,
  since BIGINT,
  what VARCHAR NOT NULL,
  -- Everything that an acceptance speaks of: it ends where this changes.
  fingerprint VARCHAR NOT NULL
);

CREATE TABLE leak_acceptance (
  workspace_id BIGINT NOT NULL,
  leak_id VARCHAR NOT NULL,
  fingerprint VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  accepted_by VARCHAR NOT NULL,
  accepted_at BIGINT NOT NULL
);

-- Broadcasts and newsletters sent from here: intent, sent, not_sent. An intent without an outcome is never repeated.
CREATE TABLE sending (
  workspace_id BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  number BIGINT NOT NULL,
  state VARCHAR NOT NULL,
  trigger_id BIGINT,
  intended_at BIGINT NOT NULL,
  settled_at BIGINT,
  -- Null where Customer.io's answer settled it; else who said so.
  settled_by VARCHAR,
  -- Whom it must not reach: subjects in `sending_suppression`.
  merge_hash VARCHAR,
  compared_at BIGINT,
  deliveries BIGINT NOT NULL DEFAULT 0,
  pending BIGINT NOT NULL DEFAULT 0,
  acknowledged_at BIGINT,
  acknowledged_by VARCHAR,
  acknowledged_reason VARCHAR
);
-- Of before deliveries were compared: there is nothing to hold them against.
INSERT INTO sending (workspace_id, kind, number, state, trigger_id, intended_at, compared_at)
SELECT workspace_id, 'broadcast', broadcast_id, state, trigger_id, changed_at, changed_at FROM broadcast;
DROP TABLE broadcast;

-- The suppression set of the merge that something was sent on, `email:` and the lower-case key or `id:` and the id:
-- what came after it must not accuse it.
CREATE TABLE sending_suppression (merge_hash VARCHAR NOT NULL, subject VARCHAR NOT NULL);

-- Deliveries that reached suppressed people.
CREATE TABLE reached_delivery (
  workspace_id BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  number BIGINT NOT NULL,
  delivery_id VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  found_at BIGINT NOT NULL,
  acknowledged_at BIGINT
);
