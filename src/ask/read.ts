/** What the spans of a question mean together. */
import type { Breakdown, MetricId } from "../metrics/types.js";
import { comparedDays } from "./comparing.js";
import { type Conditions, conditionsOf } from "./conditions.js";
import { type Draft, isKind, ofKind, type Reading, refuse, textOf } from "./draft.js";
import { filtersOf } from "./filters.js";
import { inheritedBy } from "./follow-up.js";
import { type Groups, groupsOf } from "./groups.js";
import { rankingOf } from "./ranking.js";
import { sharesOf } from "./shares.js";
import type { Span } from "./types.js";
import { rolling } from "./windows.js";

/** Days of a series of ratios: of single days they jump, and a week shows no course. */
const RATIO_SERIES_DAYS = 14;

/** What rows are good at that no ads stand behind; all others are ranked by ROAS. */
const RANKED_BY: Readonly<Partial<Record<Breakdown, MetricId>>> = {
  ...{ product: "net_revenue", category: "net_revenue", country: "net_revenue", region: "net_revenue" },
  ...{ customer_type: "net_revenue", device: "sessions", location: "sessions" },
  ...{ day: "net_revenue", week: "net_revenue", month: "net_revenue", quarter: "net_revenue" },
};

/** What a question asks for. Throws `Halt` for one that cannot be answered, or can be read in several ways. */
export function draftOf(reading: Reading): Draft {
  refuseTriggers(reading);
  const conditions = conditionsOf(reading);
  const inherited = inheritedBy(reading);
  refuseUnknown(reading, conditions);
  const named = namedMetrics(reading, conditions);
  const groups = groupsOf(reading, conditions.taken, named.length === 0 && !isAbout(reading));
  refuseLoose(reading, groups);
  const asked = named.length > 0 ? named : (inherited.query?.metrics ?? usualMetrics(reading, groups));
  const { metrics, share } = sharesOf(reading, groups, asked);
  const hasGroups = groups.breakdown !== null;
  const days = comparedDays(reading, hasGroups);
  const filters = filtersOf(reading);
  const ranking = rankingOf(reading, groups, {
    metrics,
    taken: conditions.taken,
    hasConditions: conditions.having.length > 0,
  });
  refuseNumbers(reading, conditions, ranking.limit);
  const shape = shapeOf(reading, groups);
  const window = days.isDefault
    ? (inherited.window ??
      usualWindow(reading, shape.grain ?? ofKind(reading.spans, "grain")[0]?.meaning.grain, metrics, days.window))
    : days.window;
  return {
    metrics,
    window,
    ...(days.compare === null || days.compare === undefined ? {} : { compare: days.compare }),
    ...shape,
    ...ranking,
    filters: [...filters.filters, ...conditions.filters, ...inherited.filters],
    having: conditions.having,
    ...(share === undefined ? {} : { share }),
    output: ofKind(reading.spans, "output")[0]?.meaning.output ?? "auto",
    notes: [...filters.notes, ...inherited.notes],
  };
}

/** Questions of a kind that no figure answers: the nearest that one does comes with the refusal. */
function refuseTriggers(reading: Reading): void {
  const triggers = ofKind(reading.spans, "refusal");
  const [first] = triggers.filter(({ meaning }) => meaning.code === "NOT_COMPLETE").concat(triggers);
  const trigger = triggers.find(({ meaning }) => meaning.code !== "NOT_COMPLETE") ?? first;
  if (trigger === undefined) return;
  const { code, why, nearest } = trigger.meaning;
  // "How much would I make if …": what stands before the condition is asked for.
  const named = ofKind(reading.spans, "metric");
  const asked = named.filter(
    ({ from }) => code !== "HYPOTHETICAL" || textOf(reading, trigger) !== "if" || from < trigger.from,
  );
  const metric = (asked[0] ?? named.at(-1))?.meaning.id;
  const { catalog } = reading.language.world;
  const title = metric === undefined ? "net revenue" : metric.replaceAll("_", " ");
  const window = ofKind(reading.spans, "window")[0]?.meaning.window;
  const days = window === undefined ? "last week" : `${window.range.from} to ${window.range.to}`;
  if (code === "WHY") {
    const id = metric === undefined ? catalog.get("net_revenue").id : metric;
    const range = window === undefined ? "7d" : `${window.range.from}..${window.range.to}`;
    refuse(code, `${why}; what it is made of is told elsewhere`, `growthos explain ${id} --window ${range}`);
  }
  refuse(code, why, nearest === undefined ? `${title} ${days}` : `${title} ${nearest}`);
}

/** Words that no table knows are not passed over. */
function refuseUnknown(reading: Reading, { taken }: Conditions): void {
  const { spans, language } = reading;
  const { catalog } = language.world;
  const missing = ofKind(spans, "missing_metric")[0]?.meaning;
  if (missing !== undefined) {
    const near = missing.nearest === null ? undefined : catalog.find(missing.nearest)?.id.replaceAll("_", " ");
    refuse("UNKNOWN_METRIC", `no source tells ${missing.name}`, near);
  }
  const unknown = ofKind(spans, "unknown").filter((span) => !taken.has(span));
  const [first] = unknown;
  if (first === undefined) return;
  const text = runOf(spans, first)
    .map((span) => textOf(reading, span))
    .join(" ");
  const level = spans.slice(spans.indexOf(first)).find((span) => !isKind(span, "unknown", "name"));
  const before = spans[spans.indexOf(first) - 1];
  const beside = [level, before].find((span) => isKind(span, "level"));
  if (beside?.meaning.kind === "level") {
    const names = language.names.near(text, beside.meaning.by as "campaign");
    refuse("UNKNOWN_NAME", `no ${beside.meaning.by.replaceAll("_", " ")} has "${text}" in its name`, names.join(", "));
  }
  if (!spans.some((span) => isKind(span, "metric", "performance")))
    refuse("UNKNOWN_METRIC", `there is no metric "${text}"`, catalog.suggest(text)?.replaceAll("_", " "));
  refuse("UNKNOWN_WORDS", `"${text}" is not understood, and nothing is answered by leaving words out`);
}

