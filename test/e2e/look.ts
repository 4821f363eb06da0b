import { AxeBuilder } from "@axe-core/playwright";
import type { ElectronApplication, Page } from "playwright";
import { expect } from "vitest";
import { takeScreenshot } from "./harness.ts";

/** Gives the window the size of a small laptop's screen, for pictures that can be compared. */
export async function asOnASmallScreen(app: ElectronApplication, window: Page): Promise<void> {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 800));
  // Contrast is measured on what stands still.
  await window.emulateMedia({ reducedMotion: "reduce" });
}

/** Pictures of what the window shows, light and dark; fails where it shuts somebody out (axe, WCAG). */
export async function look(window: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await takeScreenshot(window, `${name}-${colorScheme}`, colorScheme);
    // Dark is the same page in other colours.
    const rules = colorScheme === "dark" ? ["color-contrast"] : null;
    expect(await violations(window, rules), `${name}, ${colorScheme}`).toEqual([]);
  }
}

/** What shuts somebody out: the rule and its elements. @param rules null for all of them */
async function violations(window: Page, rules: string[] | null): Promise<string[]> {
  // Axe is half a megabyte, which would be sent four times a look: once it is in the page, it stays.
  const isThere = await window.evaluate(() => "axe" in globalThis);
  const axe = new AxeBuilder({ page: window, ...(isThere && { axeSource: "0" }) })
    // Electron opens no second page, which axe would use otherwise.
    .setLegacyMode()
    // Of all that is as it should be, one element for each rule is enough.
    .options({ resultTypes: ["violations"] });
  if (rules) axe.withRules(rules);
  return (await axe.analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
}
