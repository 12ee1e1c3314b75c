import { type Clock, systemClock } from "../../base/clock.js";
import { dayInZone, daysOf, type ISODate, isISODate } from "../../base/dates.js";
import { isObject, type JsonObject, valueAt } from "../../connectors/shape.js";
import { type Ga4Row, judged, namesIn, propertyNames, summed } from "./ga4-judge.js";
import { type Ga4Family, type Ga4World, LAST_DAY, makeGa4World } from "./ga4-world.js";
import { createOauth, type Oauth, tooNarrow } from "./oauth.js";
import { type Answer, type Arrived, type Double, startServer } from "./server.js";

/** What a test may choose. */
export interface Ga4DoubleOptions {
  /** Quotas and tokens are counted on it; default: the real time. */
  readonly clock?: Pick<Clock, "now">;
  /** Default: a refresh token. */
  readonly signIn?: "oauth" | "service_account" | "token";
  readonly pageSize?: number;
  /** What one report costs; most real ones cost less than 10. */
  readonly tokensPerReport?: number;
  readonly tokensPerDay?: number;
}

/** A GA4 property on loopback, with Google's token endpoint. */
export interface Ga4Double extends Double {
  /** The day's sessions become this many times as many, as late processing does it. */
  restate(day: ISODate, factor: number): void;
  /** Takes one session row of a day away. */
  deleteRow(day: ISODate): void;
  /** What the metadata of answers with this day says, e.g. `{subjectToThresholding: true}`; null: nothing again. */
  flag(day: ISODate, metadata: JsonObject | null): void;
  /** Every access token that was given out so far is refused from now on. */
  breakTokens(): void;
  /** The authorization server behind it. */
  readonly oauth: Oauth;
  /** From now on the account may not read the property, for this reason; null: it may. */
  deny(message: string | null): void;
  /** The next reports end in an internal error, each of which is counted. */
  failNext(times: number): void;
  /** Tokens used by hour, and how many requests ran into an exhausted quota. */
  ledger(): { readonly tokensByHour: ReadonlyMap<number, number>; readonly refused: number };
}

const LIMITS = {
  tokensPerDay: 200_000,
  tokensPerHour: 40_000,
  tokensPerProjectPerHour: 14_000,
  serverErrorsPerProjectPerHour: 10,
  potentiallyThresholdedRequestsPerHour: 120,
};
type Quota = keyof typeof LIMITS;

/** Ranges longer than this are answered from a sample; more rows than this are folded. */
const SAMPLED_AFTER_DAYS = 31;
const MOST_ROWS = 200;
const SCOPE = "https://www.googleapis.com/auth/analytics.readonly";

interface State {
  readonly options: Ga4DoubleOptions;
  readonly now: () => number;
  readonly world: Ga4World;
  readonly flags: Map<ISODate, JsonObject>;
  readonly oauth: Oauth;
  readonly spent: Map<string, number>;
  readonly tokensByHour: Map<number, number>;
  reports: number;
  failing: number;
  refused: number;
  denied: string | null;
}

/** Starts the double. */
export async function ga4Double(options: Ga4DoubleOptions = {}): Promise<Ga4Double> {
  const clock = options.clock ?? systemClock;
  const oauth = createOauth({ scopes: [SCOPE] });
  const state: State = {
    options,
    now: () => clock.now(),
    world: makeGa4World(),
    flags: new Map(),
    oauth,
    spent: new Map(),
    tokensByHour: new Map(),
    reports: 0,
    failing: 0,
    refused: 0,
    denied: null,
  };
  const server = await startServer((request) => respond(state, request), clock);
  return {
    source: "ga4",
    options: { property: "314159265", pageSize: options.pageSize ?? 10_000 },
    secrets: oauth.secrets[options.signIn ?? "oauth"],
    routes: { "analyticsdata.googleapis.com": server.origin, "oauth2.googleapis.com": server.origin },
    server,
    restate: (day, factor) => restate(state, day, factor),
    deleteRow: (day) => void state.world.get(`sessions ${day}`)?.pop(),
    flag: (day, metadata) => void (metadata === null ? state.flags.delete(day) : state.flags.set(day, metadata)),
    breakTokens: () => oauth.revoke(),
    oauth,
    deny: (message) => {
      state.denied = message;
    },
    failNext: (times) => {
      state.failing = times;
    },
    ledger: () => ({ tokensByHour: state.tokensByHour, refused: state.refused }),
    close: () => server.close(),
  };
}

function restate({ world }: State, day: ISODate, factor: number): void {
  const cells = world.get(`sessions ${day}`) ?? [];
  const more = (amounts: Readonly<Record<string, number>>) => ({
    ...amounts,
    sessions: Math.round((amounts["sessions"] ?? 0) * factor),
  });
  world.set(
    `sessions ${day}`,
    cells.map((cell) => ({ ...cell, amounts: more(cell.amounts) })),
  );
}

