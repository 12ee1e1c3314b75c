/**
 * What each channel's ad spend brings, from a shop's own weeks, and how sure that is (D-62). What cannot be told is refused by name, with
 * its figures. None of it proves a cause: budgets that follow demand look as if they had made it.
 */
import { type SpendRefusal, spendRefusals } from "./mix-checks.js";
import { chanceOfNothing, drawnCurves, type FittedMix, quantile } from "./mix-draws.js";
import { controlsOf, holdOutOf, type MixHoldOut, strengthOf } from "./mix-hold-out.js";
import {
  bestFit,
  broughtBy,
  carried,
  curvesOf,
  designOf,
  expectedOf,
  type MixCurve,
  type MixWeeks,
  nextUnitBrings,
} from "./mix-model.js";

/** Two years: with less, a season and an effect cannot be told apart. */
export const LEAST_WEEKS = 104;
/** Today's spend is the mean of so many weeks. */
export const TODAY_WEEKS = 4;
/** An effect is told where at most so many worlds without it look as good. */
const MOST_CHANCE = 0.05;
/** A week with at most this part of the usual spend shows what comes without the channel. */
const OFF = 0.1;
/** How much wider a range is than its draws. */
const WIDENED = 1.5;
/** Points of a curve. */
const POINTS = 24;

/** Weeks of one shop, oldest first; null where a week is not known. Amounts in any one unit. */
export interface MixHistory {
  readonly outcome: readonly (number | null)[];
  readonly channels: readonly { readonly id: string; readonly spend: readonly (number | null)[] }[];
  /** What else moves the outcome and is no ad: 1 in the weeks of a holiday, for example. */
  readonly flags?: readonly (readonly number[])[];
}

