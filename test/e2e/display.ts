import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

export interface Display {
  /** For the environment variable DISPLAY. */
  name: string;
  /** Ends the display, where it was started here. */
  close(): void;
}

/** Whether each window gets a virtual display of its own. Only Linux needs one; elsewhere there always is a display. */
export const ownDisplays = process.platform === "linux" && !process.env.DISPLAY;

/** The display that is there, else a virtual one of our own. */
export async function openDisplay(): Promise<Display> {
  if (!ownDisplays) return { name: process.env.DISPLAY ?? "", close() {} };

  // It chooses a free number itself, writes it to descriptor 3, and ends with its last client.
  const server = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-terminate"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const number = await new Promise<string>((resolve, reject) => {
    const written = server.stdio[3] as Readable;
    let text = "";
    written.on("data", (chunk) => {
      text += chunk;
      if (text.endsWith("\n")) resolve(text.trim());
    });
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`Xvfb ended with code ${code}.`)));
  });
  return { name: `:${number}`, close: () => void server.kill() };
}
