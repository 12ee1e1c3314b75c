/** The alerts of a built demo, week after week, against the answer key; for tests. */
import { assess } from "../alerts/assess.js";
import { foldAlerts, NO_HISTORY, step, type Telling } from "../alerts/lifecycle.js";
import { DEFAULT_SETTINGS } from "../alerts/settings.js";
import type { Alert } from "../alerts/types.js";
import { addDays, type DateRange, type ISODate, rangeLength } from "../base/dates.js";
import { EVENTS, quietWeeks } from "../demo/anomalies.js";
import type { DemoEvent } from "../demo/types.js";
import { CATALOG } from "../metrics/catalog/index.js";
import { readContext } from "../metrics/context.js";
import { readCoverage } from "../metrics/coverage.js";
import type { Database } from "../warehouse/types.js";

/** One week as somebody would live it on its last day: what fires, and what is told of it. */
export interface AlertWeek {
  readonly week: DateRange;
  readonly isQuiet: boolean;
  readonly alerts: readonly Alert[];
  readonly told: readonly Telling[];
}

/** Judges every complete week of a demo in turn, with the history of those before; reads one build, changes nothing. */
export async function alertWeeks(db: Database, firstDay: ISODate): Promise<readonly AlertWeek[]> {
  const newest = await readContext(db, "Demo");
  const coverage = await readCoverage(db);
  const last = newest.lastCompleteDay;
  const quiet = new Set(quietWeeks({ from: firstDay, to: last }).map(({ to }) => to));
  const weeks: AlertWeek[] = [];
  let history = NO_HISTORY;
  // Two weeks in a row are the least that can be compared.
  const weeksBack = Math.floor((rangeLength({ from: firstDay, to: last }) - 14) / 7);
  for (let to = addDays(last, -7 * weeksBack); to <= last; to = addDays(to, 7)) {
    const context = { ...newest, asOf: addDays(to, 1), lastCompleteDay: to };
    const source = { db, context, catalog: CATALOG, coverage };
    const known = { runs: [], frozen: history.frozen, lastCompleteDay: to };
    const { judgements, alerts, settled } = await assess(DEFAULT_SETTINGS, source, known);
    const { events, tellings } = step(history, { day: to, judgements, alerts });
    history = foldAlerts([...settled.map((frozen) => ({ kind: "limits", frozen }) as const), ...events], history);
    const told = tellings.filter(({ status }) => status !== "recovered");
    weeks.push({ week: { from: addDays(to, -6), to }, isQuiet: quiet.has(to), alerts, told });
  }
  return weeks;
}

/** What was told of weeks in which nothing happened, infos included: day and key. */
export function falseAlarms(weeks: readonly AlertWeek[]): readonly string[] {
  return weeks
    .filter(({ isQuiet }) => isQuiet)
    .flatMap(({ week, told }) => told.map(({ alert }) => `${week.to} ${alert.key}`));
}

/** The injected anomalies of which no alert told in a week that they touch: about a metric of their signs, in their channel. */
export function missedAnomalies(weeks: readonly AlertWeek[]): readonly string[] {
  const anomalies = EVENTS.filter(({ kind }) => kind === "anomaly");
  return anomalies
    .filter((event) => !weeks.some((one) => touches(one, event) && reports(one, event)))
    .map(({ id }) => id);
}

function touches({ week }: AlertWeek, { days }: DemoEvent): boolean {
  return week.from <= days.to && days.from <= week.to;
}

function reports({ told }: AlertWeek, { signs }: DemoEvent): boolean {
  return told.some(({ alert }) =>
    signs.some(
      ({ metric, channel, direction }) =>
        direction !== "unchanged" &&
        metric === alert.metric &&
        (channel === undefined ? alert.segment === null : alert.segment?.key === channel),
    ),
  );
}
