/** From a draft to a query: which field tells the platform, and which figure is known of what is asked for. */
import { type QueryProblem, validateQuery } from "../metrics/query.js";
import { hasShares } from "../metrics/shares.js";
import type { Filter, MetricId, SemanticQuery } from "../metrics/types.js";
import { type Draft, type DraftFilter, refuse } from "./draft.js";
import type { AskWorld, Understood } from "./types.js";

/**
 * What stands in for a figure that is not known of the rows that are asked for: before returns where returns are not known, and what
 * platforms tell of ads where the shop tells nothing. It is another figure, so it is said.
 */
const STAND_INS: Readonly<Record<MetricId, readonly MetricId[]>> = {
  net_revenue: ["net_order_revenue", "conversion_value"],
  gross_revenue: ["conversion_value"],
  net_order_revenue: ["conversion_value"],
  gross_profit: ["gross_profit_before_returns"],
  gross_margin: ["gross_margin_before_returns"],
  roas: ["platform_roas"],
  mer: ["platform_roas"],
  orders: ["conversions"],
  cvr: ["click_conversion_rate"],
  cost_per_order: ["cpa"],
  purchases: ["platform_purchases"],
};

type PlatformField = "platform" | "channel";

/** The query of a draft, in the nearest form that the figures allow. Throws `Halt` when they allow none. */
export function settled(draft: Draft, world: AskWorld): Understood {
  const check = (query: SemanticQuery) =>
    validateQuery(query, { catalog: world.catalog, lastCompleteDay: world.context.lastCompleteDay });
  const own = new Map<MetricId, MetricId>();
  const ways = [
    { field: "platform", named: own },
    { field: "channel", named: own },
    { field: "platform", named: standIns(draft, "platform", { world, check }) },
    { field: "channel", named: standIns(draft, "channel", { world, check }) },
  ] as const;
  let problems: readonly QueryProblem[] = [];
  for (const way of ways) {
    const query = queryOf(draft, way, world);
    const checked = check(query);
    if (checked.ok)
      return withShare(draft, understood(draft, { query: checked.query, named: way.named }, world), { world, ...way });
    if (problems.length === 0) problems = checked.problems;
  }
  return refuseProblems(problems, draft);
}

/** What is told instead of the metrics that are not known of these rows; those that are known stay. */
function standIns(
  draft: Draft,
  field: PlatformField,
  { world, check }: { readonly world: AskWorld; readonly check: (query: SemanticQuery) => { readonly ok: boolean } },
): ReadonlyMap<MetricId, MetricId> {
  const { orderBy: _order, having: _having, limit: _limit, ...rest } = draft;
  const isKnown = (id: MetricId) =>
    check(queryOf({ ...rest, metrics: [id], having: [] }, { field, named: new Map() }, world)).ok;
  return new Map(
    draft.metrics.flatMap((id) => {
      const other = isKnown(id) ? undefined : STAND_INS[id]?.find(isKnown);
      return other === undefined ? [] : [[id, other] as const];
    }),
  );
}

function queryOf(
  draft: Draft,
  { field, named: names }: { readonly field: PlatformField; readonly named: ReadonlyMap<MetricId, MetricId> },
  world: AskWorld,
): SemanticQuery {
  const named = (id: MetricId) => names.get(id) ?? id;
  const metrics = [...new Set(draft.metrics.map(named))];
  const { orderBy, compare, grain, limit } = draft;
  const breakdown = draft.breakdown === "platform" ? field : draft.breakdown;
  return {
    metrics,
    window: draft.window.range,
    ...(compare === undefined ? {} : { compare: compare.comparison }),
    ...(breakdown === undefined ? {} : { breakdown }),
    ...(grain === undefined ? {} : { grain }),
    ...(draft.filters.length === 0 ? {} : { filters: draft.filters.map((filter) => filterOf(filter, field, world)) }),
    ...(draft.having.length === 0
      ? {}
      : { having: draft.having.map((one) => ({ ...one, metric: named(one.metric) })) }),
    ...(orderBy === undefined ? {} : { orderBy: { ...orderBy, metric: named(orderBy.metric) } }),
    ...(limit === undefined || breakdown === undefined ? {} : { limit }),
  };
}

function filterOf(filter: DraftFilter, field: PlatformField, { entities }: AskWorld): Filter {
  if (filter.kind === "order_value") return { field: "order_value", operator: filter.operator, value: filter.value };
  if (filter.kind === "field") return { field: filter.field, operator: filter.operator, value: filter.value };
  const keys = filter.platforms.flatMap((name) => {
    const found = entities
      .filter((entity) => entity.field === field && entity.key.startsWith(name))
      .map(({ key }) => key);
    return found.length === 0 ? [name] : found;
  });
  const [only, ...more] = keys;
  if (filter.isNot) return { field, operator: "!=", value: keys };
  return more.length === 0 && only !== undefined
    ? { field, operator: "=", value: only }
    : { field, operator: "in", value: keys };
}

function understood(
  draft: Draft,
  { query, named }: { readonly query: SemanticQuery; readonly named: ReadonlyMap<MetricId, MetricId> },
  { catalog }: AskWorld,
): Understood {
  const what = query.breakdown ?? query.filters?.[0]?.field ?? "";
  const stand = [...named].map(
    ([id, other]) =>
      `${catalog.get(id).title} is not known of each ${what.replaceAll("_", " ")}: ${catalog.get(other).title} stands in`,
  );
  const isChannel = draft.breakdown === "platform" && query.breakdown === "channel";
  const channel = isChannel ? ["rows are marketing channels: orders tell no platform"] : [];
  return {
    kind: "query",
    query,
    window: draft.window,
    ...(draft.compare === undefined ? {} : { compared: draft.compare.name }),
    output: draft.output,
    notes: [...draft.notes, ...stand, ...channel, ...(draft.window.note === undefined ? [] : [draft.window.note])],
  };
}

/** Shares are of figures whose rows add up, at one point in time. */
function withShare(
  { share }: Draft,
  found: Understood,
  { world, field }: { readonly world: AskWorld; readonly field: PlatformField },
): Understood {
  if (share === undefined) return found;
  const { query } = found;
  const { catalog } = world;
  const loose = query.metrics.find((id) => !hasShares(id, query, catalog));
  const by = query.breakdown === undefined ? "" : ` by ${query.breakdown.replaceAll("_", " ")}`;
  const title = (id: MetricId) => catalog.get(id).title;
  const text = query.metrics.map((id) => id.replaceAll("_", " ")).join(", ");
  if (loose !== undefined)
    refuse("NOT_SUPPORTED", `${title(loose)} is no sum of its rows, so no row has a share of it`, `${text}${by}`);
  if (query.grain !== undefined)
    refuse("NOT_SUPPORTED", "shares are told of the whole window, not of each point", `share of ${text}${by}`);
  return { ...found, share: share === "platform" ? field : share };
}

/** Without its rows the same figures are nearly always known. */
function refuseProblems(problems: readonly QueryProblem[], { metrics, window }: Draft): never {
  const isShape = problems.some(({ code }) => code.endsWith("NOT_SUPPORTED"));
  const why = [...new Set(problems.map(({ message }) => message))].slice(0, 3).join("; ");
  const code = problems.some((one) => one.code === "DAYS_NOT_COMPLETE")
    ? "NOT_COMPLETE"
    : isShape
      ? "NOT_SUPPORTED"
      : "BAD_QUERY";
  const names = metrics.slice(0, 3).map((id) => id.replaceAll("_", " "));
  return refuse(code, why, `${names.join(", ")} ${window.range.from} to ${window.range.to}`);
}
