import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { Secret } from "../base/secret.js";
import type { HttpResponse } from "../http/types.js";
import { tooNarrow } from "../testing/doubles/oauth.js";
import { ga4 } from "./ga4/index.js";
import { ga4Events } from "./ga4_events/index.js";
import { googleAds } from "./google_ads/index.js";
import { connectorById } from "./index.js";
import { metaAds } from "./meta_ads/index.js";
import { shopify } from "./shopify/index.js";
import type { Slice, Stream } from "./types.js";

// What is particular to one vendor; what all streams have in common is in conformance.test.ts.

const token = new Secret("x");
const days: Slice = { kind: "days", days: { from: isoDate("2026-02-07"), to: isoDate("2026-02-08") } };
const since: Slice = { kind: "since", since: "2026-02-01T10:20:30.000Z", until: "2026-02-03T00:00:00.000Z" };

const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

function only(streams: readonly Stream[], name: string): Stream {
  const stream = streams.find((one) => one.name === name);
  if (stream === undefined) throw new Error(`no stream ${name}`);
  return stream;
}

it("finds a connector by its id", () => {
  expect(connectorById("ga4")?.title).toBe("Google Analytics 4");
  expect(connectorById("klaviyo")).toBeUndefined();
});

describe("Shopify", () => {
  const open = (pageSize = 10, personalData = true) =>
    shopify.open({ shop: "northwind-tea", personalData, pageSize }, { token }).streams;
  const variables = (body: string | undefined) =>
    (JSON.parse(body ?? "{}") as { variables: Record<string, unknown> }).variables;

  /** The first page of a slice that is small enough to be paged. */
  const paged = (stream: Stream, root = "orders", count = 0) => {
    const scopes = { accessScopes: [{ handle: "read_all_orders" }] };
    const body = { data: { [`${root}Count`]: { count, precision: "EXACT" }, currentAppInstallation: scopes } };
    const { next } = stream.read(body, stream.first(since));
    if (next === null) throw new Error("the count led nowhere");
    return next;
  };

  it("asks half-open windows, of customers whole days, because their filter knows nothing finer", () => {
    const q = (name: string) => variables(only(open(), name).first(since).body)["q"];
    expect(q("orders")).toBe("updated_at:>='2026-02-01T10:20:30.000Z' updated_at:<'2026-02-03T00:00:00.000Z'");
    expect(q("customers")).toBe("updated_at:>='2026-02-01T00:00:00.000Z' updated_at:<'2026-02-04T00:00:00.000Z'");
  });

  it("asks for no e-mail when personal data is off", () => {
    expect(variables(paged(only(open(10, false), "orders")).body)["withEmail"]).toBe(false);
    expect(variables(paged(only(open(), "orders")).body)["withEmail"]).toBe(true);
    // Bulk documents have no variables.
    for (const [root, withEmail] of [
      ["orders", true],
      ["orders", false],
      ["customers", true],
      ["customers", false],
    ] as const) {
      const stream = only(open(10, withEmail), root);
      const list = paged(stream, root, 1001);
      const run = stream.read({ data: { bulkOperations: { nodes: [] } } }, list).next;
      const document = String(variables(run?.body)["query"]);
      expect([/email/i.test(document), document.includes("@include")]).toEqual([withEmail, false]);
    }
  });

  it("asks for half a page when the query is too expensive, and for nothing when one order is", () => {
    const stream = only(open(10), "orders");
    const tooDear = { errors: [{ message: "too expensive", extensions: { code: "MAX_COST_EXCEEDED" } }] };
    expect(shopify.classify?.(answer(tooDear))).toEqual({ next: "shrink", reason: "too expensive" });
    const sizes: unknown[] = [];
    let [asked] = stream.shrink?.(paged(stream)) ?? [];
    while (asked !== undefined) {
      sizes.push(variables(asked.body)["first"]);
      [asked] = stream.shrink?.(asked) ?? [];
    }
    expect(sizes).toEqual([5, 2, 1]);
    expect(variables(paged(stream).body)["first"]).toBe(10);
  });

  it("tells the bucket of points, which is all there is to pace by", () => {
    const throttleStatus = { maximumAvailable: 2000, currentlyAvailable: 1500, restoreRate: 100 };
    const cost = { requestedQueryCost: 752, actualQueryCost: 30, throttleStatus };
    const bucket = { kind: "bucket", name: "points", available: 1500, maximum: 2000, restorePerSecond: 100 };
    expect(shopify.usage?.(answer({ data: { x: '"extensions"' }, extensions: { cost } }))).toEqual([
      { ...bucket, requested: 752 },
    ]);
    // A member after it, as in a throttled answer of another order.
    expect(shopify.usage?.(answer({ extensions: { cost }, data: null }))).toEqual([{ ...bucket, requested: 752 }]);
    expect(shopify.usage?.(answer({ data: {} }))).toEqual([]);
    expect(shopify.usage?.(answer("<html>"))).toEqual([]);
    expect(shopify.usage?.(answer({ extensions: { cost: { requestedQueryCost: null } } }))).toEqual([]);
  });

  it("waits for the points that a throttled query needs: (752 - 252) / 100 = 5 seconds", () => {
    const throttled = {
      errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
      extensions: { cost: { requestedQueryCost: 752, throttleStatus: { currentlyAvailable: 252, restoreRate: 100 } } },
    };
    expect(shopify.classify?.(answer(throttled))).toMatchObject({ next: "wait", seconds: 5 });
  });

  it("never accepts a page with errors beside its data", () => {
    const partial = { data: { orders: { nodes: [] } }, errors: [{ message: "Field 'x' doesn't exist" }] };
    expect(shopify.classify?.(answer(partial))).toMatchObject({ next: "abort", code: "API_REFUSED" });
    const denied = { data: null, errors: [{ message: "Access denied", extensions: { code: "ACCESS_DENIED" } }] };
    expect(shopify.classify?.(answer(denied))).toMatchObject({ next: "abort", code: "API_AUTH" });
    const passing = { errors: [{ message: "Oops", extensions: { code: "INTERNAL_SERVER_ERROR" } }] };
    expect(shopify.classify?.(answer(passing))).toMatchObject({ next: "retry" });
    expect(shopify.classify?.(answer({ errors: "[API] Invalid API key" }))).toMatchObject({ next: "abort" });
    expect(shopify.classify?.(answer('<a class="errors">"errors"</a>'))).toBeUndefined();
  });

  it.each([
    [402, "abort"],
    [404, "abort"],
    [423, "abort"],
    [430, "wait"],
  ])("reads HTTP %i as %s", (status, next) => {
    expect(shopify.classify?.(answer("", status))?.next).toBe(next);
  });

  it("notices when another version answers", () => {
    const served = (version: string) => answer({ data: {} }, 200, { "x-shopify-api-version": version });
    expect(shopify.classify?.(served("2025-10"))).toMatchObject({ next: "abort", code: "API_REFUSED" });
    expect(shopify.classify?.(served("2026-10"))).toBeUndefined();
  });

  it("refuses a nested list that it cannot follow", () => {
    const order = {
      id: "gid://shopify/Order/1",
      updatedAt: "2026-02-01T11:00:00Z",
      refunds: [],
      transactions: Array.from({ length: 4 }, (_, index) => ({ id: `t${index}` })),
      lineItems: { pageInfo: { hasNextPage: false }, nodes: [] },
    };
    const body = { data: { orders: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [order] } } };
    const stream = only(open(), "orders");
    const more = stream.read(body, paged(stream)).next ?? stream.first(since);
    expect(more.label).toBe("OrderTransactions");
    const many = Array.from({ length: 200 }, (_, index) => ({ id: `t${index}` }));
    expect(() => stream.read({ data: { order: { transactions: many } } }, more)).toThrow(
      /transactions of gid:\/\/shopify\/Order\/1 is longer/,
    );
  });
});

