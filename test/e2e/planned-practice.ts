import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { inject } from "vitest";

/** Puts a copy of the practice migration that has a plan where the app keeps its own, among the recent migrations. */
export async function placePlannedPractice(userData: string): Promise<void> {
  const place = join(userData, "practice", "1");
  await mkdir(join(userData, "practice"), { recursive: true });
  await cp(inject("plannedPractice"), place, { recursive: true });
  const name = "Practice migration";
  const recent = [{ folder: join(place, name), name, practice: true }];
  await writeFile(join(userData, "recent-projects.json"), JSON.stringify(recent));
}

/** Opens the practice migration among the recent ones; it opens on the step that comes next. */
export async function openPractice(window: Page): Promise<void> {
  await window.getByRole("button", { name: /^Practice migration/ }).click();
  await window.getByRole("navigation", { name: "Steps of the migration" }).waitFor();
}
