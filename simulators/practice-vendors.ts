import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type CustomerIoSimulator, startCustomerIoSimulator } from "./customerio/simulator.ts";
import { type IterableSimulator, startIterableSimulator } from "./iterable/simulator.ts";
import { klaviyoTiers, type Tier } from "./klaviyo/rate-limit.ts";
import { type KlaviyoSimulator, startKlaviyoSimulator } from "./klaviyo/simulator.ts";
import { type MailchimpSimulator, startMailchimpSimulator } from "./mailchimp/simulator.ts";
import { type PracticeFaultName, practiceFault } from "./practice-faults.ts";
import { practiceHour } from "./practice-hour.ts";
import { createStateFile } from "./state-file.ts";
import { createWorld } from "./world/world.ts";

export interface PracticeVendorsOptions {
  /** Everybody in the world; each vendor knows a part of them. */
  people: number;
  seed: number;
  /**
   * Keeps there what happens, made if it is missing. Where something was kept before, the same people and vendors come
   * back as they were, at the same addresses if those are still free; `people` and `seed` then do not count.
   */
  folder?: string;
  /** Runs the vendors' limits faster than life. Without it they are as the vendors have them. */
  pace?: {
    /** Calls a second that the caller makes to Customer.io's App API; the limit stands above that. */
    appRequestsPerSecond: number;
    /** Milliseconds of the minute in which Mailchimp, Klaviyo and Iterable count calls. */
    minuteMs: number;
  };
  /** Troubles for the vendors that know them. */
  faults?: PracticeFaultName;
}

export interface PracticeVendors {
  customerio: CustomerIoSimulator;
  mailchimp: MailchimpSimulator;
  klaviyo: KlaviyoSimulator;
  iterable: IterableSimulator;
  /** An hour goes by in the world, and a handful of people opt out, bounce, complain. @returns how many events */
  timePasses(): number;
  /** @throws Error where somebody wanted to write to Mailchimp */
  close(): Promise<void>;
}

/** What the folder keeps beside Customer.io's state. Events are not kept: the same hours bring the same ones. */
interface Kept {
  people: number;
  seed: number;
  /** By the computer's clock, milliseconds since 1970; since then the world's clock runs. */
  startedAt: number;
  /** When each hour that passed began, by the world's clock. */
  hours: number[];
  ports: { customerio: number; mailchimp: number; klaviyo: number; iterable: number };
}

const hourMs = 3_600_000;

/** All four vendors on loopback, with one invented crowd and one clock behind them. */
export async function startPracticeVendors(options: PracticeVendorsOptions): Promise<PracticeVendors> {
  const { folder, pace, faults } = options;
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = folder === undefined ? undefined : createStateFile(join(folder, "world.json"), () => kept);
  const kept: Kept = file?.read<Kept>() ?? {
    people: options.people,
    seed: options.seed,
    startedAt: Date.now(),
    hours: [],
    ports: { customerio: 0, mailchimp: 0, klaviyo: 0, iterable: 0 },
  };

  const world = createWorld(kept);
  /** The world stands still while it is made and while it catches up. */
  let moment: number | null = world.now;
  const now = () => moment ?? world.now + (Date.now() - kept.startedAt) + kept.hours.length * hourMs;

  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    const closed = await Promise.allSettled(closers.map((one) => one()));
    for (const result of closed) if (result.status === "rejected") throw result.reason;
  };
  const start = async <Simulator extends { url: string; close(): Promise<void> }>(
    vendor: keyof Kept["ports"],
    startOn: (port: number) => Promise<Simulator>,
  ): Promise<Simulator> => {
    const simulator = await startOn(kept.ports[vendor]).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
      return startOn(0);
    });
    closers.push(() => simulator.close());
    kept.ports[vendor] = Number(new URL(simulator.url).port);
    return simulator;
  };
  const faster = pace ? 60_000 / pace.minuteMs : 1;
  const scaled = ({ burst, steady }: Tier): Tier => ({ burst: burst * faster, steady: steady * faster });

  try {
    const tools = {
      mailchimp: await start("mailchimp", (port) => startMailchimpSimulator({ port, world, now })),
      klaviyo: await start("klaviyo", (port) =>
        startKlaviyoSimulator({
          port,
          people: kept.people,
          seed: kept.seed,
          now,
          tiers: {
            accounts: scaled(klaviyoTiers.XS),
            lists: scaled(klaviyoTiers.L),
            profiles: scaled(klaviyoTiers.L),
          },
        }),
      ),
      iterable: await start("iterable", (port) =>
        startIterableSimulator({
          port,
          people: world,
          now,
          ...(pace && { minuteMs: pace.minuteMs }),
        }),
      ),
    };
    const customerio = await start("customerio", (port) =>
      startCustomerIoSimulator({
        port,
        ...(folder !== undefined && { stateFile: join(folder, "customerio.json") }),
        ...(pace && {
          appRequestsPerSecond: pace.appRequestsPerSecond * 2,
          broadcastIntervalMs: 10_000 / faster,
        }),
      }),
    );
    const passHour = (number: number, beganAt: number): number => {
      const happenings = practiceHour(tools, kept.seed, number);
      for (const [index, happen] of happenings.entries()) {
        moment = beganAt + ((index + 1) * hourMs) / (happenings.length + 1);
        happen();
      }
      return happenings.length;
    };
    for (const [number, beganAt] of kept.hours.entries()) passHour(number, beganAt);
    moment = null;
    file?.write();

    customerio.setFaults(practiceFault("customerio", faults));
    tools.mailchimp.setFaults(practiceFault("mailchimp", faults));
    tools.klaviyo.setFaults(practiceFault("klaviyo", faults));
    tools.iterable.setFaults(practiceFault("iterable", faults));

    return {
      customerio,
      ...tools,
      timePasses() {
        const beganAt = now();
        const events = passHour(kept.hours.push(beganAt) - 1, beganAt);
        moment = null;
        file?.write();
        return events;
      },
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
