import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The window's page. It is served from `sendgate://app/` under a policy that allows no inline script. */
export default defineConfig({
  root: "renderer",
  base: "/",
  plugins: [react()],
  build: { target: "chrome114", modulePreload: { polyfill: false }, chunkSizeWarningLimit: 4000 },
});
