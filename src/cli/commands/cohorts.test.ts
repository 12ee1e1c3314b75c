import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { openWorld, readWorlds, type World } from "../../testing/worlds.js";
import type { CommandArgs, CommandContext, GlobalFlags } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./cohorts.js";

const found = readWorlds().find(([name]) => name === "cohorts.json")?.[1];
if (found === undefined) throw new Error("the world cohorts.json is missing");
const [november = {}, ...later] = found.tables["cohorts"] ?? [];

const customer = (customer_id: string, segment: string, of: readonly [number, number, number]) => ({
  ...{ customer_id, segment },
  ...{ as_of_date: "2026-02-09", recency_days: of[0], order_count: of[1], net_cents: of[2] },
});

/**
 * The cohorts of the fixture; November's ten leave 24000 after costs in 30 days, 2400 each: CAC 4000 / 2400 x 30 = 50 days.
 * Segments: two champions (recency 2 + 4, orders 3 + 4, net 60000 + 40000), one lost (90 days, 1 order, 25000).
 */
const WORLD: World = {
  ...found,
  tables: {
    ...found.tables,
    cohorts: [{ ...november, contribution_30d_cents: 24000 }, ...later],
    dim_customer_segment: [
      customer("a", "champions", [2, 3, 60000]),
      customer("b", "champions", [4, 4, 40000]),
      customer("c", "lost", [90, 1, 25000]),
    ],
  },
};

async function ask(options: CommandArgs["options"] = {}, world: World = WORLD, asOf?: string) {
  const context = {
    flags: { json: false, asOf: asOf === undefined ? undefined : isoDate(asOf) } as Partial<GlobalFlags>,
    output: createOutput({ talk: () => {}, quiet: false, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, calendar: { holidays: {} } }),
    asOf: async () => isoDate("2026-02-09"),
    openBuild: async () => ({ database: await openWorld(world) }),
  } as unknown as CommandContext;
  return command.run(context, { positionals: [], options });
}

const lines = (text: string | undefined) =>
  (text ?? "").split("\n").map((line) => line.replace(/ {2,}/g, " | ").trim());

