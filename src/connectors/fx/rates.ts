import { addDays, type DateRange, type ISODate, isoDate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { HttpRequest } from "../../http/types.js";
import { shapeError, textAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, Probe, RawRecord, Stream } from "../types.js";
import { BASE, type ParsedRates, type PublishedRate, parseRates } from "./parse.js";

/** Where rates come from: the ECB's API (`url` undefined) or any address with a document in one of its formats. */
export interface RatesOptions {
  readonly url?: string | undefined;
  /** Only these; undefined: all that are published. */
  readonly currencies?: readonly string[] | undefined;
}

/** ECB Data Portal, SDMX 2.1 REST: https://data.ecb.europa.eu/help/api/data */
export const ECB_HOST = "data-api.ecb.europa.eu";
/** First day of the euro. */
const FIRST_DAY = isoDate("1999-01-04");
/**
 * Days asked for before the first one wanted. The longest pause between two publications is five days, so an answer is never rightly
 * empty: "no results", which the service also says when it is broken, cannot be taken for a quiet week.
 */
const LEAD_DAYS = 10;

/**
 * One row per day and currency; key `<day>|<currency>`, payload `{date, base, currency, rate}`, the rate as published, text.
 * Published on working days at about 16:00 CET; days without rates are known to have none. Corrections are rare: a week is read again.
 */
export function ratesStream(options: RatesOptions): Stream {
  return {
    name: "rates",
    // A document at an address is always the whole of it: one slice, so that it is fetched once.
    sync: { kind: "window", lookbackDays: 7, chunkDays: options.url === undefined ? 366 : 36_500 },
    pii: [],
    first: (slice) => request(options, daysOfSlice(slice, "fx.rates")),
    read: (body, asked) => readPage(options, body, asked),
  };
}

function request(options: RatesOptions, days: DateRange): HttpRequest {
  const period = `startPeriod=${addDays(days.from, -LEAD_DAYS)}&endPeriod=${days.to}`;
  const url = options.url ?? `${seriesUrl(options.currencies)}?${period}&format=csvdata`;
  return { method: "GET", url, label: "rates", expect: "text", carry: { from: days.from, to: days.to } };
}

/** Daily, against the euro, reference rate at 14:15 CET ("average"): no currency means all. */
function seriesUrl(currencies: readonly string[] = []): string {
  return `https://${ECB_HOST}/service/data/EXR/D.${currencies.join("+")}.${BASE}.SP00.A`;
}

function readPage(options: RatesOptions, body: unknown, asked: HttpRequest): Page {
  const days = { from: textAt(asked.carry, "from") as ISODate, to: textAt(asked.carry, "to") as ISODate };
  const all = ratesOf(body).filter(({ currency }) => options.currencies?.includes(currency) ?? true);
  return {
    records: all.filter(({ day }) => day >= days.from && day <= days.to).map(recordOf),
    next: null,
    warnings: requireNews(options, all, days),
  };
}

function recordOf({ day, currency, rate }: PublishedRate): RawRecord {
  return { key: `${day}|${currency}`, day, payload: { date: day, base: BASE, currency, rate } };
}

/** The rates of an answer; none for an empty one and for "no results". */
function ratesOf(body: unknown): readonly PublishedRate[] {
  if (body === null || (typeof body === "string" && body.trim() === "")) return [];
  if (typeof body !== "string") throw shapeError("", "a text", body);
  const parsed = parseRates(body);
  if (parsed.ok) return parsed.rates;
  throw wrongRates(parsed);
}

function wrongRates({ line, problem }: Extract<ParsedRates, { readonly ok: false }>): GrowthosError {
  return new GrowthosError({
    code: "API_SHAPE",
    what: "the exchange rates cannot be right",
    why: `line ${line}: ${problem}`,
    hint: "run the command again later; if it stays so, give a file instead (`sources.fx.file`)",
    exit: "source",
  });
}

/**
 * A week without any rate is no week of holidays. Nothing is committed then, so that the days are asked for again;
 * only of a chosen list of currencies it may be true (they may have gone), and is a warning.
 */
function requireNews(options: RatesOptions, rates: readonly PublishedRate[], days: DateRange): readonly string[] {
  const newest = rates.reduce<string>((last, { day }) => (day > last && day <= days.to ? day : last), "");
  if (days.to < FIRST_DAY || newest >= addDays(days.to, -7)) return [];
  const what = newest === "" ? "there are no exchange rates" : `the newest exchange rates are of ${newest}`;
  if (options.currencies !== undefined && options.url === undefined)
    return [`${what} for ${options.currencies.join(", ")} up to ${days.to}`];
  throw new GrowthosError({
    code: "API_INCOMPLETE",
    what: `${what}, and days up to ${days.to} were asked for`,
    why: "rates are published on every working day",
    state: "nothing of this slice was committed",
    hint: options.url === undefined ? "run the same command again later" : "look at the address in `sources.fx.url`",
    exit: "source",
  });
}

/** Asks for the newest rate. */
export function ratesProbe(options: RatesOptions): Probe {
  const newest = `${seriesUrl(options.currencies ?? ["USD"])}?lastNObservations=1&format=csvdata`;
  return {
    name: "exchange rates",
    request: { method: "GET", url: options.url ?? newest, label: "newest_rate", expect: "text" },
    read: (body) => {
      const last = ratesOf(body)
        .map(({ day }) => day)
        .sort()
        .at(-1);
      if (last !== undefined) return { ok: true, message: `the newest exchange rates are of ${last}` };
      const fix = options.url === undefined ? "correct `sources.fx.currencies`" : "correct `sources.fx.url`";
      return { ok: false, message: "no exchange rates were found", fix };
    },
  };
}
