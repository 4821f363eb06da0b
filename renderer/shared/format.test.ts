import { describe, expect, it } from "vitest";
import {
  fileName,
  formatAge,
  formatBytes,
  formatCount,
  formatElapsed,
  formatShare,
  formatSpan,
  formatTime,
  formatTimesIn,
} from "./format.ts";

describe("format", () => {
  it("names one thing in the singular and all else in the plural", () => {
    expect(formatCount(1, "row")).toBe("1 row");
    expect(formatCount(0, "row")).toBe("0 rows");
    expect(formatCount(12_345, "address", "addresses")).toBe("12,345 addresses");
  });

  it("gives bytes in the unit that keeps the number short", () => {
    expect(formatBytes(1)).toBe("1 byte");
    expect(formatBytes(999)).toBe("999 bytes");
    expect(formatBytes(4_200)).toBe("4.2 KB");
    expect(formatBytes(999_600)).toBe("1.0 MB");
    expect(formatBytes(48_000_000)).toBe("48 MB");
  });

  it("rounds a span of time as a person would say it", () => {
    expect(formatSpan(0)).toBe("less than a minute");
    expect(formatSpan(50)).toBe("about 1 minute");
    expect(formatSpan(130)).toBe("about 2 minutes");
    expect(formatSpan(2 * 3600)).toBe("about 2 hours");
    expect(formatSpan(4 * 86_400)).toBe("about 4 days");
  });

  it("tells short work in seconds", () => {
    expect(formatElapsed(0.2)).toBe("1 second");
    expect(formatElapsed(4.4)).toBe("4 seconds");
    expect(formatElapsed(180)).toBe("about 3 minutes");
  });

  it("tells how long ago something was", () => {
    const now = Date.parse("2026-11-24T12:00:00Z");
    expect(formatAge("2026-11-24T11:59:40Z", now)).toBe("less than a minute ago");
    expect(formatAge("2026-11-21T12:00:00Z", now)).toBe("about 3 days ago");
  });

  it("never rounds a share to all or none", () => {
    expect(formatShare(200, 200)).toBe("100%");
    expect(formatShare(9_999, 10_000)).toBe("over 99%");
    expect(formatShare(1, 10_000)).toBe("under 1%");
    expect(formatShare(1, 3)).toBe("33%");
    expect(formatShare(0, 0)).toBe("0%");
  });

  it("shows a time that cannot be read as it stands", () => {
    expect(formatTime("last Tuesday")).toBe("last Tuesday");
  });

  it("puts the times of a sentence in the operator's own form and leaves the rest", () => {
    const iso = "2026-11-23T10:00:00.123456Z";
    expect(formatTimesIn(`The last reading back is of ${iso} and no longer fresh.`)).toBe(
      `The last reading back is of ${formatTime(iso)} and no longer fresh.`,
    );
    expect(formatTimesIn("row 2026-11-23 of list 10:00")).toBe("row 2026-11-23 of list 10:00");
  });

  it("takes the name from paths of every system", () => {
    expect(fileName("/home/ada/a.csv")).toBe("a.csv");
    expect(fileName("C:\\Users\\ada\\a.csv")).toBe("a.csv");
    expect(fileName("a.csv")).toBe("a.csv");
  });
});
