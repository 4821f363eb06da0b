-- What the workspace held before we wrote: who was found under each planned id and address, the operator's word on
-- what to do where that conflicts, which attributes go under which name, and what the activity log told afterwards.

-- Every planned id (`kind` id) and address (`kind` email) that was looked up, as it would be written, found or not.
CREATE TABLE destination_look_up (
  workspace_id BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  value VARCHAR NOT NULL,
  looked_up_at BIGINT NOT NULL
);

-- The profiles found; one address has several where addresses identify nobody.
CREATE TABLE destination_profile (
  workspace_id BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  value VARCHAR NOT NULL,
  cio_id VARCHAR NOT NULL,
  user_id VARCHAR,
  email VARCHAR,
  -- Lower case; null where it is no good address.
  email_key VARCHAR,
  unsubscribed BOOLEAN NOT NULL
);

CREATE TABLE destination_decision (
  workspace_id BIGINT NOT NULL,
  conflict_id VARCHAR NOT NULL,
  decision VARCHAR NOT NULL,
  decided_at BIGINT NOT NULL,
  decided_by VARCHAR NOT NULL,
  PRIMARY KEY (workspace_id, conflict_id)
);

-- Made anew by every plan and every look-up (engine/destination/conflicts.sql).
CREATE TABLE destination_conflict (
  workspace_id BIGINT NOT NULL,
  conflict_id VARCHAR NOT NULL,
  code VARCHAR NOT NULL,
  person_id INTEGER NOT NULL,
  person_key VARCHAR NOT NULL,
  user_id VARCHAR,
  -- As it would be written.
  email VARCHAR,
  suppressed BOOLEAN NOT NULL,
  -- Our id has a profile there.
  id_exists BOOLEAN NOT NULL,
  there_cio_id VARCHAR NOT NULL,
  there_user_id VARCHAR,
  there_email VARCHAR,
  there_unsubscribed BOOLEAN NOT NULL,
  suggestion VARCHAR NOT NULL,
  decision VARCHAR
);

-- The addresses that profiles would carry if nobody were there yet; made anew by every plan.
CREATE TABLE intended_email (person_id INTEGER, address_id INTEGER, email_key VARCHAR, send VARCHAR);

-- The operator's word under which name an attribute goes; null: it stays here.
CREATE TABLE attribute_mapping (name VARCHAR PRIMARY KEY, destination VARCHAR);

-- Failures and their kin in the workspace's activity log that concern our people, each once.
CREATE TABLE destination_activity (
  workspace_id BIGINT NOT NULL,
  activity VARCHAR NOT NULL,
  type VARCHAR NOT NULL,
  happened_at BIGINT NOT NULL,
  user_id VARCHAR,
  email VARCHAR,
  cio_id VARCHAR,
  data VARCHAR,
  PRIMARY KEY (workspace_id, activity)
);

-- Reports of before there was a look into the activity log say that there was none.
UPDATE setting
SET value = json_merge_patch(
  value,
  '{"report":{"failedActivities":{"since":null,"count":0,"items":[],"trouble":"The activity log was not read. Read back again."}}}'
)
WHERE name = 'verification';
