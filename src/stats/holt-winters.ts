/**
 * Exponential smoothing with an additive trend (Holt 1957) and an additive season (Winters 1960), in the error-correction form of Hyndman,
 * Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing" (2008): every forecast is a point with the variance of its model, so
 * bands come from the model and not from a rule of thumb. Days without a value are walked over: they teach nothing, and cost nothing.
 */
import { solveLinear } from "./linear-equations.js";
import { minimise } from "./nelder-mead.js";

/**
 * How fast each part learns, 0 to 1; the trend's is a part of the level's (Hyndman's beta*). `damping` is what remains of the trend from
 * one day to the next: 1 is a line for ever, less lets it run out (Gardner and McKenzie 1985).
 */
export interface Smoothing {
  readonly level: number;
  readonly trend: number;
  readonly season: number;
  readonly damping: number;
}

/** What is assumed before anything is fitted: the days after which the season comes again (1: there is none), and the damping. */
export interface Shape {
  readonly period: 1 | 7;
  readonly damping: number;
}

/** What is known after a day. `season` begins with the effect of the next day; one effect of 0 is a series without a season. */
export interface SmoothState {
  readonly level: number;
  readonly trend: number;
  readonly season: readonly number[];
}

/** A walk through a series. */
export interface Smoothed {
  /** One step ahead, for every day, also those without a value. */
  readonly fitted: readonly number[];
  /** Sum of the squared errors of the days with a value, and how many these are. */
  readonly squares: number;
  readonly points: number;
  readonly state: SmoothState;
}

/** A fitted model: all that forecasts need. */
export interface HoltWinters {
  readonly smoothing: Smoothing;
  readonly state: SmoothState;
  /** Standard deviation of the errors one step ahead. */
  readonly sigma: number;
}

/** A series; null where a day has no value, or is left out. */
export type Series = readonly (number | null)[];

/** Walks through a series from a given state with given parameters. */
export function smoothed(series: Series, smoothing: Smoothing, start: SmoothState): Smoothed {
  const season = [...start.season];
  let { level, trend } = start;
  let [squares, points] = [0, 0];
  const fitted = series.map((value, index) => {
    const place = index % season.length;
    const steady = smoothing.damping * trend;
    const expected = level + steady + (season[place] ?? 0);
    const error = value === null ? 0 : value - expected;
    if (value !== null) points += 1;
    squares += error * error;
    level += steady + smoothing.level * error;
    trend = steady + smoothing.level * smoothing.trend * error;
    season[place] = (season[place] ?? 0) + smoothing.season * error;
    return expected;
  });
  const next = series.length % season.length;
  return {
    fitted,
    squares,
    points,
    state: { level, trend, season: [...season.slice(next), ...season.slice(0, next)] },
  };
}

/**
 * The model of a shape with the smallest squared error one step ahead. The state before the first day is a least-squares line with effects
 * through the first 14 days; the parameters are found by Nelder and Mead's simplex on the logit scale, from 0.3, 0.1 and 0.1. At least
 * 14 values, and for a season two of each weekday.
 */
export function fitHoltWinters(series: Series, { period, damping }: Shape): HoltWinters {
  const start = startOf(series.slice(0, 14), period);
  const smoothingAt = ([level = 0, trend = 0, season = 0]: readonly number[]): Smoothing => ({
    level: logistic(level),
    trend: logistic(trend),
    season: period === 1 ? 0 : logistic(season),
    damping,
  });
  const from = [0.3, 0.1, 0.1].slice(0, period === 1 ? 2 : 3).map(logit);
  const found = minimise((point) => smoothed(series, smoothingAt(point), start).squares, from, { tolerance: 1e-8 });
  const smoothing = smoothingAt(found.point);
  const { squares, points, state } = smoothed(series, smoothing, start);
  // Level, trend and effects were estimated too: each takes a point away.
  const free = Math.max(1, points - from.length - 1 - period);
  return { smoothing, state, sigma: Math.sqrt(squares / free) };
}

/** Expected values of the next days. */
export function forecast(
  { smoothing, state }: Pick<HoltWinters, "smoothing" | "state">,
  days: number,
): readonly number[] {
  const { level, trend, season } = state;
  const steps = stepsOf(smoothing.damping, days);
  return steps.map((step, index) => level + step * trend + (season[index % season.length] ?? 0));
}

/** How many days of the trend have come by after 1, 2, 3 … days. */
function stepsOf(damping: number, days: number): readonly number[] {
  let [all, one] = [0, 1];
  return Array.from({ length: days }, () => {
    one *= damping;
    all += one;
    return all;
  });
}

/**
 * Standard deviation of the sum of some of the next days (0 is the first); of one day it is that day's. An error of a day moves every
 * day after it, so the days of a sum err together: their variances do not simply add up.
 */
export function spreadOf({ smoothing, state, sigma }: HoltWinters, days: readonly number[]): number {
  const last = Math.max(-1, ...days);
  const asked = Array.from({ length: last + 1 }, (_, day) => days.filter((one) => one === day).length);
  const steps = stepsOf(smoothing.damping, last);
  // What an error of 1 adds to the forecast so many days later.
  const effect = (later: number) => {
    if (later === 0) return 1;
    const season = later % state.season.length === 0 ? smoothing.season : 0;
    return smoothing.level * (1 + smoothing.trend * (steps[later - 1] ?? 0)) + season;
  };
  const moved = asked.map((_, from) => asked.slice(from).reduce((sum, times, later) => sum + times * effect(later), 0));
  return sigma * Math.sqrt(moved.reduce((sum, weight) => sum + weight * weight, 0));
}

/** Level, trend and effects before the first day, by least squares; the effects add up to 0. */
function startOf(series: Series, period: number): SmoothState {
  const size = period === 1 ? 2 : 2 + period;
  const matrix = Array.from({ length: size }, (_, index) =>
    // Holds the effects near 0 where the line explains a day as well: there is one solution, also where a weekday has no value.
    Array.from({ length: size }, (_, other) => Number(index === other && index > 1) * 1e-6),
  );
  const right = Array.from({ length: size }, () => 0);
  series.forEach((value, index) => {
    if (value === null) return;
    const row = Array.from({ length: size }, (_, column) =>
      column === 0 ? 1 : column === 1 ? index + 1 : column - 2 === index % period ? 1 : 0,
    );
    row.forEach((cell, at) => {
      if (cell === 0) return;
      right[at] = (right[at] ?? 0) + cell * value;
      const line = matrix[at] ?? [];
      row.forEach((other, column) => {
        line[column] = (line[column] ?? 0) + cell * other;
      });
    });
  });
  const [level = 0, trend = 0, ...effects] = solveLinear(matrix, right);
  return { level, trend, season: period === 1 ? [0] : effects };
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function logit(share: number): number {
  return Math.log(share / (1 - share));
}
