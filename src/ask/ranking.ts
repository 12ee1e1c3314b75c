/** Order and number of rows: "top 5", "which … lowest", "best", "all". */
import { isTime } from "../metrics/leaves.js";
import type { MetricDef, MetricId } from "../metrics/types.js";
import { type Draft, isKind, ofKind, type Reading } from "./draft.js";
import type { Groups } from "./groups.js";
import type { Rank, Span, SpanOf } from "./types.js";

/** Rows that are shown when the question does not say how many. */
const ALL = 50;
const SOME = 10;
const FEW = 5;

/** How rows are ordered and how many are shown. */
export type Ranking = Pick<Draft, "orderBy" | "limit">;

/** Reads order and number of rows. `metrics` are those of the question, in order. */
export function rankingOf(
  reading: Reading,
  groups: Groups,
  {
    metrics,
    taken,
    hasConditions,
  }: { readonly metrics: readonly MetricId[]; readonly taken: ReadonlySet<Span>; readonly hasConditions: boolean },
): Ranking {
  if (groups.breakdown === null) return {};
  const rank = ofKind(reading.spans, "rank")[0] ?? null;
  const orderBy = orderOf(reading, groups, { rank, metrics });
  const count = countOf(reading, rank, taken);
  const limit = count ?? usualLimit(reading, groups, { rank, hasConditions });
  return { ...(orderBy === null ? {} : { orderBy }), ...(limit === null ? {} : { limit }) };
}

function orderOf(
  reading: Reading,
  groups: Groups,
  { rank, metrics }: { readonly rank: SpanOf<"rank"> | null; readonly metrics: readonly MetricId[] },
): Draft["orderBy"] | null {
  const { spans, language } = reading;
  const by = metricBehindBy(reading);
  const isRanked = by !== null && groups.level !== null && groups.breakdown !== null && !isTime(groups.breakdown);
  if (rank === null && !isRanked) return null;
  const beside = rank === null ? null : metricBeside(spans, rank);
  const metric = by ?? beside ?? metrics[0];
  if (metric === undefined || !metrics.includes(metric)) return null;
  const direction = directionOf(rank?.meaning.rank ?? "best", language.world.catalog.get(metric), by !== null);
  return { metric, direction };
}

/** "Highest" and "lowest" are about size, "best" and "worst" about what is good; "top 5 by" ranks, "for top 5" picks the largest. */
function directionOf(rank: Rank, { better }: MetricDef, isBy: boolean): "asc" | "desc" {
  const good = better === "down" ? "asc" : "desc";
  const bad = good === "asc" ? "desc" : "asc";
  if (rank === "highest" || (rank === "top" && !isBy)) return "desc";
  if (rank === "lowest" || (rank === "bottom" && !isBy)) return "asc";
  return rank === "worst" || rank === "bottom" ? bad : good;
}

function metricBehindBy({ spans }: Reading): MetricId | null {
  const index = spans.findIndex(
    (span, at) => span.meaning.kind === "marker" && span.meaning.marker === "by" && isKind(spans[at + 1], "metric"),
  );
  const found = index < 0 ? undefined : spans[index + 1];
  return found?.meaning.kind === "metric" ? found.meaning.id : null;
}

/** "highest ROAS", "spent the most". */
function metricBeside(spans: readonly Span[], rank: SpanOf<"rank">): MetricId | null {
  const index = spans.indexOf(rank);
  const isSize = rank.meaning.rank === "highest" || rank.meaning.rank === "lowest";
  const found = [spans[index + 1], isSize ? spans[index - 1] : undefined].find((span) => isKind(span, "metric"));
  return found?.meaning.kind === "metric" ? found.meaning.id : null;
}

/** "top 5", "5 best", "show me 3 campaigns". */
function countOf({ spans }: Reading, rank: Span | null, taken: ReadonlySet<Span>): number | null {
  const counts = ofKind(spans, "amount").filter((span) => !taken.has(span) && Number.isInteger(span.meaning.value));
  const found = counts.find((span) => {
    const index = spans.indexOf(span);
    const beside = [spans[index - 1], spans[index + 1]];
    return beside.some(
      (one) => one !== undefined && (one === rank || isKind(one, "level", "status", "platform", "name")),
    );
  });
  const count = found?.meaning.value;
  return count === undefined || count < 1 ? null : Math.min(count, 1000);
}

function usualLimit(
  { spans }: Reading,
  { breakdown, isPlural, isVersus }: Groups,
  { rank, hasConditions }: { readonly rank: Span | null; readonly hasConditions: boolean },
): number | null {
  const has = (...marks: readonly string[]) =>
    ofKind(spans, "marker").some(({ meaning }) => marks.includes(meaning.marker));
  if (isVersus) return null;
  if (rank !== null && !isPlural) return 1;
  if (hasConditions || has("all", "list")) return ALL;
  if (rank !== null || (has("which") && !spans.some((span) => isKind(span, "status"))))
    return breakdown !== null && isTime(breakdown) && rank === null ? null : FEW;
  if (has("which")) return ALL;
  if (breakdown === null || isTime(breakdown)) return null;
  return breakdown === "platform" ? FEW : SOME;
}
