/** How fast work goes and how long it will still take, from what was seen in the last seconds; pauses are left out. */
export class PaceMeter {
  static readonly #windowSeconds = 15;
  /** Too little has been seen to say anything honest. */
  static readonly #leastSeconds = 2;

  #samples: { seconds: number; done: number }[] = [];

  /**
   * @param seconds of work so far, pauses left out
   * @param done units done so far
   */
  add(seconds: number, done: number): void {
    this.#samples.push({ seconds, done });
    const oldest = seconds - PaceMeter.#windowSeconds;
    // The last sample before the window stays, so that the window is always covered.
    while (this.#samples.length > 2 && this.#samples[1]!.seconds <= oldest) this.#samples.shift();
  }

  /** Units a second, or null while too young to tell. */
  rate(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.seconds - first.seconds < PaceMeter.#leastSeconds) return null;
    return Math.max(0, last.done - first.done) / (last.seconds - first.seconds);
  }

  /** Seconds, or null while unknown or while nothing moves. */
  secondsLeft(total: number | null): number | null {
    const rate = this.rate();
    const last = this.#samples.at(-1);
    if (rate === null || rate === 0 || total === null || !last) return null;
    return Math.max(0, total - last.done) / rate;
  }
}
