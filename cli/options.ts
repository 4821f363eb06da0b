import { Option } from "commander";
import { badInput } from "../contract/failure.ts";

export const json = () => new Option("--json", "one JSON object on standard output");
export const out = () => new Option("--out <file>", "where to write it").makeOptionMandatory();

export function collect(value: string, collected: string[] = []): string[] {
  return [...collected, value];
}

export function collectNumber(value: string, collected: number[] = []): number[] {
  return [...collected, parseNumber(value)];
}

export function parseNumber(value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 0)
    throw badInput("USAGE", `${value} is no whole number.`, "Give a whole number.");
  return parsed;
}
