/** The lines of a text field that hold something, as they were typed: one identifier each. */
export function typedLines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
