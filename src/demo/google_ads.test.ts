import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { REPORTS } from "../connectors/google_ads/reports.js";
import { valueAt } from "../connectors/shape.js";
import { googleResponder } from "./google_ads.js";
import { makeWorld } from "./world.js";

const world = makeWorld({ seed: 42, days: 60, asOf: isoDate("2026-02-09") });
const respond = googleResponder(world);
const url = "https://googleads.googleapis.com/v25/customers/7413820956/googleAds:searchStream";

type Row = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Chunk {
  readonly results?: readonly Row[];
  readonly fieldMask: string;
}

function ask(query: string) {
  return respond({ method: "POST", url, body: JSON.stringify({ query }) });
}

function asked(query: string): readonly Chunk[] {
  const response = ask(query);
  expect(response.status).toBe(200);
  return JSON.parse(response.body) as readonly Chunk[];
}

const chunks = (fields: string, from = "2025-12-11", to = "2026-02-08", resource = "campaign") =>
  asked(`SELECT ${fields} FROM ${resource} WHERE segments.date BETWEEN '${from}' AND '${to}'`);
const rowsOf = (list: readonly Chunk[]) => list.flatMap((chunk) => chunk.results ?? []);
const total = (rows: readonly Row[], path: string) => rows.reduce((sum, row) => sum + Number(valueAt(row, path)), 0);

describe("google ads stream", () => {
  it("comes in chunks that hold the world's cost in micros", () => {
    const list = chunks("segments.date, campaign.id, metrics.cost_micros");
    expect(list.map((chunk) => chunk.results?.length)).toEqual([100, 100, 40]);
    expect(list[0]?.fieldMask).toBe("segments.date,campaign.id,metrics.costMicros");
    const spend = world.adDays.filter((day) => day.campaign.platform === "google_ads").map((day) => day.spendCents);
    expect(total(rowsOf(list), "metrics.costMicros")).toBe(spend.reduce((a, b) => a + b, 0) * 10_000);
  });

  it("writes int64 as text, doubles as numbers, and names its resources", () => {
    const [row] = rowsOf(chunks("campaign.id, campaign.name, metrics.impressions, metrics.conversions", "2026-02-08"));
    expect(row).toEqual({
      campaign: {
        resourceName: "customers/7413820956/campaigns/20985512301",
        id: "20985512301",
        name: "Brand_Search",
      },
      metrics: { impressions: expect.any(String), conversions: expect.any(Number) },
    });
  });

  it("splits a day into hours and ads without losing or adding anything; Performance Max has no ads", () => {
    const metrics = "campaign.id, metrics.cost_micros, metrics.clicks, metrics.conversions";
    const days = rowsOf(chunks(metrics));
    const hours = rowsOf(chunks(`segments.date, segments.hour, ${metrics}`));
    const ads = rowsOf(chunks(`ad_group_ad.ad.id, ${metrics}`, "2025-12-11", "2026-02-08", "ad_group_ad"));
    const withAds = days.filter((row) => row["campaign"]?.["id"] !== "20985512304");
    expect(new Set(ads.map((row) => row["campaign"]?.["id"])).size).toBe(3);
    expect(hours.length).toBeGreaterThan(days.length * 20);
    for (const path of ["metrics.costMicros", "metrics.clicks", "metrics.conversions"]) {
      expect(total(hours, path)).toBeCloseTo(total(days, path), 6);
      expect(total(ads, path)).toBeCloseTo(total(withAds, path), 6);
    }
  });

  it("has one keyword in two ad groups under one criterion id", () => {
    const fields = "ad_group.id, ad_group_criterion.criterion_id, ad_group_criterion.keyword.text";
    const rows = rowsOf(asked(`SELECT ${fields} FROM ad_group_criterion WHERE ad_group_criterion.type = 'KEYWORD'`));
    const keys = rows.map(
      (row) => `${String(valueAt(row, "adGroup.id"))}~${String(valueAt(row, "adGroupCriterion.criterionId"))}`,
    );
    expect([rows.length, new Set(keys).size]).toEqual([8, 8]);
    expect(new Set(rows.map((row) => valueAt(row, "adGroupCriterion.keyword.text"))).size).toBe(2);
  });

  it("is one chunk without results where there is nothing", () => {
    expect(chunks("campaign.id", "2020-01-01", "2020-01-02")).toEqual([
      { fieldMask: "campaign.id", requestId: "demo000000000000000001" },
    ]);
  });

  it("lists the account, also below a manager", () => {
    const list = respond({
      method: "GET",
      url: "https://googleads.googleapis.com/v25/customers:listAccessibleCustomers",
    });
    expect(JSON.parse(list.body)).toEqual({ resourceNames: ["customers/7413820956"] });
    const where = "customer_client.manager = FALSE AND customer_client.status = 'ENABLED'";
    expect(rowsOf(asked(`SELECT customer_client.id FROM customer_client WHERE ${where}`))).toHaveLength(1);
    expect(
      rowsOf(asked("SELECT customer_client.id FROM customer_client WHERE customer_client.manager = TRUE")),
    ).toEqual([]);
  });

  it.each([
    [
      "SELECT campaign.nme FROM campaign WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-02'",
      "UNRECOGNIZED_FIELD",
    ],
    [
      "SELECT campaign.id FROM geo WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-02'",
      "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
    ],
    ["SELECT campaign.id, metrics.clicks FROM campaign", "UNRECOGNIZED_FIELD"],
    ["campaign.id FROM campaign", "UNEXPECTED_INPUT"],
  ])("refuses %s", (query, code) => {
    const response = ask(query);
    expect(response.status).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject([
      {
        error: { code: 400, status: "INVALID_ARGUMENT", details: [{ errors: [{ errorCode: { queryError: code } }] }] },
      },
    ]);
  });

  const file = new URL("../../../shared/schemas/google-ads/fields_v25.json", import.meta.url);
  if (!existsSync(file)) console.info("skipped: the vendors' schemas are not beside the repository");
  it.runIf(existsSync(file))("answers every report in the vendor's types and words", () => {
    interface Field {
      readonly type: string;
      readonly repeated: boolean;
      readonly enumValues?: readonly string[];
    }
    const { fields } = JSON.parse(readFileSync(file, "utf8")) as { readonly fields: Readonly<Record<string, Field>> };
    const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const fits = (value: unknown, { type, repeated, enumValues }: Field): boolean => {
      if (repeated) return Array.isArray(value);
      if (type === "ENUM") return enumValues?.includes(String(value)) ?? false;
      return typeof value === ({ BOOL: "boolean", DOUBLE: "number", INT32: "number" }[type] ?? "string");
    };
    for (const report of REPORTS) {
      const range = report.byDay === undefined ? "BETWEEN '2026-02-07' AND '2026-02-08'" : "= '2026-02-07'";
      const days = report.sync.kind === "window" ? ` WHERE segments.date ${range}` : "";
      const rows = rowsOf(asked(`SELECT ${report.fields.join(", ")} FROM ${report.from}${days}`));
      expect(rows.length).toBeGreaterThan(0);
      for (const name of report.fields) {
        const values = rows.map((row) => valueAt(row, camel(name))).filter((value) => value !== undefined);
        const field = fields[name];
        expect([report.name, name, field !== undefined && values.length > 0]).toEqual([report.name, name, true]);
        if (field !== undefined) expect(values.filter((value) => !fits(value, field))).toEqual([]);
      }
    }
  });
});
