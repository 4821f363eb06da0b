import type { Locator, Page } from "playwright";

/** Drops files from the disk on a part of the window, as the system's file manager does. */
export async function dropFiles(window: Page, target: Locator, files: string[]): Promise<void> {
  const box = (await target.boundingBox())!;
  const at = { x: box.x + box.width / 3, y: box.y + box.height / 2 };
  const session = await window.context().newCDPSession(window);
  // 1 is `copy`.
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
  }
  await session.detach();
}
