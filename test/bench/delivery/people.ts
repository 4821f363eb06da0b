/** Invented people of the benchmark, told by numbers alone, so that both ends know what to expect of each. */
export interface Crowd {
  /** Suppressed persons and addresses. */
  suppressions: number;
  /** Of these, those that go to an ESP list: one call each. */
  listed: number;
  /** Persons who get mail: profiles besides the suppressed ones. */
  subscribers: number;
}

export interface SuppressedPerson {
  means: "complained" | "bounced" | "unsubscribed";
  email: string;
  /** Null for one in ten: an address of nobody. */
  userId: string | null;
}

export function suppressedPerson(number: number, { listed }: Crowd): SuppressedPerson {
  return {
    means: number < listed / 2 ? "complained" : number < listed ? "bounced" : "unsubscribed",
    email: `suppressed.${number}@bench.example`,
    userId: number % 10 === 9 ? null : `s${number}`,
  };
}

/** CSV rows of each meaning, header first. */
export function* csvOf(crowd: Crowd, means: SuppressedPerson["means"]): Generator<string> {
  yield "user_id,email\r\n";
  for (let number = 0; number < crowd.suppressions; number += 1) {
    const person = suppressedPerson(number, crowd);
    if (person.means === means) yield `${person.userId ?? ""},${person.email}\r\n`;
  }
}

export function* subscribersCsv({ subscribers }: Crowd): Generator<string> {
  yield "user_id,email,first_name,city,plan\r\n";
  for (let number = 0; number < subscribers; number += 1) {
    yield `p${number},subscriber.${number}@bench.example,Name ${number % 5000},City ${number % 300},plan ${number % 4}\r\n`;
  }
}