describe("Meta", () => {
  const stream = only(metaAds.open({ accounts: ["1", "2"], pageSize: 50 }, { token }).streams, "insights");

  it("never follows the vendor's next link, which carries the token", () => {
    const next = "https://graph.facebook.com/v26.0/x?access_token=EAAleaked";
    const page = stream.read({ data: [], paging: { cursors: { after: "abc" }, next } }, stream.first(days));
    const url = new URL(page.next?.url ?? "");
    expect(url.searchParams.get("after")).toBe("abc");
    expect(url.searchParams.get("access_token")).toBeNull();
    expect(url.pathname).toBe("/v26.0/act_1/insights");
  });

  it("goes on with the next account without the cursor of the one before", () => {
    const done = stream.read({ data: [], paging: { cursors: { after: "abc" } } }, stream.first(days));
    expect(done.next?.url).toContain("/act_2/insights");
    expect(done.next?.url).not.toContain("after=");
    expect(stream.read({ data: [] }, done.next ?? stream.first(days)).next).toBeNull();
  });

  it.each([
    [{ code: 190, error_subcode: 463 }, "abort", "API_AUTH"],
    [{ code: 200 }, "abort", "API_AUTH"],
    [{ code: 10 }, "abort", "API_AUTH"],
    [{ code: 102 }, "abort", "API_AUTH"],
    [{ code: 294 }, "abort", "API_AUTH"],
    [{ code: 100 }, "abort", "API_REFUSED"],
    [{ code: 100, error_subcode: 33 }, "abort", "API_REFUSED"],
    [{ code: 2635 }, "abort", "API_REFUSED"],
    [{ code: 3018 }, "abort", "API_REFUSED"],
    [{ code: 100, error_subcode: 1504018 }, "shrink", undefined],
    [{ code: 100, error_subcode: 1487534 }, "shrink", undefined],
    [{ code: 2, error_subcode: 1504038 }, "shrink", undefined],
    [{ code: 1, message: "Please reduce the amount of data you're asking for" }, "shrink", undefined],
    [{ code: -2 }, "retry", undefined],
    [{ code: 4, error_subcode: 1504022 }, "wait", undefined],
    [{ code: 613, error_subcode: 1487742 }, "wait", undefined],
    [{ code: 80004 }, "wait", undefined],
    [{ code: 2, error_subcode: 1504041 }, "abort", "API_REFUSED"],
    [{ code: 2, error_subcode: 1504043 }, "retry", undefined],
    [{ code: 1 }, "retry", undefined],
    [{ code: 12345, is_transient: true }, "retry", undefined],
    [{ code: 17 }, "wait", undefined],
    [{ code: 80000 }, "wait", undefined],
  ])("reads error %j as %s", (error, next, code) => {
    const verdict = metaAds.classify?.(answer({ error: { message: "m", ...error } }, 400));
    expect(verdict).toMatchObject(code === undefined ? { next } : { next, code });
  });

  it("names the service and the project where an API is switched off", () => {
    const info = {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "SERVICE_DISABLED",
      metadata: { service: "googleads.googleapis.com", consumer: "projects/4711" },
    };
    const error = { code: 403, status: "PERMISSION_DENIED", message: "not used before", details: [info] };
    expect(googleAds.classify?.(answer({ error }, 403))).toMatchObject({
      next: "abort",
      code: "API_AUTH",
      hint: expect.stringContaining("enable googleads.googleapis.com in the Cloud project 4711"),
    });
  });

  it.each([
    ["googleads.googleapis.com", "adwords", googleAds],
    ["analyticsdata.googleapis.com", "analytics.readonly", ga4],
    ["bigquery.googleapis.com", "bigquery", ga4Events],
  ] as const)("A15 names the scope that a token lacks: %s, %s", (service, scope, connector) => {
    const verdict = connector.classify?.(answer(tooNarrow(service).json, 403));
    expect(verdict).toEqual({
      next: "abort",
      code: "API_AUTH",
      reason: `the token lacks the scope https://www.googleapis.com/auth/${scope}`,
      hint: `sign in again and allow it: \`growthos connect ${connector.id}\``,
    });
  });

  it("waits for the longest of all accounts, in minutes, and five minutes when nobody says", () => {
    const usage = JSON.stringify({
      a: [{ estimated_time_to_regain_access: 0 }, { estimated_time_to_regain_access: 3 }],
      b: [{ estimated_time_to_regain_access: 2 }],
    });
    const limited = (headers: Record<string, string>) =>
      metaAds.classify?.(answer({ error: { code: 17, message: "m" } }, 400, headers));
    expect(limited({ "x-business-use-case-usage": usage })).toMatchObject({ seconds: 180 });
    expect(limited({})).toMatchObject({ seconds: 300 });
  });
});

