/** What pages say about amounts that came in other currencies: which were converted, and which are in no figure. */
import type { DateRange } from "../base/dates.js";
import { decimalText } from "../base/money.js";
import type { ForeignDay } from "../metrics/page-facts.js";
import { grouped } from "./stamps.js";
import { listText } from "./text.js";
import type { Facts, ForeignUse } from "./types.js";

/** The days of a range added up per kind and currency, in a fixed order. */
export function foreignUse(days: readonly ForeignDay[], range: DateRange): readonly ForeignUse[] {
  const sums = new Map<string, ForeignUse>();
  for (const { day, what, currency, converted, rows, minor } of days) {
    if (day < range.from || day > range.to) continue;
    const key = `${what} ${currency} ${converted}`;
    const known = sums.get(key);
    sums.set(key, { what, currency, converted, rows: (known?.rows ?? 0) + rows, minor: (known?.minor ?? 0) + minor });
  }
  return [...sums.values()].sort((a, b) => ORDER.indexOf(a.what) - ORDER.indexOf(b.what) || compare(a, b));
}

const ORDER: readonly ForeignUse["what"][] = ["orders", "refunds", "spend"];

function compare(a: ForeignUse, b: ForeignUse): number {
  return a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0;
}

/** The sentences for a range of days; none for a shop with one currency. */
export function currencySentences(facts: Pick<Facts, "foreign">, range: DateRange): readonly string[] {
  const use = facts.foreign(range);
  const converted = [...new Set(use.filter((one) => one.converted).map(({ currency }) => currency))].sort();
  return [
    ...use.filter((one) => !one.converted).map(leftOut),
    ...(converted.length === 0
      ? []
      : [`Amounts in ${listText(converted)} were converted at the ECB reference rate of each day.`]),
  ];
}

function leftOut({ what, currency, rows, minor }: ForeignUse): string {
  const amount = `${decimalText({ minor, currency })} ${currency}`;
  if (what === "spend") return `Ad spend in ${currency} (${amount}) is not in these figures: no exchange rates.`;
  const noun = rows === 1 ? what.slice(0, -1) : what;
  const verb = rows === 1 ? "is" : "are";
  return `${grouped(rows)} ${noun} in ${currency} (${amount}) ${verb} not in these figures: no exchange rates.`;
}
