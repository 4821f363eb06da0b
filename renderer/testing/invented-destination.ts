import {
  type AttributeMapping,
  type AttributePreview,
  type DestinationConflict,
  type DestinationQuery,
  type DestinationState,
  destinationCodes,
} from "../../contract/destination.ts";

const choices: DestinationConflict["choices"] = [
  { decision: "hold", label: "Leave the profile at home" },
  { decision: "without_email", label: "Write the profile without its address" },
  { decision: "write", label: "Write the profile as planned" },
];

/** A workspace in which some of the invented people are already. */
export class InventedDestination {
  #lookedUp = false;
  #conflicts: DestinationConflict[];
  #attributes: AttributePreview[] = [
    {
      name: "city",
      persons: 812,
      destination: "city",
      chosen: false,
      stays: null,
      examples: [
        { value: "Basel", sent: '"Basel"' },
        { value: "Zug", sent: '"Zug"' },
      ],
    },
    {
      name: "klaviyo.Profile Created On",
      persons: 640,
      destination: null,
      chosen: false,
      stays: "It is the vendor's bookkeeping; give it a name to send it.",
      examples: [{ value: "2024-05-01 10:00:00", sent: null }],
    },
  ];

  constructor(count: number) {
    this.#conflicts = Array.from({ length: count }, (_, index) => {
      const code = index % 3 === 0 ? "EMAIL_STUB" : index % 3 === 1 ? "EMAIL_TAKEN" : "EMAIL_CHANGES";
      const userId = `u-${index}`;
      const email = `person${index}@example.com`;
      return {
        conflictId: `${code}:a${index}:id:${userId}`,
        code,
        userId,
        email,
        suppressed: index % 5 === 0,
        there: { cioId: `a${index}`, userId: null, email, unsubscribed: false },
        detail: `A profile without an id holds ${email} there. Customer.io would give it our id ${userId}: with its history it becomes this person for good.`,
        suggestion: "hold",
        decision: null,
        choices,
      };
    });
  }

  state(): DestinationState {
    const shown = this.#lookedUp ? this.#conflicts : [];
    return {
      planned: { ids: 900, emails: 1_100 },
      lookedUp: this.#lookedUp ? { ids: 900, emails: 1_100 } : { ids: 0, emails: 0 },
      oldest: this.#lookedUp ? "2026-11-24T08:00:00Z" : null,
      newest: this.#lookedUp ? "2026-11-24T08:00:00Z" : null,
      toDo: this.#lookedUp ? { calls: 0, seconds: 0 } : { calls: 20, seconds: 2 },
      emailIdentifies: this.#lookedUp ? true : null,
      conflicts: destinationCodes.map((code) => {
        const mine = shown.filter((conflict) => conflict.code === code);
        return {
          code,
          count: mine.length,
          undecided: mine.filter(({ decision }) => decision === null).length,
          words:
            "Customer.io would change identifiers, which nobody can undo. Until decided the profile stays home.",
          examples: mine.slice(0, 3),
        };
      }),
      heldBack: shown.filter(({ decision }) => decision !== "write").length,
      warnings: [],
    };
  }

  lookUp(): DestinationState {
    this.#lookedUp = true;
    return this.state();
  }

  page({ codes, text = "", offset, limit }: DestinationQuery) {
    const matching = this.#conflicts.filter(
      (conflict) =>
        codes?.includes(conflict.code) !== false && `${conflict.userId} ${conflict.email}`.includes(text),
    );
    return { total: matching.length, conflicts: matching.slice(offset, offset + limit) };
  }

  /** @returns how many were decided */
  decide(which: (conflict: DestinationConflict) => boolean, decision: string): number {
    const concerned = this.#conflicts.filter(which).length;
    this.#conflicts = this.#conflicts.map((conflict) =>
      which(conflict) ? { ...conflict, decision } : conflict,
    );
    return concerned;
  }

  attributes(): AttributePreview[] {
    return this.#attributes;
  }

  map(mappings: readonly AttributeMapping[]): AttributePreview[] {
    for (const { name, destination } of mappings) {
      this.#attributes = this.#attributes.map((attribute) =>
        attribute.name === name
          ? {
              ...attribute,
              destination,
              chosen: true,
              stays: destination === null ? "By your choice." : null,
              examples: attribute.examples.map(({ value }) => ({
                value,
                sent: destination === null ? null : JSON.stringify(value),
              })),
            }
          : attribute,
      );
    }
    return this.#attributes;
  }
}
