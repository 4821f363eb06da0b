import type { IterableSimulator } from "./iterable/simulator.ts";
import type { KlaviyoSimulator } from "./klaviyo/simulator.ts";
import type { MailchimpSimulator } from "./mailchimp/simulator.ts";
import type { PersonEvents } from "./world/person-events.ts";
import { createRandom } from "./world/random.ts";

/** Who may be written to by an old tool, and who said no there by their own will. */
interface Audience {
  events: PersonEvents;
  reachable: string[];
  optedOut: string[];
}

interface OldTools {
  mailchimp: MailchimpSimulator;
  klaviyo: KlaviyoSimulator;
  iterable: IterableSimulator;
}

/**
 * What happens within one hour, in the order in which it does: at each tool two to four people unsubscribe, one bounces,
 * one complains; at one of them somebody comes back. Fewer where a tool has not as many. The same world, seed and
 * number give the same hour.
 */
export function practiceHour(tools: OldTools, seed: number, number: number): (() => void)[] {
  const random = createRandom("practice hour", seed, number);
  const audiences = [mailchimpAudience(tools), klaviyoAudience(tools), iterableAudience(tools)];
  const happenings = audiences.flatMap(({ events, reachable, optedOut }, index) => {
    const unsubscribes = random.integer(2, 4);
    const [bounces, complains, ...leave] = random.shuffle(reachable).slice(0, unsubscribes + 2);
    const [returns] = index === number % audiences.length ? random.shuffle(optedOut) : [];
    return [
      ...leave.map((email) => () => void events.unsubscribe(email)),
      ...(bounces === undefined ? [] : [() => void events.hardBounce(bounces)]),
      ...(complains === undefined ? [] : [() => void events.complain(complains)]),
      ...(returns === undefined ? [] : [() => void events.resubscribe(returns)]),
    ];
  });
  return random.shuffle(happenings);
}

function mailchimpAudience({ mailchimp }: OldTools): Audience {
  const { audiences } = mailchimp.account;
  const complained = new Set(
    audiences.flatMap(({ abuseReports }) => abuseReports.map(({ memberId }) => memberId)),
  );
  const members = firstOfEachAddress(audiences.flatMap((audience) => [...audience.members()]));
  return {
    events: mailchimp.events,
    reachable: addresses(members.filter(({ status }) => status === "subscribed")),
    optedOut: addresses(members.filter(({ id, status }) => status === "unsubscribed" && !complained.has(id))),
  };
}

function klaviyoAudience({ klaviyo }: OldTools): Audience {
  const profiles = firstOfEachAddress(klaviyo.profiles());
  return {
    events: klaviyo.events,
    reachable: addresses(
      profiles.filter(({ consent, suppressions }) => consent === "SUBSCRIBED" && suppressions.length === 0),
    ),
    optedOut: addresses(
      profiles.filter(
        ({ consent, suppressions }) =>
          consent === "UNSUBSCRIBED" && suppressions.every(({ reason }) => reason === "UNSUBSCRIBE"),
      ),
    ),
  };
}

function iterableAudience({ iterable: { events, project } }: OldTools): Audience {
  const users = firstOfEachAddress([...project.users]);
  const notByWill = new Set(
    project.events.flatMap(({ type, email }) => (type === "emailUnSubscribe" ? [] : [email])),
  );
  return {
    events,
    reachable: addresses(users.filter(({ unsubscribedChannelIds }) => unsubscribedChannelIds.length === 0)),
    optedOut: addresses(
      users.filter(
        ({ email, unsubscribedChannelIds }) => unsubscribedChannelIds.length > 0 && !notByWill.has(email),
      ),
    ),
  };
}

/** An event about an address is about the first who has it. */
function firstOfEachAddress<Person extends { email: string | null }>(people: readonly Person[]): Person[] {
  const first = new Map<string, Person>();
  for (const person of people) {
    const key = person.email?.toLowerCase();
    if (key !== undefined && !first.has(key)) first.set(key, person);
  }
  return [...first.values()];
}

/** The addresses that can receive: some in the world are misspelt. */
function addresses(people: readonly { email: string | null }[]): string[] {
  return people.flatMap(({ email }) =>
    email !== null && /^[^\s@]+@[^\s@]+\.[a-z]+$/i.test(email) ? email : [],
  );
}
