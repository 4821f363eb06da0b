import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    {
      name: "sql-as-text",
      transform: (code, id) => (id.endsWith(".sql") ? `export default ${JSON.stringify(code)}` : undefined),
    },
  ],
  test: {
    include: ["**/*.test.ts", "**/*.test.tsx"],
    exclude: ["node_modules", "out", "dist"],
  },
});
