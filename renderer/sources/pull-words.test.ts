import { describe, expect, it } from "vitest";
import { inventedPulled, inventedPullReport } from "../testing/invented-pulls.ts";
import { changeWords, doubtAbout, partsRead, proofWords, standingOf } from "./pull-words.ts";

describe("an export over an API in words", () => {
  const report = inventedPullReport("mailchimp", "full", 12_480);

  it("proves itself by declared against received where the vendor declares", () => {
    expect(proofWords({ ...report, declared: 12_480, received: 12_480, rejected: 3 })).toBe(
      "12,480 received of 12,480 declared, 3 of them rejected.",
    );
  });

  it("says that nothing is declared where the vendor declares nothing", () => {
    expect(proofWords({ ...report, source: "klaviyo", declared: null, received: 1, rejected: 0 })).toBe(
      "1 entry received up to the end of every part. Klaviyo does not declare how many there are.",
    );
  });

  it("names what moved and nothing else", () => {
    expect(changeWords({ ...report, added: 12, changed: 0, gone: 1 })).toBe(
      "12 new records, 1 no longer there; their opt-outs stay.",
    );
    expect(changeWords({ ...report, added: 0, changed: 0, gone: 0 })).toBe("");
  });

  it("counts the parts that were read to their end", () => {
    const [first, ...others] = report.streams;
    expect(partsRead([{ ...first!, complete: false }, ...others])).toBe(
      `${others.length} of ${report.streams.length} parts`,
    );
  });
});

describe("where a source stands", () => {
  const pulled = inventedPulled("klaviyo", "complete", 1000);

  it("is complete only when everything was read to its end and nothing newer is under way", () => {
    expect(standingOf(pulled)).toBe("complete");
    expect(standingOf({ ...pulled, last: { ...pulled.last!, complete: false } })).toBe("incomplete");
    expect(standingOf({ ...pulled, last: null })).toBe("unfinished");
    expect(
      standingOf({ ...pulled, unfinished: inventedPulled("klaviyo", "unfinished", 1000).unfinished }),
    ).toBe("unfinished");
  });

  it("is not complete while nobody has said which field holds the user ID", () => {
    expect(standingOf(inventedPulled("klaviyo", "unconfirmed", 1000))).toBe("unconfirmed");
  });

  it("is retired from the operator's word on", () => {
    expect(standingOf(inventedPulled("klaviyo", "retired", 1000))).toBe("retired");
  });
});

describe("a field that may hold the user ID", () => {
  const perfect = {
    field: "external_id",
    named: true,
    sampled: 200,
    filled: 200,
    distinct: 200,
    examples: ["u-1"],
  };

  it("is beyond doubt when everybody has one of their own", () => {
    expect(doubtAbout(perfect)).toBeNull();
  });

  it("is doubted where people share a value and where some have none", () => {
    expect(doubtAbout({ ...perfect, filled: 150, distinct: 149 })).toBe(
      "1 value of the sample stands on a second person; people with the same value become one. 25% of the sample have none; these people are known by their address.",
    );
  });
});
