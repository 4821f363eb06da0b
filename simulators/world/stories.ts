import { afterMoving, internationalDomains, localPart, privateDomain } from "./names.ts";
import type { PersonDraft } from "./person-draft.ts";
import { createRandom } from "./random.ts";

/** What makes a person's data what it is: which systems keep which keys, and what happened to consent. */
interface Story {
  /** How many of every 200 people live it. */
  of200: number;
  /** How many more live it among the first 200, where once is not enough to be a story. */
  moreAtFirst?: number;
  /** `number` counts the people of the same story in the same 200, from 0; `block` counts the blocks of 200. */
  tell(person: PersonDraft, number: number, block: number): void;
}

export const blockSize = 200;

/** Everybody who is in none of the stories below. */
const ordinary: Story = {
  of200: 0,
  tell: (person) => person.joinAsUsual(),
};

const identityStories: Record<string, Story> = {
  severalAddresses: {
    of200: 4,
    tell(person, number) {
      const userId = person.becomeCustomer();
      person.join("klaviyo", { email: person.email, userId });
      person.join("iterable", { email: person.workEmail(), userId });
      if (number === 0) {
        const email = `${localPart(person.profile)}.${person.index}@${privateDomain(person.random)}`;
        person.join("mailchimp", { email, userId });
      }
      person.mayLeave();
    },
  },
  /** The old address bounced; the system that noticed now keeps the new one, the other still the old one. */
  changedAddress: {
    of200: 1,
    tell(person) {
      const userId = person.becomeCustomer();
      const old = person.join("klaviyo", { email: person.workEmail(), userId });
      const current = person.join("iterable", { userId });
      person.happens("hard_bounced", { ...current, email: old.email });
    },
  },
  /** Two customers, one mailbox. Of the first pair in 200 the newsletter also knows the mailbox without a user_id. */
  sharedMailbox: {
    of200: 8,
    tell(person, number, block) {
      const userId = person.becomeCustomer();
      const couple = Math.floor(number / 2);
      const random = createRandom(person.seed, "couple", block, couple);
      const email = `home${block * 10 + couple}.${random.integer(100, 999)}@${privateDomain(random)}`;
      const first = number % 2 === 0;
      person.join(first ? "iterable" : "klaviyo", { email, userId });
      if (first && couple === 0) person.join("mailchimp", { email, userId: null });
      if (first && couple === 1) person.mayLeave();
    },
  },
  /** Once the user_id went through a tool that wrote it in capitals. */
  userIdInCapitals: {
    of200: 1,
    tell(person) {
      const userId = person.becomeCustomer();
      person.join("klaviyo", { userId: userId.toUpperCase(), email: person.workEmail() });
      person.join("iterable", { userId });
    },
  },
  addressInCapitals: {
    of200: 3,
    tell(person) {
      person.join("mailchimp", { email: person.email.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()) });
      person.join("klaviyo");
      person.mayLeave();
    },
  },
  internationalAddress: {
    of200: 1,
    tell(person) {
      const domain = person.random.pick(internationalDomains);
      const local = `${localPart(person.profile)}${person.index}`;
      person.join("mailchimp", { email: `${local}@${domain.written}` });
      person.join("iterable", { email: `${local}@${domain.ascii}` });
    },
  },
  /** A program wrote its idea of "nobody" where a user_id belongs. */
  emptyWordAsUserId: {
    of200: 3,
    tell(person, number) {
      if (number === 0) person.join("iterable", { userId: "null" });
      else if (number === 1) person.join("mailchimp", { userId: "0" });
      else person.join("klaviyo", { userId: "test" });
      person.mayLeave();
    },
  },
  /** One login for everybody who buys without an account. */
  sharedLogin: {
    of200: 1,
    moreAtFirst: 6,
    tell: (person) => void person.join("iterable", { userId: "guest-checkout" }),
  },
  brokenAddress: {
    of200: 2,
    tell(person, number) {
      const [local] = person.email.split("@");
      if (number === 0) {
        const userId = person.becomeCustomer();
        person.join("iterable", { userId });
        const broken = person.join("klaviyo", { email: `${local}@example..com`, userId });
        person.happens("invalid_address", broken);
      } else {
        const email = `${person.email}, ${person.workEmail()}`;
        person.join("klaviyo", { email, userId: person.becomeCustomer() });
      }
    },
  },
  /** Known by telephone alone, or by an address that Iterable made up. Nothing here can be mailed or matched. */
  noKeyAtAll: {
    of200: 1,
    tell(person, _number, block) {
      person.userId = null;
      if (block % 2 === 0) person.join("klaviyo", { email: null, consented: false });
      else person.join("iterable", { email: placeholderAddress(person) });
    },
  },
  madeUpAddress: {
    of200: 1,
    tell(person) {
      person.join("iterable", { email: placeholderAddress(person), userId: person.becomeCustomer() });
    },
  },
  moved: {
    of200: 8,
    tell(person) {
      const userId = person.becomeCustomer();
      person.join("klaviyo", { userId });
      person.join("iterable", { userId, profile: afterMoving(person.profile, person.random) });
      person.mayLeave();
    },
  },
};

