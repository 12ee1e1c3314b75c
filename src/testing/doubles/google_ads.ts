import { type Clock, systemClock } from "../../base/clock.js";
import type { ISODate } from "../../base/dates.js";
import { Secret } from "../../base/secret.js";
import type { JsonObject } from "../../connectors/shape.js";
import { judgedQuery } from "./google_ads-judge.js";
import { camel, namesOf, rowsOf } from "./google_ads-rows.js";
import { type GoogleCell, type GoogleClient, type GoogleWorld, MANAGER, makeGoogleWorld } from "./google_ads-world.js";
import { createOauth, type Oauth, tooNarrow } from "./oauth.js";
import { type Answer, type Arrived, type Double, startServer } from "./server.js";

/** What a test may choose. */
export interface GoogleAdsDoubleOptions {
  /** Quotas and tokens are counted on it; default: the real time. */
  readonly clock?: Pick<Clock, "now">;
  /** Default: a refresh token. */
  readonly signIn?: "oauth" | "service_account" | "token";
  /** The accounts that are named; default: none, they are found below the manager. */
  readonly customers?: readonly string[];
  /** Operations in any 24 hours; default: those of Explorer access. */
  readonly operationsPerDay?: number;
  /** Requests in one second; for a clock that stands still. */
  readonly perSecond?: number;
  /** The developer token that is demanded; default: none, as since September 2026. */
  readonly developerToken?: string;
}

/** A manager with three client accounts on loopback, with Google's token endpoint. */
export interface GoogleAdsDouble extends Double {
  readonly world: GoogleWorld;
  /** An account as tests change it. */
  client(id: string): GoogleClient;
  /** The cells of a day get other figures. */
  restate(day: ISODate, change: (cell: GoogleCell) => void): void;
  /** Every access token that was given out so far is refused from now on. */
  breakTokens(): void;
  /** Google switches the version off: first its addresses answer with an error, in the end they are gone. */
  retire(how: "refused" | "gone"): void;
  /** Operations that others in the same Cloud project use up now. */
  use(operations: number): void;
  /** The most operations in any 24 hours, and how many were refused. */
  ledger(): { readonly peak: number; readonly operations: number; readonly refused: number };
}

const VERSION = "v25";
/** Explorer: the lowest level of access to accounts in production. */
const OPERATIONS_PER_DAY = 2_880;
/** More than these in one second are too many at once (the vendor does not publish its figure). */
const PER_SECOND = 10;
const DAY_MS = 86_400_000;
/** Rows of one chunk of a stream. */
const CHUNK = 200;
const SCOPE = "https://www.googleapis.com/auth/adwords";

interface State {
  readonly options: GoogleAdsDoubleOptions;
  readonly now: () => number;
  readonly world: GoogleWorld;
  readonly known: ReadonlySet<string>;
  readonly oauth: Oauth;
  /** Moments of operations, oldest first. */
  readonly taken: number[];
  requests: number;
  peak: number;
  refused: number;
  retired: "refused" | "gone" | null;
}

/** Starts the double. */
export async function googleAdsDouble(options: GoogleAdsDoubleOptions = {}): Promise<GoogleAdsDouble> {
  const clock = options.clock ?? systemClock;
  const oauth = createOauth({ scopes: [SCOPE] });
  const world = makeGoogleWorld();
  const state: State = {
    options,
    now: () => clock.now(),
    world,
    known: namesOf(world),
    oauth,
    taken: [],
    requests: 0,
    peak: 0,
    refused: 0,
    retired: null,
  };
  const server = await startServer((request) => respond(state, request), clock);
  const { customers } = options;
  return {
    source: "google_ads",
    options: { loginCustomer: MANAGER, ...(customers === undefined ? {} : { customers }) },
    secrets: secretsOf(options, oauth),
    routes: { "googleads.googleapis.com": server.origin, "oauth2.googleapis.com": server.origin },
    server,
    world,
    client: (id) => clientOf(world, id),
    restate: (day, change) => world.cells.filter((cell) => cell.day === day).forEach(change),
    breakTokens: () => oauth.revoke(),
    retire: (how) => {
      state.retired = how;
    },
    use: (operations) => state.taken.push(...Array.from({ length: operations }, () => state.now())),
    ledger: () => ({ peak: state.peak, operations: state.taken.length, refused: state.refused }),
    close: () => server.close(),
  };
}

