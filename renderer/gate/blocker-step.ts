import type { Step } from "../shell/steps.ts";

/** Words in a blocker's code, and the step where it is dealt with. The first that fits counts. */
const stepsByWord: [word: RegExp, step: Step][] = [
  [/WORKSPACE|KEY|REGION|ENDPOINT/, "workspace"],
  [/REJECT|SOURCE|FILE|IMPORT|EXPORT|PULL/, "sources"],
  [/MERGE|CONFLICT|DECISION/, "merge"],
  [/PLAN/, "plan"],
];

/** The step where a blocker of the gate is dealt with: what no earlier step mends is mended by uploading or reading back. */
export function stepForBlocker(code: string): Step {
  return stepsByWord.find(([word]) => word.test(code))?.[1] ?? "suppress";
}
