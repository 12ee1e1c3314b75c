import {
  type DocumentNode,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { type Clock, systemClock } from "../../base/clock.js";
import { parseJson } from "../../http/json.js";
import { type Answer, type Arrived, type Double, startServer } from "./server.js";
import {
  type BulkJob,
  bulkFile,
  bulkProblem,
  type Huge,
  hugeFile,
  jobNode,
  looked,
  MAX_RUNNING,
  type Outcome,
} from "./shopify-bulk.js";
import { pointsOf, type Walked } from "./shopify-cost.js";
import { pageOf, place } from "./shopify-pages.js";
import { type ShopifySchema, shopifySchema } from "./shopify-schema.js";
import { searched } from "./shopify-search.js";
import { type ShopifyTokens, type SignInKind, shopifyTokens } from "./shopify-tokens.js";
import { type ShopifyWorld, type ShopifyWorldOptions, type ShopNode, shopifyWorld } from "./shopify-world.js";

const SHOP = "northwind-tea.myshopify.com";
const STORAGE = "storage.googleapis.com";
const FILES = "/shopify-bulk-operation-outputs/";
const MAX_COST = 1_000;
const SIXTY_DAYS = 60 * 86_400_000;

/** What kind of shop, and how it treats us. */
export interface ShopifyDoubleOptions extends ShopifyWorldOptions {
  readonly clock?: Pick<Clock, "now">;
  readonly signIn?: SignInKind;
  /** Points per second and in the bucket; a Standard plan by default. */
  readonly restoreRate?: number;
  readonly bucket?: number;
  readonly huge?: Huge;
}

/** What tests may change, and what the shop has noted. */
export interface ShopifyState {
  scopes: string[];
  /** The version that answers; null: the one that was asked for. */
  served: string | null;
  /** Counts say at least this many, so that a small shop is read as a large one. */
  claimed: number;
  /** Outcomes of the next operations, in order; completed when there is none. */
  readonly outcomes: Outcome[];
  readonly jobs: BulkJob[];
  readonly accounting: {
    queries: number;
    requested: number;
    spent: number;
    throttled: number;
    tooDear: number;
    /** Most that one query asked for. */
    dearest: number;
    /** Requests to the storage that carried a token. */
    leaked: number;
    files: number;
    cancelled: number;
  };
}

/** The double with its world. */
export interface ShopifyDouble extends Double {
  readonly world: ShopifyWorld;
  readonly state: ShopifyState;
  readonly tokens: ShopifyTokens;
  /** Operations of somebody else that run for so many seconds. */
  occupy(places: number, seconds: number): void;
}

/** The Admin API of one shop on loopback: every document is executed against the vendor's own schema. */
export async function shopifyDouble(options: ShopifyDoubleOptions = {}): Promise<ShopifyDouble> {
  const clock = options.clock ?? systemClock;
  const state = freshState();
  const shop: Shop = {
    options,
    clock,
    state,
    world: shopifyWorld(options),
    tokens: shopifyTokens(options.signIn ?? "token", () => state.scopes.join(",")),
    vendor: shopifySchema(),
    bucket: { available: options.bucket ?? 2000, at: clock.now() },
  };
  const server = await startServer((request) => respond(shop, request), clock);
  return {
    source: "shopify",
    options: { shop: "northwind-tea" },
    secrets: shop.tokens.secrets,
    routes: { [SHOP]: server.origin, [STORAGE]: server.origin },
    server,
    world: shop.world,
    state,
    tokens: shop.tokens,
    occupy: (places, seconds) => {
      for (let place = 0; place < places; place++) {
        start(shop, `{ draftOrders { edges { node { id } } } } # ${place}`, clock.now() + seconds * 1000);
      }
    },
    close: () => server.close(),
  };
}

const NOTHING = {
  queries: 0,
  requested: 0,
  spent: 0,
  throttled: 0,
  tooDear: 0,
  dearest: 0,
  leaked: 0,
  files: 0,
  cancelled: 0,
};

function freshState(): ShopifyState {
  return {
    scopes: ["read_orders", "read_all_orders", "read_customers", "read_products", "read_inventory"],
    served: null,
    claimed: 0,
    outcomes: [],
    jobs: [],
    accounting: { ...NOTHING },
  };
}

interface Shop {
  readonly options: ShopifyDoubleOptions;
  readonly clock: Pick<Clock, "now">;
  readonly state: ShopifyState;
  readonly world: ShopifyWorld;
  readonly tokens: ShopifyTokens;
  readonly vendor: ShopifySchema;
  bucket: { readonly available: number; readonly at: number };
}

function respond(shop: Shop, request: Arrived): Answer {
  const { pathname } = request.url;
  if (pathname === "/admin/oauth/access_token") return shop.tokens.grant(request);
  if (pathname.startsWith(FILES)) return download(shop, request);
  const version = /^\/admin\/api\/([0-9]{4}-[0-9]{2})\/graphql\.json$/.exec(pathname)?.[1];
  if (version === undefined || request.method !== "POST") return { status: 404, json: { errors: "Not Found" } };
  if (!shop.tokens.isValid(request.headers["x-shopify-access-token"], request.at)) {
    const errors = "[API] Invalid API key or access token (unrecognized login or wrong password)";
    return { status: 401, json: { errors } };
  }
  const headers = {
    "x-shopify-api-version": shop.state.served ?? version,
    date: new Date(shop.clock.now()).toUTCString(),
  };
  return { headers, json: answerTo(shop, request.body) };
}

/** The file of a finished operation. Its address is signed; a token would be told to a stranger. */
function download(shop: Shop, { url, headers }: Arrived): Answer {
  if (headers["x-shopify-access-token"] !== undefined || headers["authorization"] !== undefined) {
    shop.state.accounting.leaked += 1;
    return { status: 400, text: "<?xml version='1.0'?><Error><Code>InvalidArgument</Code></Error>" };
  }
  const job = shop.state.jobs.find(({ id }) => `${FILES}${id.split("/").at(-1)}.jsonl` === url.pathname);
  if (job === undefined || url.searchParams.get("Signature") !== "signed") {
    return { status: 403, text: "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>" };
  }
  shop.state.accounting.files += 1;
  return { headers: { "content-type": "application/jsonl" }, chunks: job.file.chunks() };
}

function addressOf(job: BulkJob): string {
  return `https://${STORAGE}${FILES}${job.id.split("/").at(-1)}.jsonl?Expires=1&Signature=signed`;
}

function answerTo(shop: Shop, body: string): unknown {
  const { accounting } = shop.state;
  const { query, variables = {} } = parseJson(body) as { readonly query: string; readonly variables?: ShopNode };
  const document = judged(shop, query);
  if ("errors" in document) return document;
  const operation = operationOf(document.document);
  const walked = walkedOf(shop, document.document, variables);
  const isMutation = operation.operation === "mutation";
  const rootType = isMutation ? "Mutation" : "QueryRoot";
  const requested = isMutation ? 10 : pointsOf(walked, operation.selectionSet, rootType);
  accounting.queries += 1;
  accounting.dearest = Math.max(accounting.dearest, requested);
  if (requested > MAX_COST) {
    accounting.tooDear += 1;
    return { errors: [tooDear(requested)] };
  }
  const available = availableNow(shop);
  if (requested > available) {
    accounting.throttled += 1;
    const documentation = "https://shopify.dev/api/usage/rate-limits";
    const throttled = { message: "Throttled", extensions: { code: "THROTTLED", documentation } };
    return { errors: [throttled], ...costOf(shop, { requested, actual: null }) };
  }
  const result = run(shop, document.document, { variables, isBulk: false });
  const actual = isMutation ? 10 : pointsOf(walked, operation.selectionSet, rootType, { data: result.data ?? null });
  accounting.requested += requested;
  accounting.spent += actual;
  shop.bucket = { available: available - actual, at: shop.clock.now() };
  return { ...result, ...costOf(shop, { requested, actual }) };
}

type Judged = { readonly document: DocumentNode } | { readonly errors: readonly unknown[] };

// The judge is the schema, which is the same for every double: a text that was judged once is known.
const known = new Map<string, Judged>();

function judged(shop: Shop, query: string): Judged {
  const found = known.get(query) ?? judge(shop, query);
  known.set(query, found);
  return found;
}

function judge(shop: Shop, query: string): Judged {
  const document = parsed(query);
  if ("errors" in document) return document;
  const errors = validate(shop.vendor.schema, document.document);
  if (errors.length === 0) return document;
  return { errors: errors.map((error) => ({ ...error.toJSON(), extensions: { code: "invalid" } })) };
}

function parsed(query: string): Judged {
  try {
    return { document: parse(query) };
  } catch (thrown) {
    return { errors: [{ message: String(thrown) }] };
  }
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const found = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  if (found === undefined) throw new Error("no operation");
  return found;
}

function walkedOf(shop: Shop, document: DocumentNode, variables: ShopNode): Walked {
  const fragments = document.definitions.filter(
    (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
  );
  return {
    schema: shop.vendor.schema,
    variables,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
  };
}

function tooDear(cost: number): unknown {
  return {
    message: `Query cost is ${cost}, which exceeds the single query max cost limit (${MAX_COST}).`,
    extensions: { code: "MAX_COST_EXCEEDED", cost, maxCost: MAX_COST },
  };
}

function availableNow({ options, bucket, clock }: Shop): number {
  const restored = ((clock.now() - bucket.at) / 1000) * (options.restoreRate ?? 100);
  return Math.min(options.bucket ?? 2000, bucket.available + Math.max(0, restored));
}

function costOf(shop: Shop, { requested, actual }: { readonly requested: number; readonly actual: number | null }) {
  const throttleStatus = {
    maximumAvailable: shop.options.bucket ?? 2000,
    currentlyAvailable: Math.floor(availableNow(shop)),
    restoreRate: shop.options.restoreRate ?? 100,
  };
  return { extensions: { cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus } } };
}

interface Context {
  readonly shop: Shop;
  readonly isBulk: boolean;
}

function run(shop: Shop, document: DocumentNode, how: { readonly variables: ShopNode; readonly isBulk: boolean }) {
  const result = execute({
    schema: shop.vendor.schema,
    document,
    rootValue: rootOf(shop),
    variableValues: how.variables,
    contextValue: { shop, isBulk: how.isBulk } satisfies Context,
    fieldResolver: resolve,
    typeResolver: (value) => String((value as ShopNode)["__typename"]),
  });
  if (result instanceof Promise) throw new Error("the double answers at once");
  return result;
}

type Args = Readonly<Record<string, unknown>>;

const resolve: GraphQLFieldResolver<unknown, Context, Args> = (source, args, context, info) => {
  const type = getNamedType(info.returnType);
  demand(context, `${info.parentType.name}.${info.fieldName}`, nodeType(type));
  const member = (source as ShopNode)[info.fieldName];
  const value = typeof member === "function" ? (member as (given: Args) => unknown)(args) : member;
  if (!Array.isArray(value)) return value ?? null;
  if (isObjectType(type) && type.name.endsWith("Connection")) return pageOf(value, args, context.isBulk);
  return typeof args["first"] === "number" ? value.slice(0, args["first"]) : value;
};

function nodeType(type: GraphQLNamedType): string {
  if (!isObjectType(type) || !type.name.endsWith("Connection")) return type.name;
  const nodes = type.getFields()["nodes"];
  return nodes === undefined ? type.name : getNamedType(nodes.type).name;
}

/** A scope that was not granted is an error at the field, as the vendor's. */
function demand({ shop }: Context, field: string, type: string): void {
  const wanted = shop.vendor.access.get(field) ?? shop.vendor.access.get(type) ?? [];
  if (wanted.length === 0 || wanted.some((scope) => shop.state.scopes.includes(scope))) return;
  const required = `\`${wanted[0]}\` access scope.`;
  throw new GraphQLError(`Access denied for ${field.split(".")[1]} field. Required access: ${required}`, {
    extensions: { code: "ACCESS_DENIED", requiredAccess: required },
  });
}

function rootOf(shop: Shop): ShopNode {
  const { world, state } = shop;
  const visible = () => world.orders.filter((order) => isVisible(shop, order));
  const find = (list: readonly ShopNode[], id: unknown) => list.find((node) => node["id"] === id) ?? null;
  const refunds = () => visible().flatMap((order) => order["refunds"] as readonly ShopNode[]);
  const one = (id: unknown) => {
    const lists = [visible(), refunds(), world.customers, world.products];
    return lists.map((list) => find(list, id)).find((node) => node !== null) ?? null;
  };
  return {
    orders: (args: Args) => found(visible(), args, "instant"),
    customers: (args: Args) => found(world.customers, args, "day"),
    products: (args: Args) => found(world.products, args, "instant"),
    deletionEvents: (args: Args) => deletionsOf(world, args),
    ordersCount: (args: Args) => counted(shop, found(visible(), args, "instant"), args),
    customersCount: (args: Args) => counted(shop, found(world.customers, args, "day"), args),
    productsCount: (args: Args) => counted(shop, found(world.products, args, "instant"), args),
    nodes: ({ ids }: Args) => (ids as readonly string[]).map(one),
    node: ({ id }: Args) => one(id),
    order: ({ id }: Args) => find(visible(), id),
    refund: ({ id }: Args) => find(refunds(), id),
    customer: ({ id }: Args) => find(world.customers, id),
    product: ({ id }: Args) => find(world.products, id),
    shop: world.shop,
    currentAppInstallation: { accessScopes: state.scopes.map((handle) => ({ handle })) },
    bulkOperation: ({ id }: Args) => {
      const job = state.jobs.find((known) => known.id === id);
      return job === undefined ? null : jobNode(looked(job, shop.clock.now()), addressOf(job));
    },
    bulkOperations: () => [...state.jobs].reverse().map((job) => jobNode(settled(shop, job), addressOf(job))),
    bulkOperationRunQuery: (args: Args) => runBulk(shop, String(args["query"]), args["groupObjects"] === true),
    bulkOperationCancel: () => {
      state.accounting.cancelled += 1;
      return { bulkOperation: null, userErrors: [] };
    },
  };
}

/** Without `read_all_orders` older orders are not there, and nothing says so. */
function isVisible({ state, clock }: Shop, order: ShopNode): boolean {
  return state.scopes.includes("read_all_orders") || Date.parse(String(order["createdAt"])) > clock.now() - SIXTY_DAYS;
}

function found(list: readonly ShopNode[], args: Args, precision: "instant" | "day"): readonly ShopNode[] {
  const wanted = list.filter(searched(String(args["query"] ?? ""), precision));
  const placed = wanted.map((node) => ({ node, at: place(node).join(" ") }));
  return placed.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ node }) => node);
}