function clientOf(world: GoogleWorld, id: string): GoogleClient {
  const found = world.clients.find((client) => client.id === id);
  if (found === undefined) throw new Error(`the double has no account ${id}`);
  return found;
}

function secretsOf({ signIn = "oauth", developerToken }: GoogleAdsDoubleOptions, oauth: Oauth): Double["secrets"] {
  return {
    ...oauth.secrets[signIn],
    ...(developerToken === undefined ? {} : { developerToken: new Secret(developerToken) }),
  };
}

function respond(state: State, request: Arrived): Answer {
  const answer = state.oauth.respond(request) ?? api(state, request);
  return { ...answer, headers: { date: new Date(state.now()).toUTCString(), ...answer.headers } };
}

function api(state: State, request: Arrived): Answer {
  const { pathname } = request.url;
  state.requests += 1;
  if (!pathname.startsWith(`/${VERSION}/`) || state.retired === "gone")
    return { status: 404, headers: { "content-type": "text/html" }, text: "<html>Error 404 (Not Found)!!1</html>" };
  if (state.retired === "refused")
    return googleAdsFailure(
      "requestError.UNSUPPORTED_VERSION",
      `Version ${VERSION} is deprecated. Requests to it will be blocked.`,
    );
  const problem = unauthorized(state, request);
  if (problem !== undefined) return problem;
  if (request.method === "GET" && pathname === `/${VERSION}/customers:listAccessibleCustomers`)
    return { json: { resourceNames: [`customers/${MANAGER}`] } };
  const [, customer] = /^\/v\d+\/customers\/(\d+)\/googleAds:searchStream$/.exec(pathname) ?? [];
  if (customer === undefined || request.method !== "POST")
    return { status: 404, headers: { "content-type": "text/html" }, text: "<html>Error 404 (Not Found)!!1</html>" };
  return overQuota(state) ?? unreachable(state, request, customer) ?? search(state, request, customer);
}

function unauthorized(state: State, request: Arrived): Answer | undefined {
  const held = state.oauth.judge(request, SCOPE);
  if (held === "narrow") return tooNarrow("googleads.googleapis.com");
  if (held === "dead")
    return googleAdsFailure("authenticationError.OAUTH_TOKEN_INVALID", "The OAuth token in the header is not valid.", {
      code: 401,
      status: "UNAUTHENTICATED",
    });
  const { developerToken } = state.options;
  if (developerToken !== undefined && request.headers["developer-token"] !== developerToken)
    return googleAdsFailure(
      "authenticationError.DEVELOPER_TOKEN_PARAMETER_MISSING",
      "The developer token is missing.",
      {
        code: 401,
        status: "UNAUTHENTICATED",
      },
    );
  return undefined;
}

/** Takes one operation, or says how long there will be none. */
function overQuota(state: State): Answer | undefined {
  const now = state.now();
  const limit = state.options.operationsPerDay ?? OPERATIONS_PER_DAY;
  const day = state.taken.filter((at) => at > now - DAY_MS);
  const isBurst = day.filter((at) => at > now - 1_000).length >= (state.options.perSecond ?? PER_SECOND);
  if (day.length < limit && !isBurst) {
    state.taken.push(now);
    state.peak = Math.max(state.peak, day.length + 1);
    return undefined;
  }
  state.refused += 1;
  const seconds = isBurst ? 30 : Math.ceil(((day[day.length - limit] ?? now) + DAY_MS - now) / 1000);
  const code = isBurst ? "quotaError.RESOURCE_TEMPORARILY_EXHAUSTED" : "quotaError.RESOURCE_EXHAUSTED";
  return googleAdsExhausted(code, seconds);
}