function runOf(spans: readonly Span[], first: Span): readonly Span[] {
  const from = spans.indexOf(first);
  const end = spans.findIndex((span, index) => index > from && !isKind(span, "unknown"));
  return spans.slice(from, end < 0 ? undefined : end);
}

/** The metrics that a question names, in its order; those of conditions too, for rows are chosen only by what is shown. */
function namedMetrics({ spans }: Reading, { having }: Conditions): readonly MetricId[] {
  const all = ofKind(spans, "metric");
  const strong = all.filter(({ meaning }) => meaning.weak !== true);
  const named = (strong.length > 0 ? strong : all).map(({ meaning }) => meaning.id);
  const ranked = named.length > 0 ? [] : ofKind(spans, "rank").flatMap(({ meaning }) => meaning.metric ?? []);
  return [...new Set([...named, ...ranked, ...having.map(({ metric }) => metric)])];
}

function isAbout({ spans }: Reading): boolean {
  return spans.some((span) => isKind(span, "performance"));
}

/** Ranks without rows, averages of sums and numbers that nothing took: read in no way at all. */
function refuseLoose(reading: Reading, groups: Groups): void {
  const { spans, language } = reading;
  const average = ofKind(spans, "average")[0];
  if (average !== undefined) {
    const next = spans[spans.indexOf(average) + 1];
    const unit = next?.meaning.kind === "metric" ? language.world.catalog.get(next.meaning.id).unit : "ratio";
    const isSum =
      unit === "count" ||
      (next?.meaning.kind === "metric" && ["net_revenue", "spend", "gross_revenue"].includes(next.meaning.id));
    if (isSum && next?.meaning.kind === "metric")
      refuse("NOT_SUPPORTED", "sums are not averaged", `daily ${next.meaning.id.replaceAll("_", " ")}`);
  }
  const rank = ofKind(spans, "rank")[0];
  if (
    rank !== undefined &&
    groups.breakdown === null &&
    !spans.some((span) => isKind(span, "versus", "change", "compare", "grain"))
  )
    refuse("NOT_SUPPORTED", `"${textOf(reading, rank)}" of what is not said`, "which campaign has the highest ROAS");
}

/** A number that is no count of rows and no bound is not passed over either. */
function refuseNumbers(reading: Reading, { taken }: Conditions, limit: number | undefined): void {
  const loose = ofKind(reading.spans, "amount").find((span) => !taken.has(span) && span.meaning.value !== limit);
  if (loose !== undefined) refuse("UNKNOWN_WORDS", `what ${textOf(reading, loose)} is for is not understood`);
}

/** What is shown where no figure is named. */
function usualMetrics(reading: Reading, groups: Groups): readonly MetricId[] {
  const { spans } = reading;
  const isRanked = spans.some((span) => isKind(span, "rank"));
  const isNamed = spans.some((span) => isKind(span, "name", "platform", "that"));
  if (isAbout(reading) || isRanked) {
    if (!isRanked && (isNamed || groups.isVersus)) return ["roas", "spend", "net_revenue"];
    return groups.breakdown === null ? ["spend", "net_revenue", "roas"] : [RANKED_BY[groups.breakdown] ?? "roas"];
  }
  if (spans.some((span) => isKind(span, "compare", "versus"))) return ["spend", "net_revenue", "roas"];
  if (groups.breakdown !== null) return ["net_revenue"];
  return refuse("NO_METRIC", "no figure is named", "what was the net revenue last week");
}

/** Rows and points. A series beside rows is of every row; alone it is rows of its own, unless a course is asked for. */
function shapeOf({ spans }: Reading, { breakdown, grain: ofRows }: Groups): Pick<Draft, "breakdown" | "grain"> {
  const grain = ofKind(spans, "grain")[0]?.meaning.grain ?? ofRows ?? null;
  const isCourse = spans.some(
    (span) => isKind(span, "series") || (span.meaning.kind === "output" && span.meaning.output === "chart"),
  );
  if (breakdown !== null) return { breakdown, ...(grain === null ? {} : { grain }) };
  if (grain !== null) return isCourse || grain === "hour" ? { grain } : { breakdown: grain };
  return isCourse ? { grain: "day" } : {};
}

function usualWindow(
  reading: Reading,
  grain: Draft["grain"],
  metrics: readonly MetricId[],
  given: Draft["window"],
): Draft["window"] {
  const { catalog } = reading.language.world;
  const isRatio = metrics.every((id) => catalog.get(id).kind === "ratio");
  return grain === "day" && isRatio ? rolling(RATIO_SERIES_DAYS, reading.language.days) : given;
}
