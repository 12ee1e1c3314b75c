import { type Clock, systemClock } from "../../base/clock.js";
import { hmac256 } from "../../base/hash.js";
import { Secret } from "../../base/secret.js";
import { isAnswer, questionOf, rowsOf } from "./meta-insights.js";
import { type MetaJobs, metaJobs } from "./meta-jobs.js";
import { type MetaQuota, type MetaUse, metaQuota } from "./meta-quota.js";
import { metaError, splitFields, strangeField, strangeParameter, valuesOf } from "./meta-spec.js";
import { META_ACCOUNTS, type MetaAccount, type MetaObject, type MetaWorld, metaWorld } from "./meta-world.js";
import { type Answer, type Arrived, type Double, startServer } from "./server.js";

/** What the token of the double is worth; tests take it away. */
export interface MetaAccess {
  valid: boolean;
  granted: string[];
  /** Seconds since 1970 UTC; 0: never. */
  expiresAt: number;
  /** Calls need appsecret_proof. */
  requireProof: boolean;
  /** The version of the API that is served. */
  version: string;
}

/** How much one answer may hold: rows × fields of a page, and of everything that the question matches. */
export interface MetaBudget {
  pageCells: number;
  rangeCells: number;
}

/** The Meta double with all that tests may turn. */
export interface MetaDouble extends Double {
  readonly world: MetaWorld;
  readonly access: MetaAccess;
  readonly budget: MetaBudget;
  readonly quota: MetaQuota;
  readonly jobs: MetaJobs;
}

const TOKEN = "EAAdouble0token";
const APP_SECRET = "0123456789abcdef0123456789abcdef";
const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 5000;

/** Options of the double. */
export interface MetaDoubleOptions {
  readonly clock?: Pick<Clock, "now">;
  /** Sign in with an app secret as well, and refuse calls without its proof. */
  readonly proof?: boolean;
}

type State = Pick<MetaDouble, "world" | "access" | "budget" | "quota" | "jobs"> & { readonly now: () => number };

/** Starts Meta's double: a real server that knows two accounts and refuses what the Graph API would refuse. */
export async function metaDouble({ clock = systemClock, proof = false }: MetaDoubleOptions = {}): Promise<MetaDouble> {
  const world = metaWorld();
  const now = () => clock.now();
  const state: State = {
    world,
    now,
    access: { valid: true, granted: ["ads_read"], expiresAt: 0, requireProof: proof, version: "v26.0" },
    budget: { pageCells: 20_000, rangeCells: 200_000 },
    quota: metaQuota(world, now),
    jobs: metaJobs(),
  };
  const server = await startServer((request) => answer(state, request), clock);
  const { now: _clock, ...handles } = state;
  return {
    ...handles,
    source: "meta_ads",
    options: { accounts: [`act_${META_ACCOUNTS.usd}`, META_ACCOUNTS.jpy], pageSize: 100 },
    secrets: { token: new Secret(TOKEN), ...(proof ? { appSecret: new Secret(APP_SECRET) } : {}) },
    routes: { "graph.facebook.com": server.origin },
    server,
    close: () => server.close(),
  };
}

function answer(state: State, request: Arrived): Answer {
  const refusal = refused(state, request);
  if (refusal !== null) return counted(state, refusal);
  const [, ...segments] = request.url.pathname.slice(1).split("/");
  const [node = "", edge = ""] = segments;
  if (node === "debug_token") return debugToken(state, request);
  if (node === "me" && edge === "permissions") return permissions(state);
  if (!state.access.granted.some((name) => name === "ads_read" || name === "ads_management")) {
    return metaError(200, "(#200) Ad account owner has NOT grant ads_management or ads_read permission", {
      status: 403,
    });
  }
  const account = accountOf(state, node);
  if (account === undefined) {
    return counted(
      state,
      metaError(100, `Unsupported get request. Object with ID '${node}' does not exist`, { subcode: 33 }),
    );
  }
  const use: MetaUse = node.startsWith("act_") && edge !== "insights" ? "ads_management" : "ads_insights";
  const full = state.quota.take(account.id, use);
  const given = full ?? counted(state, ofAccount(state, account, { request, node, edge }));
  return { ...given, headers: { ...state.quota.headers(account.id, use), ...given.headers } };
}

/** Mistakes of the caller lower the quota. */
function counted(state: State, given: Answer): Answer {
  if (given.status === 400) state.quota.mistakes += 1;
  return given;
}

