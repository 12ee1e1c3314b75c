/** A passport for every metric: what it means, how it is reckoned, what it rests on, and what is usual for it. */
import { newestWeek } from "../../alerts/signals.js";
import { addDays } from "../../base/dates.js";
import { METRICS } from "../../metrics/catalog/index.js";
import { formatValue } from "../../metrics/format.js";
import type { BreakdownRow, MetricDef, MetricId } from "../../metrics/types.js";
import { type Limits, limitsOf } from "../../stats/xmr.js";
import { textCell } from "../figures.js";
import { lineageText } from "../metric-lineage.js";
import { plural } from "../narrative.js";
import { cellOf, valueIn } from "../read-values.js";
import { stamps } from "../stamps.js";
import { listText, rangeText } from "../text.js";
import type { Block, Facts, ReportPage, TableCell } from "../types.js";

const WEEKS_SHOWN = 26;
/** One question names 15 metrics at most. */
const AT_ONCE = 15;

/** Metrics by the read that asks for them. */
function readsOf(own: readonly MetricId[]): readonly (readonly [name: string, ids: readonly MetricId[]])[] {
  const all = [...METRICS.map(({ id }) => id), ...own];
  const first = all.flatMap((_, index) => (index % AT_ONCE === 0 ? [index] : []));
  return first.map((from) => [`metrics_from_${from}`, all.slice(from, from + AT_ONCE)]);
}

/** Formula, SQL, lineage, direction, unit, target and limits of each metric of the catalog. */
export const metrics: ReportPage = {
  id: "metrics",
  title: "Metric passports",
  reads: ({ lastCompleteDay }, { weekEndsOn, own = [] }) => {
    const week = newestWeek(lastCompleteDay, typeof weekEndsOn === "number" ? weekEndsOn : weekEndsOn.weekEndsOn);
    const window = { from: addDays(week.from, 7 * (1 - WEEKS_SHOWN)), to: week.to };
    return Object.fromEntries(readsOf(own).map(([name, ids]) => [name, { metrics: ids, window, grain: "week" }]));
  },
  build: (facts) => {
    const passports = readsOf(facts.own ?? []).flatMap(([name, ids]) => {
      const { series } = facts.result(name);
      return ids.map((id) => passportOf(facts, facts.metric(id), series));
    });
    const { query } = facts.result("metrics_from_0");
    return {
      schemaVersion: 1,
      id: metrics.id,
      title: metrics.title,
      subtitle: `${plural(passports.length, "metric")}; usual levels from the weeks of ${rangeText(query.window)}`,
      context: facts.context,
      blocks: [
        {
          kind: "prose",
          paragraphs: [
            "One formula stands behind every figure of growthos: here is each of them, the statement that reads it and the fields that it rests on.",
          ],
          lead: true,
        },
        contents(passports),
        ...passports.flatMap((passport) => blocksOf(facts, passport)),
      ],
      stamps: stamps(facts),
    };
  },
};

/** What is said of one metric. */
interface Passport {
  readonly def: MetricDef;
  readonly newest: TableCell;
  readonly limits: Limits | null;
  /** Usual level and limits in words; why there are none otherwise. */
  readonly usual: string;
}

function passportOf(facts: Facts, def: MetricDef, series: readonly BreakdownRow[]): Passport {
  const known = series.flatMap(({ values }) => {
    const value = valueIn(values, def.id);
    return value.status === "ok" ? [value.value] : [];
  });
  const recorded = facts.operations.alerts.limits.findLast(({ metric }) => metric === def.id)?.limits;
  // As the signals do: money may be negative, everything else is a count or a rate.
  const limits = recorded ?? limitsOf(known, { limits: "mean", clampAtZero: def.unit !== "money" });
  return {
    def,
    newest: cellOf(facts, series.at(-1)?.values ?? {}, def.id),
    limits,
    usual: limits === null ? `${plural(known.length, "week")} known, six are needed` : limitsText(facts, def, limits),
  };
}

function limitsText(facts: Facts, { unit }: MetricDef, { centre, lower, upper, points, provisional }: Limits): string {
  const text = (value: number) => formatValue({ status: "ok", value }, unit, facts.context.currency);
  return `${text(centre)}, limits ${text(lower)} to ${text(upper)}, from ${plural(points, "week")}${provisional ? ", provisional" : ""}`;
}

const GOOD: Readonly<Record<MetricDef["better"], string>> = { up: "it rises", down: "it falls", neither: "neither" };
const UNITS: Readonly<Record<MetricDef["unit"], string>> = {
  money: "money",
  count: "count",
  ratio: "share, in %",
  multiple: "multiple",
  days: "days",
  number: "number",
};

function contents(passports: readonly Passport[]): Block {
  return {
    kind: "table",
    title: "All metrics",
    columns: [
      { id: "metric", title: "Metric", align: "left" },
      { id: "unit", title: "Unit", align: "left" },
      { id: "better", title: "Good when", align: "left" },
      { id: "newest", title: "Last week", align: "right" },
      { id: "usual", title: "Usual level and limits", align: "left" },
    ],
    rows: passports.map(({ def, newest, limits, usual }) => [
      { ...textCell(def.title), link: { page: metrics.id, anchor: def.id } },
      textCell(UNITS[def.unit]),
      textCell(GOOD[def.better]),
      newest,
      textCell(usual, limits === null ? null : limits.centre),
    ]),
  };
}

function blocksOf(facts: Facts, { def, usual }: Passport): readonly Block[] {
  const target = facts.targetText(def.id);
  const row = (name: string, text: string): readonly TableCell[] => [textCell(name), textCell(text)];
  return [
    { kind: "heading", id: def.id, text: def.title },
    {
      kind: "prose",
      paragraphs: [def.description, ...(def.disputed === undefined ? [] : [`Elsewhere: ${def.disputed}.`])],
    },
    {
      kind: "table",
      title: def.id,
      columns: [
        { id: "what", title: "What", align: "left" },
        { id: "is", title: "Is", align: "left" },
      ],
      rows: [
        row("Formula", def.formula),
        row("Unit", UNITS[def.unit]),
        row("Good news when", GOOD[def.better]),
        row("Target", target ?? "none is configured"),
        row("Usual by week", usual),
        row("Also called", def.aliases.length === 0 ? "—" : listText(def.aliases)),
        row("Defined by", def.own === true ? "growthos.config.ts" : def.source),
      ],
    },
    {
      kind: "code",
      title: `Lineage of ${def.title}, down to the fields that landed`,
      language: "text",
      text: lineageText(facts, def.id),
    },
    { kind: "code", title: `SQL of ${def.title}, for the last week`, language: "sql", text: facts.sqlOf(def.id) },
  ];
}
