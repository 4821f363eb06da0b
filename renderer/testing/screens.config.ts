import { defineConfig } from "vitest/config";

/** The screens in a Chromium, over the fake engine: `npx vitest run --config renderer/testing/screens.config.ts`. */
export default defineConfig({
  test: { include: ["renderer/testing/screens.check.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
});
