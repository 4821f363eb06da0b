/** The engine's erasure names the command line's options, which nobody has at the window. */
const options: [option: string, words: string][] = [
  ["--confirm ", ""],
  ["--user-id", "the user ID"],
  ["--email", "the address"],
];

/** A sentence of the engine's erasure as the window says it. */
export function windowWords(sentence: string): string {
  return options.reduce((text, [option, words]) => text.replaceAll(option, words), sentence);
}
