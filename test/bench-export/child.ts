import { type ChildProcess, fork } from "node:child_process";

/** A process of the bench, and what it has said so far. */
export class Child<Message extends { said: string }> {
  readonly #process: ChildProcess;
  readonly #said: Message[] = [];
  #look = () => {};

  /** This program in another role. What it says on standard output goes to our standard error. */
  constructor(...words: string[]) {
    this.#process = fork(process.argv[1]!, words, { stdio: ["ignore", 2, 2, "ipc"] });
    this.#process.on("message", (message) => {
      this.#said.push(message as Message);
      this.#look();
    });
    this.#process.on("exit", () => this.#look());
  }

  ask(): void {
    this.#process.send("counts");
  }

  /** The next message of this kind. @throws Error where the process ends without it */
  async hear<Said extends Message["said"]>(said: Said): Promise<Extract<Message, { said: Said }>> {
    for (;;) {
      const place = this.#said.findIndex((message) => message.said === said);
      if (place !== -1) return this.#said.splice(place, 1)[0] as Extract<Message, { said: Said }>;
      if (this.#process.exitCode !== null) throw new Error(`A process ended before it said “${said}”.`);
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  end(): void {
    this.#process.kill();
  }
}
