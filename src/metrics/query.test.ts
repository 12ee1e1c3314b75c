import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { CATALOG } from "./catalog/index.js";
import { requireQuery, validateQuery } from "./query.js";

const WINDOW = { from: "2026-02-02", to: "2026-02-08" };
const LAST = isoDate("2026-02-08");

function problems(query: unknown) {
  const checked = validateQuery(query, { lastCompleteDay: LAST });
  return checked.ok ? [] : checked.problems.map(({ code, path, suggestion }) => [code, path, suggestion]);
}

function messages(query: unknown): string {
  const checked = validateQuery(query, { lastCompleteDay: LAST });
  return checked.ok ? "" : checked.problems.map((problem) => problem.message).join("\n");
}

describe("validateQuery", () => {
  it("accepts a full question and turns aliases into ids", () => {
    const query = {
      metrics: ["revenueNet", "AOV", "cac"],
      window: WINDOW,
      compare: { kind: "year_over_year" },
      breakdown: "channel",
      grain: "day",
      filters: [{ field: "channel", operator: "in", value: ["meta", "google"] }],
      orderBy: { metric: "cac", direction: "asc" },
      limit: 5,
    };
    expect(validateQuery(query, { lastCompleteDay: LAST })).toEqual({
      ok: true,
      query: {
        ...query,
        metrics: ["net_revenue", "aov", "blended_cac"],
        orderBy: { metric: "blended_cac", direction: "asc" },
      },
    });
  });

  it("tells all problems at once, each with a code and the nearest name", () => {
    expect(
      problems({
        metrics: ["net_revenu", "orders", "order_count"],
        window: WINDOW,
        brekdown: "channel",
        breakdown: "chanel",
        grain: "dy",
      }),
    ).toEqual([
      ["BAD_SHAPE", "brekdown", "breakdown"],
      ["UNKNOWN_METRIC", "metrics[0]", "net_revenue"],
      ["REPEATED_METRIC", "metrics[2]", undefined],
      ["UNKNOWN_NAME", "breakdown", "channel"],
      ["UNKNOWN_NAME", "grain", "day"],
    ]);
  });

  it.each([
    [null, "query"],
    [[], "query"],
    [{ metrics: [], window: WINDOW }, "metrics"],
    [{ metrics: Array.from({ length: 16 }, (_, index) => `m${index}`), window: WINDOW }, "metrics"],
    [{ metrics: "orders", window: WINDOW }, "metrics"],
    [{ metrics: ["orders"] }, "window"],
    [{ metrics: ["orders"], window: { ...WINDOW, days: 7 } }, "window"],
    [{ metrics: ["orders"], window: WINDOW, compare: { kind: "custom" } }, "compare.kind"],
    [{ metrics: ["orders"], window: WINDOW, breakdown: "channel", limit: 0 }, "limit"],
    [
      { metrics: ["orders"], window: WINDOW, filters: [{ field: "channel", operator: "=", value: "a\0b" }] },
      "filters[0].value",
    ],
    [
      { metrics: ["orders"], window: WINDOW, filters: [{ field: "channel", operator: "=", value: "x".repeat(501) }] },
      "filters[0].value",
    ],
    [
      { metrics: ["orders"], window: WINDOW, filters: [{ field: "channel", operator: "=", value: ["a", "b"] }] },
      "filters[0].value",
    ],
  ])("refuses the shape of %j", (query, path) => {
    expect(problems(query)).toContainEqual([
      "BAD_SHAPE",
      path,
      path.endsWith("value") && messages(query).includes("takes one") ? "in" : undefined,
    ]);
  });

  it("refuses windows that are not dates, run backwards, or are not complete", () => {
    const ask = (window: unknown) => problems({ metrics: ["orders"], window });
    expect(ask({ from: "2026-02-30", to: "2026-03-01" })).toEqual([["BAD_WINDOW", "window", undefined]]);
    expect(ask({ from: "2026-02-08", to: "2026-02-02" })).toEqual([["BAD_WINDOW", "window", undefined]]);
    expect(ask({ from: "2026-02-08", to: "2026-02-09" })).toEqual([["DAYS_NOT_COMPLETE", "window", undefined]]);
    const compare = { kind: "range", range: { from: "2026-01-01", to: "2026-02-09" } };
    expect(problems({ metrics: ["orders"], window: WINDOW, compare })).toEqual([
      ["DAYS_NOT_COMPLETE", "compare.range", undefined],
    ]);
  });

  it("refuses breakdowns and filters that the rows do not carry, with the reason", () => {
    expect(messages({ metrics: ["sessions"], window: WINDOW, breakdown: "product" })).toBe(
      "sessions has no breakdown by product: no product is known of traffic",
    );
    expect(messages({ metrics: ["cvr"], window: WINDOW, breakdown: "product" })).toContain(
      "no product is known of traffic",
    );
    expect(messages({ metrics: ["net_revenue"], window: WINDOW, breakdown: "product" })).toContain(
      "no product is known of refunds",
    );
    expect(messages({ metrics: ["roas"], window: WINDOW, breakdown: "platform" })).toContain(
      "no platform is known of orders",
    );
    expect(
      messages({ metrics: ["spend"], window: WINDOW, filters: [{ field: "country", operator: "=", value: "US" }] }),
    ).toBe("spend cannot be filtered by country: no country is known of ad spend");
    expect(messages({ metrics: ["retention_d30"], window: WINDOW, breakdown: "channel" })).toContain(
      "per month or week of first order only",
    );
    expect(problems({ metrics: ["retention_d30"], window: WINDOW, grain: "day" })).toEqual([
      ["GRAIN_NOT_SUPPORTED", "grain", undefined],
    ]);
    expect(problems({ metrics: ["retention_d30"], window: WINDOW, breakdown: "month" })).toEqual([]);
    expect(
      problems({ metrics: ["net_order_revenue", "orders", "cogs"], window: WINDOW, breakdown: "product" }),
    ).toEqual([]);
  });

  it("refuses filters that contradict each other, an order by what was not asked for, a limit without rows", () => {
    const filters = [
      { field: "channel", operator: "=", value: "meta" },
      { field: "channel", operator: "=", value: "google" },
    ];
    expect(problems({ metrics: ["orders"], window: WINDOW, filters })).toEqual([
      ["CONFLICTING_FILTERS", "filters[1]", "channel in [meta, google]"],
    ]);
    expect(
      problems({ metrics: ["orders"], window: WINDOW, orderBy: { metric: "order", direction: "asc" }, limit: 3 }),
    ).toEqual([
      ["ORDER_NOT_ASKED_FOR", "orderBy.metric", "orders"],
      ["LIMIT_WITHOUT_BREAKDOWN", "limit", undefined],
    ]);
  });

  it("accepts every part at once, and turns aliases of conditions into ids", () => {
    const query = {
      metrics: ["spend", "roas"],
      window: WINDOW,
      compare: { kind: "same_date" },
      breakdown: "campaign",
      grain: "week",
      filters: [
        { field: "status", operator: "=", value: "active" },
        { field: "channel", operator: "!=", value: ["other"] },
      ],
      having: [{ metric: "ad_spend", operator: ">=", value: 50_000 }],
      orderBy: { metric: "roas", direction: "desc" },
      limit: 3,
    };
    expect(validateQuery(query, { lastCompleteDay: LAST })).toEqual({
      ok: true,
      query: { ...query, having: [{ metric: "spend", operator: ">=", value: 50_000 }] },
    });
    const numbers = [
      { field: "order_value", operator: ">", value: 10_000 },
      { field: "order_number", operator: "=", value: 1 },
    ];
    expect(problems({ metrics: ["net_revenue"], window: WINDOW, filters: numbers, grain: "15min" })).toEqual([]);
  });

  it("refuses conditions on rows that are not there, or by what was not asked for", () => {
    const having = [{ metric: "ordrs", operator: ">", value: 1 }];
    expect(problems({ metrics: ["orders"], window: WINDOW, having })).toEqual([
      ["HAVING_NOT_ASKED_FOR", "having[0].metric", "orders"],
      ["HAVING_WITHOUT_BREAKDOWN", "having", undefined],
    ]);
    expect(
      problems({
        metrics: ["orders"],
        window: WINDOW,
        breakdown: "channel",
        having: [{ metric: "orders", operator: "~", value: 1 }],
      }),
    ).toEqual([["BAD_SHAPE", "having[0].operator", undefined]]);
  });

  it("refuses numbers for text, text for numbers, and operators of the other kind", () => {
    const ask = (filter: object) => problems({ metrics: ["orders"], window: WINDOW, filters: [filter] });
    expect(ask({ field: "order_value", operator: ">", value: "100" })).toEqual([
      ["BAD_SHAPE", "filters[0].value", undefined],
    ]);
    expect(ask({ field: "order_value", operator: "contains", value: 100 })).toEqual([
      ["UNKNOWN_NAME", "filters[0].operator", undefined],
    ]);
    expect(ask({ field: "country", operator: ">", value: "US" })).toEqual([
      ["UNKNOWN_NAME", "filters[0].operator", "="],
    ]);
    expect(ask({ field: "country", operator: "=", value: 1 })).toEqual([["BAD_SHAPE", "filters[0].value", undefined]]);
    expect(ask({ field: "contry", operator: "=", value: "US" })).toEqual([
      ["UNKNOWN_NAME", "filters[0].field", "country"],
    ]);
  });

  it("refuses what no source tells, with the reason", () => {
    expect(messages({ metrics: ["orders"], window: WINDOW, breakdown: "device" })).toBe(
      "orders has no breakdown by device: no device is known of orders",
    );
    expect(messages({ metrics: ["cvr"], window: WINDOW, breakdown: "location" })).toBe(
      "cvr has no breakdown by location: no location is known of orders",
    );
    expect(messages({ metrics: ["roas"], window: WINDOW, breakdown: "ad_set" })).toContain(
      "no ad set is known of orders",
    );
    expect(messages({ metrics: ["leads"], window: WINDOW, breakdown: "ad" })).toContain("no ad is known of ad spend");
    expect(messages({ metrics: ["conversions"], window: WINDOW, grain: "hour" })).toBe(
      "conversions has no values per hour: no time of day is known of ad spend: within a day only spend, impressions and clicks of campaigns are told",
    );
    expect(messages({ metrics: ["spend"], window: WINDOW, grain: "hour", breakdown: "ad" })).toContain(
      "no fact tells ad and time of day of ad spend together",
    );
    for (const grain of ["hour", "15min"])
      expect(messages({ metrics: ["spend", "cpc", "ctr", "cpm"], window: WINDOW, grain, breakdown: "campaign" })).toBe(
        "",
      );
    expect(messages({ metrics: ["net_order_revenue"], window: WINDOW, breakdown: "product", grain: "hour" })).toContain(
      "no fact tells product and time of day of orders together",
    );
    expect(
      messages({
        metrics: ["sessions"],
        window: WINDOW,
        filters: [{ field: "status", operator: "=", value: "active" }],
      }),
    ).toBe("sessions cannot be filtered by status: no status is known of traffic");
  });

  it("refuses more points within days than anybody reads", () => {
    const long = { from: "2025-12-01", to: "2026-02-08" };
    expect(problems({ metrics: ["orders"], window: long, grain: "15min" })).toEqual([
      ["WINDOW_TOO_LONG", "window", undefined],
    ]);
    expect(problems({ metrics: ["orders"], window: long, grain: "hour" })).toEqual([]);
  });

  it("asks for the whole catalog only where the caller says so", () => {
    const metrics = CATALOG.metrics.map((metric) => metric.id);
    expect(problems({ metrics, window: WINDOW })).toEqual([["BAD_SHAPE", "metrics", undefined]]);
    expect(validateQuery({ metrics, window: WINDOW }, { mostMetrics: metrics.length }).ok).toBe(true);
  });

  it("requireQuery lists every problem in one error", () => {
    expect(() => requireQuery({ metrics: ["ordrs"], window: { from: "x", to: "y" } })).toThrow(
      expect.objectContaining({ code: "BAD_QUERY", message: expect.stringMatching(/UNKNOWN_METRIC[\s\S]*BAD_WINDOW/) }),
    );
  });
});