describe("growthos cohorts", () => {
  it("prints what is known of each month, and who is too young, never 0", async () => {
    const { text, json } = await ask({ window: "2025-11-15..2026-01-31" });
    const young = (times: number) => Array.from({ length: times }, () => "too young").join(" | ");
    expect(lines(text)).toEqual([
      "Tiny, 2025-11-01 … 2026-01-31, USD, UTC",
      "month of first order | customers | CAC | D7 | D30 | D60 | D90 | LTV 30 | LTV 90 | LTV 180 | LTV 365 | LTV 90:CAC | payback, days",
      // 1/10, 3/10, 4/10, 2 of the 4 who are 90 days old; 90000/10; 60000/4; 15000/4000.
      `2025-11 | 10 | $40.00 | 10.0% | 30.0% | 40.0% | 50.0%~ | $90.00 | $150.00~ | ${young(2)} | 3.75x~ | 50`,
      // 2/20, 5/20, 2 of the 5 who are 60 days old; 160000/20. It left nothing: no payback.
      `2025-12 | 20 | $50.00 | 10.0% | 25.0% | 40.0%~ | too young | $80.00 | ${young(4)} | n/a`,
      // 0 of the 6 who are a week old is a 0: we looked.
      `2026-01 | 8 | $50.00~ | 0.0%~ | ${young(9)}`,
      // (1+2+0)/(10+20+6), (3+5)/30, (4+2)/15, 2/4; 250000/30; 60000/4; 180000/38 for each; 24000/30 = 800 in 30 days.
      `All | 38 | $47.37~ | 8.3%~ | 26.7%~ | 40.0%~ | 50.0%~ | $83.33~ | $150.00~ | ${young(2)} | 3.17x~ | 178~`,
      "~ of those who are old enough, or a platform may still restate the days",
      "n/a: no contribution ltv 30",
    ]);
    expect(json).toMatchObject({
      query: { window: { from: "2025-11-01", to: "2026-01-31" }, breakdown: "month" },
      rows: [
        { key: "2025-11-01", values: { payback_days: { value: { status: "ok", value: 50 } } } },
        { key: "2025-12-01", values: { retention_d90: { value: { status: "unknown", because: "too_young" } } } },
        { key: "2026-01-01" },
      ],
    });
  });

  it("prints weeks that end on the shop's day, and CSV with the reason beside every empty cell", async () => {
    const { text } = await ask({ by: "week", window: "2025-12-29..2026-02-01", format: "csv" });
    const rows = (text ?? "").split("\n");
    expect(rows[0]).toMatch(/^week,label,cohort_size,cohort_size_status,cohort_cac,cohort_cac_status,retention_d7,/);
    expect(rows[1]).toMatch(/^2025-12-29,"2026-W01, to 2026-01-04",4,ok,5.00,ok,0.25,ok,0.25,ok,,unknown:too_young,/);
    expect(rows[2]).toMatch(/^2026-01-05,"2026-W02, to 2026-01-11",,unknown:no_data,/);
    expect(rows[5]).toMatch(/^2026-01-26,"2026-W05, to 2026-02-01",6,ok,5.00,provisional,0,ok,,unknown:too_young,/);
    expect(rows.at(-1)).toMatch(/^total,Total,10,/);
    expect(rows).toHaveLength(7);
  });

  it("shows a year of months or half a year of weeks, none of them before the first order", async () => {
    const keys = async (options: CommandArgs["options"]) =>
      ((await ask(options)).json?.["rows"] as readonly { readonly key: string }[] | undefined)?.map(({ key }) => key);
    expect(await keys({})).toEqual(["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]);
    expect((await keys({ by: "week" }))?.slice(0, 2)).toEqual(["2025-11-10", "2025-11-17"]);
    expect(await keys({ window: "0001-01-01..2025-11-30" })).toEqual(["2025-11-01"]);
  });

  it("knows nothing of a cohort whose orders are missing", async () => {
    const [range] = WORLD.coverage["shopify.orders"] ?? [];
    const orders = [
      { from: isoDate("2025-11-10"), to: isoDate("2026-01-10") },
      { from: isoDate("2026-01-12"), to: range?.to ?? isoDate("2026-02-08") },
    ];
    const world = { ...WORLD, coverage: { ...WORLD.coverage, "shopify.orders": orders } };
    const { text } = await ask({ window: "2026-01", format: "csv" }, world);
    expect(text?.split("\n")[1]).toMatch(/^2026-01-01,2026-01,,unknown:days_missing,/);
    expect(lines((await ask({ rfm: true }, world)).text).at(-1)).toBe("orders may be missing: shopify: 2026-01-11");
  });

  it("prints segments with their shares, for people and machines", async () => {
    const { text, json } = await ask({ rfm: true });
    expect(lines(text)).toEqual([
      "Tiny, as of 2026-02-09, USD, UTC",
      "segment | customers | share | net revenue | share | each | orders each | days since | scores of 1 to 5",
      "champions | 2 | 66.7% | $1,000.00 | 80.0% | $500.00 | 3.50 | 3.00 | R, F and M at least 4",
      "lost | 1 | 33.3% | $250.00 | 20.0% | $250.00 | 1.00 | 90.00 | R and F are 1",
      "All | 3 | 100.0% | $1,250.00 | 100.0% | $416.67 | 2.67 | 32.00",
    ]);
    expect(json).toMatchObject({
      as_of: "2026-02-09",
      segments: [{ id: "champions", customers: 2, net_revenue: 100000, revenue_share: { value: 0.8 } }, { id: "lost" }],
      total: { customers: 3 },
      missing: null,
    });
    expect((await ask({ rfm: true, format: "csv" })).text).toBe(
      [
        "segment,customers,customer_share,net_revenue,revenue_share,net_per_customer,orders_per_customer,recency_days",
        "champions,2,0.666667,1000.00,0.8,500.00,3.5,3",
        "lost,1,0.333333,250.00,0.2,250.00,1,90",
        "total,3,1,1250.00,1,416.666667,2.666667,32",
      ].join("\n"),
    );
  });

  it("says when nobody has ordered, and shares of nothing are no shares", async () => {
    const empty = await ask({ rfm: true }, { ...WORLD, tables: {} });
    expect(lines(empty.text).at(-1)).toBe("no customer has a counted order");
    const loss = { ...WORLD, tables: { dim_customer_segment: [customer("a", "unscored", [1, 1, -500])] } };
    expect((await ask({ rfm: true, format: "csv" }, loss)).text).toContain("unscored,1,1,-5.00,,-5.00,1,1");
  });

  it("refuses windows, days and combinations that it cannot answer", async () => {
    const refused = (code: string, hint?: string) =>
      expect.objectContaining({ code, ...(hint === undefined ? {} : { parts: expect.objectContaining({ hint }) }) });
    await expect(ask({ window: "'; drop table cohorts" })).rejects.toThrow(refused("BAD_WINDOW"));
    await expect(ask({ window: "2026-03" })).rejects.toThrow(refused("BAD_WINDOW"));
    await expect(ask({ rfm: true, window: "7d" })).rejects.toThrow(refused("BAD_OPTION"));
    const build = "run `growthos build --as-of 2026-02-01` first";
    await expect(ask({}, WORLD, "2026-02-01")).rejects.toThrow(refused("STALE_BUILD", build));
    await expect(ask({ rfm: true }, WORLD, "2026-03-01")).rejects.toThrow(refused("STALE_BUILD"));
  });
});
