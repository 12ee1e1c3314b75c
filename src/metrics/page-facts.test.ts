import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { openWorld, readWorlds } from "../testing/worlds.js";
import { gapsOf, readHealth } from "./page-facts.js";

const days = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });

describe("gapsOf", () => {
  it("names the days between ranges and after the last one", () => {
    const covered = [days("2026-02-01", "2026-02-03"), days("2026-02-05", "2026-02-06")];
    expect(gapsOf(covered, isoDate("2026-02-08"))).toEqual(["2026-02-04", "2026-02-07", "2026-02-08"]);
    expect(gapsOf(covered, isoDate("2026-02-06"))).toEqual(["2026-02-04"]);
  });

  it("finds none where nothing is covered by days, and none in the future", () => {
    expect(gapsOf([], isoDate("2026-02-08"))).toEqual([]);
    expect(gapsOf([days("2026-02-01", "2026-02-20")], isoDate("2026-02-08"))).toEqual([]);
  });
});

describe("readHealth", () => {
  it("reads what a build says about itself", async () => {
    const world = readWorlds().find(([name]) => name === "unknowns.json")?.[1];
    if (world === undefined) throw new Error("fixtures/worlds/unknowns.json is missing");
    const db = await openWorld(world);
    await db.run(
      "create table if not exists meta.checks (id varchar, severity varchar, passed boolean, message varchar, offending_rows bigint)",
    );
    await db.run("create table if not exists meta.quarantine (file varchar, rows bigint, reason varchar)");
    await db.run(
      "insert into meta.checks values ('b', 'warning', false, 'two rows', 2), ('a', 'critical', true, 'fine', 0)",
    );
    await db.run("insert into meta.quarantine values ('orders.csv', 3, 'not an amount')");
    const health = await readHealth(db, isoDate("2026-02-08"));
    await db.close();
    expect(health.checks.map(({ id, severity, passed }) => [id, severity, passed])).toEqual([
      ["a", "critical", true],
      ["b", "warning", false],
    ]);
    expect(health.quarantined).toEqual([{ file: "orders.csv", rows: 3, reason: "not an amount" }]);
    expect(health.sources.map(({ source, stream }) => `${source}.${stream}`).sort()).toEqual(
      Object.keys(world.coverage).sort(),
    );
  });
});
