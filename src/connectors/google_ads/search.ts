/** Asking `googleAds:searchStream` account after account, and reading what comes back. */
import { type DateRange, daysOf } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { HttpRequest } from "../../http/types.js";
import { dayAt, isObject, listAt, objectAt, textAt, valueAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, RawRecord, Slice, Stream, TrackedSettings } from "../types.js";
import { CLIENTS_QUERY, LOOKBACK_DAYS, type Report } from "./reports.js";

/** Google Ads API version in use. */
export const API_VERSION = "v25";

/** Where every path of the API begins. */
export const BASE_URL = `https://googleads.googleapis.com/${API_VERSION}`;

/** Whose figures are read; ids are digits. */
export interface Accounts {
  /** Client accounts; none: those below the manager. */
  readonly customers: readonly string[];
  /** The manager through which access runs. */
  readonly login: string | undefined;
}

/** Client accounts below a manager: ids of those that can be read, and the others with why not. */
export interface Clients {
  readonly enabled: readonly string[];
  readonly others: readonly string[];
}

/** What a request carries to the next one. */
interface Carry {
  /** The questions for every account. */
  readonly queries: readonly string[];
  /** How many of them this account has been asked. */
  readonly asked: number;
  /** Accounts that come after this one; null while the manager is being asked for them. */
  readonly rest: readonly string[] | null;
}

/**
 * The stream of a report: one request per account (by day where the report wants that), and one to the manager before when its clients are not named.
 * An account that is skipped (cancelled, a manager) leaves a warning and no rows; rows that were read of it before stay, and so do
 * those of an account that the manager does not name any more.
 */
export function streamOf(report: Report, accounts: Accounts): Stream {
  return {
    name: report.name,
    sync: report.sync,
    pii: [],
    first: (slice) => firstRequest(report, accounts, slice),
    read: (body, asked) => readPage(report, body, asked),
    ...(report.measures === undefined ? {} : { measures: report.measures }),
    ...(report.tracked === undefined ? {} : { tracked: trackedOf(report.tracked) }),
    ...(report.today === undefined ? {} : { today: report.today }),
  };
}

function trackedOf(fields: TrackedSettings["fields"]): TrackedSettings {
  return { account: "customer.id", name: fields.name ?? "", currency: "customer.currencyCode", fields };
}

/** A query to one account; `carry` as the walk needs it. */
export function searchRequest(
  customer: string,
  query: string,
  { login, label }: { readonly login: string | undefined; readonly label: string },
): HttpRequest {
  return {
    method: "POST",
    url: `${BASE_URL}/customers/${customer}/googleAds:searchStream`,
    headers: { "content-type": "application/json", ...(login === undefined ? {} : { "login-customer-id": login }) },
    body: JSON.stringify({ query }),
    label,
  };
}

/** Every row of a stream. Throws `API_BROKEN` when an error follows good chunks: then none of them counts. */
export function rowsOf(body: unknown): readonly unknown[] {
  return listAt(body, "").flatMap((chunk) => {
    if (!isObject(chunk)) return [];
    if (chunk["error"] !== undefined) throw brokeOff(chunk);
    return chunk["results"] === undefined ? [] : listAt(chunk, "results");
  });
}

/** The client accounts in an answer to `CLIENTS_QUERY`, each once. Throws `API_REFUSED` when none of them can be read. */
export function clientsOf(body: unknown, manager: string): Clients {
  const rows = body === null ? [] : rowsOf(body);
  const clients = new Map(
    rows.map((_, index) => [
      textAt(rows, `${index}.customerClient.id`),
      textAt(rows, `${index}.customerClient.status`),
    ]),
  );
  const enabled = [...clients].flatMap(([id, status]) => (status === "ENABLED" ? [id] : []));
  const others = [...clients].flatMap(([id, status]) => (status === "ENABLED" ? [] : [`${id} (${status})`]));
  if (enabled.length > 0) return { enabled, others };
  throw new GrowthosError({
    code: "API_REFUSED",
    what: `the manager account ${manager} has no client account that can be read`,
    why: "only enabled accounts below it that are no managers themselves have figures",
    state: "nothing was written",
    hint: "check loginCustomer, or name the accounts in customers",
    exit: "source",
  });
}

/** The account that a request was sent to. */
export function accountOf(asked: HttpRequest): string {
  return /\/customers\/(\d+)\//.exec(asked.url)?.[1] ?? "";
}

function firstRequest(report: Report, { customers, login }: Accounts, slice: Slice): HttpRequest {
  const queries = queriesOf(report, slice);
  const [first, ...rest] = customers;
  const asks = { login, label: report.name };
  if (first !== undefined) return carrying(searchRequest(first, queries[0] ?? "", asks), { queries, asked: 1, rest });
  return carrying(searchRequest(login ?? "", CLIENTS_QUERY, asks), { queries, asked: 0, rest: null });
}

