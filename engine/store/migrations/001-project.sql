-- Everything that a project keeps. The merge's own tables are made anew by each merge (engine/merge/steps).
-- Times are microseconds since 1970-01-01T00:00:00Z. Levels are ranks: 0 forgotten … 8 explicit_opt_in (contract/consent.ts).

CREATE TABLE setting (name VARCHAR PRIMARY KEY, value JSON NOT NULL);

-- One imported file, or one file inside an imported ZIP.
CREATE TABLE source_file (
  file_id INTEGER PRIMARY KEY,
  source VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  carries_suppressions BOOLEAN NOT NULL,
  landing VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  -- How its rows were read (kind, meaning, mapping): the same bytes read another way are another file.
  reading VARCHAR NOT NULL,
  bytes BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  imported BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  imported_at BIGINT NOT NULL,
  replaced_by INTEGER,
  replaced_at BIGINT,
  replaced_reason VARCHAR
);

CREATE SEQUENCE record_number;
CREATE SEQUENCE file_number;

CREATE TABLE source_record (
  record BIGINT NOT NULL,
  file_id INTEGER NOT NULL,
  source VARCHAR NOT NULL,
  line BIGINT NOT NULL,
  record_id VARCHAR NOT NULL,
  is_event BOOLEAN NOT NULL,
  user_id VARCHAR,
  user_id_folded VARCHAR,
  user_id_blocked BOOLEAN NOT NULL,
  email_cell VARCHAR,
  email_key VARCHAR,
  email_spelling VARCHAR,
  email_send VARCHAR,
  bad_email VARCHAR,
  hidden_characters BOOLEAN NOT NULL,
  updated_at BIGINT,
  attributes VARCHAR
);

CREATE TABLE source_state (
  record BIGINT NOT NULL,
  level TINYINT NOT NULL,
  topic VARCHAR,
  stated_at BIGINT,
  is_history BOOLEAN NOT NULL,
  is_assumed BOOLEAN NOT NULL,
  is_invalid_address BOOLEAN NOT NULL
);

-- Rows that could not be read.
CREATE TABLE unreadable_row (file_id INTEGER NOT NULL, line BIGINT NOT NULL, reason VARCHAR NOT NULL, row_text VARCHAR NOT NULL);

-- The operator's word that a rejected row may stay out.
CREATE TABLE accepted_reject (
  file_id INTEGER NOT NULL,
  line BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  reason VARCHAR NOT NULL,
  PRIMARY KEY (file_id, line)
);

CREATE TABLE decision (conflict_id VARCHAR PRIMARY KEY, decision VARCHAR NOT NULL, decided_at BIGINT NOT NULL, decided_by VARCHAR NOT NULL);

-- Only what still counts: a replaced file is kept but says nothing any more.
CREATE VIEW live_file AS SELECT * FROM source_file WHERE replaced_by IS NULL;
CREATE VIEW live_record AS SELECT r.* FROM source_record r JOIN live_file USING (file_id);
