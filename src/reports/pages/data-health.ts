/** The page for the question "may I believe these figures?": what has landed, what may still change, what was changed. */
import { apiSunsets, coverageCalendar, recentRuns } from "../data-coverage.js";
import { availabilityTable, freshnessTable, reconciliationBlocks, volumeBlocks } from "../data-quality.js";
import { moneyCell, signedMoney, textCell } from "../figures.js";
import { healthSentence, isFailed } from "../narrative.js";
import { pixelBlocks } from "../pixel-blocks.js";
import { checksTable, failedTable, grouped, quarantineTable, sourcesTable, stamps } from "../stamps.js";
import { daysText, dayText, rangeText } from "../text.js";
import type { Block, BlockOf, Column, DataHealth, ReportPage, TableCell } from "../types.js";

/** Sources, reservations, currencies, checks, restatements and changed fields. */
export const dataHealth: ReportPage = {
  id: "data-health",
  title: "Data health",
  reads: () => ({}),
  build: (facts) => {
    const { health, context, operations } = facts;
    const calendar = coverageCalendar(health.availability, context.lastCompleteDay);
    return {
      schemaVersion: 1,
      id: dataHealth.id,
      title: dataHealth.title,
      subtitle: `Up to ${dayText(context.lastCompleteDay)}`,
      context,
      blocks: [
        { kind: "prose", paragraphs: [healthSentence(health)], lead: true },
        heading("sources", "Sources"),
        sourcesTable(health),
        freshnessTable(health.freshness),
        ...provisional(health),
        ...today(health),
        heading("availability", "What there is"),
        ...(calendar === null ? [] : [calendar]),
        availabilityTable(health.availability),
        heading("volumes", "Volumes"),
        ...volumeBlocks(health.volumes),
        ...pixelBlocks(health.pixel),
        heading("reconciliation", "The shop against GA4 and the ad platforms"),
        ...reconciliationBlocks(health.reconciliations, context.currency),
        heading("reservations", "What sources say against their own figures"),
        reservations(health),
        heading("currencies", "Currencies"),
        currencies(health, context.currency),
        heading("checks", "Checks"),
        ...checks(health),
        heading("restatements", "Figures that were changed later"),
        ...restatements(health),
        heading("fields", "Changed fields"),
        fields(health),
        heading("runs", "Runs"),
        recentRuns(operations),
        heading("apis", "How long the APIs are served"),
        apiSunsets(operations.apis, context.asOf),
      ],
      stamps: stamps(facts),
    };
  },
};

function heading(id: string, text: string): Block {
  return { kind: "heading", id, text };
}

function prose(text: string): Block {
  return { kind: "prose", paragraphs: [text] };
}

function columns(...titles: readonly (readonly [id: string, title: string, align?: "right"])[]): readonly Column[] {
  return titles.map(([id, title, align]) => ({ id, title, align: align ?? "left" }));
}

/** Why a source moves days that are over; by source id. */
const STILL_MOVES: Readonly<Record<string, string>> = {
  ga4: "GA4 processes a day for up to 72 hours",
  meta_ads: "conversions are credited to the day of the click or view for up to 28 days",
  google_ads: "conversions are credited to the day of the click for up to 30 days",
};

function provisional({ provisional: list }: DataHealth): readonly Block[] {
  if (list.length === 0) return [prose("No source changes days that are over.")];
  return [
    {
      kind: "table",
      title: "Days that may still change",
      columns: columns(["source", "Source"], ["days", "Days"], ["why", "Why"]),
      rows: list.map(({ source, days }) => [
        textCell(source),
        textCell(rangeText(days), days.from),
        textCell(STILL_MOVES[source] ?? "the source restates them"),
      ]),
      note: "Figures of these days are marked as provisional in every report.",
    },
  ];
}

/** Only where snapshots are taken. */
function today({ snapshots }: DataHealth): readonly Block[] {
  const [newest] = snapshots;
  if (newest === undefined) return [];
  return [
    heading("today", "Today so far"),
    {
      kind: "table",
      title: `Ad spend by the last snapshot of each day, up to ${dayText(newest.day)}, ${newest.lastTime}`,
      columns: columns(
        ["day", "Day"],
        ["source", "Source"],
        ["snapshots", "Snapshots", "right"],
        ["last", "Last at"],
        ["so_far", "Spend by then", "right"],
        ["final", "In the end", "right"],
        ["difference", "Difference", "right"],
      ),
      rows: snapshots.map((one) => [
        textCell(one.day),
        textCell(one.source),
        textCell(grouped(one.count), one.count),
        textCell(one.lastTime),
        moneyCell(one.soFar, one.currency),
        moneyCell(one.final, one.currency),
        one.final === null
          ? textCell("—", null)
          : textCell(signedMoney(one.final - one.soFar, one.currency), one.final - one.soFar),
      ]),
      note: "Times are by the shop's clock, days are the ad account's own. A day that is over differs by what was spent after its last snapshot and by what the platform restated.",
    },
  ];
}

/** What a flag of `fact_data_quality` means to a reader. */
const FLAGS: Readonly<Record<string, readonly [name: string, meaning: string]>> = {
  thresholded: ["Thresholding", "small figures are withheld so that nobody can be recognised; sums are too low"],
  other_row: ["(other) row", "rare values are summed up as (other); breakdowns are incomplete, totals are not"],
  sampled: ["Sampling", "figures are estimated from a part of the events"],
  truncated: ["Cut off", "days before the retention limit are missing"],
  restricted: ["Withheld", "this account may not see cost or revenue: those figures are unknown, not zero"],
};