function queriesOf(report: Report, slice: Slice): readonly string[] {
  if (report.sync.kind !== "window") return [gaql(report, null)];
  const days = daysOfSlice(slice, `google_ads.${report.name}`);
  if (report.byDay === undefined) return [gaql(report, days)];
  return daysOf(days).map((day) => gaql(report, { from: day, to: day }));
}

function readPage(report: Report, body: unknown, asked: HttpRequest): Page {
  const carry = asked.carry as Carry;
  const { rest } = carry;
  const account = accountOf(asked);
  if (rest === null) return { records: [], next: nextAccount(asked, carry, clientsOf(body, account).enabled) };
  if (body === null)
    return {
      records: [],
      owners: [],
      next: nextAccount(asked, carry, rest),
      warnings: [leftOut(report, account)],
    };
  const rows = rowsOf(body);
  return {
    records: rows.map((_, index) => recordOf(report, rows, index)),
    owners: [account],
    next: nextQuestion(asked, carry, account) ?? nextAccount(asked, carry, rest),
    ...(report.name === "conversion_actions" ? { warnings: windowWarnings(rows, account) } : {}),
  };
}

/** The next question for the same account; null when it has been asked all of them. */
function nextQuestion(asked: HttpRequest, carry: Carry, account: string): HttpRequest | null {
  if (carry.asked >= carry.queries.length) return null;
  return askingOf(asked, { ...carry, asked: carry.asked + 1 }, account);
}

/** The first question for the next account. */
function nextAccount(asked: HttpRequest, carry: Carry, ids: readonly string[]): HttpRequest | null {
  const [next, ...rest] = ids;
  return next === undefined ? null : askingOf(asked, { ...carry, asked: 1, rest }, next);
}

/** Everything but the address, the question and what is left stays. */
function askingOf(asked: HttpRequest, carry: Carry, account: string): HttpRequest {
  const url = asked.url.replace(`/customers/${accountOf(asked)}/`, `/customers/${account}/`);
  return carrying({ ...asked, url, body: JSON.stringify({ query: carry.queries[carry.asked - 1] }) }, carry);
}

function carrying(request: HttpRequest, carry: Carry): HttpRequest {
  return { ...request, carry };
}

function gaql({ fields, from, where, byDay }: Report, days: DateRange | null): string {
  const conditions = [
    ...(days === null
      ? []
      : [byDay ? `segments.date = '${days.from}'` : `segments.date BETWEEN '${days.from}' AND '${days.to}'`]),
    ...(where === undefined ? [] : [where]),
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${fields.join(", ")} FROM ${from}${filter}`;
}

function recordOf(report: Report, rows: readonly unknown[], index: number): RawRecord {
  const isWindow = report.sync.kind === "window";
  if (isWindow) objectAt(rows, `${index}.metrics`);
  return {
    key: report.key.map((path) => textAt(rows, `${index}.${path}`)).join("|"),
    ...(isWindow ? { day: dayAt(rows, `${index}.segments.date`) } : {}),
    payload: objectAt(rows, `${index}`),
  };
}

function leftOut({ name }: Report, account: string): string {
  return `${name}: account ${account} was left out, it gives no figures any more; what was read of it before stays`;
}

/** Conversions that arrive after the look-back change nothing here: said once per account, by its longest window. */
function windowWarnings(rows: readonly unknown[], account: string): readonly string[] {
  const windows = rows
    .filter((row) => valueAt(row, "conversionAction.status") === "ENABLED")
    .map((row) => ({
      name: String(valueAt(row, "conversionAction.name")),
      days: Number(valueAt(row, "conversionAction.clickThroughLookbackWindowDays") ?? 0),
    }))
    .filter(({ days }) => days > LOOKBACK_DAYS)
    .sort((a, b) => b.days - a.days || (a.name < b.name ? -1 : 1));
  const [longest] = windows;
  if (longest === undefined) return [];
  const others = windows.length === 1 ? "" : ` (and ${windows.length - 1} more)`;
  return [
    `account ${account} counts "${longest.name}"${others} up to ${longest.days} days after the click, but ${LOOKBACK_DAYS} days are read again: ` +
      "conversions of older days stay too low until those days are read again",
  ];
}

function brokeOff(chunk: unknown): GrowthosError {
  return new GrowthosError({
    code: "API_BROKEN",
    what: "Google Ads broke off in the middle of a stream",
    why: JSON.stringify(chunk).slice(0, 300),
    hint: "run the same command again: nothing of this slice was written",
    exit: "source",
  });
}
