/** Everything that pages read, fetched before they are built. */

import { DAILY_RULES, WEEKLY_RULES } from "../alerts/rules/index.js";
import { newestWeek } from "../alerts/signals.js";
import type { AlertRule } from "../alerts/types.js";
import type { DateRange } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson } from "../base/hash.js";
import { type AdTree, NO_ADS, readAdTree } from "../metrics/ad-tree.js";
import { CATALOG, type Catalog } from "../metrics/catalog/index.js";
import { compile } from "../metrics/compile.js";
import { readCoverage } from "../metrics/coverage.js";
import { type ChangeExplanation, type ChangeRequest, explainChange } from "../metrics/explain-change.js";
import type { MetricForecast } from "../metrics/forecast.js";
import { formatValue } from "../metrics/format.js";
import { type LifetimeValue, readLifetimeValue } from "../metrics/lifetime-value.js";
import { columnsOf } from "../metrics/metric-lineage.js";
import { type ForeignDay, readForeign, readHealth, readPaidChannels } from "../metrics/page-facts.js";
import { validateQuery } from "../metrics/query.js";
import { FORECAST_METRICS, readForecasts } from "../metrics/run-forecast.js";
import { runQueries } from "../metrics/run-queries.js";
import { shareValue } from "../metrics/shares.js";
import type { MetricTarget } from "../metrics/targets.js";
import type { AnswerContext, MetricDef, MetricId, MetricValue, QueryResult, SemanticQuery } from "../metrics/types.js";
import { priceVolumeMix } from "../stats/decompose.js";
import { type Attribution, hasAttribution, readAttribution, type TrueChannel } from "../transform/attribution.js";
import type { BranchPages } from "../transform/branch-pages.js";
import { type LedgerPage, readLedgerPage } from "../transform/ledger-page.js";
import { type Lineage, NO_LINEAGE } from "../transform/lineage.js";
import type { TaskPages } from "../transform/task-pages.js";
import type { Database } from "../warehouse/types.js";
import { foreignUse } from "./currencies.js";
import { DEFAULT_DECK } from "./deck/layout.js";
import type { DeckFacts } from "./deck/types.js";
import { NO_OPERATIONS, type Operations } from "./operations.js";
import { attributionWindow } from "./pages/attribution.js";
import type { ChangeSplit, DataHealth, Facts, ReportPage, SplitRequest } from "./types.js";

/** What facts are made of; tests put them together by hand. */
export interface FactSources {
  readonly context: AnswerContext;
  readonly results: Pick<ReadonlyMap<string, QueryResult>, "get">;
  readonly splits: Readonly<Record<string, SplitRequest>>;
  readonly paidChannels: ReadonlyMap<string, boolean>;
  readonly health: DataHealth;
  /** Default: none. */
  readonly ads?: AdTree;
  /** Default: not read. */
  readonly attribution?: Attribution | null;
  /** Default: not read. */
  readonly ledger?: LedgerPage | null;
  /** Default: not read. */
  readonly tasks?: TaskPages | null;
  /** Default: not read. */
  readonly branches?: BranchPages | null;
  /** Default: none. */
  readonly forecasts?: readonly MetricForecast[];
  /** Default: not read. */
  readonly lifetime?: LifetimeValue | null;
  /** What came in other currencies; default: nothing. */
  readonly foreign?: readonly ForeignDay[];
  readonly catalog?: Catalog;
  /** Default: the shipped rules of the weekly review with their own thresholds. */
  readonly rules?: readonly AlertRule[];
  /** Default: the rules. */
  readonly guardrails?: readonly AlertRule[];
  /** Default: the shipped rules of the day. */
  readonly dailyRules?: readonly AlertRule[];
  /** Default: nobody looked. */
  readonly operations?: Operations;
  /** Default: not read. */
  readonly lineage?: Lineage;
  /** Default: the shipped layout, no words of anybody. */
  readonly deck?: DeckFacts;
  readonly explanations?: ReadonlyMap<string, ChangeExplanation>;
}

/** What a workspace makes of the shipped definitions. */
export type FactOptions = Pick<
  FactSources,
  "catalog" | "rules" | "guardrails" | "dailyRules" | "operations" | "lineage" | "deck" | "tasks" | "branches"
> & {
  /** Where orders truly came from, asked when a page shows it; absent: nobody knows. */
  readonly truth?: (days: DateRange) => Promise<readonly TrueChannel[]>;
};

