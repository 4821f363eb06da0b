-- Subjects of what is still to be written, and when something else was last written about them: with other content, or
-- as a profile before there was a suppression. Parameter workspaceId.
SELECT subject, max(written_at) AS written_at
FROM (
  SELECT
    o.subject,
    max(CASE WHEN d.phase <> o.phase OR d.content <> o.content THEN d.changed_at END) AS written_at
  FROM planned_operation o
  LEFT JOIN delivery d
    ON d.workspace_id = $workspaceId AND d.subject = o.subject AND d.state <> 'planned'
    AND (d.phase = o.phase OR d.phase = 'profiles')
  WHERE o.item IS NOT NULL
  GROUP BY o.phase, o.subject
  HAVING NOT coalesce(bool_or(d.phase = o.phase AND d.content = o.content AND d.state = 'done'), false)
)
GROUP BY subject
