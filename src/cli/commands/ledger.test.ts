import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { payoutsSentence } from "../../reports/ledger.js";
import { type Bench, type Given, openBench } from "../../testing/evaluate.js";
import { root } from "../../testing/root.js";
import type { CommandArgs, CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./ledger.js";

/** Its figures are computed by hand in `fixtures/models/fact_payouts.world.json`. */
const WORLD = JSON.parse(readFileSync(join(root, "fixtures/models/fact_payouts.world.json"), "utf8")).given as Given;

describe("growthos ledger", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    await bench.rowsOf("fact_orders", WORLD);
    await bench.rowsOf("fact_payouts", WORLD);
  });
  afterAll(() => bench.close());

  const ledger = (options: CommandArgs["options"]) =>
    command.run(
      {
        output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
        openBuild: async () => ({ database: { ...bench.db, close: async () => {} } }),
      } as unknown as CommandContext,
      { positionals: [], options },
    );
  const lines = (text: string | undefined) =>
    String(text)
      .split("\n")
      .map((line) => line.replace(/ +/g, " ").trim());

  it("says where the money is, what each payout holds, and what nothing explains", async () => {
    const { exit, text, json } = await ledger({ payouts: "12" });
    expect(exit).toBe("ok");
    const shown = lines(text);
    expect(shown).toContain("kind currency entries pending cleared disputed refunded");
    // Cleared: orders 1 and 3 and what nobody knows, 100.00 + 80.00 + 12.00; refunded: 2 and 5, 50.00 + 40.00; pending: 6.
    expect(shown).toContain("sale USD 6 30.00 192.00 90.00");
    expect(shown).toContain("2026-01-26 stripe:p2 -182.50 USD -25.00 -30.00 -130.00 2.00 0.50");
    expect(shown).toContain("2026-01-04 shopier:l1 * 25.00 TRY 30.00 -3.00 -2.00");
    expect(shown).toContain("1 of 5 payouts holds something that no entry explains.");
    expect(json).toMatchObject({ payouts_in_all: 5, payouts_with_unexplained_rest: 1 });
    expect(lines((await ledger({ payouts: "1" })).text).filter((line) => line.includes("stripe:p"))).toHaveLength(1);
  });

  it("tells what became of one order, by its number or its id", async () => {
    for (const order of ["#2", "2", "shopify:2"]) {
      const { text, json } = await ledger({ order });
      expect(lines(text)).toContain("2026-01-02 sale:shopify:2 50.00 USD refunded stripe:p1 50.00 USD");
      expect(lines(text)).toContain("2026-01-20 00:00 sale:shopify:2 refunded lost: dispute shopify:2");
      expect(json).toMatchObject({
        changes: [{ state: "PENDING" }, { state: "CLEARED" }, { state: "DISPUTED" }, { state: "REFUNDED" }],
      });
    }
    await expect(ledger({ order: "nobody" })).rejects.toMatchObject({ code: "ORDER_UNKNOWN", exitCode: 2 });
  });

  it("lists what waits, the oldest first", async () => {
    const { json } = await ledger({ state: "pending" });
    expect(json).toMatchObject({ entries: [{ id: "sale:shopify:6" }, { id: "sale:shopier:d" }] });
    expect((await ledger({ state: "disputed" })).text).toBe("No entry is disputed.");
  });

  it("refuses what it cannot answer", async () => {
    await expect(ledger({ order: "1", state: "pending" })).rejects.toMatchObject({ code: "BAD_OPTION" });
    await expect(ledger({ payouts: "many" })).rejects.toMatchObject({ code: "USAGE" });
  });

  it("counts payouts in whole sentences", () => {
    expect(
      [
        { all: 1, unexplained: 0 },
        { all: 1, unexplained: 1 },
        { all: 12, unexplained: 0 },
        { all: 12, unexplained: 3 },
      ].map(payoutsSentence),
    ).toEqual([
      "The one payout is explained to the cent.",
      "The one payout holds something that no entry explains.",
      "All 12 payouts are explained to the cent.",
      "3 of 12 payouts hold something that no entry explains.",
    ]);
  });

  it("says so when no payout was told", async () => {
    await bench.rowsOf("fact_payouts", {});
    expect((await ledger({})).text).toMatch(/^No payout was told yet/);
    await bench.rowsOf("fact_payouts", WORLD);
  });
});
