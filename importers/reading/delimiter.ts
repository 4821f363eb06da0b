import Papa from "papaparse";

const delimiters = [",", ";", "\t", "|"];
const sampleRows = 100;

/**
 * The delimiter with which the first rows agree best with their header. A header without any of the delimiters is
 * one column, whatever the rows hold.
 *
 * @param sample the beginning of the file with unified line breaks
 * @param whole true if the sample is the whole file: its last row is then complete
 */
export function sniffDelimiter(sample: string, whole: boolean): string {
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of delimiters) {
    const parser = new Papa.Parser({ delimiter, newline: "\n", preview: sampleRows });
    const rows = (parser.parse(sample, 0, !whole) as { data: string[][] }).data.filter(
      (cells) => cells.length > 1 || cells[0]!.trim() !== "",
    );
    const columns = rows[0]?.length ?? 0;
    const agreeing = rows.filter((cells) => cells.length === columns).length;
    const score = agreeing * (columns - 1);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}
