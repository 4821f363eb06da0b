import type { AttributeMapping, AttributePreview } from "../../contract/destination.ts";
import { badInput } from "../../contract/failure.ts";
import { limits } from "../../customerio/limits.ts";
import { reservedNames } from "../../customerio/reserved-names.ts";
import { workspaceFacts } from "../destination/workspace-facts.ts";
import type { Project } from "../project/project.ts";
import { attributeRules } from "./attribute-rules.ts";
import { requirePlan } from "./plan.ts";
import { attributeWords } from "./words.ts";

/** Examples are of the first of them. */
const sampledPersons = 20_000;
/** Longer values are cut for the preview. */
const shownLength = 120;

/**
 * Every attribute of the persons who get a profile: under which name it goes, why it stays here, and examples.
 * @throws Failure `bad_input` where there is no current plan
 */
export async function previewAttributes(project: Project): Promise<AttributePreview[]> {
  await requirePlan(project);
  const workspace = await project.workspace();
  const facts = await workspaceFacts(project.store, workspace?.id);
  return project.store.transaction(async (connection) => {
    await connection.run(`
      ${attributeRules(facts)}
      SET VARIABLE last_sampled = (
        SELECT max(person_id) FROM (SELECT person_id FROM profile_person ORDER BY person_id LIMIT ${sampledPersons})
      );`);
    const reader = await connection.runAndReadAll(preview);
    return (reader.getRowObjectsJson() as unknown as PreviewRow[]).map(toPreview);
  });
}

/**
 * Puts on record under which name an attribute goes, or that it stays here. The plan is then out of date.
 * @throws Failure `bad_input` where nobody has the attribute or Customer.io does not take the name
 */
export async function mapAttribute(project: Project, { name, destination }: AttributeMapping): Promise<void> {
  const { store } = project;
  const known = await store.row("SELECT 1 AS found FROM attribute WHERE name = $name LIMIT 1", { name });
  if (!known) {
    throw badInput(
      "ATTRIBUTE_UNKNOWN",
      `Nobody has an attribute called ${name}.`,
      "Take the name from the list of attributes; letter case matters.",
    );
  }
  if (destination !== null) await requireTakenName(project, name, destination);
  await store.run("INSERT OR REPLACE INTO attribute_mapping VALUES ($name, $destination)", {
    name,
    destination,
  });
  await project.journal.append("attribute_mapped", { name, destination });
}

async function requireTakenName({ store }: Project, name: string, destination: string): Promise<void> {
  if (reservedNames.test(destination)) {
    throw badInput(
      "ATTRIBUTE_RESERVED",
      `Customer.io or Sendgate reserves the name ${destination}.`,
      "Choose another name.",
    );
  }
  if (Buffer.byteLength(destination) > limits.attributeNameBytes) {
    throw badInput(
      "ATTRIBUTE_NAME_LONG",
      `The name takes ${Buffer.byteLength(destination)} bytes; Customer.io allows ${limits.attributeNameBytes}.`,
      "Choose a shorter name.",
    );
  }
  const other = await store.row<{ name: string }>(
    "SELECT name FROM attribute_mapping WHERE destination = $destination AND name <> $name",
    { name, destination },
  );
  if (other) {
    throw badInput(
      "ATTRIBUTE_NAME_TAKEN",
      `${other.name} goes as ${destination} already.`,
      `Choose another name, or leave ${other.name} out first.`,
    );
  }
}

interface PreviewRow {
  name: string;
  persons: number;
  destination: string | null;
  is_chosen: boolean;
  reasons: string[];
  examples: { value: string; sent: string | null }[];
}

const preview = `
  WITH named AS (
    SELECT
      a.person_id,
      a.name,
      CASE
        WHEN m.name IS NOT NULL THEN m.destination
        WHEN NOT regexp_matches(a.name, getvariable('bookkeeping')) THEN a.name
      END AS destination,
      m.name IS NOT NULL AS is_chosen,
      a.value_text,
      a.value_json
    FROM attribute a
    SEMI JOIN profile_person p ON p.person_id = a.person_id
    LEFT JOIN attribute_mapping m USING (name)
  ),
  judged AS (SELECT *, reason_to_stay(destination, value_text, value_json) AS reason FROM named),
  examples AS (
    SELECT
      name,
      list_sort(list_distinct(arg_min(example, value_text, 20) || arg_max(example, value_text, 20)))[:3] AS examples
    FROM (
      SELECT name, value_text, {
        'value': left(value_text, ${shownLength}),
        'sent': left(CASE WHEN reason IS NULL THEN sent_value(destination, value_text, value_json) END, ${shownLength})
      } AS example
      FROM judged
      WHERE person_id <= getvariable('last_sampled')
    )
    GROUP BY name
  ),
  counted AS (
    SELECT name, any_value(destination) AS destination, any_value(is_chosen) AS is_chosen,
      count(*)::INTEGER AS persons, list_sort(list(DISTINCT reason)) AS reasons
    FROM judged GROUP BY name
  )
  SELECT c.name, c.persons, c.destination, c.is_chosen, coalesce(c.reasons, []) AS reasons, coalesce(e.examples, []) AS examples
  FROM counted c LEFT JOIN examples e USING (name)
  ORDER BY c.name`;

function toPreview(row: PreviewRow): AttributePreview {
  const reasons = row.reasons.filter((reason) => reason !== null && reason !== "by_choice");
  const bookkeeping = row.destination === null && !row.is_chosen;
  return {
    name: row.name,
    persons: row.persons,
    destination: row.destination,
    chosen: row.is_chosen,
    stays: bookkeeping
      ? "It is the vendor's bookkeeping; give it a name to send it."
      : row.destination === null
        ? "By your choice."
        : reasons.length > 0
          ? `Values stay here where ${reasons.map((reason) => attributeWords[reason]).join("; ")}.`
          : null,
    examples: row.examples.map(({ value, sent }) => ({ value, sent })),
  };
}