function refused({ access }: State, { url, headers }: Arrived): Answer | null {
  const [version = ""] = url.pathname.slice(1).split("/");
  const token = headers["authorization"]?.replace(/^Bearer /, "") ?? url.searchParams.get("access_token");
  if (token !== TOKEN || !access.valid) {
    const why = "Error validating access token: Session has expired";
    return metaError(190, why, { status: 401, subcode: token === TOKEN ? 463 : 467 });
  }
  if (version !== access.version) {
    return metaError(2635, `(#2635) You are calling a deprecated version of the Ads API. Use ${access.version}.`);
  }
  const proof = url.searchParams.get("appsecret_proof");
  if (access.requireProof && proof !== hmac256(APP_SECRET, TOKEN)) {
    return metaError(100, "API calls from the server require an appsecret_proof argument");
  }
  return null;
}

function debugToken({ access, world }: State, { url }: Arrived): Answer {
  if (url.searchParams.get("input_token") !== TOKEN) return metaError(100, "(#100) You must provide an input token");
  const scopes = [...access.granted, "public_profile"];
  const granular = [{ scope: "ads_read", target_ids: world.accounts.map(({ id }) => id) }];
  const data = { app_id: "1234", type: "SYSTEM_USER", application: "Reports", is_valid: true, user_id: "77" };
  return { json: { data: { ...data, expires_at: access.expiresAt, scopes, granular_scopes: granular } } };
}

function permissions({ access }: State): Answer {
  const known = ["ads_read", "ads_management", "public_profile"];
  const status = (name: string) => (access.granted.includes(name) ? "granted" : "declined");
  return { json: { data: known.map((permission) => ({ permission, status: status(permission) })) } };
}

/** The account of a node: itself, or the one that a report is about. */
function accountOf({ world, jobs }: State, node: string): MetaAccount | undefined {
  const id = node.startsWith("act_") ? node.slice(4) : jobs.find(node)?.account;
  return world.accounts.find((account) => account.id === id);
}

interface Asked {
  readonly request: Arrived;
  readonly node: string;
  readonly edge: string;
}

function ofAccount(state: State, account: MetaAccount, asked: Asked): Answer {
  const { request, node, edge } = asked;
  const query = request.url.searchParams;
  if (!node.startsWith("act_")) return report(state, asked);
  const stranger = edge === "" ? null : strangeParameter(request.method, edge, query);
  if (stranger !== null) return stranger;
  if (edge === "insights") return insights(state, account, request);
  if (request.method !== "GET")
    return metaError(3, "(#3) Application does not have the capability to make this API call.");
  const fields = splitFields(query.get("fields") ?? "id");
  if (edge === "") return strangeField("ad-account", fields) ?? { json: picked(accountMembers(account), fields) };
  if (edge === "campaigns" || edge === "adsets" || edge === "ads")
    return objects(state, account, { request, edge, fields });
  return metaError(2500, `Unknown path components: /${edge}`);
}

function accountMembers({
  id,
  name,
  currency,
  timeZone,
  offsetHours,
  status,
}: MetaAccount): Readonly<Record<string, unknown>> {
  return {
    id: `act_${id}`,
    account_id: id,
    name,
    currency,
    timezone_name: timeZone,
    timezone_offset_hours_utc: offsetHours,
    account_status: status,
    amount_spent: "123456",
    business: { id: "42", name: "Northwind" },
  };
}

const SPECS = { campaigns: "campaign", adsets: "ad-set", ads: "ad" } as const;

function objects(
  { world }: State,
  account: MetaAccount,
  { request, edge, fields }: { request: Arrived; edge: keyof typeof SPECS; fields: readonly string[] },
): Answer {
  const stranger = strangeField(SPECS[edge], fields);
  if (stranger !== null) return stranger;
  const written = request.url.searchParams.get("effective_status");
  const wanted = written === null ? null : (JSON.parse(written) as readonly string[]);
  const known = valuesOf(SPECS[edge], "EffectiveStatus");
  const wrong = wanted?.find((status) => known?.includes(status) === false);
  if (wrong !== undefined) return metaError(100, `(#100) Param effective_status[0] must be one of {…}, not ${wrong}`);
  if (wanted?.includes("DELETED") === true) {
    return metaError(100, "(#100) Deleted objects cannot be requested from an edge", { subcode: 1815001 });
  }
  const hidden = ["ARCHIVED", "DELETED"];
  const found = world.objects.filter(
    (one) =>
      one.kind === edge &&
      one.account === account.id &&
      (wanted === null ? !hidden.includes(one.effectiveStatus) : wanted.includes(one.effectiveStatus)),
  );
  const rows = found.map((one) => picked(objectMembers(one), fields));
  return paged(request, rows);
}

