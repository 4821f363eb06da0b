import type { Leak, Leaks, Sent } from "../../contract/leaks.ts";

export interface LeakScene {
  /** Campaigns that run in the workspace. */
  leaks: number;
  /** Suppressed people whom a broadcast from here has reached; below 0 nothing was sent. */
  reached: number;
  /** The last look came to nothing. */
  unread: boolean;
}

const campaigns = ["Welcome series", "Win back after 90 days", "Review request", "Birthday"];

/** What sends by itself in an invented workspace; the look and the operator's word change it. */
export function inventedLeaks({ leaks: running, reached, unread }: LeakScene, looked: boolean) {
  const at = "2026-11-23T11:25:00Z";
  let isLooked = looked;
  const word = (reason: string) => ({ at, by: "window", reason });
  const leaks: Leak[] = Array.from({ length: running }, (_, index) => ({
    id: `campaign:${index + 1}`,
    kind: "campaign",
    number: index + 1,
    name: campaigns[index % campaigns.length]!,
    type: "segment",
    state: "running",
    when: "2026-03-01T08:00:00Z",
    what: "is running",
    accepted: null,
  }));
  const sent: Sent[] =
    reached < 0
      ? []
      : [
          {
            id: "send:broadcast:7",
            kind: "broadcast",
            number: 7,
            state: "sent",
            at,
            comparedAt: at,
            deliveries: 9_120,
            pending: 0,
            reached,
            open: reached,
            reachedItems: Array.from({ length: Math.min(100, reached) }, (_, index) => ({
              subject: `email:person.${index}@example.com`,
              foundAt: at,
            })),
            acknowledged: null,
            keepsGateShut: reached > 0,
          },
        ];
  const state = (): Leaks => ({
    lookedAt: isLooked ? at : null,
    failure:
      isLooked && unread ? "Customer.io did not answer GET /v1/newsletters as it should: HTTP 500." : null,
    leaks: isLooked ? leaks : [],
    sent,
  });
  return {
    state,
    look: () => {
      isLooked = true;
      return state();
    },
    accept: (id: string, reason: string) => {
      for (const leak of leaks) if (leak.id === id) leak.accepted = word(reason);
      for (const one of sent)
        if (one.id === id) Object.assign(one, { open: 0, acknowledged: word(reason), keepsGateShut: false });
      return state();
    },
    /** As the gate tells them. */
    blockers: () => [
      ...leaks
        .filter(({ accepted }) => isLooked && !accepted)
        .map(({ id, number, name }) => ({
          code: "LEAK_CAMPAIGN",
          message: `Campaign ${number} “${name}” is running.`,
          nextStep: `Stop it in Customer.io and look again, or accept ${id} with a reason.`,
        })),
      ...sent
        .filter(({ keepsGateShut }) => keepsGateShut)
        .map(({ id, number, open }) => ({
          code: "SUPPRESSED_REACHED",
          message: `Broadcast ${number} reached ${open} suppressed people.`,
          nextStep: `Find out in Customer.io why, mend it, then acknowledge ${id} with a reason.`,
        })),
    ],
  };
}