const consentStories: Record<string, Story> = {
  unsubscribed: {
    of200: 9,
    tell(person) {
      const memberships = person.joinAsUsual();
      person.happens("unsubscribed_by_link", person.random.pick(memberships));
    },
  },
  /** Left, and came back of their own will: the last word counts. */
  cameBack: {
    of200: 2,
    tell(person) {
      const membership = membershipIn(person, "iterable");
      const left = person.happens("unsubscribed_by_link", membership);
      person.happens("subscribed", membership, left.at);
    },
  },
  hardBounced: {
    of200: 4,
    tell(person) {
      const memberships = person.joinAsUsual();
      person.happens("hard_bounced", person.random.pick(memberships));
    },
  },
  softBounced: {
    of200: 5,
    tell: (person) => void person.happens("soft_bounced", membershipIn(person, "iterable")),
  },
  complained: {
    of200: 1,
    tell(person, _number, block) {
      const system = block % 2 === 0 ? "iterable" : "klaviyo";
      person.happens("complained", membershipIn(person, system));
    },
  },
  invalidAddress: {
    of200: 1,
    tell: (person) => void person.happens("invalid_address", membershipIn(person, "klaviyo")),
  },
  suppressedByTeam: {
    of200: 2,
    tell(person, number) {
      const membership = membershipIn(person, "klaviyo");
      person.happens("suppressed_by_team", membership);
      if (number === 0) person.happens("hard_bounced", membership);
    },
  },
  askedTheOffice: {
    of200: 2,
    tell(person) {
      person.joinAsUsual();
      person.asksTheOffice();
    },
  },
  optedOutOfTopic: {
    of200: 5,
    tell: (person) => void person.happens("opted_out_of_topic", membershipIn(person, "iterable")),
  },
  removedFromList: {
    of200: 4,
    tell: (person) => void person.happens("removed_from_list", membershipIn(person, "iterable")),
  },
  /** Added by the team without a question: nobody knows what they want. */
  neverAsked: {
    of200: 8,
    tell: (person, number) =>
      void person.joinAsUsual(number % 2 === 0 ? "mailchimp" : "klaviyo", { consented: false }),
  },
};

function membershipIn(person: PersonDraft, system: "klaviyo" | "iterable") {
  return person.joinAsUsual(system).find((membership) => membership.system === system)!;
}

/** Iterable's own way to keep somebody without an address. It is never mailed. */
function placeholderAddress(person: PersonDraft): string {
  return `${person.customerId.slice(4)}${person.index}@placeholder.email`;
}

/** Lets the person at this place live the story that the seed has given to the place. */
export function tellStory(person: PersonDraft, casting: Casting): void {
  const place = person.index % blockSize;
  const { story, number } = casting.roles[place]!;
  story.tell(person, number, casting.block);
}

/** Who of 200 people lives which story. */
export interface Casting {
  block: number;
  roles: { story: Story; number: number }[];
}

/** The stories of one block of 200 people, dealt out by the seed: every block has all of them. */
export function castBlock(seed: number, block: number): Casting {
  const stories = [...Object.values(identityStories), ...Object.values(consentStories)];
  const roles = stories.flatMap((story) => {
    const count = story.of200 + (block === 0 ? (story.moreAtFirst ?? 0) : 0);
    return Array.from({ length: count }, (_, number) => ({ story, number }));
  });
  while (roles.length < blockSize) roles.push({ story: ordinary, number: 0 });
  return { block, roles: createRandom(seed, "casting", block).shuffle(roles) };
}
