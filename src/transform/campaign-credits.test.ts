import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { openWorld } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import { readCampaignCredits } from "./campaign-credits.js";

const window = { from: isoDate("2026-02-01"), to: isoDate("2026-02-07") };
const day = { order_date: "2026-02-05" };
const spent = (campaign_key: string, spend_date: string, spend_cents: number) => ({
  spend_date,
  source: "meta_ads",
  channel_id: "meta",
  campaign_key,
  spend_cents,
});

describe("campaigns beside their cost", () => {
  let db: Database;
  beforeAll(async () => {
    db = await openWorld({
      as_of: isoDate("2026-02-08"),
      configured: ["shopify"],
      coverage: {},
      tables: {
        dim_channel: [{ channel_id: "meta", channel_name: "Meta" }],
        dim_campaign: [
          { campaign_key: "k", campaign_name: "Spring", channel_id: "meta" },
          { campaign_key: "q", campaign_name: "Quiet", channel_id: "meta" },
        ],
        fact_attribution: [
          // An order of two touches: linear divides it, the last touch has no campaign. An order of one touch, all of it Spring's.
          { order_id: "1", model: "last_touch", touch_id: "b", ...day, net_cents: 8_000 },
          {
            order_id: "1",
            model: "linear",
            touch_id: "a",
            campaign_key: "k",
            ...day,
            credit_millionths: 500_000,
            net_cents: 4_000,
          },
          { order_id: "1", model: "linear", touch_id: "b", ...day, credit_millionths: 500_000, net_cents: 4_000 },
          { order_id: "2", model: "every", touch_id: "c", campaign_key: "k", ...day, net_cents: 6_000 },
          {
            order_id: "3",
            model: "every",
            touch_id: "d",
            campaign_key: "k",
            order_date: "2026-02-08",
            net_cents: 9_000,
          },
        ],
        fact_spend: [spent("k", "2026-02-05", 2_000), spent("k", "2026-01-31", 9_000), spent("q", "2026-02-06", 500)],
      },
    });
  });
  afterAll(() => db.close());

  it("gives each model's revenue and orders of the days, the cost, and what came back by last touch", async () => {
    const rows = await readCampaignCredits(db, window);
    expect(rows.map(({ campaign, channel, spendCents }) => [campaign, channel, spendCents])).toEqual([
      ["Spring", "Meta", 2_000],
      ["Quiet", "Meta", 500],
      [null, "", null],
    ]);
    const [spring, quiet, none] = rows;
    // 60.00 for 20.00 of one order; 60.00 + half of 80.00 of one and a half.
    expect([spring?.byModel.last_touch, spring?.roas, spring?.costPerOrder]).toEqual([
      { orders: 1, cents: 6_000 },
      3,
      2_000,
    ]);
    expect(spring?.byModel.linear).toEqual({ orders: 1.5, cents: 10_000 });
    // Spent and led to nothing: a return of zero, and no cost of an order that there is not.
    expect([quiet?.byModel.last_touch, quiet?.roas, quiet?.costPerOrder]).toEqual([{ orders: 0, cents: 0 }, 0, null]);
    expect([none?.byModel.last_touch, none?.roas, none?.costPerOrder]).toEqual([
      { orders: 1, cents: 8_000 },
      null,
      null,
    ]);
    const linear = rows.reduce((sum, { byModel }) => sum + byModel.linear.cents, 0);
    expect(linear).toBe(6_000 + 8_000);
  });
});
