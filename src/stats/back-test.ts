/**
 * How well a model would have forecast the series' own past: fitted up to several origins, asked for the days after each, held against
 * what came (Hyndman and Athanasopoulos, "Forecasting: principles and practice", 5.10). A model that chooses its own parameters is too
 * sure of itself, most of all of sums: so bands are as wide as these errors say, and never narrower than the model's.
 */
import { fitHoltWinters, forecast, type Series, type Shape, spreadOf } from "./holt-winters.js";

/** Origins are a week apart, so that every weekday is forecast from every distance; eight of them are two months. */
const ORIGINS = { apart: 7, most: 8 } as const;
/** Fewest values that a model is fitted to. */
export const LEAST_POINTS = 14;
/** Where 80 % and 95 % of a normal distribution lie, in standard deviations. */
export const BANDS = { 80: 1.2815515655446004, 95: 1.959963984540054 } as const;

/** What the past says of a model. Errors are parts of what came (0.1 = 10 %); null where nothing came. */
export interface BackTest {
  readonly origins: number;
  /** Days that were forecast from each origin. */
  readonly ahead: number;
  /** Of a day: sum of the errors without their signs, over the sum of the days. */
  readonly dayError: number | null;
  /** Of the sum of all days ahead. */
  readonly sumError: number | null;
  /** Of a day, had it been taken for the newest one of the same weekday. */
  readonly naiveError: number | null;
  /** Share of the days within the model's own 80 % band. */
  readonly held80: number;
  /** The model's standard deviations times this are as wide as the errors were; at least 1. */
  readonly widenDays: number;
  readonly widenSums: number;
}

/** Tests a shape of model on the series' own past; null where nothing is left to be forecast from enough values. */
export function backTest(series: Series, shape: Shape, wanted: number): BackTest | null {
  const [ahead, least] = [aheadOf(series, wanted), LEAST_POINTS];
  if (ahead < 1) return null;
  const origins = Array.from({ length: ORIGINS.most }, (_, index) => series.length - ahead - ORIGINS.apart * index);
  // A season needs two of each weekday more than a line.
  const told = origins.filter(
    (origin) => origin > 0 && valuesIn(series.slice(0, origin)) >= least * (shape.period === 1 ? 1 : 2),
  );
  const tries = told.flatMap((origin) => tryFrom(series, { origin, ahead, shape }));
  if (tries.length === 0) return null;
  const days = tries.flatMap((one) => one.days);
  const total = (of: (day: (typeof days)[number]) => number) => days.reduce((sum, day) => sum + of(day), 0);
  const came = total(({ value }) => Math.abs(value));
  const sums = tries.reduce((sum, one) => sum + Math.abs(one.sum.value), 0);
  const share = (error: number, of: number) => (of === 0 ? null : error / of);
  return {
    origins: tries.length,
    ahead,
    dayError: share(
      total(({ error }) => Math.abs(error)),
      came,
    ),
    sumError: share(
      tries.reduce((sum, one) => sum + Math.abs(one.sum.error), 0),
      sums,
    ),
    naiveError: share(
      total(({ naive }) => Math.abs(naive)),
      came,
    ),
    held80: total(({ error, spread }) => (Math.abs(error) <= BANDS[80] * spread ? 1 : 0)) / days.length,
    widenDays: widening(days),
    widenSums: widening(tries.map((one) => one.sum)),
  };
}

/** Days ahead that leave enough values before them. */
function aheadOf(series: Series, wanted: number): number {
  let ahead = Math.min(wanted, series.length);
  while (ahead > 0 && valuesIn(series.slice(0, series.length - ahead)) < LEAST_POINTS) ahead -= 1;
  return ahead;
}

function valuesIn(series: Series): number {
  return series.filter((value) => value !== null).length;
}

interface Judged {
  readonly value: number;
  readonly error: number;
  readonly spread: number;
}

interface Try {
  readonly days: readonly (Judged & { readonly naive: number })[];
  readonly sum: Judged;
}

/** One origin; nothing where no day after it has a value. */
function tryFrom(
  series: Series,
  { origin, ahead, shape }: { readonly origin: number; readonly ahead: number; readonly shape: Shape },
): readonly Try[] {
  const past = series.slice(0, origin);
  const model = fitHoltWinters(past, shape);
  const expected = forecast(model, ahead);
  const days = expected.flatMap((value, index) => {
    const came = series[origin + index] ?? null;
    if (came === null) return [];
    const usual = sameWeekday(past, origin + index) ?? came;
    return [{ index, value: came, error: came - value, spread: spreadOf(model, [index]), naive: came - usual }];
  });
  if (days.length === 0) return [];
  const spread = spreadOf(
    model,
    days.map(({ index }) => index),
  );
  const value = days.reduce((sum, day) => sum + day.value, 0);
  return [{ days, sum: { value, error: days.reduce((sum, day) => sum + day.error, 0), spread } }];
}

/** The newest value of the same weekday. */
function sameWeekday(past: Series, day: number): number | null {
  for (let at = day - 7; at >= 0; at -= 7) if ((past[at] ?? null) !== null) return past[at] ?? null;
  return null;
}

/** Root of the mean of the squared errors in standard deviations, at least 1. */
function widening(judged: readonly Judged[]): number {
  const squares = judged.reduce((sum, { error, spread }) => sum + (spread === 0 ? 0 : (error / spread) ** 2), 0);
  return Math.max(1, Math.sqrt(squares / judged.length));
}
