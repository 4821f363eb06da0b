-- Where a planned write meets somebody who is in the workspace already, as far as was looked up.
-- Variables: workspace_id, email_identifies, lead_suppression. The rules are those of reference/customerio.md §1.4.
DELETE FROM destination_conflict;

INSERT INTO destination_conflict
WITH
under_id AS MATERIALIZED (
  SELECT value AS user_id, cio_id, email, email_key, unsubscribed
  FROM destination_profile
  WHERE workspace_id = getvariable('workspace_id') AND kind = 'id'
),
under_email AS MATERIALIZED (
  SELECT value AS send, cio_id, user_id, email, unsubscribed
  FROM destination_profile
  WHERE workspace_id = getvariable('workspace_id') AND kind = 'email'
),
-- Everybody who gets a profile or a suppression of his own.
intended AS (
  SELECT
    p.person_id,
    coalesce('id:' || p.user_id, 'email:' || e.email_key) AS person_key,
    p.user_id,
    e.email_key,
    e.send,
    p.suppressed
  FROM planned_person p
  LEFT JOIN intended_email e USING (person_id)
  WHERE NOT p.is_forgotten
    AND (
      p.has_id
      OR (
        p.user_id IS NULL AND NOT p.is_ambiguous AND e.send IS NOT NULL
        AND NOT (p.suppressed AND getvariable('lead_suppression') = 'esp')
      )
    )
),
found AS (
  -- Somebody else holds the address. Where addresses identify nobody, any number of profiles may share one.
  SELECT
    CASE
      WHEN i.user_id IN (h.cio_id, 'cio_' || h.cio_id) THEN 'ID_IS_CIO_ID'
      WHEN h.user_id IS NULL THEN 'EMAIL_STUB'
      WHEN lower(h.user_id) = lower(i.user_id) THEN 'ID_CASE_DIFFERS'
      ELSE 'EMAIL_TAKEN'
    END AS code,
    i.*,
    own.cio_id IS NOT NULL AS id_exists,
    h.cio_id,
    h.user_id AS there_user_id,
    h.email AS there_email,
    h.unsubscribed AS there_unsubscribed,
    'hold' AS suggestion
  FROM intended i
  JOIN under_email h USING (send)
  LEFT JOIN under_id own ON own.user_id = i.user_id
  WHERE getvariable('email_identifies') AND h.user_id IS DISTINCT FROM i.user_id

  UNION ALL
  SELECT 'EMAIL_CHANGES', i.*, true, own.cio_id, own.user_id, own.email, own.unsubscribed, 'hold'
  FROM intended i
  JOIN under_id own USING (user_id)
  WHERE own.email_key <> lower(i.email_key)

  -- Nothing is lost by writing: the key `unsubscribed` is left out, so that it stays what it is.
  UNION ALL
  SELECT 'UNSUBSCRIBED_THERE', i.*, true, own.cio_id, own.user_id, own.email, true, 'write'
  FROM intended i
  JOIN under_id own USING (user_id)
  WHERE own.unsubscribed AND NOT i.suppressed
  UNION ALL
  SELECT 'UNSUBSCRIBED_THERE', i.*, false, h.cio_id, h.user_id, h.email, true, 'write'
  FROM intended i
  JOIN under_email h USING (send)
  WHERE i.user_id IS NULL AND h.user_id IS NULL AND h.unsubscribed AND NOT i.suppressed
),
-- A decision is about these two: it does not count for the next one who holds the address.
named AS (
  SELECT DISTINCT ON (conflict_id) code || ':' || cio_id || ':' || person_key AS conflict_id, *
  FROM found
  ORDER BY conflict_id
)
SELECT
  getvariable('workspace_id'),
  n.conflict_id,
  n.code,
  n.person_id,
  n.person_key,
  n.user_id,
  n.send,
  n.suppressed,
  n.id_exists,
  n.cio_id,
  n.there_user_id,
  n.there_email,
  n.there_unsubscribed,
  n.suggestion,
  d.decision
FROM named n
LEFT JOIN destination_decision d ON d.workspace_id = getvariable('workspace_id') AND d.conflict_id = n.conflict_id;
