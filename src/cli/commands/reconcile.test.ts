import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { openWorld } from "../../testing/worlds.js";
import type { CommandArgs, CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./reconcile.js";

const step = (kind: string, name: string, orders: number, amount_cents: number) => ({
  reconciled_date: "2026-02-07",
  system: "ga4",
  kind,
  step: name,
  orders,
  amount_cents,
});

/** The command on a tiny build: GA4 on the 7th only, nothing of the ad platforms. */
async function reconcile(options: CommandArgs["options"]) {
  const database = await openWorld({
    as_of: isoDate("2026-02-09"),
    configured: ["ga4", "meta_ads"],
    coverage: {},
    tables: {
      fact_claims: [{ claim_date: "2026-02-07", system: "ga4", orders: 9, amount_cents: 900 }],
      fact_reconciliation: [
        step("start", "shop", 10, 1000),
        step("cause", "refunds", 0, 50),
        step("rest", "unexplained", -1, -150),
        step("end", "claimed", 9, 900),
      ],
    },
  });
  return command.run(
    {
      output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
      workspaceConfig: async () => ({ shop: { name: "Tiny" } }),
      openBuild: async () => ({ database }),
    } as unknown as CommandContext,
    { positionals: [], options },
  );
}

describe("growthos reconcile", () => {
  it("prints the bridge, the days it lacks, and that it cannot tell of a system that has not landed", async () => {
    const { exit, text, json } = await reconcile({ window: "2d", byDay: true });
    expect(exit).toBe("ok");
    const lines = String(text)
      .split("\n")
      .map((line) => line.replace(/ +/g, " ").trim());
    expect(lines).toContain("Tiny, 2026-02-07 … 2026-02-08, USD, UTC");
    expect(lines).toContain("The shop: counted orders, net revenue 10 $10.00");
    expect(lines).toContain("Unexplained rest (−10.0% of the orders) −1 −$1.50");
    expect(lines).toContain("= Claimed by GA4 9 $9.00");
    expect(lines).toContain("1 of 2 days are compared; of 2026-02-08 the shop or GA4 has not landed.");
    expect(lines).toContain("2026-02-07 10 0 -1 9 10.00 0.50 -1.50 9.00");
    expect(lines).toContain("Cannot tell: the shop and all ad platforms have not both landed on any of the 2 days.");
    expect(json).toMatchObject({
      window: { from: "2026-02-07", to: "2026-02-08" },
      reconciliations: [
        {
          system: "ga4",
          status: "ok",
          expected: { orders: 10, amount_minor: 1050 },
          unexplained: { orders: -1, amount_minor: -150, orders_share: -0.1 },
          days: [{ day: "2026-02-07", unexplained: { orders: -1, amount_minor: -150 } }],
        },
        { system: "ad_platforms", status: "unknown", compared_days: 0, days: [] },
      ],
    });
  });

  it("refuses a system that is not there, with the nearest one", async () => {
    await expect(reconcile({ with: "ga" })).rejects.toMatchObject({
      code: "SYSTEM_UNKNOWN",
      exitCode: 2,
      parts: { hint: "did you mean ga4?" },
    });
  });
});