function objectMembers(one: MetaObject): Readonly<Record<string, unknown>> {
  const configured = ["ARCHIVED", "DELETED"].includes(one.effectiveStatus) ? one.effectiveStatus : "ACTIVE";
  return {
    id: one.id,
    account_id: one.account,
    name: one.name,
    campaign_id: one.campaign,
    ...(one.adset === "" ? {} : { adset_id: one.adset }),
    status: configured,
    configured_status: configured,
    effective_status: one.effectiveStatus,
    // ISO with an offset without a colon, which is not RFC 3339.
    created_time: "2025-12-01T10:00:00-0800",
    updated_time: "2025-12-05T10:00:00-0800",
    ...one.more,
  };
}

/** The members that were asked for; absent ones are left out, a nested selection is applied. */
function picked(
  members: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    ["id", ...fields].flatMap((field) => {
      const [name = "", nested] = /^(\w+)(?:\{(.*)\})?$/s.exec(field)?.slice(1) ?? [field];
      const value = members[name];
      if (value === undefined) return [];
      const inner =
        nested === undefined ? value : picked(value as Readonly<Record<string, unknown>>, splitFields(nested));
      return [[name, inner] as const];
    }),
  );
}

function insights(state: State, account: MetaAccount, request: Arrived): Answer {
  const { world, budget, jobs, now } = state;
  const query = request.url.searchParams;
  const question = questionOf(account, query, now());
  if (isAnswer(question)) return question;
  const rows = rowsOf(world, question, now());
  const cells = (count: number) => count * question.fields.length;
  if (request.method === "POST") {
    const { since, until } = question;
    return { json: { report_run_id: jobs.start({ account: account.id, since, until, rows }).id } };
  }
  if (cells(rows.length) > budget.rangeCells) {
    return metaError(2, "Service temporarily unavailable", { status: 500, subcode: 1504038 });
  }
  if (cells(Math.min(rows.length, limitOf(query))) > budget.pageCells) return TOO_MUCH;
  return paged(request, rows);
}

const TOO_MUCH = metaError(1, "Please reduce the amount of data you're asking for, then retry your request", {
  status: 500,
});

function report({ jobs, budget }: State, { request, node, edge }: Asked): Answer {
  const job = jobs.find(node);
  if (job === undefined) return metaError(100, "Unsupported get request.", { subcode: 33 });
  const query = request.url.searchParams;
  if (edge === "") return strangeField("ad-report-run", splitFields(query.get("fields") ?? "id")) ?? jobs.status(job);
  const rows = jobs.rows(job);
  if (!Array.isArray(rows)) return rows as Answer;
  const fields = Object.keys(rows[0] ?? {}).length;
  return Math.min(rows.length, limitOf(query)) * fields > budget.pageCells ? TOO_MUCH : paged(request, rows);
}

function limitOf(query: URLSearchParams): number {
  return Number(query.get("limit") ?? DEFAULT_LIMIT);
}

/** One page with its cursors; `next` is there while there is more, and has the token in it. */
function paged({ url }: Arrived, rows: readonly unknown[]): Answer {
  const limit = limitOf(url.searchParams);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return metaError(100, "(#100) limit must be 1 … 5000");
  const start = positionOf(url.searchParams.get("after"));
  if (start === null) return metaError(100, "(#100) after must be a valid cursor");
  const page = rows.slice(start, start + limit);
  if (page.length === 0) return { json: { data: [] } };
  const after = cursorAt(start + page.length);
  const next = new URL(`https://graph.facebook.com${url.pathname}${url.search}`);
  next.searchParams.set("access_token", TOKEN);
  next.searchParams.set("after", after);
  const more = start + limit < rows.length ? { next: next.toString() } : {};
  return { json: { data: page, paging: { cursors: { before: cursorAt(start), after }, ...more } } };
}

function cursorAt(position: number): string {
  return Buffer.from(`at:${position}`).toString("base64url");
}

function positionOf(cursor: string | null): number | null {
  if (cursor === null) return 0;
  const found = /^at:(\d+)$/.exec(Buffer.from(cursor, "base64url").toString("utf8"))?.[1];
  return found === undefined ? null : Number(found);
}
