/** "What percentage of revenue came from meta", "share of spend by channel": what makes the part, and what the whole. */
import { isTime } from "../metrics/leaves.js";
import { ratioOf } from "../metrics/shares.js";
import type { GroupBreakdown, MetricId } from "../metrics/types.js";
import { isKind, ofKind, type Reading, refuse } from "./draft.js";
import { fieldOfName } from "./filters.js";
import type { Groups } from "./groups.js";
import type { Span } from "./types.js";

/** Words behind the whole, before the part: "of revenue | came from meta". */
const VERBS = new Set("came come comes coming went goes go going is are was were belongs fell falls".split(" "));

/** The metrics of a question about shares, and what makes the part; `share` is absent where a percentage is only the unit. */
export interface Shares {
  readonly metrics: readonly MetricId[];
  readonly share?: GroupBreakdown;
}

/** Reads whether shares are asked for, and of what. */
export function sharesOf(reading: Reading, groups: Groups, metrics: readonly MetricId[]): Shares {
  const [said] = ofKind(reading.spans, "share");
  if (said === undefined) return { metrics };
  const { catalog } = reading.language.world;
  // "What percent did revenue grow": the unit of a change. "% of" is always a share.
  const isOf = tokensOf(reading, said).includes("of") || reading.tokens[said.to]?.text === "of";
  if (said.meaning.isUnit === true && !isOf && reading.spans.some((span) => isKind(span, "change"))) return { metrics };
  if (groups.breakdown !== null && !isTime(groups.breakdown)) return { metrics, share: groups.breakdown };
  const part = partOf(reading);
  if (part !== null) return { metrics, share: part };
  const [over, under, ...more] = metrics;
  // Two figures and no part: the one in the other, where the catalog has that.
  const ratio = over === undefined || under === undefined || more.length > 0 ? null : ratioOf(over, under, catalog);
  if (ratio !== null) return { metrics: [ratio] };
  const areRatios = metrics.every((id) => catalog.get(id).unit === "ratio");
  if (areRatios && said.meaning.isUnit === true) return { metrics };
  const [first = "net_revenue"] = metrics;
  return refuse(
    "NOT_SUPPORTED",
    metrics.length > 1 ? "one figure as a share of another is none of the catalog" : "a share of what is not said",
    metrics.length > 1 ? metrics.map(spoken).join(", ") : `share of ${spoken(first)} by channel`,
  );
}

/** The filter that makes the part: the first behind the verb, else behind the figure, else the last before it. */
function partOf(reading: Reading): GroupBreakdown | null {
  const { spans, tokens } = reading;
  const parts = spans.filter((span) => isKind(span, "platform", "name", "customers"));
  const figure = ofKind(spans, "metric")[0]?.from ?? 0;
  const verb = tokens.findIndex(({ text }, index) => index > figure && VERBS.has(text));
  const behind = (from: number) => (from < 0 ? undefined : parts.find((span) => span.from > from));
  const found = behind(verb) ?? behind(figure) ?? parts.at(-1);
  return found === undefined ? null : fieldOf(reading, found);
}

function fieldOf(reading: Reading, span: Span): GroupBreakdown | null {
  if (span.meaning.kind === "platform") return "platform";
  if (span.meaning.kind === "customers") return "customer_type";
  const [name] = ofKind([span], "name");
  return name === undefined ? null : fieldOfName(reading, name);
}

function tokensOf({ tokens }: Reading, { from, to }: Span): readonly string[] {
  return tokens.slice(from, to).map(({ text }) => text);
}

function spoken(id: MetricId): string {
  return id.replaceAll("_", " ");
}