function reservations({ reservations: list }: DataHealth): Block {
  if (list.length === 0) return prose("No source has said anything against its figures.");
  return {
    kind: "table",
    title: "Reservations by report",
    columns: columns(
      ["stream", "Report"],
      ["flag", "What"],
      ["meaning", "What it means"],
      ["days", "Days"],
      ["detail", "Detail"],
    ),
    rows: list.map(({ source, stream, flag, days, detail }) => {
      const [name, meaning] = FLAGS[flag] ?? [flag, "the source names no reason"];
      return [
        textCell(`${source}.${stream}`),
        { ...textCell(name), tone: "bad" as const },
        textCell(meaning),
        textCell(daysText(days), days.length),
        textCell(detail ?? "—", detail),
      ];
    }),
  };
}

function currencies({ otherCurrencies: list }: DataHealth, currency: string): Block {
  if (list.length === 0) return prose(`Every amount is in ${currency}.`);
  return {
    kind: "table",
    title: `Rows that are not in ${currency}`,
    columns: columns(["kind", "Of"], ["currency", "Currency"], ["rows", "Rows", "right"]),
    rows: list.map(({ kind, currency: other, rows }) => [
      textCell(kind),
      textCell(other),
      { ...textCell(grouped(rows), rows), tone: "bad" as const },
    ]),
    note: `They are in no sum of money: amounts of different currencies are never added up. With rates (the source fx) they are converted to ${currency}.`,
  };
}

function checks(health: DataHealth): readonly Block[] {
  if (health.checks.length === 0) return [prose("No check has run yet.")];
  return [
    checksTable(health),
    ...(health.checks.some(isFailed) ? [failedTable(health)] : []),
    ...(health.quarantined.length > 0 ? [quarantineTable(health)] : []),
  ];
}

function restatements({ restated }: DataHealth): readonly Block[] {
  if (restated.totals.length === 0) return [prose("No figure has changed since it was read first.")];
  return [restatedTotals(restated), restatedNewest(restated)];
}

function restatedTotals({ totals }: DataHealth["restated"]): BlockOf<"table"> {
  return {
    kind: "table",
    title: "Changes by figure",
    columns: columns(
      ["stream", "Report"],
      ["measure", "Figure"],
      ["days", "Days", "right"],
      ["range", "From – to"],
      ["change", "Change in all", "right"],
      ["seen", "Last seen"],
    ),
    rows: totals.map((one) => [
      textCell(`${one.source}.${one.stream}`),
      textCell(one.measure),
      textCell(grouped(one.days), one.days),
      textCell(one.first === one.last ? one.last : `${one.first} – ${one.last}`, one.first),
      amountCell(one.change),
      textCell(one.lastSeen),
    ]),
    note: "In the source's own units: money in units of its currency.",
  };
}

function restatedNewest({ newest }: DataHealth["restated"]): BlockOf<"table"> {
  return {
    kind: "table",
    title: "The last changes",
    columns: columns(
      ["seen", "Seen"],
      ["stream", "Report"],
      ["measure", "Figure"],
      ["day", "Day"],
      ["before", "Before", "right"],
      ["after", "After", "right"],
      ["change", "Change", "right"],
    ),
    rows: newest.map((one) => [
      textCell(one.seen),
      textCell(`${one.source}.${one.stream}`),
      textCell(one.measure),
      textCell(one.day),
      amountCell(one.before),
      amountCell(one.after),
      amountCell(one.change),
    ]),
  };
}

/** A decimal as the source gives it; a day without a figure has none. */
function amountCell(amount: string | null): TableCell {
  if (amount === null) return { text: "—", sort: null };
  const [whole = "", ...fraction] = amount.split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return textCell([digits, ...fraction].join("."), Number(amount));
}

/** What happened to a field, and what was done about it. */
const CHANGES: Readonly<Record<string, string>> = {
  added: "is new",
  type_changed: "is of another kind",
  lost: "no longer comes",
  returned: "comes again",
};
const ACTIONS: Readonly<Record<string, string>> = {
  kept: "kept",
  frozen: "the slice was refused, the old data stay",
  quarantined: "the rows were put aside",
};

function fields({ schemaChanges: list }: DataHealth): Block {
  if (list.length === 0) return prose("Every source still has the fields that it had at first.");
  return {
    kind: "table",
    title: "The last changes of fields",
    columns: columns(
      ["seen", "Seen"],
      ["stream", "Report"],
      ["path", "Field"],
      ["change", "What happened"],
      ["before", "Before"],
      ["after", "After"],
      ["action", "What was done"],
    ),
    rows: list.map((one) => [
      textCell(one.seen),
      textCell(`${one.source}.${one.stream}`),
      textCell(one.path),
      {
        ...textCell(CHANGES[one.change] ?? one.change),
        tone: one.change === "added" ? ("neutral" as const) : ("bad" as const),
      },
      textCell(one.before ?? "—", one.before),
      textCell(one.after ?? "—", one.after),
      textCell(ACTIONS[one.action] ?? one.action),
    ]),
  };
}
