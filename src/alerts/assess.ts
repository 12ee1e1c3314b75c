/** Everything that is judged for one day, and each alert with what it came from. The only place of this room that asks for figures beside `reads` and `signals`. */

import type { ISODate } from "../base/dates.js";
import { groupShares, metricsToExplain } from "../metrics/contribution.js";
import { validateQuery } from "../metrics/query.js";
import type { MetricDef, SemanticQuery } from "../metrics/types.js";
import { judgeData, type RunSeen } from "./data-rules.js";
import { evaluate } from "./evaluate.js";
import { ask, readFor, type Source, windowOf } from "./reads.js";
import { type AlertSettings, rulesOf } from "./settings.js";
import { type FrozenLimits, newestWeek, watch } from "./signals.js";
import { type Alert, type AlertRule, type Contribution, type Judgement, SEVERITIES } from "./types.js";

/** What came of a day: everything that was judged, the alerts among it, and limits that settled. */
export interface Assessment {
  readonly judgements: readonly Judgement[];
  /** Most severe first, then in the order of the rules. */
  readonly alerts: readonly Alert[];
  readonly settled: readonly FrozenLimits[];
}

/** What is known beside the figures. */
export interface Known {
  /** Newest first. */
  readonly runs: readonly RunSeen[];
  /** Limits that were recorded before. */
  readonly frozen: readonly FrozenLimits[];
  /** The last complete day by the calendar: what sources are held against. */
  readonly lastCompleteDay: ISODate;
}

/** Judges rules, signals and data for the source's last complete day. */
export async function assess(settings: AlertSettings, source: Source, known: Known): Promise<Assessment> {
  const rules = rulesOf(settings);
  const context = { metric: source.catalog.get, currency: source.context.currency };
  const judged = evaluate(rules, await readFor(rules, source), context);
  const watched = settings.off.includes("signal")
    ? []
    : await watch({ ...settings, metrics: settings.watch, frozen: known.frozen }, source);
  const data = judgeData({
    coverage: source.coverage,
    lastCompleteDay: known.lastCompleteDay,
    runs: known.runs,
    staleAfterDays: settings.staleAfterDays,
  }).filter(({ rule }) => !settings.off.includes(rule));
  const judgements = [...judged, ...watched.map(({ judgement }) => judgement), ...data];
  const alerts: Alert[] = [];
  for (const judgement of judgements) {
    if (judgement.verdict.kind !== "fires") continue;
    alerts.push(await alertOf(judgement, rules, source));
  }
  return {
    judgements,
    alerts: alerts.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity)),
    settled: watched.flatMap(({ settled }) => (settled === null ? [] : [settled])),
  };
}

async function alertOf(judgement: Judgement, rules: readonly AlertRule[], source: Source): Promise<Alert> {
  const { verdict, ...told } = judgement;
  const { key, rule, title, what, metric, segment, window, since, money, means, advice, repeat } = told;
  const severity = verdict.kind === "fires" ? verdict.severity : "info";
  const own = rules.find(({ id }) => id === rule);
  const contributor = await contributorOf(judgement, own, source);
  const { currency } = source.context;
  return {
    key,
    rule,
    severity,
    title,
    what,
    metric,
    segment,
    window,
    since,
    money,
    currency,
    means,
    contributor,
    advice,
    repeat,
  };
}

/** A group below this part of the change is not worth naming. */
const LEAST_SHARE = 0.2;

/** The group that had most to do with the change: a channel of the shop, a campaign of a channel or platform. */
async function contributorOf(
  { metric, segment, window }: Judgement,
  rule: AlertRule | undefined,
  source: Source,
): Promise<Contribution | null> {
  const metrics = metric === null ? null : metricsToExplain(metric, source.catalog);
  if (metric === null || metrics === null) return null;
  const by = segment === null ? "channel" : "campaign";
  const { compare } =
    rule === undefined
      ? { compare: { kind: "previous" } as const }
      : windowOf(rule.look, source.context.lastCompleteDay, 0);
  const own = segment === null ? [] : [{ field: segment.by, operator: "=", value: segment.key }];
  const query = {
    metrics,
    window: rule === undefined ? newestWeek(source.context.lastCompleteDay, source.context.weekEndsOn ?? 7) : window,
    compare,
    breakdown: by,
    filters: [...(rule?.filters ?? []), ...own],
  };
  // Not every metric can be told apart by every breakdown; then nobody is named.
  const checked = validateQuery(query, { catalog: source.catalog });
  return checked.ok ? greatest(checked.query, { metric: source.catalog.get(metric), by, source }) : null;
}

async function greatest(
  query: SemanticQuery,
  { metric, by, source }: { readonly metric: MetricDef; readonly by: string; readonly source: Source },
): Promise<Contribution | null> {
  const shares = groupShares(await ask(query, source), metric.id, source.catalog);
  const top = shares?.[0];
  return top === undefined || top.share < LEAST_SHARE ? null : { by, ...top };
}
