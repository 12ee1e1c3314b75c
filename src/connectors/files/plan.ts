import type { ISODate } from "../../base/dates.js";
import { isISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { plainHeader } from "./recognise.js";
import type { ColumnMatch, HeadFacts, Recognition } from "./types.js";

/** The days that a file says it is about, in its lines above the header. */
export interface StatedDays {
  readonly from: ISODate;
  readonly to: ISODate;
}

/** How a row of this file finds its day, or why it cannot. */
export type Grain =
  | { readonly kind: "none" }
  | { readonly kind: "field"; readonly field: string }
  | { readonly kind: "span"; readonly fields: readonly [string, string] }
  | { readonly kind: "nth"; readonly field: string; readonly start: ISODate }
  | { readonly kind: "fixed"; readonly day: ISODate }
  | { readonly kind: "too_coarse"; readonly why: string };

/** Columns whose text looks personal by their name: they are treated like an address even where nobody declared them. */
export function looksPersonal(header: string): boolean {
  const name = plainHeader(header).replaceAll("_", " ");
  return /\b(e-?mail|phone|mobile|telephone|first name|last name|full name|surname|customer name|address\d?|street|ip address|birth ?(day|date)|zip|postal code|postcode|note|notes)\b/.test(
    name,
  );
}

/**
 * The days in the preamble: GA4 writes `# Start date: 20240301` and `# End date: …` (labels translated), Google Ads one line
 * such as `5 March 2024 - 14 March 2024` or `October 1, 2026 - October 31, 2026`. Null when they are not understood.
 */
export function statedDays(preamble: readonly string[]): StatedDays | null {
  const labelled = preamble.flatMap((line) => {
    const text = /^#[^:]*:\s*(\d{4})(\d{2})(\d{2})\s*$/.exec(line.trim());
    const day = text === null ? "" : `${text[1]}-${text[2]}-${text[3]}`;
    return isISODate(day) ? [day] : [];
  });
  if (labelled.length >= 2) return { from: labelled[0] as ISODate, to: labelled[1] as ISODate };
  for (const line of preamble) {
    const ends = line
      .replaceAll('"', "")
      .split(/\s+[-–]\s+/)
      .map(writtenDay);
    if (ends.length === 2 && ends[0] !== null && ends[1] !== null) {
      return { from: ends[0] as ISODate, to: ends[1] as ISODate };
    }
  }
  return null;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** `5 March 2024`, `March 5, 2024`, `2024-03-05`; English only: other languages fall back to the rows' own days. */
function writtenDay(text: string): ISODate | null {
  const plain = text.trim();
  if (isISODate(plain)) return plain;
  const match = /^(\d{1,2})\.? ([A-Za-z]{3,9})\.?,? (\d{4})$/.exec(plain);
  const american = /^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})$/.exec(plain);
  const [day, month, year] = match ? [match[1], match[2], match[3]] : [american?.[2], american?.[1], american?.[3]];
  const index = MONTHS.indexOf((month ?? "").slice(0, 3).toLowerCase());
  const iso = `${year}-${String(index + 1).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return index >= 0 && isISODate(iso) ? iso : null;
}

/** How rows find their day. A week or a month is never spread over its days: such a file is too coarse and says why. */
export function grainOf(recognition: Recognition, head: HeadFacts): Grain {
  const { shape, matches } = recognition;
  if (shape.dayField === null) return { kind: "none" };
  const has = (name: string) => matches.some((match) => match.field.name === name);
  if (has(shape.dayField)) return { kind: "field", field: shape.dayField };
  for (const name of ["day", "date"]) if (has(name)) return { kind: "field", field: name };
  if (has("starts") && has("ends")) return { kind: "span", fields: ["starts", "ends"] };
  const stated = statedDays(head.preamble);
  if (has("nth_day") && stated !== null && !has("date_range")) {
    return { kind: "nth", field: "nth_day", start: stated.from };
  }
  if (stated !== null && stated.from === stated.to && !has("date_range")) return { kind: "fixed", day: stated.from };
  return { kind: "too_coarse", why: coarseness(matches, stated) };
}

function coarseness(matches: readonly ColumnMatch[], stated: StatedDays | null): string {
  const column = matches.find((match) => ["week", "nth_week", "month"].includes(match.field.name));
  if (column !== undefined) return `each row is one "${column.header}", not one day`;
  const compared = matches.find((match) => match.field.name === "date_range");
  if (compared !== undefined) return `"${compared.header}" compares two periods, and rows bear no day`;
  return stated === null ? "rows bear no day" : `every row covers ${stated.from} to ${stated.to}`;
}

/** The error for a file whose rows are coarser than a day. */
export function tooCoarse(recognition: Recognition, name: string, why: string): GrowthosError {
  const how: Readonly<Record<string, string>> = {
    ga4: 'add the dimension "Date" to the report and export it again',
    google_ads: 'add the segment "Day" to the report and export it again',
    meta_ads: 'export it again with the breakdown "By time: Day"',
  };
  return new GrowthosError({
    code: "FILE_GRAIN",
    what: `"${name}" has no daily figures`,
    why: `${why}; growthos books by day and never spreads a longer period over its days`,
    state: "nothing of this file was landed",
    hint: how[recognition.shape.stream] ?? "name a column with the day",
    exit: "badData",
  });
}
