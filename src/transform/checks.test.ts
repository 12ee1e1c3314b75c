import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BROKEN, GOOGLE_DAY, HOLDS, SOUND } from "../testing/checked-warehouse.js";
import { type Bench, type Given, giveRows, openBench, SETTINGS } from "../testing/evaluate.js";
import { checksOf, refuseFailures, runChecks } from "./check.js";
import { setVariables } from "./meta.js";
import type { CheckResult } from "./types.js";

/** The ten validation checks that a shop's data has to pass, and the two that were wanted beside them: name, check, severity. */
const VALIDATIONS = [
  ["no_negative_spend", "fact_spend__not_negative", "critical"],
  ["revenue_net_lte_gross", "fact_orders__net_not_above_gross", "critical"],
  ["continuous_dates", "dim_date__continuous", "warning"],
  ["fk_orders_channel", "fact_orders__channel_known", "critical"],
  ["fk_spend_channel", "fact_spend__channel_known", "critical"],
  ["orders_not_empty", "fact_orders__not_empty", "critical"],
  ["spend_not_empty", "fact_spend__not_empty", "warning"],
  ["traffic_not_empty", "fact_traffic__not_empty", "warning"],
  ["cohorts_not_empty", "cohorts__not_empty", "warning"],
  ["no_duplicate_orders", "fact_orders__no_duplicates", "critical"],
  ["fk_traffic_channel", "fact_traffic__channel_known", "critical"],
  ["no_null_revenue", "fact_orders__revenue_not_null", "critical"],
] as const;