describe("Google Ads", () => {
  it("sends the manager account with every request, digits only", () => {
    const options = { customers: ["123-456-7890", "2345678901"], loginCustomer: "555-000-1111" };
    const stream = only(googleAds.open(options, { token }).streams, "campaign_days");
    const first = stream.first(days);
    const second = stream.read([{ results: [] }], first).next;
    expect(first.url).toContain("/customers/1234567890/");
    expect(second?.url).toContain("/customers/2345678901/");
    expect([first, second].map((request) => request?.headers?.["login-customer-id"])).toEqual([
      "5550001111",
      "5550001111",
    ]);
    expect(second && stream.read([], second).next).toBeNull();
  });

  it("throws away good chunks that an error follows", () => {
    const stream = only(googleAds.open({ customers: ["1234567890"] }, { token }).streams, "campaign_days");
    expect(() => stream.read([{ results: [] }, { error: { code: 500 } }], stream.first(days))).toThrow(/broke off/);
  });

  it("reads the list around an error, its vendor code and its delay", () => {
    const failure = {
      errors: [
        { errorCode: { quotaError: "RESOURCE_EXHAUSTED" }, details: { quotaErrorDetails: { retryDelay: "1800s" } } },
      ],
      requestId: "r-9",
    };
    const error = { code: 429, status: "RESOURCE_EXHAUSTED", message: "Too many", details: [failure] };
    const verdict = googleAds.classify?.(answer([{ error }], 429));
    expect(verdict).toMatchObject({ next: "wait", seconds: 1800 });
    expect(JSON.stringify(verdict)).toContain("quotaError=RESOURCE_EXHAUSTED, request r-9");
  });

  it.each([
    [401, "UNAUTHENTICATED", "reauth", undefined],
    [403, "PERMISSION_DENIED", "abort", "API_AUTH"],
    [400, "INVALID_ARGUMENT", "abort", "API_REFUSED"],
    [503, "UNAVAILABLE", "retry", undefined],
  ])("reads HTTP %i %s as %s", (status, name, next, code) => {
    const verdict = googleAds.classify?.(answer({ error: { code: status, status: name, message: "m" } }, status));
    expect(verdict).toMatchObject(code === undefined ? { next } : { next, code });
  });
});

