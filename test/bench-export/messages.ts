/** What the processes of the bench say to each other. */
export type FromSimulator =
  | { said: "ready"; url: string; key: string }
  /** `limited`: calls so far that the limit is about; `throttled`: the share of 429 among the last 20,000. */
  | { said: "counts"; limited: number; throttled: number; allowedPerSecond: number };

export type FromImporter =
  | { said: "begin" }
  /** The measured part is over. */
  | { said: "end"; seconds: number; profiles: number }
  /** `rssMb`: the most memory that the process ever had. */
  | { said: "done"; rssMb: number };