/** Runs the queries that the pages declare. Pages that use one name for different queries are a bug: `FACT_CLASH`. */
export async function loadFacts(
  db: Database,
  pages: readonly ReportPage[],
  context: AnswerContext,
  { catalog = CATALOG, rules = WEEKLY_RULES, deck = DEFAULT_DECK, truth, ...beside }: FactOptions = {},
): Promise<Facts> {
  const own = ownOf(catalog);
  const coverage = await readCoverage(db);
  // Pages that ask the same question share the answer.
  const questions = new Map<string, SemanticQuery>();
  const named = new Map<string, string>();
  for (const page of pages) {
    const reads = page.reads(context, { weekEndsOn: context.calendar ?? context.weekEndsOn ?? 7, own, deck });
    for (const [name, query] of Object.entries(reads)) {
      if (named.has(name)) throw bug("FACT_CLASH", `two pages call a query "${name}"`);
      named.set(name, canonicalJson(query));
      questions.set(canonicalJson(query), query);
    }
  }
  const answers = await runQueries(db, [...questions.values()], context, { catalog, coverage });
  const answered = new Map([...questions.keys()].map((key, index) => [key, answers[index]]));
  const results = { get: (name: string) => answered.get(named.get(name) ?? "") };
  const shows = (page: string) => pages.some(({ id }) => id === page);
  const sources: FactSources = {
    context,
    results,
    splits: Object.assign({}, ...pages.map((page) => page.splits ?? {})),
    paidChannels: await readPaidChannels(db),
    health: await readHealth(db, context.lastCompleteDay),
    foreign: await readForeign(db),
    ads: await readAdTree(db),
    ledger: shows(LEDGER) ? await readLedgerPage(db, context) : null,
    attribution: shows(ATTRIBUTION) ? await attributionOf(db, context, truth) : null,
    forecasts: shows(EXECUTIVE)
      ? await readForecasts(db, { metrics: FORECAST_METRICS, days: 28, context, catalog, targets: deck.targets })
      : [],
    lifetime: shows(COHORTS) ? await readLifetimeValue(db) : null,
    catalog,
    rules,
    ...beside,
    deck,
  };
  return factsFrom({ ...sources, explanations: await explained(db, pages, sources) });
}

/** The pages that show where orders came from, where the money is, where the month lands, what customers will bring; nothing of it is read for others. */
const [ATTRIBUTION, LEDGER, EXECUTIVE, COHORTS] = ["attribution", "ledger", "executive", "cohorts"];

async function attributionOf(
  db: Database,
  { lastCompleteDay }: AnswerContext,
  truth: FactOptions["truth"],
): Promise<Attribution | null> {
  if (!(await hasAttribution(db))) return null;
  const window = attributionWindow(lastCompleteDay);
  return readAttribution(db, window, { truth: (await truth?.(window)) ?? null });
}

/** A metric that does not know the breakdown is explained by those that it knows. */
function knownBy({ by, ...request }: ChangeRequest, catalog: Catalog): ChangeRequest {
  if (by === undefined) return request;
  const query = { metrics: [request.metric], window: request.window, breakdown: by };
  return validateQuery(query, { catalog }).ok ? { ...request, by } : request;
}

/** What pages ask about the changes that they found. */
async function explained(
  db: Database,
  pages: readonly ReportPage[],
  sources: FactSources,
): Promise<ReadonlyMap<string, ChangeExplanation>> {
  const facts = factsFrom(sources);
  const found = new Map<string, ChangeExplanation>();
  for (const page of pages) {
    for (const [name, request] of Object.entries(page.asks?.(facts) ?? {})) {
      const catalog = sources.catalog ?? CATALOG;
      found.set(name, await explainChange(db, knownBy(request, catalog), sources.context, { catalog }));
    }
  }
  return found;
}

function ownOf(catalog: Catalog): readonly MetricId[] {
  return catalog.metrics.filter((metric) => metric.own === true).map((metric) => metric.id);
}

