-- What a pull must know of whom it asks, and what a run of the sync must tell of what did not happen.
-- Times are microseconds since 1970-01-01T00:00:00Z.

-- Why the last asking came to nothing, in words; null where the source answered.
ALTER TABLE api_source ADD COLUMN unanswered VARCHAR;

-- Whose account was read: nothing read from one can be built on for another. Null for pulls before this was kept.
ALTER TABLE pull ADD COLUMN account VARCHAR;

-- When a run had been due before this one that did not happen.
ALTER TABLE sync_run ADD COLUMN missed_at BIGINT;
