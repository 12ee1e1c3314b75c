import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { readContext } from "../metrics/context.js";
import { runQuery } from "../metrics/run-query.js";
import { runSync } from "../sync/run.js";
import { runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { currentBuild } from "../warehouse/publish.js";
import type { Row } from "../warehouse/types.js";
import { type Bench, openBench, SETTINGS, SQL_FOLDER } from "./evaluate.js";
import { plainSource } from "./plain-source.js";
import { syncOptions } from "./sync-bench.js";
import { freshWorkspace, removeFolders } from "./workspace.js";

afterAll(removeFolders);

const HOUR = 3_600_000;
const at = (instant: number) => new Date(instant).toISOString();

/** A platform that spends 1.00 an hour, looked at at some minutes after its day began, and what the day came to. */
function snapshots(looks: readonly number[], day: string, begins: string, account = "1"): readonly Row[] {
  return looks.map((minutes) => ({
    spend_date: day,
    snapshot_at: at(Date.parse(begins) + minutes * 60_000),
    source: "meta_ads",
    account_id: account,
    campaign_id: "m",
    campaign_name: "M",
    currency: "USD",
    spend_so_far_cents: (minutes / 60) * 100,
    impressions: minutes,
    clicks: 0,
    conversions: 0,
    conversion_value_cents: 0,
  }));
}

interface Told {
  readonly day?: string;
  readonly zone?: string;
  readonly looks: readonly Row[];
  readonly final: number;
  readonly landed?: boolean;
  readonly others?: Readonly<Record<string, readonly Row[]>>;
}

function given({ day = "2026-02-03", zone = "UTC", looks, final, landed = true, others = {} }: Told) {
  const account = { source: "meta_ads", currency: "USD", time_zone: zone, seen_at: "2026-02-09T00:00:00Z" };
  const figures = { currency: "USD", spend_cents: final, impressions: 0, clicks: 0, conversions: 0 };
  return {
    stg_spend: [
      {
        ...figures,
        spend_date: day,
        source: "meta_ads",
        account_id: "1",
        campaign_id: "m",
        campaign_name: "M",
        conversion_value_cents: 0,
      },
    ],
    stg_spend_intraday: looks,
    stg_ad_accounts: ["1", "2"].map((id) => ({ ...account, account_id: id })),
    "meta.coverage": landed ? [{ source: "meta_ads", stream: "insights", day }] : [],
    "meta.sources": [],
    ...others,
  };
}

const every = (minutes: number, until: number, from = 0) =>
  Array.from({ length: Math.ceil((until - from) / minutes) }, (_, index) => from + index * minutes);

describe("ad spend within a day, from snapshots", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const rowsOf = (relation: string, told: Told, timeZone = "UTC") => bench.rowsOf(relation, given(told), { timeZone });
  const byHour = async (told: Told, begins = "2026-02-03T00:00:00Z", timeZone = "UTC") => {
    const hours = new Map<number, number>();
    for (const row of await rowsOf("fact_spend_hours", told, timeZone)) {
      const hour = Math.floor((Date.parse(String(row["spend_at"])) - Date.parse(begins)) / HOUR);
      hours.set(hour, (hours.get(hour) ?? 0) + Number(row["spend_cents"]));
    }
    return [...hours.entries()].sort(([a], [b]) => a - b);
  };
  const DAY = "2026-02-03";
  const BEGINS = `${DAY}T00:00:00Z`;

  it("gives each hour its own, where the platform is looked at every full hour", async () => {
    // From one full hour to the next lies one hour; the last ends with the day, whose own figure is 24.00.
    const told = { looks: snapshots(every(60, 1440), DAY, BEGINS), final: 2400 };
    expect(await byHour(told)).toEqual(Array.from({ length: 24 }, (_, hour) => [hour, 100]));
    expect(await rowsOf("fact_spend_quarters", told)).toEqual([]);
    expect(await rowsOf("int_ad_days__told", told)).toMatchObject([
      { told_by: "snapshots", is_by_quarter: false, why_no_quarters: "snapshots 60 minutes apart" },
    ]);
  });

  it("keeps hours and sum after snapshots were thinned to the newest of each hour", async () => {
    // 0:45, 1:45 … 23:45: 0.75 by the first, 1.00 more by each other, 0.25 and 0.10 that came later by the end of the day.
    const told = { looks: snapshots(every(60, 1440, 45), DAY, BEGINS), final: 2410 };
    const hours = await byHour(told);
    expect(hours).toEqual([[0, 75], ...Array.from({ length: 22 }, (_, hour) => [hour + 1, 100]), [23, 135]]);
    expect(hours.reduce((sum, [, cents]) => sum + cents, 0)).toBe(2410);
  });

  it("tells quarters of an hour where there is a snapshot in each", async () => {
    const told = { looks: snapshots(every(15, 1440), DAY, BEGINS), final: 2400 };
    const quarters = await rowsOf("fact_spend_quarters", told);
    expect(quarters.map((row) => row["spend_cents"])).toEqual(Array.from({ length: 96 }, () => 25));
    expect(quarters[37]).toMatchObject({ spend_at: `${DAY}T09:15:00.000Z`, campaign_key: "meta_ads|1|m" });
    expect(await byHour(told)).toEqual(Array.from({ length: 24 }, (_, hour) => [hour, 100]));
  });

  it.each([
    ["a single snapshot", snapshots([900], DAY, BEGINS), true, "snapshots 900 minutes apart"],
    [
      "a hole of two hours",
      snapshots(
        every(60, 1440).filter((look) => look !== 600),
        DAY,
        BEGINS,
      ),
      true,
      "snapshots 120 minutes apart",
    ],
    ["a day without its own figure", snapshots(every(60, 1440), DAY, BEGINS), false, "it comes from a file"],
    ["no snapshot", [], true, "no snapshots"],
  ])("does not tell the hours of a day with %s", async (_, looks, landed, why) => {
    const told = { looks, final: 2400, landed };
    expect(await rowsOf("fact_spend_hours", told)).toEqual([]);
    expect(await rowsOf("int_ad_days__told", told)).toMatchObject([{ told_by: null, why_no_hours: why }]);
  });

  it("takes looks at the platform before an account spent anything as zero", async () => {
    // Another account is there from midnight on; this one is named from 10:00 on, with 0.50.
    const others = snapshots(every(60, 1440), DAY, BEGINS, "2");
    const late = snapshots(every(60, 1440, 600), DAY, BEGINS).map((row, index) => ({
      ...row,
      spend_so_far_cents: 50 + index * 10,
    }));
    const hours = await byHour({ looks: [...others, ...late], final: 190 });
    expect(hours).toEqual([[9, 50], ...Array.from({ length: 14 }, (_, index) => [index + 10, 10])]);
  });

  it("has 25 hours when clocks are set back, and refuses one figure for two of them", async () => {
    const [day, begins, zone] = ["2025-11-02", "2025-11-02T04:00:00Z", "America/New_York"];
    const told = { day, zone, looks: snapshots(every(60, 1500), day, begins), final: 2500 };
    expect(await byHour(told, begins, zone)).toEqual(Array.from({ length: 25 }, (_, hour) => [hour, 100]));
    const hours = [{ spend_date: day, spend_hour: 1, source: "meta_ads", account_id: "1", time_zone: zone }];
    expect(
      await rowsOf("int_ad_days__told", { ...told, looks: [], others: { stg_ad_hours: hours } }, zone),
    ).toMatchObject([{ told_by: null, why_no_hours: "one figure for the hour that is there twice, no snapshots" }]);
  });

  it("refuses hours that begin within those of the shop, and accounts without a zone", async () => {
    const hours = [{ spend_date: DAY, spend_hour: 1, source: "meta_ads", account_id: "1", time_zone: "Asia/Kolkata" }];
    expect(await rowsOf("int_ad_days__told", { looks: [], final: 1, others: { stg_ad_hours: hours } })).toMatchObject([
      { told_by: null, why_no_hours: "its hours begin within those of the shop, no snapshots" },
    ]);
    const told = { looks: snapshots(every(60, 1440), DAY, BEGINS), final: 2400, others: { stg_ad_accounts: [] } };
    expect(await rowsOf("int_ad_days__told", told)).toMatchObject([
      { told_by: null, why_no_hours: "the time zone of its account is not known" },
    ]);
  });
});

