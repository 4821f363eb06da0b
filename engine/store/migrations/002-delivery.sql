-- What goes to Customer.io, what became of it, and what reading back could not find.
-- Tables that hold one plan or one read-back are made anew by engine/plan and engine/delivery.

-- The operator's word which Customer.io topic a source's topic is, e.g. `topic_4`.
CREATE TABLE topic_mapping (
  source VARCHAR NOT NULL,
  topic VARCHAR NOT NULL,
  destination VARCHAR NOT NULL,
  PRIMARY KEY (source, topic)
);

-- Every write of the plan that stands. `item` is an identify of Track; an ESP list entry has only its address.
CREATE TABLE planned_operation (
  phase VARCHAR NOT NULL,
  operation_id INTEGER NOT NULL,
  mechanism VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  email VARCHAR,
  item VARCHAR,
  bytes INTEGER NOT NULL,
  content VARCHAR NOT NULL
);

-- The last thing sent, or about to be sent, about each subject to each workspace:
-- planned, intent, done, failed (refused for good), lost (accepted, and not found by reading back).
CREATE TABLE delivery (
  workspace_id BIGINT NOT NULL,
  phase VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  content VARCHAR NOT NULL,
  -- Null where the plan that stands does not name the subject.
  operation_id INTEGER,
  state VARCHAR NOT NULL,
  reason VARCHAR,
  changed_at BIGINT NOT NULL
);

-- Addresses that reading back found in the hands of somebody else's subscribed profile, or not taken up by the
-- profile of their person: they need a write of their own.
CREATE TABLE uncovered_address (workspace_id BIGINT NOT NULL, email_key VARCHAR NOT NULL, PRIMARY KEY (workspace_id, email_key));

-- Broadcasts triggered from here. An intent without an outcome is never repeated.
CREATE TABLE broadcast (
  workspace_id BIGINT NOT NULL,
  broadcast_id BIGINT NOT NULL,
  state VARCHAR NOT NULL,
  trigger_id BIGINT,
  changed_at BIGINT NOT NULL
);