function deletionsOf({ deletions }: ShopifyWorld, args: Args): readonly ShopNode[] {
  const types = args["subjectTypes"] as readonly string[] | undefined;
  return found(deletions, args, "instant").filter(({ subjectType }) => types?.includes(String(subjectType)) ?? true);
}

function counted(shop: Shop, list: readonly unknown[], { limit }: Args): unknown {
  const all = Math.max(list.length, shop.state.claimed, shop.options.huge?.orders ?? 0);
  if (typeof limit !== "number" || all <= limit) return { count: all, precision: "EXACT" };
  return { count: limit, precision: "AT_LEAST" };
}

/** An operation that nobody looks at ends as well, after ten minutes. */
function settled(shop: Shop, job: BulkJob): BulkJob {
  const now = shop.clock.now();
  if (job.endsAt !== null) return looked(job, now);
  const isUnderWay = job.status === "CREATED" || job.status === "RUNNING";
  if (isUnderWay && now - job.createdAt > 600_000) job.status = job.outcome.status;
  return job;
}

function runBulk(shop: Shop, query: string, grouped: boolean): unknown {
  const refused = (code: string, message: string) => ({
    bulkOperation: null,
    userErrors: [{ __typename: "BulkOperationUserError", code, field: ["query"], message }],
  });
  const problem = bulkProblem(shop.vendor, query);
  if (problem !== null) return refused("INVALID", problem);
  const running = shop.state.jobs.filter((job) => ["CREATED", "RUNNING"].includes(settled(shop, job).status));
  if (running.length >= MAX_RUNNING)
    return refused("LIMIT_REACHED", "Bulk operations limit reached. Please try again later.");
  const job = start(shop, query, null, grouped);
  return { bulkOperation: jobNode(job, ""), userErrors: [] };
}

const EMPTY = { objects: 0, roots: 0, chunks: () => [] };

function start(shop: Shop, query: string, endsAt: number | null, grouped = false): BulkJob {
  const { state, options } = shop;
  const result = endsAt === null ? run(shop, parse(query), { variables: {}, isBulk: true }) : { data: null };
  const denied = "errors" in result && (result.errors?.length ?? 0) > 0;
  const outcome: Outcome = denied
    ? { status: "FAILED", errorCode: "ACCESS_DENIED" }
    : endsAt === null
      ? (state.outcomes.shift() ?? { status: "COMPLETED" })
      : { status: "COMPLETED" };
  const isHuge = options.huge !== undefined && result.data?.["orders"] !== undefined;
  const file =
    denied || result.data == null
      ? EMPTY
      : isHuge
        ? hugeFile(result.data, options.huge ?? { orders: 0 })
        : bulkFile(result.data, grouped);
  const job: BulkJob = {
    id: `gid://shopify/BulkOperation/${state.jobs.length + 1}`,
    query,
    createdAt: shop.clock.now(),
    status: endsAt === null ? "CREATED" : "RUNNING",
    endsAt,
    outcome,
    looks: 0,
    file,
  };
  state.jobs.push(job);
  return job;
}
