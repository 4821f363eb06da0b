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
    // Electron opens no second page, which axe would use otherwise.
    const axe = new AxeBuilder({ page: window }).setLegacyMode();
    // Dark is the same page in other colours.
    if (colorScheme === "dark") axe.withRules("color-contrast");
    const { violations } = await axe.analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(found, `${name}, ${colorScheme}`).toEqual([]);
  }
}
