/** What every page is stamped with, and the tables that several pages share. */
import type { MetricDef, MetricId, QueryResult } from "../metrics/types.js";
import { textCell } from "./figures.js";
import { healthSentence } from "./narrative.js";
import { daysText, dayText, listText } from "./text.js";
import type { Block, BlockOf, DataHealth, Facts, ReportModel } from "./types.js";

/** Footer lines: as-of, time zone, revenue basis, cut-off, completeness, build. */
export function stamps(facts: Facts): ReportModel["stamps"] {
  const { context } = facts;
  return [
    { label: "As of", text: `${dayText(context.asOf)}; the last complete day is ${dayText(context.lastCompleteDay)}` },
    { label: "Days", text: `in the shop's time zone, ${context.timeZone}; complete days only` },
    {
      label: "Revenue",
      text: `in ${context.currency}, net of discounts and returns; returns on the day of the refund; taxes and shipping apart`,
    },
    { label: "Data cut-off", text: cutOff(facts.health) },
    { label: "Completeness", text: healthSentence(facts.health) },
    { label: "Build", text: `${context.buildId}, inputs ${context.inputHash.slice(0, 12)}` },
  ];
}

function cutOff(health: DataHealth): string {
  const lasts = health.sources.flatMap((source) => (source.to === null ? [] : [`${source.source} ${source.to}`]));
  return lasts.length === 0 ? "no dated rows" : [...new Set(lasts)].sort().join(", ");
}

/** "Still being restated by their sources: …", or nothing when every figure is final. */
export function restatedNote(
  result: QueryResult,
  metrics: readonly MetricId[],
  metric: (id: MetricId) => Pick<MetricDef, "title">,
): string | undefined {
  const provisional = metrics.filter((id) => {
    const value = result.totals[id]?.value;
    return value?.status === "ok" && value.provisional === true;
  });
  if (provisional.length === 0) return undefined;
  return `May still be restated by the ad and traffic sources: ${listText(provisional.map((id) => metric(id).title))}.`;
}

/** Checks, sources, gaps and quarantined rows. */
export function healthBlocks(health: DataHealth): readonly Block[] {
  const blocks: Block[] = [{ kind: "prose", paragraphs: [healthSentence(health)] }, sourcesTable(health)];
  if (health.checks.length > 0) blocks.push(checksTable(health));
  if (health.checks.some((check) => !check.passed)) blocks.push(failedTable(health));
  if (health.quarantined.length > 0) blocks.push(quarantineTable(health));
  return blocks;
}

/** Every stream with its rows, days and gaps. */
export function sourcesTable(health: DataHealth): BlockOf<"table"> {
  return {
    kind: "table",
    title: "Sources",
    columns: [
      { id: "source", title: "Source", align: "left" },
      { id: "rows", title: "Rows", align: "right" },
      { id: "from", title: "First day", align: "left" },
      { id: "to", title: "Last day", align: "left" },
      { id: "gaps", title: "Missing days", align: "left" },
      { id: "run", title: "Last loaded (UTC)", align: "left" },
    ],
    rows: health.sources.map((source) => [
      textCell(`${source.source}.${source.stream}`),
      textCell(grouped(source.rows), source.rows),
      textCell(source.from ?? "—", source.from),
      textCell(source.to ?? "—", source.to),
      {
        text: source.gaps.length === 0 ? "none" : daysText(source.gaps),
        sort: source.gaps.length,
        ...(source.gaps.length === 0 ? {} : { tone: "bad" as const }),
      },
      textCell(source.lastRun?.slice(0, 16).replace("T", " ") ?? "—", source.lastRun),
    ]),
    ...(health.sources.length === 0 ? { note: "No source has been loaded yet." } : {}),
  };
}

/** How many checks looked; which they are is the business of `growthos check`. */
export function checksTable(health: DataHealth): BlockOf<"table"> {
  const count = (severity: "critical" | "warning", passed: boolean) =>
    health.checks.filter((check) => check.severity === severity && check.passed === passed).length;
  return {
    kind: "table",
    title: "Checks",
    columns: [
      { id: "severity", title: "Severity", align: "left" },
      { id: "passed", title: "Passed", align: "right" },
      { id: "failed", title: "Failed", align: "right" },
    ],
    rows: (["critical", "warning"] as const).map((severity) => {
      const failed = count(severity, false);
      return [
        textCell(severity === "critical" ? "Critical" : "Warning"),
        textCell(grouped(count(severity, true)), count(severity, true)),
        { ...textCell(grouped(failed), failed), tone: failed === 0 ? ("neutral" as const) : ("bad" as const) },
      ];
    }),
  };
}

/** The checks that failed, in words. */
export function failedTable(health: DataHealth): BlockOf<"table"> {
  return {
    kind: "table",
    title: "Failed checks",
    columns: [
      { id: "check", title: "Check", align: "left" },
      { id: "severity", title: "Severity", align: "left" },
      { id: "message", title: "What was found", align: "left" },
    ],
    rows: health.checks
      .filter((check) => !check.passed)
      .map((check) => [
        textCell(check.id.replaceAll("__", ": ").replaceAll("_", " ")),
        textCell(check.severity),
        textCell(check.message),
      ]),
  };
}

/** Rows of files that could not be read. */
export function quarantineTable(health: DataHealth): BlockOf<"table"> {
  return {
    kind: "table",
    title: "Refused rows",
    columns: [
      { id: "file", title: "File", align: "left" },
      { id: "rows", title: "Rows", align: "right" },
      { id: "reason", title: "Reason", align: "left" },
    ],
    rows: health.quarantined.map((file) => [
      textCell(file.file),
      textCell(grouped(file.rows), file.rows),
      textCell(file.reason),
    ]),
  };
}

/** The formula of every metric of a page. */
export function definitions(metrics: readonly MetricDef[]): BlockOf<"table"> {
  return {
    kind: "table",
    title: "How the figures are made",
    columns: [
      { id: "metric", title: "Metric", align: "left" },
      { id: "formula", title: "Formula", align: "left" },
      { id: "meaning", title: "Meaning", align: "left" },
    ],
    rows: metrics.map((def) => [textCell(def.title), textCell(def.formula), textCell(meaning(def))]),
  };
}

/** What a metric means here, and where others mean another figure by its name. */
function meaning({ description, disputed }: MetricDef): string {
  return disputed === undefined ? description : `${description} Elsewhere: ${disputed}.`;
}

/** A whole number with thousands separators. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