/** From landed hours of Google to the answer, beside Meta, which tells days only. */
describe("a question for ad spend by the hour", () => {
  it("is answered for the platform that tells its hours, and says which one does not", async () => {
    const day = isoDate("2026-02-05");
    const customer = { id: "9", currencyCode: "USD", timeZone: "America/New_York" };
    const google = (id: string, micros: string, hour?: number) => ({
      id,
      day,
      customer,
      campaign: { id: "c", name: "C" },
      segments: { date: day, ...(hour === undefined ? {} : { hour }) },
      metrics: { costMicros: micros, impressions: "10", clicks: "1" },
    });
    const meta = { account_id: "1", account_currency: "USD", campaign_id: "m", campaign_name: "M" };
    const window = { sync: { kind: "window", lookbackDays: 3, chunkDays: 9 } } as const;
    const since = isoDate("2026-02-04");
    const sources = [
      plainSource("google_ads", {
        streams: { campaign_days: window, campaign_hours: window },
        rows: {
          campaign_days: [google("d", "4018000")],
          campaign_hours: [google("0", "1004000", 0), google("1", "1004000", 1), google("9", "2000000", 9)],
        },
        since,
      }),
      plainSource("meta_ads", {
        streams: { insights: window, accounts: { sync: { kind: "full" } } },
        rows: {
          accounts: [
            { id: "1", ...meta, currency: "USD", timezone_name: "America/New_York" },
            { id: "2", ...meta, account_id: "2", currency: "USD", timezone_name: "Mars/Olympus" },
          ],
          insights: ["1", "2"].map((id) => {
            const figures = { spend: "5.00", impressions: "9", clicks: "1" };
            return { id, day, ...meta, account_id: id, date_start: day, ...figures };
          }),
        },
        since,
      }),
    ];
    const ws = await freshWorkspace();
    const clock = fixedClock(Date.parse("2026-02-07T12:00:00Z"));
    const asOf = isoDate("2026-02-07");
    expect((await runSync(syncOptions(ws, sources, { clock, asOf }))).exit).toBe("ok");
    const settings = { ...SETTINGS, asOf, timeZone: "America/New_York" };
    const { checks } = await runBuild({
      ...{ ws, settings, sqlFolder: SQL_FOLDER, clock, random: systemRandom, log: silentLog },
    });
    // A zone that nobody knows stops nothing: its account is named, and its day is told as a day.
    expect(checks.find(({ id }) => id === "stg_ad_accounts__zone_known")).toMatchObject({
      severity: "warning",
      status: "failed",
      offendingRows: 1,
    });
    const db = await openDatabase({ path: currentBuild(ws)?.path, readOnly: true });
    try {
      const context = await readContext(db, "Tiny");
      const days = { metrics: ["spend"], window: { from: day, to: day } } as const;
      expect((await runQuery(db, days, context)).totals["spend"]?.value).toMatchObject({ status: "ok", value: 1402 });
      const query = { metrics: ["spend", "clicks"], window: { from: day, to: day }, grain: "hour" } as const;
      const all = await runQuery(db, query, context);
      expect(all.totals["spend"]?.value).toEqual({
        status: "unknown",
        because: "not_told",
        detail: "meta_ads by the hour: 2026-02-05 (the time zone of its account is not known)",
      });
      const filters = [{ field: "platform", operator: "=", value: "google_ads" }] as const;
      const own = await runQuery(db, { ...query, filters }, context);
      // The day cost 4.018 dollars, 402 cents; its hours tell 100, 101 and 200 of them.
      const partial = "$0.01 of the $4.02 of google_ads on 2026-02-05";
      expect(own.totals["spend"]?.value).toEqual({ status: "ok", value: 401, provisional: true, partial });
      const found = own.series.filter((point) => point.values["clicks"]?.value.status === "ok");
      expect(found).toHaveLength(24);
      const spent = own.series.map(({ key, values }) => [key.slice(11), values["spend"]?.value]);
      expect(
        spent.flatMap(([hour, value]) =>
          typeof value === "object" && value.status === "ok" && value.value > 0 ? [[hour, value.value]] : [],
        ),
      ).toEqual([
        ["00:00-05:00", 100],
        ["01:00-05:00", 101],
        ["09:00-05:00", 200],
      ]);
      // The day before nothing was spent, which both platforms told.
      const quiet = { ...query, window: { from: since, to: since } };
      expect((await runQuery(db, quiet, context)).totals["spend"]?.value).toMatchObject({ status: "ok", value: 0 });
    } finally {
      await db.close();
    }
  });
});
