import type { Plan } from "../../contract/delivery.ts";
import {
  type Conflict,
  type ConflictCode,
  type ConflictDetail,
  conflictCodes,
} from "../../contract/merge.ts";
import type { FilePreview, Reject, SourceFile } from "../../contract/sources.ts";
import { type Rehearsal, stages } from "../../contract/workspaces.ts";

/** Invented data of any size for the fake engine; the same number always gives the same row. */

const hash = (seed: number) => seed.toString(16).padStart(8, "0").repeat(8);

export function inventedFile(id: number, path: string, rows: number, rejected: number): SourceFile {
  const name = path.split("/").at(-1)!;
  const source =
    (["mailchimp", "klaviyo", "iterable"] as const).find((vendor) => path.includes(vendor)) ?? "csv";
  const suppressing = /unsub|clean|events|bounce/.test(name);
  return {
    id,
    source,
    name,
    kind: suppressing ? (name.includes("clean") ? "cleaned" : "unsubscribed") : "subscribed",
    carriesSuppressions: suppressing,
    sha256: hash(id * 7919),
    bytes: rows * 120,
    rows,
    imported: rows - rejected,
    rejected,
    rejectedOpen: rejected,
    importedAt: "2026-11-23T10:15:00Z",
    replacedBy: null,
  };
}

/** What was imported where the sources were brought in as files. */
export const inventedExports = [
  "/practice/mailchimp/subscribed_members_export_7c2a.csv",
  "/practice/mailchimp/unsubscribed_members_export_7c2a.csv",
  "/practice/mailchimp/cleaned_members_export_7c2a.csv",
  "/practice/klaviyo/all-profiles.csv",
  "/practice/iterable/users.ndjson",
  "/practice/iterable/unsubscribe-events.ndjson",
];

/** What a practice migration has no API for. */
export const practiceExports = [
  { source: "csv" as const, files: ["/practice/do-not-mail.csv"], means: "manual" as const },
];

export function inventedReject(index: number, file: SourceFile): Reject {
  const reasons = [
    "The row has 12 cells, the header has 13. Mend the row and import the file again.",
    "The row holds bytes that are not valid UTF-8. Save the file as UTF-8 and import it again.",
    "NO_IDENTIFIER: the row has neither a user ID nor a usable address.",
  ];
  return {
    fileId: file.id,
    file: file.name,
    line: index * 13 + 2,
    reason: reasons[index % reasons.length]!,
    row: `ada.${index}@example.com,Ada,"Lovelace, Countess of",2024-03-0${(index % 9) + 1} 10:00:00,,,4`,
    acceptedAt: null,
    acceptedReason: null,
  };
}

const weights: Record<ConflictCode, number> = {
  ID_MANY_EMAILS: 5,
  EMAIL_MANY_IDS: 4,
  AMBIGUOUS_EMAIL: 2,
  CONSENT_CONFLICT: 6,
  ATTR_CONFLICT: 12,
  ID_CASE_TWIN: 1,
  EMAIL_CASE_TWIN: 3,
  ID_BLOCKED: 1,
  BAD_EMAIL: 2,
  NO_IDENTIFIER: 1,
};
const wheel = conflictCodes.flatMap((code) => Array.from({ length: weights[code] }, () => code));

export function inventedConflict(index: number): Conflict {
  const code = wheel[(index * 17) % wheel.length]!;
  const email = `person.${index}@example.com`;
  const other = `p${index}@mail.example.org`;
  const userId = `user-${100_000 + index}`;
  const details: Record<ConflictCode, string> = {
    ID_MANY_EMAILS: `The user ID ${userId} has two addresses: ${email} and ${other}.`,
    EMAIL_MANY_IDS: `The address ${email} belongs to the user IDs ${userId} and user-${900_000 + index}.`,
    AMBIGUOUS_EMAIL: `Three records carry ${email} without a user ID, and two user IDs share it.`,
    CONSENT_CONFLICT: `Mailchimp says unsubscribed on 4 March 2024, Klaviyo says subscribed. The opt-out counts.`,
    ATTR_CONFLICT: `The attribute city is Berlin in Klaviyo and Hamburg in Mailchimp. The newest counts.`,
    ID_CASE_TWIN: `${userId} and ${userId.toUpperCase()} differ only by letter case. They are kept apart.`,
    EMAIL_CASE_TWIN: `${email} is also written Person.${index}@Example.com. They are one address.`,
    ID_BLOCKED: `The user ID null is no identifier; 3 records are known by address alone.`,
    BAD_EMAIL: `The address person.${index}@example cannot be used: its domain has no dot.`,
    NO_IDENTIFIER: `The record has neither a user ID nor a usable address and is left out.`,
  };
  const suggestions: Partial<Record<ConflictCode, string>> = {
    ID_MANY_EMAILS: `primary=${email}`,
    EMAIL_MANY_IDS: "none",
    ATTR_CONFLICT: "value=Berlin",
  };
  return {
    conflictId: `${code}:${index}`,
    code,
    userIds: [userId],
    emails: code === "ID_MANY_EMAILS" ? [email, other] : [email],
    sources: ["klaviyo", "mailchimp"],
    detail: details[code],
    suggestion: suggestions[code] ?? "accept",
    decision: null,
  };
}

