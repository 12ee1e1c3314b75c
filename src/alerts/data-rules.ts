/** Rules about the data itself: sources that stopped, runs that failed. Their inputs are coverage and the journal of runs. */
import { addDays, type DateRange, daysBetween, type ISODate } from "../base/dates.js";
import { earlierDay } from "../metrics/calendar.js";
import type { Coverage } from "../metrics/coverage.js";
import { MARTS } from "../metrics/marts.js";
import { FAILED_STEP } from "./failed-step.js";
import type { Judgement, Severity, Verdict } from "./types.js";

/** A run as far as alerts need it, as the journal of runs keeps it. */
export interface RunSeen {
  readonly runId: string;
  readonly startedAt: string;
  readonly state: string;
  readonly sources: readonly {
    readonly source: string;
    readonly error: { readonly code: string; readonly what: string } | null;
  }[];
}

/** What the data rules look at. */
export interface DataInputs {
  readonly coverage: Coverage;
  readonly lastCompleteDay: ISODate;
  /** Newest first. */
  readonly runs: readonly RunSeen[];
  /** Days behind the last complete day after which a source is stale; twice as many are critical. */
  readonly staleAfterDays: number;
}

/** Ids of the data rules, for config and tests. */
export const DATA_RULES = ["stale_data", "failed_run", FAILED_STEP] as const;

/** One judgement per source that answers for days, and one for the newest run. */
export function judgeData(inputs: DataInputs): readonly Judgement[] {
  return [...staleness(inputs), failedRun(inputs)];
}

/** Streams that facts rest on, by source: the others may stand still without harm. */
function newestDays({ configured, streams }: Coverage): ReadonlyMap<string, ISODate | null> {
  const wanted = new Set(Object.values(MARTS).flatMap(({ origins }) => origins.flatMap((origin) => origin.streams)));
  const newest = new Map<string, ISODate | null>();
  for (const name of wanted) {
    const source = name.slice(0, name.indexOf("."));
    if (!configured.includes(source)) continue;
    const last = streams.find((stream) => stream.name === name)?.days.at(-1)?.to ?? null;
    const known = newest.get(source) ?? null;
    newest.set(source, known === null || (last !== null && last > known) ? last : known);
  }
  return newest;
}

function staleness(inputs: DataInputs): readonly Judgement[] {
  const newest = [...newestDays(inputs.coverage)];
  if (newest.length === 0) return [staleSource("", null, inputs)];
  return newest.map(([source, last]) => staleSource(source, last, inputs));
}

function staleSource(source: string, last: ISODate | null, inputs: DataInputs): Judgement {
  const { lastCompleteDay, staleAfterDays } = inputs;
  const behind = last === null ? 0 : daysBetween(last, lastCompleteDay);
  const since = last === null ? lastCompleteDay : addDays(last, 1);
  const severity: Severity = behind > 2 * staleAfterDays ? "critical" : "warning";
  const detail = source === "" ? "no source that answers for days is configured" : `${source}: never synced`;
  const verdict: Verdict =
    last === null
      ? { kind: "no_signal", input: "Newest day", detail }
      : behind > staleAfterDays
        ? { kind: "fires", severity }
        : { kind: "quiet", because: "within_limits" };
  return {
    ...frame("stale_data", { from: earlierDay(since, lastCompleteDay), to: lastCompleteDay }),
    key: source === "" ? "stale_data" : `stale_data:${source}`,
    title: `No new data from ${source}`,
    segment: source === "" ? null : { by: "source", key: source, label: source },
    verdict,
    what: verdict.kind === "fires" ? `The newest day of ${source} is ${last}, ${behind} days behind.` : "",
    advice: `See why with \`growthos status\` and \`growthos runs --state failed\`, then \`growthos sync --source ${source}\`.`,
  };
}

/** Running and queued runs are not over; the newest that is decides. */
function failedRun({ runs, lastCompleteDay }: DataInputs): Judgement {
  const over = runs.filter(({ state }) => state !== "running" && state !== "queued");
  const [newest] = over;
  const row = over.findIndex(({ state }) => state !== "failed");
  const failures = row < 0 ? over.length : row;
  const errors =
    newest?.sources.flatMap(({ source, error }) => (error === null ? [] : [`${source}: ${error.what}`])) ?? [];
  const verdict: Verdict =
    newest === undefined
      ? { kind: "no_signal", input: "Runs", detail: "no run is recorded" }
      : failures > 0
        ? { kind: "fires", severity: failures > 1 ? "critical" : "warning" }
        : { kind: "quiet", because: "within_limits" };
  const first = over[failures - 1]?.startedAt.slice(0, 10) as ISODate | undefined;
  return {
    ...frame("failed_run", { from: lastCompleteDay, to: lastCompleteDay }),
    title: failures > 1 ? `The last ${failures} syncs failed` : "The last sync failed",
    since: failures > 0 && first !== undefined ? first : lastCompleteDay,
    verdict,
    what:
      verdict.kind === "fires"
        ? `Run ${newest?.runId ?? ""} of ${newest?.startedAt ?? ""} failed: ${errors.join("; ")}.`
        : "",
    advice: "Read `growthos runs --state failed` and run `growthos doctor`.",
  };
}

function frame(
  rule: (typeof DATA_RULES)[number],
  window: DateRange,
): Omit<Judgement, "title" | "verdict" | "what" | "advice"> {
  return {
    key: rule,
    rule,
    segment: null,
    metric: null,
    window,
    since: window.from,
    repeat: { cooldownDays: 3 },
    means: "worse",
    money: null,
  };
}
