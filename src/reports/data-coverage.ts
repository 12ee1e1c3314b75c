/** Blocks about what has landed and what feeds it: the calendar of days, runs, the life of the vendors' APIs. */
import { addDays, type DateRange, daysBetween, type ISODate, isoDate } from "../base/dates.js";
import { laterDay } from "../metrics/calendar.js";
import type { Availability } from "../transform/data-quality.js";
import { durationText, instantText } from "./ages.js";
import type { CoverageBlock } from "./block-types/coverage.js";
import { textCell } from "./figures.js";
import { plural } from "./narrative.js";
import type { ApiFact, Operations } from "./operations.js";
import { grouped } from "./stamps.js";
import { daysText, listText } from "./text.js";
import type { Block, BlockOf, TableCell } from "./types.js";

/** Days of the calendar: thirteen weeks, a quarter. */
const CALENDAR_DAYS = 91;

/** Which days of which relation and source are there; null where nothing has days. */
export function coverageCalendar(availability: readonly Availability[], lastDay: ISODate): CoverageBlock | null {
  const days = { from: addDays(lastDay, 1 - CALENDAR_DAYS), to: lastDay };
  const dated = availability.filter((one) => one.missingDays !== null && one.first !== null);
  if (dated.length === 0) return null;
  const rows = dated.map((one) => rowOf(one, days));
  const lacking = rows.filter(({ tone }) => tone === "bad");
  const said =
    lacking.length === 0
      ? `None of ${plural(rows.length, "relation")} lacks a day`
      : `${lacking.length} of ${plural(rows.length, "relation")} ${lacking.length === 1 ? "lacks" : "lack"} days: ${listText(lacking.map(({ label }) => label))}`;
  return {
    kind: "coverage",
    title: `The last ${CALENDAR_DAYS} days, by relation and source`,
    alt: `${said}.`,
    days,
    rows,
    note: "A day is missing when no report with it has landed; it is empty when it was read and has no row.",
  };
}

function rowOf(one: Availability, days: DateRange): CoverageBlock["rows"][number] {
  const first = isoDate(String(one.first).slice(0, 10));
  const begin = laterDay(first, days.from);
  const gaps = one.gaps
    .map(({ kind, from, to }) => ({
      state: kind,
      days: { from: from > begin ? isoDate(from) : begin, to: to < days.to ? isoDate(to) : days.to },
    }))
    .filter((gap) => gap.days.from <= gap.days.to)
    .sort((a, b) => (a.days.from < b.days.from ? -1 : 1));
  const missing = gaps.filter(({ state }) => state === "missing");
  const text = missing.map((gap) =>
    gap.days.from === gap.days.to ? gap.days.from : `${gap.days.from} … ${gap.days.to}`,
  );
  return {
    label: `${one.relation.replace(/^fact_/, "").replaceAll("_", " ")}, ${one.source}`,
    runs: begin > days.to ? [] : filled({ from: begin, to: days.to }, gaps),
    text: text.length === 0 ? "none" : listText(text),
    tone: text.length === 0 ? "neutral" : "bad",
  };
}

type Run = CoverageBlock["rows"][number]["runs"][number];

/** The gaps, and what has landed between them. */
function filled(days: DateRange, gaps: readonly Run[]): readonly Run[] {
  const runs: Run[] = [];
  let next = days.from;
  for (const gap of gaps) {
    if (gap.days.from > next) runs.push({ state: "landed", days: { from: next, to: addDays(gap.days.from, -1) } });
    runs.push(gap);
    next = addDays(gap.days.to, 1);
  }
  return next > days.to ? runs : [...runs, { state: "landed", days: { from: next, to: days.to } }];
}

const RECENT_RUNS = 5;

/** The newest runs in short; what more there is stands on the page of jobs. */
export function recentRuns({ runs }: Operations): Block {
  if (runs.length === 0) return { kind: "prose", paragraphs: ["No run is known here."] };
  return {
    kind: "table",
    title: "The newest runs",
    columns: [
      { id: "started", title: "Started (UTC)", align: "left" },
      { id: "state", title: "State", align: "left" },
      { id: "rows", title: "Rows", align: "right" },
      { id: "took", title: "Took", align: "right" },
      { id: "failed", title: "Failed sources", align: "left" },
    ],
    rows: runs.slice(0, RECENT_RUNS).map((run) => {
      const failed = run.sources.filter(({ error }) => error !== null).map(({ source }) => source);
      return [
        { ...textCell(instantText(run.startedAt), run.startedAt), link: { page: "jobs", anchor: "runs" } },
        textCell(run.state.replaceAll("_", " ")),
        textCell(grouped(run.rows), run.rows),
        textCell(durationText(run.durationMs), run.durationMs),
        failed.length === 0
          ? textCell("none", 0)
          : { ...textCell(failed.join(", "), failed.length), tone: "bad" as const },
      ];
    }),
  };
}

/** An end that is nearer than this is bad news. */
const SOON_DAYS = 60;

/** Until when the vendors serve the versions in use. */
export function apiSunsets(apis: readonly ApiFact[], today: ISODate): BlockOf<"table"> | BlockOf<"prose"> {
  if (apis.length === 0) return { kind: "prose", paragraphs: ["No source is read through an API."] };
  const checked = [...new Set(apis.flatMap(({ checkedOn }) => checkedOn ?? []))];
  return {
    kind: "table",
    title: "Versions of the vendors' APIs",
    columns: [
      { id: "source", title: "Source", align: "left" },
      { id: "version", title: "In use", align: "left" },
      { id: "sunset", title: "Served until", align: "left" },
      { id: "left", title: "Days left", align: "right" },
      { id: "others", title: "Ends of other versions", align: "left" },
    ],
    rows: apis.map((api) => [textCell(api.title), textCell(api.version), ...sunsetCells(api, today), othersCell(api)]),
    note: `Ends as the vendors published them${checked.length === 0 ? "" : `, read on ${daysText(checked)}`}; a newer growthos speaks a newer version.`,
  };
}

function sunsetCells({ sunset, isEstimate }: ApiFact, today: ISODate): readonly TableCell[] {
  if (sunset === null) return [textCell("no end is announced", null), textCell("—", null)];
  const left = daysBetween(today, sunset);
  const until = textCell(isEstimate ? `about ${sunset}` : sunset, sunset);
  const days = textCell(left < 0 ? "over" : grouped(left), left);
  return [
    isEstimate ? { ...until, note: "reckoned from how long the vendor served earlier versions" } : until,
    left < SOON_DAYS ? { ...days, tone: "bad" } : days,
  ];
}

function othersCell({ others }: ApiFact): TableCell {
  if (others.length === 0) return textCell("—", null);
  return textCell(others.map(({ version, sunset }) => `${version} ${sunset}`).join(", "));
}
