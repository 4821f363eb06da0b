-- Subjects of what is still to be written, and when something else was last written about them: with other content, or
-- as a profile before there was a suppression; a subject as often as it is written about. Those of a range of operations.
-- Whether it is an item is told by `email`, which lists alone have: to look at the items themselves reads all of them.
-- Parameters workspaceId, first, last.
SELECT
  o.subject,
  max(
    CASE
      WHEN d.phase = o.phase AND d.content <> o.content OR d.phase = 'profiles' AND o.phase = 'suppressions'
      THEN d.changed_at
    END
  ) AS written_at
FROM planned_operation o
-- The phase is not asked here: a condition with OR would compare every row with every other.
LEFT JOIN delivery d ON d.workspace_id = $workspaceId AND d.subject = o.subject AND d.state <> 'planned'
WHERE o.email IS NULL AND o.operation_id BETWEEN $first AND $last
GROUP BY o.phase, o.subject
HAVING NOT coalesce(bool_or(d.phase = o.phase AND d.content = o.content AND d.state = 'done'), false)
