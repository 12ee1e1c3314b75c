import { addDays, daysBetween, type ISODate, isoDate, isoWeekday } from "../base/dates.js";
import { eventsOn } from "./anomalies.js";
import type { DemoDay, DemoEvent } from "./types.js";

/** Multipliers of an ordinary day. Orders follow traffic x conversion. */
interface Season {
  readonly traffic: number;
  readonly conversion: number;
  readonly spend: number;
}

/** Monday … Sunday, each averaging 1: people browse on weekdays, buy at the weekend. */
const WEEKDAY_TRAFFIC = [1.04, 1.02, 1.01, 1.0, 0.97, 0.96, 1.0];
const WEEKDAY_CONVERSION = [0.98, 0.95, 0.95, 0.95, 0.98, 1.08, 1.11];

/** Black Friday … Cyber Monday: day 0 … 3. */
const CYBER_WEEKEND: readonly Season[] = [
  { traffic: 1.95, conversion: 1.6, spend: 1.7 },
  { traffic: 1.5, conversion: 1.35, spend: 1.5 },
  { traffic: 1.42, conversion: 1.3, spend: 1.45 },
  { traffic: 1.85, conversion: 1.55, spend: 1.7 },
];

/** Month and day from which a level holds, until the next row; in between the levels change in a straight line. */
const YEAR: readonly (readonly [monthDay: string, traffic: number, conversion: number, spend: number])[] = [
  ["01-01", 0.86, 0.92, 0.8],
  ["01-05", 0.92, 0.93, 0.93],
  ["01-19", 0.96, 0.96, 0.97],
  ["01-30", 1, 1, 1],
  ["11-01", 1, 1, 1],
  ["11-20", 1.05, 1, 1.06],
  ["11-26", 1.12, 0.97, 1.1],
  ["12-03", 1.16, 1.08, 1.16],
  ["12-12", 1.26, 1.14, 1.2],
  ["12-18", 1.22, 1.1, 1.12],
  ["12-22", 1.02, 0.98, 0.9],
  ["12-25", 0.74, 0.84, 0.72],
  ["12-29", 0.84, 0.9, 0.78],
  ["12-31", 0.85, 0.91, 0.79],
];

/** The day after the fourth Thursday of November. */
export function blackFriday(year: number): ISODate {
  const first = isoDate(`${year}-11-01`);
  return addDays(first, ((11 - isoWeekday(first)) % 7) + 22);
}

/** The season of a day, without weekday. */
function season(day: ISODate): Season {
  return weekendDay(day) ?? level(day);
}

function weekendDay(day: ISODate): Season | undefined {
  return CYBER_WEEKEND[daysBetween(blackFriday(Number(day.slice(0, 4))), day)];
}

function level(day: ISODate): Season {
  const year = day.slice(0, 4);
  const at = YEAR.findLastIndex(([monthDay]) => `${year}-${monthDay}` <= day);
  const start = YEAR[at] ?? ["01-01", 1, 1, 1];
  const end = YEAR[at + 1] ?? start;
  const from = isoDate(`${year}-${start[0]}`);
  const length = Math.max(1, daysBetween(from, isoDate(`${year}-${end[0]}`)));
  const share = daysBetween(from, day) / length;
  const between = (low: number, high: number) => low + (high - low) * share;
  return {
    traffic: between(start[1], end[1]),
    conversion: between(start[2], end[2]),
    spend: between(start[3], end[3]),
  };
}

/** A day with its season, weekday and events. */
export function demoDay(day: ISODate, index: number, events: readonly DemoEvent[]): DemoDay {
  const { traffic, conversion, spend } = season(day);
  const weekday = isoWeekday(day) - 1;
  const visits = WEEKDAY_TRAFFIC[weekday] ?? 1;
  return {
    day,
    index,
    traffic: traffic * visits,
    conversion: conversion * (WEEKDAY_CONVERSION[weekday] ?? 1),
    spend: spend * visits,
    sale: weekendDay(day) !== undefined,
    events: eventsOn(day, events),
  };
}