/** Facts from their parts. */
export function factsFrom(sources: FactSources): Facts {
  const catalog = sources.catalog ?? CATALOG;
  const result = (name: string): QueryResult => {
    const found = sources.results.get(name);
    if (found === undefined) throw bug("FACT_MISSING", `no page declared the query "${name}"`);
    return found;
  };
  return {
    context: sources.context,
    health: sources.health,
    ads: sources.ads ?? NO_ADS,
    attribution: sources.attribution ?? null,
    ledger: sources.ledger ?? null,
    tasks: sources.tasks ?? null,
    branches: sources.branches ?? null,
    forecasts: sources.forecasts ?? [],
    lifetime: sources.lifetime ?? null,
    foreign: (range) => foreignUse(sources.foreign ?? [], range),
    metric: (id) => catalog.get(id),
    own: ownOf(catalog),
    rules: sources.rules ?? WEEKLY_RULES,
    guardrails: sources.guardrails ?? sources.rules ?? WEEKLY_RULES,
    operations: sources.operations ?? NO_OPERATIONS,
    metrics: catalog.metrics,
    sqlOf: (id) => weekSql(id, sources.context, catalog),
    columnsOf: (id) => columnsOf(id, catalog),
    targetText: (id) => targetText((sources.deck ?? DEFAULT_DECK).targets, catalog.get(id), sources.context.currency),
    lineage: sources.lineage ?? NO_LINEAGE,
    dailyRules: sources.dailyRules ?? DAILY_RULES,
    deck: sources.deck ?? DEFAULT_DECK,
    explanation: (name) => sources.explanations?.get(name),
    result,
    split: (name) => {
      const request = sources.splits[name];
      if (request === undefined) throw bug("FACT_MISSING", `no page declared the split "${name}"`);
      return splitOf(result(request.read), request);
    },
    share: (name, metric) => sharesOf(result(name), metric),
    isPaid: (channel) => sources.paidChannels.get(channel),
  };
}

/** The split of a change over the rows of a breakdown. Unknown when any figure that it needs is. */
export function splitOf(result: QueryResult, request: SplitRequest): ChangeSplit {
  const whole = [request.total, request.value, request.volume, request.less].map((id) => pairOf(result.totals, id));
  const missing = whole.find((pair) => pair.status === "unknown");
  if (missing?.status === "unknown") return missing;
  const [total, value, volume, less] = whole.flatMap((pair) => (pair.status === "ok" ? [pair] : []));
  const segments = segmentsOf(result, request);
  if (segments === null || total === undefined || value === undefined || volume === undefined || less === undefined)
    return { status: "unknown", detail: "a row of the breakdown has no value" };
  const parts = priceVolumeMix(segments);
  const split = {
    before: total.before,
    ...parts,
    less: less.before - less.after,
    after: total.after,
    change: total.after - total.before,
  };
  // A breakdown that leaves rows out would put their change under a wrong name.
  if (parts.volume + parts.price + parts.mix + split.less !== split.change)
    return { status: "unknown", detail: "the rows do not add up to the total" };
  return { status: "ok", ...split };
}

function segmentsOf(result: QueryResult, request: SplitRequest) {
  const segments = result.rows.map((row) => {
    const [value, volume] = [pairOf(row.values, request.value), pairOf(row.values, request.volume)];
    if (value.status !== "ok" || volume.status !== "ok") return null;
    return {
      before: { value: value.before, volume: volume.before },
      after: { value: value.after, volume: volume.after },
    };
  });
  return segments.some((segment) => segment === null) ? null : segments.filter((segment) => segment !== null);
}

type Pair =
  | { readonly status: "ok"; readonly before: number; readonly after: number }
  | { readonly status: "unknown"; readonly detail: string };

function pairOf(values: QueryResult["totals"], id: MetricId): Pair {
  const compared = values[id];
  if (compared?.previous === undefined) return { status: "unknown", detail: `${id} was not compared` };
  const { value, previous } = compared;
  if (value.status !== "ok") return { status: "unknown", detail: value.detail };
  if (previous.status !== "ok") return { status: "unknown", detail: previous.detail };
  return { status: "ok", before: previous.value, after: value.value };
}

/** Each row's part of the total. */
export function sharesOf(result: QueryResult, metric: MetricId): Readonly<Record<string, MetricValue>> {
  const total = result.totals[metric]?.value;
  return Object.fromEntries(
    result.rows.map((row): [string, MetricValue] => [row.key, shareValue(row.values[metric]?.value, total)]),
  );
}

function weekSql(
  id: MetricId,
  { lastCompleteDay, calendar, weekEndsOn = 7, timeZone }: AnswerContext,
  catalog: Catalog,
): string {
  const window = newestWeek(lastCompleteDay, calendar?.weekEndsOn ?? weekEndsOn);
  return compile({ metrics: [id], window }, { catalog, weekEndsOn: calendar ?? weekEndsOn, timeZone }).sql;
}

function targetText(targets: readonly MetricTarget[], { id, unit }: MetricDef, currency: string): string | null {
  const own = targets.filter(({ metric }) => metric === id);
  if (own.length === 0) return null;
  return own
    .map(({ period, value }) => `${formatValue({ status: "ok", value }, unit, currency)} a ${period}`)
    .join(", ");
}

function bug(code: string, what: string): GrowthosError {
  return new GrowthosError({ code, what, exit: "bug" });
}
