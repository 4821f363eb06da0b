-- Exports over the sources' APIs and the syncs that follow them (engine/pulls, engine/sync).
-- Times are microseconds since 1970-01-01T00:00:00Z.

-- A source that is pulled over its API, as the operator connected it.
CREATE TABLE api_source (
  source VARCHAR NOT NULL,
  account VARCHAR NOT NULL,
  -- A simulator on loopback; null for the vendor's own hosts.
  endpoint VARCHAR,
  -- Null where people are known by their address alone.
  user_id_field VARCHAR,
  -- Fields that could hold the user_id, in words, while the operator has not said which does; null once he has.
  unconfirmed VARCHAR,
  retired_at BIGINT,
  retired_reason VARCHAR
);

-- One export over an API. `ended_at` is null until every stream was read to its end.
CREATE TABLE pull (
  pull_id INTEGER NOT NULL,
  source VARCHAR NOT NULL,
  -- Its records stand under this file, which counts once the pull has ended.
  file_id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  user_id_field VARCHAR,
  endpoint VARCHAR,
  started_at BIGINT NOT NULL,
  -- What the next pull needs to know of this one; opaque.
  mark VARCHAR NOT NULL,
  notes VARCHAR NOT NULL,
  -- Chained over every page as it was received.
  content_hash VARCHAR NOT NULL,
  -- The number of the last entry read, counted on over all pulls of a source: what a record's line is in a file.
  last_entry BIGINT NOT NULL,
  ended_at BIGINT,
  report VARCHAR
);

CREATE TABLE pull_stream (
  pull_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  stream_id VARCHAR NOT NULL,
  title VARCHAR NOT NULL,
  carries_suppressions BOOLEAN NOT NULL,
  scope VARCHAR,
  checkpoint VARCHAR,
  declared BIGINT,
  received BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  complete BOOLEAN NOT NULL
);

-- Records of pulls that are under way: which stream brought them, and whether without attributes.
CREATE TABLE pulled_record (pull_id INTEGER NOT NULL, record BIGINT NOT NULL, position INTEGER NOT NULL, consent_only BOOLEAN NOT NULL);

-- Opt-outs that a later version of their record no longer says. They stand: nothing weakens a suppression.
CREATE TABLE earlier_version (record BIGINT NOT NULL, source VARCHAR NOT NULL, key VARCHAR NOT NULL, noticed_at BIGINT NOT NULL);

-- Hashes of people who asked a source to be forgotten, of whom it keeps no more (engine/pulls/name-forgotten.ts).
CREATE TABLE forgotten_hash (source VARCHAR NOT NULL, identifier VARCHAR NOT NULL, hash VARCHAR NOT NULL);

-- What a topic of a source is called.
CREATE TABLE topic_name (source VARCHAR NOT NULL, topic VARCHAR NOT NULL, name VARCHAR NOT NULL);

-- The suppressed addresses that the last proof of each workspace spoke of; what a sync adds is counted against them.
CREATE TABLE proven_suppression (workspace_id BIGINT NOT NULL, email_key VARCHAR NOT NULL, level TINYINT NOT NULL, sources INTEGER NOT NULL);

CREATE TABLE sync_run (
  sync_id INTEGER NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  scheduled BOOLEAN NOT NULL,
  removed BIGINT NOT NULL,
  opted_in_again BIGINT NOT NULL,
  trouble VARCHAR,
  gate_open BOOLEAN
);
CREATE TABLE sync_addition (sync_id INTEGER NOT NULL, source VARCHAR NOT NULL, level VARCHAR NOT NULL, addresses BIGINT NOT NULL);
