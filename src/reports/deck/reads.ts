/** The queries behind six weeks, twelve months, dates so far and usual levels: one set for all metrics of the deck, 15 at a time. */
import { WATCHED_WEEKS } from "../../alerts/signals.js";
import { addDays, type Calendar, type DateRange } from "../../base/dates.js";
import { metricsForMoney } from "../../metrics/impact.js";
import { slotsOf } from "../../metrics/six-twelve.js";
import type { Comparison, MetricId, QueryResult, SemanticQuery } from "../../metrics/types.js";
import type { Facts } from "../types.js";
import { metricsOf } from "./layout.js";
import type { DeckFacts } from "./types.js";

/** One question names so many metrics at most. */
const MOST_METRICS = 15;

/** Periods whose totals are compared. */
export type Compared = "week" | "year" | "mtd" | "qtd" | "ytd";

type DeckParts = Pick<DeckFacts, "sections" | "watch" | "targets">;

/** The queries, by names that begin with `deck_`. */
export function deckReads(
  deck: DeckParts,
  week: DateRange,
  calendar: Calendar,
): Readonly<Record<string, SemanticQuery>> {
  const slots = slotsOf({ weekEnding: week.to, calendar });
  const firstMonth = slots.months[0] ?? week;
  const before = (range: DateRange | null | undefined): { readonly compare?: Comparison } =>
    range === null || range === undefined ? {} : { compare: { kind: "range", range } };
  const shapes: Readonly<Record<string, Omit<SemanticQuery, "metrics">>> = {
    weeks: { window: { from: addDays(week.from, -7 * (WATCHED_WEEKS - 1)), to: week.to }, grain: "week" },
    months: {
      window: { from: slots.months[0]?.before?.from ?? firstMonth.from, to: slots.months.at(-1)?.to ?? week.to },
      grain: "month",
    },
    week: { window: week, compare: { kind: "previous" } },
    year: { window: week, ...before(slots.weeks.at(-1)?.before) },
    ...Object.fromEntries(
      (["mtd", "qtd", "ytd"] as const).map((unit) => {
        const slot = slots.toDate[unit];
        return [unit, { window: { from: slot.from, to: slot.to }, ...before(slot.before) }];
      }),
    ),
  };
  const parts = chunks(wantedOf(deck));
  return Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape]) =>
      parts.map((metrics, index): [string, SemanticQuery] => [`deck_${name}_${index}`, { metrics, ...shape }]),
    ),
  );
}

/** The deck's metrics, and those that turn the change of a watched one into money. */
function wantedOf(deck: DeckParts): readonly MetricId[] {
  return [...new Set([...metricsOf(deck), ...deck.watch.flatMap(metricsForMoney)])];
}

function chunks(metrics: readonly MetricId[]): readonly (readonly MetricId[])[] {
  return Array.from({ length: Math.ceil(metrics.length / MOST_METRICS) }, (_, index) =>
    metrics.slice(index * MOST_METRICS, (index + 1) * MOST_METRICS),
  );
}

/** The results of one shape, its parts put together again. */
export function deckResult(facts: Facts, name: Compared | "weeks" | "months"): Pick<QueryResult, "totals" | "series"> {
  const parts = chunks(wantedOf(facts.deck)).map((_, index) => facts.result(`deck_${name}_${index}`));
  const series = (parts[0]?.series ?? []).map((bucket, at) => ({
    ...bucket,
    values: Object.assign({}, ...parts.map((part) => part.series[at]?.values ?? {})),
  }));
  return { totals: Object.assign({}, ...parts.map((part) => part.totals)), series };
}
