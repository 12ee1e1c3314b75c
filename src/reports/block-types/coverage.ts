import { addDays, addMonths, type DateRange, daysBetween, type ISODate } from "../../base/dates.js";
import { LIMITS, plainText } from "../plain-text.js";

/** What there is of one day of one report: rows, nothing although it was read, or it was never read. */
export type DayState = "landed" | "empty" | "missing";

/** Which days of which report are there: a strip per report, and the same in words. */
export interface CoverageBlock {
  readonly kind: "coverage";
  readonly title: string;
  /** States the finding. */
  readonly alt: string;
  /** The days from the left end to the right one. */
  readonly days: DateRange;
  readonly rows: readonly {
    readonly label: string;
    /** Days in order, without overlap; what is before the first run is not expected. */
    readonly runs: readonly { readonly state: DayState; readonly days: DateRange }[];
    /** What the strip says: `complete`, `2 missing: …`. */
    readonly text: string;
    readonly tone: "good" | "bad" | "neutral";
  }[];
  readonly note?: string;
}

/** The block with harmless texts. */
export function plainCoverage(block: CoverageBlock): CoverageBlock {
  return {
    ...block,
    title: plainText(block.title, LIMITS.title),
    alt: plainText(block.alt),
    rows: block.rows.map((row) => ({
      ...row,
      label: plainText(row.label, LIMITS.label),
      text: plainText(row.text, LIMITS.cell),
    })),
    ...(block.note === undefined ? {} : { note: plainText(block.note) }),
  };
}

/** Height and top of a day's bar in percent: states differ in shape, not in colour alone. */
const SHAPES: Readonly<Record<DayState, { readonly y: number; readonly height: number }>> = {
  landed: { y: 0, height: 100 },
  empty: { y: 70, height: 30 },
  missing: { y: 35, height: 30 },
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What the template is given: places in percent of the strip's width. */
export function coverageView(block: CoverageBlock): object {
  const width = daysBetween(block.days.from, block.days.to) + 1;
  const place = (day: ISODate) => percent(daysBetween(block.days.from, day), width);
  return {
    ...block,
    months: monthsIn(block.days).map((day) => ({ x: place(day), text: MONTHS[Number(day.slice(5, 7)) - 1] })),
    rows: block.rows.map((row) => ({
      ...row,
      judgement: row.tone === "bad" ? "worse" : null,
      bars: row.runs.map(({ state, days }) => ({
        state,
        ...SHAPES[state],
        x: place(days.from),
        width: percent(daysBetween(days.from, days.to) + 1, width),
      })),
    })),
  };
}

/** The first days of the months that begin in a range. */
function monthsIn({ from, to }: DateRange): readonly ISODate[] {
  const first = `${from.slice(0, 7)}-01` as ISODate;
  const found: ISODate[] = [];
  for (let day = first < from ? addMonths(first, 1) : first; day <= addDays(to, -3); day = addMonths(day, 1))
    found.push(day);
  return found;
}

function percent(part: number, whole: number): number {
  return Math.round((part / whole) * 100_000) / 1000;
}