describe("GA4", () => {
  const stream = only(ga4.open({ property: "1", pageSize: 2 }, { token }).streams, "traffic_days");
  const oneDay: Slice = { kind: "days", days: { from: isoDate("2026-02-08"), to: isoDate("2026-02-08") } };

  it("takes a report without rows for empty", () => {
    expect(stream.read({ metadata: {} }, stream.first(oneDay))).toEqual({
      records: [],
      next: null,
      total: 0,
      warnings: [],
    });
  });

  it("tells what the vendor did to the figures", () => {
    const metadata = {
      subjectToThresholding: true,
      dataLossFromOtherRow: true,
      samplingMetadatas: [{ samplesReadCount: "1", samplingSpaceSize: "2" }],
    };
    expect(stream.read({ metadata }, stream.first(days)).warnings).toHaveLength(3);
  });

  it("orders by every dimension, so that pages cannot overlap", () => {
    const body = JSON.parse(stream.first(days).body ?? "{}") as { dimensions: unknown[]; orderBys: unknown[] };
    expect(body.orderBys).toHaveLength(body.dimensions.length);
  });
});

describe("BigQuery", () => {
  it.each(["\ud800", "a b", "../x"])("does not put %j into an address, whatever calls a job so", (jobId) => {
    const options = { project: "shop-exports-42", dataset: "analytics_314159265", location: "EU", pageSize: 1 };
    const { streams } = ga4Events.open(ga4Events.options.parse(options), ga4Events.secrets.parse({ token }));
    const stream = only(streams, "purchase");
    const body = { jobComplete: false, jobReference: { projectId: "p", jobId, location: "EU" } };
    expect(() => stream.read(body, stream.first(days))).toThrow("the answer has no jobReference.jobId");
  });
});