/** The refusal of a request for which there is no quota left, for so many seconds. */
export function googleAdsExhausted(code: string, seconds: number): Answer {
  const rateName = "Number of operations for explorer access";
  return googleAdsFailure(code, `Too many requests. Retry in ${seconds} seconds.`, {
    code: 429,
    status: "RESOURCE_EXHAUSTED",
    details: { quotaErrorDetails: { rateScope: "DEVELOPER", rateName, retryDelay: `${seconds}s` } },
  });
}

/** Why this sign-in may not ask this account. */
function unreachable({ world }: State, { headers }: Arrived, customer: string): Answer | undefined {
  const login = headers["login-customer-id"];
  if (login !== undefined && !/^\d{10}$/.test(login))
    return googleAdsFailure("requestError.INVALID_CUSTOMER_ID", `Invalid customer ID '${login}'.`);
  const client = world.clients.find(({ id }) => id === customer);
  const isThere = customer === MANAGER || client?.linked === true;
  if (login !== MANAGER || !isThere)
    return googleAdsFailure(
      "authorizationError.USER_PERMISSION_DENIED",
      "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's customer id must be set in the 'login-customer-id' header.",
      { code: 403, status: "PERMISSION_DENIED" },
    );
  if (client === undefined || client.status === "ENABLED") return undefined;
  return googleAdsFailure(
    "authorizationError.CUSTOMER_NOT_ENABLED",
    "The customer account can't be accessed because it is not yet enabled or has been deactivated.",
    { code: 403, status: "PERMISSION_DENIED" },
  );
}

function search(state: State, { body }: Arrived, customer: string): Answer {
  const asked = JSON.parse(body) as JsonObject;
  const stranger = Object.keys(asked).find((name) => !["query", "summaryRowSetting"].includes(name));
  if (stranger !== undefined) {
    const message = `Invalid JSON payload received. Unknown name "${stranger}": Cannot find field.`;
    return { status: 400, json: [{ error: { code: 400, message, status: "INVALID_ARGUMENT" } }] };
  }
  const query = judgedQuery(String(asked["query"]), state.known);
  if ("code" in query) return googleAdsFailure(`${query.kind ?? "queryError"}.${query.code}`, query.message);
  if (customer === MANAGER && query.fields.some((name) => name.startsWith("metrics.")))
    return googleAdsFailure(
      "queryError.REQUESTED_METRICS_FOR_MANAGER",
      "Metrics cannot be requested for a manager account.",
    );
  const rows = rowsOf(state.world, query, customer);
  const fieldMask = query.fields.map((field) => field.split(".").map(camel).join(".")).join(",");
  const requestId = `double${String(state.requests).padStart(16, "0")}`;
  const count = Math.max(1, Math.ceil(rows.length / CHUNK));
  const chunks = Array.from({ length: count }, (_, index) => {
    const results = rows.slice(index * CHUNK, (index + 1) * CHUNK);
    const last = index === count - 1 ? { queryResourceConsumption: String(rows.length) } : {};
    return { ...(results.length === 0 ? {} : { results }), fieldMask, requestId, ...last };
  });
  return { headers: { "request-id": requestId }, json: chunks };
}

/** How an error is told beside its code and message. */
interface Failure {
  readonly code?: number;
  readonly status?: string;
  readonly details?: JsonObject;
}

/** The vendor's error envelope in a list, as streams have it; `code` is `<kind>.<NAME>`. */
export function googleAdsFailure(code: string, message: string, more: Failure = {}): Answer {
  const [kind = "", name = ""] = code.split(".");
  const { code: status = 400, status: word = "INVALID_ARGUMENT", details } = more;
  const one = { errorCode: { [kind]: name }, message, ...(details === undefined ? {} : { details }) };
  const failure = {
    "@type": `type.googleapis.com/google.ads.googleads.${VERSION}.errors.GoogleAdsFailure`,
    errors: [one],
    requestId: "double-failure-1",
  };
  const error = { code: status, message: "The request was refused.", status: word, details: [failure] };
  return { status, json: [{ error }] };
}
