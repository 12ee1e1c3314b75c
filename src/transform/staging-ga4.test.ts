import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "../testing/evaluate.js";
import type { Cell, Row } from "../warehouse/types.js";

type Json = { readonly [name: string]: Cell };

const traffic = (extra: Json = {}): Row => ({
  _key: JSON.stringify(extra),
  _slice: "2026-02-01",
  payload: {
    date: "20260201",
    sessionDefaultChannelGroup: "Direct",
    sessionSource: "(direct)",
    sessionMedium: "(none)",
    sessionCampaignName: "(direct)",
    sessions: "10",
    keyEvents: "2.000000",
    addToCarts: "3",
    ecommercePurchases: "2",
    purchaseRevenue: "12.345",
    currencyCode: "USD",
    ...extra,
  },
});
const restriction = {
  activeMetricRestrictions: [{ metricName: "purchaseRevenue", restrictedMetricTypes: ["REVENUE_DATA"] }],
};

describe("staging of GA4", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  const flags = async (given: Readonly<Record<string, readonly Row[]>>) =>
    (await bench.rowsOf("stg_data_quality", given)).map((row) => [
      row["stream"],
      row["quality_date"],
      row["flag"],
      row["detail"],
    ]);

  it("pitfall 7: revenue that the account may not see is unknown, not zero", async () => {
    const [open] = await bench.rowsOf("stg_traffic", { "raw.ga4__traffic_days": [traffic()] });
    expect(open).toMatchObject({ revenue_cents: 1235, purchases: 2, add_to_carts: 3 });
    const withheld = traffic({ purchaseRevenue: "0", schemaRestrictionResponse: restriction });
    const given = { "raw.ga4__traffic_days": [withheld] };
    expect((await bench.rowsOf("stg_traffic", given))[0]).toMatchObject({ revenue_cents: null, purchases: 2 });
    expect(await flags(given)).toEqual([["traffic_days", "2026-02-01", "restricted", "purchaseRevenue"]]);
  });

  it("takes what was not asked for and what is blank for unknown", async () => {
    const [row] = await bench.rowsOf("stg_traffic", { "raw.ga4__traffic_days": [traffic({ purchaseRevenue: "" })] });
    expect(row).toMatchObject({ checkouts: null, engaged_sessions: null, revenue_cents: null, sessions: 10 });
  });

  it("pitfall 3: gives one row per stream, day and flag", async () => {
    const samplingMetadatas = [{ samplesReadCount: "450", samplingSpaceSize: "1000" }];
    const dataTruncationReasons = [{ dataTruncationType: "DATA_TRUNCATION_TYPE_PROPERTY" }];
    const item = { date: "20260203", itemId: "1", itemName: "(other)", itemRevenue: "1", currencyCode: "USD" };
    expect(
      await flags({
        "raw.ga4__traffic_days": [
          traffic({ subjectToThresholding: true, samplingMetadatas }),
          traffic({ subjectToThresholding: true, sessionSource: "google" }),
          traffic({ date: "20260202", dataLossFromOtherRow: true, dataTruncationReasons }),
          traffic({ date: "20260204", subjectToThresholding: false, samplingMetadatas: [] }),
        ],
        // The row itself tells, although the answer did not.
        "raw.ga4__item_days": [{ _key: "i", payload: item }],
      }),
    ).toEqual(
      expect.arrayContaining([
        ["item_days", "2026-02-03", "other_row", null],
        ["traffic_days", "2026-02-01", "sampled", "450 of 1000 events"],
        ["traffic_days", "2026-02-01", "thresholded", null],
        ["traffic_days", "2026-02-02", "other_row", null],
        ["traffic_days", "2026-02-02", "truncated", "DATA_TRUNCATION_TYPE_PROPERTY"],
      ]),
    );
  });

  it("keeps landing pages without their query, and transactions without an id apart", async () => {
    const page = {
      date: "20260201",
      landingPagePlusQueryString: "/tea?email=anna%40example.org#x",
      sessionSourceMedium: "google / cpc",
      sessions: "3",
      purchaseRevenue: "5",
      currencyCode: "JPY",
    };
    const [landed] = await bench.rowsOf("stg_ga4__landing_pages", { "raw.ga4__landing_pages": [{ payload: page }] });
    expect(landed).toMatchObject({
      landing_page: "/tea",
      session_source: "google",
      session_medium: "cpc",
      revenue_cents: 5,
    });
    const payload = { date: "20260201", transactionId: "(not set)", purchaseRevenue: "5.5", taxAmount: "0.41" };
    const [sold] = await bench.rowsOf("stg_ga4__transactions", { "raw.ga4__transactions": [{ payload }] });
    expect(sold).toMatchObject({ transaction_id: null, revenue_cents: 550, tax_cents: 41, refund_cents: null });
  });

  it("pitfall 1: users stand with their day only", async () => {
    const payload = { date: "20260201", sessions: "5", totalUsers: "4", newUsers: "1" };
    const [row] = await bench.rowsOf("stg_ga4__totals", { "raw.ga4__totals": [{ payload }] });
    expect(row).toMatchObject({ traffic_date: "2026-02-01", sessions: 5, day_users: 4, new_users: 1 });
    const withUsers = bench.project.models.filter((model) => /\busers\b/.test(model.sql) && model.layer === "marts");
    expect(withUsers.map((model) => model.relation)).toEqual([]);
  });
});
