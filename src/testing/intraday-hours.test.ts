import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { readHealth } from "../metrics/page-facts.js";
import { runSync } from "../sync/run.js";
import { runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readLog } from "../warehouse/log.js";
import { currentBuild } from "../warehouse/publish.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { SETTINGS, SQL_FOLDER } from "./evaluate.js";
import { type PlainRow, plainSource } from "./plain-source.js";
import { syncOptions } from "./sync-bench.js";
import { freshWorkspace, removeFolders } from "./workspace.js";

afterAll(removeFolders);

const DAY = "2026-02-09";

function insight(campaign: string, spend: string): PlainRow {
  return {
    id: `1|${campaign}|${DAY}`,
    day: DAY,
    account_id: "1",
    account_currency: "USD",
    campaign_id: campaign,
    campaign_name: campaign.toUpperCase(),
    date_start: DAY,
    spend,
    impressions: "1",
    clicks: "0",
  };
}

/** `sync --today` at an instant; the campaigns have spent so much by then. */
async function look(ws: Workspace, at: string, spends: Readonly<Record<string, string>>): Promise<void> {
  const rows = Object.entries(spends).map(([campaign, spend]) => insight(campaign, spend));
  const source = plainSource("meta_ads", {
    streams: { insights: { sync: { kind: "window", lookbackDays: 3, chunkDays: 2 }, today: true } },
    rows: { insights: rows },
    since: isoDate("2026-02-05"),
  });
  const report = await runSync(
    syncOptions(ws, [source], { clock: fixedClock(Date.parse(at)), selection: { today: true } }),
  );
  expect(report.exit).toBe("ok");
}

async function built<T>(ws: Workspace, timeZone: string, read: (db: Database) => Promise<T>): Promise<T> {
  const result = await runBuild({
    ws,
    settings: { ...SETTINGS, timeZone },
    sqlFolder: SQL_FOLDER,
    clock: fixedClock(0),
    random: systemRandom,
    log: silentLog,
  });
  expect(result.checks.filter(({ id, passed }) => id.startsWith("fact_spend_intraday") && !passed)).toEqual([]);
  const db = await openDatabase({ path: currentBuild(ws)?.path, readOnly: true });
  try {
    return await read(db);
  } finally {
    await db.close();
  }
}

const byHour = (db: Database) =>
  db.all(`select campaign_key, strftime(hour_at, '%H:%M') as hour, sum(spend_cents)::integer as cents
    from fact_spend_intraday group by all order by all`);

// Half past the hour of UTC is the full hour in Kolkata: an hour must be the same thing before and after thinning there, too.
describe.each(["America/New_York", "Asia/Kolkata"])("snapshots of a day in %s", (timeZone) => {
  it("give the same spend by the hour before and after they are thinned", async () => {
    const ws = await freshWorkspace();
    await look(ws, `${DAY}T06:01:00Z`, { a: "1.00" });
    await look(ws, `${DAY}T06:20:00Z`, { a: "3.00", b: "0.50" });
    await look(ws, `${DAY}T06:46:00Z`, { a: "2.50", b: "0.75" });
    // b is paused: the platform does not name it any more.
    await look(ws, `${DAY}T07:15:00Z`, { a: "4.00" });
    await look(ws, `${DAY}T07:30:00Z`, { a: "6.00" });
    await look(ws, `${DAY}T09:00:00Z`, { a: "6.25" });
    const hours = [
      // a: 1.00, then 2.00 more, then 0.50 taken back; b: 0.50 and 0.25 more.
      { campaign_key: "meta_ads|1|a", hour: "06:00", cents: 250 },
      { campaign_key: "meta_ads|1|a", hour: "07:00", cents: 350 },
      { campaign_key: "meta_ads|1|a", hour: "09:00", cents: 25 },
      { campaign_key: "meta_ads|1|b", hour: "06:00", cents: 75 },
    ];
    const before = await built(ws, timeZone, async (db) => ({
      hours: await byHour(db),
      health: (await readHealth(db, isoDate("2026-02-08"))).snapshots,
      restated: await db.all("select strftime(snapshot_at, '%H:%M') as at from fact_spend_intraday where is_restated"),
    }));
    expect(before.hours).toEqual(hours);
    expect(before.restated).toEqual([{ at: "06:45" }]);
    // 6.25 of a and 0.75 of b.
    const lastTime = timeZone === "Asia/Kolkata" ? "14:30" : "04:00";
    expect(before.health).toMatchObject([
      { day: DAY, source: "meta_ads", soFar: 700, final: null, lastTime, count: 6 },
    ]);
    await runSync(syncOptions(ws, [], { clock: fixedClock(Date.parse("2026-02-10T12:00:00Z")) }));
    expect(readLog(ws).some(({ removed }) => removed.some(({ reason }) => reason.startsWith("thinned")))).toBe(true);
    const after = await built(ws, timeZone, async (db) => ({
      hours: await byHour(db),
      health: (await readHealth(db, isoDate("2026-02-08"))).snapshots,
    }));
    expect(after.hours).toEqual(hours);
    // Of six looks 06:45, 07:30 and 09:00 are left, and 06:45 is that of both campaigns.
    expect(after.health).toMatchObject([{ soFar: 700, lastTime, count: 3 }]);
  });
});
