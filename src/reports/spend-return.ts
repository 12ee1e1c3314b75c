/** What was spent against what it brought, one point per row of a breakdown. */

import type { BreakdownRow, MetricId, MetricValue, QueryResult } from "../metrics/types.js";
import { NOT_ASKED } from "../metrics/values.js";
import type { ScatterBlock, ScatterPoint } from "./block-types/scatter.js";
import { chartNumber, figure } from "./figures.js";
import { label, listText } from "./text.js";
import type { Facts } from "./types.js";

/** Which figures stand on the axes and in the table; money over money, so that a return of 1 is a line. */
export interface SpendReturnOptions {
  /** `channels`, `campaigns`: what the points are called. */
  readonly noun: string;
  /** Default `net_revenue`; of campaigns what the platform claims, `conversion_value`. */
  readonly returned?: MetricId;
  /** Default `roas`; of campaigns `platform_roas`. */
  readonly ratio?: MetricId;
}

/** Every row with spend. Rows without are told by no point: nothing was paid for them. */
export function spendReturnBlock(
  facts: Pick<Facts, "context" | "metric">,
  result: Pick<QueryResult, "rows">,
  { noun, returned = "net_revenue", ratio = "roas" }: SpendReturnOptions,
): ScatterBlock {
  const { currency } = facts.context;
  const shown = (row: BreakdownRow, id: MetricId) => figure(valueAt(row, id), facts.metric(id).unit, currency);
  const paid = result.rows.filter((row) => !isZero(valueAt(row, "spend")));
  const points = paid.map(
    (row): ScatterPoint => ({
      label: label(row.label),
      x: chartNumber(valueAt(row, "spend"), "money", currency),
      y: chartNumber(valueAt(row, returned), "money", currency),
      figures: { x: shown(row, "spend"), y: shown(row, returned), ratio: shown(row, ratio) },
    }),
  );
  const title = titleOf(paid, { noun, ratio, shown });
  return {
    kind: "scatter",
    title,
    alt: `${facts.metric(returned).title} by ad spend of ${points.length} ${noun}. ${title}.`,
    x: `${facts.metric("spend").title}, ${currency}`,
    y: `${facts.metric(returned).title}, ${currency}`,
    ratio: facts.metric(ratio).title,
    points,
    line: { label: "Return = spend", slope: 1 },
  };
}

function valueAt(row: BreakdownRow, id: MetricId): MetricValue {
  return row.values[id]?.value ?? NOT_ASKED;
}

function isZero(value: MetricValue): boolean {
  return value.status === "ok" && value.value === 0;
}

interface Said {
  readonly noun: string;
  readonly ratio: MetricId;
  readonly shown: (row: BreakdownRow, id: MetricId) => { readonly text: string };
}

/** Who brings most and who least per unit of spend; and how many do not bring back what was spent. */
function titleOf(rows: readonly BreakdownRow[], { noun, ratio, shown }: Said): string {
  const known = rows.flatMap((row) => {
    const value = valueAt(row, ratio);
    return value.status === "ok" ? [{ row, value: value.value }] : [];
  });
  const ranked = [...known].sort((a, b) => b.value - a.value);
  const [best, worst] = [ranked[0], ranked.at(-1)];
  if (best === undefined || worst === undefined) return `No ${noun} with spend and return in these days`;
  const told = (one: typeof best) => `${label(one.row.label)} (${shown(one.row, ratio).text})`;
  const ends =
    best === worst
      ? [`${told(best)} is the only one with spend`]
      : [`${told(best)} returns most per unit of spend`, `${told(worst)} least`];
  const losing = known.filter(({ value }) => value < 1).length;
  const rest =
    losing === 0 || best === worst ? "" : `; ${losing} of ${known.length} ${noun} return less than was spent`;
  return `${listText(ends)}${rest}`;
}
