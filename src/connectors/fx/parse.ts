import { type ISODate, isISODate } from "../../base/dates.js";

/** One published rate: units of `currency` for one euro, as the decimal text that was published. */
export interface PublishedRate {
  readonly day: ISODate;
  readonly currency: string;
  readonly rate: string;
  /** Line of the document, from 1. */
  readonly line: number;
}

/** The rates of a document, or the first thing in it that cannot be right. */
export type ParsedRates =
  | { readonly ok: true; readonly rates: readonly PublishedRate[] }
  | { readonly ok: false; readonly line: number; readonly problem: string };

/** Currency to which all of the ECB's reference rates are quoted. */
export const BASE = "EUR";

/** Thirty years of fifty currencies are 400,000. */
const MAX_RATES = 1_000_000;
/** What is exact in whole hundred-millionths of 64 bits. */
const RATE = /^\d{1,8}(\.\d{1,8})?$/;
const NO_RATE: ReadonlySet<string> = new Set(["", "N/A", "NaN"]);
/** Characters of a line; the widest table of the ECB has 400. */
const MAX_LINE = 10_000;
/** A currency that loses six digits from one published day to the next was not devalued but mistyped. */
const MAX_JUMP = 1_000_000;

type Format = "sdmx" | "wide" | "xml";

interface Raw {
  readonly line: number;
  readonly day: string;
  readonly currency: string;
  readonly rate: string;
}

/** Thrown and caught within this file only: what is wrong, and where. */
interface Wrong {
  readonly line: number;
  readonly problem: string;
}

/**
 * Reads a document of the ECB: SDMX CSV (`format=csvdata`), the wide table `Date,USD,JPY,…` (`eurofxref-hist.csv`), or its XML.
 * Strict: everything is a day, a currency code and a positive decimal, or the document is refused. `N/A`, `NaN` and empty are no rate.
 */
export function parseRates(document: string): ParsedRates {
  const text = withoutMark(document);
  const format = formatOf(text);
  if (format === undefined) return wrong(1, "neither a CSV file nor XML of the ECB");
  const read = format === "xml" ? readXml(text) : readCsv(text, format);
  if ("problem" in read) return { ok: false, ...read };
  return checked(read);
}

/** What shows that an answer is no document of rates, or was cut off; undefined for one that looks whole. Empty is whole. */
export function notWhole(document: string): string | undefined {
  const text = withoutMark(document).trimEnd();
  if (text === "") return undefined;
  const format = formatOf(text);
  if (format === undefined) return "something other than exchange rates";
  if (format === "xml") return /<\/gesmes:Envelope>$/.test(text) ? undefined : "XML that was cut off";
  const lines = text.split("\n");
  const [first, last] = [cellsOf(lines[0] ?? ""), cellsOf(lines.at(-1) ?? "")];
  return first !== undefined && last?.length === first.length ? undefined : "a table that was cut off";
}

function withoutMark(document: string): string {
  return document.replace(/^\uFEFF/, "");
}

function formatOf(text: string): Format | undefined {
  const head = text.slice(0, 2_000).trimStart();
  if (/^KEY,.*\bOBS_VALUE\b/.test(head)) return "sdmx";
  if (/^Date\s*,/.test(head)) return "wide";
  return /^(<\?xml[^>]*\?>\s*)?<gesmes:Envelope\b/.test(head) ? "xml" : undefined;
}

function wrong(line: number, problem: string): ParsedRates {
  return { ok: false, line, problem };
}

function readCsv(text: string, format: "sdmx" | "wide"): readonly Raw[] | Wrong {
  const lines = text.split("\n");
  const header = cellsOf(lines[0] ?? "") ?? [];
  const found: Raw[] = [];
  for (const [index, row] of lines.entries()) {
    if (index === 0 || row.trim() === "") continue;
    const line = index + 1;
    const cells = cellsOf(row);
    if (cells?.length !== header.length)
      return { line, problem: `${cells?.length ?? "unreadable"} columns where the header has ${header.length}` };
    const read = format === "sdmx" ? sdmxRow(header, cells, line) : wideRow(header, cells, line);
    if ("problem" in read) return read;
    found.push(...read);
    if (found.length > MAX_RATES) return { line, problem: `more than ${MAX_RATES} rates` };
  }
  return found;
}

/** Cells of one line, `"…"` unquoted; undefined when a quote is left open, and for a line without end. */
function cellsOf(line: string): readonly string[] | undefined {
  if (line.length > MAX_LINE) return undefined;
  const row = line.replace(/\r$/, "");
  if (!row.includes('"')) return row.split(",").map((cell) => cell.trim());
  const cells: string[] = [];
  let rest = row;
  for (;;) {
    const match = /^\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/.exec(rest);
    if (match === null) return undefined;
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
    rest = rest.slice(match[0].length);
    if (match[3] !== ",") return cells;
  }
}

