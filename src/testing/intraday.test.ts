import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { metaAds } from "../connectors/meta_ads/index.js";
import { undiciTransport } from "../http/undici.js";
import { runSync } from "../sync/run.js";
import type { Row } from "../warehouse/types.js";
import { metaDouble } from "./doubles/meta.js";
import { META_ACCOUNTS, restate } from "./doubles/meta-world.js";
import { rerouted } from "./doubles/server.js";
import { openBench } from "./evaluate.js";
import { standingRows, syncOptions } from "./sync-bench.js";
import { freshWorkspace, removeFolders } from "./workspace.js";

afterAll(removeFolders);

/** From the real snapshots of a day of Meta Ads, through staging, to the mart. */
describe("the day under way", () => {
  it("grows from snapshot to snapshot, and by the hour it is the same after it was thinned", async () => {
    const clock = fixedClock(Date.parse("2026-02-08T15:01:00Z"));
    const double = await metaDouble({ clock });
    double.world.unserved = {};
    const ws = await freshWorkspace();
    const bench = await openBench();
    const transport = rerouted(undiciTransport({ allowLoopback: true }), double.routes);
    const source = {
      connector: metaAds,
      options: double.options,
      secrets: double.secrets,
      transport,
      since: null,
      timeoutMinutes: 5,
    };
    const looked = async (spend: number, minutes: number) => {
      restate(
        double.world,
        ({ day }) => day === "2026-02-08",
        (one) => {
          one.spend = spend;
        },
      );
      const asOf = isoDate("2026-02-08");
      const report = await runSync(syncOptions(ws, [source], { clock, asOf, selection: { today: true } }));
      expect(report.state).toBe("completed");
      clock.advance(minutes * 60_000);
    };
    const mart = async () => {
      const rows = await standingRows(ws, "meta_ads", "insights_today");
      const raw = rows.map((row) => ({ ...row, payload: JSON.parse(String(row["payload"])) }) as Row);
      const all = await bench.rowsOf("fact_spend_intraday", { "raw.meta_ads__insights_today": raw });
      return all.filter((row) => row["account_id"] === META_ACCOUNTS.usd);
    };
    const byCampaign = (rows: readonly Row[], column: string) => {
      const [first] = rows;
      return rows.filter((row) => row["campaign_id"] === first?.["campaign_id"]).map((row) => Number(row[column]));
    };
    try {
      for (const [spend, minutes] of [
        [100, 15],
        [250, 30],
        [240, 30],
        [600, 24 * 60],
      ] as const)
        await looked(spend, minutes);
      const fine = await mart();
      // Every ad of the campaign costs the same, so the campaign's figures are multiples of these.
      const [one = 0] = byCampaign(fine, "spend_so_far_cents");
      const times = one / 100;
      expect(byCampaign(fine, "spend_so_far_cents")).toEqual([100, 250, 240, 600].map((cents) => cents * times));
      expect(byCampaign(fine, "spend_cents")).toEqual([100, 150, -10, 360].map((cents) => cents * times));
      await looked(700, 0);
      const thinned = (await mart()).filter((row) => String(row["snapshot_at"]) < "2026-02-09T10");
      // 15:00, 15:15 and 15:45 are one hour; 16:15 is the last of its own.
      expect(byCampaign(thinned, "spend_so_far_cents")).toEqual([240, 600].map((cents) => cents * times));
      expect(byCampaign(thinned, "spend_cents")).toEqual([240, 360].map((cents) => cents * times));
      const sum = (rows: readonly Row[]) => byCampaign(rows, "spend_cents").reduce((total, cents) => total + cents, 0);
      expect(sum(thinned)).toBe(sum(fine));
    } finally {
      await bench.close();
      await double.close();
    }
  });
});
