-- Kept activities that concern our people and came after the last write about them; parameter workspaceId. An address is
-- ours where we wrote to it by name. Customer.io compares addresses without letter case.
WITH
known AS (
  SELECT a.activity, p.person_id, 'id:' || p.user_id AS subject, p.suppressed, 1 AS place
  FROM destination_activity a
  JOIN planned_person p ON p.user_id = a.user_id
  WHERE a.workspace_id = $workspaceId AND p.has_id
  UNION ALL
  SELECT a.activity, p.person_id, 'id:' || p.user_id, p.suppressed, 2
  FROM destination_activity a
  JOIN destination_profile f ON f.workspace_id = a.workspace_id AND f.kind = 'id' AND f.cio_id = a.cio_id
  JOIN planned_person p ON p.user_id = f.value
  WHERE a.workspace_id = $workspaceId AND p.has_id
  UNION ALL
  SELECT a.activity, p.person_id, coalesce('id:' || p.user_id, 'email:' || e.email_key), p.suppressed, 3
  FROM destination_activity a
  JOIN intended_email e ON lower(e.email_key) = lower(a.email)
  JOIN planned_person p USING (person_id)
  WHERE a.workspace_id = $workspaceId
  UNION ALL
  SELECT a.activity, NULL, 'email:' || d.email_key, true, 4
  FROM destination_activity a
  JOIN address d ON lower(d.email_key) = lower(a.email)
  JOIN suppression USING (address_id)
  WHERE a.workspace_id = $workspaceId
),
written AS (
  SELECT subject, max(changed_at) AS last_write
  FROM delivery
  WHERE workspace_id = $workspaceId AND state <> 'planned'
  GROUP BY subject
)
SELECT a.activity, k.subject, k.suppressed, a.type, a.happened_at, a.data
FROM destination_activity a
JOIN known k USING (activity)
JOIN written w USING (subject)
WHERE a.workspace_id = $workspaceId
  -- What was written again since may have gone well. Two minutes: clocks differ.
  AND a.happened_at >= w.last_write - 120000000
  -- Told to change only what is there, which for people without a profile is nothing.
  AND NOT (
    a.type = 'skipped_update'
    AND k.subject IN (SELECT subject FROM planned_operation WHERE mechanism = 'topic_preference')
  )
QUALIFY row_number() OVER (PARTITION BY a.activity ORDER BY k.place, k.subject) = 1
