import { statfsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { defineConfig } from "vitest/config";
import { ownDisplays } from "./test/e2e/display.ts";

/** SQL statements are files of their own; the build loads them as text, and so do tests. */
const sqlAsText = {
  name: "sql-as-text",
  transform: (code: string, id: string) =>
    id.endsWith(".sql") ? `export default ${JSON.stringify(code)}` : undefined,
};

/** Where Linux keeps files in memory: projects of tests are many and small, and none needs to outlive a power cut. */
function temporaryFolder(): string {
  const inMemory = "/dev/shm";
  const needed = 2 ** 31;
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize > needed ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
}

export default defineConfig({
  test: {
    // Many tests wait for an answer or for a child process, so that more of them than cores keep the cores busy.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        plugins: [sqlAsText],
        test: {
          name: "unit",
          env: { SENDGATE_DATABASE_THREADS: "1", TMPDIR: temporaryFolder() },
          // No module of ours keeps anything between calls, so that files can share what one of them loaded.
          isolate: false,
          include: ["**/*.test.{ts,tsx}"],
          exclude: ["node_modules", "out", "dist", "test/e2e"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins: [sqlAsText],
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/planned-practice.setup.ts"],
          // Two windows at a time where each has a display of its own, else one.
          maxWorkers: ownDisplays ? 2 : 1,
          // Electron 25 now and then loses a page or a start to its own age; what fails twice is ours.
          retry: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
