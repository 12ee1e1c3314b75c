// A reader of CSV that is slow and plain: one character at a time, after RFC 4180. The program's own, which is DuckDB's, is held against it.

/** A record: its cells, and whether its quotes stand as the grammar has them. */
export interface PlainRecord {
  readonly cells: readonly string[];
  /** A quote inside a cell that is not quoted, text behind a closing quote, or a quote that is never closed. */
  readonly isOdd: boolean;
}

/** Records of a text in their order, blank lines left out. Lines end with LF, CRLF or CR. */
export function readPlainCsv(text: string, delimiter: string): readonly PlainRecord[] {
  const records: PlainRecord[] = [];
  let cells: string[] = [];
  let cell = "";
  let state: "start" | "plain" | "quoted" | "closed" = "start";
  let isOdd = false;
  const endCell = () => {
    cells.push(cell);
    cell = "";
    state = "start";
  };
  const endRecord = () => {
    const isBlank = cells.length === 0 && cell === "" && state === "start";
    endCell();
    if (!isBlank) records.push({ cells, isOdd });
    cells = [];
    isOdd = false;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (state === "quoted") {
      if (character !== '"') cell += character;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else state = "closed";
    } else if (character === delimiter) endCell();
    else if (character === "\n" || character === "\r") {
      if (character === "\r" && text.charAt(at + 1) === "\n") at += 1;
      endRecord();
    } else if (character === '"' && state === "start") state = "quoted";
    else {
      isOdd ||= character === '"' || state === "closed";
      if (state !== "closed") state = "plain";
      cell += character;
    }
  }
  if (state === "quoted") isOdd = true;
  if (state !== "start" || cells.length > 0 || cell !== "") endRecord();
  return records;
}
