import { type BrowserWindow, dialog, type FileFilter } from "electron";

/** The system's dialogs, on top of the window. */

/** Null where the operator cancels. */
export async function chooseFolder(window: BrowserWindow, title: string): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title,
    properties: ["openDirectory", "createDirectory"],
  });
  return filePaths[0] ?? null;
}

/** Empty where the operator cancels. */
export async function chooseFiles(
  window: BrowserWindow,
  title: string,
  filters: FileFilter[] = [],
): Promise<string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title,
    filters,
    properties: ["openFile", "multiSelections"],
  });
  return filePaths;
}

/** Null where the operator cancels. */
export async function chooseNewFile(
  window: BrowserWindow,
  title: string,
  defaultPath: string,
  filters: FileFilter[] = [],
): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, { title, defaultPath, filters });
  return canceled || !filePath ? null : filePath;
}