function respond(state: State, request: Arrived): Answer {
  return state.oauth.respond(request) ?? api(state, request);
}

function api(state: State, request: Arrived): Answer {
  const held = state.oauth.judge(request, SCOPE);
  if (held === "dead") return refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
  if (held === "narrow") return tooNarrow("analyticsdata.googleapis.com");
  if (state.denied !== null) return refusal(403, "PERMISSION_DENIED", state.denied);
  const { pathname } = request.url;
  const isMetadata = request.method === "GET" && /^\/v1beta\/properties\/\d+\/metadata$/.test(pathname);
  const isReport = request.method === "POST" && /^\/v1beta\/properties\/\d+:runReport$/.test(pathname);
  if (!isMetadata && !isReport) return { status: 404, text: "<html>Not Found</html>" };
  if (!/\/314159265[:/]/.test(pathname))
    return refusal(403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property.");
  return isMetadata ? metadata(state) : report(state, JSON.parse(request.body) as JsonObject);
}

function metadata(state: State): Answer {
  const blocked = new Set([...state.flags.values()].flatMap(restricted));
  return {
    json: {
      name: "properties/314159265/metadata",
      dimensions: propertyNames("dimensions").map((apiName) => ({ apiName })),
      metrics: propertyNames("metrics").map((apiName) =>
        blocked.has(apiName) ? { apiName, blockedReasons: ["NO_REVENUE_METRICS"] } : { apiName },
      ),
    },
  };
}

function report(state: State, body: JsonObject): Answer {
  const verdict = judged(body);
  if ("problem" in verdict) return refusal(400, "INVALID_ARGUMENT", verdict.problem);
  const days = rangeOf(body);
  if (days === undefined) return refusal(400, "INVALID_ARGUMENT", "Invalid date range.");
  const exhausted = over(state);
  if (exhausted !== undefined) {
    state.refused += 1;
    return refusal(429, "RESOURCE_EXHAUSTED", exhausted);
  }
  if (state.failing > 0) {
    state.failing -= 1;
    spend(state, "serverErrorsPerProjectPerHour", 1);
    return refusal(500, "INTERNAL", "Internal error encountered.");
  }
  return answer(state, body, { family: verdict.family, days });
}

function rangeOf(body: JsonObject): readonly ISODate[] | undefined {
  const named = (name: string) => {
    const text = valueAt(body, `dateRanges.0.${name}`);
    return text === "yesterday" ? LAST_DAY : String(text);
  };
  const [from, to] = [named("startDate"), named("endDate")];
  return isISODate(from) && isISODate(to) && from <= to ? daysOf({ from, to }) : undefined;
}

function answer(
  state: State,
  body: JsonObject,
  { family, days }: { readonly family: Ga4Family; readonly days: readonly ISODate[] },
): Answer {
  const [dimensions, metrics] = [namesIn(body["dimensions"]), namesIn(body["metrics"])];
  const flags = Object.assign({}, ...days.map((day) => state.flags.get(day) ?? {})) as JsonObject;
  const blocked = restricted(flags);
  const cells = days.flatMap((day) => state.world.get(`${family} ${day}`) ?? []);
  const all = summed(cells, dimensions, metrics).map((row) => withheld(row, metrics, blocked));
  const isFolded = days.length > 1 && dimensions.length > 1 && all.length > MOST_ROWS;
  const rows = inOrder(isFolded ? folded(all) : all, body, state.reports++);
  const offset = Number(body["offset"] ?? 0);
  const shown = rows.slice(offset, offset + Number(body["limit"] ?? 10_000));
  const isSampled = days.length > SAMPLED_AFTER_DAYS && dimensions.length > 1;
  const cost = state.options.tokensPerReport ?? 10;
  for (const name of ["tokensPerDay", "tokensPerHour", "tokensPerProjectPerHour"] as const) spend(state, name, cost);
  const hour = Math.floor(state.now() / 3_600_000);
  state.tokensByHour.set(hour, (state.tokensByHour.get(hour) ?? 0) + cost);
  return {
    json: {
      dimensionHeaders: dimensions.map((name) => ({ name })),
      metricHeaders: metrics.map((name) => ({ name, type: typeOf(name) })),
      ...(shown.length === 0 ? {} : { rows: shown.map((row) => wire(row, metrics)) }),
      ...(rows.length === 0 ? {} : { rowCount: rows.length }),
      metadata: {
        currencyCode: "USD",
        timeZone: "America/New_York",
        ...(isFolded ? { dataLossFromOtherRow: true } : {}),
        ...(isSampled ? { samplingMetadatas: [{ samplesReadCount: "450000", samplingSpaceSize: "1000000" }] } : {}),
        ...flags,
      },
      ...(body["returnPropertyQuota"] === true ? { propertyQuota: quotaOf(state, cost) } : {}),
      kind: "analyticsData#runReport",
    },
  };
}

function restricted(flags: JsonObject): readonly string[] {
  const list = valueAt(flags, "schemaRestrictionResponse.activeMetricRestrictions");
  return Array.isArray(list) ? list.filter(isObject).map((one) => String(one["metricName"])) : [];
}

/** What an account may not see comes as 0. */
function withheld(row: Ga4Row, metrics: readonly string[], blocked: readonly string[]): Ga4Row {
  return { ...row, metrics: row.metrics.map((value, index) => (blocked.includes(metrics[index] ?? "") ? 0 : value)) };
}

/** Rare combinations of a day become one row of `(other)`. */
function folded(rows: readonly Ga4Row[]): readonly Ga4Row[] {
  const kept = rows.filter((row) => (row.metrics[0] ?? 0) > 20);
  const days = new Map<string, Ga4Row>();
  for (const row of rows.filter((one) => !kept.includes(one))) {
    const [day = "", ...others] = row.dimensions;
    const before = days.get(day)?.metrics ?? row.metrics.map(() => 0);
    const metrics = row.metrics.map((value, index) => value + (before[index] ?? 0));
    days.set(day, { dimensions: [day, ...others.map(() => "(other)")], metrics });
  }
  return [...kept, ...days.values()];
}

/** As ordered. What the order leaves open comes in another order every time, so pages then overlap. */
function inOrder(rows: readonly Ga4Row[], body: JsonObject, asked: number): readonly Ga4Row[] {
  const [dimensions, metrics] = [namesIn(body["dimensions"]), namesIn(body["metrics"])];
  const orders = Array.isArray(body["orderBys"]) ? body["orderBys"] : [];
  const turned = rows.map((_, index) => rows[(index + asked * 5) % rows.length] as Ga4Row);
  return turned.sort((a, b) => {
    for (const order of orders) {
      const at = dimensions.indexOf(String(valueAt(order, "dimension.dimensionName")));
      const measured = metrics.indexOf(String(valueAt(order, "metric.metricName")));
      const [left, right] = [a, b].map((row) => (at >= 0 ? row.dimensions[at] : row.metrics[measured]) ?? 0);
      if (left !== right && left !== undefined && right !== undefined)
        return left < right === (valueAt(order, "desc") === true) ? 1 : -1;
    }
    return 0;
  });
}

function wire(row: Ga4Row, metrics: readonly string[]): unknown {
  return {
    dimensionValues: row.dimensions.map((value) => ({ value })),
    metricValues: row.metrics.map((value, index) => ({
      value: typeOf(metrics[index] ?? "") === "TYPE_CURRENCY" ? String(Number(value.toFixed(6))) : String(value),
    })),
  };
}

function typeOf(metric: string): string {
  if (/Revenue|Amount/.test(metric)) return "TYPE_CURRENCY";
  return metric === "keyEvents" ? "TYPE_FLOAT" : "TYPE_INTEGER";
}

function windowOf(state: State, name: Quota): string {
  return name === "tokensPerDay"
    ? `${name} ${dayInZone(state.now(), "America/Los_Angeles")}`
    : `${name} ${Math.floor(state.now() / 3_600_000)}`;
}

function spend(state: State, name: Quota, amount: number): void {
  const window = windowOf(state, name);
  state.spent.set(window, (state.spent.get(window) ?? 0) + amount);
}

function left(state: State, name: Quota): number {
  const limit = name === "tokensPerDay" ? (state.options.tokensPerDay ?? LIMITS.tokensPerDay) : LIMITS[name];
  return Math.max(0, limit - (state.spent.get(windowOf(state, name)) ?? 0));
}

/** The message for a quota that has no room for one more report. */
function over(state: State): string | undefined {
  const cost = state.options.tokensPerReport ?? 10;
  if (left(state, "tokensPerDay") < cost)
    return "Exhausted property tokens per day. These quota tokens will return in under 24 hours.";
  if (left(state, "tokensPerHour") < cost || left(state, "tokensPerProjectPerHour") < cost)
    return "Exhausted property tokens for a project per hour. These quota tokens will return in under an hour.";
  if (left(state, "serverErrorsPerProjectPerHour") === 0)
    return "Exhausted server errors per project per hour. This quota will return in under an hour.";
  return undefined;
}

/** As printed by the API: a member that is 0 is left out. */
function quotaOf(state: State, cost: number): JsonObject {
  const consumed = (name: Quota) => (name.startsWith("tokens") ? cost : 0);
  const names = Object.keys(LIMITS) as readonly Quota[];
  const statuses = names.map((name) => {
    const [used, rest] = [consumed(name), left(state, name)];
    return [name, { ...(used === 0 ? {} : { consumed: used }), ...(rest === 0 ? {} : { remaining: rest }) }];
  });
  return { ...Object.fromEntries(statuses), concurrentRequests: { remaining: 10 } };
}

function refusal(code: number, status: string, message: string): Answer {
  return { status: code, json: { error: { code, message, status } } };
}
