/** What no fit can tell, and is refused before any (D-62). */
import { solveLinear } from "./linear-equations.js";
import type { MixWeeks } from "./mix-model.js";
import { basisOf, dot, without } from "./projection.js";

/** Fewer weeks with spend show no curve. */
const LEAST_SPENT = 26;
/** Standard deviation of the spend without trend and season, as a part of its mean. */
const LEAST_VARIATION = 0.1;
/** Variance inflation; at 5 the other channels explain 80 % of a channel's spend. */
const MOST_INFLATION = 5;

/** What is wrong with a channel's spend, with the figures. */
export type SpendRefusal =
  | { readonly because: "few_weeks_with_spend"; readonly weeks: number; readonly needed: number }
  | { readonly because: "hardly_varies"; readonly variation: number; readonly needed: number }
  | { readonly because: "moves_together"; readonly inflation: number; readonly most: number; readonly nearest: string };

/** Channels whose own spend cannot show an effect, by id. */
export function spendRefusals(data: MixWeeks, ids: readonly string[]): ReadonlyMap<string, SpendRefusal> {
  const refused = new Map<string, SpendRefusal>();
  const { directions } = basisOf(data.controls);
  const moves = data.spends.map((spend) => without(Float64Array.from(spend), directions));
  const lengths = moves.map((move) => Math.sqrt(dot(move, move)));
  data.spends.forEach((spend, index) => {
    const id = ids[index] ?? "";
    const weeks = spend.filter((value) => value > 0).length;
    const mean = spend.reduce((sum, value) => sum + value, 0) / spend.length;
    const variation = mean === 0 ? 0 : (lengths[index] ?? 0) / Math.sqrt(spend.length) / mean;
    if (weeks < LEAST_SPENT) refused.set(id, { because: "few_weeks_with_spend", weeks, needed: LEAST_SPENT });
    else if (variation < LEAST_VARIATION)
      refused.set(id, { because: "hardly_varies", variation, needed: LEAST_VARIATION });
  });
  const varied = moves.flatMap((move, index) => {
    const id = ids[index] ?? "";
    const length = lengths[index] ?? 0;
    return refused.has(id) ? [] : [{ id, move: move.map((value) => value / length) }];
  });
  const correlations = varied.map(({ move }) => varied.map((other) => dot(move, other.move)));
  varied.forEach(({ id }, index) => {
    // The diagonal of the inverse of the correlations (Marquardt 1970).
    const unit = varied.map((_, row) => (row === index ? 1 : 0));
    const inflation = Math.abs(solveLinear(correlations, unit)[index] ?? Number.POSITIVE_INFINITY);
    if (inflation <= MOST_INFLATION) return;
    const nearest = nearestOf(correlations[index] ?? [], index);
    refused.set(id, { because: "moves_together", inflation, most: MOST_INFLATION, nearest: varied[nearest]?.id ?? "" });
  });
  return refused;
}

function nearestOf(correlations: readonly number[], own: number): number {
  const sizes = correlations.map((value, index) => (index === own ? -1 : Math.abs(value)));
  return sizes.indexOf(Math.max(...sizes));
}
