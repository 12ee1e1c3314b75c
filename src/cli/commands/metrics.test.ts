import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { METRICS } from "../../metrics/catalog/index.js";
import type { OwnMetric } from "../../metrics/own.js";
import { openWorld, readWorlds, type World } from "../../testing/worlds.js";
import type { CommandArgs, CommandContext, GlobalFlags } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./metrics.js";

const FLAGS = { json: false, asOf: undefined } as Partial<GlobalFlags> as GlobalFlags;

let today = "2026-02-09";
const talk: string[] = [];
let own: readonly OwnMetric[] = [];
let covered: World["coverage"] = {};

/** Only what the command asks for; the build is the tiny shop, with what `covered` says of some streams. */
async function ask(positionals: readonly string[], options: CommandArgs["options"] = {}, flags: GlobalFlags = FLAGS) {
  const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
  if (world === undefined) throw new Error("the world shop.json is missing");
  const context = {
    flags,
    output: createOutput({ talk: (text) => talk.push(text), quiet: false, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, calendar: { holidays: {} }, metrics: own }),
    asOf: async () => isoDate(today),
    openBuild: async () => ({
      database: await openWorld({ ...world, coverage: { ...world.coverage, ...covered } }),
    }),
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

  it("keeps rows by conditions in main units, and compares with the same dates", async () => {
    const by = { by: "channel", format: "csv" };
    const rows = async (having: string) => (await ask(["net_revenue"], { ...by, having: [having] })).text?.split("\n");
    expect(await rows("net_revenue>100")).toEqual([
      "channel,label,net_revenue,net_revenue_status",
      "meta,Meta,125.00,ok",
      "total,Total,160.00,ok",
    ]);
    expect(await rows("net_revenue<=35")).toContain("google,Google,35.00,ok");
    const { json } = await ask(["orders"], { compare: "same-date", window: "2026-02-02..2026-02-08" });
    expect(json?.["query"]).toMatchObject({ compare: { kind: "same_date" } });
    const value = await ask(["orders"], { filter: ["order_value>=99.5", "order_number!=2"] });
    expect(value.json?.["query"]).toMatchObject({
      filters: [
        { field: "order_value", operator: ">=", value: 9950 },
        { field: "order_number", operator: "!=", value: 2 },
      ],
    });
  });

  it("prints the points of every row", async () => {
    const { text } = await ask(["orders"], {
      by: "channel",
      grain: "week",
      window: "2026-01-26..2026-02-08",
      format: "csv",
    });
    expect(text?.split("\n")).toEqual([
      "channel,label,week,orders,orders_status",
      "google,Google,,2,ok",
      'google,"Google, 2026-W05, to 2026-02-01",2026-01-26,1,ok',
      'google,"Google, 2026-W06, to 2026-02-08",2026-02-02,1,ok',
      "meta,Meta,,2,ok",
      'meta,"Meta, 2026-W05, to 2026-02-01",2026-01-26,0,ok',
      'meta,"Meta, 2026-W06, to 2026-02-08",2026-02-02,2,ok',
      "total,Total,,4,ok",
    ]);
  });

  it("knows nothing of a window with a missing day, or gives what is there and marks it", async () => {
    // Google's 1000 of 7 February has landed, Meta's day has not; the 4th and its 1200 of Meta are there.
    covered = {
      "meta_ads.insights": [
        { from: isoDate("2026-01-01"), to: isoDate("2026-02-06") },
        { from: isoDate("2026-02-08"), to: isoDate("2026-02-08") },
      ],
    };
    try {
      const strict = await ask(["spend", "orders"], { format: "csv" });
      expect(strict.text).toBe(
        "key,label,spend,spend_status,orders,orders_status\ntotal,Total,,unknown:days_missing,3,ok",
      );
      const asked = { partial: true, compare: "previous" };
      const { text, json } = await ask(["spend", "orders"], asked);
      expect(text?.split("\n").slice(2)).toEqual([
        "Total   $40.00*  $20.00  +100.0%       3       1  +200.0%",
        "* Ad spend is partial, without meta_ads: 2026-02-07",
        "provisional, the source may still restate these days: Ad spend",
      ]);
      expect(json?.["query"]).toMatchObject({ partial: "as_is" });
      expect(json?.["totals"]).toMatchObject({ spend: { value: { status: "ok", partial: "meta_ads: 2026-02-07" } } });
      expect((await ask(["spend"], { ...asked, format: "csv" })).text).toContain("total,Total,40.00,partial,20.00,1");
      // Nobody looked at any day: there is nothing to take as it is.
      covered = { "meta_ads.insights": [], "google_ads.campaign_days": [], "ga4.traffic_days": [] };
      expect((await ask(["spend"], { partial: true, format: "csv" })).text).toMatch(/total,Total,,unknown:/);
    } finally {
      covered = {};
    }
  });

  it("answers every metric of the catalog in one statement", async () => {
    const { json } = await ask(["all"], { compare: "previous" });
    expect(json?.["sql"]).toHaveLength(1);
    expect(Object.keys(json?.["totals"] as object)).toHaveLength(METRICS.length);
  });

  it("knows the metrics of the config, in the list and in questions", async () => {
    own = [{ id: "half", title: "Half", unit: "money", better: "up", aliases: [], divide: "net_revenue", by: "days" }];
    try {
      expect((await ask(["half"], { format: "csv" })).text).toContain("total,Total,22.857143,ok");
      expect((await ask([])).text).toMatch(/\nhalf +money +up +no +net_revenue \/ days +orders, refunds\n/);
    } finally {
      own = [];
    }
  });

  it("moves back to an earlier as-of day, never to a later one", async () => {
    const back = await ask(["orders"], { last: "7d" }, { ...FLAGS, asOf: isoDate("2026-02-02") });
    expect(back.json).toMatchObject({ totals: { orders: { value: { value: 1 } } }, context: { as_of: "2026-02-02" } });
    await expect(ask(["orders"], {}, { ...FLAGS, asOf: isoDate("2026-02-10") })).rejects.toThrow(
      expect.objectContaining({ code: "STALE_BUILD" }),
    );
  });

  it("refuses figures that rest on customers' ages for a day before the build's", async () => {
    const asked = (asOf: string, ...metrics: string[]) => ask(metrics, {}, { ...FLAGS, asOf: isoDate(asOf) });
    for (const metric of ["retention_d30", "cohort_cac", "ltv_cac", "all"])
      await expect(asked("2026-02-02", metric), metric).rejects.toThrow(
        expect.objectContaining({ code: "STALE_BUILD" }),
      );
    expect((await asked("2026-02-09", "retention_d30")).exit).toBe("ok");
    // A name that is not known is told as such.
    await expect(asked("2026-02-02", "retntion")).rejects.toThrow(expect.objectContaining({ code: "BAD_QUERY" }));
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
    for (const wrong of [{ having: ["orders"] }, { having: ["orders>x"] }, { filter: ["order_value>"] }]) {
      await expect(ask(["orders"], { by: "channel", ...wrong })).rejects.toThrow(
        expect.objectContaining({ code: "BAD_OPTION" }),
      );
    }
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
    expect(text).toMatch(/\n {2}mer: Triple Whale prints the inverse/);
    expect(json).toMatchObject({
      metrics: expect.arrayContaining([
        expect.objectContaining({
          id: "ltv_90",
          additive: false,
          rests_on: [{ fact: "orders", sources: ["shopify", "files", "shopify_webhooks", "shopier", "webhooks"] }],
        }),
      ]),
    });
    expect((await ask([], { format: "md" })).text).toContain("| net\\_revenue | money | up |");
  });
});