/** What every row of the series must say when it has the column: daily, against the euro, at the reference time, in single units. */
const SDMX_FIXED: Readonly<Record<string, string>> = {
  FREQ: "D",
  CURRENCY_DENOM: BASE,
  EXR_TYPE: "SP00",
  EXR_SUFFIX: "A",
  UNIT_MULT: "0",
};

function sdmxRow(header: readonly string[], cells: readonly string[], line: number): readonly Raw[] | Wrong {
  const cell = (name: string) => cells[header.indexOf(name)];
  const strange = Object.entries(SDMX_FIXED).find(([name, value]) => (cell(name) ?? value) !== value);
  if (strange !== undefined) return { line, problem: `${strange[0]} is "${cell(strange[0])}", not "${strange[1]}"` };
  const missing = ["CURRENCY", "TIME_PERIOD", "OBS_VALUE"].find((name) => cell(name) === undefined);
  if (missing !== undefined) return { line, problem: `there is no column ${missing}` };
  return [{ line, day: cell("TIME_PERIOD") ?? "", currency: cell("CURRENCY") ?? "", rate: cell("OBS_VALUE") ?? "" }];
}

function wideRow(header: readonly string[], cells: readonly string[], line: number): readonly Raw[] {
  // The ECB ends every line with a comma: a last column without a name and without content.
  return header.slice(1).flatMap((currency, index) => {
    const rate = cells[index + 1] ?? "";
    return currency === "" && rate === "" ? [] : [{ line, day: cells[0] ?? "", currency, rate }];
  });
}

function readXml(text: string): readonly Raw[] | Wrong {
  // Nobody's rates need entities; they are how XML reads files and eats memory.
  if (/<!/.test(text.replaceAll(/<!--[\s\S]*?-->/g, ""))) return { line: 1, problem: "XML with declarations" };
  const found: Raw[] = [];
  let day = "";
  let [line, counted] = [1, 0];
  for (const tag of text.matchAll(/<Cube\b([^>]*)>/g)) {
    line += text.slice(counted, tag.index).split("\n").length - 1;
    counted = tag.index;
    const attributes = Object.fromEntries(
      [...(tag[1] ?? "").matchAll(/(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)")/g)].map(
        ([, name, single, double]) => [name ?? "", single ?? double ?? ""] as const,
      ),
    );
    day = attributes["time"] ?? day;
    const { currency, rate } = attributes;
    if (currency === undefined && rate === undefined) continue;
    found.push({ line, day, currency: currency ?? "", rate: rate ?? "" });
    if (found.length > MAX_RATES) return { line, problem: `more than ${MAX_RATES} rates` };
  }
  return found;
}

function checked(found: readonly Raw[]): ParsedRates {
  const rates = new Map<string, PublishedRate>();
  for (const { line, day, currency, rate } of found) {
    if (!isISODate(day)) return wrong(line, `"${day.slice(0, 30)}" is not a day YYYY-MM-DD`);
    if (!/^[A-Z]{3}$/.test(currency)) return wrong(line, `"${currency.slice(0, 30)}" is not a currency code`);
    if (NO_RATE.has(rate)) continue;
    if (!RATE.test(rate) || Number(rate) === 0)
      return wrong(line, `"${rate.slice(0, 30)}" is no rate of ${currency}: a positive number with a decimal point`);
    const key = `${day} ${currency}`;
    const known = rates.get(key);
    if (known !== undefined && Number(known.rate) !== Number(rate))
      return wrong(line, `${currency} of ${day} is ${rate} here and ${known.rate} in line ${known.line}`);
    rates.set(key, { day, currency, rate, line });
  }
  return jumpIn([...rates.values()]) ?? { ok: true, rates: [...rates.values()] };
}

function jumpIn(rates: readonly PublishedRate[]): ParsedRates | undefined {
  const before = new Map<string, PublishedRate>();
  const byDay = [...rates].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  for (const rate of byDay) {
    const last = before.get(rate.currency);
    const factor = last === undefined ? 1 : Number(rate.rate) / Number(last.rate);
    if (last !== undefined && Math.max(factor, 1 / factor) > MAX_JUMP)
      return wrong(rate.line, `${rate.currency} jumps from ${last.rate} on ${last.day} to ${rate.rate} on ${rate.day}`);
    before.set(rate.currency, rate);
  }
  return undefined;
}
