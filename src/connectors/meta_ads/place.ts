import { addDays, type DateRange, daysBetween } from "../../base/dates.js";
import type { HttpRequest } from "../../http/types.js";

/**
 * Where a walk through insights stands. It travels with each request (`carry`), so that reading and making smaller need no memory.
 * Plain JSON values.
 */
export interface Place {
  /** What the request does: asks for rows, starts a report, asks how far it is, or reads its rows. */
  readonly step: "query" | "start" | "poll" | "rows";
  /** Ad account, digits only. */
  readonly account: string;
  /** The days that this request is about. */
  readonly days: DateRange;
  /** Pieces of the slice that this account is asked for afterwards, in order. */
  readonly rest: readonly DateRange[];
  /** The whole slice: what the next account is asked for. */
  readonly slice: DateRange;
  /** Id of the report, once it is started. */
  readonly report: string;
  /** How often a report of these days came to nothing. */
  readonly failures: number;
  /** Keys of the rows of these days that were read: they come again when the days are asked for in another way. */
  readonly seen: readonly string[];
}

/** The place of a request that this connector made. */
export function placeOf(asked: HttpRequest): Place {
  return asked.carry as Place;
}

/** The beginning of a slice in an account. */
export function beginning(account: string, slice: DateRange): Place {
  return { step: "query", account, days: slice, rest: [], slice, report: "", failures: 0, seen: [] };
}

/** The same days in two halves, the later half put aside; null for a single day. Rows that were read are remembered. */
export function halved(place: Place): Place | null {
  const { from, to } = place.days;
  const length = daysBetween(from, to);
  if (length < 1) return null;
  const middle = addDays(from, Math.floor((length - 1) / 2));
  return {
    ...place,
    days: { from, to: middle },
    rest: [{ from: addDays(middle, 1), to }, ...place.rest],
    failures: 0,
  };
}

/** The place after these days: the next piece, else the next account with the whole slice; null at the end. */
export function after(place: Place, accounts: readonly string[]): Place | null {
  const [days, ...rest] = place.rest;
  // The rows that were read may lie in the next piece as well.
  if (days !== undefined) return { ...beginning(place.account, place.slice), days, rest, seen: place.seen };
  const next = accounts[accounts.indexOf(place.account) + 1];
  return next === undefined ? null : beginning(next, place.slice);
}
