import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { openWorld, readWorlds } from "../../testing/worlds.js";
import type { CommandArgs, CommandContext, GlobalFlags } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./metrics.js";

const FLAGS = { json: false, asOf: undefined } as Partial<GlobalFlags> as GlobalFlags;

let today = "2026-02-09";
const talk: string[] = [];

/** Only what the command asks for; the build is the tiny shop. */
async function ask(positionals: readonly string[], options: CommandArgs["options"] = {}, flags: GlobalFlags = FLAGS) {
  const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
  if (world === undefined) throw new Error("the world shop.json is missing");
  const context = {
    flags,
    output: createOutput({ talk: (text) => talk.push(text), quiet: false, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" } }),
    asOf: async () => isoDate(today),
    openBuild: async () => ({ database: await openWorld(world) }),
  } as unknown as CommandContext;
  return command.run(context, { positionals, options });
}

describe("growthos metrics", () => {
  it("prints a table with comparison and breakdown", async () => {
    const { text } = await ask(["net_revenue", "aov"], {
      last: "7d",
      by: "channel",
      compare: "previous",
      format: "table",
    });
    expect(text?.split("\n")).toEqual([
      "Tiny, 2026-02-02 … 2026-02-08, USD, UTC",
      "channel  Net revenue  before   change  Average order value  before  change",
      "Meta         $125.00   $0.00      n/a               $62.50     n/a     n/a",
      "Google        $35.00  $80.00   −56.3%               $60.00  $80.00  −25.0%",
      "Total        $160.00  $80.00  +100.0%               $61.67  $80.00  −22.9%",
      "Net revenue, change n/a: the value before is 0",
      "Average order value n/a: no orders",
    ]);
  });

  it("takes last week, last month and ranges", async () => {
    const window = async (options: CommandArgs["options"]) => (await ask(["orders"], options)).json?.["query"];
    expect(await window({ last: "week" })).toMatchObject({ window: { from: "2026-02-02", to: "2026-02-08" } });
    expect(await window({ last: "month" })).toMatchObject({ window: { from: "2026-01-01", to: "2026-01-31" } });
    expect(await window({ window: "month" })).toMatchObject({ window: { from: "2026-02-01", to: "2026-02-08" } });
    expect(await window({ window: "2026-01-10..2026-01-12" })).toMatchObject({
      window: { from: "2026-01-10", to: "2026-01-12" },
    });
    expect(await window({})).toMatchObject({ window: { from: "2026-02-02", to: "2026-02-08" } });
  });

  it("filters, sorts, limits and prints CSV", async () => {
    const options = {
      filter: ["channel=meta,google", "country!=DE"],
      by: "channel",
      sort: "-orders",
      limit: "1",
      format: "csv",
    };
    expect((await ask(["orders"], options)).text).toBe(
      "channel,label,orders,orders_status\ngoogle,Google,1,ok\ntotal,Total,3,ok",
    );
    expect((await ask(["orders"], { filter: ["campaign~prospect"], format: "csv" })).text).toContain(
      "total,Total,1,ok",
    );
  });

  it("moves back to an earlier as-of day, never to a later one", async () => {
    const back = await ask(["orders"], { last: "7d" }, { ...FLAGS, asOf: isoDate("2026-02-02") });
    expect(back.json).toMatchObject({ totals: { orders: { value: { value: 1 } } }, context: { as_of: "2026-02-02" } });
    await expect(ask(["orders"], {}, { ...FLAGS, asOf: isoDate("2026-02-10") })).rejects.toThrow(
      expect.objectContaining({ code: "STALE_BUILD" }),
    );
  });

  it("says when the build is of another day than today", async () => {
    talk.length = 0;
    await ask(["orders"]);
    expect(talk).toEqual([]);
    today = "2026-02-11";
    await ask(["orders"]);
    today = "2026-02-09";
    expect(talk.join("")).toContain("the figures are as of 2026-02-09, today is 2026-02-11");
  });

  it("tells every problem of a question at once", async () => {
    await expect(ask(["ordrs", "sessions"], { by: "product" })).rejects.toThrow(
      expect.objectContaining({
        code: "BAD_QUERY",
        message: expect.stringMatching(/did you mean orders[\s\S]*no product is known of traffic/),
      }),
    );
    await expect(ask(["orders"], { last: "7d", window: "7d" })).rejects.toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
    await expect(ask(["orders"], { filter: ["channel"] })).rejects.toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
    await expect(ask(["orders"], { compare: "never" })).rejects.toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
    await expect(ask(["orders"], { by: "channel", limit: "many" })).rejects.toThrow(
      expect.objectContaining({ code: "BAD_QUERY" }),
    );
  });

  it("lists the catalog when nothing is asked for", async () => {
    const { text, json } = await ask([]);
    expect(text).toMatch(/^metric +unit +good +adds up +formula +rests on\n/);
    expect(text).toContain("blended_cac");
    expect(json).toMatchObject({
      metrics: expect.arrayContaining([expect.objectContaining({ id: "ltv_90", additive: false })]),
    });
    expect((await ask([], { format: "md" })).text).toContain("| net\\_revenue | money | up |");
  });
});
