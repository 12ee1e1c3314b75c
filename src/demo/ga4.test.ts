import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { ga4Responder } from "./ga4.js";
import { GA4_VIEWS } from "./ga4-views.js";
import { makeWorld } from "./world.js";

const world = makeWorld({ seed: 42, days: 20, asOf: isoDate("2026-02-09") });
const respond = ga4Responder(world);
const url = "https://analyticsdata.googleapis.com/v1beta/properties/398214407:runReport";

function send(changes: Readonly<Record<string, unknown>>) {
  const report = {
    dateRanges: [{ startDate: "2026-02-02", endDate: "2026-02-08" }],
    dimensions: [{ name: "date" }, { name: "sessionDefaultChannelGroup" }],
    metrics: [{ name: "sessions" }, { name: "purchaseRevenue" }],
    orderBys: [
      { dimension: { dimensionName: "date" } },
      { dimension: { dimensionName: "sessionDefaultChannelGroup" } },
    ],
    ...changes,
  };
  return respond({ method: "POST", url, body: JSON.stringify(report) });
}

interface Row {
  readonly dimensionValues: readonly { readonly value: string }[];
  readonly metricValues: readonly { readonly value: string }[];
}
interface Answer {
  readonly rows?: readonly Row[];
  readonly rowCount?: number;
  readonly metricHeaders: readonly { readonly name: string; readonly type: string }[];
}

function ask(changes: Readonly<Record<string, unknown>> = {}): Answer {
  const response = send(changes);
  expect(response.status).toBe(200);
  return JSON.parse(response.body) as Answer;
}

const week = world.trafficDays.filter((row) => row.day >= "2026-02-02");
const total = (of: (row: (typeof week)[number]) => number) => week.reduce((sum, row) => sum + of(row), 0);

describe("ga4 runReport", () => {
  it("sums the days by the dimensions asked for", () => {
    const { rows = [], rowCount, metricHeaders } = ask();
    expect(rowCount).toBe(42);
    expect(rows).toHaveLength(42);
    expect(metricHeaders.map(({ type }) => type)).toEqual(["TYPE_INTEGER", "TYPE_CURRENCY"]);
    const sum = (column: number) => rows.reduce((all, row) => all + Number(row.metricValues[column]?.value), 0);
    expect(sum(0)).toBe(total((row) => row.sessions));
    expect(Math.round(sum(1) * 100)).toBe(total((row) => row.revenueCents));
    expect(rows[0]?.dimensionValues).toEqual([{ value: "20260202" }, { value: "Direct" }]);
    const [only] = ask({ dimensions: [], orderBys: [] }).rows ?? [];
    expect(Number(only?.metricValues[0]?.value)).toBe(sum(0));
  });

  it("pages by offset and limit without repeating a row", () => {
    const keys = [0, 20, 40].flatMap((offset) =>
      (ask({ offset: String(offset), limit: "20" }).rows ?? []).map((row) => JSON.stringify(row.dimensionValues)),
    );
    expect(new Set(keys).size).toBe(42);
    expect(ask({ offset: "60", limit: "20" })).toMatchObject({ rowCount: 42 });
  });

  it("has neither rows nor a count when there is nothing", () => {
    const empty = ask({ dateRanges: [{ startDate: "2020-01-01", endDate: "2020-01-31" }] });
    expect(empty.rows).toBeUndefined();
    expect(empty.rowCount).toBeUndefined();
  });

  it("shows the same purchases by channel, by item and by transaction", () => {
    const revenue = (dimensions: readonly string[], metric: string) =>
      (ask({ dimensions: dimensions.map((name) => ({ name })), metrics: [{ name: metric }], orderBys: [] }).rows ?? [])
        .map((row) => Math.round(Number(row.metricValues[0]?.value) * 100))
        .reduce((sum, cents) => sum + cents, 0);
    const truth = total((row) => row.revenueCents);
    expect(truth).toBeGreaterThan(0);
    expect(revenue(["date", "landingPagePlusQueryString", "sessionSourceMedium"], "purchaseRevenue")).toBe(truth);
    expect(revenue(["date", "itemId", "itemName"], "itemRevenue")).toBe(truth);
    expect(revenue(["date", "transactionId"], "purchaseRevenue")).toBe(truth);
  });

  it("names its fields, and keeps sessions and items apart", () => {
    const { body } = respond({ method: "GET", url: url.replace(":runReport", "/metadata") });
    const { metrics } = JSON.parse(body) as { metrics: readonly { apiName: string }[] };
    expect(metrics.map(({ apiName }) => apiName)).toContain("itemsAddedToCart");
    const mixed = send({ metrics: [{ name: "sessions" }, { name: "itemsViewed" }] });
    expect(mixed.status).toBe(400);
    expect(mixed.body).toContain("incompatible");
  });

  it("knows yesterday as the last day of the world", () => {
    const days = { startDate: "yesterday", endDate: "yesterday" };
    const { rows = [] } = ask({ dateRanges: [days], dimensions: [{ name: "date" }], orderBys: [] });
    expect(rows.map((row) => row.dimensionValues[0]?.value)).toEqual(["20260208"]);
  });

  it("orders by a metric, largest first", () => {
    const { rows = [] } = ask({ orderBys: [{ metric: { metricName: "sessions" }, desc: true }] });
    const sessions = rows.map((row) => Number(row.metricValues[0]?.value));
    expect(sessions).toEqual([...sessions].sort((a, b) => b - a));
  });

  it.each([
    [{ dimensions: [{ name: "colour" }] }, "Field colour is not a valid dimension."],
    [{ metrics: [{ name: "itemViews" }] }, "Field itemViews is not a valid metric."],
    [{ dateRanges: [] }, "A single dateRange YYYY-MM-DD is required."],
    [{ limit: "250001" }, "The limit must be at most 250000."],
    [{ dimensionFilter: {} }, 'Invalid JSON payload received. Unknown name "dimensionFilter": Cannot find field.'],
  ])("refuses %o", (changes, message) => {
    const response = send(changes);
    expect(response.status).toBe(400);
    expect(JSON.parse(response.body)).toEqual({ error: { code: 400, status: "INVALID_ARGUMENT", message } });
  });

  const file = new URL("../../../shared/schemas/ga4/ga4_data_api_names.derived.json", import.meta.url);
  it.runIf(existsSync(file))("consists of the vendor's names", () => {
    const known = JSON.parse(readFileSync(file, "utf8")) as Readonly<
      Record<"metrics" | "dimensions", readonly string[]>
    >;
    const metrics = GA4_VIEWS.flatMap((view) => Object.keys(view.metrics));
    expect(metrics.filter((name) => !known.metrics.includes(name))).toEqual([]);
    expect(GA4_VIEWS.flatMap((view) => view.dimensions).filter((name) => !known.dimensions.includes(name))).toEqual([]);
  });
});