/** A value with the ends of its 80 % range. */
export interface Ranged {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Why nothing is told about a channel. Its effect stays in the model, where there is one, so that no other is given it. */
export type MixRefusal =
  | SpendRefusal
  /** Weeks without a gap up to the newest: unknown is not zero. */
  | { readonly because: "missing_weeks"; readonly known: number; readonly needed: number }
  /** What the next unit of the channel's usual `spend` seems to bring reaches down to nothing, or looks as good by chance too often. */
  | {
      readonly because: "no_effect_told";
      readonly spend: number;
      readonly nextUnit: Ranged;
      readonly chance: number;
      readonly most: number;
    };

/** A channel whose effect is told. */
export interface MixEstimate {
  /** Mean weekly spend of the newest weeks, and the smallest and largest of any. */
  readonly today: number;
  readonly smallest: number;
  readonly largest: number;
  readonly curve: MixCurve;
  /** What today's spend brings a week when it is kept up; null where the channel was never nearly off: what would come without it was never seen. */
  readonly brings: Ranged | null;
  /** What the next unit of spend brings. */
  readonly nextUnit: Ranged;
  /** How many worlds without its effect look as good, 0 to 1. */
  readonly chance: number;
  /** From the smallest to the largest week; never beyond. */
  readonly line: readonly (Ranged & { readonly spend: number })[];
  /** Each week's spend as it acted, and the outcome less all that is not this channel's. */
  readonly weeks: readonly { readonly spend: number; readonly value: number }[];
  /** The curve as other weeks would have shown it; those of all channels belong together by their place. */
  readonly draws: readonly MixCurve[];
}

/** What is told about a channel. */
export type MixChannel =
  | { readonly id: string; readonly status: "ok"; readonly estimate: MixEstimate }
  | { readonly id: string; readonly status: "refused"; readonly refusal: MixRefusal };

/** Whether anything is told; `weeks` are those that were used, the newest. */
export type MixVerdict = { readonly weeks: number } & (
  | {
      readonly status: "refused";
      readonly because: "too_short" | "no_channel" | "no_better_than_without_ads";
      readonly needed: number;
      readonly holdOut: MixHoldOut | null;
    }
  | { readonly status: "ok" /** Of the ridge. */; readonly strength: number; readonly holdOut: MixHoldOut }
);

/** The answer, channels by id. */
export interface MediaMix {
  readonly verdict: MixVerdict;
  readonly channels: readonly MixChannel[];
}

/** Fits the model to the weeks, or says why not. Deterministic; the order of the channels and the unit of money change nothing. */
export function mediaMix(history: MixHistory): MediaMix {
  const channels = [...history.channels].sort((a, b) => (a.id < b.id ? -1 : 1));
  const outcomeRun = runOf(history.outcome);
  const runs = channels.map(({ spend }) => runOf(spend));
  const used = channels.filter((_, index) => (runs[index] ?? 0) >= LEAST_WEEKS);
  const weeks = Math.min(outcomeRun, ...runs.filter((run) => run >= LEAST_WEEKS));
  const refused = (refusals: Iterable<readonly [string, MixRefusal]>): readonly MixChannel[] =>
    [...refusals].map(([id, refusal]) => ({ id, status: "refused", refusal }));
  const gaps = refused(
    channels.flatMap(({ id }, index) => {
      const known = runs[index] ?? 0;
      return known >= LEAST_WEEKS ? [] : [[id, { because: "missing_weeks", known, needed: LEAST_WEEKS }] as const];
    }),
  );
  const none = { status: "refused", weeks, needed: LEAST_WEEKS, holdOut: null } as const;
  if (outcomeRun < LEAST_WEEKS) return { verdict: { ...none, because: "too_short" }, channels: gaps };
  const { data, unit } = newest(history, used, weeks);
  const early = spendRefusals(
    data,
    used.map(({ id }) => id),
  );
  const before = [...gaps, ...refused(early)];
  // Spend that hardly varies is explained by level, trend and season already.
  const kept = used
    .map(({ id }, index) => ({ id, index }))
    .filter(({ id }) => early.get(id)?.because !== "hardly_varies");
  const asked = kept.map(({ id }) => id).filter((id) => !early.has(id));
  if (asked.length === 0) return { verdict: { ...none, because: "no_channel" }, channels: byId(before) };
  const world = { ...data, spends: kept.flatMap(({ index }) => [data.spends[index] ?? []]) };
  const strength = strengthOf(world);
  const holdOut = holdOutOf(world, strength);
  if (!(holdOut.error < holdOut.errorWithoutAds)) {
    // Of a quarter in which nothing came no part was missed.
    const isMeasured = Number.isFinite(holdOut.error);
    const verdict = { ...none, because: "no_better_than_without_ads", holdOut: isMeasured ? holdOut : null } as const;
    return { verdict, channels: byId(before) };
  }
  const told = channelsOf(world, { strength, unit, ids: kept.map(({ id }) => id), asked });
  const isTold = told.some(({ status }) => status === "ok");
  return {
    verdict: isTold ? { status: "ok", weeks, strength, holdOut } : { ...none, because: "no_channel", holdOut },
    channels: byId([...before, ...told]),
  };
}

/** Known weeks without a gap up to the newest. */
function runOf(weeks: readonly (number | null)[]): number {
  return weeks.length - 1 - weeks.lastIndexOf(null);
}

function byId(channels: readonly MixChannel[]): readonly MixChannel[] {
  return [...channels].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The newest weeks as columns; the outcome as multiples of its mean, which is `unit`. */
function newest(
  { outcome, flags = [] }: MixHistory,
  channels: MixHistory["channels"],
  weeks: number,
): { readonly data: MixWeeks; readonly unit: number } {
  const cut = <T>(values: readonly T[]) => values.slice(values.length - weeks);
  const known = cut(outcome).map((value) => value ?? 0);
  const unit = known.reduce((sum, value) => sum + Math.abs(value), 0) / weeks || 1;
  const data = {
    outcome: Float64Array.from(known, (value) => value / unit),
    controls: controlsOf(weeks, flags.map(cut)),
    // A week in which more was credited than spent bought nothing.
    spends: channels.map(({ spend }) => cut(spend).map((value) => Math.max(0, value ?? 0))),
  };
  return { data, unit };
}

interface Asked {
  readonly strength: number;
  readonly unit: number;
  /** Of the channels in the model, and of those that may be told. */
  readonly ids: readonly string[];
  readonly asked: readonly string[];
}

/** What the fit of all weeks says about the channels that may be told. */
function channelsOf(data: MixWeeks, { strength, unit, ids, asked }: Asked): readonly MixChannel[] {
  const design = designOf(data, data.outcome.length);
  const fitted: FittedMix = { data, design, strength, fit: bestFit(design, data.outcome, { strength }) };
  const inUnit = (curves: readonly MixCurve[]) => curves.map((curve) => ({ ...curve, most: curve.most * unit }));
  const curves = curvesOf(design, fitted.fit);
  const expected = expectedOf(data, { basis: design.basis, curves, weeks: data.outcome.length });
  const errors = data.outcome.map((value, week) => (value - (expected[week] ?? 0)) * unit);
  const [told, draws] = [inUnit(curves), drawnCurves(fitted).map(inUnit)];
  return ids.flatMap((id, index): readonly MixChannel[] => {
    const [curve, spend] = [told[index], data.spends[index] ?? []];
    if (curve === undefined || !asked.includes(id)) return [];
    const own = draws.flatMap((all) => all[index] ?? []);
    const chance = chanceOfNothing(fitted, index);
    // A channel may rest today: whether it does anything is judged by its usual week.
    const usual = usualOf(spend);
    const nextUnit = rangedOf(
      nextUnitBrings(curve, usual),
      own.map((one) => nextUnitBrings(one, usual)),
    );
    if (nextUnit.low > 0 && chance <= MOST_CHANCE)
      return [{ id, status: "ok", estimate: estimateOf(curve, own, { spend, errors, chance }) }];
    const refusal = { because: "no_effect_told", spend: usual, nextUnit, chance, most: MOST_CHANCE } as const;
    return [{ id, status: "refused", refusal }];
  });
}

/** Mean of the weeks with spend. */
function usualOf(spend: readonly number[]): number {
  const spent = spend.filter((value) => value > 0);
  return spent.reduce((sum, value) => sum + value, 0) / spent.length;
}

interface Around {
  readonly spend: readonly number[];
  readonly errors: Float64Array;
  readonly chance: number;
}

function estimateOf(curve: MixCurve, draws: readonly MixCurve[], { spend, errors, chance }: Around): MixEstimate {
  const today = spend.slice(-TODAY_WEEKS).reduce((sum, value) => sum + value, 0) / TODAY_WEEKS;
  const [smallest, largest] = [Math.min(...spend), Math.max(...spend)];
  const ranged = (of: (one: MixCurve) => number) => rangedOf(of(curve), draws.map(of));
  const line = Array.from({ length: POINTS + 1 }, (_, index) => {
    const at = smallest + ((largest - smallest) * index) / POINTS;
    return { spend: at, ...ranged((one) => broughtBy(one, at)) };
  });
  const weeks = [...carried(spend, curve.carryover)].map((acted, week) => ({
    spend: acted,
    value: broughtBy(curve, acted) + (errors[week] ?? 0),
  }));
  return {
    ...{ today, smallest, largest, curve, chance, line, weeks, draws },
    brings: smallest <= OFF * usualOf(spend) ? ranged((one) => broughtBy(one, today)) : null,
    nextUnit: ranged((one) => nextUnitBrings(one, today)),
  };
}

/**
 * A value with its 80 % range. The draws know nothing of what the ridge and the grid of shapes are off by: as they are, they held the truth
 * in 67 to 75 % of invented worlds, widened by half in 82 to 95 %.
 */
export function rangedOf(value: number, draws: readonly number[]): Ranged {
  const [low, high] = [quantile(draws, 0.1), quantile(draws, 0.9)];
  return { value, low: value - WIDENED * (value - low), high: value + WIDENED * (high - value) };
}