export function inventedDetail(conflict: Conflict): ConflictDetail {
  const [first, second] = [conflict.emails[0] ?? null, conflict.emails[1] ?? conflict.emails[0] ?? null];
  const choices = [{ decision: "accept", label: "Keep the default" }];
  if (conflict.code === "ID_MANY_EMAILS") {
    for (const email of conflict.emails)
      choices.push({ decision: `primary=${email}`, label: `${email} is the main address` });
  }
  if (conflict.code === "EMAIL_MANY_IDS") {
    choices.push({ decision: `owner=${conflict.userIds[0]}`, label: `It belongs to ${conflict.userIds[0]}` });
    choices.push({ decision: "none", label: "It belongs to none of them" });
  }
  if (conflict.code === "ATTR_CONFLICT") {
    for (const city of ["Berlin", "Hamburg"]) choices.push({ decision: `value=${city}`, label: city });
  }
  return {
    conflict,
    choices,
    records: [
      {
        source: "klaviyo",
        file: "all-profiles.csv",
        line: 4812,
        recordId: "01HV3ZC2K8",
        userId: conflict.userIds[0] ?? null,
        email: first,
        updatedAt: "2024-06-01T08:00:00Z",
        states: [{ level: "explicit_opt_in", at: "2023-01-09T12:00:00Z", counts: true }],
        attributes: { first_name: "Ada", city: "Berlin", company: "Analytical Engines" },
      },
      {
        source: "mailchimp",
        file: "unsubscribed_members_export_7c2a.csv",
        line: 97,
        recordId: "128904",
        userId: conflict.userIds[0] ?? null,
        email: second,
        updatedAt: null,
        states: [{ level: "unsubscribed_all", at: "2024-03-04T10:00:00Z", counts: true }],
        attributes: { first_name: "Ada", city: "Hamburg" },
      },
      {
        source: "iterable",
        file: "unsubscribe-events.ndjson",
        line: 12_031,
        recordId: "",
        userId: null,
        email: first,
        updatedAt: null,
        states: [{ level: "unsubscribed_topic", at: "2022-08-30T17:21:00Z", counts: false }],
        attributes: {},
      },
    ],
    moreRecords: 0,
  };
}

export function inventedPreview(file: string): FilePreview {
  const source =
    (["mailchimp", "klaviyo", "iterable"] as const).find((vendor) => file.includes(vendor)) ?? null;
  const name = file.split("/").at(-1)!;
  if (source) {
    return {
      file,
      source,
      parts: [{ name, kind: "unsubscribed", headers: ["Email Address", "LEID"], sample: [], problem: null }],
    };
  }
  return {
    file,
    source: null,
    parts: [
      {
        name,
        kind: null,
        headers: ["Customer E-Mail", "External ID", "Reason", "When", "Notes"],
        sample: [
          ["ada@example.com", "u-1", "bounced", "2024-02-03", "called twice"],
          ["grace@example.org", "u-2", "complaint", "2024-05-17", ""],
        ],
        problem: "Not recognised. Say where the file comes from and what its rows mean.",
      },
    ],
  };
}

export function inventedPlan(people: number, leadSuppression: Plan["leadSuppression"]): Plan {
  const part = (share: number) => Math.round(people * share);
  const leads = part(0.03);
  const byMechanism: Plan["suppressions"]["byMechanism"] = [
    { mechanism: "unsubscribe_person", operations: part(0.12), bytes: part(0.12) * 96 },
    ...(leadSuppression === "profile"
      ? [{ mechanism: "unsubscribe_address" as const, operations: leads, bytes: leads * 88 }]
      : []),
    { mechanism: "topic_preference", operations: part(0.04), bytes: part(0.04) * 120 },
    { mechanism: "esp_spam_reports", operations: part(0.002), bytes: 0 },
    { mechanism: "esp_bounces", operations: part(0.02) + (leadSuppression === "esp" ? leads : 0), bytes: 0 },
  ];
  const operations = byMechanism.reduce((sum, entry) => sum + entry.operations, 0);
  return {
    hash: hash(people + (leadSuppression === "esp" ? 1 : 0)),
    plannedAt: "2026-11-23T10:40:00Z",
    current: true,
    leadSuppression,
    suppressions: {
      operations,
      byMechanism,
      coveredByPersons: part(0.015),
      trackCalls: Math.ceil(operations / 800),
      appCalls: part(0.022) + part(0.12),
      bytes: byMechanism.reduce((sum, entry) => sum + entry.bytes, 0),
      seconds: Math.max(20, part(0.142) / 10),
    },
    billableProfiles: { profile: part(0.12) + leads, esp: part(0.12) },
    profiles: {
      operations: part(0.9),
      bytes: part(0.9) * 640,
      calls: Math.ceil(part(0.9) / 700),
      seconds: Math.max(4, part(0.9) / 500),
      heldBack: [
        {
          reason: "The address is shared by several user IDs and nobody decided whose it is.",
          persons: part(0.004),
        },
        { reason: "The person has no usable address and no user ID.", persons: part(0.001) },
      ],
    },
    topics: [
      { source: "iterable", topic: "message_type:12", persons: part(0.03), destination: "topic_4" },
      { source: "klaviyo", topic: "list:Weekly news", persons: part(0.01), destination: null },
    ],
    warnings: ["1 topic has no Customer.io topic in its place: its opt-outs are not written as topics."],
    undo: {
      takeBack: [
        {
          what: "Entries on the list of bounces",
          operations: part(0.02),
          how: "`sendgate undo --esp` takes off those that did not stand there before.",
        },
      ],
      final: [
        {
          what: "People marked unsubscribed",
          operations: part(0.12),
          why: "Sendgate never marks anybody as subscribed; subscribe a person by hand in Customer.io, if you must.",
        },
      ],
    },
  };
}

/** Nothing was written anywhere yet. */
export function inventedRehearsal(planHash: string | null): Rehearsal {
  return {
    planHash,
    stages: stages.map((stage) => ({ stage, runs: [] })),
    rehearsedIn: null,
    differences: [],
    warning: null,
  };
}
