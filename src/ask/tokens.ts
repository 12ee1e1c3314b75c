import { isISODate } from "../base/dates.js";
import type { Token } from "./types.js";

/** Longer questions are no questions. */
export const MOST_CHARACTERS = 500;

const SMALL_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const CURRENCY_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    $: "USD",
    "€": "EUR",
    "£": "GBP",
    dollar: "USD",
    dollars: "USD",
    buck: "USD",
    bucks: "USD",
    usd: "USD",
    euro: "EUR",
    euros: "EUR",
    eur: "EUR",
    pound: "GBP",
    pounds: "GBP",
    gbp: "GBP",
    percent: "%",
    pct: "%",
    "%": "%",
    x: "x",
  }),
);

const PATTERN =
  /"([^"]{1,120})"|(\d{4}-\d{2}-\d{2})|(\d{4}-(?:w\d{2}|q[1-4]|\d{2})(?![\d-]))|([$€£])?(\d[\d,]*(?:\.\d+)?|\.\d+)(k|m|st|nd|rd|th)?(?![\p{L}\d])\s?(%|x(?![\p{L}\d]))?|([\p{L}\d]+(?:[.'][\p{L}\d]+)*)|(>=|<=|!=|<>|[><=]|\.\.|[-–—](?=\s?(?:\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))|[,;&+/%])/gu;

/** Words, numbers and marks of a question, in lower case; what is none of them is dropped. */
export function tokensOf(question: string): readonly Token[] {
  const typed = question.normalize("NFKC").replaceAll(/[‘’]/g, "'").replaceAll(/[“”]/g, '"').replaceAll("_", " ");
  const found: Token[] = [];
  // A letter whose lower case is longer would move what follows: such a text is read without its capitals.
  const text = typed.toLowerCase();
  for (const match of text.matchAll(PATTERN)) {
    const [whole, quoted, date, label, currency, number, suffix, unit, word] = match;
    if (quoted !== undefined) found.push({ kind: "quoted", text: quoted.trim() });
    else if (date !== undefined) found.push({ kind: isISODate(date) ? "date" : "word", text: date });
    else if (label !== undefined) found.push({ kind: "date", text: label });
    else if (number !== undefined) found.push(numberToken(number, suffix, currency ?? unit));
    else if (word !== undefined) addWord(found, word, typed.slice(match.index, match.index + word.length));
    else found.push({ kind: "mark", text: markOf(whole) });
  }
  return found;
}

function numberToken(digits: string, suffix: string | undefined, unit: string | undefined): Token {
  const plain = Number(digits.replaceAll(",", ""));
  const value = suffix === "k" ? plain * 1e3 : suffix === "m" ? plain * 1e6 : plain;
  const isOrdinal = suffix !== undefined && suffix !== "k" && suffix !== "m";
  const told = isOrdinal ? "th" : unit === undefined ? undefined : CURRENCY_WORDS.get(unit);
  return { kind: "number", text: String(value), value, ...(told === undefined ? {} : { unit: told }) };
}

/** `what's` is `what`; `50 dollars` is one number; `last5days` is not taken apart. */
function addWord(found: Token[], word: string, typed: string): void {
  const plain = word.replace(/'(s|re|ve|d|ll|m)$/, "").replaceAll("'", "");
  const last = found.at(-1);
  const unit = CURRENCY_WORDS.get(plain);
  if (unit !== undefined && last?.kind === "number" && last.unit === undefined) {
    found[found.length - 1] = { ...last, unit };
    return;
  }
  const small = SMALL_NUMBERS.indexOf(plain);
  if (small >= 0) found.push({ kind: "number", text: String(small), value: small });
  else if (plain !== "") {
    const isUpper = typed.length > 1 && /^\p{Lu}+$/u.test(typed);
    found.push({ kind: "word", text: plain, ...(isUpper ? { isUpper: true as const } : {}) });
  }
}

function markOf(text: string): string {
  if (text === "&" || text === "+") return "and";
  if (text === ";") return ",";
  if (text === "<>") return "!=";
  return /[-–—]/.test(text) || text === ".." ? "-" : text;
}
