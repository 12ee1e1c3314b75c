/** Everything that is judged for one day, and each alert with what it came from. The only place of this room that asks for figures beside `reads` and `signals`. */

import { type ISODate, rangeLength } from "../base/dates.js";
import { groupShares, metricsToExplain } from "../metrics/contribution.js";
import { validateQuery } from "../metrics/query.js";
import type { Comparison } from "../metrics/types.js";
import { judgeData, type RunSeen } from "./data-rules.js";
import { evaluate } from "./evaluate.js";
import { metricsIn } from "./judge.js";
import { ask, readFor, type Source, unjudgeable, windowOf } from "./reads.js";
import { type AlertSettings, rulesOf } from "./settings.js";
import { type FrozenLimits, watch } from "./signals.js";
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
  /** Steps of runs that failed and that no run has come past yet. */
  readonly failures?: readonly Judgement[];
  /** The last complete day by the calendar: what sources are held against. */
  readonly lastCompleteDay: ISODate;
}

/** Judges rules, signals and data for the source's last complete day. */
export async function assess(settings: AlertSettings, source: Source, known: Known): Promise<Assessment> {
  const rules = rulesOf(settings);
  const context = { metric: source.catalog.get, currency: source.context.currency };
  const left = rules.flatMap((rule) => unjudged(rule, source));
  const askable = rules.filter(({ id }) => !left.some(({ rule }) => rule === id));
  const judged = [...evaluate(askable, await readFor(askable, source), context), ...left];
  const watched = settings.off.includes("signal")
    ? []
    : await watch({ ...settings, metrics: settings.watch, frozen: known.frozen }, source);
  const aboutData = judgeData({
    coverage: source.coverage,
    lastCompleteDay: known.lastCompleteDay,
    runs: known.runs,
    staleAfterDays: settings.staleAfterDays,
  });
  const data = [...aboutData, ...(known.failures ?? [])].filter(({ rule }) => !settings.off.includes(rule));
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

/** A rule over customers' ages on a day before the build's: no signal, and why. */
function unjudged(rule: AlertRule, source: Source): readonly Judgement[] {
  const detail = unjudgeable(metricsIn(rule), source);
  if (detail === null) return [];
  const { window } = windowOf(rule.look, source.context.lastCompleteDay, 0);
  const input = source.catalog.get(rule.about).title;
  const { id, title, about, advice, repeat } = rule;
  return [
    {
      ...{ key: id, rule: id, title, segment: null, metric: about, window, since: window.from },
      ...{ verdict: { kind: "no_signal", input, detail }, what: "", advice, repeat, means: "neither", money: null },
    },
  ];
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
  judgement: Judgement,
  rule: AlertRule | undefined,
  source: Source,
): Promise<Contribution | null> {
  const { metric, segment, window } = judgement;
  const metrics = metric === null ? null : metricsToExplain(metric, source.catalog);
  if (metric === null || metrics === null) return null;
  const by = segment === null ? "channel" : "campaign";
  const own = segment === null ? [] : [{ field: segment.by, operator: "=", value: segment.key }];
  const filters = [...(rule?.filters ?? []), ...own];
  const compare = comparisonOf(judgement, rule, source);
  const query = { metrics, window, compare, breakdown: by, filters };
  // Not every metric can be told apart by every breakdown; then nobody is named.
  const checked = validateQuery(query, { catalog: source.catalog });
  if (!checked.ok) return null;
  const result = await ask(checked.query, source);
  const days = compare.kind === "range" ? rangeLength(compare.range) : rangeLength(window);
  const [top] = groupShares(result, metric, { catalog: source.catalog, scale: rangeLength(window) / days }) ?? [];
  return top === undefined || top.share < LEAST_SHARE ? null : { by, ...top };
}

function comparisonOf({ baseline }: Judgement, rule: AlertRule | undefined, { context }: Source): Comparison {
  if (baseline !== undefined) return { kind: "range", range: baseline };
  return rule === undefined ? { kind: "previous" } : windowOf(rule.look, context.lastCompleteDay, 0).compare;
}
