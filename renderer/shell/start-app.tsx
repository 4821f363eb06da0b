import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import * as z from "zod";
import { App } from "./app.tsx";

/** Draws the window. The ports to engine and host are asked of the preload script. */
export function startApp() {
  // zod's compiled validators need `new Function`, which the page's policy forbids.
  z.config({ jitless: true });
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
