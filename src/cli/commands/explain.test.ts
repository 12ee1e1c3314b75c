import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { openWorld, readWorlds } from "../../testing/worlds.js";
import { diskFiles } from "../../warehouse/disk.js";
import type { CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./explain.js";

const world = readWorlds().find(([name]) => name === "shop.json")?.[1];

async function explain(metric: string, isBuilt: boolean) {
  const context = {
    effects: { files: diskFiles },
    packageFolder: fileURLToPath(new URL("../../..", import.meta.url)),
    output: createOutput({ talk: () => {}, quiet: false, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ calendar: { weekEndsOn: 7 } }),
    asOf: async () => isoDate("2026-02-09"),
    openBuild: async () => {
      if (!isBuilt || world === undefined)
        throw new GrowthosError({ code: "NO_BUILD", what: "nothing was built", exit: "usage" });
      return { database: await openWorld(world) };
    },
  } as unknown as CommandContext;
  return (await command.run(context, { positionals: [metric], options: {} })).text ?? "";
}

describe("growthos explain", () => {
  it("goes from the formula through the real models to the raw streams", async () => {
    const text = await explain("cac", true);
    expect(text).toMatch(/^Blended CAC \(blended_cac\)\n/);
    expect(text).toContain("  blended_cac = spend / new customers\n    spend = fact_spend.spend_cents\n");
    expect(text).toMatch(/fact_spend\.spend_cents {2}sql\/marts\/fact_spend\.sql:\d+\n/);
    expect(text).toContain("  sql/staging/meta_ads/stg_meta_ads__insights.sql  ");
    expect(text).toMatch(/ {2}meta_ads\.insights {2}last sync 2026-02-09T06:00:00\.000Z, 2026-01-01 … 2026-02-08\n/);
    expect(text).toContain('from "fact_spend"');
  });

  it("explains before anything was built", async () => {
    expect(await explain("orders", false)).toMatch(/never synced: .*shopify\.orders/);
  });
});