describe("checks", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    await setVariables(bench.db, SETTINGS);
    // Every published relation is there already, empty: the bench learnt the columns from it.
    for (const [name, rows] of Object.entries(SOUND)) await giveRows(bench, name, rows);
  });
  afterAll(() => bench.close());

  /** What one check says of a sound warehouse with some relations replaced. */
  async function statusOf(id: string, given: Given): Promise<CheckResult | undefined> {
    for (const [name, rows] of Object.entries(given)) await giveRows(bench, name, rows);
    const checks = checksOf(bench.project.models, bench.project.checks).filter((check) => check.id === id);
    const [result] = await runChecks(bench.db, checks);
    for (const name of Object.keys(given)) await giveRows(bench, name, SOUND[name] ?? []);
    return result;
  }

  /** The ids of the checks that fail on a sound warehouse with some relations replaced. */
  async function failures(given: Given, only?: string): Promise<readonly string[]> {
    for (const [name, rows] of Object.entries(given)) await giveRows(bench, name, rows);
    const checks = checksOf(bench.project.models, bench.project.checks).filter(
      (check) => only === undefined || check.id === only,
    );
    const results = await runChecks(bench.db, checks);
    for (const name of Object.keys(given)) await giveRows(bench, name, SOUND[name] ?? []);
    return results.filter((result) => result.status === "failed").map((result) => result.id);
  }

  it("all hold in a sound warehouse, but for rules of channels that it does not have", async () => {
    expect(await failures({})).toEqual(["channel_rules__name_known_channels"]);
  });

  it.each(Object.keys(BROKEN))("%s can fail", async (id) => {
    expect(await failures(BROKEN[id] ?? {}, id)).toEqual([id]);
  });

  it("every file in sql/checks holds where what it needs is there", async () => {
    for (const { relation: id } of bench.project.checks)
      expect(await statusOf(id, HOLDS[id] ?? {}), id).toMatchObject({ status: "passed", passed: true });
  });

  it("every check says that it cannot tell where what it needs is not there, and that is no pass", async () => {
    const emptied = (sql: string) => sql.match(/\b(?:meta\.\w+|(?:fact|dim|stg|cohort)\w*)/g) ?? [];
    for (const check of checksOf(bench.project.models, bench.project.checks)) {
      const names = check.needs.flatMap(({ sql }) => emptied(sql));
      const given = Object.fromEntries(names.map((name) => [name, []]));
      // The rules are a seed, which is never empty.
      if (check.id === "channel_rules__name_known_channels") continue;
      const result = await statusOf(check.id, given);
      expect(result, check.id).toMatchObject({ status: "unknown", passed: false, offendingRows: 0 });
      expect(result?.message, check.id).toMatch(/^cannot tell: \w/);
    }
  });

  it.each(VALIDATIONS)("%s is %s, %s, and can fail", async (alias, id, severity) => {
    const check = bench.project.checks.find((model) => model.alias === alias);
    expect(check).toMatchObject({ relation: id, severity });
    expect(await statusOf(id, BROKEN[id] ?? {})).toMatchObject({ status: "failed", passed: false, alias });
  });

  it("every file in sql/checks has a case that breaks it, and a severity", () => {
    expect(bench.project.checks.filter((check) => !(check.relation in BROKEN)).map((check) => check.relation)).toEqual(
      [],
    );
    expect(bench.project.checks.filter((check) => check.severity === null).map((check) => check.relation)).toEqual([]);
  });

  it("do not miss ads where Performance Max has none, and compare no hours older than a week", async () => {
    const given = {
      stg_spend: [
        { ...GOOGLE_DAY, spend_cents: 5 },
        { ...GOOGLE_DAY, campaign_id: "12", spend_cents: 7 },
      ],
      stg_ad_campaign_days: [
        { ...GOOGLE_DAY, spend_cents: 5, channel_type: "SEARCH", cost_micros: 50_000 },
        { ...GOOGLE_DAY, campaign_id: "12", spend_cents: 7, channel_type: "PERFORMANCE_MAX", cost_micros: 70_000 },
        { ...GOOGLE_DAY, spend_date: "2026-01-25", spend_cents: 0, cost_micros: 9 },
      ],
      stg_ad_hours: [
        { ...GOOGLE_DAY, spend_hour: 1, cost_micros: 120_000 },
        { ...GOOGLE_DAY, spend_date: "2026-01-25", spend_hour: 1, cost_micros: 8 },
      ],
      stg_ad_campaigns: [{ source: "google_ads", account_id: "1", campaign_id: "12", channel_type: "PERFORMANCE_MAX" }],
      stg_ad_spend: [{ ...GOOGLE_DAY, ad_spend_cents: 5 }],
    };
    const failing = await failures(given);
    for (const id of ["stg_ad_spend__near_campaign_level", "stg_ad_hours__add_up_to_days"])
      expect(failing).not.toContain(id);
    const less = { ...given, stg_ad_spend: [{ ...GOOGLE_DAY, ad_spend_cents: 4 }] };
    expect(await failures(less)).toContain("stg_ad_spend__near_campaign_level");
  });

  it("notices spend that is lost between the union and the mart", async () => {
    const given = { stg_spend: [{ source: "meta_ads", spend_cents: 6 }] };
    expect(await failures(given)).toContain("stg_spend__every_source_present");
  });

  it("refuses critical failures with a sample, lets warnings pass", () => {
    const warning = {
      id: "w",
      severity: "warning",
      status: "failed",
      passed: false,
      message: "m",
      offendingRows: 1,
    } as const;
    const unknown = { ...warning, severity: "critical", status: "unknown" } as const;
    const error = { ...warning, severity: "error" } as const;
    expect(() => refuseFailures([warning, unknown, error], "")).not.toThrow();
    const critical = {
      ...warning,
      id: "c",
      severity: "critical",
      message: 'broken: x; for example {"order_id":"1"}',
    } as const;
    expect(() => refuseFailures([warning, critical], "stays")).toThrow(
      expect.objectContaining({
        code: "CHECK_FAILED",
        exitCode: 4,
        message: expect.stringContaining('c (1 rows): broken: x; for example {"order_id":"1"}'),
      }),
    );
  });
});
