import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { stillClock } from "../testing/doctor-project.js";
import { countingRandom, landRows } from "../testing/landing.js";
import { runProgram } from "../testing/program.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { createWorkspace } from "../warehouse/layout.js";

afterAll(removeFolders);

const SHOP = { name: "Northwind", currency: "USD", timeZone: "America/Los_Angeles" };
const SOURCES = {
  shopify: { shop: "northwind", freshness: { warnAfterDays: 3, errorAfterDays: 5 } },
  meta_ads: { accounts: ["act_1"] }, // warned of after one day, as by default
  files: { folder: "inbox" }, // nobody knows when the next file is due
};

/** A project whose log ends on given days, by `source.stream`. */
async function project(lastDays: Readonly<Record<string, string>>) {
  const cwd = freshFolder();
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify({ shop: SHOP, sources: SOURCES }));
  mkdirSync(join(cwd, "home"));
  const loads = Object.entries(lastDays).map(([name, last]) => {
    const [source = "", stream = ""] = name.split(".");
    const days = { from: isoDate("2026-02-01"), to: isoDate(last) };
    return { source, stream, days, records: [{ key: "1", payload: { id: 1 } }] };
  });
  if (loads.length > 0) {
    const made = { projectRoot: cwd, name: "main", files: diskFiles, random: countingRandom() };
    await landRows(await createWorkspace(made), ...loads);
  }
  return async (at: string) => {
    const { stdout } = await runProgram(["doctor", "--json", "--offline"], { cwd, clock: stillClock(Date.parse(at)) });
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Readonly<Record<string, string>>[] };
    const { status, message, fix } = findings.find(({ check }) => check === "main: freshness") ?? {};
    return status === undefined ? null : `${status}: ${message}${fix === undefined ? "" : ` -> ${fix}`}`;
  };
}

describe("growthos doctor on freshness", () => {
  it("counts the complete days that each source lacks by the shop's own clock, against its limits", async () => {
    const doctor = await project({
      "shopify.orders": "2026-02-08",
      "meta_ads.insights": "2026-02-08",
      "files.spend": "2026-02-02",
    });
    // In Los Angeles it is still the 10th: the 9th is the one day that is missing.
    expect(await doctor("2026-02-11T07:59:00Z")).toBe("ok: no source is late");
    expect(await doctor("2026-02-11T08:00:00Z")).toBe(
      "warn: meta_ads.insights lacks the last 2 days -> run `growthos sync --source meta_ads`",
    );
    expect(await doctor("2026-02-13T20:00:00Z")).toBe(
      "warn: meta_ads.insights lacks the last 4 days, shopify.orders lacks the last 4 days -> " +
        "run `growthos sync --source meta_ads`, `growthos sync --source shopify`",
    );
  });

  it("says nothing before the first sync, nor of sources whose next day nobody can know", async () => {
    expect(await (await project({}))("2026-02-11T20:00:00Z")).toBeNull();
    expect(await (await project({ "files.spend": "2026-02-02" }))("2026-02-11T20:00:00Z")).toBeNull();
  });
});
